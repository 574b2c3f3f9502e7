/* llhttp behind parse.h; nothing else in the tree includes llhttp.h. */
#include "http/parse.h"

#include "base/arena.h"

#include <llhttp.h>
#include <stdlib.h>

struct parse {
    llhttp_t parser;
    struct buf *body;
    uint64_t content_length;
    bool chunked, head_complete, message_complete;
};

static int on_headers_complete(llhttp_t *parser)
{
    struct parse *parse = parser->data;
    parse->chunked = (parser->flags & F_CHUNKED) != 0;
    parse->content_length = parse->chunked ? 0 : parser->content_length;
    parse->head_complete = true;
    return 0;
}

static int on_body(llhttp_t *parser, const char *at, size_t size)
{
    struct parse *parse = parser->data;
    buf_add(parse->body, slice_make(at, size));
    return 0;
}

static int on_message_complete(llhttp_t *parser)
{
    struct parse *parse = parser->data;
    parse->message_complete = true;
    return 0;
}

static const llhttp_settings_t settings = {
    .on_headers_complete = on_headers_complete,
    .on_body = on_body,
    .on_message_complete = on_message_complete,
};

struct parse *parse_new(void)
{
    return must_alloc_zero(1, sizeof(struct parse));
}

void parse_free(struct parse *parse)
{
    free(parse);
}

void parse_begin(struct parse *parse, struct buf *body)
{
    *parse = (struct parse){.body = body};
    llhttp_init(&parse->parser, HTTP_REQUEST, &settings);
    parse->parser.data = parse;
}

bool parse_feed(struct parse *parse, struct slice bytes, const char **out_reason)
{
    if (bytes.size == 0)
        return true;
    llhttp_errno_t error = llhttp_execute(&parse->parser, bytes.data, bytes.size);
    if (error == HPE_OK)
        return true;
    *out_reason = llhttp_errno_name(error);
    return false;
}

bool parse_head_complete(const struct parse *parse)
{
    return parse->head_complete;
}

bool parse_message_complete(const struct parse *parse)
{
    return parse->message_complete;
}

bool parse_is_chunked(const struct parse *parse)
{
    return parse->chunked;
}

uint64_t parse_content_length(const struct parse *parse)
{
    return parse->content_length;
}
