/* One message from a file: through intake as a server's message is, its person's asserted consent
 * before it, into the batch. */
#include "import/reading.h"

#include "base/clock.h"

enum { ID_BYTES = sizeof(struct hash128) + 1 + sizeof(uint64_t) };

struct slice import_message_id(const struct import *import, char kind, unsigned line,
                               struct arena *arena)
{
    char bytes[ID_BYTES], hex[2 * sizeof(struct hash128) + 1];
    size_t size = sizeof import->file_hash.bytes;
    memcpy(bytes, import->file_hash.bytes, size);
    bytes[size++] = kind;
    for (unsigned i = 0; i < sizeof(uint64_t); i++)
        bytes[size++] = (char)((uint64_t)line >> (8 * i) & 0xFF);
    struct hash128 hash = hash128(slice_make(bytes, size));
    hash_to_hex(hash.bytes, sizeof hash.bytes, hex);
    return arena_format(arena, "imp-%s", hex);
}

/* --- consent ---------------------------------------------------------------------------------- */

static uint64_t hash_of(const struct identifier *identifier, struct arena *arena)
{
    struct slice text = arena_format(arena, "%d:%.*s:%.*s", identifier->type,
                                     SLICE_ARG(identifier->name), SLICE_ARG(identifier->value));
    return hash64(text);
}

/* Is a refusal or an objection known where consent would be asserted? */
static bool is_refused(const struct import *import, const struct identifier *identifier,
                       enum purpose purpose)
{
    struct asker asker = {.workspace = import->shop.id,
                          .trust = ASKER_SECRET,
                          .other = *identifier,
                          .purpose = purpose,
                          .now_ms = clock_now_ms()};
    struct arena arena;
    struct person_view view;
    arena_init(&arena);
    bool refused = people_view(import->house.people, &asker, &arena, &view) == STATUS_OK &&
                   (view.gate == GATE_DENIED || view.gate == GATE_OBJECTED);
    arena_done(&arena);
    return refused;
}

static void count_refusals(struct import *import, const struct identifier *identifier)
{
    for (unsigned i = 0; i < PURPOSE_COUNT; i++)
        if (import->consent.purposes[0] >> i & 1U &&
            is_refused(import, identifier, (enum purpose)i))
            import->counts.refusals_kept++;
}

/* The same file says the same again: order and message are its own, so a second import changes
 * nothing. */
static void add_consent(struct import *import, const struct identifier *identifier,
                        enum consent_state state, unsigned line)
{
    uint32_t purposes = import->consent.purposes[state == CONSENT_DENIED];
    if (purposes == 0)
        return;
    struct people_consent *consent = ARENA_NEW(&import->batch.arena, struct people_consent);
    consent->identifier = *identifier;
    consent->birth_day = INT32_MIN;
    consent->change = (struct consent_change){
        .purposes = purposes,
        .state = state,
        .source = CONSENT_FROM_IMPORT,
        .order = {import->consent.time_ms, IMPORT_SOURCE, import->file_hash},
        .text = import->consent.source};
    people_consent_init(import->house.people, consent, import->shop.id);
    ledger_batch_add(&import->batch, &consent->entry, line);
}

/* Each identifier of a person is asserted, before the first event that names it. */
static void assert_consent(struct import *import, const struct event *event, unsigned line)
{
    if ((import->consent.purposes[0] | import->consent.purposes[1]) == 0)
        return;
    for (size_t i = 0; i < event->identifier_count; i++) {
        const struct identifier *identifier = &event->identifiers[i];
        if (!number_table_put(&import->consented, hash_of(identifier, &import->batch.arena), 1))
            continue;
        import->counts.consents++;
        count_refusals(import, identifier);
        add_consent(import, identifier, CONSENT_GRANTED, line);
        add_consent(import, identifier, CONSENT_DENIED, line);
    }
}

/* --- messages --------------------------------------------------------------------------------- */

