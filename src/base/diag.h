/* What a person wrote wrongly: where, and how to mend it.
 *
 * Filled by parsers beside STATUS_INVALID; shown by the API as problem+json and by the command
 * line as "line:column: sentence". Held by value; the sentence is cut at its room rather than
 * allocated. line and column start at 1, 0 means unknown. */
#ifndef VISAVIS_BASE_DIAG_H
#define VISAVIS_BASE_DIAG_H

#include "base/status.h"

struct diag {
    unsigned line, column;
    char field[64];     /* JSON pointer or column name, or "" */
    char sentence[256]; /* what is wrong and how to mend it, without a full stop */
};

/* Fills diag (may be NULL) and answers status, so that `return diag_set(...)` reads well. */
enum status diag_set(struct diag *diag, enum status status, const char *field, const char *format,
                     ...) __attribute__((format(printf, 4, 5)));

#endif
