/* Items from JSON: our names, those of Google Merchant feeds, and one clear sentence
 * for what is wrong. */
#include "base/clock.h"
#include "base/limits.h"
#include "catalog/item.h"
#include "catalog/item_text.h"
#include "catalog/money.h"

#include <stdio.h>
#include <stdlib.h>

enum {
    DESCRIPTION_BYTES_MAX = 10000,
    URL_BYTES_MAX = 2048,
    BRAND_BYTES_MAX = 200,
    CATEGORY_BYTES_MAX = 750,
    ATTRIBUTE_NAME_BYTES_MAX = 64,
    ATTRIBUTE_VALUE_BYTES_MAX = 256,
    NAMES_MAX = 6
};

struct field {
    const char *names
        [NAMES_MAX]; /* ours first, then those of other feeds; the first that is there counts */
    size_t bytes_max;
    bool first_of_list; /* feeds give several, the first is the main one */
};

static const struct field id_field = {.names = {"id", "item", "itemId", "item_id"},
                                      .bytes_max = ITEM_ID_BYTES_MAX};
static const struct field title_field = {.names = {"title", "name"},
                                         .bytes_max = ITEM_TITLE_BYTES_MAX};
static const struct field description_field = {.names = {"description"},
                                               .bytes_max = DESCRIPTION_BYTES_MAX};
static const struct field url_field = {.names = {"url", "link"}, .bytes_max = URL_BYTES_MAX};
static const struct field image_field = {.names = {"image", "image_link", "imageUrl"},
                                         .bytes_max = URL_BYTES_MAX,
                                         .first_of_list = true};
static const struct field brand_field = {.names = {"brand"}, .bytes_max = BRAND_BYTES_MAX};
static const struct field category_field = {
    .names = {"category", "product_type", "google_product_category"},
    .bytes_max = CATEGORY_BYTES_MAX,
    .first_of_list = true};
static const struct field currency_field = {.names = {"currency", "priceCurrency"}, .bytes_max = 3};
static const struct field price_field = {.names = {"price"}, .bytes_max = 40};
static const struct field list_price_field = {.names = {"listPrice", "list_price"},
                                              .bytes_max = 40};
static const struct field cost_field = {.names = {"cost", "cost_of_goods_sold", "costOfGoodsSold"},
                                        .bytes_max = 40};
static const struct field sale_price_field = {.names = {"salePrice", "sale_price"},
                                              .bytes_max = 40};
static const struct field sale_dates_field = {
    .names = {"salePriceEffectiveDate", "sale_price_effective_date"}, .bytes_max = 100};
static const struct field stock_field = {.names = {"stock", "quantity"}, .bytes_max = 20};
static const struct field availability_field = {.names = {"availability"}, .bytes_max = 60};
static const struct field locale_field = {.names = {"locale", "lang", "content_language"},
                                          .bytes_max = ITEM_LOCALE_BYTES_MAX};
static const struct field group_field = {.names = {"item_group_id"},
                                         .bytes_max = ITEM_ID_BYTES_MAX};
static const struct field lead_field = {.names = {"lead"}, .bytes_max = ITEM_ID_BYTES_MAX};
static const struct field hidden_field = {.names = {"hidden"}, .bytes_max = 5};

/* Columns of other feeds that are attributes to us. */
static const char *const attribute_columns[] = {
    "color",          "size",           "gender",         "material",      "pattern",
    "age_group",      "condition",      "size_type",      "size_system",   "custom_label_0",
    "custom_label_1", "custom_label_2", "custom_label_3", "custom_label_4"};
/* Of a group's row these are the variant's, the others the item's. */
static const char *const variant_attributes[] = {"color",     "size",        "material", "pattern",
                                                 "size_type", "size_system", "gtin",     "mpn"};

struct reader {
    const struct json *json;
    const char *place; /* "" or "variants/3/" */
    struct arena *arena;
    struct diag *diag;
    struct slice currency; /* of the item */
    bool currency_told;    /* it said so itself */
};

