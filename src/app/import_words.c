/* What visavis import tells of a catalogue before anything is written: which column seems to be
 * which field, why, and the --map that says so; and what would change. */
#include "app/import.h"

#include "catalog/feed_guess.h"
#include "catalog/money.h"

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

enum status import_tell_guess(struct call *call, struct import *import, enum locale usual,
                              struct diag *diag)
{
    enum locale locale = locale_from_text(call_option(call, "lang"), usual);
    struct guesses guesses;
    struct buf out;
    enum status status = import_guess(import, &guesses, diag);
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

/* --- what would change ------------------------------------------------------------------------ */

static void show_example(struct call *call, const struct diff_example *example)
{
    char before[32] = "-", after[32] = "-";
    if (example->before_minor >= 0)
        money_format(example->before_minor, example->currency, before);
    if (example->after_minor >= 0)
        money_format(example->after_minor, example->currency, after);
    output_format(&call->err, "  %.*s %.*s", SLICE_ARG(example->id), SLICE_ARG(example->title));
    if (example->before_minor != example->after_minor)
        output_format(&call->err, ": %s to %s %.*s", before, after, SLICE_ARG(example->currency));
    output_write(&call->err, SLICE("\n"));
}

void import_tell_diff(struct call *call, const struct feed_diff *diff)
{
    static const char *const names[DIFF_COUNT] = {
        "new", "price down", "price up", "out of stock", "back in stock", "changed", "gone"};
    for (enum diff_kind kind = 0; kind < DIFF_COUNT; kind++) {
        if (diff->counts[kind] == 0)
            continue;
        output_format(&call->err, "%s: %llu\n", names[kind],
                      (unsigned long long)diff->counts[kind]);
        for (size_t i = 0; i < DIFF_EXAMPLES_MAX && i < diff->counts[kind]; i++)
            show_example(call, &diff->examples[kind][i]);
    }
    output_format(&call->err, "unchanged: %llu\n", (unsigned long long)diff->unchanged);
}
