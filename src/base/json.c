#include "base/json.h"

const struct json *json_get(const struct json *json, const char *name)
{
    if (!json_is(json, JSON_OBJECT))
        return NULL;
    for (size_t i = json->count; i > 0; i--) /* of duplicates the last wins */
        if (slice_is(json->members[i - 1].name, name))
            return &json->members[i - 1].value;
    return NULL;
}

static const struct json *get_slice(const struct json *json, struct slice name)
{
    if (!json_is(json, JSON_OBJECT))
        return NULL;
    for (size_t i = json->count; i > 0; i--)
        if (slice_equal(json->members[i - 1].name, name))
            return &json->members[i - 1].value;
    return NULL;
}

const struct json *json_at(const struct json *json, const char *path)
{
    struct slice rest = slice_of(path), head;
    while (json && slice_cut(rest, '.', &head, &rest))
        json = get_slice(json, head);
    return get_slice(json, rest);
}

struct slice json_text(const struct json *json)
{
    return json_is(json, JSON_STRING) ? json->text : SLICE_NONE;
}

struct slice json_get_text(const struct json *json, const char *name)
{
    return json_text(json_get(json, name));
}

int64_t json_get_int(const struct json *json, const char *name, int64_t fallback)
{
    const struct json *value = json_get(json, name);
    return json_is(value, JSON_INTEGER) ? value->integer : fallback;
}

bool json_get_bool(const struct json *json, const char *name, bool fallback)
{
    const struct json *value = json_get(json, name);
    return json_is(value, JSON_BOOL) ? value->boolean : fallback;
}

bool json_is(const struct json *json, enum json_kind kind)
{
    return json && json->kind == kind;
}

struct slice json_scalar_text(const struct json *json)
{
    if (!json)
        return SLICE_NONE;
    bool has_text = json->kind == JSON_STRING || json->kind == JSON_INTEGER ||
                    json->kind == JSON_NUMBER || json->kind == JSON_BIG_NUMBER;
    return has_text ? json->text : SLICE_NONE;
}
