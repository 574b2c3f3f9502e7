/* Who is called by an item, against calling everybody and sorting them all. */
#include "test.h"

#include "learn/content_call.h"
#include "unit/arena.h"

#include <stdio.h>
#include <stdlib.h>

enum { ITEMS = 3000, WANTED = 192 };

/* Few different gains, so that many stand at the bar; `kinds` of them. */
static struct content *shop_of(unsigned kinds)
{
    struct content *content = content_new(NULL);
    for (unsigned i = 0; i < ITEMS; i++) {
        char id[16], title[64], brand[16];
        (void)snprintf(id, sizeof id, "item-%u", i);
        (void)snprintf(title, sizeof title, "mot%u terme%u rare%u", i % kinds, i % 7, i / 9);
        (void)snprintf(brand, sizeof brand, "marque%u", i % 5);
        struct content_item item = {.id = slice_of(id),
                                    .title = slice_of(title),
                                    .brand = slice_of(brand),
                                    .category = SLICE("Maison > Lampes"),
                                    .price_minor = -1,
                                    .locale = LOCALE_FR};
        assert_true(content_put(content, &item));
    }
    content_publish(content);
    return content;
}

static size_t callers_of(const struct content_snapshot *snapshot, const struct content_doc *doc,
                         const float *gains, struct content_caller *out_callers)
{
    size_t count = 0;
    for (size_t i = 0; i < doc->use_count; i++) {
        const struct content_feature *feature = content_feature_at(snapshot, doc->uses[i].feature);
        if (feature)
            out_callers[count++] =
                (struct content_caller){feature, gains[doc->uses[i].kind], (uint32_t)i};
    }
    return count;
}

struct everybody {
    float gains[ITEMS];
    bool called[ITEMS];
    const struct content_snapshot *snapshot;
};

static int compare_slots(const void *left, const void *right, void *context)
{
    const struct everybody *all = context;
    uint32_t a = *(const uint32_t *)left, b = *(const uint32_t *)right;
    if (all->gains[a] != all->gains[b])
        return all->gains[a] > all->gains[b] ? -1 : 1;
    uint64_t x = content_doc_at(all->snapshot, a)->entry.hash;
    uint64_t y = content_doc_at(all->snapshot, b)->entry.hash;
    return x < y ? -1 : x > y;
}

/* All who are called, the best first; the callers are in their order already. */
static size_t call_everybody(const struct content_calls *calls, struct everybody *all,
                             uint32_t *out_slots)
{
    size_t count = 0, touches = 0;
    *all = (struct everybody){.snapshot = calls->snapshot};
    for (size_t i = 0; i < calls->count; i++) {
        const struct content_feature *feature = calls->callers[i].feature;
        touches += feature->slot_count;
        for (size_t j = 0; touches <= CONTENT_TOUCHES_MAX && j < feature->slot_count; j++) {
            all->gains[feature->slots[j]] += calls->callers[i].gain;
            all->called[feature->slots[j]] = feature->slots[j] != calls->slot;
        }
    }
    for (uint32_t slot = 0; slot < ITEMS; slot++)
        if (all->called[slot])
            out_slots[count++] = slot;
    qsort_r(out_slots, count, sizeof *out_slots, compare_slots, all);
    return count;
}

static bool has(const struct content_doc *const *docs, size_t count,
                const struct content_doc *wanted)
{
    for (size_t i = 0; i < count; i++)
        if (docs[i] == wanted)
            return true;
    return false;
}

static void the_best_are_those_of_everybody_sorted(void **state)
{
    static const float gains[][USE_KIND_COUNT] = {{0.5F, 0.25F, 0.125F, 0.1F, 0.3F},
                                                  {1, 1, 1, 1, 1},
                                                  {0, 0, 0, 0, 0},
                                                  {0, 0.25F, 0, 0, 1e-30F}};
    static struct everybody all;
    static uint32_t slots[ITEMS];
    (void)state;
    for (unsigned kinds = 1; kinds < 400; kinds = 3 * kinds + 1) {
        struct content *content = shop_of(kinds);
        const struct content_snapshot *snapshot = content_pin(content);
        for (uint32_t i = 0; i < 40; i++) {
            const struct content_doc *doc = content_doc_at(snapshot, i * 71), *docs[WANTED];
            struct content_caller callers[CONTENT_USES_MAX];
            struct content_calls calls = {snapshot, doc->slot, callers, 0};
            calls.count = callers_of(snapshot, doc, gains[i % 4], callers);
            size_t wanted = 1 + i * 37 % WANTED;
            size_t found = content_call(&calls, wanted, &arena, docs);
            size_t count = call_everybody(&calls, &all, slots);
            assert_int_equal(found, count < wanted ? count : wanted);
            for (size_t j = 0; j < found; j++)
                assert_true(has(docs, found, content_doc_at(snapshot, slots[j])));
        }
        content_unpin(snapshot);
        content_free(content);
    }
}

static void nobody_is_called_by_an_item_with_nothing_in_common(void **state)
{
    (void)state;
    struct content *content = shop_of(1);
    const struct content_snapshot *snapshot = content_pin(content);
    const struct content_doc *docs[1];
    struct content_calls calls = {snapshot, 0, NULL, 0};
    assert_int_equal(content_call(&calls, 1, &arena, docs), 0);
    content_unpin(snapshot);
    content_free(content);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_AN_ARENA(the_best_are_those_of_everybody_sorted),
        IN_AN_ARENA(nobody_is_called_by_an_item_with_nothing_in_common),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
