/* The two languages of every text a person reads. */
#ifndef VISAVIS_BASE_LOCALE_H
#define VISAVIS_BASE_LOCALE_H

#include "base/slice.h"

enum locale { LOCALE_FR, LOCALE_EN, LOCALE_COUNT };

/* "fr", "fr-FR", "en_GB" …; anything else is the fall-back. */
enum locale locale_from_text(struct slice text, enum locale fallback);
const char *locale_name(enum locale locale);

#endif
