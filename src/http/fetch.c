#include "http/fetch.h"

#include "base/arena.h"

#include <assert.h>
#include <curl/curl.h>
#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

enum { CONNECT_SECONDS = 10, SLOW_SECONDS = 30, SLOW_BYTES = 1024 };

/* --- addresses -------------------------------------------------------------------------------- */

bool fetch_address_public(struct address address)
{
    static const char *const refused[] = {
        "0.0.0.0/8",     "10.0.0.0/8",      "100.64.0.0/10",  "127.0.0.0/8",    "169.254.0.0/16",
        "172.16.0.0/12", "192.0.0.0/24",    "192.0.2.0/24",   "192.88.99.0/24", "192.168.0.0/16",
        "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/4",    "240.0.0.0/4",
        "2001::/23",     "2001:db8::/32",   "2002::/16",      "3fff::/20"};
    struct address_block block;
    for (size_t i = 0; i < sizeof refused / sizeof *refused; i++) {
        bool read = address_block_parse(slice_of(refused[i]), &block);
        assert(read);
        if (address_in_block(address, &block))
            return false;
    }
    bool v4 = address_block_parse(SLICE("0.0.0.0/0"), &block) && address_in_block(address, &block);
    bool v6 = address_block_parse(SLICE("2000::/3"), &block) && address_in_block(address, &block);
    return address.known && (v4 || v6);
}

/* --- a URL ------------------------------------------------------------------------------------ */

struct target { /* one hop */
    char *scheme, *host, *port;
    bool named; /* its host may be private */
};

static void target_done(struct target *target)
{
    curl_free(target->scheme);
    curl_free(target->host);
    curl_free(target->port);
}

static bool is_named(const struct target *target, const struct slice *hosts, size_t host_count)
{
    char whole[FETCH_URL_BYTES_MAX + 16];
    (void)snprintf(whole, sizeof whole, "%s:%s", target->host, target->port);
    for (size_t i = 0; i < host_count; i++)
        if (slice_equal_ignoring_case(hosts[i], slice_of(target->host)) ||
            slice_equal_ignoring_case(hosts[i], slice_of(whole)))
            return true;
    return false;
}

static enum status check_parts(CURLU *url, struct target *target, struct diag *diag)
{
    char *user = NULL;
    bool has_user = curl_url_get(url, CURLUPART_USER, &user, 0) == CURLUE_OK;
    curl_free(user);
    if (curl_url_get(url, CURLUPART_SCHEME, &target->scheme, 0) != CURLUE_OK ||
        curl_url_get(url, CURLUPART_HOST, &target->host, 0) != CURLUE_OK ||
        curl_url_get(url, CURLUPART_PORT, &target->port, CURLU_DEFAULT_PORT) != CURLUE_OK ||
        (!slice_is(slice_of(target->scheme), "http") &&
         !slice_is(slice_of(target->scheme), "https")))
        return diag_set(diag, STATUS_INVALID, "url",
                        "must be a whole address that begins with https:// or http://");
    if (has_user)
        return diag_set(diag, STATUS_INVALID, "url",
                        "must not hold a user name or password: they would stand in logs");
    return STATUS_OK;
}

static enum status read_target(struct slice text, const struct slice *hosts, size_t host_count,
                               struct target *target, struct diag *diag)
{
    static const char *const ports[] = {"80", "443", "8080", "8443"};
    char room[FETCH_URL_BYTES_MAX + 1];
    *target = (struct target){0};
    if (text.size == 0 || text.size > FETCH_URL_BYTES_MAX || slice_find(text, 0) != SIZE_MAX)
        return diag_set(diag, STATUS_INVALID, "url", "must have 1 to %d bytes",
                        FETCH_URL_BYTES_MAX);
    (void)snprintf(room, sizeof room, "%.*s", SLICE_ARG(text));
    CURLU *url = curl_url();
    assert(url); /* only memory can fail */
    enum status status =
        curl_url_set(url, CURLUPART_URL, room, 0) == CURLUE_OK
            ? check_parts(url, target, diag)
            : diag_set(diag, STATUS_INVALID, "url",
                       "must be a whole address that begins with https:// or http://");
    curl_url_cleanup(url);
    if (status != STATUS_OK)
        return status;
    target->named = is_named(target, hosts, host_count);
    bool port = target->named;
    for (size_t i = 0; i < sizeof ports / sizeof *ports && !port; i++)
        port = slice_is(slice_of(target->port), ports[i]);
    return port ? STATUS_OK
                : diag_set(diag, STATUS_INVALID, "url",
                           "port %s is not taken: 80, 443, 8080 and 8443 are", target->port);
}

