#include "catalog/feed.h"

#include "base/hash.h"
#include "catalog/feed_bytes.h"
#include "catalog/feed_csv.h"
#include "catalog/feed_xml.h"

#include <stdlib.h>

enum { BLOCK_BYTES = 65536 };

struct feed {
    struct feed_bytes *bytes;
    enum feed_format format; /* never FEED_AUTO once open */
    char *block;
    size_t at, size; /* what of the block is still to be read */
    bool broken;     /* nothing more can be read; why says it */
    struct diag why;
    unsigned line; /* of the next byte */
    bool after_cr;
    struct buf raw; /* the record's own bytes */
    struct feed_csv *csv;
    struct feed_xml *xml;
    struct buf head; /* head line */
    struct slice *columns;
    size_t column_count;
    struct arena columns_arena;
};

/* --- bytes ------------------------------------------------------------------------------------ */

static enum status fill(struct feed *feed)
{
    feed->at = feed->size = 0;
    enum status status =
        feed_bytes_read(feed->bytes, feed->block, BLOCK_BYTES, &feed->size, &feed->why);
    feed->broken |= status != STATUS_OK;
    return status;
}

static void count_lines(struct feed *feed, struct slice piece)
{
    for (size_t i = 0; i < piece.size; i++) {
        bool cr = piece.data[i] == '\r', lf = piece.data[i] == '\n';
        if (cr || (lf && !feed->after_cr))
            feed->line++;
        feed->after_cr = cr;
    }
}

/* The next bytes up to and with a line end, or to the end of the block. Empty at the end of the
 * file. */
static enum status next_piece(struct feed *feed, struct slice *out_piece)
{
    if (feed->at == feed->size) {
        enum status status = fill(feed);
        if (status != STATUS_OK)
            return status;
    }
    size_t end = feed->at;
    while (end < feed->size && feed->block[end] != '\n' && feed->block[end] != '\r')
        end++;
    end += end < feed->size;
    *out_piece = slice_make(feed->block + feed->at, end - feed->at);
    feed->at = end;
    count_lines(feed, *out_piece);
    return STATUS_OK;
}

static bool ends_line(struct slice piece)
{
    return piece.size > 0 &&
           (piece.data[piece.size - 1] == '\n' || piece.data[piece.size - 1] == '\r');
}

static struct slice record_bytes(const struct feed *feed)
{
    return slice_trim(buf_slice(&feed->raw));
}

/* Reads on to where the record ends. */
static enum status too_large(struct feed *feed, struct slice piece, struct diag *diag)
{
    size_t skipped = 0;
    while (piece.size > 0 && !ends_line(piece)) {
        enum status status = next_piece(feed, &piece);
        if (status != STATUS_OK)
            return status;
        skipped += piece.size;
        if (skipped > FEED_SKIP_BYTES_MAX) {
            feed->broken = true;
            return diag_set(&feed->why, STATUS_INVALID, "",
                            "this line does not end within %d MB: the file is damaged, or no feed",
                            (int)(FEED_SKIP_BYTES_MAX >> 20));
        }
    }
    if (feed->csv)
        feed_csv_reset(feed->csv);
    buf_clear(&feed->raw);
    return diag_set(diag, STATUS_INVALID, "",
                    "this record is over %d bytes: look for a quote (\") that is not closed",
                    (int)FEED_RECORD_BYTES_MAX);
}

/* The first byte that is no part of UTF-8, by halves: a front is good up to it. */
static size_t bad_byte(struct slice text)
{
    size_t good = 0, bad = text.size;
    while (bad - good > 1) {
        size_t middle = good + (bad - good) / 2, front = middle;
        while (front > good && ((unsigned char)text.data[front] & 0xC0) == 0x80)
            front--; /* not in the middle of a letter */
        if (front > good && json_utf8_valid(slice_make(text.data + good, front - good)))
            good = front;
        else if (front == good)
            break;
        else
            bad = front;
    }
    return good;
}

