/* What the files of visavis import share; private to src/app/import*.c. */
#ifndef VISAVIS_APP_IMPORT_H
#define VISAVIS_APP_IMPORT_H

#include "api/importing.h"
#include "app/command.h"

/* Prints which column seems to be which field and why, in the language asked for or the usual
 * one. */
enum status import_tell_guess(struct call *call, struct import *import, enum locale usual,
                              struct diag *diag) MUST_CHECK;
/* Prints what a catalogue would change. */
void import_tell_diff(struct call *call, const struct feed_diff *diff);

#endif
