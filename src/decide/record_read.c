/* Reads the record of a call. Nothing is believed: counts, ids, numbers and order are checked, so
 * that what comes out is as good as what the api would have gathered. */
#include <math.h>
#include <stdlib.h>

#include "base/pack.h"
#include "decide/record.h"
#include "decide/record_format.h"

struct unpacker {
    struct unpack in;
    struct arena *arena;
    struct slice *texts; /* by id; 0 is empty */
    size_t text_count;
    struct candidate_attribute *pairs;
    size_t pair_count;
};

static uint64_t read_below(struct unpacker *unpacker, uint64_t bound)
{
    uint64_t value = unpack_uint(&unpacker->in);
    if (value >= bound)
        unpacker->in.failed = true;
    return unpacker->in.failed ? 0 : value;
}

static struct slice get_id(struct unpacker *unpacker)
{
    return unpacker->texts[read_below(unpacker, unpacker->text_count)];
}

static const struct slice *get_ids(struct unpacker *unpacker, size_t max, size_t *out_count)
{
    size_t count = unpack_count(&unpacker->in, max);
    struct slice *texts = ARENA_ARRAY(unpacker->arena, count, struct slice);
    for (size_t i = 0; i < count; i++)
        texts[i] = get_id(unpacker);
    *out_count = count;
    return texts;
}

static void get_strings(struct unpacker *unpacker)
{
    struct slice before = SLICE_NONE;
    size_t count = unpack_count(&unpacker->in, RECORD_STRINGS_MAX);
    unpacker->texts = ARENA_ARRAY(unpacker->arena, count + 1, struct slice);
    unpacker->text_count = count + 1;
    for (size_t i = 1; i <= count; i++) {
        uint8_t head = unpack_u8(&unpacker->in);
        size_t shared = head & PREFIX_MAX, size = head >> 4;
        struct slice rest =
            size == REST_LONG ? unpack_text(&unpacker->in) : unpack_bytes(&unpacker->in, size);
        if (shared > before.size || shared + rest.size == 0)
            unpacker->in.failed = true;
        if (unpacker->in.failed)
            return;
        if (shared > 0) {
            char *text = arena_alloc(unpacker->arena, shared + rest.size);
            memcpy(text, before.data, shared);
            if (rest.size > 0)
                memcpy(text + shared, rest.data, rest.size);
            rest = slice_make(text, shared + rest.size);
        }
        unpacker->texts[i] = before = rest;
    }
}

static void get_pairs(struct unpacker *unpacker)
{
    size_t count = unpack_count(&unpacker->in, RECORD_STRINGS_MAX);
    unpacker->pairs = ARENA_ARRAY(unpacker->arena, count, struct candidate_attribute);
    unpacker->pair_count = count;
    for (size_t i = 0; i < count; i++) {
        unpacker->pairs[i].name = get_id(unpacker);
        unpacker->pairs[i].value = get_id(unpacker);
    }
}

static struct candidate_attribute get_pair(struct unpacker *unpacker)
{
    size_t at = (size_t)read_below(unpacker, unpacker->pair_count);
    return unpacker->in.failed ? (struct candidate_attribute){0} : unpacker->pairs[at];
}

static float get_answer(struct unpacker *unpacker)
{
    float answer = unpack_float(&unpacker->in);
    if (!is_answer(answer))
        unpacker->in.failed = true;
    return answer;
}

static void get_moment(struct unpacker *unpacker, struct decide_input *input)
{
    struct moment *moment = &input->moment;
    moment->now_ms = unpack_int(&unpacker->in);
    int64_t offset = unpack_int(&unpacker->in);
    if (offset < INT32_MIN || offset > INT32_MAX)
        unpacker->in.failed = true;
    else
        moment->utc_offset_minutes = (int32_t)offset;
    uint8_t flags = unpack_u8(&unpacker->in);
    if (flags > (LOCALE_EN_BIT | EXPLAIN_BIT | PERSONAL_BIT))
        unpacker->in.failed = true;
    moment->locale = flags & LOCALE_EN_BIT ? LOCALE_EN : LOCALE_FR;
    moment->explain = (flags & EXPLAIN_BIT) != 0;
    input->person.personal = (flags & PERSONAL_BIT) != 0;
    moment->deadline_ms = (unsigned)read_below(unpacker, (uint64_t)UINT32_MAX + 1);
    moment->page_type = get_id(unpacker);
    moment->page_url = unpack_text(&unpacker->in);
    moment->page_item = get_id(unpacker);
    moment->page_category = get_id(unpacker);
    moment->cart = get_ids(unpacker, RECORD_STRINGS_MAX, &moment->cart_count);
}