static enum status refuse(const struct reader *reader, const char *field, const char *sentence)
{
    char place[64];
    (void)snprintf(place, sizeof place, "%s%s", reader->place, field);
    return diag_set(reader->diag, STATUS_INVALID, place, "%s", sentence);
}

static const struct json *find_value(const struct json *json, const struct field *field)
{
    for (size_t i = 0; i < NAMES_MAX && field->names[i]; i++) {
        const struct json *value = json_get(json, field->names[i]);
        if (value && !json_is(value, JSON_NULL))
            return value;
    }
    return NULL;
}

static bool scalar(const struct json *value)
{
    return !json_is(value, JSON_ARRAY) && !json_is(value, JSON_OBJECT);
}

static struct slice scalar_text(const struct json *value)
{
    if (json_is(value, JSON_BOOL))
        return value->boolean ? SLICE("true") : SLICE("false");
    return json_is(value, JSON_NULL) ? SLICE_NONE : slice_trim(value->text);
}

/* Empty when it is not there. Text is copied: the tree may go before the item. */
static enum status read_text(const struct reader *reader, const struct field *field,
                             struct slice *out_text)
{
    const struct json *value = find_value(reader->json, field);
    *out_text = SLICE_NONE;
    if (value && field->first_of_list && json_is(value, JSON_ARRAY) && value->count > 0)
        value = &value->elements[0];
    if (!value)
        return STATUS_OK;
    if (!scalar(value))
        return refuse(reader, field->names[0], "must be a text, not a list or an object");
    struct slice text = scalar_text(value);
    if (text.size > field->bytes_max) {
        char sentence[80];
        (void)snprintf(sentence, sizeof sentence, "has %zu bytes, %zu at most: shorten it",
                       text.size, field->bytes_max);
        return refuse(reader, field->names[0], sentence);
    }
    if (slice_find(text, '\0') != SIZE_MAX)
        return refuse(reader, field->names[0], "holds a NUL character: leave it out");
    *out_text = arena_copy(reader->arena, text);
    return STATUS_OK;
}

static bool starts_ignoring_case(struct slice text, const char *start)
{
    struct slice wanted = slice_of(start);
    return slice_equal_ignoring_case(slice_first(text, wanted.size), wanted);
}

/* "/assets/a.svg"; not "//host/a", nor "/\\host/a", which browsers read the same way. */
static bool own_path(struct slice url)
{
    return url.data[0] == '/' && (url.size == 1 || (url.data[1] != '/' && url.data[1] != '\\'));
}

static enum status read_url(const struct reader *reader, const struct field *field,
                            struct slice *out_url)
{
    enum status status = read_text(reader, field, out_url);
    if (status != STATUS_OK || out_url->size == 0)
        return status;
    bool good = starts_ignoring_case(*out_url, "http://") ||
                starts_ignoring_case(*out_url, "https://") || own_path(*out_url);
    for (size_t i = 0; i < out_url->size && good; i++)
        good = (unsigned char)out_url->data[i] > ' ' && out_url->data[i] != 0x7F;
    return good ? STATUS_OK
                : refuse(
                      reader, field->names[0],
                      "must be a whole address that begins with https:// or http://, or a path of "
                      "this server that begins with /");
}

static enum status read_price(struct reader *reader, const struct field *field, int64_t *out_minor)
{
    struct slice text, currency = reader->currency;
    enum status status = read_text(reader, field, &text);
    *out_minor = -1;
    if (status != STATUS_OK || text.size == 0)
        return status;
    struct diag diag = {0};
    if (money_parse(text, &currency, out_minor, &diag) != STATUS_OK)
        return refuse(reader, field->names[0], diag.sentence);
    if (reader->currency_told && !slice_equal(currency, reader->currency))
        return refuse(reader, field->names[0],
                      "is in another currency than the rest of the item: use one");
    reader->currency_told |= money_names_currency(text);
    reader->currency = arena_copy(reader->arena, currency);
    return STATUS_OK;
}

/* "2026-06-24T08:00+0200/2026-07-21T23:59+0200": does the sale price hold now? Without dates it
 * does. */
