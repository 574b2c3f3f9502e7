#include "app/demo_history.h"

#include "base/clock.h"

#include <stdio.h>
#include <stdlib.h>

enum {
    HISTORY_DAYS = 21,
    SESSIONS_MAX = 6,
    BATCH = 500,
    MESSAGE_BYTES = 8192,
    BASKET_MAX = 3,
    FROM_MINUTE = 7 * 60, /* of a day */
    MINUTES_OPEN = 15 * 60,
    REFUND_DAYS = 2
};

/* Messages on their way to the ledger, BATCH at a time. */
struct history {
    struct engine *engine;
    uint32_t workspace;
    const struct demo_shop *shop;
    int64_t today_ms; /* midnight; everything lies before it */
    struct intake intake;
    const struct catalog_snapshot *catalog;
    struct arena arena; /* of the batch */
    struct people_event *events;
    size_t count;
    unsigned told; /* messages of the shopper so far, for their ids */
    enum status status;
    struct diag *diag;
};

static bool lookup_item(void *context, struct slice *inout_item, struct slice *inout_variant,
                        const struct attribute **out_attributes, size_t *out_count)
{
    const struct history *history = context;
    return catalog_attributes(history->catalog, inout_item, inout_variant, out_attributes,
                              out_count);
}

/* --- to the ledger ---------------------------------------------------------------------------- */

static void flush(struct history *history)
{
    struct ledger_entry *entries[BATCH];
    for (size_t i = 0; i < history->count; i++)
        entries[i] = &history->events[i].entry;
    struct ledger_commit commit = {.entries = entries, .entry_count = history->count};
    if (history->status == STATUS_OK && history->count)
        history->status = ledger_submit_and_wait(history->engine->ledger, &commit);
    arena_reset(&history->arena);
    history->events = ARENA_ARRAY(&history->arena, BATCH, struct people_event);
    history->count = 0;
}

static void take(struct history *history, struct slice text)
{
    const struct json *json;
    struct intake_output output;
    if (history->status != STATUS_OK)
        return;
    history->status = json_parse(&history->arena, text, &json, history->diag);
    if (history->status != STATUS_OK)
        return;
    struct intake_input input = {.message = json, .json_size = text.size};
    if (intake_message(&history->intake, &input, &history->arena, &output, history->diag) !=
        INTAKE_KEPT) {
        history->status = STATUS_INVALID;
        return;
    }
    struct people_event *event = &history->events[history->count++];
    event->event = output.event;
    event->needs_consent = output.needs_consent;
    struct buf record;
    buf_init(&record, EVENT_RECORD_BYTES_MAX);
    event_pack(&event->event, &record);
    event->record = arena_copy(&history->arena, buf_slice(&record));
    buf_done(&record);
    people_event_init(history->engine->people, event, history->workspace);
    if (history->count == BATCH)
        flush(history);
}

/* --- one message ------------------------------------------------------------------------------ */

struct message {
    struct history *history;
    const struct shopper *shopper;
    struct buf text;
    struct json_out out;
};

static void write_choice(const struct shopper *shopper, struct json_out *out)
{
    if (shopper->choice == CHOICE_NONE)
        return;
    bool granted = shopper->choice == CHOICE_GRANTED;
    json_name(out, "consent");
    json_object(out);
    json_name(out, "categoryPreferences");
    json_object(out);
    JSON_BOOL_MEMBER(out, "mesure", granted);
    JSON_BOOL_MEMBER(out, "personnalisation", granted);
    json_end(out);
    json_end(out);
}

static struct message begin(struct history *history, const struct shopper *shopper,
                            const char *type, int64_t at_ms)
{
    struct message message = {.history = history, .shopper = shopper};
    char id[MESSAGE_ID_BYTES_MAX];
    (void)snprintf(id, sizeof id, "demo-%lld-%u-%u", (long long)(history->today_ms / MS_PER_DAY),
                   shopper->number, history->told++);
    buf_init(&message.text, MESSAGE_BYTES);
    message.out = json_out(&message.text);
    struct json_out *out = &message.out;
    json_object(out);
    JSON_STRING_MEMBER(out, "type", slice_of(type));
    JSON_STRING_MEMBER(out, "messageId", slice_of(id));
    JSON_STRING_MEMBER(out, "anonymousId", slice_of(shopper->anonymous_id));
    JSON_TIME_MEMBER(out, "timestamp", at_ms);
    json_name(out, "context");
    json_object(out);
    JSON_BOOL_MEMBER(out, "simulated", true);
    JSON_STRING_MEMBER(out, "locale", SLICE("fr-FR"));
    JSON_STRING_MEMBER(out, "timezone", SLICE("Europe/Paris"));
    write_choice(shopper, out);
    json_end(out);
    return message;
}

/* The writer points at the message's own text: a message is finished where it was begun. */
static struct json_out *writer(struct message *message)
{
    message->out.buf = &message->text;
    return &message->out;
}

