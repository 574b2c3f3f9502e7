#include "api/strategies.h"

#include "base/hash.h"
#include "base/sort.h"
#include "learn/basket.h"
#include "learn/visits.h"

#include <assert.h>

enum {
    PORTION = 32, /* proposals made ready at a time: a blend takes half as many of a step, mostly */
    VISIT_ANSWERS = 96,     /* as many as visits are asked for at once */
    SCAN_MAX = 2000,        /* of a long list that are looked at */
    VOTE_TABLE_SIZE = 1024, /* more than twice SEEDS_MAX × GRAPH_NEIGHBOURS_MAX */
    SIMILAR_SEEDS_MAX = 3   /* the first time, what is like one costs tenths of a millisecond */
};

/* --- lists that are in order already ---------------------------------------------------------- */

static void make_room(const struct seeking *seeking, struct proposals *proposals, size_t more)
{
    if (proposals->found + more <= proposals->room)
        return;
    size_t room = 2 * proposals->found + more;
    struct proposal *list = ARENA_ARRAY(seeking->arena, room, struct proposal);
    if (proposals->found > 0)
        memcpy(list, proposals->list, proposals->found * sizeof *list);
    proposals->list = list;
    proposals->room = room;
}

static void propose_list(const struct seeking *seeking, const struct learn_score *scores,
                         size_t count, struct proposals *proposals)
{
    size_t from = proposals->found, end = count < SCAN_MAX ? count : SCAN_MAX;
    proposals->ended = end <= from + PORTION;
    end = proposals->ended ? end : from + PORTION;
    make_room(seeking, proposals, end - from);
    for (size_t i = from; i < end; i++)
        proposals->list[i] = (struct proposal){
            .item = scores[i].item, .hash = scores[i].hash, .score = (float)scores[i].score};
    proposals->count = proposals->found = end;
}

static void propose_trending(const struct seeking *seeking, struct proposals *proposals)
{
    const struct learn_score *scores = NULL;
    size_t count = 0;
    if (seeking->source->learned)
        count = learn_trending(seeking->source->learned, &scores);
    propose_list(seeking, scores, count, proposals);
}

static void propose_best_sellers(const struct seeking *seeking, struct proposals *proposals)
{
    const struct learn_score *scores = NULL;
    size_t count = 0;
    if (seeking->source->learned)
        count = learn_best_sellers(seeking->source->learned, &scores);
    propose_list(seeking, scores, count, proposals);
}

static void propose_recents(const struct seeking *seeking, struct proposals *proposals)
{
    const struct profile *profile = seeking->source->profile;
    size_t count = profile ? profile->recent_count : 0;
    make_room(seeking, proposals, count);
    for (size_t i = 0; i < count && profile->recents[i].time_ms >= seeking->start->since_ms; i++)
        proposals->list[proposals->found++] =
            (struct proposal){.item = profile->recents[i].item,
                              .hash = hash64(profile->recents[i].item),
                              .score = 1.0F / (float)(1 + i),
                              .personal = true};
    proposals->count = proposals->found;
    proposals->ended = true;
}

static void propose_manual(const struct seeking *seeking, struct proposals *proposals)
{
    const struct recipe_step *step = seeking->step;
    make_room(seeking, proposals, step->item_count);
    for (size_t i = 0; i < step->item_count; i++)
        proposals->list[i] = (struct proposal){
            .item = step->items[i], .hash = hash64(step->items[i]), .score = 1.0F / (float)(1 + i)};
    proposals->count = proposals->found = step->item_count;
    proposals->ended = true;
}

/* --- neighbours ------------------------------------------------------------------------------- */

static struct voices *new_voices(const struct seeking *seeking, struct proposals *proposals)
{
    if (proposals->spare_count == 0) {
        proposals->spare_voices = ARENA_ARRAY(seeking->arena, PORTION, struct voices);
        proposals->spare_count = PORTION;
    }
    proposals->spare_count--;
    return proposals->spare_voices++;
}

/* Neighbours of several items vote together: measured better than the best single vote
 * (docs/learning.md). */
struct votes {
    const struct seeking *seeking;
    struct proposals *proposals;
    uint16_t table[VOTE_TABLE_SIZE]; /* position + 1, 0 empty */
};

