/* Reads the record of a call. Nothing is believed: counts, numbers, answers and order are checked,
 * so that what comes out is as good as what the api would have gathered. */
#include "base/pack.h"
#include "decide/record.h"
#include "decide/record_format.h"
#include "decide/voices.h"

struct unpacker {
    struct unpack in;
    struct arena *arena;
    struct slice *texts; /* in order of first use */
    size_t text_count, text_room;
    bool experiment; /* some wish has an arm or is beyond the budget */
    bool traits, any_traits;
    const struct placement_evidence *evidence; /* of the wishes so far */
    size_t wish;                               /* that is being read */
};

static uint64_t read_below(struct unpacker *unpacker, uint64_t bound)
{
    uint64_t value = unpack_uint(&unpacker->in);
    if (value >= bound)
        unpacker->in.failed = true;
    return unpacker->in.failed ? 0 : value;
}

static uint32_t get_mask(struct unpacker *unpacker, uint32_t allowed)
{
    uint64_t mask = unpack_uint(&unpacker->in);
    if (mask & ~(uint64_t)allowed)
        unpacker->in.failed = true;
    return unpacker->in.failed ? 0 : (uint32_t)mask;
}

/* --- texts ------------------------------------------------------------------------------------ */

static void know_text(struct unpacker *unpacker, struct slice text)
{
    if (unpacker->text_count == unpacker->text_room) {
        size_t room = unpacker->text_room > 0 ? 2 * unpacker->text_room : 128;
        struct slice *texts = ARENA_ARRAY(unpacker->arena, room, struct slice);
        if (unpacker->text_count > 0)
            memcpy(texts, unpacker->texts, unpacker->text_count * sizeof *texts);
        unpacker->texts = texts;
        unpacker->text_room = room;
    }
    unpacker->texts[unpacker->text_count++] = text;
}

static struct slice get_new_text(struct unpacker *unpacker)
{
    struct slice before =
        unpacker->text_count > 0 ? unpacker->texts[unpacker->text_count - 1] : SLICE_NONE;
    uint8_t head = unpack_u8(&unpacker->in);
    size_t shared = head & PREFIX_MAX, size = head >> 4;
    struct slice rest =
        size == REST_LONG ? unpack_text(&unpacker->in) : unpack_bytes(&unpacker->in, size);
    if (shared > before.size || shared + rest.size == 0 || unpacker->text_count == RECORD_TEXTS_MAX)
        unpacker->in.failed = true;
    if (unpacker->in.failed)
        return SLICE_NONE;
    if (shared > 0) {
        char *text = arena_alloc(unpacker->arena, shared + rest.size);
        memcpy(text, before.data, shared);
        if (rest.size > 0)
            memcpy(text + shared, rest.data, rest.size);
        rest = slice_make(text, shared + rest.size);
    }
    know_text(unpacker, rest);
    return rest;
}

static struct slice get_text(struct unpacker *unpacker)
{
    uint64_t number = read_below(unpacker, unpacker->text_count + TEXT_KNOWN);
    if (number == TEXT_NEW)
        return get_new_text(unpacker);
    return number == TEXT_EMPTY ? SLICE_NONE : unpacker->texts[number - TEXT_KNOWN];
}

static const struct slice *get_texts(struct unpacker *unpacker, size_t *out_count)
{
    size_t count = unpack_count(&unpacker->in, RECORD_TEXTS_MAX);
    struct slice *texts = ARENA_ARRAY(unpacker->arena, count, struct slice);
    for (size_t i = 0; i < count; i++)
        texts[i] = get_text(unpacker);
    *out_count = count;
    return texts;
}

static const struct candidate_attribute *get_attributes(struct unpacker *unpacker,
                                                        size_t *out_count)
{
    size_t count = unpack_count(&unpacker->in, RECORD_TEXTS_MAX);
    struct candidate_attribute *attributes =
        ARENA_ARRAY(unpacker->arena, count, struct candidate_attribute);
    for (size_t i = 0; i < count; i++) {
        attributes[i].name = get_text(unpacker);
        attributes[i].value = get_text(unpacker);
    }
    *out_count = count;
    return attributes;
}

