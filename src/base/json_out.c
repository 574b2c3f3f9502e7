#include "base/json_out.h"

#include "base/clock.h"
#include "base/json.h"

#include <assert.h>
#include <math.h>

struct json_out json_out(struct buf *buf)
{
    return (struct json_out){.buf = buf};
}

static void before_value(struct json_out *out)
{
    if (out->comma)
        buf_add_byte(out->buf, ',');
    out->comma = true;
}

static void open_with(struct json_out *out, char opener, char closer)
{
    before_value(out);
    assert(out->depth < sizeof out->closers);
    buf_add_byte(out->buf, opener);
    out->closers[out->depth++] = closer;
    out->comma = false;
}

void json_object(struct json_out *out)
{
    open_with(out, '{', '}');
}

void json_array(struct json_out *out)
{
    open_with(out, '[', ']');
}

void json_end(struct json_out *out)
{
    assert(out->depth > 0);
    buf_add_byte(out->buf, out->closers[--out->depth]);
    out->comma = true;
}

/* Size of the well-formed UTF-8 sequence at bytes (Unicode 15, table 3-7), 0 when there is none. */
static size_t utf8_sequence(const unsigned char *bytes, size_t room)
{
    unsigned char lead = bytes[0];
    if (lead < 0x80)
        return 1;
    size_t size = lead >= 0xc2 && lead < 0xe0   ? 2
                  : lead >= 0xe0 && lead < 0xf0 ? 3
                  : lead >= 0xf0 && lead < 0xf5 ? 4
                                                : 0;
    if (size == 0 || size > room)
        return 0;
    unsigned char low = lead == 0xe0 ? 0xa0 : lead == 0xf0 ? 0x90 : 0x80;
    unsigned char high = lead == 0xed ? 0x9f : lead == 0xf4 ? 0x8f : 0xbf;
    if (bytes[1] < low || bytes[1] > high)
        return 0;
    for (size_t i = 2; i < size; i++)
        if (bytes[i] < 0x80 || bytes[i] > 0xbf)
            return 0;
    return size;
}

static void add_special(struct buf *buf, unsigned char c)
{
    static const char names[] = "\b\f\n\r\t\"\\", letters[] = "bfnrt\"\\";
    const char *found = c ? strchr(names, c) : NULL;
    if (found)
        buf_format(buf, "\\%c", letters[found - names]);
    else
        buf_format(buf, "\\u%04x", (unsigned)c);
}

static bool is_plain(unsigned char c)
{
    return c >= 0x20 && c < 0x80 && c != '"' && c != '\\' && c != 0x7f;
}

enum { WORD_SIZE = sizeof(uint64_t) };

/* The byte in all eight places of a word. */
static uint64_t everywhere(unsigned char byte)
{
    return byte * UINT64_C(0x0101010101010101);
}

/* The highest bit of each byte that is zero is set, and never one below the first such byte. */
static uint64_t zero_bytes(uint64_t word)
{
    return (word - everywhere(1)) & ~word & everywhere(0x80);
}

/* Eight bytes at once (Mycroft's way to find a byte in a word). */
static bool is_plain_word(uint64_t word)
{
    uint64_t control = (word - everywhere(0x20)) & ~word;
    uint64_t special = zero_bytes(word ^ everywhere('"')) | zero_bytes(word ^ everywhere('\\')) |
                       zero_bytes(word ^ everywhere(0x7f));
    return (((control | word) & everywhere(0x80)) | special) == 0;
}

/* How many bytes at the beginning stand for themselves, in whole words; all of a text that does. */
static size_t plain_size(struct slice text)
{
    size_t size = 0;
    for (; text.size - size >= WORD_SIZE; size += WORD_SIZE)
        if (!is_plain_word(slice_word(text, size, WORD_SIZE)))
            return size;
    while (size < text.size && is_plain((unsigned char)text.data[size]))
        size++;
    return size;
}

/* Most texts need no escape: one reservation for both quotation marks and all between. */
static bool add_plain(struct buf *buf, struct slice text)
{
    if (plain_size(text) < text.size)
        return false;
    char *room = buf_room(buf, text.size + 2);
    if (!room)
        return true;
    room[0] = '"';
    if (text.size)
        memcpy(room + 1, text.data, text.size);
    room[text.size + 1] = '"';
    buf->size += text.size + 2;
    return true;
}

