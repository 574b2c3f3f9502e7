#include "api/workspace_row.h"
#include "api/shape.h"
#include "base/hash.h"
#include "base/json.h"
#include "base/seal.h"
#include "base/zone.h"

static bool read_sealed(struct slice hex, const uint8_t secret[32], struct arena *arena,
                        struct slice *out_plain)
{
    uint8_t *sealed = arena_alloc(arena, hex.size / 2);
    return hash_from_hex(hex, sealed, hex.size / 2) &&
           seal_open(secret, slice_make(sealed, hex.size / 2), arena, out_plain);
}

static bool read_hash(struct slice hex, const uint8_t secret[32], struct arena *arena,
                      uint8_t out_hash[KEY_HASH_SIZE])
{
    struct slice plain;
    if (!read_sealed(hex, secret, arena, &plain) || plain.size != KEY_HASH_SIZE)
        return false;
    memcpy(out_hash, plain.data, KEY_HASH_SIZE);
    return true;
}

static struct slice *read_texts(const struct json *array, struct arena *arena, size_t *out_count)
{
    size_t count = json_is(array, JSON_ARRAY) ? array->count : 0;
    struct slice *texts = ARENA_ARRAY(arena, count, struct slice);
    for (size_t i = 0; i < count; i++)
        texts[i] = json_text(&array->elements[i]);
    *out_count = count;
    return texts;
}

static uint32_t read_scopes(const struct json *array)
{
    uint32_t scopes = 0;
    for (size_t i = 0; json_is(array, JSON_ARRAY) && i < array->count; i++) {
        enum scope scope;
        if (scope_from_name(json_text(&array->elements[i]), &scope))
            scopes |= 1U << scope;
    }
    return scopes;
}

static bool read_key(const struct json *json, const uint8_t secret[32], struct arena *arena,
                     struct api_key *out_key)
{
    *out_key = (struct api_key){
        .id = json_get_text(json, "id"),
        .hint = json_get_text(json, "hint"),
        .name = json_get_text(json, "name"),
        .made_by = json_get_text(json, "by"),
        .created_ms = json_get_int(json, "created", 0),
        .expires_ms = json_get_int(json, "expires", 0),
        .secret = json_get_bool(json, "secret", false),
        .source = (uint32_t)json_get_int(json, "source", 0),
        .scopes = read_scopes(json_get(json, "scopes")),
        .revoked = json_get_bool(json, "revoked", false),
    };
    out_key->origins = read_texts(json_get(json, "origins"), arena, &out_key->origin_count);
    struct slice text = json_get_text(json, "text");
    return (!text.size || read_sealed(text, secret, arena, &out_key->text)) &&
           read_hash(json_get_text(json, "hash"), secret, arena, out_key->hash);
}

static void read_categories(const struct json *object, struct arena *arena,
                            struct workspace *workspace)
{
    size_t count = json_is(object, JSON_OBJECT) ? object->count : 0;
    struct intake_category *categories = ARENA_ARRAY(arena, count, struct intake_category);
    for (size_t i = 0; i < count; i++) {
        const struct json *names = &object->members[i].value;
        categories[i].category = object->members[i].name;
        for (size_t k = 0; json_is(names, JSON_ARRAY) && k < names->count; k++) {
            enum purpose purpose;
            if (purpose_from_name(json_text(&names->elements[k]), &purpose))
                categories[i].purposes |= 1U << purpose;
        }
    }
    workspace->categories = categories;
    workspace->category_count = count;
}

static enum status read_settings(const struct json *json, struct arena *arena,
                                 struct workspace *workspace)
{
    workspace->timezone = json_get_text(json, "timezone");
    workspace->currency = json_get_text(json, "currency");
    workspace->locale = locale_from_text(json_get_text(json, "locale"), LOCALE_FR);
    workspace->cmp_filters_before = json_get_bool(json, "cmpFiltersBefore", false);
    read_categories(json_get(json, "consentCategories"), arena, workspace);
    const struct json *moves = json_get(json, "categoryMap");
    return moves ? category_map_read(moves, arena, &workspace->category_map, NULL) : STATUS_OK;
}

