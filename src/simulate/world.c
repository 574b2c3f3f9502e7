#include "simulate/world.h"

#include "base/hash.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>

/* How far apart people's tastes lie, by what a trait is. */
static const double DEPARTMENT_TASTE = 1.0, CATEGORY_TASTE = 0.9, BRAND_TASTE = 0.8,
                    ATTRIBUTE_TASTE = 0.4, QUALITY = 0.4;

/* --- numbers of a hash ------------------------------------------------------------------------ */

static uint64_t mix(uint64_t seed, uint64_t a, uint64_t b)
{
    uint64_t words[] = {seed, a, b};
    return hash64(slice_make(words, sizeof words));
}

static double unit(uint64_t bits)
{
    return (double)(bits >> 11) * 0x1p-53;
}

double world_uniform(uint64_t seed, uint64_t a, uint64_t b)
{
    return unit(mix(seed, a, b));
}

/* Box and Muller (1958). */
double world_normal(uint64_t seed, uint64_t a, uint64_t b)
{
    static const double turn = 6.283185307179586;
    uint64_t bits = mix(seed, a, b);
    double radius = sqrt(-2 * log(1 - unit(bits)));
    return radius * cos(turn * unit(bits * UINT64_C(0x9e3779b97f4a7c15)));
}

/* --- items ------------------------------------------------------------------------------------ */

void world_init(struct world *world, uint64_t seed, size_t items_max)
{
    assert(items_max <= WORLD_ITEMS_MAX);
    *world = (struct world){.seed = seed};
    arena_init(&world->arena);
    world->items = ARENA_ARRAY(&world->arena, items_max + 1, struct world_item);
    world->shelves = ARENA_ARRAY(&world->arena, items_max + 1, struct world_shelf);
}

void world_done(struct world *world)
{
    arena_done(&world->arena);
}

static void add_trait(struct world *world, struct world_item *item, const struct world_trait *trait)
{
    if (item->trait_count == WORLD_TRAITS_MAX || trait->value.size == 0)
        return;
    struct world_trait *mine = &item->traits[item->trait_count++];
    *mine = *trait;
    mine->hash = hash64_pair(trait->name, trait->value);
    mine->name = arena_copy(&world->arena, trait->name);
    mine->value = arena_copy(&world->arena, trait->value);
}

void world_add_trait(struct world *world, struct world_item *item, struct slice name,
                     struct slice value)
{
    add_trait(world, item,
              &(struct world_trait){.weight = ATTRIBUTE_TASTE, .name = name, .value = value});
}

struct world_size *world_add_sizes(struct world *world, struct world_item *item, size_t count)
{
    item->size_count = count < WORLD_SIZES_MAX ? count : WORLD_SIZES_MAX;
    item->sizes = ARENA_ARRAY(&world->arena, item->size_count, struct world_size);
    return item->sizes;
}

static struct slice department_of(struct slice category)
{
    struct slice first, rest;
    return slice_cut(category, '>', &first, &rest) ? slice_trim(first) : category;
}

struct world_item *world_add(struct world *world, const struct world_offer *offer)
{
    if (offer->price_minor <= 0)
        return NULL;
    struct world_item *item = &world->items[world->item_count++];
    int64_t price = offer->price_minor, list = offer->list_price_minor;
    *item = (struct world_item){.id = arena_copy(&world->arena, offer->id),
                                .category = arena_copy(&world->arena, offer->category),
                                .currency = arena_copy(&world->arena, offer->currency),
                                .price_minor = price,
                                .list_price_minor = list > price ? list : price};
    item->quality = QUALITY * world_normal(world->seed, 0, hash64(offer->id));
    struct slice department = department_of(offer->category);
    struct world_trait category = {
        .weight = CATEGORY_TASTE, .name = SLICE("category"), .value = offer->category};
    struct world_trait whole = {
        .weight = DEPARTMENT_TASTE, .name = SLICE("category"), .value = department};
    struct world_trait brand = {
        .weight = BRAND_TASTE, .name = SLICE("brand"), .value = offer->brand};
    add_trait(world, item, &category);
    if (!slice_equal(department, offer->category))
        add_trait(world, item, &whole);
    add_trait(world, item, &brand);
    return item;
}

/* --- shelves ---------------------------------------------------------------------------------- */

static int by_category(const void *left, const void *right)
{
    const struct world_item *const *a = left, *const *b = right;
    int order = slice_compare((*a)->category, (*b)->category);
    return order ? order : (*a > *b) - (*a < *b);
}

/* A quarter of the categories are used up, in two weeks, a month or two. */
static double need_days(const struct world *world, struct slice category)
{
    static const double days[] = {14, 30, 60};
    uint64_t key = hash64(category);
    if (world_uniform(world->seed, 1, key) >= 0.25)
        return 0;
    return days[(size_t)(3 * world_uniform(world->seed, 2, key))];
}

static void fill_shelf(struct world *world, struct world_item **sorted, size_t count)
{
    struct world_shelf *shelf = &world->shelves[world->shelf_count];
    shelf->category = sorted[0]->category;
    shelf->items = ARENA_ARRAY(&world->arena, count, size_t);
    shelf->item_count = count;
    shelf->need_days = need_days(world, shelf->category);
    double sum = 0;
    for (size_t i = 0; i < count; i++) {
        shelf->items[i] = (size_t)(sorted[i] - world->items);
        sum += log((double)sorted[i]->price_minor);
    }
    shelf->usual_price = sum / (double)count;
    for (size_t i = 0; i < count; i++) {
        sorted[i]->shelf = world->shelf_count;
        sorted[i]->dearness = log((double)sorted[i]->price_minor) - shelf->usual_price;
    }
    world->shelf_count++;
}

static int by_id(const void *left, const void *right, void *context)
{
    const struct world_item *items = context;
    return slice_compare(items[*(const size_t *)left].id, items[*(const size_t *)right].id);
}

static void index_ids(struct world *world)
{
    world->by_id = ARENA_ARRAY(&world->arena, world->item_count + 1, size_t);
    for (size_t i = 0; i < world->item_count; i++)
        world->by_id[i] = i;
    qsort_r(world->by_id, world->item_count, sizeof *world->by_id, by_id, world->items);
}

size_t world_find(const struct world *world, struct slice id)
{
    size_t low = 0, high = world->item_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int order = slice_compare(world->items[world->by_id[middle]].id, id);
        if (order == 0)
            return world->by_id[middle];
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return SIZE_MAX;
}

void world_finish(struct world *world)
{
    index_ids(world);
    size_t count = world->item_count;
    struct world_item **sorted = ARENA_ARRAY(&world->arena, count + 1, struct world_item *);
    for (size_t i = 0; i < count; i++)
        sorted[i] = &world->items[i];
    qsort(sorted, count, sizeof *sorted, by_category);
    for (size_t from = 0, to; from < count; from = to) {
        for (to = from + 1; to < count; to++)
            if (!slice_equal(sorted[to]->category, sorted[from]->category))
                break;
        fill_shelf(world, sorted + from, to - from);
    }
}
