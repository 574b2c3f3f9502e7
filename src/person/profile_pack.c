/* The packed profile, and the ceiling it never breaks.
 *
 *  plan uint · last event: time int, source uint, message hash 16 · sequence seen uint
 *  flags u8 (1 e-mail, 2 user id, 4 phone, 8 robot, 16 tireless)
 *  first seen, last seen: ago · events, views, searches, robots, of the hour: uint
 *  session start, session last: ago · sessions, its events, its items: uint
 *  orders, refunds: uint · first order, last order: ago
 *  last order id, locale, timezone: text
 *  place: source u8, and when there is one: time ago · country, region, city, postcode: text
 *  money: count, each currency text · spent, refunded, last: int
 *  orders: count, each id hash u64 · time ago · row of money + 1: uint ·
 *          bits u8 (1 closed, 2 value known) · value int · refunded int
 *  sizes: count, each system text · size text · kept uint · declared u8
 *  traits: count, each name text · value text · source u8 · time ago
 *  affinities: count, and when there are: time int; each attribute text (empty: as the row
 *          before) · value text · weight float
 *  recents: count, each item text · time ago · views uint
 *  basket: count, each item text · variant text · quantity uint · price int · time ago
 *  bought: count, each item text · time ago · quantity uint · last quantity uint ·
 *          row of sizes + 1: uint
 *
 *  ago: 0 for an instant of 0 (none), else how long before the last event, plus 1 */
#include "base/pack.h"
#include "person/affinity.h"
#include "person/fold.h"
#include "person/rows.h"

#include <assert.h>

enum {
    FLAG_EMAIL = 1,
    FLAG_USER_ID = 2,
    FLAG_PHONE = 4,
    FLAG_ROBOT = 8,
    FLAG_TIRELESS = 16,
    FLAGS_ALL = 31
};
enum { ORDER_CLOSED = 1, ORDER_VALUED = 2, ORDER_BITS = 3 };

/* --- pack ------------------------------------------------------------------------------------- */

static void pack_ago(struct buf *buf, const struct profile *profile, int64_t time_ms)
{
    pack_uint(buf, time_ms == 0 ? 0 : (uint64_t)profile->last.time_ms - (uint64_t)time_ms + 1);
}

static void pack_counters(const struct profile *profile, struct buf *buf)
{
    pack_ago(buf, profile, profile->first_seen_ms);
    pack_ago(buf, profile, profile->last_seen_ms);
    pack_uint(buf, profile->event_count);
    pack_uint(buf, profile->view_count);
    pack_uint(buf, profile->search_count);
    pack_uint(buf, profile->robot_count);
    pack_uint(buf, profile->hour_events);
    pack_ago(buf, profile, profile->session_start_ms);
    pack_ago(buf, profile, profile->session_last_ms);
    pack_uint(buf, profile->session_count);
    pack_uint(buf, profile->session_events);
    pack_uint(buf, profile->session_items);
    pack_uint(buf, profile->order_count);
    pack_uint(buf, profile->refund_count);
    pack_ago(buf, profile, profile->first_order_ms);
    pack_ago(buf, profile, profile->last_order_ms);
    pack_text(buf, profile->last_order_id);
    pack_text(buf, profile->locale);
    pack_text(buf, profile->timezone);
}

static void pack_place(const struct profile *profile, struct buf *buf)
{
    const struct profile_place *place = &profile->place;
    pack_u8(buf, (uint8_t)place->source);
    if (place->source == PLACE_NONE)
        return;
    pack_ago(buf, profile, place->time_ms);
    pack_text(buf, place->country);
    pack_text(buf, place->region);
    pack_text(buf, place->city);
    pack_text(buf, place->postcode);
}

static size_t money_row(const struct profile *profile, struct slice currency)
{
    for (size_t i = 0; i < profile->money_count; i++)
        if (slice_equal(profile->money[i].currency, currency))
            return i + 1;
    return 0;
}

