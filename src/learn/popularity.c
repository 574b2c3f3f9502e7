#include "learn/popularity.h"

#include "base/hash.h"
#include "base/pack.h"
#include "base/shared_map.h"
#include "learn/decay.h"

#include <assert.h>
#include <math.h>
#include <pthread.h>
#include <stdlib.h>

enum { FORMAT_VERSION = 1, BUCKETS = 8192, NO_LIST = -1 };
_Static_assert((int)BUCKETS == 2 * (int)POPULARITY_LISTS_MAX, "chains stay short");

/* Below this much of one observation a list says nothing. */
static const double weight_min = 1.0 / 64;

struct counter {
    char *item;
    uint32_t item_size, support;
    double weight, error;
};

struct list {
    char *key; /* attribute, NUL, value */
    size_t key_size;
    uint64_t hash;
    int next; /* in its bucket */
    double weight;
    struct counter *counters;
    size_t count, room;
    bool dirty;
};

struct popularity {
    struct decay decay;
    size_t lists_max;
    struct list *lists; /* without gaps, in no order that matters */
    size_t list_count, list_room;
    int buckets[BUCKETS];
    char **gone; /* keys of lists that left and may still be published */
    size_t *gone_sizes;
    size_t gone_count, gone_room;
    bool changed;
    pthread_mutex_t lock;
    struct popularity_snapshot *published;
};

struct popularity_snapshot {
    _Atomic uint32_t refs;
    double scale;
    struct shared_map *lists;
};

struct published_list {
    struct shared_entry entry; /* first */
    size_t count;
    struct popularity_score scores[]; /* behind it the text */
};

/* --- counters --------------------------------------------------------------------------------- */

static struct slice counter_item(const struct counter *counter)
{
    return slice_make(counter->item, counter->item_size);
}

static double counter_score(const struct counter *counter)
{
    return counter->weight - counter->error;
}

static struct counter counter_new(struct slice item)
{
    struct counter counter = {.item = must_alloc(item.size + 1), .item_size = (uint32_t)item.size};
    if (item.size)
        memcpy(counter.item, item.data, item.size);
    return counter;
}

static struct counter *find_counter(const struct list *list, struct slice item)
{
    for (size_t i = 0; i < list->count; i++)
        if (slice_equal(counter_item(&list->counters[i]), item))
            return &list->counters[i];
    return NULL;
}

/* The lightest, of equal ones the greatest id: no place decides. */
static struct counter *lightest_counter(const struct list *list)
{
    struct counter *lightest = &list->counters[0];
    for (size_t i = 1; i < list->count; i++) {
        struct counter *counter = &list->counters[i];
        if (counter->weight < lightest->weight ||
            (counter->weight == lightest->weight &&
             slice_compare(counter_item(counter), counter_item(lightest)) > 0))
            lightest = counter;
    }
    return lightest;
}

static struct counter *add_counter(struct list *list, struct slice item)
{
    if (list->count == POPULARITY_ITEMS_MAX) {
        struct counter *lightest = lightest_counter(list);
        double inherited = lightest->weight;
        free(lightest->item);
        *lightest = counter_new(item);
        lightest->weight = lightest->error = inherited;
        return lightest;
    }
    if (list->count == list->room) {
        list->room = list->room ? 2 * list->room : 4;
        list->counters = must_realloc(list->counters, list->room * sizeof *list->counters);
    }
    list->counters[list->count] = counter_new(item);
    return &list->counters[list->count++];
}

static void count_item(struct list *list, struct slice item, double weight)
{
    struct counter *counter = find_counter(list, item);
    if (!counter && weight < 0)
        return;
    if (!counter)
        counter = add_counter(list, item);
    double left = counter_score(counter);
    double change = weight < -left ? -left : weight; /* never below nothing */
    counter->weight += change;
    counter->support += weight > 0;
    list->weight += change;
    list->dirty = true;
}

/* --- lists ------------------------------------------------------------------------------------ */

static struct slice list_key(const struct list *list)
{
    return slice_make(list->key, list->key_size);
}

static int *bucket_of(struct popularity *popularity, uint64_t hash)
{
    return &popularity->buckets[hash % BUCKETS];
}

