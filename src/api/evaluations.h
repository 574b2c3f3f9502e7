/* The evaluation that was asked for over HTTP: one at a time, on a thread of its own, its report
 * kept until the next begins. Any thread. */
#ifndef VISAVIS_API_EVALUATIONS_H
#define VISAVIS_API_EVALUATIONS_H

#include "api/evaluating.h"

struct evaluations;
struct evaluations *evaluations_new(struct engine *engine);
/* Stops what runs. Before the engine closes. */
void evaluations_free(struct evaluations *evaluations);

struct evaluation_call {
    uint32_t workspace;
    struct slice placement;
    /* {"since","days","k","people","target","placement"}; a placement there is a draft */
    const struct json *wish;
};
/* STATUS_CONFLICT: one runs already; STATUS_NOT_FOUND: no such placement is published. */
enum status evaluations_start(struct evaluations *evaluations, const struct evaluation_call *call,
                              struct diag *diag) MUST_CHECK;
/* {"state": "running" | "done" | "stopped" | "failed", "detail", "report"}; the report's sentences
 * in that locale. STATUS_NOT_FOUND: none of this placement. */
enum status evaluations_write(struct evaluations *evaluations, uint32_t workspace,
                              struct slice placement, enum locale locale,
                              struct buf *buf) MUST_CHECK;
enum status evaluations_stop(struct evaluations *evaluations, uint32_t workspace,
                             struct slice placement) MUST_CHECK;

#endif
