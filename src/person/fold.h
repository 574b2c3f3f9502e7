/* The parts of the fold, for the files that make it up. Pure; private to person/. */
#ifndef VISAVIS_PERSON_FOLD_H
#define VISAVIS_PERSON_FOLD_H

#include "person/profile.h"

enum {
    PROFILE_NAME_BYTES_MAX =
        64 /* of traits, places, sizes and order ids: longer ones are not kept */
};

/* Puts text that fits into slot, copied; leaves slot as it is when the text is the same or too
 * long. */
void fold_keep(struct slice *slot, struct slice text, struct arena *arena);
/* An id that a profile can hold. */
bool fold_fits_item(struct slice item);
int64_t fold_plus(int64_t a, int64_t b); /* saturates */

/* fold_orders.c */
void fold_basket(struct profile *profile, const struct event *event, struct arena *arena);
void fold_order(struct profile *profile, const struct event *event, struct arena *arena);
/* A refund or a cancellation. */
void fold_refund(struct profile *profile, const struct event *event, struct arena *arena);

/* fold_sizes.c */
/* Units kept of a size; less when negative. True when the size has a row afterwards. */
bool fold_size_kept(struct profile *profile, struct slice system, struct slice size, int64_t units,
                    struct arena *arena);
/* What the person says; an empty size takes it back. */
void fold_size_declared(struct profile *profile, struct slice system, struct slice size,
                        struct arena *arena);

/* profile_pack.c: drops what counts least until the packed profile is within PROFILE_BYTES_MAX. */
void profile_trim(struct profile *profile);

#endif