static struct list *find_list(struct popularity *popularity, struct slice key, uint64_t hash)
{
    for (int at = *bucket_of(popularity, hash); at != NO_LIST; at = popularity->lists[at].next)
        if (slice_equal(list_key(&popularity->lists[at]), key))
            return &popularity->lists[at];
    return NULL;
}

static void unlink_list(struct popularity *popularity, int at)
{
    int *link = bucket_of(popularity, popularity->lists[at].hash);
    while (*link != at)
        link = &popularity->lists[*link].next;
    *link = popularity->lists[at].next;
}

static void free_counters(struct list *list)
{
    for (size_t i = 0; i < list->count; i++)
        free(list->counters[i].item);
    free(list->counters);
}

/* The last list moves into the gap. */
static void remove_list(struct popularity *popularity, int at)
{
    struct list *list = &popularity->lists[at];
    unlink_list(popularity, at);
    free_counters(list);
    if (popularity->gone_count == popularity->gone_room) {
        popularity->gone_room = popularity->gone_room ? 2 * popularity->gone_room : 16;
        popularity->gone =
            must_realloc(popularity->gone, popularity->gone_room * sizeof *popularity->gone);
        popularity->gone_sizes = must_realloc(
            popularity->gone_sizes, popularity->gone_room * sizeof *popularity->gone_sizes);
    }
    popularity->gone[popularity->gone_count] = list->key;
    popularity->gone_sizes[popularity->gone_count++] = list->key_size;
    int last = (int)--popularity->list_count;
    if (at == last)
        return;
    unlink_list(popularity, last);
    *list = popularity->lists[last];
    int *bucket = bucket_of(popularity, list->hash);
    list->next = *bucket;
    *bucket = at;
}

static int lightest_list(const struct popularity *popularity)
{
    int lightest = 0;
    for (int i = 1; i < (int)popularity->list_count; i++) {
        const struct list *list = &popularity->lists[i], *best = &popularity->lists[lightest];
        if (list->weight < best->weight ||
            (list->weight == best->weight && slice_compare(list_key(list), list_key(best)) > 0))
            lightest = i;
    }
    return lightest;
}

/* A newcomer among too many lists takes the weight of the one that leaves, so that it stays long
 * enough to show what it is worth. */
static struct list *add_list(struct popularity *popularity, struct slice key, uint64_t hash)
{
    double inherited = 0;
    if (popularity->list_count == popularity->lists_max) {
        int lightest = lightest_list(popularity);
        inherited = popularity->lists[lightest].weight;
        remove_list(popularity, lightest);
    }
    if (popularity->list_count == popularity->list_room) {
        popularity->list_room = popularity->list_room ? 2 * popularity->list_room : 64;
        popularity->lists =
            must_realloc(popularity->lists, popularity->list_room * sizeof *popularity->lists);
    }
    int *bucket = bucket_of(popularity, hash);
    struct list *list = &popularity->lists[popularity->list_count];
    *list = (struct list){.key = must_alloc(key.size),
                          .key_size = key.size,
                          .hash = hash,
                          .next = *bucket,
                          .weight = inherited};
    memcpy(list->key, key.data, key.size);
    *bucket = (int)popularity->list_count++;
    return list;
}

/* False when it is too long to be one. */
static bool key_text(const struct popularity_key *key, char room[POPULARITY_KEY_BYTES_MAX],
                     struct slice *out_text)
{
    size_t size = key->attribute.size + 1 + key->value.size;
    if (size > POPULARITY_KEY_BYTES_MAX)
        return false;
    if (key->attribute.size)
        memcpy(room, key->attribute.data, key->attribute.size);
    room[key->attribute.size] = '\0';
    if (key->value.size)
        memcpy(room + key->attribute.size + 1, key->value.data, key->value.size);
    *out_text = slice_make(room, size);
    return true;
}

/* --- time ------------------------------------------------------------------------------------- */

static void halve(struct list *list, int halvings)
{
    list->weight = ldexp(list->weight, -halvings);
    for (size_t i = 0; i < list->count; i++) {
        list->counters[i].weight = ldexp(list->counters[i].weight, -halvings);
        list->counters[i].error = ldexp(list->counters[i].error, -halvings);
    }
    list->dirty = true;
}

