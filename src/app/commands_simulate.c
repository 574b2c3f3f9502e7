/* simulate: people who do not exist, on a server that does, over its public interface alone. */
#include "app/command.h"
#include "app/files.h"
#include "app/simulate.h"
#include "app/simulate_truth.h"
#include "app/simulate_world.h"
#include "base/clock.h"
#include "base/json_out.h"
#include "catalog/money.h"

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum { CATALOG_BYTES_MAX = 64 << 20, LINE_BYTES_MAX = 65536 };

/* --- numbers ---------------------------------------------------------------------------------- */

struct number_option {
    const char *name;
    double least, most, fallback;
    bool whole;
};

static enum status read_number(const struct call *call, const struct number_option *option,
                               double *out_value, struct diag *diag)
{
    char text[64], *end = text;
    struct slice given = call_option(call, option->name);
    *out_value = option->fallback;
    if (!call_has(call, option->name))
        return STATUS_OK;
    (void)snprintf(text, sizeof text, "%.*s", SLICE_ARG(slice_first(given, sizeof text - 1)));
    double value = strtod(text, &end);
    if (end == text || *end || !(value >= option->least && value <= option->most) ||
        (option->whole && value != floor(value)))
        return diag_set(diag, STATUS_INVALID, "", "--%s is a %snumber from %g to %g", option->name,
                        option->whole ? "whole " : "", option->least, option->most);
    *out_value = value;
    return STATUS_OK;
}

/* "90", "90s", "10m", "2h": seconds. */
static enum status read_duration(const struct call *call, double *out_seconds, struct diag *diag)
{
    struct slice text = call_option(call, "for");
    int64_t count;
    if (!call_has(call, "for"))
        return STATUS_OK;
    char unit = text.size ? text.data[text.size - 1] : '\0';
    bool named = unit == 's' || unit == 'm' || unit == 'h';
    if (!slice_to_int64(slice_first(text, text.size - named), &count) || count < 1 ||
        count > 1000000)
        return diag_set(diag, STATUS_INVALID, "", "--for is a duration, as 90s, 10m or 2h");
    *out_seconds = (double)count * (unit == 'h' ? 3600 : unit == 'm' ? 60 : 1);
    return STATUS_OK;
}

static enum status read_start(const struct call *call, double *out_day, struct diag *diag)
{
    int64_t ms = clock_now_ms();
    if (call_has(call, "start") && !clock_parse_iso(call_option(call, "start"), &ms))
        return diag_set(diag, STATUS_INVALID, "", "--start is an instant, as 2026-03-01T08:00:00Z");
    *out_day = (double)ms / MS_PER_DAY;
    return STATUS_OK;
}

struct asked {
    struct simulate_options options;
    uint64_t seed;
};

static enum status read_numbers(const struct call *call, struct asked *asked, struct diag *diag)
{
    static const struct number_option options[] = {
        {"seed", 0, 4294967295.0, 1, true}, {"people", 1, SIMULATE_PEOPLE_MAX, 200, true},
        {"speed", 0.001, 1e9, 60, false},   {"history", 0, 400, 0, false},
        {"days", 0, 3650, INFINITY, false}, {"rate", 1, 100000, 500, true}};
    double values[sizeof options / sizeof *options];
    enum status status = STATUS_OK;
    for (size_t i = 0; i < sizeof options / sizeof *options && status == STATUS_OK; i++)
        status = read_number(call, &options[i], &values[i], diag);
    if (status != STATUS_OK)
        return status;
    asked->seed = (uint64_t)values[0];
    asked->options.people = (size_t)values[1];
    asked->options.speed = values[2];
    asked->options.history_days = values[3];
    asked->options.days = values[4];
    asked->options.rate = (unsigned)values[5];
    asked->options.seconds = INFINITY;
    status = read_duration(call, &asked->options.seconds, diag);
    return status == STATUS_OK ? read_start(call, &asked->options.start_day, diag) : status;
}

static enum status read_asked(const struct call *call, struct asked *asked, struct diag *diag)
{
    static const char *const places[] = {"home", "product", "cart"};
    struct slice url = call_option(call, "url");
    asked->options.url = url.size ? url : SLICE("http://127.0.0.1:8080");
    if (slice_ends_with(asked->options.url, SLICE("/")))
        asked->options.url.size--;
    asked->options.key = call_option(call, "write-key");
    if (asked->options.key.size == 0)
        return diag_set(diag, STATUS_INVALID, "", "Say with which key with --write-key KEY");
    for (size_t i = 0; i < 3; i++)
        asked->options.placements[i] = call_option(call, places[i]);
    return read_numbers(call, asked, diag);
}

