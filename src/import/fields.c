#include "import/fields.h"

#include <assert.h>

enum { PAIRS_MAX = 256 };

/* --- the pairs of the map --------------------------------------------------------------------- */

struct pairs {
    const char *texts[PAIRS_MAX];
    size_t count;
};

/* The end of the pair at the front: a comma that another field=column follows, so that the name of
 * a column may hold a comma. */
static size_t pair_end(struct slice text)
{
    for (size_t at = 0; at < text.size; at++) {
        if (text.data[at] != ',')
            continue;
        struct slice rest = slice_from(text, at + 1);
        if (slice_find(rest, '=') < slice_find(rest, ','))
            return at;
    }
    return text.size;
}

static enum status read_pairs(const struct import_map_wish *wish, struct pairs *pairs,
                              struct diag *diag)
{
    for (size_t i = 0; i < wish->count; i++) {
        struct slice rest = wish->texts[i];
        while (rest.size > 0) {
            size_t end = pair_end(rest);
            if (pairs->count == PAIRS_MAX)
                return diag_set(diag, STATUS_INVALID, "map", "At most %d pairs", PAIRS_MAX);
            pairs->texts[pairs->count++] = arena_copy_text(wish->arena, slice_first(rest, end));
            rest = slice_from(rest, end + 1);
        }
    }
    return STATUS_OK;
}

/* --- our fields ------------------------------------------------------------------------------- */

static size_t known_field(const struct import_fields *known, struct slice name)
{
    for (size_t i = 0; i < known->count; i++) {
        const struct import_field *field = &known->fields[i];
        if (slice_is(name, field->name))
            return i;
        for (size_t k = 0; k < IMPORT_ALIASES_MAX && field->aliases[k]; k++)
            if (slice_is(name, field->aliases[k]))
                return i;
    }
    return SIZE_MAX;
}

static bool has_prefix(const struct import_fields *known, struct slice name)
{
    size_t count = sizeof known->prefixes / sizeof *known->prefixes;
    for (size_t i = 0; i < count && known->prefixes[i]; i++) {
        struct slice prefix = slice_of(known->prefixes[i]);
        if (slice_starts_with(name, prefix) && name.size > prefix.size)
            return true;
    }
    return false;
}

static enum status unknown(const struct import_fields *known, const struct feed *feed,
                           struct slice name, struct diag *diag)
{
    if (feed_columns(feed).size > 0 && feed_has_column(feed, name))
        return diag_set(diag, STATUS_INVALID, "map",
                        "\"%.*s\" is a column: write field=column, as in item=%.*s",
                        SLICE_ARG(slice_first(name, 60)), SLICE_ARG(slice_first(name, 60)));
    struct buf names;
    buf_init(&names, 180);
    for (size_t i = 0; i < known->count; i++)
        buf_format(&names, "%s%s", i ? " " : "", known->fields[i].name);
    for (size_t i = 0; i < 3 && known->prefixes[i]; i++)
        buf_format(&names, " %sNAME", known->prefixes[i]);
    enum status status =
        diag_set(diag, STATUS_INVALID, "map", "there is no field \"%.*s\" here; there are %.*s",
                 SLICE_ARG(slice_first(name, 40)), SLICE_ARG(buf_slice(&names)));
    buf_done(&names);
    return status;
}

static bool mapped(const struct import_map *map, struct slice field)
{
    for (size_t i = 0; i < map->count; i++)
        if (slice_equal(map->rows[i].field, field))
            return true;
    return false;
}

/* Our own spelling for each field; optional columns that are not there leave. */
static enum status settle_given(struct import_map *map, const struct feed_map *given, size_t count,
                                const struct feed *feed, struct diag *diag)
{
    for (size_t i = 0; i < count; i++) {
        struct feed_map row = given[i];
        size_t place = known_field(map->known, row.field);
        if (place == SIZE_MAX && !map->known->any && !has_prefix(map->known, row.field))
            return unknown(map->known, feed, row.field, diag);
        if (place != SIZE_MAX)
            row.field = slice_of(map->known->fields[place].name);
        if (mapped(map, row.field))
            return diag_set(diag, STATUS_INVALID, "map",
                            "\"%.*s\" is mapped twice: keep one of the two columns",
                            SLICE_ARG(slice_first(row.field, 100)));
        if (slice_starts_with(row.column, SLICE("?")))
            row.column = slice_from(row.column, 1);
        if (feed_has_column(feed, row.column))
            map->rows[map->count++] = row;
    }
    return STATUS_OK;
}

