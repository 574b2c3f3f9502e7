/* POST /v1/decide: who, what is known of them for this purpose, what the models say, what is
 * chosen, on record, answered. */
#include "api/activity.h"
#include "api/api.h"
#include "api/canonical.h"
#include "api/decide_call.h"
#include "api/decide_details.h"
#include "api/evidence.h"
#include "api/moment_card.h"
#include "api/parcel.h"
#include "api/person_facts.h"
#include "api/sightings.h"

#include "base/clock.h"
#include "base/hash.h"
#include "base/pack.h"
#include "base/random.h"
#include "base/zone.h"

enum { ANSWER_BYTES_EXPECTED = 4000 };

/* One call; in the request's arena. */
struct deciding {
    struct api *api;
    struct http_request *request;
    struct caller *caller;
    struct decide_call call;
    struct asker asker;
    bool contextual; /* nothing names a person, or nothing may be read of them */
    const struct catalog_snapshot *catalog;
    const struct learn_snapshot *learned;
    const struct assortment *assortment;
    struct habits_pin habits;
    struct blend_weights blend;
    bool blend_learned;
    struct parcel *parcel;
    struct person_view view;
    struct decide_input input;
    struct outcome outcome;
};

/* --- who is asking ---------------------------------------------------------------------------- */

static struct asker find_asker(const struct deciding *deciding, int64_t now_ms)
{
    const struct decide_call *call = &deciding->call;
    const struct caller *caller = deciding->caller;
    struct asker asker = {.workspace = caller->workspace->id,
                          .trust = ASKER_PUBLIC,
                          .anonymous_id = call->anonymous_id,
                          .purpose = PURPOSE_PERSONALISE,
                          .now_ms = now_ms,
                          .utc_offset_ms =
                              MS_PER_MINUTE *
                              (int64_t)zone_offset_minutes(caller->workspace->timezone, now_ms)};
    if (caller->key->secret)
        asker.trust = ASKER_SECRET;
    else if (call->user_id.size && call->signature &&
             api_signature_valid(caller, call->signature, call->user_id, call->anonymous_id,
                                 now_ms))
        asker.trust = ASKER_SIGNED;
    if (asker.trust != ASKER_PUBLIC)
        asker.user_id = call->user_id;
    if (asker.trust == ASKER_SECRET && call->email.size)
        asker.other = (struct identifier){IDENTIFIER_EMAIL, SLICE("email"), call->email, true};
    return asker;
}

static bool names_nobody(const struct asker *asker)
{
    return asker->anonymous_id.size == 0 && asker->user_id.size == 0 &&
           asker->other.value.size == 0;
}

/* --- the call's own events -------------------------------------------------------------------- */

/* A message of a call speaks for the call's user unless it says otherwise. */
static const struct json *with_user(struct deciding *deciding, const struct json *message)
{
    struct arena *arena = deciding->request->arena;
    const struct slice ids[] = {deciding->call.anonymous_id, deciding->call.user_id};
    static const char *const names[] = {"anonymousId", "userId"};
    struct json *copy = ARENA_NEW(arena, struct json);
    *copy = *message;
    copy->members = ARENA_ARRAY(arena, message->count + 2, struct json_member);
    if (message->count)
        memcpy(copy->members, message->members, message->count * sizeof *copy->members);
    for (size_t i = 0; i < 2; i++) {
        if (ids[i].size == 0 || json_get(message, names[i]))
            continue;
        copy->members[copy->count++] =
            (struct json_member){slice_of(names[i]), {.kind = JSON_STRING, .text = ids[i]}};
    }
    return copy;
}

static void take_event(struct deciding *deciding, const struct intake *intake,
                       const struct json *message)
{
    if (!json_is(message, JSON_OBJECT))
        return;
    struct intake_input input = {.message = with_user(deciding, message)};
    struct intake_output output;
    struct diag diag = {0};
    enum intake_result result =
        intake_message(intake, &input, deciding->request->arena, &output, &diag);
    if (result == INTAKE_KEPT)
        parcel_add(deciding->parcel, &output);
    else if (result == INTAKE_REFUSED)
        atomic_fetch_add_explicit(&deciding->api->counts.messages_refused, 1, memory_order_relaxed);
}

