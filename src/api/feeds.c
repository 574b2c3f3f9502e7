/* Row of a feed in space `config`: prefix, 'f', hash of its id → version, id, settings as JSON, and
 * those of before. */
#include "api/feeds.h"

#include "api/audit.h"
#include "api/feed_past.h"
#include "api/feed_run.h"
#include "base/clock.h"
#include "base/hash.h"
#include "base/pack.h"

#include <assert.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum {
    KIND_FEED = 15, /* in the log; never reused */
    ROW_VERSION = 2,
    KEY_SIZE = STORE_KEY_PREFIX_BYTES + 1 + 16,
    SETTINGS_BYTES_MAX = 65536,
    ROW_BYTES_MAX = (FEED_PAST_MAX + 1) * (SETTINGS_BYTES_MAX + 256),
    HELD_MAX = 50,
    SLEEP_MS_MAX = 60000
};

struct pulled { /* one feed; the list's mutex guards all of it */
    uint32_t workspace;
    struct arena arena; /* of id, text, settings, past */
    struct slice id, text;
    struct feed_settings settings;
    struct feed_past past;
    int64_t due_ms; /* INT64_MAX: when asked */
    bool asked, running;
    char etag[FETCH_ETAG_BYTES], last_modified[64]; /* of the last one taken … */
    uint64_t moves;                                 /* … through this map of categories */
    struct feed_report report;
};

struct approval { /* asked for, not begun */
    uint32_t workspace;
    char id[FEED_NAME_BYTES_MAX + 1];
};

struct feeds {
    struct feeds_parts parts;
    pthread_mutex_t mutex, writing; /* writing: one change of settings at a time */
    pthread_cond_t wake;
    pthread_t thread;
    bool started;
    _Atomic bool stop;
    struct pulled **list;
    size_t count;
    struct approval approvals[HELD_MAX];
    size_t approval_count;
    struct arena arena; /* of the hosts */
    struct slice hosts[FEED_HOSTS_MAX];
    size_t host_count;
};

/* --- the ledger kind `feed` ------------------------------------------------------------------- */

struct feed_entry {
    struct ledger_entry entry; /* first */
    struct slice id, text;
    const struct feed_past *past; /* NULL: the feed goes */
};

static struct slice feed_key(uint32_t workspace, struct slice id, uint8_t room[KEY_SIZE])
{
    struct hash128 hash = hash128(id);
    store_key_prefix(workspace, room);
    room[STORE_KEY_PREFIX_BYTES] = 'f';
    memcpy(room + STORE_KEY_PREFIX_BYTES + 1, hash.bytes, sizeof hash.bytes);
    return slice_make(room, KEY_SIZE);
}

static enum status record(void *context, struct ledger_entry *entry, struct ledger_write *write)
{
    (void)context;
    const struct feed_entry *feed = (const struct feed_entry *)entry;
    uint8_t room[KEY_SIZE];
    struct slice key = feed_key(write->workspace, feed->id, room);
    struct buf value;
    buf_init(&value, ROW_BYTES_MAX);
    pack_u8(&value, ROW_VERSION);
    pack_text(&value, feed->id);
    pack_text(&value, feed->text);
    if (feed->past) {
        feed_past_pack(feed->past, &value);
        store_batch_put(write->batch, write->store, SPACE_CONFIG, key, buf_slice(&value));
    } else {
        store_batch_delete(write->batch, write->store, SPACE_CONFIG, key);
    }
    buf_done(&value);
    pack_text(write->log_value, feed->id);
    return STATUS_OK;
}

static const struct ledger_kind kind_feed = {.name = "feed", .code = KIND_FEED, .record = record};

/* --- the list --------------------------------------------------------------------------------- */

static void lock(struct feeds *feeds)
{
    int failed = pthread_mutex_lock(&feeds->mutex);
    assert(failed == 0);
}

static void unlock(struct feeds *feeds)
{
    int failed = pthread_mutex_unlock(&feeds->mutex);
    assert(failed == 0);
}

static size_t place_of(const struct feeds *feeds, uint32_t workspace, struct slice id)
{
    size_t place = 0;
    while (place < feeds->count &&
           (feeds->list[place]->workspace != workspace || !slice_equal(feeds->list[place]->id, id)))
        place++;
    return place;
}

