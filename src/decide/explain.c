/* The explanation of one decision as JSON; the sentences stand in sentences.c. */
#include "decide/explain.h"

#include <assert.h>

#include "base/clock.h"
#include "decide/arrange_tell.h"
#include "decide/causes.h"
#include "decide/filter.h"
#include "decide/order.h"
#include "decide/what_if_tell.h"

static struct slice recorded_title(const struct decide_input *input, struct slice item)
{
    size_t low = 0, high = input->title_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int order = slice_compare(input->titles[middle].item, item);
        if (order == 0)
            return input->titles[middle].title;
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return SLICE_NONE;
}

struct slice decide_title_of(const struct decide_input *input,
                             const struct explain_options *options, struct slice item)
{
    struct slice title = SLICE_NONE;
    if (options->title != NULL)
        title = options->title(options->title_context, item);
    return title.size > 0 ? title : recorded_title(input, item);
}

void decide_reason(const struct decide_input *input, const struct scored *scored,
                   const struct explain_options *options, struct buf *buf)
{
    enum strategy lead = scored->slot > 0 ? STRATEGY_COUNT : scored->lead;
    struct slice because = SLICE_NONE, title = SLICE_NONE;
    enum reason_form form = REASON_PLAIN;
    if (scored->invited) {
        buf_add_text(buf, word_of(WORD_REASON_NEW, options->locale));
        return;
    }
    if (lead != STRATEGY_COUNT)
        because = decide_because(input, scored->candidate, scored->lead_column);
    if (because.size > 0) {
        title = decide_title_of(input, options, because);
        if (title.size > 0)
            form = REASON_TITLED;
        else if (slice_equal(because, input->moment.page_item))
            form = REASON_PAGE;
    }
    words_put(buf, word_reason(lead, form, options->locale), &title);
}

static void write_reason(struct telling *telling, const struct scored *scored)
{
    buf_clear(&telling->scratch);
    decide_reason(telling->input, scored, telling->options, &telling->scratch);
    JSON_STRING_MEMBER(telling->out, "reason", buf_slice(&telling->scratch));
}

static void write_item_head(struct telling *telling, const struct scored *scored)
{
    struct slice item = scored->candidate->item;
    JSON_STRING_MEMBER(telling->out, "itemId", item);
    JSON_STRING_MEMBER(telling->out, "title",
                       decide_title_of(telling->input, telling->options, item));
    struct slice variant = decide_variant(telling->input, telling->decision, scored->candidate);
    if (scored->removed == REMOVED_NOT && variant.size > 0)
        JSON_STRING_MEMBER(telling->out, "variant", variant);
}

/* --- the marketer's --------------------------------------------------------------------------- */

static struct slice strategy_contribution(struct telling *telling, const struct scored *scored,
                                          size_t index, struct slice value)
{
    enum locale locale = telling->options->locale;
    const struct recipe_step *step = scored->contributions[index].step;
    struct slice because = decide_because(telling->input, scored->candidate, step_column(step));
    struct buf name;
    buf_init(&name, STEP_NAME_BYTES_MAX);
    words_put_step(&name, step, locale);
    struct slice values[] = {buf_slice(&name), value,
                             because.size > 0 ? telling_title(telling, because) : SLICE_NONE};
    enum word word = because.size > 0 ? WORD_CONTRIBUTION_WITH : WORD_CONTRIBUTION;
    words_put(&telling->scratch, word_of(word, locale), values);
    buf_done(&name);
    return buf_slice(&telling->scratch);
}

/* A taste, a boost or a bury: "affinity:brand=Ida", "boost:item". */
static struct slice lift_contribution(struct telling *telling, struct slice name,
                                      struct slice value)
{
    enum { OF_ATTRIBUTE, OF_OTHER, OF_ITEM, FORM_COUNT };
    static const enum word forms[][FORM_COUNT] = {
        {WORD_LIFT, WORD_LIFT_OTHER, WORD_LIFT_OTHER},
        {WORD_BOOST, WORD_BOOST_OTHER, WORD_BOOST_ITEM},
        {WORD_BURY, WORD_BURY_OTHER, WORD_BURY_ITEM},
    };
    struct slice head = name, rest = SLICE_NONE;
    struct slice values[3] = {SLICE_NONE, SLICE_NONE, value};
    enum locale locale = telling->options->locale;
    (void)slice_cut(name, ':', &head, &rest);
    const enum word *words = forms[slice_is(head, "boost") ? 1 : slice_is(head, "bury") ? 2 : 0];
    bool of_item = !slice_cut(rest, '=', &values[0], &values[1]);
    const char *attribute = word_attribute(values[0], locale);
    if (attribute)
        values[0] = slice_of(attribute);
    enum word word = words[of_item ? OF_ITEM : attribute ? OF_ATTRIBUTE : OF_OTHER];
    words_put(&telling->scratch, word_of(word, locale), values);
    return buf_slice(&telling->scratch);
}

