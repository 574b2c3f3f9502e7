/* Writes the record of a call in one go. Texts are written when they first come: candidates come in
 * order, so each item id shares its beginning with the one before. */
#include "decide/record.h"

#include <assert.h>

#include "base/pack.h"
#include "decide/record_format.h"
#include "decide/slice_set.h"
#include "decide/voices.h"

enum { TEXTS_EXPECTED = 200 };

struct packer {
    struct buf *buf;
    struct slice_set texts; /* text → number in order of first use */
    struct slice last_new;
    const struct candidate **latest; /* by number of a text: the last candidate that is this item */
    size_t latest_room;
    const struct moment *moment;
    bool traits; /* some wish is varied */
};

static size_t shared_prefix(struct slice a, struct slice b)
{
    size_t size = a.size < b.size ? a.size : b.size;
    size_t shared = 0;
    while (shared < size && shared < PREFIX_MAX && a.data[shared] == b.data[shared])
        shared++;
    return shared;
}

static void put_new_text(struct packer *packer, struct slice text)
{
    size_t shared = shared_prefix(packer->last_new, text), rest = text.size - shared;
    uint8_t head[2] = {TEXT_NEW, (uint8_t)(shared | (rest < REST_LONG ? rest : REST_LONG) << 4)};
    pack_bytes(packer->buf, head, sizeof head);
    if (rest >= REST_LONG)
        pack_uint(packer->buf, rest);
    pack_bytes(packer->buf, text.data + shared, rest);
    packer->last_new = text;
}

/* Of a text that is not empty. */
static uint32_t put_some_text(struct packer *packer, struct slice text)
{
    uint32_t fresh = (uint32_t)packer->texts.count;
    uint32_t number = slice_set_intern(&packer->texts, slice_set_hash(text), text, fresh);
    if (number == fresh)
        put_new_text(packer, text);
    else
        pack_uint(packer->buf, (uint64_t)number + TEXT_KNOWN);
    return number;
}

static void put_text(struct packer *packer, struct slice text)
{
    if (text.size == 0)
        pack_u8(packer->buf, TEXT_EMPTY);
    else
        (void)put_some_text(packer, text);
}

static void put_texts(struct packer *packer, const struct slice *texts, size_t count)
{
    pack_uint(packer->buf, count);
    for (size_t i = 0; i < count; i++)
        put_text(packer, texts[i]);
}

static void put_attributes(struct packer *packer, const struct candidate_attribute *attributes,
                           size_t count)
{
    pack_uint(packer->buf, count);
    for (size_t i = 0; i < count; i++) {
        put_text(packer, attributes[i].name);
        put_text(packer, attributes[i].value);
    }
}

static void put_head(const struct decision_record *record, struct buf *buf)
{
    bool node = !uuid_is_zero(record->asker_node), person = !uuid_is_zero(record->asker_person);
    assert(record->asker_trust <= ASKER_TRUST_MASK);
    pack_u8(buf, RECORD_VERSION);
    pack_uint(buf, record->input.policy->version);
    pack_u64(buf, record->input.seed);
    pack_uuid(buf, record->input.call);
    pack_uint(buf, record->sequence);
    pack_u8(buf, (uint8_t)(record->asker_trust | (node ? ASKER_NODE_BIT : 0) |
                           (person ? ASKER_PERSON_BIT : 0)));
    if (node)
        pack_uuid(buf, record->asker_node);
    if (person)
        pack_uuid(buf, record->asker_person);
    pack_u64(buf, record->answer_hash);
}

static bool has_experiment(const struct moment *moment)
{
    for (size_t i = 0; i < moment->wish_count; i++)
        if (moment->wishes[i].arm != ARM_NONE || moment->wishes[i].beyond_budget)
            return true;
    return false;
}

static void put_weights(struct buf *buf, const struct blend_weights *weights)
{
    float all[BLEND_WEIGHTS];
    memcpy(all, weights, sizeof all);
    for (size_t i = 0; i < BLEND_WEIGHTS; i++)
        pack_float(buf, all[i]);
}

static uint64_t moment_bits(const struct decide_input *input)
{
    const struct moment *moment = &input->moment;
    return (moment->locale == LOCALE_EN ? LOCALE_EN_BIT : 0) | (moment->explain ? EXPLAIN_BIT : 0) |
           (input->person.personal ? PERSONAL_BIT : 0) |
           (has_experiment(moment) ? EXPERIMENT_BIT : 0) | (moment->facts ? FACTS_BIT : 0) |
           (moment->blends ? BLENDS_BIT : 0) | (moment->margins ? MARGINS_BIT : 0) |
           (moment->sizes ? SIZES_BIT : 0);
}

