/* Which column is which of our fields: a given map, our own column names and their other spellings.
 *
 * A kind lists its fields; the map is read once after the file's head and then answers values by
 * the field's number. Text lives in the arena that is given. One thread. */
#ifndef VISAVIS_IMPORT_FIELDS_H
#define VISAVIS_IMPORT_FIELDS_H

#include "catalog/feed.h"

enum { IMPORT_ALIASES_MAX = 5, IMPORT_FIELDS_MAX = 40 };

struct import_field {
    const char *name;
    const char *aliases[IMPORT_ALIASES_MAX]; /* other names it may be given, and be found by */
};

/* The fields of a kind. Free fields begin with a prefix ("properties."), or have any name. */
struct import_fields {
    const struct import_field *fields;
    size_t count;
    const char *prefixes[3];
    bool any;
};

struct import_map {
    const struct import_fields *known;
    struct feed_map *rows; /* field: our own spelling; column without its "?" */
    size_t *columns;       /* where each was last found in a record */
    size_t count;
    bool objects; /* NDJSON: any line may have any name, so fields are looked up by all of theirs */
    size_t places[IMPORT_FIELDS_MAX]; /* of each known field in rows, SIZE_MAX when it is absent */
};

/* texts: "field=column", several in one joined by commas. */
struct import_map_wish {
    const struct import_fields *known;
    const struct slice *texts;
    size_t count;
    struct arena *arena;
};
/* Reads what is given, then takes the columns that bear our own names. STATUS_INVALID: a field that
 * is none of ours, a column that the file does not have. */
enum status import_map_read(struct import_map *map, const struct import_map_wish *wish,
                            const struct feed *feed, struct diag *diag) MUST_CHECK;
bool import_map_has(const struct import_map *map, size_t field);
/* A field of a record, trimmed; empty when it is not there. */
struct slice import_value(struct import_map *map, size_t field, const struct json *record);
/* The same by the row of the map, for free fields. */
struct slice import_value_at(struct import_map *map, size_t row, const struct json *record);
/* Is the row of the map a free field? out_name: what follows the prefix. */
bool import_is_free(const struct import_map *map, size_t row, const char *prefix,
                    struct slice *out_name);

#endif
