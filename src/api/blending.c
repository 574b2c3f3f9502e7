#include "api/blending.h"

#include "base/hash.h"
#include "learn/visits.h"

#define DAY_MS INT64_C(86400000)

/* A view says least, what is in a basket twice that, what was paid three times. */
enum { SAYS_VIEW = 1, SAYS_BASKET = 2, SAYS_BOUGHT = 3 };

struct seen_price {
    uint64_t category;
    struct price_seen seen;
    bool personal;
};

struct seen_prices {
    const struct evidence_source *source;
    struct seen_price list[BLEND_PRICES_MAX];
    size_t count;
};

static uint64_t category_hash(const struct item *item)
{
    return hash64_pair(item->category, item->currency);
}

static void see(struct seen_prices *prices, struct slice id, double weight, bool personal)
{
    const struct item *item = id.size > 0 ? catalog_find(prices->source->catalog, id) : NULL;
    if (item && item->price_minor > 0 && item->category.size > 0 &&
        prices->count < BLEND_PRICES_MAX)
        prices->list[prices->count++] =
            (struct seen_price){category_hash(item), {item->price_minor, weight}, personal};
}

static void see_own(struct seen_prices *prices, const struct slice *items, size_t count,
                    double weight)
{
    for (size_t i = 0; i < count && i < BLEND_PRICES_OWN_MAX; i++)
        see(prices, items[i], weight, true);
}

static void take_tastes(const struct seen_prices *prices, struct blending *blending)
{
    bool done[BLEND_PRICES_MAX] = {false};
    for (size_t i = 0; i < prices->count; i++) {
        struct price_seen seen[BLEND_PRICES_MAX];
        struct category_taste *taste = &blending->tastes[blending->taste_count];
        size_t count = 0;
        if (done[i])
            continue;
        *taste = (struct category_taste){.category = prices->list[i].category};
        for (size_t j = i; j < prices->count; j++) {
            if (prices->list[j].category != taste->category)
                continue;
            done[j] = true;
            taste->personal |= prices->list[j].personal;
            seen[count++] = prices->list[j].seen;
        }
        taste->taste = price_taste_of(seen, count);
        blending->taste_count++;
    }
}

void blending_init(struct blending *blending, const struct evidence_source *source,
                   const struct decide_input *input)
{
    const struct moment *moment = &input->moment;
    const struct decide_person *person = &input->person;
    struct seen_prices prices = {.source = source};
    see(&prices, moment->page_item, SAYS_VIEW, false);
    for (size_t i = 0; i < moment->cart_count && i < BLEND_PRICES_OWN_MAX - 1; i++)
        see(&prices, moment->cart[i], SAYS_BASKET, false);
    see_own(&prices, person->recents, person->recent_count, SAYS_VIEW);
    see_own(&prices, person->basket, person->basket_count, SAYS_BASKET);
    see_own(&prices, person->bought, person->bought_count, SAYS_BOUGHT);
    *blending = (struct blending){.source = source, .now_ms = moment->now_ms};
    take_tastes(&prices, blending);
}

static uint8_t whole(double value)
{
    return (uint8_t)(value * TERM_WHOLE + 0.5);
}

static uint8_t price_fit(const struct blending *blending, const struct item *item)
{
    uint64_t category = blending->taste_count > 0 ? category_hash(item) : 0;
    for (size_t i = 0; i < blending->taste_count; i++) {
        const struct category_taste *taste = &blending->tastes[i];
        if (taste->category != category)
            continue;
        uint8_t fit = whole(blend_price_fit(&taste->taste, item->price_minor));
        return fit > 0 && taste->personal ? fit | TERM_PERSONAL_BIT : fit;
    }
    return 0;
}

static uint8_t freshness(struct blending *blending, const struct item *item)
{
    uint64_t mixed = (uint64_t)item->added_ms * UINT64_C(0x9E3779B97F4A7C15);
    struct batch_freshness *batch = &blending->batches[mixed >> 60 & (BLEND_BATCHES - 1)];
    if (!batch->known || batch->added_ms != item->added_ms)
        *batch = (struct batch_freshness){
            item->added_ms,
            whole(blend_freshness(item->added_ms, blending->now_ms, BLEND_FRESH_DAYS * DAY_MS)),
            true};
    return batch->freshness;
}

void blending_terms(struct blending *blending, const struct item *item, uint64_t hash,
                    uint8_t out_terms[TERM_COUNT])
{
    const struct learn_snapshot *learned = blending->source->learned;
    double popularity = 0;
    if (learned)
        popularity =
            visits_popularity(learn_visits(learned), (struct numbered_item){item->id, hash});
    out_terms[TERM_POPULARITY] = whole(popularity);
    out_terms[TERM_PRICE_FIT] = price_fit(blending, item);
    int32_t margin = item_margin(item);
    out_terms[TERM_MARGIN] = margin > 0 ? whole((double)margin / MARGIN_WHOLE) : 0;
    out_terms[TERM_FRESHNESS] = freshness(blending, item);
}
