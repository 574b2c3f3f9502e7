/* Everything about one person as JSON: for the service desk (show), and with every message,
 * choice and decision for the person (export). Machine-readable; money in minor units with its
 * currency. Any thread. */
#include "person/people_private.h"

#include "base/clock.h"
#include "base/pack.h"

struct showing {
    struct people *people;
    uint32_t workspace;
    int64_t now_ms;
    struct person_spans spans;
    struct uuid node, root;
    struct arena arena;
    struct json_out *out;
    const struct profile *profile;
};

/* --- small members ---------------------------------------------------------------------------- */

static void show_uuid(struct json_out *out, const char *name, struct uuid uuid)
{
    char text[UUID_TEXT_SIZE + 1];
    uuid_format(uuid, text);
    JSON_STRING_MEMBER(out, name, slice_of(text));
}

static void begin_list(struct json_out *out, const char *name)
{
    json_name(out, name);
    json_array(out);
}

/* --- identity --------------------------------------------------------------------------------- */

static enum status show_identity(struct showing *showing)
{
    struct identity_facts facts;
    struct json_out *out = showing->out;
    enum status status = identity_facts(showing->people->store, showing->workspace, &showing->spans,
                                        &showing->arena, &facts);
    if (status != STATUS_OK)
        return status;
    begin_list(out, "identifiers");
    for (size_t i = 0; i < facts.identifier_count; i++) {
        json_object(out);
        JSON_STRING_MEMBER(out, "type", facts.identifiers[i].name);
        JSON_STRING_MEMBER(out, "value", facts.identifiers[i].value);
        show_uuid(out, "node", facts.identifier_nodes[i]);
        json_end(out);
    }
    json_end(out);
    begin_list(out, "links");
    for (size_t i = 0; i < facts.link_count; i++) {
        const struct link *link = &facts.links[i];
        json_object(out);
        show_uuid(out, "from", link->from);
        show_uuid(out, "to", link->to);
        JSON_STRING_MEMBER(out, "fromType", slice_of(identifier_type_name(link->from_type)));
        JSON_STRING_MEMBER(out, "toType", slice_of(identifier_type_name(link->to_type)));
        JSON_STRING_MEMBER(out, "state",
                           link->withdrawn_sequence ? SLICE("withdrawn")
                           : link->proven           ? SLICE("proven")
                                                    : SLICE("claimed"));
        JSON_TIME_MEMBER(out, "since", link->valid_from_ms);
        JSON_INT_MEMBER(out, "knownAt", (int64_t)link->known_sequence);
        json_end(out);
    }
    json_end(out);
    return STATUS_OK;
}

/* --- consent ---------------------------------------------------------------------------------- */

static struct slice state_name(enum consent_state state)
{
    static const char *const names[] = {"unknown", "granted", "denied"};
    return slice_of(names[state]);
}

static struct slice source_name(enum consent_source source)
{
    static const char *const names[] = {"event", "api", "import"};
    return slice_of(names[source]);
}

static void show_choices(struct showing *showing, const struct consent *consent)
{
    struct json_out *out = showing->out;
    begin_list(out, "purposes");
    for (unsigned i = 0; i < PURPOSE_COUNT; i++) {
        const struct consent_choice *choice = &consent->purposes[i];
        if (choice->state == CONSENT_UNKNOWN && !choice->objected)
            continue;
        json_object(out);
        JSON_STRING_MEMBER(out, "purpose", slice_of(purpose_name((enum purpose)i)));
        JSON_STRING_MEMBER(out, "state", state_name(choice->state));
        if (choice->state != CONSENT_UNKNOWN) {
            JSON_TIME_MEMBER(out, "at", choice->order.time_ms);
            JSON_STRING_MEMBER(out, "source", source_name(choice->source));
        }
        JSON_BOOL_MEMBER(out, "objected", choice->objected);
        if (choice->objected)
            JSON_TIME_MEMBER(out, "objectedAt", choice->objected_order.time_ms);
        json_end(out);
    }
    json_end(out);
}

static enum status show_history(struct showing *showing, struct uuid node)
{
    struct json_out *out = showing->out;
    struct consent_moments history;
    enum status status = consent_history(showing->people->store, showing->workspace, node,
                                         &showing->arena, &history);
    if (status != STATUS_OK)
        return status;
    const struct consent_moment *moments = history.list;
    begin_list(out, "history");
    for (size_t i = 0; i < history.count; i++) {
        json_object(out);
        JSON_TIME_MEMBER(out, "at", moments[i].order.time_ms);
        JSON_STRING_MEMBER(out, "source", source_name(moments[i].source));
        JSON_STRING_MEMBER(out, "state", state_name(moments[i].state));
        JSON_BOOL_MEMBER(out, "objection", moments[i].objection);
        json_text_member(out, "text", moments[i].text);
        begin_list(out, "purposes");
        for (unsigned p = 0; p < PURPOSE_COUNT; p++)
            if (moments[i].purposes >> p & 1U)
                json_string(out, slice_of(purpose_name((enum purpose)p)));
        json_end(out);
        json_end(out);
    }
    json_end(out);
    return STATUS_OK;
}

