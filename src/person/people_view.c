/* Views: who asks, whether the gate opens, and then the folded profile. Any thread. */
#include "person/people_private.h"

#include "base/pack.h"

#include <assert.h>

/* --- who asks --------------------------------------------------------------------------------- */

struct asking {
    bool has_node, has_person;
    struct uuid node;   /* whose consent counts */
    struct uuid person; /* any node of the person that is asked for; with trust */
};

struct reading {
    struct people *people;
    const struct asker *asker;
    bool as_known;
    uint64_t sequence; /* the latest change read */
    struct arena *arena;
    struct node_reads reads;
};

static enum status find_optional(const struct reading *reading, const struct identifier *identifier,
                                 bool *out_found, struct uuid *out_node)
{
    *out_found = false;
    if (identifier->value.size == 0)
        return STATUS_OK;
    const struct identity_at at = {.store = reading->people->store,
                                   .workspace = reading->asker->workspace,
                                   .sequence = reading->sequence};
    enum status status = identity_find_as_known(&at, identifier, out_node);
    *out_found = status == STATUS_OK;
    return status == STATUS_NOT_FOUND ? STATUS_OK : status;
}

/* A stranger is the device of the anonymous id. With trust the user or the other identifier
 * names the person, and the device, where one is told, is still the one whose consent counts,
 * known or not. */
static enum status find_asker(const struct reading *reading, struct asking *out_asking)
{
    const struct asker *asker = reading->asker;
    struct asking asking = {0};
    if (!uuid_is_zero(asker->node)) {
        *out_asking = (struct asking){.has_node = true,
                                      .has_person = !uuid_is_zero(asker->person),
                                      .node = asker->node,
                                      .person = asker->person};
        return STATUS_OK;
    }
    bool trusted = asker->trust != ASKER_PUBLIC, has_user = false;
    struct uuid user = {0};
    const struct identifier device = {.type = IDENTIFIER_ANONYMOUS, .value = asker->anonymous_id};
    struct identifier named = {.type = IDENTIFIER_USER_ID, .value = asker->user_id};
    if (asker->user_id.size == 0 && asker->trust == ASKER_SECRET)
        named = asker->other;
    enum status status = find_optional(reading, &device, &asking.has_node, &asking.node);
    if (status == STATUS_OK && trusted)
        status = find_optional(reading, &named, &has_user, &user);
    if (status != STATUS_OK)
        return status;
    if (has_user) {
        asking.has_person = true;
        asking.person = user;
        if (device.value.size == 0) {
            asking.has_node = true;
            asking.node = user;
        }
    } else if (trusted && asking.has_node && named.value.size == 0) {
        asking.has_person = true;
        asking.person = asking.node;
    }
    *out_asking = asking;
    return STATUS_OK;
}

/* --- where states come from: the cache, or a fold as known at a sequence ---------------------- */

static struct fold_question question_of(struct reading *reading, struct uuid node, enum scope scope)
{
    return (struct fold_question){.workspace = reading->asker->workspace,
                                  .node = node,
                                  .scope = scope,
                                  .purpose = reading->asker->purpose,
                                  .now_ms = reading->asker->now_ms,
                                  .sequence = reading->sequence,
                                  .events_max = UINT64_MAX,
                                  .reads = &reading->reads};
}

static enum status read_card(struct reading *reading, struct uuid node, struct card *out_card)
{
    struct fold_question question = question_of(reading, node, SCOPE_CARD);
    if (reading->as_known)
        return people_card(reading->people, &question, out_card);
    enum status status = people_load_card(reading->people, &question, out_card);
    if (status == STATUS_OK && out_card->sequence > reading->sequence)
        reading->sequence = out_card->sequence;
    return status;
}

static enum status read_profile(struct reading *reading, struct uuid node, enum scope scope,
                                struct profile_row *out_row)
{
    struct fold_question question = question_of(reading, node, scope);
    if (reading->as_known || reading->asker->purpose != PURPOSE_PERSONALISE) {
        question.events_max =
            reading->as_known ? UINT64_MAX : reading->people->options.fold_events_at_once_max;
        return people_fold(reading->people, &question, reading->arena, out_row);
    }
    enum status status = people_load_profile(reading->people, &question, reading->arena, out_row);
    if (status == STATUS_OK && out_row->sequence > reading->sequence)
        reading->sequence = out_row->sequence;
    return status;
}

/* --- the view --------------------------------------------------------------------------------- */

static const struct profile *empty_profile(struct arena *arena)
{
    struct profile *profile = arena_alloc_unset(arena, sizeof *profile);
    profile_init(profile);
    return profile;
}

static void close_view(struct person_view *view, const struct asker *asker, struct arena *arena)
{
    *view = (struct person_view){.gate = GATE_UNKNOWN, .profile = empty_profile(arena)};
    view->level = profile_level(view->profile, asker->now_ms, NULL, NULL);
}