static struct proposal *vote_for(struct votes *votes, struct slice item, uint64_t hash)
{
    struct proposals *proposals = votes->proposals;
    size_t at = hash % VOTE_TABLE_SIZE;
    while (votes->table[at] && proposals->list[votes->table[at] - 1].hash != hash)
        at = (at + 1) % VOTE_TABLE_SIZE;
    if (votes->table[at])
        return &proposals->list[votes->table[at] - 1];
    struct proposal *fresh = &proposals->list[proposals->found++];
    *fresh = (struct proposal){
        .item = item, .hash = hash, .voices = new_voices(votes->seeking, votes->proposals)};
    votes->table[at] = (uint16_t)proposals->found;
    return fresh;
}

/* Answers whether it is the loudest so far. */
static bool add_voice(struct proposal *vote, const struct seed *seed, float voice)
{
    vote->score += voice;
    vote->personal |= seed->personal;
    voices_add(vote->voices, seed->title, voice);
    if (voice <= vote->loudest && vote->because != 0)
        return false;
    vote->loudest = voice;
    vote->because = seed->title;
    return true;
}

static void count_votes(const struct seeking *seeking, enum learn_relation relation,
                        struct proposals *proposals)
{
    struct votes votes = {.seeking = seeking, .proposals = proposals};
    for (size_t i = 0; i < seeking->start->seeds.count; i++) {
        const struct seed *seed = &seeking->start->seeds.list[i];
        const struct learn_score *scores;
        size_t count = learn_neighbours(seeking->source->learned, relation, seed->item, &scores);
        count = count < GRAPH_NEIGHBOURS_MAX ? count : GRAPH_NEIGHBOURS_MAX;
        make_room(seeking, proposals, count);
        for (size_t j = 0; j < count; j++)
            (void)add_voice(vote_for(&votes, scores[j].item, scores[j].hash), seed,
                            (float)(scores[j].score * seed->weight));
    }
}

static bool is_better(const struct proposal *left, const struct proposal *right)
{
    if (left->score != right->score)
        return left->score > right->score;
    return left != right && slice_compare(left->item, right->item) < 0;
}

SORT_OF(proposals, struct proposal, is_better)

/* What was found, portion by portion, the best first. */
static void propose_best(struct proposals *proposals)
{
    size_t left = proposals->found - proposals->count;
    size_t portion = left < PORTION ? left : PORTION;
    if (portion > 0) {
        struct proposal *rest = proposals->list + proposals->count;
        proposals_select(rest, left, portion);
        proposals_sort(rest, portion);
    }
    proposals->count += portion;
    proposals->ended = portion == left;
}

static void propose_neighbours(const struct seeking *seeking, enum learn_relation relation,
                               struct proposals *proposals)
{
    if (!proposals->asked && seeking->source->learned)
        count_votes(seeking, relation, proposals);
    propose_best(proposals);
}

static void propose_bought_together(const struct seeking *seeking, struct proposals *proposals)
{
    propose_neighbours(seeking, LEARN_BOUGHT_TOGETHER, proposals);
}

static void propose_viewed_together(const struct seeking *seeking, struct proposals *proposals)
{
    propose_neighbours(seeking, LEARN_VIEWED_TOGETHER, proposals);
}

static void propose_bought_after_view(const struct seeking *seeking, struct proposals *proposals)
{
    propose_neighbours(seeking, LEARN_VIEWED_BOUGHT, proposals);
}

/* --- visits ----------------------------------------------------------------------------------- */

typedef size_t ask_visits(const struct visits_view *view, const struct numbered_item *live,
                          size_t count, struct visit_answer *out_answers, size_t room);

/* Who of the visit spoke for an item has a voice each. */
static struct proposal proposal_of_visit(const struct seeking *seeking, struct proposals *proposals,
                                         const struct visit_answer *answer)
{
    const struct seeds *seeds = &seeking->start->seeds;
    struct proposal proposal = {.item = answer->item->id,
                                .hash = answer->item->hash,
                                .voices = new_voices(seeking, proposals)};
    for (size_t i = 0; i < seeds->count; i++)
        if (answer->shares[i] > 0)
            (void)add_voice(&proposal, &seeds->list[i], (float)(answer->score * answer->shares[i]));
    return proposal;
}