static struct slice other_contribution(struct telling *telling, const struct scored *scored,
                                       size_t index, struct slice value)
{
    const struct contribution *part = &scored->contributions[index];
    if (part->kind != CONTRIBUTION_TERM)
        return lift_contribution(telling, part->name, value);
    enum locale locale = telling->options->locale;
    struct slice values[] = {slice_of(word_term(part->name, locale)), value};
    words_put(&telling->scratch, word_of(WORD_CONTRIBUTION, locale), values);
    return buf_slice(&telling->scratch);
}

/* Does the margin of some item count here? */
static bool margins_count(const struct telling *telling)
{
    const struct placement_evidence *evidence = telling->evidence;
    if (telling->decision->definition->mix != MIX_BLEND)
        return false;
    for (size_t i = 0; i < evidence->candidate_count; i++)
        if (evidence->candidates[i].terms[TERM_MARGIN] > 0)
            return true;
    return false;
}

/* Starts the number in detail and clears scratch for the sentence. */
static struct slice start_contribution(struct telling *telling, double value, bool lift)
{
    buf_clear(&telling->detail);
    buf_clear(&telling->scratch);
    words_put_number(&telling->detail, value, lift, telling->options->locale);
    return buf_slice(&telling->detail);
}

static void write_contribution(struct telling *telling, struct slice name, double value,
                               struct slice sentence)
{
    json_object(telling->out);
    JSON_STRING_MEMBER(telling->out, "name", name);
    JSON_FIGURE_MEMBER(telling->out, "value", value);
    JSON_STRING_MEMBER(telling->out, "sentence", sentence);
    json_end(telling->out);
}

/* Who may not know margins reads all terms as one, so that none can be told from the others. */
static void write_terms(struct telling *telling, const struct scored *scored)
{
    double sum = 0;
    bool some = false;
    for (size_t i = 0; i < scored->contribution_count; i++)
        if (scored->contributions[i].kind == CONTRIBUTION_TERM) {
            sum += scored->contributions[i].value;
            some = true;
        }
    if (!some)
        return;
    struct slice value = start_contribution(telling, sum, true);
    words_put(&telling->scratch, word_of(WORD_TERMS, telling->options->locale), &value);
    write_contribution(telling, SLICE("terms"), sum, buf_slice(&telling->scratch));
}

static void write_contributions(struct telling *telling, const struct scored *scored)
{
    bool hides = !telling_secrets(telling) && margins_count(telling);
    json_name(telling->out, "contributions");
    json_array(telling->out);
    for (size_t i = 0; i < scored->contribution_count; i++) {
        const struct contribution *part = &scored->contributions[i];
        bool lift = part->kind != CONTRIBUTION_STRATEGY;
        if (hides && part->kind == CONTRIBUTION_TERM)
            continue;
        struct slice value = start_contribution(telling, part->value, lift);
        write_contribution(telling, part->name, part->value,
                           lift ? other_contribution(telling, scored, i, value)
                                : strategy_contribution(telling, scored, i, value));
    }
    if (hides)
        write_terms(telling, scored);
    json_end(telling->out);
}

static void write_scored(struct telling *telling, const struct scored *scored)
{
    JSON_FIGURE_MEMBER(telling->out, "score", scored->score);
    JSON_FIGURE_MEMBER(telling->out, "probability", scored->probability);
    write_contributions(telling, scored);
    write_reason(telling, scored);
    telling_causes(telling, scored);
}

