/* The scan of raw request bytes; see guard.h for what is refused and why. Pure, any thread. */
#include "http/guard.h"

static enum guard_step refuse(struct guard_refusal *out_refusal, int code, const char *sentence)
{
    *out_refusal = (struct guard_refusal){code, sentence};
    return GUARD_REFUSED;
}

static bool bad(struct guard_refusal *out_refusal, const char *sentence)
{
    *out_refusal = (struct guard_refusal){400, sentence};
    return false;
}

/* RFC 9110 5.6.2: the bytes of a token. */
static const bool token_bytes[256] = {
    ['!'] = true, ['#'] = true, ['$'] = true, ['%'] = true, ['&'] = true, ['\''] = true,
    ['*'] = true, ['+'] = true, ['-'] = true, ['.'] = true, ['^'] = true, ['_'] = true,
    ['`'] = true, ['|'] = true, ['~'] = true, ['0'] = true, ['1'] = true, ['2'] = true,
    ['3'] = true, ['4'] = true, ['5'] = true, ['6'] = true, ['7'] = true, ['8'] = true,
    ['9'] = true, ['A'] = true, ['B'] = true, ['C'] = true, ['D'] = true, ['E'] = true,
    ['F'] = true, ['G'] = true, ['H'] = true, ['I'] = true, ['J'] = true, ['K'] = true,
    ['L'] = true, ['M'] = true, ['N'] = true, ['O'] = true, ['P'] = true, ['Q'] = true,
    ['R'] = true, ['S'] = true, ['T'] = true, ['U'] = true, ['V'] = true, ['W'] = true,
    ['X'] = true, ['Y'] = true, ['Z'] = true, ['a'] = true, ['b'] = true, ['c'] = true,
    ['d'] = true, ['e'] = true, ['f'] = true, ['g'] = true, ['h'] = true, ['i'] = true,
    ['j'] = true, ['k'] = true, ['l'] = true, ['m'] = true, ['n'] = true, ['o'] = true,
    ['p'] = true, ['q'] = true, ['r'] = true, ['s'] = true, ['t'] = true, ['u'] = true,
    ['v'] = true, ['w'] = true, ['x'] = true, ['y'] = true, ['z'] = true,
};

static bool is_token(struct slice text)
{
    for (size_t i = 0; i < text.size; i++)
        if (!token_bytes[(unsigned char)text.data[i]])
            return false;
    return text.size > 0;
}

static bool is_digits(struct slice text)
{
    for (size_t i = 0; i < text.size; i++)
        if (text.data[i] < '0' || text.data[i] > '9')
            return false;
    return text.size > 0;
}

/* The limits come before the bytes of a line are judged, and of two limits the one that is
 * reached first speaks, so that a split line gets the same answer as a whole one. end: where the
 * line, or what has come of it, ends. */
static bool within_limits(const struct guard_scan *scan, size_t end,
                          struct guard_refusal *out_refusal)
{
    size_t line_limit = scan->line_start + HTTP_LINE_BYTES_MAX + 2;
    size_t head_limit = scan->start + HTTP_HEAD_BYTES_MAX;
    if (end <= line_limit && end <= head_limit)
        return true;
    if (scan->lines == 0)
        refuse(out_refusal, 414, "The request line is over 8 KiB");
    else if (line_limit < head_limit)
        refuse(out_refusal, 431, "A header line is over 8 KiB");
    else
        refuse(out_refusal, 431, "The headers are over 32 KiB");
    return false;
}

/* A line's bytes without its CR LF: no CR, no NUL, no other control but a tab. */
static bool clean_line(struct slice line)
{
    for (size_t i = 0; i < line.size; i++) {
        unsigned char c = (unsigned char)line.data[i];
        if ((c < 0x20 && c != '\t') || c == 0x7f)
            return false;
    }
    return true;
}

/* Judges one complete line (with its line feed). */
static bool line_passes(const struct guard_scan *scan, struct slice line,
                        struct guard_refusal *out_refusal)
{
    if (!within_limits(scan, scan->line_start + line.size, out_refusal))
        return false;
    if (line.size < 2 || line.data[line.size - 2] != '\r')
        return bad(out_refusal, "A line ends in a bare line feed");
    if (!clean_line(slice_first(line, line.size - 2)))
        return bad(out_refusal, "There is a control character in the headers");
    if (line.size > 2 && scan->lines > HTTP_HEADERS_MAX) {
        refuse(out_refusal, 431, "There are more than 100 headers");
        return false;
    }
    if (line.size == 2 && scan->lines == 0 && scan->start > 0)
        return bad(out_refusal, "There is more than one empty line before the request");
    return true;
}

