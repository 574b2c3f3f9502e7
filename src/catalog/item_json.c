/* Items from JSON and back: our names, those of Google Merchant feeds, and one clear sentence
 * for what is wrong. */
#include "base/clock.h"
#include "base/limits.h"
#include "catalog/item.h"
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
static const struct field sale_price_field = {.names = {"salePrice", "sale_price"},
                                              .bytes_max = 40};
static const struct field sale_dates_field = {
    .names = {"salePriceEffectiveDate", "sale_price_effective_date"}, .bytes_max = 100};
static const struct field stock_field = {.names = {"stock", "quantity"}, .bytes_max = 20};
static const struct field availability_field = {.names = {"availability"}, .bytes_max = 60};
static const struct field hidden_field = {.names = {"hidden"}, .bytes_max = 5};

/* Columns of other feeds that are attributes to us. */
static const char *const attribute_columns[] = {
    "color",          "size",           "gender",        "material",       "pattern",
    "age_group",      "condition",      "item_group_id", "custom_label_0", "custom_label_1",
    "custom_label_2", "custom_label_3", "custom_label_4"};

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
    if (status == STATUS_OK)
        status = read_price(reader, &price_field, &out_variant->price_minor);
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

/* --- the whole -------------------------------------------------------------------------------- */

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

static enum status read_prices(struct reader *reader, struct item *item)
{
    int64_t sale;
    bool holds = true;
    enum status status = read_price(reader, &price_field, &item->price_minor);
    if (status == STATUS_OK)
        status = read_price(reader, &list_price_field, &item->list_price_minor);
    if (status == STATUS_OK)
        status = read_price(reader, &sale_price_field, &sale);
    if (status == STATUS_OK)
        status = read_sale_dates(reader, &holds);
    if (status != STATUS_OK || sale < 0 || !holds)
        return status;
    if (item->list_price_minor < 0)
        item->list_price_minor = item->price_minor; /* Google's: price is the one struck through */
    item->price_minor = sale;
    return STATUS_OK;
}

struct slice catalog_item_id(const struct json *json)
{
    const struct json *value = json_is(json, JSON_OBJECT) ? find_value(json, &id_field) : NULL;
    return value && scalar(value) ? scalar_text(value) : SLICE_NONE;
}

enum status catalog_item_from_json(const struct json *json, struct slice workspace_currency,
                                   struct arena *arena, struct item *out_item, struct diag *diag)
{
    struct reader reader = {json, "", arena, diag, workspace_currency, false};
    struct item item = {0};
    if (!json_is(json, JSON_OBJECT))
        return refuse(&reader, "",
                      "an item is a JSON object, as in {\"id\":\"1\",\"title\":\"Robe\"}");
    enum status status = read_texts(&reader, &item);
    if (status == STATUS_OK)
        status = read_currency(&reader);
    if (status == STATUS_OK)
        status = read_prices(&reader, &item);
    if (status == STATUS_OK)
        status = read_stock(&reader, &item.stock);
    if (status == STATUS_OK)
        status = read_hidden(&reader, &item.hidden);
    if (status == STATUS_OK)
        status = read_attributes(&reader, &item.attributes, &item.attribute_count);
    if (status == STATUS_OK)
        status = read_variants(&reader, &item);
    if (status != STATUS_OK)
        return status;
    item.currency = arena_copy(arena, reader.currency);
    *out_item = item;
    return STATUS_OK;
}

/* --- out -------------------------------------------------------------------------------------- */

static void text_member(struct json_out *out, const char *name, struct slice text)
{
    if (text.size > 0)
        JSON_STRING_MEMBER(out, name, text);
}

static void price_member(struct json_out *out, const char *name, int64_t minor,
                         struct slice currency)
{
    char text[32];
    if (minor < 0)
        return;
    money_format(minor, currency, text);
    JSON_STRING_MEMBER(out, name, slice_of(text));
}

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
        price_member(out, "price", variant->price_minor, item->currency);
        if (variant->stock >= 0)
            JSON_INT_MEMBER(out, "stock", variant->stock);
        attributes_member(out, variant->attributes, variant->attribute_count);
        json_end(out);
    }
    json_end(out);
}

void catalog_item_to_json(const struct item *item, struct json_out *out)
{
    json_object(out);
    JSON_STRING_MEMBER(out, "id", item->id);
    JSON_STRING_MEMBER(out, "title", item->title);
    text_member(out, "description", item->description);
    text_member(out, "url", item->url);
    text_member(out, "image", item->image);
    text_member(out, "brand", item->brand);
    text_member(out, "category", item->category);
    price_member(out, "price", item->price_minor, item->currency);
    price_member(out, "listPrice", item->list_price_minor, item->currency);
    text_member(out, "currency", item->currency);
    if (item->stock >= 0)
        JSON_INT_MEMBER(out, "stock", item->stock);
    if (item->hidden)
        JSON_BOOL_MEMBER(out, "hidden", true);
    attributes_member(out, item->attributes, item->attribute_count);
    variants_member(out, item);
    json_end(out);
}
