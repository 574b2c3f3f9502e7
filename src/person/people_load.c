/* Cards and profiles through the cache, and the worker for long histories.
 *
 * A load is exact as of a sequence S read before it: what was applied up to S is committed,
 * later events are left out, and whatever is applied during the load finds the placeholder. So
 * nothing is folded twice and nothing is missed. */
#include "person/people_private.h"

#include "base/clock.h"

#include <stdlib.h>

/* --- profiles --------------------------------------------------------------------------------- */

/* Of so few events a profile is folded anew about as fast as it is read: a row of it would cost
 * more to write than it ever spares. */
enum { BRIEF_EVENTS_MAX = 8 };

struct loaded_row {
    struct slice bytes;
    bool stored; /* as it stands, or there is no row and none is needed */
    bool brief;  /* folded of a few events */
};

/* The stored row, when it is of this fold plan and of today's hands. */
static enum status read_row(struct people *people, const struct fold_question *question,
                            struct arena *arena, struct slice *out_bytes,
                            struct event_order *out_last)
{
    uint8_t row_key[PROFILE_KEY_BYTES];
    struct profile_row row;
    struct profile *profile = must_alloc(sizeof *profile);
    profile_row_key(question->workspace, question->node, question->scope, row_key);
    enum status status = store_get(people->store, SPACE_PROFILE,
                                   slice_make(row_key, sizeof row_key), arena, out_bytes);
    if (status == STATUS_OK)
        status = profile_row_unpack(*out_bytes, &row);
    if (status == STATUS_OK)
        status = profile_unpack(row.profile, profile);
    if (status == STATUS_CONFLICT ||
        (status == STATUS_OK && question->now_ms >= row.valid_until_ms))
        status = STATUS_NOT_FOUND;
    if (status == STATUS_OK)
        *out_last = profile->last;
    free(profile);
    return status;
}

static enum status fold_row(struct people *people, struct fold_question *question,
                            struct arena *arena, struct loaded_row *out_row)
{
    struct profile_row row;
    struct buf packed;
    question->sequence = atomic_load(&people->applied);
    enum status status = people_fold(people, question, arena, &row);
    if (status != STATUS_OK)
        return status;
    buf_init(&packed, PROFILE_ROW_BYTES_MAX);
    profile_row_pack(&row, &packed);
    out_row->bytes = arena_copy(arena, buf_slice(&packed));
    out_row->brief = row.events_folded <= BRIEF_EVENTS_MAX;
    buf_done(&packed);
    return STATUS_OK;
}

/* Folds what a stored row lacks onto it, unless an event that it lacks comes before what it
 * holds. */
static enum status fold_tail(struct people *people, const struct fold_question *question,
                             int64_t behind_from_ms, struct arena *arena, struct loaded_row *row)
{
    struct profile_row begun;
    struct fold_question tail = *question;
    enum status status = profile_row_unpack(row->bytes, &begun);
    if (status != STATUS_OK)
        return status;
    tail.begun = &begun;
    tail.begun_until_ms = behind_from_ms;
    return fold_row(people, &tail, arena, row);
}

/* The ticket's owner hears of what is applied meanwhile, and loads again; whoever else loads
 * takes no row that lacks anything. */
static enum status load_row(struct people *people, struct fold_question *question,
                            const struct cache_ticket *ticket, struct arena *arena,
                            struct loaded_row *out_row)
{
    struct event_order last;
    enum status status = STATUS_NOT_FOUND;
    bool whole = ticket->behind_from_ms == INT64_MAX;
    out_row->stored = false;
    if (ticket->believable && (whole || ticket->owner))
        status = read_row(people, question, arena, &out_row->bytes, &last);
    if (status == STATUS_OK && whole) {
        out_row->stored = true;
        return STATUS_OK;
    }
    if (status == STATUS_OK && last.time_ms < ticket->behind_from_ms)
        return fold_tail(people, question, ticket->behind_from_ms, arena, out_row);
    if (status != STATUS_OK && status != STATUS_NOT_FOUND)
        return status;
    if (!whole)
        atomic_fetch_add(&people->refolds, 1);
    status = fold_row(people, question, arena, out_row);
    out_row->stored = status == STATUS_OK && whole && out_row->brief;
    return status;
}

static enum status load_profile(struct people *people, struct fold_question *question,
                                struct arena *arena, struct profile_row *out_row)
{
    const struct table_key key =
        table_key(question->workspace, question->scope, question->node.bytes);
    struct slice bytes;
    struct cache_ticket ticket;
    enum status status = STATUS_OK;
    for (unsigned tries = 0; tries < LOAD_TRIES_MAX; tries++) {
        struct loaded_row row;
        bool last_try = tries + 1 == LOAD_TRIES_MAX; /* nothing may come in between any more */
        if (profile_cache_get(people->cache, &key, arena, &bytes, &ticket)) {
            status = profile_row_unpack(bytes, out_row);
            if (status != STATUS_OK || question->now_ms < out_row->valid_until_ms)
                return status;
            profile_cache_apply(people->cache, &key, 0, NULL); /* its hands have changed */
            continue;
        }
        ticket.believable = ticket.believable && !(last_try && ticket.behind_from_ms != INT64_MAX);
        status = load_row(people, question, &ticket, arena, &row);
        if (status != STATUS_OK && ticket.owner)
            profile_cache_abandon(people->cache, &key);
        if (status != STATUS_OK)
            return status;
        bool kept =
            !ticket.owner || profile_cache_insert(people->cache, &key, row.bytes, row.stored);
        if (kept || last_try)
            return profile_row_unpack(row.bytes, out_row);
    }
    return status;
}

