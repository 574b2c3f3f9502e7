#include "audience/lexer.h"

#include "base/clock.h"
#include "base/json.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

enum { NUMBER_BYTES_MAX = 40, SHOWN_BYTES_MAX = 40, SENTENCE_BYTES = 256 };

static bool is_letter(char byte)
{
    return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') || byte == '_';
}

static bool is_digit(char byte)
{
    return byte >= '0' && byte <= '9';
}

static char at(const struct lexer *lexer, size_t offset)
{
    return offset < lexer->rest.size ? lexer->rest.data[offset] : '\0';
}

/* Steps over so many bytes; a character counts as one column, however many bytes it has. */
static void step(struct lexer *lexer, size_t size)
{
    for (size_t i = 0; i < size; i++) {
        unsigned char byte = (unsigned char)lexer->rest.data[i];
        if (byte == '\n') {
            lexer->line++;
            lexer->column = 1;
        } else if ((byte & 0xC0) != 0x80) {
            lexer->column++;
        }
    }
    lexer->rest = slice_from(lexer->rest, size);
}

static enum status refuse_at(const struct lexer *lexer, unsigned line, unsigned column,
                             const char *sentence)
{
    enum status status = diag_set(lexer->diag, STATUS_INVALID, "", "%s", sentence);
    if (lexer->diag) {
        lexer->diag->line = line;
        lexer->diag->column = column;
    }
    return status;
}

enum status lexer_refuse(struct lexer *lexer, const char *format, ...)
{
    char sentence[SENTENCE_BYTES];
    va_list arguments;
    va_start(arguments, format);
    (void)vsnprintf(sentence, sizeof sentence, format, arguments);
    va_end(arguments);
    return refuse_at(lexer, lexer->token.line, lexer->token.column, sentence);
}

bool token_is(const struct token *token, const char *word_or_mark)
{
    if (token->kind == TOKEN_MARK)
        return slice_is(token->text, word_or_mark);
    return token->kind == TOKEN_WORD &&
           slice_equal_ignoring_case(token->text, slice_of(word_or_mark));
}

static void skip_space(struct lexer *lexer)
{
    for (;;) {
        char byte = at(lexer, 0);
        if (lexer->rest.size && (byte == ' ' || byte == '\t' || byte == '\n' || byte == '\r'))
            step(lexer, 1);
        else if (slice_starts_with(lexer->rest, SLICE("\u00a0")))
            step(lexer, 2); /* what a word processor puts there */
        else
            return;
    }
}

static enum status take(struct lexer *lexer, enum token_kind kind, size_t size)
{
    lexer->token.kind = kind;
    lexer->token.text = slice_first(lexer->rest, size);
    step(lexer, size);
    return STATUS_OK;
}

/* --- texts ------------------------------------------------------------------------------------ */

/* « and » as French writes them, with the spaces inside that it puts there. */
static enum status take_french(struct lexer *lexer)
{
    struct slice close = SLICE("»"), inside = slice_from(lexer->rest, 2);
    for (size_t size = 0; size + close.size <= inside.size; size++) {
        if (memcmp(inside.data + size, close.data, close.size) != 0)
            continue;
        struct slice text = slice_first(inside, size);
        while (slice_starts_with(text, SLICE(" ")) || slice_starts_with(text, SLICE("\u00a0")) ||
               slice_starts_with(text, SLICE("\u202f")))
            text = slice_from(text, text.data[0] == ' ' ? 1 : text.data[0] == '\xc2' ? 2 : 3);
        while (slice_ends_with(text, SLICE(" ")))
            text.size--;
        while (slice_ends_with(text, SLICE("\u00a0")))
            text.size -= 2;
        while (slice_ends_with(text, SLICE("\u202f")))
            text.size -= 3;
        lexer->token.kind = TOKEN_TEXT;
        lexer->token.text = arena_copy(lexer->arena, text);
        step(lexer, 2 + size + close.size);
        return STATUS_OK;
    }
    return refuse_at(lexer, lexer->line, lexer->column,
                     "this « is never closed; put » where the text ends");
}

static enum status take_quoted(struct lexer *lexer)
{
    char *text = arena_alloc(lexer->arena, lexer->rest.size + 1);
    size_t size = 0, i = 1;
    for (; i < lexer->rest.size && lexer->rest.data[i] != '"'; i++) {
        if (lexer->rest.data[i] == '\\' && i + 1 < lexer->rest.size)
            i++;
        text[size++] = lexer->rest.data[i];
    }
    if (i >= lexer->rest.size)
        return refuse_at(lexer, lexer->line, lexer->column,
                         "this quote (\") is never closed; put one where the text ends");
    lexer->token.kind = TOKEN_TEXT;
    lexer->token.text = slice_make(text, size);
    step(lexer, i + 1);
    return STATUS_OK;
}

/* --- numbers and times ------------------------------------------------------------------------ */

