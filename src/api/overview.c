#include "api/overview.h"

#include "api/refused.h"
#include "api/reporting.h"
#include "base/clock.h"
#include "base/hash.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

/* Kept in tables of one place a hash: who comes to another's place takes it, and that one is made
 * anew when it is asked for. */
enum { EFFECTS_KEPT = 1024, COUNTED_KEPT = 64, EFFECT_BYTES_MAX = 1024 };

struct kept_effect {
    uint64_t key;
    int64_t at_ms;
    enum report_verdict verdict;
    size_t size;
    char text[EFFECT_BYTES_MAX]; /* JSON of report_brief */
};

struct overviews {
    pthread_mutex_t mutex; /* guards the tables */
    _Atomic bool refreshing;
    struct kept_effect effects[EFFECTS_KEPT];
    struct overview_counted counted[COUNTED_KEPT];
};

struct overviews *overviews_new(void)
{
    struct overviews *overviews = must_alloc_zero(1, sizeof *overviews);
    pthread_mutex_init(&overviews->mutex, NULL);
    return overviews;
}

void overviews_free(struct overviews *overviews)
{
    if (!overviews)
        return;
    pthread_mutex_destroy(&overviews->mutex);
    free(overviews);
}

/* --- what is kept ----------------------------------------------------------------------------- */

/* A placement as it is published: another version of it has another effect. */
static uint64_t effect_key(const struct overview *overview, struct slice placement)
{
    uint32_t whose[] = {overview->workspace->id, overview->workspace->policy->version};
    return hash64_pair(slice_make(whose, sizeof whose), placement);
}

/* at_ms 0: it is not known. */
static struct kept_effect effect_of(const struct overview *overview, struct slice placement)
{
    uint64_t key = effect_key(overview, placement);
    pthread_mutex_lock(&overview->kept->mutex);
    struct kept_effect effect = overview->kept->effects[key % EFFECTS_KEPT];
    pthread_mutex_unlock(&overview->kept->mutex);
    return effect.key == key ? effect
                             : (struct kept_effect){.key = key, .verdict = REPORT_VERDICT_COUNT};
}

static struct overview_counted counted_of(const struct overview *overview)
{
    uint32_t workspace = overview->workspace->id;
    pthread_mutex_lock(&overview->kept->mutex);
    struct overview_counted counted = overview->kept->counted[workspace % COUNTED_KEPT];
    pthread_mutex_unlock(&overview->kept->mutex);
    return counted.workspace == workspace ? counted
                                          : (struct overview_counted){.workspace = workspace};
}

static size_t told_count(const struct policy *policy)
{
    return policy->placement_count < OVERVIEW_PLACEMENTS ? policy->placement_count
                                                         : OVERVIEW_PLACEMENTS;
}

/* The placement whose effect is the oldest, when that is too old. */
static const struct placement *stale_placement(const struct overview *overview)
{
    const struct policy *policy = overview->workspace->policy;
    const struct placement *oldest = NULL;
    int64_t since_ms = overview->now_ms - OVERVIEW_EFFECT_MS;
    for (size_t i = 0; i < told_count(policy); i++) {
        int64_t at_ms = effect_of(overview, policy->placements[i].id).at_ms;
        if (at_ms < since_ms) {
            since_ms = at_ms;
            oldest = &policy->placements[i];
        }
    }
    return oldest;
}

static bool counts_are_stale(const struct overview *overview)
{
    return counted_of(overview).at_ms < overview->now_ms - OVERVIEW_PEOPLE_MS;
}

bool overview_claim(const struct overview *overview)
{
    return (counts_are_stale(overview) || stale_placement(overview)) &&
           !atomic_exchange(&overview->kept->refreshing, true);
}

void overview_unclaim(const struct overview *overview)
{
    atomic_store(&overview->kept->refreshing, false);
}

/* --- made anew -------------------------------------------------------------------------------- */

static void count_items(const struct overview *overview, struct overview_counted *counted)
{
    const struct catalog_snapshot *catalog =
        catalog_pin(overview->engine->catalog, overview->workspace->id);
    for (size_t i = 0; i < catalog_count(catalog); i++) {
        const struct item *item = catalog_at(catalog, i);
        counted->visible += !item->hidden;
        if (item->updated_ms > counted->changed_ms)
            counted->changed_ms = item->updated_ms;
    }
    catalog_unpin(catalog);
}

