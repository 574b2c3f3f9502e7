/* An evaluation as JSON, and in sentences. */
#include "api/evaluating.h"

#include "api/phrases.h"
#include "base/clock.h"
#include "base/zone.h"
#include "decide/words.h"

#include <math.h>
#include <stdio.h>

enum { SENTENCE_BYTES_MAX = 1024 };

static const char *const target_names[] = {"bought", "viewed"};
static const char *const figure_names[OFFLINE_COUNT] = {"recall", "ndcg", "hitRate", "mrr"};

/* --- sentences -------------------------------------------------------------------------------- */

static const struct pattern asked_bought = {
    {"Du {1} au {2} : {3} {3:question posée|questions posées} à {4} {4:personne|personnes}, "
     "chacune avec les modèles et le profil "
     "d’alors ; une réponse juste est ce qui a été acheté ensuite.",
     "From {1} to {2}: {3} {3:question|questions} to {4} {4:person|people}, each with the models "
     "and the profile of then; "
     "right is what was bought next."}};
static const struct pattern asked_viewed = {
    {"Du {1} au {2} : {3} {3:question posée|questions posées} à {4} {4:personne|personnes}, "
     "chacune avec les modèles et le profil "
     "d’alors ; une réponse juste est ce qui a été regardé ensuite.",
     "From {1} to {2}: {3} {3:question|questions} to {4} {4:person|people}, each with the models "
     "and the profile of then; "
     "right is what was looked at next."}};
static const struct pattern not_enough = {
    {"Pas encore mesurable : {1} {1:personne|personnes}, il en faut au moins {2}.",
     "Not measurable yet: {1} {1:person|people}, it takes at least {2}."}};
static const struct pattern nothing_since = {
    {"Rien de ce qui est enregistré ne date du {1} ou d’après : il n’y a personne à qui poser la "
     "question. Choisissez un jour plus ancien.",
     "Nothing on record lies on or after {1}: there is nobody to ask. Take an earlier day."}};
static const struct pattern whole_name = {{"La recette entière", "The whole recipe"}};
static const struct pattern best_name = {{"Les meilleures ventes", "Best sellers"}};
static const struct pattern step_name = {{"Étape {1}, {2}", "Step {1}, {2}"}};
static const struct pattern recall_of = {{"{1} : rappel@{2} de {3} %, entre {4} % et {5} %.",
                                          "{1}: recall@{2} of {3}%, between {4}% and {5}%."}};
static const struct pattern recall_alone = {
    {"{1} : rappel@{2} de {3} %.", "{1}: recall@{2} of {3}%."}};
static const struct pattern better = {
    {" C’est mieux que les meilleures ventes, de {1} à {2} points.",
     " That is {1} to {2} points better than best sellers."}};
static const struct pattern worse = {
    {" C’est moins bien que les meilleures ventes, de {1} à {2} points.",
     " That is {1} to {2} points worse than best sellers."}};
static const struct pattern alike = {{" Aucune différence visible avec les meilleures ventes.",
                                      " No difference to best sellers is seen."}};
static const struct pattern cold_people = {
    {"{1} {1:personne était inconnue|personnes étaient inconnues} jusque-là ; la recette y atteint "
     "un rappel@{2} de "
     "{3} %.",
     "{1} {1:person was|people were} unknown until then; there the recipe reaches a recall@{2} of "
     "{3}%."}};
static const struct pattern caution = {
    {"Le passé ne montre que ce que les gens ont trouvé tout seuls, et le catalogue est celui "
     "d’aujourd’hui : seul le groupe témoin dit ce que l’emplacement rapporte.",
     "The past shows only what people found by themselves, and the catalogue is today’s: only the "
     "hold-out tells what the placement earns."}};

struct telling {
    const struct evaluation_wish *wish;
    const struct evaluated *evaluated;
    struct phrase phrase;
    void (*put)(void *context, struct slice sentence);
    void *context;
};

/* 2026-10-01, in French 01/10/2026. */
static void put_day(struct telling *telling, int64_t ms)
{
    enum { DATE_BYTES = 10 };
    char text[25], french[DATE_BYTES + 1];
    struct slice zone = telling->wish->workspace->timezone;
    clock_format_iso(ms + (int64_t)MS_PER_MINUTE * zone_offset_minutes(zone, ms), text);
    (void)snprintf(french, sizeof french, "%.2s/%.2s/%.4s", text + 8, text + 5, text);
    phrase_text(&telling->phrase,
                slice_make(telling->wish->locale == LOCALE_FR ? french : text, DATE_BYTES));
}

