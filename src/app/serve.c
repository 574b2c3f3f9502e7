#include "app/serve.h"

#include "api/api.h"
#include "api/emergency.h"
#include "api/user_making.h"
#include "app/control.h"
#include "app/demo_live.h"
#include "app/demo_simulated.h"
#include "app/demo_start.h"
#include "app/log.h"
#include "base/clock.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>

enum { PROXIES_MAX = 64, FULL_DISK_RETRY_S = 2 };

struct server {
    const struct serve_options *options;
    struct arena arena;
    struct engine *engine;
    struct api *api;
    struct http_server *http;
    struct control *control;
    struct demo_keys keys;
    struct demo_live *live;
    struct demo_simulated *simulated;
};

/* --- signals: blocked everywhere, waited for here --------------------------------------------- */

static sigset_t stop_signals(void)
{
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGTERM);
    sigaddset(&set, SIGINT);
    return set;
}

static void wait_for_stop(void)
{
    sigset_t set = stop_signals();
    int signal = 0;
    while (sigwait(&set, &signal) != 0)
        continue;
    log_line("info", "stopping", "signal", signal == SIGINT ? "INT" : "TERM");
}

/* As many descriptors as the kernel lets us have: connections and the store's files. */
static void raise_descriptor_limit(void)
{
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur < limit.rlim_max) {
        limit.rlim_cur = limit.rlim_max;
        (void)setrlimit(RLIMIT_NOFILE, &limit);
    }
    const struct rlimit no_core = {0, 0}; /* a core would hold personal data */
    (void)setrlimit(RLIMIT_CORE, &no_core);
}

/* --- start ------------------------------------------------------------------------------------ */

static size_t split_proxies(struct slice text, struct arena *arena, const char **out_proxies)
{
    size_t count = 0;
    while (text.size && count < PROXIES_MAX) {
        struct slice one = text, rest = SLICE_NONE;
        (void)slice_cut(text, ',', &one, &rest);
        if (slice_trim(one).size)
            out_proxies[count++] = arena_copy_text(arena, slice_trim(one));
        text = rest;
    }
    return count;
}

static enum status start_http(struct server *server, struct diag *diag)
{
    const struct settings *settings = &server->options->settings;
    const char *proxies[PROXIES_MAX];
    struct http_options options = {
        .listen_address = arena_copy_text(&server->arena, settings->listen),
        .thread_count = (unsigned)settings->threads,
        .trusted_proxies = proxies,
        .trusted_proxy_count = split_proxies(settings->trusted_proxies, &server->arena, proxies),
        .connections_max = (unsigned)settings->connections,
    };
    if (server->api)
        api_serve(server->api, &options);
    else
        emergency_serve(&options);
    enum status status = http_server_start(&options, &server->http, diag);
    if (status == STATUS_OK && server->api)
        server->api->server = server->http;
    return status;
}

static enum status open_engine(struct server *server, struct diag *diag)
{
    const struct settings *settings = &server->options->settings;
    struct engine_options options = {
        .memory_bytes = (size_t)settings->memory_mb << 20,
        .create = true,
        .places_path =
            settings->places.size ? arena_copy_text(&server->arena, settings->places) : NULL};
    return engine_open(arena_copy_text(&server->arena, settings->data), &options, &server->engine,
                       diag);
}

/* Waits a while for space; false when told to stop. */
static bool wait_for_space(void)
{
    sigset_t set = stop_signals();
    const struct timespec pause = {FULL_DISK_RETRY_S, 0};
    return sigtimedwait(&set, NULL, &pause) < 0;
}

/* A disk too full to open the store on: pages get their answer all the same, and the store is
 * tried again until there is space. */
static enum status serve_without_store(struct server *server, struct diag *diag)
{
    enum status status = start_http(server, diag);
    if (status != STATUS_OK)
        return status;
    log_line("error", "disk_full", "effect", "serving without the store");
    status = STATUS_NO_SPACE;
    while (status == STATUS_NO_SPACE && wait_for_space())
        status = open_engine(server, diag);
    http_server_drain(server->http);
    http_server_stop(server->http);
    server->http = NULL;
    return status;
}