/* A field that is not mapped is found under its own names, if the file has such a column. */
static void find_own(struct import_map *map, const struct feed *feed)
{
    for (size_t i = 0; i < map->known->count; i++) {
        const struct import_field *field = &map->known->fields[i];
        struct slice name = slice_of(field->name), column = name;
        for (size_t k = 0; !feed_has_column(feed, column) && k < IMPORT_ALIASES_MAX; k++)
            if (field->aliases[k])
                column = slice_of(field->aliases[k]);
        if (!mapped(map, name) && feed_has_column(feed, column))
            map->rows[map->count++] = (struct feed_map){name, column};
    }
}

/* Columns named with a prefix, as "attribute.colour", are free fields without a map. */
static void find_prefixed(struct import_map *map, const struct feed *feed)
{
    struct slice name;
    for (size_t i = 0; (name = feed_column(feed, i)).size > 0; i++)
        if (has_prefix(map->known, name) && !mapped(map, name))
            map->rows[map->count++] = (struct feed_map){name, name};
}

/* The feed's names go with the feed, and feed_field looks up C text. */
static void keep_names(struct import_map *map, struct arena *arena)
{
    for (size_t i = 0; i < map->count; i++) {
        map->rows[i].field = slice_of(arena_copy_text(arena, map->rows[i].field));
        map->rows[i].column = slice_of(arena_copy_text(arena, map->rows[i].column));
    }
}

static void find_places(struct import_map *map)
{
    for (size_t i = 0; i < map->known->count; i++) {
        map->places[i] = SIZE_MAX;
        for (size_t k = 0; k < map->count; k++)
            if (slice_is(map->rows[k].field, map->known->fields[i].name))
                map->places[i] = k;
    }
}

enum status import_map_read(struct import_map *map, const struct import_map_wish *wish,
                            const struct feed *feed, struct diag *diag)
{
    const struct import_fields *known = wish->known;
    struct arena *arena = wish->arena;
    struct pairs pairs = {.count = 0};
    struct feed_map *given = NULL;
    assert(known->count <= IMPORT_FIELDS_MAX);
    enum status status = read_pairs(wish, &pairs, diag);
    if (status == STATUS_OK)
        status = feed_map_parse(pairs.texts, pairs.count, arena, &given, diag);
    if (status != STATUS_OK)
        return status;
    size_t room = pairs.count + known->count + FEED_COLUMNS_MAX;
    *map = (struct import_map){.known = known,
                               .objects = feed_columns(feed).size == 0,
                               .rows = ARENA_ARRAY(arena, room, struct feed_map),
                               .columns = ARENA_ARRAY(arena, room, size_t)};
    status = settle_given(map, given, pairs.count, feed, diag);
    if (status == STATUS_OK)
        status = feed_map_check(feed, given, pairs.count, diag);
    if (status == STATUS_OK && !map->objects) {
        find_own(map, feed);
        find_prefixed(map, feed);
    }
    keep_names(map, arena);
    find_places(map);
    return status;
}

/* --- values ----------------------------------------------------------------------------------- */

bool import_map_has(const struct import_map *map, size_t field)
{
    return map->places[field] != SIZE_MAX;
}

static struct slice text_of(const struct json *value)
{
    if (json_is(value, JSON_BOOL))
        return value->boolean ? SLICE("true") : SLICE("false");
    return slice_trim(json_scalar_text(value));
}

/* A CSV's records all have their columns in one order, so each is looked for once. */
struct slice import_value_at(struct import_map *map, size_t row, const struct json *record)
{
    struct slice column = map->rows[row].column;
    if (map->objects)
        return text_of(feed_field(&map->rows[row], 1, record, map->rows[row].field.data));
    size_t at = map->columns[row];
    if (at < record->count && slice_equal(record->members[at].name, column))
        return slice_trim(record->members[at].value.text);
    for (at = 0; at < record->count; at++)
        if (slice_equal(record->members[at].name, column))
            break;
    if (at == record->count)
        return SLICE_NONE;
    map->columns[row] = at;
    return slice_trim(record->members[at].value.text);
}

struct slice import_value(struct import_map *map, size_t field, const struct json *record)
{
    assert(field < map->known->count);
    if (map->places[field] != SIZE_MAX)
        return import_value_at(map, map->places[field], record);
    if (!map->objects)
        return SLICE_NONE;
    const struct import_field *known = &map->known->fields[field];
    struct slice text = text_of(feed_field(NULL, 0, record, known->name));
    for (size_t i = 0; text.size == 0 && i < IMPORT_ALIASES_MAX && known->aliases[i]; i++)
        text = text_of(feed_field(NULL, 0, record, known->aliases[i]));
    return text;
}

bool import_is_free(const struct import_map *map, size_t row, const char *prefix,
                    struct slice *out_name)
{
    struct slice name = map->rows[row].field, start = slice_of(prefix);
    if (!slice_starts_with(name, start) || name.size == start.size)
        return false;
    *out_name = slice_from(name, start.size);
    return true;
}