/* All but the item that the visit stands at. */
static void count_visits(const struct seeking *seeking, ask_visits *ask,
                         struct proposals *proposals)
{
    const struct seeds *seeds = &seeking->start->seeds;
    struct numbered_item live[VISIT_SEEDS_MAX];
    struct visit_answer answers[VISIT_ANSWERS];
    if (seeds->count == 0)
        return;
    for (size_t i = 0; i < seeds->count; i++)
        live[i] = (struct numbered_item){seeds->list[i].item, hash64(seeds->list[i].item)};
    size_t count =
        ask(learn_visits(seeking->source->learned), live, seeds->count, answers, VISIT_ANSWERS);
    make_room(seeking, proposals, count);
    for (size_t i = 0; i < count; i++)
        if (!slice_equal(answers[i].item->id, live[0].id))
            proposals->list[proposals->found++] =
                proposal_of_visit(seeking, proposals, &answers[i]);
}

static void propose_sessions(const struct seeking *seeking, struct proposals *proposals)
{
    if (!proposals->asked && seeking->source->learned)
        count_visits(seeking, visits_ask, proposals);
    propose_best(proposals);
}

static void propose_viewed_next(const struct seeking *seeking, struct proposals *proposals)
{
    if (!proposals->asked && seeking->source->learned)
        count_visits(seeking, visits_ask_next, proposals);
    propose_best(proposals);
}

/* --- by the catalogue alone ------------------------------------------------------------------- */

static void count_similar(const struct seeking *seeking, struct proposals *proposals)
{
    struct votes votes = {.seeking = seeking, .proposals = proposals};
    struct alikes *alikes = seeking->source->assortment->alikes;
    for (size_t i = 0; i < seeking->start->seeds.count && i < SIMILAR_SEEDS_MAX; i++) {
        const struct seed *seed = &seeking->start->seeds.list[i];
        const struct alike *list;
        size_t count = alikes_find(alikes, seed->item, seeking->arena, &list);
        make_room(seeking, proposals, count);
        for (size_t j = 0; j < count; j++) {
            struct proposal *vote = vote_for(&votes, list[j].item->key, list[j].item->hash);
            if (add_voice(vote, seed, (float)(list[j].score * seed->weight)))
                memcpy(vote->voices->alike, list[j].parts, sizeof list[j].parts);
        }
    }
}

static void propose_similar(const struct seeking *seeking, struct proposals *proposals)
{
    if (!proposals->asked && seeking->source->assortment)
        count_similar(seeking, proposals);
    propose_best(proposals);
}

/* In the category that the step keeps to, or in one below it. */
static bool is_in_category(const struct seeking *seeking, struct slice id, uint64_t hash)
{
    size_t count = 0;
    const struct item *item = catalog_find_hashed(seeking->source->catalog, id, hash);
    const struct attribute *attributes = item ? item_interests(item, &count) : NULL;
    for (size_t i = 0; i < count; i++)
        if (slice_is(attributes[i].name, "category") &&
            slice_equal(attributes[i].value, seeking->start->category.path))
            return true;
    return false;
}

/* Called by the category that the step keeps to, where that is the person's. */
static void add_in_category(const struct seeking *seeking, struct proposal proposal,
                            struct proposals *proposals)
{
    proposal.personal = seeking->start->category.personal;
    proposal.because = seeking->start->category.title;
    proposals->list[proposals->found++] = proposal;
}

/* Newest first; those in the category, where the step keeps to one. */
static void propose_new_arrivals(const struct seeking *seeking, struct proposals *proposals)
{
    const struct assortment *assortment = seeking->source->assortment;
    struct arrivals_tuning tuning = arrivals_tuning_default();
    bool keeps_to = seeking->step->key != KEY_ANY;
    size_t end = proposals->found + PORTION;
    size_t count = assortment ? assortment->arrivals.count : 0;
    make_room(seeking, proposals, PORTION);
    while (proposals->read < count && proposals->found < end) {
        size_t place = proposals->read++;
        const struct arrival *arrival = &assortment->arrivals.list[place];
        struct proposal proposal = {.item = arrival->item, .hash = hash64(arrival->item)};
        proposal.score =
            arrival_answer(&tuning, arrival->added_ms, seeking->input->moment.now_ms, place);
        if (!(proposal.score > 0))
            proposals->read = count; /* the others are older still */
        else if (!keeps_to || is_in_category(seeking, proposal.item, proposal.hash))
            add_in_category(seeking, proposal, proposals);
    }
    proposals->ended = proposals->read == count;
    proposals->count = proposals->found;
}

