/* The explanation of a decision on record, for the API and the command line alike. */
#ifndef VISAVIS_API_EXPLAINING_H
#define VISAVIS_API_EXPLAINING_H

#include "api/replay.h"
#include "decide/explain.h"

struct explaining {
    struct uuid decision;
    enum audience_role role;
    enum locale locale;
};
/* One JSON object. STATUS_NOT_FOUND, STATUS_GONE, STATUS_CORRUPT. */
enum status explain_decision(struct engine *engine, uint32_t workspace,
                             const struct explaining *explaining, struct buf *buf) MUST_CHECK;
/* A decide_title of a pinned catalogue snapshot. */
struct slice title_today(void *catalog, struct slice item);
/* "marketer" (also for an empty text), "agent", "shopper"; false for anything else. */
bool role_from_text(struct slice text, enum audience_role *out_role);

#endif