/* What the call says of consent counts for the call, with or without events. */
static void take_events(struct deciding *deciding)
{
    const struct json *events = deciding->call.events;
    size_t count = events ? events->count : 0;
    deciding->parcel = parcel_new(count);
    if (names_nobody(&deciding->asker))
        return;
    struct intake_context context = {.api = deciding->api,
                                     .catalog = deciding->catalog,
                                     .caller = deciding->caller,
                                     .now_ms = deciding->asker.now_ms};
    struct intake intake;
    api_intake(&context, deciding->request, &intake);
    deciding->asker.preferences =
        intake_call_preferences(&intake, deciding->call.context, deciding->request->arena);
    intake.in_request = true;
    intake.batch_context = deciding->call.context;
    for (size_t i = 0; i < count; i++)
        take_event(deciding, &intake, &events->elements[i]);
}

/* --- what may be read ------------------------------------------------------------------------- */

static void read_person(struct deciding *deciding)
{
    struct arena *arena = deciding->request->arena;
    struct decide_person *person = &deciding->input.person;
    person->basis = SLICE("contextual");
    if (names_nobody(&deciding->asker)) {
        deciding->contextual = true;
        return;
    }
    struct person_view stored;
    enum status status =
        people_view(deciding->api->engine->people, &deciding->asker, arena, &stored);
    if (status != STATUS_OK) { /* a damaged or unreadable person must not cost the shop its page */
        deciding->contextual = true;
        return;
    }
    parcel_skip_stored(deciding->parcel, deciding->api->engine->people, deciding->asker.workspace,
                       stored.sequence);
    struct event events[CALL_EVENTS_MAX];
    size_t count = parcel_events(deciding->parcel, events, CALL_EVENTS_MAX);
    people_view_with(&stored, events, count, arena, &deciding->view);
    person_facts(&deciding->view, deciding->asker.now_ms, arena, person);
}

static void read_moment(struct deciding *deciding)
{
    const struct workspace *workspace = deciding->caller->workspace;
    struct moment *moment = &deciding->input.moment;
    *moment = deciding->call.moment;
    moment->now_ms = deciding->asker.now_ms;
    if (moment->locale == LOCALE_COUNT)
        moment->locale = workspace->locale;
    struct slice zone =
        zone_exists(deciding->call.timezone) ? deciding->call.timezone : workspace->timezone;
    moment->utc_offset_minutes = zone_offset_minutes(zone, moment->now_ms);
}

/* --- experiments ------------------------------------------------------------------------------ */

/* Who may be recognised and measured has an arm in each measured placement: always the same one,
 * drawn for the person where a signed user or a secret key names one, else for the device. Who is
 * new with this very call has none yet; robots never have one. */
static void draw_arms(struct deciding *deciding)
{
    const struct person_view *view = &deciding->view;
    struct moment *moment = &deciding->input.moment;
    struct uuid person = uuid_is_zero(view->person) ? view->node : view->person;
    if (!deciding->input.person.personal || !view->measurable || uuid_is_zero(person) ||
        view->profile->robot)
        return;
    struct wish *wishes = ARENA_ARRAY(deciding->request->arena, moment->wish_count, struct wish);
    for (size_t i = 0; i < moment->wish_count; i++) {
        wishes[i] = moment->wishes[i];
        const struct placement *placement =
            policy_find(deciding->input.policy, wishes[i].placement);
        if (!placement || placement->stopped)
            continue;
        wishes[i].arm = objective_arm(&placement->objective, placement->id, person);
        wishes[i].arm_share = objective_arm_share(&placement->objective, wishes[i].arm);
    }
    moment->wishes = wishes;
}

/* --- choosing --------------------------------------------------------------------------------- */

