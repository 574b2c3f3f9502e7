/* See imports.h: what is said at a start. */
#include "api/imports_state.h"
#include "api/shape.h"

static const struct shape_member start_members[] = {
    {.name = "dryRun", .type = SHAPE_BOOL},   {.name = "map", .type = SHAPE_OBJECT},
    {.name = "timezone", .type = SHAPE_TEXT}, {.name = "locale", .type = SHAPE_TEXT},
    {.name = "format", .type = SHAPE_TEXT},   {.name = "mode", .type = SHAPE_TEXT},
    {.name = "feed", .type = SHAPE_TEXT},     {.name = "consent", .type = SHAPE_OBJECT},
};
static const struct shape_member consent_members[] = {
    {.name = "purposes", .type = SHAPE_OBJECT},
    {.name = "source", .type = SHAPE_TEXT},
    {.name = "date", .type = SHAPE_TEXT},
};

#define SHAPE_OF(place, list)                                                                      \
    {                                                                                              \
        .at = (place), .members = (list), .count = sizeof(list) / sizeof *(list)                   \
    }
static const struct shape start_shape = SHAPE_OF("", start_members),
                          consent_shape = SHAPE_OF("/consent", consent_members);

/* {"email": "E-mail"} to "email=E-mail", {"personalise": "granted"} to "personalise=granted". */
static enum status read_pairs(const struct json *json, const char *field, struct arena *arena,
                              struct slice **out_texts, struct diag *diag)
{
    struct slice *texts = ARENA_ARRAY(arena, json ? json->count : 0, struct slice);
    for (size_t i = 0; json && i < json->count; i++) {
        struct slice value = json_text(&json->members[i].value);
        if (value.size == 0)
            return diag_set(diag, STATUS_INVALID, field, "\"%.*s\" is not a text",
                            SLICE_ARG(slice_first(json->members[i].name, 60)));
        texts[i] =
            arena_format(arena, "%.*s=%.*s", SLICE_ARG(json->members[i].name), SLICE_ARG(value));
    }
    *out_texts = texts;
    return STATUS_OK;
}

static enum status read_consent(const struct json *consent, struct arena *arena,
                                struct import_options *options, struct diag *diag)
{
    const struct json *purposes = json_get(consent, "purposes");
    struct slice *texts = NULL;
    enum status status = shape_check(&consent_shape, consent, diag);
    if (status == STATUS_OK)
        status = read_pairs(purposes, "/consent/purposes", arena, &texts, diag);
    if (status != STATUS_OK)
        return status;
    options->consents = texts;
    options->consent_count = purposes ? purposes->count : 0;
    options->consent_source = json_get_text(consent, "source");
    options->consent_date = json_get_text(consent, "date");
    return STATUS_OK;
}

enum status import_options_read(const struct json *json, struct arena *arena,
                                struct import_options *options, struct diag *diag)
{
    const struct json *map = json_get(json, "map");
    struct slice mode = json_get_text(json, "mode"), *texts = NULL;
    enum status status = shape_check(&start_shape, json, diag);
    if (status == STATUS_OK)
        status = read_pairs(map, "/map", arena, &texts, diag);
    if (status == STATUS_OK)
        status = read_consent(json_get(json, "consent"), arena, options, diag);
    if (status != STATUS_OK)
        return status;
    if (!feed_format_from_name(json_get_text(json, "format"), &options->format))
        return diag_set(diag, STATUS_INVALID, "/format", "Say csv, tsv, ndjson, xml or auto");
    if (mode.size && !slice_is(mode, "full") && !slice_is(mode, "delta"))
        return diag_set(diag, STATUS_INVALID, "/mode", "Say full or delta");
    options->maps = texts;
    options->map_count = map ? map->count : 0;
    options->mode = slice_is(mode, "full") ? FEED_FULL : FEED_DELTA;
    options->dry_run = json_get_bool(json, "dryRun", false);
    options->timezone = json_get_text(json, "timezone");
    options->locale = json_get_text(json, "locale");
    options->feed = json_get_text(json, "feed");
    return STATUS_OK;
}
