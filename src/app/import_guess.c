/* visavis import catalog --guess: which column seems to be which field, why, and the --map that
 * says so. */
#include "app/import.h"
#include "catalog/feed_guess.h"

enum { REPORT_BYTES_MAX = 1 << 20, COLUMN_WIDTH = 28, FIELD_WIDTH = 26 };

static void put_map(const struct guesses *guesses, struct buf *out)
{
    bool first = true;
    for (size_t i = 0; i < guesses->count; i++) {
        if (!guesses->rows[i].field)
            continue;
        buf_format(out, "%s%s=%.*s", first ? "" : ",", guesses->rows[i].field,
                   SLICE_ARG(guesses->rows[i].column));
        first = false;
    }
}

/* Letters, not bytes: French columns have accents. */
static void pad(struct buf *out, struct slice text, size_t width)
{
    size_t letters = 0;
    for (size_t i = 0; i < text.size; i++)
        letters += ((unsigned char)text.data[i] & 0xC0) != 0x80;
    buf_add(out, text);
    for (; letters < width; letters++)
        buf_add_byte(out, ' ');
    buf_add_byte(out, ' ');
}

static void write_table(const struct guesses *guesses, enum locale locale, struct buf *out)
{
    for (size_t i = 0; i < guesses->count; i++) {
        const struct guess *guess = &guesses->rows[i];
        pad(out, guess->column, COLUMN_WIDTH);
        pad(out, guess->field ? slice_of(guess->field) : SLICE("-"), FIELD_WIDTH);
        guess_reason_text(guess, locale, out);
        buf_add_byte(out, '\n');
    }
    buf_add_text(out, "--map '");
    put_map(guesses, out);
    buf_add_text(out, "'\n");
}

static void write_json(const struct guesses *guesses, enum locale locale, struct buf *out)
{
    struct json_out json = json_out(out);
    json_object(&json);
    guesses_to_json(guesses, locale, &json);
    json_end(&json);
    buf_add_byte(out, '\n');
}

enum status import_guess(struct import *import, struct diag *diag)
{
    struct call *call = import->call;
    enum locale locale = locale_from_text(call_option(call, "lang"), import->workspace->locale);
    struct guesses guesses;
    struct buf out;
    enum status status = feed_guess(import->feed, &call->arena, &guesses, diag);
    if (status != STATUS_OK)
        return status;
    buf_init(&out, REPORT_BYTES_MAX);
    if (call_has(call, "json"))
        write_json(&guesses, locale, &out);
    else
        write_table(&guesses, locale, &out);
    output_write(&call->out, buf_slice(&out));
    buf_done(&out);
    return STATUS_OK;
}
