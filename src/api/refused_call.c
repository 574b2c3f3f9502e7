/* GET /api/v1/refused: the messages that were refused and are kept, newest first. They name people
 * in clear, so reading them leaves an audit row. */
#include "api/audited.h"
#include "api/refused.h"

#include "base/hash.h"

enum { REFUSED_PAGE_BYTES_MAX = 8 << 20 };

struct page {
    struct json_out *out;
    enum locale locale;
    struct refused_row last;
    size_t count;
};

static enum status write_row(void *context, const struct refused_row *row)
{
    struct page *page = context;
    refused_write(row, page->locale, page->out);
    page->last = *row;
    page->count++;
    return STATUS_OK;
}

static enum status read_range(struct http_request *request, uint8_t after[REFUSED_ID_BYTES],
                              struct refused_range *range, struct diag *diag)
{
    struct slice text = http_query(request, "after");
    if (text.size && !hash_from_hex(text, after, REFUSED_ID_BYTES))
        return diag_set(diag, STATUS_INVALID, "after", "after is what the page before said: next");
    range->after = text.size ? after : NULL;
    return page_limit(request, &range->limit, diag);
}

static enum status write_page(struct store *store, const struct refused_range *range,
                              enum locale locale, struct buf *body)
{
    struct json_out out = json_out(body);
    struct page page = {.out = &out, .locale = locale};
    json_object(&out);
    json_name(&out, "refused");
    json_array(&out);
    enum status status = refused_each(store, range, write_row, &page);
    json_end(&out);
    if (page.count == range->limit) {
        char next[2 * REFUSED_ID_BYTES + 1];
        hash_to_hex(page.last.id, sizeof page.last.id, next);
        JSON_STRING_MEMBER(&out, "next", slice_of(next));
    }
    json_end(&out);
    return status;
}

void api_refused(void *context, struct http_request *request)
{
    struct api *api = context;
    struct caller *caller = api_enter(api, request, SLICE_NONE);
    if (!caller)
        return;
    struct audited *audited =
        audited_new(api, caller, request, AUDIT_REFUSED_READ, REFUSED_PAGE_BYTES_MAX);
    struct refused_range range = {.workspace = caller->workspace->id};
    enum locale locale = locale_from_text(http_query(request, "lang"), caller->workspace->locale);
    uint8_t after[REFUSED_ID_BYTES];
    api_leave(caller);
    audited->status = read_range(request, after, &range, &audited->diag);
    if (audited->status == STATUS_OK)
        audited->status = write_page(api->engine->store, &range, locale, &audited->body);
    audited_answer(api, audited);
}
