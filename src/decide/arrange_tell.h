/* What arranged a decision, in words: variety, and what became of it when the recipe gave too few.
 *
 * Inside decide/ only, as sentences.h, which says what scratch and detail are for. */
#ifndef VISAVIS_DECIDE_ARRANGE_TELL_H
#define VISAVIS_DECIDE_ARRANGE_TELL_H

#include "decide/sentences.h"

/* "moved": each item that variety moved; no member where none did. */
void telling_moves(struct telling *telling);
/* The move of an item in words, in scratch; empty when it was not moved back or away. */
struct slice telling_move(struct telling *telling, const struct scored *scored);
/* The fallbacks "recipe_short", "too_few" and "below_minimum" in words for the role, in scratch;
 * empty for others. */
struct slice telling_filling(struct telling *telling);
/* The sentences of both; to the marketer that of the filling is told as the fallback. */
void telling_arranging(struct telling *telling);

#endif
