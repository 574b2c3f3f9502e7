#include "catalog/feed_csv.h"

#include "base/arena.h"
#include "catalog/feed.h"

#include <assert.h>
#include <csv.h>
#include <stdlib.h>

struct feed_csv {
    struct csv_parser parser;
    unsigned char delimiter;
    struct buf text; /* the record's values, one after another */
    size_t *ends;    /* of each value in text */
    size_t count, columns_max;
    bool ended; /* a record is complete */
};

static void parser_start(struct feed_csv *csv)
{
    int failed = csv_init(&csv->parser, 0);
    assert(failed == 0);
    csv_set_delim(&csv->parser, csv->delimiter);
}

struct feed_csv *feed_csv_new(char delimiter, size_t columns_max)
{
    struct feed_csv *csv = must_alloc_zero(1, sizeof *csv);
    csv->delimiter = (unsigned char)delimiter;
    csv->columns_max = columns_max;
    csv->ends = must_alloc_zero(columns_max, sizeof *csv->ends);
    buf_init(&csv->text, FEED_RECORD_BYTES_MAX);
    parser_start(csv);
    return csv;
}

void feed_csv_free(struct feed_csv *csv)
{
    if (!csv)
        return;
    csv_free(&csv->parser);
    buf_done(&csv->text);
    free(csv->ends);
    free(csv);
}

static void start_record(struct feed_csv *csv)
{
    buf_clear(&csv->text);
    csv->count = 0;
    csv->ended = false;
}

void feed_csv_reset(struct feed_csv *csv)
{
    csv_free(&csv->parser);
    parser_start(csv);
    start_record(csv);
}

static void on_value(void *data, size_t size, void *context)
{
    struct feed_csv *csv = context;
    if (csv->count < csv->columns_max) {
        buf_add(&csv->text, slice_make(data, size));
        csv->ends[csv->count] = csv->text.size;
    }
    csv->count++;
}

static void on_record(int end, void *context)
{
    (void)end;
    struct feed_csv *csv = context;
    csv->ended = true;
}

bool feed_csv_take(struct feed_csv *csv, struct slice piece)
{
    if (csv->ended)
        start_record(csv);
    size_t taken = csv_parse(&csv->parser, piece.data, piece.size, on_value, on_record, csv);
    assert(taken == piece.size); /* lenient: only memory can fail, and records are bounded */
    return csv->ended;
}

bool feed_csv_finish(struct feed_csv *csv)
{
    if (csv->ended)
        start_record(csv);
    int failed = csv_fini(&csv->parser, on_value, on_record, csv);
    assert(failed == 0);
    return csv->ended;
}

bool feed_csv_quoted(const struct feed_csv *csv)
{
    return csv->parser.quoted != 0;
}

size_t feed_csv_count(const struct feed_csv *csv)
{
    return csv->count;
}

struct slice feed_csv_value(const struct feed_csv *csv, size_t index)
{
    assert(index < csv->count && index < csv->columns_max);
    size_t from = index == 0 ? 0 : csv->ends[index - 1];
    return slice_first(slice_from(buf_slice(&csv->text), from), csv->ends[index] - from);
}