/* --- complete the basket ---------------------------------------------------------------------- */

/* Of the same category and nearly the same words: one would do. */
static const double substitute_text = 0.6;

static bool is_substitute(void *context, struct slice basket_item, struct slice candidate)
{
    const struct seeking *seeking = context;
    const struct item *mine = catalog_find(seeking->source->catalog, basket_item);
    const struct item *other = catalog_find(seeking->source->catalog, candidate);
    if (!mine || !other || !seeking->source->assortment ||
        !slice_equal(mine->category, other->category))
        return false;
    struct content_neighbour alike;
    return content_compare(seeking->source->assortment->content, basket_item, candidate,
                           seeking->arena, &alike) &&
           alike.alike[CONTENT_TEXT] >= substitute_text;
}

static void add_line(const struct seeking *seeking, struct basket_line *lines, size_t *inout_count,
                     struct slice item)
{
    for (size_t i = 0; i < *inout_count; i++)
        if (slice_equal(lines[i].item, item))
            return;
    if (*inout_count == BASKET_ITEMS_MAX || item.size == 0)
        return;
    const struct learn_score *scores;
    size_t count = learn_neighbours(seeking->source->learned, LEARN_BOUGHT_TOGETHER, item, &scores);
    struct basket_neighbour *neighbours =
        ARENA_ARRAY(seeking->arena, count, struct basket_neighbour);
    for (size_t i = 0; i < count; i++)
        neighbours[i] = (struct basket_neighbour){scores[i].item, scores[i].score};
    lines[(*inout_count)++] = (struct basket_line){item, neighbours, count};
}

static uint8_t title_of(const struct seeking *seeking, struct slice item)
{
    for (size_t i = 0; i < seeking->start->seeds.count; i++)
        if (slice_equal(seeking->start->seeds.list[i].item, item))
            return seeking->start->seeds.list[i].title;
    return 0;
}

/* Lines from `own` on are the person's basket, those before it the page's. */
static struct proposal proposal_of(const struct seeking *seeking, const struct basket_line *lines,
                                   const struct basket_answer *answer, size_t own)
{
    size_t loudest = 0;
    struct proposal proposal = {.item = answer->item,
                                .hash = hash64(answer->item),
                                .voices = ARENA_NEW(seeking->arena, struct voices)};
    proposal.score = (float)answer->score;
    for (size_t i = 0; i < BASKET_ITEMS_MAX; i++) {
        loudest = answer->parts[i] > answer->parts[loudest] ? i : loudest;
        if (answer->parts[i] > 0)
            voices_add(proposal.voices, title_of(seeking, lines[i].item), (float)answer->parts[i]);
        proposal.personal |= i >= own && answer->parts[i] > 0;
    }
    proposal.because = title_of(seeking, lines[loudest].item);
    return proposal;
}

static void propose_complete_basket(const struct seeking *seeking, struct proposals *proposals)
{
    const struct moment *moment = &seeking->input->moment;
    const struct profile *profile = seeking->source->profile;
    struct basket_line lines[BASKET_ITEMS_MAX];
    struct basket_answer answers[CANDIDATES_PER_STRATEGY_MAX];
    size_t line_count = 0;
    proposals->ended = true;
    if (!seeking->source->learned)
        return;
    for (size_t i = 0; i < moment->cart_count; i++)
        add_line(seeking, lines, &line_count, moment->cart[i]);
    size_t own = line_count;
    for (size_t i = 0; profile && i < profile->basket_count; i++)
        add_line(seeking, lines, &line_count, profile->basket[i].item);
    struct basket_question question = {lines, line_count, is_substitute, (void *)seeking};
    size_t count = basket_complete(&question, CANDIDATES_PER_STRATEGY_MAX, seeking->arena, answers);
    make_room(seeking, proposals, count);
    for (size_t i = 0; i < count; i++)
        proposals->list[i] = proposal_of(seeking, lines, &answers[i], own);
    proposals->count = proposals->found = count;
}

