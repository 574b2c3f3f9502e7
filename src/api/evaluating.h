/* What a placement's recipe would have been worth on the workspace's own last days, before it goes
 * live: the whole recipe, each of its strategies alone, and best sellers under the same rules.
 *
 * The days are cut (`cut_days`). At each cut models of their own learn what the log tells of before
 * it; then everybody who did something until the next cut is asked once, at their first deed after
 * it, in the state they were in: the view as known before that deed, the page of the item they were
 * on. What they took from then on is held against the list that the serving code makes
 * (strategies.h, decide.h), without exploring. Catalogue, stock and prices are today's.
 *
 * Only people who may be recognised are asked, then and today (purpose personalise); whoever else
 * is outside. Of more than people_max a share is asked, by a hash. Reads the log in portions, from
 * any thread but a loop's or the ledger's; takes a second set of models, at most people_max people
 * with EVALUATION_TAKEN_MAX items each, and nothing else that grows. */
#ifndef VISAVIS_API_EVALUATING_H
#define VISAVIS_API_EVALUATING_H

#include "api/engine.h"
#include "measure/offline.h"

enum {
    EVALUATION_PEOPLE_DEFAULT = 5000,
    EVALUATION_PEOPLE_MAX = 50000,
    EVALUATION_TAKEN_MAX = 200, /* items that a person took between two cuts; more are a trader's */
    EVALUATION_CUTS_MAX = 60,
    EVALUATION_K_DEFAULT = 20,
    EVALUATION_DAYS_DEFAULT = 7,
    EVALUATION_SPAN_DAYS_MAX = 3650,
    EVALUATION_WISH_BYTES_MAX = 1 << 20, /* a draft's */
    EVALUATION_REPORT_BYTES_MAX = 1 << 18,
    /* the recipe, best sellers, each step */
    EVALUATION_LISTS_MAX = 2 + STRATEGIES_PER_RECIPE_MAX
};

enum evaluation_target { EVALUATION_BOUGHT, EVALUATION_VIEWED };

struct evaluation_wish {
    const struct workspace *workspace;
    const struct placement *placement;
    bool draft; /* not as published */
    int64_t since_ms;
    unsigned cut_days, k, people_max;
    enum evaluation_target target;
    enum locale locale;
    /* Asked between portions; then it also leaves the processor to others half of the time. NULL:
     * nobody else is there. */
    bool (*stopped)(void *context);
    void *context;
};
/* Defaults for everything but workspace, placement and since. */
struct evaluation_wish evaluation_wish_default(const struct workspace *workspace,
                                               const struct placement *placement);

/* "2026-10-01" (a day of the workspace's zone) or an ISO instant. */
bool evaluation_since(const struct workspace *workspace, struct slice text, int64_t *out_ms);

enum { EVALUATION_WHOLE, EVALUATION_BEST_SELLERS, EVALUATION_STEPS };

struct evaluated_list {
    struct effect figures[OFFLINE_COUNT], over[OFFLINE_COUNT]; /* over best sellers */
    struct effect cold[OFFLINE_COUNT]; /* people of whom nothing was known before */
    double coverage;                   /* share of the catalogue's visible items that it showed */
    double novelty; /* mean of −log2 of the share of deeds, before the cut, about what it showed */
    double answered; /* share of the questions with anything to show */
};

struct evaluated {
    bool enough; /* EFFECT_PEOPLE_MIN people: else nothing is told */
    int64_t until_ms;
    size_t cuts, questions, people, cold_questions, cold_people, list_count;
    double asked_share; /* of all who could have been */
    enum strategy strategies[EVALUATION_LISTS_MAX];
    struct evaluated_list lists[EVALUATION_LISTS_MAX];
};

/* STATUS_CONFLICT: it was stopped; STATUS_INVALID: too many cuts; else what the store says. */
enum status evaluate_placement(struct engine *engine, const struct evaluation_wish *wish,
                               struct evaluated *out_evaluated, struct diag *diag) MUST_CHECK;
/* One JSON object (spec/openapi.yaml: PlacementEvaluation), its sentences in wish->locale. */
void evaluation_write(const struct evaluation_wish *wish, const struct evaluated *evaluated,
                      struct buf *buf);
/* The same for reading, a line each. */
void evaluation_tell(const struct evaluation_wish *wish, const struct evaluated *evaluated,
                     struct buf *buf);

#endif
