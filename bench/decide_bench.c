/* What one decision call costs: 3 placements, 160 candidates each, 4 attributes a candidate, a
 * person with 40 affinities, 8 items wanted; one to four items called each that is bought together.
 *
 *     decide_bench [CALLS]            JSON lines: microseconds a call by stage, bytes a record
 *     valgrind --tool=callgrind decide_bench 20
 *
 * Pure code, no disk, no network; a line a figure. */
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/hash.h"
#include "base/random.h"
#include "decide/decide.h"
#include "decide/record.h"
#include "decide/taste.h"
#include "decide/voices.h"

enum {
    WISHES = 3,
    CANDIDATES = 160,
    ATTRIBUTES = 4,
    AFFINITIES = 40,
    TITLES = 4,
    CALLS_DEFAULT = 20000
};

static const char *const names[ATTRIBUTES] = {"brand", "category", "colour", "price_band"};
static const struct rule rules[] = {{.kind = RULE_IN_STOCK},
                                    {.kind = RULE_EXCLUDE_BOUGHT},
                                    {.kind = RULE_EXCLUDE_BASKET},
                                    {.kind = RULE_EXCLUDE_PAGE},
                                    {.kind = RULE_EXCLUDE_CURRENT}};

static void make_policy(struct policy *policy, struct placement *placements)
{
    for (unsigned i = 0; i < WISHES; i++) {
        static const char *const ids[WISHES] = {"basket", "home", "product"};
        placements[i] =
            (struct placement){.id = slice_of(ids[i]),
                               .name = slice_of(ids[i]),
                               .mix = i == 1 ? MIX_WEIGHTED : MIX_IN_ORDER,
                               .steps = {{.strategy = STRATEGY_BOUGHT_TOGETHER, .weight = 1},
                                         {.strategy = STRATEGY_TRENDING, .weight = 1}},
                               .step_count = 2,
                               .rules = rules,
                               .rule_count = sizeof rules / sizeof rules[0],
                               .count = 8,
                               .affinity_weight = 0.5};
    }
    *policy = (struct policy){.version = 3, .placements = placements, .placement_count = WISHES};
}

static struct slice item_id(struct arena *arena, unsigned number)
{
    return arena_format(arena, "%05u%c", 20000 + number * 7, 'A' + (char)(number % 6));
}

static struct candidate_attribute attribute(struct arena *arena, struct random_stream *stream,
                                            unsigned name)
{
    /* about as many values as a shop's attributes have */
    static const unsigned values[ATTRIBUTES] = {40, 25, 12, 6};
    return (struct candidate_attribute){
        slice_of(names[name]),
        arena_format(arena, "%s %u", names[name], (unsigned)random_below(stream, values[name]))};
}

/* One to four items called it. */
static const struct voices *make_voices(struct arena *arena, struct random_stream *stream)
{
    struct voices *voices = ARENA_NEW(arena, struct voices);
    for (uint64_t title = 1 + random_below(stream, TITLES); title <= TITLES; title++)
        voices_add(voices, (uint8_t)title, (float)random_unit(stream) + 0.01F);
    return voices;
}

static void make_candidates(struct arena *arena, struct random_stream *stream,
                            const struct taste_index *index, struct placement_evidence *evidence)
{
    struct candidate *candidates = ARENA_ARRAY(arena, CANDIDATES, struct candidate);
    for (unsigned i = 0; i < CANDIDATES; i++) {
        struct candidate *candidate = &candidates[i];
        candidate->item = item_id(arena, i * 20 + (unsigned)random_below(stream, 20));
        candidate->in_stock = random_below(stream, 10) > 0;
        for (unsigned j = 0; j < ATTRIBUTES; j++) {
            struct candidate_attribute own = attribute(arena, stream, j);
            struct tasted tasted = {hash64_pair(own.name, own.value), own.name, own.value};
            taste_note(index, &tasted, &candidate->likes);
        }
        unsigned strategy = i % 2 == 0 ? STRATEGY_TRENDING : STRATEGY_BOUGHT_TOGETHER;
        candidate->answers[strategy] = (float)random_unit(stream) + 0.01F;
        if (strategy == STRATEGY_BOUGHT_TOGETHER) {
            candidate->because[strategy] = 1;
            candidate->voices[voices_kind(STRATEGY_BOUGHT_TOGETHER)] = make_voices(arena, stream);
        }
    }
    *evidence =
        (struct placement_evidence){.candidates = candidates, .candidate_count = CANDIDATES};
}

static void make_person(struct arena *arena, struct random_stream *stream,
                        struct decide_person *person)
{
    struct decide_affinity *affinities = ARENA_ARRAY(arena, AFFINITIES, struct decide_affinity);
    struct slice *items = ARENA_ARRAY(arena, 60, struct slice);
    for (unsigned i = 0; i < AFFINITIES; i++) {
        struct candidate_attribute liked = attribute(arena, stream, i % ATTRIBUTES);
        affinities[i] =
            (struct decide_affinity){liked.name, liked.value, (float)random_unit(stream) + 0.01F};
    }
    for (unsigned i = 0; i < 60; i++)
        items[i] = item_id(arena, (unsigned)random_below(stream, 3200));
    *person = (struct decide_person){.personal = true,
                                     .level = 3,
                                     .recents = items,
                                     .recent_count = 20,
                                     .bought = items + 20,
                                     .bought_count = 36,
                                     .basket = items + 56,
                                     .basket_count = 4,
                                     .affinities = affinities,
                                     .affinity_count = AFFINITIES,
                                     .basis = SLICE("granted")};
}

