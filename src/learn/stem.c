#include "learn/stem.h"

#include "base/arena.h"

#include <assert.h>
#include <libstemmer.h>
#include <stdlib.h>

struct stemmer {
    struct sb_stemmer *snowball;
    enum locale locale;
};

struct stemmer *stemmer_new(enum locale locale)
{
    struct stemmer *stemmer = must_alloc_zero(1, sizeof *stemmer);
    stemmer->locale = locale;
    stemmer->snowball = sb_stemmer_new(locale == LOCALE_FR ? "french" : "english", NULL);
    assert(stemmer->snowball); /* both are part of every libstemmer */
    return stemmer;
}

void stemmer_free(struct stemmer *stemmer)
{
    if (!stemmer)
        return;
    sb_stemmer_delete(stemmer->snowball);
    free(stemmer);
}

/* Without its accent "imprimée" reads as "imprimee", which the French rules do not know: the
 * doubled e becomes the single one of "imprime". */
static struct slice without_feminine_e(struct slice word)
{
    if (word.size > 3 && slice_ends_with(word, SLICE("es")))
        word.size--; /* the plural goes anyway */
    if (word.size > 3 && slice_ends_with(word, SLICE("ee")))
        word.size--;
    return word;
}

struct slice stemmer_stem(struct stemmer *stemmer, struct slice word)
{
    if (stemmer->locale == LOCALE_FR)
        word = without_feminine_e(word);
    const sb_symbol *stem =
        sb_stemmer_stem(stemmer->snowball, (const sb_symbol *)word.data, (int)word.size);
    int size = sb_stemmer_length(stemmer->snowball);
    return stem && size > 0 ? slice_make(stem, (size_t)size) : word;
}
