#include "learn/rp3.h"

#include "base/sort.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>

double rp3_power(double x, unsigned eighths)
{
    double power = 1, root = x;
    assert(eighths <= RP3_EIGHTHS);
    for (unsigned bit = RP3_EIGHTHS; bit > 0; bit /= 2, root = sqrt(root))
        if (eighths & bit)
            power *= root;
    return power;
}

struct rp3_options rp3_options_default(void)
{
    return (struct rp3_options){.form = {6, 2, 0}, .neighbours = 300, .fading = 1};
}

/* --- making ----------------------------------------------------------------------------------- */

/* Who has what and what is whose, with the row under way. */
struct maker {
    struct rp3 *rp3;
    const struct rp3_options *options;
    uint32_t *owned, *owners; /* items by person, people by item */
    size_t *owned_starts, *owner_starts;
    uint64_t *sums; /* an item: of |g|^-alpha in units of 2^-32, zero between rows */
    uint32_t *summed, summed_count;
    double *others; /* deg(j)^beta */
    struct rp3_neighbour *row;
    size_t room; /* of the neighbours made so far */
    uint64_t person_weight[RP3_PERSON_ITEMS_MAX + 1];
};

/* Each person's distinct items, the first RP3_PERSON_ITEMS_MAX. */
static void take_people(struct maker *maker, const struct sequences *people, size_t count)
{
    struct rp3 *rp3 = maker->rp3;
    size_t *last = must_alloc_zero((size_t)rp3->item_count + 1, sizeof *last); /* person + 1 */
    maker->owned = must_alloc((people->starts[count] + 1) * sizeof *maker->owned);
    maker->owned_starts = must_alloc_zero(count + 1, sizeof *maker->owned_starts);
    for (size_t person = 0; person < count; person++) {
        const uint32_t *items;
        size_t item_count = sequence_at(people, person, &items), taken = 0;
        for (size_t i = 0; i < item_count && taken < RP3_PERSON_ITEMS_MAX; i++) {
            if (last[items[i]] == person + 1)
                continue;
            last[items[i]] = person + 1;
            rp3->degrees[items[i]]++;
            maker->owned[maker->owned_starts[person] + taken++] = items[i];
        }
        maker->owned_starts[person + 1] = maker->owned_starts[person] + taken;
    }
    rp3->pair_count = maker->owned_starts[count];
    free(last);
}

static void take_owners(struct maker *maker, size_t people)
{
    const struct rp3 *rp3 = maker->rp3;
    size_t *starts = must_alloc_zero((size_t)rp3->item_count + 1, sizeof *starts);
    size_t *next = must_alloc_zero((size_t)rp3->item_count + 1, sizeof *next);
    for (uint32_t item = 0; item < rp3->item_count; item++)
        next[item + 1] = starts[item + 1] = starts[item] + rp3->degrees[item];
    maker->owners = must_alloc((rp3->pair_count + 1) * sizeof *maker->owners);
    for (size_t person = 0; person < people; person++)
        for (size_t i = maker->owned_starts[person]; i < maker->owned_starts[person + 1]; i++)
            maker->owners[next[maker->owned[i]]++] = (uint32_t)person;
    maker->owner_starts = starts;
    free(next);
}

static void sum_owners(struct maker *maker, uint32_t item)
{
    maker->summed_count = 0;
    for (size_t p = maker->owner_starts[item]; p < maker->owner_starts[item + 1]; p++) {
        size_t from = maker->owned_starts[maker->owners[p]];
        size_t end = maker->owned_starts[maker->owners[p] + 1];
        uint64_t weight = maker->person_weight[end - from];
        for (size_t i = from; i < end; i++) {
            uint32_t other = maker->owned[i];
            if (maker->sums[other] == 0)
                maker->summed[maker->summed_count++] = other;
            maker->sums[other] += weight;
        }
    }
}

static bool is_heavier(const struct rp3_neighbour *a, const struct rp3_neighbour *b)
{
    return a->weight > b->weight || (a->weight == b->weight && a->item < b->item);
}

SORT_OF(heaviest, struct rp3_neighbour, is_heavier)

static bool is_lower(const struct rp3_neighbour *a, const struct rp3_neighbour *b)
{
    return a->item < b->item;
}

