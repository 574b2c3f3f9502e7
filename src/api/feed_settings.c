#include "api/feed_settings.h"

#include "api/shape.h"
#include "catalog/item_text.h"

#include <stdio.h>

enum { SETTINGS_TOLD_MAX = 64 << 10, TOLD_VALUE_MAX = 120 };

static enum status check_members(const struct json *json, struct diag *diag)
{
    static const struct shape_member members[] = {
        {.name = "id", .type = SHAPE_TEXT},
        {.name = "url", .type = SHAPE_TEXT, .sentence = "must be the feed's URL as a text"},
        {.name = "mode", .type = SHAPE_TEXT, .sentence = "must be full or delta"},
        {.name = "format", .type = SHAPE_TEXT, .sentence = "must be csv, tsv, ndjson, xml or auto"},
        {.name = "everyMinutes", .type = SHAPE_ANY},
        {.name = "paused", .type = SHAPE_BOOL, .sentence = "must be true or false"},
        {.name = "holdPercent", .type = SHAPE_ANY},
        {.name = "locale", .type = SHAPE_ANY},
        {.name = "map", .type = SHAPE_ANY},
    };
    const struct shape shape = {"", members, sizeof members / sizeof *members, false};
    return shape_check(&shape, json, diag);
}

static enum status read_every(const struct json *json, struct feed_settings *settings,
                              struct diag *diag)
{
    settings->every_minutes = json_get_int(json, "everyMinutes", FEED_EVERY_MINUTES);
    bool good =
        settings->every_minutes == 0 || (settings->every_minutes >= FEED_EVERY_MINUTES_MIN &&
                                         settings->every_minutes <= FEED_EVERY_MINUTES_MAX);
    const struct json *given = json_get(json, "everyMinutes");
    if (good && (!given || json_is(given, JSON_INTEGER)))
        return STATUS_OK;
    return diag_set(diag, STATUS_INVALID, "/everyMinutes",
                    "must be %d to %d minutes, or 0 for a feed that is only pulled when asked",
                    FEED_EVERY_MINUTES_MIN, FEED_EVERY_MINUTES_MAX);
}

static enum status read_hold(const struct json *json, struct feed_settings *settings,
                             struct diag *diag)
{
    const struct json *given = json_get(json, "holdPercent");
    settings->hold_percent = json_get_int(json, "holdPercent", FEED_SHRINK_PERCENT_MAX);
    bool good = settings->hold_percent >= 0 && settings->hold_percent <= 100;
    if (good && (!given || json_is(given, JSON_INTEGER)))
        return STATUS_OK;
    return diag_set(diag, STATUS_INVALID, "/holdPercent",
                    "must be 0 to 100: a full feed that would hide more of the shop waits");
}

static enum status read_locale(const struct json *json, struct arena *arena,
                               struct feed_settings *settings, struct diag *diag)
{
    const struct json *given = json_get(json, "locale");
    if (!given || json_is(given, JSON_NULL) ||
        locale_tag_read(json_text(given), arena, &settings->locale))
        return STATUS_OK;
    return diag_set(diag, STATUS_INVALID, "/locale",
                    "must be a language and perhaps a region, as in fr or en-GB");
}

static enum status read_map(const struct json *json, struct arena *arena,
                            struct feed_settings *settings, struct diag *diag)
{
    const struct json *map = json_get(json, "map");
    if (!map || json_is(map, JSON_NULL))
        return STATUS_OK;
    if (!json_is(map, JSON_OBJECT) || map->count > FEED_MAP_MAX)
        return diag_set(diag, STATUS_INVALID, "/map",
                        "must be an object of at most %d pairs, as in {\"title\":\"Libelle\"}",
                        FEED_MAP_MAX);
    settings->map = ARENA_ARRAY(arena, map->count, struct feed_map);
    for (size_t i = 0; i < map->count; i++) {
        struct slice column = slice_trim(json_text(&map->members[i].value));
        char field[sizeof diag->field];
        (void)snprintf(field, sizeof field, "/map/%.*s",
                       SLICE_ARG(slice_first(map->members[i].name, 40)));
        if (column.size == 0 || map->members[i].name.size == 0)
            return diag_set(diag, STATUS_INVALID, field, "a field's column must be a name");
        settings->map[settings->map_count++] =
            (struct feed_map){arena_copy(arena, map->members[i].name), arena_copy(arena, column)};
    }
    return STATUS_OK;
}

