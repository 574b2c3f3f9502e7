/* A store, a ledger and people in a temporary directory, and short ways to tell and to ask.
 * Header-only, each test program has its own. */
#ifndef VISAVIS_TESTS_PERSON_WORLD_H
#define VISAVIS_TESTS_PERSON_WORLD_H

#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/random.h"
#include "person/people.h"
#include "unit/store/temporary.h"

enum { SHOP = 7, OTHER_SHOP = 8, RECORD_BYTES_MAX = 1 << 16 };
#define PURPOSE_BIT(purpose) (1U << (purpose))

struct world {
    char parent[64], data[128];
    struct store *store;
    struct ledger *ledger;
    struct people *people;
    struct people_options options;
    struct diag diag;
    struct arena arena;
    int64_t now_ms; /* of askers; events are told as minutes before */
    unsigned told;  /* messages so far, for their ids */
};

static inline void world_open(struct world *world)
{
    struct store_options store_options = {.create = true, .memory_bytes = 16 << 20};
    if (store_open(world->data, &store_options, &world->store, &world->diag) != STATUS_OK ||
        ledger_open(world->store, NULL, &world->ledger, &world->diag) != STATUS_OK ||
        people_open(world->store, world->ledger, &world->options, &world->people, &world->diag) !=
            STATUS_OK ||
        ledger_start(world->ledger, &world->diag) != STATUS_OK)
        fail_msg("%s", world->diag.sentence);
}

static inline void world_close(struct world *world)
{
    if (!world->store)
        return;
    ledger_stop(world->ledger);
    people_close(world->people);
    ledger_close(world->ledger);
    store_close(world->store);
    world->store = NULL;
}

static inline void world_reopen(struct world *world)
{
    world_close(world);
    world_open(world);
}

static inline struct world *world_new(const struct people_options *options)
{
    struct world *world = must_alloc_zero(1, sizeof *world);
    temporary_make(world->parent);
    snprintf(world->data, sizeof world->data, "%s/data", world->parent);
    if (options)
        world->options = *options;
    arena_init(&world->arena);
    world->now_ms = clock_now_ms();
    world_open(world);
    return world;
}

static inline void world_free(struct world *world)
{
    world_close(world);
    temporary_remove(world->parent);
    arena_done(&world->arena);
    free(world);
}

static inline int world_set_up(void **state)
{
    *state = world_new(NULL);
    return 0;
}

static inline int world_tear_down(void **state)
{
    world_free(*state);
    return 0;
}

/* --- telling ---------------------------------------------------------------------------------- */

/* One message. Times are minutes before now; a claim is an identifier that the key does not
 * prove. */
struct tell {
    int64_t minutes_ago;
    const char *anonymous, *user, *email;
    bool claim; /* user and e-mail are only claimed */
    enum act act;
    const char *item, *brand, *trait_name, *trait_value, *message_id;
    uint32_t grants, denies; /* a consent object, when not both 0 */
    bool needs_consent, imported;
    enum event_type type;
};

static inline struct slice tell_message(struct world *world, const struct tell *tell,
                                        const struct event *event)
{
    return arena_format(
        &world->arena,
        "{\"messageId\":\"%.*s\",\"anonymousId\":\"%s\",\"userId\":\"%s\",\"email\":\"%s\","
        "\"item\":\"%s\",\"trait\":\"%s\"}",
        SLICE_ARG(event->message_id), tell->anonymous ? tell->anonymous : "",
        tell->user ? tell->user : "", tell->email ? tell->email : "", tell->item ? tell->item : "",
        tell->trait_value ? tell->trait_value : "");
}

