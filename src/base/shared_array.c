#include "base/shared_array.h"

#include "base/arena.h"

#include <stdlib.h>

enum { PAGE_BITS = 7, PAGE_ENTRIES = 1 << PAGE_BITS };

struct array_page {
    _Atomic uint32_t refs;
    struct shared_entry *entries[PAGE_ENTRIES];
};

struct shared_array {
    _Atomic uint32_t refs;
    size_t page_count;
    struct array_page **pages; /* NULL: an empty page */
};

static void array_page_unref(struct array_page *page)
{
    if (!page || atomic_fetch_sub_explicit(&page->refs, 1, memory_order_acq_rel) != 1)
        return;
    for (size_t i = 0; i < PAGE_ENTRIES; i++)
        if (page->entries[i])
            shared_entry_unref(page->entries[i]);
    free(page);
}

static struct array_page *array_page_copy(const struct array_page *page)
{
    struct array_page *copy = must_alloc_zero(1, sizeof *copy);
    atomic_init(&copy->refs, 1);
    for (size_t i = 0; page && i < PAGE_ENTRIES; i++) {
        copy->entries[i] = page->entries[i];
        if (copy->entries[i])
            shared_entry_ref(copy->entries[i]);
    }
    return copy;
}

static struct shared_array *array_new(size_t page_count)
{
    struct shared_array *array = must_alloc_zero(1, sizeof *array);
    atomic_init(&array->refs, 1);
    array->page_count = page_count;
    array->pages = must_alloc_zero(page_count ? page_count : 1, sizeof(struct array_page *));
    return array;
}

struct shared_array *shared_array_new(void)
{
    return array_new(0);
}

void shared_array_unref(struct shared_array *array)
{
    if (!array || atomic_fetch_sub_explicit(&array->refs, 1, memory_order_acq_rel) != 1)
        return;
    for (size_t i = 0; i < array->page_count; i++)
        array_page_unref(array->pages[i]);
    free(array->pages);
    free(array);
}

static size_t pages_wanted(const struct shared_array *array, const struct shared_placing *placings,
                           size_t count)
{
    size_t wanted = array->page_count;
    for (size_t i = 0; i < count; i++)
        if (placings[i].index >> PAGE_BITS >= wanted)
            wanted = (placings[i].index >> PAGE_BITS) + 1;
    return wanted;
}

static void place(struct shared_array *fresh, const struct shared_array *old,
                  const struct shared_placing *placing)
{
    size_t number = placing->index >> PAGE_BITS;
    struct array_page **page = &fresh->pages[number];
    struct array_page *before = number < old->page_count ? old->pages[number] : NULL;
    if (*page == before) { /* not yet ours */
        *page = array_page_copy(before);
        array_page_unref(before);
    }
    struct shared_entry **entry = &(*page)->entries[placing->index & (PAGE_ENTRIES - 1)];
    if (placing->entry)
        shared_entry_ref(placing->entry);
    if (*entry)
        shared_entry_unref(*entry);
    *entry = placing->entry;
}

struct shared_array *shared_array_with(const struct shared_array *array,
                                       const struct shared_placing *placings, size_t count)
{
    struct shared_array *fresh = array_new(pages_wanted(array, placings, count));
    for (size_t i = 0; i < array->page_count; i++) {
        fresh->pages[i] = array->pages[i];
        if (fresh->pages[i])
            atomic_fetch_add_explicit(&fresh->pages[i]->refs, 1, memory_order_relaxed);
    }
    for (size_t i = 0; i < count; i++)
        place(fresh, array, &placings[i]);
    return fresh;
}

struct shared_entry *shared_array_at(const struct shared_array *array, size_t index)
{
    size_t number = index >> PAGE_BITS;
    if (number >= array->page_count || !array->pages[number])
        return NULL;
    return array->pages[number]->entries[index & (PAGE_ENTRIES - 1)];
}

size_t shared_array_bytes(const struct shared_array *array)
{
    size_t bytes = sizeof *array + array->page_count * sizeof *array->pages;
    for (size_t i = 0; i < array->page_count; i++)
        bytes += array->pages[i] ? sizeof **array->pages : 0;
    return bytes;
}
