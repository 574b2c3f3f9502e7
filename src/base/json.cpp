/* The door to simdjson (On-Demand), and the only C++ of ours: no exceptions, no RTTI, nothing
 * but C types across the border.
 *
 * simdjson's first stage validates UTF-8 and finds the structure; the walk below visits every
 * value, so every value is validated. Numbers and strings are read here rather than by simdjson,
 * because it keeps neither a number's source text nor a lone surrogate. */
#define SIMDJSON_EXCEPTIONS 0
#include <simdjson.h>

#include <charconv>

extern "C" {
#include "base/json.h"
#include "base/limits.h"
}

namespace ondemand = simdjson::ondemand;
using simdjson::error_code;
using simdjson::SUCCESS;

namespace
{

/* One parse: the padded copy that strings borrow from, and what went wrong first. */
struct walk {
    struct arena *arena;
    struct slice text;
    struct diag *diag;
    const char *fault;    /* sentence, NULL while all is well */
    const char *fault_at; /* in text, or NULL */
};

bool fail(struct walk &walk, const char *sentence, const char *at)
{
    if (!walk.fault) {
        walk.fault = sentence;
        walk.fault_at = at;
    }
    return false;
}

const char *error_sentence(error_code code)
{
    switch (code) {
    case simdjson::UTF8_ERROR:
        return "The text is not valid UTF-8; save it as UTF-8";
    case simdjson::UNCLOSED_STRING:
        return "A string is not closed; add the missing quotation mark";
    case simdjson::UNESCAPED_CHARS:
        return "A control character stands in a string; write it as an escape such as \\n";
    case simdjson::EMPTY:
        return "The text is empty; send a JSON document";
    case simdjson::DEPTH_ERROR:
        return "The document nests too deeply; at most 64 levels are read";
    case simdjson::INCOMPLETE_ARRAY_OR_OBJECT:
        return "An array or object is not closed; add the missing bracket";
    default:
        return "This is not JSON; check commas, quotation marks and brackets here";
    }
}

/* RFC 8259 §6; out_integral tells an integer from a fraction. */
bool number_is_valid(struct slice token, bool &out_integral)
{
    const char *at = token.data, *end = token.data + token.size;
    auto digits = [&]() {
        const char *start = at;
        while (at < end && *at >= '0' && *at <= '9')
            at++;
        return at > start;
    };
    if (at < end && *at == '-')
        at++;
    bool zero = at < end && *at == '0';
    const char *start = at;
    if (!digits() || (zero && at - start > 1))
        return false;
    out_integral = true;
    if (at < end && *at == '.') {
        out_integral = false;
        at++;
        if (!digits())
            return false;
    }
    if (at < end && (*at == 'e' || *at == 'E')) {
        out_integral = false;
        at++;
        if (at < end && (*at == '+' || *at == '-'))
            at++;
        if (!digits())
            return false;
    }
    return at == end;
}

bool read_number(struct walk &walk, struct slice token, struct json &out)
{
    bool integral = false;
    if (!number_is_valid(token, integral))
        return fail(walk, "This is not a JSON value; numbers are written like -12.5e3", token.data);
    const char *end = token.data + token.size;
    out.text = token;
    if (integral && std::from_chars(token.data, end, out.integer).ec == std::errc()) {
        out.kind = JSON_INTEGER;
        out.number = static_cast<double>(out.integer);
        return true;
    }
    double number = 0;
    bool fits = std::from_chars(token.data, end, number).ec == std::errc();
    out.kind = integral || !fits ? JSON_BIG_NUMBER : JSON_NUMBER;
    out.number = out.kind == JSON_NUMBER ? number : 0;
    return true;
}

bool read_hex4(const char *at, const char *end, uint32_t &out_unit)
{
    if (end - at < 4)
        return false;
    auto result = std::from_chars(at, at + 4, out_unit, 16);
    return result.ec == std::errc() && result.ptr == at + 4;
}

void put_utf8(char *&to, uint32_t code)
{
    auto put = [&](uint32_t byte) { *to++ = static_cast<char>(byte); };
    if (code < 0x80) {
        put(code);
    } else if (code < 0x800) {
        put(0xc0 | code >> 6);
        put(0x80 | (code & 0x3f));
    } else if (code < 0x10000) {
        put(0xe0 | code >> 12);
        put(0x80 | (code >> 6 & 0x3f));
        put(0x80 | (code & 0x3f));
    } else {
        put(0xf0 | code >> 18);
        put(0x80 | (code >> 12 & 0x3f));
        put(0x80 | (code >> 6 & 0x3f));
        put(0x80 | (code & 0x3f));
    }
}

/* After "\u": one code point, from two escapes when they are a surrogate pair, U+FFFD for a lone
 * half. */
bool read_code_point(const char *&at, const char *end, uint32_t &out_code)
{
    uint32_t unit = 0, low = 0;
    if (!read_hex4(at, end, unit))
        return false;
    at += 4;
    out_code = unit;
    if (unit < 0xd800 || unit > 0xdfff)
        return true;
    out_code = 0xfffd;
    bool paired = unit < 0xdc00 && end - at >= 6 && at[0] == '\\' && at[1] == 'u' &&
                  read_hex4(at + 2, end, low) && low >= 0xdc00 && low <= 0xdfff;
    if (paired) {
        out_code = 0x10000 + ((unit - 0xd800) << 10) + (low - 0xdc00);
        at += 6;
    }
    return true;
}

bool read_escape(const char *&at, const char *end, char *&to)
{
    static const char names[] = "\"\\/bfnrt", values[] = "\"\\/\b\f\n\r\t";
    char name = at < end ? *at++ : '\0';
    if (name == 'u') {
        uint32_t code = 0;
        if (!read_code_point(at, end, code))
            return false;
        put_utf8(to, code);
        return true;
    }
    const char *found = name ? static_cast<const char *>(memchr(names, name, 8)) : nullptr;
    if (!found)
        return false;
    *to++ = values[found - names];
    return true;
}

/* The text between the quotation marks: borrowed when plain, unescaped into the arena otherwise
 * (never longer than its source). */
bool read_string(struct walk &walk, const char *start, struct slice &out)
{
    const char *limit = walk.text.data + walk.text.size, *end = start;
    bool plain = true;
    while (end < limit && *end != '"') {
        plain = plain && *end != '\\';
        end += *end == '\\' ? 2 : 1;
    }
    if (end >= limit)
        return fail(walk, error_sentence(simdjson::UNCLOSED_STRING), start);
    out = slice_make(start, static_cast<size_t>(end - start));
    if (plain)
        return true;
    char *copy = static_cast<char *>(arena_alloc(walk.arena, out.size)), *to = copy;
    for (const char *at = start; at < end;) {
        if (*at != '\\') {
            *to++ = *at++;
            continue;
        }
        const char *escape = at++;
        if (!read_escape(at, end, to))
            return fail(walk, "This escape is not one of JSON's; double the backslash", escape);
    }
    out = slice_make(copy, static_cast<size_t>(to - copy));
    return true;
}

bool read_value(struct walk &walk, ondemand::value value, unsigned depth, struct json &out);

/* Elements or members of unknown count: grown by doubling in a scratch of the arena. */
template <class T> T *push(struct walk &walk, T *list, size_t count)
{
    bool full = count == 0 || (count >= 4 && (count & (count - 1)) == 0);
    if (!full)
        return list;
    T *wider = static_cast<T *>(arena_alloc_array(walk.arena, count ? count * 2 : 4, sizeof(T)));
    if (count)
        memcpy(wider, list, count * sizeof(T));
    return wider;
}

bool fail_code(struct walk &walk, error_code code, const char *at)
{
    return fail(walk, error_sentence(code), at);
}

bool read_array(struct walk &walk, ondemand::array array, unsigned depth, struct json &out)
{
    out.kind = JSON_ARRAY;
    for (auto item : array) {
        ondemand::value value;
        if (error_code code = item.get(value))
            return fail_code(walk, code, nullptr);
        out.elements = push(walk, out.elements, out.count);
        if (!read_value(walk, value, depth + 1, out.elements[out.count]))
            return false;
        out.count++;
    }
    return true;
}

bool read_field(struct walk &walk, ondemand::field &field, unsigned depth, struct json_member &out)
{
    return read_string(walk, field.key().raw(), out.name) &&
           read_value(walk, field.value(), depth + 1, out.value);
}

bool read_object(struct walk &walk, ondemand::object object, unsigned depth, struct json &out)
{
    out.kind = JSON_OBJECT;
    for (auto item : object) {
        ondemand::field field;
        if (error_code code = std::move(item).get(field))
            return fail_code(walk, code, nullptr);
        out.members = push(walk, out.members, out.count);
        if (!read_field(walk, field, depth, out.members[out.count]))
            return false;
        out.count++;
    }
    return true;
}

struct slice token_of(std::string_view view)
{
    return slice_trim(slice_make(view.data(), view.size()));
}

bool read_scalar(struct walk &walk, struct slice token, struct json &out)
{
    if (token.size && token.data[0] == '"') {
        out.kind = JSON_STRING;
        return read_string(walk, token.data + 1, out.text);
    }
    out.kind = slice_is(token, "null") ? JSON_NULL : JSON_BOOL;
    out.boolean = slice_is(token, "true");
    if (out.kind == JSON_NULL || out.boolean || slice_is(token, "false"))
        return true;
    return read_number(walk, token, out);
}

bool read_value(struct walk &walk, ondemand::value value, unsigned depth, struct json &out)
{
    out = {};
    std::string_view token = value.raw_json_token();
    if (depth > JSON_DEPTH_MAX)
        return fail(walk, error_sentence(simdjson::DEPTH_ERROR), token.data());
    ondemand::array array;
    ondemand::object object;
    error_code code = SUCCESS;
    if (token.size() && token[0] == '[') {
        code = value.get_array().get(array);
        return code ? fail_code(walk, code, token.data()) : read_array(walk, array, depth, out);
    }
    if (token.size() && token[0] == '{') {
        code = value.get_object().get(object);
        return code ? fail_code(walk, code, token.data()) : read_object(walk, object, depth, out);
    }
    return read_scalar(walk, token_of(token), out); /* the iterator skips what was not consumed */
}

simdjson::padded_string_view padded_copy(struct arena *arena, struct slice text)
{
    char *copy = static_cast<char *>(arena_alloc(arena, text.size + simdjson::SIMDJSON_PADDING));
    if (text.size)
        memcpy(copy, text.data, text.size);
    return simdjson::padded_string_view(copy, text.size, text.size + simdjson::SIMDJSON_PADDING);
}

ondemand::parser &parser_of_thread()
{
    static thread_local ondemand::parser parser;
    return parser;
}

/* Line and column of the fault, counted in characters. */
enum status report(const struct walk &walk)
{
    if (!walk.diag)
        return STATUS_INVALID;
    unsigned line = 1, column = 1;
    const char *end = walk.text.data + walk.text.size;
    bool placed = walk.fault_at && walk.fault_at >= walk.text.data && walk.fault_at <= end;
    for (const char *at = walk.text.data; placed && at < walk.fault_at; at++) {
        bool continuation = (*at & 0xc0) == 0x80;
        column += !continuation;
        if (*at == '\n') {
            line++;
            column = 1;
        }
    }
    walk.diag->line = placed ? line : 0;
    walk.diag->column = placed ? column : 0;
    return diag_set(walk.diag, STATUS_INVALID, "", "%s", walk.fault);
}

const char *location(ondemand::document &document)
{
    const char *at = nullptr;
    return document.current_location().get(at) == SUCCESS ? at : nullptr;
}

/* At the end of a document its location is out of bounds, which is what we want. */
bool nothing_follows(struct walk &walk, ondemand::document &document)
{
    const char *at = location(document);
    return !at || fail(walk, "Something follows the end of the document; remove it", at);
}

bool start(struct walk &walk, struct slice text, ondemand::document &document)
{
    simdjson::padded_string_view view = padded_copy(walk.arena, text);
    walk.text = slice_make(view.data(), view.size());
    if (error_code code = parser_of_thread().iterate(view).get(document))
        return fail_code(walk, code, nullptr);
    return true;
}

bool read_document(struct walk &walk, ondemand::document &document, struct json &out)
{
    bool scalar = false;
    if (error_code code = document.is_scalar().get(scalar))
        return fail_code(walk, code, location(document));
    if (scalar) {
        std::string_view token;
        if (error_code code = document.raw_json_token().get(token))
            return fail_code(walk, code, nullptr);
        struct slice trimmed = token_of(token);
        bool whole = trimmed.size && slice_equal(trimmed, slice_trim(walk.text));
        if (!whole)
            return fail(walk, error_sentence(simdjson::TAPE_ERROR), trimmed.data);
        if (!read_scalar(walk, trimmed, out))
            return false;
        bool closed = out.kind != JSON_STRING || trimmed.data[trimmed.size - 1] == '"';
        return closed || fail(walk, error_sentence(simdjson::TAPE_ERROR), trimmed.data);
    }
    ondemand::value value;
    if (error_code code = document.get_value().get(value))
        return fail_code(walk, code, location(document));
    if (!read_value(walk, value, 1, out)) {
        if (!walk.fault_at)
            walk.fault_at = location(document);
        return false;
    }
    return nothing_follows(walk, document);
}

error_code raw_text(ondemand::value element, bool is_object, struct slice &out)
{
    ondemand::object object;
    ondemand::array array;
    std::string_view whole;
    error_code code = is_object ? element.get_object().get(object) : element.get_array().get(array);
    if (!code)
        code = is_object ? object.raw_json().get(whole) : array.raw_json().get(whole);
    out = slice_make(whole.data(), whole.size());
    return code;
}

/* The batch array's elements as raw texts. */
bool cut_elements(struct walk &walk, ondemand::value value, struct slice *&out_elements,
                  size_t &out_count)
{
    ondemand::array array;
    if (value.get_array().get(array))
        return fail(walk, "The batch is not an array; send [ … ]", nullptr);
    for (auto item : array) {
        ondemand::value element;
        if (error_code code = item.get(element))
            return fail_code(walk, code, nullptr);
        std::string_view token = element.raw_json_token();
        struct slice raw = token_of(token);
        if (token.size() && (token[0] == '{' || token[0] == '[')) {
            if (error_code code = raw_text(element, token[0] == '{', raw))
                return fail_code(walk, code, token.data());
        }
        out_elements = push(walk, out_elements, out_count);
        out_elements[out_count++] = raw;
        if (out_count > BATCH_EVENTS_MAX)
            return true;
    }
    return true;
}

struct cut {
    const char *name;
    struct slice *elements;
    size_t count;
    bool found;
    struct json rest;
};

bool cut_document(struct walk &walk, ondemand::document &document, struct cut &cut)
{
    ondemand::object object;
    if (document.get_object().get(object))
        return fail(walk, "The body is not an object; send { … }", location(document));
    cut.rest.kind = JSON_OBJECT;
    for (auto item : object) {
        ondemand::field field;
        if (error_code code = std::move(item).get(field))
            return fail_code(walk, code, location(document));
        struct slice name;
        if (!read_string(walk, field.key().raw(), name))
            return false;
        if (!cut.found && slice_is(name, cut.name)) {
            cut.found = true;
            if (!cut_elements(walk, field.value(), cut.elements, cut.count))
                return false;
            if (cut.count > BATCH_EVENTS_MAX)
                return true;
            continue;
        }
        cut.rest.members = push(walk, cut.rest.members, cut.rest.count);
        cut.rest.members[cut.rest.count].name = name;
        if (!read_value(walk, field.value(), 2, cut.rest.members[cut.rest.count].value))
            return false;
        cut.rest.count++;
    }
    return nothing_follows(walk, document);
}

} // namespace

