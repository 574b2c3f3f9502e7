#include "catalog/money.h"

#include <stdio.h>

static const int64_t minor_max = 9000000000000000;

bool currency_valid(struct slice currency)
{
    if (currency.size != 3)
        return false;
    for (size_t i = 0; i < 3; i++)
        if (currency.data[i] < 'A' || currency.data[i] > 'Z')
            return false;
    return true;
}

static bool listed(struct slice currency, const char *const *list)
{
    for (; *list; list++)
        if (slice_is(currency, *list))
            return true;
    return false;
}

unsigned currency_digits(struct slice currency)
{
    static const char *const none[] = {"BIF", "CLP", "DJF", "GNF", "ISK", "JPY",
                                       "KMF", "KRW", "PYG", "RWF", "UGX", "UYI",
                                       "VND", "VUV", "XAF", "XOF", "XPF", NULL};
    static const char *const three[] = {"BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND", NULL};
    if (listed(currency, none))
        return 0;
    return listed(currency, three) ? 3 : 2;
}

/* Takes "15.00 EUR" or "EUR 15.00" apart. */
static struct slice number_part(struct slice text, struct slice *inout_currency)
{
    text = slice_trim(text);
    if (text.size < 4)
        return text;
    struct slice head = slice_first(text, 3), tail = slice_from(text, text.size - 3);
    if (currency_valid(tail)) {
        *inout_currency = tail;
        return slice_trim(slice_first(text, text.size - 3));
    }
    if (currency_valid(head)) {
        *inout_currency = head;
        return slice_trim(slice_from(text, 3));
    }
    return text;
}

bool money_names_currency(struct slice text)
{
    struct slice currency = SLICE_NONE;
    (void)number_part(text, &currency);
    return currency.size > 0;
}

static bool digits_only(struct slice text)
{
    for (size_t i = 0; i < text.size; i++)
        if (text.data[i] < '0' || text.data[i] > '9')
            return false;
    return true;
}

/* Whole and fraction; false when it is not a plain decimal. */
static bool cut_decimal(struct slice number, struct slice *out_whole, struct slice *out_fraction)
{
    *out_whole = number;
    *out_fraction = SLICE_NONE;
    bool comma = false;
    if (!slice_cut(number, '.', out_whole, out_fraction))
        comma = slice_cut(number, ',', out_whole, out_fraction);
    if (comma && out_fraction->size != 1 && out_fraction->size != 2)
        return false; /* 1,234: a thousand or a bit more than one */
    return out_whole->size + out_fraction->size > 0 && digits_only(*out_whole) &&
           digits_only(*out_fraction);
}

static bool add_digit(int64_t *inout_minor, char digit)
{
    *inout_minor = *inout_minor * 10 + (digit - '0');
    return *inout_minor <= minor_max;
}

static bool to_minor(struct slice whole, struct slice fraction, unsigned digits, int64_t *out_minor)
{
    int64_t minor = 0;
    for (size_t i = 0; i < whole.size; i++)
        if (!add_digit(&minor, whole.data[i]))
            return false;
    for (unsigned i = 0; i < digits; i++)
        if (!add_digit(&minor, i < fraction.size ? fraction.data[i] : '0'))
            return false;
    if (fraction.size > digits && fraction.data[digits] >= '5')
        minor++;
    *out_minor = minor;
    return true;
}

enum status money_parse(struct slice text, struct slice *inout_currency, int64_t *out_minor,
                        struct diag *diag)
{
    struct slice whole, fraction, currency = *inout_currency;
    struct slice number = number_part(text, &currency);
    int64_t minor;
    if (!cut_decimal(number, &whole, &fraction))
        return diag_set(diag, STATUS_INVALID, "",
                        "\"%.*s\" is not an amount: write digits and a point, as in 1234.50",
                        SLICE_ARG(slice_first(text, 40)));
    if (!to_minor(whole, fraction, currency_digits(currency), &minor))
        return diag_set(diag, STATUS_INVALID, "", "\"%.*s\" is too large an amount",
                        SLICE_ARG(slice_first(text, 40)));
    *inout_currency = currency;
    *out_minor = minor;
    return STATUS_OK;
}

void money_format(int64_t minor, struct slice currency, char out_text[32])
{
    unsigned digits = currency_digits(currency);
    int64_t unit = 1;
    for (unsigned i = 0; i < digits; i++)
        unit *= 10;
    if (digits == 0)
        (void)snprintf(out_text, 32, "%lld", (long long)minor);
    else
        (void)snprintf(out_text, 32, "%lld.%0*lld", (long long)(minor / unit), (int)digits,
                       (long long)(minor % unit));
}

void money_member(struct json_out *out, const char *name, int64_t minor, struct slice currency)
{
    char text[32];
    if (minor < 0)
        return;
    money_format(minor, currency, text);
    JSON_STRING_MEMBER(out, name, slice_of(text));
}

struct slice money_band(int64_t minor, struct slice currency)
{
    static const int64_t bounds[] = {10, 20, 50, 100, 200, 500};
    static const char *const bands[] = {"0-10",    "10-20",   "20-50", "50-100",
                                        "100-200", "200-500", "500+"};
    static const char *const wide[] = {"0-1000",      "1000-2000",   "2000-5000", "5000-10000",
                                       "10000-20000", "20000-50000", "50000+"};
    if (minor < 0)
        return SLICE_NONE;
    unsigned digits = currency_digits(currency);
    int64_t unit =
        digits == 3 ? 1000 : 100; /* without minor units a hundred of them are about one euro */
    size_t band = 0;
    while (band < sizeof bounds / sizeof *bounds && minor >= bounds[band] * unit)
        band++;
    return slice_of(digits == 0 ? wide[band] : bands[band]);
}
