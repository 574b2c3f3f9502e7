/* The shops: their settings, keys and published policies, as one immutable snapshot of all of
 * them.
 *
 * A change is a ledger entry of kind `config`; the ledger thread alone holds the master texts
 * and publishes a new snapshot after the sync. Readers pin. Each publish of placements is a new
 * policy version, kept for ever under its number. Keys: 32 characters for a write key, 64 for a
 * secret key; only the SHA-256 of a key is kept, and sealed. Because a secret key is longer than
 * a SHA-256 block, HMAC under the key equals HMAC under that hash (RFC 2104), so a user
 * signature is checked without the key. */
#ifndef VISAVIS_API_WORKSPACES_H
#define VISAVIS_API_WORKSPACES_H

#include "api/keys.h"
#include "base/locale.h"
#include "catalog/category_map.h"
#include "decide/decide.h"
#include "ledger/ledger.h"
#include "person/intake.h"

struct api_key {
    struct slice id;      /* "k1": names it in lists and for revocation */
    struct slice hint;    /* first characters, to recognise it by */
    struct slice name;    /* what its maker calls it; may be empty */
    struct slice text;    /* of a browser's key; else empty */
    struct slice made_by; /* "user:ada"; empty for those that were made before it was kept */
    int64_t created_ms, expires_ms; /* 0: not known; never */
    bool secret;
    uint32_t source; /* stable identity for dedup; a rotated key takes over its predecessor's */
    uint8_t hash[KEY_HASH_SIZE]; /* SHA-256 of the text */
    uint32_t scopes;             /* bit per enum scope */
    const struct slice *origins; /* of a write key: makes it a browser key */
    size_t origin_count;
    bool revoked;
};

struct workspace {
    uint32_t id;
    struct slice name, timezone, currency;
    enum locale locale;
    bool cmp_filters_before;
    const struct intake_category *categories;
    size_t category_count;
    struct category_map category_map;
    const struct api_key *keys;
    size_t key_count;
    uint32_t next_source, next_key;
    const struct policy *policy; /* the published one; version 0 and empty at first */
};

/* Neither revoked nor past its end. */
bool key_lives(const struct api_key *key);
/* A write key that lives and is bound to this origin (or to "*"). */
bool key_allows_origin(const struct api_key *key, struct slice origin);

struct workspaces;
struct workspaces_snapshot;

enum status workspaces_open(struct store *store, struct ledger *ledger,
                            struct workspaces **out_workspaces, struct diag *diag) MUST_CHECK;
void workspaces_close(struct workspaces *workspaces);

const struct workspaces_snapshot *workspaces_pin(struct workspaces *workspaces);
void workspaces_unpin(const struct workspaces_snapshot *snapshot);
size_t workspaces_count(const struct workspaces_snapshot *snapshot);
const struct workspace *workspaces_at(const struct workspaces_snapshot *snapshot, size_t index);
const struct workspace *workspaces_by_name(const struct workspaces_snapshot *snapshot,
                                           struct slice name);
const struct workspace *workspaces_by_id(const struct workspaces_snapshot *snapshot, uint32_t id);
/* Whose key is it? False for an unknown or revoked one. */
bool workspaces_by_key(const struct workspaces_snapshot *snapshot, struct slice key_text,
                       const struct workspace **out_workspace, const struct api_key **out_key);

/* Any version ever published, for replays. STATUS_NOT_FOUND. */
enum status workspaces_policy(struct store *store, uint32_t workspace, uint32_t version,
                              struct arena *arena, struct policy *out_policy) MUST_CHECK;

/* --- changes; they wait for the sync; not from the ledger thread ------------------------------
 *
 * by: who wants it ("key:k2", "command:keys"); stands in the audit row of the same commit. */

struct workspace_wish {
    struct slice name, timezone, currency; /* empty: "shop", Europe/Paris, EUR */
    enum locale locale;
    struct slice by;
};
/* Makes a workspace with one write key and one secret key. STATUS_CONFLICT: the name is taken.
 * The key texts are told once. */
enum status workspaces_create(struct workspaces *workspaces, const struct workspace_wish *wish,
                              char out_write_key[KEY_TEXT_MAX], char out_secret_key[KEY_TEXT_MAX],
                              struct diag *diag) MUST_CHECK;

struct key_wish {
    bool secret;
    uint32_t scopes;             /* of a secret key; 0: all */
    const struct slice *origins; /* of a write key */
    size_t origin_count;
    struct slice replaces; /* key id whose source it takes over; empty: a source of its own */
    struct slice name;     /* at most KEY_NAME_BYTES_MAX */
    int64_t expires_ms;    /* 0: never */
    struct slice by;
};
enum status workspaces_add_key(struct workspaces *workspaces, uint32_t workspace,
                               const struct key_wish *wish, char out_key[KEY_TEXT_MAX],
                               struct diag *diag) MUST_CHECK;
/* A new key that takes over the source of the newest one of its sort, which is revoked. */
enum status workspaces_replace_keys(struct workspaces *workspaces, uint32_t workspace,
                                    const struct key_wish *wish, char out_key[KEY_TEXT_MAX],
                                    struct diag *diag) MUST_CHECK;
/* What is asked of a key that is there. */
struct key_edit {
    const struct slice *name;    /* NULL: as it is */
    const struct slice *origins; /* NULL: as they are; of a write key alone */
    size_t origin_count;
    struct slice add_origin; /* empty: none */
    struct slice key_id, by;
};
/* STATUS_INVALID: a key that is bound to origins stays bound, because its text is known to all. */
enum status workspaces_edit_key(struct workspaces *workspaces, uint32_t workspace,
                                const struct key_edit *edit, struct diag *diag) MUST_CHECK;
enum status workspaces_revoke_key(struct workspaces *workspaces, uint32_t workspace,
                                  struct slice key_id, struct slice by,
                                  struct diag *diag) MUST_CHECK;

/* Would workspaces_set take these? */
enum status workspaces_check_settings(const struct json *settings, struct arena *arena,
                                      struct diag *diag) MUST_CHECK;
/* Settings as JSON
 * {"timezone","currency","locale","cmpFiltersBefore","consentCategories":{"category":["purpose",…]},
 * "categoryMap":{"old path":"new path"}}; absent members stay. */
enum status workspaces_set(struct workspaces *workspaces, uint32_t workspace,
                           const struct json *settings, struct slice by,
                           struct diag *diag) MUST_CHECK;

/* Publishes placements: each is put beside or in the place of its namesake. Nothing changes when
 * they equal what is published. Who does not say whether it is stopped leaves it as it was.
 * out_version: the one in force afterwards. */
struct placements_wish {
    uint32_t workspace;
    const struct json *const *placements;
    size_t count;
    bool replace_all; /* the others go, and the page's budget */
    struct slice by;
    const struct json *page; /* the policy's "page"; NULL: as it was */
    /* Of one placement that was written down somewhere. STATUS_CONFLICT: the published one has
     * another revision (placement_versions.h; empty: none is published). NULL: whatever it has. */
    const struct slice *revision;
    bool drafted;     /* its draft goes in the same commit */
    const char *deed; /* for the audit, beside the version: "stop"; NULL: a publish */
};
enum status workspaces_publish(struct workspaces *workspaces, const struct placements_wish *wish,
                               uint32_t *out_version, struct diag *diag) MUST_CHECK;

#endif
