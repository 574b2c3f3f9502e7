/* Affinities of a profile: decayed weights of attribute values, at most PROFILE_AFFINITIES_MAX.
 *
 * Decay runs on a grid, so that it does not matter in how many pieces time passes: an instant is
 * the number of whole steps since 1970, a step is the half-life / 256 (2 h 48 min 45 s), and a
 * weight over n steps becomes ldexp(weight * TABLE[n % 256], -(n / 256)), rounded to a float
 * (the width in which it is packed). Two events within a step do not decay between each other.
 * All rows of a profile stand at one instant, that of the last event that touched them. Pure;
 * any thread. */
#ifndef VISAVIS_PERSON_AFFINITY_H
#define VISAVIS_PERSON_AFFINITY_H

#include "person/profile.h"

enum { AFFINITY_NAME_BYTES_MAX = 32, AFFINITY_VALUE_BYTES_MAX = 64 };

/* Brings all rows to the instant of an event; the forgotten leave. */
void affinity_advance(struct profile *profile, int64_t now_ms);
/* Adds to one value's weight; rows stand at the instant of the last affinity_advance, the
 * event's. When all rows are taken the weakest leaves (of equal ones the one with the greater
 * name). */
void affinity_add(struct profile *profile, const struct attribute *attribute, double delta,
                  int64_t now_ms, struct arena *arena);
/* Index of the row that leaves first; there is one. */
size_t affinity_weakest(const struct profile *profile);

#endif