static struct pulled *find(const struct feeds *feeds, uint32_t workspace, struct slice id)
{
    size_t place = place_of(feeds, workspace, id);
    return place < feeds->count ? feeds->list[place] : NULL;
}

static void pulled_free(struct pulled *pulled)
{
    arena_done(&pulled->arena);
    free(pulled);
}

static enum status pulled_new(uint32_t workspace, struct slice id, struct slice text,
                              struct pulled **out_pulled, struct diag *diag)
{
    struct pulled *pulled = must_alloc_zero(1, sizeof *pulled);
    const struct json *json;
    arena_init(&pulled->arena);
    pulled->workspace = workspace;
    pulled->id = arena_copy(&pulled->arena, id);
    pulled->text = arena_copy(&pulled->arena, text);
    enum status status = json_parse(&pulled->arena, pulled->text, &json, diag);
    if (status == STATUS_OK)
        status = feed_settings_read(json, &pulled->arena, &pulled->settings, diag);
    if (status != STATUS_OK) {
        pulled_free(pulled);
        return status;
    }
    *out_pulled = pulled;
    return STATUS_OK;
}

static void remove_at(struct feeds *feeds, size_t place)
{
    pulled_free(feeds->list[place]);
    feeds->list[place] = feeds->list[--feeds->count];
}

/* In place of the one before, whose report stays; the same URL keeps what we know of it. */
static void put_in_list(struct feeds *feeds, struct pulled *fresh)
{
    size_t place = place_of(feeds, fresh->workspace, fresh->id);
    fresh->due_ms = fresh->settings.every_minutes > 0 ? clock_now_ms() : INT64_MAX;
    if (place == feeds->count) {
        feeds->list = must_realloc(feeds->list, (feeds->count + 1) * sizeof *feeds->list);
        feeds->list[feeds->count++] = fresh;
        return;
    }
    struct pulled *old = feeds->list[place];
    fresh->report = old->report;
    fresh->running = old->running;
    if (slice_equal(old->text, fresh->text)) {
        fresh->moves = old->moves;
        memcpy(fresh->etag, old->etag, sizeof fresh->etag);
        memcpy(fresh->last_modified, old->last_modified, sizeof fresh->last_modified);
    }
    feeds->list[place] = fresh;
    pulled_free(old);
}

/* --- open and close --------------------------------------------------------------------------- */

static enum status load_row(struct feeds *feeds, struct slice key, struct slice value)
{
    struct unpack in = unpack_of(value);
    uint8_t version = unpack_u8(&in);
    struct slice id = unpack_text(&in), text = unpack_text(&in);
    struct pulled *pulled;
    if (version != ROW_VERSION ||
        pulled_new(key_get_u32((const uint8_t *)key.data), id, text, &pulled, NULL) != STATUS_OK)
        return STATUS_CORRUPT;
    if (!feed_past_unpack(&in, &pulled->arena, &pulled->past) || !unpack_finished(&in)) {
        pulled_free(pulled);
        return STATUS_CORRUPT;
    }
    put_in_list(feeds, pulled);
    return STATUS_OK;
}

static enum status load(struct feeds *feeds)
{
    uint8_t last[STORE_KEY_BYTES_MAX];
    memset(last, 0xFF, sizeof last);
    struct store_range all = {.from = SLICE(""), .to = slice_make(last, sizeof last)};
    struct store_iterator *rows = store_iterate(feeds->parts.store, SPACE_CONFIG, &all);
    struct slice key, value;
    enum status status = STATUS_OK;
    while (status == STATUS_OK && store_next(rows, &key, &value))
        if (key.size == KEY_SIZE && key.data[STORE_KEY_PREFIX_BYTES] == 'f')
            status = load_row(feeds, key, value);
    if (status == STATUS_OK)
        status = store_iterator_status(rows);
    store_iterator_close(rows);
    return status;
}

