/* Money: from the source text of a number to minor units, never through a float. */
#include "person/intake.h"

enum { MONEY_TEXT_BYTES_MAX = 64, EXPONENT_MAX = 64 };
static const int64_t MONEY_MOST = INT64_C(9000000000000000);

/* Digits behind the point of a currency, ISO 4217. */
static int minor_digits(struct slice currency)
{
    static const char none[][4] = {"BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW", "PYG",
                                   "RWF", "UGX", "UYI", "VND", "VUV", "XAF", "XOF", "XPF"};
    static const char three[][4] = {"BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"};
    for (size_t i = 0; i < sizeof none / sizeof *none; i++)
        if (slice_is(currency, none[i]))
            return 0;
    for (size_t i = 0; i < sizeof three / sizeof *three; i++)
        if (slice_is(currency, three[i]))
            return 3;
    return 2;
}

/* digits × 10^scale, the sign apart. */
struct decimal {
    char digits[MONEY_TEXT_BYTES_MAX]; /* without leading zeros */
    int count, scale;
    bool negative;
};

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* Takes digits off the front of text; how many there were. */
static int take_digits(struct slice *text, struct decimal *decimal)
{
    int taken = 0;
    for (; text->size > 0 && is_digit(text->data[0]); taken++) {
        if (decimal->count > 0 || text->data[0] != '0')
            decimal->digits[decimal->count++] = text->data[0];
        *text = slice_from(*text, 1);
    }
    return taken;
}

static bool take(struct slice *text, char c)
{
    if (text->size == 0 || text->data[0] != c)
        return false;
    *text = slice_from(*text, 1);
    return true;
}

static bool take_exponent(struct slice text, int *out_exponent)
{
    bool negative = take(&text, '-');
    if (!negative)
        (void)take(&text, '+');
    int64_t value;
    if (text.size == 0 || !is_digit(text.data[0]) || !slice_to_int64(text, &value) ||
        value > EXPONENT_MAX)
        return false;
    *out_exponent = (int)(negative ? -value : value);
    return true;
}

static bool read_decimal(struct slice text, struct decimal *decimal)
{
    if (text.size == 0 || text.size > MONEY_TEXT_BYTES_MAX)
        return false;
    decimal->negative = take(&text, '-');
    int whole = take_digits(&text, decimal);
    int fraction = take(&text, '.') ? take_digits(&text, decimal) : -1;
    if (whole == 0 || fraction == 0)
        return false;
    decimal->scale = fraction > 0 ? -fraction : 0;
    if (text.size == 0)
        return true;
    int exponent;
    if ((!take(&text, 'e') && !take(&text, 'E')) || !take_exponent(text, &exponent))
        return false;
    decimal->scale += exponent;
    return true;
}

/* Half away from zero. False beyond MONEY_MOST. */
static bool round_to(const struct decimal *decimal, int minor, int64_t *out_value)
{
    int whole = decimal->count + decimal->scale + minor; /* digits before the point */
    if (decimal->count == 0 || whole < 0) {
        *out_value = 0;
        return true;
    }
    if (whole > 16)
        return false;
    int64_t value = 0;
    for (int i = 0; i < whole; i++)
        value = value * 10 + (i < decimal->count ? decimal->digits[i] - '0' : 0);
    if (whole < decimal->count && decimal->digits[whole] >= '5')
        value++;
    if (value > MONEY_MOST)
        return false;
    *out_value = value;
    return true;
}

bool intake_money(const struct json *value, struct slice currency, int64_t *out_minor)
{
    if (!value || !(value->kind == JSON_INTEGER || value->kind == JSON_NUMBER ||
                    value->kind == JSON_BIG_NUMBER || value->kind == JSON_STRING))
        return false;
    struct decimal decimal = {.count = 0};
    int64_t minor;
    if (!read_decimal(slice_trim(value->text), &decimal) ||
        !round_to(&decimal, minor_digits(currency), &minor))
        return false;
    *out_minor = decimal.negative ? -minor : minor;
    return true;
}
