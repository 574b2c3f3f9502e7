/* What a person did after decisions: which they saw and clicked on, and what they bought.
 *
 * Read once from the person's own events, newest first, since the oldest decision that is asked
 * about; at most OUTCOME_EVENTS_MAX, and `whole` says whether that was all. Lists in the arena. */
#ifndef VISAVIS_API_PERSON_OUTCOMES_H
#define VISAVIS_API_PERSON_OUTCOMES_H

#include "decide/decide.h"
#include "person/timeline.h"

enum { OUTCOME_EVENTS_MAX = 10000, OUTCOME_ROWS_MAX = 2000, OUTCOME_BOUGHT_DAYS = 30 };

struct person_mark { /* on a decision */
    struct uuid decision;
    struct slice item; /* clicked; empty: seen, or not told */
    int64_t time_ms;
    bool click;
};
struct person_bought {
    struct slice item;
    int64_t time_ms;
};
struct person_outcomes {
    struct arena *arena;
    struct person_mark *marks;
    struct person_bought *bought;
    size_t mark_count, bought_count, looked;
    bool whole;
};
enum status person_outcomes_read(const struct timeline *timeline, int64_t since_ms,
                                 struct arena *arena,
                                 struct person_outcomes *out_outcomes) MUST_CHECK;
/* Members "seen", "clicked" (times or null), "clickedItem" and "bought" of one decision's card. */
void person_outcomes_write(const struct person_outcomes *outcomes, const struct decision *decision,
                           int64_t decided_ms, struct json_out *out);

#endif