static enum status read_sale_dates(const struct reader *reader, bool *out_holds)
{
    struct slice text, from, until;
    int64_t from_ms, until_ms, now_ms = clock_now_ms();
    enum status status = read_text(reader, &sale_dates_field, &text);
    *out_holds = true;
    if (status != STATUS_OK || text.size == 0)
        return status;
    if (!slice_cut(text, '/', &from, &until) || !clock_parse_iso(slice_trim(from), &from_ms) ||
        !clock_parse_iso(slice_trim(until), &until_ms) || until_ms < from_ms)
        return refuse(reader, "salePriceEffectiveDate",
                      "must be two times with a slash between, as in "
                      "2026-06-24T08:00+0200/2026-07-21T23:59+0200");
    *out_holds = from_ms <= now_ms && now_ms <= until_ms;
    return STATUS_OK;
}

struct prices {
    int64_t price, list, cost;
};

static enum status read_prices(struct reader *reader, struct prices *out_prices)
{
    int64_t sale, *out_price = &out_prices->price, *out_list = &out_prices->list;
    bool holds = true;
    enum status status = read_price(reader, &price_field, out_price);
    if (status == STATUS_OK)
        status = read_price(reader, &list_price_field, out_list);
    if (status == STATUS_OK)
        status = read_price(reader, &cost_field, &out_prices->cost);
    if (status == STATUS_OK)
        status = read_price(reader, &sale_price_field, &sale);
    if (status == STATUS_OK)
        status = read_sale_dates(reader, &holds);
    if (status != STATUS_OK || sale < 0 || !holds)
        return status;
    if (*out_list < 0)
        *out_list = *out_price; /* Google's: price is the one struck through */
    *out_price = sale;
    return STATUS_OK;
}

bool availability_read(struct slice text, bool *out_available)
{
    static const struct {
        const char *text;
        bool available;
    } words[] = {{"in_stock", true},
                 {"in stock", true},
                 {"preorder", true},
                 {"pre_order", true},
                 {"backorder", true},
                 {"available", true},
                 {"yes", true},
                 {"true", true},
                 {"oui", true},
                 {"en stock", true},
                 {"en_stock", true},
                 {"disponible", true},
                 {"out_of_stock", false},
                 {"out of stock", false},
                 {"sold out", false},
                 {"unavailable", false},
                 {"discontinued", false},
                 {"no", false},
                 {"false", false},
                 {"non", false},
                 {"rupture", false},
                 {"indisponible", false},
                 {"rupture de stock", false},
                 {"hors stock", false},
                 {"\xC3\xA9puis\xC3\xA9", false},
                 {"1", true},
                 {"0", false}};
    if (slice_ends_with(text, SLICE("/InStock")) || slice_ends_with(text, SLICE("/OutOfStock"))) {
        *out_available = slice_ends_with(text, SLICE("/InStock"));
        return true;
    }
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (slice_equal_ignoring_case(text, slice_of(words[i].text))) {
            *out_available = words[i].available;
            return true;
        }
    return false;
}

static enum status read_stock(const struct reader *reader, int64_t *out_stock)
{
    struct slice text, availability;
    enum status status = read_text(reader, &stock_field, &text);
    if (status == STATUS_OK)
        status = read_text(reader, &availability_field, &availability);
    if (status != STATUS_OK)
        return status;
    bool available = true;
    (void)availability_read(availability, &available);
    *out_stock = available ? -1 : 0;
    if (text.size == 0)
        return STATUS_OK;
    if (!slice_to_int64(text, out_stock) || *out_stock < 0)
        return refuse(reader, "stock",
                      "must be a whole number of units from 0 on; leave it out when unknown");
    return STATUS_OK;
}

static enum status read_hidden(const struct reader *reader, bool *out_hidden)
{
    struct slice text;
    enum status status = read_text(reader, &hidden_field, &text);
    if (status != STATUS_OK)
        return status;
    *out_hidden = slice_is(text, "true") || slice_is(text, "1");
    bool no = text.size == 0 || slice_is(text, "false") || slice_is(text, "0");
    return *out_hidden || no ? STATUS_OK : refuse(reader, "hidden", "must be true or false");
}