static inline void tell_identifiers(struct world *world, const struct tell *tell,
                                    struct event *event)
{
    const struct {
        enum identifier_type type;
        const char *value;
        bool proven;
    } named[] = {{IDENTIFIER_USER_ID, tell->user, !tell->claim},
                 {IDENTIFIER_EMAIL, tell->email, !tell->claim},
                 {IDENTIFIER_ANONYMOUS, tell->anonymous, true}};
    event->identifiers = ARENA_ARRAY(&world->arena, 3, struct identifier);
    for (size_t i = 0; i < 3; i++)
        if (named[i].value)
            event->identifiers[event->identifier_count++] =
                (struct identifier){.type = named[i].type,
                                    .name = slice_of(identifier_type_name(named[i].type)),
                                    .value = slice_of(named[i].value),
                                    .proven = named[i].proven};
}

static inline struct people_event *tell_make(struct world *world, const struct tell *tell)
{
    struct people_event *item = ARENA_NEW(&world->arena, struct people_event);
    struct event *event = &item->event;
    struct buf record;
    *event = (struct event){.type = tell->type, .act = tell->act};
    event->message_id = tell->message_id ? slice_of(tell->message_id)
                                         : arena_format(&world->arena, "message-%u", ++world->told);
    event->flags = tell->imported ? EVENT_IMPORTED : 0;
    event->order = (struct event_order){.time_ms = world->now_ms - tell->minutes_ago * 60000,
                                        .source = 1,
                                        .message = hash128(event->message_id)};
    event->received_ms = event->original_ms = event->order.time_ms;
    event->revenue_minor = INT64_MIN;
    event->currency = SLICE("EUR");
    tell_identifiers(world, tell, event);
    if (tell->item) {
        event->item_count = 1;
        event->items = ARENA_NEW(&world->arena, struct event_item);
        struct attribute *brand = ARENA_NEW(&world->arena, struct attribute);
        *brand = (struct attribute){SLICE("brand"),
                                    slice_of(tell->brand ? tell->brand : "Petit Bateau")};
        event->items[0] = (struct event_item){.item = slice_of(tell->item),
                                              .quantity = 1,
                                              .price_minor = 1990,
                                              .attributes = brand,
                                              .attribute_count = 1,
                                              .known = true};
        event->revenue_minor = tell->act == ACT_ORDER ? 1990 : INT64_MIN;
        event->order_id = tell->act == ACT_ORDER ? event->message_id : SLICE_NONE;
    }
    if (tell->trait_name) {
        event->trait_count = 1;
        event->traits = ARENA_NEW(&world->arena, struct event_trait);
        event->traits[0] =
            (struct event_trait){slice_of(tell->trait_name), slice_of(tell->trait_value)};
    }
    event->has_preferences = tell->grants || tell->denies;
    for (unsigned i = 0; i < PURPOSE_COUNT; i++) {
        if (tell->grants >> i & 1U)
            event->preferences = stamp_set(event->preferences, (enum purpose)i, CONSENT_GRANTED);
        if (tell->denies >> i & 1U)
            event->preferences = stamp_set(event->preferences, (enum purpose)i, CONSENT_DENIED);
    }
    event->message = tell_message(world, tell, event);
    buf_init(&record, RECORD_BYTES_MAX);
    event_pack(event, &record);
    item->record = arena_copy(&world->arena, buf_slice(&record));
    buf_done(&record);
    item->needs_consent = tell->needs_consent;
    people_event_init(world->people, item, SHOP);
    return item;
}

/* All in one commit. */
static inline void tell_all(struct world *world, const struct tell *tells, size_t count)
{
    struct ledger_entry **entries = ARENA_ARRAY(&world->arena, count, struct ledger_entry *);
    for (size_t i = 0; i < count; i++)
        entries[i] = &tell_make(world, &tells[i])->entry;
    struct ledger_commit commit = {.entries = entries, .entry_count = count};
    assert_int_equal(STATUS_OK, ledger_submit_and_wait(world->ledger, &commit));
    for (size_t i = 0; i < count; i++)
        if (entries[i]->status != STATUS_OK)
            fail_msg("message %zu: %s", i, status_name(entries[i]->status));
}

