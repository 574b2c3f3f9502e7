/* The ledger thread: events, choices and unlinks into rows of one write, and after the sync into
 * what is cached. */
#include "person/identity_graph.h"
#include "person/people_private.h"

#include "base/pack.h"

#include <assert.h>
#include <stdlib.h>

enum { DEDUP_VALUE_BYTES = 16 };

/* --- consent as the running group sees it ----------------------------------------------------- */

enum status people_consent_of(struct people *people, struct ledger_write *write, struct uuid node,
                              struct consent **out_consent)
{
    struct table_key key = table_key(write->workspace, 0, node.bytes);
    struct consent *consent = (struct consent *)aged_table_get(&people->consents, &key);
    uint8_t row_key[CONSENT_KEY_BYTES_MAX];
    struct slice value;
    if (consent) {
        *out_consent = consent;
        return STATUS_OK;
    }
    size_t size = consent_key(write->workspace, node, row_key);
    consent = must_alloc(sizeof *consent);
    consent_init(consent);
    enum status status = store_batch_get(write->batch, write->store, SPACE_CONSENT,
                                         slice_make(row_key, size), write->arena, &value);
    if (status == STATUS_OK)
        status = consent_unpack(value, consent);
    if (status != STATUS_OK && status != STATUS_NOT_FOUND) {
        free(consent);
        return status;
    }
    renewals_apply(&people->renewals, &key, consent);
    aged_table_put(&people->consents, &key, (uintptr_t)consent);
    *out_consent = consent;
    return STATUS_OK;
}

/* A node that was just minted has said nothing yet: no look into the store. */
static void add_no_consent(struct people *people, uint32_t workspace, struct uuid node)
{
    struct table_key key = table_key(workspace, 0, node.bytes);
    struct consent *consent = must_alloc(sizeof *consent);
    consent_init(consent);
    aged_table_put(&people->consents, &key, (uintptr_t)consent);
}

/* Does a view of somebody look different after the change? A renewed choice does not. */
static bool gates_differ(const struct consent *a, const struct consent *b)
{
    for (unsigned i = 0; i < PURPOSE_COUNT; i++)
        if (a->purposes[i].objected != b->purposes[i].objected ||
            a->purposes[i].state != b->purposes[i].state)
            return true;
    return a->birth_day != b->birth_day || a->minor_declared != b->minor_declared;
}

/* --- touches ---------------------------------------------------------------------------------- */

void people_touch(struct people *people, const struct ledger_write *write, struct uuid node,
                  enum scope scope, bool anew)
{
    struct touches *touches = &people->touches;
    for (size_t i = touches->count; i > touches->applied; i--) {
        const struct touch *touch = &touches->list[i - 1];
        if (touch->sequence != write->sequence || touch->workspace != write->workspace)
            break;
        if (touch->scope == scope && uuid_equal(touch->node, node))
            return; /* what is to be loaded anew was touched first */
    }
    if (touches->count == touches->room) {
        touches->room = touches->room == 0 ? 256 : touches->room * 2;
        touches->list = must_realloc(touches->list, touches->room * sizeof *touches->list);
    }
    touches->list[touches->count++] = (struct touch){.sequence = write->sequence,
                                                     .workspace = write->workspace,
                                                     .node = node,
                                                     .scope = scope,
                                                     .anew = anew};
}

static void touch_spans(struct people *people, const struct ledger_write *write,
                        const struct person_spans *spans)
{
    for (size_t i = 0; i < spans->count; i++)
        for (unsigned scope = SCOPE_CARD; scope <= SCOPE_PERSON; scope++)
            people_touch(people, write, spans->spans[i].node, (enum scope)scope, true);
}

/* The tree below a node, and upwards every node that owns a part of its life, with all below that
 * one. */
static enum status touch_up(struct people *people, struct ledger_write *write, struct uuid node,
                            unsigned hops)
{
    struct person_spans spans;
    struct owner_runs owners;
    const struct link *links;
    size_t count;
    enum status status =
        identity_spans_here(people->identity, write->workspace, node, write->arena, &spans);
    if (status != STATUS_OK)
        return status;
    touch_spans(people, write, &spans);
    struct link_source source = identity_links_here(people->identity, write->workspace);
    status = source.links(source.context, node, false, &links, &count);
    if (status != STATUS_OK)
        return status;
    graph_runs(links, count, UINT64_MAX, write->arena, &owners);
    for (size_t i = 0; i < owners.count && hops < HOPS_MAX && status == STATUS_OK; i++)
        status = touch_up(people, write, owners.runs[i].owner, hops + 1);
    return status;
}

