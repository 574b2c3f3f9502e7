/* Building an index of contents: items become documents, changes are exchanged feature by
 * feature, snapshots are published. */
#include "learn/content_build.h"

#include "base/hash.h"
#include "learn/logarithm.h"
#include "learn/terms.h"

#include <assert.h>
#include <stdlib.h>

enum {
    TITLE_WEIGHT = 6 /* of a word in the title beside one in the description */
};

/* --- an item's features ----------------------------------------------------------------------- */

struct uses { /* of the item being put */
    struct content *content;
    const struct content_item *item;
    struct content_use list[CONTENT_USES_MAX];
    size_t count;
};

static void use(struct uses *uses, const struct naming *naming, float weight)
{
    uint32_t number = feature_intern(uses->content, naming);
    for (size_t i = 0; i < uses->count; i++) {
        if (uses->list[i].feature != number)
            continue;
        if (naming->kind == USE_TEXT)
            uses->list[i].weight += weight;
        return;
    }
    assert(uses->count < CONTENT_USES_MAX);
    uses->list[uses->count++] = (struct content_use){number, naming->kind, weight};
}

static void use_text(struct uses *uses, struct slice text, float weight)
{
    const struct content_item *item = uses->item;
    struct content *content = uses->content;
    const struct term *terms;
    enum locale locale = terms_language(item->title, item->locale);
    locale = terms_language(item->description, locale);
    size_t count = terms_read(content->terms, text, locale, &content->arena, &terms);
    for (size_t i = 0; i < count && uses->count < CONTENT_TERMS_MAX; i++)
        use(uses, &(struct naming){USE_TEXT, terms[i].stem, SLICE_NONE, terms[i].word}, weight);
}

/* The next level of a path, folded, appended to what stands above it; false at its end. */
static bool next_level(struct slice path, size_t *inout_at, struct arena *arena,
                       struct slice *inout_folded)
{
    while (*inout_at < path.size) {
        size_t end = *inout_at;
        while (end < path.size && path.data[end] != '>')
            end++;
        struct slice level = slice_make(path.data + *inout_at, end - *inout_at);
        struct slice folded = terms_fold(level, arena);
        *inout_at = end < path.size ? end + 1 : end;
        if (folded.size == 0)
            continue;
        *inout_folded =
            inout_folded->size
                ? arena_format(arena, "%.*s>%.*s", SLICE_ARG(*inout_folded), SLICE_ARG(folded))
                : folded;
        return true;
    }
    return false;
}

/* Every level of the path, then the brand, then both together. */
static void use_place(struct uses *uses)
{
    const struct content_item *item = uses->item;
    struct arena *arena = &uses->content->arena;
    struct slice folded = SLICE_NONE, path = slice_first(item->category, TERMS_TEXT_BYTES_MAX);
    size_t at = 0;
    for (int level = 0; level < CONTENT_LEVELS_MAX && next_level(path, &at, arena, &folded);
         level++) {
        struct slice shown = slice_trim(slice_first(path, at < path.size ? at - 1 : at));
        use(uses, &(struct naming){USE_CATEGORY, folded, SLICE_NONE, shown}, 1);
    }
    struct slice brand = terms_fold(item->brand, arena);
    if (brand.size == 0)
        return;
    use(uses, &(struct naming){USE_BRAND, brand, SLICE_NONE, slice_trim(item->brand)}, 1);
    if (folded.size)
        use(uses, &(struct naming){USE_PAIR, folded, brand, item->brand}, 1);
}

static void use_attributes(struct uses *uses)
{
    const struct content_item *item = uses->item;
    for (size_t i = 0; i < item->attribute_count && i < CONTENT_ATTRIBUTES_MAX; i++) {
        const struct content_attribute *attribute = &item->attributes[i];
        struct slice folded = terms_fold(attribute->value, &uses->content->arena);
        if (folded.size == 0)
            folded = attribute->value;
        if (folded.size == 0)
            continue;
        use(uses, &(struct naming){USE_ATTRIBUTE, folded, attribute->name, attribute->value}, 1);
    }
}

