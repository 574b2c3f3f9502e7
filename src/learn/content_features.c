/* The features of an index of contents: who has them, how they are written, which of many are
 * kept. Invariant: a feature's slots are the slot_count smallest, by hash of the item's id, of
 * all items that have it, and as long as more have it at least CONTENT_POSTINGS_MAX. */
#include "learn/content_build.h"

#include "base/hash.h"
#include "learn/logarithm.h"

#include <assert.h>
#include <stdlib.h>

enum {
    /* A feature keeps more items than it publishes, so that few removals make it look for
     * others. */
    KEPT_MAX = 2 * CONTENT_POSTINGS_MAX,
    KEY_BYTES_MAX = 1024, /* a longer value is cut: it is not what items share */
    SHOWN_BYTES_MAX = 200
};

/* --- small parts ------------------------------------------------------------------------------ */

void numbers_push(struct numbers *numbers, uint32_t number)
{
    if (numbers->count == numbers->room) {
        numbers->room = numbers->room ? 2 * numbers->room : 64;
        numbers->list = must_realloc(numbers->list, numbers->room * sizeof *numbers->list);
    }
    numbers->list[numbers->count++] = number;
}

bool numbers_pop(struct numbers *numbers, uint32_t *out_number)
{
    if (numbers->count == 0)
        return false;
    *out_number = numbers->list[--numbers->count];
    return true;
}

void table_put(struct table *table, uint64_t hash, uint32_t number)
{
    size_t at = hash & (table->room - 1);
    while (table->buckets[at])
        at = (at + 1) & (table->room - 1);
    table->buckets[at] = number + 1;
    table->used++;
}

/* Takes the bucket out; those behind it move up (Knuth 6.4, algorithm R). */
void table_remove(struct table *table, size_t at, uint64_t (*hash_of)(void *, uint32_t),
                  void *context)
{
    size_t mask = table->room - 1, hole = at;
    for (;;) {
        at = (at + 1) & mask;
        if (!table->buckets[at])
            break;
        size_t home = hash_of(context, table->buckets[at] - 1) & mask;
        if (((at - home) & mask) >= ((at - hole) & mask)) {
            table->buckets[hole] = table->buckets[at];
            hole = at;
        }
    }
    table->buckets[hole] = 0;
    table->used--;
}

/* Room for one more. */
void table_grow(struct table *table, uint64_t (*hash_of)(void *, uint32_t), void *context)
{
    if (2 * (table->used + 1) <= table->room)
        return;
    struct table grown = {.room = table->room ? 2 * table->room : 1024};
    grown.buckets = must_alloc_zero(grown.room, sizeof *grown.buckets);
    for (size_t i = 0; i < table->room; i++)
        if (table->buckets[i])
            table_put(&grown, hash_of(context, table->buckets[i] - 1), table->buckets[i] - 1);
    free(table->buckets);
    *table = grown;
}

static uint64_t hash_of_feature(void *content, uint32_t number)
{
    return ((struct content *)content)->features[number].hash;
}

/* --- features --------------------------------------------------------------------------------- */

static size_t find_feature(const struct content *content, struct slice key, uint64_t hash)
{
    const struct table *table = &content->feature_table;
    for (size_t at = hash & (table->room - 1); table->buckets[at];
         at = (at + 1) & (table->room - 1)) {
        const struct feature *feature = &content->features[table->buckets[at] - 1];
        if (feature->hash == hash && slice_equal(slice_make(feature->key, feature->key_size), key))
            return at;
    }
    return SIZE_MAX;
}

static size_t characters_of(struct slice text)
{
    size_t count = 0;
    for (size_t i = 0; i < text.size; i++)
        count += ((unsigned char)text.data[i] & 0xC0) != 0x80;
    return count;
}

/* Of all ways to write it the shortest is shown, of these the one with accents and small letters:
 * the greatest in byte order. So it does not matter which came first. */
static bool better_shown(struct slice shown, struct slice than)
{
    size_t mine = characters_of(shown), other = characters_of(than);
    return mine != other ? mine < other : slice_compare(shown, than) > 0;
}

static void show_as(struct content *content, uint32_t number, const struct naming *naming)
{
    struct feature *feature = &content->features[number];
    struct slice name = slice_first(naming->name, SHOWN_BYTES_MAX);
    struct slice value = slice_first(naming->value, SHOWN_BYTES_MAX);
    struct slice shown = slice_make(feature->shown, feature->shown_size);
    if (feature->shown && !better_shown(value, slice_from(shown, feature->name_size)))
        return;
    content->bytes += name.size + value.size - feature->shown_size;
    free(feature->shown);
    feature->shown_size = (uint32_t)(name.size + value.size);
    feature->name_size = (uint32_t)name.size;
    feature->shown = must_alloc(feature->shown_size + 1);
    if (name.size)
        memcpy(feature->shown, name.data, name.size);
    if (value.size)
        memcpy(feature->shown + name.size, value.data, value.size);
    if (!feature->dirty)
        numbers_push(&content->dirty_features, number);
    feature->dirty = true;
}

