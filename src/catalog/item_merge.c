#include "catalog/item_merge.h"

#include "base/limits.h"
#include "catalog/item_text.h"

struct merging {
    const struct item_rows *rows;
    struct arena *arena;
    struct item item; /* so far; its lists are ours to write */
    bool exists, too_large;
    struct item_text *texts; /* item.texts, item.variants: with room for all rows */
    struct variant *variants;
};

/* --- lists by key ----------------------------------------------------------------------------- */

static void set_text(struct merging *merging, const struct item_text *text)
{
    size_t at = 0, count = merging->item.text_count;
    while (at < count && slice_compare(merging->texts[at].locale, text->locale) < 0)
        at++;
    bool there = at < count && slice_equal(merging->texts[at].locale, text->locale);
    bool goes = text->title.size == 0;
    size_t tail = count - at - there;
    merging->too_large |= !goes && !there && count == ITEM_TEXTS_MAX;
    if (merging->too_large)
        return;
    memmove(merging->texts + at + !goes, merging->texts + at + there,
            tail * sizeof *merging->texts);
    if (!goes)
        merging->texts[at] = *text;
    merging->item.text_count = at + !goes + tail;
}

static size_t place_of_variant(const struct merging *merging, struct slice id)
{
    size_t low = 0, high = merging->item.variant_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (slice_compare(merging->variants[middle].id, id) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static void set_variant(struct merging *merging, const struct variant *variant, bool replace)
{
    size_t at = place_of_variant(merging, variant->id), count = merging->item.variant_count;
    bool there = at < count && slice_equal(merging->variants[at].id, variant->id);
    merging->too_large |= !there && count == ITEM_VARIANTS_MAX;
    if ((there && !replace) || merging->too_large)
        return;
    if (!there) {
        memmove(merging->variants + at + 1, merging->variants + at,
                (count - at) * sizeof *merging->variants);
        merging->item.variant_count++;
    }
    merging->variants[at] = *variant;
}

/* --- one row ---------------------------------------------------------------------------------- */

/* What the item is, from the row; texts in other locales and, of a group, variants stay. */
static void take_item(struct merging *merging, const struct item *row)
{
    struct item before = merging->item;
    bool grouped = row->lead.size > 0 && (before.lead.size > 0 || merging->rows->full);
    merging->item = *row;
    merging->item.texts = merging->texts;
    merging->item.text_count = before.text_count;
    merging->item.variants = merging->variants;
    merging->item.variant_count = grouped ? before.variant_count : 0;
    if (row->locale.size == 0 && merging->exists)
        merging->item.locale = before.locale;
    for (size_t i = 0; i < row->variant_count; i++)
        set_variant(merging, &row->variants[i], true);
    set_text(merging, &(struct item_text){.locale = merging->item.locale}); /* now its own */
    merging->exists = true;
}

static struct item_text text_of(const struct item *item, struct slice locale)
{
    return (struct item_text){locale, item->title, item->description, item->url, item->category};
}

/* The row is in the workspace's language, the item's own texts are not: those become one of the
 * other locales. */
static void change_locale(struct merging *merging, const struct item *row)
{
    struct item_text own = text_of(&merging->item, merging->item.locale);
    merging->item.locale = row->locale;
    take_item(merging, row);
    set_text(merging, &own);
}

static bool takes_over(const struct merging *merging, const struct item *row)
{
    struct slice shop = merging->rows->locale;
    return merging->item.locale.size > 0 && !locale_same_language(merging->item.locale, shop) &&
           locale_same_language(row->locale.size > 0 ? row->locale : shop, shop);
}

static void take_texts(struct merging *merging, const struct item *row)
{
    for (size_t i = 0; i < row->text_count; i++)
        set_text(merging, &row->texts[i]);
}

static void merge_row(struct merging *merging, const struct item *row)
{
    struct item *item = &merging->item;
    struct slice shop = merging->rows->locale;
    bool leads = row->lead.size == 0 || item->lead.size == 0 || slice_equal(row->lead, item->lead);
    bool own = merging->exists && item_speaks_own(item, row->locale, shop);
    if (!merging->exists || (leads && own)) {
        take_item(merging, row);
    } else if (leads && takes_over(merging, row)) {
        change_locale(merging, row);
    } else {
        for (size_t i = 0; i < row->variant_count && row->lead.size > 0; i++)
            set_variant(merging, &row->variants[i], own);
        struct item_text text = text_of(row, row->locale.size > 0 ? row->locale : shop);
        if (leads)
            set_text(merging, &text);
    }
    take_texts(merging, row);
}

/* --- a full feed ------------------------------------------------------------------------------ */

static bool spoken(const struct item_rows *rows, struct slice locale)
{
    for (size_t i = 0; i < rows->spoken_count; i++)
        if (slice_equal(rows->spoken[i], locale))
            return true;
    return false;
}

bool item_rows_speak(const struct item_rows *rows, const struct item *item)
{
    for (size_t i = 0; i < rows->spoken_count; i++)
        if (item_speaks_own(item, rows->spoken[i], rows->locale))
            return true;
    return false;
}

static bool is_named(const struct item *list, size_t count, struct slice lead)
{
    for (size_t i = 0; i < count; i++)
        if (slice_equal(list[i].lead, lead))
            return true;
    return false;
}

static bool keeps_text(const struct item_rows *rows, struct slice locale)
{
    bool kept = !spoken(rows, locale);
    for (size_t i = 0; i < rows->kept_count && !kept; i++)
        kept = slice_equal(rows->kept[i].locale, locale);
    return kept;
}

static void drop_texts(struct merging *merging)
{
    size_t kept = 0;
    for (size_t i = 0; i < merging->item.text_count; i++)
        if (keeps_text(merging->rows, merging->texts[i].locale))
            merging->texts[kept++] = merging->texts[i];
    merging->item.text_count = kept;
}

/* The rows come one by one afterwards; a lead that they do not name leaves its place to the
 * first. */
static void drop_variants(struct merging *merging)
{
    const struct item_rows *rows = merging->rows;
    struct item *item = &merging->item;
    size_t kept = 0;
    for (size_t i = 0; i < item->variant_count; i++)
        if (is_named(rows->kept, rows->kept_count, merging->variants[i].id))
            merging->variants[kept++] = merging->variants[i];
    item->variant_count = item->lead.size > 0 ? kept : 0;
    if (!is_named(rows->list, rows->count, item->lead) &&
        !is_named(rows->kept, rows->kept_count, item->lead))
        item->lead = SLICE_NONE;
}

/* Does any row say what the item is, in its own locale? */
static bool says_own(const struct item_rows *rows, const struct item *item)
{
    for (size_t i = 0; i < rows->count; i++)
        if (item_speaks_own(item, rows->list[i].locale, rows->locale))
            return true;
    for (size_t i = 0; i < rows->kept_count; i++)
        if (item_speaks_own(item, rows->kept[i].locale, rows->locale))
            return true;
    return false;
}

static void begin_full(struct merging *merging)
{
    const struct item_rows *rows = merging->rows;
    drop_texts(merging);
    if (!item_rows_speak(rows, &merging->item) || rows->count == 0)
        return;
    drop_variants(merging);
    merging->exists = says_own(rows, &merging->item);
}

/* --- the whole -------------------------------------------------------------------------------- */

static size_t room_for(const struct item_rows *rows, size_t known, size_t most)
{
    size_t room = known + rows->count + 1; /* and its own, in another's place */
    for (size_t i = 0; i < rows->count; i++)
        room += rows->list[i].variant_count + rows->list[i].text_count;
    return room < most ? room : most;
}

static void start(struct merging *merging, const struct item *known)
{
    const struct item_rows *rows = merging->rows;
    if (known)
        merging->item = *known;
    merging->exists = known != NULL;
    size_t texts = merging->item.text_count, variants = merging->item.variant_count;
    merging->texts =
        ARENA_ARRAY(merging->arena, room_for(rows, texts, ITEM_TEXTS_MAX), struct item_text);
    merging->variants =
        ARENA_ARRAY(merging->arena, room_for(rows, variants, ITEM_VARIANTS_MAX), struct variant);
    if (texts > 0)
        memcpy(merging->texts, known->texts, texts * sizeof *merging->texts);
    if (variants > 0)
        memcpy(merging->variants, known->variants, variants * sizeof *merging->variants);
    merging->item.texts = merging->texts;
    merging->item.variants = merging->variants;
}

enum status item_merge(const struct item *known, const struct item_rows *rows, struct arena *arena,
                       struct item *out_item)
{
    struct merging merging = {.rows = rows, .arena = arena};
    if (!known && rows->count == 0)
        return STATUS_NOT_FOUND;
    start(&merging, known);
    if (known && rows->full)
        begin_full(&merging);
    for (size_t i = 0; i < rows->count; i++)
        merge_row(&merging, &rows->list[i]);
    if (merging.too_large)
        return STATUS_TOO_LARGE;
    *out_item = merging.item;
    return STATUS_OK;
}
