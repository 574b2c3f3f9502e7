/* The body of a preview as plain values, checked. */
#include "api/preview.h"

#include "api/drafts.h"
#include "api/explaining.h"
#include "api/shape.h"
#include "base/clock.h"

#include <stdio.h>
#include <stdlib.h>

static const struct shape_member body_members[] = {
    {.name = "placements", .type = SHAPE_LIST, .max = PREVIEW_DECISIONS_MAX},
    {.name = "context", .type = SHAPE_OBJECT},
    {.name = "people", .type = SHAPE_LIST, .max = PREVIEW_PEOPLE_MAX},
    {.name = "at", .type = SHAPE_TEXT, .sentence = "at is an instant: 2026-12-24T18:00:00Z"},
    {.name = "drafts", .type = SHAPE_BOOL},
    {.name = "draft", .type = SHAPE_OBJECT},
    {.name = "as", .type = SHAPE_TEXT},
    {.name = "lang", .type = SHAPE_TEXT},
};
static const struct shape_member person_members[] = {
    {.name = "identifier", .type = SHAPE_TEXT},
    {.name = "profile", .type = SHAPE_OBJECT},
    {.name = "decision", .type = SHAPE_TEXT},
};
static const struct shape_member profile_members[] = {
    {.name = "level", .type = SHAPE_COUNT, .min = 1, .max = 4},
    {.name = "viewed", .type = SHAPE_LIST, .max = PROFILE_RECENT_MAX},
    {.name = "bought", .type = SHAPE_LIST, .max = PROFILE_BOUGHT_MAX},
    {.name = "basket", .type = SHAPE_LIST, .max = PROFILE_BASKET_MAX},
    {.name = "likes", .type = SHAPE_LIST, .max = PROFILE_AFFINITIES_MAX},
    {.name = "sizes", .type = SHAPE_LIST, .max = PROFILE_SIZES_MAX},
};

#define SHAPE_OF(place, list)                                                                      \
    (&(struct shape){.at = (place), .members = (list), .count = sizeof(list) / sizeof *(list)})

/* What is read, and where it stands: "/people/2/profile". */
struct reading {
    struct arena *arena;
    struct diag *diag;
    char at[48];
};

static enum status refuse(const struct reading *reading, const char *member, const char *sentence)
{
    char field[96];
    (void)snprintf(field, sizeof field, "%s/%s", reading->at, member);
    return diag_set(reading->diag, STATUS_INVALID, field, "%s", sentence);
}

/* --- an example ------------------------------------------------------------------------------- */

static enum status read_items(const struct reading *reading, const struct json *profile,
                              const char *member, const struct slice **out_items, size_t *out_count)
{
    const struct json *list = json_get(profile, member);
    size_t count = json_is(list, JSON_ARRAY) ? list->count : 0;
    struct slice *items = ARENA_ARRAY(reading->arena, count, struct slice);
    for (size_t i = 0; i < count; i++) {
        items[i] = json_scalar_text(&list->elements[i]);
        if (items[i].size == 0 || items[i].size > ITEM_ID_BYTES_MAX)
            return refuse(reading, member, "an item's id is a text or a number, up to 64 bytes");
    }
    *out_items = items;
    *out_count = count;
    return STATUS_OK;
}

/* 1 when it is left out; 0, which is refused, for what is no number. */
static double like_weight(const struct json *weight)
{
    if (!weight)
        return 1;
    return json_is(weight, JSON_INTEGER) || json_is(weight, JSON_NUMBER) ? weight->number : 0;
}

static enum status read_likes(const struct reading *reading, const struct json *profile,
                              struct decide_person *person)
{
    const struct json *list = json_get(profile, "likes");
    size_t count = json_is(list, JSON_ARRAY) ? list->count : 0;
    struct decide_affinity *likes = ARENA_ARRAY(reading->arena, count, struct decide_affinity);
    for (size_t i = 0; i < count; i++) {
        const struct json *like = &list->elements[i];
        double weight = like_weight(json_get(like, "weight"));
        likes[i] = (struct decide_affinity){json_get_text(like, "attribute"),
                                            json_get_text(like, "value"), (float)weight};
        if (likes[i].attribute.size == 0 || likes[i].value.size == 0 || !(weight > 0) ||
            weight > AFFINITY_WEIGHT_MAX)
            return refuse(reading, "likes",
                          "a like is {\"attribute\", \"value\", \"weight\"}, the weight over 0 and "
                          "up to 100");
    }
    person->affinities = likes;
    person->affinity_count = count;
    return STATUS_OK;
}