static inline enum status tell_item(struct world *world, struct people_event *item)
{
    struct ledger_entry *entries[1] = {&item->entry};
    struct ledger_commit commit = {.entries = entries, .entry_count = 1};
    assert_int_equal(STATUS_OK, ledger_submit_and_wait(world->ledger, &commit));
    return item->entry.status;
}

static inline enum status tell(struct world *world, struct tell tell)
{
    return tell_item(world, tell_make(world, &tell));
}

static inline struct identifier named(enum identifier_type type, const char *value)
{
    return (struct identifier){.type = type,
                               .name = slice_of(identifier_type_name(type)),
                               .value = slice_of(value),
                               .proven = true};
}

static inline enum status choose(struct world *world, struct identifier identifier,
                                 struct consent_change change)
{
    struct people_consent item = {
        .identifier = identifier, .change = change, .birth_day = INT32_MIN};
    if (item.change.order.time_ms == 0)
        item.change.order.time_ms = world->now_ms;
    people_consent_init(world->people, &item, SHOP);
    struct ledger_entry *entries[1] = {&item.entry};
    struct ledger_commit commit = {.entries = entries, .entry_count = 1};
    assert_int_equal(STATUS_OK, ledger_submit_and_wait(world->ledger, &commit));
    return item.entry.status;
}

static inline void grant(struct world *world, struct identifier identifier)
{
    struct consent_change change = {.purposes = PURPOSE_BIT(PURPOSE_PERSONALISE),
                                    .state = CONSENT_GRANTED,
                                    .source = CONSENT_FROM_API,
                                    .order.time_ms = world->now_ms - 100 * (int64_t)MS_PER_DAY};
    assert_int_equal(STATUS_OK, choose(world, identifier, change));
}

/* --- asking ----------------------------------------------------------------------------------- */

static inline struct asker asker_of(const struct world *world, enum asker_trust trust,
                                    const char *anonymous, const char *user)
{
    return (struct asker){.workspace = SHOP,
                          .trust = trust,
                          .anonymous_id = slice_of(anonymous),
                          .user_id = slice_of(user),
                          .purpose = PURPOSE_PERSONALISE,
                          .now_ms = world->now_ms};
}

static inline struct person_view ask(struct world *world, enum asker_trust trust,
                                     const char *anonymous, const char *user)
{
    struct asker asker = asker_of(world, trust, anonymous, user);
    struct person_view view = {0};
    assert_int_equal(STATUS_OK, people_view(world->people, &asker, &world->arena, &view));
    return view;
}

static inline struct slice packed_view(struct world *world, const struct person_view *view)
{
    struct buf buf;
    buf_init(&buf, RECORD_BYTES_MAX);
    people_view_pack(view, &buf);
    struct slice bytes = arena_copy(&world->arena, buf_slice(&buf));
    buf_done(&buf);
    return bytes;
}

/* Sequences are of arrival: without them the profile is a function of what happened. */
static inline struct slice packed_profile(struct world *world, const struct person_view *view)
{
    struct profile *profile = ARENA_NEW(&world->arena, struct profile);
    struct buf buf;
    *profile = *view->profile;
    profile->sequence_seen = 0;
    buf_init(&buf, RECORD_BYTES_MAX);
    profile_pack(profile, &buf);
    struct slice bytes = arena_copy(&world->arena, buf_slice(&buf));
    buf_done(&buf);
    return bytes;
}

static inline bool saw(const struct person_view *view, const char *item)
{
    for (size_t i = 0; i < view->profile->recent_count; i++)
        if (slice_is(view->profile->recents[i].item, item))
            return true;
    return false;
}

static inline uint64_t check_all(struct world *world)
{
    uint64_t checked = 0;
    if (people_check(world->people, &checked, &world->diag) != STATUS_OK)
        fail_msg("%s", world->diag.sentence);
    return checked;
}

#endif