enum status fetch_check_url(struct slice url, const struct slice *hosts, size_t host_count,
                            struct diag *diag)
{
    struct target target;
    enum status status = read_target(url, hosts, host_count, &target, diag);
    target_done(&target);
    return status;
}

/* --- what curl calls -------------------------------------------------------------------------- */

struct fetch {
    const struct fetch_options *options;
    struct fetch_result *result;
    CURL *curl;
    const struct target *target;
    bool forbidden, too_large, write_failed;
    char why[CURL_ERROR_SIZE];
};

static curl_socket_t on_socket(void *context, curlsocktype purpose, struct curl_sockaddr *address)
{
    struct fetch *fetch = context;
    struct address to = address_of_socket(&address->addr);
    if (purpose != CURLSOCKTYPE_IPCXN || (!fetch->target->named && !fetch_address_public(to))) {
        fetch->forbidden = true;
        return CURL_SOCKET_BAD;
    }
    return socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
}

static size_t on_body(char *data, size_t size, size_t count, void *context)
{
    struct fetch *fetch = context;
    long code = 0;
    size_t bytes = size * count;
    curl_easy_getinfo(fetch->curl, CURLINFO_RESPONSE_CODE, &code);
    if (code != 200)
        return bytes; /* of an error or a redirect: not ours, and bounded by time */
    fetch->too_large = fetch->result->bytes + bytes > fetch->options->bytes_max;
    if (fetch->too_large)
        return 0;
    for (size_t done = 0; done < bytes;) {
        ssize_t wrote = write(fetch->options->fd, data + done, bytes - done);
        if (wrote < 0 && errno == EINTR)
            continue;
        fetch->write_failed = wrote <= 0;
        if (fetch->write_failed)
            return 0;
        done += (size_t)wrote;
    }
    fetch->result->bytes += bytes;
    return bytes;
}

static void keep_header(struct slice line, const char *name, char *out, size_t room)
{
    struct slice start = slice_first(line, strlen(name));
    struct slice value = slice_trim(slice_from(line, start.size));
    if (slice_equal_ignoring_case(start, slice_of(name)) && value.size < room)
        (void)snprintf(out, room, "%.*s", SLICE_ARG(value));
}

static size_t on_header(char *data, size_t size, size_t count, void *context)
{
    struct fetch *fetch = context;
    struct slice line = slice_make(data, size * count);
    keep_header(line, "etag:", fetch->result->etag, sizeof fetch->result->etag);
    keep_header(line, "last-modified:", fetch->result->last_modified,
                sizeof fetch->result->last_modified);
    return line.size;
}

static int on_progress(void *context, curl_off_t total, curl_off_t now, curl_off_t up_total,
                       curl_off_t up_now)
{
    (void)total, (void)now, (void)up_total, (void)up_now;
    const struct fetch *fetch = context;
    return fetch->options->stop && atomic_load(fetch->options->stop);
}

/* --- one hop ---------------------------------------------------------------------------------- */

static void global_init(void)
{
    CURLcode failed = curl_global_init(CURL_GLOBAL_DEFAULT);
    assert(failed == CURLE_OK);
}

static void prepare(void)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    (void)pthread_once(&once, global_init);
}

static struct curl_slist *add_header(struct curl_slist *headers, const char *name,
                                     struct slice value)
{
    char line[FETCH_ETAG_BYTES + 64];
    if (value.size == 0 || slice_find(value, '\r') != SIZE_MAX ||
        slice_find(value, '\n') != SIZE_MAX)
        return headers;
    (void)snprintf(line, sizeof line, "%s: %.*s", name, SLICE_ARG(value));
    struct curl_slist *longer = curl_slist_append(headers, line);
    assert(longer);
    return longer;
}

static void set_limits(CURL *curl, const struct fetch_options *options)
{
    curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(curl, CURLOPT_PROXY, "");
    curl_easy_setopt(curl, CURLOPT_FOLLOWLOCATION, 0L);
    curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(curl, CURLOPT_FRESH_CONNECT, 1L);
    curl_easy_setopt(curl, CURLOPT_FORBID_REUSE, 1L);
    curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT, (long)CONNECT_SECONDS);
    curl_easy_setopt(curl, CURLOPT_TIMEOUT, (long)options->seconds_max);
    curl_easy_setopt(curl, CURLOPT_LOW_SPEED_TIME, (long)SLOW_SECONDS);
    curl_easy_setopt(curl, CURLOPT_LOW_SPEED_LIMIT, (long)SLOW_BYTES);
    curl_easy_setopt(curl, CURLOPT_USERAGENT, "Visavis/" VISAVIS_VERSION);
}

