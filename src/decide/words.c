/* The tables; see words.h. [LOCALE_FR] stands first, [LOCALE_EN] second. */
#include "decide/words.h"

#include "decide/blend.h"

#include <assert.h>
#include <math.h>
#include <stdio.h>

static_assert(LOCALE_FR == 0 && LOCALE_EN == 1 && LOCALE_COUNT == 2, "the order of the tables");

static const char *const words[WORD_COUNT][LOCALE_COUNT] = {
    [WORD_SHOWN_ONE] = {"Un article montré dans l’emplacement « {1} », version publiée {2}.",
                        "One item shown in placement “{1}”, policy version {2}."},
    [WORD_SHOWN_MANY] = {"{3} articles montrés dans l’emplacement « {1} », version publiée {2}.",
                         "{3} items shown in placement “{1}”, policy version {2}."},
    [WORD_SHOWN_NONE] = {"Rien n’a été montré dans l’emplacement « {1} », version publiée {2}.",
                         "Nothing was shown in placement “{1}”, policy version {2}."},
    [WORD_UNKNOWN_PLACEMENT] =
        {"L’emplacement « {1} » n’existe pas dans la version publiée {2} : la page garde "
         "son propre contenu.",
         "Placement “{1}” does not exist in policy version {2}, so the page keeps its own "
         "content."},
    [WORD_AGENT_SHOWN] = {"Cette personne s’est vu proposer : {1}.",
                          "This person was offered {1}."},
    [WORD_AGENT_NONE] = {"Rien n’a été proposé à cette personne.",
                         "This person was offered nothing."},
    [WORD_EXPLORED] =
        {"Exploration : l’ordre a été tiré au hasard parmi {1} candidats admissibles.",
         "Exploration: the order was drawn at random among {1} eligible candidates."},
    [WORD_FIRST] = {"En tête : {1}, score {2}.", "In front: {1}, score {2}."},
    [WORD_RUNNER_UP] = {"Premier à ne pas être montré : {1}, score {2}, à {3} du dernier montré.",
                        "First one not shown: {1}, score {2}, {3} behind the last one shown."},
    [WORD_REMOVED_ONE] = {"Un candidat écarté : {1}.", "One candidate removed: {1}."},
    [WORD_REMOVED_MANY] = {"{2} candidats écartés : {1}.", "{2} candidates removed: {1}."},
    [WORD_PERSON_USED] = {"Ce qui vient de la personne et a compté : {1}.",
                          "What came from the person and counted: {1}."},
    [WORD_PERSON_UNUSED] = {"Rien de propre à la personne n’a changé ce choix.",
                            "Nothing about the person changed this choice."},
    [WORD_CUT] = {"Le délai a interrompu : {1}.", "Cut short by the deadline: {1}."},
    [WORD_FALLBACK_EMPTY] = {"Repli : aucun candidat ne restait, la page garde son propre contenu.",
                             "Fallback: no candidate was left, so the page keeps its own content."},
    [WORD_FALLBACK_DEADLINE] = {"Repli : le délai était passé avant que la recette soit complète.",
                                "Fallback: time ran out before the recipe was complete."},
    [WORD_FALLBACK_HOLDOUT] =
        {"Groupe témoin : rien n’est montré ici à cette personne, la page garde son propre "
         "contenu.",
         "Hold-out: this person is shown nothing here, so the page keeps its own content."},
    [WORD_FALLBACK_STOPPED] =
        {"Arrêté : cet emplacement est à l’arrêt, la page garde son propre contenu.",
         "Stopped: this placement is switched off, so the page keeps its own content."},
    [WORD_FALLBACK_BUDGET] =
        {"Repli : assez d’emplacements de cette page étaient déjà personnalisés, celui-ci est "
         "choisi comme pour un visiteur inconnu.",
         "Fallback: enough placements of this page were personalised already, so this one is "
         "chosen as for an unknown visitor."},
    [WORD_AGENT_BUDGET] =
        {"Assez d’emplacements de la page étaient déjà personnalisés : celui-ci est le même que "
         "pour un visiteur inconnu.",
         "Enough placements of the page were personalised already: this one is the same as for an "
         "unknown visitor."},
    [WORD_SHOPPER_BUDGET] =
        {"La boutique ne personnalise qu’une partie de chaque page ; ici, tout le monde voit la "
         "même chose.",
         "The shop personalises only part of each page; here everybody sees the same."},
    [WORD_HELD_OUT] =
        {"Cette personne fait partie des {1} tirés au sort qui ne reçoivent pas la recette mais "
         "les meilleures ventes ou rien, pour mesurer ce que la recette rapporte.",
         "This person is among the {1} drawn by lot who get best sellers or nothing instead of "
         "the "
         "recipe, so that what the recipe earns can be measured."},
    [WORD_FALLBACK_STEP] =
        {"Repli : la source « {1} » n’avait rien à proposer, la suite de la recette a "
         "pris le relais.",
         "Fallback: “{1}” had nothing to offer, so the next steps of the recipe took over."},
    [WORD_FALLBACK_NOT_READY] =
        {"Repli : l’index de la recette se construit encore, la page garde "
         "son propre contenu.",
         "Fallback: the index of the recipe is still being built, so the page "
         "keeps its own content."},
    [WORD_FALLBACK_STEP_NOT_READY] =
        {"Repli : l’index de la source « {1} » se construit encore, la suite de la recette a pris "
         "le relais.",
         "Fallback: the index behind “{1}” is still being built, so the next steps of the recipe "
         "took over."},
    [WORD_ORDER_MOVED] = {"Dans « {1} », l’ordre de la boutique a été adapté : {2} remonte plus "
                          "haut, le reste garde sa place.",
                          "In “{1}” the shop’s order was adapted: {2} moved up, the rest kept its "
                          "order."},
    [WORD_ORDER_KEPT] = {"« {1} » garde l’ordre de la boutique.", "“{1}” keeps the shop’s order."},
    [WORD_AGENT_ORDER_MOVED] = {"Pour cette personne, {2} vient plus haut que d’habitude.",
                                "For this person {2} comes higher than usual."},
    [WORD_AGENT_ORDER_KEPT] = {"Cette personne voit l’ordre habituel de la boutique.",
                               "This person sees the shop’s usual order."},
    [WORD_SHOPPER_ORDER_MOVED] = {"Ce que vous consultez le plus vient en premier : {2}.",
                                  "What you look at most comes first: {2}."},
    [WORD_SHOPPER_ORDER_KEPT] = {"C’est l’ordre habituel de la boutique.",
                                 "This is the shop’s usual order."},
    [WORD_ORDER_HOLDOUT] = {"Groupe témoin : l’ordre de la boutique est gardé.",
                            "Hold-out: the shop’s order is kept."},
    [WORD_ORDER_HELD_OUT] =
        {"Cette personne fait partie des {1} % tirés au sort pour qui l’ordre de la boutique est "
         "gardé, pour mesurer ce que l’ordre adapté rapporte.",
         "This person is among the {1}% drawn by lot for whom the shop’s order is kept, so that "
         "what the adapted order earns can be measured."},
    [WORD_ORDER_AFFINITY] = {"Part de ses goûts : {1}", "Share of their tastes: {1}"},
    [WORD_ORDER_VIEWS] = {"Part de ses visites récentes : {1}",
                          "Share of their recent visits: {1}"},
    [WORD_CONTRIBUTION] = {"{1} : {2}", "{1}: {2}"},
    [WORD_CONTRIBUTION_WITH] = {"{1}, avec {3} : {2}", "{1}, with {3}: {2}"},
    [WORD_LIFT] = {"Goût pour {1} {2} : {3}", "Taste for {1} {2}: {3}"},
    [WORD_LIFT_OTHER] = {"Goût pour {1} = {2} : {3}", "Taste for {1} = {2}: {3}"},
    [WORD_BOOST] = {"Mise en avant de {1} {2} : {3}", "Boost of {1} {2}: {3}"},
    [WORD_BOOST_OTHER] = {"Mise en avant de {1} = {2} : {3}", "Boost of {1} = {2}: {3}"},
    [WORD_BOOST_ITEM] = {"Mise en avant de cet article : {3}", "Boost of this item: {3}"},
    [WORD_BURY] = {"Mise en retrait de {1} {2} : {3}", "Bury of {1} {2}: {3}"},
    [WORD_BURY_OTHER] = {"Mise en retrait de {1} = {2} : {3}", "Bury of {1} = {2}: {3}"},
    [WORD_BURY_ITEM] = {"Mise en retrait de cet article : {3}", "Bury of this item: {3}"},
    [WORD_TERMS] = {"Popularité, prix, nouveauté et autres faits : {1}",
                    "Popularity, price, newness and other facts: {1}"},
    [WORD_REMOVED_SECRET] = {"écarté par une règle de la boutique",
                             "left out by a rule of the shop"},
    [WORD_SIZE_UNKNOWN] =
        {"Aucune taille de cette personne n’est connue ou lisible : la règle de taille n’a rien "
         "écarté.",
         "No size of this person is known or may be read, so the rule about sizes removed "
         "nothing."},
    [WORD_SHUFFLED] = {"Mélange : ces articles ont été tirés au hasard parmi les {1} meilleurs.",
                       "Shuffle: these items were drawn at random among the best {1}."},
    [WORD_REASON_NEW] = {"Nouveau dans la boutique, montré pour savoir s’il plaît",
                         "New in the shop, shown to learn whether people like it"},
    [WORD_INVITED_ONE] = {"Nouveauté : une place est revenue à un article tiré au sort parmi "
                          "{2}, montré pour apprendre ce qu’il vaut.",
                          "New arrivals: one place went to an item drawn by lot among {2}, shown "
                          "to learn what it is worth."},
    [WORD_INVITED_MANY] = {"Nouveautés : {1} places sont revenues à des articles tirés au sort "
                           "parmi {2}, montrés pour apprendre ce qu’ils valent.",
                           "New arrivals: {1} places went to items drawn by lot among {2}, shown "
                           "to learn what they are worth."},
    [WORD_AGENT_INVITED_ONE] = {"Un article est nouveau dans la boutique : le sort l’a choisi, "
                                "pour savoir s’il plaît.",
                                "One item is new in the shop: it was drawn by lot, to learn "
                                "whether people like it."},
    [WORD_AGENT_INVITED_MANY] = {"{1} articles sont nouveaux dans la boutique : le sort les a "
                                 "choisis, pour savoir s’ils plaisent.",
                                 "{1} items are new in the shop: they were drawn by lot, to learn "
                                 "whether people like them."},
    [WORD_SHOPPER_INVITED_ONE] = {"L’un de ces articles est nouveau : nous vous le montrons "
                                  "pour savoir s’il plaît.",
                                  "One of these items is new: we show it to you to learn whether "
                                  "people like it."},
    [WORD_SHOPPER_INVITED_MANY] = {"Certains de ces articles sont nouveaux : nous vous les "
                                   "montrons pour savoir s’ils plaisent.",
                                   "Some of these items are new: we show them to you to learn "
                                   "whether people like them."},
    [WORD_PINNED_ONE] = {"Un article a été placé ici par la boutique elle-même.",
                         "One item was put here by the shop itself."},
    [WORD_PINNED_MANY] = {"{1} articles ont été placés ici par la boutique elle-même.",
                          "{1} items were put here by the shop itself."},
    [WORD_SHOPPER_NONE] = {"Nous n’avions rien à vous proposer ici.",
                           "We had nothing to suggest to you here."},
    [WORD_SHOPPER_PERSONAL] = {"Pour choisir, nous avons tenu compte {1}.",
                               "To choose, we took {1} into account."},
    [WORD_SHOPPER_CHANGE] =
        {"Vous avez accepté cette personnalisation ; vous pouvez la refuser à tout moment.",
         "You agreed to this personalisation; you can refuse it at any time."},
    [WORD_SHOPPER_IMPERSONAL] =
        {"Ce choix ne dépend de rien qui vous soit propre : toute personne sur cette page "
         "aurait pu le voir.",
         "This choice depends on nothing about you: anyone on this page could have seen it."},
    [WORD_SHOPPER_EXPLORED] =
        {"Cette fois, une part de hasard a décidé de l’ordre, afin d’apprendre ce qui est utile.",
         "This time chance decided the order, so that we learn what is useful."},
    [WORD_SHOPPER_SHUFFLED] = {"Une part de hasard fait varier ce choix d’une visite à l’autre.",
                               "A share of chance varies this choice from one visit to the next."},
    [WORD_SHOPPER_SIZE_UNKNOWN] =
        {"Nous n’avons pas tenu compte de votre taille : elle ne nous est pas connue ici.",
         "We did not take your size into account: it is not known to us here."},
    [WORD_SHOPPER_HELD_OUT] =
        {"Vous faites partie d’un groupe tiré au sort à qui nos suggestions personnelles ne sont "
         "pas "
         "montrées ici, afin de savoir si elles sont utiles.",
         "You are in a group drawn by lot to whom our personal suggestions are not shown here, so "
         "that we can tell whether they help."},
};