static enum status check_text(const struct feed *feed, struct diag *diag)
{
    struct slice raw = buf_slice(&feed->raw);
    size_t nul = slice_find(raw, 0);
    if (nul != SIZE_MAX) {
        diag->column = (unsigned)nul + 1;
        return diag_set(diag, STATUS_INVALID, "",
                        "byte %zu of this record is a NUL: the file is damaged, or not text",
                        nul + 1);
    }
    if (json_utf8_valid(raw))
        return STATUS_OK;
    diag->column = (unsigned)bad_byte(raw) + 1;
    return diag_set(diag, STATUS_INVALID, "",
                    "this line is not UTF-8: save the file again as UTF-8 (in a spreadsheet: "
                    "\"CSV UTF-8\"; or iconv -f LATIN1 -t UTF-8)");
}

/* --- CSV -------------------------------------------------------------------------------------- */

/* Reads one record into feed->csv and its bytes into feed->raw. */
static enum status read_csv_record(struct feed *feed, unsigned *out_line, struct diag *diag)
{
    buf_clear(&feed->raw);
    *out_line = feed->line;
    for (;;) {
        struct slice piece;
        enum status status = next_piece(feed, &piece);
        if (status != STATUS_OK)
            return status;
        if (piece.size == 0)
            break;
        buf_add(&feed->raw, piece);
        if (feed->raw.overflowed)
            return too_large(feed, piece, diag);
        if (feed_csv_take(feed->csv, piece))
            return check_text(feed, diag);
        if (ends_line(piece) && record_bytes(feed).size == 0) { /* an empty line */
            buf_clear(&feed->raw);
            *out_line = feed->line;
        }
    }
    bool open_quote = feed_csv_quoted(feed->csv) && record_bytes(feed).size > 0 &&
                      !slice_ends_with(record_bytes(feed), SLICE("\""));
    if (!feed_csv_finish(feed->csv))
        return STATUS_NOT_FOUND;
    if (open_quote)
        return diag_set(diag, STATUS_INVALID, "",
                        "a quote (\") opened in this record is never closed: close it, or double "
                        "it (\"\") where it is part of the text");
    return check_text(feed, diag);
}

static enum status check_width(const struct feed *feed, struct diag *diag)
{
    size_t count = feed_csv_count(feed->csv);
    bool surplus = false;
    for (size_t i = feed->column_count; i < count; i++)
        surplus |= i >= FEED_COLUMNS_MAX || feed_csv_value(feed->csv, i).size > 0;
    if (count >= feed->column_count && !surplus)
        return STATUS_OK;
    return diag_set(diag, STATUS_INVALID, "",
                    "this row has %zu values and the head line names %zu columns: put values that "
                    "hold a separator or a line end between quotes",
                    count, feed->column_count);
}

static enum status next_csv(struct feed *feed, struct arena *arena, const struct json **out_record,
                            unsigned *out_line, struct diag *diag)
{
    enum status status = read_csv_record(feed, out_line, diag);
    if (status == STATUS_OK)
        status = check_width(feed, diag);
    if (status != STATUS_OK)
        return status;
    struct json *record = ARENA_NEW(arena, struct json);
    record->kind = JSON_OBJECT;
    record->count = feed->column_count;
    record->members = ARENA_ARRAY(arena, record->count, struct json_member);
    for (size_t i = 0; i < record->count; i++) {
        record->members[i].name = arena_copy(arena, feed->columns[i]);
        record->members[i].value.kind = JSON_STRING;
        record->members[i].value.text = arena_copy(arena, feed_csv_value(feed->csv, i));
    }
    *out_record = record;
    return STATUS_OK;
}

static char find_delimiter(struct slice head)
{
    size_t commas = 0, semicolons = 0, tabs = 0;
    bool quoted = false;
    for (size_t i = 0; i < head.size && (quoted || (head.data[i] != '\n' && head.data[i] != '\r'));
         i++) {
        quoted ^= head.data[i] == '"';
        if (quoted)
            continue;
        commas += head.data[i] == ',';
        semicolons += head.data[i] == ';';
        tabs += head.data[i] == '\t';
    }
    if (tabs > commas && tabs > semicolons)
        return '\t';
    return semicolons > commas ? ';' : ',';
}

static enum status check_columns(struct feed *feed, struct diag *diag)
{
    for (size_t i = 0; i < feed->column_count; i++)
        for (size_t j = 0; j < i; j++)
            if (slice_equal(feed->columns[i], feed->columns[j]))
                return diag_set(diag, STATUS_INVALID, "",
                                "columns %zu and %zu are both named \"%.*s\": rename one", j + 1,
                                i + 1, SLICE_ARG(slice_first(feed->columns[i], 60)));
    return STATUS_OK;
}

