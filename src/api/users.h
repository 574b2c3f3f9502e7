/* Who may use the console: the users of the installation, in the store's config space beside the
 * workspaces.
 *
 * A change is a ledger entry of kind `user`, with its audit row in the same commit (in the chain of
 * the installation); readers get copies. Any thread; what changes waits for the sync, so not from a
 * loop nor the ledger thread. There is always an owner who may log in, once there was one. */
#ifndef VISAVIS_API_USERS_H
#define VISAVIS_API_USERS_H

#include "api/user_row.h"
#include "base/diag.h"
#include "ledger/ledger.h"

struct users;

enum status users_open(struct store *store, struct ledger *ledger, struct users **out_users,
                       struct diag *diag) MUST_CHECK;
void users_close(struct users *users);

bool users_by_name(struct users *users, struct slice name, struct user *out_user);
bool users_by_id(struct users *users, uint64_t id, struct user *out_user);
/* Whom a link invites to choose a password. False: it was used, is too old, or never made. */
bool users_by_invitation(struct users *users, const uint8_t invitation[32], int64_t now_ms,
                         struct user *out_user);
/* All, by name; in the arena. */
size_t users_all(struct users *users, struct arena *arena, struct user **out_users);

/* --- changes; by: "user:ada", "command:user" -------------------------------------------------- */

/* wish: without id, created_ms and epoch. STATUS_CONFLICT: the name is taken. */
enum status users_add(struct users *users, const struct user *wish, struct slice by,
                      struct diag *diag) MUST_CHECK;

enum {
    USER_EDIT_ROLE = 1,
    USER_EDIT_WORKSPACES = 2,
    USER_EDIT_LOCALE = 4,
    USER_EDIT_DISABLED = 8,
    USER_EDIT_PASSWORD = 16,
    USER_EDIT_REHASH = 32, /* the same password, hashed anew */
    USER_EDIT_NAME = 64,   /* of a new user alone */
    /* a new invitation; with USER_EDIT_PASSWORD and an empty phc the password before is gone */
    USER_EDIT_INVITE = 128,
    /* with USER_EDIT_PASSWORD: only by the invitation that the user has now and that still opens,
     * which is used up; else STATUS_UNAUTHENTICATED */
    USER_EDIT_ACCEPT = 256
};
struct user_edit {
    unsigned what;
    struct user to; /* what is named counts */
};
/* A role, a password or disabling ends the user's sessions and links. STATUS_CONFLICT: the last
 * owner. */
enum status users_edit(struct users *users, struct slice name, const struct user_edit *edit,
                       struct slice by, struct diag *diag) MUST_CHECK;
enum status users_remove(struct users *users, struct slice name, struct slice by,
                         struct diag *diag) MUST_CHECK;

#endif
