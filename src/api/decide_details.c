#include "api/decide_details.h"

#include "base/json_out.h"
#include "catalog/money.h"

static bool shown_before(const struct outcome *outcome, size_t decision, size_t place)
{
    struct slice id = outcome->decisions[decision].shown[place]->candidate->item;
    for (size_t i = 0; i <= decision; i++) {
        const struct decision *earlier = &outcome->decisions[i];
        size_t count = i == decision ? place : earlier->shown_count;
        for (size_t k = 0; k < count; k++)
            if (slice_equal(earlier->shown[k]->candidate->item, id))
                return true;
    }
    return false;
}

static void put_text(struct json_out *out, const char *name, struct slice text)
{
    if (text.size)
        JSON_STRING_MEMBER(out, name, text);
}

static void put_price(struct json_out *out, const char *name, int64_t minor, struct slice currency)
{
    char text[32];
    if (minor < 0)
        return;
    money_format(minor, currency, text);
    JSON_STRING_MEMBER(out, name, slice_of(text));
}

static void put_item(struct json_out *out, const struct item *item,
                     const struct locale_wish *locale)
{
    struct item_text text = item_text_in(item, locale);
    json_name_slice(out, item->id);
    json_object(out);
    put_text(out, "title", text.title);
    put_text(out, "url", text.url);
    put_text(out, "image", item->image);
    put_text(out, "brand", item->brand);
    put_price(out, "price", item->price_minor, item->currency);
    put_price(out, "listPrice", item->list_price_minor, item->currency);
    if (item->price_minor >= 0)
        put_text(out, "currency", item->currency);
    json_end(out);
}

void decide_details_add(const struct outcome *outcome, const struct catalog_snapshot *catalog,
                        const struct locale_wish *locale, struct buf *body)
{
    body->size--; /* the closing brace */
    buf_add(body, SLICE(",\"details\":"));
    struct json_out out = json_out(body);
    json_object(&out);
    for (size_t i = 0; i < outcome->decision_count; i++) {
        const struct decision *decision = &outcome->decisions[i];
        for (size_t k = 0; k < decision->shown_count; k++) {
            const struct item *item = catalog_find(catalog, decision->shown[k]->candidate->item);
            if (item && !shown_before(outcome, i, k))
                put_item(&out, item, locale);
        }
    }
    json_end(&out);
    buf_add(body, SLICE("}"));
}