/* 2026-03-01, alone or with a time behind it. */
static size_t date_size(const struct lexer *lexer)
{
    static const char shape[] = "dddd-dd-dd";
    for (size_t i = 0; i < sizeof shape - 1; i++)
        if (shape[i] == 'd' ? !is_digit(at(lexer, i)) : at(lexer, i) != shape[i])
            return 0;
    size_t size = sizeof shape - 1;
    if (at(lexer, size) != 'T')
        return size;
    while (is_digit(at(lexer, size)) || is_letter(at(lexer, size)) ||
           (at(lexer, size) && strchr(":.+-", at(lexer, size))))
        size++;
    return size;
}

static enum status take_time(struct lexer *lexer, size_t size)
{
    struct slice text = slice_first(lexer->rest, size);
    int64_t ms;
    if (!clock_parse_iso(text, &ms))
        return refuse_at(lexer, lexer->line, lexer->column,
                         "this is no date; write 2026-03-01 or 2026-03-01T10:20:00Z");
    bool alone = !memchr(text.data, 'T', text.size);
    lexer->token.time = alone ? ms / MS_PER_DAY - (ms % MS_PER_DAY < 0) : ms;
    return take(lexer, alone ? TOKEN_DATE : TOKEN_INSTANT, size);
}

/* e-7, as numbers are written that are very large or very small. */
static size_t exponent_size(const struct lexer *lexer, size_t from)
{
    size_t size = from;
    if (at(lexer, size) != 'e' && at(lexer, size) != 'E')
        return 0;
    size++;
    if (at(lexer, size) == '-' || at(lexer, size) == '+')
        size++;
    if (!is_digit(at(lexer, size)))
        return 0;
    while (is_digit(at(lexer, size)))
        size++;
    return size - from;
}

static enum status take_number(struct lexer *lexer)
{
    char text[NUMBER_BYTES_MAX + 1] = "";
    size_t size = at(lexer, 0) == '-' ? 1 : 0;
    while (is_digit(at(lexer, size)))
        size++;
    if (at(lexer, size) == '.' && is_digit(at(lexer, size + 1)))
        for (size++; is_digit(at(lexer, size));)
            size++;
    size += exponent_size(lexer, size);
    if (size > NUMBER_BYTES_MAX)
        return refuse_at(lexer, lexer->line, lexer->column, "this number has too many digits");
    memcpy(text, lexer->rest.data, size);
    lexer->token.number = strtod(text, NULL);
    if (!isfinite(lexer->token.number))
        return refuse_at(lexer, lexer->line, lexer->column, "this number is too large");
    if (is_letter(at(lexer, size)) || at(lexer, size) == '%')
        return refuse_at(lexer, lexer->line, lexer->column,
                         "put a space after a number, and write a share as 0.25");
    return take(lexer, TOKEN_NUMBER, size);
}

/* --- the next one ----------------------------------------------------------------------------- */

static enum status take_mark(struct lexer *lexer)
{
    static const char *const marks[] = {"!=", "<=", ">=", "(", ")", ",", ".", "=", "<", ">"};
    for (size_t i = 0; i < sizeof marks / sizeof *marks; i++)
        if (slice_starts_with(lexer->rest, slice_of(marks[i])))
            return take(lexer, TOKEN_MARK, strlen(marks[i]));
    if (at(lexer, 0) == '\'')
        return refuse_at(lexer, lexer->line, lexer->column,
                         "texts stand in double quotes: \"like this\"");
    size_t size = 1;
    while (size < lexer->rest.size && ((unsigned char)lexer->rest.data[size] & 0xC0) == 0x80)
        size++;
    char sentence[SENTENCE_BYTES];
    (void)snprintf(sentence, sizeof sentence,
                   "\"%.*s\" means nothing here; names with such letters stand in double quotes",
                   (int)(size > SHOWN_BYTES_MAX ? SHOWN_BYTES_MAX : size), lexer->rest.data);
    return refuse_at(lexer, lexer->line, lexer->column, sentence);
}

enum status lexer_next(struct lexer *lexer)
{
    skip_space(lexer);
    lexer->token = (struct token){.line = lexer->line, .column = lexer->column};
    char byte = at(lexer, 0);
    size_t size = 0;
    if (lexer->rest.size == 0)
        return take(lexer, TOKEN_END, 0);
    if (is_letter(byte)) {
        while (is_letter(at(lexer, size)) || is_digit(at(lexer, size)))
            size++;
        return take(lexer, TOKEN_WORD, size);
    }
    if (byte == '"')
        return take_quoted(lexer);
    if (slice_starts_with(lexer->rest, SLICE("«")))
        return take_french(lexer);
    if ((size = date_size(lexer)) > 0)
        return take_time(lexer, size);
    if (is_digit(byte) || (byte == '-' && is_digit(at(lexer, 1))))
        return take_number(lexer);
    return take_mark(lexer);
}

enum status lexer_init(struct lexer *lexer, struct arena *arena, struct slice text,
                       struct diag *diag)
{
    *lexer = (struct lexer){.arena = arena, .diag = diag, .rest = text, .line = 1, .column = 1};
    if (!json_utf8_valid(text))
        return refuse_at(lexer, 1, 1, "this is not UTF-8");
    if (text.size && memchr(text.data, '\0', text.size))
        return refuse_at(lexer, 1, 1, "this holds a NUL, which no text does");
    return lexer_next(lexer);
}