static enum status read_sizes(const struct reading *reading, const struct json *profile,
                              struct decide_person *person)
{
    const struct json *list = json_get(profile, "sizes");
    size_t count = json_is(list, JSON_ARRAY) ? list->count : 0;
    struct decide_size *sizes = ARENA_ARRAY(reading->arena, count, struct decide_size);
    for (size_t i = 0; i < count; i++) {
        sizes[i] = (struct decide_size){json_get_text(&list->elements[i], "system"),
                                        json_get_text(&list->elements[i], "size")};
        if (sizes[i].system.size == 0 || sizes[i].size.size == 0)
            return refuse(reading, "sizes", "a size is {\"system\", \"size\"}");
    }
    person->sizes = sizes;
    person->size_count = count;
    return STATUS_OK;
}

static enum status read_example(const struct reading *reading, const struct json *profile,
                                struct decide_person *out_person)
{
    struct decide_person person = {.personal = true, .basis = SLICE("granted")};
    enum status status =
        shape_check(SHAPE_OF(reading->at, profile_members), profile, reading->diag);
    if (status == STATUS_OK)
        status = read_items(reading, profile, "viewed", &person.recents, &person.recent_count);
    if (status == STATUS_OK)
        status = read_items(reading, profile, "bought", &person.bought, &person.bought_count);
    if (status == STATUS_OK)
        status = read_items(reading, profile, "basket", &person.basket, &person.basket_count);
    if (status == STATUS_OK)
        status = read_likes(reading, profile, &person);
    if (status == STATUS_OK)
        status = read_sizes(reading, profile, &person);
    person.level = (unsigned)json_get_int(profile, "level", person.recent_count ? 3 : 2);
    if (status == STATUS_OK)
        *out_person = person;
    return status;
}

/* --- who -------------------------------------------------------------------------------------- */

static enum status read_named(const struct reading *reading, struct slice identifier,
                              struct preview_person *person)
{
    person->who = PREVIEW_NAMED;
    enum status status =
        people_parse_identifier(identifier, reading->arena, &person->identifier, reading->diag);
    return status == STATUS_OK ? status
                               : refuse(reading, "identifier",
                                        "identifiers are written email:ada@example.org, "
                                        "user_id:42");
}

static enum status read_visitor(const struct reading *reading, struct slice decision,
                                struct preview_person *person)
{
    person->who = PREVIEW_VISITOR;
    return uuid_parse(decision, &person->decision)
               ? STATUS_OK
               : refuse(reading, "decision", "a decision is a UUID, as decide answered it");
}

static enum status read_one(struct reading *reading, const struct json *json,
                            struct preview_person *person)
{
    const struct json *identifier = json_get(json, "identifier"),
                      *profile = json_get(json, "profile"), *decision = json_get(json, "decision");
    if (!json_is(json, JSON_OBJECT) || !!identifier + !!profile + !!decision > 1)
        return diag_set(reading->diag, STATUS_INVALID, reading->at,
                        "a person is {\"identifier\": \"email:…\"}, {\"decision\": \"…\"}, "
                        "{\"profile\": {…}} or {}");
    enum status status = shape_check(SHAPE_OF(reading->at, person_members), json, reading->diag);
    if (status != STATUS_OK)
        return status;
    if (identifier)
        return read_named(reading, json_text(identifier), person);
    if (decision)
        return read_visitor(reading, json_text(decision), person);
    size_t size = strlen(reading->at);
    (void)snprintf(reading->at + size, sizeof reading->at - size, "/profile");
    person->who = profile ? PREVIEW_EXAMPLE : PREVIEW_NOBODY;
    return profile ? read_example(reading, profile, &person->facts) : STATUS_OK;
}

static enum status read_people(const struct json *body, struct arena *arena,
                               struct preview *preview, struct diag *diag)
{
    const struct json *people = json_get(body, "people");
    size_t count = json_is(people, JSON_ARRAY) ? people->count : 0;
    enum status status = STATUS_OK;
    preview->person_count = count ? count : 1; /* else an unknown visitor */
    for (size_t i = 0; i < count && status == STATUS_OK; i++) {
        struct reading reading = {.arena = arena, .diag = diag};
        (void)snprintf(reading.at, sizeof reading.at, "/people/%zu", i);
        status = read_one(&reading, &people->elements[i], &preview->people[i]);
    }
    return status;
}

/* --- what ------------------------------------------------------------------------------------- */

/* As the body of a decision has them: its placements (the draft's own, when none is named) and its
 * context. */
