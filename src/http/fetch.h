/* The door to libcurl: one GET into a file, for addresses that somebody else chose (feeds), and
 * posts to a server that who runs us named (below).
 *
 * Server-side request forgery (OWASP SSRF cheat sheet) is refused at the socket: the very address
 * that is about to be connected to is checked, so a name that resolves otherwise a moment later, an
 * odd spelling of 127.0.0.1 or a redirect reach nothing that is not public. Only http and https, no
 * user name in the URL, ports 80, 443, 8080 and 8443, no proxy, no cookies; at most FETCH_HOPS_MAX
 * redirects, each checked anew, never from https to http. Named hosts may be private and on any
 * port. Bounded in bytes and time. Blocks: for a worker's thread, any number at once. */
#ifndef VISAVIS_HTTP_FETCH_H
#define VISAVIS_HTTP_FETCH_H

#include "base/buf.h"
#include "base/diag.h"
#include "base/slice.h"
#include "http/address.h"

#include <stdatomic.h>

enum { FETCH_HOPS_MAX = 3, FETCH_URL_BYTES_MAX = 2048, FETCH_ETAG_BYTES = 256 };

struct fetch_options {
    struct slice url;
    struct slice etag, last_modified; /* of what we have, empty for nothing */
    uint64_t bytes_max;
    unsigned seconds_max;
    const struct slice *hosts; /* "name" or "name:port" that may be private */
    size_t host_count;
    const _Atomic bool *stop; /* true ends it within a second; may be NULL */
    int fd;                   /* the body is appended */
};
struct fetch_result {
    int code;          /* HTTP's, of the last hop; 0 when there was no answer */
    bool not_modified; /* 304: what we have is right */
    uint64_t bytes;
    char etag[FETCH_ETAG_BYTES], last_modified[64]; /* empty when not told or too long */
};

/* May somebody else's URL name it? Says what is wrong without asking the network. */
enum status fetch_check_url(struct slice url, const struct slice *hosts, size_t host_count,
                            struct diag *diag) MUST_CHECK;
/* STATUS_OK: 200 with the whole body, or not_modified. STATUS_INVALID: the URL; STATUS_FORBIDDEN:
 * an address that is not public; STATUS_TOO_LARGE; STATUS_IO: the network, or another code. */
enum status fetch_get(const struct fetch_options *options, struct fetch_result *out_result,
                      struct diag *diag) MUST_CHECK;
/* A host of the whole Internet: not private, loopback, link-local, shared, multicast, reserved, nor
 * one of those behind 6to4, Teredo, NAT64 or ::ffff: (IANA special-purpose registries). */
bool fetch_address_public(struct address address);

/* A kept-alive connection to one server, for JSON by POST: whoever runs us named it, so no address
 * is refused. One thread; each call is bounded by FETCH_POST_SECONDS_MAX. */
enum { FETCH_POST_SECONDS_MAX = 10 };
struct fetch_line;
/* url: "http://127.0.0.1:8080", without a path; key: its bearer. */
struct fetch_line *fetch_line_new(struct slice url, struct slice key);
void fetch_line_free(struct fetch_line *line); /* may be NULL */
struct fetch_answer {
    int code;
    struct buf body; /* the caller's, with its limit; added to */
};
/* STATUS_OK with whatever the server answered; STATUS_IO without an answer, or when it does not
 * fit. */
enum status fetch_post(struct fetch_line *line, const char *path, struct slice json,
                       struct fetch_answer *out_answer, struct diag *diag) MUST_CHECK;

#endif
