/* Writes the record of a call. Strings and attribute pairs are written once, in the order they
 * first come: candidates come sorted, so each item id shares its beginning with the last. */
#include "decide/record.h"

#include <assert.h>

#include "base/pack.h"
#include "decide/record_format.h"
#include "decide/slice_set.h"

enum { STRINGS_EXPECTED = 512 };

struct pair {
    uint32_t name, value; /* string ids */
    uint32_t next;        /* the pair before with the same value, plus one; 0: none */
};

struct text {
    struct slice slice;
    uint32_t pair; /* the newest pair with this value, plus one; 0: none */
};

struct packer {
    struct arena *arena;
    struct buf *body;         /* what refers to the strings, written before them */
    struct slice_set strings; /* text → id - 1 */
    struct text *texts;       /* by id - 1 */
    size_t text_room;
    struct pair *pairs;
    size_t pair_count;
    struct slice last_name; /* of a pair: names repeat, so the last one is tried first */
    uint32_t last_name_id;
};

static uint32_t string_id(struct packer *packer, struct slice text)
{
    if (text.size == 0)
        return 0;
    uint64_t hash = slice_set_hash(text);
    int64_t found = slice_set_find(&packer->strings, hash, text);
    if (found >= 0)
        return (uint32_t)found + 1;
    uint32_t id = (uint32_t)packer->strings.count;
    if (id == packer->text_room) {
        struct text *texts = ARENA_ARRAY(packer->arena, packer->text_room * 2, struct text);
        memcpy(texts, packer->texts, packer->text_room * sizeof *texts);
        packer->texts = texts;
        packer->text_room *= 2;
    }
    packer->texts[id].slice = text;
    slice_set_add(&packer->strings, hash, text, id);
    return id + 1;
}

static void put_id(struct packer *packer, struct slice text)
{
    pack_uint(packer->body, string_id(packer, text));
}

static void put_ids(struct packer *packer, const struct slice *texts, size_t count)
{
    pack_uint(packer->body, count);
    for (size_t i = 0; i < count; i++)
        put_id(packer, texts[i]);
}

static void put_pair(struct packer *packer, struct slice name, struct slice value)
{
    if (!slice_equal(packer->last_name, name)) {
        packer->last_name = name;
        packer->last_name_id = string_id(packer, name);
    }
    uint32_t name_id = packer->last_name_id, value_id = string_id(packer, value);
    uint32_t none = 0;
    uint32_t *newest = value_id > 0 ? &packer->texts[value_id - 1].pair : &none;
    uint32_t at = *newest;
    while (at != 0 && packer->pairs[at - 1].name != name_id)
        at = packer->pairs[at - 1].next;
    if (at == 0) {
        packer->pairs[packer->pair_count++] = (struct pair){name_id, value_id, *newest};
        at = (uint32_t)packer->pair_count;
        *newest = at;
    }
    pack_uint(packer->body, at - 1);
}

static void put_moment(struct packer *packer, const struct decide_input *input)
{
    const struct moment *moment = &input->moment;
    struct buf *body = packer->body;
    pack_int(body, moment->now_ms);
    pack_int(body, moment->utc_offset_minutes);
    pack_u8(body, (uint8_t)((moment->locale == LOCALE_EN ? LOCALE_EN_BIT : 0) |
                            (moment->explain ? EXPLAIN_BIT : 0) |
                            (input->person.personal ? PERSONAL_BIT : 0)));
    pack_uint(body, moment->deadline_ms);
    put_id(packer, moment->page_type);
    pack_text(body, moment->page_url);
    put_id(packer, moment->page_item);
    put_id(packer, moment->page_category);
    put_ids(packer, moment->cart, moment->cart_count);
}

static void put_person(struct packer *packer, const struct decision_record *record)
{
    const struct decide_person *person = &record->input.person;
    pack_uint(packer->body, person->level);
    put_ids(packer, person->recents, person->recent_count);
    put_ids(packer, person->bought, person->bought_count);
    put_ids(packer, person->basket, person->basket_count);
    pack_uint(packer->body, person->affinity_count);
    for (size_t i = 0; i < person->affinity_count; i++) {
        put_pair(packer, person->affinities[i].attribute, person->affinities[i].value);
        pack_double(packer->body, person->affinities[i].weight);
    }
    put_id(packer, person->basis);
    pack_text(packer->body, person->view);
    pack_text(packer->body, record->call_events);
}

static void put_candidate(struct packer *packer, const struct candidate *candidate,
                          struct candidate_before *before)
{
    struct buf *body = packer->body;
    unsigned answered = 0, because = 0, personal = 0;
    for (unsigned i = 0; i < STRATEGY_COUNT; i++) {
        if (!is_answer(candidate->answers[i]))
            continue;
        uint32_t because_id = string_id(packer, candidate->because[i]);
        answered |= 1U << i;
        because |= because_id != before->because[i] ? 1U << i : 0;
        personal |= (candidate->because_personal ^ before->personal) & 1U << i;
        before->because[i] = because_id;
    }
    unsigned more = (candidate->hidden ? 1U : 0) | personal << 1 | because << 6;
    bool same_count = candidate->attribute_count == before->attribute_count;
    uint32_t id = string_id(packer, candidate->item);
    pack_int(body, (int64_t)id - before->id);
    pack_u8(body, (uint8_t)(answered | (candidate->in_stock ? IN_STOCK_BIT : 0) |
                            (more != 0 ? MORE_BIT : 0) | (same_count ? SAME_COUNT_BIT : 0)));
    if (more != 0)
        pack_uint(body, more);
    for (unsigned i = 0; i < STRATEGY_COUNT; i++) {
        if (answered >> i & 1)
            pack_float(body, candidate->answers[i]);
    }
    for (unsigned i = 0; i < STRATEGY_COUNT; i++) {
        if (because >> i & 1)
            pack_uint(body, before->because[i]);
    }
    if (!same_count)
        pack_uint(body, candidate->attribute_count);
    for (size_t i = 0; i < candidate->attribute_count; i++)
        put_pair(packer, candidate->attributes[i].name, candidate->attributes[i].value);
    before->id = id;
    before->personal ^= personal;
    before->attribute_count = candidate->attribute_count;
}

