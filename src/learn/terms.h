/* The words of a title or a description as an index sees them: folded, without stop words,
 * stemmed.
 *
 * Folding makes text lower-case and takes accents away (Latin letters; œ becomes oe, ß ss), also
 * those written as combining marks. A word is a run of letters and digits; words of letters
 * joined by hyphens are one ("gore-tex", "t-shirt": goretex, tshirt), since shops write them
 * both ways. Single characters say nothing and are left out, which also takes care of l', d' and
 * 's. A struct terms is one thread's. Any bytes may come: what is not UTF-8 separates words. */
#ifndef VISAVIS_LEARN_TERMS_H
#define VISAVIS_LEARN_TERMS_H

#include "base/arena.h"
#include "base/locale.h"

enum {
    TERM_BYTES_MAX = 40,        /* a longer run of letters is no word */
    TERMS_TEXT_BYTES_MAX = 4096 /* of one text; beyond it nothing new is said of a product */
};

struct term {
    struct slice stem; /* the arena's */
    struct slice word; /* as written: a part of the text */
};

struct terms;
struct terms *terms_new(void);
void terms_free(struct terms *terms);

/* The language by its commonest words, or the fall-back when they do not tell. */
enum locale terms_language(struct slice text, enum locale fallback);
/* In the order of the text, repetitions included; answers how many. The list is the arena's. */
size_t terms_read(struct terms *terms, struct slice text, enum locale locale, struct arena *arena,
                  const struct term **out_terms);
/* Folded copy of a value (a brand, a colour): letters and digits, one space between words. */
struct slice terms_fold(struct slice text, struct arena *arena);

#endif
