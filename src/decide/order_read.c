/* Placements of kind order from JSON and to it. */
#include "decide/policy_reader.h"

#include <stdio.h>

static const char ids_sentence[] =
    "a list of 1 to 100 different ids (categories as the catalogue writes them) in the shop's own "
    "order, each of 1 to 256 bytes";

static enum status refuse(struct diag *diag, const char *field)
{
    return diag_set(diag, STATUS_INVALID, field, "%s", ids_sentence);
}

enum status order_ids_read(const struct json *list, const char *field, struct arena *arena,
                           struct order_ids *out_ids, struct diag *diag)
{
    if (!json_is(list, JSON_ARRAY) || list->count == 0 || list->count > ORDER_IDS_MAX)
        return refuse(diag, field);
    struct slice *ids = ARENA_ARRAY(arena, list->count, struct slice);
    for (size_t i = 0; i < list->count; i++) {
        ids[i] = json_scalar_text(&list->elements[i]);
        if (ids[i].size == 0 || ids[i].size > RULE_VALUE_BYTES_MAX)
            return refuse(diag, field);
        for (size_t j = 0; j < i; j++)
            if (slice_equal(ids[j], ids[i]))
                return refuse(diag, field);
    }
    *out_ids = (struct order_ids){ids, list->count};
    return STATUS_OK;
}

enum status order_read(const struct reader *reader, const struct json *json,
                       struct placement *placement)
{
    static const struct range range = {.member = "moves",
                                       .min = 1,
                                       .max = ORDER_IDS_MAX,
                                       .whole = true,
                                       .sentence = "moves is a whole number from 1 to 100"};
    char field[sizeof reader->at + 8];
    double moves = ORDER_MOVES_DEFAULT;
    enum status status = reader_number(reader, json, &range, &moves);
    placement->moves = (unsigned)moves;
    if (status != STATUS_OK || json_get(json, "items") == NULL)
        return status;
    (void)snprintf(field, sizeof field, "%s/items", reader->at);
    return order_ids_read(json_get(json, "items"), field, reader->arena, &placement->order,
                          reader->diag);
}

void order_to_json(const struct placement *placement, struct json_out *out)
{
    if (placement->order.count > 0) {
        json_name(out, "items");
        json_array(out);
        for (size_t i = 0; i < placement->order.count; i++)
            json_string(out, placement->order.list[i]);
        json_end(out);
    }
    JSON_INT_MEMBER(out, "moves", placement->moves);
}
