/* Says a decision in sentences: what happened, why, what counted. */
#include "decide/order.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "decide/arrange.h"
#include "decide/arrange_tell.h"

struct slice telling_title(const struct telling *telling, struct slice item)
{
    struct slice title = decide_title_of(telling->input, telling->options, item);
    return title.size > 0 ? title : item;
}

struct slice telling_basis(const struct telling *telling)
{
    const struct decide_person *person = &telling->input->person;
    return telling->options->in_answer && !person->personal ? SLICE("none") : person->basis;
}

const char *telling_removal(const struct telling *telling, enum removal removal)
{
    enum locale locale = telling->options->locale;
    bool secret = removal == REMOVED_MARGIN && !telling_secrets(telling);
    return secret ? word_of(WORD_REMOVED_SECRET, locale) : word_removal(removal, locale);
}

const char *telling_removal_name(const struct telling *telling, enum removal removal)
{
    bool secret = removal == REMOVED_MARGIN && !telling_secrets(telling);
    return secret ? "rule" : removal_name(removal);
}

/* Does my_size stand among the rules without a size of theirs to go by? */
static bool lacks_size(const struct telling *telling)
{
    const struct decide_input *input = telling->input;
    const struct placement *definition = telling->decision->definition;
    return definition != NULL && placement_has_rule(definition, RULE_MY_SIZE) &&
           !(input->moment.sizes && input->person.personal);
}

uint32_t telling_removed(const struct telling *telling, enum removal removal)
{
    return operation_removed(telling->decision, removal);
}

bool telling_lowest(const struct telling *telling, double *out_score)
{
    const struct decision *decision = telling->decision;
    bool found = false;
    for (size_t i = 0; i < decision->shown_count; i++) {
        const struct scored *scored = decision->shown[i];
        if (scored_is_placed(scored) || (found && scored->score >= *out_score))
            continue;
        *out_score = scored->score;
        found = true;
    }
    return found;
}

uint32_t telling_answered(const struct telling *telling, unsigned column)
{
    return operation_answered(telling->decision, telling->input->person.personal, column);
}

/* Starts a text in scratch from a pattern. */
static struct slice fill(struct telling *telling, enum word word, const struct slice *values)
{
    buf_clear(&telling->scratch);
    words_put(&telling->scratch, word_of(word, telling->options->locale), values);
    return buf_slice(&telling->scratch);
}

static void say(struct telling *telling, enum word word, const struct slice *values)
{
    json_string(telling->out, fill(telling, word, values));
}

/* A version, which is a name. */
struct version_text {
    char text[12];
};

static struct slice version_of(const struct telling *telling, struct version_text *room)
{
    int size = snprintf(room->text, sizeof room->text, "%u", telling->input->policy->version);
    return slice_make(room->text, (size_t)size);
}

/* A count, with its thousands apart. */
struct count_text {
    char text[32];
};

static struct slice count_of(const struct telling *telling, struct count_text *room, uint64_t value)
{
    struct buf buf;
    buf_init(&buf, sizeof room->text);
    words_put_count(&buf, value, telling->options->locale);
    size_t size = buf.size;
    memcpy(room->text, buf.data, size);
    buf_done(&buf);
    return slice_make(room->text, size);
}

struct slice telling_fallback(struct telling *telling)
{
    struct slice token = telling->decision->fallback;
    enum locale locale = telling->options->locale;
    if (token.size == 0)
        return SLICE_NONE;
    if (slice_is(token, "deadline"))
        return fill(telling, WORD_FALLBACK_DEADLINE, NULL);
    if (slice_is(token, "holdout"))
        return fill(telling, telling_is_order(telling) ? WORD_ORDER_HOLDOUT : WORD_FALLBACK_HOLDOUT,
                    NULL);
    if (slice_is(token, "stopped"))
        return fill(telling, WORD_FALLBACK_STOPPED, NULL);
    if (slice_is(token, "page_budget"))
        return fill(telling, WORD_FALLBACK_BUDGET, NULL);
    if (slice_is(token, "not_ready"))
        return fill(telling, WORD_FALLBACK_NOT_READY, NULL);
    if (slice_is(token, "empty"))
        return fill(telling, WORD_FALLBACK_EMPTY, NULL);
    if (slice_is(token, "unknown_placement")) {
        struct version_text version;
        struct slice values[] = {telling->decision->placement, version_of(telling, &version)};
        return fill(telling, WORD_UNKNOWN_PLACEMENT, values);
    }
    struct slice filling = telling_filling(telling);
    if (filling.size > 0)
        return filling;
    const struct placement *definition = telling->decision->definition;
    assert(definition != NULL);
    buf_clear(&telling->detail);
    words_put_step(&telling->detail, &definition->steps[0], locale);
    struct slice name = buf_slice(&telling->detail);
    bool waits = slice_ends_with(token, SLICE("_not_ready"));
    return fill(telling, waits ? WORD_FALLBACK_STEP_NOT_READY : WORD_FALLBACK_STEP, &name);
}