static void pack_trade(const struct profile *profile, struct buf *buf)
{
    pack_uint(buf, profile->money_count);
    for (size_t i = 0; i < profile->money_count; i++) {
        const struct profile_money *money = &profile->money[i];
        pack_text(buf, money->currency);
        pack_int(buf, money->spent_minor);
        pack_int(buf, money->refunded_minor);
        pack_int(buf, money->last_minor);
    }
    pack_uint(buf, profile->recent_order_count);
    for (size_t i = 0; i < profile->recent_order_count; i++) {
        const struct profile_order *order = &profile->orders[i];
        bool valued = order->value_minor != INT64_MIN;
        pack_u64(buf, order->id_hash);
        pack_ago(buf, profile, order->time_ms);
        pack_uint(buf, money_row(profile, order->currency));
        pack_u8(buf, (uint8_t)((order->closed ? ORDER_CLOSED : 0) | (valued ? ORDER_VALUED : 0)));
        pack_int(buf, valued ? order->value_minor : 0);
        pack_int(buf, order->refunded_minor);
    }
}

static void pack_facts(const struct profile *profile, struct buf *buf)
{
    pack_uint(buf, profile->size_count);
    for (size_t i = 0; i < profile->size_count; i++) {
        const struct profile_size *size = &profile->sizes[i];
        pack_text(buf, size->system);
        pack_text(buf, size->size);
        pack_uint(buf, (uint64_t)size->kept);
        pack_u8(buf, size->declared);
    }
    pack_uint(buf, profile->trait_count);
    for (size_t i = 0; i < profile->trait_count; i++) {
        const struct profile_trait *trait = &profile->traits[i];
        pack_text(buf, trait->name);
        pack_text(buf, trait->value);
        pack_u8(buf, (uint8_t)trait->source);
        pack_ago(buf, profile, trait->time_ms);
    }
}

static void pack_affinities(const struct profile *profile, struct buf *buf)
{
    pack_uint(buf, profile->affinity_count);
    if (profile->affinity_count > 0)
        pack_int(buf, profile->affinities[0].time_ms);
    struct slice attribute = SLICE_NONE;
    for (size_t i = 0; i < profile->affinity_count; i++) {
        const struct profile_affinity *row = &profile->affinities[i];
        bool same = slice_equal(row->attribute, attribute);
        pack_text(buf, same ? SLICE_NONE : row->attribute);
        pack_text(buf, row->value);
        pack_float(buf, (float)row->weight);
        attribute = row->attribute;
    }
}

static size_t size_row(const struct profile *profile, const struct profile_bought *bought)
{
    for (size_t i = 0; bought->size.size > 0 && i < profile->size_count; i++)
        if (slice_equal(profile->sizes[i].system, bought->size_system) &&
            slice_equal(profile->sizes[i].size, bought->size))
            return i + 1;
    return 0;
}

static void pack_items(const struct profile *profile, struct buf *buf)
{
    pack_uint(buf, profile->recent_count);
    for (size_t i = 0; i < profile->recent_count; i++) {
        pack_text(buf, profile->recents[i].item);
        pack_ago(buf, profile, profile->recents[i].time_ms);
        pack_uint(buf, profile->recents[i].views);
    }
    pack_uint(buf, profile->basket_count);
    for (size_t i = 0; i < profile->basket_count; i++) {
        const struct profile_line *line = &profile->basket[i];
        pack_text(buf, line->item);
        pack_text(buf, line->variant);
        pack_uint(buf, (uint64_t)line->quantity);
        pack_int(buf, line->price_minor);
        pack_ago(buf, profile, line->time_ms);
    }
    pack_uint(buf, profile->bought_count);
    for (size_t i = 0; i < profile->bought_count; i++) {
        const struct profile_bought *bought = &profile->bought[i];
        pack_text(buf, bought->item);
        pack_ago(buf, profile, bought->time_ms);
        pack_uint(buf, (uint64_t)bought->quantity);
        pack_uint(buf, (uint64_t)bought->last_quantity);
        pack_uint(buf, size_row(profile, bought));
    }
}

