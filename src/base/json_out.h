/* JSON out: a writer into a buffer that puts the commas itself.
 *
 *     struct json_out out = json_out(&buf);
 *     json_object(&out);
 *     json_name(&out, "id"), json_string(&out, id);
 *     json_end(&out);
 *
 * Keys are written in the order given, so equal calls give equal bytes. Invalid UTF-8 in strings
 * becomes U+FFFD. */
#ifndef VISAVIS_BASE_JSON_OUT_H
#define VISAVIS_BASE_JSON_OUT_H

#include "base/buf.h"

struct json;

struct json_out {
    struct buf *buf;
    unsigned depth;
    bool comma;
    char closers[80];
};

struct json_out json_out(struct buf *buf);
void json_object(struct json_out *out);
void json_array(struct json_out *out);
void json_end(struct json_out *out); /* closes the innermost object or array */
void json_name(struct json_out *out, const char *name);
void json_name_slice(struct json_out *out, struct slice name);
void json_string(struct json_out *out, struct slice text);
void json_int(struct json_out *out, int64_t value);
void json_number(struct json_out *out, double value); /* shortest text that reads back the same */
/* The same of a value rounded for people: to six decimals, and to six significant digits below
 * 0.1. */
void json_figure(struct json_out *out, double value);
void json_time(struct json_out *out, int64_t ms); /* ISO 8601, as clock_format_iso */
void json_bool(struct json_out *out, bool value);
void json_null(struct json_out *out);
void json_raw(struct json_out *out, struct slice json);          /* already JSON */
void json_value(struct json_out *out, const struct json *value); /* a parsed tree, NULL as null */

#define JSON_STRING_MEMBER(out, name, text) (json_name((out), (name)), json_string((out), (text)))
#define JSON_INT_MEMBER(out, name, value) (json_name((out), (name)), json_int((out), (value)))
#define JSON_NUMBER_MEMBER(out, name, value) (json_name((out), (name)), json_number((out), (value)))
#define JSON_FIGURE_MEMBER(out, name, value) (json_name((out), (name)), json_figure((out), (value)))
#define JSON_TIME_MEMBER(out, name, ms) (json_name((out), (name)), json_time((out), (ms)))
#define JSON_BOOL_MEMBER(out, name, value) (json_name((out), (name)), json_bool((out), (value)))
/* Only where there is a text. */
void json_text_member(struct json_out *out, const char *name, struct slice text);

#endif