static struct locale_wish shopper_locale(const struct deciding *deciding)
{
    return (struct locale_wish){.asked = json_get_text(deciding->call.context, "locale"),
                                .workspace =
                                    slice_of(locale_name(deciding->caller->workspace->locale))};
}

/* Who is beyond the page's budget shows once the placements before are decided. Each round marks
 * more wishes; a second is rare, a third needs a deadline that changed what was gathered. */
static void choose_within_budget(const struct evidence_source *source, struct decide_input *input,
                                 struct arena *arena, struct outcome *out_outcome)
{
    struct decide_input asked = *input;
    do {
        *input = asked;
        evidence_gather(source, input, arena);
        decide_trim(input, arena);
        decide_run(input, arena, out_outcome);
    } while (page_budget_mark(&asked, out_outcome, arena));
}

static void choose(struct deciding *deciding)
{
    struct arena *arena = deciding->request->arena;
    struct decide_input *input = &deciding->input;
    struct evidence_source source = {.catalog = deciding->catalog,
                                     .learned = deciding->learned,
                                     .assortment = deciding->assortment,
                                     .habits = deciding->habits,
                                     .blend = deciding->blend_learned ? &deciding->blend : NULL,
                                     .deadline_us = deciding->request->received_us +
                                                    1000ULL * input->moment.deadline_ms,
                                     .locale = shopper_locale(deciding),
                                     .moves = &deciding->caller->workspace->category_map};
    canonical_moment(&source, &input->moment, arena);
    canonical_person(&source, &input->person, arena);
    if (input->person.personal)
        person_evidence(&deciding->view, deciding->asker.now_ms, arena, &source);
    input->policy = deciding->caller->workspace->policy;
    input->seed = random_seed();
    input->call = decision_call(uuid_new());
    draw_arms(deciding);
    choose_within_budget(&source, input, arena, &deciding->outcome);
}

static void keep_record(struct deciding *deciding, struct slice answer)
{
    struct buf events; /* the call's own words: what it said of consent, and its events */
    buf_init(&events, DECISION_RECORD_BYTES_MAX);
    pack_uint(&events, deciding->asker.preferences);
    parcel_pack(deciding->parcel, &events);
    struct decision_record record = {
        .input = deciding->input,
        .policy_version = deciding->input.policy->version,
        .sequence = deciding->contextual ? ledger_sequence(deciding->api->engine->ledger)
                                         : deciding->view.sequence,
        .asker_trust = (uint8_t)deciding->asker.trust,
        .answer_hash = hash64(answer),
    };
    if (deciding->input.person.personal) {
        record.asker_node = deciding->view.node;
        record.asker_person = deciding->view.person;
        record.call_events = buf_slice(&events);
        for (size_t i = 0; i < deciding->outcome.decision_count; i++)
            record.explored |= (uint32_t)deciding->outcome.decisions[i].explored << i;
    }
    decisions_put(deciding->api->engine->decisions, deciding->api->engine->people,
                  deciding->asker.workspace, &record, deciding->parcel);
    buf_done(&events);
}

/* --- telling ---------------------------------------------------------------------------------- */

static void tell_moments(struct deciding *deciding)
{
    if (!moments_wanted(deciding->api->moments, deciding->request->received_us))
        return;
    const struct moment_card told = {.input = &deciding->input,
                                     .outcome = &deciding->outcome,
                                     .catalog = deciding->catalog,
                                     .locale = deciding->caller->workspace->locale,
                                     .node = deciding->view.node};
    for (size_t i = 0; i < deciding->outcome.decision_count; i++) {
        struct buf card;
        buf_init(&card, 65536);
        struct json_out out = json_out(&card);
        json_object(&out);
        moment_card_write(&told, i, &out);
        if (json_get_bool(deciding->call.context, "simulated", false))
            JSON_BOOL_MEMBER(&out, "simulated", true);
        json_end(&out);
        if (!card.overflowed)
            moments_tell(deciding->api->moments, deciding->asker.workspace, buf_slice(&card));
        buf_done(&card);
    }
}

