/* The door to ICU: time zones (zone.h), numbers and dates in words (spoken.h). */
#include "base/spoken.h"
#include "base/zone.h"

#include "base/arena.h"
#include "base/clock.h"

#include <assert.h>
#include <pthread.h>
#include <stdlib.h>
#include <unicode/ucal.h>
#include <unicode/udat.h>
#include <unicode/unum.h>
#include <unicode/ustring.h>

enum { ZONE_NAME_MAX = 64, QUARTER_MS = 15 * MS_PER_MINUTE };
#define YEAR_2000_MS INT64_C(946684800000)

/* A calendar costs microseconds to open and one to ask, so each thread keeps the last one it used,
 * until the thread ends, and what it last said. Clocks change at whole quarters of an hour (before
 * 2000 some did not). */
struct kept {
    char name[ZONE_NAME_MAX];
    UCalendar *calendar;
    int64_t quarter; /* since 1970; 0 none was asked for */
    int32_t offset_ms;
};

static pthread_key_t kept_key;
static pthread_once_t kept_once = PTHREAD_ONCE_INIT;

static void free_kept(void *memory)
{
    struct kept *kept = memory;
    ucal_close(kept->calendar);
    free(kept);
}

static void make_key(void)
{
    int failed = pthread_key_create(&kept_key, free_kept);
    assert(!failed);
}

static bool to_utf16(struct slice name, UChar out_name[ZONE_NAME_MAX])
{
    if (name.size == 0 || name.size >= ZONE_NAME_MAX)
        return false;
    for (size_t i = 0; i < name.size; i++) {
        unsigned char c = (unsigned char)name.data[i];
        if (c < 0x21 || c > 0x7e)
            return false;
        out_name[i] = c;
    }
    out_name[name.size] = 0;
    return true;
}

static UCalendar *open_calendar(struct slice name)
{
    UChar wide[ZONE_NAME_MAX];
    if (!to_utf16(name, wide))
        return NULL;
    UErrorCode error = U_ZERO_ERROR;
    UCalendar *calendar = ucal_open(wide, (int32_t)name.size, "en", UCAL_GREGORIAN, &error);
    return U_SUCCESS(error) ? calendar : NULL;
}

static struct kept *kept_of(struct slice name)
{
    pthread_once(&kept_once, make_key);
    struct kept *kept = pthread_getspecific(kept_key);
    if (kept && slice_is(name, kept->name))
        return kept;
    UCalendar *calendar = open_calendar(name);
    if (!calendar)
        return NULL;
    if (kept)
        ucal_close(kept->calendar);
    else
        kept = must_alloc(sizeof *kept);
    memcpy(kept->name, name.data, name.size);
    kept->name[name.size] = 0;
    kept->calendar = calendar;
    kept->quarter = 0;
    pthread_setspecific(kept_key, kept);
    return kept;
}

bool zone_exists(struct slice name)
{
    UChar wide[ZONE_NAME_MAX], canonical[ZONE_NAME_MAX];
    if (!to_utf16(name, wide))
        return false;
    UErrorCode error = U_ZERO_ERROR;
    UBool system = false;
    ucal_getCanonicalTimeZoneID(wide, (int32_t)name.size, canonical, ZONE_NAME_MAX, &system,
                                &error);
    return U_SUCCESS(error) && system;
}

static int64_t offset_ms(struct slice name, int64_t utc_ms)
{
    struct kept *kept = kept_of(name);
    if (!kept)
        return 0;
    int64_t quarter = utc_ms < YEAR_2000_MS ? 0 : utc_ms / QUARTER_MS;
    if (quarter != 0 && quarter == kept->quarter)
        return kept->offset_ms;
    UErrorCode error = U_ZERO_ERROR;
    ucal_setMillis(kept->calendar, (UDate)utc_ms, &error);
    int32_t offset = ucal_get(kept->calendar, UCAL_ZONE_OFFSET, &error) +
                     ucal_get(kept->calendar, UCAL_DST_OFFSET, &error);
    if (!U_SUCCESS(error))
        return 0;
    kept->quarter = quarter;
    kept->offset_ms = offset;
    return offset;
}

int32_t zone_offset_minutes(struct slice name, int64_t utc_ms)
{
    return (int32_t)(offset_ms(name, utc_ms) / MS_PER_MINUTE);
}

int64_t zone_local_to_utc(struct slice name, int64_t local_ms)
{
    /* The offset before a change of clocks is the one half a day earlier (no zone changes twice
     * in a day). */
    int64_t before = offset_ms(name, local_ms - MS_PER_DAY / 2);
    int64_t guess = local_ms - before;
    int64_t at_guess = offset_ms(name, guess);
    if (at_guess == before)
        return guess; /* also the first of two in a fold */
    int64_t second = local_ms - at_guess;
    return offset_ms(name, second) == at_guess ? second : guess; /* in a gap: ahead */
}

int32_t zone_local_day(struct slice name, int64_t utc_ms)
{
    int64_t local = utc_ms + offset_ms(name, utc_ms);
    int64_t day = local / MS_PER_DAY;
    return (int32_t)(local % MS_PER_DAY < 0 ? day - 1 : day);
}

/* --- numbers and dates in words ------------------------------------------------------------- */

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
