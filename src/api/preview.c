#include "api/preview.h"

#include "api/canonical.h"
#include "api/decide_details.h"
#include "api/evidence.h"
#include "api/person_facts.h"
#include "base/clock.h"
#include "base/zone.h"

#include <stdlib.h>

enum { PREVIEW_SEED = 1, ANSWER_BYTES_MAX = 4 << 20 };

/* What decisions read of the world, pinned for the length of a preview. */
struct showing {
    struct engine *engine;
    const struct preview *preview;
    struct arena *arena;
    struct policy policy;
    struct blend_weights blend;
    struct evidence_source source;
};

/* --- the policy: what is published, drafts in their places, without chance -------------------- */

static int by_id(const void *a, const void *b)
{
    const struct placement *left = a, *right = b;
    return slice_compare(left->id, right->id);
}

static struct policy policy_of(const struct preview *preview, struct arena *arena)
{
    struct policy policy = *preview->workspace->policy;
    size_t count = policy.placement_count;
    struct placement *list = ARENA_ARRAY(arena, count + preview->draft_count, struct placement);
    if (count)
        memcpy(list, policy.placements, count * sizeof *list);
    for (size_t i = 0; i < preview->draft_count; i++) {
        size_t at = 0;
        while (at < count && !slice_equal(list[at].id, preview->drafts[i].id))
            at++;
        list[at] = preview->drafts[i];
        count += at == count;
    }
    for (size_t i = 0; i < count; i++)
        list[i].explore = 0;
    if (count > 1)
        qsort(list, count, sizeof *list, by_id);
    policy.placements = list;
    policy.placement_count = count;
    return policy;
}

/* --- who -------------------------------------------------------------------------------------- */

/* By an identifier, or by the nodes of the decision that a visitor was met in. */
static struct asker asker_of(const struct showing *showing, const struct preview_person *person)
{
    const struct workspace *workspace = showing->preview->workspace;
    int64_t now_ms = clock_now_ms();
    struct asker asker = {
        .workspace = workspace->id,
        .trust = ASKER_SECRET,
        .purpose = PURPOSE_PERSONALISE,
        .now_ms = now_ms,
        .utc_offset_ms = MS_PER_MINUTE * (int64_t)zone_offset_minutes(workspace->timezone, now_ms)};
    if (person->who == PREVIEW_NAMED) {
        asker.other = person->identifier;
    } else {
        asker.trust = (enum asker_trust)person->trust;
        asker.node = person->node;
        asker.person = person->person;
    }
    return asker;
}

static enum status read_known(const struct showing *showing, struct preview_person *person,
                              struct evidence_source *source, struct decide_person *out_person)
{
    const struct asker asker = asker_of(showing, person);
    int64_t at_ms = showing->preview->at_ms;
    struct person_view view;
    enum status status = people_view(showing->engine->people, &asker, showing->arena, &view);
    if (status != STATUS_OK)
        return status;
    person->node = view.node;
    person_facts(&view, at_ms, showing->arena, out_person);
    canonical_person(source, out_person, showing->arena);
    if (out_person->personal)
        person_evidence(&view, at_ms, showing->arena, source);
    return STATUS_OK;
}

static void read_example(const struct showing *showing, const struct preview_person *person,
                         struct evidence_source *source, struct decide_person *out_person)
{
    int64_t at_ms = showing->preview->at_ms;
    *out_person = person->facts;
    canonical_person(source, out_person, showing->arena);
    const struct person_view view = {.profile = person_recalled(out_person, at_ms, showing->arena)};
    person_evidence(&view, at_ms, showing->arena, source);
}

static enum status read_person(const struct showing *showing, struct preview_person *person,
                               struct evidence_source *source, struct decide_person *out_person)
{
    *out_person = (struct decide_person){.level = 1, .basis = SLICE("contextual")};
    if (person->who == PREVIEW_NAMED ||
        (person->who == PREVIEW_VISITOR && !uuid_is_zero(person->node)))
        return read_known(showing, person, source, out_person);
    if (person->who == PREVIEW_EXAMPLE)
        read_example(showing, person, source, out_person);
    return STATUS_OK;
}

/* --- what they would be shown ----------------------------------------------------------------- */

static void choose(const struct showing *showing, const struct evidence_source *source,
                   struct decide_input *input, struct outcome *out_outcome)
{
    struct decide_input asked = *input;
    do {
        *input = asked;
        evidence_gather(source, input, showing->arena);
        decide_trim(input, showing->arena);
        decide_run(input, showing->arena, out_outcome);
    } while (page_budget_mark(&asked, out_outcome, showing->arena));
}

