#include "test.h"

#include "base/json.h"
#include "base/random.h"
#include "learn/content.h"
#include "unit/arena.h"

#include <math.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>

static struct content_item item_of(const char *id, const char *title, const char *brand,
                                   const char *category, int64_t price_minor)
{
    return (struct content_item){.id = slice_of(id),
                                 .title = slice_of(title),
                                 .brand = slice_of(brand),
                                 .category = slice_of(category),
                                 .currency = SLICE("EUR"),
                                 .price_minor = price_minor,
                                 .locale = LOCALE_FR};
}

static void put(struct content *content, struct content_item item)
{
    assert_true(content_put(content, &item));
}

static struct content_neighbour likeness(struct content *content, const char *a, const char *b)
{
    struct content_neighbour neighbour = {0};
    const struct content_snapshot *snapshot = content_pin(content);
    (void)content_compare(snapshot, slice_of(a), slice_of(b), &arena, &neighbour);
    content_unpin(snapshot);
    return neighbour;
}

static const struct content_part *part_of(const struct content_neighbour *neighbour,
                                          enum content_kind kind)
{
    for (size_t i = 0; i < neighbour->part_count; i++)
        if (neighbour->parts[i].kind == kind)
            return &neighbour->parts[i];
    return NULL;
}

static void near(double a, double b)
{
    assert_true(fabs(a - b) < 1e-9);
}

/* Three items: rarity of what two have is log2(4/2) = 1, of what all have log2(4/3). */
static void likeness_is_what_one_computes_by_hand(void **state)
{
    (void)state;
    struct content_weights weights = {.text = 4, .category = 3, .brand = 1, .price = 2};
    struct content *content = content_new(&weights);
    put(content, item_of("a", "Chaussure trail", "Salomon", "Chaussures > Trail", 10000));
    put(content, item_of("b", "Chaussure route", "SALOMON", "chaussures > route", 15000));
    put(content, item_of("c", "Veste trail", "Kiprun", "Chaussures > Trail", 30000));
    content_publish(content);

    /* words two have: chaussur (a, b), trail (a, c), each of rarity 1 */
    struct content_neighbour ab = likeness(content, "a", "b"), ac = likeness(content, "a", "c");
    near(ab.alike[CONTENT_TEXT], 1 / sqrt(2.0)); /* a: both words; b: one, route is only its own */
    near(ac.alike[CONTENT_TEXT], 1 / sqrt(2.0));
    double root = sqrt(log2(4.0 / 3)); /* the level that all have; values are roots of rarity */
    near(ab.alike[CONTENT_CATEGORY], root / (root + 1));
    near(ac.alike[CONTENT_CATEGORY], 1);
    near(ab.alike[CONTENT_BRAND], 1);
    near(ac.alike[CONTENT_BRAND], 0);
    near(ab.alike[CONTENT_PRICE], 1 - log2(1.5));
    near(ac.alike[CONTENT_PRICE], 0); /* three times the price */
    near(ac.score, 0.4 / sqrt(2.0) + 0.3);
    near(ab.score, 0.4 / sqrt(2.0) + 0.3 * root / (root + 1) + 0.1 + 0.2 * (1 - log2(1.5)));

    assert_true(slice_is(part_of(&ab, CONTENT_TEXT)->value, "Chaussure"));
    assert_true(slice_is(part_of(&ab, CONTENT_BRAND)->value, "Salomon"));
    assert_true(slice_is(part_of(&ac, CONTENT_CATEGORY)->value, "Chaussures > Trail"));
    assert_null(part_of(&ac, CONTENT_PRICE));
    content_free(content);
}