static void write_items(struct telling *telling)
{
    const struct decision *decision = telling->decision;
    json_name(telling->out, "items");
    json_array(telling->out);
    for (size_t i = 0; i < decision->shown_count; i++) {
        json_object(telling->out);
        write_item_head(telling, decision->shown[i]);
        JSON_INT_MEMBER(telling->out, "rank", (int64_t)i + 1);
        if (decision->shown[i]->slot > 0)
            JSON_INT_MEMBER(telling->out, "slot", decision->shown[i]->slot);
        if (decision->shown[i]->invited)
            JSON_BOOL_MEMBER(telling->out, "invited", true);
        write_scored(telling, decision->shown[i]);
        json_end(telling->out);
    }
    json_end(telling->out);
}

/* gap: the lowest score shown, pins aside, less the runner-up's; negative when a draw chose. */
static void write_runner_up(struct telling *telling)
{
    const struct decision *decision = telling->decision;
    json_name(telling->out, "runnerUp");
    double lowest = 0;
    if (decision->runner_up == NULL || !telling_lowest(telling, &lowest)) {
        json_null(telling->out);
        return;
    }
    json_object(telling->out);
    write_item_head(telling, decision->runner_up);
    write_scored(telling, decision->runner_up);
    JSON_FIGURE_MEMBER(telling->out, "gap", lowest - decision->runner_up->score);
    json_end(telling->out);
}

static void write_fact(struct telling *telling, enum fact fact, const struct slice *values,
                       size_t count)
{
    if (count == 0 || (count == 1 && values[0].size == 0))
        return;
    json_object(telling->out);
    JSON_STRING_MEMBER(telling->out, "fact", slice_of(fact_name(fact)));
    JSON_STRING_MEMBER(telling->out, "sentence",
                       slice_of(word_fact(fact, telling->options->locale)));
    json_name(telling->out, "values");
    json_array(telling->out);
    for (size_t i = 0; i < count; i++)
        json_string(telling->out, values[i]);
    json_end(telling->out);
    json_end(telling->out);
}

/* Does a rule compare items to what the person likes most of this? */
static bool is_matched(const struct placement *definition, struct slice attribute)
{
    for (size_t i = 0; i < definition->rule_count; i++) {
        const struct rule *rule = &definition->rules[i];
        if (rule->kind == RULE_MATCH && rule->with == RULE_WITH_PERSON &&
            slice_equal(rule->attribute, attribute))
            return true;
    }
    return false;
}

static bool matches_basket(const struct placement *definition)
{
    for (size_t i = 0; i < definition->rule_count; i++)
        if (definition->rules[i].kind == RULE_MATCH &&
            definition->rules[i].with == RULE_WITH_BASKET)
            return true;
    return false;
}

static bool has_key(const struct placement *definition, enum step_key key)
{
    for (size_t i = 0; i < definition->step_count; i++)
        if (definition->steps[i].key == key)
            return true;
    return false;
}

static bool counts(const struct telling *telling, const struct decide_affinity *affinity)
{
    const struct placement *definition = telling->decision->definition;
    if (slice_is(affinity->attribute, "category") &&
        (definition->kind == PLACEMENT_ORDER || has_key(definition, KEY_FAVOURITE_CATEGORY)))
        return true;
    return placement_lifts(definition) || is_matched(definition, affinity->attribute);
}

static void write_affinities(struct telling *telling)
{
    const struct decide_person *person = &telling->input->person;
    size_t first = 0;
    while (first < person->affinity_count && !counts(telling, &person->affinities[first]))
        first++;
    if (first == person->affinity_count)
        return;
    json_object(telling->out);
    JSON_STRING_MEMBER(telling->out, "fact", slice_of(fact_name(FACT_AFFINITIES)));
    JSON_STRING_MEMBER(telling->out, "sentence",
                       slice_of(word_fact(FACT_AFFINITIES, telling->options->locale)));
    json_name(telling->out, "values");
    json_array(telling->out);
    for (size_t i = first; i < person->affinity_count; i++) {
        if (!counts(telling, &person->affinities[i]))
            continue;
        buf_clear(&telling->scratch);
        buf_add(&telling->scratch, person->affinities[i].attribute);
        buf_add_byte(&telling->scratch, '=');
        buf_add(&telling->scratch, person->affinities[i].value);
        json_string(telling->out, buf_slice(&telling->scratch));
    }
    json_end(telling->out);
    json_end(telling->out);
}