/* --- who and when ----------------------------------------------------------------------------- */

static float get_answer(struct unpacker *unpacker)
{
    float answer = unpack_float(&unpacker->in);
    if (!is_answer(answer))
        unpacker->in.failed = true;
    return answer;
}

static void get_head(struct unpacker *unpacker, struct decision_record *record)
{
    record->policy_version = (uint32_t)read_below(unpacker, (uint64_t)UINT32_MAX + 1);
    record->input.seed = unpack_u64(&unpacker->in);
    record->input.call = unpack_uuid(&unpacker->in);
    record->sequence = unpack_uint(&unpacker->in);
    uint8_t asker = unpack_u8(&unpacker->in);
    if (asker > (ASKER_TRUST_MASK | ASKER_NODE_BIT | ASKER_PERSON_BIT))
        unpacker->in.failed = true;
    record->asker_trust = asker & ASKER_TRUST_MASK;
    if (asker & ASKER_NODE_BIT)
        record->asker_node = unpack_uuid(&unpacker->in);
    if (asker & ASKER_PERSON_BIT)
        record->asker_person = unpack_uuid(&unpacker->in);
    record->answer_hash = unpack_u64(&unpacker->in);
}

static void get_weights(struct unpacker *unpacker, struct blend_weights *weights)
{
    float all[BLEND_WEIGHTS];
    for (size_t i = 0; i < BLEND_WEIGHTS; i++) {
        all[i] = unpack_float(&unpacker->in);
        if (!(all[i] >= 0 && all[i] <= BLEND_WEIGHT_MAX))
            unpacker->in.failed = true;
    }
    memcpy(weights, all, sizeof all);
}

static void get_terms(struct unpacker *unpacker, struct candidate *candidate)
{
    unsigned mask = (unsigned)read_below(unpacker, 1U << TERM_COUNT);
    for (unsigned i = 0; i < TERM_COUNT; i++)
        candidate->terms[i] = mask >> i & 1 ? unpack_u8(&unpacker->in) : 0;
}

static void get_facts(struct unpacker *unpacker, struct moment *moment)
{
    moment->page_price_minor = unpack_int(&unpacker->in);
    moment->page_attributes = get_attributes(unpacker, &moment->page_attribute_count);
    moment->basket_count = unpack_count(&unpacker->in, BASKET_FACTS_MAX);
    struct basket_facts *basket =
        ARENA_ARRAY(unpacker->arena, moment->basket_count, struct basket_facts);
    for (size_t i = 0; i < moment->basket_count; i++) {
        basket[i].item = get_text(unpacker);
        basket[i].attributes = get_attributes(unpacker, &basket[i].attribute_count);
    }
    moment->basket = basket;
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
    uint64_t flags = read_below(unpacker, MOMENT_BITS);
    unpacker->traits = (flags & TRAITS_BIT) != 0;
    moment->locale = flags & LOCALE_EN_BIT ? LOCALE_EN : LOCALE_FR;
    moment->explain = (flags & EXPLAIN_BIT) != 0;
    input->person.personal = (flags & PERSONAL_BIT) != 0;
    unpacker->experiment = (flags & EXPERIMENT_BIT) != 0;
    moment->deadline_ms = (unsigned)read_below(unpacker, (uint64_t)UINT32_MAX + 1);
    moment->page_type = get_text(unpacker);
    moment->page_url = unpack_text(&unpacker->in);
    moment->page_item = get_text(unpacker);
    moment->page_category = get_text(unpacker);
    moment->cart = get_texts(unpacker, &moment->cart_count);
    moment->facts = (flags & FACTS_BIT) != 0;
    moment->blends = (flags & BLENDS_BIT) != 0;
    moment->margins = (flags & MARGINS_BIT) != 0;
    moment->sizes = (flags & SIZES_BIT) != 0;
    if (moment->facts)
        get_facts(unpacker, moment);
    if (moment->blends)
        get_weights(unpacker, &input->blend);
}

static void get_sizes(struct unpacker *unpacker, struct decide_person *person)
{
    person->size_count = unpack_count(&unpacker->in, RECORD_TEXTS_MAX);
    struct decide_size *sizes =
        ARENA_ARRAY(unpacker->arena, person->size_count, struct decide_size);
    for (size_t i = 0; i < person->size_count; i++) {
        sizes[i].system = get_text(unpacker);
        sizes[i].size = get_text(unpacker);
    }
    person->sizes = sizes;
}

