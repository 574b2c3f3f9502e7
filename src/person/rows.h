/* Short sorted lists inside a profile: rows of one size in an array with room, moved as plain
 * bytes. */
#ifndef VISAVIS_PERSON_ROWS_H
#define VISAVIS_PERSON_ROWS_H

#include <stddef.h>
#include <string.h>

static inline void rows_remove(void *rows, size_t size, size_t *count, size_t index)
{
    char *at = (char *)rows + index * size;
    memmove(at, at + size, (*count - index - 1) * size);
    (*count)--;
}

/* The caller has made room. */
static inline void rows_insert(void *rows, size_t size, size_t *count, size_t index,
                               const void *row)
{
    char *at = (char *)rows + index * size;
    memmove(at + size, at, (*count - index) * size);
    memcpy(at, row, size);
    (*count)++;
}

#endif