static void count_decisions(struct deciding *deciding)
{
    struct api_counts *counts = &deciding->api->counts;
    size_t personalised = 0, fallback = 0;
    for (size_t i = 0; i < deciding->outcome.decision_count; i++) {
        personalised += deciding->outcome.decisions[i].personalised;
        fallback += deciding->outcome.decisions[i].fallback.size > 0;
    }
    activity_note(deciding->api->activity, deciding->asker.workspace, deciding->asker.now_ms,
                  &deciding->outcome);
    sightings_page(deciding->api->sightings, deciding->asker.workspace,
                   deciding->input.moment.page_type, deciding->asker.now_ms);
    atomic_fetch_add_explicit(&counts->decisions, deciding->outcome.decision_count,
                              memory_order_relaxed);
    atomic_fetch_add_explicit(&counts->decisions_personalised, personalised, memory_order_relaxed);
    atomic_fetch_add_explicit(&counts->decisions_fallback, fallback, memory_order_relaxed);
}

/* {"decisions":[…]} and, for secret keys only, "person". */
static void add_person(const struct deciding *deciding, struct buf *body)
{
    if (deciding->asker.trust != ASKER_SECRET || uuid_is_zero(deciding->view.person))
        return;
    char id[UUID_TEXT_SIZE + 1];
    uuid_format(deciding->view.person, id);
    body->size--; /* the closing brace */
    buf_format(body, ",\"person\":{\"id\":\"%s\",\"level\":%u}}", id, deciding->view.level);
}

static void run(struct deciding *deciding, struct buf *body)
{
    take_events(deciding);
    read_moment(deciding);
    read_person(deciding);
    choose(deciding);
    decide_write_answer(&deciding->input, &deciding->outcome, body);
    count_decisions(deciding);
    tell_moments(deciding);
    keep_record(deciding, buf_slice(body)); /* takes the call's events with it */
    add_person(deciding, body);
    if (deciding->call.details) {
        struct locale_wish locale = shopper_locale(deciding);
        decide_details_add(&deciding->outcome, deciding->catalog, &locale, body);
    }
}

static void decide(struct deciding *deciding)
{
    struct http_request *request = deciding->request;
    struct engine *engine = deciding->api->engine;
    struct buf body;
    buf_init(&body, HTTP_RESPONSE_BYTES_MAX);
    (void)buf_reserve(&body, ANSWER_BYTES_EXPECTED);
    deciding->asker = find_asker(deciding, clock_now_ms());
    deciding->catalog = catalog_pin(engine->catalog, deciding->asker.workspace);
    deciding->learned = learning_pin(engine->learning, deciding->asker.workspace);
    deciding->blend_learned =
        learning_blend(engine->learning, deciding->asker.workspace, &deciding->blend);
    deciding->habits = learning_pin_habits(engine->learning, deciding->asker.workspace);
    deciding->assortment = assortments_pin(engine->assortments, deciding->asker.workspace);
    run(deciding, &body);
    if (deciding->learned)
        learn_unpin(deciding->learned);
    habits_unpin(deciding->habits);
    assortment_unpin(deciding->assortment);
    catalog_unpin(deciding->catalog);
    api_leave(deciding->caller);
    api_answer_page(request, &body); /* last: the request's arena may die with it */
    buf_done(&body);
}

void api_decide(void *context, struct http_request *request)
{
    struct deciding *deciding = ARENA_NEW(request->arena, struct deciding);
    deciding->api = context;
    deciding->request = request;
    const struct json *body;
    struct diag diag = {0};
    if (!api_body(request, &body))
        return;
    deciding->caller = api_enter(deciding->api, request, json_get_text(body, "writeKey"));
    if (!deciding->caller)
        return;
    if (decide_call_read(body, request->arena, &deciding->call, &diag) == STATUS_OK) {
        decide(deciding);
        return;
    }
    api_leave(deciding->caller);
    http_problem(request, STATUS_INVALID, &diag);
}