enum status people_touch_around(struct people *people, struct ledger_write *write, struct uuid node)
{
    return touch_up(people, write, node, 0);
}

/* Cards are not stored, so the log need not tell of them. Too many to tell: all stored profiles
 * are doubted. */
enum { LOGGED_TOUCHES_MAX = 2000, LOGGED_DOUBT_ALL = LOGGED_TOUCHES_MAX + 1 };
enum { LOGGED_SAME_NODE = 128 }; /* beside the scope: the node of the one before, or the named */

static void log_touch(const struct touch *touch, struct uuid *before, struct buf *log_value)
{
    bool same = uuid_equal(touch->node, *before);
    pack_u8(log_value, (uint8_t)((unsigned)touch->scope | (same ? LOGGED_SAME_NODE : 0U)));
    if (!same)
        pack_uuid(log_value, touch->node);
    *before = touch->node;
}

static enum scope unlog_touch(struct unpack *in, struct uuid *node)
{
    unsigned bits = unpack_u8(in);
    if (!(bits & LOGGED_SAME_NODE))
        *node = unpack_uuid(in);
    return (enum scope)(bits & ~(unsigned)LOGGED_SAME_NODE);
}

void people_log_touches(struct people *people, struct ledger_write *write, struct uuid named)
{
    const struct touches *touches = &people->touches;
    size_t first = touches->count, stored = 0;
    while (first > touches->applied && touches->list[first - 1].sequence == write->sequence)
        first--;
    for (size_t i = first; i < touches->count; i++)
        stored += touches->list[i].scope != SCOPE_CARD;
    pack_uint(write->log_value, stored > LOGGED_TOUCHES_MAX ? LOGGED_DOUBT_ALL : stored);
    for (size_t i = first; i < touches->count && stored <= LOGGED_TOUCHES_MAX; i++)
        if (touches->list[i].scope != SCOPE_CARD)
            log_touch(&touches->list[i], &named, write->log_value);
}

bool people_logged_touches(struct slice bytes, struct arena *arena, struct uuid **out_nodes,
                           size_t *out_count)
{
    struct unpack in = unpack_of(bytes);
    uint64_t count = unpack_uint(&in);
    if (in.failed || count > LOGGED_TOUCHES_MAX)
        return false;
    struct uuid node = {0};
    *out_nodes = ARENA_ARRAY(arena, (size_t)count, struct uuid);
    for (uint64_t i = 0; i < count; i++) {
        (void)unlog_touch(&in, &node);
        (*out_nodes)[i] = node;
    }
    *out_count = (size_t)count;
    return !in.failed;
}

enum status people_replay_touches(struct people *people, uint32_t workspace, uint64_t sequence,
                                  struct uuid named, struct slice bytes)
{
    struct unpack in = unpack_of(bytes);
    uint64_t count = unpack_uint(&in);
    if (count == LOGGED_DOUBT_ALL)
        profile_cache_doubt_all(people->cache);
    for (uint64_t i = 0; i < count && count <= LOGGED_TOUCHES_MAX; i++) {
        enum scope scope = unlog_touch(&in, &named);
        struct table_key key = table_key(workspace, scope, named.bytes);
        if (in.failed)
            break;
        profile_cache_apply(people->cache, &key, sequence, NULL);
    }
    if (sequence > atomic_load(&people->applied))
        atomic_store(&people->applied, sequence);
    return unpack_finished(&in) ? STATUS_OK : STATUS_CORRUPT;
}

/* --- into what is cached ---------------------------------------------------------------------- */

struct change {
    struct people *people;
    const struct people_event *item;
};

