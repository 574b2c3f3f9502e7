/* "What would have changed the outcome", as JSON and in words, for the marketer and the agent.
 * Inside decide/ only. */
#ifndef VISAVIS_DECIDE_WHAT_IF_TELL_H
#define VISAVIS_DECIDE_WHAT_IF_TELL_H

#include "decide/sentences.h"

/* "whatIf": {"tried", "changes": [{"kind", …, "come", "gone", "moved", "certain", "sentence"}],
 * "unknown": [{"kind", …, "sentence"}], "same": [{"kind", …}]}. */
void telling_what_ifs(struct telling *telling, const struct outcome *outcome);

#endif
