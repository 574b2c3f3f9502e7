/* What candidates have in common, where a rule asks for diversity (diversity.h): the values of
 * their attributes as numbers, which mean nothing beyond being the same.
 *
 * decide_trim fills the table in, the record keeps it. Inside decide/ only; in an arena. */
#ifndef VISAVIS_DECIDE_TRAITS_H
#define VISAVIS_DECIDE_TRAITS_H

#include "base/slice.h"

enum { TRAITS_MAX = 12 };

struct traits {
    uint8_t count;
    uint16_t numbers[TRAITS_MAX]; /* ascending */
};

struct trait_table {
    const struct traits *list; /* by candidate */
    size_t count;
    /* How many numbers each attribute has, one attribute after the other: the category, the brand,
     * then others. The first of each is any value that no other candidate has. */
    const uint16_t *sizes;
    size_t group_count;
};

#endif
