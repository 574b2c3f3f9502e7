#include "api/user_row.h"

#include "base/hash.h"
#include "base/json.h"
#include "base/json_out.h"
#include "base/seal.h"

enum { SEALED_BYTES_MAX = 256 };

/* --- names ------------------------------------------------------------------------------------ */

bool user_name_read(struct slice text, char out_name[USER_NAME_BYTES_MAX + 1])
{
    if (text.size == 0 || text.size > USER_NAME_BYTES_MAX)
        return false;
    char name[USER_NAME_BYTES_MAX + 1] = {0};
    for (size_t i = 0; i < text.size; i++) {
        char c = text.data[i];
        if (c >= 'A' && c <= 'Z')
            c = (char)(c - 'A' + 'a');
        bool letter = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
        if (!letter && (c == '\0' || !strchr("._+-@", c) || i == 0))
            return false;
        name[i] = c;
    }
    memcpy(out_name, name, sizeof name);
    return true;
}

bool user_sees(const struct user *user, uint32_t workspace)
{
    bool sees = user->workspace_count == 0;
    for (size_t i = 0; i < user->workspace_count && !sees; i++)
        sees = user->workspaces[i] == workspace;
    return sees;
}

/* --- reading ---------------------------------------------------------------------------------- */

static bool read_hash(struct slice hex, const uint8_t secret[32], struct arena *arena,
                      struct user *user)
{
    uint8_t sealed[SEALED_BYTES_MAX];
    struct slice plain;
    if (hex.size / 2 > sizeof sealed || !hash_from_hex(hex, sealed, hex.size / 2) ||
        !seal_open(secret, slice_make(sealed, hex.size / 2), arena, &plain) ||
        plain.size >= sizeof user->phc)
        return false;
    memcpy(user->phc, plain.data, plain.size);
    return true;
}

static bool read_workspaces(const struct json *ids, struct user *user)
{
    if (!json_is(ids, JSON_ARRAY) || ids->count > USER_WORKSPACES_MAX)
        return false;
    for (size_t i = 0; i < ids->count; i++) {
        const struct json *id = &ids->elements[i];
        if (!json_is(id, JSON_INTEGER) || id->integer < 1 || id->integer > UINT32_MAX)
            return false;
        user->workspaces[i] = (uint32_t)id->integer;
    }
    user->workspace_count = ids->count;
    return true;
}

enum status user_row_read(struct slice row, const uint8_t secret[32], struct arena *arena,
                          struct user *out_user)
{
    const struct json *json;
    if (json_parse(arena, row, &json, NULL) != STATUS_OK)
        return STATUS_CORRUPT;
    struct user user = {
        .id = (uint64_t)json_get_int(json, "id", 0),
        .locale = locale_from_text(json_get_text(json, "locale"), LOCALE_FR),
        .disabled = json_get_bool(json, "disabled", false),
        .created_ms = json_get_int(json, "created", 0),
        .epoch = (uint64_t)json_get_int(json, "epoch", 0),
    };
    user.invited_until_ms = json_get_int(json, "invitedUntil", 0);
    struct slice invitation = json_get_text(json, "invitation");
    if (user.id == 0 || (invitation.size && !hash_from_hex(invitation, user.invitation, 32)) ||
        !user_name_read(json_get_text(json, "name"), user.name) ||
        !role_from_name(json_get_text(json, "role"), &user.role) ||
        !read_workspaces(json_get(json, "workspaces"), &user) ||
        !read_hash(json_get_text(json, "password"), secret, arena, &user))
        return STATUS_CORRUPT;
    *out_user = user;
    return STATUS_OK;
}

/* --- writing ---------------------------------------------------------------------------------- */

static void write_hash(struct json_out *out, const uint8_t secret[32], const struct user *user)
{
    struct buf sealed;
    char hex[2 * SEALED_BYTES_MAX + 1];
    buf_init(&sealed, SEALED_BYTES_MAX);
    seal(secret, slice_of(user->phc), &sealed);
    hash_to_hex((const uint8_t *)sealed.data, sealed.size, hex);
    JSON_STRING_MEMBER(out, "password", slice_of(hex));
    buf_done(&sealed);
}

void user_row_write(const struct user *user, const uint8_t secret[32], struct buf *buf)
{
    struct json_out out = json_out(buf);
    json_object(&out);
    JSON_INT_MEMBER(&out, "id", (int64_t)user->id);
    JSON_STRING_MEMBER(&out, "name", slice_of(user->name));
    JSON_STRING_MEMBER(&out, "role", slice_of(role_name(user->role)));
    JSON_STRING_MEMBER(&out, "locale", slice_of(locale_name(user->locale)));
    JSON_BOOL_MEMBER(&out, "disabled", user->disabled);
    JSON_INT_MEMBER(&out, "created", user->created_ms);
    JSON_INT_MEMBER(&out, "epoch", (int64_t)user->epoch);
    json_name(&out, "workspaces");
    json_array(&out);
    for (size_t i = 0; i < user->workspace_count; i++)
        json_int(&out, user->workspaces[i]);
    json_end(&out);
    write_hash(&out, secret, user);
    if (user->invited_until_ms) {
        char hex[65];
        hash_to_hex(user->invitation, sizeof user->invitation, hex);
        JSON_STRING_MEMBER(&out, "invitation", slice_of(hex));
        JSON_INT_MEMBER(&out, "invitedUntil", user->invited_until_ms);
    }
    json_end(&out);
}