static void set_callbacks(struct fetch *fetch)
{
    CURL *curl = fetch->curl;
    curl_easy_setopt(curl, CURLOPT_OPENSOCKETFUNCTION, on_socket);
    curl_easy_setopt(curl, CURLOPT_OPENSOCKETDATA, fetch);
    curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, on_body);
    curl_easy_setopt(curl, CURLOPT_WRITEDATA, fetch);
    curl_easy_setopt(curl, CURLOPT_HEADERFUNCTION, on_header);
    curl_easy_setopt(curl, CURLOPT_HEADERDATA, fetch);
    curl_easy_setopt(curl, CURLOPT_XFERINFOFUNCTION, on_progress);
    curl_easy_setopt(curl, CURLOPT_XFERINFODATA, fetch);
    curl_easy_setopt(curl, CURLOPT_NOPROGRESS, 0L);
    curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, fetch->why);
}

static enum status tell(const struct fetch *fetch, CURLcode code, struct diag *diag)
{
    if (fetch->forbidden)
        return diag_set(diag, STATUS_FORBIDDEN, "url",
                        "%.100s is not a public address: whoever runs the server may name the host "
                        "in feed_hosts",
                        fetch->target->host);
    if (fetch->too_large)
        return diag_set(diag, STATUS_TOO_LARGE, "url", "the feed is over %llu bytes",
                        (unsigned long long)fetch->options->bytes_max);
    if (fetch->write_failed)
        return diag_set(diag, STATUS_NO_SPACE, "url", "the feed cannot be written: %s",
                        strerror(errno));
    return diag_set(diag, STATUS_IO, "url", "%.180s",
                    fetch->why[0] ? fetch->why : curl_easy_strerror(code));
}

static enum status run_hop(struct fetch *fetch, const char *url, struct diag *diag)
{
    struct curl_slist *headers = NULL;
    long code = 0;
    headers = add_header(headers, "If-None-Match", fetch->options->etag);
    headers = add_header(headers, "If-Modified-Since", fetch->options->last_modified);
    set_limits(fetch->curl, fetch->options);
    set_callbacks(fetch);
    curl_easy_setopt(fetch->curl, CURLOPT_URL, url);
    curl_easy_setopt(fetch->curl, CURLOPT_HTTPHEADER, headers);
    fetch->result->etag[0] = fetch->result->last_modified[0] = '\0';
    CURLcode result = curl_easy_perform(fetch->curl);
    curl_easy_getinfo(fetch->curl, CURLINFO_RESPONSE_CODE, &code);
    curl_slist_free_all(headers);
    fetch->result->code = (int)code;
    return result == CURLE_OK ? STATUS_OK : tell(fetch, result, diag);
}

/* The next URL of a redirect into room; false when this was the last hop. */
static bool redirected(const struct fetch *fetch, char room[FETCH_URL_BYTES_MAX + 1])
{
    const char *next = NULL;
    curl_easy_getinfo(fetch->curl, CURLINFO_REDIRECT_URL, &next);
    if (!next || fetch->result->code < 300 || fetch->result->code > 399)
        return false;
    (void)snprintf(room, FETCH_URL_BYTES_MAX + 1, "%s", next);
    return true;
}

static enum status settle(struct fetch_result *result, struct diag *diag)
{
    result->not_modified = result->code == 304;
    if (result->code == 200 || result->not_modified)
        return STATUS_OK;
    return diag_set(diag, STATUS_IO, "url", "the shop's server answered %d", result->code);
}