enum guard_step guard_scan(struct guard_scan *scan, struct slice bytes, size_t *out_end,
                           struct guard_refusal *out_refusal)
{
    for (;;) {
        struct slice left = slice_from(bytes, scan->line_start);
        size_t at = slice_find(left, '\n');
        if (at == SIZE_MAX)
            return within_limits(scan, bytes.size, out_refusal) ? GUARD_MORE : GUARD_REFUSED;
        if (!line_passes(scan, slice_first(left, at + 1), out_refusal))
            return GUARD_REFUSED;
        scan->line_start += at + 1;
        bool empty = at == 1;
        if (empty && scan->lines > 0) {
            *out_end = scan->line_start;
            return GUARD_DONE;
        }
        if (empty)
            scan->start = scan->line_start;
        scan->lines += !empty;
    }
}

/* --- the whole head --------------------------------------------------------------------------- */

/* "http://host/path" names the host a second time: it must be the same one, and only the path
 * goes on. */
static bool cut_absolute_form(struct slice *target, struct slice *out_authority)
{
    struct slice scheme = SLICE("http://");
    if (!slice_equal_ignoring_case(slice_first(*target, scheme.size), scheme))
        return false;
    struct slice rest = slice_from(*target, scheme.size);
    size_t slash = slice_find(rest, '/');
    if (slash == SIZE_MAX || slash == 0)
        return false;
    *out_authority = slice_first(rest, slash);
    *target = slice_from(rest, slash);
    return true;
}

static bool check_request_line(struct slice line, struct guard_head *head,
                               struct guard_refusal *out_refusal)
{
    struct slice rest, version;
    if (!slice_cut(line, ' ', &head->method, &rest) || !is_token(head->method))
        return bad(out_refusal, "The request line is not METHOD TARGET HTTP/1.1");
    if (!slice_cut(rest, ' ', &head->target, &version) || head->target.size == 0)
        return bad(out_refusal, "The request line is not METHOD TARGET HTTP/1.1");
    head->version_1_0 = slice_is(version, "HTTP/1.0");
    if (!head->version_1_0 && !slice_is(version, "HTTP/1.1"))
        return bad(out_refusal, "Only HTTP/1.1 and HTTP/1.0 are spoken here");
    if (slice_is(head->method, "CONNECT"))
        return bad(out_refusal, "CONNECT is not taken here");
    for (size_t i = 0; i < head->target.size; i++) {
        unsigned char c = (unsigned char)head->target.data[i];
        if (c <= 0x20 || c >= 0x7f || c == '#' || c == '\\')
            return bad(out_refusal, "The target holds a byte that must be percent-encoded");
    }
    return true;
}

static bool check_target(struct guard_head *head, struct guard_refusal *out_refusal)
{
    struct slice authority;
    if (slice_starts_with(head->target, SLICE("/")))
        return true;
    if (slice_is(head->target, "*") && slice_is(head->method, "OPTIONS"))
        return true;
    if (!cut_absolute_form(&head->target, &authority))
        return bad(out_refusal, "The target does not start with a slash");
    if (head->host.size > 0 && !slice_equal_ignoring_case(authority, head->host))
        return bad(out_refusal, "The target and the Host header name different hosts");
    return true;
}

static bool check_host(struct slice value, struct guard_head *head,
                       struct guard_refusal *out_refusal)
{
    if (head->host.size > 0)
        return bad(out_refusal, "There are two Host headers");
    for (size_t i = 0; i < value.size; i++) {
        char c = value.data[i];
        bool name = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
        if (!name && !strchr("-._~:[]%", c))
            return bad(out_refusal, "The Host header is not a host and a port");
    }
    if (value.size == 0)
        return bad(out_refusal, "The Host header is empty");
    head->host = value;
    return true;
}

static bool check_content_length(struct slice value, struct guard_head *head,
                                 struct guard_refusal *out_refusal)
{
    if (head->content_length >= 0)
        return bad(out_refusal, "There are two Content-Length headers");
    if (!is_digits(value) || !slice_to_int64(value, &head->content_length))
        return bad(out_refusal, "The Content-Length is not a whole number");
    return true;
}

static bool check_transfer_encoding(struct slice value, struct guard_head *head,
                                    struct guard_refusal *out_refusal)
{
    if (head->chunked)
        return bad(out_refusal, "There are two Transfer-Encoding headers");
    if (!slice_equal_ignoring_case(value, SLICE("chunked")))
        return bad(out_refusal, "The only Transfer-Encoding taken here is chunked");
    if (head->version_1_0)
        return bad(out_refusal, "HTTP/1.0 has no Transfer-Encoding");
    head->chunked = true;
    return true;
}