/* Under the shard's mutex: an event into a cached profile; false when it comes late. */
static bool fold_in(void *context, struct slice bytes, struct buf *out_bytes)
{
    const struct change *change = context;
    const struct event *event = &change->item->event;
    struct profile_row row;
    if (profile_row_unpack(bytes, &row) != STATUS_OK)
        return false;
    bool belongs = event->order.time_ms >= row.from_ms;
    bool folds = belongs && change->item->part != PART_NONE;
    struct profile *profile = must_alloc(sizeof *profile);
    bool good = !folds || profile_unpack(row.profile, profile) == STATUS_OK;
    struct arena arena;
    struct buf packed;
    arena_init(&arena);
    buf_init(&packed, (size_t)2 * PROFILE_BYTES_MAX);
    if (good && folds && profile->event_count <= PERSON_EVENTS_MAX) {
        good = event_order_compare(&event->order, &profile->last) > 0;
        if (good) {
            profile_fold(profile, event,
                         change->item->part == PART_ALL ? FOLD_ALL : FOLD_ORDERS_AND_BASKET,
                         &arena);
            profile_pack(profile, &packed);
            row.profile = buf_slice(&packed);
            atomic_fetch_add(&change->people->tails, 1);
        }
    }
    if (good) {
        row.known = row.known || belongs;
        row.sequence = event->sequence;
        profile_row_pack(&row, out_bytes);
    }
    buf_done(&packed);
    arena_done(&arena);
    free(profile);
    return good;
}

void people_apply_touches(struct people *people, const struct ledger_entry *entry,
                          const struct people_event *item)
{
    struct touches *touches = &people->touches;
    struct change context = {.people = people, .item = item};
    const struct cache_change change = {
        .make = fold_in, .context = &context, .time_ms = item ? item->event.order.time_ms : 0};
    while (touches->applied < touches->count &&
           touches->list[touches->applied].sequence <= entry->sequence) {
        const struct touch *touch = &touches->list[touches->applied++];
        struct table_key key = table_key(touch->workspace, touch->scope, touch->node.bytes);
        bool anew = touch->anew || !item;
        profile_cache_apply(people->cache, &key, touch->sequence, anew ? NULL : &change);
    }
    if (touches->applied == touches->count)
        touches->applied = touches->count = 0;
    atomic_store(&people->applied, entry->sequence);
    identity_settle(people->identity);
    aged_table_turn(&people->consents, CONSENT_CACHE_MAX);
}

/* --- events ----------------------------------------------------------------------------------- */

static enum status check_duplicate(struct ledger_write *write, const struct event *event)
{
    uint8_t key[DEDUP_KEY_BYTES];
    struct slice value;
    dedup_key(write->workspace, &event->order, key);
    enum status status = store_batch_get(write->batch, write->store, SPACE_DEDUP,
                                         slice_make(key, sizeof key), write->arena, &value);
    if (status == STATUS_NOT_FOUND)
        return STATUS_OK;
    if (status != STATUS_OK)
        return status;
    bool aged = store_row_aged(write->store, SPACE_DEDUP, slice_make(key, sizeof key), value,
                               write->now_ms);
    return aged ? STATUS_OK : STATUS_CONFLICT;
}

/* An imported file may come again long after dedup has forgotten it: its rows have their ids
 * from the file, and an event that lies where this one would lie is this one. */
static enum status check_imported(struct people *people, struct ledger_write *write,
                                  const struct event *event)
{
    uint8_t key[EVENT_KEY_BYTES];
    struct uuid home;
    struct slice record;
    if (!(event->flags & EVENT_IMPORTED))
        return STATUS_OK;
    enum status status = identity_home(people->identity, write, event, &home);
    if (status != STATUS_OK)
        return status == STATUS_NOT_FOUND ? STATUS_OK : status;
    event_key(write->workspace, home, &event->order, key);
    status = store_batch_get(write->batch, write->store, SPACE_EVENT, slice_make(key, sizeof key),
                             write->arena, &record);
    if (status == STATUS_OK)
        return STATUS_CONFLICT;
    return status == STATUS_NOT_FOUND ? STATUS_OK : status;
}

/* A browser's message without a consent object is kept only where its device said yes to one of
 * two purposes. */