static void put_facts(struct packer *packer, const struct moment *moment)
{
    pack_int(packer->buf, moment->page_price_minor);
    put_attributes(packer, moment->page_attributes, moment->page_attribute_count);
    pack_uint(packer->buf, moment->basket_count);
    for (size_t i = 0; i < moment->basket_count; i++) {
        const struct basket_facts *facts = &moment->basket[i];
        put_text(packer, facts->item);
        put_attributes(packer, facts->attributes, facts->attribute_count);
    }
}

static void put_moment(struct packer *packer, const struct decide_input *input)
{
    const struct moment *moment = &input->moment;
    struct buf *buf = packer->buf;
    pack_int(buf, moment->now_ms);
    pack_int(buf, moment->utc_offset_minutes);
    pack_uint(buf, moment_bits(input) | (packer->traits ? TRAITS_BIT : 0));
    pack_uint(buf, moment->deadline_ms);
    put_text(packer, moment->page_type);
    pack_text(buf, moment->page_url);
    put_text(packer, moment->page_item);
    put_text(packer, moment->page_category);
    put_texts(packer, moment->cart, moment->cart_count);
    if (moment->facts)
        put_facts(packer, moment);
    if (moment->blends)
        put_weights(buf, &input->blend);
}

static void put_terms(struct buf *buf, const struct candidate *candidate)
{
    unsigned mask = 0;
    for (unsigned i = 0; i < TERM_COUNT; i++)
        mask |= candidate->terms[i] ? 1U << i : 0;
    pack_u8(buf, (uint8_t)mask);
    for (unsigned i = 0; i < TERM_COUNT; i++)
        if (candidate->terms[i])
            pack_u8(buf, candidate->terms[i]);
}

static void put_person(struct packer *packer, const struct decision_record *record)
{
    const struct decide_person *person = &record->input.person;
    pack_uint(packer->buf, person->level);
    put_texts(packer, person->recents, person->recent_count);
    put_texts(packer, person->bought, person->bought_count);
    put_texts(packer, person->basket, person->basket_count);
    pack_uint(packer->buf, person->affinity_count);
    for (size_t i = 0; i < person->affinity_count; i++) {
        put_text(packer, person->affinities[i].attribute);
        put_text(packer, person->affinities[i].value);
        pack_float(packer->buf, person->affinities[i].weight);
    }
    if (packer->moment->sizes) {
        pack_uint(packer->buf, person->size_count);
        for (size_t i = 0; i < person->size_count; i++) {
            put_text(packer, person->sizes[i].system);
            put_text(packer, person->sizes[i].size);
        }
    }
    put_text(packer, person->basis);
    pack_text(packer->buf, person->view);
    pack_text(packer->buf, record->call_events);
}

static void put_titles(struct packer *packer, const struct decide_input *input)
{
    assert(input->title_count <= TITLES_MAX);
    pack_uint(packer->buf, input->title_count);
    for (size_t i = 0; i < input->title_count; i++) {
        put_text(packer, input->titles[i].item);
        pack_text(packer->buf, input->titles[i].title);
    }
}

/* --- candidates ------------------------------------------------------------------------------- */

/* What is other than before, by column; `before` becomes what this candidate says. */
struct changes {
    uint32_t answers, personal, because;
    bool other_answers;
};

static struct changes changes_of(const struct candidate *candidate, struct candidate_before *before)
{
    struct changes changes = {0};
    for (unsigned i = 0; i < COLUMN_COUNT; i++) {
        if (!is_answer(candidate->answers[i]))
            continue;
        uint32_t bit = UINT32_C(1) << i;
        changes.answers |= bit;
        changes.personal |= (candidate->because_personal ^ before->personal) & bit;
        changes.because |= candidate->because[i] != before->because[i] ? bit : 0;
        before->because[i] = candidate->because[i];
    }
    changes.other_answers = changes.answers != before->answers;
    before->answers = changes.answers;
    before->personal ^= changes.personal;
    return changes;
}

static void put_voices(struct buf *buf, const struct voices *voices)
{
    uint64_t titles = 0;
    for (size_t i = 0; i < voices->count; i++)
        titles |= UINT64_C(1) << (voices->titles[i] - 1);
    pack_uint(buf, titles);
    for (size_t i = 0; i + 1 < voices->count; i++)
        pack_u8(buf, (uint8_t)voices->said[i]);
}