static bool check_connection(struct slice value, struct guard_head *head,
                             struct guard_refusal *out_refusal)
{
    while (value.size > 0) {
        struct slice option = value, rest = SLICE_NONE;
        slice_cut(value, ',', &option, &rest);
        option = slice_trim(option);
        if (slice_equal_ignoring_case(option, SLICE("close")))
            head->keep_alive = false;
        else if (slice_equal_ignoring_case(option, SLICE("upgrade")))
            return bad(out_refusal, "Upgrade is not taken here");
        value = rest;
    }
    return true;
}

static bool check_expect(struct slice value, struct guard_head *head,
                         struct guard_refusal *out_refusal)
{
    if (!slice_equal_ignoring_case(value, SLICE("100-continue"))) {
        refuse(out_refusal, 417, "The only expectation taken here is 100-continue");
        return false;
    }
    head->expect_continue = !head->version_1_0;
    return true;
}

static bool check_upgrade(struct slice value, struct guard_head *head,
                          struct guard_refusal *out_refusal)
{
    (void)value;
    (void)head;
    return bad(out_refusal, "Upgrade is not taken here");
}

/* The headers that frame a message or name its host; all others only have to be well-formed. */
static const struct framing_header {
    const char *name;
    bool (*check)(struct slice value, struct guard_head *head, struct guard_refusal *out_refusal);
} framing_headers[] = {
    {"host", check_host},
    {"content-length", check_content_length},
    {"transfer-encoding", check_transfer_encoding},
    {"connection", check_connection},
    {"expect", check_expect},
    {"upgrade", check_upgrade},
};

static bool check_header(struct slice line, struct guard_head *head,
                         struct guard_refusal *out_refusal)
{
    struct http_header *header = &head->headers[head->header_count];
    if (line.data[0] == ' ' || line.data[0] == '\t')
        return bad(out_refusal, "A header is folded over two lines");
    if (!slice_cut(line, ':', &header->name, &header->value) || !is_token(header->name))
        return bad(out_refusal, "A header is not NAME: VALUE");
    header->value = slice_trim(header->value);
    head->header_count++;
    for (size_t i = 0; i < sizeof framing_headers / sizeof framing_headers[0]; i++)
        if (slice_equal_ignoring_case(header->name, slice_of(framing_headers[i].name)))
            return framing_headers[i].check(header->value, head, out_refusal);
    return true;
}

static bool check_together(struct guard_head *head, struct guard_refusal *out_refusal)
{
    if (head->host.size == 0 && !head->version_1_0)
        return bad(out_refusal, "The Host header is missing");
    if (head->chunked && head->content_length >= 0)
        return bad(out_refusal, "Content-Length and Transfer-Encoding exclude each other");
    return check_target(head, out_refusal);
}

bool guard_check(struct slice bytes, struct guard_head *out_head, struct guard_refusal *out_refusal)
{
    out_head->method = out_head->target = out_head->host = SLICE_NONE;
    out_head->header_count = 0;
    out_head->content_length = -1;
    out_head->chunked = out_head->expect_continue = false;
    struct slice line;
    bool first = true;
    while (slice_cut(bytes, '\n', &line, &bytes) && line.size > 1) {
        line.size--; /* the CR, which guard_scan has seen */
        if (!first && out_head->header_count == HTTP_HEADERS_MAX)
            return bad(out_refusal, "There are more than 100 headers");
        if (first ? !check_request_line(line, out_head, out_refusal)
                  : !check_header(line, out_head, out_refusal))
            return false;
        /* 1.0 closes: keeping it open would need an answer that says so, for clients nobody has. */
        if (first)
            out_head->keep_alive = !out_head->version_1_0;
        first = false;
    }
    return check_together(out_head, out_refusal);
}

/* --- chunked bodies --------------------------------------------------------------------------- */

enum { CHUNK_DIGITS_MAX = 8 };

int hex_value(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    if (c >= 'A' && c <= 'F')
        return c - 'A' + 10;
    return -1;
}