static void count_anew(const struct overview *overview)
{
    uint32_t workspace = overview->workspace->id;
    struct overview_counted counted = {.workspace = workspace, .at_ms = overview->now_ms};
    enum status status = population_count(overview->engine->people, workspace, overview->now_ms,
                                          &counted.population);
    if (status != STATUS_OK) /* damage: who reads a person is told; here it is a number less */
        counted.population = (struct population){0};
    count_items(overview, &counted);
    pthread_mutex_lock(&overview->kept->mutex);
    overview->kept->counted[workspace % COUNTED_KEPT] = counted;
    pthread_mutex_unlock(&overview->kept->mutex);
}

static void measure_anew(const struct overview *overview, const struct placement *placement)
{
    struct kept_effect effect = {.key = effect_key(overview, placement->id),
                                 .at_ms = overview->now_ms,
                                 .verdict = REPORT_VERDICT_COUNT};
    const struct reporting reporting = {.workspace = overview->workspace,
                                        .placement = placement->id,
                                        .locale = overview->workspace->locale};
    struct buf text;
    buf_init(&text, EFFECT_BYTES_MAX);
    if (report_brief(overview->engine, &reporting, &text, &effect.verdict) == STATUS_OK &&
        !text.overflowed) {
        effect.size = text.size;
        memcpy(effect.text, buf_slice(&text).data, text.size);
    }
    buf_done(&text);
    pthread_mutex_lock(&overview->kept->mutex);
    overview->kept->effects[effect.key % EFFECTS_KEPT] = effect;
    pthread_mutex_unlock(&overview->kept->mutex);
}

void overview_refresh(const struct overview *overview)
{
    uint64_t until_us = clock_monotonic_us() + OVERVIEW_REFRESH_US;
    const struct placement *placement;
    if (counts_are_stale(overview))
        count_anew(overview);
    for (size_t i = 0; i < OVERVIEW_PLACEMENTS && clock_monotonic_us() < until_us; i++)
        if ((placement = stale_placement(overview)) != NULL)
            measure_anew(overview, placement);
    overview_unclaim(overview);
}

/* --- one section each ------------------------------------------------------------------------- */

/* What is written, and what of it the path is told from. */
struct telling {
    const struct overview *overview;
    struct overview_counted counted;
    struct feeds_standing feeds;
    struct overview_facts facts;
    struct json_out *out;
};

static void write_count(const char *name, const struct activity_count *count, struct json_out *out)
{
    json_name(out, name);
    json_object(out);
    JSON_INT_MEMBER(out, "decisions", (int64_t)count->decisions);
    JSON_INT_MEMBER(out, "personalised", (int64_t)count->personalised);
    JSON_INT_MEMBER(out, "fallback", (int64_t)count->fallback);
    json_end(out);
}

static void write_time(const char *name, int64_t ms, struct json_out *out)
{
    json_name(out, name);
    if (ms > 0)
        json_time(out, ms);
    else
        json_null(out);
}

static bool is_personal(const struct placement *placement)
{
    bool personal = placement->mix == MIX_BLEND || placement_lifts(placement);
    for (size_t i = 0; i < recipe_steps(placement); i++)
        personal = personal || step_reads_history(&placement->steps[i]);
    return personal;
}

static void note_placement(struct telling *telling, const struct placement *placement,
                           const struct kept_effect *effect, const struct activity_figures *figures)
{
    struct overview_facts *facts = &telling->facts;
    facts->placement = true;
    facts->shown |= figures->week.decisions > 0;
    facts->personal |= is_personal(placement);
    facts->measured |= placement->objective.kind != OBJECTIVE_NONE;
    facts->blends |= placement->mix == MIX_BLEND;
    facts->explores |= placement->explore > 0;
    facts->effect_known |= effect->verdict == REPORT_BETTER || effect->verdict == REPORT_WORSE ||
                           effect->verdict == REPORT_NO_EFFECT;
}

static void write_placement(struct telling *telling, const struct placement *placement)
{
    const struct overview *overview = telling->overview;
    struct json_out *out = telling->out;
    struct kept_effect effect = effect_of(overview, placement->id);
    struct activity_figures figures;
    activity_read(overview->activity, overview->workspace->id, placement->id, overview->now_ms,
                  &figures);
    note_placement(telling, placement, &effect, &figures);
    json_object(out);
    JSON_STRING_MEMBER(out, "id", placement->id);
    JSON_STRING_MEMBER(out, "name", placement->name);
    write_count("hour", &figures.hour, out);
    write_count("day", &figures.day, out);
    write_count("week", &figures.week, out);
    json_name(out, "effect");
    if (effect.size > 0)
        json_raw(out, slice_make(effect.text, effect.size));
    else
        json_null(out);
    write_time("effectAt", effect.at_ms, out);
    json_end(out);
}

