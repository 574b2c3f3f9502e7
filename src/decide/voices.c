#include "decide/voices.h"

#include <float.h>

static bool is_alike(const struct voices *voices)
{
    for (size_t i = 0; i < ALIKE_COUNT; i++)
        if (voices->alike[i] > 0)
            return true;
    return false;
}

static void put_in_order(struct voices *voices)
{
    for (size_t i = 1; i < voices->count; i++)
        for (size_t j = i; j > 0 && voices->titles[j] < voices->titles[j - 1]; j--) {
            uint8_t title = voices->titles[j];
            float said = voices->said[j];
            voices->titles[j] = voices->titles[j - 1];
            voices->said[j] = voices->said[j - 1];
            voices->titles[j - 1] = title;
            voices->said[j - 1] = said;
        }
}

/* Rounds the sums from the first on, so that all together are whole. */
static void round_said(struct voices *voices, double total)
{
    struct voices rounded = *voices;
    double sum = 0;
    unsigned before = 0;
    rounded.count = 0;
    for (size_t i = 0; i < voices->count; i++) {
        sum += (double)voices->said[i];
        unsigned whole = (unsigned)(sum / total * VOICES_WHOLE + 0.5);
        if (whole > before)
            voices_add(&rounded, voices->titles[i], (float)(whole - before));
        before = whole;
    }
    *voices = rounded;
}

const struct voices *voices_round(const struct voices *voices, struct arena *arena)
{
    double total = 0;
    if (!voices || (voices->count < 2 && !is_alike(voices)))
        return NULL;
    struct voices *rounded = ARENA_NEW(arena, struct voices);
    *rounded = *voices;
    put_in_order(rounded);
    for (size_t i = 0; i < rounded->count; i++)
        total += (double)rounded->said[i];
    if (!(total > 0 && total <= (double)FLT_MAX))
        return NULL;
    round_said(rounded, total);
    return rounded->count < 2 && !is_alike(rounded) ? NULL : rounded;
}

void voices_silence(struct candidate *candidate, unsigned column,
                    const bool gone[static TITLES_MAX + 1], struct arena *arena)
{
    const struct voices *voices = voices_of(candidate, column);
    struct voices *left = ARENA_NEW(arena, struct voices);
    double total = 0, said = 0;
    float loudest = 0;
    if (!voices) {
        candidate->answers[column] *= gone[candidate->because[column]] ? 0 : 1;
        return;
    }
    for (size_t i = 0; i < voices->count; i++) {
        total += (double)voices->said[i];
        if (gone[voices->titles[i]])
            continue;
        voices_add(left, voices->titles[i], voices->said[i]);
        said += (double)voices->said[i];
        if (voices->said[i] > loudest)
            candidate->because[column] = voices->titles[i];
        loudest = voices->said[i] > loudest ? voices->said[i] : loudest;
    }
    memcpy(left->alike, voices->alike, sizeof left->alike);
    candidate->voices[voices_kind(column)] = left;
    candidate->answers[column] *= (float)(total > 0 ? said / total : 0);
}

double voices_share(const struct candidate *candidate, unsigned column, uint8_t title)
{
    const struct voices *voices = voices_of(candidate, column);
    double total = 0, said = 0;
    if (!voices)
        return title != 0 && candidate->because[column] == title ? 1 : 0;
    for (size_t i = 0; i < voices->count; i++) {
        total += (double)voices->said[i];
        said += voices->titles[i] == title ? (double)voices->said[i] : 0;
    }
    return total > 0 ? said / total : 0;
}