/* "Femme>Robes > Longues" to "Femme > Robes > Longues". */
static enum status tidy_category(const struct reader *reader, struct slice *inout_path)
{
    struct buf out;
    buf_init(&out, 2 * CATEGORY_BYTES_MAX + 3 * CATEGORY_LEVELS_MAX);
    struct slice rest = *inout_path, level;
    size_t levels = 0;
    bool more = rest.size > 0;
    while (more && levels <= CATEGORY_LEVELS_MAX) {
        more = slice_cut(rest, '>', &level, &rest);
        level = slice_trim(more ? level : rest);
        if (level.size == 0)
            continue;
        buf_add_text(&out, levels++ ? " > " : "");
        buf_add(&out, level);
    }
    *inout_path = arena_copy(reader->arena, buf_slice(&out));
    buf_done(&out);
    return levels <= CATEGORY_LEVELS_MAX
               ? STATUS_OK
               : refuse(reader, "category", "has more than 10 levels: cut the path");
}

/* --- attributes ------------------------------------------------------------------------------- */

struct attributes {
    struct attribute rows[ITEM_ATTRIBUTES_MAX];
    size_t count;
};

static bool reserved(struct slice name)
{
    return slice_is(name, "brand") || slice_is(name, "category") || slice_is(name, "price_band");
}

static enum status add_attribute(const struct reader *reader, struct attributes *attributes,
                                 struct slice name, const struct json *value)
{
    if (!scalar(value))
        return refuse(reader, "attributes", "values must be texts, numbers or lists of them");
    struct slice text = scalar_text(value);
    if (text.size == 0)
        return STATUS_OK;
    if (name.size == 0 || name.size > ATTRIBUTE_NAME_BYTES_MAX ||
        text.size > ATTRIBUTE_VALUE_BYTES_MAX)
        return refuse(reader, "attributes", "a name has 1 to 64 bytes and a value 256 at most");
    if (reserved(name))
        return refuse(
            reader, "attributes",
            "brand, category and price_band are kept for the item's own fields: use those");
    if (attributes->count == ITEM_ATTRIBUTES_MAX)
        return refuse(reader, "attributes", "has more than 64 values: leave some out");
    attributes->rows[attributes->count++] =
        (struct attribute){arena_copy(reader->arena, name), arena_copy(reader->arena, text)};
    return STATUS_OK;
}

static enum status add_values(const struct reader *reader, struct attributes *attributes,
                              struct slice name, const struct json *value)
{
    if (!json_is(value, JSON_ARRAY))
        return add_attribute(reader, attributes, name, value);
    for (size_t i = 0; i < value->count; i++) {
        enum status status = add_attribute(reader, attributes, name, &value->elements[i]);
        if (status != STATUS_OK)
            return status;
    }
    return STATUS_OK;
}

/* Sorted, each (name, value) once. */
static const struct attribute *settle(const struct reader *reader, struct attributes *attributes,
                                      size_t *out_count)
{
    qsort(attributes->rows, attributes->count, sizeof(struct attribute), attribute_compare);
    struct attribute *rows = ARENA_ARRAY(reader->arena, attributes->count, struct attribute);
    size_t count = 0;
    for (size_t i = 0; i < attributes->count; i++)
        if (count == 0 || attribute_compare(&rows[count - 1], &attributes->rows[i]) != 0)
            rows[count++] = attributes->rows[i];
    *out_count = count;
    return rows;
}