static bool find_item(void *context, struct slice *inout_item, struct slice *inout_variant,
                      const struct attribute **out_attributes, size_t *out_count)
{
    return catalog_attributes(context, inout_item, inout_variant, out_attributes, out_count);
}

static void find_worth(void *context, const struct event_item *item, struct slice currency,
                       int64_t *inout_price, int64_t *inout_cost)
{
    catalog_worth(context, item, currency, inout_price, inout_cost);
}

static struct intake intake_of(const struct import *import, const struct catalog_snapshot *items)
{
    const struct import_shop *shop = &import->shop;
    return (struct intake){
        .source = IMPORT_SOURCE,
        .secret = true,
        .imported = true,
        .received_ms = clock_now_ms(),
        .sent_at_ms = INT64_MIN,
        .currency = shop->currency,
        .timezone = shop->timezone,
        .categories = shop->categories,
        .category_count = shop->category_count,
        .item_lookup = find_item,
        .worth_lookup = find_worth,
        .item_context = (void *)(uintptr_t)items,
    };
}

static void count_message(struct import *import, const struct event *event)
{
    import->counts.messages++;
    import->counts.orders += event->act == ACT_ORDER;
    import->counts.refunds += event->act == ACT_REFUND;
    uint64_t person = hash_of(&event->identifiers[0], &import->batch.arena);
    import->counts.people += number_table_put(&import->people, person, 1);
}

static void add_event(struct import *import, const struct event *event, unsigned line)
{
    struct arena *arena = &import->batch.arena;
    struct people_event *item = ARENA_NEW(arena, struct people_event);
    struct buf record;
    buf_init(&record, EVENT_RECORD_BYTES_MAX);
    event_pack(event, &record);
    item->event = *event;
    item->record = arena_copy(arena, buf_slice(&record));
    bool fits = !record.overflowed;
    buf_done(&record);
    if (!fits) {
        struct diag diag = {0};
        (void)diag_set(&diag, STATUS_TOO_LARGE, "", "This message is too large to be kept");
        import_refuse(import, line, &diag);
        return;
    }
    assert_consent(import, event, line);
    people_event_init(import->house.people, item, import->shop.id);
    ledger_batch_add(&import->batch, &item->entry, line);
    count_message(import, event);
    import_sample(import, event->message);
}

/* A message of size bytes goes through intake, with the consents before it, into the batch, whose
 * arena it lies in. What is refused is told. */
static void submit(struct import *import, const struct json *message, size_t size, unsigned line)
{
    struct catalog *catalog = import->house.catalog;
    const struct catalog_snapshot *items = catalog_pin(catalog, import->shop.id);
    struct intake intake = intake_of(import, items);
    struct intake_input input = {.message = message, .json_size = size};
    struct intake_output output;
    struct diag diag = {0};
    enum intake_result result =
        intake_message(&intake, &input, &import->batch.arena, &output, &diag);
    catalog_unpin(items); /* the event took copies */
    if (result == INTAKE_KEPT)
        add_event(import, &output.event, line);
    else if (output.event.identifiers && output.event.identifier_count == 0)
        import_refuse_nobody(import, line); /* its ids were read and name nobody */
    else
        import_refuse(import, line, &diag);
}

enum status import_send_text(struct import *import, const struct buf *text, unsigned line)
{
    enum { ENTRIES_MAX = 1 + 2 * EVENT_IDENTIFIERS_MAX }; /* granted, denied of each */
    const struct json *message = NULL;
    struct diag diag = {0};
    enum status status = ledger_batch_reserve(&import->batch, ENTRIES_MAX);
    if (status != STATUS_OK)
        return status;
    if (text->overflowed)
        status =
            diag_set(&diag, STATUS_TOO_LARGE, "", "A message is at most %d bytes", EVENT_BYTES_MAX);
    else
        status = json_parse(&import->batch.arena, buf_slice(text), &message, &diag);
    if (status == STATUS_OK)
        submit(import, message, text->size, line);
    else
        import_refuse(import, line, &diag);
    return STATUS_OK;
}