static void write_explanations(const struct showing *showing, const struct decide_input *input,
                               const struct outcome *outcome, struct json_out *out)
{
    struct item_titles titles = {showing->source.catalog, showing->source.locale};
    const struct explain_options options = {.role = showing->preview->role,
                                            .locale = showing->preview->locale,
                                            .title = item_titles_find,
                                            .title_context = &titles};
    json_name(out, "explanations");
    json_array(out);
    for (size_t i = 0; i < outcome->decision_count; i++)
        decide_explain(input, outcome, i, &options, out);
    json_end(out);
}

static void write_shown(const struct showing *showing, const struct preview_person *person,
                        const struct decide_input *input, const struct outcome *outcome,
                        struct json_out *out)
{
    static const char *const names[] = {"nobody", "named", "example", "visitor"};
    struct buf answer;
    buf_init(&answer, ANSWER_BYTES_MAX);
    decide_write_answer(input, outcome, &answer);
    decide_details_add(outcome, showing->source.catalog, &showing->source.locale, &answer);
    json_object(out);
    JSON_STRING_MEMBER(out, "who", slice_of(names[person->who]));
    JSON_BOOL_MEMBER(out, "known", !uuid_is_zero(person->node));
    JSON_INT_MEMBER(out, "level", input->person.level);
    JSON_STRING_MEMBER(out, "basis", input->person.basis);
    json_name(out, "answer");
    json_raw(out, buf_slice(&answer));
    write_explanations(showing, input, outcome, out);
    json_end(out);
    out->buf->overflowed |= answer.overflowed;
    buf_done(&answer);
}

static enum status show(const struct showing *showing, struct preview_person *person,
                        struct json_out *out)
{
    const struct preview *preview = showing->preview;
    struct evidence_source source = showing->source;
    struct decide_input input = {
        .moment = preview->call.moment, .policy = &showing->policy, .seed = PREVIEW_SEED};
    struct outcome outcome;
    struct slice zone =
        zone_exists(preview->call.timezone) ? preview->call.timezone : preview->workspace->timezone;
    input.moment.now_ms = preview->at_ms;
    input.moment.utc_offset_minutes = zone_offset_minutes(zone, preview->at_ms);
    if (input.moment.locale == LOCALE_COUNT)
        input.moment.locale = preview->workspace->locale;
    canonical_moment(&source, &input.moment, showing->arena);
    source.deadline_us = clock_monotonic_us() + UINT64_C(1000) * DECIDE_DEADLINE_MS_MAX;
    enum status status = read_person(showing, person, &source, &input.person);
    if (status != STATUS_OK)
        return status;
    choose(showing, &source, &input, &outcome);
    write_shown(showing, person, &input, &outcome, out);
    return STATUS_OK;
}

/* --- pinned ----------------------------------------------------------------------------------- */

static void pin(struct showing *showing)
{
    struct engine *engine = showing->engine;
    const struct workspace *workspace = showing->preview->workspace;
    struct evidence_source *source = &showing->source;
    *source = (struct evidence_source){
        .catalog = catalog_pin(engine->catalog, workspace->id),
        .learned = learning_pin(engine->learning, workspace->id),
        .habits = learning_pin_habits(engine->learning, workspace->id),
        .assortment = assortments_pin(engine->assortments, workspace->id),
        .moves = &workspace->category_map,
        .locale = {.asked = json_get_text(showing->preview->call.context, "locale"),
                   .workspace = slice_of(locale_name(workspace->locale))}};
    if (learning_blend(engine->learning, workspace->id, &showing->blend))
        source->blend = &showing->blend;
}

static void unpin(const struct evidence_source *source)
{
    if (source->learned)
        learn_unpin(source->learned);
    habits_unpin(source->habits);
    assortment_unpin(source->assortment);
    catalog_unpin(source->catalog);
}

enum status preview_write(struct engine *engine, struct preview *preview, struct arena *arena,
                          struct buf *buf)
{
    struct json_out out = json_out(buf);
    struct showing showing = {
        .engine = engine, .preview = preview, .arena = arena, .policy = policy_of(preview, arena)};
    enum status status = STATUS_OK;
    pin(&showing);
    json_object(&out);
    JSON_TIME_MEMBER(&out, "at", preview->at_ms);
    JSON_INT_MEMBER(&out, "version", showing.policy.version);
    json_name(&out, "drafts");
    json_array(&out);
    for (size_t i = 0; i < preview->draft_count; i++)
        json_string(&out, preview->drafts[i].id);
    json_end(&out);
    json_name(&out, "people");
    json_array(&out);
    for (size_t i = 0; i < preview->person_count && status == STATUS_OK; i++)
        status = show(&showing, &preview->people[i], &out);
    json_end(&out);
    json_end(&out);
    unpin(&showing.source);
    return status;
}
