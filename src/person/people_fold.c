/* From the store into a profile: the spans of a device or a person, merged in fold order, gated
 * by the consent of each node. */
#include "person/people_private.h"

#include <assert.h>
#include <stdlib.h>

enum {
    FOLD_ARENA_BYTES_MAX = 256 << 10,
    PACKED_BYTES_MAX = 2 * PROFILE_BYTES_MAX,
    ORDER_OFFSET = STORE_KEY_PREFIX_BYTES + 16,
    ORDER_BYTES = EVENT_KEY_BYTES - ORDER_OFFSET
};

/* --- merging ---------------------------------------------------------------------------------- */

struct stream {
    struct store_iterator *iterator;
    uint8_t from[EVENT_KEY_BYTES], to[EVENT_KEY_BYTES];
    struct slice key, record;
    bool open;
};

static struct stream *earliest(struct stream *streams, size_t count)
{
    struct stream *first = NULL;
    for (size_t i = 0; i < count; i++)
        if (streams[i].open && (!first || memcmp(streams[i].key.data + ORDER_OFFSET,
                                                 first->key.data + ORDER_OFFSET, ORDER_BYTES) < 0))
            first = &streams[i];
    return first;
}

static void open_streams(struct store *store, uint32_t workspace, const struct person_spans *spans,
                         struct stream *streams)
{
    for (size_t i = 0; i < spans->count; i++) {
        struct stream *stream = &streams[i];
        const struct node_span *span = &spans->spans[i];
        event_key_from(workspace, span->node, span->from_ms, stream->from);
        event_key_from(workspace, span->node, span->to_ms, stream->to);
        struct store_range range = {.from = slice_make(stream->from, EVENT_KEY_BYTES),
                                    .to = slice_make(stream->to, EVENT_KEY_BYTES)};
        stream->iterator = store_iterate(store, SPACE_EVENT, &range);
        stream->open = store_next(stream->iterator, &stream->key, &stream->record);
    }
}

enum status people_each_event(struct store *store, uint32_t workspace,
                              const struct person_spans *spans, people_event_visitor *visit,
                              void *context)
{
    struct stream *streams = must_alloc_zero(spans->count, sizeof *streams), *first;
    enum status status = STATUS_OK;
    open_streams(store, workspace, spans, streams);
    while (status == STATUS_OK && (first = earliest(streams, spans->count))) {
        if (first->key.size != EVENT_KEY_BYTES)
            status = STATUS_CORRUPT;
        else
            status = visit(context, first->key, first->record);
        first->open = store_next(first->iterator, &first->key, &first->record);
    }
    for (size_t i = 0; i < spans->count; i++) {
        if (status == STATUS_OK)
            status = store_iterator_status(streams[i].iterator);
        store_iterator_close(streams[i].iterator);
    }
    free(streams);
    return status;
}

/* --- spans and consent ------------------------------------------------------------------------ */

/* What the question reads of nodes, at its sequence. */
static struct node_reads *reads_of(const struct fold_question *question, struct node_reads *own)
{
    struct node_reads *reads = question->reads ? question->reads : own;
    node_reads_at(reads, question->sequence);
    return reads;
}

static int compare_evidence(const void *a, const void *b)
{
    return link_compare(a, b);
}

/* Those that stand, in the order of their evidence. */
static struct link_list standing_links(const struct link_list *list, uint64_t sequence,
                                       struct arena *arena)
{
    struct link_list standing = {.links = ARENA_ARRAY(arena, list->count, struct link)};
    for (size_t i = 0; i < list->count; i++)
        if (link_stands(&list->links[i], sequence))
            standing.links[standing.count++] = list->links[i];
    if (standing.count > 1)
        qsort(standing.links, standing.count, sizeof *standing.links, compare_evidence);
    return standing;
}

/* When the node came into the hands it is in at now, and when a link already known will change
 * that. */
static enum status hands_of(struct node_reads *reads, int64_t now_ms, struct uuid node,
                            int64_t *out_since_ms, int64_t *out_until_ms)
{
    struct link_list list;
    const struct link *since = NULL;
    *out_since_ms = INT64_MIN;
    enum status status = node_reads_links(reads, node, false, &list);
    if (status != STATUS_OK || list.count == 0)
        return status;
    list = standing_links(&list, reads->at.sequence, reads->arena);
    for (size_t i = 0; i < list.count; i++) {
        const struct link *link = &list.links[i];
        if (link->valid_from_ms > now_ms) {
            if (link->valid_from_ms < *out_until_ms)
                *out_until_ms = link->valid_from_ms;
            break;
        }
        if (!since || !uuid_equal(since->to, link->to))
            since = link;
    }
    if (since)
        *out_since_ms = since->valid_from_ms;
    return STATUS_OK;
}