static void get_person(struct unpacker *unpacker, struct decision_record *record)
{
    struct decide_person *person = &record->input.person;
    person->level = (unsigned)read_below(unpacker, (uint64_t)UINT32_MAX + 1);
    person->recents = get_texts(unpacker, &person->recent_count);
    person->bought = get_texts(unpacker, &person->bought_count);
    person->basket = get_texts(unpacker, &person->basket_count);
    size_t count = unpack_count(&unpacker->in, RECORD_TEXTS_MAX);
    struct decide_affinity *affinities =
        ARENA_ARRAY(unpacker->arena, count, struct decide_affinity);
    for (size_t i = 0; i < count; i++) {
        affinities[i].attribute = get_text(unpacker);
        affinities[i].value = get_text(unpacker);
        affinities[i].weight = unpack_float(&unpacker->in);
    }
    person->affinities = affinities;
    person->affinity_count = count;
    if (record->input.moment.sizes)
        get_sizes(unpacker, person);
    person->basis = get_text(unpacker);
    person->view = unpack_text(&unpacker->in);
    record->call_events = unpack_text(&unpacker->in);
}

static void get_titles(struct unpacker *unpacker, struct decide_input *input)
{
    size_t count = unpack_count(&unpacker->in, TITLES_MAX);
    struct item_title *titles = ARENA_ARRAY(unpacker->arena, count, struct item_title);
    for (size_t i = 0; i < count; i++) {
        titles[i].item = get_text(unpacker);
        titles[i].title = unpack_text(&unpacker->in);
    }
    input->titles = titles;
    input->title_count = count;
}

/* --- wishes ----------------------------------------------------------------------------------- */

static void get_because(struct unpacker *unpacker, const struct decide_input *input,
                        struct candidate_before *before)
{
    before->personal ^= get_mask(unpacker, before->answers);
    uint32_t because = get_mask(unpacker, before->answers);
    for (unsigned i = 0; i < COLUMN_COUNT; i++) {
        if (!(because >> i & 1))
            continue;
        before->because[i] = unpack_u8(&unpacker->in);
        if (before->because[i] > input->title_count)
            unpacker->in.failed = true;
    }
}

static void get_likes(struct unpacker *unpacker, const struct decide_input *input, size_t count,
                      struct likes *likes)
{
    if (count > AFFINITY_MATCHES_MAX)
        unpacker->in.failed = true;
    for (size_t i = 0; i < count && !unpacker->in.failed; i++) {
        uint64_t like = read_below(unpacker, input->person.affinity_count);
        for (size_t j = 0; j < i; j++)
            if (likes->affinities[j] == like)
                unpacker->in.failed = true;
        likes->affinities[likes->count++] = (uint16_t)like;
    }
}

/* As voices_round leaves them: by title, all together VOICES_WHOLE. */
static void get_voices(struct unpacker *unpacker, const struct decide_input *input,
                       struct voices *voices)
{
    uint64_t titles = unpack_uint(&unpacker->in);
    unsigned left = VOICES_WHOLE;
    if (titles == 0 || titles >> VOICES_TITLES_MAX != 0)
        unpacker->in.failed = true;
    for (unsigned i = 0; i < VOICES_TITLES_MAX && !unpacker->in.failed; i++) {
        if (!(titles >> i & 1))
            continue;
        bool last = titles >> i == 1;
        unsigned said = last ? left : unpack_u8(&unpacker->in);
        if (said == 0 || said > left || i >= input->title_count || voices->count == VOICES_MAX)
            unpacker->in.failed = true;
        voices_add(voices, (uint8_t)(i + 1), (float)said);
        left -= said;
    }
}

static void get_alike(struct unpacker *unpacker, struct voices *voices)
{
    unsigned alike = (unsigned)read_below(unpacker, 1U << ALIKE_COUNT);
    for (unsigned i = 0; i < ALIKE_COUNT; i++)
        voices->alike[i] = alike >> i & 1 ? unpack_u8(&unpacker->in) : 0;
}

