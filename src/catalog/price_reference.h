/* The lawful reference of a reduction: the lowest price of the 30 days before it began.
 *
 * Directive 98/6/EC article 6a, Code de la consommation L112-1-1; on which price a percentage is
 * computed: CJEU C-330/23 (Aldi Süd, 26 September 2024). A reduction is announced while the list
 * price stands over the price. Successive cuts are one reduction and keep its first reference; a
 * price that rises while one is announced begins another. The 30 days are whole days of the
 * workspace's zone: from the local midnight 30 days before the day it began. Pure. */
#ifndef VISAVIS_CATALOG_PRICE_REFERENCE_H
#define VISAVIS_CATALOG_PRICE_REFERENCE_H

#include "catalog/catalog.h"

enum { PRICE_REFERENCE_DAYS = 30 };

struct price_window {
    int64_t from_ms;      /* the window begins */
    int64_t lowest_minor; /* in force at some moment in it; -1: no price is known */
    bool whole;           /* a price was known from its first moment on */
};
struct price_reference {
    bool announced;             /* a reduction stands now; only then the next two say something */
    int64_t started_ms;         /* it began */
    struct price_window before; /* the 30 days before that: the lawful reference */
    struct price_window recent; /* the 30 days before now: of a reduction that would begin now */
};

/* Prices newest first, as catalog_price_history gives them; each holds until the next. Those after
 * now and those in another currency than the one in force now do not count. */
void price_reference(const struct catalog_price *prices, size_t count, struct slice timezone,
                     int64_t now_ms, struct price_reference *out_reference);

#endif
