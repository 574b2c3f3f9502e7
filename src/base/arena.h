/* Memory that dies together: one arena a request or a job.
 *
 * The caller owns the struct; arena_done frees every block at once, arena_reset keeps the first
 * block for the next request. arena_alloc never returns NULL: what a client can make grow is
 * limited before it allocates, so running out of memory ends the process (the crash tests walk
 * that path daily). Not shared between threads. */
#ifndef VISAVIS_BASE_ARENA_H
#define VISAVIS_BASE_ARENA_H

#include "base/slice.h"

struct arena_block;

struct arena {
    struct arena_block *head; /* the block being filled, newest first */
    size_t used_bytes;        /* handed out since init or reset, for limits and metrics */
};

void arena_init(struct arena *arena);
void arena_done(struct arena *arena);
void arena_reset(struct arena *arena);

/* Aligned for any type; the bytes are zero. */
void *arena_alloc(struct arena *arena, size_t size);
/* Zeroed room for count elements; asserts that the product fits. */
void *arena_alloc_array(struct arena *arena, size_t count, size_t size);
/* As arena_alloc, but the bytes are whatever they were: large room whose parts are filled as a
 * whole before they are read. */
void *arena_alloc_unset(struct arena *arena, size_t size);
#define ARENA_NEW(arena, type) ((type *)arena_alloc((arena), sizeof(type)))
#define ARENA_ARRAY(arena, count, type) ((type *)arena_alloc_array((arena), (count), sizeof(type)))

struct slice arena_copy(struct arena *arena, struct slice bytes);
char *arena_copy_text(struct arena *arena, struct slice text); /* NUL-terminated */
struct slice arena_format(struct arena *arena, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* malloc, calloc and realloc that end the process instead of returning NULL. */
void *must_alloc(size_t size);
void *must_alloc_zero(size_t count, size_t size);
void *must_realloc(void *memory, size_t size);

#endif
