/* The lawful reference of a reduction, over calendars. */
#include "test.h"

#include "base/clock.h"
#include "base/zone.h"
#include "catalog/price_reference.h"

#include <stdio.h>

enum { PRICES_MAX = 16 };

/* "2024-03-05T10:00" of Paris. */
static int64_t paris(const char *text)
{
    char iso[32];
    int64_t local_ms;
    (void)snprintf(iso, sizeof iso, "%s:00Z", text);
    assert_true(clock_parse_iso(slice_of(iso), &local_ms));
    return zone_local_to_utc(SLICE("Europe/Paris"), local_ms);
}

struct row { /* what it cost from then on */
    const char *at;
    int price, list; /* -1: none */
};

static const struct {
    const char *name;
    struct row rows[PRICES_MAX]; /* oldest first */
    const char *now;
    bool announced;
    const char *since;
    int before;
    bool whole;
    int recent;
} cases[] = {
    {"one price and no reduction",
     {{"2024-01-01T00:00", 100, -1}},
     "2024-06-01T12:00",
     false,
     NULL,
     -1,
     false,
     100},
    /* CJEU C-330/23: the price before was raised, the reference stays the lowest of 30 days */
    {"Aldi: dearer for a week, then -23 % of the dearer price",
     {{"2024-01-01T00:00", 129, -1}, {"2024-03-10T00:00", 169, -1}, {"2024-03-17T00:00", 129, 169}},
     "2024-03-18T12:00",
     true,
     "2024-03-17T00:00",
     129,
     true,
     129},
    {"a plain reduction",
     {{"2024-01-01T00:00", 100, -1}, {"2024-05-15T09:00", 80, 100}},
     "2024-05-20T12:00",
     true,
     "2024-05-15T09:00",
     100,
     true,
     80},
    {"successive cuts keep the first reference",
     {{"2024-01-01T00:00", 100, -1},
      {"2024-06-26T08:00", 80, 100},
      {"2024-07-03T08:00", 60, 100},
      {"2024-07-10T08:00", 50, 100}},
     "2024-07-11T12:00",
     true,
     "2024-06-26T08:00",
     100,
     true,
     50},
    {"a rise while one is announced begins another",
     {{"2024-01-01T00:00", 100, -1}, {"2024-06-01T08:00", 60, 100}, {"2024-06-08T08:00", 80, 100}},
     "2024-06-09T12:00",
     true,
     "2024-06-08T08:00",
     60,
     true,
     60},
    {"the price came back between two reductions",
     {{"2024-01-01T00:00", 100, -1},
      {"2024-06-01T08:00", 60, 100},
      {"2024-06-08T08:00", 100, -1},
      {"2024-06-15T08:00", 70, 100}},
     "2024-06-16T12:00",
     true,
     "2024-06-15T08:00",
     60,
     true,
     60},
    {"a strike-through without any cut",
     {{"2024-01-01T00:00", 100, -1}, {"2024-06-01T08:00", 100, 150}},
     "2024-06-02T12:00",
     true,
     "2024-06-01T08:00",
     100,
     true,
     100},
    {"the low price ended on the last day that counts",
     {{"2024-01-01T00:00", 50, -1}, {"2024-05-02T00:00", 100, -1}, {"2024-06-01T08:00", 80, 100}},
     "2024-06-02T12:00",
     true,
     "2024-06-01T08:00",
     100,
     true,
     80},
    {"the low price ended one minute into the first day",
     {{"2024-01-01T00:00", 50, -1}, {"2024-05-02T00:01", 100, -1}, {"2024-06-01T08:00", 80, 100}},
     "2024-06-02T12:00",
     true,
     "2024-06-01T08:00",
     50,
     true,
     80},
    /* clocks go forward on 31 March 2024: the window has 30 days less an hour */
    {"over the change to summer time",
     {{"2024-01-01T00:00", 50, -1}, {"2024-03-11T00:00", 100, -1}, {"2024-04-10T00:00", 80, 100}},
     "2024-04-11T12:00",
     true,
     "2024-04-10T00:00",
     100,
     true,
     80},
    {"over the change to summer time, a minute late",
     {{"2024-01-01T00:00", 50, -1}, {"2024-03-11T00:01", 100, -1}, {"2024-04-10T00:00", 80, 100}},
     "2024-04-11T12:00",
     true,
     "2024-04-10T00:00",
     50,
     true,
     80},
    {"over the change to winter time",
     {{"2024-01-01T00:00", 50, -1}, {"2024-10-01T00:00", 100, -1}, {"2024-10-31T23:30", 80, 100}},
     "2024-11-01T12:00",
     true,
     "2024-10-31T23:30",
     100,
     true,
     80},
    {"over 29 February",
     {{"2023-01-01T00:00", 50, -1}, {"2024-02-14T00:00", 100, -1}, {"2024-03-15T10:00", 80, 100}},
     "2024-03-15T12:00",
     true,
     "2024-03-15T10:00",
     100,
     true,
     80},
    {"over the new year",
     {{"2023-11-01T00:00", 50, -1}, {"2023-12-11T00:00", 100, -1}, {"2024-01-10T08:00", 80, 100}},
     "2024-01-10T09:00",
     true,
     "2024-01-10T08:00",
     100,
     true,
     80},
    {"new a week ago: the window is not whole",
     {{"2024-06-01T00:00", 100, -1}, {"2024-06-08T00:00", 80, 100}},
     "2024-06-09T12:00",
     true,
     "2024-06-08T00:00",
     100,
     false,
     80},
    {"on sale from its first day: nothing to refer to",
     {{"2024-06-01T00:00", 80, 100}},
     "2024-06-09T12:00",
     true,
     "2024-06-01T00:00",
     -1,
     false,
     80},
    {"a price after now does not count",
     {{"2024-01-01T00:00", 100, -1}, {"2024-06-08T00:00", 10, 100}},
     "2024-06-01T12:00",
     false,
     NULL,
     -1,
     false,
     100},
    {"an unknown price is no price",
     {{"2024-01-01T00:00", 100, -1}, {"2024-05-20T00:00", -1, -1}, {"2024-06-08T00:00", 80, 100}},
     "2024-06-09T12:00",
     true,
     "2024-06-08T00:00",
     100,
     true,
     80},
};

