/* What the shop sells: items with variants, prices, stock and free attributes, as immutable
 * snapshots.
 *
 * One catalogue a workspace. A change is a ledger entry of kind `item`; after its sync the
 * catalogue's own thread publishes a new snapshot within CATALOG_PUBLISH_MS that shares every
 * unchanged item with the one before (items and snapshots are reference-counted). Who changed it
 * is told after that (catalog_await): the next event and decision see the change. A reader pins
 * a snapshot, uses it without a lock, lets it go. Every price change is kept PRICE_HISTORY_DAYS.
 * Text borrowed from a snapshot lives as long as it is pinned. Open after the ledger and before
 * ledger_start; close after ledger_stop. */
#ifndef VISAVIS_CATALOG_CATALOG_H
#define VISAVIS_CATALOG_CATALOG_H

#include "base/json.h"
#include "base/shared_map.h"
#include "catalog/feed.h"
#include "ledger/ledger.h"
#include "person/event.h" /* struct attribute */

struct variant {
    struct slice id, url, image;        /* empty: the item's */
    int64_t price_minor;                /* -1: the item's */
    int64_t list_price_minor;           /* struck through; -1 none, or the item's with its price */
    int64_t cost_minor;                 /* what it costs the shop, a secret; -1: the item's */
    int64_t stock;                      /* units; -1 unknown, which counts as available */
    const struct attribute *attributes; /* free ones, sorted by name and value */
    size_t attribute_count;
};

struct item_text {       /* what shoppers read, in another locale than the item's own */
    struct slice locale; /* "en", "en-GB" */
    struct slice title, description, url, category;
};

struct item {
    struct slice id, title, description, url, image;
    struct slice brand;
    struct slice category;    /* path, "Femme > Robes > Longues": levels between " > " */
    int64_t price_minor;      /* -1 unknown */
    int64_t list_price_minor; /* struck through at the shop; -1 none */
    int64_t cost_minor;       /* what it costs the shop; -1 unknown. A secret: see item_margin */
    struct slice currency;    /* ISO 4217 */
    int64_t stock;            /* its own; -1 unknown; with variants theirs count (item_available) */
    bool hidden;              /* never shown, kept for history */
    int64_t added_ms, updated_ms; /* first seen, last changed */
    const struct attribute
        *attributes; /* free ones, sorted by name and value; see catalog_attributes */
    size_t attribute_count;
    const struct variant *variants; /* sorted by id */
    size_t variant_count;
    struct slice lead;             /* of a group of rows: the variant whose row speaks for it */
    struct slice locale;           /* of its own texts; empty: the workspace's */
    const struct item_text *texts; /* in other locales, by locale */
    size_t text_count;
};

struct catalog;          /* of all workspaces */
struct catalog_snapshot; /* of one workspace at one instant */

enum status catalog_open(struct store *store, struct ledger *ledger, struct catalog **out_catalog,
                         struct diag *diag) MUST_CHECK;
void catalog_close(struct catalog *catalog);
const char *catalog_directory(const struct catalog *catalog); /* the data directory */

/* Pins the published snapshot; never NULL (an empty one for an unknown workspace). Any thread. */
const struct catalog_snapshot *catalog_pin(struct catalog *catalog, uint32_t workspace);
/* Calls done once everything that was applied before is published: at once, or on the
 * catalogue's thread, where it must be quick and not block. The wait is the caller's until then.
 * Any thread. */
struct catalog_wait {
    void (*done)(struct catalog_wait *wait);
    struct catalog_wait *next; /* the publisher's, as all below */
    uint32_t workspace;
    uint64_t sequence;
};
void catalog_await(struct catalog *catalog, uint32_t workspace, struct catalog_wait *wait);
/* The same, blocking; not from the ledger's thread, nor the catalogue's. */
void catalog_settle(struct catalog *catalog, uint32_t workspace);
/* catalog_settle, then catalog_pin. */
const struct catalog_snapshot *catalog_pin_latest(struct catalog *catalog, uint32_t workspace);
void catalog_unpin(const struct catalog_snapshot *snapshot);
/* One more pin of a snapshot that is pinned. */
const struct catalog_snapshot *catalog_ref(const struct catalog_snapshot *snapshot);
size_t catalog_count(const struct catalog_snapshot *snapshot);
/* By position 0 ≤ index < count: stable within one snapshot only. */
const struct item *catalog_at(const struct catalog_snapshot *snapshot, size_t index);
/* By its id; else, or when that one is hidden, the item of whose group this is a row's id. */
const struct item *catalog_find(const struct catalog_snapshot *snapshot, struct slice id);
/* The same, by somebody who has hash64(id) at hand. */
const struct item *catalog_find_hashed(const struct catalog_snapshot *snapshot, struct slice id,
                                       uint64_t hash);
const struct variant *catalog_find_variant(const struct item *item, struct slice id);
/* In stock: with variants by any variant's stock, else by its own; unknown counts as available. */
bool item_available(const struct item *item);
/* (price - cost) / price in ten-thousandths, rounded down, MARGIN_LEAST at least: of an item with
 * variants the lowest of those in stock (of all when none is), each with its own price and cost or
 * the item's. Those that do not tell both do not count; MARGIN_UNKNOWN when none does. */
