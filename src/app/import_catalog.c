/* visavis import catalog: a feed, or any file whose rows name items.
 *
 * Two readings: the first finds which row of each item is its last good one and tells the bad ones,
 * the second writes those rows. So a file that names an item a thousand times writes it once, and
 * memory holds a hash for each item and a bit for each row. Rows are counted, not lines: an XML
 * file may be one line. */
#include "app/import.h"

#include <stdlib.h>

static const struct import_field fields[] = {
    {"id", {"item", "product_id", "sku"}},
    {"title", {"name"}},
    {"description", {NULL}},
    {"url", {"link"}},
    {"image", {"image_link"}},
    {"brand", {NULL}},
    {"category", {"product_type"}},
    {"price", {"unit_price"}},
    {"list_price", {"listPrice"}},
    {"sale_price", {"salePrice"}},
    {"currency", {NULL}},
    {"stock", {NULL}},
    {"availability", {NULL}},
    {"hidden", {NULL}},
};
static const struct import_fields catalog_fields = {
    fields, sizeof fields / sizeof *fields, {"attributes.", "attribute."}, false};

struct rows { /* a bit for each, counted from 1 */
    uint8_t *bits;
    size_t count;
};

static void rows_put(struct rows *rows, size_t row)
{
    if (row >= rows->count) {
        size_t count = rows->count ? rows->count : 8192;
        while (row >= count)
            count *= 2;
        rows->bits = must_realloc(rows->bits, count / 8);
        memset(rows->bits + rows->count / 8, 0, (count - rows->count) / 8);
        rows->count = count;
    }
    rows->bits[row / 8] |= (uint8_t)(1U << row % 8);
}

static bool rows_has(const struct rows *rows, size_t row)
{
    return row < rows->count && rows->bits[row / 8] & 1U << row % 8;
}

/* catalog_record_from_feed knows the longer prefix. */
static void spell_attributes(struct import *import)
{
    struct slice name;
    for (size_t i = 0; i < import->map.count; i++)
        if (import_is_free(&import->map, i, "attribute.", &name))
            import->map.rows[i].field =
                arena_format(&import->call->arena, "attributes.%.*s", SLICE_ARG(name));
}

/* Of a CSV that came with a map only what the map or its own name says is ours: the columns of an
 * order export mean other things ("quantity" is not the stock). */
static const struct json *mapped_columns(struct import *import, const struct json *record)
{
    struct json *pruned = ARENA_NEW(&import->row, struct json);
    pruned->kind = JSON_OBJECT;
    pruned->members = ARENA_ARRAY(&import->row, import->map.count, struct json_member);
    for (size_t i = 0; i < import->map.count; i++) {
        struct slice text = import_value_at(&import->map, i, record);
        if (text.size > 0)
            pruned->members[pruned->count++] = (struct json_member){
                import->map.rows[i].column, {.kind = JSON_STRING, .text = text}};
    }
    return pruned;
}

static enum status read_item(struct import *import, const struct json *record, struct arena *arena,
                             struct item *out_item, struct diag *diag)
{
    bool csv = !import->rows_are_objects;
    if (csv && import->map_given)
        record = mapped_columns(import, record);
    if (csv || import->map_given)
        record = catalog_record_from_feed(import->map.rows, import->map.count, record, arena);
    enum status status =
        catalog_item_from_json(record, import->workspace->currency, arena, out_item, diag);
    if (status == STATUS_OK && csv)
        out_item->id = import_plain_id(out_item->id);
    return status;
}

/* --- first reading ---------------------------------------------------------------------------- */

static enum status find_last(struct import *import, struct import_set *last, struct diag *diag)
{
    const struct json *record;
    unsigned line;
    enum status status;
    while ((status = import_next(import, &record, &line, diag)) == STATUS_OK) {
        struct item item;
        struct diag of_row = {0};
        if (read_item(import, record, &import->row, &item, &of_row) != STATUS_OK) {
            of_row.column = import->column;
            import_refuse(import, line, &of_row);
            continue;
        }
        (void)import_set_put(last, hash64(item.id), import->counts.rows);
        if (last->count > CATALOG_ITEMS_MAX)
            return diag_set(diag, STATUS_TOO_LARGE, "", "A catalogue holds at most %d items",
                            CATALOG_ITEMS_MAX);
    }
    import->counts.items = last->count;
    return status == STATUS_NOT_FOUND ? STATUS_OK : status;
}

/* --- second reading --------------------------------------------------------------------------- */

static void show_item(struct import *import, const struct item *item)
{
    struct buf text;
    if (!import->dry_run || import->samples == IMPORT_SAMPLES)
        return;
    buf_init(&text, (size_t)2 * ITEM_BYTES_MAX);
    struct json_out out = json_out(&text);
    catalog_item_to_json(item, &out);
    import_sample(import, buf_slice(&text));
    buf_done(&text);
}

static enum status write_item(struct import *import, const struct json *record, unsigned line)
{
    struct arena *arena = &import->batch.arena;
    enum status status = import_batch_reserve(&import->batch, 1);
    if (status != STATUS_OK)
        return status;
    struct catalog_change *change = ARENA_NEW(arena, struct catalog_change);
    struct diag diag = {0};
    catalog_change_init(import->call->engine->catalog, change, import->workspace->id);
    if (read_item(import, record, arena, &change->item, &diag) != STATUS_OK) {
        import_refuse(import, line, &diag); /* the file changed meanwhile */
        return STATUS_OK;
    }
    show_item(import, &change->item);
    import_batch_add(&import->batch, &change->entry, line);
    return STATUS_OK;
}

static enum status write_last(struct import *import, const struct rows *rows, struct diag *diag)
{
    const struct json *record;
    unsigned line;
    enum status status = import_rewind(import, diag);
    if (status != STATUS_OK)
        return status;
    for (size_t row = 1;; row++) { /* bad rows were told by the first reading */
        arena_reset(&import->row);
        status = feed_next(import->feed, &import->row, &record, &line, diag);
        if (status == STATUS_OK && rows_has(rows, row))
            status = write_item(import, record, line);
        if (status != STATUS_OK && status != STATUS_INVALID)
            break;
    }
    return status == STATUS_NOT_FOUND ? STATUS_OK : status;
}

enum status import_catalog(struct import *import, struct diag *diag)
{
    struct import_set last;
    struct rows rows = {NULL, 0};
    enum status status =
        import_map_read(&import->map, &catalog_fields, import->call, import->feed, diag);
    if (status != STATUS_OK)
        return status;
    spell_attributes(import);
    import_set_init(&last);
    status = find_last(import, &last, diag);
    for (size_t i = 0; i < last.room; i++)
        if (last.slots[i].key != 0)
            rows_put(&rows, (size_t)last.slots[i].value);
    import_set_done(&last);
    if (status == STATUS_OK)
        status = write_last(import, &rows, diag);
    free(rows.bits);
    return status;
}
