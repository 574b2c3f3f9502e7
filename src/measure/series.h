/* How an effect came to be what it is: told again of those who were first met by each of some
 * instants, with all that they did until now. The last point is the report's own effect.
 *
 * Pure. One pass over the people, sums only. Cap, theta and horizon are the report's, so the last
 * point is what it says; an interval of a point is valid as the report's is. */
#ifndef VISAVIS_MEASURE_SERIES_H
#define VISAVIS_MEASURE_SERIES_H

#include "measure/report.h"

enum { SERIES_POINTS_MAX = 60 };

struct series_point {
    int64_t until_ms; /* first met by then */
    double people[ARM_COUNT];
    struct effect absolute, relative; /* known: enough people on both sides */
};
struct series {
    int64_t step_ms; /* between points; the last one may come sooner */
    size_t count;
    struct series_point points[SERIES_POINTS_MAX];
};

/* Empty where the report tells no effect. */
void series_make(const struct joined *joined, const struct report *report, int64_t now_ms,
                 struct series *out_series);

#endif