static void add_quoted(struct buf *buf, struct slice text)
{
    const unsigned char *bytes = (const unsigned char *)text.data;
    if (add_plain(buf, text))
        return;
    buf_add_byte(buf, '"');
    for (size_t i = 0; i < text.size;) {
        size_t start = i;
        i += plain_size(slice_from(text, i));
        while (i < text.size && is_plain(bytes[i]))
            i++;
        buf_add(buf, slice_make(bytes + start, i - start));
        if (i == text.size)
            break;
        size_t size = bytes[i] >= 0x80 ? utf8_sequence(bytes + i, text.size - i) : 0;
        if (size)
            buf_add(buf, slice_make(bytes + i, size));
        else if (bytes[i] >= 0x80)
            buf_add_text(buf, "\xef\xbf\xbd");
        else
            add_special(buf, bytes[i]);
        i += size ? size : 1;
    }
    buf_add_byte(buf, '"');
}

void json_name(struct json_out *out, const char *name)
{
    json_name_slice(out, slice_of(name));
}

void json_name_slice(struct json_out *out, struct slice name)
{
    before_value(out);
    add_quoted(out->buf, name);
    buf_add_byte(out->buf, ':');
    out->comma = false;
}

void json_string(struct json_out *out, struct slice text)
{
    before_value(out);
    add_quoted(out->buf, text);
}

void json_int(struct json_out *out, int64_t value)
{
    char digits[20]; /* of the smallest there is, with its sign */
    size_t at = sizeof digits;
    uint64_t rest = value < 0 ? -(uint64_t)value : (uint64_t)value;
    do
        digits[--at] = (char)('0' + rest % 10);
    while (rest /= 10);
    if (value < 0)
        digits[--at] = '-';
    before_value(out);
    buf_add(out->buf, slice_make(digits + at, sizeof digits - at));
}

void json_number(struct json_out *out, double value)
{
    if (!isfinite(value)) {
        json_null(out);
        return;
    }
    char text[JSON_NUMBER_TEXT_SIZE];
    size_t size = json_format_number(value, text);
    before_value(out);
    buf_add(out->buf, slice_make(text, size));
}

static double figure_of(double value)
{
    double scale = 1e6;
    if (!(fabs(value) < 1e9))
        return value;
    while (fabs(value) * scale < 1e5 && scale < 1e18)
        scale *= 10;
    return nearbyint(value * scale) / scale + 0.0; /* no -0 */
}

void json_figure(struct json_out *out, double value)
{
    json_number(out, figure_of(value));
}

void json_time(struct json_out *out, int64_t ms)
{
    char text[25];
    clock_format_iso(ms, text);
    json_string(out, slice_of(text));
}

void json_text_member(struct json_out *out, const char *name, struct slice text)
{
    if (text.size > 0)
        JSON_STRING_MEMBER(out, name, text);
}

void json_bool(struct json_out *out, bool value)
{
    before_value(out);
    buf_add_text(out->buf, value ? "true" : "false");
}

void json_null(struct json_out *out)
{
    before_value(out);
    buf_add_text(out->buf, "null");
}

void json_raw(struct json_out *out, struct slice json)
{
    before_value(out);
    buf_add(out->buf, json);
}

static void write_members(struct json_out *out, const struct json *value)
{
    json_object(out);
    for (size_t i = 0; i < value->count; i++) {
        json_name_slice(out, value->members[i].name);
        json_value(out, &value->members[i].value);
    }
    json_end(out);
}

static void write_elements(struct json_out *out, const struct json *value)
{
    json_array(out);
    for (size_t i = 0; i < value->count; i++)
        json_value(out, &value->elements[i]);
    json_end(out);
}

void json_value(struct json_out *out, const struct json *value)
{
    switch (value ? value->kind : JSON_NULL) {
    case JSON_NULL:
        json_null(out);
        break;
    case JSON_BOOL:
        json_bool(out, value->boolean);
        break;
    case JSON_INTEGER:
    case JSON_NUMBER:
    case JSON_BIG_NUMBER:
        json_raw(out, value->text);
        break;
    case JSON_STRING:
        json_string(out, value->text);
        break;
    case JSON_ARRAY:
        write_elements(out, value);
        break;
    case JSON_OBJECT:
        write_members(out, value);
        break;
    }
}
