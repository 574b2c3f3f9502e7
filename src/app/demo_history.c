#include "app/demo_history.h"

#include "app/demo_people.h"
#include "app/simulate_message.h"
#include "base/clock.h"

#include <stdio.h>
#include <stdlib.h>

enum {
    HISTORY_DAYS = 35,
    UNTIL_MS = 3600000, /* before now: the last visits have ended */
    BATCH = 500,
    MESSAGE_BYTES = 8192
};

/* Messages on their way to the ledger, BATCH at a time. */
struct history {
    struct engine *engine;
    uint32_t workspace;
    const struct world *world;
    int64_t today; /* days since 1970 */
    struct intake intake;
    const struct catalog_snapshot *catalog;
    struct arena arena; /* of the batch */
    struct people_event *events;
    size_t count;
    struct demo_account account; /* of who is walking */
    struct demo_face face;       /* by which they are told */
    unsigned level;              /* how much of them is told; 0: all, as themselves */
    bool named;                  /* has told the account */
    unsigned told;               /* messages of theirs so far, for their ids */
    enum status status;
    struct diag *diag;
};

static bool lookup_item(void *context, struct slice *inout_item, struct slice *inout_variant,
                        const struct attribute **out_attributes, size_t *out_count)
{
    const struct history *history = context;
    return catalog_attributes(history->catalog, inout_item, inout_variant, out_attributes,
                              out_count);
}

/* --- to the ledger ---------------------------------------------------------------------------- */

static void flush(struct history *history)
{
    struct ledger_entry *entries[BATCH];
    for (size_t i = 0; i < history->count; i++)
        entries[i] = &history->events[i].entry;
    struct ledger_commit commit = {.entries = entries, .entry_count = history->count};
    if (history->status == STATUS_OK && history->count)
        history->status = ledger_submit_and_wait(history->engine->ledger, &commit);
    arena_reset(&history->arena);
    history->events = ARENA_ARRAY(&history->arena, BATCH, struct people_event);
    history->count = 0;
}

static void take(struct history *history, struct slice text)
{
    const struct json *json;
    struct intake_output output;
    if (history->status != STATUS_OK)
        return;
    history->status = json_parse(&history->arena, text, &json, history->diag);
    if (history->status != STATUS_OK)
        return;
    struct intake_input input = {.message = json, .json_size = text.size};
    if (intake_message(&history->intake, &input, &history->arena, &output, history->diag) !=
        INTAKE_KEPT) {
        history->status = STATUS_INVALID;
        return;
    }
    struct people_event *event = &history->events[history->count++];
    event->event = output.event;
    event->needs_consent = output.needs_consent;
    struct buf record;
    buf_init(&record, EVENT_RECORD_BYTES_MAX);
    event_pack(&event->event, &record);
    event->record = arena_copy(&history->arena, buf_slice(&record));
    buf_done(&record);
    people_event_init(history->engine->people, event, history->workspace);
    if (history->count == BATCH)
        flush(history);
}

/* --- one message ------------------------------------------------------------------------------ */

static const char *next_id(struct history *history, char out_id[SIMULATE_ID_BYTES])
{
    (void)snprintf(out_id, SIMULATE_ID_BYTES, "demo-%lld-%s-%u", (long long)history->today,
                   history->face.anonymous_id, history->told++);
    return out_id;
}

/* An e-mail address is one person's: those who are told in part have none. */
static void write_account(const struct demo_account *account, bool with_email, struct json_out *out)
{
    json_name(out, "traits");
    json_object(out);
    JSON_STRING_MEMBER(out, "firstName", slice_of(account->first_name));
    JSON_STRING_MEMBER(out, "lastName", slice_of(account->last_name));
    if (with_email)
        JSON_STRING_MEMBER(out, "email", slice_of(account->email));
    json_name(out, "address");
    json_object(out);
    JSON_STRING_MEMBER(out, "city", slice_of(account->city));
    JSON_STRING_MEMBER(out, "postalCode", slice_of(account->postcode));
    JSON_STRING_MEMBER(out, "country", SLICE("FR"));
    json_end(out);
    json_end(out);
}

static void tell_account(struct history *history, const struct walk *walk)
{
    char id[SIMULATE_ID_BYTES];
    struct buf text;
    buf_init(&text, MESSAGE_BYTES);
    struct json_out out = json_out(&text);
    json_object(&out);
    JSON_STRING_MEMBER(&out, "type", SLICE("identify"));
    JSON_STRING_MEMBER(&out, "messageId", slice_of(next_id(history, id)));
    JSON_STRING_MEMBER(&out, "userId", slice_of(history->face.user_id));
    JSON_STRING_MEMBER(&out, "anonymousId", slice_of(history->face.anonymous_id));
    JSON_TIME_MEMBER(&out, "timestamp", (int64_t)(walk->day * MS_PER_DAY));
    json_name(&out, "context");
    json_object(&out);
    JSON_BOOL_MEMBER(&out, "simulated", true);
    simulate_write_agreement(&out);
    json_end(&out);
    write_account(&history->account, history->level == 0, &out);
    json_end(&out);
    take(history, buf_slice(&text));
    buf_done(&text);
}

