/* Learns a workspace's blend weights from what people did next.
 *
 * When somebody who may teach views an item in a visit under way, the ledger thread notes some of
 * such steps as lessons: the visit before it and what everybody had taught until then (a pinned
 * snapshot, which has not seen the step: held out in time). The timer thread later asks the serving
 * code itself for candidates and what speaks for each, and sees which one was taken; every so many
 * lessons it fits the weights anew (learn/logit.h), from the defaults on, so that what no lesson
 * shows stays as it was. Weights are copied out under a mutex; decisions keep theirs on record.
 * Bounded: BLEND_LESSONS_WAIT_MAX waiting, BLEND_EXAMPLES_MAX learned from (some 3 MB), only where
 * a placement blends. */
#ifndef VISAVIS_API_BLEND_LEARNER_H
#define VISAVIS_API_BLEND_LEARNER_H

#include "api/starts.h"

enum {
    BLEND_LESSONS_WAIT_MAX = 64,
    BLEND_EXAMPLES_MIN = 200, /* before it the defaults stand */
    BLEND_EXAMPLES_MAX = 400, /* then the older half leaves */
    BLEND_EXAMPLES_STEP = 100 /* new ones before the next fit */
};

struct blend_learner;
struct blend_learner *blend_learner_new(void);
void blend_learner_free(struct blend_learner *learner);
size_t blend_learner_bytes(struct blend_learner *learner);

/* Ledger thread: is there room for a lesson, and does anybody want it? */
bool blend_learner_wants(struct blend_learner *learner);
/* A step of a visit: before it is observed. The visit's items, newest first, distinct. */
void blend_learner_note(struct blend_learner *learner, struct learn *learn,
                        const struct learn_observation *taken);

/* Timer thread. `wanted`: does a placement blend? A bounded portion of the lessons that wait. */
struct blend_school {
    const struct catalog_snapshot *catalog;
    const struct assortment *assortment;
    struct habits_pin habits;
};
void blend_learner_study(struct blend_learner *learner, bool wanted,
                         const struct blend_school *school);

/* Any thread. False: nothing is learned yet. */
bool blend_learner_weights(struct blend_learner *learner, struct blend_weights *out_weights);
/* As saved; a weight out of bounds is refused. */
bool blend_learner_restore(struct blend_learner *learner, const struct blend_weights *weights);

#endif