static void make_input(struct arena *arena, const struct policy *policy, struct decide_input *input)
{
    struct random_stream stream = random_stream(1);
    struct placement_evidence *evidence = ARENA_ARRAY(arena, WISHES, struct placement_evidence);
    struct wish *wishes = ARENA_ARRAY(arena, WISHES, struct wish);
    struct item_title *titles = ARENA_ARRAY(arena, TITLES, struct item_title);
    for (unsigned i = 0; i < TITLES; i++)
        titles[i] =
            (struct item_title){item_id(arena, 77 + i), SLICE("WHITE HANGING HEART LANTERN")};
    *input = (struct decide_input){
        .policy = policy, .evidence = evidence, .titles = titles, .title_count = TITLES, .seed = 9};
    input->moment = (struct moment){.now_ms = 1772360423000,
                                    .page_type = SLICE("product"),
                                    .page_url = SLICE("https://shop.example/p/20539F"),
                                    .page_item = titles[0].item,
                                    .wishes = wishes,
                                    .wish_count = WISHES,
                                    .deadline_ms = 100};
    make_person(arena, &stream, &input->person);
    struct taste taste = taste_of(&input->person, arena);
    struct taste_index index = taste_index(&taste, arena);
    for (unsigned i = 0; i < WISHES; i++) {
        make_candidates(arena, &stream, &index, &evidence[i]);
        wishes[i].placement = policy->placements[i].id;
    }
}

enum stage { STAGE_TRIM, STAGE_RUN, STAGE_ANSWER, STAGE_PACK, STAGE_COUNT };

struct bench {
    uint64_t spent_us[STAGE_COUNT];
    struct buf answer, record;
    uint64_t check; /* keeps the work from being left out */
};

static void call_once(struct bench *bench, const struct decide_input *whole, struct arena *arena)
{
    struct decision_record record = {.input = *whole};
    struct outcome outcome;
    uint64_t at[STAGE_COUNT + 1];
    buf_clear(&bench->answer);
    buf_clear(&bench->record);
    at[STAGE_TRIM] = clock_monotonic_us();
    decide_trim(&record.input, arena);
    at[STAGE_RUN] = clock_monotonic_us();
    decide_run(&record.input, arena, &outcome);
    at[STAGE_ANSWER] = clock_monotonic_us();
    decide_write_answer(&record.input, &outcome, &bench->answer);
    record.answer_hash = hash64(buf_slice(&bench->answer));
    at[STAGE_PACK] = clock_monotonic_us();
    decision_record_pack(&record, &bench->record);
    at[STAGE_COUNT] = clock_monotonic_us();
    for (unsigned i = 0; i < STAGE_COUNT; i++)
        bench->spent_us[i] += at[i + 1] - at[i];
    bench->check += record.answer_hash;
}

int main(int argc, char **argv)
{
    static const char *const stages[STAGE_COUNT] = {"trim", "run", "answer", "pack"};
    long calls = argc > 1 ? strtol(argv[1], NULL, 10) : CALLS_DEFAULT;
    if (calls <= 0) {
        (void)fprintf(stderr, "usage: %s [CALLS]\n", argv[0]);
        return 2;
    }
    struct arena arena, scratch;
    arena_init(&arena);
    arena_init(&scratch);
    struct placement placements[WISHES];
    struct policy policy;
    struct decide_input input;
    struct bench bench = {.check = 0};
    buf_init(&bench.answer, 1 << 20);
    buf_init(&bench.record, DECISION_RECORD_BYTES_MAX);
    make_policy(&policy, placements);
    make_input(&arena, &policy, &input);
    uint64_t total = 0;
    for (long i = 0; i < calls; i++) {
        call_once(&bench, &input, &scratch);
        arena_reset(&scratch);
    }
    for (unsigned i = 0; i < STAGE_COUNT; i++) {
        total += bench.spent_us[i];
        printf("{\"bench\":\"decide\",\"stage\":\"%s\",\"us_a_call\":%.2f}\n", stages[i],
               (double)bench.spent_us[i] / (double)calls);
    }
    printf("{\"bench\":\"decide\",\"stage\":\"all\",\"us_a_call\":%.2f,\"placements\":%d,"
           "\"candidates\":%d,\"record_bytes\":%zu,\"record_bytes_a_placement\":%zu,"
           "\"answer_bytes\":%zu,\"check\":%llu}\n",
           (double)total / (double)calls, WISHES, CANDIDATES, bench.record.size,
           bench.record.size / WISHES, bench.answer.size, (unsigned long long)bench.check);
    buf_done(&bench.answer);
    buf_done(&bench.record);
    arena_done(&scratch);
    arena_done(&arena);
    return 0;
}