enum status feed_settings_read(const struct json *json, struct arena *arena,
                               struct feed_settings *out_settings, struct diag *diag)
{
    struct feed_settings settings = {.url = arena_copy(arena, json_get_text(json, "url")),
                                     .paused = json_get_bool(json, "paused", false)};
    struct slice mode = json_get_text(json, "mode");
    settings.mode = slice_is(mode, "full") ? FEED_FULL : FEED_DELTA;
    enum status status = check_members(json, diag);
    if (status == STATUS_OK && settings.url.size == 0)
        status = diag_set(diag, STATUS_INVALID, "/url", "is missing: where is the feed?");
    if (status == STATUS_OK && mode.size && !slice_is(mode, "full") && !slice_is(mode, "delta"))
        status = diag_set(diag, STATUS_INVALID, "/mode", "must be full or delta");
    if (status == STATUS_OK &&
        !feed_format_from_name(json_get_text(json, "format"), &settings.format))
        status = diag_set(diag, STATUS_INVALID, "/format", "must be csv, tsv, ndjson, xml or auto");
    if (status == STATUS_OK)
        status = read_every(json, &settings, diag);
    if (status == STATUS_OK)
        status = read_hold(json, &settings, diag);
    if (status == STATUS_OK)
        status = read_locale(json, arena, &settings, diag);
    if (status == STATUS_OK)
        status = read_map(json, arena, &settings, diag);
    if (status == STATUS_OK)
        *out_settings = settings;
    return status;
}

void feed_settings_write(const struct feed_settings *settings, struct json_out *out)
{
    JSON_STRING_MEMBER(out, "url", settings->url);
    JSON_STRING_MEMBER(out, "mode", settings->mode == FEED_FULL ? SLICE("full") : SLICE("delta"));
    JSON_STRING_MEMBER(out, "format", slice_of(feed_format_name(settings->format)));
    JSON_INT_MEMBER(out, "everyMinutes", settings->every_minutes);
    JSON_BOOL_MEMBER(out, "paused", settings->paused);
    JSON_INT_MEMBER(out, "holdPercent", settings->hold_percent);
    json_text_member(out, "locale", settings->locale);
    json_name(out, "map");
    json_object(out);
    for (size_t i = 0; i < settings->map_count; i++) {
        json_name_slice(out, settings->map[i].field);
        json_string(out, settings->map[i].column);
    }
    json_end(out);
}

/* --- what changed ----------------------------------------------------------------------------- */

/* At most so many bytes, whole characters. */
static struct slice cut_text(struct slice text, size_t most)
{
    if (text.size <= most)
        return text;
    while (most > 0 && ((unsigned char)text.data[most] & 0xC0) == 0x80)
        most--;
    return slice_make(text.data, most);
}

/* A value as it was written. Of an address what follows a question mark may let its bearer in: it
 * stays here. */
static void tell_value(const char *name, const struct json *value, struct buf *buf)
{
    struct buf text;
    buf_init(&text, SETTINGS_TOLD_MAX);
    struct json_out out = json_out(&text);
    struct slice address, secret;
    json_value(&out, value);
    bool hides = strcmp(name, "url") == 0 && slice_cut(buf_slice(&text), '?', &address, &secret);
    buf_add(buf, cut_text(hides ? address : buf_slice(&text), TOLD_VALUE_MAX));
    if (hides)
        buf_add(buf, SLICE("?…\""));
    buf_done(&text);
}

static bool is_same(const struct json *before, const struct json *after)
{
    const struct json *both[] = {before, after};
    struct buf texts[2];
    for (size_t i = 0; i < 2; i++) {
        buf_init(&texts[i], SETTINGS_TOLD_MAX);
        struct json_out out = json_out(&texts[i]);
        json_value(&out, both[i]);
    }
    bool same = slice_equal(buf_slice(&texts[0]), buf_slice(&texts[1]));
    buf_done(&texts[0]);
    buf_done(&texts[1]);
    return same;
}

void feed_settings_tell(struct slice before, struct slice after, size_t most, struct buf *buf)
{
    static const char *const names[] = {"url",    "mode",        "format", "everyMinutes",
                                        "paused", "holdPercent", "locale", "map"};
    const struct json *was, *is = NULL;
    struct diag diag;
    struct arena arena;
    arena_init(&arena);
    if (before.size == 0)
        buf_add(buf, SLICE(" added"));
    else if (after.size == 0)
        buf_add(buf, SLICE(" removed"));
    bool both = before.size > 0 && json_parse(&arena, before, &was, &diag) == STATUS_OK &&
                (after.size == 0 || json_parse(&arena, after, &is, &diag) == STATUS_OK);
    for (size_t i = 0; both && i < sizeof names / sizeof names[0]; i++) {
        if (is && is_same(json_get(was, names[i]), json_get(is, names[i])))
            continue;
        buf_format(buf, ", %s was ", names[i]);
        tell_value(names[i], json_get(was, names[i]), buf);
    }
    buf->size = cut_text(buf_slice(buf), most).size;
    arena_done(&arena);
}