static void is_the_lowest_price_of_the_30_days_before_it_began(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct catalog_price prices[PRICES_MAX];
        size_t count = 0;
        while (count < PRICES_MAX && cases[i].rows[count].at)
            count++;
        for (size_t k = 0; k < count; k++) {
            const struct row *row = &cases[i].rows[count - 1 - k];
            prices[k] = (struct catalog_price){paris(row->at), row->price, row->list, SLICE("EUR")};
        }
        struct price_reference found;
        price_reference(prices, count, SLICE("Europe/Paris"), paris(cases[i].now), &found);
        if (found.announced != cases[i].announced ||
            (found.announced && found.started_ms != paris(cases[i].since)) ||
            found.before.lowest_minor != cases[i].before || found.before.whole != cases[i].whole ||
            found.recent.lowest_minor != cases[i].recent)
            fail_msg("%s: announced %d before %lld whole %d recent %lld", cases[i].name,
                     found.announced, (long long)found.before.lowest_minor, found.before.whole,
                     (long long)found.recent.lowest_minor);
    }
}

/* By the definition, day by day, on histories drawn at random. */
static void agrees_with_the_definition_on_random_histories(void **state)
{
    (void)state;
    enum { DAYS = 200, DAY_MS = 86400000 };
    uint64_t seed = 42;
    for (int round = 0; round < 500; round++) {
        struct catalog_price prices[DAYS];
        int64_t of_day[DAYS], price = 100;
        bool sale[DAYS];
        size_t count = 0;
        for (int day = 0; day < DAYS; day++) {
            seed = seed * 6364136223846793005U + 1442695040888963407U;
            uint64_t draw = seed >> 33;
            bool change = day == 0 || draw % 10 == 0;
            if (change)
                price = (int64_t)(50 + draw / 10 % 100);
            of_day[day] = price;
            sale[day] = change ? draw / 1000 % 2 == 1 : sale[day - 1];
            if (change)
                prices[DAYS - ++count] = (struct catalog_price){
                    (int64_t)day * DAY_MS, price, sale[day] ? price + 10 : -1, SLICE("EUR")};
        }
        struct price_reference found;
        price_reference(prices + DAYS - count, count, SLICE("UTC"), (int64_t)DAYS * DAY_MS - 1,
                        &found);
        int first = DAYS - 1;
        while (first > 0 && sale[first - 1] && of_day[first - 1] >= of_day[first])
            first--;
        int64_t lowest = -1;
        for (int day = first > 30 ? first - 30 : 0; day < first; day++)
            lowest = lowest < 0 || of_day[day] < lowest ? of_day[day] : lowest;
        assert_int_equal(found.announced, sale[DAYS - 1]);
        if (!sale[DAYS - 1])
            continue;
        assert_int_equal(found.started_ms, (int64_t)first * DAY_MS);
        assert_int_equal(found.before.lowest_minor, lowest);
        assert_int_equal(found.before.whole, first >= 30);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(is_the_lowest_price_of_the_30_days_before_it_began),
        cmocka_unit_test(agrees_with_the_definition_on_random_histories),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
