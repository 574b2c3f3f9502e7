#include "base/spoken.h"

#include "base/clock.h"

#include <unicode/udat.h>
#include <unicode/unum.h>
#include <unicode/ustring.h>

enum { WIDE = 96, DECIMALS_MAX = 6 };

static const char *icu_locale(enum locale locale)
{
    return locale == LOCALE_FR ? "fr_FR" : "en_GB";
}

/* What ICU wrote, or nothing when it could not. */
static void add_wide(struct buf *buf, const UChar *wide, int32_t size, UErrorCode error)
{
    char text[4 * WIDE];
    int32_t bytes = 0;
    if (U_SUCCESS(error))
        (void)u_strToUTF8(text, sizeof text, &bytes, wide, size, &error);
    if (U_SUCCESS(error))
        buf_add(buf, slice_make(text, (size_t)bytes));
}

void spoken_number(struct buf *buf, double value, enum locale locale)
{
    UChar wide[WIDE];
    UErrorCode error = U_ZERO_ERROR;
    UNumberFormat *format = unum_open(UNUM_DECIMAL, NULL, 0, icu_locale(locale), NULL, &error);
    if (U_FAILURE(error))
        return;
    unum_setAttribute(format, UNUM_MAX_FRACTION_DIGITS, DECIMALS_MAX);
    int32_t size = unum_formatDouble(format, value, wide, WIDE, NULL, &error);
    unum_close(format);
    add_wide(buf, wide, size, error);
}

static void add_date(struct buf *buf, int64_t utc_ms, const UChar *pattern, enum locale locale)
{
    static const UChar utc[] = {'U', 'T', 'C', 0};
    UChar wide[WIDE];
    UErrorCode error = U_ZERO_ERROR;
    UDateFormat *format =
        udat_open(UDAT_PATTERN, UDAT_PATTERN, icu_locale(locale), utc, -1, pattern, -1, &error);
    if (U_FAILURE(error))
        return;
    int32_t size = udat_format(format, (UDate)utc_ms, wide, WIDE, NULL, &error);
    udat_close(format);
    add_wide(buf, wide, size, error);
}

void spoken_day(struct buf *buf, int64_t days, enum locale locale)
{
    static const UChar plain[] = {'d', ' ', 'M', 'M', 'M', 'M', ' ', 'y', 0};
    static const UChar first[] = {'d', '\'', 'e', 'r', '\'', ' ', 'M', 'M', 'M', 'M', ' ', 'y', 0};
    int year, month, day;
    clock_date_from_days(days, &year, &month, &day);
    add_date(buf, days * MS_PER_DAY, day == 1 && locale == LOCALE_FR ? first : plain, locale);
}

void spoken_instant(struct buf *buf, int64_t utc_ms, enum locale locale)
{
    static const UChar pattern[] = {'d', ' ', 'M', 'M', 'M', 'M', ' ', 'y', ',',
                                    ' ', 'H', 'H', ':', 'm', 'm', ' ', 'z', 0};
    add_date(buf, utc_ms, pattern, locale);
}
