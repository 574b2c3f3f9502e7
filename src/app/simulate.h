/* A crowd of simulated people (simulate/) on a server, over its public interface alone: what a
 * browser may send with a write key, and nothing else.
 *
 * First, when asked, their past: visits of history_days by the shop's own pages, in order of time,
 * told with the instants at which they would have been. Then their present: each visit at its turn
 * on a clock that runs `speed` times as fast as ours from start_day on; decisions and events are
 * of the server's now. A person belongs to one connection, so equal answers give equal walks.
 *
 * Memory: 1 kB a person, and for each of the SIMULATE_LINES connections, which have a thread
 * each, one number an item and less than 2 MB of messages. */
#ifndef VISAVIS_APP_SIMULATE_H
#define VISAVIS_APP_SIMULATE_H

#include "base/diag.h"
#include "simulate/walk.h"

#include <stdatomic.h>

enum { SIMULATE_LINES = 8, SIMULATE_PEOPLE_MAX = 200000 };

struct simulate_progress {
    bool past;
    double share, seconds; /* that have passed of this part */
    uint64_t visits;
};

struct simulate_options {
    const struct world *world;
    struct slice url, key;
    struct slice placements[3]; /* by enum page_kind; empty: the shop shows nothing of ours there */
    size_t people;
    double speed;
    double start_day;          /* of the present, since 1970 */
    double history_days, days; /* days: of the present; INFINITY until seconds have passed */
    double seconds;            /* of our clock; INFINITY: until the days have passed */
    unsigned rate;             /* requests a second at most, of all together */
    const atomic_bool *stop;
    /* How far it is, each second, on the thread that runs it; NULL: nobody asks. share: of the
     * past, then of the present; below 0: it has no end. */
    void (*progress)(void *context, const struct simulate_progress *progress);
    void *progress_context;
};

struct simulate_counts {
    uint64_t visits, nameless_visits; /* nameless: no identifier is sent */
    uint64_t requests, retries, messages, refused_messages;
    uint64_t decisions, personalised, views, clicks, orders, lists_seen;
    int64_t revenue_minor;
};

/* Fills the counts also when it fails. STATUS_IO: no server, or one that does not answer;
 * STATUS_UNAUTHENTICATED and the like: what it said. */
enum status simulate_run(const struct simulate_options *options, struct simulate_counts *out_counts,
                         struct diag *diag) MUST_CHECK;

#endif
