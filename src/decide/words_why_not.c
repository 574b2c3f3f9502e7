#include "decide/words_why_not.h"

#include <assert.h>

static const char *const names[STANDING_COUNT] = {
    [STANDING_SHOWN] = "shown",           [STANDING_REMOVED] = "removed",
    [STANDING_BELOW] = "below",           [STANDING_NOT_DRAWN] = "not_drawn",
    [STANDING_FRUITLESS] = "fruitless",   [STANDING_BARRED] = "barred",
    [STANDING_UNRECORDED] = "unrecorded", [STANDING_NOT_PROPOSED] = "not_proposed",
    [STANDING_HELD_OUT] = "held_out",     [STANDING_NO_PLACEMENT] = "no_placement",
    [STANDING_STOPPED] = "stopped",
};

/* Then, then today. */
static const char *const standings[STANDING_COUNT][2][LOCALE_COUNT] = {
    [STANDING_SHOWN] = {{"{1} a été montré, à la place {2}.", "{1} was shown, in slot {2}."},
                        {"{1} serait montré, à la place {2}.", "{1} would be shown, in slot {2}."}},
    [STANDING_REMOVED] = {{"{1} était proposé et a été écarté : {2}.",
                           "{1} was proposed and removed: {2}."},
                          {"{1} serait proposé et écarté : {2}.",
                           "{1} would be proposed and removed: {2}."}},
    [STANDING_BELOW] =
        {{"{1} était candidat, au rang {2} sur {3}, à {4} du dernier montré, {5}.",
          "{1} was a candidate, ranked {2} of {3}, {4} behind the last one shown, {5}."},
         {"{1} serait candidat, au rang {2} sur {3}, à {4} du dernier montré, {5}.",
          "{1} would be a candidate, ranked {2} of {3}, {4} behind the last one shown, {5}."}},
    [STANDING_NOT_DRAWN] =
        {{"{1} est une nouveauté qu’aucune source n’avait proposée ; le sort en a choisi "
          "d’autres, parmi {2}.",
          "{1} is a new arrival that no source had proposed; others were drawn by lot, among {2}."},
         {"{1} serait une nouveauté qu’aucune source ne proposerait ; le sort en choisirait, "
          "parmi {2}.",
          "{1} would be a new arrival that no source would propose; lots would be drawn among "
          "{2}."}},
    [STANDING_FRUITLESS] = {{"{1} était candidat, mais rien n’a été montré ici.",
                             "{1} was a candidate, but nothing was shown here."},
                            {"{1} serait candidat, mais rien ne serait montré ici.",
                             "{1} would be a candidate, but nothing would be shown here."}},
    [STANDING_BARRED] = {{"{1}, proposé ou non, ne pouvait pas être montré : {2}.",
                          "{1}, proposed or not, could not be shown: {2}."},
                         {"{1}, proposé ou non, ne pourrait pas être montré : {2}.",
                          "{1}, proposed or not, could not be shown: {2}."}},
    [STANDING_UNRECORDED] =
        {{"La décision n’a pas gardé trace de {1}. Parmi les candidats qu’elle n’a pas gardés, {2} "
          "étaient trop loin derrière et {3} écartés par des règles ; s’il n’en était pas, aucune "
          "source ne l’avait proposé.",
          "The decision kept no trace of {1}. Of the candidates that it did not keep, {2} were too "
          "far behind and {3} removed by rules; if it was none of them, no source had proposed "
          "it."},
         {"Rien ne dit ce qu’il en serait de {1}.", "Nothing tells what would become of {1}."}},
    [STANDING_NOT_PROPOSED] = {{"Aucune source de la recette n’avait proposé {1}.",
                                "No source of the recipe had proposed {1}."},
                               {"Aucune source de la recette ne proposerait {1}.",
                                "No source of the recipe would propose {1}."}},
    [STANDING_HELD_OUT] = {{"Groupe témoin : rien n’a été montré ici à cette personne.",
                            "Hold-out: this person was shown nothing here."},
                           {"Groupe témoin : rien ne serait montré ici à cette personne.",
                            "Hold-out: this person would be shown nothing here."}},
    [STANDING_STOPPED] = {{"L’emplacement « {2} » était arrêté : rien n’y a été montré.",
                           "Placement “{2}” was switched off: nothing was shown there."},
                          {"L’emplacement « {2} » est arrêté : rien n’y est montré.",
                           "Placement “{2}” is switched off: nothing is shown there."}},
    [STANDING_NO_PLACEMENT] = {{"L’emplacement « {2} » n’existait pas dans la version publiée.",
                                "Placement “{2}” did not exist in the policy version."},
                               {"L’emplacement « {2} » n’est plus publié.",
                                "Placement “{2}” is no longer published."}},
};