static void attributes_count_by_their_rarity_and_are_named(void **state)
{
    (void)state;
    struct content *content = content_new(NULL);
    static const char *const ids[] = {"a", "b", "c", "d"};
    static const struct content_attribute attributes[4][2] = {
        {{SLICE_INIT("couleur"), SLICE_INIT("Bleu")}, {SLICE_INIT("genre"), SLICE_INIT("mixte")}},
        {{SLICE_INIT("couleur"), SLICE_INIT("bleu")}, {SLICE_INIT("genre"), SLICE_INIT("mixte")}},
        {{SLICE_INIT("couleur"), SLICE_INIT("Rouge")}, {SLICE_INIT("genre"), SLICE_INIT("mixte")}},
        {{SLICE_INIT("couleur"), SLICE_INIT("Rouge")}, {SLICE_INIT("genre"), SLICE_INIT("mixte")}},
    };
    for (int i = 0; i < 4; i++) {
        struct content_item item = item_of(ids[i], "", "", "", -1);
        item.attributes = attributes[i];
        item.attribute_count = 2;
        put(content, item);
    }
    content_publish(content);
    struct content_neighbour ab = likeness(content, "a", "b"), ac = likeness(content, "a", "c");
    near(ab.score, 1);
    assert_int_equal(ab.part_count, 2);
    assert_true(slice_is(ab.parts[0].name, "couleur"));
    assert_true(slice_is(ab.parts[0].value, "bleu"));
    double common = log2(5.0 / 4), rare = log2(5.0 / 2);
    near(ac.score, common / (common + rare));
    content_free(content);
}

static size_t answers(struct content *content, const char *id, size_t wanted,
                      struct content_neighbour *out)
{
    const struct content_snapshot *snapshot = content_pin(content);
    size_t count = content_neighbours(snapshot, slice_of(id), wanted, &arena, out);
    for (size_t i = 0; i < count; i++)
        out[i].item = arena_copy(&arena, out[i].item);
    content_unpin(snapshot);
    return count;
}

static void a_new_item_is_answered_and_found_from_the_next_publish_on(void **state)
{
    (void)state;
    struct content *content = content_new(NULL);
    struct content_neighbour found[10];
    put(content, item_of("old", "Lampe frontale", "Petzl", "Rando", 3000));
    content_publish(content);
    assert_int_equal(answers(content, "new", 10, found), 0);
    put(content, item_of("new", "Lampes frontales", "Petzl", "Rando", 3000));
    assert_int_equal(answers(content, "new", 10, found), 0);
    content_publish(content);
    assert_int_equal(answers(content, "new", 10, found), 1);
    assert_true(slice_is(found[0].item, "old"));
    assert_int_equal(answers(content, "old", 10, found), 1);
    assert_true(slice_is(found[0].item, "new"));
    content_remove(content, SLICE("old"));
    content_remove(content, SLICE("never there"));
    content_publish(content);
    assert_int_equal(answers(content, "new", 10, found), 0);
    assert_int_equal(answers(content, "old", 10, found), 0);
    content_free(content);
}

static void a_pinned_snapshot_stays_as_it_was(void **state)
{
    (void)state;
    struct content *content = content_new(NULL);
    put(content, item_of("a", "Tente igloo", "", "", -1));
    put(content, item_of("b", "Tente canadienne", "", "", -1));
    content_publish(content);
    const struct content_snapshot *before = content_pin(content);
    content_remove(content, SLICE("b"));
    put(content, item_of("a", "Sac", "", "", -1));
    content_publish(content);
    struct content_neighbour found[4];
    assert_int_equal(content_neighbours(before, SLICE("a"), 4, &arena, found), 1);
    assert_int_equal(content_count(before), 2);
    content_unpin(before);
    assert_int_equal(answers(content, "a", 4, found), 0);
    content_free(content);
}

static void what_is_put_again_as_it_was_leaves_the_snapshot_as_it_is(void **state)
{
    (void)state;
    struct content *content = content_new(NULL);
    struct content_item item = item_of("a", "Tente igloo", "Quechua", "Camping", 3000);
    put(content, item);
    put(content, item_of("b", "Tente canadienne", "Quechua", "Camping", 3000));
    content_publish(content);
    const struct content_snapshot *before = content_pin(content), *after;
    size_t bytes = content_bytes(content);
    put(content, item);
    content_publish(content);
    content_unpin(after = content_pin(content));
    assert_ptr_equal(after, before);
    assert_int_equal(content_bytes(content), bytes);
    item.price_minor = 3100;
    put(content, item);
    content_publish(content);
    content_unpin(after = content_pin(content));
    assert_ptr_not_equal(after, before);
    content_unpin(before);
    content_free(content);
}

/* --- worlds ----------------------------------------------------------------------------------- */

enum { WORLD = 3000 };