static void get_every_voice(struct unpacker *unpacker, const struct decide_input *input,
                            struct candidate *candidate)
{
    unsigned kinds = (unsigned)read_below(unpacker, 1U << VOICES_KINDS);
    for (unsigned i = 0; i < VOICES_KINDS; i++) {
        if (!(kinds >> i & 1))
            continue;
        struct voices *voices = ARENA_NEW(unpacker->arena, struct voices);
        get_voices(unpacker, input, voices);
        if (voices_tell_alike((int)i))
            get_alike(unpacker, voices);
        candidate->voices[i] = voices;
    }
}

static void get_margin(struct unpacker *unpacker, struct candidate *candidate)
{
    int64_t margin = unpack_int(&unpacker->in);
    if (margin < CANDIDATE_MARGIN_UNKNOWN || margin > CANDIDATE_MARGIN_WHOLE)
        unpacker->in.failed = true;
    else
        candidate->margin = (int16_t)margin;
}

static void get_age(struct unpacker *unpacker, struct candidate *candidate)
{
    candidate->age = unpack_u8(&unpacker->in);
    if (candidate->age == 0 || candidate->age > RULE_DAYS_MAX)
        unpacker->in.failed = true;
}

/* Items come in order: NULL when it is none of the wish's. */
static const struct candidate *find_candidate(const struct placement_evidence *evidence,
                                              struct slice item)
{
    size_t low = 0, high = evidence->candidate_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int order = slice_compare(evidence->candidates[middle].item, item);
        if (order == 0)
            return &evidence->candidates[middle];
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return NULL;
}

/* The last candidate of the wishes so far that is this item. */
static void get_same(struct unpacker *unpacker, struct slice item, struct candidate *out_candidate)
{
    const struct candidate *same = NULL;
    for (size_t i = unpacker->wish; i > 0 && same == NULL; i--)
        same = find_candidate(&unpacker->evidence[i - 1], item);
    if (same != NULL)
        *out_candidate = *same;
    else
        unpacker->in.failed = true;
}

static void get_candidate(struct unpacker *unpacker, const struct decide_input *input,
                          struct candidate *candidate, struct candidate_before *before)
{
    candidate->item = get_text(unpacker);
    candidate->origin = candidate;
    uint64_t head = read_below(unpacker, 8 << LIKES_SHIFT);
    if (head == SAME_BIT) {
        get_same(unpacker, candidate->item, candidate);
        return;
    }
    if (head & SAME_BIT)
        unpacker->in.failed = true;
    candidate->in_stock = (head & IN_STOCK_BIT) != 0;
    candidate->hidden = (head & HIDDEN_BIT) != 0;
    if (head & NEW_BIT)
        get_age(unpacker, candidate);
    if (head & ANSWERS_BIT)
        before->answers = get_mask(unpacker, COLUMN_MASK);
    if (head & BECAUSE_BIT)
        get_because(unpacker, input, before);
    candidate->because_personal = before->personal & before->answers;
    for (unsigned i = 0; i < COLUMN_COUNT; i++) {
        if (!(before->answers >> i & 1))
            continue;
        candidate->answers[i] = get_answer(unpacker);
        candidate->because[i] = before->because[i];
    }
    get_likes(unpacker, input, (size_t)(head >> LIKES_SHIFT), &candidate->likes);
    if (head & VOICES_BIT)
        get_every_voice(unpacker, input, candidate);
    if (head & ATTRIBUTES_BIT)
        candidate->attributes = get_attributes(unpacker, &candidate->attribute_count);
    if (input->moment.facts) {
        candidate->price_minor = unpack_int(&unpacker->in);
        candidate->stock = unpack_int(&unpacker->in);
    }
    if (input->moment.blends)
        get_terms(unpacker, candidate);
    if (input->moment.margins)
        get_margin(unpacker, candidate);
    if (input->moment.sizes)
        candidate->fit = (uint8_t)read_below(unpacker, SIZE_FIT_COUNT);
    if (candidate->fit == SIZE_THERE)
        candidate->variant = get_text(unpacker);
}