static void advance(struct popularity *popularity, int64_t time_ms)
{
    int halvings = (int)decay_advance(&popularity->decay, time_ms);
    if (halvings == 0)
        return;
    for (int i = (int)popularity->list_count - 1; i >= 0; i--) {
        halve(&popularity->lists[i], halvings);
        if (popularity->lists[i].weight * decay_scale(&popularity->decay, time_ms) < weight_min)
            remove_list(popularity, i);
    }
}

void popularity_observe(struct popularity *popularity,
                        const struct popularity_observation *observation)
{
    advance(popularity, observation->time_ms);
    double weight = observation->weight * decay_weight(&popularity->decay, observation->time_ms);
    if (weight == 0)
        return;
    for (size_t i = 0; i < observation->key_count; i++) {
        char room[POPULARITY_KEY_BYTES_MAX];
        struct slice key;
        if (!key_text(&observation->keys[i], room, &key))
            continue;
        uint64_t hash = hash64(key);
        struct list *list = find_list(popularity, key, hash);
        if (!list && weight < 0)
            continue;
        if (!list)
            list = add_list(popularity, key, hash);
        count_item(list, observation->item, weight);
        popularity->changed = true;
    }
}

/* --- publishing ------------------------------------------------------------------------------- */

static void published_list_done(struct shared_entry *entry)
{
    free(entry);
}

static int compare_scores(const void *left, const void *right)
{
    const struct popularity_score *a = left, *b = right;
    if (a->weight != b->weight)
        return a->weight > b->weight ? -1 : 1;
    return slice_compare(a->item, b->item);
}

static struct published_list *published_list_new(const struct list *list)
{
    size_t scores_bytes = list->count * sizeof(struct popularity_score),
           text_bytes = list->key_size;
    for (size_t i = 0; i < list->count; i++)
        text_bytes += list->counters[i].item_size;
    struct published_list *fresh = must_alloc(sizeof *fresh + scores_bytes + text_bytes);
    char *text = (char *)(fresh->scores + list->count);
    memcpy(text, list->key, list->key_size);
    shared_entry_init(&fresh->entry, slice_make(text, list->key_size), published_list_done);
    text += list->key_size;
    fresh->count = 0;
    for (size_t i = 0; i < list->count; i++) {
        const struct counter *counter = &list->counters[i];
        if (!(counter_score(counter) > 0))
            continue;
        memcpy(text, counter->item, counter->item_size);
        fresh->scores[fresh->count++] = (struct popularity_score){
            slice_make(text, counter->item_size), counter_score(counter), counter->support};
        text += counter->item_size;
    }
    if (fresh->count > 1)
        qsort(fresh->scores, fresh->count, sizeof *fresh->scores, compare_scores);
    return fresh;
}

static struct shared_map *next_lists(struct popularity *popularity)
{
    size_t count = 0, room = popularity->gone_count + popularity->list_count + 1;
    struct shared_change *changes = must_alloc(room * sizeof *changes);
    for (size_t i = 0; i < popularity->gone_count; i++)
        changes[count++] = (struct shared_change){
            .key = slice_make(popularity->gone[i], popularity->gone_sizes[i])};
    size_t made = count;
    for (size_t i = 0; i < popularity->list_count; i++) {
        struct list *list = &popularity->lists[i];
        if (!list->dirty)
            continue;
        list->dirty = false;
        struct published_list *fresh = published_list_new(list);
        changes[count++] = (struct shared_change){fresh->entry.key, &fresh->entry};
    }
    struct shared_map *map = shared_map_with(popularity->published->lists, changes, count);
    for (size_t i = made; i < count; i++)
        shared_entry_unref(changes[i].entry);
    for (size_t i = 0; i < popularity->gone_count; i++)
        free(popularity->gone[i]);
    popularity->gone_count = 0;
    free(changes);
    return map;
}