static struct content_item random_item(unsigned number, unsigned life)
{
    static const char *const words[] = {"veste", "chaussure", "trail",  "imperméable", "lampe",
                                        "tente", "sac",       "gourde", "bâton",       "montre"};
    struct random_stream stream = random_stream(number * 7919U + life);
    struct slice title = arena_format(&arena, "modele%u", number / 5);
    for (int i = 0; i < 3; i++)
        title = arena_format(&arena, "%.*s %s", SLICE_ARG(title), words[random_below(&stream, 10)]);
    struct content_attribute *attributes = ARENA_ARRAY(&arena, 2, struct content_attribute);
    attributes[0] = (struct content_attribute){
        SLICE("colour"), arena_format(&arena, "c%u", (unsigned)random_below(&stream, 9))};
    attributes[1] = (struct content_attribute){
        SLICE("size"), arena_format(&arena, "s%u", (unsigned)random_below(&stream, 4))};
    return (struct content_item){
        .id = arena_format(&arena, "item-%u", number),
        .title = title,
        .brand = arena_format(&arena, "brand %u", (unsigned)random_below(&stream, 2)),
        .category = arena_format(&arena, "Shop > c%u", (unsigned)random_below(&stream, 2)),
        .currency = SLICE("EUR"),
        .price_minor = 1000 + (int64_t)random_below(&stream, 20000),
        .attributes = attributes,
        .attribute_count = 2,
        .locale = LOCALE_FR,
    };
}

static void assert_same_answers(struct content *a, struct content *b)
{
    struct content_neighbour left[20], right[20];
    for (unsigned number = 0; number < WORLD; number += 41) {
        char id[32];
        (void)snprintf(id, sizeof id, "item-%u", number);
        size_t count = answers(a, id, 20, left);
        assert_int_equal(count, answers(b, id, 20, right));
        for (size_t i = 0; i < count; i++) {
            assert_true(slice_equal(left[i].item, right[i].item));
            assert_true(left[i].score == right[i].score); /* the same bits */
            assert_int_equal(left[i].part_count, right[i].part_count);
            for (size_t j = 0; j < left[i].part_count; j++)
                assert_true(left[i].parts[j].share == right[i].parts[j].share);
        }
    }
}

/* Common features have more items than are kept, so that removals must look for others. */
static void changes_one_by_one_end_where_a_fresh_build_does(void **state)
{
    (void)state;
    struct content *step = content_new(NULL), *batch = content_new(NULL);
    for (unsigned i = 0; i < WORLD; i++) {
        put(step, random_item(i, 1));
        if (i % 500 == 0)
            content_publish(step);
    }
    for (unsigned i = 0; i < WORLD; i++) {
        unsigned number = i * 1237 % WORLD;
        if (number % 3 == 0)
            content_remove(step, random_item(number, 1).id);
        else
            put(step, random_item(number, 2));
        if (i % 700 == 0)
            content_publish(step);
    }
    for (unsigned i = WORLD; i-- > 0;)
        if (i % 3)
            put(batch, random_item(i, 2));
    content_publish(step);
    content_publish(batch);
    assert_same_answers(step, batch);
    content_free(step);
    content_free(batch);
}

static void shares_sum_to_the_score_and_all_lie_between_0_and_1(void **state)
{
    (void)state;
    struct content *content = content_new(NULL);
    for (unsigned i = 0; i < WORLD; i++)
        put(content, random_item(i, 1));
    content_publish(content);
    for (unsigned number = 0; number < WORLD; number += 97) {
        char id[32];
        (void)snprintf(id, sizeof id, "item-%u", number);
        struct content_neighbour found[50];
        size_t count = answers(content, id, 50, found);
        assert_int_equal(count, 50);
        for (size_t i = 0; i < count; i++) {
            double sum = 0;
            for (size_t j = 0; j < found[i].part_count; j++) {
                assert_true(found[i].parts[j].share > 0);
                sum += found[i].parts[j].share;
            }
            assert_true(sum == found[i].score);
            assert_true(sum > 0 && sum <= 1 + 1e-12);
            assert_true(i == 0 || found[i - 1].score >= found[i].score);
            assert_false(slice_is(found[i].item, id));
        }
    }
    content_free(content);
}