static enum status spans_of(struct node_reads *reads, const struct fold_question *question,
                            struct arena *arena, struct person_spans *out_spans,
                            struct profile_row *row)
{
    row->from_ms = INT64_MIN;
    row->valid_until_ms = INT64_MAX;
    if (question->scope == SCOPE_PERSON) {
        struct link_source source = node_reads_source(reads);
        return graph_spans(&source, question->node, arena, out_spans);
    }
    enum status status =
        hands_of(reads, question->now_ms, question->node, &row->from_ms, &row->valid_until_ms);
    struct node_span *span = ARENA_NEW(arena, struct node_span);
    *span = (struct node_span){.node = question->node, .from_ms = row->from_ms, .to_ms = INT64_MAX};
    *out_spans = (struct person_spans){.spans = span, .count = 1};
    return status;
}

/* Age is asked for the whole person, when a view is asked for (people_card). */
enum part people_part_of(const struct consent *consent, consent_stamp stamp, enum purpose purpose)
{
    struct consent ageless = *consent;
    struct gate_question gate = {.purpose = purpose};
    ageless.birth_day = INT32_MIN;
    ageless.minor_declared = false;
    enum gate_answer answer = consent_gate(&ageless, &gate);
    if (answer == GATE_BASIS)
        return PART_ALL;
    if (answer != GATE_GRANTED)
        return PART_NONE;
    return stamp_get(stamp, purpose) == CONSENT_GRANTED ? PART_ALL : PART_TRADE;
}

/* --- folding ---------------------------------------------------------------------------------- */

struct folding {
    const struct fold_question *question;
    const struct person_spans *spans;
    enum part *granted, *stamped; /* by span: part of an event without and with a granted stamp */
    struct profile profile;
    struct arena arenas[2], scratch; /* the profile's text lies in one of the two */
    unsigned current;
    uint64_t event_count;
    bool known, full;
};

/* The text of values long replaced is left behind: what the fold needs is in the packed bytes. */
static enum status move_profile(struct folding *folding)
{
    struct buf packed;
    unsigned other = 1 - folding->current;
    buf_init(&packed, PACKED_BYTES_MAX);
    profile_pack(&folding->profile, &packed);
    assert(!packed.overflowed);
    arena_reset(&folding->arenas[other]);
    struct slice bytes = arena_copy(&folding->arenas[other], buf_slice(&packed));
    enum status status = profile_unpack(bytes, &folding->profile);
    folding->current = other;
    buf_done(&packed);
    return status;
}

/* node: whose choices on trackers count for the event, one of the person's. */
static enum part part_on(const struct folding *folding, struct uuid node, consent_stamp stamp)
{
    enum purpose purpose = folding->question->purpose;
    bool granted = stamp_get(stamp, purpose) == CONSENT_GRANTED;
    if (folding->question->everything)
        return PART_ALL;
    for (size_t i = 0; i < folding->spans->count; i++)
        if (uuid_equal(folding->spans->spans[i].node, node))
            return granted ? folding->stamped[i] : folding->granted[i];
    return PART_NONE;
}

static enum status fold_record(void *context, struct slice key, struct slice record)
{
    (void)key;
    struct folding *folding = context;
    struct event event;
    if (folding->full || event_record_sequence(record) > folding->question->sequence)
        return STATUS_OK;
    folding->known = true;
    if (++folding->event_count > folding->question->events_max)
        return STATUS_TOO_LARGE;
    arena_reset(&folding->scratch);
    enum status status = event_unpack(record, &folding->scratch, &event);
    if (status != STATUS_OK)
        return status;
    enum part part = part_on(folding, event.device_node, event.stamp);
    if (part == PART_NONE)
        return STATUS_OK;
    profile_fold(&folding->profile, &event, part == PART_ALL ? FOLD_ALL : FOLD_ORDERS_AND_BASKET,
                 &folding->arenas[folding->current]);
    folding->full = folding->profile.event_count > PERSON_EVENTS_MAX;
    if (folding->arenas[folding->current].used_bytes > FOLD_ARENA_BYTES_MAX)
        return move_profile(folding);
    return STATUS_OK;
}

static enum status ask_nodes(struct node_reads *reads, struct folding *folding, struct arena *arena)
{
    size_t count = folding->spans->count;
    const consent_stamp granted = stamp_set(0, folding->question->purpose, CONSENT_GRANTED);
    folding->granted = ARENA_ARRAY(arena, count, enum part);
    folding->stamped = ARENA_ARRAY(arena, count, enum part);
    for (size_t i = 0; i < count; i++) {
        const struct consent *consent;
        enum status status = node_reads_consent(reads, folding->spans->spans[i].node, &consent);
        if (status != STATUS_OK)
            return status;
        folding->granted[i] = people_part_of(consent, 0, folding->question->purpose);
        folding->stamped[i] = people_part_of(consent, granted, folding->question->purpose);
    }
    return STATUS_OK;
}

/* Goes on where an earlier fold of the question ended: its events are passed over. */
static enum status begin_fold(struct folding *folding, struct person_spans *spans)
{
    const struct fold_question *question = folding->question;
    profile_init(&folding->profile);
    if (!question->begun)
        return STATUS_OK;
    for (size_t i = 0; i < spans->count; i++) {
        struct node_span *span = &spans->spans[i];
        int64_t from_ms =
            question->begun_until_ms < span->to_ms ? question->begun_until_ms : span->to_ms;
        span->from_ms = span->from_ms < from_ms ? from_ms : span->from_ms;
    }
    folding->known = question->begun->known;
    enum status status = profile_unpack(question->begun->profile, &folding->profile);
    folding->full = folding->profile.event_count > PERSON_EVENTS_MAX;
    return status;
}