static enum status read_attributes(const struct reader *reader, const struct attribute **out_rows,
                                   size_t *out_count)
{
    struct attributes attributes = {.count = 0};
    const struct json *object = json_get(reader->json, "attributes");
    if (object && !json_is(object, JSON_OBJECT) && !json_is(object, JSON_NULL))
        return refuse(reader, "attributes", "must be an object, as in {\"color\":\"blue\"}");
    enum status status = STATUS_OK;
    size_t count = object && json_is(object, JSON_OBJECT) ? object->count : 0;
    for (size_t i = 0; i < count && status == STATUS_OK; i++)
        status =
            add_values(reader, &attributes, object->members[i].name, &object->members[i].value);
    size_t columns = sizeof attribute_columns / sizeof *attribute_columns;
    for (size_t i = 0; i < columns && status == STATUS_OK; i++) {
        const struct json *value = json_get(reader->json, attribute_columns[i]);
        if (value)
            status = add_values(reader, &attributes, slice_of(attribute_columns[i]), value);
    }
    if (status == STATUS_OK)
        *out_rows = settle(reader, &attributes, out_count);
    return status;
}

/* --- variants --------------------------------------------------------------------------------- */

static int compare_variants(const void *left, const void *right)
{
    const struct variant *a = left, *b = right;
    return slice_compare(a->id, b->id);
}

static enum status read_variant(struct reader *reader, struct variant *out_variant)
{
    if (!json_is(reader->json, JSON_OBJECT))
        return refuse(reader, "", "must be an object, as in {\"id\":\"38\",\"stock\":3}");
    enum status status = read_text(reader, &id_field, &out_variant->id);
    if (status == STATUS_OK && out_variant->id.size == 0)
        status = refuse(reader, "id", "is missing: each variant needs one");
    struct prices prices;
    if (status == STATUS_OK)
        status = read_prices(reader, &prices);
    if (status != STATUS_OK)
        return status;
    out_variant->price_minor = prices.price;
    out_variant->list_price_minor = prices.list;
    out_variant->cost_minor = prices.cost;
    status = read_url(reader, &url_field, &out_variant->url);
    if (status == STATUS_OK)
        status = read_url(reader, &image_field, &out_variant->image);
    if (status == STATUS_OK)
        status = read_stock(reader, &out_variant->stock);
    if (status == STATUS_OK)
        status = read_attributes(reader, &out_variant->attributes, &out_variant->attribute_count);
    return status;
}

static enum status read_variants(struct reader *reader, struct item *item)
{
    const struct json *list = json_get(reader->json, "variants");
    if (!list || json_is(list, JSON_NULL))
        return STATUS_OK;
    if (!json_is(list, JSON_ARRAY))
        return refuse(reader, "variants", "must be a list of objects");
    if (list->count > ITEM_VARIANTS_MAX)
        return refuse(reader, "variants", "has more than 200 rows: make several items");
    struct variant *variants = ARENA_ARRAY(reader->arena, list->count, struct variant);
    struct reader inner = *reader;
    for (size_t i = 0; i < list->count; i++) {
        char place[32];
        (void)snprintf(place, sizeof place, "variants/%zu/", i);
        inner.json = &list->elements[i];
        inner.place = place;
        enum status status = read_variant(&inner, &variants[i]);
        if (status != STATUS_OK)
            return status;
    }
    reader->currency = inner.currency;
    qsort(variants, list->count, sizeof *variants, compare_variants);
    for (size_t i = 1; i < list->count; i++)
        if (slice_equal(variants[i - 1].id, variants[i].id))
            return refuse(reader, "variants", "two variants have the same id: give each its own");
    item->variants = variants;
    item->variant_count = list->count;
    return STATUS_OK;
}

/* --- texts and currency ----------------------------------------------------------------------- */

static enum status read_texts(const struct reader *reader, struct item *item)
{
    enum status status = read_text(reader, &id_field, &item->id);
    if (status == STATUS_OK && item->id.size == 0)
        status = refuse(reader, "id", "is missing: each item needs its id in the shop");
    if (status == STATUS_OK)
        status = read_text(reader, &title_field, &item->title);
    if (status == STATUS_OK && item->title.size == 0)
        status = refuse(reader, "title", "is missing: give the name that shoppers see");
    if (status == STATUS_OK)
        status = read_text(reader, &description_field, &item->description);
    if (status == STATUS_OK)
        status = read_url(reader, &url_field, &item->url);
    if (status == STATUS_OK)
        status = read_url(reader, &image_field, &item->image);
    if (status == STATUS_OK)
        status = read_text(reader, &brand_field, &item->brand);
    if (status == STATUS_OK)
        status = read_text(reader, &category_field, &item->category);
    return status == STATUS_OK ? tidy_category(reader, &item->category) : status;
}