static enum status read_head(struct feed *feed, struct diag *diag)
{
    struct slice rest = slice_make(feed->block + feed->at, feed->size - feed->at);
    char delimiter = feed->format == FEED_TSV ? '\t' : find_delimiter(rest);
    feed->csv = feed_csv_new(delimiter, FEED_COLUMNS_MAX);
    unsigned line;
    enum status status = read_csv_record(feed, &line, diag);
    diag->line = line;
    if (status == STATUS_NOT_FOUND)
        return diag_set(diag, STATUS_INVALID, "",
                        "the file is empty: its first line must name the columns");
    if (status != STATUS_OK)
        return status;
    feed->column_count = feed_csv_count(feed->csv);
    if (feed->column_count > FEED_COLUMNS_MAX)
        return diag_set(diag, STATUS_INVALID, "", "%zu columns are too many, %d at most",
                        feed->column_count, (int)FEED_COLUMNS_MAX);
    buf_add(&feed->head, record_bytes(feed));
    struct arena *arena = &feed->columns_arena;
    feed->columns = ARENA_ARRAY(arena, feed->column_count, struct slice);
    for (size_t i = 0; i < feed->column_count; i++) {
        struct slice name = slice_trim(feed_csv_value(feed->csv, i));
        feed->columns[i] =
            name.size > 0 ? arena_copy(arena, name) : arena_format(arena, "column_%zu", i + 1);
    }
    return check_columns(feed, diag);
}

/* --- NDJSON ----------------------------------------------------------------------------------- */

static enum status read_line(struct feed *feed, unsigned *out_line, struct diag *diag)
{
    for (;;) {
        buf_clear(&feed->raw);
        *out_line = feed->line;
        struct slice piece;
        do {
            enum status status = next_piece(feed, &piece);
            if (status != STATUS_OK)
                return status;
            buf_add(&feed->raw, piece);
            if (feed->raw.overflowed)
                return too_large(feed, piece, diag);
        } while (piece.size > 0 && !ends_line(piece));
        if (record_bytes(feed).size > 0)
            return check_text(feed, diag);
        if (piece.size == 0)
            return STATUS_NOT_FOUND;
    }
}

static enum status next_ndjson(struct feed *feed, struct arena *arena,
                               const struct json **out_record, unsigned *out_line,
                               struct diag *diag)
{
    enum status status = read_line(feed, out_line, diag);
    if (status != STATUS_OK)
        return status;
    const struct json *record;
    status = json_parse(arena, record_bytes(feed), &record, diag);
    if (status != STATUS_OK)
        return STATUS_INVALID; /* whatever is wrong with this line, the next may be good */
    if (!json_is(record, JSON_OBJECT))
        return diag_set(
            diag, STATUS_INVALID, "",
            "each line must be one JSON object, as in {\"id\":\"1\",\"title\":\"Robe\"}");
    *out_record = record;
    return STATUS_OK;
}

/* --- XML -------------------------------------------------------------------------------------- */

static enum status next_block(void *context, struct slice *out_bytes, struct diag *diag)
{
    struct feed *feed = context;
    enum status status = feed->at == feed->size ? fill(feed) : STATUS_OK;
    if (status != STATUS_OK) {
        *diag = feed->why;
        return status;
    }
    *out_bytes = slice_make(feed->block + feed->at, feed->size - feed->at);
    feed->at = feed->size;
    return STATUS_OK;
}

static void start_xml(struct feed *feed)
{
    const struct feed_xml_source source = {next_block, feed};
    feed->xml = feed_xml_new(&source);
}

static enum status next_xml(struct feed *feed, struct arena *arena, const struct json **out_record,
                            unsigned *out_line, struct diag *diag)
{
    enum status status = feed_xml_next(feed->xml, arena, out_record, out_line, diag);
    if (feed_xml_broken(feed->xml) && !feed->broken) {
        feed->broken = true;
        feed->why = *diag;
    }
    return status;
}

/* --- the face --------------------------------------------------------------------------------- */

static struct slice waiting(const struct feed *feed)
{
    return slice_make(feed->block + feed->at, feed->size - feed->at);
}

static bool is_utf16(const struct feed *feed)
{
    return slice_starts_with(waiting(feed), SLICE("\xFF\xFE")) ||
           slice_starts_with(waiting(feed), SLICE("\xFE\xFF"));
}