static void write_placements(struct telling *telling)
{
    const struct policy *policy = telling->overview->workspace->policy;
    struct json_out *out = telling->out;
    JSON_INT_MEMBER(out, "placementCount", (int64_t)policy->placement_count);
    json_name(out, "placements");
    json_array(out);
    for (size_t i = 0; i < told_count(policy); i++)
        write_placement(telling, &policy->placements[i]);
    json_end(out);
    write_time("countedSince", activity_since(telling->overview->activity), out);
}

static void write_catalog(struct telling *telling)
{
    const struct overview *overview = telling->overview;
    const struct feeds_standing *feeds = &telling->feeds;
    struct json_out *out = telling->out;
    const struct catalog_snapshot *catalog =
        catalog_pin(overview->engine->catalog, overview->workspace->id);
    size_t items = catalog_count(catalog), failed = 0, scheduled = 0;
    catalog_unpin(catalog);
    for (size_t i = 0; i < feeds->count; i++) {
        failed += feeds->list[i].failed;
        scheduled += feeds->list[i].scheduled;
    }
    int64_t week_ms = 7 * (int64_t)MS_PER_DAY;
    telling->facts.items = items > 0;
    telling->facts.catalog_kept =
        scheduled > 0 || (items > 0 && telling->counted.changed_ms > overview->now_ms - week_ms);
    json_name(out, "catalog");
    json_object(out);
    JSON_INT_MEMBER(out, "items", (int64_t)items);
    JSON_INT_MEMBER(out, "visible", (int64_t)telling->counted.visible);
    write_time("changed", telling->counted.changed_ms, out);
    JSON_INT_MEMBER(out, "feeds", (int64_t)feeds->count);
    JSON_INT_MEMBER(out, "feedsFailed", (int64_t)failed);
    JSON_INT_MEMBER(out, "feedsHeld", (int64_t)feeds->held_count);
    json_end(out);
}

static void write_models(struct telling *telling)
{
    const struct overview *overview = telling->overview;
    const struct learn_snapshot *learned =
        learning_pin(overview->engine->learning, overview->workspace->id);
    struct rebuilding_counts counts;
    rebuilding_counts(overview->engine->rebuilding, &counts);
    uint64_t sequence = ledger_sequence(overview->engine->ledger);
    struct json_out *out = telling->out;
    telling->facts.events = learned != NULL;
    if (learned)
        learn_unpin(learned);
    json_name(out, "models");
    json_object(out);
    JSON_BOOL_MEMBER(out, "learning", telling->facts.events);
    write_time("rebuilt", counts.last_ms, out);
    JSON_INT_MEMBER(out, "rowsSince", (int64_t)(sequence - counts.last_sequence));
    JSON_INT_MEMBER(out, "rebuildsGivenUp", (int64_t)counts.given_up);
    json_end(out);
}

static void write_people(struct telling *telling)
{
    const struct population *population = &telling->counted.population;
    struct json_out *out = telling->out;
    telling->facts.consent = population->recognised > 0;
    json_name(out, "people");
    if (population->at_ms == 0) {
        json_null(out);
        return;
    }
    json_object(out);
    write_time("at", population->at_ms, out);
    JSON_INT_MEMBER(out, "count", (int64_t)population->people);
    JSON_BOOL_MEMBER(out, "sampled", population->sampled);
    JSON_INT_MEMBER(out, "asked", (int64_t)population->asked);
    JSON_BOOL_MEMBER(out, "levelsSampled", population->levels_sampled || population->sampled);
    JSON_INT_MEMBER(out, "recognised", (int64_t)population->recognised);
    json_name(out, "levels");
    json_array(out);
    for (size_t i = 0; i < POPULATION_LEVELS; i++)
        json_int(out, (int64_t)population->levels[i]);
    json_end(out);
    json_end(out);
}

/* --- what needs somebody ---------------------------------------------------------------------- */

struct need {
    const char *code, *severity, *screen;
    struct slice id;
    uint64_t count;
    bool more; /* at least so many */
};