static void put_alike(struct buf *buf, const struct voices *voices)
{
    unsigned alike = 0;
    for (unsigned i = 0; i < ALIKE_COUNT; i++)
        alike |= voices->alike[i] > 0 ? 1U << i : 0;
    pack_u8(buf, (uint8_t)alike);
    for (size_t i = 0; i < ALIKE_COUNT; i++)
        if (voices->alike[i] > 0)
            pack_u8(buf, voices->alike[i]);
}

static void put_every_voice(struct buf *buf, const struct candidate *candidate, unsigned kinds)
{
    pack_uint(buf, kinds);
    for (unsigned i = 0; i < VOICES_KINDS; i++) {
        if (!(kinds >> i & 1))
            continue;
        put_voices(buf, candidate->voices[i]);
        if (voices_tell_alike((int)i))
            put_alike(buf, candidate->voices[i]);
    }
}

static void put_fit(struct packer *packer, const struct candidate *candidate)
{
    pack_u8(packer->buf, candidate->fit);
    if (candidate->fit == SIZE_THERE)
        put_text(packer, candidate->variant);
}

/* Writes the item; answers whether the last candidate that is this item says all of this one. */
static bool put_item(struct packer *packer, const struct candidate *candidate)
{
    uint32_t number = put_some_text(packer, candidate->item);
    if (number >= packer->latest_room) {
        size_t room = 2 * (size_t)number + TEXTS_EXPECTED;
        const struct candidate **latest =
            ARENA_ARRAY(packer->texts.arena, room, const struct candidate *);
        if (packer->latest_room > 0)
            memcpy(latest, packer->latest, packer->latest_room * sizeof *latest);
        packer->latest = latest;
        packer->latest_room = room;
    }
    const struct candidate *before = packer->latest[number];
    packer->latest[number] = candidate;
    return before != NULL && before->origin != NULL && before->origin == candidate->origin;
}

static void put_candidate(struct packer *packer, const struct candidate *candidate,
                          struct candidate_before *before)
{
    struct buf *buf = packer->buf;
    if (put_item(packer, candidate)) {
        pack_uint(buf, SAME_BIT);
        return;
    }
    struct changes changes = changes_of(candidate, before);
    bool because = (changes.personal | changes.because) != 0;
    unsigned kinds = 0;
    for (unsigned i = 0; i < VOICES_KINDS; i++)
        kinds |= candidate->voices[i] ? 1U << i : 0;
    pack_uint(buf, (candidate->in_stock ? IN_STOCK_BIT : 0) | (candidate->hidden ? HIDDEN_BIT : 0) |
                       (changes.other_answers ? ANSWERS_BIT : 0) | (because ? BECAUSE_BIT : 0) |
                       (candidate->attribute_count > 0 ? ATTRIBUTES_BIT : 0) |
                       (kinds ? VOICES_BIT : 0) | (candidate->age > 0 ? NEW_BIT : 0) |
                       (uint64_t)candidate->likes.count << LIKES_SHIFT);
    if (candidate->age > 0)
        pack_u8(buf, candidate->age);
    if (changes.other_answers)
        pack_uint(buf, changes.answers);
    if (because) {
        pack_uint(buf, changes.personal);
        pack_uint(buf, changes.because);
    }
    for (unsigned i = 0; i < COLUMN_COUNT; i++)
        if (changes.because >> i & 1)
            pack_u8(buf, candidate->because[i]);
    for (unsigned i = 0; i < COLUMN_COUNT; i++)
        if (changes.answers >> i & 1)
            pack_float(buf, candidate->answers[i]);
    for (size_t i = 0; i < candidate->likes.count; i++)
        pack_uint(buf, candidate->likes.affinities[i]);
    if (kinds)
        put_every_voice(buf, candidate, kinds);
    if (candidate->attribute_count > 0)
        put_attributes(packer, candidate->attributes, candidate->attribute_count);
    if (packer->moment->facts) {
        pack_int(buf, candidate->price_minor);
        pack_int(buf, candidate->stock);
    }
    if (packer->moment->blends)
        put_terms(buf, candidate);
    if (packer->moment->margins)
        pack_int(buf, candidate->margin);
    if (packer->moment->sizes)
        put_fit(packer, candidate);
}

/* --- wishes ----------------------------------------------------------------------------------- */

