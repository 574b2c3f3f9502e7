/* People: rows or objects to identify messages. */
#include "import/reading.h"

#include "base/clock.h"

enum people_field {
    PEOPLE_USER,
    PEOPLE_ANONYMOUS,
    PEOPLE_TIME,
    PEOPLE_MESSAGE_ID,
    PEOPLE_EMAIL, /* from here on: traits, under these names */
    PEOPLE_PHONE,
    PEOPLE_FIRST_NAME,
    PEOPLE_LAST_NAME,
    PEOPLE_BIRTHDAY,
    PEOPLE_GENDER,
    PEOPLE_COUNTRY, /* from here on: of the address */
    PEOPLE_REGION,
    PEOPLE_CITY,
    PEOPLE_POSTCODE,
    PEOPLE_STREET,
    PEOPLE_FIELD_COUNT
};

static const struct import_field fields[PEOPLE_FIELD_COUNT] = {
    [PEOPLE_USER] = {"user", {"user_id", "userId", "customer", "customer_id"}},
    [PEOPLE_ANONYMOUS] = {"anonymous_id", {"anonymousId"}},
    [PEOPLE_TIME] = {"time", {"timestamp", "date", "updated_at"}},
    [PEOPLE_MESSAGE_ID] = {"message_id", {"messageId"}},
    [PEOPLE_EMAIL] = {"email", {NULL}},
    [PEOPLE_PHONE] = {"phone", {NULL}},
    [PEOPLE_FIRST_NAME] = {"first_name", {"firstName"}},
    [PEOPLE_LAST_NAME] = {"last_name", {"lastName"}},
    [PEOPLE_BIRTHDAY] = {"birthday", {"birth_date", "date_of_birth"}},
    [PEOPLE_GENDER] = {"gender", {NULL}},
    [PEOPLE_COUNTRY] = {"address.country", {"country"}},
    [PEOPLE_REGION] = {"address.region", {"region"}},
    [PEOPLE_CITY] = {"address.city", {"city"}},
    [PEOPLE_POSTCODE] = {"address.postcode", {"postcode", "zip", "postal_code"}},
    [PEOPLE_STREET] = {"address.street", {"street"}},
};
/* Every other mapped field is a trait; of unmapped columns those that say so. */
const struct import_fields import_people_fields = {fields, PEOPLE_FIELD_COUNT, {"traits."}, true};

/* The names that Segment's identify gives them. */
static const char *const trait_names[PEOPLE_FIELD_COUNT] = {
    [PEOPLE_EMAIL] = "email",
    [PEOPLE_PHONE] = "phone",
    [PEOPLE_FIRST_NAME] = "firstName",
    [PEOPLE_LAST_NAME] = "lastName",
    [PEOPLE_BIRTHDAY] = "birthday",
    [PEOPLE_GENDER] = "gender",
    [PEOPLE_COUNTRY] = "country",
    [PEOPLE_REGION] = "region",
    [PEOPLE_CITY] = "city",
    [PEOPLE_POSTCODE] = "postalCode",
    [PEOPLE_STREET] = "street",
};

static void put(struct json_out *out, const char *name, struct slice text)
{
    json_text_member(out, name, text);
}

static struct slice identifier(struct import *import, enum people_field field,
                               const struct json *record)
{
    struct slice text = feed_plain_id(import_value(&import->map, field, record));
    return intake_identifier_blocked(text) ? SLICE_NONE : text;
}

static bool is_known(const struct import_map *map, size_t row)
{
    for (size_t i = 0; i < map->known->count; i++)
        if (map->places[i] == row)
            return true;
    return false;
}

static void put_free_traits(struct import *import, const struct json *record, struct json_out *out)
{
    struct import_map *map = &import->map;
    for (size_t i = 0; i < map->count; i++) {
        struct slice name = map->rows[i].field;
        if (is_known(map, i))
            continue;
        (void)import_is_free(map, i, "traits.", &name);
        struct slice text = import_value_at(map, i, record);
        if (text.size == 0)
            continue;
        json_name_slice(out, name);
        json_string(out, text);
    }
}