static void get_person(struct unpacker *unpacker, struct decision_record *record)
{
    struct decide_person *person = &record->input.person;
    person->level = (unsigned)read_below(unpacker, (uint64_t)UINT32_MAX + 1);
    person->recents = get_ids(unpacker, RECORD_STRINGS_MAX, &person->recent_count);
    person->bought = get_ids(unpacker, RECORD_STRINGS_MAX, &person->bought_count);
    person->basket = get_ids(unpacker, RECORD_STRINGS_MAX, &person->basket_count);
    size_t count = unpack_count(&unpacker->in, RECORD_STRINGS_MAX);
    struct decide_affinity *affinities =
        ARENA_ARRAY(unpacker->arena, count, struct decide_affinity);
    for (size_t i = 0; i < count; i++) {
        struct candidate_attribute pair = get_pair(unpacker);
        affinities[i] =
            (struct decide_affinity){pair.name, pair.value, unpack_double(&unpacker->in)};
    }
    person->affinities = affinities;
    person->affinity_count = count;
    person->basis = get_id(unpacker);
    person->view = unpack_text(&unpacker->in);
    record->call_events = unpack_text(&unpacker->in);
}

static void get_answers(struct unpacker *unpacker, uint8_t head, struct candidate *candidate,
                        struct candidate_before *before)
{
    unsigned more = head & MORE_BIT ? (unsigned)read_below(unpacker, 1 << 11) : 0;
    candidate->in_stock = (head & IN_STOCK_BIT) != 0;
    candidate->hidden = (more & 1) != 0;
    before->personal ^= more >> 1 & STRATEGY_MASK & head;
    candidate->because_personal = before->personal & STRATEGY_MASK & head;
    for (unsigned i = 0; i < STRATEGY_COUNT; i++) {
        if (head >> i & 1)
            candidate->answers[i] = get_answer(unpacker);
    }
    for (unsigned i = 0; i < STRATEGY_COUNT; i++) {
        if (!(head >> i & 1))
            continue;
        if (more >> (6 + i) & 1)
            before->because[i] = (uint32_t)read_below(unpacker, unpacker->text_count);
        candidate->because[i] = unpacker->texts[before->because[i]];
    }
}

static void get_candidate(struct unpacker *unpacker, struct candidate *candidate,
                          struct candidate_before *before)
{
    int64_t step = unpack_int(&unpacker->in), limit = (int64_t)unpacker->text_count;
    int64_t id = step > -limit && step < limit ? before->id + step : 0;
    uint8_t head = unpack_u8(&unpacker->in);
    if (id <= 0 || id >= limit)
        unpacker->in.failed = true;
    if (unpacker->in.failed)
        return;
    before->id = (uint32_t)id;
    candidate->item = unpacker->texts[id];
    get_answers(unpacker, head, candidate, before);
    size_t count = before->attribute_count;
    if (!(head & SAME_COUNT_BIT))
        count = unpack_count(&unpacker->in, RECORD_STRINGS_MAX);
    if (count > (size_t)(unpacker->in.end - unpacker->in.at)) {
        unpacker->in.failed = true;
        return;
    }
    struct candidate_attribute *attributes =
        ARENA_ARRAY(unpacker->arena, count, struct candidate_attribute);
    for (size_t i = 0; i < count; i++)
        attributes[i] = get_pair(unpacker);
    candidate->attributes = attributes;
    candidate->attribute_count = before->attribute_count = count;
}

static void get_candidates(struct unpacker *unpacker, struct placement_evidence *evidence)
{
    size_t count = unpack_count(&unpacker->in, RECORD_CANDIDATES_MAX);
    struct candidate *candidates = ARENA_ARRAY(unpacker->arena, count, struct candidate);
    struct candidate_before before = {.id = 0};
    for (size_t i = 0; i < count && !unpacker->in.failed; i++) {
        get_candidate(unpacker, &candidates[i], &before);
        if (i > 0 && slice_compare(candidates[i - 1].item, candidates[i].item) >= 0)
            unpacker->in.failed = true;
    }
    evidence->candidates = candidates;
    evidence->candidate_count = count;
}