static void put_counts(struct buf *buf, const struct placement_evidence *evidence)
{
    uint32_t highest = 0, dropped = 0;
    for (unsigned i = 0; i < COLUMN_COUNT; i++)
        highest |= is_answer(evidence->highest[i]) ? UINT32_C(1) << i : 0;
    pack_uint(buf, evidence->stages_cut);
    pack_uint(buf, evidence->not_ready);
    pack_uint(buf, highest);
    for (unsigned i = 0; i < COLUMN_COUNT; i++) {
        if (!(highest >> i & 1))
            continue;
        pack_float(buf, evidence->highest[i]);
        pack_uint(buf, evidence->answered[i]);
    }
    for (unsigned i = 0; i < REMOVED_COUNT; i++)
        dropped |= evidence->dropped[i] > 0 ? UINT32_C(1) << i : 0;
    pack_uint(buf, dropped);
    for (unsigned i = 0; i < REMOVED_COUNT; i++)
        if (dropped >> i & 1)
            pack_uint(buf, evidence->dropped[i]);
    pack_uint(buf, evidence->dropped_personal);
    pack_uint(buf, evidence->newcomers);
}

static void put_order(struct packer *packer, const struct placement_evidence *evidence)
{
    pack_uint(packer->buf, evidence->order_count);
    for (size_t i = 0; i < evidence->order_count; i++) {
        const struct order_entry *entry = &evidence->order[i];
        put_text(packer, entry->id);
        pack_u8(packer->buf, is_answer(entry->affinity));
        if (is_answer(entry->affinity))
            pack_float(packer->buf, entry->affinity);
        pack_uint(packer->buf, entry->views);
    }
}

static void put_traits(struct buf *buf, const struct placement_evidence *evidence)
{
    const struct trait_table *traits = evidence->traits;
    pack_uint(buf, traits != NULL ? traits->group_count : 0);
    if (traits == NULL)
        return;
    assert(traits->count == evidence->candidate_count);
    for (size_t i = 0; i < traits->group_count; i++)
        pack_uint(buf, traits->sizes[i]);
    for (size_t i = 0; i < traits->count; i++) {
        pack_uint(buf, traits->list[i].count);
        for (size_t j = 0; j < traits->list[i].count; j++)
            pack_uint(buf, traits->list[i].numbers[j]);
    }
}

static void put_wish(struct packer *packer, const struct wish *wish,
                     const struct placement_evidence *evidence)
{
    struct candidate_before before = {0};
    put_text(packer, wish->placement);
    pack_uint(packer->buf, wish->count);
    put_texts(packer, wish->exclude, wish->exclude_count);
    put_order(packer, evidence);
    pack_uint(packer->buf, evidence->asked_count);
    for (size_t i = 0; i < evidence->asked_count; i++) {
        pack_u8(packer->buf, evidence->asked[i].column);
        pack_u8(packer->buf, (uint8_t)evidence->asked[i].strategy);
        pack_u64(packer->buf, evidence->asked[i].asks);
    }
    put_counts(packer->buf, evidence);
    pack_uint(packer->buf, evidence->candidate_count);
    for (size_t i = 0; i < evidence->candidate_count; i++)
        put_candidate(packer, &evidence->candidates[i], &before);
    if (packer->traits)
        put_traits(packer->buf, evidence);
}

static void put_experiment(const struct decision_record *record, struct buf *buf)
{
    const struct moment *moment = &record->input.moment;
    for (size_t i = 0; has_experiment(moment) && i < moment->wish_count; i++) {
        const struct wish *wish = &moment->wishes[i];
        pack_u8(buf,
                (uint8_t)((unsigned)wish->arm | (record->explored >> i & 1 ? EXPLORED_BIT : 0) |
                          (wish->beyond_budget ? BEYOND_BUDGET_BIT : 0)));
        if (wish->arm != ARM_NONE)
            pack_double(buf, wish->arm_share);
    }
}

static bool has_traits(const struct decide_input *input)
{
    for (size_t i = 0; i < input->moment.wish_count; i++)
        if (input->evidence[i].traits != NULL)
            return true;
    return false;
}

void decision_record_pack(const struct decision_record *record, struct buf *buf)
{
    const struct decide_input *input = &record->input;
    struct arena arena;
    arena_init(&arena);
    struct packer packer = {.buf = buf,
                            .texts = slice_set(&arena, TEXTS_EXPECTED),
                            .moment = &input->moment,
                            .traits = has_traits(input)};
    put_head(record, buf);
    put_moment(&packer, input);
    put_person(&packer, record);
    put_titles(&packer, input);
    pack_uint(buf, input->moment.wish_count);
    for (size_t i = 0; i < input->moment.wish_count; i++)
        put_wish(&packer, &input->moment.wishes[i], &input->evidence[i]);
    put_experiment(record, buf);
    arena_done(&arena);
}