enum { MARGIN_WHOLE = 10000, MARGIN_LEAST = -MARGIN_WHOLE, MARGIN_UNKNOWN = MARGIN_LEAST - 1 };
int32_t item_margin(const struct item *item);
/* What a unit sells for, and costs the shop, in the item's currency; variant may be NULL. -1
 * unknown. */
int64_t item_price(const struct item *item, const struct variant *variant);
int64_t item_cost(const struct item *item, const struct variant *variant);
/* Everything the ledger kept up to this sequence is in the snapshot. */
uint64_t catalog_sequence(const struct catalog_snapshot *snapshot);
bool catalog_has_groups(const struct catalog_snapshot *snapshot);
/* The item's own id of any id of it. Borrowed from the snapshot, or what was given. */
struct slice catalog_canonical_id(const struct catalog_snapshot *snapshot, struct slice id);
/* Attributes of an item or variant as events store them: brand, category (the full path, then
 * each parent), price_band, the item's free ones and the variant's; sorted. An unknown variant
 * counts as none. The id of a group's row becomes the item's id and that variant. Borrowed. False
 * when the item is unknown. For intake. */
bool catalog_attributes(const struct catalog_snapshot *snapshot, struct slice *inout_item,
                        struct slice *inout_variant, const struct attribute **out_attributes,
                        size_t *out_count);

/* What a unit sells for and costs in this currency, as the shop says now; each stays as it is where
 * that is not known. Ids as events have them. For intake. */
void catalog_worth(const struct catalog_snapshot *snapshot, const struct event_item *line,
                   struct slice currency, int64_t *inout_price, int64_t *inout_cost);

/* The same for an item that came from a snapshot, without looking it up again. */
const struct attribute *item_interests(const struct item *item, size_t *out_count);
/* hash64_pair(name, value) of each of them. */
const uint64_t *item_interest_hashes(const struct item *item);

/* Rows of one item, put into what is known of it one after the other: catalog/item_merge.h. */
struct item_rows {
    const struct item *list;
    size_t count;
    struct slice locale; /* the workspace's */
    bool full;           /* what of it the rows do not name goes, in the locales spoken */
    const struct slice *spoken;
    size_t spoken_count;
    const struct item *kept; /* … but not these, of refused rows: id, lead and locale count */
    size_t kept_count;
};

/* One change on its way. Owned by the submitter until done. */
struct catalog_change {
    struct ledger_entry entry; /* first */
    bool remove;      /* hide: items are never deleted, history needs them; only item.id is read */
    struct item item; /* without rows: the one row */
    struct item_rows rows;     /* count or full: these instead; item.id counts all the same */
    bool unchanged;            /* out: equal to what was stored, nothing written */
    struct shared_entry *made; /* ours between record and applied */
};
/* entry.status afterwards: STATUS_OK, STATUS_CONFLICT (unchanged), STATUS_NOT_FOUND (nothing to
 * remove), STATUS_TOO_LARGE (CATALOG_ITEMS_MAX, ITEM_BYTES_MAX). */
/* Empties the whole change: fill it afterwards. */
void catalog_change_init(struct catalog *catalog, struct catalog_change *change,
                         uint32_t workspace);

/* One item from JSON
 * ({"id","title","description","url","image","brand","category","price","listPrice","cost",
 * "currency","stock","hidden","attributes":{…},"variants":[…],"locale","texts":{…},"lead"}; price
 * as decimal text or number) or with the names of Google Merchant feeds, where "item_group_id"
 * makes a row the variant of an item; docs/catalog.md has them all. Lives in the arena.
 * STATUS_INVALID with the field and how to mend it. */
enum status catalog_item_from_json(const struct json *json, struct slice workspace_currency,
                                   struct arena *arena, struct item *out_item,
                                   struct diag *diag) MUST_CHECK;
/* What such JSON names, also when the rest is wrong: id, lead and locale. Borrowed. */
struct item catalog_item_named(const struct json *json);
/* One record of a feed through a map of columns, as JSON for catalog_item_from_json: mapped
 * fields under our names, "attributes.NAME" into attributes, the other columns as they are. */
const struct json *catalog_record_from_feed(const struct feed_map *map, size_t map_count,
                                            const struct json *record, struct arena *arena);
/* What catalog_item_from_json reads back as the same item: with its cost, which is for the shop's
 * own eyes alone. */
void catalog_item_to_json(const struct item *item, struct json_out *out);

/* The stored record (docs/internals/format.md). Unpacked text borrows from bytes, lists are the
 * arena's. */
void catalog_item_pack(const struct item *item, struct buf *buf);
enum status catalog_item_unpack(struct slice bytes, struct arena *arena,
                                struct item *out_item) MUST_CHECK;

struct catalog_price { /* what it cost from then on */
    int64_t time_ms, price_minor, list_price_minor;
    struct slice currency;
};
struct catalog_price_query {
    uint32_t workspace;
    struct slice item;
    size_t count_max;
};
/* The newest price changes kept, newest first, at most count_max; text lives in the arena. */
enum status catalog_price_history(struct catalog *catalog, const struct catalog_price_query *query,
                                  struct arena *arena, struct catalog_price *out_prices,
                                  size_t *out_count) MUST_CHECK;

struct catalog_counts {
    uint64_t workspaces, items, changes, unchanged, publishes, bytes;
};
void catalog_counts(struct catalog *catalog, struct catalog_counts *out_counts);

#endif