static void get_candidates(struct unpacker *unpacker, const struct decide_input *input,
                           struct placement_evidence *evidence)
{
    size_t count = unpack_count(&unpacker->in, RECORD_CANDIDATES_MAX);
    struct candidate *candidates = ARENA_ARRAY(unpacker->arena, count, struct candidate);
    struct candidate_before before = {0};
    for (size_t i = 0; i < count && !unpacker->in.failed; i++) {
        get_candidate(unpacker, input, &candidates[i], &before);
        if (candidates[i].item.size == 0 ||
            (i > 0 && slice_compare(candidates[i - 1].item, candidates[i].item) >= 0))
            unpacker->in.failed = true;
    }
    evidence->candidates = candidates;
    evidence->candidate_count = count;
}

/* Ascending, below the end. */
static void get_numbers(struct unpacker *unpacker, uint64_t end, struct traits *traits)
{
    traits->count = (uint8_t)read_below(unpacker, TRAITS_MAX + 1);
    for (size_t i = 0; i < traits->count && !unpacker->in.failed; i++) {
        traits->numbers[i] = (uint16_t)read_below(unpacker, end);
        if (i > 0 && traits->numbers[i] < traits->numbers[i - 1])
            unpacker->in.failed = true;
    }
}

static void get_traits(struct unpacker *unpacker, struct placement_evidence *evidence)
{
    size_t groups = unpack_count(&unpacker->in, UINT16_MAX), count = evidence->candidate_count;
    uint64_t end = 0;
    if (groups == 0 || unpacker->in.failed)
        return;
    struct trait_table *table = ARENA_NEW(unpacker->arena, struct trait_table);
    struct traits *list = ARENA_ARRAY(unpacker->arena, count, struct traits);
    uint16_t *sizes = ARENA_ARRAY(unpacker->arena, groups, uint16_t);
    for (size_t i = 0; i < groups; i++) {
        sizes[i] = (uint16_t)read_below(unpacker, UINT16_MAX);
        end += sizes[i];
        if (sizes[i] == 0 || end > UINT16_MAX)
            unpacker->in.failed = true;
    }
    for (size_t i = 0; i < count && !unpacker->in.failed; i++)
        get_numbers(unpacker, end, &list[i]);
    *table = (struct trait_table){list, count, sizes, groups};
    evidence->traits = table;
    unpacker->any_traits = true;
}

static void get_order(struct unpacker *unpacker, struct placement_evidence *evidence)
{
    size_t count = unpack_count(&unpacker->in, ORDER_IDS_MAX);
    struct order_entry *entries = ARENA_ARRAY(unpacker->arena, count, struct order_entry);
    for (size_t i = 0; i < count && !unpacker->in.failed; i++) {
        entries[i].id = get_text(unpacker);
        if (read_below(unpacker, 2) == 1)
            entries[i].affinity = get_answer(unpacker);
        entries[i].views = (uint16_t)read_below(unpacker, UINT16_MAX);
    }
    evidence->order = entries;
    evidence->order_count = count;
}

static void get_asked(struct unpacker *unpacker, struct placement_evidence *evidence)
{
    size_t count = unpack_count(&unpacker->in, STRATEGIES_PER_RECIPE_MAX);
    struct asked_step *asked = ARENA_ARRAY(unpacker->arena, count, struct asked_step);
    for (size_t i = 0; i < count; i++) {
        unsigned column = unpack_u8(&unpacker->in), strategy = unpack_u8(&unpacker->in);
        uint64_t asks = unpack_u64(&unpacker->in);
        if (strategy >= STRATEGY_COUNT || column >= COLUMN_COUNT ||
            (column < STRATEGY_COUNT && (column != strategy || asks == 0)) ||
            (i > 0 && column <= asked[i - 1].column))
            unpacker->in.failed = true;
        asked[i] = (struct asked_step){(uint8_t)column, (enum strategy)strategy, asks};
    }
    evidence->asked = asked;
    evidence->asked_count = unpacker->in.failed ? 0 : count;
}

