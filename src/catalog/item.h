/* An item as a snapshot holds it: its record, the plain values that borrow from it, and what it
 * says about interests, in one piece of memory that goes with its last snapshot. Within catalog/
 * only. */
#ifndef VISAVIS_CATALOG_ITEM_H
#define VISAVIS_CATALOG_ITEM_H

#include "base/shared_map.h"
#include "catalog/catalog.h"

enum {
    ITEM_RECORD_VERSION = 3,
    ITEM_RECORD_KIND = 5, /* the ledger's code of kind `item` */
    ITEM_RECORD_HEAD_BYTES = 12,
    ITEM_HIDDEN = 1, /* flag */
    CATEGORY_LEVELS_MAX = 10
};

struct attribute_run {
    const struct attribute *attributes;
    const uint64_t *hashes; /* hash64_pair(name, value) of each */
    size_t count;
};

/* A row of a group, found by its own id; holds the item. */
struct shared_variant {
    struct shared_entry entry; /* first; its key is the variant's id */
    struct shared_item *item;
};

struct shared_item {
    struct shared_entry entry; /* first; its key is the item's id */
    struct item item;
    struct attribute_run interests;          /* of the item itself */
    struct attribute_run *variant_interests; /* of each variant, the item's included */
    struct shared_variant *rows;             /* of each variant of a group, else NULL */
    uint64_t sequence;
    size_t bytes; /* of all this */
};

/* From a stored record, which is copied; scratch may be reset afterwards. One reference, the
 * caller's. STATUS_CORRUPT. */
enum status shared_item_new(struct slice record, struct arena *scratch,
                            struct shared_item **out_item) MUST_CHECK;
/* The row of a group's variant, to be found by. Once an item; one reference, the caller's. */
struct shared_entry *shared_item_row(struct shared_item *item, size_t variant);
static inline struct shared_item *shared_item_of(struct shared_entry *entry)
{
    return (struct shared_item *)entry;
}

static inline struct shared_variant *shared_variant_of(struct shared_entry *entry)
{
    return (struct shared_variant *)entry;
}

struct ledger *catalog_ledger(const struct catalog *catalog);

/* What a feed's availability says, in English, French, Google's and schema.org's words; "1" and
 * "0" too. False for a word that is none of them. */
bool availability_read(struct slice text, bool *out_available);

/* Order of attributes everywhere: name, then value. */
int attribute_compare(const void *left, const void *right);

#endif
