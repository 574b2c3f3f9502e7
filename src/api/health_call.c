/* /api/v1/health and /api/v1/backups: the machine and its copies. They concern every shop of the
 * installation, so they are for users who see every shop, and no key's. */
#include "api/backups.h"
#include "api/signed_in.h"

#include "base/clock.h"

#include <stdio.h>
#include <unistd.h>

enum { HEALTH_BYTES_MAX = 64 << 10 };

/* NULL: answered. */
static const struct signed_in *enter(struct api *api, struct http_request *request)
{
    const struct signed_in *signed_in = api_enter_signed_in(api, request);
    struct diag diag = {0};
    if (!signed_in || signed_in->user.workspace_count == 0)
        return signed_in;
    http_problem(request,
                 diag_set(&diag, STATUS_FORBIDDEN, "",
                          "This concerns every shop here; ask somebody who sees them all"),
                 &diag);
    return NULL;
}

/* --- health ----------------------------------------------------------------------------------- */

/* Resident; 0 where the system does not tell. */
static uint64_t process_bytes(void)
{
    unsigned long long all = 0, resident = 0;
    FILE *file = fopen("/proc/self/statm", "re");
    if (!file)
        return 0;
    bool read = fscanf(file, "%llu %llu", &all, &resident) == 2;
    fclose(file);
    return read ? resident * (uint64_t)sysconf(_SC_PAGESIZE) : 0;
}

static void write_disk(struct store *store, struct json_out *out)
{
    struct store_sizes sizes;
    store_sizes(store, &sizes);
    json_name(out, "disk");
    json_object(out);
    JSON_STRING_MEMBER(out, "directory", slice_of(store_directory(store)));
    JSON_INT_MEMBER(out, "storeBytes", (int64_t)sizes.disk_bytes);
    JSON_INT_MEMBER(out, "freeBytes", (int64_t)store_free_bytes(store));
    JSON_INT_MEMBER(out, "reserveBytes", (int64_t)store_reserve_bytes(store));
    json_end(out);
}

static void write_memory(const struct engine *engine, struct json_out *out)
{
    struct people_counts people;
    struct store_sizes sizes;
    people_counts(engine->people, &people);
    store_sizes(engine->store, &sizes);
    json_name(out, "memory");
    json_object(out);
    JSON_INT_MEMBER(out, "processBytes", (int64_t)process_bytes());
    JSON_INT_MEMBER(out, "profilesBytes", (int64_t)people.cached_bytes);
    JSON_INT_MEMBER(out, "cacheBytes", (int64_t)(sizes.cache_bytes + sizes.memtable_bytes));
    JSON_INT_MEMBER(out, "likenessBytes", (int64_t)assortments_bytes(engine->assortments));
    json_name(out, "models");
    json_array(out);
    for (int model = 0; model < MODEL_COUNT; model++) {
        json_object(out);
        JSON_STRING_MEMBER(out, "model", slice_of(learning_model_name((enum learning_model)model)));
        JSON_INT_MEMBER(out, "bytes",
                        (int64_t)learning_bytes(engine->learning, (enum learning_model)model));
        json_end(out);
    }
    json_end(out);
    json_end(out);
}

static void write_freshness(const struct engine *engine, struct json_out *out)
{
    struct rebuilding_counts rebuilt;
    struct catalog_counts catalog;
    rebuilding_counts(engine->rebuilding, &rebuilt);
    catalog_counts(engine->catalog, &catalog);
    json_name(out, "models");
    json_object(out);
    if (rebuilt.last_ms)
        JSON_TIME_MEMBER(out, "rebuilt", rebuilt.last_ms);
    JSON_INT_MEMBER(out, "rowsSince",
                    (int64_t)(ledger_sequence(engine->ledger) - rebuilt.last_sequence));
    JSON_BOOL_MEMBER(out, "underWay", rebuilt.bytes > 0);
    JSON_BOOL_MEMBER(out, "lastGivenUp", rebuilt.last_given_up);
    json_end(out);
    JSON_INT_MEMBER(out, "items", (int64_t)catalog.items);
}