static const char *const strategies[STRATEGY_COUNT][LOCALE_COUNT] = {
    [STRATEGY_TRENDING] = {"Tendances", "Trending"},
    [STRATEGY_BEST_SELLERS] = {"Meilleures ventes", "Best sellers"},
    [STRATEGY_BOUGHT_TOGETHER] = {"Achetés ensemble", "Bought together"},
    [STRATEGY_VIEWED_TOGETHER] = {"Vus ensemble", "Viewed together"},
    [STRATEGY_RECENTLY_VIEWED] = {"Vus récemment", "Recently viewed"},
    [STRATEGY_SIMILAR] = {"Articles proches", "Similar items"},
    [STRATEGY_NEW_ARRIVALS] = {"Nouveautés", "New arrivals"},
    [STRATEGY_COMPLETE_BASKET] = {"Pour compléter le panier", "To complete the basket"},
    [STRATEGY_CATEGORY_TRENDING] = {"Tendances du rayon", "Trending in the category"},
    [STRATEGY_CATEGORY_BEST_SELLERS] = {"Meilleures ventes du rayon",
                                        "Best sellers of the category"},
    [STRATEGY_REPURCHASE_DUE] = {"À racheter", "Due again"},
    [STRATEGY_SESSIONS] = {"Visites semblables", "Visits like this one"},
    [STRATEGY_VIEWED_NEXT] = {"Vus ensuite", "Viewed next"},
    [STRATEGY_MANUAL] = {"Sélection de la boutique", "Picked by the shop"},
    [STRATEGY_BOUGHT_AFTER_VIEW] = {"Achetés après l’avoir vu", "Bought after viewing it"},
};