static enum status read_currency(struct reader *reader)
{
    struct slice told;
    enum status status = read_text(reader, &currency_field, &told);
    if (status != STATUS_OK || told.size == 0)
        return status;
    if (!currency_valid(told))
        return refuse(reader, "currency", "must be three capital letters, as in EUR");
    reader->currency = told;
    reader->currency_told = true;
    return STATUS_OK;
}

/* --- locales ---------------------------------------------------------------------------------- */

static enum status read_locale(const struct reader *reader, struct slice *inout_tag)
{
    if (inout_tag->size == 0 || locale_tag_read(*inout_tag, reader->arena, inout_tag))
        return STATUS_OK;
    return refuse(reader, "locale", "must be a language and perhaps a region, as in fr or en-GB");
}

/* An empty title takes the text away. */
static enum status read_one_text(const struct reader *reader, struct item_text *out_text)
{
    enum status status = read_locale(reader, &out_text->locale);
    if (status != STATUS_OK || json_is(reader->json, JSON_NULL))
        return status;
    if (!json_is(reader->json, JSON_OBJECT))
        return refuse(reader, "", "must be an object, as in {\"title\":\"Dress\"}");
    status = read_text(reader, &title_field, &out_text->title);
    if (status == STATUS_OK && out_text->title.size == 0)
        status = refuse(reader, "title", "is missing: give the name that shoppers see");
    if (status == STATUS_OK)
        status = read_text(reader, &description_field, &out_text->description);
    if (status == STATUS_OK)
        status = read_url(reader, &url_field, &out_text->url);
    if (status == STATUS_OK)
        status = read_text(reader, &category_field, &out_text->category);
    return status == STATUS_OK ? tidy_category(reader, &out_text->category) : status;
}

static int compare_texts(const void *left, const void *right)
{
    const struct item_text *a = left, *b = right;
    return slice_compare(a->locale, b->locale);
}

/* {"en": {"title", "description", "url", "category"}} */
static enum status read_locales(const struct reader *reader, struct item *item)
{
    const struct json *object = json_get(reader->json, "texts");
    enum status status = read_text(reader, &locale_field, &item->locale);
    if (status == STATUS_OK)
        status = read_locale(reader, &item->locale);
    if (status != STATUS_OK || !object || json_is(object, JSON_NULL))
        return status;
    if (!json_is(object, JSON_OBJECT) || object->count > ITEM_TEXTS_MAX)
        return refuse(
            reader, "texts",
            "must be an object of at most 20 locales, as in {\"en\":{\"title\":\"Dress\"}}");
    struct item_text *texts = ARENA_ARRAY(reader->arena, object->count, struct item_text);
    struct reader inner = *reader;
    for (size_t i = 0; i < object->count && status == STATUS_OK; i++) {
        char place[32];
        struct slice locale = object->members[i].name;
        (void)snprintf(place, sizeof place, "texts/%.*s/", SLICE_ARG(slice_first(locale, 20)));
        inner.json = &object->members[i].value;
        inner.place = place;
        texts[i].locale = locale.size > 0 ? locale : SLICE("?");
        status = read_one_text(&inner, &texts[i]);
    }
    if (status != STATUS_OK)
        return status;
    qsort(texts, object->count, sizeof *texts, compare_texts);
    for (size_t i = 1; i < object->count; i++)
        if (slice_equal(texts[i - 1].locale, texts[i].locale))
            return refuse(reader, "texts", "names a locale twice: keep one of the two");
    item->texts = texts;
    item->text_count = object->count;
    return STATUS_OK;
}

/* --- groups ----------------------------------------------------------------------------------- */

static bool is_variant_attribute(struct slice name)
{
    for (size_t i = 0; i < sizeof variant_attributes / sizeof *variant_attributes; i++)
        if (slice_is(name, variant_attributes[i]))
            return true;
    return false;
}

