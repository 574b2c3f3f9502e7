/* Which column of a file is which of our fields, of items or of whatever else a table tells? A
 * guess with its reasons, for a person to check: the column's name in French or English, and
 * what its values look like.
 *
 * Reads the first GUESS_RECORDS_MAX records of a feed that was just opened; nothing is written.
 * A name alone is not believed where the values say otherwise, and a field gets one column at
 * most. Lives in the arena. One thread. */
#ifndef VISAVIS_CATALOG_FEED_GUESS_H
#define VISAVIS_CATALOG_FEED_GUESS_H

#include "base/locale.h"
#include "catalog/feed.h"

enum { GUESS_RECORDS_MAX = 1000, GUESS_NAMES_MAX = 15, GUESS_MEANINGS_MAX = 40 };

enum guess_shape {
    SHAPE_FILLED,       /* anything */
    SHAPE_MONEY,        /* "12,50", "15.00 EUR" */
    SHAPE_DECIMAL,      /* money with a point, a comma or a currency */
    SHAPE_UNITS,        /* a whole number */
    SHAPE_URL,          /* http:// or https:// */
    SHAPE_PICTURE,      /* … that ends as pictures do */
    SHAPE_EAN,          /* GTIN-8, 12, 13, 14 with a good check digit */
    SHAPE_PATH,         /* levels between ">" */
    SHAPE_AVAILABILITY, /* in stock, oui, true … */
    SHAPE_CURRENCY,     /* three capital letters */
    SHAPE_LOCALE,       /* fr, en_GB */
    SHAPE_ID,           /* at most 64 bytes without a blank */
    SHAPE_TITLE,        /* at most 300 bytes with a letter */
    SHAPE_EMAIL,
    SHAPE_TIME, /* 2026-03-01, 01/03/2026 10:20 … */
    SHAPE_COUNT
};

/* A field of ours, what columns are called that mean it (small letters and digits without
 * accents, everything else one "_"), and what its values must look like. Values alone may tell
 * `by_values` of them, when at least that many in a hundred fit; 0: never without a name. */
struct guess_meaning {
    const char *field;
    enum guess_shape shape;
    unsigned by_values;
    const char *names[GUESS_NAMES_MAX];
};
struct guess_table {
    const struct guess_meaning *meanings;
    size_t count; /* at most GUESS_MEANINGS_MAX */
};

enum guess_reason {
    GUESS_NOTHING,          /* no field: neither name nor values are known */
    GUESS_NAME,             /* the name says so, the values do not object */
    GUESS_VALUES,           /* the values alone */
    GUESS_NAME_CONTRADICTED /* no field: the name says one, the values another */
};

struct guess {
    struct slice column;
    const char *field; /* "price", "attributes.color"; NULL: none (of a contradiction: refused) */
    const char *named; /* what the name says, NULL for nothing */
    enum guess_shape shape; /* what the values were asked for */
    enum guess_reason reason;
    unsigned filled, fits, distinct; /* of `records` values: filled, of that shape, different */
    struct slice sample;             /* the first filled value, cut */
};

struct guesses {
    struct guess *rows; /* by column, in the file's order */
    size_t count;
    unsigned records, bad; /* read; refused */
};

/* Of a catalogue. STATUS_IO, or STATUS_INVALID when no record at all could be read, with the
 * first one's reason. */
enum status feed_guess(struct feed *feed, struct arena *arena, struct guesses *out_guesses,
                       struct diag *diag) MUST_CHECK;
/* The same by a table of one's own. */
enum status feed_guess_by(struct feed *feed, const struct guess_table *table, struct arena *arena,
                          struct guesses *out_guesses, struct diag *diag) MUST_CHECK;
/* One sentence without a full stop: why this column is that field. */
void guess_reason_text(const struct guess *guess, enum locale locale, struct buf *out);
/* Members of an object: "columns" (column, field, reason, why, sample …), "map" (field → column),
 * "records", "refused". */
void guesses_to_json(const struct guesses *guesses, enum locale locale, struct json_out *out);
/* Is this the number of a good: 8, 12, 13 or 14 digits, the last of them the check digit (GS1
 * General Specifications 7.9)? */
bool gtin_valid(struct slice text);

#endif
