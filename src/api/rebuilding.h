/* What is learned is made anew from the log by a worker thread: once a day, and when asked.
 *
 * Streaming keeps bounded lists and lets go what seems light; a rebuild counts completely, without
 * people erased and items gone since. 1. It takes the log up to the sequence that the workspace's
 * learner has seen when it begins, settles and publishes, on its own thread at the lowest
 * priority. 2. It follows what the learner has seen since, portion by portion. 3. When less than a
 * few hundred rows are missing, it takes those on the ledger thread, where nothing can come
 * between, forgets who was erased meanwhile, and takes the learner's place: readers pin another
 * snapshot from then on. So no event is lost and none counts twice: the log is what is replayed.
 * One workspace after the other; needs as much memory again as its models have. */
#ifndef VISAVIS_API_REBUILDING_H
#define VISAVIS_API_REBUILDING_H

#include "api/learning.h"
#include "ledger/ledger.h"

struct rebuilding;

struct rebuilding_parts {
    struct store *store;
    struct ledger *ledger;
    struct catalog *catalog;
    struct learning *learning;
    int64_t every_ms; /* 0: a day */
};

/* NULL when no thread can be had. */
struct rebuilding *rebuilding_start(const struct rebuilding_parts *parts);
/* Gives up one under way; the ledger must still run. */
void rebuilding_stop(struct rebuilding *rebuilding);

/* STATUS_CONFLICT: one runs or waits. STATUS_NOT_FOUND: nothing happened in the workspace. */
enum status rebuilding_ask(struct rebuilding *rebuilding, uint32_t workspace) MUST_CHECK;

struct rebuilding_counts {
    uint64_t done, last_us, rows; /* rebuilds; time of the last one, log rows it took */
    uint64_t bytes;               /* of the one under way, 0 between */
    uint64_t given_up;            /* rebuilds that came to nothing */
    bool last_given_up;
    int64_t last_ms;        /* when the last one ended; 0: none since the start */
    uint64_t last_sequence; /* of the ledger by then */
};
void rebuilding_counts(const struct rebuilding *rebuilding, struct rebuilding_counts *out_counts);

#endif
