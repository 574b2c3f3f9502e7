/* Small numbers for names, in the order they came. Owned by one thread; the names are borrowed
 * and must outlive it. At most 2^26. */
#ifndef VISAVIS_LEARN_NAMES_H
#define VISAVIS_LEARN_NAMES_H

#include "base/slice.h"

#define NAME_NONE UINT32_MAX
enum { NAMES_MAX = 1 << 26 };

struct names {
    struct slice *all;
    uint64_t *hashes;
    uint32_t count, room;
    uint32_t *buckets; /* number + 1, open addressing */
    uint32_t bucket_count;
};
void names_init(struct names *names);
void names_done(struct names *names);
uint32_t names_find(const struct names *names, struct slice name); /* NAME_NONE: unknown */
/* NAME_NONE: there are NAMES_MAX already. */
uint32_t names_intern(struct names *names, struct slice name);

#endif
