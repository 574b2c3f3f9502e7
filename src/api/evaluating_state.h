/* What evaluating.c (the log, the cuts) and evaluating_ask.c (one question) share. */
#ifndef VISAVIS_API_EVALUATING_STATE_H
#define VISAVIS_API_EVALUATING_STATE_H

#include "api/evaluating.h"
#include "api/item_names.h"
#include "base/number_table.h"

struct question {
    size_t person;
    struct uuid node, device;
    uint64_t sequence; /* of the deed it begins with */
    int64_t time_ms;
    uint64_t page;   /* hash of the item that the deed is about; 0: none */
    uint64_t *taken; /* hashes of items, distinct; the window's */
    size_t taken_count, taken_room;
};

/* What a list showed in all. */
struct shown_list {
    struct number_table items;
    size_t count, answers;
    double surprise; /* sum of −log2 of the share of deeds */
};

struct evaluating {
    struct engine *engine;
    const struct evaluation_wish *wish;
    struct learning *learning;
    struct assortments *assortments;
    size_t rows, taught; /* of the log that name items; of them before the cut */
    const struct catalog_snapshot *catalog;
    struct item_names *names;
    uint64_t began_us;                          /* the present stretch of work */
    struct rule rules[RULES_PER_PLACEMENT_MAX]; /* of all lists */
    struct placement placements[EVALUATION_LISTS_MAX];
    struct policy policies[EVALUATION_LISTS_MAX];
    size_t list_count;
    /* who is asked: a hash of the node to a number from 1 */
    struct number_table people;
    unsigned halvings;
    int64_t until_ms;
    /* between two cuts */
    int64_t taught_ms, cut_ms, window_end_ms;
    struct question *questions;
    size_t question_count;
    uint32_t *asked; /* by person: their question's place + 1 */
    struct arena window;
    /* pinned while it is asked */
    const struct learn_snapshot *learned;
    struct habits_pin habits;
    const struct assortment *assortment;
    struct blend_weights blend;
    bool blend_learned;
    struct arena arena; /* of one question */
    /* by item: deeds before the cut */
    struct number_table deeds;
    uint64_t deed_count;
    /* the sums, of all and of the cold */
    double *counts[2];
    struct offline_gain *sums[2];
    struct shown_list shown[EVALUATION_LISTS_MAX];
    size_t cuts, answered_questions, visible_items;
};

/* False: it is to stop. Rests where others want the processor. */
bool evaluating_goes_on(struct evaluating *evaluating);

void evaluating_make_lists(struct evaluating *evaluating);
/* Likeness and arrivals, where a step asks for them. */
enum status evaluating_follow_catalog(struct evaluating *evaluating);
/* Now and then while it teaches: a blend's weights from what people did next, as in service. */
void evaluating_study(struct evaluating *evaluating);
void evaluating_pin(struct evaluating *evaluating);
void evaluating_unpin(struct evaluating *evaluating);
/* STATUS_CONFLICT: it is to stop. Somebody who may not be read is passed over. */
enum status evaluating_ask(struct evaluating *evaluating, const struct question *question);

#endif