static uint32_t new_feature(struct content *content, struct slice key, uint64_t hash)
{
    uint32_t number;
    if (!numbers_pop(&content->free_features, &number)) {
        if (content->feature_count == content->feature_room) {
            content->feature_room = content->feature_room ? 2 * content->feature_room : 1024;
            content->features =
                must_realloc(content->features, content->feature_room * sizeof *content->features);
        }
        number = content->feature_count++;
        content->features[number].dirty = false;
    }
    bool dirty = content->features[number].dirty; /* may wait for its publish from another life */
    content->features[number] = (struct feature){
        .key = must_alloc(key.size), .key_size = (uint32_t)key.size, .hash = hash, .dirty = dirty};
    memcpy(content->features[number].key, key.data, key.size);
    content->bytes += key.size;
    table_grow(&content->feature_table, hash_of_feature, content);
    table_put(&content->feature_table, hash, number);
    return number;
}

uint32_t feature_intern(struct content *content, const struct naming *naming)
{
    char room[KEY_BYTES_MAX];
    size_t size = 0;
    struct slice name = slice_first(naming->name, KEY_BYTES_MAX / 2 - 2);
    struct slice folded = slice_first(naming->folded, KEY_BYTES_MAX / 2 - 2);
    room[size++] = (char)naming->kind;
    if (name.size)
        memcpy(room + size, name.data, name.size);
    size += name.size;
    room[size++] = '\0';
    if (folded.size)
        memcpy(room + size, folded.data, folded.size);
    struct slice key = slice_make(room, size + folded.size);
    uint64_t hash = hash64(key);
    size_t at = content->feature_table.room ? find_feature(content, key, hash) : SIZE_MAX;
    uint32_t number =
        at == SIZE_MAX ? new_feature(content, key, hash) : content->feature_table.buckets[at] - 1;
    show_as(content, number, naming);
    return number;
}

static void free_feature(struct content *content, uint32_t number)
{
    struct feature *feature = &content->features[number];
    struct slice key = slice_make(feature->key, feature->key_size);
    size_t at = find_feature(content, key, feature->hash);
    table_remove(&content->feature_table, at, hash_of_feature, content);
    content->bytes -=
        feature->key_size + feature->shown_size + feature->slot_room * sizeof(uint32_t);
    free(feature->key);
    free(feature->shown);
    free(feature->slots);
    *feature = (struct feature){.dirty = feature->dirty};
    numbers_push(&content->free_features, number);
}

/* --- which items have a feature --------------------------------------------------------------- */

static int compare_docs(const struct content_doc *a, const struct content_doc *b)
{
    if (a->entry.hash != b->entry.hash)
        return a->entry.hash < b->entry.hash ? -1 : 1;
    return slice_compare(a->entry.key, b->entry.key);
}

