/* A report in sentences. */
#include "api/phrases.h"
#include "api/reporting.h"

#include <math.h>
#include <stdio.h>

enum { TEXT_BYTES_MAX = 1024 };

static const struct pattern not_measured = {
    {"Cet emplacement n’a pas d’objectif : rien n’est mesuré.",
     "This placement has no objective: nothing is measured."}};
static const struct pattern nobody = {{"Personne n’a encore été exposé à cet emplacement.",
                                       "Nobody has been exposed to this placement yet."}};
static const struct pattern no_holdout = {
    {"Personne n’est tenu à l’écart : sans groupe témoin, l’effet de cet emplacement ne peut pas "
     "être connu.",
     "Nobody is held out: without a hold-out, the effect of this placement cannot be known."}};
static const struct pattern split_wrong = {
    {"La répartition entre les groupes n’est pas celle prévue (p = {1}) : cherchez-en la cause "
     "avant "
     "de lire la suite ; aucun effet n’est annoncé.",
     "People are not divided between the groups as planned (p = {1}): look for the reason before "
     "reading on; no effect is told."}};
static const struct pattern too_early = {
    {"Pas encore mesurable : il faut environ {1} {1:visiteur|visiteurs} de plus pour voir un effet "
     "de {2} %.",
     "Not measurable yet: about {1} more {1:visitor is|visitors are} needed to see an effect of "
     "{2}%."}};
static const struct pattern too_early_unknown = {
    {"Pas encore mesurable : personne n’a encore donné de résultat, et l’on ne peut dire combien "
     "de "
     "visiteurs il faudra.",
     "Not measurable yet: there is no outcome so far, so nobody can say how many visitors it "
     "takes."}};
static const struct pattern no_effect = {
    {"Aucun effet visible : s’il y en a un, il est sans doute plus petit que {1} %.",
     "No effect is seen: if there is one, it is probably smaller than {1}%."}};
static const struct pattern better = {{"L’emplacement rapporte plus que le groupe témoin.",
                                       "The placement earns more than its hold-out."}};
static const struct pattern worse = {{"L’emplacement rapporte moins que le groupe témoin.",
                                      "The placement earns less than its hold-out."}};
static const struct pattern relative = {
    {"Effet par personne : {1} %, entre {2} % et {3} %. L’intervalle à 95 % reste valable, si "
     "souvent qu’on le regarde.",
     "Effect a person: {1}%, between {2}% and {3}%. The 95% interval stays valid however often it "
     "is looked at."}};
static const struct pattern absolute = {
    {"Effet par personne : {1}, entre {2} et {3}. L’intervalle à 95 % reste valable, si souvent "
     "qu’on le regarde.",
     "Effect a person: {1}, between {2} and {3}. The 95% interval stays valid however often it is "
     "looked at."}};
static const struct pattern earned = {
    {"Pour {1} {1:personne|personnes} du groupe choisi, cela fait {2}, entre {3} et {4}.",
     "Over the {1} {1:person|people} of the chosen group that makes {2}, between {3} and {4}."}};
static const struct pattern in_horizon = {
    {"{1} {1:personne est encore dans son|personnes sont encore dans leur} délai : {1:ses|leurs} "
     "résultats peuvent encore changer.",
     "{1} {1:person is still within a|people are still within their} horizon: outcomes may still "
     "change."}};
static const struct pattern random_slice = {
    {"Part tirée au hasard : {1} {1:décision|décisions}, {2} % de clics, contre {3} % quand la "
     "recette range. "
     "Seul "
     "le hasard donne un taux sans biais.",
     "Random slice: {1} {1:decision|decisions}, {2}% clicked, against {3}% when the recipe ranks. "
     "Chance alone "
     "gives a rate without bias."}};
static const struct pattern first_list = {{"Sans biais : qui a d’abord vu une liste rangée a "
                                           "rapporté {1} de plus que qui a d’abord vu une "
                                           "liste tirée au hasard, entre {2} et {3}.",
                                           "Without bias: people whose first list was ranked "
                                           "brought {1} more than people whose first list "
                                           "was drawn at random, between {2} and {3}."}};
static const struct pattern adjusted = {
    {"L’effet tient compte de ce qu’on savait déjà de chacun : il reste {1} % de la dispersion.",
     "The effect allows for what was known of each person before: {1}% of the spread is left."}};
static const struct pattern outside = {
    {"{1} {1:décision ne compte|décisions ne comptent} d’aucun côté : {2} pour des personnes non "
     "reconnues, {3} pour des "
     "personnes reconnues qui n’acceptent pas d’être mesurées (ou des robots), {4} pour une toute "
     "première visite.",
     "{1} {1:decision counts|decisions count} on neither side: {2} to people who are not "
     "recognised, {3} to people who "
     "are and do not agree to be measured (or robots), {4} at a very first visit."}};
static const struct pattern attributed = {{"Attribué au clic : {1} {1:résultat|résultats} après un "
                                           "clic. Ce chiffre dit qui a cliqué, pas ce que "
                                           "l’emplacement rapporte.",
                                           "Attributed to clicks: {1} {1:outcome|outcomes} after a "
                                           "click. This says who clicked, not what the "
                                           "placement earns."}};

struct telling {
    const struct told *told;
    struct json_out *out;
    struct phrase phrase;
};

