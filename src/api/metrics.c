/* GET /metrics: Prometheus text format 0.0.4. Bounded series, no label that a visitor can
 * choose. */
#include "api/api.h"

#include "base/clock.h"

#include <inttypes.h>

enum { METRICS_BYTES_MAX = 256 << 10 };

struct metric {
    const char *name, *type, *help;
    uint64_t value;
};

static void write_metric(struct buf *buf, const struct metric *metric)
{
    buf_format(buf, "# HELP visavis_%s %s\n# TYPE visavis_%s %s\nvisavis_%s %" PRIu64 "\n",
               metric->name, metric->help, metric->name, metric->type, metric->name, metric->value);
}

static void write_metrics(struct buf *buf, const struct metric *metrics, size_t count)
{
    for (size_t i = 0; i < count; i++)
        write_metric(buf, &metrics[i]);
}

#define WRITE_METRICS(buf, list) write_metrics((buf), (list), sizeof(list) / sizeof((list)[0]))

static const char *const class_names[CLASS_COUNT] = {"other", "collect", "decide", "consent",
                                                     "read",  "write",   "stream"};

static uint64_t load(const _Atomic uint64_t *counter)
{
    return atomic_load_explicit(counter, memory_order_relaxed);
}

static void write_requests(const struct api_counts *counts, struct buf *buf)
{
    buf_add_text(buf, "# HELP visavis_http_requests_total Answers by class and code.\n"
                      "# TYPE visavis_http_requests_total counter\n");
    for (int class = 0; class < CLASS_COUNT; class ++)
        for (int digit = 2; digit < 6; digit++)
            buf_format(buf, "visavis_http_requests_total{class=\"%s\",code=\"%dxx\"} %" PRIu64 "\n",
                       class_names[class], digit, load(&counts->answers[class][digit]));
    buf_add_text(buf, "# HELP visavis_http_request_seconds_total Time from head to answer.\n"
                      "# TYPE visavis_http_request_seconds_total counter\n");
    for (int class = 0; class < CLASS_COUNT; class ++)
        for (int digit = 2; digit < 6; digit++)
            buf_format(buf, "visavis_http_request_seconds_total{class=\"%s\",code=\"%dxx\"} %.6f\n",
                       class_names[class], digit,
                       (double)load(&counts->duration_us[class][digit]) / 1e6);
}

static void write_api(const struct api_counts *counts, struct buf *buf)
{
    const struct metric metrics[] = {
        {"messages_accepted_total", "counter", "Messages on the disk.",
         load(&counts->messages_accepted)},
        {"messages_duplicate_total", "counter", "Messages that were there already.",
         load(&counts->messages_duplicate)},
        {"messages_refused_total", "counter", "Messages refused, kept with their reason.",
         load(&counts->messages_refused)},
        {"messages_counted_only_total", "counter", "Messages without consent, only counted.",
         load(&counts->messages_counted_only)},
        {"decisions_total", "counter", "Placements decided.", load(&counts->decisions)},
        {"decisions_personalised_total", "counter", "Decisions that something of a person changed.",
         load(&counts->decisions_personalised)},
        {"decisions_fallback_total", "counter", "Decisions with less than the recipe promised.",
         load(&counts->decisions_fallback)},
        {"rate_limited_total", "counter", "Requests over a key's rate.",
         load(&counts->rate_limited)},
    };
    WRITE_METRICS(buf, metrics);
}

static void write_ledger(const struct engine *engine, struct buf *buf)
{
    struct ledger_counts counts;
    ledger_counts(engine->ledger, &counts);
    const struct metric metrics[] = {
        {"ledger_entries_total", "counter", "Entries written.", counts.entries_kept},
        {"ledger_duplicates_total", "counter", "Entries that were duplicates.",
         counts.entries_duplicate},
        {"ledger_refused_total", "counter", "Entries refused.", counts.entries_refused},
        {"ledger_groups_total", "counter", "Group commits.", counts.groups},
        {"ledger_overload_total", "counter", "Commits refused for a full queue.",
         counts.refused_overload},
        {"ledger_no_space_total", "counter", "Commits refused for a full disk.",
         counts.refused_space},
        {"ledger_queue_entries", "gauge", "Entries waiting.", counts.queue_entries},
        {"ledger_sync_microseconds_total", "counter", "Time in sync.", counts.sync_us_total},
        {"ledger_sequence", "gauge", "Last sequence on the disk.", ledger_sequence(engine->ledger)},
        {"ledger_low_water", "gauge", "Sequence that all cached state covers.",
         ledger_low_water(engine->ledger)},
    };
    WRITE_METRICS(buf, metrics);
}