enum status feeds_open(const struct feeds_parts *parts, struct feeds **out_feeds, struct diag *diag)
{
    struct feeds *feeds = must_alloc_zero(1, sizeof *feeds);
    pthread_condattr_t monotonic;
    feeds->parts = *parts;
    arena_init(&feeds->arena);
    pthread_mutex_init(&feeds->mutex, NULL);
    pthread_mutex_init(&feeds->writing, NULL);
    pthread_condattr_init(&monotonic);
    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    pthread_cond_init(&feeds->wake, &monotonic);
    pthread_condattr_destroy(&monotonic);
    enum status status = load(feeds);
    if (status != STATUS_OK) {
        feeds_close(feeds);
        return diag_set(diag, status, "feeds", "the settings of feeds cannot be read");
    }
    ledger_register(parts->ledger, &kind_feed, feeds);
    *out_feeds = feeds;
    return STATUS_OK;
}

void feeds_close(struct feeds *feeds)
{
    if (!feeds)
        return;
    while (feeds->count > 0)
        remove_at(feeds, feeds->count - 1);
    free(feeds->list);
    arena_done(&feeds->arena);
    pthread_cond_destroy(&feeds->wake);
    pthread_mutex_destroy(&feeds->writing);
    pthread_mutex_destroy(&feeds->mutex);
    free(feeds);
}

/* --- changes ---------------------------------------------------------------------------------- */

static enum status check_room(struct feeds *feeds, const struct feed_name *name, struct diag *diag)
{
    size_t mine = 0;
    lock(feeds);
    bool known = find(feeds, name->workspace, name->id) != NULL;
    for (size_t i = 0; i < feeds->count; i++)
        mine += feeds->list[i]->workspace == name->workspace;
    unlock(feeds);
    return known || mine < FEEDS_PER_WORKSPACE_MAX
               ? STATUS_OK
               : diag_set(diag, STATUS_TOO_LARGE, "", "A workspace has at most %d feeds",
                          FEEDS_PER_WORKSPACE_MAX);
}

/* What was before, so that it can be put back; cut where a map of columns is long. */
static void tell_change(struct feeds *feeds, const struct feed_name *name, struct slice text,
                        struct audit *audit)
{
    struct buf before, told;
    buf_init(&before, SETTINGS_BYTES_MAX);
    buf_init(&told, 2 * (size_t)SETTINGS_BYTES_MAX);
    lock(feeds);
    const struct pulled *pulled = find(feeds, name->workspace, name->id);
    buf_add(&before, pulled ? pulled->text : SLICE_NONE);
    unlock(feeds);
    buf_format(&told, "feed %.*s", SLICE_ARG(name->id));
    feed_settings_tell(buf_slice(&before), text, AUDIT_DETAIL_BYTES_MAX, &told);
    (void)snprintf(audit->detail, sizeof audit->detail, "%.*s", SLICE_ARG(buf_slice(&told)));
    buf_done(&told);
    buf_done(&before);
}

/* fresh NULL: the feed goes. */
static enum status write_row(struct feeds *feeds, const struct feed_name *name,
                             const struct pulled *fresh)
{
    struct slice text = fresh ? fresh->text : SLICE_NONE;
    struct feed_entry feed = {.id = name->id, .text = text, .past = fresh ? &fresh->past : NULL};
    struct audit audit;
    struct ledger *ledger = feeds->parts.ledger;
    ledger_entry_init(ledger, &feed.entry, &kind_feed, name->workspace,
                      sizeof feed + text.size + name->id.size);
    audit_init(ledger, &audit, name->workspace, AUDIT_SETTINGS_CHANGE, name->by);
    audit.about = &feed.entry;
    tell_change(feeds, name, text, &audit);
    struct ledger_entry *entries[] = {&feed.entry, &audit.entry};
    struct ledger_commit commit = {.entries = entries, .entry_count = 2};
    enum status status = ledger_submit_and_wait(ledger, &commit);
    return status == STATUS_OK ? feed.entry.status : status;
}

static enum status take_away(struct feeds *feeds, const struct feed_name *name)
{
    lock(feeds);
    bool known = find(feeds, name->workspace, name->id) != NULL;
    unlock(feeds);
    enum status status = known ? write_row(feeds, name, NULL) : STATUS_NOT_FOUND;
    if (status != STATUS_OK)
        return status;
    lock(feeds);
    remove_at(feeds, place_of(feeds, name->workspace, name->id));
    unlock(feeds);
    return STATUS_OK;
}

