/* What is learned of every workspace: observed, published, saved and caught up with. */
#include "api/learner.h"

#include "base/clock.h"
#include "base/pack.h"

#include <assert.h>
#include <stdlib.h>

enum {
    SAVED_BYTES_MAX = 1 << 30,
    SAVE_SHARE = 50,
    SIZES_PAUSE_MAX_US = 60000000,
    CATCH_UP_ROWS = 5000, /* of the log, a portion: some tens of milliseconds at most */
    ROW_LEARNED = 'L',
    ROW_HABITS = 'H',
    ROW_WATCHED = 'W',
    ROW_BLEND = 'B', /* the weights of a blend, f32 each in the order of struct blend_weights */
    TOPS_EVERY_US = 100000, /* at most: half a millisecond of the timer's */
    LESSON_ONE_IN = 4,      /* views that a blend may learn from */
    BLEND_FLOATS = sizeof(struct blend_weights) / sizeof(float),
    KEY_SIZE = STORE_KEY_PREFIX_BYTES + 1
};

struct learner *learning_find(struct learning *learning, uint32_t workspace)
{
    for (size_t i = 0; i < learning->count; i++)
        if (learning->learners[i]->workspace == workspace)
            return learning->learners[i];
    return NULL;
}

static struct learner *find_or_add(struct learning *learning, uint32_t workspace)
{
    struct learner *learner = learning_find(learning, workspace);
    if (learner || learning->count == WORKSPACES_MAX)
        return learner;
    learner = must_alloc_zero(1, sizeof *learner);
    learner->workspace = workspace;
    learner->learn = learn_new();
    habits_init(&learner->habits);
    tireless_init(&learner->tireless);
    learner->blend = blend_learner_new();
    pthread_mutex_lock(&learning->mutex);
    learning->learners[learning->count++] = learner;
    pthread_mutex_unlock(&learning->mutex);
    return learner;
}

static enum learn_act act_of(enum act act, bool *out_teaches)
{
    *out_teaches = true;
    switch (act) {
    case ACT_VIEW_ITEM:
        return LEARN_VIEW;
    case ACT_ADD:
        return LEARN_ADD;
    case ACT_ORDER:
        return LEARN_ORDER;
    case ACT_REFUND:
    case ACT_CANCEL:
        return LEARN_REFUND;
    default:
        *out_teaches = false;
        return LEARN_VIEW;
    }
}

/* Who personalises for themselves and did not refuse that everybody learns from it. */
static bool may_teach(consent_stamp stamp)
{
    return stamp_get(stamp, PURPOSE_PERSONALISE) == CONSENT_GRANTED &&
           stamp_get(stamp, PURPOSE_LEARN) != CONSENT_DENIED;
}

/* Only items the catalogue knew teach, so that a stranger cannot fill the models with invented
 * ones. */
static void observe(struct learner *learner, const struct event *event, enum learn_act act,
                    struct arena *arena)
{
    struct slice *items = ARENA_ARRAY(arena, event->item_count, struct slice);
    int64_t *quantities = ARENA_ARRAY(arena, event->item_count, int64_t);
    size_t count = 0;
    for (size_t i = 0; i < event->item_count; i++) {
        if (!event->items[i].known)
            continue;
        items[count] = event->items[i].item;
        quantities[count++] = event->items[i].quantity;
    }
    bool personal = may_teach(event->stamp);
    bool counts = act == LEARN_ORDER || act == LEARN_REFUND; /* of others, as anonymous numbers */
    if (count == 0 || !(personal || counts))
        return;
    struct learn_observation observation = {
        .time_ms = event->order.time_ms,
        .person = event->node,
        .personal = personal,
        .act = act,
        .items = items,
        .quantities = quantities,
        .item_count = count,
    };
    if (learner->blend && observation.personal && act == LEARN_VIEW && count == 1 &&
        event->sequence % LESSON_ONE_IN == 0 && blend_learner_wants(learner->blend))
        blend_learner_note(learner->blend, learner->learn, &observation);
    learn_observe(learner->learn, &observation);
    if (learner->blend && observation.personal)
        habits_observe(&learner->habits, event);
    int64_t *newest_ms = personal ? &learner->newest_ms : &learner->newest_counted_ms;
    if (observation.time_ms > *newest_ms)
        *newest_ms = observation.time_ms;
    learner->dirty = true;
}

