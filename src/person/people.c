/* Life of struct people, the ledger kinds' entries, looking an event up. See people.h;
 * people_private.h has the map of files. */
#include "person/people_private.h"

#include <assert.h>
#include <stdlib.h>

/* --- life ------------------------------------------------------------------------------------- */

static void register_kinds(struct people *people)
{
    ledger_register(people->ledger, &people_event_kind, people);
    ledger_register(people->ledger, &people_consent_kind, people);
    ledger_register(people->ledger, &people_unlink_kind, people);
    ledger_register(people->ledger, &people_erasure_kind, people);
    ledger_add_checkpointer(people->ledger, people_write_back, people);
}

static void free_consent(uintptr_t value)
{
    free((struct consent *)value);
}

enum status people_open(struct store *store, struct ledger *ledger,
                        const struct people_options *options, struct people **out_people,
                        struct diag *diag)
{
    struct people *people = must_alloc_zero(1, sizeof *people);
    people->store = store;
    people->ledger = ledger;
    if (options)
        people->options = *options;
    if (people->options.cache_bytes_max == 0)
        people->options.cache_bytes_max = CACHE_BYTES_DEFAULT;
    if (people->options.fold_events_at_once_max == 0)
        people->options.fold_events_at_once_max = FOLD_EVENTS_AT_ONCE_DEFAULT;
    people->cache = profile_cache_new(people->options.cache_bytes_max);
    people->identity = identity_new(store);
    aged_table_init(&people->consents, free_consent);
    atomic_store(&people->applied, ledger_sequence(ledger));
    erase_pending_init(&people->pending);
    renewals_init(&people->renewals);
    long_folds_start(people);
    enum status status = people_erase_again(people, diag);
    if (status == STATUS_OK)
        status = erase_pending_resume(store);
    if (status != STATUS_OK) {
        people_close(people);
        return status;
    }
    register_kinds(people);
    *out_people = people;
    return STATUS_OK;
}

void people_close(struct people *people)
{
    if (!people)
        return;
    long_folds_stop(people);
    erase_pending_done(&people->pending);
    renewals_done(&people->renewals);
    aged_table_done(&people->consents);
    free(people->touches.list);
    identity_free(people->identity);
    profile_cache_free(people->cache);
    free(people);
}

/* --- entries ---------------------------------------------------------------------------------- */

void people_event_init(struct people *people, struct people_event *item, uint32_t workspace)
{
    ledger_entry_init(people->ledger, &item->entry, &people_event_kind, workspace,
                      sizeof *item + item->record.size);
}

void people_consent_init(struct people *people, struct people_consent *item, uint32_t workspace)
{
    ledger_entry_init(people->ledger, &item->entry, &people_consent_kind, workspace, sizeof *item);
}

void people_unlink_init(struct people *people, struct people_unlink *item, uint32_t workspace)
{
    ledger_entry_init(people->ledger, &item->entry, &people_unlink_kind, workspace, sizeof *item);
}

/* --- looking up ------------------------------------------------------------------------------- */

enum status people_lesson_of_log(struct slice log_value, struct arena *arena,
                                 struct event_lesson *out_lesson)
{
    struct slice touches;
    return event_log_unpack(log_value, arena, out_lesson, &touches);
}

enum status people_event_of_log(struct people *people, uint32_t workspace, struct slice log_value,
                                struct arena *arena, struct event *out_event)
{
    uint8_t key[EVENT_KEY_BYTES];
    struct slice record;
    if (log_value.size < EVENT_PLACE_BYTES)
        return STATUS_CORRUPT;
    store_key_prefix(workspace, key);
    memcpy(key + STORE_KEY_PREFIX_BYTES, log_value.data, EVENT_PLACE_BYTES);
    enum status status =
        store_get(people->store, SPACE_EVENT, slice_make(key, sizeof key), arena, &record);
    if (status == STATUS_NOT_FOUND)
        return STATUS_GONE;
    return status == STATUS_OK ? event_unpack(record, arena, out_event) : status;
}