/* --- the worker ------------------------------------------------------------------------------- */

static bool is_waiting(struct long_folds *folds, const struct table_key *key)
{
    pthread_mutex_lock(&folds->mutex);
    bool waiting = key_table_get(&folds->waiting, key) != 0;
    pthread_mutex_unlock(&folds->mutex);
    return waiting;
}

/* A full queue drops the wish: the next view of that person asks again. */
static void wish_for(struct long_folds *folds, const struct table_key *key)
{
    pthread_mutex_lock(&folds->mutex);
    if (folds->count < LONG_FOLDS_MAX && key_table_get(&folds->waiting, key) == 0) {
        key_table_put(&folds->waiting, key, 1);
        folds->queue[(folds->head + folds->count++) % LONG_FOLDS_MAX] = *key;
        pthread_cond_signal(&folds->wake);
    }
    pthread_mutex_unlock(&folds->mutex);
}

static bool next_wish(struct long_folds *folds, struct table_key *out_key)
{
    pthread_mutex_lock(&folds->mutex);
    while (folds->count == 0 && !folds->stop)
        pthread_cond_wait(&folds->wake, &folds->mutex);
    bool any = !folds->stop;
    if (any) {
        *out_key = folds->queue[folds->head];
        folds->head = (folds->head + 1) % LONG_FOLDS_MAX;
        folds->count--;
    }
    pthread_mutex_unlock(&folds->mutex);
    return any;
}

static void *work(void *context)
{
    struct people *people = context;
    struct table_key key;
    while (next_wish(&people->long_folds, &key)) {
        struct arena arena;
        struct profile_row row;
        arena_init(&arena);
        /* a failure shows again, and is told, when the person is asked for */
        struct fold_question question = {.workspace = key.workspace,
                                         .scope = (enum scope)key.extra,
                                         .purpose = PURPOSE_PERSONALISE,
                                         .now_ms = clock_now_ms(),
                                         .events_max = UINT64_MAX};
        memcpy(question.node.bytes, key.bytes, sizeof question.node.bytes);
        enum status status = load_profile(people, &question, &arena, &row);
        (void)status;
        arena_done(&arena);
        pthread_mutex_lock(&people->long_folds.mutex);
        key_table_remove(&people->long_folds.waiting, &key);
        pthread_mutex_unlock(&people->long_folds.mutex);
    }
    return NULL;
}

void long_folds_start(struct people *people)
{
    struct long_folds *folds = &people->long_folds;
    pthread_mutex_init(&folds->mutex, NULL);
    pthread_cond_init(&folds->wake, NULL);
    key_table_init(&folds->waiting);
    folds->started = pthread_create(&folds->thread, NULL, work, people) == 0;
}

void long_folds_stop(struct people *people)
{
    struct long_folds *folds = &people->long_folds;
    pthread_mutex_lock(&folds->mutex);
    folds->stop = true;
    pthread_cond_signal(&folds->wake);
    pthread_mutex_unlock(&folds->mutex);
    if (folds->started)
        pthread_join(folds->thread, NULL);
    key_table_done(&folds->waiting);
    pthread_cond_destroy(&folds->wake);
    pthread_mutex_destroy(&folds->mutex);
}

enum status people_load_profile(struct people *people, struct fold_question *question,
                                struct arena *arena, struct profile_row *out_row)
{
    const struct table_key key =
        table_key(question->workspace, question->scope, question->node.bytes);
    if (is_waiting(&people->long_folds, &key))
        return STATUS_TOO_LARGE;
    question->events_max = people->options.fold_events_at_once_max;
    enum status status = load_profile(people, question, arena, out_row);
    if (status == STATUS_TOO_LARGE)
        wish_for(&people->long_folds, &key);
    return status;
}

/* --- cards ------------------------------------------------------------------------------------ */

/* True: kept, or nobody waits for it to be. */
static bool keep_card(struct people *people, const struct table_key *key, const struct card *card)
{
    struct buf packed;
    buf_init(&packed, CONSENT_BYTES_MAX + 64);
    card_pack(card, &packed);
    bool kept = profile_cache_insert(people->cache, key, buf_slice(&packed), true);
    buf_done(&packed);
    return kept;
}

enum status people_load_card(struct people *people, struct fold_question *question,
                             struct card *out_card)
{
    const struct table_key key = table_key(question->workspace, SCOPE_CARD, question->node.bytes);
    enum status status = STATUS_OK;
    struct arena arena;
    struct slice bytes;
    struct cache_ticket ticket;
    bool done = false;
    arena_init(&arena);
    for (unsigned tries = 0; tries < LOAD_TRIES_MAX && !done; tries++) {
        if (profile_cache_get(people->cache, &key, &arena, &bytes, &ticket)) {
            status = card_unpack(bytes, out_card);
            done = status != STATUS_OK || question->now_ms < out_card->valid_until_ms;
            if (!done)
                profile_cache_apply(people->cache, &key, 0, NULL);
            continue;
        }
        question->sequence = atomic_load(&people->applied);
        status = people_card(people, question, out_card);
        done = status != STATUS_OK || !ticket.owner || keep_card(people, &key, out_card);
        if (status != STATUS_OK && ticket.owner)
            profile_cache_abandon(people->cache, &key);
    }
    arena_done(&arena);
    return status;
}
