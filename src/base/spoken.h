/* Numbers and dates as people write them in our two languages, from ICU. Opening one of its
 * formatters takes some microseconds: for what people read, not for loops. Any thread. */
#ifndef VISAVIS_BASE_SPOKEN_H
#define VISAVIS_BASE_SPOKEN_H

#include "base/buf.h"
#include "base/locale.h"

/* "1 234,5" and "1,234.5": at most six decimals, none that is nought. */
void spoken_number(struct buf *buf, double value, enum locale locale);
/* Days since 1970: "1er mars 2026", "1 March 2026". */
void spoken_day(struct buf *buf, int64_t days, enum locale locale);
/* The same with the time, in UTC: "1 mars 2026, 10:20 UTC". */
void spoken_instant(struct buf *buf, int64_t utc_ms, enum locale locale);

#endif
