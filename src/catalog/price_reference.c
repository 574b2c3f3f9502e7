#include "catalog/price_reference.h"

#include "base/zone.h"

#include <assert.h>

static const int64_t day_ms = 86400000;

/* Local midnight 30 days before the local day of an instant. */
static int64_t window_start(struct slice timezone, int64_t until_ms)
{
    int64_t day = zone_local_day(timezone, until_ms) - PRICE_REFERENCE_DAYS;
    return zone_local_to_utc(timezone, day * day_ms);
}

static bool announced(const struct catalog_price *price)
{
    return price->price_minor >= 0 && price->list_price_minor > price->price_minor;
}

/* The lowest of prices that held somewhere in [30 days before until, until). */
static struct price_window window_before(const struct catalog_price *prices, size_t count,
                                         struct slice timezone, int64_t until_ms)
{
    struct price_window window = {.from_ms = window_start(timezone, until_ms), .lowest_minor = -1};
    for (size_t i = 0; i < count; i++) {
        int64_t minor = prices[i].price_minor;
        if (prices[i].time_ms >= until_ms)
            continue;
        if (minor >= 0 && (window.lowest_minor < 0 || minor < window.lowest_minor))
            window.lowest_minor = minor;
        if (prices[i].time_ms <= window.from_ms) { /* nothing older holds in the window */
            window.whole = minor >= 0;
            break;
        }
    }
    return window;
}

/* Up to the first price of another currency: what came before cannot be compared. */
static size_t same_currency(const struct catalog_price *prices, size_t count)
{
    size_t same = 0;
    while (same < count && slice_equal(prices[same].currency, prices[0].currency))
        same++;
    return same;
}

void price_reference(const struct catalog_price *prices, size_t count, struct slice timezone,
                     int64_t now_ms, struct price_reference *out_reference)
{
    struct price_reference reference = {.before = {.lowest_minor = -1}};
    for (; count > 0 && prices->time_ms > now_ms; prices++)
        count--;
    count = same_currency(prices, count);
    for (size_t i = 1; i < count; i++)
        assert(prices[i].time_ms <= prices[i - 1].time_ms);
    reference.recent = window_before(prices, count, timezone, now_ms + 1);
    reference.announced = count > 0 && announced(&prices[0]);
    if (reference.announced) {
        size_t first = 0;
        while (first + 1 < count && announced(&prices[first + 1]) &&
               prices[first + 1].price_minor >= prices[first].price_minor)
            first++;
        reference.started_ms = prices[first].time_ms;
        reference.before = window_before(prices, count, timezone, reference.started_ms);
    }
    *out_reference = reference;
}
