/* The route table; see router.h. */
#include "http/router.h"

#include "http/guard.h"

#include <assert.h>
#include <stdlib.h>

struct template
{
    const struct http_route *route;
    struct slice segments[ROUTER_SEGMENTS_MAX];
    size_t count;
};

struct router {
    struct template *templates;
    size_t count;
};

static const char *const method_names[] = {
    [HTTP_GET] = "GET",         [HTTP_HEAD] = "HEAD",   [HTTP_POST] = "POST",
    [HTTP_PUT] = "PUT",         [HTTP_PATCH] = "PATCH", [HTTP_DELETE] = "DELETE",
    [HTTP_OPTIONS] = "OPTIONS", [HTTP_OTHER] = "OTHER",
};

enum http_method router_method(struct slice name)
{
    for (int i = HTTP_GET; i < HTTP_OTHER; i++)
        if (slice_is(name, method_names[i]))
            return (enum http_method)i;
    return HTTP_OTHER;
}

const char *router_method_name(enum http_method method)
{
    return method_names[method];
}

static bool is_placeholder(struct slice segment)
{
    return segment.size > 2 && segment.data[0] == '{' && segment.data[segment.size - 1] == '}';
}

/* "/v1/x/" and "/v1/x" give the same two segments; "/" gives none. False beyond
 * ROUTER_SEGMENTS_MAX. */
static bool cut_segments(struct slice path, struct slice *out_segments, size_t *out_count)
{
    *out_count = 0;
    path = slice_from(path, 1);
    while (path.size > 0) {
        struct slice segment = path, rest = SLICE_NONE;
        slice_cut(path, '/', &segment, &rest);
        if (*out_count == ROUTER_SEGMENTS_MAX)
            return false;
        out_segments[(*out_count)++] = segment;
        path = rest;
    }
    return true;
}

static void add_template(struct router *router, const struct http_route *route)
{
    struct template *template = &router->templates[router->count++];
    template->route = route;
    struct slice path = slice_of(route->path);
    assert(path.size > 0 && path.data[0] == '/');
    bool fits = cut_segments(path, template->segments, &template->count);
    assert(fits);
    size_t placeholders = 0;
    for (size_t i = 0; i < template->count; i++)
        placeholders += is_placeholder(template->segments[i]);
    assert(placeholders <= HTTP_PATH_PARAMETERS_MAX);
}

struct router *router_new(const struct http_route *routes, size_t count)
{
    struct router *router = must_alloc_zero(1, sizeof *router);
    router->templates = must_alloc_zero(count, sizeof *router->templates);
    for (size_t i = 0; i < count; i++)
        add_template(router, &routes[i]);
    return router;
}

void router_free(struct router *router)
{
    free(router->templates);
    free(router);
}

bool router_percent_decode(struct slice text, bool plus_is_space, char *out_text, size_t *out_size)
{
    size_t size = 0;
    for (size_t i = 0; i < text.size; i++) {
        char c = text.data[i];
        if (c == '%') {
            int high = i + 2 < text.size ? hex_value(text.data[i + 1]) : -1;
            int low = high >= 0 ? hex_value(text.data[i + 2]) : -1;
            if (low < 0)
                return false;
            c = (char)(high * 16 + low);
            i += 2;
        } else if (c == '+' && plus_is_space) {
            c = ' ';
        }
        out_text[size++] = c;
    }
    *out_size = size;
    return true;
}

