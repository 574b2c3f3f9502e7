#include "api/replay.h"

#include "api/person_facts.h"
#include "base/clock.h"
#include "base/hash.h"
#include "base/pack.h"
#include "base/zone.h"

static void run(struct replayed *replayed, struct arena *arena)
{
    struct buf answer;
    buf_init(&answer, (size_t)16 << 20);
    replayed->record.input.policy = &replayed->policy;
    decide_run(&replayed->record.input, arena, &replayed->outcome);
    decide_write_answer(&replayed->record.input, &replayed->outcome, &answer);
    replayed->identical = hash64(buf_slice(&answer)) == replayed->record.answer_hash;
    replayed->answer = arena_copy(arena, buf_slice(&answer));
    buf_done(&answer);
}

enum status replay_decision(struct engine *engine, const struct replay_wish *wish,
                            struct arena *arena, struct replayed *out_replayed)
{
    struct decision_record *record = &out_replayed->record;
    enum status status =
        decisions_get(engine->decisions, wish->workspace, wish->decision, arena, record);
    if (status == STATUS_OK)
        status = workspaces_policy(engine->store, wish->workspace,
                                   wish->version ? *wish->version : record->policy_version, arena,
                                   &out_replayed->policy);
    if (status == STATUS_OK)
        run(out_replayed, arena);
    return status;
}

/* The call's own words, as keep_record wrote them. */
static enum status unpack_events(struct slice bytes, struct arena *arena,
                                 consent_stamp *out_preferences, struct event **out_events,
                                 size_t *out_count)
{
    struct event *events = ARENA_ARRAY(arena, CALL_EVENTS_MAX, struct event);
    struct unpack in = unpack_of(bytes);
    size_t count = 0;
    *out_preferences = (consent_stamp)unpack_uint(&in);
    while (!in.failed && in.at < in.end && count < CALL_EVENTS_MAX) {
        enum status status = event_unpack(unpack_text(&in), arena, &events[count++]);
        if (status != STATUS_OK)
            return status;
    }
    *out_events = events;
    *out_count = count;
    return in.failed ? STATUS_CORRUPT : STATUS_OK;
}

/* Whose day an age is told by. */
static int64_t utc_offset_ms(struct engine *engine, uint32_t id, int64_t now_ms)
{
    const struct workspaces_snapshot *snapshot = workspaces_pin(engine->workspaces);
    const struct workspace *workspace = workspaces_by_id(snapshot, id);
    int32_t minutes = workspace ? zone_offset_minutes(workspace->timezone, now_ms) : 0;
    workspaces_unpin(snapshot);
    return MS_PER_MINUTE * (int64_t)minutes;
}

enum status replay_refold(struct engine *engine, uint32_t workspace,
                          const struct decision_record *record, struct arena *arena, bool *out_same)
{
    if (!record->input.person.personal)
        return STATUS_NOT_FOUND;
    struct asker asker = {.workspace = workspace,
                          .trust = (enum asker_trust)record->asker_trust,
                          .node = record->asker_node,
                          .person = record->asker_person,
                          .purpose = PURPOSE_PERSONALISE,
                          .now_ms = record->input.moment.now_ms,
                          .utc_offset_ms =
                              utc_offset_ms(engine, workspace, record->input.moment.now_ms)};
    struct event *events;
    size_t count;
    struct person_view stored, then;
    enum status status =
        unpack_events(record->call_events, arena, &asker.preferences, &events, &count);
    if (status == STATUS_OK)
        status = people_view_as_known(engine->people, &asker, record->sequence, arena, &stored);
    if (status != STATUS_OK)
        return status;
    people_view_with(&stored, events, count, arena, &then);
    *out_same = slice_equal(view_digest(&then, arena), record->input.person.view);
    return STATUS_OK;
}

struct replaying {
    struct engine *engine;
    struct arena arena;
    struct replay_counts *counts;
    struct uuid *first_different;
};

static enum status replay_row(void *context, uint32_t workspace, struct uuid call, struct slice row)
{
    (void)row;
    struct replaying *replaying = context;
    struct replayed *replayed = ARENA_NEW(&replaying->arena, struct replayed);
    const struct replay_wish wish = {.workspace = workspace, .decision = call};
    enum status status = replay_decision(replaying->engine, &wish, &replaying->arena, replayed);
    if (status == STATUS_GONE) {
        replaying->counts->erased++;
    } else if (status != STATUS_OK) {
        replaying->counts->damaged++;
    } else if (replayed->identical) {
        replaying->counts->identical++;
    } else {
        if (replaying->counts->different++ == 0)
            *replaying->first_different = call;
    }
    arena_reset(&replaying->arena);
    return STATUS_OK;
}

enum status replay_all(struct engine *engine, uint32_t workspace, struct replay_counts *out_counts,
                       struct uuid *out_first_different)
{
    *out_counts = (struct replay_counts){0};
    *out_first_different = (struct uuid){{0}};
    struct replaying replaying = {
        .engine = engine, .counts = out_counts, .first_different = out_first_different};
    struct ledger_commit barrier = {.entry_count = 0};
    enum status status = ledger_submit_and_wait(engine->ledger, &barrier);
    if (status != STATUS_OK)
        return status; /* what was answered is written now */
    arena_init(&replaying.arena);
    status = decisions_each(engine->decisions, workspace, replay_row, &replaying);
    arena_done(&replaying.arena);
    return status;
}
