#include "learn/vmis.h"

#include <assert.h>
#include <math.h>

struct vmis_options vmis_options_default(void)
{
    return (struct vmis_options){.window = 10,
                                 .per_item = 250,
                                 .neighbours = 200,
                                 .position_decay = 2,
                                 .match_decay = 8,
                                 .distance_decay = 3,
                                 .ageing = 0.6,
                                 .again = -1};
}

void vmis_init(struct vmis *vmis, const struct session_view *view,
               const struct vmis_options *options)
{
    assert(options->window <= VMIS_WINDOW_MAX && options->neighbours <= VMIS_NEIGHBOURS_MAX);
    *vmis = (struct vmis){.view = view, .options = *options, .again = options->again};
    if (vmis->again < 0)
        vmis->again = fmin(2, 4 * view->again_share);
    for (int i = 0; i < VMIS_WINDOW_MAX; i++) {
        vmis->position[i] = exp(-i / options->position_decay);
        vmis->match[i] = exp(-i / options->match_decay);
    }
    for (int i = 0; i < SESSION_ITEMS_MAX; i++)
        vmis->distance[i] = exp(-i / options->distance_decay);
    for (int i = 1; i <= SESSION_ITEMS_MAX; i++)
        vmis->by_length[i] = 1 / sqrt(sqrt(i));
}

/* --- neighbours ------------------------------------------------------------------------------- */

struct neighbour {
    double weight;
    uint32_t session;
    uint32_t item;   /* the newest item of the live visit that it holds */
    uint32_t shared; /* a bit for each item of the window that it holds */
};

struct neighbourhood {
    const struct vmis *vmis;
    struct session_cursor cursors[VMIS_WINDOW_MAX];
    uint32_t items[VMIS_WINDOW_MAX], positions[VMIS_WINDOW_MAX];
    double weights[VMIS_WINDOW_MAX];
    uint32_t window; /* items that some session holds */
    uint32_t count;
    struct neighbour all[VMIS_NEIGHBOURS_MAX]; /* a heap, the least similar on top, when full */
};

static bool is_nearer(const struct neighbour *a, const struct neighbour *b)
{
    return a->weight > b->weight || (a->weight == b->weight && a->session > b->session);
}

static void sink(struct neighbourhood *near, uint32_t at)
{
    struct neighbour moving = near->all[at];
    for (uint32_t child; (child = 2 * at + 1) < near->count; at = child) {
        if (child + 1 < near->count && is_nearer(&near->all[child], &near->all[child + 1]))
            child++;
        if (!is_nearer(&moving, &near->all[child]))
            break;
        near->all[at] = near->all[child];
    }
    near->all[at] = moving;
}

static void offer(struct neighbourhood *near, struct neighbour fresh)
{
    uint32_t room = near->vmis->options.neighbours;
    if (near->count < room) {
        near->all[near->count++] = fresh;
        for (uint32_t at = near->count / 2; near->count == room && at-- > 0;)
            sink(near, at);
    } else if (room && is_nearer(&fresh, &near->all[0])) {
        near->all[0] = fresh;
        sink(near, 0);
    }
}

/* sqrt(idf) of an item that so many sessions hold */
static double rarity(const struct vmis *vmis, uint32_t sessions)
{
    return sqrt(log((vmis->view->session_count + 1.0) / (sessions + 1.0)) + 1e-3);
}

static void open_window(struct neighbourhood *near, const struct recommend_context *context)
{
    const struct vmis *vmis = near->vmis;
    uint32_t newest[VMIS_WINDOW_MAX];
    size_t count = context_newest(context, RECOMMEND_NO_ITEM, vmis->options.window, newest);
    for (uint32_t position = 0; position < count; position++) {
        uint32_t at = near->window;
        uint32_t sessions = session_cursor_init(&near->cursors[at], vmis->view, newest[position],
                                                vmis->options.per_item);
        if (sessions == 0)
            continue;
        near->items[at] = newest[position];
        near->positions[at] = position;
        near->weights[at] = vmis->position[position] * rarity(vmis, sessions);
        near->window++;
    }
}

/* The first cursor on the newest session, or NULL at the end. */
static const struct session_cursor *newest_of(const struct neighbourhood *near)
{
    const struct session_cursor *newest = NULL;
    for (uint32_t i = 0; i < near->window; i++) {
        const struct session_cursor *cursor = &near->cursors[i];
        if (cursor->left && (!newest || cursor->session > newest->session))
            newest = cursor;
    }
    return newest;
}

static double similarity(const struct vmis *vmis, const struct session_cursor *at, double shared)
{
    double age = vmis->view->session_count - 1.0 - at->session;
    double freshness = 1 - vmis->options.ageing * age / vmis->view->session_count;
    return shared * sqrt(shared) * vmis->by_length[at->length] * freshness;
}

/* All cursors walk back in time together, so each session is met once, with all it shares. */
static void find_neighbours(struct neighbourhood *near, const struct vmis *vmis,
                            const struct recommend_context *context)
{
    near->vmis = vmis;
    near->window = near->count = 0;
    open_window(near, context);
    for (const struct session_cursor *first; (first = newest_of(near));) {
        const struct session_cursor at = *first;
        uint32_t nearest = (uint32_t)(first - near->cursors);
        double shared = 0;
        uint32_t mask = 0;
        for (uint32_t i = nearest; i < near->window; i++) {
            struct session_cursor *cursor = &near->cursors[i];
            if (cursor->left == 0 || cursor->session != at.session)
                continue;
            shared += near->weights[i];
            mask |= 1U << i;
            session_cursor_next(cursor);
        }
        double weight = similarity(vmis, &at, shared) * vmis->match[near->positions[nearest]];
        offer(near, (struct neighbour){weight, at.session, near->items[nearest], mask});
    }
}

