/* What a staged feed changes, and writing it. */
#include "base/limits.h"
#include "catalog/item.h"
#include "catalog/item_merge.h"
#include "catalog/money.h"
#include "catalog/staging.h"
#include "ledger/batch.h"

/* --- comparing -------------------------------------------------------------------------------- */

struct comparing {
    const struct catalog_snapshot *snapshot;
    struct arena *arena; /* of the examples */
    struct buf old, fresh;
    struct feed_diff *diff;
};

static bool same(struct comparing *comparing, const struct item *old, const struct item *fresh)
{
    struct item dated = *fresh;
    dated.added_ms = old->added_ms;
    dated.updated_ms = old->updated_ms;
    buf_clear(&comparing->old);
    buf_clear(&comparing->fresh);
    catalog_item_pack(old, &comparing->old);
    catalog_item_pack(&dated, &comparing->fresh);
    return slice_equal(buf_slice(&comparing->old), buf_slice(&comparing->fresh));
}

static void count(struct comparing *comparing, enum diff_kind kind, const struct item *before,
                  const struct item *after)
{
    struct feed_diff *diff = comparing->diff;
    const struct item *shown = after ? after : before;
    if (diff->counts[kind] < DIFF_EXAMPLES_MAX)
        diff->examples[kind][diff->counts[kind]] =
            (struct diff_example){.id = arena_copy(comparing->arena, shown->id),
                                  .title = arena_copy(comparing->arena, shown->title),
                                  .before_minor = before ? before->price_minor : -1,
                                  .after_minor = after ? after->price_minor : -1,
                                  .currency = arena_copy(comparing->arena, shown->currency)};
    diff->counts[kind]++;
}

static void compare_item(struct comparing *comparing, const struct item *old,
                         const struct item *fresh)
{
    if (old && same(comparing, old, fresh)) {
        comparing->diff->unchanged++;
        return;
    }
    if (!old || (old->hidden && !fresh->hidden)) {
        count(comparing, DIFF_NEW, NULL, fresh);
        return;
    }
    bool priced = old->price_minor >= 0 && fresh->price_minor >= 0 &&
                  slice_equal(old->currency, fresh->currency);
    count(comparing, DIFF_CHANGED, old, fresh);
    if (priced && fresh->price_minor < old->price_minor)
        count(comparing, DIFF_PRICE_DOWN, old, fresh);
    if (priced && fresh->price_minor > old->price_minor)
        count(comparing, DIFF_PRICE_UP, old, fresh);
    if (item_available(old) && !item_available(fresh))
        count(comparing, DIFF_OUT_OF_STOCK, old, fresh);
    if (!item_available(old) && item_available(fresh))
        count(comparing, DIFF_BACK_IN_STOCK, old, fresh);
}

/* Only an item of this very id: a group's row finds its item by another. */
static const struct item *find_own(const struct catalog_snapshot *snapshot, struct slice id)
{
    const struct item *item = catalog_find(snapshot, id);
    return item && slice_equal(item->id, id) ? item : NULL;
}

static void compare_rows(struct comparing *comparing, const struct staged_item *staged,
                         struct arena *scratch)
{
    const struct item *old = find_own(comparing->snapshot, staged->id);
    struct item fresh;
    comparing->diff->items++;
    if (item_merge(old, &staged->rows, scratch, &fresh) == STATUS_OK)
        compare_item(comparing, old, &fresh);
}

/* An item that a full feed does not name is gone where the feed speaks for it, else it may only
 * lose texts. */
static void compare_unnamed(struct comparing *comparing, const struct item_rows *rows,
                            const struct item *item, struct arena *scratch)
{
    struct item fresh;
    if (item_rows_speak(rows, item))
        count(comparing, DIFF_GONE, item, NULL);
    else if (item_merge(item, rows, scratch, &fresh) == STATUS_OK && !same(comparing, item, &fresh))
        count(comparing, DIFF_CHANGED, item, &fresh);
}

static void find_gone(struct comparing *comparing, const struct staging *staging,
                      struct arena *scratch)
{
    struct item_rows rows = staging_rows(staging);
    for (size_t i = 0; i < catalog_count(comparing->snapshot); i++) {
        const struct item *item = catalog_at(comparing->snapshot, i);
        comparing->diff->before += !item->hidden;
        if (!rows.full || item->hidden || staging_has(staging, item->id))
            continue;
        compare_unnamed(comparing, &rows, item, scratch);
        arena_reset(scratch);
    }
}

enum status staging_compare(struct staging *staging, struct arena *arena,
                            struct feed_diff *out_diff)
{
    struct catalog *catalog = staging_catalog(staging);
    uint32_t workspace = staging_about(staging)->workspace;
    struct feed_diff diff = {0};
    struct comparing comparing = {
        .snapshot = catalog_pin_latest(catalog, workspace), .arena = arena, .diff = &diff};
    struct arena scratch;
    struct staged_item staged;
    size_t at = 0;
    enum status status;
    arena_init(&scratch);
    buf_init(&comparing.old, 2 * (size_t)ITEM_BYTES_MAX);
    buf_init(&comparing.fresh, 2 * (size_t)ITEM_BYTES_MAX);
    while ((status = staging_next(staging, &at, &scratch, &staged)) == STATUS_OK) {
        compare_rows(&comparing, &staged, &scratch);
        arena_reset(&scratch);
    }
    find_gone(&comparing, staging, &scratch);
    buf_done(&comparing.old);
    buf_done(&comparing.fresh);
    arena_done(&scratch);
    catalog_unpin(comparing.snapshot);
    *out_diff = diff;
    return status == STATUS_NOT_FOUND ? STATUS_OK : status;
}

