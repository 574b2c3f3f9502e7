#include "api/sessions.h"

#include "base/hash.h"
#include "base/random.h"

#include <pthread.h>
#include <stdlib.h>

struct link {
    uint8_t hash[32];
    uint64_t user, epoch; /* user 0: a free place */
    int64_t made_ms;
};

struct sessions {
    pthread_mutex_t mutex;
    struct user_session list[USER_SESSIONS_MAX]; /* the first count are in use, in no order */
    size_t count;
    struct link links[LOGIN_LINKS_MAX];
};

struct sessions *sessions_new(void)
{
    struct sessions *sessions = must_alloc_zero(1, sizeof *sessions);
    pthread_mutex_init(&sessions->mutex, NULL);
    return sessions;
}

void sessions_free(struct sessions *sessions)
{
    if (!sessions)
        return;
    pthread_mutex_destroy(&sessions->mutex);
    free(sessions);
}

static void make_secret(char out_secret[SESSION_SECRET_SIZE], uint8_t out_hash[32])
{
    uint8_t bytes[32];
    random_bytes(bytes, sizeof bytes);
    hash_to_hex(bytes, sizeof bytes, out_secret);
    hash_sha256(slice_make(out_secret, SESSION_SECRET_SIZE - 1), out_hash);
}

/* --- sessions; under the mutex ---------------------------------------------------------------- */

static bool lives(const struct user_session *session, int64_t now_ms)
{
    return now_ms < session->seen_ms + USER_SESSION_IDLE_MS &&
           now_ms < session->created_ms + USER_SESSION_MS_MAX;
}

static void drop(struct sessions *sessions, struct user_session *session)
{
    *session = sessions->list[--sessions->count];
}

static void drop_dead(struct sessions *sessions, int64_t now_ms)
{
    for (size_t i = sessions->count; i > 0; i--)
        if (!lives(&sessions->list[i - 1], now_ms))
            drop(sessions, &sessions->list[i - 1]);
}

/* user 0: of all. */
static struct user_session *idle_longest(struct sessions *sessions, uint64_t user,
                                         size_t *out_count)
{
    struct user_session *found = NULL;
    *out_count = 0;
    for (size_t i = 0; i < sessions->count; i++) {
        struct user_session *session = &sessions->list[i];
        if (user && session->user != user)
            continue;
        ++*out_count;
        if (!found || session->seen_ms < found->seen_ms)
            found = session;
    }
    return found;
}

static void make_room(struct sessions *sessions, uint64_t user, int64_t now_ms)
{
    size_t count;
    drop_dead(sessions, now_ms);
    struct user_session *oldest = idle_longest(sessions, user, &count);
    if (count >= SESSIONS_PER_USER_MAX)
        drop(sessions, oldest);
    oldest = idle_longest(sessions, 0, &count);
    if (count >= USER_SESSIONS_MAX)
        drop(sessions, oldest);
}

struct user_session sessions_begin(struct sessions *sessions, const struct user *user,
                                   struct slice address, int64_t now_ms,
                                   char out_secret[SESSION_SECRET_SIZE])
{
    struct user_session session = {.id = uuid_new(),
                                   .user = user->id,
                                   .epoch = user->epoch,
                                   .created_ms = now_ms,
                                   .seen_ms = now_ms};
    address = slice_first(address, SESSION_ADDRESS_SIZE - 1);
    if (address.size)
        memcpy(session.address, address.data, address.size);
    make_secret(out_secret, session.hash);
    pthread_mutex_lock(&sessions->mutex);
    make_room(sessions, user->id, now_ms);
    sessions->list[sessions->count++] = session;
    pthread_mutex_unlock(&sessions->mutex);
    return session;
}

bool sessions_find(struct sessions *sessions, struct slice secret, int64_t now_ms,
                   struct user_session *out_session)
{
    uint8_t hash[32];
    bool found = false;
    if (secret.size != SESSION_SECRET_SIZE - 1)
        return false;
    hash_sha256(secret, hash);
    pthread_mutex_lock(&sessions->mutex);
    for (size_t i = 0; i < sessions->count && !found; i++) {
        struct user_session *session = &sessions->list[i];
        if (!hash_equal_constant_time(session->hash, hash, sizeof hash))
            continue;
        found = lives(session, now_ms);
        session->seen_ms = now_ms;
        *out_session = *session;
        if (!found)
            drop(sessions, session);
        break;
    }
    pthread_mutex_unlock(&sessions->mutex);
    return found;
}

bool sessions_end(struct sessions *sessions, struct uuid id, uint64_t user)
{
    bool found = false;
    pthread_mutex_lock(&sessions->mutex);
    for (size_t i = 0; i < sessions->count && !found; i++) {
        struct user_session *session = &sessions->list[i];
        found = memcmp(&session->id, &id, sizeof id) == 0 && (!user || session->user == user);
        if (found)
            drop(sessions, session);
    }
    pthread_mutex_unlock(&sessions->mutex);
    return found;
}

static int compare_ages(const void *a, const void *b)
{
    const struct user_session *first = a, *second = b;
    return (first->created_ms < second->created_ms) - (first->created_ms > second->created_ms);
}

size_t sessions_of(struct sessions *sessions, const struct user *user, int64_t now_ms,
                   struct user_session out_sessions[SESSIONS_PER_USER_MAX])
{
    size_t count = 0;
    pthread_mutex_lock(&sessions->mutex);
    for (size_t i = 0; i < sessions->count && count < SESSIONS_PER_USER_MAX; i++) {
        const struct user_session *session = &sessions->list[i];
        if (session->user == user->id && session->epoch == user->epoch && lives(session, now_ms))
            out_sessions[count++] = *session;
    }
    pthread_mutex_unlock(&sessions->mutex);
    if (count)
        qsort(out_sessions, count, sizeof *out_sessions, compare_ages);
    return count;
}

/* --- links ------------------------------------------------------------------------------------ */

static struct link *oldest_link(struct sessions *sessions)
{
    struct link *oldest = &sessions->links[0];
    for (size_t i = 1; i < LOGIN_LINKS_MAX && oldest->user; i++)
        if (!sessions->links[i].user || sessions->links[i].made_ms < oldest->made_ms)
            oldest = &sessions->links[i];
    return oldest;
}

void sessions_make_link(struct sessions *sessions, const struct user *user, int64_t now_ms,
                        char out_token[SESSION_SECRET_SIZE])
{
    struct link link = {.user = user->id, .epoch = user->epoch, .made_ms = now_ms};
    make_secret(out_token, link.hash);
    pthread_mutex_lock(&sessions->mutex);
    *oldest_link(sessions) = link;
    pthread_mutex_unlock(&sessions->mutex);
}

bool sessions_take_link(struct sessions *sessions, struct slice token, int64_t now_ms,
                        uint64_t *out_user, uint64_t *out_epoch)
{
    uint8_t hash[32];
    struct link taken = {0};
    if (token.size != SESSION_SECRET_SIZE - 1)
        return false;
    hash_sha256(token, hash);
    pthread_mutex_lock(&sessions->mutex);
    for (size_t i = 0; i < LOGIN_LINKS_MAX; i++) {
        struct link *link = &sessions->links[i];
        if (!link->user || !hash_equal_constant_time(link->hash, hash, sizeof hash))
            continue;
        taken = *link;
        *link = (struct link){0};
        break;
    }
    pthread_mutex_unlock(&sessions->mutex);
    if (!taken.user || now_ms >= taken.made_ms + LOGIN_LINK_MS)
        return false;
    *out_user = taken.user;
    *out_epoch = taken.epoch;
    return true;
}