/* The settings as we understood them, so that a row never holds more than we read. */
static enum status settings_text(struct feeds *feeds, const struct json *settings, struct buf *text,
                                 struct diag *diag)
{
    struct arena arena;
    struct feed_settings read;
    arena_init(&arena);
    enum status status = feed_settings_read(settings, &arena, &read, diag);
    if (status == STATUS_OK)
        status = fetch_check_url(read.url, feeds->hosts, feeds->host_count, diag);
    if (status == STATUS_OK) {
        struct json_out out = json_out(text);
        json_object(&out);
        feed_settings_write(&read, &out);
        json_end(&out);
    }
    arena_done(&arena);
    if (status == STATUS_OK && text->overflowed)
        return diag_set(diag, STATUS_TOO_LARGE, "", "The settings are over %d bytes",
                        SETTINGS_BYTES_MAX);
    return status;
}

/* What is put again unchanged is not written, and not pulled before its time. */
static bool is_put(struct feeds *feeds, const struct feed_name *name, struct slice text)
{
    lock(feeds);
    const struct pulled *pulled = find(feeds, name->workspace, name->id);
    bool same = pulled && slice_equal(pulled->text, text);
    unlock(feeds);
    return same;
}

/* What it takes the place of becomes its past. */
static void inherit_past(struct feeds *feeds, const struct feed_name *name, struct pulled *fresh)
{
    lock(feeds);
    const struct pulled *old = find(feeds, name->workspace, name->id);
    if (old)
        fresh->past = feed_past_add(&old->past, clock_now_ms(), name->by, old->text, &fresh->arena);
    unlock(feeds);
}

static enum status put_settings(struct feeds *feeds, const struct feed_name *name,
                                const struct json *settings, struct diag *diag)
{
    struct pulled *fresh = NULL;
    struct buf text;
    buf_init(&text, SETTINGS_BYTES_MAX);
    enum status status = check_room(feeds, name, diag);
    if (status == STATUS_OK)
        status = settings_text(feeds, settings, &text, diag);
    if (status == STATUS_OK && is_put(feeds, name, buf_slice(&text))) {
        buf_done(&text);
        return STATUS_OK;
    }
    if (status == STATUS_OK)
        status = pulled_new(name->workspace, name->id, buf_slice(&text), &fresh, diag);
    buf_done(&text);
    if (status == STATUS_OK) {
        inherit_past(feeds, name, fresh);
        status = write_row(feeds, name, fresh);
    }
    if (status != STATUS_OK) {
        if (fresh)
            pulled_free(fresh);
        return status;
    }
    lock(feeds);
    put_in_list(feeds, fresh);
    pthread_cond_signal(&feeds->wake);
    unlock(feeds);
    return STATUS_OK;
}

enum status feeds_put(struct feeds *feeds, const struct feed_name *name,
                      const struct json *settings, struct diag *diag)
{
    if (!feed_name_valid(name->id))
        return diag_set(diag, STATUS_INVALID, "id",
                        "A feed's name has 1 to 64 letters, digits, \"-\", \"_\" and \".\"");
    pthread_mutex_lock(&feeds->writing);
    enum status status =
        settings ? put_settings(feeds, name, settings, diag) : take_away(feeds, name);
    pthread_mutex_unlock(&feeds->writing);
    return status;
}

/* --- asking ----------------------------------------------------------------------------------- */

static bool is_held(struct feeds *feeds, const struct feed_name *name)
{
    struct arena arena;
    struct slice names[HELD_MAX];
    bool found = false;
    arena_init(&arena);
    size_t count =
        staging_list_held(feeds->parts.catalog, name->workspace, &arena, names, HELD_MAX);
    for (size_t i = 0; i < count; i++)
        found |= slice_equal(names[i], name->id);
    arena_done(&arena);
    return found;
}