static void finish(struct message *message)
{
    json_end(writer(message));
    take(message->history, buf_slice(&message->text));
    buf_done(&message->text);
}

static void write_price(struct json_out *out, const char *name, int64_t minor)
{
    char text[32];
    int size =
        snprintf(text, sizeof text, "%lld.%02lld", (long long)minor / 100, (long long)minor % 100);
    JSON_STRING_MEMBER(out, name, slice_make(text, (size_t)size));
}

static void write_ware(struct json_out *out, const struct shopper *shopper, const struct ware *ware)
{
    const struct variant *variant = demo_variant(shopper, ware);
    JSON_STRING_MEMBER(out, "product_id", ware->item.id);
    if (variant)
        JSON_STRING_MEMBER(out, "variant_id", variant->id);
    write_price(out, "price", ware->item.price_minor);
    JSON_INT_MEMBER(out, "quantity", 1);
}

static void tell_page(struct history *history, const struct shopper *shopper, int64_t at_ms)
{
    struct message message = begin(history, shopper, "page", at_ms);
    JSON_STRING_MEMBER(writer(&message), "name", SLICE("Accueil"));
    finish(&message);
}

static void tell_ware(struct history *history, const struct shopper *shopper, const char *event,
                      const struct ware *ware, int64_t at_ms)
{
    struct message message = begin(history, shopper, "track", at_ms);
    struct json_out *out = writer(&message);
    JSON_STRING_MEMBER(out, "event", slice_of(event));
    json_name(out, "properties");
    json_object(out);
    write_ware(out, shopper, ware);
    json_end(out);
    finish(&message);
}

static void tell_identity(struct history *history, const struct shopper *shopper, int64_t at_ms)
{
    struct message message = begin(history, shopper, "identify", at_ms);
    struct json_out *out = writer(&message);
    JSON_STRING_MEMBER(out, "userId", slice_of(shopper->user_id));
    json_name(out, "traits");
    json_object(out);
    JSON_STRING_MEMBER(out, "firstName", slice_of(shopper->first_name));
    JSON_STRING_MEMBER(out, "lastName", slice_of(shopper->last_name));
    JSON_STRING_MEMBER(out, "email", slice_of(shopper->email));
    json_name(out, "address");
    json_object(out);
    JSON_STRING_MEMBER(out, "city", slice_of(shopper->city));
    JSON_STRING_MEMBER(out, "postalCode", slice_of(shopper->postcode));
    JSON_STRING_MEMBER(out, "country", SLICE("FR"));
    json_end(out);
    json_end(out);
    finish(&message);
}

struct basket {
    const struct ware *wares[BASKET_MAX];
    size_t count;
    int64_t at_ms;
    unsigned number; /* of the order */
};

static void tell_order(struct history *history, const struct shopper *shopper, const char *event,
                       const struct basket *basket)
{
    int64_t total = 0;
    char id[32];
    struct message message = begin(history, shopper, "track", basket->at_ms);
    struct json_out *out = writer(&message);
    (void)snprintf(id, sizeof id, "D%03u-%u", shopper->number, basket->number);
    if (shopper->known)
        JSON_STRING_MEMBER(out, "userId", slice_of(shopper->user_id));
    JSON_STRING_MEMBER(out, "event", slice_of(event));
    json_name(out, "properties");
    json_object(out);
    JSON_STRING_MEMBER(out, "order_id", slice_of(id));
    JSON_STRING_MEMBER(out, "currency", SLICE("EUR"));
    json_name(out, "products");
    json_array(out);
    for (size_t i = 0; i < basket->count; i++) {
        total += basket->wares[i]->item.price_minor;
        json_object(out);
        write_ware(out, shopper, basket->wares[i]);
        json_end(out);
    }
    json_end(out);
    write_price(out, "total", total);
    json_end(out);
    finish(&message);
}

/* --- one visit -------------------------------------------------------------------------------- */

static int64_t later(struct shopper *shopper, int64_t at_ms)
{
    return at_ms + (int64_t)(20 + random_below(&shopper->stream, 160)) * MS_PER_SECOND;
}

static bool chance(struct shopper *shopper, unsigned percent)
{
    return random_below(&shopper->stream, 100) < percent;
}

/* Only who agreed is seen on pages. */
static bool seen(const struct shopper *shopper)
{
    return shopper->choice == CHOICE_GRANTED;
}

static void add_to_basket(struct history *history, struct shopper *shopper, const struct ware *ware,
                          struct basket *basket)
{
    for (size_t i = 0; i < basket->count; i++)
        if (basket->wares[i] == ware)
            return;
    basket->wares[basket->count++] = ware;
    basket->at_ms = later(shopper, basket->at_ms);
    if (seen(shopper))
        tell_ware(history, shopper, "Product Added", ware, basket->at_ms);
}