/* A start that finds no user makes the first, and tells how to come in. */
static enum status make_first_user(struct server *server, struct diag *diag)
{
    char password[PASSWORD_TEXT_SIZE];
    enum status status = user_make_first(server->engine, SLICE("command:serve"), password, diag);
    if (status == STATUS_OK && password[0])
        fprintf(stderr,
                "visavis: the first user of the console is \"" USER_FIRST_NAME
                "\", with the password %s (shown this once; visavis user reset " USER_FIRST_NAME
                " makes another)\n",
                password);
    return status;
}

static enum status start_demo(struct server *server, struct api_settings *settings,
                              struct diag *diag)
{
    enum status status = demo_prepare(server->engine, &server->keys, diag);
    if (status == STATUS_OK)
        status = demo_simulated_new(server->keys.secret_key, &server->simulated, diag);
    settings->simulated = (struct api_simulated){.write = demo_simulated_write,
                                                 .context = server->simulated,
                                                 .workspace = SLICE(DEMO_WORKSPACE)};
    return status;
}

static enum status start(struct server *server, struct diag *diag)
{
    struct api_settings settings = {.rate_per_second =
                                        (uint32_t)server->options->settings.rate_per_second,
                                    .backups = server->options->settings.backups};
    enum status status = open_engine(server, diag);
    if (status == STATUS_NO_SPACE)
        status = serve_without_store(server, diag);
    if (status == STATUS_OK && server->options->demo)
        status = start_demo(server, &settings, diag);
    settings.shop_key = slice_of(server->keys.write_key);
    if (status == STATUS_OK)
        status = make_first_user(server, diag);
    if (status == STATUS_OK)
        status = api_new(server->engine, &settings, &server->api);
    if (status == STATUS_OK)
        status = feeds_start(server->engine->feeds, server->options->settings.feed_hosts);
    if (status == STATUS_OK)
        status = control_start(server->engine, &server->control, diag);
    if (status == STATUS_OK)
        status = start_http(server, diag);
    return status;
}

static void stop(struct server *server)
{
    demo_live_stop(server->live);
    if (server->api)
        atomic_store(&server->api->draining, true);
    if (server->http) {
        http_server_drain(server->http);
        http_server_stop(server->http);
    }
    control_stop(server->control);
    if (server->api)
        api_stop(server->api);
    engine_close(server->engine);
    api_free(server->api); /* counts what the ledger still completed */
    demo_simulated_free(server->simulated);
    arena_done(&server->arena);
}

/* "127.0.0.1:8080" with the port that was really bound. */
static struct slice url_of(struct server *server)
{
    struct slice listen = server->options->settings.listen;
    size_t colon = listen.size;
    while (colon && listen.data[colon - 1] != ':')
        colon--;
    return arena_format(&server->arena, "http://%.*s%u", (int)colon, listen.data,
                        http_server_port(server->http));
}

int serve(const struct serve_options *options)
{
    struct server server = {.options = options};
    struct diag diag = {0};
    sigset_t set = stop_signals();
    pthread_sigmask(SIG_BLOCK, &set, NULL);
    signal(SIGPIPE, SIG_IGN);
    raise_descriptor_limit();
    arena_init(&server.arena);
    uint64_t began_us = clock_monotonic_us();
    enum status status = start(&server, &diag);
    if (status != STATUS_OK) {
        fprintf(stderr, "visavis serve: %s%s%s\n", diag.field, diag.field[0] ? ": " : "",
                diag.sentence[0] ? diag.sentence : status_sentence(status));
        stop(&server);
        return status_exit_code(status);
    }
    struct slice url = url_of(&server);
    log_number("info", "listening", "started_ms", (clock_monotonic_us() - began_us) / 1000);
    if (options->demo) {
        demo_tell(server.engine, &server.keys, url, options->json);
        server.live = demo_live_start(http_server_port(server.http), server.keys.write_key,
                                      server.keys.fresh);
    } else {
        log_line("info", "ready", "url", arena_copy_text(&server.arena, url));
    }
    wait_for_stop();
    stop(&server);
    return 0;
}
