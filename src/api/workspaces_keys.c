/* A workspace made with its first keys; keys added, replaced and revoked. */
#include "api/workspaces_private.h"

#include "base/clock.h"

#include <stdlib.h>

/* What stands in a shop's pages, for anybody to read. */
static bool is_public(const struct key_wish *wish)
{
    return !wish->secret && wish->origin_count > 0;
}

static enum status add_key(struct workspace *workspace, const struct key_wish *wish,
                           const char *text, struct arena *arena)
{
    struct api_key *keys = ARENA_ARRAY(arena, workspace->key_count + 1, struct api_key);
    if (workspace->key_count)
        memcpy(keys, workspace->keys, workspace->key_count * sizeof *keys);
    struct api_key *key = &keys[workspace->key_count];
    *key = (struct api_key){
        .id = arena_format(arena, "k%u", workspace->next_key++),
        .hint = slice_first(slice_of(text), KEY_HINT_SIZE),
        .name = wish->name,
        .text = is_public(wish) ? slice_of(text) : SLICE_NONE,
        .made_by = wish->by,
        .created_ms = clock_now_ms(),
        .expires_ms = wish->expires_ms,
        .secret = wish->secret,
        .scopes = !wish->secret  ? SCOPES_OF_WRITE_KEY
                  : wish->scopes ? wish->scopes
                                 : SCOPES_OF_SECRET_KEY,
        .origins = wish->origins,
        .origin_count = wish->origin_count,
    };
    for (size_t i = 0; wish->replaces.size && i < workspace->key_count; i++)
        if (slice_equal(keys[i].id, wish->replaces))
            key->source = keys[i].source;
    if (wish->replaces.size && key->source == 0)
        return STATUS_NOT_FOUND;
    if (key->source == 0)
        key->source = workspace->next_source++;
    key_hash(slice_of(text), key->hash);
    workspace->keys = keys;
    workspace->key_count++;
    return STATUS_OK;
}

static enum status edit_create(struct change *change, struct workspace *workspace,
                               struct arena *arena)
{
    workspace->name = change->wish->name;
    workspace->timezone = change->wish->timezone;
    workspace->currency = change->wish->currency;
    workspace->locale = change->wish->locale;
    change_tell(change, "%.*s", SLICE_ARG(workspace->name));
    const struct key_wish write_key = {.secret = false, .by = change->wish->by},
                          secret_key = {.secret = true, .by = change->wish->by};
    enum status status = add_key(workspace, &write_key, change->key_texts[0], arena);
    return status == STATUS_OK ? add_key(workspace, &secret_key, change->key_texts[1], arena)
                               : status;
}

/* Revoked keys leave when room is needed; their ids are not used again. */
static void drop_revoked(struct workspace *workspace)
{
    struct api_key *keys = (struct api_key *)workspace->keys;
    size_t kept = 0;
    for (size_t i = 0; i < workspace->key_count; i++)
        if (workspace->key_count < KEYS_PER_WORKSPACE_MAX || !keys[i].revoked)
            keys[kept++] = keys[i];
    workspace->key_count = kept;
}

static enum status edit_add_key(struct change *change, struct workspace *workspace,
                                struct arena *arena)
{
    drop_revoked(workspace);
    if (workspace->key_count >= KEYS_PER_WORKSPACE_MAX)
        return diag_set(change->diag, STATUS_TOO_LARGE, "", "At most %d keys are kept",
                        KEYS_PER_WORKSPACE_MAX);
    const struct key_wish *wish = change->key_wish;
    enum status status = add_key(workspace, wish, change->key_texts[0], arena);
    if (status != STATUS_OK)
        return diag_set(change->diag, status, "/replaces", "There is no key of this id to replace");
    change_tell(change, "%.*s, %s%s%.*s", SLICE_ARG(workspace->keys[workspace->key_count - 1].id),
                wish->secret ? "secret" : "write", wish->replaces.size ? ", replaces " : "",
                SLICE_ARG(wish->replaces));
    return STATUS_OK;
}

static struct api_key *find_key(const struct change *change, const struct workspace *workspace)
{
    for (size_t i = 0; i < workspace->key_count; i++)
        if (slice_equal(workspace->keys[i].id, change->key_id))
            return (struct api_key *)&workspace->keys[i];
    (void)diag_set(change->diag, STATUS_NOT_FOUND, "", "There is no key of this id");
    return NULL;
}

static enum status edit_revoke(struct change *change, struct workspace *workspace,
                               struct arena *arena)
{
    (void)arena;
    struct api_key *key = find_key(change, workspace);
    if (!key)
        return STATUS_NOT_FOUND;
    key->revoked = true;
    change_tell(change, "%.*s", SLICE_ARG(key->id));
    return STATUS_OK;
}

/* One more, unless it is there. */
static enum status add_origin(const struct change *change, struct api_key *key, struct slice origin,
                              struct arena *arena)
{
    struct slice *origins = ARENA_ARRAY(arena, key->origin_count + 1, struct slice);
    for (size_t i = 0; i < key->origin_count; i++) {
        if (slice_equal(key->origins[i], origin))
            return STATUS_OK;
        origins[i] = key->origins[i];
    }
    if (key->origin_count >= ORIGINS_PER_KEY_MAX)
        return diag_set(change->diag, STATUS_TOO_LARGE, "/addOrigin",
                        "At most %d origins are kept for a key", ORIGINS_PER_KEY_MAX);
    origins[key->origin_count++] = origin;
    key->origins = origins;
    return STATUS_OK;
}

