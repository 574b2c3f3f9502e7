#include "api/shape.h"

#include "base/buf.h"

#include <inttypes.h>
#include <stdio.h>

enum { NAME_SHOWN_MAX = 40, SENTENCE_MAX = 256 };

static enum status refuse(const struct shape *shape, struct slice member, const char *sentence,
                          struct diag *diag)
{
    char field[sizeof diag->field];
    struct slice name = slice_first(member, NAME_SHOWN_MAX);
    (void)snprintf(field, sizeof field, "%s/%.*s", shape->at, SLICE_ARG(name));
    return diag_set(diag, STATUS_INVALID, field, "%s", sentence);
}

static bool has_type(const struct json *value, enum shape_type type)
{
    switch (type) {
    case SHAPE_TEXT:
        return json_is(value, JSON_STRING);
    case SHAPE_SCALAR:
        return json_is(value, JSON_STRING) || json_scalar_text(value).size > 0;
    case SHAPE_BOOL:
        return json_is(value, JSON_BOOL);
    case SHAPE_COUNT:
        return json_is(value, JSON_INTEGER);
    case SHAPE_LIST:
        return json_is(value, JSON_ARRAY);
    case SHAPE_OBJECT:
        return json_is(value, JSON_OBJECT);
    case SHAPE_ANY:
        break;
    }
    return true;
}

static void say_type(const struct shape_member *member, char out_sentence[SENTENCE_MAX])
{
    static const char *const names[] = {
        [SHAPE_TEXT] = "a text",        [SHAPE_SCALAR] = "a text or a number",
        [SHAPE_BOOL] = "true or false", [SHAPE_LIST] = "a list",
        [SHAPE_OBJECT] = "an object",   [SHAPE_ANY] = "anything",
    };
    if (member->sentence)
        (void)snprintf(out_sentence, SENTENCE_MAX, "%s", member->sentence);
    else if (member->type == SHAPE_COUNT)
        (void)snprintf(out_sentence, SENTENCE_MAX,
                       "%s is a whole number from %" PRId64 " to %" PRId64, member->name,
                       member->min, member->max);
    else
        (void)snprintf(out_sentence, SENTENCE_MAX, "%s is %s", member->name, names[member->type]);
}

static enum status check_value(const struct shape *shape, const struct shape_member *member,
                               const struct json *value, struct diag *diag)
{
    char sentence[SENTENCE_MAX];
    bool good = has_type(value, member->type);
    if (good && member->type == SHAPE_COUNT)
        good = value->integer >= member->min && value->integer <= member->max;
    if (good && member->type == SHAPE_LIST && member->max > 0 &&
        value->count > (size_t)member->max) {
        (void)snprintf(sentence, sizeof sentence, "%s holds at most %" PRId64 ", not %zu",
                       member->name, member->max, value->count);
        return refuse(shape, slice_of(member->name), sentence, diag);
    }
    if (good)
        return STATUS_OK;
    say_type(member, sentence);
    return refuse(shape, slice_of(member->name), sentence, diag);
}

static enum status refuse_unknown(const struct shape *shape, struct slice name, struct diag *diag)
{
    char text[SENTENCE_MAX];
    struct buf sentence;
    buf_init(&sentence, sizeof text - 1);
    buf_format(&sentence, "\"%.*s\" is not known here; there are",
               SLICE_ARG(slice_first(name, NAME_SHOWN_MAX)));
    for (size_t i = 0; i < shape->count; i++)
        buf_format(&sentence, "%s %s", i > 0 ? "," : "", shape->members[i].name);
    struct slice said = buf_slice(&sentence);
    (void)snprintf(text, sizeof text, "%.*s", SLICE_ARG(said));
    buf_done(&sentence);
    return refuse(shape, name, text, diag);
}

static enum status check_member(const struct shape *shape, const struct json *json, size_t index,
                                struct diag *diag)
{
    const struct json_member *member = &json->members[index];
    const struct shape_member *known = NULL;
    for (size_t i = 0; i < shape->count && !known; i++)
        if (slice_is(member->name, shape->members[i].name))
            known = &shape->members[i];
    if (!known)
        return shape->open ? STATUS_OK : refuse_unknown(shape, member->name, diag);
    for (size_t i = 0; i < index; i++)
        if (slice_equal(json->members[i].name, member->name))
            return refuse(shape, member->name, "stands here twice: which one counts?", diag);
    if (json_is(&member->value, JSON_NULL))
        return STATUS_OK;
    return check_value(shape, known, &member->value, diag);
}

enum status shape_check(const struct shape *shape, const struct json *json, struct diag *diag)
{
    if (!json || json_is(json, JSON_NULL))
        return STATUS_OK;
    if (!json_is(json, JSON_OBJECT))
        return diag_set(diag, STATUS_INVALID, shape->at, "an object belongs here: { … }");
    enum status status = STATUS_OK;
    for (size_t i = 0; i < json->count && status == STATUS_OK; i++)
        status = check_member(shape, json, i, diag);
    return status;
}
