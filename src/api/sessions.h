/* Who is signed in, and the links that sign in once: in memory, bounded, gone with the process.
 *
 * A session is named to its browser by 256 random bits, of which only the SHA-256 is held;
 * beside it an id that opens nothing names it in lists. It ends when it was idle for
 * USER_SESSION_IDLE_MS, after USER_SESSION_MS_MAX, and when its user's epoch is not that of its
 * beginning (his role, password or being disabled changed): who finds one compares. Any thread. */
#ifndef VISAVIS_API_SESSIONS_H
#define VISAVIS_API_SESSIONS_H

#include "api/user_row.h"
#include "base/uuid.h"

enum {
    SESSION_SECRET_SIZE = 65, /* hex, NUL-terminated; of links too */
    SESSION_ADDRESS_SIZE = 64
};

struct user_session {
    struct uuid id;
    uint8_t hash[32];
    uint64_t user, epoch;
    int64_t created_ms, seen_ms;
    char address[SESSION_ADDRESS_SIZE]; /* from which it was begun */
};

struct sessions;
struct sessions *sessions_new(void);
void sessions_free(struct sessions *sessions);

/* Always finds room: one of the user's, else of anybody's, that was idle longest leaves. */
struct user_session sessions_begin(struct sessions *sessions, const struct user *user,
                                   struct slice address, int64_t now_ms,
                                   char out_secret[SESSION_SECRET_SIZE]);
/* Counts as use. False: none of this secret lives. */
bool sessions_find(struct sessions *sessions, struct slice secret, int64_t now_ms,
                   struct user_session *out_session);
/* False: there is none of this id; user: whose it must be, 0: anybody's. */
bool sessions_end(struct sessions *sessions, struct uuid id, uint64_t user);
/* Those of a user that live, newest first. */
size_t sessions_of(struct sessions *sessions, const struct user *user, int64_t now_ms,
                   struct user_session out_sessions[SESSIONS_PER_USER_MAX]);

/* A link's token; for LOGIN_LINK_MS. */
void sessions_make_link(struct sessions *sessions, const struct user *user, int64_t now_ms,
                        char out_token[SESSION_SECRET_SIZE]);
/* Of any number of takers one gets it. */
bool sessions_take_link(struct sessions *sessions, struct slice token, int64_t now_ms,
                        uint64_t *out_user, uint64_t *out_epoch);

#endif
