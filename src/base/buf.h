/* A buffer that grows to a maximum it is born with.
 *
 * The caller owns the struct, buf_done frees it. Appending beyond the maximum changes nothing
 * and sets `overflowed`, which the owner looks at once, before the bytes are used; so a chain of
 * appends needs no check of its own. */
#ifndef VISAVIS_BASE_BUF_H
#define VISAVIS_BASE_BUF_H

#include "base/slice.h"

struct buf {
    char *data;
    size_t size, room, size_max;
    bool overflowed;
};

void buf_init(struct buf *buf, size_t size_max);
void buf_done(struct buf *buf);
void buf_clear(struct buf *buf); /* keeps the memory */
struct slice buf_slice(const struct buf *buf);

void buf_add_text(struct buf *buf, const char *text);
void buf_format(struct buf *buf, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* Room for size more bytes at the end, NULL when over the maximum; buf_added says how many were
 * used. */
char *buf_reserve(struct buf *buf, size_t size);
void buf_added(struct buf *buf, size_t size);

/* Records and answers are made of many small pieces, most of which find room. */
static inline char *buf_room(struct buf *buf, size_t size)
{
    bool fits = !buf->overflowed && size <= buf->room - buf->size;
    return fits ? buf->data + buf->size : buf_reserve(buf, size);
}

static inline void buf_add(struct buf *buf, struct slice bytes)
{
    char *room = bytes.size > 0 ? buf_room(buf, bytes.size) : NULL;
    if (!room)
        return;
    memcpy(room, bytes.data, bytes.size);
    buf->size += bytes.size;
}

static inline void buf_add_byte(struct buf *buf, char byte)
{
    char *room = buf_room(buf, 1);
    if (!room)
        return;
    *room = byte;
    buf->size++;
}

#endif