static int compare_uses(const void *left, const void *right, void *context)
{
    const struct content_use *a = left, *b = right;
    if (a->kind != b->kind)
        return a->kind < b->kind ? -1 : 1;
    const struct content *content = context;
    const struct feature *x = &content->features[a->feature], *y = &content->features[b->feature];
    if (x->hash != y->hash)
        return x->hash < y->hash ? -1 : 1;
    return slice_compare(slice_make(x->key, x->key_size), slice_make(y->key, y->key_size));
}

/* A word said again says less: t / (t + 1), scaled so that once in the title is 1. */
static float saturated(float times)
{
    return times / (times + 1) * (TITLE_WEIGHT + 1) / TITLE_WEIGHT;
}

static void find_uses(struct uses *uses)
{
    use_text(uses, uses->item->title, TITLE_WEIGHT);
    use_text(uses, uses->item->description, 1);
    for (size_t i = 0; i < uses->count; i++)
        uses->list[i].weight = saturated(uses->list[i].weight);
    use_place(uses);
    use_attributes(uses);
    if (uses->count > 1)
        qsort_r(uses->list, uses->count, sizeof *uses->list, compare_uses, uses->content);
}

/* --- documents -------------------------------------------------------------------------------- */

static void doc_done(struct shared_entry *entry)
{
    free(entry);
}

static size_t doc_bytes(const struct content_doc *doc)
{
    return sizeof *doc + doc->use_count * sizeof *doc->uses + doc->entry.key.size;
}

static struct content_doc *doc_new(const struct uses *uses, uint32_t slot)
{
    const struct content_item *item = uses->item;
    size_t uses_bytes = uses->count * sizeof *uses->list;
    struct content_doc *doc = must_alloc_zero(1, sizeof *doc + uses_bytes + item->id.size);
    doc->slot = slot;
    doc->use_count = uses->count;
    memcpy(doc->uses, uses->list, uses_bytes);
    char *id = (char *)(doc->uses + uses->count);
    memcpy(id, item->id.data, item->id.size);
    shared_entry_init(&doc->entry, slice_make(id, item->id.size), doc_done);
    doc->priced = item->price_minor > 0;
    if (doc->priced)
        doc->price_log2 = logarithm2((double)item->price_minor);
    doc->currency_hash = hash64(item->currency);
    return doc;
}

static uint64_t hash_of_doc(void *content, uint32_t slot)
{
    return ((struct content *)content)->docs[slot]->entry.hash;
}

static size_t find_doc(const struct content *content, struct slice id)
{
    const struct table *table = &content->doc_table;
    if (table->room == 0)
        return SIZE_MAX;
    for (size_t at = hash64(id) & (table->room - 1); table->buckets[at];
         at = (at + 1) & (table->room - 1))
        if (slice_equal(content->docs[table->buckets[at] - 1]->entry.key, id))
            return at;
    return SIZE_MAX;
}

static uint32_t new_slot(struct content *content)
{
    uint32_t slot;
    if (numbers_pop(&content->free_slots, &slot))
        return slot;
    if (content->slot_count == content->slot_room) {
        content->slot_room = content->slot_room ? 2 * content->slot_room : 1024;
        content->docs =
            must_realloc(content->docs, content->slot_room * sizeof(struct content_doc *));
    }
    return content->slot_count++;
}

static void note_change(struct content *content, struct content_doc *doc, bool gone)
{
    if (content->change_count == content->change_room) {
        content->change_room = content->change_room ? 2 * content->change_room : 64;
        content->changes =
            must_realloc(content->changes, content->change_room * sizeof *content->changes);
    }
    shared_entry_ref(&doc->entry);
    content->changes[content->change_count++] = (struct change){doc, gone};
}

