/* Content similarity: which items are alike by what they are, before anybody has looked at them.
 *
 * Four kinds of things are compared: text (title and description: tf-idf cosine of stems),
 * category path and brand (shared levels, rarer ones count more), free attributes (idf cosine),
 * price (0 when one costs twice the other). Each has a weight; the score is their weighted mean
 * over the kinds that the item asked about has, between 0 and 1, and is the sum of its named
 * parts. What only one item has says nothing about likeness and is left out.
 *
 * struct content is one thread's (the catalogue's changes, one after the other); a snapshot is
 * immutable and any thread's. An item put is answered, and found, from the next publish on. The
 * same items give the same answers whatever the order they came in. Bounded: CONTENT_TERMS_MAX
 * words and CONTENT_ATTRIBUTES_MAX attributes an item, CONTENT_POSTINGS_MAX items behind each
 * feature, CONTENT_ITEMS_MAX items; a question looks at CONTENT_TOUCHES_MAX postings at most.
 *
 * A feature that more than CONTENT_POSTINGS_MAX items have calls those of them with the smallest
 * hash of their id (a coordinated sample, Cohen and Kaplan 2007: samples of two features hold
 * the same items where they can); rarer features call all of theirs, and so does the pair of
 * category and brand. Whoever is called is compared by everything. */
#ifndef VISAVIS_LEARN_CONTENT_H
#define VISAVIS_LEARN_CONTENT_H

#include "base/arena.h"
#include "base/locale.h"
#include "base/shared_map.h"

enum {
    CONTENT_ITEMS_MAX = 2000000,
    CONTENT_TERMS_MAX = 64,
    CONTENT_ATTRIBUTES_MAX = 64,
    CONTENT_POSTINGS_MAX = 1024,
    CONTENT_TOUCHES_MAX = 8192,
    CONTENT_COMPARED_MAX = 192, /* candidates of a question that are compared in full */
    CONTENT_PARTS_MAX = 8       /* of one answer */
};

struct content_attribute {
    struct slice name, value;
};

struct content_item { /* borrowed during the call */
    struct slice id, title, description, brand;
    struct slice category; /* "Femme > Robes > Longues" */
    struct slice currency;
    int64_t price_minor; /* -1 unknown */
    const struct content_attribute *attributes;
    size_t attribute_count;
    enum locale locale; /* where the text does not tell its language */
};

/* How much each kind of likeness counts; any scale. */
struct content_weights {
    double text, category, brand, attributes, price;
};

struct content;
struct content *content_new(const struct content_weights *weights);
void content_free(struct content *content);
/* A new item or what became of a known one. False, and nothing changes, beyond
 * CONTENT_ITEMS_MAX. Nothing changes either when it is as it was in all that is compared: until
 * something does, publishing leaves the snapshot as it is. */
bool content_put(struct content *content, const struct content_item *item);
void content_remove(struct content *content, struct slice id);
void content_publish(struct content *content);
size_t content_bytes(const struct content *content); /* with the published snapshot */

struct content_snapshot;
const struct content_snapshot *content_pin(struct content *content); /* any thread; never NULL */
void content_unpin(const struct content_snapshot *snapshot);
size_t content_count(const struct content_snapshot *snapshot);
/* The id of an item, 0 ≤ index < count; positions mean something within one snapshot only. */
struct slice content_id(const struct content_snapshot *snapshot, size_t index);

enum content_kind {
    CONTENT_TEXT,
    CONTENT_CATEGORY,
    CONTENT_BRAND,
    CONTENT_ATTRIBUTE,
    CONTENT_PRICE
};

/* One thing two items have in common; text lives in the arena. */
struct content_part {
    enum content_kind kind;
    struct slice name;  /* of an attribute; empty: further attributes together */
    struct slice value; /* the shared path, the brand, the attribute's value; the words, where two
                         * are compared */
    double share;       /* of the score, > 0 */
};

struct content_neighbour {
    const struct shared_entry *entry; /* of the snapshot: the item's id and its hash */
    struct slice item;                /* the id */
    double score;                     /* 0 to 1: the sum of the parts' shares, in their order */
    double alike[CONTENT_PRICE + 1];  /* by kind, 0 to 1, before weighing */
    struct content_part parts[CONTENT_PARTS_MAX]; /* the largest first */
    size_t part_count;
};

/* The items most like one, best first, ties by id; at most `wanted` (≤ CONTENT_COMPARED_MAX).
 * None for an item that is not there. */
size_t content_neighbours(const struct content_snapshot *snapshot, struct slice id, size_t wanted,
                          struct arena *arena, struct content_neighbour *out_neighbours);
/* How alike two items are, seen from the first. False when either is not there. */
bool content_compare(const struct content_snapshot *snapshot, struct slice id, struct slice other,
                     struct arena *arena, struct content_neighbour *out_neighbour);

#endif