static enum status edit_origins(const struct change *change, struct api_key *key,
                                struct arena *arena)
{
    const struct key_edit *edit = change->key_edit;
    if (!edit->origins && !edit->add_origin.size)
        return STATUS_OK;
    if (key->secret)
        return diag_set(change->diag, STATUS_INVALID, "/origins",
                        "A secret key has no origins: it must never reach a browser");
    if (edit->origins && edit->origin_count == 0 && key->origin_count > 0)
        return diag_set(change->diag, STATUS_INVALID, "/origins",
                        "This key stands in pages that anybody reads: without origins it would be "
                        "believed as a server's. Name one, or revoke it");
    if (edit->origins) {
        key->origins = edit->origins;
        key->origin_count = edit->origin_count;
    }
    return edit->add_origin.size ? add_origin(change, key, edit->add_origin, arena) : STATUS_OK;
}

static enum status edit_key(struct change *change, struct workspace *workspace, struct arena *arena)
{
    struct api_key *key = find_key(change, workspace);
    if (!key)
        return STATUS_NOT_FOUND;
    if (key->revoked)
        return diag_set(change->diag, STATUS_CONFLICT, "", "This key is revoked; make another one");
    size_t before = key->origin_count;
    enum status status = edit_origins(change, key, arena);
    if (status == STATUS_OK && change->key_edit->name)
        key->name = *change->key_edit->name;
    change_tell(change, "%.*s, origins %zu, were %zu", SLICE_ARG(key->id), key->origin_count,
                before);
    return status;
}

static bool name_is_clean(struct slice name)
{
    bool clean = name.size > 0 && name.size <= 64;
    for (size_t i = 0; clean && i < name.size; i++) {
        char c = name.data[i];
        clean = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
    }
    return clean;
}

enum status workspaces_create(struct workspaces *workspaces, const struct workspace_wish *wish,
                              char out_write_key[KEY_TEXT_MAX], char out_secret_key[KEY_TEXT_MAX],
                              struct diag *diag)
{
    if (!name_is_clean(wish->name))
        return diag_set(diag, STATUS_INVALID, "/workspace",
                        "A workspace's name is 1 to 64 of a-z, 0-9, - and _");
    char write_key[KEY_TEXT_MAX], secret_key[KEY_TEXT_MAX];
    key_make(false, write_key);
    key_make(true, secret_key);
    struct change change = {
        .edit = edit_create, .diag = diag, .wish = wish, .key_texts = {write_key, secret_key}};
    enum status status = change_submit(workspaces, &change, AUDIT_WORKSPACE_CREATE, wish->by);
    if (status != STATUS_OK)
        return status;
    memcpy(out_write_key, write_key, KEY_TEXT_MAX);
    memcpy(out_secret_key, secret_key, KEY_TEXT_MAX);
    return STATUS_OK;
}

enum status workspaces_add_key(struct workspaces *workspaces, uint32_t workspace,
                               const struct key_wish *wish, char out_key[KEY_TEXT_MAX],
                               struct diag *diag)
{
    char text[KEY_TEXT_MAX];
    key_make(wish->secret, text);
    struct change change = {
        .id = workspace, .edit = edit_add_key, .diag = diag, .key_wish = wish, .key_texts = {text}};
    enum status status = change_submit(workspaces, &change, AUDIT_KEY_ADD, wish->by);
    if (status == STATUS_OK)
        memcpy(out_key, text, KEY_TEXT_MAX);
    return status;
}

enum status workspaces_edit_key(struct workspaces *workspaces, uint32_t workspace,
                                const struct key_edit *edit, struct diag *diag)
{
    struct change change = {
        .id = workspace, .edit = edit_key, .diag = diag, .key_id = edit->key_id, .key_edit = edit};
    return change_submit(workspaces, &change, AUDIT_KEY_CHANGE, edit->by);
}

enum status workspaces_revoke_key(struct workspaces *workspaces, uint32_t workspace,
                                  struct slice key_id, struct slice by, struct diag *diag)
{
    struct change change = {.id = workspace, .edit = edit_revoke, .diag = diag, .key_id = key_id};
    return change_submit(workspaces, &change, AUDIT_KEY_REVOKE, by);
}

static struct slice newest_key(struct workspaces *workspaces, uint32_t id, bool secret,
                               char room[32])
{
    const struct workspaces_snapshot *snapshot = workspaces_pin(workspaces);
    const struct workspace *workspace = workspaces_by_id(snapshot, id);
    struct slice found = SLICE_NONE;
    for (size_t i = 0; workspace && i < workspace->key_count; i++)
        if (workspace->keys[i].secret == secret && !workspace->keys[i].revoked)
            found = slice_first(workspace->keys[i].id, 31);
    if (found.size)
        memcpy(room, found.data, found.size);
    workspaces_unpin(snapshot);
    return slice_make(room, found.size);
}

enum status workspaces_replace_keys(struct workspaces *workspaces, uint32_t workspace,
                                    const struct key_wish *wish, char out_key[KEY_TEXT_MAX],
                                    struct diag *diag)
{
    char room[32];
    struct key_wish next = *wish;
    next.replaces = newest_key(workspaces, workspace, wish->secret, room);
    enum status status = workspaces_add_key(workspaces, workspace, &next, out_key, diag);
    return status == STATUS_OK && next.replaces.size
               ? workspaces_revoke_key(workspaces, workspace, next.replaces, wish->by, diag)
               : status;
}
