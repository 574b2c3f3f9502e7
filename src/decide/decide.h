/* The decision: a pure function of (moment, person, policy, evidence, seed).
 *
 * Plain values and an arena; no clock, no randomness, no I/O: what the world said stands in the
 * arguments. Two steps, so that a replay needs only the second: the api gathers `struct evidence`
 * (candidates by strategy with the models' answers and the facts the rules need), then decide_run
 * chooses. A live call does decide_trim, decide_run, decide_write_answer, decision_record_pack
 * (record.h); a replay unpacks, finds the policy, and does decide_run, decide_write_answer.
 *
 * Invariants:
 *  1. decide_run(unpack(pack(input))) gives the same outcome, bit for bit, for a trimmed input.
 *  2. No item leaves that a rule forbids: one final filter at the end of every path, fall-backs
 *     and exploration included; a hidden item never leaves, whatever the placement says.
 *  3. Without `personal` nothing of the person is read: outcomes equal an unknown visitor's.
 *  4. The contributions of a score sum to it exactly, added up in the order given.
 *  5. Every placement asked for is answered, if only with nothing and the reason; within a page no
 *     item is shown twice when the placement says so (wishes served earlier, page.h, win).
 *  6. A wish beyond the page's budget is decided as for an unknown visitor.
 *
 * Score. For a strategy s of the recipe, n(s) = answer / highest answer of s in this placement, so
 * 0 < n ≤ 1. Affinities: for each attribute of the candidate that the person has an affinity to,
 * share = weight / sum of the person's weights of that attribute; the AFFINITY_MATCHES_MAX
 * largest shares (candidate.likes) count, each lifting by affinityWeight × share.
 *   mix in_order: the first step i of S that answered leads and alone counts:
 *                (S - 1 - i) × span + weight × n   + lifts,
 *                span = largest weight + AFFINITY_MATCHES_MAX × affinityWeight,
 *                so that no lift carries a later step's item over an earlier step's;
 *   mix weighted: sum over the steps that answered of weight × n   + lifts; the largest part leads;
 *   mix blend: a log-linear score with learned weights, blend.h; the largest part of a step leads.
 * What no step of the recipe answered for, the fallback's steps may have, in order, below zero:
 * the j-th of them, from 1 on, gives weight × n - j × span + lifts.
 * Boosts multiply what stands after the span's multiple, lifts included, and buries divide it; all
 * of an item together count at most RULE_FACTOR_MAX times either way, and span is as many times
 * larger as the placement's boosts can lift. Each is a part of its own: with P(i) the product after
 * the i-th that matches, kept within the bounds, it adds worth × (P(i) - P(i - 1)).
 * Ties go to the smaller item id.
 *
 * Arranging (arrange.h). Of the eligible, in that order: pins take out what they set into their
 * slots; caps remove what there are enough of, pins counted; the fallback's leave unless the rest
 * is too few; diversity (diversity.h) puts the rest in its order. It fills the open slots in order
 * or, with probability `explore`, in one drawn uniformly among all of the rest, else drawn among
 * its best where a rule shuffles (stream seeded by seed and wish index), less the places that a
 * quota of new arrivals takes (newcomers.h). The score stays what models said. */
#ifndef VISAVIS_DECIDE_DECIDE_H
#define VISAVIS_DECIDE_DECIDE_H

#include "decide/input.h"

enum { REMOVED_KEPT_MAX = 10 };

/* Drops what a decision cannot need, so that its record stays small, and puts the rest in order of
 * item id. Of the eligible stay count + SPARE_COUNT and as many again as the count, or as earlier
 * wishes of the page may take when those are more; where the placement explores, as many again.
 * Of the removed stay REMOVED_KEPT_MAX, of the attributes those that a rule of the placement
 * names, of the caller's exclusions those that name a candidate, likes only where affinities
 * weigh, newcomers that can win. What is dropped is counted, by reason. Without exploration the
 * outcome's items, scores and ids are those of the untrimmed input; under exploration the draw is
 * among those kept. Idempotent. Texts are borrowed; *input is changed in place. */
void decide_trim(struct decide_input *input, struct arena *arena);

/* --- the page --------------------------------------------------------------------------------- */

/* The positions of a call's wishes in the order in which they are served: by priority of their
 * placements, equals as asked. */
struct serving {
    uint8_t order[PLACEMENTS_PER_CALL_MAX];
};
struct serving serving_of(const struct decide_input *input);

/* The same call by somebody of whom nothing is known but why. */
struct decide_input unknown_input(const struct decide_input *input);
/* The input that a wish is decided from: that, where the wish is beyond the page's budget. */
struct decide_input wish_input(const struct decide_input *input, size_t index);

/* The placement a wish is decided by: the published one with the rules that act at the moment, for
 * somebody who is held out one of best sellers under the same rules, without exploration. NULL:
 * unknown. In the arena. */
const struct placement *wish_placement(const struct decide_input *input, size_t index,
                                       struct arena *arena);
/* The evidence in the columns of this recipe: as it is where the recipe is the one it was gathered
 * for; under another one a copy with what the record lacks left out. In the arena. */
const struct placement_evidence *evidence_fit(const struct placement_evidence *evidence,
                                              const struct placement *definition,
                                              struct arena *arena);
/* Where the answers to a step stand; COLUMN_COUNT: the evidence has none. */
unsigned evidence_column(const struct placement_evidence *evidence, const struct recipe_step *step);
/* Is this wish held out with nothing in its place, or its placement stopped? */
bool wish_shows_nothing(const struct wish *wish, const struct placement *placement);