static void count_robots(struct learning *learning)
{
    uint64_t robots = 0;
    for (size_t i = 0; i < learning->count; i++)
        robots += learning->learners[i]->tireless.marked_count;
    atomic_store_explicit(&learning->robots, robots, memory_order_relaxed);
}

/* Who turns out to be a robot or a kiosk leaves the visit and the basket under way, which others
 * would have learned from. What it taught before stays. */
static bool is_tireless(struct learner *learner, const struct event *event)
{
    enum tireless_answer answer =
        tireless_take(&learner->tireless, event->node, event->order.time_ms);
    if (answer == TIRELESS_NOW) {
        learn_forget(learner->learn, event->node);
        if (learner->blend)
            habits_forget(&learner->habits, event->node);
    }
    return answer != TIRELESS_NOT;
}

void learner_take(struct learner *learner, const struct event *event)
{
    if (event->sequence <= learner->sequence)
        return;
    learner->sequence = event->sequence;
    learner->unsaved++;
    bool teaches, tireless = is_tireless(learner, event);
    enum learn_act act = act_of(event->act, &teaches);
    if (tireless || !teaches || event->item_count == 0 || (event->flags & EVENT_ROBOT))
        return;
    struct arena arena;
    arena_init(&arena);
    observe(learner, event, act, &arena);
    arena_done(&arena);
}

static void take(struct learning *learning, struct learner *learner, const struct event *event)
{
    if (!learner)
        return;
    size_t marked = learner->tireless.marked_count;
    learner_take(learner, event);
    if (learner->tireless.marked_count != marked)
        count_robots(learning);
    if (learner->dirty)
        atomic_store_explicit(&learning->dirty, true, memory_order_relaxed);
}

void learning_observe(struct learning *learning, uint32_t workspace, const struct event *event)
{
    if (!learning->catching_up)
        take(learning, find_or_add(learning, workspace), event);
}

/* A rebuild under way may have come past what the person did. */
static void note_forgotten(struct learner *learner, struct uuid node)
{
    if (learner->forgotten_count == learner->forgotten_room) {
        learner->forgotten_room = learner->forgotten_room ? 2 * learner->forgotten_room : 16;
        learner->forgotten =
            must_realloc(learner->forgotten, learner->forgotten_room * sizeof *learner->forgotten);
    }
    learner->forgotten[learner->forgotten_count++] = node;
}

void learning_forget(struct learning *learning, uint32_t workspace, const struct uuid *nodes,
                     size_t count)
{
    struct learner *learner = learning_find(learning, workspace);
    for (size_t i = 0; learner && i < count; i++) {
        learn_forget(learner->learn, nodes[i]);
        habits_forget(&learner->habits, nodes[i]);
        tireless_forget(&learner->tireless, nodes[i]);
        if (learner->rebuilding)
            note_forgotten(learner, nodes[i]);
    }
    if (!learner)
        return;
    learner->unsaved++;
    count_robots(learning);
}

int64_t learner_as_of(const struct learner *learner, int64_t now_ms)
{
    int64_t newest_ms = learner->newest_ms ? learner->newest_ms : learner->newest_counted_ms;
    return newest_ms && newest_ms < now_ms ? newest_ms : now_ms;
}

/* Walks through all that is known, hence for a thousandth of the time: what is small is told
 * soon. */
static void take_sizes(struct learning *learning)
{
    uint64_t bytes[MODEL_COUNT] = {0}, began_us = clock_monotonic_us();
    if (began_us < learning->sizes_due_us)
        return;
    for (size_t i = 0; i < learning->count; i++) {
        const struct learner *learner = learning->learners[i];
        bytes[MODEL_CROWD] += learn_bytes(learner->learn);
        bytes[MODEL_GRAPH] += learn_graph_bytes(learner->learn);
        bytes[MODEL_SESSIONS] += learn_visits_bytes(learner->learn);
        bytes[MODEL_CATEGORIES] += popularity_bytes(learner->habits.sold);
        bytes[MODEL_BLEND] += blend_learner_bytes(learner->blend);
        bytes[MODEL_REPURCHASE] += repurchase_bytes(learner->habits.lasting);
    }
    for (int i = 0; i < MODEL_COUNT; i++)
        atomic_store_explicit(&learning->bytes[i], bytes[i], memory_order_relaxed);
    uint64_t now_us = clock_monotonic_us(), pause_us = 1000 * (now_us - began_us);
    learning->sizes_due_us =
        now_us + (pause_us < SIZES_PAUSE_MAX_US ? pause_us : SIZES_PAUSE_MAX_US);
}

