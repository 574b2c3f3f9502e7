#include "decide/causes.h"

#include <assert.h>

#include "decide/voices.h"

enum { CAUSES_NAMED_MAX = 3 };

/* --- who -------------------------------------------------------------------------------------- */

static bool is_listed(const struct slice *items, size_t count, struct slice item)
{
    for (size_t i = 0; i < count; i++)
        if (slice_equal(items[i], item))
            return true;
    return false;
}

enum fact cause_fact(const struct decide_input *input, struct slice item)
{
    const struct moment *moment = &input->moment;
    const struct decide_person *person = &input->person;
    if (slice_equal(item, moment->page_item))
        return FACT_PAGE_ITEM;
    if (is_listed(moment->cart, moment->cart_count, item))
        return FACT_CART;
    if (is_listed(person->basket, person->basket_count, item))
        return FACT_BASKET;
    if (is_listed(person->recents, person->recent_count, item))
        return FACT_RECENTS;
    return is_listed(person->bought, person->bought_count, item) ? FACT_BOUGHT : FACT_COUNT;
}

static void add_cause(struct cause *causes, size_t *inout_count, const struct cause *cause)
{
    size_t at = (*inout_count)++;
    assert(at < CAUSES_MAX);
    for (; at > 0 && causes[at - 1].share < cause->share; at--)
        causes[at] = causes[at - 1];
    causes[at] = *cause;
}

/* Those of one step, whose contribution is `whole` of the score. */
static void add_strategy(const struct decide_input *input, const struct candidate *candidate,
                         const struct cause *whole, struct cause *causes, size_t *inout_count)
{
    unsigned column = step_column(whole->step);
    const struct voices *voices = voices_of(candidate, column);
    size_t count = voices ? voices->count : 1;
    for (size_t i = 0; i < count; i++) {
        uint8_t title = voices ? voices->titles[i] : candidate->because[column];
        struct cause cause = *whole;
        if (title == 0)
            continue;
        cause.item = input->titles[title - 1].item;
        cause.fact = cause_fact(input, cause.item);
        cause.share *= voices_share(candidate, column, title);
        bool theirs = cause.fact != FACT_PAGE_ITEM && cause.fact != FACT_CART;
        if (cause.share > 0 && cause.fact != FACT_COUNT && (input->person.personal || !theirs))
            add_cause(causes, inout_count, &cause);
    }
}

size_t causes_of(const struct decide_input *input, const struct scored *scored,
                 struct cause out_causes[CAUSES_MAX])
{
    double whole = 0;
    size_t count = 0;
    if (scored_is_placed(scored)) /* whatever called it */
        return 0;
    for (size_t i = 0; i < scored->contribution_count; i++)
        whole += scored->contributions[i].value > 0 ? scored->contributions[i].value : 0;
    for (size_t i = 0; i < scored->contribution_count; i++) {
        const struct contribution *part = &scored->contributions[i];
        if (part->kind != CONTRIBUTION_STRATEGY)
            continue;
        struct cause cause = {.step = part->step, .share = part->value / whole};
        if (cause.share > 0 && strategy_has_seeds(part->step->strategy))
            add_strategy(input, scored->candidate, &cause, out_causes, &count);
    }
    return count;
}

/* --- in words --------------------------------------------------------------------------------- */

/* An item that called to several steps is one cause, with all that goes back to it. */
static size_t merge_by_item(const struct cause *causes, size_t count, struct cause *out_merged)
{
    size_t merged = 0;
    for (size_t i = 0; i < count; i++) {
        size_t at = 0;
        while (at < merged && !slice_equal(out_merged[at].item, causes[i].item))
            at++;
        struct cause cause = causes[i];
        if (at < merged) {
            cause = out_merged[at];
            cause.share += causes[i].share;
            memmove(&out_merged[at], &out_merged[at + 1], (merged - at - 1) * sizeof out_merged[0]);
            merged--;
        }
        add_cause(out_merged, &merged, &cause);
    }
    return merged;
}

/* The largest, over all steps; an item that only whispers is not named. */
static size_t choose_named(const struct cause *causes, size_t count,
                           struct cause named[CAUSES_NAMED_MAX])
{
    struct cause merged[CAUSES_MAX];
    size_t chosen = 0;
    count = merge_by_item(causes, count, merged);
    for (size_t i = 0; i < count && chosen < CAUSES_NAMED_MAX; i++)
        if (chosen == 0 || merged[i].share >= 0.01)
            named[chosen++] = merged[i];
    return chosen;
}

/* The step that all of them called to; NULL: they called to several. */
static const struct recipe_step *step_of_all(const struct cause *causes, size_t count)
{
    for (size_t i = 1; i < count; i++)
        if (causes[i].step != causes[0].step)
            return NULL;
    return causes[0].step;
}

/* Rounds the sums, so that together they are never above what they are. */
static unsigned percent_of(const struct cause *causes, size_t index)
{
    double before = 0;
    for (size_t i = 0; i < index; i++)
        before += causes[i].share;
    return (unsigned)(100 * (before + causes[index].share) + 0.5) - (unsigned)(100 * before + 0.5);
}

