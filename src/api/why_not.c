/* GET /v1/decisions/{id}/why-not/{item}: where an item stood that was not shown; and, told apart,
 * where it would stand today. */
#include "decide/why_not.h"

#include "api/api.h"
#include "api/evidence.h"
#include "api/explaining.h"
#include "api/person_facts.h"
#include "base/clock.h"
#include "decide/variant.h"

/* The world as it is, while the question is put to it. */
struct today {
    struct engine *engine;
    uint32_t workspace;
    const struct explaining *explaining;
    const struct workspaces_snapshot *workspaces;
    struct evidence_source source;
    struct blend_weights blend;
    struct decide_input input;
    struct outcome outcome;
};

static void pin(struct today *today)
{
    struct engine *engine = today->engine;
    today->workspaces = workspaces_pin(engine->workspaces);
    const struct workspace *workspace = workspaces_by_id(today->workspaces, today->workspace);
    today->source = (struct evidence_source){
        .catalog = catalog_pin(engine->catalog, today->workspace),
        .learned = learning_pin(engine->learning, today->workspace),
        .habits = learning_pin_habits(engine->learning, today->workspace),
        .assortment = assortments_pin(engine->assortments, today->workspace),
        .deadline_us = UINT64_MAX,
        .locale = today->explaining->titles,
        .moves = &workspace->category_map};
    if (learning_blend(engine->learning, today->workspace, &today->blend))
        today->source.blend = &today->blend;
}

static void unpin(const struct today *today)
{
    if (today->source.learned)
        learn_unpin(today->source.learned);
    habits_unpin(today->source.habits);
    assortment_unpin(today->source.assortment);
    catalog_unpin(today->source.catalog);
    workspaces_unpin(today->workspaces);
}

/* The moment and the person are those of the record; catalogue, policy and models are today's, no
 * order is drawn at random, and nothing is left out to keep a record small. */
static bool ask_today(struct today *today, const struct decide_input *then, size_t index,
                      struct arena *arena)
{
    const struct workspace *workspace = workspaces_by_id(today->workspaces, today->workspace);
    struct decide_input *input = &today->input;
    *input = *then;
    input->moment.now_ms = clock_now_ms();
    input->moment.facts = input->moment.blends = false;
    input->moment.margins = input->moment.sizes = false;
    input->moment.basket_count = 0;
    input->moment.page_price_minor = 0;
    input->moment.page_attribute_count = 0;
    input->policy = workspace->policy;
    struct placement *placement = variant_placement(input, index, arena);
    if (!placement)
        return false;
    variant_without_chance(placement, arena);
    today->source.profile = person_recalled(&then->person, then->moment.now_ms, arena);
    evidence_gather(&today->source, input, arena);
    decide_run(input, arena, &today->outcome);
    return true;
}

static bool is_recorded(const struct decide_input *input, size_t index, struct slice item)
{
    for (size_t i = 0; i < input->evidence[index].candidate_count; i++)
        if (slice_equal(input->evidence[index].candidates[i].item, item))
            return true;
    return false;
}

static void tell(struct today *today, const struct why_not *then, struct arena *arena,
                 struct buf *buf)
{
    const struct explaining *explaining = today->explaining;
    struct item_titles titles = {today->source.catalog, explaining->titles};
    struct explain_options options = {.role = explaining->role,
                                      .locale = explaining->locale,
                                      .title = item_titles_find,
                                      .title_context = &titles};
    struct json_out out = json_out(buf);
    struct why_not now = {&today->input, &today->outcome, then->index};
    bool published = ask_today(today, then->input, then->index, arena);
    decide_why_not(then, published ? &now : NULL, explaining->item, &options, &out);
}

static enum status answer(struct today *today, const struct replayed *replayed, struct arena *arena,
                          struct buf *buf)
{
    struct slice item = today->explaining->item;
    struct why_not then = {&replayed->record.input, &replayed->outcome,
                           decision_index(today->explaining->decision)};
    bool known = is_recorded(then.input, then.index, item) ||
                 catalog_find(today->source.catalog, item) != NULL;
    if (known)
        tell(today, &then, arena, buf);
    return known ? STATUS_OK : STATUS_NOT_FOUND;
}

enum status explain_why_not(struct engine *engine, uint32_t workspace,
                            const struct explaining *explaining, struct buf *buf, struct diag *diag)
{
    struct arena arena;
    arena_init(&arena);
    struct replayed *replayed = ARENA_NEW(&arena, struct replayed);
    const struct replay_wish wish = {.workspace = workspace, .decision = explaining->decision};
    enum status status = replay_decision(engine, &wish, &arena, replayed);
    if (status == STATUS_OK &&
        decision_index(explaining->decision) >= replayed->outcome.decision_count)
        status = STATUS_NOT_FOUND;
    explaining_absence(status, diag);
    if (status == STATUS_OK) {
        struct explaining asked = *explaining;
        struct today today = {.engine = engine, .workspace = workspace, .explaining = &asked};
        pin(&today);
        asked.item = catalog_canonical_id(today.source.catalog, asked.item);
        status = answer(&today, replayed, &arena, buf);
        unpin(&today);
        if (status != STATUS_OK)
            (void)diag_set(diag, status, "item",
                           "The record does not hold this item, nor does the catalogue today");
    }
    arena_done(&arena);
    return status;
}

void api_why_not(void *context, struct http_request *request)
{
    struct api *api = context;
    struct caller *caller = api_enter(api, request, SLICE_NONE);
    if (!caller)
        return;
    struct explaining explaining = {.item = request->parameters[1]};
    struct diag diag = {0};
    struct buf body;
    buf_init(&body, EXPLANATION_BYTES_MAX);
    enum status status = explaining_read(request, caller->workspace, &explaining, &diag);
    if (status == STATUS_OK)
        status = explain_why_not(api->engine, caller->workspace->id, &explaining, &body, &diag);
    api_leave(caller);
    api_settle(request, status, &diag, &body);
}
