/* Orders of things in words. */
#include "decide/order.h"

static void write_contribution(struct telling *telling, const char *name, double value,
                               enum word word)
{
    if (!(value > 0))
        return;
    enum locale locale = telling->options->locale;
    buf_clear(&telling->detail);
    words_put_number(&telling->detail, value, true, locale);
    struct slice figure = buf_slice(&telling->detail);
    buf_clear(&telling->scratch);
    words_put(&telling->scratch, word_of(word, locale), &figure);
    json_object(telling->out);
    JSON_STRING_MEMBER(telling->out, "name", slice_of(name));
    JSON_FIGURE_MEMBER(telling->out, "value", value);
    JSON_STRING_MEMBER(telling->out, "sentence", buf_slice(&telling->scratch));
    json_end(telling->out);
}

void order_tell(struct telling *telling)
{
    const struct decision *decision = telling->decision;
    json_name(telling->out, "order");
    json_array(telling->out);
    for (size_t i = 0; i < decision->order_count; i++) {
        const struct ordered *ordered = &decision->order[i];
        json_object(telling->out);
        JSON_STRING_MEMBER(telling->out, "id", ordered->entry->id);
        JSON_INT_MEMBER(telling->out, "place", (int64_t)i + 1);
        JSON_INT_MEMBER(telling->out, "shopPlace", (int64_t)ordered->from + 1);
        JSON_BOOL_MEMBER(telling->out, "moved", ordered->moved);
        JSON_FIGURE_MEMBER(telling->out, "habit", ordered->affinity + ordered->views);
        json_name(telling->out, "contributions");
        json_array(telling->out);
        write_contribution(telling, "affinity", ordered->affinity, WORD_ORDER_AFFINITY);
        write_contribution(telling, "recent_views", ordered->views, WORD_ORDER_VIEWS);
        json_end(telling->out);
        json_end(telling->out);
    }
    json_end(telling->out);
}

static size_t count_moved(const struct decision *decision)
{
    size_t count = 0;
    for (size_t i = 0; i < decision->order_count; i++)
        count += decision->order[i].moved;
    return count;
}

static void put_moved(struct telling *telling)
{
    const struct decision *decision = telling->decision;
    size_t count = count_moved(decision), written = 0;
    buf_clear(&telling->detail);
    for (size_t i = 0; i < decision->order_count; i++) {
        if (!decision->order[i].moved)
            continue;
        if (written > 0)
            buf_add(&telling->detail,
                    words_between(written + 1 == count, telling->options->locale));
        buf_add(&telling->detail, decision->order[i].entry->id);
        written++;
    }
}

void order_tell_sentence(struct telling *telling)
{
    static const enum word kept[ROLE_COUNT] = {WORD_ORDER_KEPT, WORD_AGENT_ORDER_KEPT,
                                               WORD_SHOPPER_ORDER_KEPT};
    static const enum word moved[ROLE_COUNT] = {WORD_ORDER_MOVED, WORD_AGENT_ORDER_MOVED,
                                                WORD_SHOPPER_ORDER_MOVED};
    enum audience_role role = telling->options->role;
    bool moves = count_moved(telling->decision) > 0;
    put_moved(telling);
    struct slice values[] = {telling->decision->definition->name, buf_slice(&telling->detail)};
    buf_clear(&telling->scratch);
    words_put(&telling->scratch,
              word_of(moves ? moved[role] : kept[role], telling->options->locale), values);
    json_string(telling->out, buf_slice(&telling->scratch));
}
