/* Decisions again, from their record: the same bytes, other rules, or the person rebuilt as
 * known then. */
#ifndef VISAVIS_API_REPLAY_H
#define VISAVIS_API_REPLAY_H

#include "api/engine.h"
#include "decide/decide.h"

/* What a record gives when it is run again; lives in the arena. */
struct replayed {
    struct decision_record record;
    struct policy policy;
    struct outcome outcome;
    struct slice answer; /* bytes of POST /v1/decide, without "person" */
    bool identical;      /* to what was answered then */
};

/* Runs a record under the policy of its time, or of another version when the wish names one
 * (then `identical` only tells whether the other rules would have answered the same).
 * STATUS_NOT_FOUND: no such decision or version; STATUS_GONE: erased; STATUS_CORRUPT. */
struct replay_wish {
    uint32_t workspace;
    struct uuid decision;
    const uint32_t *version; /* NULL: the policy of its time */
};
enum status replay_decision(struct engine *engine, const struct replay_wish *wish,
                            struct arena *arena, struct replayed *out_replayed) MUST_CHECK;

/* Rebuilds the person from the log as known then and compares with the values the record holds.
 * STATUS_NOT_FOUND when nothing of a person was read. */
enum status replay_refold(struct engine *engine, uint32_t workspace,
                          const struct decision_record *record, struct arena *arena,
                          bool *out_same) MUST_CHECK;

struct replay_counts {
    uint64_t identical, different, erased, damaged;
};
/* Every record of a workspace. first_different: the call of the first that differs, zero when
 * none. */
enum status replay_all(struct engine *engine, uint32_t workspace, struct replay_counts *out_counts,
                       struct uuid *out_first_different) MUST_CHECK;

#endif