static void put_wish(struct packer *packer, const struct wish *wish,
                     const struct placement_evidence *evidence)
{
    struct buf *body = packer->body;
    put_id(packer, wish->placement);
    pack_uint(body, wish->count);
    put_ids(packer, wish->exclude, wish->exclude_count);
    pack_uint(body, evidence->stages_cut);
    unsigned highest = 0, dropped = 0;
    for (unsigned i = 0; i < STRATEGY_COUNT; i++)
        highest |= is_answer(evidence->highest[i]) ? 1U << i : 0;
    pack_u8(body, (uint8_t)highest);
    for (unsigned i = 0; i < STRATEGY_COUNT; i++) {
        if (highest >> i & 1)
            pack_float(body, evidence->highest[i]);
    }
    for (unsigned i = 0; i < REMOVED_COUNT; i++)
        dropped |= evidence->dropped[i] > 0 ? 1U << i : 0;
    pack_uint(body, dropped);
    for (unsigned i = 0; i < REMOVED_COUNT; i++) {
        if (dropped >> i & 1)
            pack_uint(body, evidence->dropped[i]);
    }
    pack_uint(body, evidence->dropped_personal);
    pack_uint(body, evidence->candidate_count);
    struct candidate_before before = {.id = 0};
    for (size_t i = 0; i < evidence->candidate_count; i++)
        put_candidate(packer, &evidence->candidates[i], &before);
}

static void put_body(struct packer *packer, const struct decision_record *record)
{
    const struct decide_input *input = &record->input;
    /* the candidates' ids first, so that they stand in order in the strings */
    for (size_t i = 0; i < input->moment.wish_count; i++) {
        for (size_t j = 0; j < input->evidence[i].candidate_count; j++)
            (void)string_id(packer, input->evidence[i].candidates[j].item);
    }
    put_moment(packer, input);
    put_person(packer, record);
    pack_uint(packer->body, input->title_count);
    for (size_t i = 0; i < input->title_count; i++) {
        put_id(packer, input->titles[i].item);
        pack_text(packer->body, input->titles[i].title);
    }
    pack_uint(packer->body, input->moment.wish_count);
    for (size_t i = 0; i < input->moment.wish_count; i++)
        put_wish(packer, &input->moment.wishes[i], &input->evidence[i]);
}

static size_t shared_prefix(struct slice a, struct slice b)
{
    size_t size = a.size < b.size ? a.size : b.size;
    size_t shared = 0;
    while (shared < size && shared < PREFIX_MAX && a.data[shared] == b.data[shared])
        shared++;
    return shared;
}

static void put_tables(const struct packer *packer, struct buf *buf)
{
    struct slice before = SLICE_NONE;
    pack_uint(buf, packer->strings.count);
    for (size_t i = 0; i < packer->strings.count; i++) {
        struct slice text = packer->texts[i].slice;
        size_t shared = shared_prefix(before, text), rest = text.size - shared;
        pack_u8(buf, (uint8_t)(shared | (rest < REST_LONG ? rest : REST_LONG) << 4));
        if (rest >= REST_LONG)
            pack_uint(buf, rest);
        pack_bytes(buf, text.data + shared, rest);
        before = text;
    }
    pack_uint(buf, packer->pair_count);
    for (size_t i = 0; i < packer->pair_count; i++) {
        pack_uint(buf, packer->pairs[i].name);
        pack_uint(buf, packer->pairs[i].value);
    }
}

/* No more pairs than these can come. */
static size_t count_pairs(const struct decide_input *input)
{
    size_t pairs = input->person.affinity_count;
    for (size_t i = 0; i < input->moment.wish_count; i++) {
        const struct placement_evidence *evidence = &input->evidence[i];
        for (size_t j = 0; j < evidence->candidate_count; j++)
            pairs += evidence->candidates[j].attribute_count;
    }
    return pairs;
}

void decision_record_pack(const struct decision_record *record, struct buf *buf)
{
    struct arena arena;
    arena_init(&arena);
    struct buf body;
    buf_init(&body, DECISION_RECORD_BYTES_MAX);
    struct packer packer = {.arena = &arena,
                            .body = &body,
                            .strings = slice_set(&arena, STRINGS_EXPECTED),
                            .texts = ARENA_ARRAY(&arena, STRINGS_EXPECTED, struct text),
                            .text_room = STRINGS_EXPECTED,
                            .pairs = ARENA_ARRAY(&arena, count_pairs(&record->input), struct pair)};
    put_body(&packer, record);

    pack_u8(buf, RECORD_VERSION);
    pack_uint(buf, record->input.policy->version);
    pack_u64(buf, record->input.seed);
    pack_uuid(buf, record->input.call);
    pack_uint(buf, record->sequence);
    pack_uuid(buf, record->asker_node);
    pack_u8(buf, record->asker_trust);
    pack_u64(buf, record->answer_hash);
    put_tables(&packer, buf);
    buf_add(buf, buf_slice(&body));
    buf->overflowed |= body.overflowed;
    buf_done(&body);
    arena_done(&arena);
}
