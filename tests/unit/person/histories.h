/* Seeded shoppers for the tests and the benchmark of the fold: made-up histories, the same on
 * every machine. */
#ifndef VISAVIS_TESTS_PERSON_HISTORIES_H
#define VISAVIS_TESTS_PERSON_HISTORIES_H

#include "base/clock.h"
#include "base/random.h"
#include "person/profile.h"

#include <stdio.h>
#include <stdlib.h>

enum { HISTORY_START_YEAR = 2025 };

static inline struct slice history_text(struct arena *arena, const char *prefix, uint64_t number)
{
    return arena_format(arena, "%s%llu", prefix, (unsigned long long)number);
}

static inline struct event_item history_item(struct random_stream *stream, struct arena *arena)
{
    static const char *const brands[] = {"Petit Bateau", "Saint James", "Armor Lux", "Le Slip",
                                         "Veja",         "Aigle",       "Lafuma",    "Bensimon"};
    static const char *const colors[] = {"marine", "écru", "rouge", "noir", "kaki", "blanc"};
    static const char *const categories[] = {"Femme > Pulls", "Femme > Robes", "Homme > Chemises",
                                             "Chaussures > Baskets", "Enfant > Pyjamas"};
    uint64_t number = random_below(stream, 40);
    struct attribute *attributes = ARENA_ARRAY(arena, 4, struct attribute);
    attributes[0] = (struct attribute){SLICE("brand"), slice_of(brands[number % 8])};
    attributes[1] = (struct attribute){SLICE("category"), slice_of(categories[number % 5])};
    attributes[2] = (struct attribute){SLICE("color"), slice_of(colors[number % 6])};
    attributes[3] =
        (struct attribute){SLICE("size"), history_text(arena, "", 36 + random_below(stream, 4))};
    return (struct event_item){
        .item = history_text(arena, "FR-", 10000 + number),
        .variant = arena_format(arena, "FR-%llu-%.*s", (unsigned long long)(10000 + number),
                                SLICE_ARG(attributes[3].value)),
        .quantity = 1 + (int64_t)random_below(stream, 3),
        .price_minor = 990 + (int64_t)number * 100,
        .attributes = attributes,
        .attribute_count = 4,
        .known = true,
    };
}

static inline void history_trade(struct event *event, struct random_stream *stream,
                                 struct arena *arena)
{
    event->item_count = event->act == ACT_ORDER ? 1 + random_below(stream, 3) : 1;
    event->items = ARENA_ARRAY(arena, event->item_count, struct event_item);
    int64_t sum = 0;
    for (size_t i = 0; i < event->item_count; i++) {
        event->items[i] = history_item(stream, arena);
        sum += event->items[i].quantity * event->items[i].price_minor;
    }
    event->currency = random_below(stream, 10) ? SLICE("EUR") : SLICE("GBP");
    if (event->act != ACT_ORDER && event->act != ACT_REFUND && event->act != ACT_CANCEL)
        return;
    event->order_id = history_text(arena, "CMD-", random_below(stream, 12));
    event->revenue_minor = random_below(stream, 3) ? sum : INT64_MIN;
    if (event->act != ACT_ORDER && random_below(stream, 2))
        event->item_count = 0;
}

static inline void history_identify(struct event *event, struct random_stream *stream,
                                    struct arena *arena)
{
    static const char *const names[] = {"firstName", "plan",     "size",
                                        "shoe_size", "birthday", "newsletter"};
    event->type = EVENT_IDENTIFY;
    event->traits = ARENA_ARRAY(arena, 3, struct event_trait);
    for (event->trait_count = 0; event->trait_count < 3; event->trait_count++)
        event->traits[event->trait_count] = (struct event_trait){
            slice_of(names[random_below(stream, 6)]),
            random_below(stream, 8) ? history_text(arena, "v", random_below(stream, 5))
                                    : SLICE_NONE};
    event->identifiers = ARENA_NEW(arena, struct identifier);
    event->identifier_count = 1;
    event->identifiers[0] = (struct identifier){IDENTIFIER_USER_ID, SLICE("user_id"), SLICE("42"),
                                                random_below(stream, 2) == 0};
    event->place_source = (uint8_t)random_below(stream, PLACE_DECLARED + 1);
    event->country = random_below(stream, 2) ? SLICE("FR") : SLICE("BE");
    event->city = history_text(arena, "Ville ", random_below(stream, 3));
}

/* One event some minutes to weeks after the last. act: what happens, weighted like a shop's
 * traffic. */
static inline struct event history_next(struct random_stream *stream, struct arena *arena,
                                        int64_t *time_ms, uint64_t number)
{
    static const enum act acts[] = {
        ACT_PAGE,   ACT_PAGE,     ACT_PAGE, ACT_VIEW_ITEM, ACT_VIEW_ITEM,  ACT_VIEW_ITEM,
        ACT_SEARCH, ACT_ADD,      ACT_WISH, ACT_VIEW_ITEM, ACT_CLICK_ITEM, ACT_REMOVE,
        ACT_ORDER,  ACT_IDENTIFY, ACT_PAGE, ACT_VIEW_CART, ACT_REFUND,     ACT_CANCEL,
    };
    uint64_t kind = random_below(stream, 18 + 8);
    uint64_t leap = random_below(stream, 10);
    *time_ms += leap == 0 ? (int64_t)random_below(stream, 14) * MS_PER_DAY + MS_PER_HOUR
                          : (int64_t)random_below(stream, 5 * MS_PER_MINUTE);
    struct event event = {
        .type = EVENT_TRACK,
        .act = kind < 18  ? acts[kind]
               : kind % 2 ? ACT_PAGE
                          : ACT_VIEW_ITEM,
        .order = {.time_ms = *time_ms, .source = (uint32_t)random_below(stream, 3)},
        .revenue_minor = INT64_MIN,
        .received_ms = *time_ms,
        .original_ms = *time_ms,
        .sequence = number + 1,
        .locale = SLICE("fr-FR"),
        .timezone = SLICE("Europe/Paris"),
        .message_id = history_text(arena, "message-", number),
        .message = SLICE("{\"type\":\"track\",\"event\":\"made up\"}"),
    };
    event.order.message = hash128(event.message_id);
    if (random_below(stream, 40) == 0)
        event.flags |= EVENT_ROBOT;
    if (event.act == ACT_IDENTIFY)
        history_identify(&event, stream, arena);
    else if (event.act != ACT_PAGE && event.act != ACT_SEARCH)
        history_trade(&event, stream, arena);
    return event;
}

static inline struct event *history_make(uint64_t seed, size_t count, struct arena *arena)
{
    struct random_stream stream = random_stream(seed);
    struct event *events = ARENA_ARRAY(arena, count, struct event);
    int64_t time_ms = clock_days_from_date(HISTORY_START_YEAR, 1, 1) * MS_PER_DAY;
    for (size_t i = 0; i < count; i++)
        events[i] = history_next(&stream, arena, &time_ms, i);
    return events;
}

static inline int history_compare(const void *a, const void *b)
{
    return event_order_compare(&((const struct event *)a)->order,
                               &((const struct event *)b)->order);
}

static inline void history_sort(struct event *events, size_t count)
{
    qsort(events, count, sizeof *events, history_compare);
}

#endif