/* One hop of the way; *out_more when url holds the next. */
static enum status step(const struct fetch_options *options, struct fetch_result *result,
                        char url[FETCH_URL_BYTES_MAX + 1], bool *out_more, struct diag *diag)
{
    struct target target;
    bool secure = slice_starts_with(slice_of(url), SLICE("https:"));
    *out_more = false;
    enum status status =
        read_target(slice_of(url), options->hosts, options->host_count, &target, diag);
    if (status == STATUS_OK) {
        struct fetch fetch = {.options = options, .result = result, .target = &target};
        fetch.curl = curl_easy_init();
        assert(fetch.curl); /* only memory can fail */
        status = run_hop(&fetch, url, diag);
        *out_more = status == STATUS_OK && redirected(&fetch, url);
        curl_easy_cleanup(fetch.curl);
    }
    target_done(&target);
    if (*out_more && secure && !slice_starts_with(slice_of(url), SLICE("https:")))
        return diag_set(diag, STATUS_FORBIDDEN, "url", "https leads to http: not followed");
    return status;
}

enum status fetch_get(const struct fetch_options *options, struct fetch_result *out_result,
                      struct diag *diag)
{
    char url[FETCH_URL_BYTES_MAX + 1] = "";
    bool more = true;
    prepare();
    *out_result = (struct fetch_result){0};
    enum status status = fetch_check_url(options->url, options->hosts, options->host_count, diag);
    if (status == STATUS_OK)
        (void)snprintf(url, sizeof url, "%.*s", SLICE_ARG(options->url));
    for (int hop = 0; status == STATUS_OK && more; hop++) {
        if (hop > FETCH_HOPS_MAX)
            return diag_set(diag, STATUS_FORBIDDEN, "url", "more than %d redirects",
                            FETCH_HOPS_MAX);
        status = step(options, out_result, url, &more, diag);
    }
    return status == STATUS_OK ? settle(out_result, diag) : status;
}

/* --- posts to a server of one's own ----------------------------------------------------------- */

struct fetch_line {
    CURL *curl;
    struct curl_slist *headers;
    struct slice url; /* after this struct */
    struct buf *body; /* of the answer to the call under way */
};

static size_t on_answer(char *data, size_t size, size_t count, void *context)
{
    struct fetch_line *line = context;
    buf_add(line->body, slice_make(data, size * count));
    return line->body->overflowed ? 0 : size * count;
}

struct fetch_line *fetch_line_new(struct slice url, struct slice key)
{
    prepare();
    struct fetch_line *line = must_alloc_zero(1, sizeof *line + url.size);
    line->url = slice_make(memcpy(line + 1, url.data, url.size), url.size);
    line->curl = curl_easy_init();
    assert(line->curl); /* only memory can fail */
    char bearer[FETCH_ETAG_BYTES];
    (void)snprintf(bearer, sizeof bearer, "Bearer %.*s", SLICE_ARG(key));
    line->headers = add_header(line->headers, "Content-Type", SLICE("application/json"));
    line->headers = add_header(line->headers, "Authorization", slice_of(bearer));
    line->headers = curl_slist_append(line->headers, "Expect:"); /* no 100 is waited for */
    assert(line->headers);
    curl_easy_setopt(line->curl, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(line->curl, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(line->curl, CURLOPT_TIMEOUT, (long)FETCH_POST_SECONDS_MAX);
    curl_easy_setopt(line->curl, CURLOPT_USERAGENT, "Visavis/" VISAVIS_VERSION);
    curl_easy_setopt(line->curl, CURLOPT_HTTPHEADER, line->headers);
    curl_easy_setopt(line->curl, CURLOPT_WRITEFUNCTION, on_answer);
    curl_easy_setopt(line->curl, CURLOPT_WRITEDATA, line);
    return line;
}

void fetch_line_free(struct fetch_line *line)
{
    if (!line)
        return;
    curl_easy_cleanup(line->curl);
    curl_slist_free_all(line->headers);
    free(line);
}

enum status fetch_post(struct fetch_line *line, const char *path, struct slice json,
                       struct fetch_answer *out_answer, struct diag *diag)
{
    char url[FETCH_URL_BYTES_MAX + 1];
    long code = 0;
    (void)snprintf(url, sizeof url, "%.*s%s", SLICE_ARG(line->url), path);
    line->body = &out_answer->body;
    curl_easy_setopt(line->curl, CURLOPT_URL, url);
    curl_easy_setopt(line->curl, CURLOPT_POSTFIELDS, json.data);
    curl_easy_setopt(line->curl, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)json.size);
    CURLcode result = curl_easy_perform(line->curl);
    if (result != CURLE_OK)
        return diag_set(diag, STATUS_IO, "url", "%.100s: %s", url, curl_easy_strerror(result));
    curl_easy_getinfo(line->curl, CURLINFO_RESPONSE_CODE, &code);
    out_answer->code = (int)code;
    return STATUS_OK;
}