static const char *const step_keys[KEY_COUNT][LOCALE_COUNT] = {
    [KEY_ANY] = {"", ""},
    [KEY_CURRENT_ITEM] = {"à partir de l’article de la page", "starting from the page’s item"},
    [KEY_BASKET] = {"à partir du panier", "starting from the basket"},
    [KEY_LAST_BOUGHT] = {"à partir du dernier achat", "starting from the last purchase"},
    [KEY_LAST_VIEWED] = {"à partir du dernier article vu", "starting from the item viewed last"},
    [KEY_FAVOURITE_CATEGORY] = {"dans le rayon préféré", "in the favourite category"},
    [KEY_PAGE_CATEGORY] = {"dans le rayon de la page", "in the category of the page"},
};

static const char *const removals[REMOVED_COUNT][LOCALE_COUNT] = {
    [REMOVED_NOT] = {"", ""},
    [REMOVED_HIDDEN] = {"masqué dans le catalogue", "hidden in the catalogue"},
    [REMOVED_STOCK] = {"en rupture de stock", "out of stock"},
    [REMOVED_BOUGHT] = {"déjà acheté", "already bought"},
    [REMOVED_BASKET] = {"déjà dans le panier", "already in the basket"},
    [REMOVED_PAGE] = {"déjà montré sur la page", "already shown on the page"},
    [REMOVED_CURRENT] = {"article de la page", "the item of the page"},
    [REMOVED_NOT_INCLUDED] = {"hors de la liste retenue", "not on the include list"},
    [REMOVED_EXCLUDED] = {"sur la liste d’exclusion", "on the exclude list"},
    [REMOVED_VIEWED] = {"vu récemment", "viewed recently"},
    [REMOVED_PRICE] = {"hors de la fourchette de prix", "outside the price range"},
    [REMOVED_STOCK_LEVEL] = {"hors du niveau de stock voulu", "outside the wanted stock level"},
    [REMOVED_MATCH] = {"ne correspond pas à ce qui est demandé", "not the kind that is asked for"},
    [REMOVED_MARGIN] = {"marge sous le plancher", "margin under the floor"},
    [REMOVED_SIZE] = {"pas en stock dans sa taille", "not in stock in their size"},
    [REMOVED_CALLER] = {"écarté par la page appelante", "left out by the calling page"},
    [REMOVED_CAPPED] = {"assez d’articles de la même valeur", "enough items with the same value"},
};

