/* What a blend weighs of an item beside what strategies say (decide/blend.h): popularity, price
 * fit, freshness, margin, as whole numbers that a record can hold.
 *
 * Made once a call that blends, in its arena. Prices are compared within a category (its full
 * path) and currency: of the page's item and the basket sent, and of what the person saw, has in
 * the basket and bought, as far as it may be read. */
#ifndef VISAVIS_API_BLENDING_H
#define VISAVIS_API_BLENDING_H

#include "api/starts.h"
#include "learn/blend_terms.h"

enum {
    BLEND_PRICES_MAX = 40,     /* of a call */
    BLEND_FRESH_DAYS = 14,     /* half-life of what is new */
    BLEND_PRICES_OWN_MAX = 10, /* of the person's views, of their basket, of what they bought */
    BLEND_BATCHES = 16         /* instants at which items came whose freshness is remembered */
};

/* Items come in batches: those of one are equally fresh. */
struct batch_freshness {
    int64_t added_ms;
    uint8_t freshness;
    bool known;
};

struct category_taste {
    uint64_t category; /* hash of path and currency */
    struct price_taste taste;
    bool personal; /* something of the person's is in it */
};

struct blending {
    const struct evidence_source *source;
    int64_t now_ms;
    struct category_taste tastes[BLEND_PRICES_MAX];
    size_t taste_count;
    struct batch_freshness batches[BLEND_BATCHES]; /* by hash of the instant */
};

void blending_init(struct blending *blending, const struct evidence_source *source,
                   const struct decide_input *input);
void blending_terms(struct blending *blending, const struct item *item, uint64_t hash,
                    uint8_t out_terms[TERM_COUNT]);

#endif
