/* Categories that were regrouped: paths, where things were learned, and weights. */
#include "unit/catalog/shop.h"

#include "catalog/category_map.h"

struct world {
    struct arena arena;
    struct category_map map;
    struct diag diag;
};

static enum status read_map(struct world *world, const char *text)
{
    return category_map_read(shop_json(&world->arena, text), &world->arena, &world->map,
                             &world->diag);
}

static const char moves[] = "{'Femme > Robes':'Mode > Robes','Femme>Robes > Soir':'Fête',"
                            "'Homme > Pulls':'Mode > Mailles','Femme > Pulls':'Mode > Mailles',"
                            "'Maison':'Maison > Intérieur'}";

static void set_up_map(struct world *world)
{
    *world = (struct world){0};
    arena_init(&world->arena);
    assert_int_equal(read_map(world, moves), STATUS_OK);
}

static void a_path_goes_where_its_longest_move_takes_it(void **state)
{
    (void)state;
    static const struct {
        const char *old, *fresh;
    } paths[] = {
        {"Femme > Robes", "Mode > Robes"},
        {"Femme > Robes > Longues", "Mode > Robes > Longues"},
        {"Femme > Robes > Soir", "Fête"},                      /* split */
        {"Femme > Robes > Soirées", "Mode > Robes > Soirées"}, /* no level of that name */
        {"Homme > Pulls", "Mode > Mailles"},                   /* merged */
        {"Femme > Pulls", "Mode > Mailles"},
        {"Femme", "Femme"},
        {"Maison", "Maison > Intérieur"}, /* nested deeper */
        {"Maison > Lampes", "Maison > Intérieur > Lampes"},
        {"Maison > Intérieur > Lampes", "Maison > Intérieur > Lampes"},
        {"", ""},
    };
    struct world world;
    set_up_map(&world);
    for (size_t i = 0; i < sizeof paths / sizeof *paths; i++) {
        struct slice path = category_map_path(&world.map, slice_of(paths[i].old), &world.arena);
        if (!slice_is(path, paths[i].fresh))
            fail_msg("%s goes to %.*s", paths[i].old, SLICE_ARG(path));
        struct slice again = category_map_path(&world.map, path, &world.arena);
        assert_true(slice_equal(again, path)); /* what is new stays */
    }
    arena_done(&world.arena);
}

static void a_category_knows_under_which_paths_it_was_learned(void **state)
{
    (void)state;
    static const struct {
        const char *category, *sources;
    } cases[] = {
        {"Mode > Robes", "Femme > Robes;"},
        {"Mode > Robes > Longues", "Femme > Robes > Longues;"},
        {"Mode > Mailles", "Femme > Pulls;Homme > Pulls;"},
        {"Mode", "Femme > Pulls;Femme > Robes;Homme > Pulls;"},
        {"Fête", "Femme > Robes > Soir;"},
        {"Mode > Robes > Soir", ""}, /* that part went elsewhere */
        {"Femme", ""},
        {"Maison > Intérieur", "Maison;"},
        {"Maison", ""}, /* its own list has it all */
        {"Autre", ""},
    };
    struct world world;
    set_up_map(&world);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct slice paths[CATEGORY_SOURCES_MAX];
        size_t count =
            category_map_sources(&world.map, slice_of(cases[i].category), &world.arena, paths);
        struct slice told = SLICE("");
        size_t found = 0;
        for (size_t k = 0; k < count; k++) {
            told = arena_format(&world.arena, "%.*s;", SLICE_ARG(paths[k]));
            found += strstr(cases[i].sources, arena_copy_text(&world.arena, told)) != NULL;
        }
        size_t wanted = 0;
        for (const char *at = cases[i].sources; (at = strchr(at, ';')) != NULL; at++)
            wanted++;
        if (count != wanted || found != wanted)
            fail_msg("%s: %zu paths, %.*s", cases[i].category, count, SLICE_ARG(told));
    }
    arena_done(&world.arena);
}

static double weight_of(const struct category_weight *weights, size_t count, const char *path)
{
    for (size_t i = 0; i < count; i++)
        if (slice_is(weights[i].path, path))
            return weights[i].weight;
    return 0;
}

static void weights_move_with_their_paths_and_count_for_the_new_parents(void **state)
{
    (void)state;
    /* ten in dresses, of which four for the evening and two long ones; three in jumpers */
    static const struct category_weight old[] = {
        {SLICE_INIT("Femme"), 13},
        {SLICE_INIT("Femme > Robes"), 10},
        {SLICE_INIT("Femme > Robes > Soir"), 4},
        {SLICE_INIT("Femme > Robes > Longues"), 2},
        {SLICE_INIT("Femme > Pulls"), 3},
        {SLICE_INIT("Homme"), 5},
        {SLICE_INIT("Homme > Pulls"), 5},
        {SLICE_INIT("Maison > Intérieur"), 1},
        {SLICE_INIT("Maison"), 3},
    };
    static const struct {
        const char *path;
        double weight;
    } wanted[] = {
        {"Mode", 14},          {"Mode > Robes", 6}, {"Mode > Robes > Longues", 2}, {"Fête", 4},
        {"Mode > Mailles", 8}, {"Maison", 3},       {"Maison > Intérieur", 3},     {"Femme", 0},
        {"Homme", 0},          {"Femme > Robes", 0}};
    struct world world;
    set_up_map(&world);
    size_t count;
    struct category_weight *fresh =
        category_map_weights(&world.map, old, sizeof old / sizeof *old, &world.arena, &count);
    for (size_t i = 0; i < sizeof wanted / sizeof *wanted; i++)
        if (weight_of(fresh, count, wanted[i].path) != wanted[i].weight)
            fail_msg("%s weighs %f", wanted[i].path, weight_of(fresh, count, wanted[i].path));
    arena_done(&world.arena);
}

static void moves_that_lead_nowhere_certain_are_refused(void **state)
{
    (void)state;
    static const char *const bad[] = {
        "[]",
        "{'A':''}",
        "{'':'A'}",
        "{'A > ':'B'}",
        "{'A':1}",
        "{'A':'B','B':'C'}",         /* in two steps */
        "{'A':'B','B':'A'}",         /* in a circle */
        "{'A':'B > C','B > C':'D'}", /* into what goes away */
        "{'A > B':'X','A>B':'Y'}",   /* twice */
        "{'A':'a>b>c>d>e>f>g>h>i>j>k'}",
    };
    struct world world = {0};
    arena_init(&world.arena);
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        world.diag = (struct diag){0};
        if (read_map(&world, bad[i]) != STATUS_INVALID)
            fail_msg("%s was taken", bad[i]);
        assert_string_equal(world.diag.field, "/categoryMap");
    }
    assert_int_equal(read_map(&world, "{'A':'A > B'}"), STATUS_OK);
    assert_int_equal(read_map(&world, "{}"), STATUS_OK);
    assert_int_equal(world.map.count, 0);
    arena_done(&world.arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_path_goes_where_its_longest_move_takes_it),
        cmocka_unit_test(a_category_knows_under_which_paths_it_was_learned),
        cmocka_unit_test(weights_move_with_their_paths_and_count_for_the_new_parents),
        cmocka_unit_test(moves_that_lead_nowhere_certain_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
