/* GET /api/v1/audit: who looked at whom and who changed what, newest first; and
 * /api/v1/audit/installation: logins and users. */
#include "api/audited.h"
#include "api/signed_in.h"

enum { AUDIT_PAGE_BYTES_MAX = 1 << 20 };

struct page {
    struct json_out *out;
    uint64_t last;
    size_t count;
};

static enum status write_row(void *context, const struct audit_row *row)
{
    struct page *page = context;
    audit_write(row, page->out);
    page->last = row->number;
    page->count++;
    return STATUS_OK;
}

static enum status read_range(struct http_request *request, struct audit_range *range,
                              struct diag *diag)
{
    struct slice after = http_query(request, "after");
    int64_t number = 0;
    if (after.size && (!slice_to_int64(after, &number) || number < 1))
        return diag_set(diag, STATUS_INVALID, "after", "after is what the page before said: next");
    range->below = (uint64_t)number;
    return page_limit(request, &range->limit, diag);
}

static void answer_page(struct api *api, struct http_request *request, uint32_t workspace)
{
    struct audit_range range = {.workspace = workspace};
    struct diag diag = {0};
    struct buf body;
    buf_init(&body, AUDIT_PAGE_BYTES_MAX);
    struct json_out out = json_out(&body);
    struct page page = {.out = &out};
    json_object(&out);
    json_name(&out, "audit");
    json_array(&out);
    enum status status = read_range(request, &range, &diag);
    if (status == STATUS_OK)
        status = audit_each(api->engine->store, &range, write_row, &page);
    json_end(&out);
    if (page.count == range.limit && page.last > 1)
        JSON_INT_MEMBER(&out, "next", (int64_t)page.last);
    json_end(&out);
    api_settle(request, status, &diag, &body);
}

void api_audit(void *context, struct http_request *request)
{
    struct caller *caller = api_enter(context, request, SLICE_NONE);
    if (!caller)
        return;
    uint32_t workspace = caller->workspace->id;
    api_leave(caller);
    answer_page(context, request, workspace);
}

void api_audit_installation(void *context, struct http_request *request)
{
    if (api_enter_signed_in(context, request))
        answer_page(context, request, AUDIT_INSTALLATION);
}
