/* What a column means: the map given on a command line, and looking values up through it. */
#include "catalog/feed.h"

static const char *const format_names[] = {"auto", "csv", "tsv", "ndjson", "xml"};

bool feed_format_from_name(struct slice name, enum feed_format *out_format)
{
    for (size_t i = 0; i < sizeof format_names / sizeof *format_names; i++)
        if (slice_is(name, format_names[i])) {
            *out_format = (enum feed_format)i;
            return true;
        }
    *out_format = FEED_AUTO;
    return name.size == 0;
}

const char *feed_format_name(enum feed_format format)
{
    return format_names[format];
}

enum status feed_map_parse(const char *const *arguments, size_t count, struct arena *arena,
                           struct feed_map **out_map, struct diag *diag)
{
    struct feed_map *map = ARENA_ARRAY(arena, count, struct feed_map);
    for (size_t i = 0; i < count; i++) {
        struct slice argument = slice_of(arguments[i]), field, column;
        bool cut = slice_cut(argument, '=', &field, &column);
        if (!cut || slice_trim(field).size == 0 || slice_trim(column).size == 0 ||
            slice_is(column, "?"))
            return diag_set(diag, STATUS_INVALID, "map",
                            "\"%.*s\" is not field=column, as in item=StockCode",
                            SLICE_ARG(slice_first(argument, 100)));
        map[i].field = arena_copy(arena, slice_trim(field));
        map[i].column = arena_copy(arena, slice_trim(column));
        for (size_t j = 0; j < i; j++)
            if (slice_equal(map[j].field, map[i].field))
                return diag_set(diag, STATUS_INVALID, "map",
                                "\"%.*s\" is mapped twice: keep one of the two columns",
                                SLICE_ARG(slice_first(map[i].field, 100)));
    }
    *out_map = map;
    return STATUS_OK;
}

static bool optional(const struct feed_map *row)
{
    return slice_starts_with(row->column, SLICE("?"));
}

static struct slice column_name(const struct feed_map *row)
{
    return optional(row) ? slice_from(row->column, 1) : row->column;
}

enum status feed_map_check(const struct feed *feed, const struct feed_map *map, size_t count,
                           struct diag *diag)
{
    for (size_t i = 0; i < count; i++)
        if (!optional(&map[i]) && !feed_has_column(feed, column_name(&map[i])))
            return diag_set(diag, STATUS_INVALID, "map",
                            "there is no column \"%.*s\"; the head line is: %.*s",
                            SLICE_ARG(slice_first(map[i].column, 60)),
                            SLICE_ARG(slice_first(feed_columns(feed), 150)));
    return STATUS_OK;
}

static const struct json *member(const struct json *record, struct slice name)
{
    if (!json_is(record, JSON_OBJECT))
        return NULL;
    for (size_t i = record->count; i > 0; i--) /* of duplicates the last counts, as in json_get */
        if (slice_equal(record->members[i - 1].name, name))
            return &record->members[i - 1].value;
    struct slice head, rest;
    if (!slice_cut(name, '.', &head, &rest))
        return NULL;
    return member(member(record, head), rest);
}

static bool absent(const struct json *value)
{
    return !value || json_is(value, JSON_NULL) ||
           (json_is(value, JSON_STRING) && slice_trim(value->text).size == 0);
}

const struct json *feed_field(const struct feed_map *map, size_t count, const struct json *record,
                              const char *field)
{
    struct slice column = slice_of(field);
    for (size_t i = 0; i < count; i++)
        if (slice_is(map[i].field, field))
            column = column_name(&map[i]);
    const struct json *value = member(record, column);
    return absent(value) ? NULL : value;
}

struct slice feed_plain_id(struct slice text)
{
    struct slice whole = slice_first(text, text.size < 2 ? 0 : text.size - 2);
    int64_t number;
    bool spoilt = slice_ends_with(text, SLICE(".0")) && slice_to_int64(whole, &number);
    return spoilt ? whole : text;
}