const char *standing_name(enum standing_kind kind)
{
    assert(kind < STANDING_COUNT);
    return names[kind];
}

const char *word_standing(enum standing_kind kind, bool today, enum locale locale)
{
    return standings[kind][today][locale];
}

/* What the shopper knows anyway; any other rule is the shop's own affair. */
static const char *shopper_removal(enum removal removed, enum locale locale)
{
    static const char *const known[REMOVED_COUNT][LOCALE_COUNT] = {
        [REMOVED_STOCK] = {"{1} n’était pas disponible.", "{1} was not available."},
        [REMOVED_BOUGHT] = {"Cet article fait partie de ceux que vous avez déjà.",
                            "This item is among those that you already have."},
        [REMOVED_BASKET] = {"{1} était déjà dans votre panier.", "{1} was in your basket already."},
        [REMOVED_VIEWED] = {"Vous veniez de voir {1}.", "You had just viewed {1}."},
        [REMOVED_SIZE] = {"{1} n’était pas disponible dans votre taille.",
                          "{1} was not available in your size."},
        [REMOVED_CURRENT] = {"Vous regardiez {1}.", "You were looking at {1}."},
        [REMOVED_PAGE] = {"{1} était déjà montré sur la page.",
                          "{1} was shown on the page already."},
        [REMOVED_CALLER] = {"{1} était déjà montré sur la page.",
                            "{1} was shown on the page already."},
    };
    return known[removed][locale];
}

const char *word_standing_shopper(enum standing_kind kind, enum removal removed, enum locale locale)
{
    static const char *const told[STANDING_COUNT][LOCALE_COUNT] = {
        [STANDING_SHOWN] = {"{1} vous a été montré.", "{1} was shown to you."},
        [STANDING_REMOVED] = {"{1} n’entrait pas dans cette sélection.",
                              "{1} did not belong to this selection."},
        [STANDING_BELOW] = {"D’autres articles convenaient mieux ici.",
                            "Other items suited this place better."},
        [STANDING_NOT_DRAWN] = {"D’autres articles ont été montrés ici.",
                                "Other items were shown here."},
        [STANDING_FRUITLESS] = {"Nous n’avions rien à vous proposer ici.",
                                "We had nothing to suggest to you here."},
        [STANDING_BARRED] = {"{1} n’entrait pas dans cette sélection.",
                             "{1} did not belong to this selection."},
        [STANDING_UNRECORDED] = {"Nous ne gardons pas le détail de ce qui n’a pas été montré : "
                                 "d’autres articles ont été préférés.",
                                 "We keep no detail of what was not shown: other items were "
                                 "preferred."},
        [STANDING_NOT_PROPOSED] = {"{1} n’avait pas de lien avec ce qui était montré ici.",
                                   "{1} had nothing to do with what was shown here."},
        [STANDING_STOPPED] = {"Nous n’avions rien à vous proposer ici.",
                              "We had nothing to suggest to you here."},
        [STANDING_HELD_OUT] = {"Nous n’avions rien à vous proposer ici.",
                               "We had nothing to suggest to you here."},
        [STANDING_NO_PLACEMENT] = {"Nous n’avions rien à vous proposer ici.",
                                   "We had nothing to suggest to you here."},
    };
    bool removal = kind == STANDING_REMOVED || kind == STANDING_BARRED;
    const char *known = removal ? shopper_removal(removed, locale) : NULL;
    return known ? known : told[kind][locale];
}