/* Soft opt-in asks whether the person bought: orders count where they are stored. */
static enum status is_buyer(struct reading *reading, struct uuid root, bool *out_buyer)
{
    struct fold_question question = question_of(reading, root, SCOPE_PERSON);
    struct profile_row row;
    question.everything = true;
    question.events_max = reading->people->options.fold_events_at_once_max;
    *out_buyer = false;
    if (!(purpose_about(reading->asker->purpose)->bases & BASIS_SOFT_OPT_IN))
        return STATUS_OK;
    struct profile *profile = arena_alloc_unset(reading->arena, sizeof *profile);
    enum status status = people_fold(reading->people, &question, reading->arena, &row);
    if (status == STATUS_TOO_LARGE)
        return STATUS_OK;
    if (status == STATUS_OK)
        status = profile_unpack(row.profile, profile);
    if (status == STATUS_OK)
        *out_buyer = profile->order_count > 0;
    return status;
}

/* What the call itself says counts as the node's newest choice; an objection stands above it. */
static void take_preferences(const struct asker *asker, enum purpose purpose,
                             struct consent *consent)
{
    enum consent_state said = stamp_get(asker->preferences, purpose);
    if (said != CONSENT_UNKNOWN)
        consent->purposes[purpose].state = said;
}

/* May the person be measured, by the same consent? */
static bool is_measurable(const struct asker *asker, struct consent *consent)
{
    const struct gate_question question = {
        .purpose = PURPOSE_MEASURE, .now_ms = asker->now_ms, .utc_offset_ms = asker->utc_offset_ms};
    take_preferences(asker, PURPOSE_MEASURE, consent);
    return gate_is_open(consent_gate(consent, &question));
}

static enum status ask_gate(struct reading *reading, const struct asking *asking,
                            struct uuid *out_root, struct person_view *view)
{
    struct card card, person;
    bool buyer = false;
    enum status status = read_card(reading, asking->node, &card);
    *out_root = card.root;
    if (status == STATUS_OK && asking->has_person && !uuid_equal(asking->person, asking->node)) {
        status = read_card(reading, asking->person, &person);
        for (unsigned i = 0; status == STATUS_OK && i < PURPOSE_COUNT; i++)
            card.consent.purposes[i].objected |= person.consent.purposes[i].objected;
        if (status == STATUS_OK && person.consent.birth_day > card.consent.birth_day)
            card.consent.birth_day = person.consent.birth_day;
        if (status == STATUS_OK) {
            card.consent.minor_declared |= person.consent.minor_declared;
            *out_root = person.root;
        }
    }
    take_preferences(reading->asker, reading->asker->purpose, &card.consent);
    if (status == STATUS_OK)
        status = is_buyer(reading, *out_root, &buyer);
    struct gate_question question = {.purpose = reading->asker->purpose,
                                     .now_ms = reading->asker->now_ms,
                                     .utc_offset_ms = reading->asker->utc_offset_ms,
                                     .buyer = buyer,
                                     .for_offer = reading->asker->for_offer};
    if (status == STATUS_OK)
        view->gate = consent_gate(&card.consent, &question);
    view->measurable = status == STATUS_OK && is_measurable(reading->asker, &card.consent);
    return status;
}

static enum status open_view(struct reading *reading, const struct asking *asking, struct uuid root,
                             struct person_view *view)
{
    bool whole = asking->has_person;
    struct profile_row row;
    struct profile *profile = arena_alloc_unset(reading->arena, sizeof *profile);
    enum status status = read_profile(reading, whole ? root : asking->node,
                                      whole ? SCOPE_PERSON : SCOPE_DEVICE, &row);
    if (status == STATUS_TOO_LARGE) {
        view->known = view->incomplete = true;
        return STATUS_OK;
    }
    if (status == STATUS_OK)
        status = profile_unpack(row.profile, profile);
    if (status != STATUS_OK)
        return status;
    view->known = row.known;
    view->open = true;
    view->profile = profile;
    view->level = profile_level(profile, reading->asker->now_ms, NULL, NULL);
    if (whole)
        view->person = row.name;
    return STATUS_OK;
}

/* Nobody we know, who grants the purpose in this very call: nothing is stored of them,
 * and what the call brings may count. */
static void open_newcomer(const struct asker *asker, struct person_view *view)
{
    struct consent consent;
    consent_init(&consent);
    take_preferences(asker, asker->purpose, &consent);
    const struct gate_question question = {.purpose = asker->purpose,
                                           .now_ms = asker->now_ms,
                                           .utc_offset_ms = asker->utc_offset_ms,
                                           .for_offer = asker->for_offer};
    view->gate = consent_gate(&consent, &question);
    view->open = stamp_get(asker->preferences, asker->purpose) == CONSENT_GRANTED &&
                 gate_is_open(view->gate);
}

