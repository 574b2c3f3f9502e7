/* What the shop sells: items with variants, prices, stock and free attributes, as immutable snapshots.
 *
 * One catalogue a workspace. A change is a ledger entry of kind `item`; after its sync the catalogue publishes a new snapshot within CATALOG_PUBLISH_MS
 * that shares every unchanged item with the one before (items and snapshots are reference-counted). A reader pins a snapshot, uses it without a
 * lock, lets it go. Every price change is kept PRICE_HISTORY_DAYS. Text borrowed from a snapshot lives as long as it is pinned. */
#ifndef VISAVIS_CATALOG_CATALOG_H
#define VISAVIS_CATALOG_CATALOG_H

#include "base/json.h"
#include "ledger/ledger.h"
#include "person/event.h" /* struct attribute */

struct variant {
    struct slice id;
    int64_t price_minor; /* -1: the item's */
    int64_t stock;       /* units; -1 unknown, which counts as available */
    const struct attribute *attributes;
    size_t attribute_count;
};

struct item {
    struct slice id, title, description, url, image;
    struct slice brand;
    struct slice category;          /* path, "Femme > Robes > Longues"; levels cut at '>' with blanks around it */
    int64_t price_minor;            /* -1 unknown */
    int64_t list_price_minor;       /* struck through at the shop; -1 none */
    struct slice currency;
    int64_t stock;                  /* -1 unknown; with variants: the sum of known ones */
    bool hidden;                    /* never shown, kept for history */
    int64_t added_ms, updated_ms;   /* first and last seen */
    const struct attribute *attributes; /* free ones, sorted by name; for interests also brand, category and its parents, price_band */
    size_t attribute_count;
    const struct variant *variants;
    size_t variant_count;
};

struct catalog;          /* of all workspaces */
struct catalog_snapshot; /* of one workspace at one instant */

enum status catalog_open(struct store *store, struct ledger *ledger, struct catalog **out_catalog,
                         struct diag *diag) MUST_CHECK;
void catalog_close(struct catalog *catalog);

/* Pins the published snapshot; never NULL (an empty one for an unknown workspace). Any thread. */
const struct catalog_snapshot *catalog_pin(struct catalog *catalog, uint32_t workspace);
void catalog_unpin(const struct catalog_snapshot *snapshot);
size_t catalog_count(const struct catalog_snapshot *snapshot);
/* By position 0 ≤ index < count: stable within one snapshot only. */
const struct item *catalog_at(const struct catalog_snapshot *snapshot, size_t index);
const struct item *catalog_find(const struct catalog_snapshot *snapshot, struct slice id);
const struct variant *catalog_find_variant(const struct item *item, struct slice id);
/* In stock by its own or any variant's stock; unknown counts as available. */
bool item_available(const struct item *item);
uint64_t catalog_sequence(const struct catalog_snapshot *snapshot);
/* Attributes of an item or variant as events store them: brand, category, price_band and the free ones. Borrowed. For intake. */
bool catalog_attributes(const struct catalog_snapshot *snapshot, struct slice item,
                        struct slice variant, const struct attribute **out_attributes,
                        size_t *out_count);

/* One change on its way. Owned by the submitter until done. */
struct catalog_change {
    struct ledger_entry entry; /* first */
    bool remove;               /* hide: items are never deleted, history needs them */
    struct item item;
    bool unchanged;            /* out: equal to what was stored, nothing written */
};
void catalog_change_init(struct catalog *catalog, struct catalog_change *change, uint32_t workspace);

/* One item from JSON ({"id","title","description","url","image","brand","category","price","listPrice","currency","stock","hidden","attributes":{…},"variants":[…]};
 * price as decimal text or number). Lives in the arena. STATUS_INVALID with the field and how to mend it. */
enum status catalog_item_from_json(const struct json *json, struct slice workspace_currency,
                                   struct arena *arena, struct item *out_item, struct diag *diag) MUST_CHECK;
void catalog_item_to_json(const struct item *item, struct json_out *out);

void catalog_item_pack(const struct item *item, struct buf *buf);
enum status catalog_item_unpack(struct slice bytes, struct arena *arena, struct item *out_item) MUST_CHECK;

struct catalog_counts {
    uint64_t workspaces, items, changes, unchanged, publishes, bytes;
};
void catalog_counts(struct catalog *catalog, struct catalog_counts *out_counts);

#endif
