/* What the two readings of rows share: the person, numbers, times. */
#include "import/rows.h"

#include "base/clock.h"
#include "catalog/money.h"

/* --- the person ------------------------------------------------------------------------------- */

static struct slice identifier(struct import *import, enum row_field field,
                               const struct json *record)
{
    struct slice text = feed_plain_id(import_value(&import->map, field, record));
    return intake_identifier_blocked(text) ? SLICE_NONE : text;
}

bool row_person_read(struct import *import, const struct json *record,
                     struct row_person *out_person)
{
    struct import_map *map = &import->map;
    *out_person = (struct row_person){.user = identifier(import, ROW_USER, record),
                                      .anonymous = identifier(import, ROW_ANONYMOUS, record),
                                      .email = identifier(import, ROW_EMAIL, record),
                                      .phone = identifier(import, ROW_PHONE, record),
                                      .country = import_value(map, ROW_COUNTRY, record),
                                      .region = import_value(map, ROW_REGION, record),
                                      .city = import_value(map, ROW_CITY, record),
                                      .postcode = import_value(map, ROW_POSTCODE, record)};
    return out_person->user.size + out_person->anonymous.size + out_person->email.size +
               out_person->phone.size >
           0;
}

bool row_person_equal(const struct row_person *a, const struct row_person *b)
{
    return slice_equal(a->user, b->user) && slice_equal(a->anonymous, b->anonymous) &&
           slice_equal(a->email, b->email) && slice_equal(a->phone, b->phone);
}

struct row_person row_person_copy(const struct row_person *person, struct arena *arena)
{
    return (struct row_person){.user = arena_copy(arena, person->user),
                               .anonymous = arena_copy(arena, person->anonymous),
                               .email = arena_copy(arena, person->email),
                               .phone = arena_copy(arena, person->phone),
                               .country = arena_copy(arena, person->country),
                               .region = arena_copy(arena, person->region),
                               .city = arena_copy(arena, person->city),
                               .postcode = arena_copy(arena, person->postcode)};
}

void row_person_put_ids(const struct row_person *person, struct json_out *out)
{
    json_text_member(out, "userId", person->user);
    json_text_member(out, "anonymousId", person->anonymous);
}

/* Where intake looks for a place that the shop vouches for: traits.address. */
void row_person_put_traits(const struct row_person *person, struct json_out *out)
{
    json_name(out, "context");
    json_object(out);
    json_name(out, "traits");
    json_object(out);
    json_text_member(out, "email", person->email);
    json_text_member(out, "phone", person->phone);
    if (person->country.size + person->region.size + person->city.size + person->postcode.size == 0)
        return;
    json_name(out, "address");
    json_object(out);
    json_text_member(out, "country", person->country);
    json_text_member(out, "region", person->region);
    json_text_member(out, "city", person->city);
    json_text_member(out, "postalCode", person->postcode);
    json_end(out);
}

/* --- numbers and times ------------------------------------------------------------------------ */

enum status row_currency(struct import *import, const struct json *record,
                         struct slice *out_currency, struct diag *diag)
{
    *out_currency = import_value(&import->map, ROW_CURRENCY, record);
    if (out_currency->size == 0)
        *out_currency = import->shop.currency;
    return currency_valid(*out_currency) ? STATUS_OK
                                         : diag_set(diag, STATUS_INVALID, "currency",
                                                    "must be three capital letters, as in EUR");
}

enum status row_price(struct import *import, const struct json *record, struct slice currency,
                      int64_t *out_minor, struct diag *diag)
{
    struct slice text = import_value(&import->map, ROW_PRICE, record), told = currency;
    *out_minor = -1;
    if (text.size == 0)
        return STATUS_OK;
    struct diag why = {0};
    if (money_parse(text, &told, out_minor, &why) != STATUS_OK)
        return diag_set(diag, STATUS_INVALID, "price", "%s", why.sentence);
    return slice_equal(told, currency)
               ? STATUS_OK
               : diag_set(diag, STATUS_INVALID, "price", "is in %.*s, the order in %.*s",
                          SLICE_ARG(told), SLICE_ARG(currency));
}

enum status row_quantity(struct import *import, const struct json *record, int64_t *out_quantity,
                         struct diag *diag)
{
    enum { UNITS_MAX = 1000000000 };
    struct slice text = feed_plain_id(import_value(&import->map, ROW_QUANTITY, record));
    *out_quantity = 1;
    bool good = text.size == 0 || slice_to_int64(text, out_quantity);
    if (good && *out_quantity >= -UNITS_MAX && *out_quantity <= UNITS_MAX)
        return STATUS_OK;
    return diag_set(diag, STATUS_INVALID, "quantity", "\"%.*s\" is not a whole number of units",
                    SLICE_ARG(slice_first(text, 40)));
}

enum status row_time(struct import *import, const struct json *record, int64_t *out_ms,
                     struct diag *diag)
{
    struct slice text = import_value(&import->map, ROW_TIME, record);
    *out_ms = INT64_MIN;
    return text.size > 0 ? import_time(text, import->timezone, out_ms, diag) : STATUS_OK;
}

void row_put_amount(struct json_out *out, const char *name, int64_t minor, struct slice currency)
{
    char text[33] = "-";
    money_format(minor < 0 ? -minor : minor, currency, text + 1);
    json_name(out, name);
    json_raw(out, slice_of(minor < 0 ? text : text + 1));
}

void row_put_time(struct json_out *out, int64_t ms)
{
    if (ms != INT64_MIN)
        JSON_TIME_MEMBER(out, "timestamp", ms);
}