SORT_OF(numbered, struct rp3_neighbour, is_lower)

/* Turns the sums into the item's row and clears them. */
static void make_row(struct maker *maker, uint32_t item)
{
    struct rp3 *rp3 = maker->rp3;
    const struct rp3_form *form = &maker->options->form;
    size_t count = 0, kept = maker->options->neighbours, start = rp3->starts[item];
    double own = rp3_power(rp3->degrees[item], form->alpha_eighths);
    for (uint32_t i = 0; i < maker->summed_count; i++) {
        uint32_t other = maker->summed[i];
        double together = ldexp((double)maker->sums[other], -32);
        maker->sums[other] = 0;
        if (other != item)
            maker->row[count++] = (struct rp3_neighbour){
                other, (float)rp3_weight(form, together, own, maker->others[other])};
    }
    if (count > kept)
        heaviest_select(maker->row, count, kept);
    count = count < kept ? count : kept;
    numbered_sort(maker->row, count);
    if (start + count > maker->room) {
        maker->room = 2 * (start + count);
        rp3->neighbours = must_realloc(rp3->neighbours, maker->room * sizeof *rp3->neighbours);
    }
    if (count > 0)
        memcpy(rp3->neighbours + start, maker->row, count * sizeof *maker->row);
    rp3->starts[item + 1] = start + count;
}

static void make_rows(struct maker *maker)
{
    uint32_t items = maker->rp3->item_count;
    const struct rp3_form *form = &maker->options->form;
    for (unsigned n = 1; n <= RP3_PERSON_ITEMS_MAX; n++)
        maker->person_weight[n] =
            (uint64_t)llround(ldexp(1 / rp3_power(n, form->alpha_eighths), 32));
    maker->others = must_alloc(((size_t)items + 1) * sizeof *maker->others);
    for (uint32_t item = 0; item < items; item++)
        maker->others[item] = rp3_power(maker->rp3->degrees[item], form->beta_eighths);
    maker->sums = must_alloc_zero((size_t)items + 1, sizeof *maker->sums);
    maker->summed = must_alloc(((size_t)items + 1) * sizeof *maker->summed);
    maker->row = must_alloc(((size_t)items + 1) * sizeof *maker->row);
    for (uint32_t item = 0; item < items; item++) {
        sum_owners(maker, item);
        make_row(maker, item);
    }
    free(maker->others);
    free(maker->sums);
    free(maker->summed);
    free(maker->row);
}

static int most_taken_first(const void *left, const void *right, void *context)
{
    const uint32_t *degrees = context, a = *(const uint32_t *)left, b = *(const uint32_t *)right;
    if (degrees[a] != degrees[b])
        return degrees[a] > degrees[b] ? -1 : 1;
    return a < b ? -1 : a > b;
}

static void rank(struct rp3 *rp3)
{
    rp3->ranked = must_alloc(((size_t)rp3->item_count + 1) * sizeof *rp3->ranked);
    for (uint32_t item = 0; item < rp3->item_count; item++)
        if (rp3->degrees[item] > 0)
            rp3->ranked[rp3->ranked_count++] = item;
    qsort_r(rp3->ranked, rp3->ranked_count, sizeof *rp3->ranked, most_taken_first, rp3->degrees);
}

struct rp3 *rp3_new(const struct sequences *people, size_t count, uint32_t item_count,
                    const struct rp3_options *options)
{
    assert(options->neighbours <= RP3_NEIGHBOURS_MAX);
    struct rp3 *rp3 = must_alloc_zero(1, sizeof *rp3);
    struct maker maker = {.rp3 = rp3, .options = options};
    rp3->item_count = item_count;
    rp3->fading = options->fading;
    rp3->degrees = must_alloc_zero((size_t)item_count + 1, sizeof *rp3->degrees);
    rp3->starts = must_alloc_zero((size_t)item_count + 1, sizeof *rp3->starts);
    take_people(&maker, people, count);
    rank(rp3);
    if (options->neighbours > 0) {
        take_owners(&maker, count);
        make_rows(&maker);
    }
    free(maker.owned);
    free(maker.owned_starts);
    free(maker.owners);
    free(maker.owner_starts);
    return rp3;
}

