/* Variety: who comes after whom, how alike two items are, what is told of it, what a record
 * keeps. */
#include "test.h"

#include <math.h>

#include "decide/diversity.h"
#include "decide/operations.h"
#include "decide/record.h"
#include "scene.h"
#include "world.h"

#define CATEGORY(path)                                                                             \
    {                                                                                              \
        SLICE_INIT("category"), SLICE_INIT(path)                                                   \
    }
#define BRAND(name)                                                                                \
    {                                                                                              \
        SLICE_INIT("brand"), SLICE_INIT(name)                                                      \
    }

/* a … e of a scene: b is a's twin, c another kind of thing by the same brand, of d nothing is
 * known, e is the same kind of thing by another brand. */
static void furnish(struct scene *scene, double weight)
{
    static const struct candidate_attribute lamp[] = {BRAND("Ida"), CATEGORY("Maison"),
                                                      CATEGORY("Maison > Lampes")};
    static const struct candidate_attribute vase[] = {BRAND("Ida"), CATEGORY("Maison"),
                                                      CATEGORY("Maison > Vases")};
    static const struct candidate_attribute other[] = {BRAND("Noé"), CATEGORY("Maison"),
                                                       CATEGORY("Maison > Lampes")};
    static const struct candidate_attribute *const of[] = {lamp, lamp, vase, NULL, other};
    scene_init(scene);
    scene->placement.mix = MIX_WEIGHTED;
    for (size_t i = 0; i < 5; i++) {
        scene->candidates[i].attributes = of[i];
        scene->candidates[i].attribute_count = of[i] ? 3 : 0;
    }
    scene_rule(scene, RULE_DIVERSITY);
    scene->rules[0].weight = weight;
    scene->placement.count = 3;
}

static void tells_what_moved_and_what_it_was_like(void **state)
{
    (void)state;
    for (unsigned trimmed = 0; trimmed < 2; trimmed++) {
        struct scene scene;
        furnish(&scene, 0.5);
        if (trimmed)
            decide_trim(&scene.input, &scene.arena);
        const struct decision *decision = scene_run(&scene);
        assert_shown(decision, "a d c"); /* likeness to a: b 1, c 11/21, d 0, e 5/7 */
        const struct moves *moves = &decision->moves;
        assert_int_equal(moves->count, 2);
        assert_true(slice_is(moves->list[0].scored->candidate->item, "b"));
        assert_int_equal(moves->list[0].from, 2);
        assert_int_equal(moves->list[0].to, 0);
        assert_true(slice_is(moves->list[0].like->candidate->item, "a"));
        assert_true(moves->list[0].likeness == 1);
        assert_true(slice_is(moves->list[1].scored->candidate->item, "d"));
        assert_int_equal(moves->list[1].from, 4);
        assert_int_equal(moves->list[1].to, 2);
        assert_null(moves->list[1].like);
        assert_true(slice_is(decision->runner_up->candidate->item, "b"));
        arena_done(&scene.arena);
    }
}

static void a_recipe_in_order_varies_within_its_steps(void **state)
{
    (void)state;
    struct scene scene;
    furnish(&scene, 1);
    scene.placement.mix = MIX_IN_ORDER;
    scene.placement.steps[1] = scene.placement.steps[0];
    scene.placement.steps[0] = (struct recipe_step){.strategy = STRATEGY_TRENDING, .weight = 1};
    scene.placement.step_count = 2;
    for (size_t i = 0; i < 3; i++)
        scene.candidates[i].answers[STRATEGY_TRENDING] = (float)(5 - i);
    assert_shown(scene_run(&scene), "a c b");
    arena_done(&scene.arena);
}

static void an_explored_order_is_not_varied(void **state)
{
    (void)state;
    struct scene scene;
    furnish(&scene, 0.5);
    scene.placement.explore = 0.2;
    unsigned explored = 0;
    for (scene.input.seed = 0; scene.input.seed < 50; scene.input.seed++) {
        const struct decision *decision = scene_run(&scene);
        explored += decision->explored;
        assert_int_equal(decision->moves.count, decision->explored ? 0 : 2);
    }
    assert_true(explored > 0);
    arena_done(&scene.arena);
}