static const char *const removal_names[REMOVED_COUNT] = {
    [REMOVED_NOT] = "",
    [REMOVED_HIDDEN] = "hidden",
    [REMOVED_STOCK] = "stock",
    [REMOVED_BOUGHT] = "bought",
    [REMOVED_BASKET] = "basket",
    [REMOVED_PAGE] = "page",
    [REMOVED_CURRENT] = "current",
    [REMOVED_NOT_INCLUDED] = "not_included",
    [REMOVED_EXCLUDED] = "excluded",
    [REMOVED_MARGIN] = "margin",
    [REMOVED_SIZE] = "size",
    [REMOVED_CALLER] = "caller",
    [REMOVED_VIEWED] = "viewed",
    [REMOVED_PRICE] = "price",
    [REMOVED_STOCK_LEVEL] = "stock_level",
    [REMOVED_MATCH] = "match",
    [REMOVED_CAPPED] = "capped",
};

static const char *const operations[OPERATION_COUNT][LOCALE_COUNT] = {
    [OPERATION_GATHERED] = {"Réunis par « {1} » : {2}.", "Gathered by “{1}”: {2}."},
    [OPERATION_REMOVED] = {"Écartés, {1} : {2}.", "Removed, {1}: {2}."},
    [OPERATION_BOOSTED] = {"Mis en avant parmi les montrés : {2}.",
                           "Boosted among the shown: {2}."},
    [OPERATION_BURIED] = {"Mis en retrait parmi les montrés : {2}.",
                          "Buried among the shown: {2}."},
    [OPERATION_PINNED] = {"Placés par la boutique : {2}.", "Pinned: {2}."},
    [OPERATION_CAPPED] = {"Écartés par un plafond : {2}.", "Left out by a cap: {2}."},
    [OPERATION_FELL_BACK] = {"Ajoutés par le repli : {2}.", "Added by the fallback: {2}."},
    [OPERATION_DIVERSIFIED] = {"Déplacés pour varier : {2}.", "Moved for variety: {2}."},
    [OPERATION_WITHHELD] = {"Trop peu pour être montrés : {2}.", "Too few to be shown: {2}."},
    [OPERATION_EXPLORED] = {"Ordre tiré au hasard parmi : {2}.",
                            "Order drawn at random among: {2}."},
    [OPERATION_SHUFFLED] = {"Tirés au hasard parmi les meilleurs : {2}.",
                            "Drawn at random among the best: {2}."},
    [OPERATION_INVITED] = {"Nouveautés tirées au sort : {2}.", "New arrivals drawn by lot: {2}."},
    [OPERATION_SHOWN] = {"Montrés : {2}.", "Shown: {2}."},
};

