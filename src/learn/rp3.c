#include "learn/rp3.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>

struct list {
    uint32_t *values;
    uint32_t count, room;
};

struct lists {
    struct list *all;
    uint32_t count, room;
};

struct rp3_graph {
    struct rp3_options options;
    struct lists people, items; /* a person's items; an item's people */
    uint64_t pair_count;
    bool *row_touched;                 /* an item */
    bool *page_touched;                /* a page */
    uint32_t *queue;                   /* pages, in the order they were touched first */
    uint32_t queue_first, queue_count; /* of those that wait; a ring of touched_room */
    uint32_t touched_room;             /* pages there is room for */
    struct rp3_snapshot *published;    /* what the next snapshot shares pages with */
    uint64_t *sums;                    /* an item: the row under way, zero between rows */
    uint32_t *sum_items, sum_count;    /* those that are not */
    uint32_t sums_room;
    uint64_t person_weight[RP3_PERSON_ITEMS_MAX + 1]; /* |u|^-alpha in units of 2^-32 */
    struct rp3_neighbour *row;                        /* under way */
};

struct rp3_options rp3_options_default(void)
{
    return (struct rp3_options){.alpha = 0.7, .beta = 0.25, .neighbours = 300, .fading = 1};
}

struct rp3_graph *rp3_graph_new(const struct rp3_options *options)
{
    assert(options->neighbours <= RP3_NEIGHBOURS_MAX);
    struct rp3_graph *graph = must_alloc_zero(1, sizeof *graph);
    graph->options = *options;
    for (int n = 1; n <= RP3_PERSON_ITEMS_MAX; n++)
        graph->person_weight[n] = (uint64_t)llround(ldexp(pow(n, -options->alpha), 32));
    graph->published = must_alloc_zero(1, sizeof *graph->published);
    graph->published->refs = 1;
    graph->published->fading = options->fading;
    return graph;
}

static void lists_done(struct lists *lists)
{
    for (uint32_t i = 0; i < lists->count; i++)
        free(lists->all[i].values);
    free(lists->all);
}

void rp3_graph_free(struct rp3_graph *graph)
{
    if (!graph)
        return;
    lists_done(&graph->people);
    lists_done(&graph->items);
    rp3_snapshot_unref(graph->published);
    free(graph->row_touched);
    free(graph->page_touched);
    free(graph->queue);
    free(graph->sums);
    free(graph->sum_items);
    free(graph->row);
    free(graph);
}

/* --- learning --------------------------------------------------------------------------------- */

static struct list *list_at(struct lists *lists, uint32_t number)
{
    if (number >= lists->room) {
        uint32_t room = number < 512 ? 1024 : 2 * number;
        lists->all = must_realloc(lists->all, room * sizeof *lists->all);
        memset(lists->all + lists->room, 0, (room - lists->room) * sizeof *lists->all);
        lists->room = room;
    }
    if (number >= lists->count)
        lists->count = number + 1;
    return &lists->all[number];
}

static void list_push(struct list *list, uint32_t value)
{
    if (list->count == list->room) {
        list->room = list->room ? list->room + list->room / 2 + 1 : 4;
        list->values = must_realloc(list->values, list->room * sizeof *list->values);
    }
    list->values[list->count++] = value;
}

static bool list_has(const struct list *list, uint32_t value)
{
    for (uint32_t i = 0; i < list->count; i++)
        if (list->values[i] == value)
            return true;
    return false;
}

static void make_room(struct rp3_graph *graph, uint32_t items)
{
    uint32_t pages = items / RP3_ROWS_PER_PAGE + 1;
    if (pages <= graph->touched_room)
        return;
    uint32_t room = 2 * pages, old = graph->touched_room;
    uint32_t *queue = must_alloc(room * sizeof *queue);
    for (uint32_t i = 0; i < graph->queue_count; i++)
        queue[i] = graph->queue[(graph->queue_first + i) % old];
    free(graph->queue);
    graph->queue = queue;
    graph->queue_first = 0;
    graph->page_touched = must_realloc(graph->page_touched, room);
    memset(graph->page_touched + old, 0, room - old);
    size_t rows = (size_t)room * RP3_ROWS_PER_PAGE, old_rows = (size_t)old * RP3_ROWS_PER_PAGE;
    graph->row_touched = must_realloc(graph->row_touched, rows);
    memset(graph->row_touched + old_rows, 0, rows - old_rows);
    graph->touched_room = room;
}

