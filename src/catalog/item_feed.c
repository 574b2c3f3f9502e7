/* A record of a feed through the map of columns: what catalog_item_from_json can read, and from
 * there into a staging. */
#include "catalog/staging.h"

static const struct slice attribute_prefix = {"attributes.", 11};

struct building {
    struct json_member *members, *attributes;
    size_t count, attribute_count;
};

static void add(struct building *building, struct slice name, const struct json *value)
{
    if (json_is(value, JSON_STRING) && slice_trim(value->text).size == 0)
        return; /* an empty cell says nothing */
    if (slice_starts_with(name, attribute_prefix))
        building->attributes[building->attribute_count++] =
            (struct json_member){slice_from(name, attribute_prefix.size), *value};
    else
        building->members[building->count++] = (struct json_member){name, *value};
}

/* Does the map give this column another name, or this field to another column? */
static bool taken(const struct feed_map *map, size_t map_count, struct slice name)
{
    for (size_t i = 0; i < map_count; i++) {
        struct slice column = map[i].column;
        if (slice_starts_with(column, SLICE("?")))
            column = slice_from(column, 1);
        if (slice_equal(column, name) || slice_equal(map[i].field, name))
            return true;
    }
    return false;
}

/* A record of NDJSON may bring attributes of its own: they come first. */
static void take_own_attributes(struct building *building, const struct json *own)
{
    for (size_t i = 0; json_is(own, JSON_OBJECT) && i < own->count; i++)
        building->attributes[building->attribute_count++] = own->members[i];
}

const struct json *catalog_record_from_feed(const struct feed_map *map, size_t map_count,
                                            const struct json *record, struct arena *arena)
{
    const struct json *own = json_get(record, "attributes");
    size_t own_count = json_is(own, JSON_OBJECT) ? own->count : 0;
    size_t room = record->count + map_count + own_count + 1;
    struct building building = {.members = ARENA_ARRAY(arena, room, struct json_member),
                                .attributes = ARENA_ARRAY(arena, room, struct json_member)};
    take_own_attributes(&building, own);
    for (size_t i = 0; i < record->count; i++) {
        const struct json_member *member = &record->members[i];
        bool merged = own_count > 0 && slice_is(member->name, "attributes");
        if (!merged && !taken(map, map_count, member->name))
            add(&building, member->name, &member->value);
    }
    for (size_t i = 0; i < map_count; i++) {
        const char *field = arena_copy_text(arena, map[i].field);
        const struct json *value = feed_field(map, map_count, record, field);
        if (value)
            add(&building, map[i].field, value);
    }
    if (building.attribute_count > 0)
        building.members[building.count++] =
            (struct json_member){SLICE("attributes"),
                                 {.kind = JSON_OBJECT,
                                  .count = building.attribute_count,
                                  .members = building.attributes}};
    struct json *made = ARENA_NEW(arena, struct json);
    made->kind = JSON_OBJECT;
    made->count = building.count;
    made->members = building.members;
    return made;
}

/* --- into a staging --------------------------------------------------------------------------- */

static void plain_ids(struct item *item, struct arena *arena)
{
    item->id = feed_plain_id(item->id);
    item->lead = feed_plain_id(item->lead);
    if (item->lead.size == 0 || item->variant_count != 1)
        return;
    struct variant *variant = ARENA_NEW(arena, struct variant);
    *variant = item->variants[0];
    variant->id = item->lead;
    item->variants = variant;
}

static void complete(const struct staging_record *record, struct item *item, struct arena *arena)
{
    if (record->spreadsheet)
        plain_ids(item, arena);
    if (item->locale.size == 0)
        item->locale = record->locale;
    if (record->moves)
        item->category = category_map_path(record->moves, item->category, arena);
}

enum status staging_put_record(struct staging *staging, const struct staging_record *record,
                               struct arena *arena, struct diag *diag)
{
    struct item item;
    enum status status = catalog_item_from_json(record->json, record->currency, arena, &item, diag);
    if (status == STATUS_OK) {
        complete(record, &item, arena);
        status = staging_put(staging, &item, record->line, diag);
    }
    if (status != STATUS_INVALID)
        return status;
    item = catalog_item_named(record->json);
    complete(record, &item, arena);
    staging_keep(staging, &item);
    return STATUS_INVALID;
}
