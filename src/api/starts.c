#include "api/starts.h"

#include "base/clock.h"

#include <stdlib.h>

enum {
    VIEWS_MAX = 3 /* of the person's last views, where a step does not say what it starts from */
};

static void add_seed(struct seeds *seeds, struct slice item, double weight, bool personal)
{
    for (size_t i = 0; i < seeds->count; i++)
        if (slice_equal(seeds->list[i].item, item))
            return;
    if (item.size && seeds->count < SEEDS_MAX)
        seeds->list[seeds->count++] = (struct seed){item, weight, personal, 0};
}

/* --- items ------------------------------------------------------------------------------------ */

/* A step being looked at. */
struct finding {
    const struct moment *moment;
    const struct profile *profile; /* NULL: nothing of the person */
    struct start *start;
};

static void add_basket(const struct finding *finding)
{
    const struct moment *moment = finding->moment;
    const struct profile *profile = finding->profile;
    for (size_t i = 0; i < moment->cart_count; i++)
        add_seed(&finding->start->seeds, moment->cart[i], 0.8, false);
    for (size_t i = 0; profile && i < profile->basket_count; i++)
        add_seed(&finding->start->seeds, profile->basket[i].item, 0.7, true);
}

static void add_views(const struct finding *finding)
{
    const struct profile *profile = finding->profile;
    for (size_t i = 0; profile && i < profile->recent_count && i < VIEWS_MAX; i++)
        if (profile->recents[i].time_ms >= finding->start->since_ms)
            add_seed(&finding->start->seeds, profile->recents[i].item, 0.5 / (double)(1 + i), true);
}

/* The visit under way, newest first: the page's item, then what the person saw before it. */
static void add_visit(const struct finding *finding, size_t visit_count)
{
    struct seeds *seeds = &finding->start->seeds;
    const struct profile *profile = finding->profile;
    struct slice page_item = finding->moment->page_item;
    if (page_item.size > 0)
        seeds->list[seeds->count++] = (struct seed){page_item, 1, false, 0};
    for (size_t i = 0; profile && i < visit_count && i < profile->recent_count; i++)
        if (seeds->count < VISIT_SEEDS_MAX && !slice_equal(profile->recents[i].item, page_item))
            seeds->list[seeds->count++] = (struct seed){profile->recents[i].item, 1, true, 0};
}

/* The page being looked at is no earlier view. */
static void add_last_viewed(const struct finding *finding)
{
    const struct profile *profile = finding->profile;
    for (size_t i = 0; profile && i < profile->recent_count; i++) {
        const struct profile_recent *recent = &profile->recents[i];
        if (slice_equal(recent->item, finding->moment->page_item))
            continue;
        if (recent->time_ms >= finding->start->since_ms)
            add_seed(&finding->start->seeds, recent->item, 1, true);
        return;
    }
}

/* What was bought together with the newest: an order as a rule. */
static void add_last_bought(const struct finding *finding)
{
    const struct profile *profile = finding->profile;
    int64_t time_ms = finding->start->since_ms;
    bool found = false;
    for (size_t i = 0; profile && i < profile->bought_count; i++) {
        const struct profile_bought *bought = &profile->bought[i];
        if (bought->quantity <= 0 || bought->time_ms < time_ms)
            continue;
        if (found && bought->time_ms != time_ms)
            return;
        add_seed(&finding->start->seeds, bought->item, 1, true);
        time_ms = bought->time_ms;
        found = true;
    }
}

/* Where a step does not say: the page's item speaks loudest, then the basket, then the person's own
 * basket and last views. */
static void add_seeds(const struct finding *finding, const struct recipe_step *step)
{
    switch (step->strategy == STRATEGY_COMPLETE_BASKET ? KEY_BASKET : step->key) {
    case KEY_ANY:
        add_seed(&finding->start->seeds, finding->moment->page_item, 1, false);
        add_basket(finding);
        add_views(finding);
        return;
    case KEY_CURRENT_ITEM:
        add_seed(&finding->start->seeds, finding->moment->page_item, 1, false);
        return;
    case KEY_BASKET:
        add_basket(finding);
        return;
    case KEY_LAST_BOUGHT:
        add_last_bought(finding);
        return;
    case KEY_LAST_VIEWED:
        add_last_viewed(finding);
        return;
    default:
        return;
    }
}

/* --- categories ------------------------------------------------------------------------------- */

static size_t depth_of(struct slice path)
{
    size_t depth = 0;
    for (size_t i = 0; i < path.size; i++)
        depth += path.data[i] == '>';
    return depth;
}

/* Events count for a category and those above it, so the heaviest is always a top one: the deepest
 * that holds at least half its weight says more. Ties by weight, then text. */
static struct slice favourite_category(const struct decide_person *person)
{
    const struct decide_affinity *best = NULL;
    float heaviest = 0;
    for (size_t i = 0; i < person->affinity_count; i++)
        if (slice_is(person->affinities[i].attribute, "category") &&
            person->affinities[i].weight > heaviest)
            heaviest = person->affinities[i].weight;
    for (size_t i = 0; i < person->affinity_count; i++) {
        const struct decide_affinity *affinity = &person->affinities[i];
        if (!slice_is(affinity->attribute, "category") || !(2 * affinity->weight >= heaviest) ||
            !(affinity->weight > 0))
            continue;
        size_t depth = depth_of(affinity->value), best_depth = best ? depth_of(best->value) : 0;
        if (!best || depth > best_depth ||
            (depth == best_depth && (affinity->weight > best->weight ||
                                     (affinity->weight == best->weight &&
                                      slice_compare(affinity->value, best->value) < 0))))
            best = affinity;
    }
    return best ? best->value : SLICE_NONE;
}