bool feed_diff_shrinks(const struct feed_diff *diff, unsigned percent)
{
    return diff->counts[DIFF_GONE] * 100 > diff->before * percent;
}

/* --- as JSON ---------------------------------------------------------------------------------- */

static const char *const kind_names[DIFF_COUNT] = {
    "new", "priceDown", "priceUp", "outOfStock", "backInStock", "changed", "gone"};

static void example_to_json(const struct diff_example *example, struct json_out *out)
{
    json_object(out);
    JSON_STRING_MEMBER(out, "id", example->id);
    JSON_STRING_MEMBER(out, "title", example->title);
    money_member(out, "before", example->before_minor, example->currency);
    money_member(out, "after", example->after_minor, example->currency);
    json_end(out);
}

void feed_diff_to_json(const struct feed_diff *diff, bool examples, struct json_out *out)
{
    JSON_INT_MEMBER(out, "before", (int64_t)diff->before);
    for (enum diff_kind kind = 0; kind < DIFF_COUNT; kind++)
        JSON_INT_MEMBER(out, kind_names[kind], (int64_t)diff->counts[kind]);
    if (!examples)
        return;
    json_name(out, "examples");
    json_object(out);
    for (enum diff_kind kind = 0; kind < DIFF_COUNT; kind++) {
        if (diff->counts[kind] == 0)
            continue;
        json_name(out, kind_names[kind]);
        json_array(out);
        for (size_t i = 0; i < DIFF_EXAMPLES_MAX && i < diff->counts[kind]; i++)
            example_to_json(&diff->examples[kind][i], out);
        json_end(out);
    }
    json_end(out);
}

/* --- writing ---------------------------------------------------------------------------------- */

static void settle(void *context, struct ledger_entry *entry, unsigned line)
{
    struct staging_result *result = context;
    struct diag diag = {0};
    if (entry->status == STATUS_OK) {
        *(((struct catalog_change *)entry)->remove ? &result->hidden : &result->written) += 1;
    } else if (entry->status == STATUS_CONFLICT) {
        result->unchanged++;
    } else {
        result->refused++;
        (void)diag_set(&diag, entry->status, "", "%s", status_sentence(entry->status));
        if (result->refuse)
            result->refuse(result->context, line, &diag);
    }
}

static enum status submit(struct staging *staging, struct ledger_batch *batch,
                          const struct staged_item *staged, bool remove)
{
    struct catalog *catalog = staging_catalog(staging);
    uint32_t workspace = staging_about(staging)->workspace;
    struct catalog_change *change = ARENA_NEW(&batch->arena, struct catalog_change);
    catalog_change_init(catalog, change, workspace);
    change->item.id = staged->id;
    change->rows = staged->rows;
    change->remove = remove;
    ledger_batch_add(batch, &change->entry, staged->line);
    return ledger_batch_reserve(batch, 1);
}

static enum status write_items(struct staging *staging, struct ledger_batch *batch)
{
    struct staged_item staged;
    size_t at = 0;
    enum status status;
    while ((status = staging_next(staging, &at, &batch->arena, &staged)) == STATUS_OK) {
        status = submit(staging, batch, &staged, false);
        if (status != STATUS_OK)
            return status;
    }
    return status == STATUS_NOT_FOUND ? STATUS_OK : status;
}

static bool loses_text(const struct item_rows *rows, const struct item *item)
{
    for (size_t i = 0; i < item->text_count; i++)
        for (size_t k = 0; k < rows->spoken_count; k++)
            if (slice_equal(item->texts[i].locale, rows->spoken[k]))
                return true;
    return false;
}

static enum status settle_unnamed(struct staging *staging, struct ledger_batch *batch,
                                  const struct catalog_snapshot *snapshot)
{
    struct item_rows rows = staging_rows(staging);
    enum status status = STATUS_OK;
    for (size_t i = 0; i < catalog_count(snapshot) && status == STATUS_OK; i++) {
        const struct item *item = catalog_at(snapshot, i);
        if (item->hidden || staging_has(staging, item->id))
            continue;
        struct staged_item unnamed = {.id = item->id, .rows = rows};
        bool gone = item_rows_speak(&rows, item);
        if (gone || loses_text(&rows, item))
            status = submit(staging, batch, &unnamed, gone);
    }
    return status;
}

enum status staging_apply(struct staging *staging, struct staging_result *result)
{
    struct catalog *catalog = staging_catalog(staging);
    uint32_t workspace = staging_about(staging)->workspace;
    const struct catalog_snapshot *before = catalog_pin_latest(catalog, workspace);
    struct ledger_batch batch;
    ledger_batch_init(&batch, catalog_ledger(catalog));
    batch.settle = settle;
    batch.context = result;
    enum status status = write_items(staging, &batch);
    if (status == STATUS_OK && staging_about(staging)->mode == FEED_FULL)
        status = settle_unnamed(staging, &batch, before);
    if (status == STATUS_OK)
        status = ledger_batch_flush(&batch);
    ledger_batch_done(&batch);
    catalog_unpin(before);
    catalog_settle(catalog, workspace); /* who is told that it ended finds all of it */
    return status;
}
