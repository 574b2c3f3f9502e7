/* The two tables of a measured placement: rows in the order they came, found by a hash. Inside
 * measure/ only; whoever owns the measurement owns them. */
#ifndef VISAVIS_MEASURE_JOIN_ROWS_H
#define VISAVIS_MEASURE_JOIN_ROWS_H

#include "measure/join.h"

struct joined_outcome {
    uint64_t key;
    double value; /* as counted, less what was taken back */
    double share; /* of each unit of the order's amount, what it was worth: 1, or its margin */
    uint32_t person;
    bool attributed;
};

/* Open addressing over row numbers plus one; at most half full. */
struct row_index {
    uint32_t *slots;
    size_t size; /* a power of two, or 0 */
};

struct measured {
    struct slice placement; /* owned, like objective.event */
    struct objective objective;
    uint32_t policy;
    int64_t began_ms, newest_ms;
    unsigned halvings;
    char currency[JOIN_CURRENCY_SIZE + 1]; /* "" while there is none */
    uint64_t other_currency;
    uint64_t outside[OUTSIDE_COUNT];
    struct joined_person *people;
    size_t people_count, people_room;
    struct row_index people_index;
    struct joined_outcome *outcomes;
    size_t outcome_count, outcome_room;
    struct row_index outcome_index;
};

void measured_init(struct measured *measured, struct slice placement);
void measured_done(struct measured *measured);
/* A new measurement: no people, no outcomes. */
void measured_restart(struct measured *measured, const struct objective *objective,
                      uint32_t policy);

struct joined_person *measured_find(const struct measured *measured, struct uuid person);
struct joined_person *measured_add(struct measured *measured, struct uuid person);
struct joined_outcome *measured_find_outcome(const struct measured *measured, uint64_t key);
struct joined_outcome *measured_add_outcome(struct measured *measured, uint64_t key);

/* Is this person among those that a measurement halved so often keeps? */
bool measured_keeps(const struct measured *measured, struct uuid person);
void measured_halve(struct measured *measured);
void measured_forget(struct measured *measured, struct uuid person);

#endif
