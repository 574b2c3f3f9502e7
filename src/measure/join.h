/* Outcomes joined to exposures: what each person of an experiment did after they were exposed, for
 * every measured placement of one workspace.
 *
 * A fold: exposures and outcomes are taken in the log's order, and the same order gives the same
 * state, byte for byte, wherever it was saved and read again in between. One row a person and
 * placement: the arm of the first exposure and the sum of the outcomes within the horizon that
 * begins with it. Each order, decision or message counts once a placement. A late event counts by
 * its own time. A changed objective, hold-out share or arm begins a new measurement, and the old
 * one is dropped: its people were promised something else.
 *
 * Bounded: JOIN_PEOPLE_MAX rows of people and JOIN_OUTCOMES_MAX of outcomes a workspace (about
 * 170 MB when both are full). Beyond it the placement with most people keeps every second one,
 * chosen by a hash of the person that has nothing to do with arms, again and again as needed: the
 * figures stay unbiased, with wider intervals, and `sampled` says so. At most JOIN_PLACEMENTS_MAX
 * placements; further ones are not measured.
 *
 * Owned by one thread at a time; the caller has the lock. Plain values: who may be measured is the
 * caller's to say. */
#ifndef VISAVIS_MEASURE_JOIN_H
#define VISAVIS_MEASURE_JOIN_H

#include "base/buf.h"
#include "measure/objective.h"

enum {
    JOIN_PEOPLE_MAX = 1 << 20,
    JOIN_OUTCOMES_MAX = 1 << 20,
    JOIN_PLACEMENTS_MAX = 64,
    JOIN_PERSON_OUTCOMES_MAX = 200, /* of one person and placement; beyond it a till or a robot */
    JOIN_CURRENCY_SIZE = 3
};

struct join_limits { /* 0 takes the constants above; smaller ones for tests */
    size_t people_max, outcomes_max;
};

struct join;
struct join *join_new(const struct join_limits *limits);
void join_free(struct join *join);

/* Why somebody who got an answer is in no experiment. Stored in the state: append only. */
enum outside {
    OUTSIDE_NOT,
    OUTSIDE_UNRECOGNISED, /* nobody was named, or they may not be recognised */
    OUTSIDE_NEW,          /* their very first event came with the call */
    OUTSIDE_UNMEASURED,   /* recognised, and may not be counted; or a robot */
    OUTSIDE_COUNT
};

/* One wish of a decision for a measured placement. */
struct exposure {
    struct slice placement;
    const struct objective *objective; /* as published in the policy decided under */
    uint32_t policy;
    struct uuid person;
    enum outside outside; /* else counted alone, and what follows is not set */
    enum arm arm;         /* chosen or held out */
    bool explored;        /* its order was drawn at random */
    uint32_t before;      /* what was known of them then: items bought, or looked at */
    int64_t time_ms;
};
void join_expose(struct join *join, const struct exposure *exposure);

/* The shop said that a decision was seen, or somebody clicked on what it showed. */
struct join_mark {
    struct slice placement;
    struct uuid person; /* whom the decision was for */
    uint64_t decision;  /* a hash of its id */
    bool explored;
    int64_t time_ms;
};
void join_see(struct join *join, const struct join_mark *mark);
void join_click(struct join *join, const struct join_mark *mark);

/* Whose node an outcome may belong to, and in which time it was theirs: from ≤ time < to. */
struct join_person {
    struct uuid node;
    int64_t from_ms, to_ms;
};

struct outcome_seen {
    int64_t time_ms;
    uint64_t key;      /* a hash of the order's id, else of the message: counts once */
    struct slice name; /* of the event */
    bool order, lead;
    double revenue, margin; /* of an order, in minor units */
    struct slice currency;
    const struct join_person *people;
    size_t people_count;
};
/* Does any placement ask for such an outcome? People need be found only then. */
bool join_wants(const struct join *join, const struct outcome_seen *outcome);
void join_outcome(struct join *join, const struct outcome_seen *outcome);
/* Of an order that came before: amount in minor units, NAN takes all of it back. Where margins
 * count, an amount takes back the margin that such a part of the order earned. */
void join_refund(struct join *join, uint64_t key, double amount);
/* Nothing of this node remains. */
void join_forget(struct join *join, struct uuid node);

/* --- what is known ---------------------------------------------------------------------------- */

struct joined_person {
    struct uuid person;
    int64_t exposed_ms, clicked_ms; /* clicked: the first click, 0 none */
    double value, attributed;       /* all outcomes; those after a click */
    uint32_t outcomes, attributed_outcomes;
    uint32_t decisions[2], clicks[2]; /* ranked, explored */
    uint32_t before;                  /* at the first exposure: items bought, or looked at */
    uint8_t arm, seen, first_explored;
};

struct joined {
    struct slice placement;
    struct objective objective;
    uint32_t policy;
    int64_t began_ms, newest_ms;     /* first and latest exposure */
    unsigned halvings;               /* one person in 2^halvings is kept */
    struct slice currency;           /* of the amounts; empty when there are none yet */
    uint64_t other_currency;         /* orders left out for being in another */
    uint64_t outside[OUTSIDE_COUNT]; /* decisions that nobody of the experiment got */
    const struct joined_person *people;
    size_t people_count;
};
/* Borrowed until the next change. False: not measured, or nobody was exposed yet. */
bool join_get(const struct join *join, struct slice placement, struct joined *out_joined);
size_t join_people(const struct join *join);

void join_pack(const struct join *join, struct buf *buf);
/* STATUS_CORRUPT on anything that pack does not write. */
enum status join_unpack(struct slice bytes, const struct join_limits *limits,
                        struct join **out_join) MUST_CHECK;

#endif
