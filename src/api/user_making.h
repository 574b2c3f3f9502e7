/* Users as others speak of them: made with a password of ours, told as JSON, their workspaces by
 * name. What makes and resets waits for the disk and hashes: not on a loop. */
#ifndef VISAVIS_API_USER_MAKING_H
#define VISAVIS_API_USER_MAKING_H

#include "api/engine.h"
#include "api/passwords.h"
#include "base/json_out.h"

/* The name that the first start gives the first user. */
#define USER_FIRST_NAME "owner"

/* What is asked of a new or a changed user: user (the name), role, workspaces (names), locale,
 * disabled; what stands there is named in edit->what. Other members, and those not of their
 * type, are refused. allowed: bits of USER_EDIT_…. */
enum status user_edit_from_json(const struct json *json, unsigned allowed,
                                const struct workspaces_snapshot *snapshot,
                                struct user_edit *out_edit, struct diag *diag) MUST_CHECK;
enum status user_take_name(struct user *user, struct slice name, struct diag *diag) MUST_CHECK;
enum status user_take_role(struct user *user, struct slice name, struct diag *diag) MUST_CHECK;
enum status user_take_locale(struct user *user, struct slice name, struct diag *diag) MUST_CHECK;
enum status user_take_workspace(struct user *user, struct slice name,
                                const struct workspaces_snapshot *snapshot,
                                struct diag *diag) MUST_CHECK;
/* {"user", "role", "workspaces" (all: none named), "locale", "disabled", "created"} without the
 * closing brace. */
void user_write(const struct user *user, const struct workspaces_snapshot *snapshot,
                struct json_out *out);

/* STATUS_INVALID for a password that the user, in these workspaces, must not have. */
enum status user_check_password(struct engine *engine, const struct user *user,
                                struct slice password, struct diag *diag) MUST_CHECK;
/* With a random password, told once. */
enum status user_make(struct engine *engine, struct user *wish, struct slice by,
                      char out_password[PASSWORD_TEXT_SIZE], struct diag *diag) MUST_CHECK;
enum status user_reset(struct engine *engine, struct slice name, struct slice by,
                       char out_password[PASSWORD_TEXT_SIZE], struct diag *diag) MUST_CHECK;
/* The same without a password: with a link to choose one, INVITATION_PATH and the token, whose
 * SHA-256 alone is kept. A new user's opens for INVITATION_MS; of one who is there already for
 * INVITATION_AGAIN_MS, and his password and sessions end at once. */
#define INVITATION_PATH "/console/#invite="
enum { INVITATION_MS = 48 * 3600000, INVITATION_AGAIN_MS = 3600000 };
enum status user_invite(struct engine *engine, struct user *wish, struct slice by,
                        char out_token[SESSION_SECRET_SIZE], struct diag *diag) MUST_CHECK;
enum status user_invite_again(struct engine *engine, struct slice name, struct slice by,
                              char out_token[SESSION_SECRET_SIZE], struct diag *diag) MUST_CHECK;
/* Of a link's token; false: no user's. */
bool user_of_invitation(struct engine *engine, struct slice token, struct user *out_user);
/* Where there is no user yet: an owner. out_password is empty where there was one. */
enum status user_make_first(struct engine *engine, struct slice by,
                            char out_password[PASSWORD_TEXT_SIZE], struct diag *diag) MUST_CHECK;

/* A link that signs in once, within LOGIN_LINK_MS, on the address of the server with this engine:
 * LOGIN_LINK_PATH and the token, behind a '#', so that neither a proxy nor a log hears it. An audit
 * row tells of it. STATUS_CONFLICT: the user is disabled; STATUS_NOT_FOUND. */
#define LOGIN_LINK_PATH "/console/#login="
enum status user_make_link(struct engine *engine, struct slice name, struct slice by,
                           char out_token[SESSION_SECRET_SIZE], struct diag *diag) MUST_CHECK;

#endif