static enum guard_step take_size_byte(struct guard_chunks *chunks, char c,
                                      struct guard_refusal *out_refusal)
{
    int digit = hex_value(c);
    if (digit >= 0 && chunks->digits == CHUNK_DIGITS_MAX)
        return refuse(out_refusal, 400, "A chunk size has more than eight digits");
    if (digit >= 0) {
        chunks->digits++;
        chunks->size = chunks->size * 16 + (unsigned)digit;
        return GUARD_MORE;
    }
    if (chunks->digits == 0 || (c != '\r' && c != ';'))
        return refuse(out_refusal, 400, "A chunk size is not a hexadecimal number");
    chunks->state = c == ';' ? CHUNK_EXTENSION : CHUNK_SIZE_LF;
    return GUARD_MORE;
}

/* Text up to CR, counted over the whole body against a limit: a chunk extension or a trailer. */
static enum guard_step take_text_byte(struct guard_chunks *chunks, char c,
                                      struct guard_refusal *out_refusal)
{
    bool trailer = chunks->state == CHUNK_TRAILER;
    size_t *count = trailer ? &chunks->trailer_bytes : &chunks->extension_bytes;
    size_t limit = trailer ? HTTP_TRAILER_BYTES_MAX : HTTP_CHUNK_EXTENSION_BYTES_MAX;
    if (c == '\r') {
        chunks->state = trailer ? CHUNK_TRAILER_LF : CHUNK_SIZE_LF;
        return GUARD_MORE;
    }
    if (((unsigned char)c < 0x20 && c != '\t') || c == 0x7f)
        return refuse(out_refusal, 400, "There is a control character in the chunk framing");
    if (++*count > limit)
        return refuse(out_refusal, 400, "The chunk extensions or trailers are over their limit");
    return GUARD_MORE;
}

static enum guard_step take_trailer_start(struct guard_chunks *chunks, char c,
                                          struct guard_refusal *out_refusal)
{
    if (c == '\r') {
        chunks->state = CHUNK_END_LF;
        return GUARD_MORE;
    }
    if (!token_bytes[(unsigned char)c])
        return refuse(out_refusal, 400, "A trailer is not NAME: VALUE");
    chunks->trailer_bytes++;
    chunks->state = CHUNK_TRAILER;
    return GUARD_MORE;
}

/* The byte after a CR, and the CR after a chunk's data: nothing else may stand there. */
static enum guard_step take_line_end(struct guard_chunks *chunks, char c,
                                     struct guard_refusal *out_refusal)
{
    char expected = chunks->state == CHUNK_DATA_CR ? '\r' : '\n';
    if (c != expected)
        return refuse(out_refusal, 400, "A chunk does not end in CR LF");
    switch (chunks->state) {
    case CHUNK_SIZE_LF:
        chunks->data_bytes += chunks->size;
        if (chunks->data_bytes > HTTP_BODY_BYTES_MAX)
            return refuse(out_refusal, 413, "The body is over 512000 bytes");
        chunks->state = chunks->size > 0 ? CHUNK_DATA : CHUNK_TRAILER_START;
        return GUARD_MORE;
    case CHUNK_DATA_CR:
        chunks->state = CHUNK_DATA_LF;
        return GUARD_MORE;
    case CHUNK_DATA_LF:
        chunks->state = CHUNK_SIZE;
        chunks->digits = 0;
        return GUARD_MORE;
    case CHUNK_TRAILER_LF:
        chunks->state = CHUNK_TRAILER_START;
        return GUARD_MORE;
    default:
        return GUARD_DONE;
    }
}

static enum guard_step take_byte(struct guard_chunks *chunks, char c,
                                 struct guard_refusal *out_refusal)
{
    switch (chunks->state) {
    case CHUNK_SIZE:
        return take_size_byte(chunks, c, out_refusal);
    case CHUNK_EXTENSION:
    case CHUNK_TRAILER:
        return take_text_byte(chunks, c, out_refusal);
    case CHUNK_TRAILER_START:
        return take_trailer_start(chunks, c, out_refusal);
    default:
        return take_line_end(chunks, c, out_refusal);
    }
}

enum guard_step guard_chunks(struct guard_chunks *chunks, struct slice bytes, size_t *out_used,
                             struct guard_refusal *out_refusal)
{
    size_t used = 0;
    enum guard_step step = GUARD_MORE;
    while (used < bytes.size && step == GUARD_MORE) {
        if (chunks->state != CHUNK_DATA) {
            step = take_byte(chunks, bytes.data[used++], out_refusal);
            continue;
        }
        size_t run = bytes.size - used;
        if (run > chunks->size)
            run = (size_t)chunks->size;
        used += run;
        chunks->size -= run;
        if (chunks->size == 0)
            chunks->state = CHUNK_DATA_CR;
    }
    *out_used = used;
    return step;
}