static bool seen_before(const struct person_spans *spans, size_t index)
{
    for (size_t i = 0; i < index; i++)
        if (uuid_equal(spans->spans[i].node, spans->spans[index].node))
            return true;
    return false;
}

static enum status show_consents(struct showing *showing)
{
    struct json_out *out = showing->out;
    enum status status = STATUS_OK;
    begin_list(out, "consents");
    for (size_t i = 0; i < showing->spans.count && status == STATUS_OK; i++) {
        struct uuid node = showing->spans.spans[i].node;
        struct consent consent;
        if (seen_before(&showing->spans, i))
            continue;
        status = consent_load(showing->people->store, showing->workspace, node, &consent);
        if (status != STATUS_OK)
            return status;
        const struct table_key key = table_key(showing->workspace, 0, node.bytes);
        renewals_apply(&showing->people->renewals, &key, &consent);
        json_object(out);
        show_uuid(out, "node", node);
        if (consent.birth_day != INT32_MIN)
            JSON_INT_MEMBER(out, "birthDay", consent.birth_day);
        if (consent.minor_declared)
            JSON_BOOL_MEMBER(out, "minor", true);
        show_choices(showing, &consent);
        status = show_history(showing, node);
        json_end(out);
    }
    json_end(out);
    return status;
}

/* --- the profile ------------------------------------------------------------------------------ */

static void show_traits(struct showing *showing)
{
    static const char *const sources[] = {"declared", "imported", "observed", "inferred"};
    struct json_out *out = showing->out;
    begin_list(out, "traits");
    for (size_t i = 0; i < showing->profile->trait_count; i++) {
        const struct profile_trait *trait = &showing->profile->traits[i];
        json_object(out);
        JSON_STRING_MEMBER(out, "name", trait->name);
        JSON_STRING_MEMBER(out, "value", trait->value);
        JSON_STRING_MEMBER(out, "source", slice_of(sources[trait->source]));
        JSON_TIME_MEMBER(out, "at", trait->time_ms);
        json_end(out);
    }
    json_end(out);
}

static void show_tastes(struct showing *showing)
{
    struct json_out *out = showing->out;
    begin_list(out, "affinities");
    for (size_t i = 0; i < showing->profile->affinity_count; i++) {
        const struct profile_affinity *affinity = &showing->profile->affinities[i];
        json_object(out);
        JSON_STRING_MEMBER(out, "attribute", affinity->attribute);
        JSON_STRING_MEMBER(out, "value", affinity->value);
        JSON_NUMBER_MEMBER(out, "weight", profile_affinity_at(affinity, showing->now_ms));
        json_end(out);
    }
    json_end(out);
    begin_list(out, "recents");
    for (size_t i = 0; i < showing->profile->recent_count; i++) {
        const struct profile_recent *recent = &showing->profile->recents[i];
        json_object(out);
        JSON_STRING_MEMBER(out, "item", recent->item);
        JSON_INT_MEMBER(out, "views", recent->views);
        JSON_TIME_MEMBER(out, "at", recent->time_ms);
        json_end(out);
    }
    json_end(out);
    begin_list(out, "sizes");
    for (size_t i = 0; i < showing->profile->size_count; i++) {
        const struct profile_size *size = &showing->profile->sizes[i];
        json_object(out);
        JSON_STRING_MEMBER(out, "system", size->system);
        JSON_STRING_MEMBER(out, "size", size->size);
        JSON_INT_MEMBER(out, "kept", size->kept);
        JSON_BOOL_MEMBER(out, "declared", size->declared);
        json_end(out);
    }
    json_end(out);
}

static void show_lines(struct showing *showing)
{
    struct json_out *out = showing->out;
    begin_list(out, "basket");
    for (size_t i = 0; i < showing->profile->basket_count; i++) {
        const struct profile_line *line = &showing->profile->basket[i];
        json_object(out);
        JSON_STRING_MEMBER(out, "item", line->item);
        json_text_member(out, "variant", line->variant);
        JSON_INT_MEMBER(out, "quantity", line->quantity);
        if (line->price_minor >= 0)
            JSON_INT_MEMBER(out, "priceMinor", line->price_minor);
        JSON_TIME_MEMBER(out, "at", line->time_ms);
        json_end(out);
    }
    json_end(out);
    begin_list(out, "bought");
    for (size_t i = 0; i < showing->profile->bought_count; i++) {
        const struct profile_bought *bought = &showing->profile->bought[i];
        json_object(out);
        JSON_STRING_MEMBER(out, "item", bought->item);
        JSON_INT_MEMBER(out, "quantity", bought->quantity);
        JSON_TIME_MEMBER(out, "at", bought->time_ms);
        json_end(out);
    }
    json_end(out);
}