/* --- their votes ------------------------------------------------------------------------------ */

static uint32_t last_place(struct session_items session, uint32_t item)
{
    uint32_t at = session.count - 1;
    while (session.items[at] != item)
        at--; /* the index says that it is there */
    return at;
}

static double vote(const struct vmis *vmis, uint32_t at, uint32_t match)
{
    if (at == match)
        return vmis->again;
    return vmis->distance[at > match ? at - match : match - at];
}

/* The neighbours' items. Each lies somewhere else in memory: rows are asked for together, then
 * items, so that waiting is shared. */
static void read_neighbours(const struct neighbourhood *near,
                            struct session_items out_sessions[VMIS_NEIGHBOURS_MAX])
{
    const struct session_view *view = near->vmis->view;
    for (uint32_t n = 0; n < near->count; n++)
        session_prefetch(view, near->all[n].session);
    for (uint32_t n = 0; n < near->count; n++) {
        out_sessions[n] = session_at(view, near->all[n].session);
        __builtin_prefetch(out_sessions[n].items);
    }
}

static void count_votes(const struct neighbourhood *near, const struct session_items *sessions,
                        struct board *board)
{
    const struct vmis *vmis = near->vmis;
    for (uint32_t n = 0; n < near->count; n++) {
        struct session_items session = sessions[n];
        uint32_t match = last_place(session, near->all[n].item);
        for (uint32_t i = 0; i < session.count; i++)
            board_add(board, session.items[i], near->all[n].weight * vote(vmis, i, match));
    }
    for (uint32_t i = 0; i < board->touched_count; i++) {
        uint32_t item = board->touched[i];
        board->scores[item] *= rarity(vmis, session_item_count(vmis->view, item));
    }
}

static void vmis_score(const void *model, const struct recommend_context *context,
                       const struct recommend_view *view, struct board *board)
{
    (void)view;
    struct neighbourhood near;
    struct session_items sessions[VMIS_NEIGHBOURS_MAX];
    find_neighbours(&near, model, context);
    read_neighbours(&near, sessions);
    count_votes(&near, sessions, board);
}

/* A neighbour speaks for the items it shares with the live visit, by their weights. */
static void add_voices(const struct neighbourhood *near, uint32_t mask, double amount,
                       struct vmis_voices *voices)
{
    double sum = 0;
    for (uint32_t i = 0; i < near->window; i++)
        sum += mask >> i & 1 ? near->weights[i] : 0;
    for (uint32_t i = 0; i < near->window; i++)
        if (mask >> i & 1)
            voices->shares[near->positions[i]] += amount * near->weights[i] / sum;
}

/* The board, empty again, tells which of the answers an item is. */
static void hear_voices(const struct neighbourhood *near, const struct session_items *sessions,
                        const struct recommended_list *list, struct board *board,
                        struct vmis_voices *voices)
{
    board_clear(board);
    for (size_t i = 0; i < list->count; i++)
        board_add(board, list->best[i].item, (double)(i + 1));
    for (uint32_t n = 0; n < near->count; n++) {
        struct session_items session = sessions[n];
        uint32_t match = last_place(session, near->all[n].item);
        for (uint32_t i = 0; i < session.count; i++) {
            size_t answer = (size_t)board->scores[session.items[i]];
            if (answer > 0)
                add_voices(near, near->all[n].shared,
                           near->all[n].weight * vote(near->vmis, i, match), &voices[answer - 1]);
        }
    }
    for (size_t i = 0; i < list->count; i++) {
        double sum = 0;
        for (int k = 0; k < VMIS_WINDOW_MAX; k++)
            sum += voices[i].shares[k];
        for (int k = 0; k < VMIS_WINDOW_MAX && sum > 0; k++)
            voices[i].shares[k] /= sum;
    }
}

void vmis_ask(const struct vmis *vmis, const struct recommend_context *context, struct board *board,
              struct recommended_list *out_list, struct vmis_voices *out_voices)
{
    const struct recommend_view all = {0};
    struct neighbourhood near;
    struct session_items sessions[VMIS_NEIGHBOURS_MAX];
    board_clear(board);
    find_neighbours(&near, vmis, context);
    read_neighbours(&near, sessions);
    count_votes(&near, sessions, board);
    board_best(board, &all, out_list);
    memset(out_voices, 0, out_list->count * sizeof *out_voices);
    hear_voices(&near, sessions, out_list, board, out_voices);
}

static void vmis_explain(const void *model, const struct recommend_context *context, uint32_t item,
                         struct score_parts *out_parts)
{
    const struct vmis *vmis = model;
    struct neighbourhood near;
    double factor = rarity(vmis, session_item_count(vmis->view, item));
    find_neighbours(&near, vmis, context);
    for (uint32_t n = 0; n < near.count; n++) {
        struct session_items session = session_at(vmis->view, near.all[n].session);
        uint32_t match = last_place(session, near.all[n].item);
        double part = 0;
        for (uint32_t i = 0; i < session.count; i++)
            part += session.items[i] == item ? near.all[n].weight * vote(vmis, i, match) : 0;
        part *= factor;
        if (part > 0)
            score_parts_add(out_parts, &(struct score_part){"sessions", PART_SESSION,
                                                            near.all[n].session, part});
    }
}

static size_t vmis_bytes(const void *model)
{
    return sizeof(struct vmis) + ((const struct vmis *)model)->view->bytes;
}

const struct recommender_kind vmis_kind = {"vmis", vmis_score, vmis_explain, vmis_bytes};
