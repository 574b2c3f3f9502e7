/* What a shop says of a feed that is pulled: where, how often, full or delta, which column is which
 * field. Plain values from JSON and back; pure. */
#ifndef VISAVIS_API_FEED_SETTINGS_H
#define VISAVIS_API_FEED_SETTINGS_H

#include "catalog/staging.h"

enum {
    FEED_EVERY_MINUTES_MIN = 5,
    FEED_EVERY_MINUTES_MAX = 10080, /* a week */
    FEED_EVERY_MINUTES = 360,
    FEED_MAP_MAX = 200
};

struct feed_settings {
    struct slice url;
    enum feed_mode mode;
    enum feed_format format;
    int64_t every_minutes; /* 0: only when asked */
    bool paused;
    int64_t hold_percent; /* a full feed that hides over so many % waits; 100: none does */
    struct slice locale;  /* of rows that name none; empty: the workspace's */
    struct feed_map *map; /* field → column; none: by the columns' own names */
    size_t map_count;
};

/* {"url", "mode": "full"|"delta", "format", "everyMinutes", "paused", "holdPercent", "locale",
 * "map": {field: column}};
 * lives in the arena. STATUS_INVALID names the member. The URL's reach is checked when it is
 * fetched. */
enum status feed_settings_read(const struct json *json, struct arena *arena,
                               struct feed_settings *out_settings, struct diag *diag) MUST_CHECK;
/* Members of an object. */
void feed_settings_write(const struct feed_settings *settings, struct json_out *out);
/* Of settings as written, before and after a change (empty: none): " added", or the values that
 * were before, " removed, url was …, mode was …"; long ones cut, all at `most` bytes. */
void feed_settings_tell(struct slice before, struct slice after, size_t most, struct buf *buf);

#endif