/* A list that is being written into detail. */
struct list {
    size_t count, written;
};

static void list_next(struct telling *telling, struct list *list)
{
    if (list->written > 0)
        buf_add(&telling->detail,
                words_between(list->written + 1 == list->count, telling->options->locale));
    list->written++;
}

static struct slice shown_titles(struct telling *telling)
{
    const struct decision *decision = telling->decision;
    struct list list = {.count = decision->shown_count};
    buf_clear(&telling->detail);
    for (size_t i = 0; i < decision->shown_count; i++) {
        list_next(telling, &list);
        buf_add(&telling->detail, telling_title(telling, decision->shown[i]->candidate->item));
    }
    return buf_slice(&telling->detail);
}

static struct slice person_list(struct telling *telling)
{
    uint32_t used = telling->decision->person_used;
    struct list list = {0};
    buf_clear(&telling->detail);
    for (uint32_t bit = PERSON_AFFINITIES; bit <= PERSON_LAST; bit <<= 1)
        list.count += (used & bit) != 0;
    for (uint32_t bit = PERSON_AFFINITIES; bit <= PERSON_LAST; bit <<= 1) {
        if (!(used & bit))
            continue;
        list_next(telling, &list);
        buf_add_text(&telling->detail,
                     word_person(bit, telling->options->role, telling->options->locale));
    }
    return buf_slice(&telling->detail);
}

static struct slice removed_list(struct telling *telling, uint64_t *out_total)
{
    struct list list = {0};
    uint64_t total = 0;
    buf_clear(&telling->detail);
    for (unsigned i = REMOVED_NOT + 1; i < REMOVED_COUNT; i++)
        list.count += telling_removed(telling, (enum removal)i) > 0;
    for (unsigned i = REMOVED_NOT + 1; i < REMOVED_COUNT; i++) {
        uint32_t count = telling_removed(telling, (enum removal)i);
        if (count == 0)
            continue;
        total += count;
        list_next(telling, &list);
        buf_add_text(&telling->detail, telling_removal(telling, (enum removal)i));
        buf_add_text(&telling->detail, " (");
        words_put_count(&telling->detail, count, telling->options->locale);
        buf_add_byte(&telling->detail, ')');
    }
    *out_total = total;
    return buf_slice(&telling->detail);
}

static struct slice cut_list(struct telling *telling)
{
    uint32_t cut = telling->evidence->stages_cut;
    struct list list = {0};
    buf_clear(&telling->detail);
    const struct placement *definition = telling->decision->definition;
    size_t steps = definition != NULL ? definition->step_count : 0;
    for (size_t i = 0; i < steps; i++)
        list.count += cut >> step_column(&definition->steps[i]) & 1;
    for (size_t i = 0; i < steps; i++) {
        if (!(cut >> step_column(&definition->steps[i]) & 1))
            continue;
        list_next(telling, &list);
        words_put_step(&telling->detail, &definition->steps[i], telling->options->locale);
    }
    return buf_slice(&telling->detail);
}

static void say_basis(struct telling *telling)
{
    json_string(telling->out,
                slice_of(word_basis(telling_basis(telling), telling->options->locale)));
}

static void say_person(struct telling *telling)
{
    if (!telling->decision->personalised) {
        say(telling, WORD_PERSON_UNUSED, NULL);
        return;
    }
    struct slice list = person_list(telling);
    say(telling, WORD_PERSON_USED, &list);
}

static void say_explored(struct telling *telling)
{
    if (!telling->decision->explored)
        return;
    struct count_text eligible;
    struct slice value = count_of(telling, &eligible, telling->decision->eligible_count);
    say(telling, telling->options->role == ROLE_SHOPPER ? WORD_SHOPPER_EXPLORED : WORD_EXPLORED,
        &value);
}

