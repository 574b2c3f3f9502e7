/* What simulated people hide: facts and tastes. */
#ifndef VISAVIS_APP_SIMULATE_TRUTH_H
#define VISAVIS_APP_SIMULATE_TRUTH_H

#include "app/command.h"
#include "base/json_out.h"
#include "simulate/person.h"

/* Writes what one hides as members of an open object. One thread at a time; the world outlives
 * it. */
struct simulate_truth;
struct simulate_truth *simulate_truth_new(const struct world *world);
void simulate_truth_free(struct simulate_truth *truth);
void simulate_truth_write(struct simulate_truth *truth, const struct person *person, size_t ends,
                          struct json_out *out);
/* Of the first people, as NDJSON, with ten traits at each end. */
void simulate_write_truth(const struct world *world, size_t people, struct output *output);

#endif
