#include "decide/what_if_tell.h"

#include <stdio.h>

#include "decide/causes.h"
#include "decide/what_if.h"

enum { CHANGES_TOLD_MAX = 8 };

/* --- words ------------------------------------------------------------------------------------ */

enum effect {
    EFFECT_COME_ONE, /* {1} titles */
    EFFECT_COME_MANY,
    EFFECT_GONE_ONE,
    EFFECT_GONE_MANY,
    EFFECT_MOVED,
    EFFECT_NOTHING,
    EFFECT_AS_KEPT, /* of what is not certain */
    EFFECT_UNKNOWN, /* {1} the change */
    EFFECT_COUNT
};

static const char *const effects[EFFECT_COUNT][LOCALE_COUNT] = {
    [EFFECT_COME_ONE] = {"{1} entrerait", "{1} would come in"},
    [EFFECT_COME_MANY] = {"{1} entreraient", "{1} would come in"},
    [EFFECT_GONE_ONE] = {"{1} sortirait", "{1} would drop out"},
    [EFFECT_GONE_MANY] = {"{1} sortiraient", "{1} would drop out"},
    [EFFECT_MOVED] = {"les mêmes articles dans un autre ordre", "the same items in another order"},
    [EFFECT_NOTHING] = {"rien ne serait montré", "nothing would be shown"},
    [EFFECT_AS_KEPT] = {" (parmi les candidats dont la décision a gardé trace)",
                        " (among the candidates that the decision kept)"},
    [EFFECT_UNKNOWN] = {"{1}\u00a0: la décision n’a pas gardé de quoi le dire.",
                        "{1}: the decision kept nothing to tell it by."},
};

static const char *change_of(const struct telling *telling, const struct what_if *what_if)
{
    static const char *const words[WHAT_IF_COUNT][LOCALE_COUNT] = {
        [WHAT_IF_WITHOUT_RULE] = {"Sans la règle n°\u00a0{1} («\u00a0{2}\u00a0»)",
                                  "Without rule {1} (“{2}”)"},
        [WHAT_IF_WITHOUT_ITEM] = {"Sans {1}", "Without {1}"},
        [WHAT_IF_WITHOUT_TASTES] = {"Sans ses goûts", "Without their tastes"},
        [WHAT_IF_WITHOUT_CONSENT] = {"Sans personnalisation", "Without personalisation"},
        [WHAT_IF_HELD_OUT] = {"Dans le groupe témoin", "In the hold-out"},
        [WHAT_IF_WITHOUT_CHANCE] = {"Sans tirage au sort", "Without the draw"},
        [WHAT_IF_WITHOUT_FALLBACK] = {"Sans repli", "Without the fallback"},
        [WHAT_IF_PARTIAL] = {"Si moins que le minimum était montré",
                             "Were fewer than the minimum shown"},
    };
    static const char *const agents[LOCALE_COUNT] = {"Sans une règle de la boutique",
                                                     "Without a rule of the shop"};
    static const char *const facts[FACT_COUNT][LOCALE_COUNT] = {
        [FACT_PAGE_ITEM] = {"Sur une autre page que celle de {1}", "On another page than {1}’s"},
        [FACT_CART] = {"Sans {1} au panier", "Without {1} in the basket"},
        [FACT_BASKET] = {"Sans {1} au panier", "Without {1} in the basket"},
        [FACT_RECENTS] = {"Si la personne n’avait pas vu {1}", "Had the person not looked at {1}"},
        [FACT_BOUGHT] = {"Si la personne n’avait pas acheté {1}", "Had the person not bought {1}"},
    };
    enum locale locale = telling->options->locale;
    enum fact fact = FACT_COUNT;
    if (what_if->kind == WHAT_IF_WITHOUT_RULE && telling->options->role == ROLE_AGENT)
        return agents[locale];
    if (what_if->kind == WHAT_IF_WITHOUT_ITEM)
        fact = cause_fact(telling->input, what_if->item);
    return fact < FACT_COUNT && facts[fact][locale] ? facts[fact][locale]
                                                    : words[what_if->kind][locale];
}

/* --- a sentence ------------------------------------------------------------------------------- */

static void put_change(struct telling *telling, const struct what_if *what_if, struct buf *buf)
{
    char position[24];
    struct slice values[2] = {SLICE_NONE, SLICE_NONE};
    if (what_if->kind == WHAT_IF_WITHOUT_RULE) {
        int size = snprintf(position, sizeof position, "%zu", what_if->rule_position);
        values[0] = slice_make(position, (size_t)size);
        values[1] = slice_of(rule_kind_name(what_if->rule->kind));
    } else if (what_if->kind == WHAT_IF_WITHOUT_ITEM) {
        values[0] = telling_title(telling, what_if->item);
    }
    words_put(buf, change_of(telling, what_if), values);
}

static void put_items(struct telling *telling, const struct slice *items, size_t count,
                      enum effect one)
{
    enum locale locale = telling->options->locale;
    buf_clear(&telling->detail);
    for (size_t i = 0; i < count; i++) {
        if (i > 0)
            buf_add(&telling->detail, words_between(i + 1 == count, locale));
        buf_add(&telling->detail, telling_title(telling, items[i]));
    }
    struct slice list = buf_slice(&telling->detail);
    words_put(&telling->scratch, effects[count == 1 ? one : one + 1][locale], &list);
}

