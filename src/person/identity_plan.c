/* See identity_plan.h. */
#include "person/identity_plan.h"

#include "person/intake.h"
#include "person/people_rows.h"

#include <assert.h>

/* --- candidates ------------------------------------------------------------------------------- */

/* user_id, then e-mail …; custom ones by name; equals by value, so that the order does not hang
 * on the message. */
static int compare_strength(const struct identifier *a, const struct identifier *b)
{
    if (a->type != b->type)
        return a->type < b->type ? -1 : 1;
    if (a->type == IDENTIFIER_USER_ID)
        return 0; /* an alias names the new user first */
    int order = a->type == IDENTIFIER_CUSTOM ? slice_compare(a->name, b->name) : 0;
    return order != 0 ? order : slice_compare(a->value, b->value);
}

static void add_candidate(struct candidate *candidates, size_t *count,
                          const struct candidate *candidate)
{
    size_t at = *count;
    for (size_t i = 0; i < *count; i++)
        if (memcmp(candidates[i].hash.bytes, candidate->hash.bytes, sizeof candidate->hash) == 0)
            return;
    if (*count == EVENT_IDENTIFIERS_MAX)
        return;
    while (at > 0 && compare_strength(candidate->identifier, candidates[at - 1].identifier) < 0)
        at--;
    memmove(&candidates[at + 1], &candidates[at], (*count - at) * sizeof *candidates);
    candidates[at] = *candidate;
    (*count)++;
}

enum status plan_collect(struct identity_plan *plan)
{
    bool alias = plan->event->type == EVENT_ALIAS;
    for (size_t i = 0; i < plan->event->identifier_count; i++) {
        const struct identifier *identifier = &plan->event->identifiers[i];
        if (intake_identifier_blocked(identifier->value))
            continue;
        struct candidate candidate = {.identifier = identifier,
                                      .hash = identifier_hash(plan->identity->store, identifier)};
        if (identifier->proven)
            add_candidate(plan->proven, &plan->proven_count, &candidate);
        else
            add_candidate(plan->claimed, &plan->claimed_count, &candidate);
    }
    /* one user id a person: a second one counts in an alias only */
    while (!alias && plan->proven_count > 1 &&
           plan->proven[1].identifier->type == IDENTIFIER_USER_ID) {
        plan->proven_count--;
        memmove(&plan->proven[1], &plan->proven[2],
                (plan->proven_count - 1) * sizeof *plan->proven);
    }
    return plan->proven_count > 0 ? STATUS_OK : STATUS_INVALID;
}

enum status plan_find(struct identity_plan *plan, struct candidate *candidate)
{
    enum status status = identity_cache_find(plan->identity, plan->write, candidate->hash,
                                             &candidate->node, &candidate->row);
    if (status != STATUS_NOT_FOUND)
        return status;
    candidate->fresh = true;
    candidate->node = uuid_new();
    identity_cache_no_links(plan->identity, plan->write->workspace, candidate->node);
    return STATUS_OK;
}

/* --- limits ----------------------------------------------------------------------------------- */

/* Type of a node and the first evidence of its owner, from its links. False when it has none (a
 * root). */
static enum status node_facts(struct identity_plan *plan, struct uuid node, bool *out_any,
                              enum identifier_type *out_type, int64_t *out_first_ms)
{
    struct node_links *list;
    enum status status =
        identity_cache_links(plan->identity, plan->write->workspace, node, false, &list);
    *out_any = false;
    for (size_t i = 0; status == STATUS_OK && i < list->count; i++) {
        if (!link_stands(&list->links[i], UINT64_MAX))
            continue;
        if (!*out_any || list->links[i].valid_from_ms < *out_first_ms)
            *out_first_ms = list->links[i].valid_from_ms;
        *out_any = true;
        *out_type = list->links[i].from_type;
    }
    return status;
}

static bool counts_against(enum identifier_type type, int64_t first_ms, int64_t now_ms)
{
    return type != IDENTIFIER_ANONYMOUS ||
           (first_ms <= now_ms && first_ms > now_ms - ANONYMOUS_LINKS_MS);
}

