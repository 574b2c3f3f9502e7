/* A user of the console, and as a stored row: JSON as a workspace's, the password's hash sealed
 * under the store's secret.
 *
 * By value, without a pointer. Pure but for the seal's nonce. */
#ifndef VISAVIS_API_USER_ROW_H
#define VISAVIS_API_USER_ROW_H

#include "api/roles.h"
#include "base/arena.h"
#include "base/buf.h"
#include "base/limits.h"
#include "base/locale.h"
#include "base/password.h"
#include "base/status.h"

struct user {
    uint64_t id;                        /* never used again */
    char name[USER_NAME_BYTES_MAX + 1]; /* as user_name_read makes it */
    enum user_role role;
    enum locale locale;
    bool disabled;
    uint32_t workspaces[USER_WORKSPACES_MAX]; /* that may be seen */
    size_t workspace_count;                   /* 0: all, also those to come */
    char phc[PASSWORD_PHC_SIZE];              /* empty: none chosen yet, so none is right */
    /* A link to choose a password, once: SHA-256 of its token, and until when it opens (0: there is
     * none). */
    uint8_t invitation[32];
    int64_t invited_until_ms;
    int64_t created_ms;
    uint64_t epoch; /* another one with each change that ends sessions */
};

/* A word or an e-mail address of a-z, 0-9 and . _ + - @, capitals made small. */
bool user_name_read(struct slice text, char out_name[USER_NAME_BYTES_MAX + 1]);
bool user_sees(const struct user *user, uint32_t workspace);

/* STATUS_CORRUPT when a row is not what we wrote. */
enum status user_row_read(struct slice row, const uint8_t secret[32], struct arena *arena,
                          struct user *out_user) MUST_CHECK;
void user_row_write(const struct user *user, const uint8_t secret[32], struct buf *buf);

#endif
