/* A catalogue: a feed, or any file whose rows name items.
 *
 * The good rows are staged, compared with what the shop shows, and then written, held for approval
 * or, in a dry run, told. A file that names an item a thousand times writes it once: its last good
 * row. Memory: one row at a time and a few words an item. */
#include "import/reading.h"

#include "base/clock.h"
#include "catalog/item_merge.h"
#include "catalog/item_text.h"
#include "catalog/money.h"

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
    {"cost", {"cost_of_goods_sold"}},
    {"sale_price", {"salePrice"}},
    {"sale_price_effective_date", {"salePriceEffectiveDate"}},
    {"currency", {NULL}},
    {"stock", {NULL}},
    {"availability", {NULL}},
    {"hidden", {NULL}},
    {"locale", {"lang", "content_language"}},
    {"item_group_id", {NULL}},
};
const struct import_fields import_catalog_fields = {
    fields, sizeof fields / sizeof *fields, {"attributes.", "attribute."}, false};

/* catalog_record_from_feed knows the longer prefix. */
static void spell_attributes(struct import *import)
{
    struct slice name;
    for (size_t i = 0; i < import->map.count; i++)
        if (import_is_free(&import->map, i, "attribute.", &name))
            import->map.rows[i].field =
                arena_format(&import->arena, "attributes.%.*s", SLICE_ARG(name));
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

/* The row as catalog_item_from_json reads it. */
static const struct json *item_record(struct import *import, const struct json *record)
{
    bool csv = !import->rows_are_objects;
    if (csv && import->map_given)
        record = mapped_columns(import, record);
    if (csv || import->map_given)
        record =
            catalog_record_from_feed(import->map.rows, import->map.count, record, &import->row);
    return record;
}

static enum status stage_row(struct import *import, struct staging *staging,
                             const struct json *record, unsigned line)
{
    struct diag diag = {.column = 0};
    const struct staging_record row = {.json = item_record(import, record),
                                       .spreadsheet = !import->rows_are_objects,
                                       .currency = import->shop.currency,
                                       .locale = import->locale,
                                       .moves = import->shop.category_map,
                                       .line = line};
    enum status status = staging_put_record(staging, &row, &import->row, &diag);
    if (status != STATUS_INVALID)
        return status;
    diag.column = import->column;
    import->counts.untitled += strcmp(diag.field, "title") == 0;
    import_refuse(import, line, &diag);
    return STATUS_OK;
}

static enum status stage_rows(struct import *import, struct staging *staging, struct diag *diag)
{
    const struct json *record;
    unsigned line;
    enum status status;
    while ((status = import_next(import, &record, &line, diag)) == STATUS_OK) {
        status = stage_row(import, staging, record, line);
        if (status != STATUS_OK)
            return diag_set(diag, status, "", "line %u: %s", line, status_sentence(status));
    }
    import->counts.items = staging_items(staging);
    return status == STATUS_NOT_FOUND ? STATUS_OK : status;
}

/* --- what a dry run tells --------------------------------------------------------------------- */

static void show_items(struct import *import, struct staging *staging)
{
    struct staged_item staged;
    size_t at = 0;
    struct buf text;
    buf_init(&text, (size_t)2 * ITEM_BYTES_MAX);
    while (import->samples < IMPORT_SAMPLES &&
           staging_next(staging, &at, &import->row, &staged) == STATUS_OK) {
        struct json_out out = json_out(&text);
        struct item item;
        buf_clear(&text);
        if (item_merge(NULL, &staged.rows, &import->row, &item) == STATUS_OK) {
            catalog_item_to_json(&item, &out);
            import_sample(import, buf_slice(&text));
        }
        arena_reset(&import->row);
    }
    buf_done(&text);
}

/* --- written or held -------------------------------------------------------------------------- */

static void refuse(void *context, unsigned line, const struct diag *diag)
{
    import_refuse(context, line, diag);
}

static enum status apply(struct import *import, struct staging *staging)
{
    struct staging_result result = {.refuse = refuse, .context = import};
    enum status status = staging_apply(staging, &result);
    import->counts.written = result.written;
    import->counts.unchanged = result.unchanged;
    import->counts.hidden = result.hidden;
    return status;
}

static enum status hold(struct import *import, struct staging *staging, struct diag *diag)
{
    struct slice feed = staging_about(staging)->feed;
    enum status status = staging_hold(staging, import->counts.rows, import->counts.refused, diag);
    if (status != STATUS_OK)
        return status;
    import->held = true;
    return diag_set(diag, STATUS_CONFLICT, "",
                    "The feed would hide %llu of %llu items, over %d %%, and waits for your word: "
                    "visavis feed list, then feed approve %.*s or feed reject %.*s",
                    (unsigned long long)import->diff.counts[DIFF_GONE],
                    (unsigned long long)import->diff.before, FEED_SHRINK_PERCENT_MAX,
                    SLICE_ARG(feed), SLICE_ARG(feed));
}

/* A feed without one good row says nothing, not that all is gone. */
static enum status settle_staging(struct import *import, struct staging *staging, struct diag *diag)
{
    if (staging_items(staging) == 0)
        return STATUS_OK;
    enum status status = staging_compare(staging, &import->arena, &import->diff);
    if (status != STATUS_OK)
        return status;
    if (import->options.dry_run) {
        show_items(import, staging);
        return STATUS_OK;
    }
    if (feed_diff_shrinks(&import->diff, FEED_SHRINK_PERCENT_MAX))
        return hold(import, staging, diag);
    return apply(import, staging);
}

static enum status read_about(struct import *import, struct staging_about *out_about,
                              struct diag *diag)
{
    const struct import_options *options = &import->options;
    if (options->locale.size && !locale_tag_read(options->locale, &import->arena, &import->locale))
        return diag_set(diag, STATUS_INVALID, "locale",
                        "Say a language and perhaps a region, as fr or en-GB");
    *out_about =
        (struct staging_about){.workspace = import->shop.id,
                               .feed = options->feed.size ? options->feed : SLICE("import"),
                               .mode = options->mode,
                               .locale = import->shop.locale,
                               .taken_ms = clock_now_ms()};
    return STATUS_OK;
}

enum status import_catalog(struct import *import, struct diag *diag)
{
    struct staging_about about = {.workspace = import->shop.id};
    struct staging *staging = NULL;
    enum status status = import_map_load(import, diag);
    if (status == STATUS_OK)
        status = read_about(import, &about, diag);
    if (status == STATUS_OK)
        status = staging_new(import->house.catalog, &about, &staging, diag);
    if (status != STATUS_OK)
        return status;
    spell_attributes(import);
    status = stage_rows(import, staging, diag);
    if (status == STATUS_OK)
        status = settle_staging(import, staging, diag);
    staging_free(staging);
    return status;
}