static void put_name(struct telling *telling, size_t index)
{
    struct buf name;
    struct phrase phrase = phrase_in(telling->wish->locale);
    buf_init(&name, PHRASE_VALUE_SIZE);
    if (index >= EVALUATION_STEPS) {
        phrase_number(&phrase, (double)(index - EVALUATION_STEPS + 1), 0);
        phrase_text(&phrase, slice_of(word_strategy(telling->evaluated->strategies[index],
                                                    telling->wish->locale)));
    }
    phrase_say(&phrase,
               index == EVALUATION_WHOLE          ? &whole_name
               : index == EVALUATION_BEST_SELLERS ? &best_name
                                                  : &step_name,
               &name);
    phrase_text(&telling->phrase, buf_slice(&name));
    buf_done(&name);
}

static void say_over(struct telling *telling, const struct effect *over, struct buf *sentence)
{
    bool up = over->low > 0, down = over->high < 0;
    if (!over->known || !(up || down)) {
        phrase_say(&telling->phrase, &alike, sentence);
        return;
    }
    phrase_number(&telling->phrase, 100 * (up ? over->low : -over->high), 2);
    phrase_number(&telling->phrase, 100 * (up ? over->high : -over->low), 2);
    phrase_say(&telling->phrase, up ? &better : &worse, sentence);
}

static void tell_list(struct telling *telling, size_t index)
{
    const struct evaluated_list *list = &telling->evaluated->lists[index];
    const struct effect *recall = &list->figures[OFFLINE_RECALL];
    struct buf sentence;
    buf_init(&sentence, SENTENCE_BYTES_MAX);
    put_name(telling, index);
    phrase_number(&telling->phrase, telling->wish->k, 0);
    phrase_number(&telling->phrase, 100 * recall->value, 2);
    if (recall->known) {
        phrase_number(&telling->phrase, 100 * fmax(0, recall->low), 2);
        phrase_number(&telling->phrase, 100 * fmin(1, recall->high), 2);
    }
    phrase_say(&telling->phrase, recall->known ? &recall_of : &recall_alone, &sentence);
    if (index != EVALUATION_BEST_SELLERS)
        say_over(telling, &list->over[OFFLINE_RECALL], &sentence);
    telling->put(telling->context, buf_slice(&sentence));
    buf_done(&sentence);
}

static void tell(struct telling *telling, const struct pattern *pattern)
{
    struct buf sentence;
    buf_init(&sentence, SENTENCE_BYTES_MAX);
    phrase_say(&telling->phrase, pattern, &sentence);
    telling->put(telling->context, buf_slice(&sentence));
    buf_done(&sentence);
}

static void tell_all(struct telling *telling)
{
    const struct evaluated *evaluated = telling->evaluated;
    put_day(telling, telling->wish->since_ms);
    if (evaluated->cuts == 0) {
        tell(telling, &nothing_since);
        return;
    }
    put_day(telling, evaluated->until_ms);
    phrase_number(&telling->phrase, (double)evaluated->questions, 0);
    phrase_number(&telling->phrase, (double)evaluated->people, 0);
    tell(telling, telling->wish->target == EVALUATION_BOUGHT ? &asked_bought : &asked_viewed);
    if (!evaluated->enough) {
        phrase_number(&telling->phrase, (double)evaluated->people, 0);
        phrase_number(&telling->phrase, EFFECT_PEOPLE_MIN, 0);
        tell(telling, &not_enough);
        return;
    }
    for (size_t i = 0; i < evaluated->list_count; i++)
        tell_list(telling, i);
    if (evaluated->cold_people > 0) {
        const struct evaluated_list *recipe = &evaluated->lists[EVALUATION_WHOLE];
        phrase_number(&telling->phrase, (double)evaluated->cold_people, 0);
        phrase_number(&telling->phrase, telling->wish->k, 0);
        phrase_number(&telling->phrase, 100 * recipe->cold[OFFLINE_RECALL].value, 2);
        tell(telling, &cold_people);
    }
    tell(telling, &caution);
}

static void put_line(void *context, struct slice sentence)
{
    buf_add(context, sentence);
    buf_add_byte(context, '\n');
}