static enum status check_intake(struct people *people, struct ledger_write *write,
                                struct people_event *item)
{
    struct consent *consent;
    struct uuid node;
    if (!item->needs_consent)
        return STATUS_OK;
    enum status status = identity_device(people->identity, write, &item->event, &node);
    if (status == STATUS_OK)
        status = people_consent_of(people, write, node, &consent);
    if (status != STATUS_OK && status != STATUS_NOT_FOUND)
        return status;
    consent_stamp stamp = status == STATUS_OK ? consent_stamp_at(consent, write->now_ms) : 0;
    if (stamp_get(stamp, PURPOSE_MEASURE) == CONSENT_GRANTED ||
        stamp_get(stamp, PURPOSE_PERSONALISE) == CONSENT_GRANTED)
        return STATUS_OK;
    item->counted_only = true;
    return STATUS_CONFLICT;
}

static void put_event(struct ledger_write *write, const struct people_event *item)
{
    uint8_t key[EVENT_KEY_BYTES], seen[DEDUP_KEY_BYTES];
    struct buf value;
    struct slice record = arena_copy(write->arena, item->record);
    const struct event *event = &item->event;
    event_patch((uint8_t *)(uintptr_t)record.data, event);
    event_key(write->workspace, event->node, &event->order, key);
    store_batch_put(write->batch, write->store, SPACE_EVENT, slice_make(key, sizeof key), record);
    buf_init(&value, DEDUP_VALUE_BYTES);
    pack_u64(&value, (uint64_t)write->now_ms);
    pack_u64(&value, event->sequence);
    dedup_key(write->workspace, &event->order, seen);
    store_batch_put(write->batch, write->store, SPACE_DEDUP, slice_make(seen, sizeof seen),
                    buf_slice(&value));
    buf_done(&value);
    event_log_pack(event, write->log_value);
}

/* One node's consent before and after the message. */
struct learning_node {
    struct uuid node;
    struct consent *consent; /* NULL: not concerned */
    struct consent before;
    bool gates_changed;
    uint32_t renewed; /* purposes whose choices were told again; their row waits */
};

static enum status load_node(struct people *people, struct ledger_write *write,
                             struct learning_node *learning, bool is_new)
{
    if (is_new)
        add_no_consent(people, write->workspace, learning->node);
    enum status status = people_consent_of(people, write, learning->node, &learning->consent);
    if (status == STATUS_OK)
        learning->before = *learning->consent;
    return status;
}

/* A choice told again is in the log and waits; anything else is written with the message. */
static void keep_node(struct people *people, struct ledger_write *write,
                      struct learning_node *learning, bool changed)
{
    struct table_key key = table_key(write->workspace, 0, learning->node.bytes);
    if (!changed)
        return;
    learning->renewed = consent_renewed(&learning->before, learning->consent);
    if (learning->renewed && renewals_accept(&people->renewals, &key, learning->renewed))
        return;
    learning->renewed = 0;
    consent_put(write, learning->node, &learning->before, learning->consent, SLICE_NONE);
    learning->gates_changed = gates_differ(&learning->before, learning->consent);
}

static void renew_node(struct people *people, uint32_t workspace, struct uuid node,
                       const struct renewal *told)
{
    struct renewal renewal = *told;
    renewal.key = table_key(workspace, 0, node.bytes);
    if (renewal.purposes)
        renewals_add(&people->renewals, &renewal);
}

/* nodes[0] is the event's own; with a device beside it nodes[1], else that one is the event's. */
static void renew_nodes(struct people *people, struct ledger_write *write,
                        const struct event *event, const struct learning_node nodes[2])
{
    struct told_again told = {.home = nodes[0].renewed, .device = nodes[1].renewed};
    struct renewal renewal = {.order = event->order, .sequence = event->sequence};
    for (unsigned i = 0; i < 2; i++) {
        renewal.purposes = nodes[i].renewed;
        renew_node(people, write->workspace, nodes[i].node, &renewal);
    }
    told.device_node = nodes[1].node;
    if (uuid_equal(nodes[1].node, event->node))
        told = (struct told_again){.home = nodes[1].renewed};
    told_again_pack(&told, write->log_value);
}

/* The entry is taken back, and so is what it taught. */
static void unlearn(struct learning_node nodes[2])
{
    for (unsigned i = 2; i > 0; i--)
        if (nodes[i - 1].consent)
            *nodes[i - 1].consent = nodes[i - 1].before;
}

/* The message's own choices and ages, on the device and on whom it names; then its stamp, and what
 * the fold takes of it. */
