#include "app/demo_start.h"

#include "app/demo.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>

static const struct slice demo_name = SLICE_INIT("demo");

static uint32_t find_workspace(struct engine *engine)
{
    const struct workspaces_snapshot *snapshot = workspaces_pin(engine->workspaces);
    const struct workspace *workspace = workspaces_by_name(snapshot, demo_name);
    uint32_t id = workspace ? workspace->id : 0;
    workspaces_unpin(snapshot);
    return id;
}

/* A first start that was cut short left the workspace without placements, which come last. */
static bool is_filled(struct engine *engine)
{
    const struct workspaces_snapshot *snapshot = workspaces_pin(engine->workspaces);
    const struct workspace *workspace = workspaces_by_name(snapshot, demo_name);
    bool filled = workspace && workspace->policy->version > 0;
    workspaces_unpin(snapshot);
    return filled;
}

static enum status make(struct engine *engine, struct demo_keys *keys, struct diag *diag)
{
    struct workspace_wish wish = {demo_name, SLICE("Europe/Paris"), SLICE("EUR"), LOCALE_FR,
                                  SLICE("command:demo")};
    enum status status =
        workspaces_create(engine->workspaces, &wish, keys->write_key, keys->secret_key, diag);
    return status == STATUS_OK ? demo_fill(engine, find_workspace(engine), diag) : status;
}

/* The two keys of the last start make room for two new ones. */
static enum status renew_keys(struct engine *engine, uint32_t id, struct demo_keys *keys,
                              struct diag *diag)
{
    struct key_wish wishes[] = {{.secret = false, .by = SLICE("command:demo")},
                                {.secret = true, .by = SLICE("command:demo")}};
    char *texts[] = {keys->write_key, keys->secret_key};
    enum status status = STATUS_OK;
    for (int i = 0; i < 2 && status == STATUS_OK; i++)
        status = workspaces_replace_keys(engine->workspaces, id, &wishes[i], texts[i], diag);
    return status;
}

enum status demo_prepare(struct engine *engine, struct demo_keys *out_keys, struct diag *diag)
{
    uint32_t id = find_workspace(engine);
    if (id == 0)
        return make(engine, out_keys, diag);
    enum status status = is_filled(engine) ? STATUS_OK : demo_fill(engine, id, diag);
    return status == STATUS_OK ? renew_keys(engine, id, out_keys, diag) : status;
}

static void tell_json(const struct demo_keys *keys, struct slice url)
{
    struct buf line;
    buf_init(&line, 4096);
    struct json_out out = json_out(&line);
    json_object(&out);
    JSON_STRING_MEMBER(&out, "url", url);
    JSON_STRING_MEMBER(&out, "workspace", demo_name);
    JSON_STRING_MEMBER(&out, "write_key", slice_of(keys->write_key));
    JSON_STRING_MEMBER(&out, "secret_key", slice_of(keys->secret_key));
    json_end(&out);
    printf("%.*s\n", SLICE_ARG(buf_slice(&line)));
    buf_done(&line);
}

void demo_tell(const struct demo_keys *keys, struct slice url, bool json)
{
    if (json) {
        tell_json(keys, url);
    } else {
        printf("\nVisavis %s: the demo shop is open (its visitors are simulated).\n\n"
               "  shop              %.*s/shop/\n"
               "  page of moments   %.*s/#key=%s\n"
               "  write key         %s\n"
               "  secret key        %s\n\n",
               VISAVIS_VERSION, SLICE_ARG(url), SLICE_ARG(url), keys->secret_key, keys->write_key,
               keys->secret_key);
        printf("Try, in another terminal:\n\n"
               "  curl %.*s/v1/track -u %s: -H 'content-type: application/json' \\\n"
               "    -d '{\"anonymousId\":\"ada\",\"event\":\"Product Viewed\","
               "\"properties\":{\"product_id\":\"%s\"},"
               "\"context\":{\"consent\":{\"categoryPreferences\":{\"personalise\":true}}}}'\n\n",
               SLICE_ARG(url), keys->write_key, DEMO_ITEM);
        printf("  curl %.*s/v1/decide -u %s: -H 'content-type: application/json' \\\n"
               "    -d "
               "'{\"user\":{\"anonymousId\":\"ada\"},\"context\":{\"page\":{\"type\":\"product\","
               "\"itemId\":\"%s\"}},\"placements\":[{\"id\":\"%s\",\"count\":3}]}'\n\n",
               SLICE_ARG(url), keys->write_key, DEMO_ITEM, DEMO_PLACEMENT);
        printf("  curl '%.*s/v1/decisions/ID?as=shopper&lang=fr' -u %s:\n"
               "    (ID: the id that decide answered)\n\n",
               SLICE_ARG(url), keys->secret_key);
    }
    fflush(stdout);
}

/* --- visitors --------------------------------------------------------------------------------- */

struct demo_live {
    pthread_t thread;
    atomic_bool stop;
    unsigned port;
    char write_key[KEY_TEXT_MAX];
};

static void *run(void *context)
{
    struct demo_live *live = context;
    demo_run_live("127.0.0.1", live->port, live->write_key, &live->stop);
    return NULL;
}

struct demo_live *demo_live_start(unsigned port, const char *write_key)
{
    struct demo_live *live = must_alloc_zero(1, sizeof *live);
    live->port = port;
    memcpy(live->write_key, write_key, KEY_TEXT_MAX);
    if (pthread_create(&live->thread, NULL, run, live) == 0)
        return live;
    free(live);
    return NULL;
}

void demo_live_stop(struct demo_live *live)
{
    if (!live)
        return;
    atomic_store(&live->stop, true);
    pthread_join(live->thread, NULL);
    free(live);
}