/* --- in any world, against the formula as it is written --------------------------------------- */

enum { WORLDS = 3000 };

static unsigned count_value(const struct candidate *candidate, struct slice name,
                            struct slice value)
{
    bool brand = slice_is(name, "brand"); /* an item has one */
    unsigned count = 0;
    for (size_t i = 0; i < candidate->attribute_count; i++) {
        const struct candidate_attribute *own = &candidate->attributes[i];
        if (!slice_equal(own->name, name))
            continue;
        count += value.size == 0 || slice_equal(own->value, value);
        if (brand)
            break;
    }
    return count;
}

/* -1: one of them has none. */
static double jaccard(const struct candidate *a, const struct candidate *b, const char *name)
{
    static const char *const values[] = {
        "Ida", "Petit Bateau", "bleu", "rouge", "lampes", "vases", "S", "M", "L", "été"};
    struct slice attribute = slice_of(name);
    unsigned both = 0, all = count_value(a, attribute, SLICE_NONE);
    if (all == 0 || count_value(b, attribute, SLICE_NONE) == 0)
        return -1;
    all += count_value(b, attribute, SLICE_NONE);
    for (size_t i = 0; i < sizeof values / sizeof *values; i++) {
        unsigned left = count_value(a, attribute, slice_of(values[i]));
        unsigned right = count_value(b, attribute, slice_of(values[i]));
        both += left < right ? left : right;
    }
    return (double)both / (all - both);
}

static double likeness(const struct candidate *a, const struct candidate *b)
{
    double category = jaccard(a, b, "category"), brand = jaccard(a, b, "brand");
    double colour = jaccard(a, b, "colour"), size = jaccard(a, b, "size");
    double sum = 0, weight = 0;
    sum += category >= 0 ? 5 * category : 0;
    sum += brand >= 0 ? 2 * brand : 0;
    weight += (category >= 0 ? 5 : 0) + (brand >= 0 ? 2 : 0);
    if (colour >= 0 || size >= 0) {
        double both = (colour >= 0 ? colour : 0) + (size >= 0 ? size : 0);
        sum += 3 * both / ((colour >= 0) + (size >= 0));
        weight += 3;
    }
    return weight > 0 ? sum / weight : 0;
}

static double value_of(const struct decision *decision, size_t place, const struct scored *scored,
                       double most)
{
    double weight = diversity_rule(decision->definition)->weight, like = 0;
    for (size_t i = 0; i < decision->shown_count; i++)
        if (i < place || decision->shown[i]->slot > 0)
            like = fmax(like, likeness(decision->shown[i]->candidate, scored->candidate));
    return (1 - weight) * scored->score / most - weight * like;
}

static bool is_shown_before(const struct decision *decision, size_t place,
                            const struct scored *scored)
{
    for (size_t i = 0; i < place; i++)
        if (decision->shown[i] == scored)
            return true;
    return false;
}

/* No other of those weighed was worth more in its place. */
static unsigned assert_marginal(const struct decision *decision)
{
    size_t pins = 0, open = 0;
    double most = 0;
    for (size_t i = 0; i < decision->shown_count; i++)
        pins += decision->shown[i]->slot > 0;
    for (size_t i = 0; i < decision->eligible_count && most == 0; i++)
        most = decision->all[i].slot == 0 ? decision->all[i].score : 0;
    if (!(most > 0))
        return 0;
    for (size_t place = 0; place < decision->shown_count; place++) {
        if (decision->shown[place]->slot > 0)
            continue;
        double best = value_of(decision, place, decision->shown[place], most);
        size_t weighed = diversity_pool(decision->shown_count - pins);
        for (size_t i = 0; i < decision->eligible_count && weighed > 0; i++) {
            const struct scored *scored = &decision->all[i];
            weighed -= scored->slot == 0;
            if (scored->slot == 0 && !is_shown_before(decision, place, scored))
                assert_true(value_of(decision, place, scored, most) <= best + 1e-12);
        }
        open++;
    }
    return (unsigned)open;
}