static enum status learn_consent(struct people *people, struct ledger_write *write,
                                 struct people_event *item, const struct identity_outcome *outcome,
                                 struct learning_node nodes[2])
{
    struct event *event = &item->event;
    struct learning_node *home = &nodes[0], *device = &nodes[1];
    bool alone = uuid_equal(event->node, outcome->device);
    *home = (struct learning_node){.node = event->node};
    *device = (struct learning_node){.node = outcome->device};
    enum status status = load_node(people, write, device, outcome->device_is_new);
    if (status == STATUS_OK && !alone)
        status = load_node(people, write, home, outcome->home_is_new);
    if (status == STATUS_OK && !alone) /* the first may have left the cache for the second */
        status = people_consent_of(people, write, device->node, &device->consent);
    if (status != STATUS_OK)
        return status;
    if (alone && outcome->device_left_out) { /* nobody's choices on trackers stand in for its own */
        struct consent unknown;
        consent_init(&unknown);
        keep_node(people, write, device, consent_learn(device->consent, event));
        const struct consent joined = consent_join(&unknown, device->consent);
        event->stamp = consent_stamp_event(&joined, event, write->now_ms);
    } else if (alone) {
        keep_node(people, write, device, consent_learn(device->consent, event));
        event->stamp = consent_stamp_event(device->consent, event, write->now_ms);
    } else {
        keep_node(people, write, device, consent_learn_device(device->consent, event));
        keep_node(people, write, home, consent_learn(home->consent, event));
        const struct consent joined = consent_join(device->consent, home->consent);
        event->stamp = consent_stamp_event(&joined, event, write->now_ms);
    }
    item->part = people_part_of(device->consent, event->stamp, PURPOSE_PERSONALISE);
    return STATUS_OK;
}

static enum status touch_event(struct people *people, struct ledger_write *write,
                               const struct event *event, const struct identity_outcome *outcome,
                               const struct learning_node nodes[2])
{
    struct uuid root;
    enum status status = STATUS_OK;
    for (size_t i = 0; i < outcome->changed_count && status == STATUS_OK; i++)
        status = people_touch_around(people, write, outcome->changed[i]);
    for (size_t i = 0; i < 2 && status == STATUS_OK; i++)
        if (nodes[i].gates_changed)
            status = people_touch_around(people, write, nodes[i].node);
    if (status == STATUS_OK)
        status = identity_root_here(people->identity, write->workspace, event->node,
                                    event->order.time_ms, &root);
    if (status != STATUS_OK)
        return status;
    people_touch(people, write, event->node, SCOPE_DEVICE, false);
    people_touch(people, write, root, SCOPE_PERSON, false);
    return STATUS_OK;
}

static enum status record_event(void *context, struct ledger_entry *entry,
                                struct ledger_write *write)
{
    struct people *people = context;
    struct people_event *item = (struct people_event *)entry;
    struct identity_outcome outcome;
    struct learning_node nodes[2];
    size_t touches = people->touches.count;
    item->counted_only = false;
    item->event.sequence = write->sequence;
    enum status status = check_duplicate(write, &item->event);
    if (status == STATUS_OK)
        status = check_intake(people, write, item);
    if (status == STATUS_OK)
        status = check_imported(people, write, &item->event);
    if (status == STATUS_OK)
        status = identity_resolve(people->identity, write, &item->event, &outcome);
    if (status == STATUS_OK)
        status = learn_consent(people, write, item, &outcome, nodes);
    if (status != STATUS_OK)
        return status;
    put_event(write, item);
    status = touch_event(people, write, &item->event, &outcome, nodes);
    if (status != STATUS_OK) {
        people->touches.count = touches; /* its sequence goes to the next entry */
        unlearn(nodes);
        return status;
    }
    renew_nodes(people, write, &item->event, nodes);
    people_log_touches(people, write, item->event.node);
    return STATUS_OK;
}

static void applied_event(void *context, struct ledger_entry *entry)
{
    struct people *people = context;
    const struct people_event *item = (const struct people_event *)entry;
    people_apply_touches(people, entry, item);
    if (people->options.on_event)
        people->options.on_event(people->options.context, entry->workspace, &item->event);
}