static void write_people(const struct engine *engine, struct buf *buf)
{
    struct people_counts people;
    struct catalog_counts catalog;
    struct decisions_counts decisions;
    people_counts(engine->people, &people);
    catalog_counts(engine->catalog, &catalog);
    decisions_counts(engine->decisions, &decisions);
    const struct metric metrics[] = {
        {"profiles_cached", "gauge", "Profiles in memory.", people.cached_profiles},
        {"profiles_cached_bytes", "gauge", "Memory of cached profiles.", people.cached_bytes},
        {"profile_folds_total", "counter", "Events folded into cached profiles.", people.folds},
        {"profile_refolds_total", "counter", "Profiles folded anew.", people.refolds},
        {"profile_evictions_total", "counter", "Profiles that left memory.", people.evictions},
        {"people_erased_total", "counter", "People erased.", people.erased},
        {"catalog_items", "gauge", "Items of all workspaces.", catalog.items},
        {"measured_people", "gauge", "People in measurements of placements.",
         measuring_people(engine->measuring)},
        {"robots_by_volume", "gauge",
         "Visitors marked as robots or kiosks by how much they did; they teach nothing.",
         learning_robots(engine->learning)},
        {"assortment_bytes", "gauge", "Memory of likeness and arrivals.",
         assortments_bytes(engine->assortments)},
        {"catalog_changes_total", "counter", "Item changes written.", catalog.changes},
        {"decision_records_total", "counter", "Decision records kept.", decisions.kept},
        {"decision_records_lost_total", "counter", "Decision records that found no room.",
         decisions.lost},
        {"decision_record_bytes_total", "counter", "Bytes of decision records.", decisions.bytes},
    };
    WRITE_METRICS(buf, metrics);
}

static void write_models(const struct engine *engine, struct buf *buf)
{
    buf_add_text(buf, "# HELP visavis_model_bytes Memory of what was learned, by model, at most a "
                      "minute old.\n# TYPE visavis_model_bytes gauge\n");
    for (int model = 0; model < MODEL_COUNT; model++)
        buf_format(buf, "visavis_model_bytes{model=\"%s\"} %" PRIu64 "\n",
                   learning_model_name((enum learning_model)model),
                   learning_bytes(engine->learning, (enum learning_model)model));
}

static void write_rebuilds(const struct engine *engine, struct buf *buf)
{
    struct rebuilding_counts counts;
    rebuilding_counts(engine->rebuilding, &counts);
    const struct metric metrics[] = {
        {"model_rebuilds_total", "counter", "Models made anew from the log.", counts.done},
        {"model_rebuild_microseconds", "gauge", "Time of the last rebuild.", counts.last_us},
        {"model_rebuild_rows", "gauge", "Log rows of the last rebuild.", counts.rows},
        {"model_rebuild_bytes", "gauge", "Memory of a rebuild under way.", counts.bytes},
    };
    WRITE_METRICS(buf, metrics);
}

static void write_store(const struct engine *engine, struct buf *buf)
{
    struct store_sizes sizes;
    store_sizes(engine->store, &sizes);
    const struct metric metrics[] = {
        {"store_disk_bytes", "gauge", "Bytes of the store's files.", sizes.disk_bytes},
        {"store_memtable_bytes", "gauge", "Bytes not yet in tables.", sizes.memtable_bytes},
        {"store_cache_bytes", "gauge", "Bytes of the block cache.", sizes.cache_bytes},
        {"store_free_bytes", "gauge", "Bytes free on the disk.", store_free_bytes(engine->store)},
        {"store_reserve_bytes", "gauge", "Bytes kept for consent and erasure.",
         store_reserve_bytes(engine->store)},
    };
    WRITE_METRICS(buf, metrics);
}

static void write_http(const struct api *api, struct buf *buf)
{
    struct http_counts counts = {0};
    if (api->server)
        http_server_counts(api->server, &counts);
    const struct metric metrics[] = {
        {"http_connections_open", "gauge", "Connections open.", counts.connections_open},
        {"http_connections_total", "counter", "Connections accepted.", counts.connections_total},
        {"http_refused_malformed_total", "counter", "Requests refused as malformed.",
         counts.refused_malformed},
        {"http_refused_overload_total", "counter", "Requests refused for overload.",
         counts.refused_overload},
        {"http_closed_slow_total", "counter", "Connections closed for slowness.",
         counts.closed_slow},
        {"http_received_bytes_total", "counter", "Bytes in.", counts.bytes_in},
        {"http_sent_bytes_total", "counter", "Bytes out.", counts.bytes_out},
    };
    WRITE_METRICS(buf, metrics);
}

void api_metrics(void *context, struct http_request *request)
{
    struct api *api = context;
    struct buf body;
    buf_init(&body, METRICS_BYTES_MAX);
    const struct metric start = {"start_time_seconds", "gauge", "When the process started.",
                                 (uint64_t)(api->started_ms / MS_PER_SECOND)};
    write_metric(&body, &start);
    write_requests(&api->counts, &body);
    write_api(&api->counts, &body);
    write_ledger(api->engine, &body);
    write_people(api->engine, &body);
    write_models(api->engine, &body);
    write_rebuilds(api->engine, &body);
    write_store(api->engine, &body);
    write_http(api, &body);
    http_respond(request, &(struct http_response){.code = 200,
                                                  .content_type = "text/plain; version=0.0.4",
                                                  .body = buf_slice(&body)});
    buf_done(&body);
}
