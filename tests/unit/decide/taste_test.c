/* Which affinities an item's attributes match, and what share each has. */
#include "test.h"

#include "base/hash.h"
#include "decide/taste.h"

static const struct decide_affinity affinities[] = {
    {{"brand", 5}, {"Ida", 3}, 3},   {{"brand", 5}, {"Otto", 4}, 1},
    {{"size", 4}, {"M", 1}, 9},      {{"colour", 6}, {"red", 3}, 0},
    {{"colour", 6}, {"blue", 4}, 2}, {{"shape", 5}, {"round", 5}, 1},
    {{"shape", 5}, {"flat", 4}, 1},
};
enum { AFFINITIES = sizeof affinities / sizeof affinities[0] };

static const struct decide_person person = {
    .personal = true, .affinities = affinities, .affinity_count = AFFINITIES};

static void note(const struct taste_index *index, const char *name, const char *value,
                 struct likes *likes)
{
    struct slice a = slice_of(name), b = slice_of(value);
    struct tasted tasted = {hash64_pair(a, b), a, b};
    taste_note(index, &tasted, likes);
}

static void shares_are_of_the_weights_of_the_same_attribute(void **state)
{
    (void)state;
    static const double expected[AFFINITIES] = {0.75, 0.25, 1, 0, 1, 0.5, 0.5};
    struct arena arena;
    arena_init(&arena);
    struct taste taste = taste_of(&person, &arena);
    assert_int_equal(taste.count, AFFINITIES);
    for (size_t i = 0; i < AFFINITIES; i++)
        assert_true(taste.shares[i] == expected[i]);
    assert_true(slice_is(taste_name(&taste, 1, &arena), "affinity:brand=Otto"));
    struct decide_person stranger = person;
    stranger.personal = false;
    assert_int_equal(taste_of(&stranger, &arena).count, 0);
    arena_done(&arena);
}

static void notes_the_largest_shares_first_and_none_twice(void **state)
{
    (void)state;
    static const uint16_t expected[AFFINITY_MATCHES_MAX] = {2, 4, 0, 5};
    static const char *const own[][2] = {{"shape", "flat"},  {"brand", "Otto"}, {"brand", "Ida"},
                                         {"shape", "round"}, {"size", "M"},     {"colour", "red"},
                                         {"colour", "blue"}, {"size", "M"},     {"brand", "blue"}};
    struct arena arena;
    arena_init(&arena);
    struct taste taste = taste_of(&person, &arena);
    struct taste_index index = taste_index(&taste, &arena);
    struct likes likes = {.count = 0};
    for (size_t i = 0; i < sizeof own / sizeof own[0]; i++)
        note(&index, own[i][0], own[i][1], &likes);
    assert_int_equal(likes.count, AFFINITY_MATCHES_MAX);
    for (size_t i = 0; i < AFFINITY_MATCHES_MAX; i++)
        assert_int_equal(likes.affinities[i], expected[i]);
    arena_done(&arena);
}

static void nobody_matches_nothing(void **state)
{
    (void)state;
    struct arena arena;
    arena_init(&arena);
    struct taste taste = {0};
    struct taste_index index = taste_index(&taste, &arena);
    struct likes likes = {.count = 0};
    note(&index, "brand", "Ida", &likes);
    assert_int_equal(likes.count, 0);
    arena_done(&arena);
}

static void a_value_of_another_attribute_is_no_match(void **state)
{
    (void)state;
    struct slice brand = SLICE("brand"), ida = SLICE("Ida"), bran = SLICE("bran");
    assert_true(hash64_pair(brand, ida) == hash64_pair(brand, ida));
    assert_true(hash64_pair(brand, ida) != hash64_pair(bran, SLICE("dIda")));
    assert_true(hash64_pair(brand, ida) != hash64_pair(ida, brand));
    struct arena arena;
    arena_init(&arena);
    struct taste taste = taste_of(&person, &arena);
    struct taste_index index = taste_index(&taste, &arena);
    struct likes likes = {.count = 0};
    struct tasted forged = {hash64_pair(brand, ida), bran, ida};
    taste_note(&index, &forged, &likes); /* equal in hash alone */
    assert_int_equal(likes.count, 0);
    arena_done(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(shares_are_of_the_weights_of_the_same_attribute),
        cmocka_unit_test(notes_the_largest_shares_first_and_none_twice),
        cmocka_unit_test(nobody_matches_nothing),
        cmocka_unit_test(a_value_of_another_attribute_is_no_match),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
