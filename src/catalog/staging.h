/* A feed on its way into the catalogue: its good rows wait in a file until it is known what they
 * change, then they are written, held for a person's approval, or dropped.
 *
 *   DIR/feeds/staging-XXXXXX          while a feed is read; what a crash leaves is dropped at start
 *   DIR/feeds/WORKSPACE-FEED.held     waits for approval, at most one a feed
 *
 * Of several rows of one item, locale and variant the last counts; item_merge.h says how rows of an
 * item go together. Memory: 32 bytes an item, of groups and locales 32 a row more, and the rows of
 * one item at a time;
 * the file is bounded by STAGING_BYTES_MAX. Comparing reads a pinned snapshot; writing goes through
 * the ledger, in batches, and what equals the stored record is not written. One thread. */
#ifndef VISAVIS_CATALOG_STAGING_H
#define VISAVIS_CATALOG_STAGING_H

#include "base/locale.h"
#include "catalog/catalog.h"
#include "catalog/category_map.h"

#define STAGING_BYTES_MAX (UINT64_C(4) << 30)
enum { FEED_NAME_BYTES_MAX = 64, DIFF_EXAMPLES_MAX = 5, FEED_SHRINK_PERCENT_MAX = 30 };

/* DELTA: what the feed does not name stays as it is. FULL: it is hidden. */
enum feed_mode { FEED_DELTA, FEED_FULL };

struct staging_about {
    uint32_t workspace;
    struct slice feed; /* its name: letters, digits, "-", "_" and "." not in front */
    enum feed_mode mode;
    enum locale locale; /* the workspace's */
    int64_t taken_ms;
    uint64_t rows, refused; /* read; of them bad */
};

struct staging;

bool feed_name_valid(struct slice name);
/* Text is copied. STATUS_INVALID: the name; STATUS_IO, STATUS_NO_SPACE with the system's reason. */
enum status staging_new(struct catalog *catalog, const struct staging_about *about,
                        struct staging **out_staging, struct diag *diag) MUST_CHECK;
/* Closes, and takes the file away unless it is held. */
void staging_free(struct staging *staging);
const struct staging_about *staging_about(const struct staging *staging);
/* One more good row; line is for messages. STATUS_TOO_LARGE: the item, CATALOG_ITEMS_MAX,
 * STAGING_BYTES_MAX. STATUS_IO, STATUS_NO_SPACE. */
enum status staging_put(struct staging *staging, const struct item *item, unsigned line,
                        struct diag *diag) MUST_CHECK;
/* A record as one item of JSON (catalog_record_from_feed), put as a row. STATUS_INVALID: it is
 * refused, and what it names is kept; the others are staging_put's. */
struct staging_record {
    const struct json *json;
    const struct category_map *moves; /* of categories; may be NULL */
    bool spreadsheet;                 /* ids may have become numbers: feed_plain_id */
    struct slice currency, locale;    /* where the record says none; locale may be empty */
    unsigned line;
};
enum status staging_put_record(struct staging *staging, const struct staging_record *record,
                               struct arena *arena, struct diag *diag) MUST_CHECK;
/* A refused row names this item, lead and locale (catalog_item_named): so they are not gone. */
void staging_keep(struct staging *staging, const struct item *named);
/* The items one after the other, *inout_at 0 at first: the rows of each that count, in their order.
 * Text lives as long as the staging, lists in the arena. STATUS_NOT_FOUND at the end,
 * STATUS_CORRUPT. */
struct staged_item {
    struct slice id;
    unsigned line; /* of its last row */
    struct item_rows rows;
};
enum status staging_next(struct staging *staging, size_t *inout_at, struct arena *arena,
                         struct staged_item *out_item) MUST_CHECK;
/* Without rows of its own: what a full feed that does not name an item says of it. */
struct item_rows staging_rows(const struct staging *staging);
/* Is the item in the feed, if only in a refused row? */
bool staging_has(const struct staging *staging, struct slice id);
/* Different items among the good rows. */
size_t staging_items(const struct staging *staging);

enum diff_kind {
    DIFF_NEW, /* never seen, or hidden until now */
    DIFF_PRICE_DOWN,
    DIFF_PRICE_UP,
    DIFF_OUT_OF_STOCK,
    DIFF_BACK_IN_STOCK,
    DIFF_CHANGED, /* in any way, those above included, DIFF_NEW and DIFF_GONE not */
    DIFF_GONE,    /* FULL: shown until now and not in the feed */
    DIFF_COUNT
};
struct diff_example {
    struct slice id, title;
    int64_t before_minor, after_minor; /* prices, -1 when there is none */
    struct slice currency;
};
struct feed_diff {
    uint64_t before; /* items shown before the feed */
    uint64_t items, unchanged, counts[DIFF_COUNT];
    struct diff_example examples[DIFF_COUNT][DIFF_EXAMPLES_MAX]; /* the first of each kind */
};
/* What the feed would change. Examples live in the arena. STATUS_CORRUPT. */
enum status staging_compare(struct staging *staging, struct arena *arena,
                            struct feed_diff *out_diff) MUST_CHECK;
/* Would a full feed take away over so many % of what is shown? */
bool feed_diff_shrinks(const struct feed_diff *diff, unsigned percent);
/* Members of an object: counts, and with examples "examples". */
void feed_diff_to_json(const struct feed_diff *diff, bool examples, struct json_out *out);

struct staging_result {
    uint64_t written, unchanged, hidden, refused;
    /* Told of each row the ledger refuses; may be NULL. */
    void (*refuse)(void *context, unsigned line, const struct diag *diag);
    void *context;
};
/* Writes it. The ledger's status when it gives up: what came before is written. */
enum status staging_apply(struct staging *staging, struct staging_result *result) MUST_CHECK;

/* Keeps the file for approval, in place of an older one of the same feed, with how many rows were
 * read and refused. */
enum status staging_hold(struct staging *staging, uint64_t rows, uint64_t refused,
                         struct diag *diag) MUST_CHECK;
/* STATUS_NOT_FOUND, STATUS_CORRUPT. */
enum status staging_open_held(struct catalog *catalog, uint32_t workspace, struct slice feed,
                              struct staging **out_staging, struct diag *diag) MUST_CHECK;
/* After it was applied or refused. STATUS_NOT_FOUND. */
enum status staging_drop_held(struct catalog *catalog, uint32_t workspace,
                              struct slice feed) MUST_CHECK;
/* Names of the feeds held of a workspace, sorted; at most names_max. In the arena. */
size_t staging_list_held(struct catalog *catalog, uint32_t workspace, struct arena *arena,
                         struct slice *out_names, size_t names_max);
/* Within catalog/ only: at start drops what a crash left; what the staging is of. */
void staging_clean(const char *directory);
struct catalog *staging_catalog(const struct staging *staging);

#endif
