/* Rows of a file: CSV (RFC 4180, quoted line ends, BOM, ',' ';' or tab found from the head line),
 * TSV, NDJSON and XML (RSS 2.0 with Google's names, Atom; feed_xml.h), also gzipped, one record at
 * a time.
 *
 * A reader pulls; each record comes with its line for error messages. A bad record is reported
 * and reading goes on. Used for catalogues, events and people alike: what a column means is told
 * by a map. Text is UTF-8; a record that is not is refused with how to mend it. Bounded: a
 * record over FEED_RECORD_BYTES_MAX is refused, not read into memory, and one that does not end
 * within FEED_SKIP_BYTES_MAX more ends the feed. One thread; the feed owns its buffers. */
#ifndef VISAVIS_CATALOG_FEED_H
#define VISAVIS_CATALOG_FEED_H

#include "base/json.h"

enum {
    FEED_RECORD_BYTES_MAX = 1 << 20,
    FEED_SKIP_BYTES_MAX = 64 << 20, /* in search of its end */
    FEED_COLUMNS_MAX = 500
};

/* TSV is CSV whose separator is the tab. */
enum feed_format { FEED_AUTO, FEED_CSV, FEED_TSV, FEED_NDJSON, FEED_XML };
/* "auto", "csv", "tsv", "ndjson", "xml"; an empty name is auto. False for another. */
bool feed_format_from_name(struct slice name, enum feed_format *out_format);
const char *feed_format_name(enum feed_format format);

/* item=StockCode: our field and their column. "?" as first byte of the column: optional. */
struct feed_map {
    struct slice field, column;
};

struct feed;

/* Reads from a file descriptor it does not own. AUTO looks at the first byte that is not blank
 * ('{' is NDJSON, '<' XML). STATUS_INVALID: an empty file, UTF-16 that is not XML, a head line that
 * names a column twice, damaged gzip. */
enum status feed_open(int fd, enum feed_format format, struct feed **out_feed,
                      struct diag *diag) MUST_CHECK;
void feed_close(struct feed *feed);
/* The next record as a JSON object: of CSV, column name → string. STATUS_NOT_FOUND at the end;
 * STATUS_INVALID for one bad record (reading may go on unless feed_broken); STATUS_IO. Lives in the
 * arena. out_line is the record's first line, also when it is bad; diag->column the byte of the
 * record that is wrong, 0 when it is not one. */
enum status feed_next(struct feed *feed, struct arena *arena, const struct json **out_record,
                      unsigned *out_line, struct diag *diag) MUST_CHECK;
/* Nothing can be read any more: broken XML or gzip, STATUS_IO. What came before may be half a
 * feed. */
bool feed_broken(const struct feed *feed);
/* What it was found to be, never AUTO. */
enum feed_format feed_format_of(const struct feed *feed);
/* Head line of a CSV, for messages that list the columns there are; empty for others. */
struct slice feed_columns(const struct feed *feed);
/* One of a CSV's columns by its place, as records name it; empty beyond the last and for others. */
struct slice feed_column(const struct feed *feed, size_t index);
/* True for every name in NDJSON and XML, whose records may differ. */
bool feed_has_column(const struct feed *feed, struct slice name);

/* "item=StockCode" … to a map; STATUS_INVALID names the bad one. */
enum status feed_map_parse(const char *const *arguments, size_t count, struct arena *arena,
                           struct feed_map **out_map, struct diag *diag) MUST_CHECK;
/* Does a CSV have every column that the map names and does not call optional? Others: always. */
enum status feed_map_check(const struct feed *feed, const struct feed_map *map, size_t count,
                           struct diag *diag) MUST_CHECK;
/* Value of a mapped field in a record: its mapped column, or the field's own name when it is not
 * mapped. In NDJSON and XML a column may be a dotted path. NULL when absent or empty. */
const struct json *feed_field(const struct feed_map *map, size_t count, const struct json *record,
                              const char *field);
/* What a spreadsheet made of a number: "17850.0" is 17850. */
struct slice feed_plain_id(struct slice text);

#endif
