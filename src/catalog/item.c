#include "catalog/item.h"

#include "base/hash.h"
#include "base/limits.h"
#include "base/pack.h"
#include "catalog/money.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>

int attribute_compare(const void *left, const void *right)
{
    const struct attribute *a = left, *b = right;
    int order = slice_compare(a->name, b->name);
    return order != 0 ? order : slice_compare(a->value, b->value);
}

const struct variant *catalog_find_variant(const struct item *item, struct slice id)
{
    for (size_t i = 0; i < item->variant_count; i++)
        if (slice_equal(item->variants[i].id, id))
            return &item->variants[i];
    return NULL;
}

bool item_available(const struct item *item)
{
    if (item->variant_count == 0)
        return item->stock != 0;
    for (size_t i = 0; i < item->variant_count; i++)
        if (item->variants[i].stock != 0)
            return true;
    return false;
}

/* --- what it earns ---------------------------------------------------------------------------- */

int64_t item_price(const struct item *item, const struct variant *variant)
{
    return variant && variant->price_minor >= 0 ? variant->price_minor : item->price_minor;
}

int64_t item_cost(const struct item *item, const struct variant *variant)
{
    return variant && variant->cost_minor >= 0 ? variant->cost_minor : item->cost_minor;
}

static int32_t margin_of(int64_t price, int64_t cost)
{
    if (price <= 0 || cost < 0)
        return MARGIN_UNKNOWN;
    double margin = floor((double)(price - cost) * MARGIN_WHOLE / (double)price);
    return margin < MARGIN_LEAST ? MARGIN_LEAST : (int32_t)margin;
}

int32_t item_margin(const struct item *item)
{
    int32_t lowest = MARGIN_UNKNOWN;
    bool available = item_available(item);
    if (item->variant_count == 0)
        return margin_of(item->price_minor, item->cost_minor);
    for (size_t i = 0; i < item->variant_count; i++) {
        const struct variant *variant = &item->variants[i];
        int32_t margin = margin_of(item_price(item, variant), item_cost(item, variant));
        bool counts = margin != MARGIN_UNKNOWN && (variant->stock != 0 || !available);
        if (counts && (lowest == MARGIN_UNKNOWN || margin < lowest))
            lowest = margin;
    }
    return lowest;
}

/* --- what an item says about interests -------------------------------------------------------- */

enum { INTERESTS_MAX = CATEGORY_LEVELS_MAX + 2 + 2 * ITEM_ATTRIBUTES_MAX };

struct interests {
    struct attribute rows[INTERESTS_MAX];
    size_t count;
};

static void add_interest(struct interests *interests, const char *name, struct slice value)
{
    if (value.size > 0 && interests->count < INTERESTS_MAX)
        interests->rows[interests->count++] = (struct attribute){slice_of(name), value};
}

/* The path and its parents: "A > B > C", "A > B", "A". */
static void add_categories(struct interests *interests, struct slice path)
{
    for (int level = 0; level < CATEGORY_LEVELS_MAX && path.size > 0; level++) {
        add_interest(interests, "category", path);
        size_t end = path.size;
        while (end > 0 && path.data[end - 1] != '>')
            end--;
        path = end == 0 ? SLICE_NONE : slice_trim(slice_first(path, end - 1));
    }
}

static void add_free(struct interests *interests, const struct attribute *attributes, size_t count)
{
    for (size_t i = 0; i < count && interests->count < INTERESTS_MAX; i++)
        interests->rows[interests->count++] = attributes[i];
}

static void interests_of(const struct item *item, const struct variant *variant,
                         struct interests *out_interests)
{
    int64_t price = item_price(item, variant);
    out_interests->count = 0;
    add_interest(out_interests, "brand", item->brand);
    add_categories(out_interests, item->category);
    add_interest(out_interests, "price_band", money_band(price, item->currency));
    add_free(out_interests, item->attributes, item->attribute_count);
    if (variant)
        add_free(out_interests, variant->attributes, variant->attribute_count);
    qsort(out_interests->rows, out_interests->count, sizeof(struct attribute), attribute_compare);
    size_t kept = 0;
    for (size_t i = 0; i < out_interests->count; i++)
        if (i == 0 || attribute_compare(&out_interests->rows[i - 1], &out_interests->rows[i]) != 0)
            out_interests->rows[kept++] = out_interests->rows[i];
    out_interests->count = kept;
}

/* --- in one piece ----------------------------------------------------------------------------- */

/* Hands out parts of the item's memory; with no memory it only adds up. */
struct cutter {
    char *memory;
    size_t used;
};

