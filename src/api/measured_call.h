/* Of a decision call, what an experiment needs to know: whom, when, which arms.
 *
 * Made on the asking thread, or from a record on disk, and carried to the ledger thread with the
 * record. On the heap, in one piece. */
#ifndef VISAVIS_API_MEASURED_CALL_H
#define VISAVIS_API_MEASURED_CALL_H

#include "decide/record.h"
#include "measure/join.h"

struct measured_call {
    size_t exposure_count;
    struct exposure exposures[];
};

/* policy: the one decided under. NULL when no measured placement was asked for. */
struct measured_call *measured_call_new(const struct decision_record *record,
                                        const struct policy *policy);
void measured_call_free(struct measured_call *call);

/* For whom the decision was: the unit that arms are drawn for. Zero: nobody. */
struct uuid measured_person(const struct decision_record *record);

#endif
