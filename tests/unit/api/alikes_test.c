#include "test.h"

#include "api/alikes.h"
#include "base/hash.h"
#include "base/limits.h"
#include "decide/voices.h"

#include <pthread.h>
#include <stdio.h>

enum { ITEMS = 300, CROWDED = 40, THREADS = 4 };

struct shop {
    struct content *content;
    const struct content_snapshot *snapshot;
    struct alikes *alikes;
    struct arena arena;
};

static struct slice id_of(struct arena *arena, unsigned number)
{
    return arena_format(arena, "item-%u", number);
}

static void put(struct shop *shop, unsigned number)
{
    static const char *const kinds[] = {"Chaussure", "Veste", "Sac", "Lampe", "Tasse"};
    static const char *const manners[] = {"trail", "route", "ville", "bleue", "légère", "rouge"};
    struct content_item item = {.id = id_of(&shop->arena, number),
                                .title = arena_format(&shop->arena, "%s %s %u", kinds[number % 5],
                                                      manners[number % 6], number % 40),
                                .brand = arena_format(&shop->arena, "Marque %u", number % 7),
                                .category =
                                    arena_format(&shop->arena, "Rayon > %s", kinds[number % 5]),
                                .currency = SLICE("EUR"),
                                .price_minor = 1000 + number % 11 * 250,
                                .locale = LOCALE_FR};
    assert_true(content_put(shop->content, &item));
}

static void open_shop(struct shop *shop)
{
    content_publish(shop->content);
    shop->snapshot = content_pin(shop->content);
    shop->alikes = alikes_new(shop->snapshot);
}

static void begin(struct shop *shop)
{
    arena_init(&shop->arena);
    shop->content = content_new(NULL);
}

static void end(struct shop *shop)
{
    alikes_unref(shop->alikes);
    content_unpin(shop->snapshot);
    content_free(shop->content);
    arena_done(&shop->arena);
}

static bool is_same(const struct alike *alike, const struct content_neighbour *neighbour)
{
    double shares[ALIKE_COUNT] = {0};
    for (size_t i = 0; i < neighbour->part_count; i++)
        shares[neighbour->parts[i].kind] += neighbour->parts[i].share;
    for (size_t i = 0; i < ALIKE_COUNT; i++)
        if (alike->parts[i] != (uint8_t)(shares[i] / neighbour->score * VOICES_WHOLE))
            return false;
    return slice_equal(alike->item->key, neighbour->item) &&
           alike->item->hash == hash64(neighbour->item) && alike->score == neighbour->score;
}

/* Is what is answered, kept or not, what the snapshot answers? */
static bool answers_as_content(const struct shop *shop, struct slice item, struct arena *arena)
{
    const struct alike *list;
    struct content_neighbour *found =
        ARENA_ARRAY(arena, GRAPH_NEIGHBOURS_MAX, struct content_neighbour);
    size_t count = alikes_find(shop->alikes, item, arena, &list);
    if (count != content_neighbours(shop->snapshot, item, GRAPH_NEIGHBOURS_MAX, arena, found))
        return false;
    for (size_t i = 0; i < count; i++)
        if (!is_same(&list[i], &found[i]))
            return false;
    return true;
}

static void an_answer_is_the_same_the_first_time_and_kept(void **state)
{
    struct shop shop;
    (void)state;
    begin(&shop);
    for (unsigned i = 0; i < ITEMS; i++)
        put(&shop, i);
    open_shop(&shop);
    size_t empty = alikes_bytes(shop.alikes), full = 0;
    for (unsigned round = 0; round < 3; round++) {
        for (unsigned i = 0; i < ITEMS; i++)
            assert_true(answers_as_content(&shop, id_of(&shop.arena, i), &shop.arena));
        full = round == 0 ? alikes_bytes(shop.alikes) : full;
    }
    assert_true(full > empty + (size_t)ITEMS * GRAPH_NEIGHBOURS_MAX / 2 * sizeof(struct alike));
    assert_int_equal(alikes_bytes(shop.alikes), full);
    const struct alike *first, *second;
    assert_true(alikes_find(shop.alikes, SLICE("item-7"), &shop.arena, &first) > 0);
    assert_true(alikes_find(shop.alikes, SLICE("item-7"), &shop.arena, &second) > 0);
    assert_ptr_equal(first, second);
    end(&shop);
}

