/* Who looked at whom, took something out, or changed what rules the shop: a chain of rows for
 * each workspace, so that a row that was changed or taken away is found by audit_check.
 *
 * A ledger kind; any thread submits. A row names the one who did it (a key's id, a user or a
 * command), the node it was about and never an identifier, so an erasure leaves it. What it
 * tells of is done only when the row is on the disk, or stands in the same commit. Rows do not
 * age. */
#ifndef VISAVIS_API_AUDIT_H
#define VISAVIS_API_AUDIT_H

#include "base/diag.h"
#include "base/json_out.h"
#include "ledger/ledger.h"

/* Stored by number; never reused. */
enum audit_action {
    AUDIT_PERSON_SHOW = 1,
    AUDIT_PERSON_EXPORT = 2,
    AUDIT_PERSON_ERASE = 3,
    AUDIT_EVENTS_EXPORT = 4,
    AUDIT_REFUSED_READ = 5,
    AUDIT_IMPORT = 6,
    AUDIT_WORKSPACE_CREATE = 7,
    AUDIT_SETTINGS_CHANGE = 8,
    AUDIT_KEY_ADD = 9,
    AUDIT_KEY_REVOKE = 10,
    AUDIT_POLICY_PUBLISH = 11,
    AUDIT_BACKUP = 12,
    AUDIT_RESTORE = 13,
    /* in the chain of the installation */
    AUDIT_USER_ADD = 14,
    AUDIT_USER_CHANGE = 15,
    AUDIT_USER_REMOVE = 16,
    AUDIT_LOGIN = 17,
    AUDIT_LOGIN_FAILURE = 18,
    AUDIT_LOGIN_LINK = 19,
    /* of a workspace again */
    AUDIT_PERSON_PREVIEW = 20,
    AUDIT_LOGOUT = 21,     /* in the chain of the installation */
    AUDIT_KEY_CHANGE = 22, /* of a workspace again */
    AUDIT_ACTION_COUNT
};

/* The workspace of what concerns the whole installation: its users and their logins. */
enum { AUDIT_INSTALLATION = 0 };
enum { AUDIT_BY_BYTES_MAX = 63, AUDIT_DETAIL_BYTES_MAX = 340, AUDIT_HASH_BYTES = 32 };

/* On its way. Fill node and detail between audit_init and the submit; detail also in the record of
 * an entry before it in the same commit. */
struct audit {
    struct ledger_entry entry; /* first */
    /* An entry before it in the same commit: when that one is not kept, neither is this. May be
     * NULL. */
    const struct ledger_entry *about;
    enum audit_action action;
    char by[AUDIT_BY_BYTES_MAX + 1]; /* "key:k2", "user:ada", "command:person show" */
    char detail[AUDIT_DETAIL_BYTES_MAX + 1];
    struct uuid node; /* zero: nobody in particular */
};
/* by is cut at its limit. */
void audit_init(struct ledger *ledger, struct audit *audit, uint32_t workspace,
                enum audit_action action, struct slice by);
/* Submits and waits; not from the ledger thread. */
enum status audit_append(struct ledger *ledger, struct audit *audit) MUST_CHECK;
void audit_register(struct ledger *ledger);

/* A stored row; texts borrow. */
struct audit_row {
    uint64_t number; /* 1, 2, … in its workspace */
    int64_t time_ms;
    enum audit_action action;
    struct slice by, detail;
    struct uuid node;
    uint8_t before[AUDIT_HASH_BYTES]; /* hash of the row before, zeros in the first */
    uint8_t hash[AUDIT_HASH_BYTES];   /* SHA-256 of key and value */
};
typedef enum status audit_visitor(void *context, const struct audit_row *row);
/* Newest first, those with a number below `below` (0: all), at most limit. */
struct audit_range {
    uint32_t workspace;
    uint64_t below;
    size_t limit;
};
enum status audit_each(struct store *store, const struct audit_range *range, audit_visitor *visitor,
                       void *context) MUST_CHECK;
void audit_write(const struct audit_row *row, struct json_out *out);

/* Follows the chain of a workspace. STATUS_CORRUPT: diag names the first row that was changed,
 * added or taken away. out_count: rows of the chain. */
enum status audit_check(struct store *store, uint32_t workspace, uint64_t *out_count,
                        struct diag *diag) MUST_CHECK;

#endif
