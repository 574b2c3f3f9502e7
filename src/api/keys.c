#include "api/keys.h"

#include "base/hash.h"
#include "base/random.h"

#include <assert.h>
#include <stdio.h>

static const char *const scope_names[SCOPE_COUNT] = {
    [SCOPE_EVENTS_WRITE] = "events:write",
    [SCOPE_DECIDE] = "decide",
    [SCOPE_CATALOG_WRITE] = "catalog:write",
    [SCOPE_PLACEMENTS_WRITE] = "placements:write",
    [SCOPE_PROFILES_READ] = "profiles:read",
    [SCOPE_CONSENT_WRITE] = "consent:write",
    [SCOPE_ERASE] = "erase",
    [SCOPE_DECISIONS_READ] = "decisions:read",
    [SCOPE_STREAM_READ] = "stream:read",
    [SCOPE_EVENTS_READ] = "events:read",
    [SCOPE_AUDIT_READ] = "audit:read",
    [SCOPE_SETTINGS_WRITE] = "settings:write",
    [SCOPE_KEYS_WRITE] = "keys:write",
    [SCOPE_USERS_WRITE] = "users:write",
    [SCOPE_IMPORTS_WRITE] = "imports:write",
};

const char *scope_name(enum scope scope)
{
    assert(scope < SCOPE_COUNT);
    return scope_names[scope];
}

bool scope_from_name(struct slice name, enum scope *out_scope)
{
    for (int scope = 0; scope < SCOPE_COUNT; scope++) {
        if (slice_is(name, scope_names[scope])) {
            *out_scope = (enum scope)scope;
            return true;
        }
    }
    return false;
}

enum { PREFIX_SIZE = 6, WRITE_SIZE = 32, SECRET_SIZE = 64, CHECK_SIZE = 6 };

static const char *prefix_of(bool secret)
{
    return secret ? "vv_sk_" : "vv_wk_";
}

static void checksum(struct slice text, char out_text[CHECK_SIZE + 1])
{
    snprintf(out_text, CHECK_SIZE + 1, "%06x", (unsigned)(hash64(text) & 0xffffff));
}

void key_make(bool secret, char out_text[KEY_TEXT_MAX])
{
    static const char alphabet[] = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    const size_t size = secret ? SECRET_SIZE : WRITE_SIZE;
    memcpy(out_text, prefix_of(secret), PREFIX_SIZE);
    for (size_t i = 0; i < size;) {
        uint8_t byte;
        random_bytes(&byte, 1);
        if (byte < 248) /* 4 × 62: every character as likely */
            out_text[PREFIX_SIZE + i++] = alphabet[byte % 62];
    }
    checksum(slice_make(out_text, PREFIX_SIZE + size), out_text + PREFIX_SIZE + size);
}

bool key_is_well_formed(struct slice text, bool *out_secret)
{
    bool secret = slice_starts_with(text, slice_of(prefix_of(true)));
    if (!secret && !slice_starts_with(text, slice_of(prefix_of(false))))
        return false;
    size_t size = PREFIX_SIZE + (secret ? SECRET_SIZE : WRITE_SIZE);
    if (text.size != size + CHECK_SIZE)
        return false;
    char check[CHECK_SIZE + 1];
    checksum(slice_first(text, size), check);
    *out_secret = secret;
    return slice_is(slice_from(text, size), check);
}

void key_hash(struct slice text, uint8_t out_hash[KEY_HASH_SIZE])
{
    hash_sha256(text, out_hash);
}

enum status origin_check(struct slice origin, struct diag *diag)
{
    struct slice scheme = SLICE_NONE, host = SLICE_NONE;
    bool good = slice_is(origin, "*") || (slice_cut(origin, ':', &scheme, &host) && scheme.size &&
                                          slice_starts_with(host, SLICE("//")) && host.size > 2);
    for (size_t i = 0; i < origin.size; i++) {
        char byte = origin.data[i];
        good = good && byte > ' ' && byte < 127 && (byte < 'A' || byte > 'Z');
    }
    for (size_t i = 2; i < host.size; i++)
        good = good && host.data[i] != '/' && host.data[i] != '?' && host.data[i] != '#';
    return good
               ? STATUS_OK
               : diag_set(diag, STATUS_INVALID, "/origin",
                          "\"%.*s\" is no origin as browsers send it, such as https://shop.example",
                          SLICE_ARG(origin));
}
