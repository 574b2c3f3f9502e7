/* What join.c and join_pack.c share. Inside measure/ only. */
#ifndef VISAVIS_MEASURE_JOIN_STATE_H
#define VISAVIS_MEASURE_JOIN_STATE_H

#include "measure/join_rows.h"

struct join {
    size_t people_max, outcomes_max;
    struct measured measured[JOIN_PLACEMENTS_MAX];
    size_t count;
};

struct measured *join_find(const struct join *join, struct slice placement);
/* NULL: JOIN_PLACEMENTS_MAX are measured. */
struct measured *join_add(struct join *join, struct slice placement);

#endif
