/* Resolving an event's identifiers: plan first, put then. See identity.h. */
#include "person/identity.h"

#include "person/consent_rows.h"
#include "person/identity_plan.h"
#include "person/intake.h"

#include <assert.h>

enum { IDENTIFIER_ROW_BYTES_MAX = 2048 };

/* --- putting ---------------------------------------------------------------------------------- */

/* What survived an erasure of this very value comes back with it: refusals and objections. */
static enum status put_refusals(struct ledger_write *write, const struct candidate *candidate)
{
    struct consent before, after;
    if (!candidate->row.erased || candidate->row.refusals.size == 0)
        return STATUS_OK;
    enum status status = consent_unpack(candidate->row.refusals, &after);
    consent_init(&before);
    if (status == STATUS_OK)
        consent_put(write, candidate->node, &before, &after, SLICE("kept through an erasure"));
    return status;
}

static enum status put_node(struct identity *identity, struct ledger_write *write,
                            const struct candidate *candidate)
{
    struct identifier_row row = {.node = candidate->node,
                                 .identifier = *candidate->identifier,
                                 .sequence = write->sequence,
                                 .after_erasure =
                                     candidate->row.erased ? candidate->row.sequence : 0};
    uint8_t key[IDENTIFIER_KEY_BYTES];
    struct buf buf;
    enum status status = put_refusals(write, candidate);
    if (status != STATUS_OK)
        return status;
    buf_init(&buf, IDENTIFIER_ROW_BYTES_MAX);
    identifier_row_pack(&row, &buf);
    assert(!buf.overflowed);
    identifier_key(write->workspace, candidate->hash, key);
    store_batch_put(write->batch, write->store, SPACE_IDENTIFIER, slice_make(key, sizeof key),
                    buf_slice(&buf));
    identifier_node_key(write->workspace, candidate->node, key);
    store_batch_put(write->batch, write->store, SPACE_IDENTIFIER, slice_make(key, sizeof key),
                    buf_slice(&buf));
    buf_done(&buf);
    identity_cache_add_node(identity, write->workspace, candidate->hash, candidate->node);
    return STATUS_OK;
}

static struct table_key claim_key(const struct identity_plan *plan,
                                  const struct candidate *candidate)
{
    uint8_t pair[32];
    memcpy(pair, plan->proven[0].node.bytes, 16);
    memcpy(pair + 16, candidate->hash.bytes, 16);
    struct hash128 hash = hash128(slice_make(pair, sizeof pair));
    return table_key(plan->write->workspace, 0, hash.bytes);
}

/* Is the claim new, and may the home make one more? Fills the candidate's node. */
static enum status claim_is_new(struct identity_plan *plan, struct candidate *candidate,
                                bool *out_new)
{
    struct table_key known = claim_key(plan, candidate);
    *out_new = false;
    if (key_table_get(&plan->identity->claims, &known) != 0)
        return STATUS_OK;
    struct link_list claims;
    const struct identity_at now = {
        .store = plan->write->store, .workspace = plan->write->workspace, .sequence = UINT64_MAX};
    enum status status = plan_find(plan, candidate);
    if (status == STATUS_OK)
        status = links_load(&now, plan->proven[0].node, LINK_CLAIMS, plan->write->arena, &claims);
    if (status != STATUS_OK)
        return status;
    *out_new = claims.count < NODE_CLAIMS_MAX;
    for (size_t i = 0; i < claims.count; i++)
        if (uuid_equal(claims.links[i].to, candidate->node))
            *out_new = false;
    key_table_put(&plan->identity->claims, &known, 1);
    return STATUS_OK;
}

static enum status put_claims(struct identity_plan *plan)
{
    for (size_t i = 0; i < plan->claimed_count; i++) {
        struct candidate *candidate = &plan->claimed[i];
        if (uuid_is_zero(candidate->node))
            continue;
        if (candidate->fresh) {
            enum status status = put_node(plan->identity, plan->write, candidate);
            if (status != STATUS_OK)
                return status;
        }
        struct link link = {.from = plan->proven[0].node,
                            .to = candidate->node,
                            .from_type = plan->proven[0].identifier->type,
                            .to_type = candidate->identifier->type,
                            .valid_from_ms = plan->event->order.time_ms,
                            .order = plan->event->order,
                            .known_sequence = plan->write->sequence};
        link_put(plan->write, &link);
    }
    return STATUS_OK;
}

/* Claims that need no row lose their node, so that put_claims passes over them. */
static enum status plan_claims(struct identity_plan *plan)
{
    for (size_t i = 0; i < plan->claimed_count; i++) {
        bool is_new;
        enum status status = claim_is_new(plan, &plan->claimed[i], &is_new);
        if (status != STATUS_OK)
            return status;
        if (!is_new)
            plan->claimed[i].node = (struct uuid){0};
    }
    return STATUS_OK;
}

