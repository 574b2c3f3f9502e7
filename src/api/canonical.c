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

static void canonical_wishes(const struct catalog_snapshot *catalog, struct moment *moment,
                             struct arena *arena)
{
    struct wish *wishes = ARENA_ARRAY(arena, moment->wish_count, struct wish);
    for (size_t i = 0; i < moment->wish_count; i++) {
        wishes[i] = moment->wishes[i];
        wishes[i].exclude =
            canonical_list(catalog, wishes[i].exclude, wishes[i].exclude_count, arena);
    }
    moment->wishes = wishes;
}

void canonical_moment(const struct evidence_source *source, struct moment *moment,
                      struct arena *arena)
{
    const struct catalog_snapshot *catalog = source->catalog;
    if (source->moves && source->moves->count > 0)
        moment->page_category = category_map_path(source->moves, moment->page_category, arena);
    if (!catalog_has_groups(catalog))
        return;
    moment->page_item = catalog_canonical_id(catalog, moment->page_item);
    moment->cart = canonical_list(catalog, moment->cart, moment->cart_count, arena);
    canonical_wishes(catalog, moment, arena);
}

/* --- affinities to categories ----------------------------------------------------------------- */

/* Those to categories as weights; the others move to the front of the list. */
static size_t part_categories(struct decide_affinity *list, size_t *inout_count,
                              struct category_weight *out_weights)
{
    size_t categories = 0, others = 0;
    for (size_t i = 0; i < *inout_count; i++)
        if (slice_is(list[i].attribute, "category"))
            out_weights[categories++] =
                (struct category_weight){list[i].value, (double)list[i].weight};
        else
            list[others++] = list[i];
    *inout_count = others;
    return categories;
}

static void move_affinities(const struct category_map *moves, struct decide_person *person,
                            struct arena *arena)
{
    size_t count = person->affinity_count, made;
    struct decide_affinity *list = ARENA_ARRAY(arena, count, struct decide_affinity);
    struct category_weight *weights = ARENA_ARRAY(arena, count, struct category_weight);
    if (count > 0)
        memcpy(list, person->affinities, count * sizeof *list);
    size_t categories = part_categories(list, &count, weights);
    weights = category_map_weights(moves, weights, categories, arena, &made);
    struct decide_affinity *all = ARENA_ARRAY(arena, count + made, struct decide_affinity);
    if (count > 0)
        memcpy(all, list, count * sizeof *all);
    for (size_t i = 0; i < made; i++)
        if ((float)weights[i].weight > 0)
            all[count++] = (struct decide_affinity){SLICE("category"), weights[i].path,
                                                    (float)weights[i].weight};
    person->affinities = all;
    person->affinity_count = count;
}

void canonical_person(const struct evidence_source *source, struct decide_person *person,
                      struct arena *arena)
{
    const struct catalog_snapshot *catalog = source->catalog;
    if (source->moves && source->moves->count > 0)
        move_affinities(source->moves, person, arena);
    if (!catalog_has_groups(catalog))
        return;
    person->recents = canonical_list(catalog, person->recents, person->recent_count, arena);
    person->bought = canonical_list(catalog, person->bought, person->bought_count, arena);
    person->basket = canonical_list(catalog, person->basket, person->basket_count, arena);
}

/* --- titles ----------------------------------------------------------------------------------- */

struct slice item_titles_find(void *context, struct slice id)
{
    const struct item_titles *titles = context;
    const struct item *item = catalog_find(titles->catalog, id);
    return item ? item_text_in(item, &titles->locale).title : SLICE_NONE;
}