static void touch(struct rp3_graph *graph, uint32_t item)
{
    uint32_t page = item / RP3_ROWS_PER_PAGE;
    graph->row_touched[item] = true;
    if (graph->page_touched[page])
        return;
    graph->page_touched[page] = true;
    graph->queue[(graph->queue_first + graph->queue_count++) % graph->touched_room] = page;
}

bool rp3_graph_add(struct rp3_graph *graph, uint32_t person, uint32_t item)
{
    struct list *owned = list_at(&graph->people, person);
    if (owned->count == RP3_PERSON_ITEMS_MAX || list_has(owned, item))
        return false;
    list_push(owned, item);
    list_push(list_at(&graph->items, item), person);
    make_room(graph, graph->items.count);
    for (uint32_t i = 0; i < owned->count; i++) /* the person's weight changed: so did all rows */
        touch(graph, owned->values[i]);
    graph->pair_count++;
    return true;
}

void rp3_refresh_all(struct rp3_graph *graph)
{
    for (uint32_t i = 0; i < graph->items.count; i++)
        touch(graph, i);
}

size_t rp3_graph_bytes(const struct rp3_graph *graph)
{
    size_t lists = (size_t)graph->people.room + graph->items.room, values = 0;
    for (uint32_t i = 0; i < graph->people.count; i++)
        values += graph->people.all[i].room;
    for (uint32_t i = 0; i < graph->items.count; i++)
        values += graph->items.all[i].room;
    return sizeof *graph + lists * sizeof(struct list) + values * sizeof(uint32_t) +
           (size_t)graph->touched_room * (RP3_ROWS_PER_PAGE + 1 + sizeof(uint32_t)) +
           (size_t)graph->sums_room * (sizeof(uint64_t) + sizeof(uint32_t)) +
           graph->published->bytes;
}

/* --- rows ------------------------------------------------------------------------------------- */

static void room_for_sums(struct rp3_graph *graph)
{
    if (graph->sums_room >= graph->items.count)
        return;
    free(graph->sums);
    free(graph->sum_items);
    free(graph->row);
    graph->sums_room = graph->items.room;
    graph->sums = must_alloc_zero(graph->sums_room, sizeof *graph->sums);
    graph->sum_items = must_alloc(graph->sums_room * sizeof *graph->sum_items);
    graph->row = must_alloc(graph->sums_room * sizeof *graph->row);
}

/* The sums of |u|^-alpha over the people with this item; answers how many were added. */
static uint64_t sum_people(struct rp3_graph *graph, uint32_t item)
{
    const struct list *people = &graph->items.all[item];
    uint64_t additions = 0;
    graph->sum_count = 0;
    for (uint32_t p = 0; p < people->count; p++) {
        const struct list *owned = &graph->people.all[people->values[p]];
        uint64_t weight = graph->person_weight[owned->count];
        for (uint32_t i = 0; i < owned->count; i++) {
            uint32_t other = owned->values[i];
            if (graph->sums[other] == 0)
                graph->sum_items[graph->sum_count++] = other;
            graph->sums[other] += weight;
        }
        additions += owned->count;
    }
    return additions;
}

static bool is_heavier(const struct rp3_neighbour *a, const struct rp3_neighbour *b)
{
    return a->weight > b->weight || (a->weight == b->weight && a->item < b->item);
}

/* Hoare's selection: the `keep` heaviest come first, in no order. */
static void select_heaviest(struct rp3_neighbour *row, size_t count, size_t keep)
{
    size_t low = 0, high = count;
    while (high - low > 1) {
        struct rp3_neighbour pivot = row[low + (high - 1 - low) / 2];
        size_t left = low, right = high - 1;
        for (;; left++, right--) {
            while (is_heavier(&row[left], &pivot))
                left++;
            while (is_heavier(&pivot, &row[right]))
                right--;
            if (left >= right)
                break;
            struct rp3_neighbour swap = row[left];
            row[left] = row[right];
            row[right] = swap;
        }
        size_t middle = right + 1;
        if (keep == middle)
            return;
        if (keep < middle)
            high = middle;
        else
            low = middle;
    }
}