struct each_message {
    struct people *people;
    uint32_t workspace;
    people_message_visitor *visitor;
    void *context;
};

static enum status visit_log_row(void *context, uint32_t workspace, uint64_t sequence,
                                 uint8_t kind_code, struct slice log_value)
{
    struct each_message *each = context;
    struct arena arena;
    struct event event;
    (void)sequence;
    if (kind_code != PEOPLE_KIND_EVENT || workspace != each->workspace)
        return STATUS_OK;
    arena_init(&arena);
    enum status status = people_event_of_log(each->people, workspace, log_value, &arena, &event);
    if (status == STATUS_OK)
        status = each->visitor(each->context, &event);
    else if (status == STATUS_GONE)
        status = STATUS_OK;
    arena_done(&arena);
    return status;
}

enum status people_each_message(struct people *people, uint32_t workspace,
                                people_message_visitor *visitor, void *context)
{
    struct each_message each = {
        .people = people, .workspace = workspace, .visitor = visitor, .context = context};
    return ledger_scan(people->store, 0, visit_log_row, &each);
}

/* --- identifiers as text ---------------------------------------------------------------------- */

/* What identifiers are normalised to: as intake does. */
static struct slice normalise(enum identifier_type type, struct slice value, struct arena *arena)
{
    value = slice_trim(value);
    if (type != IDENTIFIER_EMAIL && type != IDENTIFIER_PHONE)
        return value;
    char *text = arena_copy_text(arena, value);
    size_t size = 0;
    for (size_t i = 0; i < value.size; i++) {
        char c = value.data[i];
        bool digit = c >= '0' && c <= '9';
        if (type == IDENTIFIER_EMAIL)
            text[size++] = (char)(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
        else if (digit || (c == '+' && size == 0))
            text[size++] = c;
    }
    return slice_make(text, size);
}

enum status people_parse_identifier(struct slice text, struct arena *arena,
                                    struct identifier *out_identifier, struct diag *diag)
{
    struct slice name, value;
    struct identifier identifier = {.type = IDENTIFIER_CUSTOM, .proven = true};
    if (!slice_cut(text, ':', &name, &value) || name.size == 0 || slice_trim(value).size == 0)
        return diag_set(diag, STATUS_INVALID, "identifier",
                        "write a type, a colon and a value, such as email:ada@example.org");
    if (value.size > IDENTIFIER_BYTES_MAX || name.size > IDENTIFIER_BYTES_MAX)
        return diag_set(diag, STATUS_INVALID, "identifier", "at most %d bytes",
                        IDENTIFIER_BYTES_MAX);
    for (unsigned type = 0; type < IDENTIFIER_TYPE_COUNT; type++)
        if (type != IDENTIFIER_CUSTOM &&
            slice_is(name, identifier_type_name((enum identifier_type)type)))
            identifier.type = (enum identifier_type)type;
    identifier.name = arena_copy(arena, name);
    identifier.value = arena_copy(arena, normalise(identifier.type, value, arena));
    if (identifier.value.size == 0)
        return diag_set(diag, STATUS_INVALID, "identifier", "a phone number has digits");
    *out_identifier = identifier;
    return STATUS_OK;
}

/* --- counts ----------------------------------------------------------------------------------- */

void people_counts(const struct people *people, struct people_counts *out_counts)
{
    struct profile_cache_counts cache;
    profile_cache_counts(people->cache, &cache);
    *out_counts = (struct people_counts){.cached_profiles = cache.entries,
                                         .cached_bytes = cache.bytes,
                                         .folds = atomic_load(&people->folds),
                                         .refolds = atomic_load(&people->refolds),
                                         .tails = atomic_load(&people->tails),
                                         .continued = atomic_load(&people->continued),
                                         .evictions = cache.evictions,
                                         .erased = atomic_load(&people->erased),
                                         .robots = atomic_load(&people->robots)};
}