void evaluation_tell(const struct evaluation_wish *wish, const struct evaluated *evaluated,
                     struct buf *buf)
{
    struct telling telling = {wish, evaluated, phrase_in(wish->locale), put_line, buf};
    tell_all(&telling);
}

/* --- JSON ------------------------------------------------------------------------------------- */

static void put_string(void *context, struct slice sentence)
{
    json_string(context, sentence);
}

static void write_effect(struct json_out *out, const char *name, const struct effect *effect,
                         bool with_p)
{
    json_name(out, name);
    json_object(out);
    JSON_NUMBER_MEMBER(out, "value", effect->value);
    if (effect->known) {
        JSON_NUMBER_MEMBER(out, "low", effect->low);
        JSON_NUMBER_MEMBER(out, "high", effect->high);
        if (with_p)
            JSON_NUMBER_MEMBER(out, "p", effect->p);
    }
    json_end(out);
}

static void write_figures(struct json_out *out, const char *name,
                          const struct effect figures[OFFLINE_COUNT], bool with_p)
{
    json_name(out, name);
    json_object(out);
    for (size_t i = 0; i < OFFLINE_COUNT; i++)
        write_effect(out, figure_names[i], &figures[i], with_p);
    json_end(out);
}

static void write_list(const struct evaluated *evaluated, size_t index, struct json_out *out)
{
    const struct evaluated_list *list = &evaluated->lists[index];
    json_object(out);
    if (index >= EVALUATION_STEPS) {
        JSON_INT_MEMBER(out, "step", (int64_t)(index - EVALUATION_STEPS + 1));
        JSON_STRING_MEMBER(out, "strategy", slice_of(strategy_name(evaluated->strategies[index])));
    }
    write_figures(out, "figures", list->figures, false);
    if (index != EVALUATION_BEST_SELLERS)
        write_figures(out, "overBestSellers", list->over, true);
    JSON_NUMBER_MEMBER(out, "coverage", list->coverage);
    JSON_NUMBER_MEMBER(out, "novelty", list->novelty);
    JSON_NUMBER_MEMBER(out, "answered", list->answered);
    if (evaluated->cold_people > 0)
        write_figures(out, "cold", list->cold, false);
    json_end(out);
}

static void write_lists(const struct evaluated *evaluated, struct json_out *out)
{
    json_name(out, "recipe");
    write_list(evaluated, EVALUATION_WHOLE, out);
    json_name(out, "bestSellers");
    write_list(evaluated, EVALUATION_BEST_SELLERS, out);
    json_name(out, "steps");
    json_array(out);
    for (size_t i = EVALUATION_STEPS; i < evaluated->list_count; i++)
        write_list(evaluated, i, out);
    json_end(out);
}

void evaluation_write(const struct evaluation_wish *wish, const struct evaluated *evaluated,
                      struct buf *buf)
{
    struct json_out out = json_out(buf);
    struct telling telling = {wish, evaluated, phrase_in(wish->locale), put_string, &out};
    json_object(&out);
    JSON_STRING_MEMBER(&out, "placement", wish->placement->id);
    JSON_BOOL_MEMBER(&out, "draft", wish->draft);
    JSON_STRING_MEMBER(&out, "verdict", slice_of(evaluated->enough ? "measured" : "too_little"));
    JSON_TIME_MEMBER(&out, "since", wish->since_ms);
    JSON_TIME_MEMBER(&out, "until", evaluated->until_ms);
    JSON_INT_MEMBER(&out, "k", wish->k);
    JSON_STRING_MEMBER(&out, "target", slice_of(target_names[wish->target]));
    JSON_INT_MEMBER(&out, "cuts", (int64_t)evaluated->cuts);
    JSON_INT_MEMBER(&out, "questions", (int64_t)evaluated->questions);
    JSON_INT_MEMBER(&out, "people", (int64_t)evaluated->people);
    JSON_INT_MEMBER(&out, "coldPeople", (int64_t)evaluated->cold_people);
    JSON_NUMBER_MEMBER(&out, "askedShare", evaluated->asked_share);
    json_name(&out, "sentences");
    json_array(&out);
    tell_all(&telling);
    json_end(&out);
    if (evaluated->enough)
        write_lists(evaluated, &out);
    json_end(&out);
}
