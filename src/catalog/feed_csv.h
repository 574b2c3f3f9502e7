/* One CSV record after another out of pieces of bytes: the door to libcsv (feed_csv.c is its
 * only user).
 *
 * The owner hands in pieces that hold at most one line end, as their last byte; so at most one
 * record ends in a piece. Lenient about stray quotes (5" nails), strict about what it can tell.
 * One thread. */
#ifndef VISAVIS_CATALOG_FEED_CSV_H
#define VISAVIS_CATALOG_FEED_CSV_H

#include "base/slice.h"

struct feed_csv;

struct feed_csv *feed_csv_new(char delimiter, size_t columns_max);
void feed_csv_free(struct feed_csv *csv);
/* Forgets a record half read. */
void feed_csv_reset(struct feed_csv *csv);
/* True when a record ended: its values can be read until the next piece. */
bool feed_csv_take(struct feed_csv *csv, struct slice piece);
/* The end of the input ends a record. */
bool feed_csv_finish(struct feed_csv *csv);
/* Inside a quoted value: more must come. */
bool feed_csv_quoted(const struct feed_csv *csv);
/* May be more than columns_max, of which only columns_max can be read. */
size_t feed_csv_count(const struct feed_csv *csv);
struct slice feed_csv_value(const struct feed_csv *csv, size_t index);

#endif