/* --- within a category, and what is due again ------------------------------------------------- */

/* What of a list of the whole shop may lie in the category: all, where nobody looked before. */
struct listed {
    const struct learn_score *all; /* NULL: by place */
    const struct top_place *places;
    size_t count;
    bool certain; /* nobody needs to look whether they belong to the category */
};

static struct listed listed_in(const struct seeking *seeking, enum top_list list)
{
    const struct evidence_source *source = seeking->source;
    struct listed listed = {0};
    listed.certain = category_tops_are_of(source->habits.tops, source->catalog);
    if (source->habits.tops)
        listed.count = category_tops_find(source->habits.tops, list, seeking->start->category.path,
                                          &listed.places);
    else if (list == TOP_TRENDING)
        listed.count = learn_trending(source->learned, &listed.all);
    else
        listed.count = learn_best_sellers(source->learned, &listed.all);
    return listed;
}

/* What belongs to the category and is not proposed yet. */
static void propose_within(const struct seeking *seeking, const struct listed *listed,
                           struct proposals *proposals)
{
    size_t known = proposals->found, most = known + CANDIDATES_PER_STRATEGY_MAX;
    make_room(seeking, proposals, CANDIDATES_PER_STRATEGY_MAX);
    for (size_t i = 0; i < listed->count && i < SCAN_MAX && proposals->found < most; i++) {
        const struct learn_score *score = listed->all ? &listed->all[i] : listed->places[i].score;
        bool twice = false;
        for (size_t j = 0; j < known && !twice; j++)
            twice = proposals->list[j].hash == score->hash;
        struct proposal proposal = {
            .item = score->item, .hash = score->hash, .score = (float)score->score};
        if (!twice && (listed->certain || is_in_category(seeking, score->item, score->hash)))
            add_in_category(seeking, proposal, proposals);
    }
}

static void propose_category_trending(const struct seeking *seeking, struct proposals *proposals)
{
    if (!proposals->asked && seeking->source->learned && seeking->start->category.path.size > 0) {
        struct listed listed = listed_in(seeking, TOP_TRENDING);
        propose_within(seeking, &listed, proposals);
    }
    propose_best(proposals);
}

static void count_sold_in(const struct seeking *seeking, struct slice category,
                          struct proposals *proposals)
{
    struct popularity_list list = popularity_top(
        seeking->source->habits.sold, &(struct popularity_key){SLICE("category"), category});
    make_room(seeking, proposals, list.count);
    for (size_t i = 0; i < list.count; i++)
        add_in_category(seeking,
                        (struct proposal){.item = list.scores[i].item,
                                          .hash = hash64(list.scores[i].item),
                                          .score = (float)(list.scores[i].weight * list.scale)},
                        proposals);
}

/* Puts the proposals behind the first `from` to those of the same items before it, if they are in
 * the category; of what was moved part may have gone elsewhere. */
static void join_sold(const struct seeking *seeking, size_t from, struct proposals *proposals)
{
    size_t found = from;
    for (size_t i = from; i < proposals->found; i++) {
        struct proposal *sold = &proposals->list[i];
        size_t at = 0;
        while (at < found && proposals->list[at].hash != sold->hash)
            at++;
        if (at < found)
            proposals->list[at].score += sold->score;
        else if (is_in_category(seeking, sold->item, sold->hash))
            proposals->list[found++] = *sold;
    }
    proposals->found = found;
}

/* What sold under the paths that the category had before it was regrouped. */
static void count_sold_before(const struct seeking *seeking, struct slice category,
                              struct proposals *proposals)
{
    struct slice paths[CATEGORY_SOURCES_MAX];
    const struct category_map *moves = seeking->source->moves;
    size_t count = 0;
    if (moves && moves->count > 0)
        count = category_map_sources(moves, category, seeking->arena, paths);
    for (size_t i = 0; i < count; i++) {
        size_t from = proposals->found;
        count_sold_in(seeking, paths[i], proposals);
        join_sold(seeking, from, proposals);
    }
}