/* The row's attributes, part the item's and part the variant's. */
static void part_attributes(struct arena *arena, struct item *item, struct variant *variant)
{
    struct attribute *own = ARENA_ARRAY(arena, item->attribute_count, struct attribute);
    struct attribute *variants = ARENA_ARRAY(arena, item->attribute_count, struct attribute);
    size_t own_count = 0;
    for (size_t i = 0; i < item->attribute_count; i++)
        if (is_variant_attribute(item->attributes[i].name))
            variants[variant->attribute_count++] = item->attributes[i];
        else
            own[own_count++] = item->attributes[i];
    variant->attributes = variants;
    item->attributes = own;
    item->attribute_count = own_count;
}

/* A row of a group is a variant of the item that bears the group's id. */
static enum status take_group(const struct reader *reader, struct item *item, struct slice group)
{
    if (item->variant_count > 0)
        return refuse(reader, "item_group_id", "says the row is a variant: it has none of its own");
    struct variant *variant = ARENA_NEW(reader->arena, struct variant);
    *variant = (struct variant){.id = item->id,
                                .url = item->url,
                                .image = item->image,
                                .price_minor = item->price_minor,
                                .list_price_minor = item->list_price_minor,
                                .cost_minor = item->cost_minor,
                                .stock = item->stock};
    part_attributes(reader->arena, item, variant);
    item->lead = item->id;
    item->id = group;
    item->stock = -1; /* the variants' counts */
    item->variants = variant;
    item->variant_count = 1;
    return STATUS_OK;
}

static enum status read_group(const struct reader *reader, struct item *item)
{
    struct slice group;
    enum status status = read_text(reader, &lead_field, &item->lead);
    if (status == STATUS_OK)
        status = read_text(reader, &group_field, &group);
    if (status == STATUS_OK && item->lead.size > 0 && !catalog_find_variant(item, item->lead))
        status = refuse(reader, "lead", "must be the id of one of the variants");
    return status == STATUS_OK && group.size > 0 ? take_group(reader, item, group) : status;
}

/* --- the whole -------------------------------------------------------------------------------- */

static struct slice named(const struct json *json, const struct field *field)
{
    const struct json *value = json_is(json, JSON_OBJECT) ? find_value(json, field) : NULL;
    return value && scalar(value) ? scalar_text(value) : SLICE_NONE;
}

struct item catalog_item_named(const struct json *json)
{
    struct slice id = named(json, &id_field), group = named(json, &group_field);
    return (struct item){.id = group.size > 0 ? group : id,
                         .lead = group.size > 0 ? id : SLICE_NONE,
                         .locale = named(json, &locale_field)};
}

enum status catalog_item_from_json(const struct json *json, struct slice workspace_currency,
                                   struct arena *arena, struct item *out_item, struct diag *diag)
{
    struct reader reader = {json, "", arena, diag, workspace_currency, false};
    struct item item = {0};
    struct prices prices = {-1, -1, -1};
    if (!json_is(json, JSON_OBJECT))
        return refuse(&reader, "",
                      "an item is a JSON object, as in {\"id\":\"1\",\"title\":\"Robe\"}");
    enum status status = read_texts(&reader, &item);
    if (status == STATUS_OK)
        status = read_currency(&reader);
    if (status == STATUS_OK)
        status = read_prices(&reader, &prices);
    item.price_minor = prices.price;
    item.list_price_minor = prices.list;
    item.cost_minor = prices.cost;
    if (status == STATUS_OK)
        status = read_stock(&reader, &item.stock);
    if (status == STATUS_OK)
        status = read_hidden(&reader, &item.hidden);
    if (status == STATUS_OK)
        status = read_attributes(&reader, &item.attributes, &item.attribute_count);
    if (status == STATUS_OK)
        status = read_variants(&reader, &item);
    if (status == STATUS_OK)
        status = read_locales(&reader, &item);
    if (status == STATUS_OK)
        status = read_group(&reader, &item);
    if (status != STATUS_OK)
        return status;
    item.currency = arena_copy(arena, reader.currency);
    *out_item = item;
    return STATUS_OK;
}