static void say_shuffled(struct telling *telling)
{
    struct count_text among;
    if (!telling->decision->shuffled)
        return;
    const struct rule *rule = arrange_shuffle(telling->decision->definition);
    struct slice value = count_of(telling, &among, rule->among);
    say(telling, telling->options->role == ROLE_SHOPPER ? WORD_SHOPPER_SHUFFLED : WORD_SHUFFLED,
        &value);
}

static void say_pinned(struct telling *telling)
{
    struct count_text text;
    size_t pinned = operation_pinned(telling->decision);
    struct slice value = count_of(telling, &text, pinned);
    if (pinned > 0)
        say(telling, pinned == 1 ? WORD_PINNED_ONE : WORD_PINNED_MANY, &value);
}

/* New arrivals that chance showed. */
static void say_invited(struct telling *telling)
{
    static const enum word words[ROLE_COUNT][2] = {
        [ROLE_MARKETER] = {WORD_INVITED_ONE, WORD_INVITED_MANY},
        [ROLE_AGENT] = {WORD_AGENT_INVITED_ONE, WORD_AGENT_INVITED_MANY},
        [ROLE_SHOPPER] = {WORD_SHOPPER_INVITED_ONE, WORD_SHOPPER_INVITED_MANY},
    };
    struct count_text text, among;
    uint32_t invited = operation_invited(telling->decision);
    struct slice values[] = {count_of(telling, &text, invited),
                             count_of(telling, &among, telling->decision->newcomers)};
    if (invited > 0)
        say(telling, words[telling->options->role][invited > 1], values);
}

static void say_held_out(struct telling *telling)
{
    size_t index = decision_index(telling->decision->id);
    if (telling->decision->arm != ARM_HOLDOUT)
        return;
    char room[40];
    bool french = telling->options->locale == LOCALE_FR;
    double share = 100 * telling->input->moment.wishes[index].arm_share;
    int size = snprintf(room, sizeof room, french ? "%.4g\u202f%%" : "%.4g%%", share);
    char *point = strchr(room, '.');
    if (point && french)
        *point = ',';
    struct slice value = slice_make(room, (size_t)size);
    bool shopper = telling->options->role == ROLE_SHOPPER;
    enum word word = telling_is_order(telling) ? WORD_ORDER_HELD_OUT : WORD_HELD_OUT;
    say(telling, shopper ? WORD_SHOPPER_HELD_OUT : word, &value);
}

static void say_size(struct telling *telling)
{
    bool shopper = telling->options->role == ROLE_SHOPPER;
    if (lacks_size(telling))
        say(telling, shopper ? WORD_SHOPPER_SIZE_UNKNOWN : WORD_SIZE_UNKNOWN, NULL);
}

/* The marketer reads it as the fallback. */
static void say_budget(struct telling *telling, enum word word)
{
    if (slice_is(telling->decision->fallback, "page_budget"))
        say(telling, word, NULL);
}

/* The first one's title, score and lead over the first not shown. */
static void say_order(struct telling *telling)
{
    const struct decision *decision = telling->decision;
    enum locale locale = telling->options->locale;
    if (decision->shown_count == 0 || decision->explored || decision->shuffled)
        return;
    const struct scored *first = decision->shown[0];
    double lowest;
    if (scored_is_placed(first) || !telling_lowest(telling, &lowest))
        return;
    buf_clear(&telling->detail);
    words_put_number(&telling->detail, first->score, false, locale);
    struct slice values[] = {telling_title(telling, first->candidate->item),
                             buf_slice(&telling->detail), SLICE_NONE};
    say(telling, WORD_FIRST, values);
    const struct scored *second = decision->runner_up;
    if (second == NULL)
        return;
    struct slice moved = telling_move(telling, second);
    if (moved.size > 0) {
        json_string(telling->out, moved);
        return;
    }
    buf_clear(&telling->detail);
    words_put_number(&telling->detail, second->score, false, locale);
    size_t split = telling->detail.size;
    words_put_number(&telling->detail, lowest - second->score, false, locale);
    values[0] = telling_title(telling, second->candidate->item);
    values[1] = slice_first(buf_slice(&telling->detail), split);
    values[2] = slice_from(buf_slice(&telling->detail), split);
    say(telling, WORD_RUNNER_UP, values);
}

