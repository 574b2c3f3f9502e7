#include "learn/item_numbers.h"

#include "base/limits.h"

#include <assert.h>
#include <stdatomic.h>
#include <stdlib.h>

enum { PER_PAGE = 1024, PAGES_MAX = CATALOG_ITEMS_MAX / PER_PAGE, SLOTS_FIRST = 2048 };

/* Open addressing, at most half full. A slot is stored (release) after what it leads to. A table
 * that became too small stays for those who still look into it. */
struct slots {
    uint32_t mask;
    _Atomic uint32_t numbers[]; /* number + 1; 0 free */
};

struct item_numbers {
    struct arena memory;
    uint32_t count;
    struct numbered_item *pages[PAGES_MAX];
    _Atomic(struct slots *) slots;
};

static struct slots *slots_new(struct arena *memory, uint32_t count)
{
    struct slots *slots = arena_alloc(memory, sizeof *slots + count * sizeof slots->numbers[0]);
    slots->mask = count - 1;
    return slots;
}

struct item_numbers *item_numbers_new(void)
{
    struct item_numbers *numbers = must_alloc_zero(1, sizeof *numbers);
    arena_init(&numbers->memory);
    atomic_init(&numbers->slots, slots_new(&numbers->memory, SLOTS_FIRST));
    return numbers;
}

void item_numbers_free(struct item_numbers *numbers)
{
    if (!numbers)
        return;
    arena_done(&numbers->memory);
    free(numbers);
}

const struct numbered_item *item_numbers_at(const struct item_numbers *numbers, uint32_t number)
{
    return &numbers->pages[number / PER_PAGE][number % PER_PAGE];
}

/* The item's slot, or the free one where it would stand. */
static _Atomic uint32_t *slot_of(const struct item_numbers *numbers, struct slots *slots,
                                 struct numbered_item item)
{
    for (uint32_t at = (uint32_t)item.hash & slots->mask;; at = (at + 1) & slots->mask) {
        uint32_t held = atomic_load_explicit(&slots->numbers[at], memory_order_acquire);
        if (held == 0)
            return &slots->numbers[at];
        const struct numbered_item *other = item_numbers_at(numbers, held - 1);
        if (other->hash == item.hash && slice_equal(other->id, item.id))
            return &slots->numbers[at];
    }
}

uint32_t item_numbers_find(const struct item_numbers *numbers, struct numbered_item item)
{
    struct slots *slots = atomic_load_explicit(&numbers->slots, memory_order_acquire);
    uint32_t held = atomic_load_explicit(slot_of(numbers, slots, item), memory_order_acquire);
    return held ? held - 1 : ITEM_NUMBER_NONE;
}

static struct slots *grow(struct item_numbers *numbers, const struct slots *old)
{
    struct slots *fresh = slots_new(&numbers->memory, 2 * (old->mask + 1));
    for (uint32_t i = 0; i < numbers->count; i++)
        atomic_store_explicit(slot_of(numbers, fresh, *item_numbers_at(numbers, i)), i + 1,
                              memory_order_relaxed);
    atomic_store_explicit(&numbers->slots, fresh, memory_order_release);
    return fresh;
}

uint32_t item_numbers_intern(struct item_numbers *numbers, struct numbered_item item)
{
    struct slots *slots = atomic_load_explicit(&numbers->slots, memory_order_relaxed);
    _Atomic uint32_t *slot = slot_of(numbers, slots, item);
    uint32_t held = atomic_load_explicit(slot, memory_order_relaxed);
    if (held)
        return held - 1;
    uint32_t number = numbers->count;
    if (number == PAGES_MAX * PER_PAGE)
        return ITEM_NUMBER_NONE;
    struct numbered_item **page = &numbers->pages[number / PER_PAGE];
    if (!*page)
        *page = ARENA_ARRAY(&numbers->memory, PER_PAGE, struct numbered_item);
    (*page)[number % PER_PAGE] =
        (struct numbered_item){arena_copy(&numbers->memory, item.id), item.hash};
    atomic_store_explicit(slot, number + 1, memory_order_release);
    numbers->count++;
    if (2 * numbers->count > slots->mask)
        (void)grow(numbers, slots);
    return number;
}

uint32_t item_numbers_count(const struct item_numbers *numbers)
{
    return numbers->count;
}

size_t item_numbers_bytes(const struct item_numbers *numbers)
{
    return sizeof *numbers + numbers->memory.used_bytes;
}
