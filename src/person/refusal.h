/* Why a message is not taken: each reason once, in both languages. Pure, any thread.
 *
 * A reason is stored by its code, so that it can be told in either language later; what a reason
 * says of is the field that it names. Codes are never reused. */
#ifndef VISAVIS_PERSON_REFUSAL_H
#define VISAVIS_PERSON_REFUSAL_H

#include "base/buf.h"
#include "base/diag.h"
#include "base/locale.h"

enum refusal {
    REFUSAL_OTHER, /* its sentence is all that is known */
    REFUSAL_NOT_JSON,
    REFUSAL_LONG_MESSAGE,
    REFUSAL_NOT_OBJECT,
    REFUSAL_MEMBER_NOT_OBJECT,
    REFUSAL_TYPE,
    REFUSAL_NO_EVENT,
    REFUSAL_LONG_EVENT,
    REFUSAL_LONG_MESSAGE_ID,
    REFUSAL_MESSAGE_ID_KIND,
    REFUSAL_ID_KIND,
    REFUSAL_LONG_ID,
    REFUSAL_NOBODY,
    REFUSAL_ALIAS_OF_NOBODY,
    REFUSAL_NO_GROUP,
    REFUSAL_LONG_CONTEXT,
    REFUSAL_COUNT
};

/* Fills diag with the reason in English; answers false, so that `return refusal_set(...)` reads
 * well where true means taken. */
bool refusal_set(struct diag *diag, enum refusal refusal, const char *field);
/* What is told of a refused message. The sentence of diag stands for a reason without words of its
 * own, and in English for broken JSON. */
void refusal_say(enum refusal refusal, const struct diag *diag, enum locale locale,
                 struct buf *out_text);

#endif