static void write_sizes(struct telling *telling)
{
    const struct decide_person *person = &telling->input->person;
    if (!telling->input->moment.sizes)
        return;
    json_object(telling->out);
    JSON_STRING_MEMBER(telling->out, "fact", slice_of(fact_name(FACT_SIZES)));
    JSON_STRING_MEMBER(telling->out, "sentence",
                       slice_of(word_fact(FACT_SIZES, telling->options->locale)));
    json_name(telling->out, "values");
    json_array(telling->out);
    for (size_t i = 0; i < person->size_count; i++) {
        buf_clear(&telling->scratch);
        buf_add(&telling->scratch, person->sizes[i].system);
        buf_add_byte(&telling->scratch, '=');
        buf_add(&telling->scratch, person->sizes[i].size);
        json_string(telling->out, buf_slice(&telling->scratch));
    }
    json_end(telling->out);
    json_end(telling->out);
}

static bool has_step(const struct placement *definition, enum strategy strategy)
{
    for (size_t i = 0; i < definition->step_count; i++) {
        if (definition->steps[i].strategy == strategy)
            return true;
    }
    return false;
}

static bool has_seeds(const struct placement *definition)
{
    for (size_t i = 0; i < definition->step_count; i++)
        if (strategy_has_seeds(definition->steps[i].strategy))
            return true;
    return false;
}

/* Of the person only what could count in this placement, and only when the gate was open. */
static void write_read(struct telling *telling)
{
    const struct moment *moment = &telling->input->moment;
    const struct decide_person *person = &telling->input->person;
    const struct placement *definition = telling->decision->definition;
    json_name(telling->out, "read");
    json_array(telling->out);
    write_fact(telling, FACT_PAGE_ITEM, &moment->page_item, 1);
    write_fact(telling, FACT_PAGE_CATEGORY, &moment->page_category, 1);
    write_fact(telling, FACT_CART, moment->cart, moment->cart_count);
    if (person->personal && definition != NULL) {
        bool seeds = has_seeds(definition);
        if (seeds || definition->kind == PLACEMENT_ORDER || has_key(definition, KEY_LAST_VIEWED) ||
            has_step(definition, STRATEGY_RECENTLY_VIEWED) ||
            placement_has_rule(definition, RULE_EXCLUDE_VIEWED))
            write_fact(telling, FACT_RECENTS, person->recents, person->recent_count);
        if (placement_has_rule(definition, RULE_EXCLUDE_BOUGHT) ||
            has_key(definition, KEY_LAST_BOUGHT) || has_step(definition, STRATEGY_REPURCHASE_DUE))
            write_fact(telling, FACT_BOUGHT, person->bought, person->bought_count);
        if (seeds || placement_has_rule(definition, RULE_EXCLUDE_BASKET) ||
            matches_basket(definition))
            write_fact(telling, FACT_BASKET, person->basket, person->basket_count);
        write_affinities(telling);
        if (placement_has_rule(definition, RULE_MY_SIZE))
            write_sizes(telling);
    }
    json_end(telling->out);
}

static void write_step_head(struct telling *telling, const struct recipe_step *step)
{
    JSON_STRING_MEMBER(telling->out, "strategy", slice_of(strategy_name(step->strategy)));
    buf_clear(&telling->scratch);
    words_put_step(&telling->scratch, step, telling->options->locale);
    JSON_STRING_MEMBER(telling->out, "name", buf_slice(&telling->scratch));
    if (step->key != KEY_ANY)
        JSON_STRING_MEMBER(telling->out, "key", slice_of(step_key_name(step->key)));
    if (step->lookback_days > 0)
        JSON_INT_MEMBER(telling->out, "lookbackDays", step->lookback_days);
}

static void write_recipe(struct telling *telling)
{
    const struct decision *decision = telling->decision;
    const struct placement *definition = decision->definition;
    size_t step_count = definition != NULL ? definition->step_count : 0;
    json_name(telling->out, "recipe");
    json_array(telling->out);
    for (size_t i = 0; i < step_count; i++) {
        json_object(telling->out);
        write_step_head(telling, &definition->steps[i]);
        JSON_NUMBER_MEMBER(telling->out, "weight", definition->steps[i].weight);
        if (step_falls_back(definition, i))
            JSON_BOOL_MEMBER(telling->out, "fallback", true);
        json_end(telling->out);
    }
    json_end(telling->out);
    json_name(telling->out, "candidates");
    json_array(telling->out);
    for (size_t i = 0; i < step_count; i++) {
        const struct recipe_step *step = &definition->steps[i];
        json_object(telling->out);
        write_step_head(telling, step);
        JSON_INT_MEMBER(telling->out, "count", telling_answered(telling, step_column(step)));
        json_end(telling->out);
    }
    json_end(telling->out);
}

