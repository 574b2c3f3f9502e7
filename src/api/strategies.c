#include "api/strategies.h"

#include "base/hash.h"
#include "base/sort.h"

#include <stdlib.h>

enum {
    PORTION = 96,          /* proposals made ready at a time: more than a placement takes, mostly */
    SCAN_MAX = 2000,       /* of a long list that are looked at */
    VOTE_TABLE_SIZE = 1024 /* more than twice SEEDS_MAX × GRAPH_NEIGHBOURS_MAX */
};

/* --- seeds ------------------------------------------------------------------------------------ */

static void add_seed(struct seeds *seeds, struct slice item, double weight, bool personal)
{
    for (size_t i = 0; i < seeds->count; i++)
        if (slice_equal(seeds->list[i].item, item))
            return;
    if (item.size && seeds->count < SEEDS_MAX)
        seeds->list[seeds->count++] = (struct seed){item, weight, personal, 0};
}

static int compare_titles(const void *a, const void *b)
{
    const struct item_title *left = a, *right = b;
    return slice_compare(left->item, right->item);
}

/* Only seeds are ever named by a reason. */
static void take_titles(const struct evidence_source *source, struct seeds *seeds,
                        struct decide_input *input, struct arena *arena)
{
    struct item_title *titles = ARENA_ARRAY(arena, SEEDS_MAX, struct item_title);
    for (size_t i = 0; i < seeds->count; i++) {
        const struct item *item = catalog_find(source->catalog, seeds->list[i].item);
        titles[i] = (struct item_title){seeds->list[i].item, item ? item->title : SLICE_NONE};
    }
    qsort(titles, seeds->count, sizeof *titles, compare_titles);
    for (size_t i = 0; i < seeds->count; i++)
        for (size_t j = 0; j < seeds->count; j++)
            if (slice_equal(titles[j].item, seeds->list[i].item))
                seeds->list[i].title = (uint8_t)(j + 1);
    input->titles = titles;
    input->title_count = seeds->count;
}

/* The page's item speaks loudest, then the basket, then the person's own basket and last views. */
struct seeds seeds_find(const struct evidence_source *source, struct decide_input *input,
                        struct arena *arena)
{
    const struct moment *moment = &input->moment;
    const struct decide_person *person = &input->person;
    struct seeds seeds = {.count = 0};
    add_seed(&seeds, moment->page_item, 1, false);
    for (size_t i = 0; i < moment->cart_count; i++)
        add_seed(&seeds, moment->cart[i], 0.8, false);
    for (size_t i = 0; i < person->basket_count; i++)
        add_seed(&seeds, person->basket[i], 0.7, true);
    for (size_t i = 0; i < person->recent_count && i < 3; i++)
        add_seed(&seeds, person->recents[i], 0.5 / (double)(1 + i), true);
    take_titles(source, &seeds, input, arena);
    return seeds;
}

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
    const struct decide_person *person = &seeking->input->person;
    make_room(seeking, proposals, person->recent_count);
    for (size_t i = 0; i < person->recent_count; i++)
        proposals->list[i] = (struct proposal){.item = person->recents[i],
                                               .hash = hash64(person->recents[i]),
                                               .score = 1.0F / (float)(1 + i),
                                               .personal = true};
    proposals->count = proposals->found = person->recent_count;
    proposals->ended = true;
}

/* --- neighbours ------------------------------------------------------------------------------- */

/* Neighbours of several items vote together: measured better than the best single vote
 * (docs/learning.md). */
struct votes {
    struct proposals *proposals;
    uint16_t table[VOTE_TABLE_SIZE]; /* position + 1, 0 empty */
};

static struct proposal *vote_for(struct votes *votes, const struct learn_score *score)
{
    struct proposals *proposals = votes->proposals;
    size_t at = score->hash % VOTE_TABLE_SIZE;
    while (votes->table[at] && proposals->list[votes->table[at] - 1].hash != score->hash)
        at = (at + 1) % VOTE_TABLE_SIZE;
    if (votes->table[at])
        return &proposals->list[votes->table[at] - 1];
    struct proposal *fresh = &proposals->list[proposals->found++];
    *fresh = (struct proposal){.item = score->item, .hash = score->hash};
    votes->table[at] = (uint16_t)proposals->found;
    return fresh;
}

static void add_voice(struct proposal *vote, const struct seed *seed, float voice)
{
    vote->score += voice;
    vote->personal |= seed->personal;
    if (voice > vote->loudest || vote->because == 0) {
        vote->loudest = voice;
        vote->because = seed->title;
    }
}

static void count_votes(const struct seeking *seeking, enum learn_relation relation,
                        struct proposals *proposals)
{
    struct votes votes = {.proposals = proposals};
    for (size_t i = 0; i < seeking->seeds->count; i++) {
        const struct seed *seed = &seeking->seeds->list[i];
        const struct learn_score *scores;
        size_t count = learn_neighbours(seeking->source->learned, relation, seed->item, &scores);
        count = count < GRAPH_NEIGHBOURS_MAX ? count : GRAPH_NEIGHBOURS_MAX;
        make_room(seeking, proposals, count);
        for (size_t j = 0; j < count; j++)
            add_voice(vote_for(&votes, &scores[j]), seed, (float)(scores[j].score * seed->weight));
    }
}

static bool is_better(const struct proposal *left, const struct proposal *right)
{
    if (left->score != right->score)
        return left->score > right->score;
    return left != right && slice_compare(left->item, right->item) < 0;
}

SORT_OF(proposals, struct proposal, is_better)

static void propose_neighbours(const struct seeking *seeking, enum learn_relation relation,
                               struct proposals *proposals)
{
    if (!proposals->asked && seeking->source->learned)
        count_votes(seeking, relation, proposals);
    struct proposal *rest = proposals->list + proposals->count;
    size_t left = proposals->found - proposals->count;
    size_t portion = left < PORTION ? left : PORTION;
    proposals_select(rest, left, portion);
    proposals_sort(rest, portion);
    proposals->count += portion;
    proposals->ended = portion == left;
}

static void propose_bought_together(const struct seeking *seeking, struct proposals *proposals)
{
    propose_neighbours(seeking, LEARN_BOUGHT_TOGETHER, proposals);
}

static void propose_viewed_together(const struct seeking *seeking, struct proposals *proposals)
{
    propose_neighbours(seeking, LEARN_VIEWED_TOGETHER, proposals);
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
};

void strategy_propose(const struct seeking *seeking, enum strategy strategy,
                      struct proposals *proposals)
{
    strategies[strategy](seeking, proposals);
    proposals->asked = true;
}
