#include "base/buf.h"

#include "base/arena.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

void buf_init(struct buf *buf, size_t size_max)
{
    *buf = (struct buf){.size_max = size_max};
}

void buf_done(struct buf *buf)
{
    free(buf->data);
    buf_init(buf, buf->size_max);
}

void buf_clear(struct buf *buf)
{
    buf->size = 0;
    buf->overflowed = false;
}

struct slice buf_slice(const struct buf *buf)
{
    return (struct slice){buf->data, buf->size};
}

char *buf_reserve(struct buf *buf, size_t size)
{
    if (buf->overflowed || size > buf->size_max - buf->size) {
        buf->overflowed = true;
        return NULL;
    }
    if (size > buf->room - buf->size) {
        size_t room = buf->room ? buf->room * 2 : 256;
        if (room < buf->size + size)
            room = buf->size + size;
        if (room > buf->size_max)
            room = buf->size_max;
        buf->data = must_realloc(buf->data, room);
        buf->room = room;
    }
    return buf->data + buf->size;
}

void buf_added(struct buf *buf, size_t size)
{
    assert(size <= buf->room - buf->size);
    buf->size += size;
}

void buf_add_text(struct buf *buf, const char *text)
{
    buf_add(buf, slice_of(text));
}

void buf_format(struct buf *buf, const char *format, ...)
{
    va_list arguments, again;
    va_start(arguments, format);
    va_copy(again, arguments);
    int size = vsnprintf(NULL, 0, format, arguments);
    va_end(arguments);
    assert(size >= 0);
    char *room = buf_reserve(buf, (size_t)size + 1);
    if (room) {
        vsnprintf(room, (size_t)size + 1, format, again);
        buf->size += (size_t)size;
    }
    va_end(again);
}