static void show_orders(struct showing *showing)
{
    const struct profile *profile = showing->profile;
    struct json_out *out = showing->out;
    json_name(out, "orders");
    json_object(out);
    JSON_INT_MEMBER(out, "count", (int64_t)profile->order_count);
    JSON_INT_MEMBER(out, "refunds", (int64_t)profile->refund_count);
    if (profile->order_count > 0) {
        JSON_TIME_MEMBER(out, "first", profile->first_order_ms);
        JSON_TIME_MEMBER(out, "last", profile->last_order_ms);
        json_text_member(out, "lastId", profile->last_order_id);
    }
    begin_list(out, "money");
    for (size_t i = 0; i < profile->money_count; i++) {
        const struct profile_money *money = &profile->money[i];
        json_object(out);
        JSON_STRING_MEMBER(out, "currency", money->currency);
        JSON_INT_MEMBER(out, "spentMinor", money->spent_minor);
        JSON_INT_MEMBER(out, "refundedMinor", money->refunded_minor);
        JSON_INT_MEMBER(out, "lastMinor", money->last_minor);
        json_end(out);
    }
    json_end(out);
    json_end(out);
}

static void show_place(struct showing *showing)
{
    static const char *const sources[] = {"none",   "timezone", "ip",
                                          "header", "postcode", "declared"};
    const struct profile_place *place = &showing->profile->place;
    struct json_out *out = showing->out;
    if (place->source == PLACE_NONE)
        return;
    json_name(out, "place");
    json_object(out);
    json_text_member(out, "country", place->country);
    json_text_member(out, "region", place->region);
    json_text_member(out, "city", place->city);
    json_text_member(out, "postcode", place->postcode);
    JSON_STRING_MEMBER(out, "source", slice_of(sources[place->source]));
    JSON_TIME_MEMBER(out, "at", place->time_ms);
    json_end(out);
}

static void show_counts(struct showing *showing)
{
    const struct profile *profile = showing->profile;
    const char *missing_fr = NULL, *missing_en = NULL;
    struct json_out *out = showing->out;
    JSON_INT_MEMBER(out, "level",
                    profile_level(profile, showing->now_ms, &missing_fr, &missing_en));
    if (missing_en)
        JSON_STRING_MEMBER(out, "missing", slice_of(missing_en));
    JSON_BOOL_MEMBER(out, "robot", profile->robot);
    if (profile->robot)
        JSON_STRING_MEMBER(out, "robotBy",
                           profile->tireless ? SLICE("volume") : SLICE("user_agent"));
    json_name(out, "events");
    json_object(out);
    JSON_INT_MEMBER(out, "count", (int64_t)profile->event_count);
    JSON_INT_MEMBER(out, "views", (int64_t)profile->view_count);
    JSON_INT_MEMBER(out, "searches", (int64_t)profile->search_count);
    if (profile->event_count > 0) {
        JSON_TIME_MEMBER(out, "first", profile->first_seen_ms);
        JSON_TIME_MEMBER(out, "last", profile->last_seen_ms);
    }
    json_end(out);
    json_name(out, "sessions");
    json_object(out);
    JSON_INT_MEMBER(out, "count", (int64_t)profile->session_count);
    if (profile->session_count > 0) {
        JSON_TIME_MEMBER(out, "lastStart", profile->session_start_ms);
        JSON_INT_MEMBER(out, "lastEvents", (int64_t)profile->session_events);
    }
    json_end(out);
    json_text_member(out, "locale", profile->locale);
    json_text_member(out, "timezone", profile->timezone);
}

/* --- messages and decisions ------------------------------------------------------------------- */

static enum status show_message(void *context, struct slice key, struct slice record)
{
    struct showing *showing = context;
    struct json_out *out = showing->out;
    struct arena arena;
    struct event event;
    (void)key;
    arena_init(&arena);
    enum status status = event_unpack(record, &arena, &event);
    if (status == STATUS_OK) {
        json_object(out);
        JSON_INT_MEMBER(out, "sequence", (int64_t)event.sequence);
        show_uuid(out, "node", event.node);
        JSON_TIME_MEMBER(out, "at", event.order.time_ms);
        JSON_TIME_MEMBER(out, "receivedAt", event.received_ms);
        json_name(out, "message");
        json_raw(out, event.message);
        json_end(out);
    }
    arena_done(&arena);
    return status;
}