/* Both lists are in one order, so what one of them lacks shows side by side. */
static void exchange_uses(struct content *content, const struct content_doc *old,
                          const struct uses *fresh, uint32_t slot)
{
    size_t i = 0, j = 0, old_count = old ? old->use_count : 0;
    while (i < old_count || j < fresh->count) {
        int order;
        if (i == old_count)
            order = 1;
        else if (j == fresh->count)
            order = -1;
        else if (old->uses[i].feature == fresh->list[j].feature)
            order = 0;
        else
            order = compare_uses(&old->uses[i], &fresh->list[j], content);
        if (order < 0)
            feature_drop_item(content, old->uses[i].feature, slot);
        if (order > 0)
            feature_add_item(content, fresh->list[j].feature, slot);
        i += order <= 0;
        j += order >= 0;
    }
}

/* What changed (its stock, its picture) is nothing that is compared. */
static bool is_as_before(const struct content_doc *old, const struct content_doc *fresh)
{
    return old->use_count == fresh->use_count && old->priced == fresh->priced &&
           !(old->price_log2 < fresh->price_log2 || old->price_log2 > fresh->price_log2) &&
           old->currency_hash == fresh->currency_hash &&
           memcmp(old->uses, fresh->uses, old->use_count * sizeof *old->uses) == 0;
}

bool content_put(struct content *content, const struct content_item *item)
{
    size_t at = find_doc(content, item->id);
    if (at == SIZE_MAX && content->live == CONTENT_ITEMS_MAX)
        return false;
    struct uses uses = {.content = content, .item = item};
    find_uses(&uses);
    uint32_t slot = at == SIZE_MAX ? new_slot(content) : content->doc_table.buckets[at] - 1;
    struct content_doc *old = at == SIZE_MAX ? NULL : content->docs[slot];
    struct content_doc *fresh = doc_new(&uses, slot);
    if (old && is_as_before(old, fresh)) {
        shared_entry_unref(&fresh->entry);
        arena_reset(&content->arena);
        return true;
    }
    if (!old) {
        content->docs[slot] = fresh;
        table_grow(&content->doc_table, hash_of_doc, content);
        table_put(&content->doc_table, fresh->entry.hash, slot);
        content->live++;
    }
    exchange_uses(content, old, &uses, slot);
    content->docs[slot] = fresh;
    content->bytes += doc_bytes(fresh);
    note_change(content, fresh, false);
    if (old) {
        content->bytes -= doc_bytes(old);
        shared_entry_unref(&old->entry);
    }
    arena_reset(&content->arena);
    return true;
}

void content_remove(struct content *content, struct slice id)
{
    size_t at = find_doc(content, id);
    if (at == SIZE_MAX)
        return;
    uint32_t slot = content->doc_table.buckets[at] - 1;
    struct content_doc *old = content->docs[slot];
    struct uses none = {.count = 0};
    exchange_uses(content, old, &none, slot);
    table_remove(&content->doc_table, at, hash_of_doc, content);
    note_change(content, old, true);
    content->docs[slot] = NULL;
    content->live--;
    numbers_push(&content->free_slots, slot);
    content->bytes -= doc_bytes(old);
    shared_entry_unref(&old->entry);
}

/* --- publishing ------------------------------------------------------------------------------- */

static struct content_snapshot *snapshot_new(const struct content *content)
{
    struct content_snapshot *snapshot = must_alloc_zero(1, sizeof *snapshot);
    atomic_init(&snapshot->refs, 1);
    snapshot->weights = content->weights;
    snapshot->doc_count = content->live;
    snapshot->rarity_max = logarithm2((double)content->live + 1);
    return snapshot;
}