void rp3_free(struct rp3 *rp3)
{
    if (!rp3)
        return;
    free(rp3->degrees);
    free(rp3->ranked);
    free(rp3->starts);
    free(rp3->neighbours);
    free(rp3);
}

/* --- answering -------------------------------------------------------------------------------- */

size_t rp3_row(const struct rp3 *rp3, uint32_t item, const struct rp3_neighbour **out_neighbours)
{
    if (item >= rp3->item_count || rp3->starts[item + 1] == rp3->starts[item])
        return 0;
    *out_neighbours = rp3->neighbours + rp3->starts[item];
    return rp3->starts[item + 1] - rp3->starts[item];
}

double rp3_share(const struct rp3 *rp3, uint32_t item)
{
    return item < rp3->item_count && rp3->pair_count > 0
               ? (double)rp3->degrees[item] / (double)rp3->pair_count
               : 0;
}

static void rp3_score(const void *model, const struct recommend_context *context,
                      const struct recommend_view *view, struct board *board)
{
    (void)view;
    const struct rp3 *rp3 = model;
    uint32_t items[RP3_PERSON_ITEMS_MAX];
    size_t count = context_newest(context, rp3->item_count, RP3_PERSON_ITEMS_MAX, items);
    double fading = 1;
    for (size_t i = 0; i < count; i++, fading *= rp3->fading) {
        const struct rp3_neighbour *row;
        size_t neighbours = rp3_row(rp3, items[i], &row);
        for (size_t n = 0; n < neighbours; n++)
            board_add(board, row[n].item, fading * (double)row[n].weight);
    }
}

/* Rows stand by item number: halving finds the neighbour. */
static double weight_in(const struct rp3_neighbour *row, size_t count, uint32_t item)
{
    const struct rp3_neighbour *end = row + count;
    while (count > 0) {
        size_t half = count / 2;
        if (row[half].item < item) {
            row += half + 1;
            count -= half + 1;
        } else {
            count = half;
        }
    }
    return row < end && row->item == item ? (double)row->weight : 0;
}

static void rp3_explain(const void *model, const struct recommend_context *context, uint32_t item,
                        struct score_parts *out_parts)
{
    const struct rp3 *rp3 = model;
    uint32_t items[RP3_PERSON_ITEMS_MAX];
    size_t count = context_newest(context, rp3->item_count, RP3_PERSON_ITEMS_MAX, items);
    double fading = 1;
    for (size_t i = 0; i < count; i++, fading *= rp3->fading) {
        const struct rp3_neighbour *row;
        size_t neighbours = rp3_row(rp3, items[i], &row);
        double part = neighbours ? fading * weight_in(row, neighbours, item) : 0;
        if (part > 0)
            score_parts_add(out_parts, &(struct score_part){"graph", PART_ITEM, items[i], part});
    }
}

static size_t rp3_bytes(const void *model)
{
    const struct rp3 *rp3 = model;
    return sizeof *rp3 + rp3->item_count * (2 * sizeof(uint32_t) + sizeof(size_t)) +
           rp3->starts[rp3->item_count] * sizeof *rp3->neighbours;
}

const struct recommender_kind rp3_kind = {"graph", rp3_score, rp3_explain, rp3_bytes};

/* What everybody takes: the answer when nothing else is known. */
static void popular_score(const void *model, const struct recommend_context *context,
                          const struct recommend_view *view, struct board *board)
{
    (void)context, (void)view;
    const struct rp3 *rp3 = model;
    for (uint32_t i = 0; i < rp3->ranked_count; i++)
        board_add(board, rp3->ranked[i], rp3->degrees[rp3->ranked[i]]);
}

static void popular_explain(const void *model, const struct recommend_context *context,
                            uint32_t item, struct score_parts *out_parts)
{
    (void)context;
    const struct rp3 *rp3 = model;
    if (item < rp3->item_count && rp3->degrees[item] > 0)
        score_parts_add(out_parts, &(struct score_part){"popular", PART_POPULARITY,
                                                        RECOMMEND_NO_ITEM, rp3->degrees[item]});
}

const struct recommender_kind popular_kind = {"popular", popular_score, popular_explain, rp3_bytes};
