#include "api/measured_event.h"

#include "api/measured_call.h"
#include "base/json.h"
#include "decide/decide.h"
#include "person/identity.h"

#include <math.h>

/* --- whose ------------------------------------------------------------------------------------ */

struct owners {
    struct join_person people[PERSON_NODES_MAX + 1];
    size_t count;
};

static bool has_owner(const struct owners *owners, struct uuid node)
{
    for (size_t i = 0; i < owners->count; i++)
        if (uuid_equal(owners->people[i].node, node))
            return true;
    return false;
}

/* All nodes of the person as known when the event came, and the device it came from. */
static void find_owners(const struct measured_event *measured, struct owners *owners)
{
    const struct event *event = measured->event;
    const struct identity_at at = {measured->store, measured->workspace, event->sequence};
    struct person_spans spans = {0};
    struct uuid root;
    enum status status = identity_root(&at, event->node, event->order.time_ms, &root);
    if (status == STATUS_OK)
        status = identity_spans(&at, root, measured->arena, &spans);
    owners->count = 0;
    for (size_t i = 0; status == STATUS_OK && i < spans.count && i < PERSON_NODES_MAX; i++)
        owners->people[owners->count++] =
            (struct join_person){spans.spans[i].node, spans.spans[i].from_ms, spans.spans[i].to_ms};
    if (owners->count == 0)
        owners->people[owners->count++] = (struct join_person){event->node, INT64_MIN, INT64_MAX};
    if (!uuid_is_zero(event->device_node) && !has_owner(owners, event->device_node))
        owners->people[owners->count++] =
            (struct join_person){event->device_node, INT64_MIN, INT64_MAX};
}

/* --- clicks and sights ------------------------------------------------------------------------ */

bool event_names_decision(const struct event *event, struct arena *arena, struct uuid *out_decision)
{
    static const char *const paths[] = {"properties.decisionId", "properties.decision_id",
                                        "context.decisionId"};
    if (event->act != ACT_CLICK_ITEM && event->act != ACT_VIEW_LIST && event->act != ACT_EXPOSURE)
        return false;
    if (event->message.size == 0 ||
        !memmem(event->message.data, event->message.size, "decision", sizeof "decision" - 1))
        return false;
    const struct json *message;
    struct diag diag = {0};
    if (json_parse(arena, event->message, &message, &diag) != STATUS_OK)
        return false;
    for (size_t i = 0; i < sizeof paths / sizeof *paths; i++)
        if (uuid_parse(json_text(json_at(message, paths[i])), out_decision))
            return true;
    return false;
}

/* Does the decision belong to whom the event came from? */
static bool is_theirs(const struct measured_event *measured, struct uuid person)
{
    struct owners owners;
    if (uuid_equal(measured->event->node, person) ||
        uuid_equal(measured->event->device_node, person))
        return true;
    find_owners(measured, &owners);
    return has_owner(&owners, person);
}

static void take_mark(const struct measured_event *measured, struct uuid id, struct join *join)
{
    struct decision_record record;
    size_t index = decision_index(id);
    if (decisions_get(measured->decisions, measured->workspace, id, measured->arena, &record) !=
            STATUS_OK ||
        index >= record.input.moment.wish_count)
        return;
    const struct wish *wish = &record.input.moment.wishes[index];
    struct uuid person = measured_person(&record);
    if (wish->arm == ARM_NONE || !is_theirs(measured, person))
        return;
    struct join_mark mark = {.placement = wish->placement,
                             .person = person,
                             .decision = hash64(slice_make(id.bytes, sizeof id.bytes)),
                             .explored = record.explored >> index & 1,
                             .time_ms = measured->event->order.time_ms};
    join_see(join, &mark); /* who clicks has seen */
    if (measured->event->act == ACT_CLICK_ITEM)
        join_click(join, &mark);
}

/* --- outcomes --------------------------------------------------------------------------------- */

/* An order is the same whoever tells of it; anything else is its message. */
static uint64_t key_of(const struct event *event)
{
    if (event->order_id.size == 0)
        return hash64(slice_make(event->order.message.bytes, sizeof event->order.message.bytes));
    return hash64(event->order_id) ^ UINT64_C(0x6f72646572); /* "order" */
}

static double revenue_of(const struct event *event)
{
    if (event->revenue_minor != INT64_MIN)
        return (double)event->revenue_minor;
    double sum = 0;
    for (size_t i = 0; i < event->item_count; i++)
        if (event->items[i].price_minor >= 0)
            sum += (double)event->items[i].price_minor * (double)event->items[i].quantity;
    return sum;
}

static bool is_lead(struct slice name)
{
    static const char *const names[] = {"signed up", "lead generated", "lead", "subscribed"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (slice_equal_ignoring_case(name, slice_of(names[i])))
            return true;
    return false;
}

static void take_outcome(const struct measured_event *measured, struct join *join)
{
    const struct event *event = measured->event;
    struct outcome_seen outcome = {.time_ms = event->order.time_ms,
                                   .key = key_of(event),
                                   .name = event->name,
                                   .order = event->act == ACT_ORDER,
                                   .lead = is_lead(event->name)};
    struct owners owners;
    if (event->type != EVENT_TRACK || !join_wants(join, &outcome))
        return;
    find_owners(measured, &owners);
    outcome.people = owners.people;
    outcome.people_count = owners.count;
    if (outcome.order) {
        outcome.revenue = revenue_of(event);
        outcome.margin = event->margin_minor != INT64_MIN ? (double)event->margin_minor : 0;
        outcome.currency = event->currency;
    }
    join_outcome(join, &outcome);
}

static void take_back(const struct event *event, struct join *join)
{
    bool whole = event->act == ACT_CANCEL || event->revenue_minor == INT64_MIN;
    if (event->order_id.size)
        join_refund(join, key_of(event), whole ? NAN : (double)event->revenue_minor);
}

void measured_event_take(const struct measured_event *measured, struct join *join)
{
    const struct event *event = measured->event;
    struct uuid decision;
    if (join_people(join) == 0 || event->flags & EVENT_ROBOT)
        return;
    if (event->act == ACT_REFUND || event->act == ACT_CANCEL) {
        take_back(event, join); /* of an order that counted: no consent is asked to be honest */
        return;
    }
    if (stamp_get(event->stamp, PURPOSE_MEASURE) != CONSENT_GRANTED)
        return;
    if (event_names_decision(event, measured->arena, &decision))
        take_mark(measured, decision, join);
    take_outcome(measured, join);
}