static void memory_is_counted_and_comes_back(void **state)
{
    (void)state;
    struct content *content = content_new(NULL);
    struct content_neighbour found[5];
    size_t empty = content_bytes(content);
    for (unsigned i = 0; i < WORLD; i++)
        put(content, random_item(i, 1));
    content_publish(content);
    size_t full = content_bytes(content);
    assert_true(full > empty + WORLD * 300UL && full < empty + WORLD * 3000UL);
    for (unsigned i = 0; i < WORLD; i++)
        content_remove(content, random_item(i, 1).id);
    content_publish(content);
    assert_true(content_bytes(content) < full / 2);
    assert_int_equal(answers(content, "item-1", 5, found), 0);
    content_free(content);
}

struct reading {
    struct content *content;
    _Atomic bool stop;
    size_t answered;
};

static void *read_on(void *context)
{
    struct reading *reading = context;
    struct arena mine;
    arena_init(&mine);
    while (!atomic_load(&reading->stop)) {
        const struct content_snapshot *snapshot = content_pin(reading->content);
        struct content_neighbour found[5];
        size_t count = content_neighbours(snapshot, SLICE("item-7"), 5, &mine, found);
        for (size_t i = 0; i < count; i++)
            reading->answered += found[i].score > 0;
        content_unpin(snapshot);
        arena_reset(&mine);
    }
    arena_done(&mine);
    return NULL;
}

static void others_read_while_one_publishes(void **state)
{
    (void)state;
    struct reading reading = {.content = content_new(NULL)};
    pthread_t thread;
    assert_int_equal(pthread_create(&thread, NULL, read_on, &reading), 0);
    for (unsigned i = 0; i < WORLD; i++) {
        put(reading.content, random_item(i % 600, i));
        if (i % 9 == 0)
            content_remove(reading.content, random_item(i * 7 % 600, 0).id);
        if (i % 10 == 0)
            content_publish(reading.content);
    }
    atomic_store(&reading.stop, true);
    assert_int_equal(pthread_join(thread, NULL), 0);
    assert_true(reading.answered > 0);
    content_free(reading.content);
}

/* The big list of naughty strings as titles, brands, paths and values, where it is at hand. */
static void naughty_strings_do_no_harm(void **state)
{
    (void)state;
    static char text[65536];
    FILE *file = fopen("../shared/data/json/blns.json", "rb");
    if (!file) {
        print_message("skipped: ../shared/data/json/blns.json is not here\n");
        skip();
    }
    size_t size = fread(text, 1, sizeof text, file);
    (void)fclose(file);
    const struct json *root;
    struct diag diag = {0};
    assert_int_equal(json_parse(&arena, slice_make(text, size), &root, &diag), STATUS_OK);
    struct content *content = content_new(NULL);
    for (int twin = 0; twin < 2; twin++)
        for (size_t i = 0; i < root->count; i++) {
            struct slice naughty = json_text(&root->elements[i]);
            struct content_attribute attribute = {naughty, naughty};
            struct content_item item = {.id = arena_format(&arena, "%zu-%d", i, twin),
                                        .title = naughty,
                                        .description = naughty,
                                        .brand = naughty,
                                        .category = naughty,
                                        .currency = naughty,
                                        .price_minor = INT64_MAX,
                                        .attributes = &attribute,
                                        .attribute_count = 1};
            put(content, item);
        }
    content_publish(content);
    struct content_neighbour found[3];
    for (size_t i = 0; i < root->count; i++)
        assert_true(answers(content, arena_copy_text(&arena, arena_format(&arena, "%zu-0", i)), 3,
                            found) <= 3);
    content_free(content);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_AN_ARENA(likeness_is_what_one_computes_by_hand),
        IN_AN_ARENA(attributes_count_by_their_rarity_and_are_named),
        IN_AN_ARENA(a_new_item_is_answered_and_found_from_the_next_publish_on),
        IN_AN_ARENA(a_pinned_snapshot_stays_as_it_was),
        IN_AN_ARENA(what_is_put_again_as_it_was_leaves_the_snapshot_as_it_is),
        IN_AN_ARENA(changes_one_by_one_end_where_a_fresh_build_does),
        IN_AN_ARENA(shares_sum_to_the_score_and_all_lie_between_0_and_1),
        IN_AN_ARENA(memory_is_counted_and_comes_back),
        IN_AN_ARENA(others_read_while_one_publishes),
        IN_AN_ARENA(naughty_strings_do_no_harm),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
