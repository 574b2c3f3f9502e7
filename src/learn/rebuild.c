/* A learner made anew from the log: it gathers complete counts, settles into bounded lists, and
 * takes the place of the one that streamed.
 *
 * Both take the same way through learn_observe; only the lists of pairs differ (pairs.h), so as
 * long as no list overflowed and nothing faded away the two hold the same bytes. */
#include "learn/pairs.h"
#include "learn/state.h"

#include <assert.h>
#include <stdlib.h>

uint32_t *learn_places(struct learn *learn)
{
    if (learn->place_room < learn->items.room) {
        free(learn->places);
        learn->place_room = learn->items.room;
        learn->places = must_alloc_zero(learn->place_room, sizeof *learn->places);
    }
    return learn->places;
}

struct learn *learn_new_gathering(void)
{
    struct learn *learn = learn_new();
    learn->place_room = 1;
    learn->places = must_alloc_zero(learn->place_room, sizeof *learn->places);
    return learn;
}

void learn_settle(struct learn *learn)
{
    assert(learn->places);
    uint32_t *places = learn_places(learn);
    for (uint32_t slot = 0; slot < learn->items.count; slot++)
        for (int i = 0; i < LEARN_RELATION_COUNT; i++)
            pair_list_settle(&learn->items.slots[slot].lists[i], &learn->items, places);
    free(learn->places);
    learn->places = NULL;
    learn->place_room = 0;
}

void learn_adopt(struct learn *learn, struct learn *fresh)
{
    unsigned char held[offsetof(struct learn, lock)];
    assert(!fresh->places && !learn->places);
    int failed = pthread_mutex_lock(&learn->lock);
    assert(failed == 0);
    memcpy(held, learn, sizeof held);
    memcpy((void *)learn, fresh, sizeof held);
    memcpy((void *)fresh, held, sizeof held);
    failed = pthread_mutex_unlock(&learn->lock);
    assert(failed == 0);
}