void profile_pack(const struct profile *profile, struct buf *buf)
{
    pack_uint(buf, FOLD_PLAN_VERSION);
    pack_int(buf, profile->last.time_ms);
    pack_uint(buf, profile->last.source);
    pack_bytes(buf, profile->last.message.bytes, sizeof profile->last.message.bytes);
    pack_uint(buf, profile->sequence_seen);
    pack_u8(buf,
            (uint8_t)((profile->has_email ? FLAG_EMAIL : 0) |
                      (profile->has_user_id ? FLAG_USER_ID : 0) |
                      (profile->has_phone ? FLAG_PHONE : 0) | (profile->robot ? FLAG_ROBOT : 0) |
                      (profile->tireless ? FLAG_TIRELESS : 0)));
    pack_counters(profile, buf);
    pack_place(profile, buf);
    pack_trade(profile, buf);
    pack_facts(profile, buf);
    pack_affinities(profile, buf);
    pack_items(profile, buf);
}

/* --- unpack ----------------------------------------------------------------------------------- */

static int64_t unpack_ago(struct unpack *in, const struct profile *profile)
{
    uint64_t ago = unpack_uint(in);
    return ago == 0 ? 0 : (int64_t)((uint64_t)profile->last.time_ms - (ago - 1));
}

/* A number of units: never negative in memory. */
static int64_t unpack_units(struct unpack *in)
{
    uint64_t units = unpack_uint(in);
    if (units > INT64_MAX)
        in->failed = true;
    return in->failed ? 0 : (int64_t)units;
}

/* A number of a table, 0 to max. */
static size_t unpack_index(struct unpack *in, size_t max)
{
    uint64_t index = unpack_uint(in);
    if (index > max)
        in->failed = true;
    return in->failed ? 0 : (size_t)index;
}

static void unpack_head(struct unpack *in, struct profile *profile)
{
    profile->last.time_ms = unpack_int(in);
    profile->last.source = (uint32_t)unpack_index(in, UINT32_MAX);
    struct slice message = unpack_bytes(in, sizeof profile->last.message.bytes);
    if (!in->failed)
        memcpy(profile->last.message.bytes, message.data, message.size);
    profile->sequence_seen = unpack_uint(in);
    unsigned flags = unpack_u8(in);
    if (flags & ~(unsigned)FLAGS_ALL)
        in->failed = true;
    profile->has_email = flags & FLAG_EMAIL;
    profile->has_user_id = flags & FLAG_USER_ID;
    profile->has_phone = flags & FLAG_PHONE;
    profile->robot = flags & FLAG_ROBOT;
    profile->tireless = flags & FLAG_TIRELESS;
}

static void unpack_counters(struct unpack *in, struct profile *profile)
{
    profile->first_seen_ms = unpack_ago(in, profile);
    profile->last_seen_ms = unpack_ago(in, profile);
    profile->event_count = unpack_uint(in);
    profile->view_count = unpack_uint(in);
    profile->search_count = unpack_uint(in);
    profile->robot_count = unpack_uint(in);
    profile->hour_events = unpack_uint(in);
    profile->session_start_ms = unpack_ago(in, profile);
    profile->session_last_ms = unpack_ago(in, profile);
    profile->session_count = unpack_uint(in);
    profile->session_events = unpack_uint(in);
    profile->session_items = unpack_uint(in);
    profile->order_count = unpack_uint(in);
    profile->refund_count = unpack_uint(in);
    profile->first_order_ms = unpack_ago(in, profile);
    profile->last_order_ms = unpack_ago(in, profile);
    profile->last_order_id = unpack_text(in);
    profile->locale = unpack_text(in);
    profile->timezone = unpack_text(in);
}

static void unpack_place(struct unpack *in, struct profile *profile)
{
    struct profile_place *place = &profile->place;
    place->source = (enum place_source)unpack_index(in, PLACE_DECLARED);
    if (place->source == PLACE_NONE)
        return;
    place->time_ms = unpack_ago(in, profile);
    place->country = unpack_text(in);
    place->region = unpack_text(in);
    place->city = unpack_text(in);
    place->postcode = unpack_text(in);
}

