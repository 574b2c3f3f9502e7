#include "app/simulate_world.h"

#include "embedded.h"

static bool is_size(struct slice name)
{
    return slice_is(name, "size") || slice_is(name, "size_system");
}

static void add_item(struct world *world, const struct item *item)
{
    struct world_offer offer = {.id = item->id,
                                .category = item->category,
                                .brand = item->brand,
                                .currency = item->currency,
                                .price_minor = item->price_minor,
                                .list_price_minor = item->list_price_minor};
    struct world_item *mine = item->hidden ? NULL : world_add(world, &offer);
    if (!mine)
        return;
    for (size_t i = 0; i < item->attribute_count; i++)
        if (!is_size(item->attributes[i].name))
            world_add_trait(world, mine, item->attributes[i].name, item->attributes[i].value);
    struct world_size *sizes = world_add_sizes(world, mine, item->variant_count);
    for (size_t i = 0; i < mine->size_count; i++)
        sizes[i] = (struct world_size){arena_copy(&world->arena, item->variants[i].id),
                                       item->variants[i].stock != 0};
}

enum status simulate_make_world(const struct item *items, size_t count, struct world *world,
                                struct diag *diag)
{
    for (size_t i = 0; i < count; i++)
        add_item(world, &items[i]);
    if (world->item_count == 0)
        return diag_set(diag, STATUS_INVALID, "", "The catalogue has no item with a price");
    world_finish(world);
    return STATUS_OK;
}

static size_t count_lines(struct slice text)
{
    size_t lines = 1;
    for (size_t i = 0; i < text.size; i++)
        lines += text.data[i] == '\n';
    return lines < WORLD_ITEMS_MAX ? lines : WORLD_ITEMS_MAX;
}

enum status simulate_read_items(struct slice text, struct arena *arena, struct item **out_items,
                                size_t *out_count, struct diag *diag)
{
    size_t most = count_lines(text), count = 0;
    struct item *items = ARENA_ARRAY(arena, most, struct item);
    struct slice line;
    for (unsigned number = 1; text.size; number++) {
        const struct json *json;
        if (!slice_cut(text, '\n', &line, &text)) {
            line = text;
            text = SLICE_NONE;
        }
        if (slice_trim(line).size == 0)
            continue;
        if (count == most)
            return diag_set(diag, STATUS_TOO_LARGE, "", "At most %d items can be simulated",
                            WORLD_ITEMS_MAX);
        enum status status = json_parse(arena, line, &json, diag);
        if (status == STATUS_OK)
            status = catalog_item_from_json(json, SLICE("EUR"), arena, &items[count++], diag);
        if (status != STATUS_OK) {
            diag->line = number;
            return status;
        }
    }
    *out_items = items;
    *out_count = count;
    return STATUS_OK;
}

enum status simulate_own_catalog(struct slice *out_text, struct diag *diag)
{
    const struct embedded_file *file = embedded_file(SLICE("demo-catalog.ndjson"));
    if (!file)
        return diag_set(diag, STATUS_NOT_FOUND, "", "This build carries no demo shop");
    *out_text = file->bytes;
    return STATUS_OK;
}
