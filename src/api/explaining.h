/* The explanation of a decision on record, for the API and the command line alike. */
#ifndef VISAVIS_API_EXPLAINING_H
#define VISAVIS_API_EXPLAINING_H

#include "api/canonical.h"
#include "api/replay.h"
#include "decide/explain.h"

struct http_request;
struct workspace;

enum { EXPLANATION_BYTES_MAX = 1 << 20 };

struct explaining {
    struct uuid decision;
    enum audience_role role;
    enum locale locale;
    struct slice item;         /* of "why not" */
    struct locale_wish titles; /* of items */
};
/* One JSON object. STATUS_NOT_FOUND, STATUS_GONE, STATUS_CORRUPT. */
enum status explain_decision(struct engine *engine, uint32_t workspace,
                             const struct explaining *explaining, struct buf *buf) MUST_CHECK;
/* Why explaining.item was not shown, as of the decision and as of today: decide/why_not.h. diag
 * says whether the decision or the item is missing. */
enum status explain_why_not(struct engine *engine, uint32_t workspace,
                            const struct explaining *explaining, struct buf *buf,
                            struct diag *diag) MUST_CHECK;
/* "marketer" (also for an empty text), "agent", "shopper"; false for anything else. */
bool role_from_text(struct slice text, enum audience_role *out_role);
/* Which decision, for whom and in which language, from the path and the query of a request. */
enum status explaining_read(struct http_request *request, const struct workspace *workspace,
                            struct explaining *out_explaining, struct diag *diag) MUST_CHECK;
/* Says why there is none: STATUS_GONE, STATUS_NOT_FOUND. */
void explaining_absence(enum status status, struct diag *diag);

#endif
