#include "learn/rules.h"

void rules_init(struct rules *rules, const struct session_view *view)
{
    *rules = (struct rules){.view = view, .reach = 10, .per_item = 250};
}

/* Stands on the newest session with the newest known item; false when nothing is known. */
static bool open_newest(const struct rules *rules, const struct recommend_context *context,
                        struct session_cursor *cursor, uint32_t *out_item)
{
    for (size_t i = context->count; i-- > 0;)
        if (session_cursor_init(cursor, rules->view, context->items[i], rules->per_item)) {
            *out_item = context->items[i];
            return true;
        }
    return false;
}

/* Adds what follows the item in one session; answers what of it went to `wanted`. */
static double follow(const struct rules *rules, struct session_items session, uint32_t item,
                     uint32_t wanted, struct board *board)
{
    double part = 0;
    for (uint32_t from = 0; from < session.count; from++) {
        if (session.items[from] != item)
            continue;
        for (uint32_t to = from + 1; to < session.count && to - from <= rules->reach; to++) {
            if (board)
                board_add(board, session.items[to], 1.0 / (to - from));
            else if (session.items[to] == wanted)
                part += 1.0 / (to - from);
        }
    }
    return part;
}

static void rules_score(const void *model, const struct recommend_context *context,
                        const struct recommend_view *view, struct board *board)
{
    (void)view;
    const struct rules *rules = model;
    struct session_cursor cursor;
    uint32_t item;
    if (!open_newest(rules, context, &cursor, &item))
        return;
    for (; cursor.left; session_cursor_next(&cursor))
        follow(rules, session_at(rules->view, cursor.session), item, RECOMMEND_NO_ITEM, board);
}

static void rules_explain(const void *model, const struct recommend_context *context, uint32_t item,
                          struct score_parts *out_parts)
{
    const struct rules *rules = model;
    struct session_cursor cursor;
    uint32_t from;
    if (!open_newest(rules, context, &cursor, &from))
        return;
    for (; cursor.left; session_cursor_next(&cursor)) {
        double part = follow(rules, session_at(rules->view, cursor.session), from, item, NULL);
        if (part > 0)
            score_parts_add(out_parts,
                            &(struct score_part){"rules", PART_SESSION, cursor.session, part});
    }
}

static size_t rules_bytes(const void *model)
{
    return sizeof(struct rules) + ((const struct rules *)model)->view->bytes;
}

const struct recommender_kind rules_kind = {"rules", rules_score, rules_explain, rules_bytes};
