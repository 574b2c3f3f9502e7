/* The quota of new arrivals: places in which chance shows what nobody could get to know yet.
 *
 * A newcomer is an item that came within the days of the rule and is not the page's own. Of the
 * places that no pin fills, n, so many are the quota's: the whole part of share × n, and one more
 * with a probability of the rest, though no more than there are newcomers that would not be shown
 * by rank or shuffled. Which of those fill them is drawn uniformly, and so is where they stand, so
 * that a place says nothing about its item. Of who would be shown by rank the last yield, newcomers
 * after all others.
 *
 * Probabilities. With q places and a newcomers to draw among, each of these is shown with
 * (1 - explore) × q / a, and of the others as many as without the quota are, less q: the mean of
 * both where chance says whether q is one more. Fresh ones, which no step proposed, have a score of
 * zero, without contributions.
 *
 * The draw gives each newcomer a lot, from the seed, the wish and its own id alone; the smallest
 * lots win. So the cut before a decision needs to keep only as many as can win, and their number.
 * Inside decide/ only; plain values in the arena of the decision. */
#ifndef VISAVIS_DECIDE_NEWCOMERS_H
#define VISAVIS_DECIDE_NEWCOMERS_H

#include "base/random.h"
#include "decide/decide.h"

struct newcomer {
    const struct candidate *candidate;
    size_t position; /* in whatever list it comes from */
    uint64_t lot;
};

/* How many places: `least`, and one more with this probability. */
struct quota {
    const struct rule *rule;
    size_t least;
    double more;
};

/* The rule of the definition that keeps places for newcomers, NULL when none does: the first. */
const struct rule *newcomers_rule(const struct placement *definition);
bool newcomers_have(const struct rule *rule, const struct candidate *candidate,
                    struct slice page_item);
struct quota newcomers_quota(const struct rule *rule, size_t places);

/* Gives them their lots and puts them in the order in which they win. */
void newcomers_draw(const struct decide_input *input, size_t index, struct newcomer *list,
                    size_t count);
/* What chance says of a wish beside its lots. */
struct random_stream newcomers_chance(const struct decide_input *input, size_t index);
/* Which of `places` are for newcomers: every set of `count` is as likely as any other. */
void newcomers_places(struct random_stream *stream, size_t places, size_t count, bool *out_theirs);

#endif