static void put_traits(struct import *import, const struct json *record, struct json_out *out)
{
    struct import_map *map = &import->map;
    json_name(out, "traits");
    json_object(out);
    put(out, "email", identifier(import, PEOPLE_EMAIL, record));
    put(out, "phone", identifier(import, PEOPLE_PHONE, record));
    for (size_t i = PEOPLE_PHONE + 1; i < PEOPLE_COUNTRY; i++)
        put(out, trait_names[i], import_value(map, i, record));
    json_name(out, "address");
    json_object(out);
    for (size_t i = PEOPLE_COUNTRY; i < PEOPLE_FIELD_COUNT; i++)
        put(out, trait_names[i], import_value(map, i, record));
    json_end(out);
    put_free_traits(import, record, out);
    json_end(out);
}

static bool names_somebody(struct import *import, const struct json *record)
{
    return identifier(import, PEOPLE_USER, record).size > 0 ||
           identifier(import, PEOPLE_ANONYMOUS, record).size > 0 ||
           identifier(import, PEOPLE_EMAIL, record).size > 0 ||
           identifier(import, PEOPLE_PHONE, record).size > 0;
}

/* False when the row is refused. */
static bool write_row(struct import *import, const struct json *record, unsigned line,
                      struct buf *text)
{
    struct slice time = import_value(&import->map, PEOPLE_TIME, record);
    struct slice id = import_value(&import->map, PEOPLE_MESSAGE_ID, record);
    int64_t time_ms = INT64_MIN;
    struct diag diag = {0};
    if (!names_somebody(import, record)) {
        import_refuse_nobody(import, line);
        return false;
    }
    if (time.size && import_time(time, import->timezone, &time_ms, &diag) != STATUS_OK) {
        import_refuse(import, line, &diag);
        return false;
    }
    struct json_out out = json_out(text);
    json_object(&out);
    JSON_STRING_MEMBER(&out, "type", SLICE("identify"));
    put(&out, "userId", identifier(import, PEOPLE_USER, record));
    put(&out, "anonymousId", identifier(import, PEOPLE_ANONYMOUS, record));
    JSON_STRING_MEMBER(&out, "messageId",
                       id.size ? id : import_message_id(import, 'p', line, &import->row));
    if (time_ms != INT64_MIN)
        JSON_TIME_MEMBER(&out, "timestamp", time_ms);
    put_traits(import, record, &out);
    json_end(&out);
    return true;
}

/* An object with traits is an identify message already: its type and id are made good. */
static void write_message(struct import *import, const struct json *record, unsigned line,
                          struct buf *text)
{
    struct json_out out = json_out(text);
    json_object(&out);
    JSON_STRING_MEMBER(&out, "type", SLICE("identify"));
    if (json_scalar_text(json_get(record, "messageId")).size == 0)
        JSON_STRING_MEMBER(&out, "messageId", import_message_id(import, 'p', line, &import->row));
    for (size_t i = 0; i < record->count; i++) {
        const struct json_member *member = &record->members[i];
        bool empty =
            slice_is(member->name, "messageId") && json_scalar_text(&member->value).size == 0;
        if (slice_is(member->name, "type") || empty)
            continue;
        json_name_slice(&out, member->name);
        json_value(&out, &member->value);
    }
    json_end(&out);
}

static enum status import_person(struct import *import, const struct json *record, unsigned line,
                                 struct buf *text)
{
    bool message = import->rows_are_objects && !import->map_given &&
                   json_is(json_get(record, "traits"), JSON_OBJECT);
    buf_clear(text);
    if (message)
        write_message(import, record, line, text);
    else if (!write_row(import, record, line, text))
        return STATUS_OK;
    return import_send_text(import, text, line);
}

enum status import_people(struct import *import, struct diag *diag)
{
    struct buf text;
    const struct json *record;
    unsigned line;
    enum status status = import_map_load(import, diag);
    if (status != STATUS_OK)
        return status;
    buf_init(&text, EVENT_BYTES_MAX);
    while ((status = import_next(import, &record, &line, diag)) == STATUS_OK) {
        status = import_person(import, record, line, &text);
        if (status != STATUS_OK)
            break;
    }
    buf_done(&text);
    return status == STATUS_NOT_FOUND ? STATUS_OK : status;
}
