/* What simulated people hide, as NDJSON: a line each, with the ten traits they like most and the
 * ten they like least. */
#ifndef VISAVIS_APP_SIMULATE_TRUTH_H
#define VISAVIS_APP_SIMULATE_TRUTH_H

#include "app/command.h"
#include "simulate/person.h"

void simulate_write_truth(const struct world *world, size_t people, struct output *output);

#endif