static void *cut(struct cutter *cutter, size_t size)
{
    void *part = cutter->memory ? cutter->memory + cutter->used : NULL;
    cutter->used += (size + 15) & ~(size_t)15;
    return part;
}

static const struct attribute *cut_attributes(struct cutter *cutter,
                                              const struct attribute *attributes, size_t count)
{
    struct attribute *copy = cut(cutter, count * sizeof *copy);
    if (copy && count > 0)
        memcpy(copy, attributes, count * sizeof *copy);
    return copy;
}

static struct attribute_run cut_interests(struct cutter *cutter, const struct item *item,
                                          const struct variant *variant)
{
    struct interests interests;
    interests_of(item, variant, &interests);
    const struct attribute *rows = cut_attributes(cutter, interests.rows, interests.count);
    uint64_t *hashes = cut(cutter, interests.count * sizeof *hashes);
    for (size_t i = 0; hashes && i < interests.count; i++)
        hashes[i] = hash64_pair(interests.rows[i].name, interests.rows[i].value);
    return (struct attribute_run){rows, hashes, interests.count};
}

static const struct item_text *cut_texts(struct cutter *cutter, const struct item *item)
{
    struct item_text *texts = cut(cutter, item->text_count * sizeof *texts);
    if (texts && item->text_count > 0)
        memcpy(texts, item->texts, item->text_count * sizeof *texts);
    return texts;
}

static struct shared_item *lay_out(struct cutter *cutter, const struct item *item)
{
    struct shared_item *shared = cut(cutter, sizeof *shared);
    const struct attribute *attributes =
        cut_attributes(cutter, item->attributes, item->attribute_count);
    const struct item_text *texts = cut_texts(cutter, item);
    size_t row_count = item->lead.size > 0 ? item->variant_count : 0;
    struct shared_variant *rows = cut(cutter, row_count * sizeof *rows);
    struct variant *variants = cut(cutter, item->variant_count * sizeof *variants);
    struct attribute_run *runs = cut(cutter, item->variant_count * sizeof *runs);
    struct attribute_run interests = cut_interests(cutter, item, NULL);
    for (size_t i = 0; i < item->variant_count; i++) {
        const struct variant *variant = &item->variants[i];
        const struct attribute *own =
            cut_attributes(cutter, variant->attributes, variant->attribute_count);
        struct attribute_run run = cut_interests(cutter, item, variant);
        if (!cutter->memory)
            continue;
        variants[i] = *variant;
        variants[i].attributes = own;
        runs[i] = run;
    }
    if (!shared)
        return NULL;
    shared->item = *item;
    shared->item.attributes = attributes;
    shared->item.texts = texts;
    shared->item.variants = variants;
    shared->rows = row_count > 0 ? rows : NULL;
    shared->interests = interests;
    shared->variant_interests = runs;
    return shared;
}

static void shared_item_done(struct shared_entry *entry)
{
    free(shared_item_of(entry));
}

/* A row lies in its item's memory and holds it until the last map that has it lets go. */
static void shared_variant_done(struct shared_entry *entry)
{
    shared_entry_unref(&shared_variant_of(entry)->item->entry);
}

struct shared_entry *shared_item_row(struct shared_item *item, size_t variant)
{
    struct shared_variant *row = &item->rows[variant];
    row->item = item;
    shared_entry_init(&row->entry, item->item.variants[variant].id, shared_variant_done);
    shared_entry_ref(&item->entry);
    return &row->entry;
}

enum status shared_item_new(struct slice record, struct arena *scratch,
                            struct shared_item **out_item)
{
    struct item item;
    enum status status = catalog_item_unpack(record, scratch, &item);
    if (status != STATUS_OK)
        return status;
    struct cutter measure = {0};
    (void)lay_out(&measure, &item);
    struct cutter cutter = {must_alloc(measure.used + record.size), 0};
    char *text = cutter.memory + measure.used; /* the record at the end: item's text moves there */
    memcpy(text, record.data, record.size);
    status = catalog_item_unpack(slice_make(text, record.size), scratch, &item);
    assert(status == STATUS_OK);
    struct shared_item *shared = lay_out(&cutter, &item);
    assert(cutter.used == measure.used);
    shared_entry_init(&shared->entry, shared->item.id, shared_item_done);
    struct unpack in = unpack_of(slice_from(record, 4));
    shared->sequence = unpack_u64(&in);
    shared->bytes = measure.used + record.size;
    *out_item = shared;
    return STATUS_OK;
}