static void put_cause(struct telling *telling, const struct cause *named, size_t index)
{
    const struct explain_options *options = telling->options;
    unsigned percent = percent_of(named, index);
    struct slice title = telling_title(telling, named[index].item);
    words_put(&telling->scratch, word_cause(named[index].fact, options->role, options->locale),
              &title);
    if (percent == 0 || percent == 100)
        return;
    buf_add_text(&telling->scratch, " (");
    words_put_percent(&telling->scratch, percent, options->locale);
    buf_add_byte(&telling->scratch, ')');
}

static void put_alike(struct telling *telling, const struct voices *voices)
{
    enum locale locale = telling->options->locale;
    size_t count = 0, written = 0;
    for (size_t i = 0; i < ALIKE_COUNT; i++)
        count += voices->alike[i] > 0;
    if (count == 0)
        return;
    buf_add_text(&telling->scratch, locale == LOCALE_FR ? "\u00a0: " : ": ");
    for (size_t i = 0; i < ALIKE_COUNT; i++) {
        if (voices->alike[i] == 0)
            continue;
        if (written > 0)
            buf_add(&telling->scratch, words_between(written + 1 == count, locale));
        buf_add_text(&telling->scratch, word_alike(i, locale));
        written++;
    }
}

static struct slice sentence(struct telling *telling, const struct scored *scored,
                             const struct cause *causes, size_t count)
{
    const struct explain_options *options = telling->options;
    struct cause named[CAUSES_NAMED_MAX];
    size_t chosen = choose_named(causes, count, named);
    const struct recipe_step *step = step_of_all(causes, count);
    const struct voices *voices = step ? voices_of(scored->candidate, step_column(step)) : NULL;
    buf_clear(&telling->scratch);
    buf_add_text(&telling->scratch, word_because(options->role, options->locale));
    for (size_t i = 0; i < chosen; i++) {
        if (i > 0)
            buf_add(&telling->scratch, words_between(i + 1 == chosen, options->locale));
        put_cause(telling, named, i);
    }
    if (step) /* how it goes with this is said of one step alone */
        buf_add_text(&telling->scratch, word_tail(step->strategy, chosen, options->locale));
    if (voices)
        put_alike(telling, voices);
    buf_add_byte(&telling->scratch, '.');
    return buf_slice(&telling->scratch);
}

/* --- as JSON ---------------------------------------------------------------------------------- */

static void write_cause(struct telling *telling, const struct cause *cause)
{
    json_object(telling->out);
    JSON_STRING_MEMBER(telling->out, "itemId", cause->item);
    JSON_STRING_MEMBER(telling->out, "title",
                       decide_title_of(telling->input, telling->options, cause->item));
    JSON_STRING_MEMBER(telling->out, "fact", slice_of(fact_name(cause->fact)));
    JSON_STRING_MEMBER(telling->out, "strategy", slice_of(strategy_name(cause->step->strategy)));
    JSON_FIGURE_MEMBER(telling->out, "share", cause->share);
    json_end(telling->out);
}

/* Of an item whose likeness counts. */
static const struct voices *likeness_of(const struct scored *scored)
{
    static const struct voices none = {0};
    for (size_t i = 0; i < scored->contribution_count; i++) {
        const struct recipe_step *step = scored->contributions[i].step;
        const struct voices *voices = step ? voices_of(scored->candidate, step_column(step)) : NULL;
        if (voices && step->strategy == STRATEGY_SIMILAR)
            return voices;
    }
    return &none;
}

static void write_alike(struct telling *telling, const struct voices *voices)
{
    static const char *const names[ALIKE_COUNT] = {"text", "category", "brand", "attributes",
                                                   "price"};
    double whole = 0;
    for (size_t i = 0; i < ALIKE_COUNT; i++)
        whole += voices->alike[i];
    json_name(telling->out, "alike");
    json_array(telling->out);
    for (size_t i = 0; whole > 0 && i < ALIKE_COUNT; i++) {
        if (voices->alike[i] == 0)
            continue;
        json_object(telling->out);
        JSON_STRING_MEMBER(telling->out, "kind", slice_of(names[i]));
        JSON_STRING_MEMBER(telling->out, "sentence",
                           slice_of(word_alike(i, telling->options->locale)));
        JSON_FIGURE_MEMBER(telling->out, "share", voices->alike[i] / whole);
        json_end(telling->out);
    }
    json_end(telling->out);
}

void telling_causes(struct telling *telling, const struct scored *scored)
{
    struct cause causes[CAUSES_MAX];
    size_t count = causes_of(telling->input, scored, causes);
    if (telling->options->role != ROLE_SHOPPER) {
        json_name(telling->out, "because");
        json_array(telling->out);
        for (size_t i = 0; i < count; i++)
            write_cause(telling, &causes[i]);
        json_end(telling->out);
        write_alike(telling, likeness_of(scored));
    }
    if (count > 0)
        JSON_STRING_MEMBER(telling->out, "why", sentence(telling, scored, causes, count));
}
