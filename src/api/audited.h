/* Reading answers that an audit row must tell of: the row first, on the disk, then the answer. */
#ifndef VISAVIS_API_AUDITED_H
#define VISAVIS_API_AUDITED_H

#include "api/api.h"
#include "api/audit.h"

enum { PAGE_ROWS_MAX = 200, PAGE_ROWS = 100 };

/* One call; in the request's arena. Made by audited_new, filled by the handler, gone with
 * audited_answer. */
struct audited {
    struct ledger_commit commit; /* first */
    struct http_request *request;
    struct audit audit;
    struct ledger_entry *entry;
    struct buf body;
    enum status status; /* what the reading came to, and why it failed */
    struct diag diag;
};
struct audited *audited_new(struct api *api, const struct caller *caller,
                            struct http_request *request, enum audit_action action,
                            size_t body_bytes_max);
/* Any outcome is recorded; leave the caller before. */
void audited_answer(struct api *api, struct audited *audited);

/* ?limit= of a page: 1 to PAGE_ROWS_MAX, PAGE_ROWS when absent. */
enum status page_limit(struct http_request *request, size_t *out_limit,
                       struct diag *diag) MUST_CHECK;

#endif
