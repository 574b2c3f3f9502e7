#include "api/errands.h"

#include "base/arena.h"

#include <assert.h>
#include <pthread.h>
#include <stdlib.h>

struct errands {
    pthread_t threads[ERRAND_THREADS_MAX];
    unsigned thread_count, waiting_max;
    pthread_mutex_t mutex; /* guards what follows */
    pthread_cond_t wake;
    struct errand *first, **end;
    unsigned count;
    bool stop;
};

/* NULL: told to stop, and nothing waits. */
static struct errand *take(struct errands *errands)
{
    pthread_mutex_lock(&errands->mutex);
    while (!errands->first && !errands->stop)
        pthread_cond_wait(&errands->wake, &errands->mutex);
    struct errand *errand = errands->first;
    if (errand) {
        errands->first = errand->next;
        errands->count--;
        if (!errands->first)
            errands->end = &errands->first;
    }
    pthread_mutex_unlock(&errands->mutex);
    return errand;
}

static void *work(void *context)
{
    struct errand *errand;
    while ((errand = take(context)))
        errand->run(errand);
    return NULL;
}

struct errands *errands_new(unsigned threads, unsigned waiting_max)
{
    assert(threads >= 1 && threads <= ERRAND_THREADS_MAX);
    struct errands *errands = must_alloc_zero(1, sizeof *errands);
    errands->end = &errands->first;
    errands->waiting_max = waiting_max;
    pthread_mutex_init(&errands->mutex, NULL);
    pthread_cond_init(&errands->wake, NULL);
    pthread_t *next = errands->threads;
    while (errands->thread_count < threads && pthread_create(next++, NULL, work, errands) == 0)
        errands->thread_count++;
    if (errands->thread_count == threads)
        return errands;
    errands_free(errands);
    return NULL;
}

void errands_free(struct errands *errands)
{
    if (!errands)
        return;
    pthread_mutex_lock(&errands->mutex);
    errands->stop = true;
    pthread_cond_broadcast(&errands->wake);
    pthread_mutex_unlock(&errands->mutex);
    for (unsigned i = 0; i < errands->thread_count; i++)
        pthread_join(errands->threads[i], NULL);
    pthread_cond_destroy(&errands->wake);
    pthread_mutex_destroy(&errands->mutex);
    free(errands);
}

enum status errands_add(struct errands *errands, struct errand *errand)
{
    pthread_mutex_lock(&errands->mutex);
    bool room = errands->count < errands->waiting_max;
    if (room) {
        errand->next = NULL;
        *errands->end = errand;
        errands->end = &errand->next;
        errands->count++;
        pthread_cond_signal(&errands->wake);
    }
    pthread_mutex_unlock(&errands->mutex);
    return room ? STATUS_OK : STATUS_OVERLOADED;
}
