/* Answers as bytes: status line, headers, problem+json. Runs on the thread that answers; touches
 * only the exchange. */
#include "http/exchange.h"

#include "base/json_out.h"

#include <assert.h>
#include <stdio.h>

enum { PROBLEM_BYTES_MAX = 65536, INSTANCE_BYTES_MAX = 1024 };

static const char *reason_of(int code)
{
    static const struct {
        int code;
        const char *reason;
    } reasons[] = {
        {200, "OK"},
        {201, "Created"},
        {202, "Accepted"},
        {204, "No Content"},
        {206, "Partial Content"},
        {207, "Multi-Status"},
        {301, "Moved Permanently"},
        {302, "Found"},
        {303, "See Other"},
        {304, "Not Modified"},
        {307, "Temporary Redirect"},
        {308, "Permanent Redirect"},
        {400, "Bad Request"},
        {401, "Unauthorized"},
        {403, "Forbidden"},
        {404, "Not Found"},
        {405, "Method Not Allowed"},
        {406, "Not Acceptable"},
        {408, "Request Timeout"},
        {409, "Conflict"},
        {410, "Gone"},
        {412, "Precondition Failed"},
        {413, "Content Too Large"},
        {414, "URI Too Long"},
        {415, "Unsupported Media Type"},
        {417, "Expectation Failed"},
        {422, "Unprocessable Content"},
        {428, "Precondition Required"},
        {429, "Too Many Requests"},
        {431, "Request Header Fields Too Large"},
        {500, "Internal Server Error"},
        {501, "Not Implemented"},
        {503, "Service Unavailable"},
        {507, "Insufficient Storage"},
    };
    for (size_t i = 0; i < sizeof reasons / sizeof reasons[0]; i++)
        if (reasons[i].code == code)
            return reasons[i].reason;
    return "";
}

static void add_number(struct buf *out, size_t value)
{
    char digits[20];
    size_t at = sizeof digits;
    do
        digits[--at] = (char)('0' + value % 10);
    while (value /= 10);
    buf_add(out, slice_make(digits + at, sizeof digits - at));
}

static void add_line(struct buf *out, struct slice name, struct slice value)
{
    buf_add(out, name);
    buf_add(out, value);
    buf_add(out, SLICE("\r\n"));
}

static bool is_clean(struct slice text)
{
    return slice_find(text, '\r') == SIZE_MAX && slice_find(text, '\n') == SIZE_MAX &&
           slice_find(text, '\0') == SIZE_MAX;
}

/* Names and values may come from data; one that would break the head is left out. */
static void add_headers(struct buf *out, const struct http_header *headers, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        const struct http_header *header = &headers[i];
        if (header->name.size == 0 || !is_clean(header->name) || !is_clean(header->value))
            continue;
        buf_add(out, header->name);
        add_line(out, SLICE(": "), header->value);
    }
}

static void add_answer_headers(struct exchange *exchange)
{
    const struct http_loop *loop = exchange->loop;
    struct http_header headers[HTTP_ANSWER_HEADERS_MAX];
    if (loop->answer_headers)
        add_headers(&exchange->out, headers,
                    loop->answer_headers(loop->context, &exchange->request, headers));
}

static void add_cors_headers(struct exchange *exchange)
{
    struct buf *out = &exchange->out;
    if (exchange->vary_origin)
        buf_add(out, SLICE("Vary: Origin\r\n"));
    if (exchange->origin.size == 0)
        return;
    add_line(out, SLICE("Access-Control-Allow-Origin: "), exchange->origin);
    buf_add(out, SLICE("Access-Control-Expose-Headers: "
                       "ratelimit, ratelimit-policy, retry-after, x-request-id\r\n"));
}

static void add_status_line(struct exchange *exchange, int code)
{
    struct buf *out = &exchange->out;
    assert(code >= 200 && code <= 599);
    exchange->code = code;
    buf_clear(out);
    if (code == 200) {
        buf_add(out, SLICE("HTTP/1.1 200 OK\r\n"));
        return;
    }
    buf_add(out, SLICE("HTTP/1.1 "));
    add_number(out, (size_t)code);
    add_line(out, SLICE(" "), slice_of(reason_of(code)));
}

/* The end of each head: what every answer carries. */
static void add_common_headers(struct exchange *exchange)
{
    struct buf *out = &exchange->out;
    add_line(out, SLICE("X-Request-Id: "), slice_of(exchange->request.id));
    buf_add(out, SLICE("X-Content-Type-Options: nosniff\r\n"));
    add_answer_headers(exchange);
    add_cors_headers(exchange);
    if (atomic_load_explicit(&exchange->loop->closing_down, memory_order_relaxed))
        exchange->close = true;
    if (exchange->close)
        buf_add(out, SLICE("Connection: close\r\n"));
    buf_add(out, SLICE("\r\n"));
}