/* --- the catalogue ---------------------------------------------------------------------------- */

static enum status read_catalog(struct call *call, struct world *world, struct diag *diag)
{
    struct slice path = call_option(call, "catalog"), text = SLICE_NONE;
    struct item *items = NULL;
    size_t count = 0;
    enum status status = path.size ? file_read(arena_copy_text(&call->arena, path),
                                               CATALOG_BYTES_MAX, &call->arena, &text, diag)
                                   : simulate_own_catalog(&text, diag);
    if (status == STATUS_OK)
        status = simulate_read_items(text, &call->arena, &items, &count, diag);
    return status == STATUS_OK ? simulate_make_world(items, count, world, diag) : status;
}

/* --- the run ---------------------------------------------------------------------------------- */

static enum status save_truth(struct call *call, const struct world *world, size_t people,
                              struct diag *diag)
{
    struct slice path = call_option(call, "truth");
    struct output output;
    if (path.size == 0)
        return STATUS_OK;
    int fd =
        open(arena_copy_text(&call->arena, path), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
    if (fd < 0)
        return diag_set(diag, STATUS_IO, "", "%.*s: %s", SLICE_ARG(path), strerror(errno));
    output_init(&output, fd);
    simulate_write_truth(world, people, &output);
    output_done(&output);
    bool broken = output.broken;
    close(fd);
    return broken ? diag_set(diag, STATUS_IO, "", "%.*s could not be written", SLICE_ARG(path))
                  : STATUS_OK;
}

static atomic_bool interrupted;

static void on_interrupt(int signal)
{
    (void)signal;
    atomic_store(&interrupted, true);
}

static void tell_json(struct call *call, const struct asked *asked,
                      const struct simulate_counts *counts)
{
    struct buf line;
    buf_init(&line, LINE_BYTES_MAX);
    struct json_out out = json_out(&line);
    struct slice currency = asked->options.world->items[0].currency;
    json_object(&out);
    JSON_INT_MEMBER(&out, "seed", (int64_t)asked->seed);
    JSON_INT_MEMBER(&out, "people", (int64_t)asked->options.people);
    JSON_INT_MEMBER(&out, "visits", (int64_t)counts->visits);
    JSON_INT_MEMBER(&out, "namelessVisits", (int64_t)counts->nameless_visits);
    JSON_INT_MEMBER(&out, "requests", (int64_t)counts->requests);
    JSON_INT_MEMBER(&out, "retries", (int64_t)counts->retries);
    JSON_INT_MEMBER(&out, "messages", (int64_t)counts->messages);
    JSON_INT_MEMBER(&out, "refusedMessages", (int64_t)counts->refused_messages);
    JSON_INT_MEMBER(&out, "decisions", (int64_t)counts->decisions);
    JSON_INT_MEMBER(&out, "personalised", (int64_t)counts->personalised);
    JSON_INT_MEMBER(&out, "listsSeen", (int64_t)counts->lists_seen);
    JSON_INT_MEMBER(&out, "clicks", (int64_t)counts->clicks);
    JSON_INT_MEMBER(&out, "views", (int64_t)counts->views);
    JSON_INT_MEMBER(&out, "orders", (int64_t)counts->orders);
    money_member(&out, "revenue", counts->revenue_minor, currency);
    JSON_STRING_MEMBER(&out, "currency", currency);
    json_end(&out);
    output_format(&call->out, "%.*s\n", SLICE_ARG(buf_slice(&line)));
    buf_done(&line);
}

static void tell_text(struct call *call, const struct asked *asked,
                      const struct simulate_counts *counts)
{
    char revenue[32];
    struct slice currency = asked->options.world->items[0].currency;
    money_format(counts->revenue_minor, currency, revenue);
    output_format(&call->out,
                  "%zu people: %llu visits (%llu without identifier), %llu decisions seen, "
                  "%llu clicks, %llu orders, %s %.*s; %llu of %llu messages refused\n",
                  asked->options.people, (unsigned long long)counts->visits,
                  (unsigned long long)counts->nameless_visits,
                  (unsigned long long)counts->decisions, (unsigned long long)counts->clicks,
                  (unsigned long long)counts->orders, revenue, SLICE_ARG(currency),
                  (unsigned long long)counts->refused_messages,
                  (unsigned long long)counts->messages);
}

/* --- how long it takes ------------------------------------------------------------------------ */

enum { DURATION_BYTES = 32, SILENT_TELL_S = 30 };

struct teller {
    struct output *err;
    bool terminal;  /* a line that changes; else a line now and then */
    double told_at; /* seconds */
};

/* "40 s", "12 min", "3.5 h", "2 days". */
static const char *duration(double seconds, char out_text[DURATION_BYTES])
{
    const char *unit = seconds < 90       ? "s"
                       : seconds < 5400   ? "min"
                       : seconds < 172800 ? "h"
                                          : "days";
    double one = seconds < 90 ? 1 : seconds < 5400 ? 60 : seconds < 172800 ? 3600 : 86400;
    (void)snprintf(out_text, DURATION_BYTES, "%.3g %s", seconds / one, unit);
    return out_text;
}

static void tell_plan(struct call *call, const struct simulate_options *options)
{
    char takes[DURATION_BYTES];
    double seconds = fmin(options->seconds, options->days * 86400 / options->speed);
    if (seconds < INFINITY)
        output_format(&call->err,
                      "visavis simulate: at --speed %g this takes %s%s; --speed tells the clock "
                      "to run faster, --for 10m when to end\n",
                      options->speed, duration(seconds, takes),
                      options->history_days > 0 ? ", after the past" : "");
    else
        output_format(&call->err, "visavis simulate: at --speed %g until you interrupt it\n",
                      options->speed);
    output_flush(&call->err);
}

static void tell_progress(void *context, const struct simulate_progress *progress)
{
    struct teller *teller = context;
    char left[DURATION_BYTES] = "";
    double share = progress->share;
    if (!teller->terminal && progress->seconds - teller->told_at < SILENT_TELL_S)
        return;
    teller->told_at = progress->seconds;
    output_format(teller->err, "%s%s: ", teller->terminal ? "\r\033[K" : "",
                  progress->past ? "the past" : "the present");
    if (share > 0)
        output_format(teller->err, "%.0f %%, %s left, ", 100 * share,
                      duration(progress->seconds * (1 - share) / share, left));
    output_format(teller->err, "%llu visits%s", (unsigned long long)progress->visits,
                  teller->terminal && share < 1 ? "" : "\n");
    output_flush(teller->err);
}

/* --- all of it -------------------------------------------------------------------------------- */

static enum status run(struct call *call, struct asked *asked, struct world *world,
                       struct diag *diag)
{
    struct simulate_counts counts = {0};
    struct sigaction action = {.sa_handler = on_interrupt};
    asked->options.world = world;
    asked->options.stop = &interrupted;
    enum status status = save_truth(call, world, asked->options.people, diag);
    if (status != STATUS_OK)
        return status;
    (void)sigaction(SIGINT, &action, NULL);
    (void)sigaction(SIGTERM, &action, NULL);
    struct teller teller = {.err = &call->err, .terminal = isatty(call->err.fd)};
    asked->options.progress = tell_progress;
    asked->options.progress_context = &teller;
    tell_plan(call, &asked->options);
    (void)signal(SIGPIPE, SIG_IGN); /* a server that hangs up is an answer, not an end */
    status = simulate_run(&asked->options, &counts, diag);
    output_format(&call->err, "%s", teller.terminal ? "\r\033[K" : "");
    output_flush(&call->err);
    if (call_has(call, "json"))
        tell_json(call, asked, &counts);
    else
        tell_text(call, asked, &counts);
    return status;
}

enum status command_simulate(struct call *call, struct diag *diag)
{
    struct asked asked = {0};
    struct world world;
    enum status status = read_asked(call, &asked, diag);
    if (status != STATUS_OK)
        return status;
    world_init(&world, asked.seed, WORLD_ITEMS_MAX);
    status = read_catalog(call, &world, diag);
    if (status == STATUS_OK)
        status = run(call, &asked, &world, diag);
    world_done(&world);
    return status;
}
