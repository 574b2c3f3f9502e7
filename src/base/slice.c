#include "base/slice.h"

#include <ctype.h>

int slice_compare(struct slice a, struct slice b)
{
    size_t common = a.size < b.size ? a.size : b.size;
    int order = common ? memcmp(a.data, b.data, common) : 0;
    if (order != 0)
        return order;
    return (a.size > b.size) - (a.size < b.size);
}

static char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c + ('a' - 'A')) : c;
}

bool slice_equal_ignoring_case(struct slice a, struct slice b)
{
    if (a.size != b.size)
        return false;
    for (size_t i = 0; i < a.size; i++)
        if (lower(a.data[i]) != lower(b.data[i]))
            return false;
    return true;
}

bool slice_starts_with(struct slice a, struct slice prefix)
{
    return a.size >= prefix.size && slice_equal(slice_first(a, prefix.size), prefix);
}

bool slice_ends_with(struct slice a, struct slice suffix)
{
    return a.size >= suffix.size && slice_equal(slice_from(a, a.size - suffix.size), suffix);
}

size_t slice_find(struct slice a, char byte)
{
    const char *at = a.size ? memchr(a.data, byte, a.size) : NULL;
    return at ? (size_t)(at - a.data) : SIZE_MAX;
}

struct slice slice_from(struct slice a, size_t offset)
{
    if (offset >= a.size)
        return SLICE_NONE;
    return (struct slice){a.data + offset, a.size - offset};
}

struct slice slice_first(struct slice a, size_t size)
{
    return (struct slice){a.data, size < a.size ? size : a.size};
}

static bool is_space(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n' || c == '\v' || c == '\f';
}

struct slice slice_trim(struct slice a)
{
    while (a.size && is_space(a.data[0])) {
        a.data++;
        a.size--;
    }
    while (a.size && is_space(a.data[a.size - 1]))
        a.size--;
    return a;
}

bool slice_cut(struct slice a, char byte, struct slice *out_head, struct slice *out_rest)
{
    size_t at = slice_find(a, byte);
    if (at == SIZE_MAX)
        return false;
    *out_head = slice_first(a, at);
    *out_rest = slice_from(a, at + 1);
    return true;
}

bool slice_to_int64(struct slice a, int64_t *out_value)
{
    bool negative = a.size && a.data[0] == '-';
    struct slice digits = negative ? slice_from(a, 1) : a;
    if (digits.size == 0 || digits.size > 19)
        return false;
    uint64_t value = 0;
    for (size_t i = 0; i < digits.size; i++) {
        if (!isdigit((unsigned char)digits.data[i]))
            return false;
        value = value * 10 + (uint64_t)(digits.data[i] - '0');
    }
    uint64_t most = negative ? (uint64_t)INT64_MAX + 1 : (uint64_t)INT64_MAX;
    if (value > most)
        return false;
    *out_value = negative ? (int64_t)(0 - value) : (int64_t)value;
    return true;
}