extern "C" enum status json_parse(struct arena *arena, struct slice text,
                                  const struct json **out_root, struct diag *diag)
{
    struct walk walk = {arena, text, diag, nullptr, nullptr};
    struct json *root = ARENA_NEW(arena, struct json);
    ondemand::document document;
    if (!start(walk, text, document) || !read_document(walk, document, *root))
        return report(walk);
    *out_root = root;
    return STATUS_OK;
}

extern "C" enum status json_cut_batch(struct arena *arena, struct slice text, const char *name,
                                      struct json_batch *out_batch, struct diag *diag)
{
    struct walk walk = {arena, text, diag, nullptr, nullptr};
    struct cut *cut = ARENA_NEW(arena, struct cut);
    cut->name = name;
    ondemand::document document;
    if (!start(walk, text, document) || !cut_document(walk, document, *cut))
        return report(walk);
    if (cut->count > BATCH_EVENTS_MAX)
        return diag_set(diag, STATUS_TOO_LARGE, name,
                        "The batch holds more than %d messages; cut it", BATCH_EVENTS_MAX);
    if (!cut->found)
        return diag_set(diag, STATUS_INVALID, name, "There is no \"%s\" array in the body", name);
    *out_batch = {cut->elements, cut->count, &cut->rest};
    return STATUS_OK;
}

extern "C" bool json_utf8_valid(struct slice text)
{
    return simdjson::validate_utf8(text.data ? text.data : "", text.size);
}

/* Shortest digits that read back the same (std::to_chars: Ryu, Adams 2018), plain where a person
 * would write it plainly. */
extern "C" size_t json_format_number(double value, char out_text[JSON_NUMBER_TEXT_SIZE])
{
    double size = value < 0 ? -value : value;
    bool plain = size == 0 || (size >= 1e-5 && size < 1e15);
    auto format = plain ? std::chars_format::fixed : std::chars_format::scientific;
    auto result = std::to_chars(out_text, out_text + JSON_NUMBER_TEXT_SIZE, value, format);
    return static_cast<size_t>(result.ptr - out_text);
}
