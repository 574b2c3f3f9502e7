/* Who met an item, with decayed counts: a list that is bounded while it streams, or complete
 * while it is gathered.
 *
 * Streaming, a full list lets its lightest quarter go at once, so that a newcomer costs little;
 * what the heaviest of those weighed is the list's floor, which a newcomer is granted and which
 * counts as error: nobody who left can have weighed more (lossy counting: Manku & Motwani 2002,
 * Metwally, Agrawal, El Abbadi 2005). Gathering, a meeting is only noted down; notes of one item
 * are summed when the room is used up, and a list lets go only beyond PAIRS_GATHERED_MAX
 * different items. Which ones leave never depends on the order of a list. Owned by one struct
 * learn, one thread. */
#ifndef VISAVIS_LEARN_PAIRS_H
#define VISAVIS_LEARN_PAIRS_H

#include "learn/items.h"

enum { PAIRS_GATHERED_MAX = 4096 };

/* Streaming. */
void pair_list_meet(struct pair_list *list, const struct items *items, uint32_t other,
                    float weight);

/* Gathering. `places` is scratch paper of items->room numbers, zero before and after. */
void pair_list_note(struct pair_list *list, const struct items *items, uint32_t *places,
                    uint32_t other, float weight);
/* Ends it: the LEARN_PAIRS_MAX heaviest stay. */
void pair_list_settle(struct pair_list *list, const struct items *items, uint32_t *places);

void pair_list_reserve(struct pair_list *list, uint32_t room);

#endif
