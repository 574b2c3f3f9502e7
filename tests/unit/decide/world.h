/* Seeded random worlds for the tests of decide/: a policy, a moment, a person and evidence, all
 * from one number. Small vocabularies, so that filters, affinities and strategies meet often. */
#ifndef VISAVIS_TESTS_UNIT_DECIDE_WORLD_H
#define VISAVIS_TESTS_UNIT_DECIDE_WORLD_H

#include "base/hash.h"
#include "decide/taste.h"
#include "decide/voices.h"
#include "world_policy.h"

/* Some items together, one of them that which is told first. */
static const struct voices *world_voices(struct world *world, uint8_t because, bool alike)
{
    struct voices *voices = ARENA_NEW(world->arena, struct voices);
    voices_add(voices, because, 1.0F);
    for (unsigned i = world_below(world, VOICES_MAX); i > 0; i--) {
        uint8_t title = (uint8_t)(1 + world_below(world, world->item_count));
        bool twice = false;
        for (size_t j = 0; j < voices->count; j++)
            twice = twice || voices->titles[j] == title;
        if (!twice)
            voices_add(voices, title, 0.01F * (float)(1 + world_below(world, 100)));
    }
    for (unsigned i = 0; alike && i < ALIKE_COUNT; i++)
        voices->alike[i] = (uint8_t)world_below(world, VOICES_WHOLE / ALIKE_COUNT);
    return voices_round(voices, world->arena);
}

static void world_candidate(struct world *world, const struct taste_index *index,
                            struct candidate *candidate, unsigned number)
{
    candidate->item = world_item(world, number);
    candidate->in_stock = world_chance(world, 85);
    candidate->hidden = world_chance(world, 5);
    for (unsigned i = 0; i < COLUMN_COUNT; i++) {
        if (!world_chance(world, 35))
            continue;
        /* few distinct answers, so that ties happen */
        candidate->answers[i] = (float)(1 + world_below(world, 40)) / 7.0F;
        int kind = voices_kind(i);
        if (kind >= 0 && world_chance(world, 80)) {
            candidate->because[i] = (uint8_t)(1 + world_below(world, world->item_count));
            if (world_chance(world, 50))
                candidate->voices[kind] =
                    world_voices(world, candidate->because[i], i == STRATEGY_SIMILAR);
        }
        if (i >= STRATEGY_BOUGHT_TOGETHER && world_chance(world, 40))
            candidate->because_personal |= UINT32_C(1) << i;
    }
    candidate->attribute_count = world_below(world, 5);
    struct candidate_attribute *attributes =
        ARENA_ARRAY(world->arena, candidate->attribute_count, struct candidate_attribute);
    for (size_t i = 0; i < candidate->attribute_count; i++)
        attributes[i] = world_attribute(world);
    candidate->attributes = attributes;
    for (size_t i = 0; i < candidate->attribute_count; i++) {
        struct slice name = attributes[i].name, value = attributes[i].value;
        struct tasted tasted = {hash64_pair(name, value), name, value};
        taste_note(index, &tasted, &candidate->likes);
    }
}

static void world_evidence(struct world *world, const struct decide_person *person,
                           struct placement_evidence *evidence)
{
    struct taste taste = taste_of(person, world->arena);
    struct taste_index index = taste_index(&taste, world->arena);
    size_t room = world_below(world, world->candidate_max + 1);
    struct candidate *candidates = ARENA_ARRAY(world->arena, room, struct candidate);
    size_t count = 0;
    for (unsigned i = 0; i < world->item_count && count < room; i++) {
        if (world_below(world, world->item_count - i) < room - count)
            world_candidate(world, &index, &candidates[count++], i);
    }
    evidence->candidates = candidates;
    evidence->candidate_count = count;
    evidence->stages_cut = world_chance(world, 10) ? 1U << world_below(world, COLUMN_COUNT) : 0;
    evidence->not_ready = evidence->stages_cut << 1 & ((1U << COLUMN_COUNT) - 1);
}

/* Which columns of the evidence are those of steps that ask for something. */
static void world_asked(struct world *world, const struct placement *placement,
                        struct placement_evidence *evidence)
{
    struct asked_step *asked = ARENA_ARRAY(world->arena, COLUMN_COUNT, struct asked_step);
    for (uint8_t column = 0; column < COLUMN_COUNT; column++)
        for (size_t i = 0; placement && i < placement->step_count; i++) {
            const struct recipe_step *step = &placement->steps[i];
            if (step_column(step) == column && (step->asks != 0 || step->repeat != 0))
                asked[evidence->asked_count++] =
                    (struct asked_step){column, step->strategy, step->asks};
        }
    evidence->asked = asked;
}