static void take_changes(struct content *content, struct content_snapshot *fresh)
{
    const struct content_snapshot *old = content->published;
    size_t count = content->change_count;
    struct shared_placing *placings = must_alloc((count + 1) * sizeof *placings);
    struct shared_change *changes = must_alloc((count + 1) * sizeof *changes);
    for (size_t i = 0; i < count; i++) {
        struct content_doc *doc = content->changes[i].doc;
        struct shared_entry *entry = content->changes[i].gone ? NULL : &doc->entry;
        placings[i] = (struct shared_placing){doc->slot, entry};
        changes[i] = (struct shared_change){doc->entry.key, entry};
    }
    fresh->docs = shared_array_with(old->docs, placings, count);
    fresh->items = shared_map_with(old->items, changes, count);
    for (size_t i = 0; i < count; i++)
        shared_entry_unref(&content->changes[i].doc->entry);
    content->change_count = 0;
    free(placings);
    free(changes);
}

void content_publish(struct content *content)
{
    if (content->change_count == 0)
        return;
    struct content_snapshot *old = content->published, *fresh = snapshot_new(content);
    fresh->features = features_publish(content);
    take_changes(content, fresh);
    int failed = pthread_mutex_lock(&content->lock);
    assert(failed == 0);
    content->published = fresh;
    failed = pthread_mutex_unlock(&content->lock);
    assert(failed == 0);
    content_unpin(old);
}

const struct content_snapshot *content_pin(struct content *content)
{
    int failed = pthread_mutex_lock(&content->lock);
    assert(failed == 0);
    struct content_snapshot *snapshot = content->published;
    atomic_fetch_add_explicit(&snapshot->refs, 1, memory_order_relaxed);
    failed = pthread_mutex_unlock(&content->lock);
    assert(failed == 0);
    return snapshot;
}

void content_unpin(const struct content_snapshot *pinned)
{
    struct content_snapshot *snapshot =
        (struct content_snapshot *)pinned; /* ours: only the count changes */
    if (!snapshot || atomic_fetch_sub_explicit(&snapshot->refs, 1, memory_order_acq_rel) != 1)
        return;
    shared_array_unref(snapshot->docs);
    shared_array_unref(snapshot->features);
    shared_map_unref(snapshot->items);
    free(snapshot);
}

size_t content_count(const struct content_snapshot *snapshot)
{
    return snapshot->doc_count;
}

struct slice content_id(const struct content_snapshot *snapshot, size_t index)
{
    return shared_map_at(snapshot->items, index)->key;
}

/* --- birth and death -------------------------------------------------------------------------- */

static struct content_weights default_weights(void)
{
    return (struct content_weights){
        .text = 0.45, .category = 0.25, .brand = 0.1, .attributes = 0.15, .price = 0.05};
}

struct content *content_new(const struct content_weights *weights)
{
    struct content *content = must_alloc_zero(1, sizeof *content);
    content->weights = weights ? *weights : default_weights();
    content->terms = terms_new();
    arena_init(&content->arena);
    int failed = pthread_mutex_init(&content->lock, NULL);
    assert(failed == 0);
    content->published = snapshot_new(content);
    content->published->docs = shared_array_new();
    content->published->features = shared_array_new();
    content->published->items = shared_map_new();
    return content;
}

void content_free(struct content *content)
{
    if (!content)
        return;
    content_unpin(content->published);
    for (size_t i = 0; i < content->change_count; i++)
        shared_entry_unref(&content->changes[i].doc->entry);
    for (uint32_t slot = 0; slot < content->slot_count; slot++)
        if (content->docs[slot])
            shared_entry_unref(&content->docs[slot]->entry);
    features_done(content);
    free(content->changes);
    free(content->docs);
    free(content->doc_table.buckets);
    free(content->free_slots.list);
    arena_done(&content->arena);
    terms_free(content->terms);
    int failed = pthread_mutex_destroy(&content->lock);
    assert(failed == 0);
    free(content);
}

size_t content_bytes(const struct content *content)
{
    size_t bytes = sizeof *content + content->bytes + features_bytes(content);
    bytes += content->slot_room * sizeof *content->docs;
    bytes += (content->doc_table.room + content->feature_table.room) * sizeof(uint32_t);
    bytes += shared_array_bytes(content->published->docs) +
             shared_array_bytes(content->published->features);
    return bytes;
}