static const struct {
    const char *token;
    const char *sentences[LOCALE_COUNT];
} bases[] = {
    {"none", {"Rien de personnel n’a été lu.", "Nothing personal was read."}},
    {"granted",
     {"La personne a accepté la personnalisation.", "The person agreed to personalisation."}},
    {"unknown",
     {"Aucun choix connu sur la personnalisation : rien de personnel n’a été lu.",
      "No choice about personalisation is known: nothing personal was read."}},
    {"denied",
     {"La personne a refusé la personnalisation : rien de personnel n’a été lu.",
      "The person refused personalisation: nothing personal was read."}},
    {"objected",
     {"La personne s’est opposée à ce traitement : rien de personnel n’a été lu.",
      "The person objected to this use: nothing personal was read."}},
    {"minor",
     {"La personne est mineure : rien de personnel n’a été lu.",
      "The person is a minor: nothing personal was read."}},
    {"robot",
     {"Ce visiteur est un robot ou un appareil partagé, par le nombre de ses actions ou par son "
      "nom : "
      "rien de personnel n’a été lu, et rien n’en est appris.",
      "This visitor is a robot or a shared device, by how much it does or by its name: nothing "
      "personal was read, and nothing is learned from it."}},
    {"contextual",
     {"Appel sans identifiant : seul le contexte de la page a été lu.",
      "A call without an identifier: only the context of the page was read."}},
};

static const char *const fact_names[FACT_COUNT] = {
    [FACT_PAGE_ITEM] = "page_item",
    [FACT_PAGE_CATEGORY] = "page_category",
    [FACT_CART] = "cart",
    [FACT_RECENTS] = "recents",
    [FACT_BOUGHT] = "bought",
    [FACT_BASKET] = "basket",
    [FACT_AFFINITIES] = "affinities",
    [FACT_SIZES] = "sizes",
};

static const char *const facts[FACT_COUNT][LOCALE_COUNT] = {
    [FACT_PAGE_ITEM] = {"L’article de la page", "The item of the page"},
    [FACT_PAGE_CATEGORY] = {"La catégorie de la page", "The category of the page"},
    [FACT_CART] = {"Le panier envoyé par la page", "The basket sent by the page"},
    [FACT_RECENTS] = {"Les articles vus récemment", "Recently viewed items"},
    [FACT_BOUGHT] = {"Les articles achetés", "Items bought"},
    [FACT_BASKET] = {"Le panier connu de la personne", "The person’s known basket"},
    [FACT_AFFINITIES] = {"Les goûts observés", "Observed tastes"},
    [FACT_SIZES] = {"Les tailles de la personne", "The person’s sizes"},
};

static const struct {
    uint32_t bit;
    const char *told[LOCALE_COUNT], *to_them[LOCALE_COUNT];
} persons[] = {
    {PERSON_AFFINITIES, {"ses goûts", "their tastes"}, {"de vos goûts", "your tastes"}},
    {PERSON_RECENTS,
     {"ses visites récentes", "their recent visits"},
     {"de vos visites récentes", "your recent visits"}},
    {PERSON_BOUGHT, {"ses achats", "their purchases"}, {"de vos achats", "your purchases"}},
    {PERSON_BASKET, {"son panier", "their basket"}, {"de votre panier", "your basket"}},
    {PERSON_SEEDS,
     {"des articles qu’elle a vus ou mis au panier", "items they viewed or put in the basket"},
     {"de ce que vous avez vu ou mis au panier", "items you viewed or put in your basket"}},
    {PERSON_PRICES,
     {"les prix de ce qu’elle regarde et achète", "the prices of what they look at and buy"},
     {"des prix de ce que vous regardez et achetez", "the prices of what you look at and buy"}},
    {PERSON_SIZES, {"ses tailles", "their sizes"}, {"de vos tailles", "your sizes"}},
};