static void look_at(struct history *history, struct shopper *shopper, const struct ware *ware,
                    struct basket *basket)
{
    basket->at_ms = later(shopper, basket->at_ms);
    if (seen(shopper))
        tell_ware(history, shopper, "Product Viewed", ware, basket->at_ms);
}

static void look_around(struct history *history, struct shopper *shopper, struct basket *basket)
{
    const struct ware *ware = demo_pick(history->shop, shopper, NULL);
    uint64_t more = random_below(&shopper->stream, 6);
    if (seen(shopper))
        tell_page(history, shopper, basket->at_ms);
    look_at(history, shopper, ware, basket);
    for (uint64_t i = 0; i < more; i++) {
        ware = demo_pick(history->shop, shopper, ware);
        look_at(history, shopper, ware, basket);
    }
    if (!chance(shopper, 40))
        return;
    add_to_basket(history, shopper, ware, basket);
    while (basket->count < BASKET_MAX && chance(shopper, 60))
        add_to_basket(history, shopper, demo_complement(history->shop, shopper, ware), basket);
}

static void pay(struct history *history, struct shopper *shopper, struct basket *basket)
{
    if (basket->count == 0 || !chance(shopper, 65))
        return;
    basket->at_ms = later(shopper, basket->at_ms);
    if (shopper->known)
        tell_identity(history, shopper, basket->at_ms);
    basket->at_ms = later(shopper, basket->at_ms);
    tell_order(history, shopper, "Order Completed", basket);
    if (!chance(shopper, 9))
        return;
    struct basket back = {.wares = {basket->wares[0]},
                          .count = 1,
                          .at_ms = basket->at_ms + (int64_t)REFUND_DAYS * MS_PER_DAY,
                          .number = basket->number};
    if (back.at_ms < history->today_ms)
        tell_order(history, shopper, "Order Refunded", &back);
}

static int by_time(const void *a, const void *b)
{
    const int64_t *left = a, *right = b;
    return (*left > *right) - (*left < *right);
}

static void write_shopper(struct history *history, unsigned number)
{
    struct shopper shopper = demo_shopper(history->shop, number);
    int64_t starts[SESSIONS_MAX];
    size_t sessions = 1 + (size_t)random_below(&shopper.stream, SESSIONS_MAX);
    for (size_t i = 0; i < sessions; i++) {
        int64_t day = 1 + (int64_t)random_below(&shopper.stream, HISTORY_DAYS);
        int64_t minute = FROM_MINUTE + (int64_t)random_below(&shopper.stream, MINUTES_OPEN);
        starts[i] = history->today_ms - day * MS_PER_DAY + minute * MS_PER_MINUTE;
    }
    qsort(starts, sessions, sizeof *starts, by_time);
    history->told = 0;
    if (shopper.choice ==
        CHOICE_DENIED) { /* the refusal itself is kept, so that it is not asked again */
        struct message message = begin(history, &shopper, "track", starts[0]);
        JSON_STRING_MEMBER(writer(&message), "event", SLICE("Segment Consent Preference Updated"));
        finish(&message);
    }
    for (size_t i = 0; i < sessions; i++) {
        struct basket basket = {.at_ms = starts[i], .number = (unsigned)i + 1};
        look_around(history, &shopper, &basket);
        pay(history, &shopper, &basket);
    }
}

/* --- all of it -------------------------------------------------------------------------------- */

static void fill_intake(struct history *history, const struct workspace *workspace)
{
    uint32_t source = workspace->key_count ? workspace->keys[0].source : 0;
    history->intake = (struct intake){.source = source,
                                      .imported = true,
                                      .received_ms = clock_now_ms(),
                                      .sent_at_ms = INT64_MIN,
                                      .currency = workspace->currency,
                                      .timezone = workspace->timezone,
                                      .categories = workspace->categories,
                                      .category_count = workspace->category_count,
                                      .item_lookup = lookup_item,
                                      .item_context = history};
}

enum status demo_history_write(struct engine *engine, uint32_t workspace,
                               const struct demo_shop *shop, struct diag *diag)
{
    const struct workspaces_snapshot *pinned = workspaces_pin(engine->workspaces);
    const struct workspace *found = workspaces_by_id(pinned, workspace);
    struct history history = {.engine = engine,
                              .workspace = workspace,
                              .shop = shop,
                              .today_ms = clock_now_ms() / MS_PER_DAY * MS_PER_DAY,
                              .diag = diag};
    if (!found) {
        workspaces_unpin(pinned);
        return diag_set(diag, STATUS_NOT_FOUND, "workspace", "There is no such workspace");
    }
    history.catalog = catalog_pin(engine->catalog, workspace);
    fill_intake(&history, found);
    arena_init(&history.arena);
    flush(&history);
    for (unsigned i = 0; i < SHOPPERS && history.status == STATUS_OK; i++)
        write_shopper(&history, i);
    flush(&history);
    arena_done(&history.arena);
    catalog_unpin(history.catalog);
    workspaces_unpin(pinned);
    return history.status;
}