static void write_removed(struct telling *telling)
{
    const struct decision *decision = telling->decision;
    json_name(telling->out, "removed");
    json_array(telling->out);
    for (size_t i = decision->eligible_count + decision->fresh_count; i < decision->all_count;
         i++) {
        const struct scored *scored = &decision->all[i];
        json_object(telling->out);
        write_item_head(telling, scored);
        JSON_STRING_MEMBER(telling->out, "reason",
                           slice_of(telling_removal_name(telling, scored->removed)));
        JSON_STRING_MEMBER(telling->out, "sentence",
                           slice_of(telling_removal(telling, scored->removed)));
        json_end(telling->out);
    }
    json_end(telling->out);
    json_name(telling->out, "removedCounts");
    json_array(telling->out);
    for (unsigned i = REMOVED_NOT + 1; i < REMOVED_COUNT; i++) {
        uint32_t count = telling_removed(telling, (enum removal)i);
        if (count == 0)
            continue;
        json_object(telling->out);
        JSON_STRING_MEMBER(telling->out, "reason",
                           slice_of(telling_removal_name(telling, (enum removal)i)));
        JSON_STRING_MEMBER(telling->out, "sentence",
                           slice_of(telling_removal(telling, (enum removal)i)));
        JSON_INT_MEMBER(telling->out, "count", count);
        json_end(telling->out);
    }
    json_end(telling->out);
}

static struct slice operation_of(const struct telling *telling, const struct operation *operation)
{
    if (operation->kind == OPERATION_GATHERED)
        return slice_of(strategy_name(operation->step->strategy));
    if (operation->kind == OPERATION_REMOVED)
        return slice_of(telling_removal_name(telling, operation->removal));
    return SLICE_NONE;
}

static struct slice operation_sentence(struct telling *telling, const struct operation *operation)
{
    enum locale locale = telling->options->locale;
    struct slice values[2] = {SLICE_NONE, SLICE_NONE};
    buf_clear(&telling->scratch);
    buf_clear(&telling->detail);
    words_put_count(&telling->detail, operation->count, locale);
    size_t split = telling->detail.size;
    if (operation->kind == OPERATION_GATHERED)
        words_put_step(&telling->detail, operation->step, locale);
    if (operation->kind == OPERATION_REMOVED)
        buf_add_text(&telling->detail, telling_removal(telling, operation->removal));
    values[0] = slice_from(buf_slice(&telling->detail), split);
    values[1] = slice_first(buf_slice(&telling->detail), split);
    words_put(&telling->scratch, word_operation(operation->kind, locale), values);
    return buf_slice(&telling->scratch);
}

/* What was done, in the order in which it was done. */
static void write_operations(struct telling *telling)
{
    struct operation operations[OPERATIONS_MAX];
    size_t count = operations_of(telling->decision, telling->input->person.personal, operations);
    json_name(telling->out, "operations");
    json_array(telling->out);
    for (size_t i = 0; i < count; i++) {
        json_object(telling->out);
        JSON_STRING_MEMBER(telling->out, "operation", slice_of(operation_name(operations[i].kind)));
        JSON_STRING_MEMBER(telling->out, "of", operation_of(telling, &operations[i]));
        JSON_INT_MEMBER(telling->out, "count", (int64_t)operations[i].count);
        JSON_STRING_MEMBER(telling->out, "sentence", operation_sentence(telling, &operations[i]));
        json_end(telling->out);
    }
    json_end(telling->out);
}

static void write_fallback(struct telling *telling)
{
    json_name(telling->out, "fallback");
    json_object(telling->out);
    JSON_STRING_MEMBER(telling->out, "token", telling->decision->fallback);
    JSON_STRING_MEMBER(telling->out, "sentence", telling_fallback(telling));
    json_end(telling->out);
    json_name(telling->out, "stagesCut");
    json_array(telling->out);
    const struct placement *definition = telling->decision->definition;
    for (size_t i = 0; definition != NULL && i < definition->step_count; i++) {
        const struct recipe_step *step = &definition->steps[i];
        if (telling->evidence->stages_cut >> step_column(step) & 1)
            json_string(telling->out, slice_of(strategy_name(step->strategy)));
    }
    json_end(telling->out);
}