static struct slice category_of(const struct evidence_source *source, struct slice id)
{
    const struct item *item = id.size ? catalog_find(source->catalog, id) : NULL;
    return item ? item->category : SLICE_NONE;
}

/* Of what seeds lead to: the first that has one. */
static struct start_category category_of_seeds(const struct evidence_source *source,
                                               const struct seeds *seeds)
{
    struct start_category category = {.personal = true};
    for (size_t i = 0; i < seeds->count && category.path.size == 0; i++)
        category.path = category_of(source, seeds->list[i].item);
    return category;
}

static struct start_category find_category(const struct evidence_source *source,
                                           const struct decide_input *input,
                                           const struct recipe_step *step,
                                           const struct start *start)
{
    const struct moment *moment = &input->moment;
    switch (step->key) {
    case KEY_FAVOURITE_CATEGORY:
        return (struct start_category){
            source->profile ? favourite_category(&input->person) : SLICE_NONE, true, 0};
    case KEY_LAST_BOUGHT:
    case KEY_LAST_VIEWED:
        return category_of_seeds(source, &start->seeds);
    case KEY_CURRENT_ITEM:
        return (struct start_category){.path = category_of(source, moment->page_item)};
    default:
        return (struct start_category){.path = moment->page_category.size > 0
                                                   ? moment->page_category
                                                   : category_of(source, moment->page_item)};
    }
}

static bool keeps_to_category(const struct recipe_step *step)
{
    return step->strategy == STRATEGY_CATEGORY_TRENDING ||
           step->strategy == STRATEGY_CATEGORY_BEST_SELLERS ||
           (step->strategy == STRATEGY_NEW_ARRIVALS && step->key != KEY_ANY);
}

static bool asks_by_visit(enum strategy strategy)
{
    return strategy == STRATEGY_SESSIONS || strategy == STRATEGY_VIEWED_NEXT;
}

struct start start_find(const struct evidence_source *source, const struct decide_input *input,
                        const struct recipe_step *step)
{
    struct start start = {.since_ms = INT64_MIN};
    struct finding finding = {&input->moment, source->profile, &start};
    if (step->lookback_days > 0)
        start.since_ms = input->moment.now_ms - (int64_t)step->lookback_days * MS_PER_DAY;
    if (asks_by_visit(step->strategy))
        add_visit(&finding, source->visit_count);
    else if (strategy_has_seeds(step->strategy) || step->key == KEY_LAST_BOUGHT ||
             step->key == KEY_LAST_VIEWED)
        add_seeds(&finding, step);
    if (keeps_to_category(step)) {
        start.category = find_category(source, input, step, &start);
        start.seeds.count = 0;
    }
    return start;
}

/* --- titles ----------------------------------------------------------------------------------- */

static int compare_titles(const void *a, const void *b)
{
    const struct item_title *left = a, *right = b;
    return slice_compare(left->item, right->item);
}

/* The last part of "Maison > Mobilier". */
static struct slice last_part(struct slice path)
{
    size_t from = path.size;
    while (from > 0 && path.data[from - 1] != '>')
        from--;
    while (from < path.size && path.data[from] == ' ')
        from++;
    return slice_from(path, from);
}

static uint8_t number_of(const struct decide_input *input, struct slice item)
{
    for (size_t i = 0; i < input->title_count; i++)
        if (slice_equal(input->titles[i].item, item))
            return (uint8_t)(i + 1);
    return 0;
}

struct titling {
    struct item_title *list;
    size_t count;
};

static void add_title(struct titling *titling, struct slice item, struct slice title)
{
    for (size_t i = 0; i < titling->count; i++)
        if (slice_equal(titling->list[i].item, item))
            return;
    if (titling->count < TITLES_MAX)
        titling->list[titling->count++] = (struct item_title){item, title};
}

void starts_take_titles(const struct evidence_source *source, struct start *const *starts,
                        size_t count, struct decide_input *input, struct arena *arena)
{
    struct titling titling = {.list = ARENA_ARRAY(arena, TITLES_MAX, struct item_title)};
    for (size_t i = 0; i < count; i++) {
        for (size_t j = 0; j < starts[i]->seeds.count; j++) {
            struct slice id = starts[i]->seeds.list[j].item;
            const struct item *item = catalog_find(source->catalog, id);
            add_title(&titling, id, item ? item_text_in(item, &source->locale).title : SLICE_NONE);
        }
        if (starts[i]->category.personal && starts[i]->category.path.size > 0)
            add_title(&titling, starts[i]->category.path, last_part(starts[i]->category.path));
    }
    if (titling.count > 1)
        qsort(titling.list, titling.count, sizeof *titling.list, compare_titles);
    input->titles = titling.list;
    input->title_count = titling.count;
    for (size_t i = 0; i < count; i++) {
        struct start *start = starts[i];
        for (size_t j = 0; j < start->seeds.count; j++)
            start->seeds.list[j].title = number_of(input, start->seeds.list[j].item);
        if (start->category.personal)
            start->category.title = number_of(input, start->category.path);
    }
}
