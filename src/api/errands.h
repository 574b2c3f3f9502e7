/* Calls that take a while and must not run at once: logins, which hash, and changes of users, which
 * wait for the disk. One thread does one after the other; the queue is bounded. */
#ifndef VISAVIS_API_ERRANDS_H
#define VISAVIS_API_ERRANDS_H

#include "base/status.h"

/* First member of the asker's own struct, which lives until run has answered. */
struct errand {
    void (*run)(struct errand *errand);
    struct errand *next; /* the queue's */
};

struct errands;
struct errands *errands_new(void); /* NULL: no thread to be had */
/* Runs what is queued, then ends the thread. No errand may follow. */
void errands_free(struct errands *errands);
/* Any thread. STATUS_OVERLOADED: ERRANDS_MAX wait, and run will not be called. */
enum status errands_add(struct errands *errands, struct errand *errand) MUST_CHECK;

#endif