/* Writes head and body of an answer to exchange->out. */
static void format_answer(struct exchange *exchange, const struct http_response *response)
{
    struct buf *out = &exchange->out;
    bool bodiless = response->code == 204 || response->code == 304;
    add_status_line(exchange, response->code);
    if (!bodiless) {
        add_line(out, SLICE("Content-Type: "),
                 response->content_type ? slice_of(response->content_type)
                                        : SLICE("application/json; charset=utf-8"));
        buf_add(out, SLICE("Content-Length: "));
        add_number(out, response->body.size);
        buf_add(out, SLICE("\r\n"));
    }
    add_headers(out, response->headers, response->header_count);
    add_common_headers(exchange);
    if (!bodiless && !exchange->head_only)
        buf_add(out, response->body);
}

void respond_format_stream(struct exchange *exchange, const char *content_type)
{
    exchange->close = true; /* its end is the connection's end */
    add_status_line(exchange, 200);
    add_line(&exchange->out, SLICE("Content-Type: "), slice_of(content_type));
    buf_add(&exchange->out, SLICE("Cache-Control: no-store\r\n"));
    add_common_headers(exchange);
}

void http_respond(struct http_request *request, const struct http_response *response)
{
    struct exchange *exchange = (struct exchange *)request;
    format_answer(exchange, response);
    if (exchange->out.overflowed) {
        http_problem_code(request, 500, STATUS_TOO_LARGE, "The answer is over 16 MiB");
        return;
    }
    exchange_answered(exchange);
}

static void write_errors(struct json_out *json, const struct diag *diag)
{
    json_name(json, "errors");
    json_array(json);
    json_object(json);
    if (diag->line > 0)
        JSON_INT_MEMBER(json, "line", diag->line);
    if (diag->column > 0)
        JSON_INT_MEMBER(json, "column", diag->column);
    if (diag->field[0])
        JSON_STRING_MEMBER(json, "pointer", slice_of(diag->field));
    JSON_STRING_MEMBER(json, "detail", slice_of(diag->sentence));
    json_end(json);
    json_end(json);
}

static void write_problem(struct buf *out, const struct http_request *request,
                          const struct problem *problem)
{
    struct json_out json = json_out(out);
    char type[64];
    snprintf(type, sizeof type, "urn:visavis:problem:%s", status_name(problem->status));
    json_object(&json);
    JSON_STRING_MEMBER(&json, "type", slice_of(type));
    JSON_STRING_MEMBER(&json, "title", slice_of(status_sentence(problem->status)));
    JSON_INT_MEMBER(&json, "status", problem->code);
    if (problem->detail && problem->detail[0])
        JSON_STRING_MEMBER(&json, "detail", slice_of(problem->detail));
    JSON_STRING_MEMBER(&json, "instance", slice_first(request->path, INSTANCE_BYTES_MAX));
    JSON_STRING_MEMBER(&json, "request_id", slice_of(request->id));
    if (problem->diag && problem->diag->sentence[0])
        write_errors(&json, problem->diag);
    json_end(&json);
}

void respond_problem(struct http_request *request, const struct problem *problem)
{
    struct buf body;
    buf_init(&body, PROBLEM_BYTES_MAX);
    write_problem(&body, request, problem);
    const struct http_header retry = {SLICE("Retry-After"), SLICE("1")};
    const struct http_header *header = problem->header;
    if (!header && (problem->code == 503 || problem->code == 429))
        header = &retry;
    struct http_response response = {
        .code = problem->code,
        .content_type = "application/problem+json",
        .body = buf_slice(&body),
        .headers = header,
        .header_count = header != NULL,
    };
    http_respond(request, &response);
    buf_done(&body);
}

void http_problem(struct http_request *request, enum status status, const struct diag *diag)
{
    bool told = diag && diag->sentence[0];
    respond_problem(request, &(struct problem){.code = status_http_code(status),
                                               .status = status,
                                               .detail = told ? diag->sentence : NULL,
                                               .diag = diag});
}

void http_problem_code(struct http_request *request, int code, enum status status,
                       const char *detail)
{
    respond_problem(request, &(struct problem){.code = code, .status = status, .detail = detail});
}

void http_problem_later(struct http_request *request, enum status status, const char *detail,
                        unsigned seconds)
{
    const struct http_header retry = {SLICE("Retry-After"),
                                      arena_format(request->arena, "%u", seconds)};
    respond_problem(request, &(struct problem){.code = status_http_code(status),
                                               .status = status,
                                               .detail = detail,
                                               .header = &retry});
}

#define REFUSAL_BODY                                                                               \
    "{\"type\":\"urn:visavis:problem:overloaded\","                                                \
    "\"title\":\"The server is busy, try again in a second\",\"status\":503}"

struct slice respond_refusal(void)
{
    static_assert(sizeof REFUSAL_BODY - 1 == 106, "the Content-Length below");
    return SLICE("HTTP/1.1 503 Service Unavailable\r\n"
                 "Content-Type: application/problem+json\r\n"
                 "Content-Length: 106\r\n"
                 "Retry-After: 1\r\n"
                 "X-Content-Type-Options: nosniff\r\n"
                 "Connection: close\r\n"
                 "\r\n" REFUSAL_BODY);
}
