/* JSON in: a tree of plain values in the caller's arena, parsed by simdjson (this door's only
 * user is json.cpp).
 *
 * Text is strict UTF-8. Depth is limited (JSON_DEPTH_MAX); lone surrogate escapes become U+FFFD;
 * an integer that does not fit 64 bits stays text in `text` with kind JSON_BIG_NUMBER; numbers
 * keep their source text, so that money is never rounded. Duplicate keys: the last wins in
 * json_get. The tree borrows nothing from the input: strings are copied to the arena. */
#ifndef VISAVIS_BASE_JSON_H
#define VISAVIS_BASE_JSON_H

#include "base/arena.h"
#include "base/diag.h"

#ifdef __cplusplus
extern "C" {
#endif

enum json_kind {
    JSON_NULL,
    JSON_BOOL,
    JSON_INTEGER,
    JSON_NUMBER, /* a fraction or an exponent: a double */
    /* an integer beyond 64 bits, or a number beyond a double: only `text` is set */
    JSON_BIG_NUMBER,
    JSON_STRING,
    JSON_ARRAY,
    JSON_OBJECT
};

struct json_member;

struct json {
    enum json_kind kind;
    bool boolean;
    int64_t integer;
    double number;     /* set for JSON_INTEGER too */
    struct slice text; /* the string, or the source text of a number */
    size_t count;      /* elements or members */
    union {
        struct json *elements;
        struct json_member *members;
    };
};

struct json_member {
    struct slice name;
    struct json value;
};

/* Parses one whole document. STATUS_INVALID fills diag with line and column. */
enum status json_parse(struct arena *arena, struct slice text, const struct json **out_root,
                       struct diag *diag) MUST_CHECK;

/* A batch cut into its messages: raw texts, so that each can be parsed alone and one bad message
 * refuses only itself; rest is the object without the array. In the arena. */
struct json_batch {
    struct slice *elements;
    size_t count;
    const struct json *rest;
};

/* Cuts the top-level array `name` of an object. Broken framing or UTF-8 refuses the whole; at most
 * BATCH_EVENTS_MAX elements, else STATUS_TOO_LARGE. */
enum status json_cut_batch(struct arena *arena, struct slice text, const char *name,
                           struct json_batch *out_batch, struct diag *diag) MUST_CHECK;

/* Text of a finite number, not terminated; answers its size. For the writer. */
enum { JSON_NUMBER_TEXT_SIZE = 48 };
size_t json_format_number(double value, char out_text[JSON_NUMBER_TEXT_SIZE]);

/* Strict UTF-8? (simdjson's validator) */
bool json_utf8_valid(struct slice text);

#ifdef __cplusplus
}
#endif

/* Look-ups that never fail: a missing or differently typed member is NULL or the fall-back. json
 * may be NULL. */
const struct json *json_get(const struct json *json, const char *name);
const struct json *json_at(const struct json *json, const char *path); /* "context.page.url" */
struct slice json_text(const struct json *json); /* a string's text, else empty */
struct slice json_get_text(const struct json *json, const char *name);
int64_t json_get_int(const struct json *json, const char *name, int64_t fallback);
bool json_get_bool(const struct json *json, const char *name, bool fallback);
bool json_is(const struct json *json, enum json_kind kind);
/* Identifiers come as strings or as numbers: the text of either, empty for anything else. */
struct slice json_scalar_text(const struct json *json);

#ifndef __cplusplus
#include "base/json_out.h"
#endif

#endif