static enum status tell_audit(struct feeds *feeds, const struct feed_name *name,
                              enum feed_wish wish)
{
    static const char *const words[] = {"run", "approve", "reject"};
    struct audit audit;
    audit_init(feeds->parts.ledger, &audit, name->workspace, AUDIT_IMPORT, name->by);
    (void)snprintf(audit.detail, sizeof audit.detail, "feed %s %.*s", words[wish],
                   SLICE_ARG(name->id));
    return audit_append(feeds->parts.ledger, &audit);
}

static enum status queue_wish(struct feeds *feeds, const struct feed_name *name,
                              enum feed_wish wish)
{
    lock(feeds);
    struct pulled *pulled = find(feeds, name->workspace, name->id);
    bool room = feeds->approval_count < HELD_MAX;
    if (wish == FEED_WISH_RUN && pulled) {
        pulled->asked = true;
    } else if (wish == FEED_WISH_APPROVE && room) {
        struct approval *approval = &feeds->approvals[feeds->approval_count++];
        approval->workspace = name->workspace;
        (void)snprintf(approval->id, sizeof approval->id, "%.*s", SLICE_ARG(name->id));
    }
    pthread_cond_signal(&feeds->wake);
    unlock(feeds);
    if (wish == FEED_WISH_RUN)
        return pulled ? STATUS_OK : STATUS_NOT_FOUND;
    return room ? STATUS_OK : STATUS_OVERLOADED;
}

enum status feeds_ask(struct feeds *feeds, const struct feed_name *name, enum feed_wish wish,
                      struct diag *diag)
{
    if (!feeds->started)
        return diag_set(diag, STATUS_CONFLICT, "", "No server pulls feeds here");
    if (wish != FEED_WISH_RUN && !is_held(feeds, name))
        return diag_set(diag, STATUS_NOT_FOUND, "", "No feed of this name waits for approval");
    enum status status = tell_audit(feeds, name, wish);
    if (status != STATUS_OK)
        return status;
    status = wish == FEED_WISH_REJECT
                 ? staging_drop_held(feeds->parts.catalog, name->workspace, name->id)
                 : queue_wish(feeds, name, wish);
    return status == STATUS_NOT_FOUND ? diag_set(diag, status, "", "There is no feed of this name")
                                      : status;
}

/* --- the thread ------------------------------------------------------------------------------- */

/* The feed to pull now, or NULL and until when there is nothing to do. */
static struct pulled *next_due(const struct feeds *feeds, int64_t now_ms, int64_t *out_until_ms)
{
    *out_until_ms = now_ms + SLEEP_MS_MAX;
    for (size_t i = 0; i < feeds->count; i++) {
        struct pulled *pulled = feeds->list[i];
        if (pulled->asked || (!pulled->settings.paused && pulled->due_ms <= now_ms))
            return pulled;
        if (!pulled->settings.paused && pulled->due_ms < *out_until_ms)
            *out_until_ms = pulled->due_ms;
    }
    return NULL;
}

static void sleep_until(struct feeds *feeds, int64_t ms)
{
    struct timespec until;
    int failed = clock_gettime(CLOCK_MONOTONIC, &until);
    assert(failed == 0);
    until.tv_sec += ms / 1000;
    until.tv_nsec += ms % 1000 * 1000000;
    until.tv_sec += until.tv_nsec / 1000000000;
    until.tv_nsec %= 1000000000;
    (void)pthread_cond_timedwait(&feeds->wake, &feeds->mutex, &until);
}

