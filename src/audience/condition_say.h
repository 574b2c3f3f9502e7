/* A condition as a sentence, in French and English, each written and not translated word by
 * word. Nested parts stand in parentheses, so that what belongs together is never in doubt. Any
 * thread. */
#ifndef VISAVIS_AUDIENCE_CONDITION_SAY_H
#define VISAVIS_AUDIENCE_CONDITION_SAY_H

#include "audience/condition.h"
#include "base/locale.h"

/* With a capital letter and a full stop. */
void condition_say(const struct condition *condition, enum locale locale, struct buf *buf);

#endif
