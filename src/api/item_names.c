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

struct item_names *item_names_new(struct catalog *catalog, uint32_t workspace)
{
    const struct catalog_snapshot *snapshot = catalog_pin(catalog, workspace);
    size_t count = catalog_count(snapshot);
    struct item_names *names = must_alloc(sizeof *names + count * sizeof names->list[0]);
    *names = (struct item_names){
        .catalog = catalog, .workspace = workspace, .snapshot = snapshot, .count = count};
    for (size_t i = 0; i < count; i++) {
        struct slice id = catalog_at(snapshot, i)->id;
        names->list[i] = (struct named){.hash = hash64(id), .id = id};
    }
    if (count > 1)
        qsort(names->list, count, sizeof names->list[0], by_hash);
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

void item_names_attributes(const struct item_names *names, struct event_item *inout_item)
{
    struct slice item = inout_item->item, variant = SLICE_NONE;
    if (!catalog_attributes(names->snapshot, &item, &variant, &inout_item->attributes,
                            &inout_item->attribute_count))
        inout_item->attribute_count = 0;
}