/* Which arm of the placement's measurement, and how likely it was. */
static void write_experiment(struct telling *telling)
{
    const struct decision *decision = telling->decision;
    if (decision->arm == ARM_NONE)
        return;
    size_t index = decision_index(decision->id);
    json_name(telling->out, "experiment");
    json_object(telling->out);
    JSON_STRING_MEMBER(telling->out, "arm", slice_of(arm_name(decision->arm)));
    JSON_FIGURE_MEMBER(telling->out, "probability", telling->input->moment.wishes[index].arm_share);
    json_end(telling->out);
}

static void write_basis(struct telling *telling)
{
    struct slice token = telling_basis(telling);
    json_name(telling->out, "basis");
    json_object(telling->out);
    JSON_STRING_MEMBER(telling->out, "token", token);
    JSON_STRING_MEMBER(telling->out, "sentence",
                       slice_of(word_basis(token, telling->options->locale)));
    json_end(telling->out);
}

static void write_marketer(struct telling *telling)
{
    const struct decide_person *person = &telling->input->person;
    json_name(telling->out, "known");
    json_object(telling->out);
    JSON_BOOL_MEMBER(telling->out, "personal", person->personal);
    JSON_INT_MEMBER(telling->out, "level", person->personal ? person->level : 0);
    json_end(telling->out);
    write_basis(telling);
    write_read(telling);
    if (telling_is_order(telling)) {
        order_tell(telling);
    } else {
        write_recipe(telling);
        write_removed(telling);
        write_operations(telling);
        write_items(telling);
        write_runner_up(telling);
        telling_moves(telling);
    }
    JSON_BOOL_MEMBER(telling->out, "personalised", telling->decision->personalised);
    JSON_BOOL_MEMBER(telling->out, "explored", telling->decision->explored);
    write_fallback(telling);
    write_experiment(telling);
}

/* --- everyone's ------------------------------------------------------------------------------- */

static void write_head(struct telling *telling)
{
    char id[UUID_TEXT_SIZE + 1];
    uuid_format(telling->decision->id, id);
    JSON_STRING_MEMBER(telling->out, "id", slice_of(id));
    if (telling->options->role == ROLE_SHOPPER)
        return;
    JSON_STRING_MEMBER(telling->out, "placement", telling->decision->placement);
    if (telling->options->role == ROLE_MARKETER)
        JSON_INT_MEMBER(telling->out, "policy", telling->input->policy->version);
    JSON_TIME_MEMBER(telling->out, "at", telling->input->moment.now_ms);
}

static void write_brief_items(struct telling *telling)
{
    json_name(telling->out, "items");
    json_array(telling->out);
    for (size_t i = 0; i < telling->decision->shown_count; i++) {
        json_object(telling->out);
        write_item_head(telling, telling->decision->shown[i]);
        write_reason(telling, telling->decision->shown[i]);
        telling_causes(telling, telling->decision->shown[i]);
        json_end(telling->out);
    }
    json_end(telling->out);
}

void decide_explain(const struct decide_input *input, const struct outcome *outcome, size_t index,
                    const struct explain_options *options, struct json_out *out)
{
    assert(index < outcome->decision_count && options->role < ROLE_COUNT);
    struct decide_input seen = wish_input(input, index);
    struct telling telling = {.input = &seen,
                              .decision = &outcome->decisions[index],
                              .evidence = outcome->decisions[index].evidence,
                              .options = options,
                              .out = out};
    buf_init(&telling.scratch, HTTP_BODY_BYTES_MAX);
    buf_init(&telling.detail, HTTP_BODY_BYTES_MAX);
    json_object(out);
    write_head(&telling);
    if (options->role == ROLE_MARKETER) {
        write_marketer(&telling);
    } else {
        if (options->role == ROLE_AGENT)
            write_basis(&telling);
        if (!telling_is_order(&telling))
            write_brief_items(&telling);
    }
    telling_sentences(&telling);
    telling.input = input; /* other placements may have to be decided anew */
    if (options->what_if && options->role != ROLE_SHOPPER)
        telling_what_ifs(&telling, outcome);
    json_end(out);
    buf_done(&telling.scratch);
    buf_done(&telling.detail);
}