static void finish_row(struct folding *folding, struct arena *arena, struct profile_row *out_row)
{
    struct buf packed;
    buf_init(&packed, PACKED_BYTES_MAX);
    profile_pack(&folding->profile, &packed);
    assert(!packed.overflowed);
    out_row->profile = arena_copy(arena, buf_slice(&packed));
    out_row->known = folding->known;
    out_row->events_folded = folding->event_count;
    out_row->sequence = folding->question->sequence;
    out_row->name = folding->spans->name;
    buf_done(&packed);
}

static enum status fold_spans(struct people *people, struct folding *folding, struct arena *arena,
                              struct profile_row *out_row)
{
    const struct fold_question *question = folding->question;
    struct node_reads own = node_reads(people->store, question->workspace, arena);
    struct node_reads *reads = reads_of(question, &own);
    struct person_spans spans;
    struct profile_row row = {0};
    folding->spans = &spans;
    enum status status = spans_of(reads, question, arena, &spans, &row);
    if (status == STATUS_OK)
        status = ask_nodes(reads, folding, arena);
    if (status == STATUS_OK)
        status = begin_fold(folding, &spans);
    if (status == STATUS_OK)
        status =
            people_each_event(people->store, question->workspace, &spans, fold_record, folding);
    if (status == STATUS_OK) {
        finish_row(folding, arena, &row);
        *out_row = row;
    }
    return status;
}

enum status people_fold(struct people *people, const struct fold_question *question,
                        struct arena *arena, struct profile_row *out_row)
{
    struct folding *folding = must_alloc_zero(1, sizeof *folding);
    arena_init(&folding->arenas[0]);
    arena_init(&folding->arenas[1]);
    arena_init(&folding->scratch);
    folding->question = question;
    enum status status = fold_spans(people, folding, arena, out_row);
    if (status == STATUS_OK) {
        atomic_fetch_add(question->begun ? &people->continued : &people->folds, 1);
        if (folding->profile.robot)
            atomic_fetch_add(&people->robots, 1);
    }
    arena_done(&folding->arenas[0]);
    arena_done(&folding->arenas[1]);
    arena_done(&folding->scratch);
    free(folding);
    return status;
}

/* --- cards ------------------------------------------------------------------------------------ */

/* An objection or an age told on any node of the person counts on all. */
static void lay_over(struct consent *consent, const struct consent *other)
{
    for (unsigned i = 0; i < PURPOSE_COUNT; i++)
        if (other->purposes[i].objected && !consent->purposes[i].objected) {
            consent->purposes[i].objected = true;
            consent->purposes[i].objected_order = other->purposes[i].objected_order;
        }
    if (other->birth_day != INT32_MIN && other->birth_day > consent->birth_day) {
        consent->birth_day = other->birth_day; /* the youngest of what was said */
        consent->birth_order = other->birth_order;
    }
    if (other->minor_declared && !consent->minor_declared) {
        consent->minor_declared = true;
        consent->minor_order = other->minor_order;
    }
}

static enum status root_of(struct node_reads *reads, const struct fold_question *question,
                           struct card *card)
{
    int64_t since_ms;
    struct uuid node = question->node;
    struct link_source source = node_reads_source(reads);
    card->valid_until_ms = INT64_MAX;
    enum status status = graph_root(&source, node, question->now_ms, &card->root);
    for (unsigned hops = 0; status == STATUS_OK && hops < HOPS_MAX; hops++) {
        struct link_list list;
        status = hands_of(reads, question->now_ms, node, &since_ms, &card->valid_until_ms);
        if (status == STATUS_OK)
            status = node_reads_links(reads, node, false, &list);
        if (status != STATUS_OK ||
            !identity_owner_at(list.links, list.count, question->now_ms, question->sequence, &node))
            break;
    }
    return status;
}

static enum status make_card(struct node_reads *reads, const struct fold_question *question,
                             struct card *card)
{
    struct person_spans spans = {0};
    struct link_source source = node_reads_source(reads);
    const struct consent *consent;
    enum status status = node_reads_consent(reads, question->node, &consent);
    if (status == STATUS_OK) {
        card->consent = *consent;
        status = root_of(reads, question, card);
    }
    if (status == STATUS_OK)
        status = graph_spans(&source, card->root, reads->arena, &spans);
    for (size_t i = 0; status == STATUS_OK && i < spans.count; i++) {
        status = node_reads_consent(reads, spans.spans[i].node, &consent);
        if (status == STATUS_OK)
            lay_over(&card->consent, consent);
    }
    return status;
}

enum status people_card(struct people *people, const struct fold_question *question,
                        struct card *out_card)
{
    struct arena arena;
    struct card card = {.sequence = question->sequence};
    arena_init(&arena);
    struct node_reads own = node_reads(people->store, question->workspace, &arena);
    enum status status = make_card(reads_of(question, &own), question, &card);
    if (status == STATUS_OK)
        *out_card = card;
    arena_done(&arena);
    return status;
}