static void write_need(struct json_out *out, const struct need *need)
{
    json_object(out);
    JSON_STRING_MEMBER(out, "code", slice_of(need->code));
    JSON_STRING_MEMBER(out, "severity", slice_of(need->severity));
    JSON_STRING_MEMBER(out, "screen", slice_of(need->screen));
    json_text_member(out, "id", need->id);
    if (need->count > 0)
        JSON_INT_MEMBER(out, "count", (int64_t)need->count);
    if (need->more)
        JSON_BOOL_MEMBER(out, "more", true);
    json_end(out);
}

static void write_feed_needs(const struct feeds_standing *feeds, struct json_out *out)
{
    for (size_t i = 0; i < feeds->held_count; i++)
        write_need(out, &(struct need){"feed_held", "soon", "catalog", feeds->held[i], 0, false});
    for (size_t i = 0; i < feeds->count; i++) {
        const struct feed_standing *feed = &feeds->list[i];
        if (feed->failed)
            write_need(out, &(struct need){"feed_failed", "urgent", "catalog", feed->id, 0, false});
        else if (feed->refused > 0)
            write_need(out, &(struct need){"feed_rows_refused", "soon", "catalog", feed->id,
                                           feed->refused, false});
    }
}

struct refused_count {
    int64_t since_ms;
    uint64_t count;
};

static enum status count_refused(void *context, const struct refused_row *row)
{
    struct refused_count *refused = context;
    if (row->time_ms < refused->since_ms)
        return STATUS_NOT_FOUND; /* older ones do not count: enough */
    refused->count++;
    return STATUS_OK;
}

static void write_refused_need(const struct overview *overview, struct json_out *out)
{
    const struct refused_range range = {.workspace = overview->workspace->id,
                                        .limit = OVERVIEW_REFUSED};
    struct refused_count refused = {.since_ms = overview->now_ms - MS_PER_DAY};
    enum status status = refused_each(overview->engine->store, &range, count_refused, &refused);
    (void)status; /* a damaged row is told to who reads them */
    if (refused.count > 0)
        write_need(out, &(struct need){"events_refused", "soon", "settings", SLICE_NONE,
                                       refused.count, refused.count == OVERVIEW_REFUSED});
}

static void write_machine_needs(const struct overview *overview, struct json_out *out)
{
    const struct store *store = overview->engine->store;
    struct rebuilding_counts counts;
    rebuilding_counts(overview->engine->rebuilding, &counts);
    if (counts.last_given_up)
        write_need(out, &(struct need){"rebuild_failed", "soon", "settings", SLICE_NONE, 0, false});
    if (store_free_bytes(store) < 2 * store_reserve_bytes(store))
        write_need(out, &(struct need){"disk_low", "urgent", "settings", SLICE_NONE, 0, false});
}

static void write_needs(struct telling *telling)
{
    const struct overview *overview = telling->overview;
    const struct policy *policy = overview->workspace->policy;
    struct json_out *out = telling->out;
    json_name(out, "needs");
    json_array(out);
    for (size_t i = 0; i < told_count(policy); i++) {
        struct slice id = policy->placements[i].id;
        if (effect_of(overview, id).verdict == REPORT_SPLIT_WRONG)
            write_need(out, &(struct need){"split_wrong", "urgent", "proof", id, 0, false});
    }
    write_feed_needs(&telling->feeds, out);
    write_refused_need(overview, out);
    write_machine_needs(overview, out);
    json_end(out);
}

void overview_write(const struct overview *overview, struct arena *arena, struct buf *buf)
{
    struct json_out out = json_out(buf);
    struct telling telling = {
        .overview = overview,
        .counted = counted_of(overview),
        .feeds = feeds_standing(overview->engine->feeds, overview->workspace->id, arena),
        .out = &out};
    json_object(&out);
    JSON_TIME_MEMBER(&out, "at", overview->now_ms);
    JSON_STRING_MEMBER(&out, "workspace", overview->workspace->name);
    JSON_STRING_MEMBER(&out, "timezone", overview->workspace->timezone);
    JSON_STRING_MEMBER(&out, "currency", overview->workspace->currency);
    JSON_INT_MEMBER(&out, "version", overview->workspace->policy->version);
    write_placements(&telling);
    write_catalog(&telling);
    write_models(&telling);
    write_people(&telling);
    write_needs(&telling);
    overview_path_write(&telling.facts, &out);
    json_end(&out);
}
