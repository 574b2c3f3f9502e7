/* What would have changed the outcome: a decision run again with one thing changed.
 *
 * Pure, of the recorded input alone; at most WHAT_IFS_MAX runs. A record keeps the candidates near
 * to being shown and counts the others: where those could have come in, the answer is marked as
 * only as certain as the record. */
#ifndef VISAVIS_DECIDE_WHAT_IF_H
#define VISAVIS_DECIDE_WHAT_IF_H

#include "decide/decide.h"

enum { WHAT_IFS_MAX = 32 };

enum what_if_kind {
    WHAT_IF_WITHOUT_RULE,
    WHAT_IF_WITHOUT_ITEM, /* that called others: not seen, not in the basket, not bought */
    WHAT_IF_WITHOUT_TASTES,
    WHAT_IF_WITHOUT_CONSENT,
    WHAT_IF_HELD_OUT,
    WHAT_IF_WITHOUT_CHANCE, /* of an order that was drawn at random */
    WHAT_IF_WITHOUT_FALLBACK,
    WHAT_IF_PARTIAL, /* too few were shown all the same */
    WHAT_IF_COUNT
};

struct what_if {
    enum what_if_kind kind;
    const struct rule *rule; /* WITHOUT_RULE; its place among the published ones, 1 is the first */
    size_t rule_position;
    struct slice item;        /* WITHOUT_ITEM */
    const struct slice *come; /* items that would be shown as well, in the order shown */
    size_t come_count;
    const struct slice *gone; /* items that would not */
    size_t gone_count;
    size_t moved;   /* of those that stay: in another slot */
    bool certain;   /* no candidate that the record dropped could make it otherwise */
    bool unknown;   /* the record has nothing to say it by; the rest is not set */
    bool nothing;   /* nothing at all would be shown */
    unsigned tried; /* in which order */
};

struct what_ifs {
    struct what_if list[WHAT_IFS_MAX]; /* those that change what is shown, the smallest change
                                          first; then the unknown; then those without effect */
    size_t count, changed, unknown;
    size_t untried; /* beyond the limit */
};

/* index is that of the wish, of a known placement. In the arena. */
struct what_ifs *what_ifs_of(const struct decide_input *input, const struct outcome *outcome,
                             size_t index, struct arena *arena);

const char *what_if_name(enum what_if_kind kind); /* "without_rule" */

#endif