static const char *const reasons[STRATEGY_COUNT][REASON_FORM_COUNT][LOCALE_COUNT] =
    {
        [STRATEGY_TRENDING] =
            {
                [REASON_PLAIN] = {"Très consulté en ce moment", "Popular right now"},
                [REASON_PAGE] = {"Très consulté en ce moment", "Popular right now"},
                [REASON_TITLED] = {"Très consulté en ce moment", "Popular right now"},
            },
        [STRATEGY_BEST_SELLERS] =
            {
                [REASON_PLAIN] = {"Parmi les meilleures ventes", "One of our best sellers"},
                [REASON_PAGE] = {"Parmi les meilleures ventes", "One of our best sellers"},
                [REASON_TITLED] = {"Parmi les meilleures ventes", "One of our best sellers"},
            },
        [STRATEGY_BOUGHT_TOGETHER] =
            {
                [REASON_PLAIN] = {"Souvent acheté avec votre sélection",
                                  "Often bought with your selection"},
                [REASON_PAGE] = {"Souvent acheté avec cet article", "Often bought with this item"},
                [REASON_TITLED] = {"Souvent acheté avec {1}", "Often bought with {1}"},
            },
        [STRATEGY_VIEWED_TOGETHER] =
            {
                [REASON_PLAIN] = {"Souvent vu avec votre sélection",
                                  "Often viewed with your selection"},
                [REASON_PAGE] = {"Souvent vu avec cet article", "Often viewed with this item"},
                [REASON_TITLED] = {"Souvent vu avec {1}", "Often viewed with {1}"},
            },
        [STRATEGY_RECENTLY_VIEWED] =
            {
                [REASON_PLAIN] = {"Vu récemment", "Recently viewed"},
                [REASON_PAGE] = {"Vu récemment", "Recently viewed"},
                [REASON_TITLED] = {"Vu récemment", "Recently viewed"},
            },
        [STRATEGY_SIMILAR] =
            {
                [REASON_PLAIN] = {"Proche de votre sélection", "Similar to your selection"},
                [REASON_PAGE] = {"Proche de cet article", "Similar to this item"},
                [REASON_TITLED] = {"Proche de {1}", "Similar to {1}"},
            },
        [STRATEGY_NEW_ARRIVALS] =
            {
                [REASON_PLAIN] = {"Nouveauté", "New"},
                [REASON_PAGE] = {"Nouveauté", "New"},
                [REASON_TITLED] = {"Nouveauté du rayon {1}", "New in {1}"},
            },
        [STRATEGY_COMPLETE_BASKET] =
            {
                [REASON_PLAIN] = {"Va bien avec votre panier", "Goes well with your basket"},
                [REASON_PAGE] = {"Va bien avec cet article", "Goes well with this item"},
                [REASON_TITLED] = {"Va bien avec {1}", "Goes well with {1}"},
            },
        [STRATEGY_CATEGORY_TRENDING] =
            {
                [REASON_PLAIN] = {"Très consulté dans ce rayon",
                                  "Popular in this category right now"},
                [REASON_PAGE] = {"Très consulté dans ce rayon",
                                 "Popular in this category right now"},
                [REASON_TITLED] = {"Très consulté dans le rayon {1}", "Popular in {1} right now"},
            },
        [STRATEGY_CATEGORY_BEST_SELLERS] =
            {
                [REASON_PLAIN] = {"Parmi les meilleures ventes du rayon",
                                  "One of the best sellers of this category"},
                [REASON_PAGE] = {"Parmi les meilleures ventes du rayon",
                                 "One of the best sellers of this category"},
                [REASON_TITLED] = {"Parmi les meilleures ventes du rayon {1}",
                                   "One of the best sellers in {1}"},
            },
        [STRATEGY_REPURCHASE_DUE] =
            {
                [REASON_PLAIN] = {"Déjà acheté, bientôt à renouveler", "Bought before, due again"},
                [REASON_PAGE] = {"Déjà acheté, bientôt à renouveler", "Bought before, due again"},
                [REASON_TITLED] = {"Déjà acheté, bientôt à renouveler", "Bought before, due again"},
            },
        [STRATEGY_SESSIONS] =
            {
                [REASON_PLAIN] = {"Choisi ensuite au cours de visites semblables",
                                  "Where visits like this one went on to"},
                [REASON_PAGE] = {"Choisi ensuite par ceux qui ont vu cet article",
                                 "Where people who saw this item went on to"},
                [REASON_TITLED] = {"Choisi ensuite par ceux qui ont vu {1}",
                                   "Where people who saw {1} went on to"},
            },
        [STRATEGY_VIEWED_NEXT] =
            {
                [REASON_PLAIN] = {"Souvent vu ensuite", "Often viewed next"},
                [REASON_PAGE] = {"Souvent vu après cet article", "Often viewed after this item"},
                [REASON_TITLED] = {"Souvent vu après {1}", "Often viewed after {1}"},
            },
        [STRATEGY_MANUAL] =
            {
                [REASON_PLAIN] = {"Choisi par la boutique", "Picked by the shop"},
                [REASON_PAGE] = {"Choisi par la boutique", "Picked by the shop"},
                [REASON_TITLED] = {"Choisi par la boutique", "Picked by the shop"},
            },
        [STRATEGY_BOUGHT_AFTER_VIEW] =
            {
                [REASON_PLAIN] = {"Souvent acheté en fin de visite",
                                  "Often what a visit ends with"},
                [REASON_PAGE] = {"Souvent acheté par ceux qui ont vu cet article",
                                 "Often bought by people who saw this item"},
                [REASON_TITLED] = {"Souvent acheté par ceux qui ont vu {1}",
                                   "Often bought by people who saw {1}"},
            },
};

/* What the shop put there itself. */
static const char *const picked_reason[LOCALE_COUNT] = {"Choisi par la boutique",
                                                        "Picked by the shop"};