/* Would the person of home have too many of this type with one more? */
static enum status over_limit(struct identity_plan *plan, const struct candidate *candidate,
                              bool *out_over)
{
    struct person_spans spans;
    struct uuid root;
    enum identifier_type type = candidate->identifier->type;
    int64_t time_ms = plan->event->order.time_ms;
    size_t like_it = 0;
    uint32_t workspace = plan->write->workspace;
    *out_over = false;
    for (size_t i = 0; i < plan->link_count; i++)
        like_it += plan->links[i].from_type == type;
    enum status status =
        identity_root_here(plan->identity, workspace, plan->proven[0].node, time_ms, &root);
    if (status == STATUS_OK)
        status = identity_spans_here(plan->identity, workspace, root, plan->write->arena, &spans);
    for (size_t i = 1; status == STATUS_OK && i < spans.count; i++) {
        bool any, again = false;
        enum identifier_type other = IDENTIFIER_ANONYMOUS;
        int64_t first_ms = 0;
        if (uuid_equal(spans.spans[i].node, candidate->node))
            return STATUS_OK; /* it is one of theirs already */
        for (size_t j = 1; j < i; j++)
            again = again || uuid_equal(spans.spans[j].node, spans.spans[i].node);
        if (again)
            continue;
        status = node_facts(plan, spans.spans[i].node, &any, &other, &first_ms);
        if (status == STATUS_OK && any && other == type && counts_against(type, first_ms, time_ms))
            like_it++;
    }
    *out_over =
        status == STATUS_OK && (like_it >= LINKS_PER_TYPE_MAX || spans.count >= PERSON_NODES_MAX);
    return status;
}

/* --- links ------------------------------------------------------------------------------------ */

static struct link make_link(const struct identity_plan *plan, const struct candidate *from)
{
    const struct candidate *home = &plan->proven[0];
    return (struct link){.from = from->node,
                         .to = home->node,
                         .from_type = from->identifier->type,
                         .to_type = home->identifier->type,
                         .valid_from_ms = plan->event->order.time_ms,
                         .order = plan->event->order,
                         .known_sequence = plan->write->sequence,
                         .proven = true};
}

static bool names(struct identity_plan *plan, const struct event *event,
                  const struct candidate *candidate)
{
    for (size_t i = 0; i < event->identifier_count; i++) {
        const struct identifier *identifier = &event->identifiers[i];
        if (!identifier->proven || identifier->type != candidate->identifier->type)
            continue;
        struct hash128 hash = identifier_hash(plan->identity->store, identifier);
        if (memcmp(hash.bytes, candidate->hash.bytes, sizeof hash) == 0)
            return true;
    }
    return false;
}

/* Evidence up to here was withdrawn together with the links of the pair. */
static uint64_t withdrawn_until(const struct node_links *list, struct uuid to)
{
    uint64_t sequence = 0;
    for (size_t i = 0; i < list->count; i++)
        if (uuid_equal(list->links[i].to, to) && list->links[i].withdrawn_sequence > sequence)
            sequence = list->links[i].withdrawn_sequence;
    return sequence;
}

struct handover {
    const struct candidate *node; /* whose owner changes */
    const struct link *before;    /* the run that the new link cuts */
    const struct link *after;     /* NULL: no later one */
    uint64_t withdrawn_until;
    bool found;
    struct link again; /* first evidence of the old owner behind the cut */
};

static void consider(const struct identity_plan *plan, struct handover *handover,
                     const struct event_order *order, uint64_t sequence)
{
    if (sequence <= handover->withdrawn_until ||
        event_order_compare(order, &plan->event->order) <= 0 ||
        (handover->after && event_order_compare(order, &handover->after->order) >= 0) ||
        (handover->found && event_order_compare(order, &handover->again.order) >= 0))
        return;
    handover->found = true;
    handover->again = *handover->before;
    handover->again.order = *order;
    handover->again.valid_from_ms = order->time_ms;
    handover->again.known_sequence = sequence;
    handover->again.withdrawn_sequence = 0;
}

/* Redundant evidence makes no row, so what the old owner proved behind the cut is looked for in
 * their events. */
static enum status find_evidence(struct identity_plan *plan, struct handover *handover)
{
    uint8_t from[EVENT_KEY_BYTES], to[EVENT_KEY_BYTES];
    uint32_t workspace = plan->write->workspace;
    struct uuid owner = handover->before->to;
    event_key(workspace, owner, &plan->event->order, from);
    if (handover->after)
        event_key(workspace, owner, &handover->after->order, to);
    else
        event_key_from(workspace, owner, INT64_MAX, to);
    struct store_range range = {.from = slice_make(from, sizeof from),
                                .to = slice_make(to, sizeof to)};
    struct store_iterator *iterator = store_iterate(plan->identity->store, SPACE_EVENT, &range);
    struct slice key, record;
    enum status status = STATUS_OK;
    for (unsigned i = 0; i < HANDOVER_SCAN_MAX && status == STATUS_OK && !handover->found &&
                         store_next(iterator, &key, &record);
         i++) {
        struct arena arena;
        struct event event;
        arena_init(&arena);
        status = event_unpack(record, &arena, &event);
        if (status == STATUS_OK && names(plan, &event, handover->node))
            consider(plan, handover, &event.order, event.sequence);
        arena_done(&arena);
    }
    if (status == STATUS_OK)
        status = store_iterator_status(iterator);
    store_iterator_close(iterator);
    const struct identity *identity = plan->identity;
    for (size_t i = 0; i < identity->skipped_count; i++) {
        const struct evidence *evidence = &identity->skipped[i];
        if (evidence->workspace == workspace && uuid_equal(evidence->home, owner) &&
            uuid_equal(evidence->from, handover->node->node))
            consider(plan, handover, &evidence->order, evidence->sequence);
    }
    return status;
}