static enum status replay_event(void *context, uint32_t workspace, uint64_t sequence,
                                struct slice log_value)
{
    struct arena arena;
    struct event_lesson lesson;
    struct slice rest;
    arena_init(&arena);
    enum status status = event_log_unpack(log_value, &arena, &lesson, &rest);
    arena_done(&arena);
    if (status != STATUS_OK)
        return status;
    struct unpack in = unpack_of(rest);
    const struct told_again told = told_again_unpack(&in);
    if (in.failed)
        return STATUS_CORRUPT;
    struct renewal renewal = {.order = lesson.order, .sequence = sequence};
    renewal.purposes = told.home;
    renew_node(context, workspace, lesson.node, &renewal);
    renewal.purposes = told.device;
    renew_node(context, workspace, told.device_node, &renewal);
    return people_replay_touches(context, workspace, sequence, lesson.node,
                                 slice_make(in.at, (size_t)(in.end - in.at)));
}

/* --- choices and unlinks ---------------------------------------------------------------------- */

static enum status record_consent(void *context, struct ledger_entry *entry,
                                  struct ledger_write *write)
{
    struct people *people = context;
    struct people_consent *item = (struct people_consent *)entry;
    struct consent *consent;
    struct uuid node;
    size_t touches = people->touches.count;
    enum status status = identity_mint(people->identity, write, &item->identifier, &node);
    if (status == STATUS_OK)
        status = people_consent_of(people, write, node, &consent);
    if (status != STATUS_OK)
        return status;
    struct consent before = *consent;
    bool changed = consent_apply(consent, &item->change);
    if (item->birth_day != INT32_MIN)
        changed |= consent_set_birth_day(consent, item->birth_day, &item->change.order);
    if (changed)
        consent_put(write, node, &before, consent, item->change.text);
    pack_uuid(write->log_value, node);
    if (gates_differ(&before, consent))
        status = people_touch_around(people, write, node);
    if (status != STATUS_OK) {
        people->touches.count = touches;
        *consent = before;
        return status;
    }
    people_log_touches(people, write, node);
    return STATUS_OK;
}

static void applied_other(void *context, struct ledger_entry *entry)
{
    people_apply_touches(context, entry, NULL);
}

static enum status replay_consent(void *context, uint32_t workspace, uint64_t sequence,
                                  struct slice log_value)
{
    struct unpack in = unpack_of(log_value);
    struct uuid node = unpack_uuid(&in);
    return people_replay_touches(context, workspace, sequence, node,
                                 slice_make(in.at, (size_t)(in.end - in.at)));
}

static enum status node_of(struct people *people, struct ledger_write *write,
                           const struct identifier *identifier, struct uuid *out_node)
{
    struct event event = {.identifiers = &(struct identifier){.type = identifier->type,
                                                              .name = identifier->name,
                                                              .value = identifier->value,
                                                              .proven = true},
                          .identifier_count = 1};
    return identity_home(people->identity, write, &event, out_node);
}

static enum status record_unlink(void *context, struct ledger_entry *entry,
                                 struct ledger_write *write)
{
    struct people *people = context;
    struct people_unlink *item = (struct people_unlink *)entry;
    struct uuid from, to;
    size_t before = people->touches.count;
    enum status status = node_of(people, write, &item->from, &from);
    if (status == STATUS_OK)
        status = node_of(people, write, &item->to, &to);
    if (status == STATUS_OK)
        status = people_touch_around(people, write, from);
    if (status == STATUS_OK)
        status = people_touch_around(people, write, to);
    if (status == STATUS_OK)
        status = identity_withdraw(people->identity, write, from, to);
    if (status != STATUS_OK) {
        people->touches.count = before;
        return status;
    }
    pack_text(write->log_value, slice_first(item->reason, CONSENT_TEXT_BYTES_MAX));
    people_log_touches(people, write, (struct uuid){0});
    return STATUS_OK;
}

static enum status replay_unlink(void *context, uint32_t workspace, uint64_t sequence,
                                 struct slice log_value)
{
    struct unpack in = unpack_of(log_value);
    unpack_text(&in);
    return people_replay_touches(context, workspace, sequence, (struct uuid){0},
                                 slice_make(in.at, (size_t)(in.end - in.at)));
}

/* --- write-back ------------------------------------------------------------------------------- */

struct write_back {
    struct store *store;
    struct store_batch *batch;
};

static size_t row_key(const struct table_key *key, uint8_t *out_key)
{
    struct uuid node;
    memcpy(node.bytes, key->bytes, sizeof node.bytes);
    profile_row_key(key->workspace, node, (enum scope)key->extra, out_key);
    return PROFILE_KEY_BYTES;
}