static void unpack_trade(struct unpack *in, struct profile *profile)
{
    profile->money_count = unpack_count(in, PROFILE_CURRENCIES_MAX);
    for (size_t i = 0; i < profile->money_count; i++) {
        struct profile_money *money = &profile->money[i];
        money->currency = unpack_text(in);
        money->spent_minor = unpack_int(in);
        money->refunded_minor = unpack_int(in);
        money->last_minor = unpack_int(in);
    }
    profile->recent_order_count = unpack_count(in, PROFILE_ORDERS_MAX);
    for (size_t i = 0; i < profile->recent_order_count; i++) {
        struct profile_order *order = &profile->orders[i];
        order->id_hash = unpack_u64(in);
        order->time_ms = unpack_ago(in, profile);
        size_t row = unpack_index(in, profile->money_count);
        order->currency = row > 0 ? profile->money[row - 1].currency : SLICE_NONE;
        unsigned bits = unpack_u8(in);
        if (bits & ~(unsigned)ORDER_BITS)
            in->failed = true;
        order->closed = bits & ORDER_CLOSED;
        order->value_minor = unpack_int(in);
        if (!(bits & ORDER_VALUED))
            order->value_minor = INT64_MIN;
        order->refunded_minor = unpack_int(in);
    }
}

static void unpack_facts(struct unpack *in, struct profile *profile)
{
    profile->size_count = unpack_count(in, PROFILE_SIZES_MAX);
    for (size_t i = 0; i < profile->size_count; i++) {
        struct profile_size *size = &profile->sizes[i];
        size->system = unpack_text(in);
        size->size = unpack_text(in);
        size->kept = unpack_units(in);
        size->declared = unpack_index(in, 1) == 1;
    }
    profile->trait_count = unpack_count(in, PROFILE_TRAITS_MAX);
    for (size_t i = 0; i < profile->trait_count; i++) {
        struct profile_trait *trait = &profile->traits[i];
        trait->name = unpack_text(in);
        trait->value = unpack_text(in);
        trait->source = (enum trait_source)unpack_index(in, TRAIT_INFERRED);
        trait->time_ms = unpack_ago(in, profile);
    }
}

static void unpack_affinities(struct unpack *in, struct profile *profile)
{
    profile->affinity_count = unpack_count(in, PROFILE_AFFINITIES_MAX);
    int64_t time_ms = profile->affinity_count > 0 ? unpack_int(in) : 0;
    struct slice attribute = SLICE_NONE;
    for (size_t i = 0; i < profile->affinity_count; i++) {
        struct profile_affinity *row = &profile->affinities[i];
        struct slice name = unpack_text(in);
        attribute = name.size > 0 ? name : attribute;
        row->attribute = attribute;
        row->value = unpack_text(in);
        row->weight = (double)unpack_float(in);
        row->time_ms = time_ms;
        if (!(row->weight > 0 && row->weight < 1e12)) /* also what is not a number */
            in->failed = true;
    }
}

static void unpack_items(struct unpack *in, struct profile *profile)
{
    profile->recent_count = unpack_count(in, PROFILE_RECENT_MAX);
    for (size_t i = 0; i < profile->recent_count; i++) {
        profile->recents[i].item = unpack_text(in);
        profile->recents[i].time_ms = unpack_ago(in, profile);
        profile->recents[i].views = (uint32_t)unpack_index(in, UINT32_MAX);
    }
    profile->basket_count = unpack_count(in, PROFILE_BASKET_MAX);
    for (size_t i = 0; i < profile->basket_count; i++) {
        struct profile_line *line = &profile->basket[i];
        line->item = unpack_text(in);
        line->variant = unpack_text(in);
        line->quantity = unpack_units(in);
        line->price_minor = unpack_int(in);
        line->time_ms = unpack_ago(in, profile);
    }
    profile->bought_count = unpack_count(in, PROFILE_BOUGHT_MAX);
    for (size_t i = 0; i < profile->bought_count; i++) {
        struct profile_bought *bought = &profile->bought[i];
        bought->item = unpack_text(in);
        bought->time_ms = unpack_ago(in, profile);
        bought->quantity = unpack_units(in);
        bought->last_quantity = unpack_units(in);
        size_t row = unpack_index(in, profile->size_count);
        bought->size_system = row > 0 ? profile->sizes[row - 1].system : SLICE_NONE;
        bought->size = row > 0 ? profile->sizes[row - 1].size : SLICE_NONE;
    }
}