void popularity_publish(struct popularity *popularity, int64_t now_ms)
{
    if (!popularity->changed)
        return;
    popularity->changed = false;
    struct popularity_snapshot *old = popularity->published;
    struct popularity_snapshot *fresh = must_alloc_zero(1, sizeof *fresh);
    atomic_init(&fresh->refs, 1);
    fresh->scale = decay_scale(&popularity->decay, now_ms);
    fresh->lists = next_lists(popularity);
    int failed = pthread_mutex_lock(&popularity->lock);
    assert(failed == 0);
    popularity->published = fresh;
    failed = pthread_mutex_unlock(&popularity->lock);
    assert(failed == 0);
    popularity_unpin(old);
}

const struct popularity_snapshot *popularity_pin(struct popularity *popularity)
{
    int failed = pthread_mutex_lock(&popularity->lock);
    assert(failed == 0);
    struct popularity_snapshot *snapshot = popularity->published;
    atomic_fetch_add_explicit(&snapshot->refs, 1, memory_order_relaxed);
    failed = pthread_mutex_unlock(&popularity->lock);
    assert(failed == 0);
    return snapshot;
}

void popularity_unpin(const struct popularity_snapshot *pinned)
{
    struct popularity_snapshot *snapshot =
        (struct popularity_snapshot *)pinned; /* ours: only the count changes */
    if (!snapshot || atomic_fetch_sub_explicit(&snapshot->refs, 1, memory_order_acq_rel) != 1)
        return;
    shared_map_unref(snapshot->lists);
    free(snapshot);
}

struct popularity_list popularity_top(const struct popularity_snapshot *snapshot,
                                      const struct popularity_key *key)
{
    char room[POPULARITY_KEY_BYTES_MAX];
    struct slice text;
    if (!key_text(key, room, &text))
        return (struct popularity_list){0};
    const struct published_list *found =
        (const struct published_list *)shared_map_find(snapshot->lists, text);
    if (!found)
        return (struct popularity_list){0};
    return (struct popularity_list){found->scores, found->count, snapshot->scale};
}

/* --- birth and death -------------------------------------------------------------------------- */

struct popularity *popularity_new(int64_t half_life_ms, size_t lists_max)
{
    assert(half_life_ms > 0 && lists_max > 0 && lists_max <= POPULARITY_LISTS_MAX);
    struct popularity *popularity = must_alloc_zero(1, sizeof *popularity);
    popularity->decay = (struct decay){half_life_ms, INT64_MIN};
    popularity->lists_max = lists_max;
    for (int i = 0; i < BUCKETS; i++)
        popularity->buckets[i] = NO_LIST;
    int failed = pthread_mutex_init(&popularity->lock, NULL);
    assert(failed == 0);
    popularity->published = must_alloc_zero(1, sizeof *popularity->published);
    atomic_init(&popularity->published->refs, 1);
    popularity->published->lists = shared_map_new();
    return popularity;
}

void popularity_free(struct popularity *popularity)
{
    if (!popularity)
        return;
    popularity_unpin(popularity->published);
    for (size_t i = 0; i < popularity->list_count; i++) {
        free_counters(&popularity->lists[i]);
        free(popularity->lists[i].key);
    }
    for (size_t i = 0; i < popularity->gone_count; i++)
        free(popularity->gone[i]);
    free(popularity->gone);
    free(popularity->gone_sizes);
    free(popularity->lists);
    int failed = pthread_mutex_destroy(&popularity->lock);
    assert(failed == 0);
    free(popularity);
}

size_t popularity_bytes(const struct popularity *popularity)
{
    size_t bytes = sizeof *popularity + popularity->list_room * sizeof *popularity->lists;
    for (size_t i = 0; i < popularity->list_count; i++) {
        const struct list *list = &popularity->lists[i];
        bytes += 2 * list->key_size + list->room * sizeof *list->counters;
        bytes += sizeof(struct published_list) + list->count * sizeof(struct popularity_score);
        for (size_t j = 0; j < list->count; j++)
            bytes += 2 * (size_t)list->counters[j].item_size;
    }
    return bytes;
}

/* --- as bytes --------------------------------------------------------------------------------- */

static int compare_lists(const void *left, const void *right)
{
    const struct list *const *a = left, *const *b = right;
    return slice_compare(list_key(*a), list_key(*b));
}