/* A mark tells expat the encoding; the others do without. */
static enum feed_format find_format(const struct feed *feed)
{
    struct slice rest = waiting(feed);
    bool wide = is_utf16(feed) && rest.size > 3 && (rest.data[2] == '<' || rest.data[3] == '<');
    if (slice_starts_with(rest, SLICE("\xEF\xBB\xBF")))
        rest = slice_from(rest, 3);
    rest = slice_trim(rest);
    if (wide || slice_starts_with(rest, SLICE("<")))
        return FEED_XML;
    return slice_starts_with(rest, SLICE("{")) ? FEED_NDJSON : FEED_CSV;
}

static enum status start_text(struct feed *feed, struct diag *diag)
{
    if (is_utf16(feed))
        return diag_set(diag, STATUS_INVALID, "",
                        "the file is UTF-16: save it again as UTF-8 (in a spreadsheet: \"CSV "
                        "UTF-8\")");
    if (slice_starts_with(waiting(feed), SLICE("\xEF\xBB\xBF")))
        feed->at += 3;
    return feed->format == FEED_NDJSON ? STATUS_OK : read_head(feed, diag);
}

static enum status start(struct feed *feed, struct diag *diag)
{
    enum status status = fill(feed);
    if (status == STATUS_OK && feed->format == FEED_AUTO)
        feed->format = find_format(feed);
    if (status == STATUS_OK && feed->format == FEED_XML)
        start_xml(feed);
    else if (status == STATUS_OK)
        status = start_text(feed, diag);
    if (feed->broken)
        *diag = feed->why;
    return status;
}

enum status feed_open(int fd, enum feed_format format, struct feed **out_feed, struct diag *diag)
{
    struct diag unused;
    struct feed *feed = must_alloc_zero(1, sizeof *feed);
    feed->bytes = feed_bytes_new(fd);
    feed->format = format;
    feed->line = 1;
    feed->block = must_alloc(BLOCK_BYTES);
    buf_init(&feed->raw, FEED_RECORD_BYTES_MAX);
    buf_init(&feed->head, FEED_RECORD_BYTES_MAX);
    arena_init(&feed->columns_arena);
    enum status status = start(feed, diag ? diag : &unused);
    if (status != STATUS_OK) {
        feed_close(feed);
        return status;
    }
    *out_feed = feed;
    return STATUS_OK;
}

void feed_close(struct feed *feed)
{
    if (!feed)
        return;
    feed_csv_free(feed->csv);
    feed_xml_free(feed->xml);
    feed_bytes_free(feed->bytes);
    buf_done(&feed->raw);
    buf_done(&feed->head);
    arena_done(&feed->columns_arena);
    free(feed->block);
    free(feed);
}

enum status feed_next(struct feed *feed, struct arena *arena, const struct json **out_record,
                      unsigned *out_line, struct diag *diag)
{
    struct diag unused;
    if (!diag)
        diag = &unused;
    *diag = (struct diag){0};
    unsigned line = feed->line;
    bool was_broken = feed->broken;
    enum status status = STATUS_NOT_FOUND;
    if (was_broken)
        line = feed->why.line;
    else if (feed->format == FEED_XML)
        status = next_xml(feed, arena, out_record, &line, diag);
    else if (feed->format == FEED_NDJSON)
        status = next_ndjson(feed, arena, out_record, &line, diag);
    else
        status = next_csv(feed, arena, out_record, &line, diag);
    if (feed->broken && !was_broken) {
        *diag = feed->why;
        feed->why.line = line;
    }
    diag->line = *out_line = line;
    return status;
}

bool feed_broken(const struct feed *feed)
{
    return feed->broken;
}

enum feed_format feed_format_of(const struct feed *feed)
{
    return feed->format;
}

struct slice feed_columns(const struct feed *feed)
{
    return buf_slice(&feed->head);
}

struct slice feed_column(const struct feed *feed, size_t index)
{
    return index < feed->column_count ? feed->columns[index] : SLICE_NONE;
}

bool feed_has_column(const struct feed *feed, struct slice name)
{
    bool found = feed->format == FEED_NDJSON || feed->format == FEED_XML;
    for (size_t i = 0; i < feed->column_count && !found; i++)
        found = slice_equal(feed->columns[i], name);
    return found;
}
