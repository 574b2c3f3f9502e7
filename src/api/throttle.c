#include "api/throttle.h"

#include "base/arena.h"
#include "base/hash.h"
#include "base/limits.h"
#include "base/random.h"

#include <pthread.h>
#include <stdlib.h>

enum { COUNTERS = 16384, KNOWN = 4096, BURST_SECONDS = 3 };

struct counter {
    uint64_t id;
    unsigned tries;
    int64_t last_ms, next_ms;
};

struct throttle {
    uint8_t key[32];
    pthread_mutex_t mutex; /* guards what follows */
    struct counter counters[COUNTERS];
    uint64_t known[KNOWN]; /* pairs of account and address that were entered */
    double strangers;      /* tries that strangers may make now */
    int64_t refilled_ms;
};

/* What one try counts for. */
struct who {
    uint64_t account, address, pair;
};

struct throttle *throttle_new(void)
{
    struct throttle *throttle = must_alloc_zero(1, sizeof *throttle);
    random_bytes(throttle->key, sizeof throttle->key);
    throttle->strangers = LOGIN_TRIES_PER_SECOND * BURST_SECONDS;
    pthread_mutex_init(&throttle->mutex, NULL);
    return throttle;
}

void throttle_free(struct throttle *throttle)
{
    if (!throttle)
        return;
    pthread_mutex_destroy(&throttle->mutex);
    free(throttle);
}

static uint64_t hash_of(const struct throttle *throttle, struct slice text)
{
    uint64_t id = 0;
    struct hash128 hash = hash_keyed(throttle->key, text);
    memcpy(&id, hash.bytes, sizeof id);
    return id;
}

static struct who who_is(const struct throttle *throttle, struct slice account,
                         struct slice address)
{
    struct arena arena;
    arena_init(&arena);
    struct who who = {
        hash_of(throttle, arena_format(&arena, "account\n%.*s", SLICE_ARG(account))),
        hash_of(throttle, arena_format(&arena, "address\n%.*s", SLICE_ARG(address))),
        hash_of(throttle,
                arena_format(&arena, "pair\n%.*s\n%.*s", SLICE_ARG(address), SLICE_ARG(account))),
    };
    arena_done(&arena);
    return who;
}

/* --- under the mutex -------------------------------------------------------------------------- */

static struct counter *counter_of(struct throttle *throttle, uint64_t id, int64_t now_ms)
{
    struct counter *counter = &throttle->counters[id % COUNTERS];
    if (counter->id != id || now_ms >= counter->last_ms + LOGIN_FORGET_MS)
        *counter = (struct counter){.id = id, .last_ms = now_ms};
    return counter;
}

static unsigned seconds_left(struct throttle *throttle, uint64_t id, int64_t now_ms)
{
    const struct counter *counter = &throttle->counters[id % COUNTERS];
    bool waits = counter->id == id && now_ms < counter->next_ms;
    return waits ? (unsigned)((counter->next_ms - now_ms + 999) / 1000) : 0;
}

static void count(struct throttle *throttle, uint64_t id, int64_t now_ms)
{
    struct counter *counter = counter_of(throttle, id, now_ms);
    int64_t wait_s = 0;
    counter->last_ms = now_ms;
    if (++counter->tries >= LOGIN_TRIES_FREE) {
        unsigned doublings = counter->tries - LOGIN_TRIES_FREE;
        wait_s = doublings < 6 ? 1 << doublings : LOGIN_WAIT_S_MAX;
    }
    counter->next_ms = now_ms + 1000 * wait_s;
}

static bool take_stranger(struct throttle *throttle, int64_t now_ms)
{
    const double most = LOGIN_TRIES_PER_SECOND * BURST_SECONDS;
    int64_t elapsed_ms = now_ms > throttle->refilled_ms ? now_ms - throttle->refilled_ms : 0;
    throttle->strangers += (double)elapsed_ms * LOGIN_TRIES_PER_SECOND / 1000;
    if (throttle->strangers > most)
        throttle->strangers = most;
    throttle->refilled_ms = now_ms;
    bool allowed = throttle->strangers >= 1;
    throttle->strangers -= allowed;
    return allowed;
}

static unsigned take(struct throttle *throttle, const struct who *who, int64_t now_ms)
{
    bool known = throttle->known[who->pair % KNOWN] == who->pair;
    const uint64_t ids[] = {known ? who->pair : who->account, who->address};
    size_t id_count = known ? 1 : 2;
    unsigned wait_s = 0;
    for (size_t i = 0; i < id_count; i++) {
        unsigned left_s = seconds_left(throttle, ids[i], now_ms);
        wait_s = left_s > wait_s ? left_s : wait_s;
    }
    if (wait_s == 0 && !known && !take_stranger(throttle, now_ms))
        wait_s = 1;
    for (size_t i = 0; i < id_count && wait_s == 0; i++)
        count(throttle, ids[i], now_ms);
    return wait_s;
}

/* --- any thread ------------------------------------------------------------------------------- */

unsigned throttle_take(struct throttle *throttle, struct slice account, struct slice address,
                       int64_t now_ms)
{
    struct who who = who_is(throttle, account, address);
    pthread_mutex_lock(&throttle->mutex);
    unsigned wait_s = take(throttle, &who, now_ms);
    pthread_mutex_unlock(&throttle->mutex);
    return wait_s;
}

/* The address only gets its one try back: else who has an account of his own could guess
 * others'. */
void throttle_succeeded(struct throttle *throttle, struct slice account, struct slice address)
{
    struct who who = who_is(throttle, account, address);
    const uint64_t cleared[] = {who.account, who.pair};
    pthread_mutex_lock(&throttle->mutex);
    bool was_known = throttle->known[who.pair % KNOWN] == who.pair;
    throttle->known[who.pair % KNOWN] = who.pair;
    for (size_t i = 0; i < 2; i++)
        if (throttle->counters[cleared[i] % COUNTERS].id == cleared[i])
            throttle->counters[cleared[i] % COUNTERS] = (struct counter){0};
    struct counter *address_counter = &throttle->counters[who.address % COUNTERS];
    if (!was_known && address_counter->id == who.address && address_counter->tries > 0)
        address_counter->tries--;
    pthread_mutex_unlock(&throttle->mutex);
}