static enum status show_decisions_of(struct showing *showing, struct node_span span)
{
    uint8_t prefix[STORE_KEY_PREFIX_BYTES + 16], room[STORE_KEY_BYTES_MAX];
    struct slice key, value;
    store_key_prefix(showing->workspace, prefix);
    memcpy(prefix + STORE_KEY_PREFIX_BYTES, span.node.bytes, sizeof span.node.bytes);
    struct store_range range = store_range_of_prefix(slice_make(prefix, sizeof prefix), room);
    struct store_iterator *iterator = store_iterate(showing->people->store, SPACE_DECIDED, &range);
    while (store_next(iterator, &key, &value)) {
        struct uuid id;
        char text[UUID_TEXT_SIZE + 1];
        if (key.size < sizeof prefix + sizeof id ||
            store_row_aged(showing->people->store, SPACE_DECIDED, key, value, showing->now_ms))
            continue;
        memcpy(id.bytes, key.data + key.size - sizeof id.bytes, sizeof id.bytes);
        int64_t time_ms = (int64_t)(key_get_u64(id.bytes) >> 16); /* UUIDv7: 48 bits of ms first */
        if (time_ms < span.from_ms || time_ms >= span.to_ms)
            continue;
        uuid_format(id, text);
        json_string(showing->out, slice_of(text));
    }
    enum status status = store_iterator_status(iterator);
    store_iterator_close(iterator);
    return status;
}

static enum status show_records(struct showing *showing)
{
    begin_list(showing->out, "messages");
    enum status status = people_each_event(showing->people->store, showing->workspace,
                                           &showing->spans, show_message, showing);
    json_end(showing->out);
    begin_list(showing->out, "decisions");
    for (size_t i = 0; i < showing->spans.count && status == STATUS_OK; i++)
        status = show_decisions_of(showing, showing->spans.spans[i]);
    json_end(showing->out);
    return status;
}

/* --- the whole -------------------------------------------------------------------------------- */

static enum status fold_all(struct showing *showing)
{
    struct profile *profile = ARENA_NEW(&showing->arena, struct profile);
    struct profile_row row;
    struct fold_question question = {.workspace = showing->workspace,
                                     .node = showing->root,
                                     .scope = SCOPE_PERSON,
                                     .purpose = PURPOSE_SERVICE,
                                     .now_ms = showing->now_ms,
                                     .sequence = UINT64_MAX,
                                     .everything = true,
                                     .events_max = UINT64_MAX};
    enum status status = people_fold(showing->people, &question, &showing->arena, &row);
    if (status == STATUS_OK)
        status = profile_unpack(row.profile, profile);
    showing->profile = profile;
    return status;
}

static enum status show(struct showing *showing, bool whole)
{
    struct json_out *out = showing->out;
    json_object(out);
    show_uuid(out, "person", showing->spans.name);
    show_uuid(out, "node", showing->node);
    enum status status = show_identity(showing);
    if (status == STATUS_OK) {
        show_counts(showing);
        show_traits(showing);
        show_tastes(showing);
        show_lines(showing);
        show_orders(showing);
        show_place(showing);
        status = show_consents(showing);
    }
    if (status == STATUS_OK && whole)
        status = show_records(showing);
    json_end(out);
    return status;
}

static enum status show_person(struct showing *showing, const struct identifier *identifier,
                               bool whole)
{
    const struct identity_at now = {
        .store = showing->people->store, .workspace = showing->workspace, .sequence = UINT64_MAX};
    arena_init(&showing->arena);
    enum status status = identity_find(now.store, now.workspace, identifier, &showing->node);
    if (status == STATUS_OK)
        status = identity_root(&now, showing->node, showing->now_ms, &showing->root);
    if (status == STATUS_OK)
        status = identity_spans(&now, showing->root, &showing->arena, &showing->spans);
    if (status == STATUS_OK)
        status = fold_all(showing);
    if (status == STATUS_OK)
        status = show(showing, whole);
    arena_done(&showing->arena);
    return status;
}

enum status people_show(struct people *people, uint32_t workspace,
                        const struct identifier *identifier, int64_t now_ms, struct json_out *out)
{
    struct showing showing = {
        .people = people, .workspace = workspace, .now_ms = now_ms, .out = out};
    return show_person(&showing, identifier, false);
}

enum status people_export(struct people *people, uint32_t workspace,
                          const struct identifier *identifier, int64_t now_ms, struct json_out *out)
{
    struct showing showing = {
        .people = people, .workspace = workspace, .now_ms = now_ms, .out = out};
    return show_person(&showing, identifier, true);
}
