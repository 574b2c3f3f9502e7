/* Calls that take a while, on threads that are there once and for all; the queue is bounded. With
 * one thread they never run at once: logins, which hash, and changes of users. */
#ifndef VISAVIS_API_ERRANDS_H
#define VISAVIS_API_ERRANDS_H

#include "base/status.h"

/* First member of the asker's own struct, which lives until run has answered. */
struct errand {
    void (*run)(struct errand *errand);
    struct errand *next; /* the queue's */
};

struct errands;
enum { ERRAND_THREADS_MAX = 8 };
/* At most waiting_max wait for a thread. NULL: no thread to be had. */
struct errands *errands_new(unsigned threads, unsigned waiting_max);
/* Runs what is queued, then ends the threads. No errand may follow. */
void errands_free(struct errands *errands);
/* Any thread. STATUS_OVERLOADED: as many wait as may, and run will not be called. */
enum status errands_add(struct errands *errands, struct errand *errand) MUST_CHECK;

#endif
