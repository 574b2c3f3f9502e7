/* The door to libstemmer (Snowball): words to stems, French and English.
 *
 * A stemmer is one thread's; make one where words are read. Words are lower-case and without
 * accents (terms.h folds them), so that CHAUSSURES, chaussures and a text without accents give
 * the same stem. */
#ifndef VISAVIS_LEARN_STEM_H
#define VISAVIS_LEARN_STEM_H

#include "base/locale.h"

struct stemmer;
struct stemmer *stemmer_new(enum locale locale);
void stemmer_free(struct stemmer *stemmer);
/* Borrowed until the next call. Never empty for a word that is not. */
struct slice stemmer_stem(struct stemmer *stemmer, struct slice word);

#endif
