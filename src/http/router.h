/* Which handler a path belongs to. Built once at the start, then read by all threads.
 *
 * A path is cut at its raw slashes and each segment percent-decoded by itself, so "%2F" never
 * makes a new segment. Refused with 400: bad percent-encoding, control characters, "." and ".."
 * segments (also encoded), text that is not UTF-8. One trailing slash is tolerated. */
#ifndef VISAVIS_HTTP_ROUTER_H
#define VISAVIS_HTTP_ROUTER_H

#include "http/http.h"

enum { ROUTER_SEGMENTS_MAX = 16 };

struct router;

struct router_path {
    struct slice segments[ROUTER_SEGMENTS_MAX]; /* decoded */
    size_t count;
    bool beyond; /* more segments than any route has */
};

struct router_match {
    const struct http_route *route; /* NULL when the method is not there */
    bool path_known;
    unsigned methods; /* bits of 1 << method that the path has, HEAD and OPTIONS included */
    struct slice parameters[HTTP_PATH_PARAMETERS_MAX];
};

/* Borrows the rows. Asserts that each path starts with '/' and has at most
 * HTTP_PATH_PARAMETERS_MAX placeholders. */
struct router *router_new(const struct http_route *routes, size_t count);
void router_free(struct router *router);

enum http_method router_method(struct slice name);
const char *router_method_name(enum http_method method);

/* Decodes a raw path into the arena; out_text is the whole of it, decoded. False: refuse it. */
bool router_decode_path(struct arena *arena, struct slice raw, struct router_path *out_path,
                        struct slice *out_text) MUST_CHECK;
/* HEAD finds GET's row. */
void router_find(const struct router *router, enum http_method method,
                 const struct router_path *path, struct router_match *out_match);

/* %XX (and, in queries, '+') into bytes; false on bad encoding. out_text has room for text.size
 * bytes. */
bool router_percent_decode(struct slice text, bool plus_is_space, char *out_text, size_t *out_size);

#endif
