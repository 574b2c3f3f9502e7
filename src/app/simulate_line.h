/* What simulated people say to the server and hear from it, over one connection. One thread. */
#ifndef VISAVIS_APP_SIMULATE_LINE_H
#define VISAVIS_APP_SIMULATE_LINE_H

#include "app/simulate.h"
#include "app/simulate_message.h"
#include "http/fetch.h"

/* What all lines share. */
struct simulate_pace {
    _Atomic uint64_t next_us; /* when the next request may leave */
    _Atomic bool failed;      /* one line could not go on: no other does */
    _Atomic unsigned living;  /* lines that are not done yet */
    _Atomic uint64_t visits;  /* of all */
    uint64_t told_us;         /* when progress was last told */
    uint64_t started_us;      /* of the present */
    int64_t run;              /* a number of this run, for ids that must be new */
};

struct simulate_line {
    const struct simulate_options *options;
    struct simulate_pace *pace;
    struct fetch_line *http;
    bool history; /* visits lie in the past: nothing is asked, messages have their instants */
    struct buf batch, body;
    struct fetch_answer answer;
    size_t batch_count;
    uint64_t told; /* messages ever, for their ids */
    struct arena arena;
    struct simulate_counts counts;
    enum status status; /* the first that failed; then nothing is sent any more */
    struct diag diag;
};

void simulate_line_open(struct simulate_line *line, const struct simulate_options *options,
                        struct simulate_pace *pace);
void simulate_line_close(struct simulate_line *line);
/* The visit of person->next_day. liking: room for one number an item. Tells the choice first when
 * it is the person's first visit. */
void simulate_visit(struct simulate_line *line, struct person *person, double *liking);
void simulate_flush(struct simulate_line *line);
/* Sleeps until the simulated clock is there; false when all is over before. */
bool simulate_wait(const struct simulate_line *line, double day);

#endif
