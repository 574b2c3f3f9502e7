/* The words and marks of a condition's text, one at a time, with the line and column of each.
 * Inside audience/ only. Borrows the text; unescaped strings are made in the arena. */
#ifndef VISAVIS_AUDIENCE_LEXER_H
#define VISAVIS_AUDIENCE_LEXER_H

#include "base/arena.h"
#include "base/diag.h"

enum token_kind {
    TOKEN_END,
    TOKEN_WORD,    /* letters, digits and _, a letter first; any case */
    TOKEN_TEXT,    /* "…", \" and \\ inside; « … » too */
    TOKEN_NUMBER,  /* 12, -3.5 */
    TOKEN_DATE,    /* 2026-03-01 */
    TOKEN_INSTANT, /* 2026-03-01T10:20:00Z */
    TOKEN_MARK,    /* ( ) , . = != < <= > >= */
};

struct token {
    enum token_kind kind;
    struct slice text; /* of a text: what stands between the quotes */
    double number;
    int64_t time; /* days, or ms */
    unsigned line, column;
};

struct lexer {
    struct arena *arena;
    struct diag *diag;
    struct slice rest;
    unsigned line, column; /* of what comes next; columns count characters */
    struct token token;    /* the present one */
};

/* The first token is then the present one. */
enum status lexer_init(struct lexer *lexer, struct arena *arena, struct slice text,
                       struct diag *diag) MUST_CHECK;
enum status lexer_next(struct lexer *lexer) MUST_CHECK;
/* STATUS_INVALID at the present token. */
enum status lexer_refuse(struct lexer *lexer, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
bool token_is(const struct token *token, const char *word_or_mark);

#endif