static enum status read_view(struct reading *reading, struct person_view *out_view)
{
    struct asking asking;
    struct uuid root;
    struct person_view view;
    enum status status = find_asker(reading, &asking);
    if (status != STATUS_OK)
        return status;
    close_view(&view, reading->asker, reading->arena);
    if (asking.has_node) {
        view.node = asking.node;
        status = ask_gate(reading, &asking, &root, &view);
        if (status == STATUS_OK && gate_is_open(view.gate))
            status = open_view(reading, &asking, root, &view);
    } else {
        open_newcomer(reading->asker, &view);
    }
    view.sequence = reading->sequence;
    if (status == STATUS_OK)
        *out_view = view;
    return status;
}

/* What was read is exact at one sequence: when a writer came between two reads, all is read
 * again. */
enum status people_view(struct people *people, const struct asker *asker, struct arena *arena,
                        struct person_view *out_view)
{
    enum status status = STATUS_OK;
    for (unsigned tries = 0; tries < VIEW_TRIES_MAX; tries++) {
        uint64_t applied = atomic_load(&people->applied);
        struct reading reading = {.people = people,
                                  .asker = asker,
                                  .sequence = applied,
                                  .arena = arena,
                                  .reads = node_reads(people->store, asker->workspace, arena)};
        status = read_view(&reading, out_view);
        if (status != STATUS_OK || reading.sequence == applied)
            break;
    }
    return status;
}

enum status people_view_as_known(struct people *people, const struct asker *asker,
                                 uint64_t sequence, struct arena *arena,
                                 struct person_view *out_view)
{
    struct reading reading = {.people = people,
                              .asker = asker,
                              .as_known = true,
                              .sequence = sequence,
                              .arena = arena,
                              .reads = node_reads(people->store, asker->workspace, arena)};
    return read_view(&reading, out_view);
}

/* --- the call's own events -------------------------------------------------------------------- */

bool people_has_message(struct people *people, uint32_t workspace, const struct event_order *order,
                        uint64_t sequence)
{
    uint8_t key[DEDUP_KEY_BYTES];
    struct arena arena;
    struct slice value;
    bool stored = false;
    dedup_key(workspace, order, key);
    arena_init(&arena);
    if (store_get(people->store, SPACE_DEDUP, slice_make(key, sizeof key), &arena, &value) ==
        STATUS_OK) {
        struct unpack in = unpack_of(value);
        (void)unpack_u64(&in); /* when it was accepted */
        uint64_t stored_as = unpack_u64(&in);
        stored = !in.failed && stored_as <= sequence;
    }
    arena_done(&arena);
    return stored;
}

/* The call's events count as the latest, in their own order: what they would do if stored late
 * is not worth a re-fold. */
void people_view_with(const struct person_view *view, const struct event *events, size_t count,
                      struct arena *arena, struct person_view *out_view)
{
    struct profile *profile = arena_alloc_unset(arena, sizeof *profile);
    *profile = *view->profile;
    *out_view = *view;
    out_view->profile = profile;
    if (!view->open)
        return;
    const struct event **sorted = ARENA_ARRAY(arena, count, const struct event *);
    for (size_t i = 0; i < count; i++) {
        size_t at = i;
        while (at > 0 && event_order_compare(&events[i].order, &sorted[at - 1]->order) < 0) {
            sorted[at] = sorted[at - 1];
            at--;
        }
        sorted[at] = &events[i];
    }
    for (size_t i = 0; i < count; i++) {
        struct event event = *sorted[i];
        bool refused = event.has_preferences &&
                       stamp_get(event.preferences, PURPOSE_PERSONALISE) != CONSENT_GRANTED;
        bool stored = event_order_compare(&event.order, &profile->last) == 0;
        if (refused || stored)
            continue;
        if (event_order_compare(&event.order, &profile->last) < 0)
            event.order.time_ms = profile->last.time_ms + 1;
        profile_fold(profile, &event, FOLD_ALL, arena);
    }
}

/* --- bytes ------------------------------------------------------------------------------------ */

enum view_state { VIEW_CLOSED, VIEW_OPEN, VIEW_INCOMPLETE };
enum { VIEW_VERSION = 1 };

/* A closed view has one form, whoever asked and whyever: without consent nothing tells a known
 * visitor from an unknown one. */
void people_view_pack(const struct person_view *view, struct buf *buf)
{
    struct buf profile;
    enum view_state state = view->open         ? VIEW_OPEN
                            : view->incomplete ? VIEW_INCOMPLETE
                                               : VIEW_CLOSED;
    pack_u8(buf, VIEW_VERSION);
    pack_u8(buf, (uint8_t)state);
    if (state != VIEW_OPEN)
        return;
    buf_init(&profile, (size_t)2 * PROFILE_BYTES_MAX);
    profile_pack(view->profile, &profile);
    assert(!profile.overflowed);
    pack_u8(buf, (uint8_t)view->gate);
    pack_u8(buf, (uint8_t)view->level);
    pack_uuid(buf, view->person);
    pack_text(buf, buf_slice(&profile));
    buf_done(&profile);
}