const char *learning_model_name(enum learning_model model)
{
    static const char *const names[MODEL_COUNT] = {
        [MODEL_CROWD] = "crowd",           [MODEL_GRAPH] = "graph",
        [MODEL_SESSIONS] = "sessions",     [MODEL_CATEGORIES] = "categories",
        [MODEL_REPURCHASE] = "repurchase", [MODEL_BLEND] = "blend",
    };
    assert(model < MODEL_COUNT);
    return names[model];
}

uint64_t learning_bytes(const struct learning *learning, enum learning_model model)
{
    return atomic_load_explicit(&learning->bytes[model], memory_order_relaxed);
}

uint64_t learning_robots(const struct learning *learning)
{
    return atomic_load_explicit(&learning->robots, memory_order_relaxed);
}

bool learning_publish(struct learning *learning)
{
    atomic_store_explicit(&learning->dirty, false, memory_order_relaxed);
    bool more = false;
    int64_t now_ms = clock_now_ms();
    for (size_t i = 0; i < learning->count; i++) {
        struct learner *learner = learning->learners[i];
        if (!learner->dirty)
            continue;
        learner->dirty = !learn_publish(learner->learn, learner_as_of(learner, now_ms));
        habits_publish(&learner->habits, learner_as_of(learner, now_ms));
        more = more || learner->dirty;
    }
    take_sizes(learning);
    more = more || learning->catching_up;
    if (more)
        atomic_store_explicit(&learning->dirty, true, memory_order_relaxed);
    return more;
}

bool learning_dirty(const struct learning *learning)
{
    return atomic_load_explicit(&learning->dirty, memory_order_relaxed);
}

const struct learn_snapshot *learning_pin(struct learning *learning, uint32_t workspace)
{
    pthread_mutex_lock(&learning->mutex);
    struct learner *learner = learning_find(learning, workspace);
    pthread_mutex_unlock(&learning->mutex);
    return learner ? learn_pin(learner->learn) : NULL;
}

struct habits_pin learning_pin_habits(struct learning *learning, uint32_t workspace)
{
    struct habits_pin pin = {0};
    pthread_mutex_lock(&learning->mutex);
    struct learner *learner = learning_find(learning, workspace);
    struct category_tops *tops = learner ? category_tops_ref(learner->tops) : NULL;
    pthread_mutex_unlock(&learning->mutex);
    if (learner)
        pin = habits_pin(&learner->habits);
    pin.tops = tops;
    return pin;
}

static struct learner *find_locked(struct learning *learning, uint32_t workspace)
{
    pthread_mutex_lock(&learning->mutex);
    struct learner *learner = learning_find(learning, workspace);
    pthread_mutex_unlock(&learning->mutex);
    return learner;
}

bool learning_blend(struct learning *learning, uint32_t workspace,
                    struct blend_weights *out_weights)
{
    struct learner *learner = find_locked(learning, workspace);
    return learner && blend_learner_weights(learner->blend, out_weights);
}

void learning_place_tops(struct learning *learning, uint32_t workspace, struct catalog *catalog)
{
    struct learner *learner = find_locked(learning, workspace);
    uint64_t now_us = clock_monotonic_us();
    if (!learner || (learner->tops && now_us - learner->tops_us < TOPS_EVERY_US))
        return;
    const struct catalog_snapshot *items = catalog_pin(catalog, workspace);
    const struct learn_snapshot *learned = learn_pin(learner->learn);
    if (!category_tops_are_old(learner->tops, items, learned)) {
        learn_unpin(learned);
        catalog_unpin(items);
        return;
    }
    struct category_tops *fresh = category_tops_new(items, learned), *old = learner->tops;
    pthread_mutex_lock(&learning->mutex);
    learner->tops = fresh;
    pthread_mutex_unlock(&learning->mutex);
    learner->tops_us = now_us;
    category_tops_unref(old);
}

