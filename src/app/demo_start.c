#include "app/demo_start.h"

#include "api/user_making.h"
#include "app/demo.h"
#include "base/clock.h"

#include <stdio.h>

static const struct slice demo_name = SLICE_INIT(DEMO_WORKSPACE);

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
    out_keys->fresh = id == 0;
    if (id == 0)
        return make(engine, out_keys, diag);
    enum status status = is_filled(engine) ? STATUS_OK : demo_fill(engine, id, diag);
    return status == STATUS_OK ? renew_keys(engine, id, out_keys, diag) : status;
}

/* --- what is printed -------------------------------------------------------------------------- */

/* Where somebody at this machine opens it; a session's cookie wants HTTPS or localhost. */
static struct slice open_at(struct arena *arena, struct slice url)
{
    static const char *const here[] = {
        "http://127.0.0.1:", "http://0.0.0.0:", "http://[::1]:", "http://[::]:"};
    for (size_t i = 0; i < sizeof here / sizeof *here; i++)
        if (slice_starts_with(url, slice_of(here[i])))
            return arena_format(arena, "http://localhost:%.*s",
                                SLICE_ARG(slice_from(url, strlen(here[i]))));
    return url;
}

/* Of an owner who may sign in; empty: there is none. */
static void make_link(struct engine *engine, char out_token[SESSION_SECRET_SIZE])
{
    struct arena arena;
    struct user *users;
    struct diag diag;
    enum status status = STATUS_NOT_FOUND;
    arena_init(&arena);
    size_t count = users_all(engine->users, &arena, &users);
    for (size_t i = 0; i < count && status != STATUS_OK; i++)
        if (users[i].role == USER_ROLE_OWNER)
            status = user_make_link(engine, slice_of(users[i].name), SLICE("command:demo"),
                                    out_token, &diag);
    if (status != STATUS_OK)
        out_token[0] = '\0';
    arena_done(&arena);
}

struct told {
    const struct demo_keys *keys;
    struct slice url, shown; /* as it listens, and where somebody opens it */
    char token[SESSION_SECRET_SIZE];
};

static void tell_json(const struct told *told)
{
    struct buf line;
    buf_init(&line, 4096);
    struct json_out out = json_out(&line);
    json_object(&out);
    JSON_STRING_MEMBER(&out, "url", told->url);
    JSON_STRING_MEMBER(&out, "workspace", demo_name);
    JSON_STRING_MEMBER(&out, "write_key", slice_of(told->keys->write_key));
    JSON_STRING_MEMBER(&out, "secret_key", slice_of(told->keys->secret_key));
    JSON_STRING_MEMBER(&out, "token", slice_of(told->token));
    json_end(&out);
    printf("%.*s\n", SLICE_ARG(buf_slice(&line)));
    buf_done(&line);
}

static void tell_calls(const struct told *told)
{
    const struct demo_keys *keys = told->keys;
    printf("Try, in another terminal:\n\n"
           "  curl %.*s/v1/track -u %s: -H 'content-type: application/json' \\\n"
           "    -d '{\"anonymousId\":\"ada\",\"event\":\"Product Viewed\","
           "\"properties\":{\"product_id\":\"%s\"},"
           "\"context\":{\"consent\":{\"categoryPreferences\":{\"personalise\":true}}}}'\n\n",
           SLICE_ARG(told->url), keys->write_key, DEMO_ITEM);
    printf("  curl %.*s/v1/decide -u %s: -H 'content-type: application/json' \\\n"
           "    -d "
           "'{\"user\":{\"anonymousId\":\"ada\"},\"context\":{\"page\":{\"type\":\"product\","
           "\"itemId\":\"%s\"}},\"placements\":[{\"id\":\"%s\",\"count\":3}]}'\n\n",
           SLICE_ARG(told->url), keys->write_key, DEMO_ITEM, DEMO_PLACEMENT);
    printf("  curl '%.*s/v1/decisions/ID?as=shopper&lang=fr' -u %s:\n"
           "    (ID: the id that decide answered)\n\n",
           SLICE_ARG(told->url), keys->secret_key);
}

static void tell_text(const struct told *told)
{
    const struct demo_keys *keys = told->keys;
    printf("\nVisavis %s: the demo shop is open (its visitors are simulated).\n\n"
           "  page of moments   %.*s/#key=%s\n"
           "  write key         %s\n"
           "  secret key        %s\n\n",
           VISAVIS_VERSION, SLICE_ARG(told->url), keys->secret_key, keys->write_key,
           keys->secret_key);
    tell_calls(told);
    printf("Open:\n\n"
           "  shop              %.*s/shop/\n"
           "  console           %.*s/console/\n",
           SLICE_ARG(told->shown), SLICE_ARG(told->shown));
    if (told->token[0])
        printf("  sign in           %.*s" LOGIN_LINK_PATH "%s\n"
               "                    (once, within %d minutes; another at the next start)\n",
               SLICE_ARG(told->shown), told->token, (int)(LOGIN_LINK_MS / MS_PER_MINUTE));
}

void demo_tell(struct engine *engine, const struct demo_keys *keys, struct slice url, bool json)
{
    struct arena arena;
    arena_init(&arena);
    struct told told = {.keys = keys, .url = url, .shown = open_at(&arena, url)};
    make_link(engine, told.token);
    if (json)
        tell_json(&told);
    else
        tell_text(&told);
    fflush(stdout);
    arena_done(&arena);
}
