/* API keys as text: how they are made, recognised and hashed, and what their scopes are called.
 * Pure but for randomness. */
#ifndef VISAVIS_API_KEYS_H
#define VISAVIS_API_KEYS_H

#include "base/diag.h"
#include "base/slice.h"

enum { KEY_TEXT_MAX = 96, KEY_HINT_SIZE = 12, KEY_HASH_SIZE = 32, KEY_NAME_BYTES_MAX = 80 };

/* What a secret key may do; a write key may collect and decide, no more. */
enum scope {
    SCOPE_EVENTS_WRITE,
    SCOPE_DECIDE,
    SCOPE_CATALOG_WRITE,
    SCOPE_PLACEMENTS_WRITE,
    SCOPE_PROFILES_READ,
    SCOPE_CONSENT_WRITE,
    SCOPE_ERASE,
    SCOPE_DECISIONS_READ,
    SCOPE_STREAM_READ,
    SCOPE_EVENTS_READ,
    SCOPE_AUDIT_READ,
    /* what the console changes of the installation; a key has the first two only where it was said
     * by name, and users never */
    SCOPE_SETTINGS_WRITE,
    SCOPE_KEYS_WRITE,
    SCOPE_USERS_WRITE,
    SCOPE_IMPORTS_WRITE, /* files of people, events and orders, as the shop's word; by name too */
    SCOPE_COUNT
};

enum {
    SCOPES_OF_SECRET_KEY = (1 << SCOPE_SETTINGS_WRITE) - 1, /* when none is named */
    SCOPES_OF_WRITE_KEY = 1 << SCOPE_EVENTS_WRITE | 1 << SCOPE_DECIDE
};

const char *scope_name(enum scope scope); /* "events:write" */
bool scope_from_name(struct slice name, enum scope *out_scope);

/* A new key: vv_wk_ and 32, or vv_sk_ and 64 characters of [0-9A-Za-z], then 6 hex digits of
 * checksum so that secret scanners can tell one from noise. */
void key_make(bool secret, char out_text[KEY_TEXT_MAX]);
/* Right prefix, length and checksum? */
bool key_is_well_formed(struct slice text, bool *out_secret);
/* As browsers send it: scheme://host[:port], nothing behind; or * for all. */
enum status origin_check(struct slice origin, struct diag *diag) MUST_CHECK;
void key_hash(struct slice text, uint8_t out_hash[KEY_HASH_SIZE]);

#endif