void learning_study_blend(struct learning *learning, uint32_t workspace, bool wanted,
                          struct blend_school *school)
{
    struct learner *learner = find_locked(learning, workspace);
    if (!learner)
        return;
    school->habits = learning_pin_habits(learning, workspace);
    blend_learner_study(learner->blend, wanted, school);
    habits_unpin(school->habits);
}

static struct slice saved_key(uint32_t workspace, uint8_t row, uint8_t room[KEY_SIZE])
{
    store_key_prefix(workspace, room);
    room[STORE_KEY_PREFIX_BYTES] = row;
    return slice_make(room, KEY_SIZE);
}

static void put_row(struct learner *learner, struct store_batch *batch, struct store *store,
                    uint8_t row, struct slice value)
{
    uint8_t room[KEY_SIZE];
    store_batch_put(batch, store, SPACE_COUNTER, saved_key(learner->workspace, row, room), value);
}

/* All rows or none: they have seen the same sequence. */
static void save(struct learner *learner, struct store_batch *batch, struct store *store)
{
    struct buf value, habits, watched;
    buf_init(&value, SAVED_BYTES_MAX);
    buf_init(&habits, SAVED_BYTES_MAX);
    buf_init(&watched, SAVED_BYTES_MAX);
    pack_u64(&value, learner->sequence);
    pack_u64(&value, (uint64_t)learner->newest_ms);
    learn_pack(learner->learn, &value);
    habits_pack(&learner->habits, &habits);
    pack_int(&watched, learner->newest_counted_ms);
    tireless_pack(&learner->tireless, &watched);
    if (!value.overflowed && !habits.overflowed) {
        put_row(learner, batch, store, ROW_LEARNED, buf_slice(&value));
        put_row(learner, batch, store, ROW_HABITS, buf_slice(&habits));
        put_row(learner, batch, store, ROW_WATCHED, buf_slice(&watched));
    }
    struct blend_weights weights;
    if (blend_learner_weights(learner->blend, &weights)) {
        float all[BLEND_FLOATS];
        memcpy(all, &weights, sizeof all);
        buf_clear(&value);
        for (size_t i = 0; i < BLEND_FLOATS; i++)
            pack_float(&value, all[i]);
        put_row(learner, batch, store, ROW_BLEND, buf_slice(&value));
    }
    learner->unsaved = 0;
    buf_done(&value);
    buf_done(&habits);
    buf_done(&watched);
}

void learning_save_next(struct learning *learning)
{
    atomic_store(&learning->save_next, true);
}

/* A save of a large model takes a while, in which nobody can write: the next one waits until at
 * least SAVE_SHARE times as long has passed. */
static bool save_is_due(struct learning *learning)
{
    bool due = atomic_exchange(&learning->save_next, false);
    bool rested = (int64_t)clock_monotonic_us() >= learning->save_not_before_us;
    for (size_t i = 0; i < learning->count; i++)
        due = due || (rested && learning->learners[i]->unsaved >= LEARNING_SAVE_EVENTS);
    return due;
}

/* One learner a call, so that a batch stays of bounded size, and each once, though new events come
 * between two calls; last the sequence that all of them have seen. */
bool learning_checkpoint(void *context, struct store_batch *batch, struct store *store,
                         uint64_t sequence)
{
    struct learning *learning = context;
    if (!learning->saving && save_is_due(learning)) {
        learning->saving = true;
        learning->saved_count = 0;
        learning->saving_sequence = learning->catching_up ? learning->next_sequence - 1 : sequence;
    }
    while (learning->saving && learning->saved_count < learning->count) {
        struct learner *learner = learning->learners[learning->saved_count++];
        if (!learner->unsaved)
            continue;
        uint64_t began_us = clock_monotonic_us();
        save(learner, batch, store);
        uint64_t now_us = clock_monotonic_us();
        learning->save_not_before_us = (int64_t)(now_us + SAVE_SHARE * (now_us - began_us));
        return false;
    }
    if (learning->saving) {
        uint8_t room[KEY_SIZE], value[8];
        key_put_u64(value, learning->saving_sequence);
        store_batch_put(batch, store, SPACE_COUNTER, saved_key(0, ROW_LEARNED, room),
                        slice_make(value, sizeof value));
        learning->saving = false;
    }
    return true;
}