/* --- the doors of a walk ---------------------------------------------------------------------- */

static void show_nothing(void *context, const struct walk *walk, struct slate *out_slate)
{
    (void)context;
    (void)walk;
    (void)out_slate;
}

/* Whether a face of this level has told its name by now, or tells it with this deed. */
static bool has_name(const struct history *history, enum deed_kind kind)
{
    return history->level == 0 ? history->account.has_one && kind == DEED_ORDERED
                               : history->level > 1;
}

/* What the shop is told of a deed; the first of all is a page. */
static bool is_told(const struct history *history, enum deed_kind kind)
{
    bool bought = kind == DEED_ADDED || kind == DEED_ORDERED;
    return history->level == 0 || history->level == DEMO_LEVELS ||
           (history->level == 3 ? !bought : history->told == 0);
}

static void tell(void *context, const struct walk *walk, const struct walk_deed *deed)
{
    struct history *history = context;
    char id[SIMULATE_ID_BYTES];
    if (walk->person->agreement != AGREES || !is_told(history, deed->kind))
        return;
    bool named = has_name(history, deed->kind);
    if (named && !history->named)
        tell_account(history, walk);
    history->named |= named;
    struct buf text;
    buf_init(&text, MESSAGE_BYTES);
    struct json_out out = json_out(&text);
    simulate_message_write(
        &(struct simulate_message){.walk = walk,
                                   .deed = deed,
                                   .id = next_id(history, id),
                                   .run = history->today,
                                   .visitor = slice_of(history->face.anonymous_id),
                                   .user = named ? slice_of(history->face.user_id) : SLICE_NONE,
                                   .past = true},
        &out);
    take(history, buf_slice(&text));
    buf_done(&text);
}

/* --- all of it -------------------------------------------------------------------------------- */

static void live_through(struct history *history, uint64_t number, unsigned level, double *liking)
{
    double until = (double)(clock_now_ms() - UNTIL_MS) / MS_PER_DAY;
    struct person person = person_make(DEMO_SEED, number);
    struct walk_doors doors = {.context = history, .show = show_nothing, .tell = tell};
    history->account = demo_account(&person);
    history->face = demo_face(number, level);
    if (level == 0) {
        person_name(DEMO_SEED, number, history->face.anonymous_id);
        memcpy(history->face.user_id, history->account.user_id, DEMO_TEXT);
    }
    history->level = level;
    history->named = false;
    history->told = 0;
    person_plan(&person, (double)(history->today - HISTORY_DAYS));
    while (person.next_day < until && history->status == STATUS_OK) {
        struct walk walk = {
            .world = history->world, .person = &person, .doors = &doors, .liking = liking};
        walk_visit(&walk);
        person_plan(&person, walk.day);
    }
}

static void live(struct history *history)
{
    double *liking = must_alloc_zero(history->world->item_count, sizeof *liking);
    arena_init(&history->arena);
    flush(history);
    for (uint64_t number = 0; number < DEMO_PEOPLE && history->status == STATUS_OK; number++)
        live_through(history, number, 0, liking);
    uint64_t faces[DEMO_FACES];
    demo_faces(faces);
    for (size_t i = 0; i < DEMO_FACES; i++)
        for (unsigned level = 1; level <= DEMO_LEVELS && history->status == STATUS_OK; level++)
            live_through(history, faces[i], level, liking);
    flush(history);
    arena_done(&history->arena);
    free(liking);
}

static void fill_intake(struct history *history, const struct workspace *workspace)
{
    uint32_t source = workspace->key_count ? workspace->keys[0].source : 0;
    history->intake = (struct intake){.source = source,
                                      .imported = true,
                                      .received_ms = clock_now_ms(),
                                      .sent_at_ms = INT64_MIN,
                                      .currency = workspace->currency,
                                      .timezone = workspace->timezone,
                                      .categories = workspace->categories,
                                      .category_count = workspace->category_count,
                                      .item_lookup = lookup_item,
                                      .item_context = history};
}

enum status demo_history_write(struct engine *engine, uint32_t workspace, const struct world *world,
                               struct diag *diag)
{
    const struct workspaces_snapshot *pinned = workspaces_pin(engine->workspaces);
    const struct workspace *found = workspaces_by_id(pinned, workspace);
    struct history history = {.engine = engine,
                              .workspace = workspace,
                              .world = world,
                              .today = clock_now_ms() / MS_PER_DAY,
                              .diag = diag};
    if (!found) {
        workspaces_unpin(pinned);
        return diag_set(diag, STATUS_NOT_FOUND, "workspace", "There is no such workspace");
    }
    history.catalog = catalog_pin(engine->catalog, workspace);
    fill_intake(&history, found);
    live(&history);
    catalog_unpin(history.catalog);
    workspaces_unpin(pinned);
    return history.status;
}
