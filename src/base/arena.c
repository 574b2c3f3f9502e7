#include "base/arena.h"

#include <assert.h>
#include <stdalign.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

enum { BLOCK_BYTES_MIN = 8192, BLOCK_BYTES_MAX = 1 << 20 };

struct arena_block {
    struct arena_block *next;
    size_t size, used;
    alignas(max_align_t) char data[];
};

static void out_of_memory(void)
{
    fputs("visavis: out of memory, ending so that nothing half done is kept\n", stderr);
    abort();
}

void *must_alloc(size_t size)
{
    void *memory = malloc(size ? size : 1);
    if (!memory)
        out_of_memory();
    return memory;
}

void *must_alloc_zero(size_t count, size_t size)
{
    void *memory = calloc(count ? count : 1, size ? size : 1);
    if (!memory)
        out_of_memory();
    return memory;
}

void *must_realloc(void *memory, size_t size)
{
    void *moved = realloc(memory, size ? size : 1);
    if (!moved)
        out_of_memory();
    return moved;
}

void arena_init(struct arena *arena)
{
    *arena = (struct arena){NULL, 0};
}

static void free_blocks(struct arena_block *block)
{
    while (block) {
        struct arena_block *next = block->next;
        free(block);
        block = next;
    }
}

void arena_done(struct arena *arena)
{
    free_blocks(arena->head);
    arena_init(arena);
}

void arena_reset(struct arena *arena)
{
    struct arena_block *kept = arena->head;
    if (kept && kept->size <= BLOCK_BYTES_MAX) {
        free_blocks(kept->next);
        kept->next = NULL;
        kept->used = 0;
    } else {
        free_blocks(kept);
        kept = NULL;
    }
    *arena = (struct arena){kept, 0};
}

/* Blocks double so that a long job makes few of them, and a large wish gets a block of its own
 * size. */
static void add_block(struct arena *arena, size_t wanted)
{
    size_t size = arena->head ? arena->head->size * 2 : BLOCK_BYTES_MIN;
    if (size > BLOCK_BYTES_MAX)
        size = BLOCK_BYTES_MAX;
    if (size < wanted)
        size = wanted;
    struct arena_block *block = must_alloc(sizeof *block + size);
    *block = (struct arena_block){arena->head, size, 0};
    arena->head = block;
}

void *arena_alloc_unset(struct arena *arena, size_t size)
{
    const size_t align = alignof(max_align_t);
    assert(size < SIZE_MAX / 2);
    size_t rounded = (size + align - 1) & ~(align - 1);
    if (!arena->head || arena->head->size - arena->head->used < rounded)
        add_block(arena, rounded);
    char *memory = arena->head->data + arena->head->used;
    arena->head->used += rounded;
    arena->used_bytes += rounded;
    return memory;
}

void *arena_alloc(struct arena *arena, size_t size)
{
    void *memory = arena_alloc_unset(arena, size);
    return size ? memset(memory, 0, size) : memory;
}

void *arena_alloc_array(struct arena *arena, size_t count, size_t size)
{
    assert(size == 0 || count < SIZE_MAX / 2 / size);
    return arena_alloc(arena, count * size);
}

struct slice arena_copy(struct arena *arena, struct slice bytes)
{
    return (struct slice){arena_copy_text(arena, bytes), bytes.size};
}

char *arena_copy_text(struct arena *arena, struct slice text)
{
    char *copy = arena_alloc_unset(arena, text.size + 1);
    if (text.size)
        memcpy(copy, text.data, text.size);
    copy[text.size] = '\0';
    return copy;
}

struct slice arena_format(struct arena *arena, const char *format, ...)
{
    assert(format);
    char brief[128];
    va_list arguments, again;
    va_start(arguments, format);
    va_copy(again, arguments);
    int size = vsnprintf(brief, sizeof brief, format, arguments);
    va_end(arguments);
    assert(size >= 0);
    char *text = arena_alloc_unset(arena, (size_t)size + 1);
    if ((size_t)size < sizeof brief)
        memcpy(text, brief, (size_t)size + 1);
    else
        vsnprintf(text, (size_t)size + 1, format, again);
    va_end(again);
    return (struct slice){text, (size_t)size};
}