static struct slice sentence(struct telling *telling, const struct what_if *what_if)
{
    enum locale locale = telling->options->locale;
    struct buf *buf = &telling->scratch;
    buf_clear(buf);
    put_change(telling, what_if, buf);
    buf_add_text(buf, locale == LOCALE_FR ? "\u00a0: " : ": ");
    if (what_if->nothing)
        buf_add_text(buf, effects[EFFECT_NOTHING][locale]);
    else if (what_if->come_count + what_if->gone_count == 0)
        buf_add_text(buf, effects[EFFECT_MOVED][locale]);
    if (!what_if->nothing && what_if->come_count > 0)
        put_items(telling, what_if->come, what_if->come_count, EFFECT_COME_ONE);
    if (!what_if->nothing && what_if->come_count > 0 && what_if->gone_count > 0)
        buf_add_text(buf, ", ");
    if (!what_if->nothing && what_if->gone_count > 0)
        put_items(telling, what_if->gone, what_if->gone_count, EFFECT_GONE_ONE);
    if (!what_if->certain)
        buf_add_text(buf, effects[EFFECT_AS_KEPT][locale]);
    buf_add_byte(buf, '.');
    return buf_slice(buf);
}

static struct slice unknown_sentence(struct telling *telling, const struct what_if *what_if)
{
    buf_clear(&telling->detail);
    buf_clear(&telling->scratch);
    put_change(telling, what_if, &telling->detail);
    struct slice change = buf_slice(&telling->detail);
    words_put(&telling->scratch, effects[EFFECT_UNKNOWN][telling->options->locale], &change);
    return buf_slice(&telling->scratch);
}

/* --- as JSON ---------------------------------------------------------------------------------- */

static void write_change(struct telling *telling, const struct what_if *what_if)
{
    struct json_out *out = telling->out;
    JSON_STRING_MEMBER(out, "kind", slice_of(what_if_name(what_if->kind)));
    if (what_if->kind == WHAT_IF_WITHOUT_RULE && telling->options->role == ROLE_MARKETER) {
        JSON_INT_MEMBER(out, "position", (int64_t)what_if->rule_position);
        JSON_STRING_MEMBER(out, "rule", slice_of(rule_kind_name(what_if->rule->kind)));
    }
    if (what_if->kind == WHAT_IF_WITHOUT_ITEM)
        JSON_STRING_MEMBER(out, "itemId", what_if->item);
}

static void write_items(struct json_out *out, const char *name, const struct slice *items,
                        size_t count)
{
    json_name(out, name);
    json_array(out);
    for (size_t i = 0; i < count; i++)
        json_string(out, items[i]);
    json_end(out);
}

static void write_changes(struct telling *telling, const struct what_ifs *what_ifs)
{
    struct json_out *out = telling->out;
    json_name(out, "changes");
    json_array(out);
    for (size_t i = 0; i < what_ifs->changed && i < CHANGES_TOLD_MAX; i++) {
        const struct what_if *what_if = &what_ifs->list[i];
        json_object(out);
        write_change(telling, what_if);
        write_items(out, "come", what_if->come, what_if->come_count);
        write_items(out, "gone", what_if->gone, what_if->gone_count);
        JSON_INT_MEMBER(out, "moved", (int64_t)what_if->moved);
        JSON_BOOL_MEMBER(out, "certain", what_if->certain);
        JSON_STRING_MEMBER(out, "sentence", sentence(telling, what_if));
        json_end(out);
    }
    json_end(out);
}

static void write_others(struct telling *telling, const struct what_ifs *what_ifs, bool unknown)
{
    struct json_out *out = telling->out;
    size_t from = what_ifs->changed + (unknown ? 0 : what_ifs->unknown);
    size_t end = unknown ? from + what_ifs->unknown : what_ifs->count;
    json_name(out, unknown ? "unknown" : "same");
    json_array(out);
    for (size_t i = from; i < end; i++) {
        json_object(out);
        write_change(telling, &what_ifs->list[i]);
        if (unknown)
            JSON_STRING_MEMBER(out, "sentence", unknown_sentence(telling, &what_ifs->list[i]));
        else
            JSON_BOOL_MEMBER(out, "certain", what_ifs->list[i].certain);
        json_end(out);
    }
    json_end(out);
}

void telling_what_ifs(struct telling *telling, const struct outcome *outcome)
{
    struct arena arena;
    if (telling->decision->definition == NULL)
        return;
    arena_init(&arena);
    size_t index = (size_t)(telling->decision - outcome->decisions);
    const struct what_ifs *what_ifs = what_ifs_of(telling->input, outcome, index, &arena);
    json_name(telling->out, "whatIf");
    json_object(telling->out);
    JSON_INT_MEMBER(telling->out, "tried", (int64_t)what_ifs->count);
    JSON_INT_MEMBER(telling->out, "untried", (int64_t)what_ifs->untried);
    write_changes(telling, what_ifs);
    write_others(telling, what_ifs, true);
    write_others(telling, what_ifs, false);
    json_end(telling->out);
    arena_done(&arena);
}