static enum status read_call(const struct json *body, struct arena *arena, struct preview *preview,
                             struct diag *diag)
{
    struct json *own = ARENA_NEW(arena, struct json);
    const struct json *placements = json_get(body, "placements");
    const struct json *context = json_get(body, "context");
    struct json call = {.kind = JSON_OBJECT, .members = ARENA_ARRAY(arena, 2, struct json_member)};
    if (!placements && preview->draft_count > 0) {
        *own = (struct json){.kind = JSON_STRING, .text = preview->drafts[0].id};
        struct json *list = ARENA_NEW(arena, struct json);
        *list = (struct json){.kind = JSON_ARRAY, .elements = own, .count = 1};
        placements = list;
    }
    if (placements)
        call.members[call.count++] = (struct json_member){SLICE("placements"), *placements};
    if (context)
        call.members[call.count++] = (struct json_member){SLICE("context"), *context};
    enum status status = decide_call_read(&call, arena, &preview->call, diag);
    if (status == STATUS_OK &&
        preview->call.moment.wish_count * preview->person_count > PREVIEW_DECISIONS_MAX)
        status = diag_set(diag, STATUS_TOO_LARGE, "/placements",
                          "People times placements are at most %d", PREVIEW_DECISIONS_MAX);
    return status;
}

static enum status read_given_draft(const struct json *body, struct arena *arena,
                                    struct preview *preview, struct diag *diag)
{
    const struct json *json = json_get(body, "draft");
    if (!json)
        return STATUS_OK;
    struct placement *draft = ARENA_NEW(arena, struct placement);
    enum status status = placement_from_json(json, arena, draft, diag);
    if (status != STATUS_OK) {
        char field[sizeof diag->field];
        (void)snprintf(field, sizeof field, "/draft%.*s", (int)(sizeof field - 8), diag->field);
        memcpy(diag->field, field, sizeof field);
        return status;
    }
    draft->stopped = false;
    preview->drafts = draft;
    preview->draft_count = 1;
    return STATUS_OK;
}

/* Of the placements that are asked for, those that have one. */
static enum status read_kept_drafts(struct engine *engine, struct arena *arena,
                                    struct preview *preview)
{
    const struct moment *moment = &preview->call.moment;
    struct placement *drafts = ARENA_ARRAY(arena, moment->wish_count, struct placement);
    enum status status = STATUS_OK;
    size_t count = 0;
    for (size_t i = 0; i < moment->wish_count && status == STATUS_OK; i++) {
        struct draft draft;
        status = draft_get(engine->store, preview->workspace->id, moment->wishes[i].placement,
                           arena, &draft);
        if (status == STATUS_OK)
            status = placement_from_json(draft.placement, arena, &drafts[count++], NULL);
        else if (status == STATUS_NOT_FOUND)
            status = STATUS_OK;
        if (count > 0)
            drafts[count - 1].stopped = false;
    }
    preview->drafts = drafts;
    preview->draft_count = count;
    return status;
}

static enum status read_at(const struct json *body, struct preview *preview, struct diag *diag)
{
    struct slice at = json_get_text(body, "at");
    preview->at_ms = clock_now_ms();
    return at.size == 0 || clock_parse_iso(at, &preview->at_ms)
               ? STATUS_OK
               : diag_set(diag, STATUS_INVALID, "/at", "at is an instant: 2026-12-24T18:00:00Z");
}

enum status preview_read(struct engine *engine, const struct json *body, struct arena *arena,
                         struct preview *preview, struct diag *diag)
{
    enum status status = shape_check(SHAPE_OF("", body_members), body, diag);
    if (status == STATUS_OK)
        status = read_at(body, preview, diag);
    if (status == STATUS_OK && !role_from_text(json_get_text(body, "as"), &preview->role))
        status = diag_set(diag, STATUS_INVALID, "/as", "as is marketer, agent or shopper");
    preview->locale = locale_from_text(json_get_text(body, "lang"), preview->workspace->locale);
    if (status == STATUS_OK)
        status = read_people(body, arena, preview, diag);
    if (status == STATUS_OK)
        status = read_given_draft(body, arena, preview, diag);
    if (status == STATUS_OK)
        status = read_call(body, arena, preview, diag);
    if (status == STATUS_OK && json_get_bool(body, "drafts", false) && preview->draft_count == 0)
        status = read_kept_drafts(engine, arena, preview);
    return status;
}

enum status preview_find_visitors(struct engine *engine, struct preview *preview,
                                  struct arena *arena, struct diag *diag)
{
    enum status status = STATUS_OK;
    for (size_t i = 0; i < preview->person_count && status == STATUS_OK; i++) {
        struct preview_person *person = &preview->people[i];
        if (person->who != PREVIEW_VISITOR)
            continue;
        struct decision_record *record = ARENA_NEW(arena, struct decision_record);
        status = decisions_get(engine->decisions, preview->workspace->id, person->decision, arena,
                               record);
        explaining_absence(status, diag);
        if (status != STATUS_OK)
            (void)snprintf(diag->field, sizeof diag->field, "/people/%zu/decision", i);
        person->node = record->asker_node;
        person->person = record->asker_person;
        person->trust = record->asker_trust;
    }
    return status;
}