/* What a run needs, copied: settings may change meanwhile. */
static enum status copy_run(struct feeds *feeds, const struct pulled *pulled, struct arena *arena,
                            struct feed_run *out_run)
{
    const struct workspaces_snapshot *snapshot = workspaces_pin(feeds->parts.workspaces);
    const struct workspace *workspace = workspaces_by_id(snapshot, pulled->workspace);
    const struct json *json;
    struct feed_run run = {.catalog = feeds->parts.catalog,
                           .workspace = pulled->workspace,
                           .id = arena_copy(arena, pulled->id),
                           .etag = slice_of(arena_copy_text(arena, slice_of(pulled->etag))),
                           .hosts = feeds->hosts,
                           .host_count = feeds->host_count,
                           .stop = &feeds->stop};
    run.last_modified = slice_of(arena_copy_text(arena, slice_of(pulled->last_modified)));
    run.currency = workspace ? arena_copy(arena, workspace->currency) : SLICE_NONE;
    run.locale = workspace ? workspace->locale : LOCALE_FR;
    if (workspace)
        run.moves = category_map_copy(&workspace->category_map, arena);
    if (pulled->moves != category_map_hash(&run.moves)) /* the same bytes mean other items now */
        run.etag = run.last_modified = SLICE_NONE;
    enum status status = workspace ? STATUS_OK : STATUS_NOT_FOUND;
    workspaces_unpin(snapshot);
    if (status == STATUS_OK)
        status = json_parse(arena, pulled->text, &json, NULL);
    if (status == STATUS_OK)
        status = feed_settings_read(json, arena, &run.settings, NULL);
    *out_run = run;
    return status;
}

/* The feed may have gone or changed while it was pulled. */
static void keep_report(struct feeds *feeds, const struct feed_run *run,
                        const struct feed_report *report)
{
    struct pulled *pulled = find(feeds, run->workspace, run->id);
    if (!pulled)
        return;
    pulled->report = *report;
    pulled->running = false;
    if (report->outcome != FEED_TAKEN || !slice_equal(pulled->settings.url, run->settings.url))
        return;
    pulled->moves = category_map_hash(&run->moves);
    memcpy(pulled->etag, report->fetched.etag, sizeof pulled->etag);
    memcpy(pulled->last_modified, report->fetched.last_modified, sizeof pulled->last_modified);
}

/* Locked on entry and exit, not between. */
static void pull(struct feeds *feeds, struct pulled *pulled)
{
    struct arena arena;
    struct feed_run run;
    struct feed_report *report = must_alloc_zero(1, sizeof *report);
    int64_t every = pulled->settings.every_minutes;
    arena_init(&arena);
    pulled->asked = false;
    pulled->running = true;
    pulled->due_ms = every > 0 ? clock_now_ms() + every * 60000 : INT64_MAX;
    enum status status = copy_run(feeds, pulled, &arena, &run);
    unlock(feeds);
    if (status == STATUS_OK)
        feed_run(&run, report);
    lock(feeds);
    keep_report(feeds, &run, report);
    arena_done(&arena);
    free(report);
}

/* Locked on entry and exit, not between. */
static void approve(struct feeds *feeds)
{
    struct approval approval = feeds->approvals[--feeds->approval_count];
    struct staging_result result = {0};
    struct staging *staging;
    struct diag diag;
    struct slice id = slice_of(approval.id);
    unlock(feeds);
    enum status status =
        staging_open_held(feeds->parts.catalog, approval.workspace, id, &staging, &diag);
    if (status == STATUS_OK) {
        status = staging_apply(staging, &result);
        staging_free(staging);
    }
    if (status == STATUS_OK)
        status = staging_drop_held(feeds->parts.catalog, approval.workspace, id);
    lock(feeds);
    struct pulled *pulled = find(feeds, approval.workspace, id);
    if (!pulled || status != STATUS_OK)
        return; /* what could not be written still waits */
    pulled->report.outcome = FEED_TAKEN;
    pulled->report.written = result.written;
    pulled->report.unchanged = result.unchanged;
    pulled->report.hidden = result.hidden;
    pulled->report.finished_ms = clock_now_ms();
}

static void *run_feeds(void *context)
{
    struct feeds *feeds = context;
    lock(feeds);
    while (!atomic_load(&feeds->stop)) {
        int64_t now_ms = clock_now_ms(), until_ms;
        struct pulled *due = next_due(feeds, now_ms, &until_ms);
        if (feeds->approval_count > 0)
            approve(feeds);
        else if (due)
            pull(feeds, due);
        else
            sleep_until(feeds, until_ms - now_ms);
    }
    unlock(feeds);
    return NULL;
}