static void world_person(struct world *world, struct decide_person *person)
{
    person->personal = world_chance(world, 60);
    person->level = 1 + world_below(world, 4);
    person->recents = world_items(world, 20, &person->recent_count);
    person->bought = world_items(world, 10, &person->bought_count);
    person->basket = world_items(world, 5, &person->basket_count);
    person->affinity_count = world_below(world, 12);
    struct decide_affinity *affinities =
        ARENA_ARRAY(world->arena, person->affinity_count, struct decide_affinity);
    for (size_t i = 0; i < person->affinity_count; i++) {
        struct candidate_attribute attribute = world_attribute(world);
        affinities[i] = (struct decide_affinity){attribute.name, attribute.value,
                                                 0.01F * (float)(1 + world_below(world, 500))};
    }
    person->affinities = affinities;
    person->basis = person->personal ? SLICE("granted") : SLICE("denied");
    person->view = SLICE("a packed view");
}

static void world_moment(struct world *world, struct moment *moment)
{
    *moment = (struct moment){.now_ms = WORLD_NOW_MS + world_below(world, 1000000),
                              .utc_offset_minutes = (int32_t)world_below(world, 120) - 60,
                              .locale = world_chance(world, 50) ? LOCALE_FR : LOCALE_EN,
                              .page_type = SLICE("product"),
                              .page_url = SLICE("https://shop.example/p/1"),
                              .deadline_ms = 100,
                              .explain = world_chance(world, 20)};
    if (world_chance(world, 70))
        moment->page_item = world_item(world, world_below(world, world->item_count));
    moment->cart = world_items(world, 5, &moment->cart_count);
    moment->wish_count = 1 + world_below(world, 4);
    struct wish *wishes = ARENA_ARRAY(world->arena, moment->wish_count, struct wish);
    for (size_t i = 0; i < moment->wish_count; i++) {
        wishes[i].placement = arena_format(world->arena, "p%u", world_below(world, 6));
        wishes[i].count = world_chance(world, 50) ? world_below(world, 15) : 0;
        wishes[i].exclude = world_items(world, 6, &wishes[i].exclude_count);
    }
    moment->wishes = wishes;
}

/* Every other item of the baskets, with attributes. */
static void world_basket(struct world *world, struct decide_input *input)
{
    struct moment *moment = &input->moment;
    const struct decide_person *person = &input->person;
    struct basket_facts *basket = ARENA_ARRAY(world->arena, BASKET_FACTS_MAX, struct basket_facts);
    for (size_t i = 0; i < moment->cart_count + person->basket_count; i++) {
        if (world_chance(world, 50))
            continue;
        struct candidate_attribute *attribute = ARENA_NEW(world->arena, struct candidate_attribute);
        *attribute = world_attribute(world);
        struct slice item =
            i < moment->cart_count ? moment->cart[i] : person->basket[i - moment->cart_count];
        basket[moment->basket_count++] = (struct basket_facts){item, attribute, 1};
    }
    moment->basket = basket;
}

/* Margins, and how items come in the person's sizes, each for some calls alone. */
static void world_margins(struct world *world, struct decide_input *input)
{
    static const struct decide_size sizes[] = {{SLICE_INIT("shoe-eu"), SLICE_INIT("38")},
                                               {SLICE_INIT("size"), SLICE_INIT("M")}};
    struct moment *moment = &input->moment;
    world_other_rules(world, input->policy);
    if (moment->facts)
        world_basket(world, input);
    moment->margins = world_chance(world, 50);
    moment->sizes = input->person.personal && world_chance(world, 70);
    if (moment->sizes) {
        input->person.sizes = sizes;
        input->person.size_count = 1 + world_below(world, 2);
    }
    for (size_t i = 0; i < moment->wish_count; i++)
        for (size_t j = 0; j < input->evidence[i].candidate_count; j++) {
            struct candidate *candidate = (struct candidate *)&input->evidence[i].candidates[j];
            if (moment->margins)
                candidate->margin =
                    (int16_t)(CANDIDATE_MARGIN_UNKNOWN + (int)world_below(world, 20002));
            if (moment->sizes)
                candidate->fit = (uint8_t)world_below(world, SIZE_FIT_COUNT);
            if (candidate->fit == SIZE_THERE && world_chance(world, 80))
                candidate->variant =
                    arena_format(world->arena, "%.*s-38", SLICE_ARG(candidate->item));
        }
}

/* Prices, stock and the page's attributes, drawn apart from the rest of the world. */
static void world_facts(struct world *world, struct decide_input *input)
{
    struct moment *moment = &input->moment;
    size_t count = world_below(world, 4);
    struct candidate_attribute *page = ARENA_ARRAY(world->arena, count, struct candidate_attribute);
    moment->facts = true;
    moment->page_price_minor = world_chance(world, 80) ? 1000 : 0;
    moment->page_attributes = page;
    moment->page_attribute_count = count;
    for (size_t i = 0; i < count; i++)
        page[i] = world_attribute(world);
    for (size_t i = 0; i < moment->wish_count; i++)
        for (size_t j = 0; j < input->evidence[i].candidate_count; j++) {
            struct candidate *candidate = (struct candidate *)&input->evidence[i].candidates[j];
            candidate->price_minor = (int64_t)world_below(world, 4000) - 1;
            candidate->stock = (int64_t)world_below(world, 30) - 1;
        }
}