enum status workspace_read(struct slice row, const uint8_t secret[32], struct arena *arena,
                           struct workspace *out_workspace)
{
    const struct json *json;
    if (json_parse(arena, row, &json, NULL) != STATUS_OK)
        return STATUS_CORRUPT;
    struct workspace workspace = {
        .id = (uint32_t)json_get_int(json, "id", 0),
        .name = json_get_text(json, "name"),
        .next_source = (uint32_t)json_get_int(json, "nextSource", 0),
        .next_key = (uint32_t)json_get_int(json, "nextKey", 0),
    };
    if (read_settings(json, arena, &workspace) != STATUS_OK)
        return STATUS_CORRUPT;
    const struct json *keys = json_get(json, "keys");
    size_t count = json_is(keys, JSON_ARRAY) ? keys->count : 0;
    struct api_key *list = ARENA_ARRAY(arena, count, struct api_key);
    for (size_t i = 0; i < count; i++)
        if (!read_key(&keys->elements[i], secret, arena, &list[i]))
            return STATUS_CORRUPT;
    workspace.keys = list;
    workspace.key_count = count;
    if (workspace.id == 0 || workspace.name.size == 0)
        return STATUS_CORRUPT;
    *out_workspace = workspace;
    return STATUS_OK;
}

static void write_sealed(struct json_out *out, const char *name, const uint8_t secret[32],
                         struct slice plain)
{
    struct buf sealed;
    buf_init(&sealed, 256);
    seal(secret, plain, &sealed);
    char hex[513];
    hash_to_hex((const uint8_t *)sealed.data, sealed.size, hex);
    JSON_STRING_MEMBER(out, name, slice_of(hex));
    buf_done(&sealed);
}

static void write_key(struct json_out *out, const struct api_key *key, const uint8_t secret[32])
{
    json_object(out);
    JSON_STRING_MEMBER(out, "id", key->id);
    JSON_STRING_MEMBER(out, "hint", key->hint);
    JSON_BOOL_MEMBER(out, "secret", key->secret);
    JSON_INT_MEMBER(out, "source", key->source);
    json_text_member(out, "name", key->name);
    json_text_member(out, "by", key->made_by);
    JSON_INT_MEMBER(out, "created", key->created_ms);
    JSON_INT_MEMBER(out, "expires", key->expires_ms);
    write_sealed(out, "hash", secret, slice_make(key->hash, KEY_HASH_SIZE));
    if (key->text.size)
        write_sealed(out, "text", secret, key->text);
    json_name(out, "scopes");
    json_array(out);
    for (unsigned scope = 0; scope < SCOPE_COUNT; scope++)
        if (key->scopes >> scope & 1)
            json_string(out, slice_of(scope_name((enum scope)scope)));
    json_end(out);
    json_name(out, "origins");
    json_array(out);
    for (size_t i = 0; i < key->origin_count; i++)
        json_string(out, key->origins[i]);
    json_end(out);
    JSON_BOOL_MEMBER(out, "revoked", key->revoked);
    json_end(out);
}

static void write_categories(struct json_out *out, const struct workspace *workspace)
{
    json_name(out, "consentCategories");
    json_object(out);
    for (size_t i = 0; i < workspace->category_count; i++) {
        json_name_slice(out, workspace->categories[i].category);
        json_array(out);
        for (unsigned purpose = 0; purpose < PURPOSE_COUNT; purpose++)
            if (workspace->categories[i].purposes >> purpose & 1)
                json_string(out, slice_of(purpose_name((enum purpose)purpose)));
        json_end(out);
    }
    json_end(out);
}

void workspace_write_settings(const struct workspace *workspace, struct json_out *out)
{
    JSON_STRING_MEMBER(out, "timezone", workspace->timezone);
    JSON_STRING_MEMBER(out, "currency", workspace->currency);
    JSON_STRING_MEMBER(out, "locale", slice_of(locale_name(workspace->locale)));
    JSON_BOOL_MEMBER(out, "cmpFiltersBefore", workspace->cmp_filters_before);
    write_categories(out, workspace);
    json_name(out, "categoryMap");
    category_map_write(&workspace->category_map, out);
}

void workspace_write(const struct workspace *workspace, const uint8_t secret[32], struct buf *buf)
{
    struct json_out out = json_out(buf);
    json_object(&out);
    JSON_INT_MEMBER(&out, "id", workspace->id);
    JSON_STRING_MEMBER(&out, "name", workspace->name);
    workspace_write_settings(workspace, &out);
    JSON_INT_MEMBER(&out, "nextSource", workspace->next_source);
    JSON_INT_MEMBER(&out, "nextKey", workspace->next_key);
    json_name(&out, "keys");
    json_array(&out);
    for (size_t i = 0; i < workspace->key_count; i++)
        write_key(&out, &workspace->keys[i], secret);
    json_end(&out);
    json_end(&out);
}