static int by_item(const void *left, const void *right)
{
    const struct rp3_neighbour *a = left, *b = right;
    return a->item < b->item ? -1 : a->item > b->item;
}

/* Turns the sums into the item's row, clears them, answers how many neighbours it keeps. */
static uint32_t weigh_row(struct rp3_graph *graph, uint32_t item, const double *popularity)
{
    double own = ldexp(pow(graph->items.all[item].count, -graph->options.alpha), -32);
    uint32_t count = 0;
    for (uint32_t i = 0; i < graph->sum_count; i++) {
        uint32_t other = graph->sum_items[i];
        double weight = own * (double)graph->sums[other] * popularity[other];
        graph->sums[other] = 0;
        if (other != item)
            graph->row[count++] = (struct rp3_neighbour){other, (float)weight};
    }
    if (count > graph->options.neighbours) {
        select_heaviest(graph->row, count, graph->options.neighbours);
        count = graph->options.neighbours;
    }
    qsort(graph->row, count, sizeof *graph->row, by_item);
    return count;
}

/* --- pages and snapshots ---------------------------------------------------------------------- */

static void page_unref(struct rp3_page *page)
{
    if (page && atomic_fetch_sub_explicit(&page->refs, 1, memory_order_acq_rel) == 1)
        free(page);
}

static size_t page_bytes(const struct rp3_page *page)
{
    return page ? sizeof *page + page->starts[RP3_ROWS_PER_PAGE] * sizeof(struct rp3_neighbour) : 0;
}

/* The page with its touched rows made anew and the others as they were. */
static struct rp3_page *make_page(struct rp3_graph *graph, uint32_t number,
                                  const double *popularity, uint64_t *inout_additions)
{
    const struct rp3_page *old =
        number < graph->published->page_count ? graph->published->pages[number] : NULL;
    size_t room = (size_t)RP3_ROWS_PER_PAGE * graph->options.neighbours;
    struct rp3_page *page = must_alloc(sizeof *page + room * sizeof *page->neighbours);
    page->refs = 1;
    page->starts[0] = 0;
    for (uint32_t r = 0; r < RP3_ROWS_PER_PAGE; r++) {
        uint32_t item = number * RP3_ROWS_PER_PAGE + r, count = 0;
        const struct rp3_neighbour *row = NULL;
        if (item < graph->items.count && graph->row_touched[item]) {
            *inout_additions += sum_people(graph, item);
            count = weigh_row(graph, item, popularity);
            row = graph->row;
            graph->row_touched[item] = false;
        } else if (old) {
            count = old->starts[r + 1] - old->starts[r];
            row = old->neighbours + old->starts[r];
        }
        for (uint32_t i = 0; i < count; i++)
            page->neighbours[page->starts[r] + i] = row[i];
        page->starts[r + 1] = page->starts[r] + count;
    }
    return must_realloc(page, page_bytes(page));
}

static struct rp3_snapshot *copy_snapshot(const struct rp3_snapshot *old, uint32_t item_count)
{
    uint32_t pages = (item_count + RP3_ROWS_PER_PAGE - 1) / RP3_ROWS_PER_PAGE;
    struct rp3_snapshot *fresh = must_alloc_zero(1, sizeof *fresh + pages * sizeof fresh->pages[0]);
    fresh->refs = 1;
    fresh->item_count = item_count;
    fresh->page_count = pages;
    fresh->fading = old->fading;
    fresh->bytes = sizeof *fresh + pages * sizeof fresh->pages[0];
    for (uint32_t i = 0; i < old->page_count; i++) {
        fresh->pages[i] = old->pages[i];
        if (fresh->pages[i])
            atomic_fetch_add_explicit(&fresh->pages[i]->refs, 1, memory_order_relaxed);
        fresh->bytes += page_bytes(fresh->pages[i]);
    }
    return fresh;
}

