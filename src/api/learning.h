/* The learners of all workspaces, fed in the ledger's wake, and their place in the store.
 *
 * Observing, publishing and saving happen on the ledger thread; pinning anywhere. Each learner's
 * whole state is saved beside the sequence it has seen (SPACE_COUNTER, rows 'L', 'H' and 'W' of its
 * workspace, and 'B': a blend's learned weights); at start the log beyond that sequence is observed
 * again, so that what was learned is a fold of the log. Saved rarely: after LEARNING_SAVE_EVENTS
 * events and at a clean stop. */
#ifndef VISAVIS_API_LEARNING_H
#define VISAVIS_API_LEARNING_H

#include "api/blend_learner.h"
#include "api/habits.h"
#include "catalog/catalog.h"
#include "learn/learn.h"
#include "person/people.h"

enum { LEARNING_SAVE_EVENTS = 200000 };

struct learning;

enum status learning_open(struct store *store, struct learning **out_learning,
                          struct diag *diag) MUST_CHECK;
void learning_close(struct learning *learning);
/* Observes the next portion of the log beyond what was saved; false when all of it is observed.
 * Until then learning_observe does nothing: the portions will come to the same events in their
 * order. On the ledger thread, or before it starts. */
bool learning_catch_up(struct learning *learning, struct catalog *catalog);

/* Ledger thread. */
void learning_observe(struct learning *learning, uint32_t workspace, const struct event *event);
void learning_forget(struct learning *learning, uint32_t workspace, const struct uuid *nodes,
                     size_t count);
/* A bounded portion; true while there is more. */
bool learning_publish(struct learning *learning);
/* A ledger_checkpointer. */
bool learning_checkpoint(void *context, struct store_batch *batch, struct store *store,
                         uint64_t sequence);
/* The next checkpoint saves whatever there is: before a stop. */
void learning_save_next(struct learning *learning);

/* Models of an evaluation's own, beside the living ones: no store, taught by learning_teach alone,
 * on one thread. They are published, pinned and closed like the others. */
struct learning *learning_new(void);
/* A row of the log, of any sequence. */
void learning_teach(struct learning *learning, struct catalog *catalog, uint32_t workspace,
                    const struct event_lesson *lesson);

/* Any thread. NULL for a workspace in which nothing happened; unpin with learn_unpin. */
const struct learn_snapshot *learning_pin(struct learning *learning, uint32_t workspace);
/* What people buy by category and how long it lasts; empty likewise. Unpin with habits_unpin. */
struct habits_pin learning_pin_habits(struct learning *learning, uint32_t workspace);
/* Keeps what lies in which category (category_tops.h) up with both, where a step asks for it.
 * Timer. */
void learning_place_tops(struct learning *learning, uint32_t workspace, struct catalog *catalog);
/* Blend weights as learned; false: the defaults stand. Any thread. */
bool learning_blend(struct learning *learning, uint32_t workspace,
                    struct blend_weights *out_weights);
/* A portion of what blends learn from; `wanted`: does a placement of the workspace blend? Timer. */
void learning_study_blend(struct learning *learning, uint32_t workspace, bool wanted,
                          struct blend_school *school);
/* Memory of each model, of all workspaces, as of the last publication or a minute before. Any
 * thread. */
enum learning_model {
    MODEL_CROWD,      /* trending, best sellers, running visits */
    MODEL_GRAPH,      /* who is bought and viewed with what */
    MODEL_SESSIONS,   /* visits that ended */
    MODEL_CATEGORIES, /* best sellers by category and brand */
    MODEL_REPURCHASE,
    MODEL_BLEND, /* lessons of blends' weights */
    MODEL_COUNT
};
const char *learning_model_name(enum learning_model model);
uint64_t learning_bytes(const struct learning *learning, enum learning_model model);
/* Visitors marked as robots or kiosks by how much they did (learn/tireless.h). Any thread. */
uint64_t learning_robots(const struct learning *learning);
/* Events observed and not yet published, or a log not yet caught up with? Any thread. */
bool learning_dirty(const struct learning *learning);

#endif