static void an_unknown_item_is_like_nothing_and_not_kept(void **state)
{
    struct shop shop;
    (void)state;
    begin(&shop);
    put(&shop, 1);
    put(&shop, 6);
    open_shop(&shop);
    size_t empty = alikes_bytes(shop.alikes);
    const struct alike *list;
    assert_int_equal(alikes_find(shop.alikes, SLICE("nobody"), &shop.arena, &list), 0);
    assert_int_equal(alikes_find(shop.alikes, SLICE(""), &shop.arena, &list), 0);
    assert_int_equal(alikes_bytes(shop.alikes), empty);
    end(&shop);
}

/* So many items of one place that some find none left: what is kept is bounded. */
static void what_finds_no_place_is_answered_all_the_same(void **state)
{
    struct shop shop;
    unsigned numbers[CROWDED], count = 0;
    (void)state;
    begin(&shop);
    for (unsigned number = 0; count < CROWDED; number++)
        if (hash64(id_of(&shop.arena, number)) % 128 == 5)
            numbers[count++] = number;
    for (unsigned i = 0; i < CROWDED; i++)
        put(&shop, numbers[i]);
    open_shop(&shop);
    size_t bytes[3] = {alikes_bytes(shop.alikes)};
    for (unsigned half = 0; half < 2; half++) {
        for (unsigned i = half * CROWDED / 2; i < (half + 1) * CROWDED / 2; i++)
            assert_true(answers_as_content(&shop, id_of(&shop.arena, numbers[i]), &shop.arena));
        bytes[half + 1] = alikes_bytes(shop.alikes);
    }
    assert_true(bytes[1] > bytes[0]);
    assert_int_equal(bytes[2], bytes[1]);
    end(&shop);
}

static void what_is_found_ahead_is_what_is_answered(void **state)
{
    const struct alike *first, *second;
    struct shop shop;
    (void)state;
    begin(&shop);
    for (unsigned i = 0; i < ITEMS; i++)
        put(&shop, i);
    open_shop(&shop);
    size_t portions = 1;
    while (alikes_find_ahead(shop.alikes, 7))
        portions++;
    assert_int_equal(portions, (ITEMS + 6) / 7);
    assert_false(alikes_find_ahead(shop.alikes, 7));
    size_t full = alikes_bytes(shop.alikes);
    for (unsigned i = 0; i < ITEMS; i++) {
        struct slice id = id_of(&shop.arena, i);
        assert_true(answers_as_content(&shop, id, &shop.arena));
        (void)alikes_find(shop.alikes, id, &shop.arena, &first);
        (void)alikes_find(shop.alikes, id, &shop.arena, &second);
        assert_ptr_equal(first, second); /* all of them are kept */
    }
    assert_int_equal(alikes_bytes(shop.alikes), full);
    end(&shop);
}

struct asker {
    const struct shop *shop;
    bool ahead, ok;
};

static void *ask_all(void *context)
{
    struct asker *asker = context;
    struct arena arena;
    arena_init(&arena);
    asker->ok = true;
    for (unsigned i = 0; i < 2 * ITEMS; i++) {
        if (asker->ahead)
            (void)alikes_find_ahead(asker->shop->alikes, 3);
        asker->ok &= answers_as_content(asker->shop, id_of(&arena, i % ITEMS), &arena);
        arena_reset(&arena);
    }
    arena_done(&arena);
    return NULL;
}

static void threads_that_ask_at_once_get_the_same_answers(void **state)
{
    struct shop shop;
    struct asker askers[THREADS];
    pthread_t threads[THREADS];
    (void)state;
    begin(&shop);
    for (unsigned i = 0; i < ITEMS; i++)
        put(&shop, i);
    open_shop(&shop);
    for (size_t i = 0; i < THREADS; i++) {
        askers[i] = (struct asker){.shop = &shop, .ahead = i == 0};
        assert_int_equal(pthread_create(&threads[i], NULL, ask_all, &askers[i]), 0);
    }
    for (size_t i = 0; i < THREADS; i++) {
        assert_int_equal(pthread_join(threads[i], NULL), 0);
        assert_true(askers[i].ok);
    }
    end(&shop);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_answer_is_the_same_the_first_time_and_kept),
        cmocka_unit_test(an_unknown_item_is_like_nothing_and_not_kept),
        cmocka_unit_test(what_finds_no_place_is_answered_all_the_same),
        cmocka_unit_test(what_is_found_ahead_is_what_is_answered),
        cmocka_unit_test(threads_that_ask_at_once_get_the_same_answers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
