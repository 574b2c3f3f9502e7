/* The door to time. Everything that asks the time asks here, so that tests and replays can play
 * it.
 *
 * Wall time is UTC milliseconds since 1970 (int64_t, named *_ms); intervals are measured on the
 * monotonic clock. A fixed clock belongs to tests: clock_fix(ms) makes clock_now_ms answer that
 * instant until clock_free_run. Any thread. */
#ifndef VISAVIS_BASE_CLOCK_H
#define VISAVIS_BASE_CLOCK_H

#include "base/slice.h"

enum { MS_PER_SECOND = 1000, MS_PER_MINUTE = 60000, MS_PER_HOUR = 3600000, MS_PER_DAY = 86400000 };

int64_t clock_now_ms(void);
uint64_t clock_monotonic_us(void);
void clock_fix(int64_t now_ms);
void clock_free_run(void);

/* RFC 3339 / ISO 8601 instants: "2026-03-01T10:20:30.123Z", offsets, a space for the T, seconds
 * or fraction absent, date alone (midnight UTC). False when it is not one. Years 0001 to 9999. */
bool clock_parse_iso(struct slice text, int64_t *out_ms);
/* Always 24 bytes: 2026-03-01T10:20:30.123Z. */
void clock_format_iso(int64_t ms, char out_text[25]);
/* Days since 1970-01-01 of a proleptic Gregorian date, and back. */
int64_t clock_days_from_date(int year, int month, int day);
void clock_date_from_days(int64_t days, int *out_year, int *out_month, int *out_day);

#endif
