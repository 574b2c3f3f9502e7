/* A borrowed run of bytes: never owned, never freed, not NUL-terminated, may hold NUL.
 *
 * An empty slice may have a NULL pointer; compare sizes first. Text is UTF-8 unless a name says
 * otherwise. */
#ifndef VISAVIS_BASE_SLICE_H
#define VISAVIS_BASE_SLICE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct slice {
    const char *data;
    size_t size;
};

/* A slice over a string literal, at compile time. */
#define SLICE(literal) ((struct slice){(literal), sizeof(literal) - 1})
/* The same as an initialiser of static data. */
#define SLICE_INIT(literal)                                                                        \
    {                                                                                              \
        (literal), sizeof(literal) - 1                                                             \
    }
#define SLICE_NONE ((struct slice){NULL, 0})
/* For printf("%.*s"). */
#define SLICE_ARG(slice) (int)(slice).size, (slice).data ? (slice).data : ""

static inline struct slice slice_of(const char *text)
{
    struct slice slice = {text, text ? strlen(text) : 0};
    return slice;
}

static inline struct slice slice_make(const void *data, size_t size)
{
    struct slice slice = {(const char *)data, size};
    return slice;
}

/* The number that a text of at least so many bytes has at an offset; only to compare. */
static inline uint64_t slice_word(struct slice a, size_t offset, size_t size)
{
    uint64_t word = 0;
    memcpy(&word, a.data + offset, size);
    return word;
}

/* Most texts that meet are ids and names of 4 to 16 bytes: their two ends, which may overlap, are
 * compared as numbers. */
static inline bool slice_equal(struct slice a, struct slice b)
{
    if (a.size != b.size)
        return false;
    if (a.size < 4 || a.size > 16)
        return a.size == 0 || memcmp(a.data, b.data, a.size) == 0;
    if (a.size < 8)
        return slice_word(a, 0, 4) == slice_word(b, 0, 4) &&
               slice_word(a, a.size - 4, 4) == slice_word(b, b.size - 4, 4);
    return slice_word(a, 0, 8) == slice_word(b, 0, 8) &&
           slice_word(a, a.size - 8, 8) == slice_word(b, b.size - 8, 8);
}

static inline bool slice_is(struct slice a, const char *text)
{
    return slice_equal(a, slice_of(text));
}

/* Byte order, shorter first on a common prefix. */
int slice_compare(struct slice a, struct slice b);
bool slice_equal_ignoring_case(struct slice a, struct slice b); /* ASCII letters only */
bool slice_starts_with(struct slice a, struct slice prefix);
bool slice_ends_with(struct slice a, struct slice suffix);
/* Index of the first byte, or SIZE_MAX. */
size_t slice_find(struct slice a, char byte);
/* The part from offset on; empty when offset is beyond the end. */
struct slice slice_from(struct slice a, size_t offset);
/* The first size bytes, or all when there are fewer. */
struct slice slice_first(struct slice a, size_t size);
/* Without ASCII white space at both ends. */
struct slice slice_trim(struct slice a);
/* Cuts text at the first byte: out_head before it, the rest after it. False (and untouched) when
 * the byte is absent. */
bool slice_cut(struct slice a, char byte, struct slice *out_head, struct slice *out_rest);
/* Whole slice as a decimal integer; false on anything else or overflow. */
bool slice_to_int64(struct slice a, int64_t *out_value);

#endif