const char *word_why(enum why_word word, enum locale locale)
{
    static const char *const words[WHY_COUNT][LOCALE_COUNT] = {
        [WHY_RULE] = {"C’est la règle n° {1} de l’emplacement, « {2} ».",
                      "That is rule {1} of the placement, “{2}”."},
        [WHY_RULE_AGENT] = {"C’est une règle de la boutique.", "That is a rule of the shop."},
        [WHY_DREW] = {"Son rang suffisait, mais l’ordre a été tiré au hasard.",
                      "Its rank was enough, but the order was drawn at random."},
        [WHY_ARRANGED] = {"Son rang suffisait, mais des règles ont mis d’autres articles à sa "
                          "place.",
                          "Its rank was enough, but rules put other items in its place."},
        [WHY_DIFFERENCES] = {"Ce qui fait l’écart : {1}.", "What makes the gap: {1}."},
        [WHY_TASTE] = {"goût pour {1} {2}", "taste for {1} {2}"},
        [WHY_STEP_ONE] = {"La source « {1} » a proposé un autre article.",
                          "“{1}” proposed one other item."},
        [WHY_STEP_MANY] = {"La source « {1} » a proposé {2} autres articles.",
                           "“{1}” proposed {2} other items."},
        [WHY_STEP_CUT] = {"La source « {1} » a été interrompue par le délai.",
                          "“{1}” was cut short by the deadline."},
        [WHY_STEP_NO_START] = {"La source « {1} » n’avait aucun article dont partir.",
                               "“{1}” had no item to start from."},
        [WHY_STEP_SILENT] = {"La source « {1} » n’a rien proposé, ou n’a pas eu à le faire.",
                             "“{1}” proposed nothing, or did not need to."},
        [WHY_TODAY] = {"Ce qui suit vaut aujourd’hui, avec le catalogue, les règles et les modèles "
                       "actuels et ce qui était connu de la personne alors ; la décision n’en "
                       "savait rien.",
                       "What follows holds today, with the catalogue, rules and models as they are "
                       "and what was known of the person then; the decision knew nothing of it."},
    };
    return words[word][locale];
}

static const char *advice_of_removal(enum removal removed, enum locale locale)
{
    static const char *const advices[REMOVED_COUNT][LOCALE_COUNT] = {
        [REMOVED_HIDDEN] = {"Pour qu’il puisse être montré : rendez-le visible dans le catalogue.",
                            "For it to be shown: make it visible in the catalogue."},
        [REMOVED_STOCK] = {"Pour qu’il puisse être montré : remettez-le en stock, ou retirez la "
                           "règle n° {2}.",
                           "For it to be shown: put it in stock again, or take rule {2} out."},
        [REMOVED_CALLER] = {"Pour qu’il puisse être montré : la page ne doit plus l’exclure dans "
                            "son appel.",
                            "For it to be shown: the page has to stop excluding it in its call."},
        [REMOVED_NOT_INCLUDED] = {"Pour qu’il puisse être montré : ajoutez-le à la liste de la "
                                  "règle n° {2}.",
                                  "For it to be shown: add it to the list of rule {2}."},
        [REMOVED_EXCLUDED] = {"Pour qu’il puisse être montré : ôtez-le de la liste de la règle "
                              "n° {2}.",
                              "For it to be shown: take it off the list of rule {2}."},
        [REMOVED_PRICE] = {"Pour qu’il puisse être montré : élargissez la fourchette de la règle "
                           "n° {2}.",
                           "For it to be shown: widen the range of rule {2}."},
        [REMOVED_MARGIN] = {"Pour qu’il puisse être montré : baissez le plancher de la règle "
                            "n° {2}, ou donnez le coût de l’article s’il n’est pas connu.",
                            "For it to be shown: lower the floor of rule {2}, or tell the item’s "
                            "cost if it is not known."},
        [REMOVED_SIZE] = {"Pour qu’il puisse être montré : remettez-le en stock dans cette taille, "
                          "ou retirez la règle n° {2}.",
                          "For it to be shown: put it in stock in that size, or take rule {2} "
                          "out."},
        [REMOVED_STOCK_LEVEL] = {"Pour qu’il puisse être montré : élargissez les bornes de la "
                                 "règle n° {2}.",
                                 "For it to be shown: widen the bounds of rule {2}."},
    };
    return advices[removed][locale];
}

const char *word_advice(const struct standing *standing, enum locale locale)
{
    static const char *const rule[LOCALE_COUNT] = {
        "Pour qu’il puisse être montré : retirez ou changez la règle n° {2}.",
        "For it to be shown: take out or change rule {2}."};
    static const char *const recipe[LOCALE_COUNT] = {
        "Pour qu’il puisse être montré : ajoutez à la recette une source qui le propose.",
        "For it to be shown: add a source to the recipe that proposes it."};
    static const char *const below[LOCALE_COUNT] = {
        "Pour qu’il puisse être montré : demandez plus d’articles, ou donnez plus de poids à ce "
        "qui parle pour lui.",
        "For it to be shown: ask for more items, or give what speaks for it more weight."};
    bool removal = standing->kind == STANDING_REMOVED || standing->kind == STANDING_BARRED;
    const char *advice = removal ? advice_of_removal(standing->removed, locale) : NULL;
    if (standing->kind == STANDING_NOT_PROPOSED)
        return recipe[locale];
    if (standing->kind == STANDING_BELOW)
        return below[locale];
    if (!removal)
        return NULL;
    if (advice)
        return advice;
    return standing->rule ? rule[locale] : NULL;
}