static void write_traffic(const struct api *api, struct json_out *out)
{
    struct ledger_counts ledger;
    struct http_counts http = {0};
    ledger_counts(api->engine->ledger, &ledger);
    if (api->server)
        http_server_counts(api->server, &http);
    json_name(out, "ledger");
    json_object(out);
    JSON_INT_MEMBER(out, "sequence", (int64_t)ledger_sequence(api->engine->ledger));
    JSON_INT_MEMBER(out, "waiting", (int64_t)ledger.queue_entries);
    JSON_INT_MEMBER(out, "refusedForLoad", (int64_t)ledger.refused_overload);
    JSON_INT_MEMBER(out, "refusedForSpace", (int64_t)ledger.refused_space);
    json_end(out);
    json_name(out, "http");
    json_object(out);
    JSON_INT_MEMBER(out, "connections", (int64_t)http.connections_open);
    JSON_INT_MEMBER(out, "refusedForLoad", (int64_t)http.refused_overload);
    JSON_INT_MEMBER(out, "refusedForRate", (int64_t)atomic_load(&api->counts.rate_limited));
    json_end(out);
    json_name(out, "since");
    json_object(out);
    JSON_INT_MEMBER(out, "messages", (int64_t)atomic_load(&api->counts.messages_accepted));
    JSON_INT_MEMBER(out, "refused", (int64_t)atomic_load(&api->counts.messages_refused));
    JSON_INT_MEMBER(out, "decisions", (int64_t)atomic_load(&api->counts.decisions));
    JSON_INT_MEMBER(out, "fallbacks", (int64_t)atomic_load(&api->counts.decisions_fallback));
    json_end(out);
}

void api_health(void *context, struct http_request *request)
{
    struct api *api = context;
    if (!enter(api, request))
        return;
    struct store *store = api->engine->store;
    bool draining = atomic_load(&api->draining);
    bool full = store_free_bytes(store) < store_reserve_bytes(store);
    struct buf body;
    buf_init(&body, HEALTH_BYTES_MAX);
    struct json_out out = json_out(&body);
    json_object(&out);
    JSON_STRING_MEMBER(&out, "state",
                       draining ? SLICE("stopping")
                       : full   ? SLICE("disk_full")
                                : SLICE("ready"));
    JSON_STRING_MEMBER(&out, "version", SLICE(VISAVIS_VERSION));
    JSON_TIME_MEMBER(&out, "started", api->started_ms);
    JSON_TIME_MEMBER(&out, "now", clock_now_ms());
    write_disk(store, &out);
    write_memory(api->engine, &out);
    write_freshness(api->engine, &out);
    write_traffic(api, &out);
    json_end(&out);
    api_settle(request, STATUS_OK, NULL, &body);
}

/* --- backups ---------------------------------------------------------------------------------- */

static void answer_backups(struct api *api, struct http_request *request, enum status status,
                           const struct diag *diag)
{
    struct buf body;
    buf_init(&body, BACKUPS_BYTES_MAX);
    struct json_out out = json_out(&body);
    if (status == STATUS_OK)
        backups_write(api->backups, &out);
    api_settle(request, status, diag, &body);
}

/* One on its way: the audit is on the disk before a copy begins, and folders are looked at. */
struct backing {
    struct errand errand; /* first */
    struct api *api;
    struct http_request *request;
    const struct signed_in *signed_in;
};

static void run_list(struct errand *errand)
{
    struct backing *backing = (struct backing *)errand;
    answer_backups(backing->api, backing->request, STATUS_OK, NULL);
}

static void run_start(struct errand *errand)
{
    struct backing *backing = (struct backing *)errand;
    struct diag diag = {0};
    struct slice by =
        arena_format(backing->request->arena, "user:%s", backing->signed_in->user.name);
    enum status status = backups_start(backing->api->backups, by, &diag);
    answer_backups(backing->api, backing->request, status, &diag);
}

static void run_check(struct errand *errand)
{
    struct backing *backing = (struct backing *)errand;
    struct diag diag = {0};
    enum status status =
        backups_check(backing->api->backups, backing->request->parameters[0], &diag);
    answer_backups(backing->api, backing->request, status, &diag);
}

static void begin(void *context, struct http_request *request, void (*run)(struct errand *errand))
{
    struct backing *backing = ARENA_NEW(request->arena, struct backing);
    *backing = (struct backing){.errand.run = run, .api = context, .request = request};
    backing->signed_in = enter(backing->api, request);
    if (!backing->signed_in)
        return;
    enum status status = errands_add(backing->api->chores, &backing->errand);
    if (status != STATUS_OK)
        http_problem(request, status, NULL);
}

void api_backups_list(void *context, struct http_request *request)
{
    begin(context, request, run_list);
}

void api_backup_start(void *context, struct http_request *request)
{
    begin(context, request, run_start);
}

void api_backup_check(void *context, struct http_request *request)
{
    begin(context, request, run_check);
}
