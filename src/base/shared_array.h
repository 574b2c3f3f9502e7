/* An array that readers share while a writer makes the next one: immutable, reference-counted,
 * copied by page.
 *
 * The sibling of shared_map (whose entries it holds) for things that have a small number. A new
 * array shares every page of the old one in which nothing changed. Making arrays is for one
 * thread at a time; reading, ref and unref are for any. */
#ifndef VISAVIS_BASE_SHARED_ARRAY_H
#define VISAVIS_BASE_SHARED_ARRAY_H

#include "base/shared_map.h"

/* Puts an entry in a place, or with entry NULL empties the place. */
struct shared_placing {
    size_t index;
    struct shared_entry *entry;
};

struct shared_array;
struct shared_array *shared_array_new(void);
/* The array after the placings; of several in one place the last counts. It grows to hold them
 * all. Takes references of its own on the entries; the old array stays as it was. */
struct shared_array *shared_array_with(const struct shared_array *array,
                                       const struct shared_placing *placings, size_t count);
void shared_array_unref(struct shared_array *array);

/* NULL where nothing is, also beyond the end. */
struct shared_entry *shared_array_at(const struct shared_array *array, size_t index);
size_t shared_array_bytes(const struct shared_array *array); /* without the entries */

#endif