/* deg(j)^-beta of every item */
static double *popularity_of(const struct rp3_graph *graph)
{
    double *popularity = must_alloc(((size_t)graph->items.count + 1) * sizeof *popularity);
    for (uint32_t i = 0; i < graph->items.count; i++)
        popularity[i] =
            graph->items.all[i].count ? pow(graph->items.all[i].count, -graph->options.beta) : 0;
    return popularity;
}

bool rp3_publish(struct rp3_graph *graph, uint64_t additions_max,
                 struct rp3_snapshot **out_snapshot)
{
    struct rp3_snapshot *fresh = copy_snapshot(graph->published, graph->items.count);
    uint64_t additions = 0;
    room_for_sums(graph);
    double *popularity = popularity_of(graph);
    while (graph->queue_count && (additions_max == 0 || additions < additions_max)) {
        uint32_t number = graph->queue[graph->queue_first];
        graph->queue_first = (graph->queue_first + 1) % graph->touched_room;
        graph->queue_count--;
        graph->page_touched[number] = false;
        struct rp3_page *page = make_page(graph, number, popularity, &additions);
        fresh->bytes += page_bytes(page) - page_bytes(fresh->pages[number]);
        page_unref(fresh->pages[number]);
        fresh->pages[number] = page;
    }
    free(popularity);
    rp3_snapshot_unref(graph->published);
    graph->published = fresh;
    rp3_snapshot_ref(fresh);
    *out_snapshot = fresh;
    return graph->queue_count == 0;
}

void rp3_snapshot_ref(struct rp3_snapshot *snapshot)
{
    atomic_fetch_add_explicit(&snapshot->refs, 1, memory_order_relaxed);
}

void rp3_snapshot_unref(struct rp3_snapshot *snapshot)
{
    if (!snapshot || atomic_fetch_sub_explicit(&snapshot->refs, 1, memory_order_acq_rel) > 1)
        return;
    for (uint32_t i = 0; i < snapshot->page_count; i++)
        page_unref(snapshot->pages[i]);
    free(snapshot);
}

size_t rp3_row(const struct rp3_snapshot *snapshot, uint32_t item,
               const struct rp3_neighbour **out_neighbours)
{
    const struct rp3_page *page =
        item < snapshot->item_count ? snapshot->pages[item / RP3_ROWS_PER_PAGE] : NULL;
    if (!page)
        return 0;
    uint32_t row = item % RP3_ROWS_PER_PAGE;
    *out_neighbours = page->neighbours + page->starts[row];
    return page->starts[row + 1] - page->starts[row];
}

/* --- answering -------------------------------------------------------------------------------- */

static void rp3_score(const void *model, const struct recommend_context *context,
                      const struct recommend_view *view, struct board *board)
{
    (void)view;
    const struct rp3_snapshot *snapshot = model;
    uint32_t items[RP3_PERSON_ITEMS_MAX];
    size_t count = context_newest(context, snapshot->item_count, RP3_PERSON_ITEMS_MAX, items);
    double fading = 1;
    for (size_t i = 0; i < count; i++, fading *= snapshot->fading) {
        const struct rp3_neighbour *row;
        size_t neighbours = rp3_row(snapshot, items[i], &row);
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
    const struct rp3_snapshot *snapshot = model;
    uint32_t items[RP3_PERSON_ITEMS_MAX];
    size_t count = context_newest(context, snapshot->item_count, RP3_PERSON_ITEMS_MAX, items);
    double fading = 1;
    for (size_t i = 0; i < count; i++, fading *= snapshot->fading) {
        const struct rp3_neighbour *row;
        size_t neighbours = rp3_row(snapshot, items[i], &row);
        double part = neighbours ? fading * weight_in(row, neighbours, item) : 0;
        if (part > 0)
            score_parts_add(out_parts, &(struct score_part){"graph", PART_ITEM, items[i], part});
    }
}

static size_t rp3_bytes(const void *model)
{
    return ((const struct rp3_snapshot *)model)->bytes;
}

const struct recommender_kind rp3_kind = {"graph", rp3_score, rp3_explain, rp3_bytes};