enum status feeds_start(struct feeds *feeds, struct slice hosts)
{
    while (hosts.size > 0 && feeds->host_count < FEED_HOSTS_MAX) {
        struct slice host = hosts, rest = SLICE_NONE;
        (void)slice_cut(hosts, ',', &host, &rest);
        if (slice_trim(host).size > 0)
            feeds->hosts[feeds->host_count++] = arena_copy(&feeds->arena, slice_trim(host));
        hosts = rest;
    }
    feeds->started = pthread_create(&feeds->thread, NULL, run_feeds, feeds) == 0;
    return feeds->started ? STATUS_OK : STATUS_IO;
}

void feeds_stop(struct feeds *feeds)
{
    if (!feeds || !feeds->started)
        return;
    atomic_store(&feeds->stop, true);
    lock(feeds);
    pthread_cond_signal(&feeds->wake);
    unlock(feeds);
    int failed = pthread_join(feeds->thread, NULL);
    assert(failed == 0);
    feeds->started = false;
}

/* --- as a whole ------------------------------------------------------------------------------- */

struct feeds_standing feeds_standing(struct feeds *feeds, uint32_t workspace, struct arena *arena)
{
    struct slice *held = ARENA_ARRAY(arena, HELD_MAX, struct slice);
    struct feed_standing *list = ARENA_ARRAY(arena, FEEDS_PER_WORKSPACE_MAX, struct feed_standing);
    struct feeds_standing standing = {.list = list, .held = held};
    standing.held_count = staging_list_held(feeds->parts.catalog, workspace, arena, held, HELD_MAX);
    lock(feeds);
    for (size_t i = 0; i < feeds->count && standing.count < FEEDS_PER_WORKSPACE_MAX; i++) {
        const struct pulled *pulled = feeds->list[i];
        if (pulled->workspace != workspace)
            continue;
        list[standing.count++] = (struct feed_standing){
            .id = arena_copy(arena, pulled->id),
            .scheduled = pulled->due_ms != INT64_MAX && !pulled->settings.paused,
            .failed = pulled->report.outcome == FEED_FAILED,
            .refused = pulled->report.refused,
            .finished_ms = pulled->report.finished_ms};
    }
    unlock(feeds);
    return standing;
}

/* --- as JSON ---------------------------------------------------------------------------------- */

static int by_id(const void *left, const void *right)
{
    const struct pulled *const *a = left, *const *b = right;
    return slice_compare((*a)->id, (*b)->id);
}

static void write_feed(const struct pulled *pulled, struct json_out *out)
{
    json_object(out);
    JSON_STRING_MEMBER(out, "id", pulled->id);
    feed_settings_write(&pulled->settings, out);
    JSON_BOOL_MEMBER(out, "running", pulled->running);
    if (pulled->due_ms != INT64_MAX && !pulled->settings.paused)
        JSON_TIME_MEMBER(out, "next", pulled->due_ms);
    json_name(out, "last");
    feed_report_write(&pulled->report, out);
    json_end(out);
}

void feeds_write(struct feeds *feeds, uint32_t workspace, struct arena *arena, struct json_out *out)
{
    struct slice held[HELD_MAX];
    size_t held_count = staging_list_held(feeds->parts.catalog, workspace, arena, held, HELD_MAX);
    const struct pulled *mine[FEEDS_PER_WORKSPACE_MAX];
    size_t count = 0;
    json_object(out);
    json_name(out, "feeds");
    json_array(out);
    lock(feeds);
    for (size_t i = 0; i < feeds->count && count < FEEDS_PER_WORKSPACE_MAX; i++)
        if (feeds->list[i]->workspace == workspace)
            mine[count++] = feeds->list[i];
    qsort(mine, count, sizeof *mine, by_id);
    for (size_t i = 0; i < count; i++)
        write_feed(mine[i], out);
    unlock(feeds);
    json_end(out);
    json_name(out, "held");
    json_array(out);
    for (size_t i = 0; i < held_count; i++)
        json_string(out, held[i]);
    json_end(out);
    json_end(out);
}

enum status feeds_write_past(struct feeds *feeds, const struct feed_name *name,
                             struct json_out *out)
{
    lock(feeds);
    const struct pulled *pulled = find(feeds, name->workspace, name->id);
    if (pulled)
        feed_past_write(&pulled->past, out);
    unlock(feeds);
    return pulled ? STATUS_OK : STATUS_NOT_FOUND;
}
