#include "api/canonical.h"

static const struct slice *canonical_list(const struct catalog_snapshot *catalog,
                                          const struct slice *ids, size_t count,
                                          struct arena *arena)
{
    struct slice *list = ARENA_ARRAY(arena, count, struct slice);
    for (size_t i = 0; i < count; i++)
        list[i] = catalog_canonical_id(catalog, ids[i]);
    return list;
}

void canonical_moment(const struct catalog_snapshot *catalog, struct moment *moment,
                      struct arena *arena)
{
    if (!catalog_has_groups(catalog))
        return;
    moment->page_item = catalog_canonical_id(catalog, moment->page_item);
    moment->cart = canonical_list(catalog, moment->cart, moment->cart_count, arena);
    struct wish *wishes = ARENA_ARRAY(arena, moment->wish_count, struct wish);
    for (size_t i = 0; i < moment->wish_count; i++) {
        wishes[i] = moment->wishes[i];
        wishes[i].exclude =
            canonical_list(catalog, wishes[i].exclude, wishes[i].exclude_count, arena);
    }
    moment->wishes = wishes;
}

void canonical_person(const struct catalog_snapshot *catalog, struct decide_person *person,
                      struct arena *arena)
{
    if (!catalog_has_groups(catalog))
        return;
    person->recents = canonical_list(catalog, person->recents, person->recent_count, arena);
    person->bought = canonical_list(catalog, person->bought, person->bought_count, arena);
    person->basket = canonical_list(catalog, person->basket, person->basket_count, arena);
}

struct slice item_titles_find(void *context, struct slice id)
{
    const struct item_titles *titles = context;
    const struct item *item = catalog_find(titles->catalog, id);
    return item ? item_text_in(item, &titles->locale).title : SLICE_NONE;
}
