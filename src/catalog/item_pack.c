/* The stored record of an item; docs/internals/format.md has each byte. */
#include "base/limits.h"
#include "base/pack.h"
#include "catalog/item.h"

static void pack_attributes(struct buf *buf, const struct attribute *attributes, size_t count)
{
    pack_uint(buf, count);
    for (size_t i = 0; i < count; i++) {
        pack_text(buf, attributes[i].name);
        pack_text(buf, attributes[i].value);
    }
}

static void pack_texts(struct buf *buf, const struct item *item)
{
    pack_uint(buf, item->text_count);
    for (size_t i = 0; i < item->text_count; i++) {
        const struct item_text *text = &item->texts[i];
        pack_text(buf, text->locale);
        pack_text(buf, text->title);
        pack_text(buf, text->description);
        pack_text(buf, text->url);
        pack_text(buf, text->category);
    }
}

void catalog_item_pack(const struct item *item, struct buf *buf)
{
    pack_u8(buf, ITEM_RECORD_VERSION);
    pack_u8(buf, ITEM_RECORD_KIND);
    pack_u8(buf, item->hidden ? ITEM_HIDDEN : 0);
    pack_u8(buf, 0);  /* key id */
    pack_u64(buf, 0); /* sequence: the ledger's */
    pack_text(buf, item->id);
    pack_int(buf, item->added_ms);
    pack_int(buf, item->updated_ms);
    pack_text(buf, item->title);
    pack_text(buf, item->description);
    pack_text(buf, item->url);
    pack_text(buf, item->image);
    pack_text(buf, item->brand);
    pack_text(buf, item->category);
    pack_int(buf, item->price_minor);
    pack_int(buf, item->list_price_minor);
    pack_int(buf, item->cost_minor);
    pack_text(buf, item->currency);
    pack_int(buf, item->stock);
    pack_attributes(buf, item->attributes, item->attribute_count);
    pack_uint(buf, item->variant_count);
    for (size_t i = 0; i < item->variant_count; i++) {
        const struct variant *variant = &item->variants[i];
        pack_text(buf, variant->id);
        pack_text(buf, variant->url);
        pack_text(buf, variant->image);
        pack_int(buf, variant->price_minor);
        pack_int(buf, variant->list_price_minor);
        pack_int(buf, variant->cost_minor);
        pack_int(buf, variant->stock);
        pack_attributes(buf, variant->attributes, variant->attribute_count);
    }
    pack_text(buf, item->lead);
    pack_text(buf, item->locale);
    pack_texts(buf, item);
}

static const struct attribute *unpack_attributes(struct unpack *in, struct arena *arena,
                                                 size_t *out_count)
{
    size_t count = unpack_count(in, ITEM_ATTRIBUTES_MAX);
    struct attribute *attributes = ARENA_ARRAY(arena, count, struct attribute);
    for (size_t i = 0; i < count; i++) {
        attributes[i].name = unpack_text(in);
        attributes[i].value = unpack_text(in);
    }
    *out_count = count;
    return attributes;
}

static void unpack_variants(struct unpack *in, struct arena *arena, struct item *item)
{
    item->variant_count = unpack_count(in, ITEM_VARIANTS_MAX);
    struct variant *variants = ARENA_ARRAY(arena, item->variant_count, struct variant);
    for (size_t i = 0; i < item->variant_count; i++) {
        variants[i].id = unpack_text(in);
        variants[i].url = unpack_text(in);
        variants[i].image = unpack_text(in);
        variants[i].price_minor = unpack_int(in);
        variants[i].list_price_minor = unpack_int(in);
        variants[i].cost_minor = unpack_int(in);
        variants[i].stock = unpack_int(in);
        variants[i].attributes = unpack_attributes(in, arena, &variants[i].attribute_count);
    }
    item->variants = variants;
}

static void unpack_texts(struct unpack *in, struct arena *arena, struct item *item)
{
    item->text_count = unpack_count(in, ITEM_TEXTS_MAX);
    struct item_text *texts = ARENA_ARRAY(arena, item->text_count, struct item_text);
    for (size_t i = 0; i < item->text_count; i++) {
        texts[i].locale = unpack_text(in);
        texts[i].title = unpack_text(in);
        texts[i].description = unpack_text(in);
        texts[i].url = unpack_text(in);
        texts[i].category = unpack_text(in);
    }
    item->texts = texts;
}

enum status catalog_item_unpack(struct slice bytes, struct arena *arena, struct item *out_item)
{
    struct unpack in = unpack_of(bytes);
    struct item item = {0};
    uint8_t version = unpack_u8(&in), kind = unpack_u8(&in), flags = unpack_u8(&in);
    uint8_t key_id = unpack_u8(&in);
    (void)unpack_u64(&in); /* sequence */
    if (version != ITEM_RECORD_VERSION || kind != ITEM_RECORD_KIND || key_id != 0)
        return STATUS_CORRUPT;
    item.hidden = (flags & ITEM_HIDDEN) != 0;
    item.id = unpack_text(&in);
    item.added_ms = unpack_int(&in);
    item.updated_ms = unpack_int(&in);
    item.title = unpack_text(&in);
    item.description = unpack_text(&in);
    item.url = unpack_text(&in);
    item.image = unpack_text(&in);
    item.brand = unpack_text(&in);
    item.category = unpack_text(&in);
    item.price_minor = unpack_int(&in);
    item.list_price_minor = unpack_int(&in);
    item.cost_minor = unpack_int(&in);
    item.currency = unpack_text(&in);
    item.stock = unpack_int(&in);
    item.attributes = unpack_attributes(&in, arena, &item.attribute_count);
    unpack_variants(&in, arena, &item);
    item.lead = unpack_text(&in);
    item.locale = unpack_text(&in);
    unpack_texts(&in, arena, &item);
    if (!unpack_finished(&in))
        return STATUS_CORRUPT;
    *out_item = item;
    return STATUS_OK;
}