static const char *const picked_leads[2][LOCALE_COUNT] = {
    {"La boutique a choisi de montrer cet article ici.", "The shop chose to show this item here."},
    {"La boutique a choisi de montrer ces articles ici.",
     "The shop chose to show these items here."}};

/* One item, then several. */
static const char *const shopper_leads[STRATEGY_COUNT][2][LOCALE_COUNT] = {
    [STRATEGY_TRENDING] = {{"Cet article est très consulté en ce moment.",
                            "This item is popular right now."},
                           {"Ces articles sont très consultés en ce moment.",
                            "These items are popular right now."}},
    [STRATEGY_BEST_SELLERS] = {{"Cet article est parmi les meilleures ventes.",
                                "This item is among our best sellers."},
                               {"Ces articles sont parmi les meilleures ventes.",
                                "These items are among our best sellers."}},
    [STRATEGY_BOUGHT_TOGETHER] = {{"Cet article est souvent acheté avec ce que vous regardez.",
                                   "This item is often bought with what you look at."},
                                  {"Ces articles sont souvent achetés avec ce que vous regardez.",
                                   "These items are often bought with what you look at."}},
    [STRATEGY_VIEWED_TOGETHER] = {{"Cet article est souvent vu avec ce que vous regardez.",
                                   "This item is often viewed with what you look at."},
                                  {"Ces articles sont souvent vus avec ce que vous regardez.",
                                   "These items are often viewed with what you look at."}},
    [STRATEGY_RECENTLY_VIEWED] = {{"Vous avez vu cet article récemment.",
                                   "You viewed this item recently."},
                                  {"Vous avez vu ces articles récemment.",
                                   "You viewed these items recently."}},
    [STRATEGY_SIMILAR] = {{"Cet article est proche de ce que vous regardez.",
                           "This item is similar to what you look at."},
                          {"Ces articles sont proches de ce que vous regardez.",
                           "These items are similar to what you look at."}},
    [STRATEGY_NEW_ARRIVALS] = {{"Cet article vient d’arriver.", "This item has just arrived."},
                               {"Ces articles viennent d’arriver.",
                                "These items have just arrived."}},
    [STRATEGY_COMPLETE_BASKET] = {{"Cet article va bien avec votre panier.",
                                   "This item goes well with your basket."},
                                  {"Ces articles vont bien avec votre panier.",
                                   "These items go well with your basket."}},
    [STRATEGY_CATEGORY_TRENDING] = {{"Cet article est très consulté dans son rayon.",
                                     "This item is popular in its category right now."},
                                    {"Ces articles sont très consultés dans leur rayon.",
                                     "These items are popular in their category right now."}},
    [STRATEGY_CATEGORY_BEST_SELLERS] =
        {{"Cet article est parmi les meilleures ventes de son rayon.",
          "This item is among the best sellers of its category."},
         {"Ces articles sont parmi les meilleures ventes de leur rayon.",
          "These items are among the best sellers of their category."}},
    [STRATEGY_REPURCHASE_DUE] = {{"Vous avez acheté cet article et en aurez bientôt besoin.",
                                  "You bought this item and will soon need it again."},
                                 {"Vous avez acheté ces articles et en aurez bientôt besoin.",
                                  "You bought these items and will soon need them again."}},
    [STRATEGY_SESSIONS] =
        {{"Les visites semblables à la vôtre se sont poursuivies avec cet article.",
          "Visits like yours went on to this item."},
         {"Les visites semblables à la vôtre se sont poursuivies avec ces articles.",
          "Visits like yours went on to these items."}},
    [STRATEGY_VIEWED_NEXT] = {{"Cet article est souvent vu juste après ce que vous regardez.",
                               "This item is often viewed right after what you look at."},
                              {"Ces articles sont souvent vus juste après ce que vous regardez.",
                               "These items are often viewed right after what you look at."}},
    [STRATEGY_MANUAL] = {{"La boutique a choisi cet article.", "The shop picked this item."},
                         {"La boutique a choisi ces articles.", "The shop picked these items."}},
    [STRATEGY_BOUGHT_AFTER_VIEW] =
        {{"Cet article est souvent acheté par ceux qui ont vu ce que vous regardez.",
          "This item is often bought by people who saw what you look at."},
         {"Ces articles sont souvent achetés par ceux qui ont vu ce que vous regardez.",
          "These items are often bought by people who saw what you look at."}},
};

const char *word_of(enum word word, enum locale locale)
{
    return words[word][locale];
}

const char *word_strategy(enum strategy strategy, enum locale locale)
{
    return strategies[strategy][locale];
}

void words_put_step(struct buf *buf, const struct recipe_step *step, enum locale locale)
{
    buf_add_text(buf, strategies[step->strategy][locale]);
    if (step->key != KEY_ANY) {
        buf_add_byte(buf, ' ');
        buf_add_text(buf, step_keys[step->key][locale]);
    }
    if (step->lookback_days == 0)
        return;
    bool one = step->lookback_days == 1;
    if (locale == LOCALE_FR)
        buf_format(buf, ", sur %u jour%s", step->lookback_days, one ? "" : "s");
    else
        buf_format(buf, ", over %u day%s", step->lookback_days, one ? "" : "s");
}

