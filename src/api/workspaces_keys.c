/* A workspace made with its first keys; keys added, replaced and revoked. */
#include "api/workspaces_private.h"

#include <stdlib.h>

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
    static const struct key_wish write_key = {.secret = false}, secret_key = {.secret = true};
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

static enum status edit_revoke(struct change *change, struct workspace *workspace,
                               struct arena *arena)
{
    (void)arena;
    struct api_key *keys = (struct api_key *)workspace->keys;
    for (size_t i = 0; i < workspace->key_count; i++) {
        if (slice_equal(keys[i].id, change->key_id)) {
            keys[i].revoked = true;
            change_tell(change, "%.*s", SLICE_ARG(keys[i].id));
            return STATUS_OK;
        }
    }
    return diag_set(change->diag, STATUS_NOT_FOUND, "", "There is no key of this id");
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
