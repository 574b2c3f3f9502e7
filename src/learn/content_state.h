/* What an index of contents is made of, for content.c (building) and content_query.c (asking).
 *
 * An item becomes a document: the features it has, in an order that depends on nothing but the
 * features. A feature knows how many items have it and (of many, a sample of) which. Documents
 * and features have small numbers; both are published as pages that snapshots share. Within
 * learn/ only. */
#ifndef VISAVIS_LEARN_CONTENT_STATE_H
#define VISAVIS_LEARN_CONTENT_STATE_H

#include "base/shared_array.h"
#include "learn/content.h"

enum use_kind { /* the first four as in enum content_kind */
                USE_TEXT,
                USE_CATEGORY, /* one a level */
                USE_BRAND,
                USE_ATTRIBUTE,
                USE_PAIR, /* category and brand together: calls, and is not compared */
                USE_KIND_COUNT
};

enum {
    CONTENT_LEVELS_MAX = 10,
    CONTENT_USES_MAX = CONTENT_TERMS_MAX + CONTENT_ATTRIBUTES_MAX + CONTENT_LEVELS_MAX + 2
};

struct content_use {
    uint32_t feature;
    uint32_t kind;
    float weight; /* of a word: more in the title, more when repeated; else 1 */
};

struct content_doc {
    struct shared_entry entry; /* first; its key is the item's id */
    uint32_t slot;
    bool priced;
    double price_log2;      /* of the minor units */
    uint64_t currency_hash; /* prices in two currencies are not compared */
    size_t use_count;
    struct content_use uses[]; /* by kind, then hash of the feature's key; behind it the id */
};

struct content_feature {       /* that two items at least have */
    struct shared_entry entry; /* first; its key is its kind and its folded text */
    struct slice name, value;  /* as people read it */
    uint32_t item_count;
    double item_count_log2;
    size_t slot_count;
    uint32_t slots[]; /* ascending by hash of the item's id; behind it the text */
};

struct content_snapshot {
    _Atomic uint32_t refs;
    struct content_weights weights;
    size_t doc_count;
    double rarity_max; /* log2(items + 1) */
    struct shared_array *docs, *features;
    struct shared_map *items;
};

static inline const struct content_doc *content_doc_at(const struct content_snapshot *snapshot,
                                                       uint32_t slot)
{
    return (const struct content_doc *)shared_array_at(snapshot->docs, slot);
}

/* NULL when fewer than two items have it. */
static inline const struct content_feature *
content_feature_at(const struct content_snapshot *snapshot, uint32_t number)
{
    return (const struct content_feature *)shared_array_at(snapshot->features, number);
}

#endif