static void say(struct telling *telling, const struct pattern *pattern)
{
    struct buf text;
    buf_init(&text, TEXT_BYTES_MAX);
    phrase_say(&telling->phrase, pattern, &text);
    json_string(telling->out, buf_slice(&text));
    buf_done(&text);
}

static void put_number(struct telling *telling, double value, int decimals)
{
    phrase_number(&telling->phrase, value, decimals);
}

/* An amount with its currency, or a number of outcomes. */
static void put_amount(struct telling *telling, double minor)
{
    const struct told *told = telling->told;
    phrase_amount(&telling->phrase, minor / told->unit, told->currency.size ? 2 : 4,
                  told->currency);
}

static void say_effect(struct telling *telling)
{
    const struct report *report = telling->told->report;
    if (report->relative.known) {
        put_number(telling, 100 * report->relative.value, 1);
        put_number(telling, 100 * report->relative.low, 1);
        put_number(telling, 100 * report->relative.high, 1);
        say(telling, &relative);
    } else {
        put_amount(telling, report->absolute.value);
        put_amount(telling, report->absolute.low);
        put_amount(telling, report->absolute.high);
        say(telling, &absolute);
    }
    double people = report->arms[ARM_CHOSEN].people;
    put_number(telling, people, 0);
    put_amount(telling, report->earned);
    put_amount(telling, report->absolute.low * people);
    put_amount(telling, report->absolute.high * people);
    say(telling, &earned);
    if (report->variance_left < 0.95) {
        put_number(telling, 100 * report->variance_left, 0);
        say(telling, &adjusted);
    }
}

/* Two digits of a number that is a guess. */
static double about(double number)
{
    double step = number < 100 ? 1 : pow(10, floor(log10(number)) - 1);
    return ceil(number / step) * step;
}

static void say_too_early(struct telling *telling)
{
    const struct report *report = telling->told->report;
    if (!isfinite(report->people_missing)) {
        say(telling, &too_early_unknown);
        return;
    }
    put_number(telling, about(report->people_missing), 0);
    put_number(telling, 100 * telling->told->objective->minimum_effect, 0);
    say(telling, &too_early);
}

static void say_verdict(struct telling *telling)
{
    const struct report *report = telling->told->report;
    switch (report->verdict) {
    case REPORT_NOBODY:
    case REPORT_VERDICT_COUNT:
        say(telling, &nobody);
        return;
    case REPORT_NO_HOLDOUT:
        say(telling, &no_holdout);
        return;
    case REPORT_SPLIT_WRONG: {
        char text[32];
        (void)snprintf(text, sizeof text, "%.1e", report->split_p);
        if (telling->phrase.locale == LOCALE_FR)
            text[1] = ',';
        phrase_text(&telling->phrase, slice_of(text));
        say(telling, &split_wrong);
        return;
    }
    case REPORT_TOO_EARLY:
        say_too_early(telling);
        break;
    case REPORT_NO_EFFECT:
        put_number(telling, 100 * telling->told->objective->minimum_effect, 0);
        say(telling, &no_effect);
        break;
    case REPORT_BETTER:
        say(telling, &better);
        break;
    case REPORT_WORSE:
        say(telling, &worse);
        break;
    }
    if (report_tells_effect(report))
        say_effect(telling);
}

static void say_first(struct telling *telling)
{
    const struct report *report = telling->told->report;
    const struct effect *effect = &report->first_effect;
    if (!effect->known || report->slices[0].first.n < EFFECT_PEOPLE_MIN ||
        report->slices[1].first.n < EFFECT_PEOPLE_MIN)
        return;
    put_amount(telling, effect->value);
    put_amount(telling, effect->low);
    put_amount(telling, effect->high);
    say(telling, &first_list);
}

static void say_outside(struct telling *telling)
{
    const uint64_t *count = telling->told->report->outside;
    uint64_t all = count[OUTSIDE_UNRECOGNISED] + count[OUTSIDE_UNMEASURED] + count[OUTSIDE_NEW];
    if (all == 0)
        return;
    put_number(telling, (double)all, 0);
    put_number(telling, (double)count[OUTSIDE_UNRECOGNISED], 0);
    put_number(telling, (double)count[OUTSIDE_UNMEASURED], 0);
    put_number(telling, (double)count[OUTSIDE_NEW], 0);
    say(telling, &outside);
}

static void say_rest(struct telling *telling)
{
    const struct report *report = telling->told->report;
    const struct report_arm *chosen = &report->arms[ARM_CHOSEN];
    double open = chosen->in_window + report->arms[ARM_HOLDOUT].in_window;
    if (open > 0) {
        put_number(telling, open, 0);
        say(telling, &in_horizon);
    }
    if (report->slices[1].decisions > 0) {
        put_number(telling, report->slices[1].decisions, 0);
        put_number(telling, 100 * report->slices[1].rate.mean, 2);
        put_number(telling, 100 * report->slices[0].rate.mean, 2);
        say(telling, &random_slice);
        say_first(telling);
    }
    if (chosen->attributed_outcomes > 0) {
        put_number(telling, chosen->attributed_outcomes, 0);
        say(telling, &attributed);
    }
}

void report_sentences(const struct told *told, struct json_out *out)
{
    struct telling telling = {.told = told, .out = out, .phrase = phrase_in(told->locale)};
    json_array(out);
    if (!told->measured) {
        say(&telling, &not_measured);
    } else {
        say_verdict(&telling);
        if (told->report->verdict != REPORT_NOBODY)
            say_rest(&telling);
        say_outside(&telling);
    }
    json_end(out);
}
