/* One pull of a feed: fetched into an unlinked file, staged, compared, written or held.
 *
 * Blocks for as long as the network and the ledger take; for the feeds' thread. Bounded: the fetch
 * in bytes and time (below), the rest as catalog/staging.h says. */
#ifndef VISAVIS_API_FEED_RUN_H
#define VISAVIS_API_FEED_RUN_H

#include "api/feed_settings.h"
#include "http/fetch.h"

#define FEED_FETCH_BYTES_MAX (UINT64_C(2) << 30)
enum { FEED_FETCH_SECONDS_MAX = 900, FEED_ERRORS_MAX = 20 };

enum feed_outcome {
    FEED_NEVER,        /* not pulled since the server started */
    FEED_NOT_MODIFIED, /* the shop's server says we have it */
    FEED_TAKEN,        /* written, if anything had changed */
    FEED_HELD,         /* would hide much, waits for approval */
    FEED_FAILED        /* diag says why; nothing was hidden */
};

struct feed_error {
    unsigned line;
    struct diag diag;
};
struct feed_report {
    enum feed_outcome outcome;
    int64_t started_ms, finished_ms;
    struct diag diag; /* of FEED_FAILED */
    struct fetch_result fetched;
    uint64_t rows, refused, untitled;          /* untitled: refused for want of a title */
    struct feed_error errors[FEED_ERRORS_MAX]; /* the first rows that were refused */
    size_t error_count;
    struct feed_diff diff; /* without its examples */
    uint64_t written, unchanged, hidden;
};

struct feed_run {
    struct catalog *catalog;
    uint32_t workspace;
    struct slice id, currency;
    enum locale locale; /* the workspace's */
    struct feed_settings settings;
    struct category_map moves;
    struct slice etag, last_modified; /* of the last one taken */
    const struct slice *hosts;        /* may be private: fetch.h */
    size_t host_count;
    const _Atomic bool *stop;
};
void feed_run(const struct feed_run *run, struct feed_report *out_report);
void feed_report_write(const struct feed_report *report, struct json_out *out);

#endif
