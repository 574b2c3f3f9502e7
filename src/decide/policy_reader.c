#include "decide/policy_reader.h"

#include <math.h>
#include <stdio.h>

enum { FIELD_SIZE = 64 };

enum status reader_refuse(const struct reader *reader, const char *member, const char *sentence)
{
    char field[FIELD_SIZE];
    if (member[0] != '\0')
        (void)snprintf(field, sizeof field, "%.47s/%.15s", reader->at, member);
    else
        (void)snprintf(field, sizeof field, "%s", reader->at);
    return diag_set(reader->diag, STATUS_INVALID, field, "%s", sentence);
}

struct reader reader_inside(const struct reader *reader, const char *list, size_t index)
{
    struct reader inside = {.arena = reader->arena, .diag = reader->diag};
    (void)snprintf(inside.at, sizeof inside.at, "%.24s/%.12s/%u", reader->at, list,
                   (unsigned)index);
    return inside;
}

static bool is_allowed(struct slice name, struct slice allowed)
{
    while (allowed.size > 0) {
        struct slice one = allowed, rest = SLICE_NONE;
        (void)slice_cut(allowed, ',', &one, &rest);
        if (slice_equal(one, name))
            return true;
        allowed = rest.size > 0 ? slice_from(rest, 1) : rest; /* the space */
    }
    return false;
}

/* Of the index-th member. */
static void point_at(const struct reader *reader, const struct json *json, size_t index,
                     char out_field[FIELD_SIZE])
{
    struct slice name = slice_first(json->members[index].name, 14);
    (void)snprintf(out_field, FIELD_SIZE, "%.47s/%.*s", reader->at, SLICE_ARG(name));
}

enum status reader_members(const struct reader *reader, const struct json *json,
                           const char *allowed)
{
    char field[FIELD_SIZE];
    for (size_t i = 0; i < json->count; i++) {
        struct slice name = json->members[i].name;
        point_at(reader, json, i, field);
        if (!is_allowed(name, slice_of(allowed)))
            return diag_set(reader->diag, STATUS_INVALID, field,
                            "unknown member '%.*s'; allowed are %s",
                            SLICE_ARG(slice_first(name, 40)), allowed);
        for (size_t k = 0; k < i; k++)
            if (slice_equal(json->members[k].name, name))
                return diag_set(reader->diag, STATUS_INVALID, field,
                                "stands here twice: which one counts?");
    }
    return STATUS_OK;
}

enum status reader_number(const struct reader *reader, const struct json *json,
                          const struct range *range, double *value)
{
    const struct json *found = json_get(json, range->member);
    if (found == NULL)
        return STATUS_OK;
    if (!json_is(found, JSON_INTEGER) && (range->whole || !json_is(found, JSON_NUMBER)))
        return reader_refuse(reader, range->member, range->sentence);
    double number = found->number;
    if (!isfinite(number) || number < range->min || number > range->max ||
        (range->above_min && number <= range->min))
        return reader_refuse(reader, range->member, range->sentence);
    *value = number == 0 ? 0 : number; /* never -0 */
    return STATUS_OK;
}
