/* Words for a decision: the short reason beside an item, and the explanation for a role.
 *
 * Pure functions of input, outcome and the titles given; nothing is read that the record does not
 * hold. Facts of the person are told only when `personal`. docs/explanations.md shows the JSON. */
#ifndef VISAVIS_DECIDE_EXPLAIN_H
#define VISAVIS_DECIDE_EXPLAIN_H

#include "decide/decide.h"

enum audience_role { ROLE_MARKETER, ROLE_AGENT, ROLE_SHOPPER, ROLE_COUNT };

/* Titles come from a function so that words know names as they are today; may answer empty. */
typedef struct slice decide_title(void *context, struct slice item);

struct explain_options {
    enum audience_role role;
    enum locale locale;
    decide_title *title; /* NULL: input.titles alone */
    void *title_context;
    /* For an answer, which anyone may read: whatever the basis, a visitor of whom nothing was read
     * looks the same; and what is the shop's secret, margins, is not told. */
    bool in_answer;
    /* To the marketer and the agent also what would have changed the outcome, which runs the
     * decision some dozens of times: not for an answer. */
    bool what_if;
};

/* One decision as one JSON object for a role and language.
 * Marketer: {"id","placement","policy","at","known":{"personal","level"},"basis":{"token",
 *   "sentence"},"read":[{"fact","sentence","values"}],"recipe":[{"strategy","name","weight"[,"fallback"]}],
 *   "candidates":[{"strategy","name","count"}],"removed":[{"itemId","title","reason","sentence"}],
 *   "removedCounts":[{"reason","sentence","count"}],"operations":[{"operation","of","count",
 *   "sentence"}],"items":[{"itemId","title","rank"[,"slot"],"score",
 *   "probability","contributions":[{"name","value","sentence"}],"reason"}],"runnerUp":{"itemId",
 *   "title","score","probability","contributions","reason","gap"} or null[,"moved":[{"itemId",
 *   "title","from"[,"to"][,"like","likeness"],"sentence"}]],"personalised",
 *   "explored","fallback":{"token","sentence"},"stagesCut":[strategy],"sentences":[…]
 *   [,"whatIf"]}.
 * Agent: id, placement, at, basis, items (itemId, title, reason), sentences.
 * Shopper: id, items (itemId, title, reason), sentences; no scores, nothing of others.
 * index is that of the wish; role and locale come from options, not from the moment. */
void decide_explain(const struct decide_input *input, const struct outcome *outcome, size_t index,
                    const struct explain_options *options, struct json_out *out);

/* The short reason beside an item in answers and on moment cards ("Souvent acheté avec Lampe
 * Ida"), appended to buf. */
void decide_reason(const struct decide_input *input, const struct scored *scored,
                   const struct explain_options *options, struct buf *buf);

/* options.title's answer, else the input's title, else empty. */
struct slice decide_title_of(const struct decide_input *input,
                             const struct explain_options *options, struct slice item);

const char *removal_name(enum removal removal); /* "stock", "not_included"; "" for REMOVED_NOT */

#endif