static enum status load(struct learning *learning, struct learner *learner, struct slice value)
{
    struct unpack in = unpack_of(value);
    uint64_t sequence = unpack_u64(&in);
    int64_t newest_ms = (int64_t)unpack_u64(&in);
    struct learn *learn;
    if (in.failed || learn_unpack(slice_from(value, 16), &learn) != STATUS_OK)
        return STATUS_CORRUPT;
    learn_free(learner->learn);
    learner->learn = learn;
    learner->sequence = sequence;
    learner->newest_ms = newest_ms;
    learner->dirty = true;
    atomic_store(&learning->dirty, true);
    return STATUS_OK;
}

/* Weights of another number of them are another version's: the defaults stand. */
static void load_blend(struct learner *learner, struct slice value)
{
    struct unpack in = unpack_of(value);
    struct blend_weights weights;
    float all[BLEND_FLOATS];
    for (size_t i = 0; i < BLEND_FLOATS; i++)
        all[i] = unpack_float(&in);
    memcpy(&weights, all, sizeof all);
    if (unpack_finished(&in))
        (void)blend_learner_restore(learner->blend, &weights);
}

static enum status load_watched(struct learning *learning, struct learner *learner,
                                struct slice value)
{
    struct unpack in = unpack_of(value);
    learner->newest_counted_ms = unpack_int(&in);
    tireless_unpack(&in, &learner->tireless);
    count_robots(learning);
    return unpack_finished(&in) ? STATUS_OK : STATUS_CORRUPT;
}

static enum status load_all(struct learning *learning)
{
    struct store_range all = {SLICE("\0"), SLICE("\xff\xff\xff\xff\xff\xff\xff\xff"), false, true};
    struct store_iterator *rows = store_iterate(learning->store, SPACE_COUNTER, &all);
    struct slice key, value;
    enum status status = STATUS_OK;
    while (status == STATUS_OK && store_next(rows, &key, &value)) {
        char row = key.size == KEY_SIZE ? key.data[STORE_KEY_PREFIX_BYTES] : '\0';
        uint32_t workspace = row ? key_get_u32((const uint8_t *)key.data) : 0;
        if (row == ROW_BLEND)
            load_blend(find_or_add(learning, workspace), value);
        if (row == ROW_HABITS)
            status = habits_unpack(value, &find_or_add(learning, workspace)->habits);
        if (row == ROW_WATCHED)
            status = load_watched(learning, find_or_add(learning, workspace), value);
        if (row != ROW_LEARNED)
            continue;
        if (workspace == 0)
            learning->next_sequence = key_get_u64((const uint8_t *)value.data) + 1;
        else
            status = load(learning, find_or_add(learning, workspace), value);
    }
    if (status == STATUS_OK)
        status = store_iterator_status(rows);
    store_iterator_close(rows);
    return status;
}

struct learning *learning_new(void)
{
    struct learning *learning = must_alloc_zero(1, sizeof *learning);
    learning->next_sequence = 1;
    pthread_mutex_init(&learning->mutex, NULL);
    return learning;
}

enum status learning_open(struct store *store, struct learning **out_learning, struct diag *diag)
{
    struct learning *learning = learning_new();
    learning->store = store;
    learning->catching_up = true;
    enum status status = load_all(learning);
    if (status != STATUS_OK) {
        learning_close(learning);
        return diag_set(diag, status, "counter", "What was learned cannot be read from the store");
    }
    *out_learning = learning;
    return STATUS_OK;
}

void learning_close(struct learning *learning)
{
    if (!learning)
        return;
    for (size_t i = 0; i < learning->count; i++) {
        item_names_free(learning->learners[i]->names);
        learn_free(learning->learners[i]->learn);
        category_tops_unref(learning->learners[i]->tops);
        habits_done(&learning->learners[i]->habits);
        tireless_done(&learning->learners[i]->tireless);
        blend_learner_free(learning->learners[i]->blend);
        free(learning->learners[i]->forgotten);
        free(learning->learners[i]);
    }
    pthread_mutex_destroy(&learning->mutex);
    free(learning);
}