static uint32_t get_wish(struct unpacker *unpacker, struct wish *wish,
                         struct placement_evidence *evidence)
{
    wish->placement = get_id(unpacker);
    wish->count = (unsigned)read_below(unpacker, (uint64_t)UINT32_MAX + 1);
    wish->exclude = get_ids(unpacker, RECORD_STRINGS_MAX, &wish->exclude_count);
    evidence->stages_cut = (uint32_t)read_below(unpacker, (uint64_t)UINT32_MAX + 1);
    uint8_t highest = unpack_u8(&unpacker->in);
    if (highest > STRATEGY_MASK)
        unpacker->in.failed = true;
    for (unsigned i = 0; i < STRATEGY_COUNT; i++) {
        if (highest >> i & 1)
            evidence->highest[i] = get_answer(unpacker);
    }
    uint64_t mask = read_below(unpacker, 1 << REMOVED_COUNT);
    uint32_t dropped = 0;
    for (unsigned i = 0; i < REMOVED_COUNT; i++) {
        if (mask >> i & 1)
            evidence->dropped[i] = (uint32_t)read_below(unpacker, (uint64_t)INT32_MAX);
        dropped += evidence->dropped[i];
    }
    evidence->dropped_personal = (uint32_t)read_below(unpacker, 32);
    get_candidates(unpacker, evidence);
    return dropped;
}

static void get_titles(struct unpacker *unpacker, struct decide_input *input)
{
    size_t count = unpack_count(&unpacker->in, RECORD_STRINGS_MAX);
    struct item_title *titles = ARENA_ARRAY(unpacker->arena, count, struct item_title);
    for (size_t i = 0; i < count; i++) {
        titles[i].item = get_id(unpacker);
        titles[i].title = unpack_text(&unpacker->in);
    }
    input->titles = titles;
    input->title_count = count;
}

static void get_wishes(struct unpacker *unpacker, struct decision_record *record)
{
    struct decide_input *input = &record->input;
    size_t count = unpack_count(&unpacker->in, PLACEMENTS_PER_CALL_MAX);
    struct wish *wishes = ARENA_ARRAY(unpacker->arena, count, struct wish);
    struct placement_evidence *evidence =
        ARENA_ARRAY(unpacker->arena, count, struct placement_evidence);
    for (size_t i = 0; i < count && !unpacker->in.failed; i++)
        record->dropped += get_wish(unpacker, &wishes[i], &evidence[i]);
    input->moment.wishes = wishes;
    input->moment.wish_count = count;
    input->evidence = evidence;
}

enum status decision_record_unpack(struct slice bytes, struct arena *arena,
                                   struct decision_record *out_record)
{
    struct unpacker unpacker = {.in = unpack_of(bytes), .arena = arena};
    struct decision_record record = {0};
    if (bytes.size > DECISION_RECORD_BYTES_MAX || unpack_u8(&unpacker.in) != RECORD_VERSION)
        return STATUS_CORRUPT;
    record.policy_version = (uint32_t)read_below(&unpacker, (uint64_t)UINT32_MAX + 1);
    record.input.seed = unpack_u64(&unpacker.in);
    record.input.call = unpack_uuid(&unpacker.in);
    record.sequence = unpack_uint(&unpacker.in);
    record.asker_node = unpack_uuid(&unpacker.in);
    record.asker_trust = unpack_u8(&unpacker.in);
    record.answer_hash = unpack_u64(&unpacker.in);
    get_strings(&unpacker);
    if (!unpacker.in.failed)
        get_pairs(&unpacker);
    if (!unpacker.in.failed)
        get_moment(&unpacker, &record.input);
    if (!unpacker.in.failed)
        get_person(&unpacker, &record);
    if (!unpacker.in.failed)
        get_titles(&unpacker, &record.input);
    if (!unpacker.in.failed)
        get_wishes(&unpacker, &record);
    if (!unpack_finished(&unpacker.in))
        return STATUS_CORRUPT;
    struct policy *policy = ARENA_NEW(arena, struct policy);
    policy->version = record.policy_version;
    record.input.policy = policy;
    *out_record = record;
    return STATUS_OK;
}
