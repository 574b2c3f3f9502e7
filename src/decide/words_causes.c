/* What called an item, in words: the parts of "Because you are looking at A (62%) and bought B
 * (21%), both often bought with this." */
#include "decide/words.h"

#include <assert.h>

/* To the marketer and the agent, then to the shopper, who reads no title of what they bought: other
 * people may look at the same screen. */
static const char *const causes[FACT_COUNT][2][LOCALE_COUNT] = {
    [FACT_PAGE_ITEM] = {{"regardait {1}", "was looking at {1}"},
                        {"regardez {1}", "are looking at {1}"}},
    [FACT_CART] = {{"avait {1} au panier", "had {1} in the basket"},
                   {"avez {1} dans votre panier", "have {1} in your basket"}},
    [FACT_BASKET] = {{"avait mis {1} au panier", "had put {1} in the basket"},
                     {"avez mis {1} dans votre panier", "put {1} in your basket"}},
    [FACT_RECENTS] = {{"avait vu {1}", "had looked at {1}"}, {"avez vu {1}", "looked at {1}"}},
    [FACT_BOUGHT] = {{"avait acheté {1}", "had bought {1}"},
                     {"avez acheté un article de la boutique", "bought something from the shop"}},
};

static const char *const because[ROLE_COUNT][LOCALE_COUNT] = {
    [ROLE_MARKETER] = {"Parce que la personne ", "Because the person "},
    [ROLE_AGENT] = {"Parce que cette personne ", "Because this person "},
    [ROLE_SHOPPER] = {"Parce que vous ", "Because you "},
};

const char *word_cause(enum fact fact, enum audience_role role, enum locale locale)
{
    const char *word = causes[fact][role == ROLE_SHOPPER][locale];
    assert(word != NULL);
    return word;
}

const char *word_because(enum audience_role role, enum locale locale)
{
    return because[role][locale];
}

/* One, two, more. */
const char *word_tail(enum strategy strategy, size_t cause_count, enum locale locale)
{
    static const char *const tails[STRATEGY_COUNT][3][LOCALE_COUNT] = {
        [STRATEGY_BOUGHT_TOGETHER] =
            {{", souvent acheté avec cet article", ", often bought with this"},
             {", tous deux souvent achetés avec cet article", ", both often bought with this"},
             {", tous souvent achetés avec cet article", ", all often bought with this"}},
        [STRATEGY_VIEWED_TOGETHER] = {{", souvent vu avec cet article", ", often viewed with this"},
                                      {", tous deux souvent vus avec cet article",
                                       ", both often viewed with this"},
                                      {", tous souvent vus avec cet article",
                                       ", all often viewed with this"}},
        [STRATEGY_SIMILAR] = {{", proche de cet article", ", similar to this"},
                              {", tous deux proches de cet article", ", both similar to this"},
                              {", tous proches de cet article", ", all similar to this"}},
        [STRATEGY_COMPLETE_BASKET] =
            {{", qui va bien avec cet article", ", which goes well with this"},
             {", qui vont tous deux bien avec cet article", ", which both go well with this"},
             {", qui vont tous bien avec cet article", ", which all go well with this"}},
    };
    assert(cause_count > 0);
    return tails[strategy][cause_count > 2 ? 2 : cause_count - 1][locale];
}

const char *word_alike(size_t kind, enum locale locale)
{
    static const char *const kinds[ALIKE_COUNT][LOCALE_COUNT] = {
        {"mots communs", "words in common"},
        {"même rayon", "same category"},
        {"même marque", "same brand"},
        {"caractéristiques communes", "features in common"},
        {"prix voisin", "a near price"}};
    assert(kind < ALIKE_COUNT);
    return kinds[kind][locale];
}