const char *word_removal(enum removal removal, enum locale locale)
{
    return removals[removal][locale];
}

const char *removal_name(enum removal removal)
{
    assert(removal < REMOVED_COUNT);
    return removal_names[removal];
}

const char *word_operation(enum operation_kind kind, enum locale locale)
{
    return operations[kind][locale];
}

const char *word_basis(struct slice token, enum locale locale)
{
    for (size_t i = 0; i < sizeof bases / sizeof bases[0]; i++) {
        if (slice_is(token, bases[i].token))
            return bases[i].sentences[locale];
    }
    return bases[0].sentences[locale];
}

const char *word_attribute(struct slice name, enum locale locale)
{
    static const struct {
        const char *name, *words[LOCALE_COUNT];
    } rows[] = {
        {"brand", {"la marque", "the brand"}},
        {"category", {"la catégorie", "the category"}},
        {"price_band", {"la gamme de prix", "the price band"}},
        {"color", {"la couleur", "the colour"}},
        {"size", {"la taille", "the size"}},
        {"material", {"la matière", "the material"}},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (slice_is(name, rows[i].name))
            return rows[i].words[locale];
    return NULL;
}

const char *word_term(struct slice name, enum locale locale)
{
    static const char *const terms[TERM_COUNT][LOCALE_COUNT] = {
        [TERM_POPULARITY] = {"Popularité", "Popularity"},
        [TERM_PRICE_FIT] = {"Prix qui convient", "Price that fits"},
        [TERM_FRESHNESS] = {"Nouveauté", "Newness"},
        [TERM_MARGIN] = {"Marge", "Margin"},
    };
    for (unsigned i = 0; i < TERM_COUNT; i++)
        if (slice_is(name, blend_term_name((enum blend_term)i)))
            return terms[i][locale];
    return "";
}

const char *fact_name(enum fact fact)
{
    return fact_names[fact];
}

const char *word_fact(enum fact fact, enum locale locale)
{
    return facts[fact][locale];
}

const char *word_person(uint32_t bit, enum audience_role role, enum locale locale)
{
    for (size_t i = 0; i < sizeof persons / sizeof persons[0]; i++) {
        if (persons[i].bit == bit)
            return role == ROLE_SHOPPER ? persons[i].to_them[locale] : persons[i].told[locale];
    }
    return "";
}

const char *word_reason(enum strategy strategy, enum reason_form form, enum locale locale)
{
    return strategy == STRATEGY_COUNT ? picked_reason[locale] : reasons[strategy][form][locale];
}

const char *word_shopper_lead(enum strategy strategy, bool several, enum locale locale)
{
    return strategy == STRATEGY_COUNT ? picked_leads[several][locale]
                                      : shopper_leads[strategy][several][locale];
}

void words_put(struct buf *buf, const char *pattern, const struct slice *values)
{
    const char *from = pattern;
    for (const char *at = pattern; *at != '\0'; at++) {
        if (at[0] != '{' || at[1] < '1' || at[1] > '9' || at[2] != '}')
            continue;
        buf_add(buf, slice_make(from, (size_t)(at - from)));
        buf_add(buf, values[at[1] - '1']);
        at += 2;
        from = at + 1;
    }
    buf_add_text(buf, from);
}

void words_put_percent(struct buf *buf, unsigned percent, enum locale locale)
{
    buf_format(buf, locale == LOCALE_FR ? "%u\u202f%%" : "%u%%", percent);
}

void words_put_count(struct buf *buf, uint64_t count, enum locale locale)
{
    char digits[24];
    size_t size = (size_t)snprintf(digits, sizeof digits, "%llu", (unsigned long long)count);
    for (size_t i = 0; i < size; i++) {
        if (i > 0 && (size - i) % 3 == 0)
            buf_add_text(buf, locale == LOCALE_FR ? "\u202f" : ",");
        buf_add_byte(buf, digits[i]);
    }
}

void words_put_number(struct buf *buf, double value, bool sign, enum locale locale)
{
    char text[400]; /* %f of the largest double has 309 digits */
    int size = snprintf(text, sizeof text, "%.2f", fabs(value));
    assert(size > 0 && (size_t)size < sizeof text);
    char *point = strchr(text, '.');
    if (point && locale == LOCALE_FR)
        *point = ',';
    if (value <= -0.005) /* what rounds to nothing is not below it */
        buf_add_text(buf, "−");
    else if (sign)
        buf_add_text(buf, "+");
    buf_add_text(buf, text);
}

struct slice words_between(bool last, enum locale locale)
{
    if (!last)
        return SLICE(", ");
    return locale == LOCALE_FR ? SLICE(" et ") : SLICE(" and ");
}
