#include "api/item_names.h"

#include "base/hash.h"

#include <stdlib.h>

struct named {
    uint64_t hash;
    struct slice id;
};

struct item_names {
    struct catalog *catalog;
    uint32_t workspace;
    const struct catalog_snapshot *snapshot;
    size_t count;
    struct named list[]; /* by hash */
};

static int by_hash(const void *left, const void *right)
{
    const struct named *a = left, *b = right;
    return (a->hash > b->hash) - (a->hash < b->hash);
}

/* Ids of variants that are ids of rows count too; most are not, and some are items as well. */
static size_t ids_max(const struct catalog_snapshot *snapshot)
{
    size_t count = catalog_count(snapshot), ids = count;
    for (size_t i = 0; i < count && catalog_has_groups(snapshot); i++)
        ids += catalog_at(snapshot, i)->variant_count;
    return ids;
}

/* By the id, when it leads to the item. */
static void add_name(struct item_names *names, struct slice id, const struct item *item)
{
    if (slice_equal(catalog_canonical_id(names->snapshot, id), item->id))
        names->list[names->count++] = (struct named){.hash = hash64(id), .id = item->id};
}

struct item_names *item_names_new(struct catalog *catalog, uint32_t workspace)
{
    const struct catalog_snapshot *snapshot = catalog_pin(catalog, workspace);
    size_t count = catalog_count(snapshot);
    struct item_names *names =
        must_alloc(sizeof *names + ids_max(snapshot) * sizeof names->list[0]);
    *names = (struct item_names){.catalog = catalog, .workspace = workspace, .snapshot = snapshot};
    for (size_t i = 0; i < count; i++) {
        const struct item *item = catalog_at(snapshot, i);
        add_name(names, item->id, item);
        for (size_t k = 0; k < item->variant_count && catalog_has_groups(snapshot); k++)
            if (!slice_equal(item->variants[k].id, item->id))
                add_name(names, item->variants[k].id, item);
    }
    if (names->count > 1)
        qsort(names->list, names->count, sizeof names->list[0], by_hash);
    return names;
}

void item_names_free(struct item_names *names)
{
    if (!names)
        return;
    catalog_unpin(names->snapshot);
    free(names);
}

bool item_names_stale(const struct item_names *names)
{
    const struct catalog_snapshot *newest = catalog_pin(names->catalog, names->workspace);
    bool stale = newest != names->snapshot;
    catalog_unpin(newest);
    return stale;
}

struct slice item_names_find(const struct item_names *names, uint64_t hash)
{
    const struct named wanted = {.hash = hash};
    const struct named *found = NULL;
    if (names->count > 0)
        found = bsearch(&wanted, names->list, names->count, sizeof names->list[0], by_hash);
    return found ? found->id : SLICE_NONE;
}

uint64_t item_names_own(const struct item_names *names, uint64_t hash)
{
    struct slice id = item_names_find(names, hash);
    return id.size > 0 ? hash64(id) : hash;
}

void item_names_attributes(const struct item_names *names, struct event_item *inout_item)
{
    struct slice item = inout_item->item, variant = SLICE_NONE;
    if (!catalog_attributes(names->snapshot, &item, &variant, &inout_item->attributes,
                            &inout_item->attribute_count))
        inout_item->attribute_count = 0;
}