struct catch_up {
    struct learning *learning;
    struct catalog *catalog;
    struct arena arena; /* of one row */
    size_t rows;
};

/* An item that came since is in a newer snapshot. */
static struct slice name_of(struct learner *learner, struct catalog *catalog, uint64_t hash)
{
    struct slice id = learner->names ? item_names_find(learner->names, hash) : SLICE_NONE;
    if (id.size > 0 || (learner->names && !item_names_stale(learner->names)))
        return id;
    item_names_free(learner->names);
    learner->names = item_names_new(catalog, learner->workspace);
    return item_names_find(learner->names, hash);
}

void learner_event(struct learner *learner, struct catalog *catalog,
                   const struct event_lesson *lesson, struct arena *arena, struct event *out_event)
{
    *out_event = (struct event){.act = lesson->act,
                                .order = lesson->order,
                                .node = lesson->node,
                                .stamp = lesson->stamp,
                                .items = ARENA_ARRAY(arena, lesson->item_count, struct event_item)};
    for (size_t i = 0; i < lesson->item_count; i++) {
        /* a copy: the next name may come from a newer snapshot */
        struct slice id = arena_copy(arena, name_of(learner, catalog, lesson->items[i].item));
        out_event->items[out_event->item_count++] = (struct event_item){
            .item = id, .quantity = lesson->items[i].quantity, .known = id.size > 0};
    }
    for (size_t i = 0; i < out_event->item_count; i++)
        if (out_event->items[i].known)
            item_names_attributes(learner->names, &out_event->items[i]);
}

static void take_lesson(struct catch_up *catch_up, uint32_t workspace, uint64_t sequence,
                        const struct event_lesson *lesson)
{
    struct learner *learner = find_or_add(catch_up->learning, workspace);
    struct event event;
    if (!learner)
        return;
    learner_event(learner, catch_up->catalog, lesson, &catch_up->arena, &event);
    event.sequence = sequence;
    take(catch_up->learning, learner, &event);
}

void learning_teach(struct learning *learning, struct catalog *catalog, uint32_t workspace,
                    const struct event_lesson *lesson)
{
    struct catch_up catch_up = {.learning = learning, .catalog = catalog};
    struct learner *learner = find_or_add(learning, workspace);
    uint64_t sequence = learner ? learner->sequence + 1 : 0;
    arena_init(&catch_up.arena);
    take_lesson(&catch_up, workspace, sequence, lesson);
    arena_done(&catch_up.arena);
}

/* Stops a portion with STATUS_OVERLOADED, which no row gives. An erased event has no row, a
 * damaged one teaches nothing; check tells of damage. */
static enum status observe_row(void *context, uint32_t workspace, uint64_t sequence,
                               uint8_t kind_code, struct slice log_value)
{
    struct catch_up *catch_up = context;
    if (catch_up->rows++ == CATCH_UP_ROWS)
        return STATUS_OVERLOADED;
    catch_up->learning->next_sequence = sequence + 1;
    if (kind_code != PEOPLE_KIND_EVENT)
        return STATUS_OK;
    struct event_lesson lesson;
    arena_reset(&catch_up->arena);
    if (people_lesson_of_log(log_value, &catch_up->arena, &lesson) == STATUS_OK)
        take_lesson(catch_up, workspace, sequence, &lesson);
    return STATUS_OK;
}

bool learning_catch_up(struct learning *learning, struct catalog *catalog)
{
    if (!learning->catching_up)
        return false;
    struct catch_up catch_up = {.learning = learning, .catalog = catalog};
    arena_init(&catch_up.arena);
    enum status status =
        ledger_scan(learning->store, learning->next_sequence, observe_row, &catch_up);
    arena_done(&catch_up.arena);
    learning->catching_up = status == STATUS_OVERLOADED;
    for (size_t i = 0; !learning->catching_up && i < learning->count; i++) {
        item_names_free(learning->learners[i]->names);
        learning->learners[i]->names = NULL;
    }
    if (learning->catching_up)
        atomic_store_explicit(&learning->dirty, true, memory_order_relaxed);
    return learning->catching_up;
}