/* Answers how many were dropped. */
static uint32_t get_counts(struct unpacker *unpacker, struct placement_evidence *evidence)
{
    uint32_t dropped = 0;
    evidence->stages_cut = get_mask(unpacker, COLUMN_MASK);
    evidence->not_ready = get_mask(unpacker, COLUMN_MASK);
    uint32_t highest = get_mask(unpacker, COLUMN_MASK);
    for (unsigned i = 0; i < COLUMN_COUNT; i++) {
        if (!(highest >> i & 1))
            continue;
        evidence->highest[i] = get_answer(unpacker);
        evidence->answered[i] = (uint32_t)read_below(unpacker, (uint64_t)INT32_MAX);
    }
    uint32_t mask = get_mask(unpacker, (UINT32_C(1) << REMOVED_COUNT) - 1);
    for (unsigned i = 0; i < REMOVED_COUNT; i++) {
        if (mask >> i & 1)
            evidence->dropped[i] = (uint32_t)read_below(unpacker, (uint64_t)INT32_MAX);
        dropped += evidence->dropped[i];
    }
    evidence->dropped_personal = (uint32_t)read_below(unpacker, UINT64_C(2) * PERSON_LAST);
    evidence->newcomers = (uint32_t)read_below(unpacker, (uint64_t)dropped + 1);
    return dropped;
}

/* Only those calls have it in which an arm was drawn or the page's budget was spent. */
static void get_experiment(struct unpacker *unpacker, struct decision_record *record,
                           struct wish *wishes, size_t count)
{
    bool any = false;
    if (!unpacker->experiment)
        return;
    for (size_t i = 0; i < count && !unpacker->in.failed; i++) {
        uint8_t head = unpack_u8(&unpacker->in);
        if (head > (ARM_MASK | EXPLORED_BIT | BEYOND_BUDGET_BIT) || (head & ARM_MASK) >= ARM_COUNT)
            unpacker->in.failed = true;
        wishes[i].beyond_budget = (head & BEYOND_BUDGET_BIT) != 0;
        any |= wishes[i].beyond_budget;
        record->explored |= head & EXPLORED_BIT ? UINT32_C(1) << i : 0;
        wishes[i].arm = (enum arm)(head & ARM_MASK);
        if (wishes[i].arm == ARM_NONE)
            continue;
        wishes[i].arm_share = unpack_double(&unpacker->in);
        if (!(wishes[i].arm_share > 0 && wishes[i].arm_share <= 1))
            unpacker->in.failed = true;
        any = true;
    }
    if (!any)
        unpacker->in.failed = true;
}

static void get_wishes(struct unpacker *unpacker, struct decision_record *record)
{
    struct decide_input *input = &record->input;
    size_t count = unpack_count(&unpacker->in, PLACEMENTS_PER_CALL_MAX);
    struct wish *wishes = ARENA_ARRAY(unpacker->arena, count, struct wish);
    struct placement_evidence *evidence =
        ARENA_ARRAY(unpacker->arena, count, struct placement_evidence);
    unpacker->evidence = evidence;
    for (size_t i = 0; i < count && !unpacker->in.failed; i++) {
        unpacker->wish = i;
        wishes[i].placement = get_text(unpacker);
        wishes[i].count = (unsigned)read_below(unpacker, (uint64_t)UINT32_MAX + 1);
        wishes[i].exclude = get_texts(unpacker, &wishes[i].exclude_count);
        get_order(unpacker, &evidence[i]);
        get_asked(unpacker, &evidence[i]);
        record->dropped += get_counts(unpacker, &evidence[i]);
        get_candidates(unpacker, input, &evidence[i]);
        if (unpacker->traits)
            get_traits(unpacker, &evidence[i]);
    }
    if (unpacker->traits && !unpacker->any_traits)
        unpacker->in.failed = true;
    get_experiment(unpacker, record, wishes, count);
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
    get_head(&unpacker, &record);
    get_moment(&unpacker, &record.input);
    get_person(&unpacker, &record);
    get_titles(&unpacker, &record.input);
    get_wishes(&unpacker, &record);
    if (!unpack_finished(&unpacker.in))
        return STATUS_CORRUPT;
    struct policy *policy = ARENA_NEW(arena, struct policy);
    policy->version = record.policy_version;
    record.input.policy = policy;
    *out_record = record;
    return STATUS_OK;
}