/* --- outcome ---------------------------------------------------------------------------------- */

enum contribution_kind {
    CONTRIBUTION_STRATEGY, /* "bought_together" */
    CONTRIBUTION_AFFINITY, /* "affinity:brand=Petit Bateau" */
    CONTRIBUTION_TERM,     /* of a blend: "price_fit" */
    CONTRIBUTION_RULE      /* "boost:brand=Ida", "bury:item" */
};

struct contribution {
    enum contribution_kind kind;
    struct slice name;
    double value;
    const struct recipe_step *step; /* NULL: none of the recipe's, an affinity or a blend's term */
};

struct scored {
    const struct candidate *candidate;
    enum removal removed;
    double score;
    /* add up to the score, of the shown and the runner-up; none of the others */
    const struct contribution *contributions;
    size_t contribution_count;
    enum strategy lead; /* the strategy that brought it; STRATEGY_COUNT: none, only a pin did */
    size_t lead_step;   /* its place in the recipe */
    unsigned lead_column;
    unsigned slot; /* where a rule pinned it, 1 is the first; 0: none did */
    bool invited;  /* shown as a new arrival, by lot, whatever its score */
    /* Of being among the shown, given what earlier wishes of the page show: 1 for the pinned. For
     * the other n, of which the k first fill the open slots, where the best m are shuffled:
     * (1 - explore) × ([among the first m] × min(1, k / m) + [after them, among the first k])
     * + explore × k / n, less what a quota takes (newcomers.h). Sums to the number shown. */
    double probability;
};

/* What diversity moved, among the items that no pin took and before any draw; 1 is the first. */
struct move {
    const struct scored *scored;
    unsigned from, to;         /* to 0: beyond the places that are filled or drawn for */
    const struct scored *like; /* what it was too like, 0 to 1; NULL: it came forward */
    double likeness;
};
struct moves { /* by `from` */
    struct move *list;
    size_t count;
};

struct decision {
    struct uuid id;
    struct slice placement;
    const struct placement *definition;        /* NULL: unknown placement */
    const struct placement_evidence *evidence; /* of the wish, in the recipe's columns */
    /* every candidate that a step answered for or a rule pinned, best first, then new arrivals that
     * only a quota can show, then the removed ones by item id; what caps removed as well */
    const struct scored *all;
    size_t all_count, eligible_count, fresh_count;
    const struct scored *const *shown;
    size_t shown_count;
    size_t own_count;            /* eligible that the recipe proposed or a pin took */
    size_t needed;               /* with fewer items it could not be filled */
    size_t withheld;             /* so many there were, and none was shown: too few */
    const struct ordered *order; /* of kind order: all, as answered */
    size_t order_count;
    const struct scored *runner_up; /* the best that was not shown, or NULL */
    uint32_t person_used;           /* PERSON_ bits */
    bool personalised;              /* person_used != 0 */
    bool explored, shuffled;        /* drawn among all; among the best, by a rule */
    size_t newcomers;               /* new arrivals that were drawn among for a quota's places */
    struct moves moves;             /* none where the order was drawn among all */
    enum arm arm;
    /* "" or why less than the recipe promised: "unknown_placement"; "page_budget" (enough of the
     * page is personalised); "stopped"; "holdout" (held out, with nothing in its place); "too_few"
     * (fewer than it takes, so nothing is shown); "deadline" (the first step, or any of a weighted
     * mix, was cut, or nothing is shown and a step was cut); "empty" (nothing to show); "not_ready"
     * (so, and what a step looks at is being built); "recipe_short" (so the fallback came in);
     * "below_minimum" (fewer than it takes, shown all the same); "similar_not_ready",
     * "bought_together_empty" (in order: the first step had nothing eligible, a later one had) */
    struct slice fallback;
};

struct outcome {
    struct decision *decisions;
    size_t decision_count;
};
/* Memory dies with the arena; the outcome borrows from input. */
void decide_run(const struct decide_input *input, struct arena *arena, struct outcome *out_outcome);

/* Marks the wishes that the page's budget, of the policy or the call whichever is smaller, leaves
 * nothing for: all that are served after the last personalised one that it allows. They lose their
 * arms. True: there are new ones, so that evidence is to be gathered, trimmed and run anew.
 * outcome: of the input as it is, untrimmed but for it. */
bool page_budget_mark(struct decide_input *input, const struct outcome *outcome,
                      struct arena *arena);

/* Says what the score of one of a decision's candidates is the sum of, as of the shown. */
void decide_tell(const struct decide_input *input, const struct outcome *outcome, size_t index,
                 struct scored *scored, struct arena *arena);

/* The answer of POST /v1/decide without the "person" member, as bytes; equal outcomes give equal
 * bytes: {"decisions":[{"id","placement","kind","items":[{"itemId"[,"variant"],"score","reason"}],
 * "policy","personalised","fallback"[,"arm"][,"explanation"]}]}. */
void decide_write_answer(const struct decide_input *input, const struct outcome *outcome,
                         struct buf *buf);

/* One record a call: it is stored under the call's id, whose last byte is zero; the last byte of a
 * decision id is its index. Still UUIDv7. */
struct uuid decision_id(struct uuid call, size_t index);
struct uuid decision_call(struct uuid id);
size_t decision_index(struct uuid id);

#endif