static enum status put_plan(struct identity_plan *plan)
{
    enum status status = STATUS_OK;
    for (size_t i = 0; i < plan->proven_count && status == STATUS_OK; i++)
        if (plan->proven[i].fresh)
            status = put_node(plan->identity, plan->write, &plan->proven[i]);
    for (size_t i = 0; i < plan->link_count && status == STATUS_OK; i++) {
        link_put(plan->write, &plan->links[i]);
        identity_cache_add_link(plan->identity, plan->write->workspace, &plan->links[i]);
    }
    for (size_t i = 0; i < plan->skipped_count; i++)
        identity_cache_skip(plan->identity, &plan->skipped[i]);
    return status == STATUS_OK ? put_claims(plan) : status;
}

/* Identifiers are ordered by strength, and the anonymous id is the weakest. */
static bool is_device(const struct identity_plan *plan)
{
    return plan->proven[plan->proven_count - 1].identifier->type == IDENTIFIER_ANONYMOUS;
}

static const struct candidate *device_of(const struct identity_plan *plan)
{
    return &plan->proven[is_device(plan) ? plan->proven_count - 1 : 0];
}

enum status identity_resolve(struct identity *identity, struct ledger_write *write,
                             struct event *event, struct identity_outcome *out_outcome)
{
    struct identity_plan plan = {.identity = identity, .write = write, .event = event};
    enum status status = plan_collect(&plan);
    for (size_t i = 0; i < plan.proven_count && status == STATUS_OK; i++)
        status = plan_find(&plan, &plan.proven[i]);
    bool has_device = plan.proven_count > 1 && is_device(&plan);
    if (status == STATUS_OK)
        status = plan_links(&plan);
    if (status == STATUS_OK)
        status = plan_claims(&plan);
    if (status == STATUS_OK)
        status = put_plan(&plan);
    if (status != STATUS_OK)
        return status;
    event->node = plan.proven[0].node;
    const struct candidate *home = &plan.proven[0], *device = device_of(&plan);
    event->device_node = device->node;
    *out_outcome = (struct identity_outcome){.home_is_new = home->fresh && !home->row.erased,
                                             .device = device->node,
                                             .device_is_new = device->fresh && !device->row.erased,
                                             .device_left_out = has_device && !is_device(&plan),
                                             .changed_count = plan.changed_count};
    if (plan.changed_count > 0) {
        out_outcome->changed = ARENA_ARRAY(write->arena, plan.changed_count, struct uuid);
        memcpy(out_outcome->changed, plan.changed, plan.changed_count * sizeof *plan.changed);
    }
    return STATUS_OK;
}

enum status identity_home(struct identity *identity, struct ledger_write *write,
                          const struct event *event, struct uuid *out_node)
{
    struct identity_plan plan = {.identity = identity, .write = write, .event = event};
    enum status status = plan_collect(&plan);
    if (status != STATUS_OK)
        return status;
    return identity_cache_find(identity, write, plan.proven[0].hash, out_node, &plan.proven[0].row);
}

enum status identity_device(struct identity *identity, struct ledger_write *write,
                            const struct event *event, struct uuid *out_node)
{
    struct identity_plan plan = {.identity = identity, .write = write, .event = event};
    enum status status = plan_collect(&plan);
    if (status != STATUS_OK)
        return status;
    struct identifier_row row;
    return identity_cache_find(identity, write, device_of(&plan)->hash, out_node, &row);
}

enum status identity_mint(struct identity *identity, struct ledger_write *write,
                          const struct identifier *identifier, struct uuid *out_node)
{
    struct candidate candidate = {.identifier = identifier,
                                  .hash = identifier_hash(identity->store, identifier)};
    if (intake_identifier_blocked(identifier->value))
        return STATUS_INVALID;
    enum status status =
        identity_cache_find(identity, write, candidate.hash, &candidate.node, &candidate.row);
    if (status == STATUS_NOT_FOUND) {
        candidate.fresh = true;
        candidate.node = uuid_new();
        identity_cache_no_links(identity, write->workspace, candidate.node);
        status = put_node(identity, write, &candidate);
    }
    if (status == STATUS_OK)
        *out_node = candidate.node;
    return status;
}

enum status identity_withdraw(struct identity *identity, struct ledger_write *write, struct uuid a,
                              struct uuid b)
{
    bool any = false;
    for (unsigned way = 0; way < 2; way++) {
        struct uuid from = way ? b : a, to = way ? a : b;
        struct node_links *lists[2];
        enum status status =
            identity_cache_links(identity, write->workspace, from, false, &lists[0]);
        if (status == STATUS_OK)
            status = identity_cache_links(identity, write->workspace, to, true, &lists[1]);
        if (status != STATUS_OK)
            return status;
        for (size_t side = 0; side < 2; side++)
            for (size_t i = 0; i < lists[side]->count; i++) {
                struct link *link = &lists[side]->links[i];
                if (!uuid_equal(link->from, from) || !uuid_equal(link->to, to) ||
                    !link_stands(link, UINT64_MAX))
                    continue;
                link->withdrawn_sequence = write->sequence;
                link_put(write, link);
                any = true;
            }
    }
    return any ? STATUS_OK : STATUS_NOT_FOUND;
}