/* Learned weights, some of them zero, and what items are worth beside what strategies say. */
static void world_blend(struct world *world, struct decide_input *input)
{
    float *weights = (float *)&input->blend;
    input->moment.blends = true;
    for (size_t i = 0; i < sizeof input->blend / sizeof *weights; i++)
        weights[i] = world_chance(world, 80) ? (float)(0.01 * world_below(world, 2000)) : 0;
    for (size_t i = 0; i < input->moment.wish_count; i++)
        for (size_t j = 0; j < input->evidence[i].candidate_count; j++) {
            struct candidate *candidate = (struct candidate *)&input->evidence[i].candidates[j];
            for (int k = 0; k < TERM_COUNT; k++)
                candidate->terms[k] = (uint8_t)world_below(world, TERM_WHOLE + 1);
            if (input->person.personal && candidate->terms[TERM_PRICE_FIT] &&
                world_chance(world, 40))
                candidate->terms[TERM_PRICE_FIT] |= TERM_PERSONAL_BIT;
        }
}

/* Quotas, and how long ago items came: some of them only a quota can show. */
static void world_ages(struct world *world, struct decide_input *input)
{
    world_quotas(world, input->policy);
    for (size_t i = 0; i < input->moment.wish_count; i++)
        for (size_t j = 0; j < input->evidence[i].candidate_count; j++) {
            struct candidate *candidate = (struct candidate *)&input->evidence[i].candidates[j];
            if (world_chance(world, 50))
                continue;
            candidate->age = (uint8_t)(1 + world_below(world, 30));
            if (world_chance(world, 40)) {
                memset(candidate->answers, 0, sizeof candidate->answers);
                memset(candidate->because, 0, sizeof candidate->because);
                memset(candidate->voices, 0, sizeof candidate->voices);
                candidate->because_personal = 0;
            }
        }
}

static struct world world_of(uint64_t seed, struct arena *arena)
{
    struct world world = {.arena = arena, .stream = random_stream(seed)};
    world.item_count = 10 + world_below(&world, 150);
    world.candidate_max = world_below(&world, world.item_count + 1);
    return world;
}

/* Every other call is measured; p0 and p3 hold out with nothing. */
static void world_arms(struct world *world, struct decide_input *input)
{
    struct placement *placements = (struct placement *)input->policy->placements;
    struct wish *wishes = (struct wish *)input->moment.wishes;
    for (size_t i = 0; i < input->policy->placement_count; i++)
        placements[i].objective =
            (struct objective){.kind = OBJECTIVE_CLICK,
                               .holdout_share = 0.25,
                               .holdout_arm = i % 3 ? HOLDOUT_BEST_SELLERS : HOLDOUT_EMPTY};
    for (size_t i = 0; i < input->moment.wish_count && input->person.personal; i++) {
        wishes[i].arm = (enum arm)world_below(world, ARM_COUNT);
        wishes[i].arm_share = wishes[i].arm == ARM_HOLDOUT ? 0.25 : 0.75;
        if (wishes[i].arm == ARM_NONE)
            wishes[i].arm_share = 0;
    }
}

/* p5 is asked for and does not exist: the unknown placement. */
MAYBE_UNUSED static struct decide_input world_input(uint64_t seed, struct arena *arena)
{
    struct world world = world_of(seed, arena);
    struct decide_input input = {.policy = world_policy(&world),
                                 .seed = random_next(&world.stream)};
    world_moment(&world, &input.moment);
    world_person(&world, &input.person);
    struct placement_evidence *evidence =
        ARENA_ARRAY(arena, input.moment.wish_count, struct placement_evidence);
    for (size_t i = 0; i < input.moment.wish_count; i++)
        world_evidence(&world, &input.person, &evidence[i]);
    for (size_t i = 0; i < input.moment.wish_count; i++)
        world_asked(&world, policy_find(input.policy, input.moment.wishes[i].placement),
                    &evidence[i]);
    input.evidence = evidence;
    if (world_chance(&world, 70))
        world_facts(&world, &input);
    for (size_t i = 0; i < input.moment.wish_count; i++) {
        const struct placement *placement =
            policy_find(input.policy, input.moment.wishes[i].placement);
        if (!input.moment.blends && placement && placement->mix == MIX_BLEND)
            world_blend(&world, &input);
    }
    struct item_title *titles = ARENA_ARRAY(arena, world.item_count, struct item_title);
    for (unsigned i = 0; i < world.item_count; i++) /* every other one has no title */
        titles[input.title_count++] =
            (struct item_title){world_item(&world, i),
                                i % 2 == 0 ? arena_format(arena, "Article « %u »", i) : SLICE_NONE};
    input.titles = titles;
    for (unsigned i = 0; i < 15; i++)
        input.call.bytes[i] = (uint8_t)random_next(&world.stream);
    if (seed % 2)
        world_arms(&world, &input);
    world_margins(&world, &input);
    world_ages(&world, &input); /* last: what came before it stays as it was */
    return input;
}

MAYBE_UNUSED static struct slice world_answer(const struct decide_input *input, struct buf *buf)
{
    struct arena arena;
    arena_init(&arena);
    struct outcome outcome;
    decide_run(input, &arena, &outcome);
    buf_clear(buf);
    decide_write_answer(input, &outcome, buf);
    arena_done(&arena);
    return buf_slice(buf);
}

#endif