static bool currency_is_code(struct slice text)
{
    bool upper = text.size == 3;
    for (size_t i = 0; upper && i < text.size; i++)
        upper = text.data[i] >= 'A' && text.data[i] <= 'Z';
    return upper;
}

static enum status check_categories(const struct json *object, struct diag *diag)
{
    if (!json_is(object, JSON_OBJECT))
        return diag_set(diag, STATUS_INVALID, "/consentCategories",
                        "consentCategories maps each category to a list of purposes: "
                        "{\"advertising\":[\"email\"]}");
    for (size_t i = 0; i < object->count; i++) {
        const struct json *names = &object->members[i].value;
        if (!json_is(names, JSON_ARRAY))
            return diag_set(diag, STATUS_INVALID, "/consentCategories",
                            "\"%.*s\" is a list of purposes, also of one: [measure]",
                            SLICE_ARG(object->members[i].name));
        for (size_t k = 0; k < names->count; k++) {
            enum purpose purpose;
            struct slice name = json_text(&names->elements[k]);
            if (!purpose_from_name(name, &purpose))
                return diag_set(diag, STATUS_INVALID, "/consentCategories",
                                "\"%.*s\" is not a purpose; see spec/purposes.yaml",
                                SLICE_ARG(name));
        }
    }
    return STATUS_OK;
}

static const struct shape_member settings_members[] = {
    {.name = "timezone", .type = SHAPE_TEXT},
    {.name = "currency", .type = SHAPE_TEXT},
    {.name = "locale", .type = SHAPE_TEXT},
    {.name = "cmpFiltersBefore", .type = SHAPE_BOOL},
    {.name = "consentCategories", .type = SHAPE_ANY}, /* these two say better what they want */
    {.name = "categoryMap", .type = SHAPE_ANY},
};
static const struct shape settings_shape = {.at = "",
                                            .members = settings_members,
                                            .count = sizeof settings_members /
                                                     sizeof settings_members[0]};

/* Known settings of the right types; a misspelt one would change nothing and say nothing. */
static enum status check_shape(const struct json *settings, struct diag *diag)
{
    enum status status = shape_check(&settings_shape, settings, diag);
    struct slice locale = json_get_text(settings, "locale");
    bool unknown =
        locale.size && locale_from_text(locale, LOCALE_FR) != locale_from_text(locale, LOCALE_EN);
    if (status == STATUS_OK && unknown)
        status = diag_set(diag, STATUS_INVALID, "/locale", "locale is fr or en");
    return status;
}

static enum status take_places(struct workspace *workspace, const struct json *settings,
                               struct diag *diag)
{
    const struct json *timezone = json_get(settings, "timezone");
    if (timezone && !zone_exists(json_text(timezone)))
        return diag_set(diag, STATUS_INVALID, "/timezone",
                        "timezone is a name of the IANA database, such as Europe/Paris");
    const struct json *currency = json_get(settings, "currency");
    if (currency && !currency_is_code(json_text(currency)))
        return diag_set(diag, STATUS_INVALID, "/currency",
                        "currency is three capital letters of ISO 4217, such as EUR");
    if (timezone)
        workspace->timezone = json_text(timezone);
    if (currency)
        workspace->currency = json_text(currency);
    return STATUS_OK;
}

enum status workspace_take_settings(struct workspace *workspace, const struct json *settings,
                                    struct arena *arena, struct diag *diag)
{
    if (!json_is(settings, JSON_OBJECT))
        return diag_set(diag, STATUS_INVALID, "", "Settings are an object; send { … }");
    enum status status = check_shape(settings, diag);
    if (status == STATUS_OK)
        status = take_places(workspace, settings, diag);
    const struct json *categories = json_get(settings, "consentCategories");
    if (status == STATUS_OK && categories)
        status = check_categories(categories, diag);
    const struct json *moves = json_get(settings, "categoryMap");
    struct category_map map = workspace->category_map;
    if (status == STATUS_OK && moves)
        status = category_map_read(moves, arena, &map, diag);
    if (status != STATUS_OK)
        return status;
    workspace->category_map = map;
    if (categories)
        read_categories(categories, arena, workspace);
    workspace->locale = locale_from_text(json_get_text(settings, "locale"), workspace->locale);
    workspace->cmp_filters_before =
        json_get_bool(settings, "cmpFiltersBefore", workspace->cmp_filters_before);
    return STATUS_OK;
}
