#include "base/clock.h"

#include <stdatomic.h>
#include <stdio.h>
#include <time.h>

/* INT64_MIN: the clock runs. */
static _Atomic int64_t fixed_ms = INT64_MIN;

int64_t clock_now_ms(void)
{
    int64_t fixed = atomic_load_explicit(&fixed_ms, memory_order_relaxed);
    if (fixed != INT64_MIN)
        return fixed;
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    return (int64_t)now.tv_sec * MS_PER_SECOND + now.tv_nsec / 1000000;
}

uint64_t clock_monotonic_us(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000U + (uint64_t)now.tv_nsec / 1000U;
}

void clock_fix(int64_t now_ms)
{
    atomic_store(&fixed_ms, now_ms);
}

void clock_free_run(void)
{
    atomic_store(&fixed_ms, INT64_MIN);
}

/* Days since 1970 in the proleptic Gregorian calendar, counted in eras of 400 years from
 * 0000-03-01 so that the leap day is a year's last (Howard Hinnant, "chrono-Compatible Low-Level
 * Date Algorithms", days_from_civil). */
int64_t clock_days_from_date(int year, int month, int day)
{
    int64_t y = month <= 2 ? (int64_t)year - 1 : year;
    int64_t era = (y >= 0 ? y : y - 399) / 400;
    int64_t year_of_era = y - era * 400;
    int64_t day_of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
    int64_t day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    return era * 146097 + day_of_era - 719468;
}

void clock_date_from_days(int64_t days, int *out_year, int *out_month, int *out_day)
{
    int64_t z = days + 719468;
    int64_t era = (z >= 0 ? z : z - 146096) / 146097;
    int64_t day_of_era = z - era * 146097;
    int64_t year_of_era =
        (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
    int64_t day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    int64_t shifted_month = (5 * day_of_year + 2) / 153;
    *out_day = (int)(day_of_year - (153 * shifted_month + 2) / 5 + 1);
    *out_month = (int)(shifted_month < 10 ? shifted_month + 3 : shifted_month - 9);
    *out_year = (int)(year_of_era + era * 400 + (*out_month <= 2));
}

struct cursor {
    const char *at, *end;
};

/* Exactly `digits` decimal digits. */
static bool take_number(struct cursor *in, int digits, int *out_value)
{
    if (in->end - in->at < digits)
        return false;
    int value = 0;
    for (int i = 0; i < digits; i++) {
        char c = in->at[i];
        if (c < '0' || c > '9')
            return false;
        value = value * 10 + (c - '0');
    }
    in->at += digits;
    *out_value = value;
    return true;
}

static bool take_byte(struct cursor *in, char byte)
{
    if (in->at == in->end || *in->at != byte)
        return false;
    in->at++;
    return true;
}

static int days_in_month(int year, int month)
{
    static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    return days[month - 1] + (month == 2 && leap);
}

static bool take_date(struct cursor *in, int64_t *out_days)
{
    int year, month, day;
    if (!take_number(in, 4, &year) || !take_byte(in, '-') || !take_number(in, 2, &month) ||
        !take_byte(in, '-') || !take_number(in, 2, &day))
        return false;
    if (year < 1 || month < 1 || month > 12 || day < 1 || day > days_in_month(year, month))
        return false;
    *out_days = clock_days_from_date(year, month, day);
    return true;
}

/* A fraction of a second after the point, cut to milliseconds. */
static bool take_fraction(struct cursor *in, int *out_ms)
{
    int ms = 0, scale = 100;
    const char *start = in->at;
    while (in->at < in->end && *in->at >= '0' && *in->at <= '9') {
        ms += (*in->at - '0') * scale;
        scale /= 10;
        in->at++;
    }
    *out_ms = ms;
    return in->at > start;
}

static bool take_time(struct cursor *in, int64_t *out_ms)
{
    int hour, minute, second = 0, ms = 0;
    if (!take_number(in, 2, &hour) || !take_byte(in, ':') || !take_number(in, 2, &minute))
        return false;
    if (take_byte(in, ':')) {
        if (!take_number(in, 2, &second))
            return false;
        if ((take_byte(in, '.') || take_byte(in, ',')) && !take_fraction(in, &ms))
            return false;
    }
    if (hour > 23 || minute > 59 || second > 60)
        return false;
    *out_ms = hour * (int64_t)MS_PER_HOUR + minute * (int64_t)MS_PER_MINUTE +
              second * (int64_t)MS_PER_SECOND + ms;
    return true;
}

/* "Z", nothing (UTC), "+02:00", "+0200" or "+02". */
static bool take_offset(struct cursor *in, int64_t *out_ms)
{
    *out_ms = 0;
    if (in->at == in->end || take_byte(in, 'Z') || take_byte(in, 'z'))
        return true;
    bool west = take_byte(in, '-');
    int hour, minute = 0;
    if ((!west && !take_byte(in, '+')) || !take_number(in, 2, &hour))
        return false;
    bool colon = take_byte(in, ':');
    if (in->at != in->end && !take_number(in, 2, &minute))
        return false;
    if (hour > 23 || minute > 59 ||
        (colon && in->at == in->end && minute == 0 && in->at[-1] == ':'))
        return false;
    int64_t offset = hour * (int64_t)MS_PER_HOUR + minute * (int64_t)MS_PER_MINUTE;
    *out_ms = west ? -offset : offset;
    return true;
}

bool clock_parse_iso(struct slice text, int64_t *out_ms)
{
    if (text.size == 0)
        return false; /* its pointer may be NULL */
    struct cursor in = {text.data, text.data + text.size};
    int64_t days, time_ms = 0, offset_ms = 0;
    if (!take_date(&in, &days))
        return false;
    if (in.at != in.end) {
        if (!take_byte(&in, 'T') && !take_byte(&in, 't') && !take_byte(&in, ' '))
            return false;
        if (!take_time(&in, &time_ms) || !take_offset(&in, &offset_ms) || in.at != in.end)
            return false;
    }
    *out_ms = days * MS_PER_DAY + time_ms - offset_ms;
    return true;
}

static void put_digits(char *out, unsigned value, int count)
{
    for (int i = count - 1; i >= 0; i--, value /= 10)
        out[i] = (char)('0' + value % 10);
}

void clock_format_iso(int64_t ms, char out_text[25])
{
    int64_t days = ms / MS_PER_DAY, rest = ms % MS_PER_DAY;
    if (rest < 0) {
        rest += MS_PER_DAY;
        days--;
    }
    int year, month, day;
    clock_date_from_days(days, &year, &month, &day);
    unsigned part = (unsigned)rest;
    char text[64] = "0000-00-00T00:00:00.000Z"; /* digit by digit: snprintf costs ten times it */
    if (year >= 0 && year <= 9999)
        put_digits(text, (unsigned)year, 4);
    else
        snprintf(text, sizeof text, "%04d-00-00T00:00:00.000Z", year);
    size_t at = (size_t)(strchr(text + 1, '-') - text);
    put_digits(text + at + 1, (unsigned)month, 2);
    put_digits(text + at + 4, (unsigned)day, 2);
    put_digits(text + at + 7, part / MS_PER_HOUR, 2);
    put_digits(text + at + 10, part / MS_PER_MINUTE % 60, 2);
    put_digits(text + at + 13, part / MS_PER_SECOND % 60, 2);
    put_digits(text + at + 16, part % 1000, 3);
    memcpy(out_text, text, 24);
    out_text[24] = 0;
}
