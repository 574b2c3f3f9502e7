/* An item as JSON: what catalog_item_from_json reads back as the same item. */
#include "catalog/catalog.h"
#include "catalog/money.h"

/* Values of one name stand together: alone as a text, several as a list. */
static void attributes_member(struct json_out *out, const struct attribute *rows, size_t count)
{
    if (count == 0)
        return;
    json_name(out, "attributes");
    json_object(out);
    for (size_t i = 0; i < count;) {
        size_t end = i + 1;
        while (end < count && slice_equal(rows[end].name, rows[i].name))
            end++;
        json_name_slice(out, rows[i].name);
        bool several = end - i > 1;
        if (several)
            json_array(out);
        for (; i < end; i++)
            json_string(out, rows[i].value);
        if (several)
            json_end(out);
    }
    json_end(out);
}

static void variants_member(struct json_out *out, const struct item *item)
{
    if (item->variant_count == 0)
        return;
    json_name(out, "variants");
    json_array(out);
    for (size_t i = 0; i < item->variant_count; i++) {
        const struct variant *variant = &item->variants[i];
        json_object(out);
        JSON_STRING_MEMBER(out, "id", variant->id);
        json_text_member(out, "url", variant->url);
        json_text_member(out, "image", variant->image);
        money_member(out, "price", variant->price_minor, item->currency);
        money_member(out, "listPrice", variant->list_price_minor, item->currency);
        money_member(out, "cost", variant->cost_minor, item->currency);
        if (variant->stock >= 0)
            JSON_INT_MEMBER(out, "stock", variant->stock);
        attributes_member(out, variant->attributes, variant->attribute_count);
        json_end(out);
    }
    json_end(out);
}

static void texts_member(struct json_out *out, const struct item *item)
{
    if (item->text_count == 0)
        return;
    json_name(out, "texts");
    json_object(out);
    for (size_t i = 0; i < item->text_count; i++) {
        const struct item_text *text = &item->texts[i];
        json_name_slice(out, text->locale);
        json_object(out);
        JSON_STRING_MEMBER(out, "title", text->title);
        json_text_member(out, "description", text->description);
        json_text_member(out, "url", text->url);
        json_text_member(out, "category", text->category);
        json_end(out);
    }
    json_end(out);
}

void catalog_item_to_json(const struct item *item, struct json_out *out)
{
    json_object(out);
    JSON_STRING_MEMBER(out, "id", item->id);
    JSON_STRING_MEMBER(out, "title", item->title);
    json_text_member(out, "description", item->description);
    json_text_member(out, "url", item->url);
    json_text_member(out, "image", item->image);
    json_text_member(out, "brand", item->brand);
    json_text_member(out, "category", item->category);
    money_member(out, "price", item->price_minor, item->currency);
    money_member(out, "listPrice", item->list_price_minor, item->currency);
    money_member(out, "cost", item->cost_minor, item->currency);
    json_text_member(out, "currency", item->currency);
    if (item->stock >= 0)
        JSON_INT_MEMBER(out, "stock", item->stock);
    if (item->hidden)
        JSON_BOOL_MEMBER(out, "hidden", true);
    attributes_member(out, item->attributes, item->attribute_count);
    variants_member(out, item);
    json_text_member(out, "lead", item->lead);
    json_text_member(out, "locale", item->locale);
    texts_member(out, item);
    json_end(out);
}