static void add_changed(struct identity_plan *plan, struct uuid node)
{
    for (size_t i = 0; i < plan->changed_count; i++)
        if (uuid_equal(plan->changed[i], node))
            return;
    assert(plan->changed_count < PLAN_CHANGED_MAX);
    plan->changed[plan->changed_count++] = node;
}

static enum status plan_new_link(struct identity_plan *plan, const struct candidate *from,
                                 const struct node_links *list, struct handover *handover)
{
    struct node_links *inward;
    enum status status = identity_cache_links(plan->identity, plan->write->workspace,
                                              plan->proven[0].node, true, &inward);
    handover->node = from;
    if (status == STATUS_OK && handover->before) {
        handover->withdrawn_until = withdrawn_until(list, handover->before->to);
        status = find_evidence(plan, handover);
    }
    if (status == STATUS_OK && handover->found) /* the old owner gets a link too */
        status = identity_cache_links(plan->identity, plan->write->workspace, handover->before->to,
                                      true, &inward);
    if (status != STATUS_OK)
        return status;
    plan->links[plan->link_count++] = make_link(plan, from);
    if (handover->found)
        plan->links[plan->link_count++] = handover->again;
    add_changed(plan, from->node);
    add_changed(plan, plan->proven[0].node);
    if (handover->before)
        add_changed(plan, handover->before->to);
    if (handover->after)
        add_changed(plan, handover->after->to);
    return STATUS_OK;
}

static enum status makes_circle(struct identity_plan *plan, const struct candidate *from,
                                bool *out_circle)
{
    struct uuid root;
    enum status status =
        identity_root_here(plan->identity, plan->write->workspace, plan->proven[0].node,
                           plan->event->order.time_ms, &root);
    *out_circle = status == STATUS_OK && uuid_equal(root, from->node);
    return status;
}

/* One identifier to the home: nothing when the home is its owner already. */
static enum status plan_link(struct identity_plan *plan, const struct candidate *from,
                             bool *out_over)
{
    struct node_links *list;
    struct handover handover = {0};
    struct link link = make_link(plan, from);
    bool circle = false;
    enum status status =
        identity_cache_links(plan->identity, plan->write->workspace, from->node, false, &list);
    *out_over = false;
    for (size_t i = 0; status == STATUS_OK && i < list->count; i++) {
        const struct link *other = &list->links[i];
        if (!link_stands(other, UINT64_MAX))
            continue;
        bool earlier = event_order_compare(&other->order, &link.order) <= 0;
        if (earlier && (!handover.before || link_compare(other, handover.before) > 0))
            handover.before = other;
        if (!earlier && (!handover.after || link_compare(other, handover.after) < 0))
            handover.after = other;
    }
    if (status != STATUS_OK)
        return status;
    if (handover.before && uuid_equal(handover.before->to, link.to)) {
        plan->skipped[plan->skipped_count++] =
            (struct evidence){.workspace = plan->write->workspace,
                              .from = from->node,
                              .home = link.to,
                              .order = link.order,
                              .sequence = plan->write->sequence};
        return STATUS_OK;
    }
    if (list->count >= NODE_LINKS_MAX + 1)
        return STATUS_OK; /* a kiosk: it belongs to nobody any more */
    status = over_limit(plan, from, out_over);
    if (status == STATUS_OK && !*out_over)
        status = makes_circle(plan, from, &circle);
    if (status != STATUS_OK || *out_over || circle)
        return status;
    return plan_new_link(plan, from, list, &handover);
}

enum status plan_links(struct identity_plan *plan)
{
    bool over = true;
    while (over) {
        enum status status = STATUS_OK;
        plan->link_count = plan->skipped_count = plan->changed_count = 0;
        over = false;
        for (size_t i = 1; i < plan->proven_count && !over && status == STATUS_OK; i++)
            status = plan_link(plan, &plan->proven[i], &over);
        if (status != STATUS_OK)
            return status;
        plan->proven_count -= over; /* the weakest goes, and all is tried again */
    }
    return STATUS_OK;
}