enum status profile_unpack(struct slice bytes, struct profile *out_profile)
{
    struct unpack in = unpack_of(bytes);
    uint64_t plan = unpack_uint(&in);
    struct profile *profile = out_profile;
    profile_init(profile);
    if (in.failed || bytes.size > PROFILE_BYTES_MAX)
        return STATUS_CORRUPT;
    if (plan != FOLD_PLAN_VERSION)
        return STATUS_CONFLICT;
    unpack_head(&in, profile);
    unpack_counters(&in, profile);
    unpack_place(&in, profile);
    unpack_trade(&in, profile);
    unpack_facts(&in, profile);
    unpack_affinities(&in, profile);
    unpack_items(&in, profile);
    if (unpack_finished(&in))
        return STATUS_OK;
    profile_init(profile); /* nothing half read leaves this function */
    return STATUS_CORRUPT;
}

/* --- the ceiling ------------------------------------------------------------------------------ */

enum {
    FIXED_BYTES_MOST = 320, /* numbers of the head and counters, each at its widest */
    TRIM_ROWS_KEPT = 8,     /* of each list, before any list gives up more */
    UNTRIMMED_BYTES_MAX = 32768
};

/* No less than the packed size; quick, so that only profiles near the ceiling are packed to be
 * measured. */
static size_t size_at_most(const struct profile *profile)
{
    size_t size = FIXED_BYTES_MOST + profile->last_order_id.size + profile->locale.size +
                  profile->timezone.size + profile->place.country.size +
                  profile->place.region.size + profile->place.city.size +
                  profile->place.postcode.size;
    size += profile->money_count * 48 + profile->recent_order_count * 40;
    for (size_t i = 0; i < profile->money_count; i++)
        size += profile->money[i].currency.size;
    for (size_t i = 0; i < profile->size_count; i++)
        size += profile->sizes[i].system.size + profile->sizes[i].size.size + 16;
    for (size_t i = 0; i < profile->trait_count; i++)
        size += profile->traits[i].name.size + profile->traits[i].value.size + 16;
    for (size_t i = 0; i < profile->affinity_count; i++)
        size += profile->affinities[i].attribute.size + profile->affinities[i].value.size + 6;
    for (size_t i = 0; i < profile->recent_count; i++)
        size += profile->recents[i].item.size + 16;
    for (size_t i = 0; i < profile->basket_count; i++)
        size += profile->basket[i].item.size + profile->basket[i].variant.size + 32;
    for (size_t i = 0; i < profile->bought_count; i++)
        size += profile->bought[i].item.size + 32;
    return size;
}

static size_t packed_size(const struct profile *profile)
{
    char room[UNTRIMMED_BYTES_MAX];
    struct buf buf = {.data = room, .room = sizeof room, .size_max = sizeof room};
    profile_pack(profile, &buf);
    assert(!buf.overflowed && buf.data == room);
    return buf.size;
}

static bool drop_weakest_affinity(struct profile *profile, size_t kept)
{
    if (profile->affinity_count <= kept)
        return false;
    rows_remove(profile->affinities, sizeof *profile->affinities, &profile->affinity_count,
                affinity_weakest(profile));
    return true;
}

static bool drop_last(size_t *count, size_t kept)
{
    if (*count <= kept)
        return false;
    (*count)--;
    return true;
}

static bool drop_oldest_trait(struct profile *profile, size_t kept)
{
    if (profile->trait_count <= kept)
        return false;
    size_t oldest = 0;
    for (size_t i = 1; i < profile->trait_count; i++)
        if (profile->traits[i].time_ms <= profile->traits[oldest].time_ms)
            oldest = i;
    rows_remove(profile->traits, sizeof *profile->traits, &profile->trait_count, oldest);
    return true;
}

/* The weakest affinity and the oldest recent together, then what was bought longest ago, then
 * traits, then the basket. */
static bool drop_one(struct profile *profile, size_t kept)
{
    bool affinity = drop_weakest_affinity(profile, kept);
    bool recent = drop_last(&profile->recent_count, kept);
    return affinity || recent || drop_last(&profile->bought_count, kept) ||
           drop_oldest_trait(profile, kept) || drop_last(&profile->basket_count, kept);
}

void profile_trim(struct profile *profile)
{
    if (size_at_most(profile) <= PROFILE_BYTES_MAX)
        return;
    while (packed_size(profile) > PROFILE_BYTES_MAX) {
        bool dropped = drop_one(profile, TRIM_ROWS_KEPT) || drop_one(profile, 0);
        assert(dropped);
    }
}
