/* Repurchase due: what a person bought before and is about to need again.
 *
 * From everybody's purchases the model learns how long an item lasts: the median time between
 * two purchases of it by the same person, and the same for its category, as log histograms of
 * fixed size (eight steps an octave from one day to 512: a median is exact within 4.5 %). Each
 * purchase also tells how often the item is bought again at all. A question brings what one
 * person bought and when; their own rhythm counts for as much as it says:
 *
 *     lifetime = weighted geometric mean of own mean gap (4 a gap), the item's median (1 a
 *                repurchase, at most 20), the category's (1 a repurchase, at most 5)
 *     again    = how likely they buy it again: own repurchases, with the item's share as prior
 *     score    = again × 1 / (1 + x²/4), x = log2(time since the last purchase / lifetime)
 *
 * so the score peaks when due, is half at a quarter and at four times the lifetime, and is 0
 * where nothing is known. Observing, publishing and packing are one thread's, in sequence order;
 * a snapshot is immutable and any thread's. Bounded: REPURCHASE_PAIRS_MAX latest purchases of
 * (person, item), REPURCHASE_KEYS_MAX items and categories. No libm transcendental: the same
 * bits everywhere. */
#ifndef VISAVIS_LEARN_REPURCHASE_H
#define VISAVIS_LEARN_REPURCHASE_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/status.h"
#include "base/uuid.h"

enum {
    REPURCHASE_PAIRS_MAX = 1 << 20, /* 24 bytes each */
    REPURCHASE_KEYS_MAX = 200000,   /* some 100 bytes each, 250 once it was bought again */
    REPURCHASE_OWNED_MAX = 64       /* of one question */
};

struct repurchase_purchase {
    int64_t time_ms;
    struct uuid person;
    struct slice item;
    struct slice category; /* the full path; may be empty */
};

struct repurchase;
struct repurchase *repurchase_new(void);
void repurchase_free(struct repurchase *repurchase);
void repurchase_observe(struct repurchase *repurchase, const struct repurchase_purchase *purchase);
/* A person was erased: their latest purchases are forgotten; histograms stay. */
void repurchase_forget(struct repurchase *repurchase, struct uuid person);
void repurchase_publish(struct repurchase *repurchase);
size_t repurchase_bytes(const struct repurchase *repurchase);

void repurchase_pack(const struct repurchase *repurchase, struct buf *buf);
enum status repurchase_unpack(struct slice bytes, struct repurchase **out_repurchase) MUST_CHECK;

struct repurchase_snapshot;
const struct repurchase_snapshot *repurchase_pin(struct repurchase *repurchase); /* never NULL */
void repurchase_unpin(const struct repurchase_snapshot *snapshot);

struct repurchase_owned { /* what a person bought */
    struct slice item, category;
    int64_t first_ms, last_ms; /* of their purchases of it */
    uint32_t times;            /* purchases on different days, 1 or more */
};

enum repurchase_basis { REPURCHASE_BY_OWN, REPURCHASE_BY_ITEM, REPURCHASE_BY_CATEGORY };

struct repurchase_due {
    size_t owned;                /* which of the question */
    double score;                /* 0 to 1; again × peak */
    double again, peak;          /* see above */
    int64_t lifetime_ms;         /* expected between two purchases */
    enum repurchase_basis basis; /* what says most about the lifetime */
};

/* Best first, ties by item id; only what scores. */
size_t repurchase_ask(const struct repurchase_snapshot *snapshot,
                      const struct repurchase_owned *owned, size_t count, int64_t now_ms,
                      struct repurchase_due *out_due);

#endif
