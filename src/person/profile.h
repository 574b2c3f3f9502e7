/* What the engine knows of a person: a pure fold of events, bounded, the same bytes for the same
 * events in whatever order they came.
 *
 * No I/O, no clock, no libm: decay by table and ldexp. Everything here is private to person/:
 * others see a view (view.h). A struct profile owns nothing; its text lives in the arena given
 * to the call that made it. Packed: median under 700 bytes, at most PROFILE_BYTES_MAX (the
 * weakest affinities and oldest recents leave first).
 *
 * Invariants:
 *  1. fold(events sorted by event_order) is a function of the set of events alone; fold_event
 *     asserts ascending order.
 *  2. pack(unpack(x)) = x; fold(checkpoint + tail) = fold(all): everything the fold needs is in
 *     the packed bytes.
 *  3. Lists are sorted by a total order (weights tie by name), never by hash or pointer. */
#ifndef VISAVIS_PERSON_PROFILE_H
#define VISAVIS_PERSON_PROFILE_H

#include "base/limits.h"
#include "person/event.h"

/* raised with each change of meaning: older packed profiles are folded anew */
enum { FOLD_PLAN_VERSION = 2 };

enum trait_source { TRAIT_DECLARED, TRAIT_IMPORTED, TRAIT_OBSERVED, TRAIT_INFERRED };
enum place_source {
    PLACE_NONE,
    PLACE_TIMEZONE,
    PLACE_IP,
    PLACE_HEADER,
    PLACE_POSTCODE,
    PLACE_DECLARED
};

struct profile_trait {
    struct slice name, value;
    enum trait_source source;
    int64_t time_ms;
};

/* Weight of an attribute value, as of time_ms, which all rows share: an instant of the decay's grid
 * (affinity.h). Views 1, clicks 1, adds 3, wishes 2, orders 5; removes and unwishes -2, refunds and
 * cancellations -5; what falls under 1/128 is forgotten. Sorted by attribute, then value. */
struct profile_affinity {
    struct slice attribute, value;
    double weight;
    int64_t time_ms;
};

struct profile_recent { /* items seen, newest first, one row an item */
    struct slice item;
    int64_t time_ms;
    uint32_t views;
};

struct profile_line { /* basket, newest first, then by item and variant */
    struct slice item, variant;
    int64_t quantity, price_minor, time_ms;
};

struct profile_bought { /* newest first; what was returned whole is not in the list */
    struct slice item;
    int64_t quantity;               /* kept: bought minus returned */
    int64_t time_ms;                /* of the last purchase */
    int64_t last_quantity;          /* units of the last purchase still kept */
    struct slice size_system, size; /* of the last purchase; empty or a row of sizes */
};

/* The latest orders: one id counts once, and a whole refund knows what it gives back. */
struct profile_order { /* newest first */
    uint64_t id_hash;
    int64_t time_ms;
    struct slice currency;               /* empty, or a row of money */
    int64_t value_minor, refunded_minor; /* value: INT64_MIN unknown */
    bool closed;                         /* refunded whole or cancelled */
};

struct profile_money { /* per currency, by its code; value is spent minus refunded */
    struct slice currency;
    int64_t spent_minor, refunded_minor, last_minor;
};

/* "shoe-eu" → "38". By system, the declared one first, then the one kept most: the first row of a
 * system is the person's size in it. */
struct profile_size {
    struct slice system, size;
    int64_t kept;  /* units kept of it */
    bool declared; /* a declared size wins */
};

struct profile_place {
    struct slice country, region, city, postcode;
    enum place_source source;
    int64_t time_ms;
};

enum {
    PROFILE_CURRENCIES_MAX = 4,
    PROFILE_ORDERS_MAX = 8, /* an order id repeated after so many others counts again */
    AFFINITY_HALF_LIFE_DAYS = 30
};

struct profile {
    struct event_order last; /* the last folded event */
    uint64_t sequence_seen;  /* the highest sequence folded */
    int64_t first_seen_ms, last_seen_ms;
    uint64_t event_count, view_count, search_count, robot_count;
    uint64_t hour_events; /* in the clock hour of `last` */
    int64_t session_start_ms, session_last_ms;
    uint64_t session_count, session_events, session_items; /* the last two of the running session */
    struct profile_trait traits[PROFILE_TRAITS_MAX];
    struct profile_affinity affinities[PROFILE_AFFINITIES_MAX];
    struct profile_recent recents[PROFILE_RECENT_MAX];
    struct profile_line basket[PROFILE_BASKET_MAX];
    struct profile_bought bought[PROFILE_BOUGHT_MAX];
    struct profile_money money[PROFILE_CURRENCIES_MAX];
    struct profile_order orders[PROFILE_ORDERS_MAX];
    struct profile_size sizes[PROFILE_SIZES_MAX];
    size_t trait_count, affinity_count, recent_count, basket_count, bought_count, money_count,
        recent_order_count, size_count;
    uint64_t order_count, refund_count;
    /* 0 none; the mean gap is (last - first) / (orders - 1) */
    int64_t first_order_ms, last_order_ms;
    struct slice last_order_id, locale, timezone;
    struct profile_place place;
    /* an identifier of this type was on a folded event, proven */
    bool has_email, has_user_id, has_phone;
    bool tireless; /* more came in an hour, or at all, than people do: for good */
    bool robot;    /* tireless, or most events came from known robots */
};

void profile_init(struct profile *profile);
/* Which of an event's facts count: orders and basket may count where behaviour may not (design:
 * "orders and basket: when granted now"). */
enum fold_part { FOLD_ALL, FOLD_ORDERS_AND_BASKET };
/* Folds one event; its order is after profile->last. Text that must live on is copied into the
 * arena. */
void profile_fold(struct profile *profile, const struct event *event, enum fold_part part,
                  struct arena *arena);

void profile_pack(const struct profile *profile, struct buf *buf);
/* Text borrows from bytes. STATUS_CORRUPT; STATUS_CONFLICT for another fold plan version (fold
 * anew). Whole or empty: out_profile is an empty profile after a failure. */
enum status profile_unpack(struct slice bytes, struct profile *out_profile) MUST_CHECK;

/* Weight of an affinity at an instant: weight × 2^(-(now - time) / half-life), by table and
 * ldexp. */
double profile_affinity_at(const struct profile_affinity *affinity, int64_t now_ms);
/* Level of understanding: 1 an address or device only; 2 basic identity (a known identifier and
 * a name or place); 3 rich identity (behaviour or orders and three declared facts); 4 true 1:1
 * (orders, live affinities, consented, seen within 90 days). `missing` says in words what the
 * next level needs (English and French), may be NULL. */
unsigned profile_level(const struct profile *profile, int64_t now_ms, const char **out_missing_fr,
                       const char **out_missing_en);

#endif