static bool is_plain(const struct decision *decision)
{
    const struct placement *definition = decision->definition;
    return definition != NULL && diversity_rule(definition) != NULL && !decision->explored &&
           !decision->shuffled && definition->mix != MIX_IN_ORDER &&
           definition->fallback_count == 0 && operation_invited(decision) == 0;
}

static void each_place_has_the_largest_marginal_relevance(void **state)
{
    (void)state;
    unsigned places = 0;
    for (uint64_t seed = 0; seed < WORLDS; seed++) {
        struct arena arena;
        arena_init(&arena);
        struct decide_input input = world_input(seed, &arena);
        struct outcome outcome;
        decide_run(&input, &arena, &outcome);
        for (size_t i = 0; i < outcome.decision_count; i++)
            if (is_plain(&outcome.decisions[i]))
                places += assert_marginal(&outcome.decisions[i]);
        arena_done(&arena);
    }
    assert_true(places > 500);
}

/* --- the record ------------------------------------------------------------------------------- */

enum { ITEMS = 60, BYTES_MAX = 200 };

static size_t record_size(double weight)
{
    static const char *const names[] = {"brand", "category", "category", "colour"};
    static const unsigned values[] = {20, 4, 12, 10};
    struct scene scene;
    struct buf packed;
    scene_init(&scene);
    buf_init(&packed, 1 << 16);
    struct random_stream stream = random_stream(7);
    struct candidate *candidates = ARENA_ARRAY(&scene.arena, ITEMS, struct candidate);
    for (unsigned i = 0; i < ITEMS; i++) {
        struct candidate_attribute *attributes =
            ARENA_ARRAY(&scene.arena, 4, struct candidate_attribute);
        for (unsigned j = 0; j < 4; j++)
            attributes[j] = (struct candidate_attribute){
                slice_of(names[j]),
                arena_format(&scene.arena, "%u %u", j, (unsigned)random_below(&stream, values[j]))};
        candidates[i] = (struct candidate){.item = arena_format(&scene.arena, "item-%u", i),
                                           .in_stock = i % 10 > 0,
                                           .attributes = attributes,
                                           .attribute_count = 4};
        candidates[i].answers[STRATEGY_BEST_SELLERS] = (float)(ITEMS - i);
    }
    scene.evidence[0] =
        (struct placement_evidence){.candidates = candidates, .candidate_count = ITEMS};
    scene.placement.count = 8;
    scene_rule(&scene, RULE_IN_STOCK);
    if (weight > 0) {
        scene_rule(&scene, RULE_DIVERSITY);
        scene.rules[1].weight = weight;
    }
    decide_trim(&scene.input, &scene.arena);
    struct decision_record record = {.input = scene.input}, back;
    decision_record_pack(&record, &packed);
    size_t size = packed.size;
    assert_int_equal(decision_record_unpack(buf_slice(&packed), &scene.arena, &back), STATUS_OK);
    back.input.policy = &scene.policy;
    struct outcome again;
    decide_run(&back.input, &scene.arena, &again);
    const struct decision *decision = scene_run(&scene);
    for (size_t i = 0; i < 8; i++)
        assert_true(slice_equal(again.decisions[0].shown[i]->candidate->item,
                                decision->shown[i]->candidate->item));
    assert_int_equal(decision->moves.count > 0, weight > 0);
    buf_done(&packed);
    arena_done(&scene.arena);
    return size;
}

static void a_record_grows_by_a_few_bytes_an_item(void **state)
{
    (void)state;
    size_t plain = record_size(0), varied = record_size(0.5);
    assert_true(varied > plain && varied - plain < BYTES_MAX);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tells_what_moved_and_what_it_was_like),
        cmocka_unit_test(a_recipe_in_order_varies_within_its_steps),
        cmocka_unit_test(an_explored_order_is_not_varied),
        cmocka_unit_test(each_place_has_the_largest_marginal_relevance),
        cmocka_unit_test(a_record_grows_by_a_few_bytes_an_item),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
