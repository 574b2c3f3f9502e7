/* Which passwords a user may choose, and those that we make. Pure but for randomness. */
#ifndef VISAVIS_API_PASSWORDS_H
#define VISAVIS_API_PASSWORDS_H

#include "base/diag.h"
#include "base/slice.h"

enum { PASSWORD_TEXT_SIZE = 30 };

/* PASSWORD_BYTES_MIN to PASSWORD_BYTES_MAX bytes of UTF-8, no rule of composition; but what is left
 * without common words, the words given (the user's name, the shops'), runs and repetitions must
 * still be something. */
enum status password_check(struct slice password, const struct slice *words, size_t count,
                           struct diag *diag) MUST_CHECK;

/* Six groups of four of 32 letters and digits that are not mistaken for each other: 120 bits. */
void password_make(char out_text[PASSWORD_TEXT_SIZE]);

#endif