static int compare_counters(const void *left, const void *right)
{
    return slice_compare(counter_item(left), counter_item(right));
}

static void pack_list(const struct list *list, struct buf *buf)
{
    pack_text(buf, list_key(list));
    pack_double(buf, list->weight);
    pack_uint(buf, list->count);
    struct counter *sorted = must_alloc((list->count + 1) * sizeof *sorted);
    if (list->count)
        memcpy(sorted, list->counters, list->count * sizeof *sorted);
    if (list->count > 1)
        qsort(sorted, list->count, sizeof *sorted, compare_counters);
    for (size_t i = 0; i < list->count; i++) {
        pack_text(buf, counter_item(&sorted[i]));
        pack_double(buf, sorted[i].weight);
        pack_double(buf, sorted[i].error);
        pack_uint(buf, sorted[i].support);
    }
    free(sorted);
}

void popularity_pack(const struct popularity *popularity, struct buf *buf)
{
    pack_u8(buf, FORMAT_VERSION);
    pack_int(buf, popularity->decay.half_life_ms);
    pack_int(buf, popularity->decay.origin_ms);
    pack_uint(buf, popularity->lists_max);
    pack_uint(buf, popularity->list_count);
    const struct list **sorted = must_alloc((popularity->list_count + 1) * sizeof(struct list *));
    for (size_t i = 0; i < popularity->list_count; i++)
        sorted[i] = &popularity->lists[i];
    if (popularity->list_count > 1)
        qsort(sorted, popularity->list_count, sizeof *sorted, compare_lists);
    for (size_t i = 0; i < popularity->list_count; i++)
        pack_list(sorted[i], buf);
    free(sorted);
}

static bool is_weight(double weight)
{
    return isfinite(weight) && weight >= 0;
}

static bool unpack_counter(struct unpack *in, struct list *list)
{
    struct slice item = unpack_text(in);
    double weight = unpack_double(in), error = unpack_double(in);
    uint64_t support = unpack_uint(in);
    if (in->failed || !is_weight(weight) || !is_weight(error) || error > weight ||
        support > UINT32_MAX || find_counter(list, item))
        return false;
    struct counter *counter = add_counter(list, item);
    counter->weight = weight;
    counter->error = error;
    counter->support = (uint32_t)support;
    return true;
}

static bool unpack_list(struct unpack *in, struct popularity *popularity)
{
    struct slice key = unpack_text(in);
    double weight = unpack_double(in);
    size_t count = unpack_count(in, POPULARITY_ITEMS_MAX);
    uint64_t hash = hash64(key);
    if (in->failed || !is_weight(weight) || key.size == 0 || key.size > POPULARITY_KEY_BYTES_MAX ||
        find_list(popularity, key, hash))
        return false;
    struct list *list = add_list(popularity, key, hash);
    list->weight = weight;
    list->dirty = true;
    for (size_t i = 0; i < count; i++)
        if (!unpack_counter(in, list))
            return false;
    return true;
}

enum status popularity_unpack(struct slice bytes, struct popularity **out_popularity)
{
    struct unpack in = unpack_of(bytes);
    uint8_t version = unpack_u8(&in);
    int64_t half_life_ms = unpack_int(&in), origin_ms = unpack_int(&in);
    uint64_t lists_max = unpack_uint(&in);
    size_t count = unpack_count(&in, POPULARITY_LISTS_MAX);
    if (in.failed || version != FORMAT_VERSION || half_life_ms <= 0 || lists_max == 0 ||
        lists_max > POPULARITY_LISTS_MAX || count > lists_max)
        return STATUS_CORRUPT;
    struct popularity *popularity = popularity_new(half_life_ms, lists_max);
    popularity->decay.origin_ms = origin_ms;
    popularity->changed = true;
    bool good = true;
    for (size_t i = 0; good && i < count; i++)
        good = unpack_list(&in, popularity);
    if (!good || !unpack_finished(&in)) {
        popularity_free(popularity);
        return STATUS_CORRUPT;
    }
    *out_popularity = popularity;
    return STATUS_OK;
}