static void put_row(void *context, const struct table_key *key, struct slice bytes)
{
    struct write_back *back = context;
    uint8_t row[PROFILE_KEY_BYTES];
    size_t size = row_key(key, row);
    store_batch_put(back->batch, back->store, SPACE_PROFILE, slice_make(row, size), bytes);
}

static void remove_row(void *context, const struct table_key *key)
{
    struct write_back *back = context;
    uint8_t row[PROFILE_KEY_BYTES];
    struct slice stored = slice_make(row, row_key(key, row));
    if (store_may_hold(back->store, SPACE_PROFILE, stored))
        store_batch_delete(back->batch, back->store, SPACE_PROFILE, stored);
}

static void remove_all_rows(void *context)
{
    struct write_back *back = context;
    uint8_t from[STORE_KEY_PREFIX_BYTES], to[STORE_KEY_PREFIX_BYTES];
    memset(from, 0, sizeof from);
    memset(to, 0xff, sizeof to);
    struct store_range range = {.from = slice_make(from, sizeof from),
                                .to = slice_make(to, sizeof to)};
    store_batch_delete_range(back->batch, back->store, SPACE_PROFILE, &range);
}

/* A choice that waits is written unless its node went with an erasure. */
static enum status put_renewal(struct people *people, struct store_batch *batch,
                               const struct renewal *told)
{
    const struct consent *cached =
        (const struct consent *)aged_table_get(&people->consents, &told->key);
    struct consent consent;
    struct uuid node;
    memcpy(node.bytes, told->key.bytes, sizeof node.bytes);
    if (!cached) {
        enum status status = consent_load(people->store, told->key.workspace, node, &consent);
        if (status != STATUS_OK)
            return status;
        consent_renew(&consent, told->purposes, &told->order);
        cached = &consent;
    }
    if (consent_made(cached, told->purposes))
        consent_put_state(batch, people->store, &told->key, cached);
    return STATUS_OK;
}

struct putting {
    struct people *people;
    struct store_batch *batch;
};

static enum status visit_renewal(void *context, const struct renewal *told)
{
    const struct putting *putting = context;
    return put_renewal(putting->people, putting->batch, told);
}

enum status people_put_renewals(struct people *people, struct ledger_write *write)
{
    struct putting putting = {.people = people, .batch = write->batch};
    return renewals_each(&people->renewals, visit_renewal, &putting);
}

/* False while more wait. A row that is damaged stays as it is: who reads it is told. */
static bool write_renewals(struct people *people, struct store_batch *batch, uint64_t sequence)
{
    struct renewal told;
    for (size_t count = 0; count < WRITE_BACK_ROWS_MAX; count++) {
        if (!renewals_take(&people->renewals, sequence, &told))
            return true;
        if (put_renewal(people, batch, &told) != STATUS_OK)
            continue;
    }
    return false;
}

bool people_write_back(void *context, struct store_batch *batch, struct store *store,
                       uint64_t sequence)
{
    struct people *people = context;
    erase_pending_write(&people->pending, batch, store);
    if (!write_renewals(people, batch, sequence))
        return false;
    struct write_back back = {.store = store, .batch = batch};
    struct cache_writer writer = {.put = put_row,
                                  .remove = remove_row,
                                  .remove_all = remove_all_rows,
                                  .context = &back,
                                  .rows_max = WRITE_BACK_ROWS_MAX};
    return profile_cache_write_back(people->cache, &writer, sequence);
}

const struct ledger_kind people_event_kind = {.name = "event",
                                              .code = PEOPLE_KIND_EVENT,
                                              .record = record_event,
                                              .applied = applied_event,
                                              .replay = replay_event};
const struct ledger_kind people_consent_kind = {.name = "consent",
                                                .code = PEOPLE_KIND_CONSENT,
                                                .may_use_reserve = true,
                                                .record = record_consent,
                                                .applied = applied_other,
                                                .replay = replay_consent};
const struct ledger_kind people_unlink_kind = {.name = "unlink",
                                               .code = PEOPLE_KIND_UNLINK,
                                               .record = record_unlink,
                                               .applied = applied_other,
                                               .replay = replay_unlink};
