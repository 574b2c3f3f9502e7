/* Small numbers for item ids, in the order they came: one thread gives them out, any thread reads
 * meanwhile.
 *
 * Nothing moves and nothing is taken back before the whole goes, so a reader needs no lock: a
 * number that it learned of names an item for ever. At most CATALOG_ITEMS_MAX. The texts are
 * copied. */
#ifndef VISAVIS_LEARN_ITEM_NUMBERS_H
#define VISAVIS_LEARN_ITEM_NUMBERS_H

#include "base/arena.h"

#define ITEM_NUMBER_NONE UINT32_MAX

struct numbered_item {
    struct slice id;
    uint64_t hash; /* hash64 of id */
};

struct item_numbers;
struct item_numbers *item_numbers_new(void);
void item_numbers_free(struct item_numbers *numbers);

/* The giver's thread. ITEM_NUMBER_NONE when all are given out. */
uint32_t item_numbers_intern(struct item_numbers *numbers, struct numbered_item item);
uint32_t item_numbers_count(const struct item_numbers *numbers);
size_t item_numbers_bytes(const struct item_numbers *numbers);

/* Any thread. ITEM_NUMBER_NONE for an item that has none yet. */
uint32_t item_numbers_find(const struct item_numbers *numbers, struct numbered_item item);
const struct numbered_item *item_numbers_at(const struct item_numbers *numbers, uint32_t number);

#endif