/* Strict UTF-8 (RFC 3629): no overlong form, no surrogate, nothing above U+10FFFF. */
static size_t utf8_size(const unsigned char *at, size_t left)
{
    static const struct {
        unsigned char first_min, first_max, second_min, second_max;
        size_t size;
    } forms[] = {
        {0xc2, 0xdf, 0x80, 0xbf, 2}, {0xe0, 0xe0, 0xa0, 0xbf, 3}, {0xe1, 0xec, 0x80, 0xbf, 3},
        {0xed, 0xed, 0x80, 0x9f, 3}, {0xee, 0xef, 0x80, 0xbf, 3}, {0xf0, 0xf0, 0x90, 0xbf, 4},
        {0xf1, 0xf3, 0x80, 0xbf, 4}, {0xf4, 0xf4, 0x80, 0x8f, 4},
    };
    for (size_t i = 0; i < sizeof forms / sizeof forms[0]; i++) {
        if (at[0] < forms[i].first_min || at[0] > forms[i].first_max)
            continue;
        bool good =
            left >= forms[i].size && at[1] >= forms[i].second_min && at[1] <= forms[i].second_max;
        for (size_t k = 2; good && k < forms[i].size; k++)
            good = at[k] >= 0x80 && at[k] <= 0xbf;
        return good ? forms[i].size : 0;
    }
    return 0;
}

static bool is_clean_text(struct slice text)
{
    const unsigned char *bytes = (const unsigned char *)text.data;
    size_t i = 0;
    while (i < text.size) {
        if (bytes[i] < 0x20 || bytes[i] == 0x7f)
            return false;
        size_t size = bytes[i] < 0x80 ? 1 : utf8_size(bytes + i, text.size - i);
        if (size == 0)
            return false;
        i += size;
    }
    return true;
}

bool router_decode_path(struct arena *arena, struct slice raw, struct router_path *out_path,
                        struct slice *out_text)
{
    if (raw.size == 0 || raw.data[0] != '/')
        return false;
    char *text = arena_alloc(arena, raw.size + 1);
    size_t size = 0;
    out_path->beyond = !cut_segments(raw, out_path->segments, &out_path->count);
    for (size_t i = 0; i < out_path->count; i++) {
        struct slice *segment = &out_path->segments[i];
        size_t decoded_size = 0;
        text[size++] = '/';
        if (!router_percent_decode(*segment, false, text + size, &decoded_size))
            return false;
        *segment = slice_make(text + size, decoded_size);
        if (slice_is(*segment, ".") || slice_is(*segment, "..") || !is_clean_text(*segment))
            return false;
        size += decoded_size;
    }
    if (size == 0)
        text[size++] = '/';
    *out_text = slice_make(text, size);
    return true;
}

static bool matches(const struct template *template, const struct router_path *path,
                    struct slice *out_parameters)
{
    size_t parameter = 0;
    if (template->count != path->count)
        return false;
    for (size_t i = 0; i < path->count; i++) {
        if (is_placeholder(template->segments[i])) {
            if (path->segments[i].size == 0)
                return false;
            out_parameters[parameter++] = path->segments[i];
        } else if (!slice_equal(template->segments[i], path->segments[i])) {
            return false;
        }
    }
    return true;
}

static size_t placeholder_count(const struct template *template)
{
    size_t count = 0;
    for (size_t i = 0; i < template->count; i++)
        count += is_placeholder(template->segments[i]);
    return count;
}

/* Of several rows for one path the one with the fewest placeholders serves: "/v1/items/search"
 * before "/v1/items/{id}". */
void router_find(const struct router *router, enum http_method method,
                 const struct router_path *path, struct router_match *out_match)
{
    enum http_method wanted = method == HTTP_HEAD ? HTTP_GET : method;
    size_t fewest = SIZE_MAX;
    *out_match = (struct router_match){.route = NULL};
    for (size_t i = 0; i < router->count && !path->beyond; i++) {
        const struct template *template = &router->templates[i];
        struct slice parameters[HTTP_PATH_PARAMETERS_MAX] = {{NULL, 0}};
        if (!matches(template, path, parameters))
            continue;
        out_match->path_known = true;
        out_match->methods |= 1u << template->route->method | 1u << HTTP_OPTIONS;
        if (template->route->method == HTTP_GET)
            out_match->methods |= 1u << HTTP_HEAD;
        size_t placeholders = placeholder_count(template);
        if (template->route->method != wanted || placeholders >= fewest)
            continue;
        fewest = placeholders;
        out_match->route = template->route;
        memcpy(out_match->parameters, parameters, sizeof parameters);
    }
}