/* The category's own list knows items that sell too little for the shop's; the shop's knows
 * orders of people who may not teach, once they are many. */
static void count_category_sellers(const struct seeking *seeking, struct proposals *proposals)
{
    struct slice category = seeking->start->category.path;
    if (seeking->source->habits.sold) {
        count_sold_in(seeking, category, proposals);
        count_sold_before(seeking, category, proposals);
    }
    if (!seeking->source->learned)
        return;
    struct listed listed = listed_in(seeking, TOP_BEST_SELLERS);
    propose_within(seeking, &listed, proposals);
}

static void propose_category_best_sellers(const struct seeking *seeking,
                                          struct proposals *proposals)
{
    if (!proposals->asked && seeking->start->category.path.size > 0)
        count_category_sellers(seeking, proposals);
    propose_best(proposals);
}

static void propose_repurchase_due(const struct seeking *seeking, struct proposals *proposals)
{
    const struct evidence_source *source = seeking->source;
    struct repurchase_due due[REPURCHASE_OWNED_MAX];
    proposals->ended = true;
    if (!source->habits.lasting)
        return;
    size_t owned_count = source->profile ? source->owned_count : 0;
    size_t count = repurchase_ask(source->habits.lasting, source->owned, owned_count,
                                  seeking->input->moment.now_ms, due);
    make_room(seeking, proposals, count);
    for (size_t i = 0; i < count; i++) {
        const struct repurchase_owned *owned = &source->owned[due[i].owned];
        if (owned->last_ms >= seeking->start->since_ms)
            proposals->list[proposals->found++] = (struct proposal){.item = owned->item,
                                                                    .hash = hash64(owned->item),
                                                                    .score = (float)due[i].score,
                                                                    .personal = true};
    }
    proposals->count = proposals->found;
}

/* --- the table -------------------------------------------------------------------------------- */

/* Appends to the proposals in order, or sets `ended`. */
typedef void propose(const struct seeking *seeking, struct proposals *proposals);

static propose *const strategies[STRATEGY_COUNT] = {
    [STRATEGY_TRENDING] = propose_trending,
    [STRATEGY_BEST_SELLERS] = propose_best_sellers,
    [STRATEGY_BOUGHT_TOGETHER] = propose_bought_together,
    [STRATEGY_VIEWED_TOGETHER] = propose_viewed_together,
    [STRATEGY_RECENTLY_VIEWED] = propose_recents,
    [STRATEGY_SIMILAR] = propose_similar,
    [STRATEGY_NEW_ARRIVALS] = propose_new_arrivals,
    [STRATEGY_COMPLETE_BASKET] = propose_complete_basket,
    [STRATEGY_CATEGORY_TRENDING] = propose_category_trending,
    [STRATEGY_CATEGORY_BEST_SELLERS] = propose_category_best_sellers,
    [STRATEGY_REPURCHASE_DUE] = propose_repurchase_due,
    [STRATEGY_SESSIONS] = propose_sessions,
    [STRATEGY_VIEWED_NEXT] = propose_viewed_next,
    [STRATEGY_MANUAL] = propose_manual,
    [STRATEGY_BOUGHT_AFTER_VIEW] = propose_bought_after_view,
};

void strategy_propose(const struct seeking *seeking, struct proposals *proposals)
{
    strategies[seeking->step->strategy](seeking, proposals);
    proposals->asked = true;
}

bool strategy_is_ready(const struct evidence_source *source, enum strategy strategy)
{
    return source->assortment != NULL ||
           (strategy != STRATEGY_SIMILAR && strategy != STRATEGY_NEW_ARRIVALS);
}

bool strategy_asks_tops(enum strategy strategy)
{
    return strategy == STRATEGY_CATEGORY_TRENDING || strategy == STRATEGY_CATEGORY_BEST_SELLERS;
}

bool placement_asks_assortment(const struct placement *placement)
{
    for (size_t i = 0; i < placement->step_count; i++)
        switch (placement->steps[i].strategy) {
        case STRATEGY_SIMILAR:
        case STRATEGY_NEW_ARRIVALS:
        case STRATEGY_COMPLETE_BASKET:
            return true;
        default:
            break;
        }
    return placement_has_rule(placement, RULE_ARRIVALS);
}