/* Where the document stands in the list or would stand. */
static uint32_t place_of(const struct content *content, const struct feature *feature,
                         uint32_t slot)
{
    uint32_t low = 0, high = feature->slot_count;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (compare_docs(content->docs[feature->slots[middle]], content->docs[slot]) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static void mark_dirty(struct content *content, uint32_t number)
{
    struct feature *feature = &content->features[number];
    if (!feature->dirty)
        numbers_push(&content->dirty_features, number);
    feature->dirty = true;
}

static void keep_slot(struct content *content, struct feature *feature, uint32_t slot)
{
    bool complete = feature->slot_count == feature->item_count;
    uint32_t place = place_of(content, feature, slot);
    if ((!complete && place == feature->slot_count) || place >= KEPT_MAX)
        return; /* there may be smaller ones that are not kept */
    if (feature->slot_count == KEPT_MAX)
        feature->slot_count--;
    if (feature->slot_count == feature->slot_room) {
        uint32_t room = feature->slot_room ? 2 * feature->slot_room : 2;
        content->bytes += (room - feature->slot_room) * sizeof *feature->slots;
        feature->slot_room = room;
        feature->slots = must_realloc(feature->slots, room * sizeof *feature->slots);
    }
    memmove(feature->slots + place + 1, feature->slots + place,
            (feature->slot_count - place) * sizeof *feature->slots);
    feature->slots[place] = slot;
    feature->slot_count++;
}

void feature_add_item(struct content *content, uint32_t number, uint32_t slot)
{
    struct feature *feature = &content->features[number];
    keep_slot(content, feature, slot);
    feature->item_count++;
    mark_dirty(content, number);
}

static bool doc_has(const struct content_doc *doc, uint32_t number)
{
    for (size_t i = 0; i < doc->use_count; i++)
        if (doc->uses[i].feature == number)
            return true;
    return false;
}

/* Too many left: looks through all documents for the smallest again. */
static void refill(struct content *content, uint32_t number, uint32_t leaving)
{
    struct feature *feature = &content->features[number];
    feature->slot_count = 0;
    uint32_t items = feature->item_count;
    feature->item_count = 0;
    for (uint32_t slot = 0; slot < content->slot_count; slot++) {
        if (slot == leaving || !content->docs[slot] || !doc_has(content->docs[slot], number))
            continue;
        keep_slot(content, feature, slot);
        feature->item_count++;
    }
    assert(feature->item_count == items);
}

void feature_drop_item(struct content *content, uint32_t number, uint32_t slot)
{
    struct feature *feature = &content->features[number];
    assert(feature->item_count > 0);
    feature->item_count--;
    mark_dirty(content, number);
    uint32_t place = place_of(content, feature, slot);
    if (place < feature->slot_count && feature->slots[place] == slot) {
        feature->slot_count--;
        memmove(feature->slots + place, feature->slots + place + 1,
                (feature->slot_count - place) * sizeof *feature->slots);
    }
    if (feature->slot_count < CONTENT_POSTINGS_MAX && feature->slot_count < feature->item_count)
        refill(content, number, slot);
    if (feature->item_count == 0)
        free_feature(content, number);
}

/* --- publishing ------------------------------------------------------------------------------- */

static void published_feature_done(struct shared_entry *entry)
{
    free(entry);
}

static struct content_feature *published_feature(const struct feature *feature)
{
    size_t slot_count =
        feature->slot_count < CONTENT_POSTINGS_MAX ? feature->slot_count : CONTENT_POSTINGS_MAX;
    size_t slots_bytes = slot_count * sizeof(uint32_t);
    struct content_feature *fresh =
        must_alloc(sizeof *fresh + slots_bytes + feature->shown_size + feature->key_size);
    char *text = (char *)(fresh->slots + slot_count);
    memcpy(text, feature->shown, feature->shown_size);
    char *key = text + feature->shown_size;
    memcpy(key, feature->key, feature->key_size);
    shared_entry_init(&fresh->entry, slice_make(key, feature->key_size), published_feature_done);
    fresh->name = slice_make(text, feature->name_size);
    fresh->value = slice_make(text + feature->name_size, feature->shown_size - feature->name_size);
    fresh->item_count = feature->item_count;
    fresh->item_count_log2 = logarithm2(feature->item_count);
    fresh->slot_count = slot_count;
    memcpy(fresh->slots, feature->slots, slots_bytes);
    return fresh;
}

struct shared_array *features_publish(struct content *content)
{
    size_t count = content->dirty_features.count;
    struct shared_placing *placings = must_alloc((count + 1) * sizeof *placings);
    for (size_t i = 0; i < count; i++) {
        uint32_t number = content->dirty_features.list[i];
        struct feature *feature = &content->features[number];
        bool shared = feature->key && feature->item_count >= 2;
        feature->dirty = false;
        placings[i] =
            (struct shared_placing){number, shared ? &published_feature(feature)->entry : NULL};
    }
    struct shared_array *features =
        shared_array_with(content->published->features, placings, count);
    for (size_t i = 0; i < count; i++)
        if (placings[i].entry)
            shared_entry_unref(placings[i].entry);
    content->dirty_features.count = 0;
    free(placings);
    return features;
}

void features_done(struct content *content)
{
    for (uint32_t number = 0; number < content->feature_count; number++) {
        free(content->features[number].key);
        free(content->features[number].shown);
        free(content->features[number].slots);
    }
    free(content->features);
    free(content->feature_table.buckets);
    free(content->free_features.list);
    free(content->dirty_features.list);
}

/* What is published of a feature is about what is kept of it. */
size_t features_bytes(const struct content *content)
{
    size_t bytes = content->feature_room * sizeof *content->features;
    for (uint32_t number = 0; number < content->feature_count; number++) {
        const struct feature *feature = &content->features[number];
        size_t slots =
            feature->slot_count < CONTENT_POSTINGS_MAX ? feature->slot_count : CONTENT_POSTINGS_MAX;
        if (feature->item_count >= 2)
            bytes += sizeof(struct content_feature) + slots * sizeof(uint32_t) + feature->key_size +
                     feature->shown_size;
    }
    return bytes;
}
