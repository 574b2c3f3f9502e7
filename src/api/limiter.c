#include "api/limiter.h"

#include "base/arena.h"

#include <pthread.h>
#include <stdlib.h>

/* Buckets lie in a fixed table by hash of the key's id; two keys that fall into one share it,
 * which at 50 keys a workspace is rare and only ever refuses too early. */
enum { BUCKET_COUNT = 4096 };

struct bucket {
    uint64_t updated_us;
    double tokens;
};

struct limiter {
    const char *policy;
    uint32_t rate;
    pthread_mutex_t mutexes[16];
    struct bucket buckets[BUCKET_COUNT];
};

struct limiter *limiter_new(const char *policy, uint32_t rate_per_second)
{
    struct limiter *limiter = must_alloc_zero(1, sizeof *limiter);
    limiter->policy = policy;
    limiter->rate = rate_per_second;
    for (int i = 0; i < 16; i++)
        pthread_mutex_init(&limiter->mutexes[i], NULL);
    return limiter;
}

void limiter_free(struct limiter *limiter)
{
    for (int i = 0; limiter && i < 16; i++)
        pthread_mutex_destroy(&limiter->mutexes[i]);
    free(limiter);
}

static void refill(struct bucket *bucket, uint32_t rate, uint64_t now_us)
{
    uint64_t elapsed_us = now_us > bucket->updated_us ? now_us - bucket->updated_us : 0;
    bucket->tokens += (double)elapsed_us * rate / 1e6;
    if (bucket->tokens > rate || bucket->updated_us == 0)
        bucket->tokens = rate;
    bucket->updated_us = now_us;
}

static bool ask(struct limiter *limiter, uint64_t id, uint64_t now_us, unsigned tokens,
                struct limiter_state *out_state)
{
    *out_state = (struct limiter_state){limiter->policy, limiter->rate, limiter->rate, 0};
    if (limiter->rate == 0)
        return true;
    uint64_t slot = (id * 0x9e3779b97f4a7c15U) >> 52; /* Fibonacci hashing to 12 bits */
    pthread_mutex_t *mutex = &limiter->mutexes[slot % 16];
    struct bucket *bucket = &limiter->buckets[slot];
    pthread_mutex_lock(mutex);
    refill(bucket, limiter->rate, now_us);
    bool allowed = bucket->tokens >= 1;
    if (allowed)
        bucket->tokens -= tokens;
    out_state->remaining = (uint32_t)bucket->tokens;
    pthread_mutex_unlock(mutex);
    out_state->reset_s = allowed ? 0 : 1;
    return allowed;
}

bool limiter_take(struct limiter *limiter, uint64_t id, uint64_t now_us,
                  struct limiter_state *out_state)
{
    return ask(limiter, id, now_us, 1, out_state);
}

void limiter_peek(struct limiter *limiter, uint64_t id, uint64_t now_us,
                  struct limiter_state *out_state)
{
    (void)ask(limiter, id, now_us, 0, out_state);
}