static void say_removed(struct telling *telling)
{
    uint64_t total;
    struct count_text text;
    struct slice values[2] = {removed_list(telling, &total), SLICE_NONE};
    values[1] = count_of(telling, &text, total);
    if (total > 0)
        say(telling, total == 1 ? WORD_REMOVED_ONE : WORD_REMOVED_MANY, values);
}

static void tell_marketer(struct telling *telling)
{
    const struct decision *decision = telling->decision;
    struct version_text version;
    struct count_text count;
    const struct placement *definition = decision->definition;
    if (telling_is_order(telling)) {
        order_tell_sentence(telling);
    } else if (definition != NULL) {
        struct slice values[] = {definition->name, version_of(telling, &version),
                                 count_of(telling, &count, decision->shown_count)};
        say(telling,
            decision->shown_count == 0   ? WORD_SHOWN_NONE
            : decision->shown_count == 1 ? WORD_SHOWN_ONE
                                         : WORD_SHOWN_MANY,
            values);
    }
    struct slice fallback = telling_fallback(telling);
    if (fallback.size > 0)
        json_string(telling->out, fallback);
    say_held_out(telling);
    say_basis(telling);
    say_person(telling);
    say_explored(telling);
    say_shuffled(telling);
    say_invited(telling);
    say_pinned(telling);
    telling_arranging(telling);
    say_size(telling);
    say_order(telling);
    say_removed(telling);
    if (telling->evidence->stages_cut != 0) {
        struct slice list = cut_list(telling);
        say(telling, WORD_CUT, &list);
    }
}

static void tell_agent(struct telling *telling)
{
    if (telling_is_order(telling)) {
        order_tell_sentence(telling);
    } else if (telling->decision->shown_count > 0) {
        struct slice titles = shown_titles(telling);
        say(telling, WORD_AGENT_SHOWN, &titles);
    } else {
        say(telling, WORD_AGENT_NONE, NULL);
    }
    say_budget(telling, WORD_AGENT_BUDGET);
    telling_arranging(telling);
    say_held_out(telling);
    say_basis(telling);
    say_person(telling);
    say_explored(telling);
    say_shuffled(telling);
    say_invited(telling);
    say_pinned(telling);
    say_size(telling);
}

/* Which sentence tells where a shown item comes from; of new arrivals say_invited does. */
static uint32_t lead_bit(const struct scored *scored)
{
    if (scored->invited)
        return UINT32_C(2) << STRATEGY_COUNT;
    return UINT32_C(1) << (scored->slot > 0 ? STRATEGY_COUNT : scored->lead);
}

static void tell_shopper(struct telling *telling)
{
    const struct decision *decision = telling->decision;
    uint32_t said = 0;
    bool orders = telling_is_order(telling);
    if (orders)
        order_tell_sentence(telling);
    else if (decision->shown_count == 0 && decision->withheld == 0)
        say(telling, WORD_SHOPPER_NONE, NULL);
    telling_arranging(telling);
    for (size_t i = 0; i < decision->shown_count; i++)
        said |= lead_bit(decision->shown[i]);
    for (unsigned i = 0; i <= STRATEGY_COUNT; i++) { /* last: the shop put it there */
        const char *lead = word_shopper_lead((enum strategy)i, decision->shown_count > 1,
                                             telling->options->locale);
        bool alone = (said & (said - 1)) == 0; /* else each item's own reason tells it */
        if (alone && said >> i & 1)
            json_string(telling->out, slice_of(lead));
    }
    if (decision->personalised) {
        struct slice list = person_list(telling);
        say(telling, WORD_SHOPPER_PERSONAL, &list);
        say(telling, WORD_SHOPPER_CHANGE, NULL);
    } else if (orders || decision->shown_count > 0) {
        say(telling, WORD_SHOPPER_IMPERSONAL, NULL);
    }
    say_explored(telling);
    say_shuffled(telling);
    say_invited(telling);
    say_size(telling);
    say_budget(telling, WORD_SHOPPER_BUDGET);
    say_held_out(telling);
}

void telling_sentences(struct telling *telling)
{
    json_name(telling->out, "sentences");
    json_array(telling->out);
    if (telling->options->role == ROLE_MARKETER)
        tell_marketer(telling);
    else if (telling->options->role == ROLE_AGENT)
        tell_agent(telling);
    else
        tell_shopper(telling);
    json_end(telling->out);
}
