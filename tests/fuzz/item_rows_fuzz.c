/* Any bytes as a feed whose rows go together: one a locale, one a variant. Whatever comes of
 * them is in order, within its limits, and reads back as the same item. */
#include "fuzz/feed_input.h"

#include "base/limits.h"
#include "catalog/item_merge.h"
#include "catalog/item_text.h"

enum { ROWS_MAX = 64 };

static void check_order(const struct item *item)
{
    assert(item->variant_count <= ITEM_VARIANTS_MAX && item->text_count <= ITEM_TEXTS_MAX);
    for (size_t i = 1; i < item->variant_count; i++)
        assert(slice_compare(item->variants[i - 1].id, item->variants[i].id) < 0);
    for (size_t i = 1; i < item->text_count; i++)
        assert(slice_compare(item->texts[i - 1].locale, item->texts[i].locale) < 0);
    for (size_t i = 0; i < item->text_count; i++)
        assert(item->texts[i].title.size > 0 && !slice_equal(item->texts[i].locale, item->locale));
    assert(item->lead.size == 0 || catalog_find_variant(item, item->lead));
    assert(item_text_in(item, &(struct locale_wish){SLICE("en"), SLICE("fr")}).title.size > 0);
}

static void check_record(const struct item *item, struct arena *arena)
{
    struct buf once, again;
    struct item back;
    buf_init(&once, 8 << 20);
    buf_init(&again, 8 << 20);
    catalog_item_pack(item, &once);
    enum status status = catalog_item_unpack(buf_slice(&once), arena, &back);
    assert(status == STATUS_OK);
    catalog_item_pack(&back, &again);
    assert(slice_equal(buf_slice(&once), buf_slice(&again)));
    buf_done(&once);
    buf_done(&again);
}

/* All rows as of one item: delta onto what the first half made, then the whole as a full feed. */
static void check_rows(struct item *list, size_t count, struct arena *arena)
{
    const struct slice spoken[] = {SLICE("fr"), SLICE("en")};
    struct item_rows rows = {.list = list, .count = count / 2 + 1, .locale = SLICE("fr")};
    struct item known, made;
    for (size_t i = 0; i < count; i++)
        list[i].id = list[0].id;
    if (item_merge(NULL, &rows, arena, &known) != STATUS_OK)
        return;
    check_order(&known);
    rows.count = count;
    for (int full = 0; full < 2; full++) {
        rows.full = full;
        rows.spoken = spoken;
        rows.spoken_count = full ? 2 : 0;
        if (item_merge(&known, &rows, arena, &made) != STATUS_OK)
            continue;
        check_order(&made);
        check_record(&made, arena);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    int fd = feed_input(data, size);
    struct feed *feed;
    struct arena arena;
    struct diag diag = {0};
    arena_init(&arena);
    if (feed_open(fd, FEED_AUTO, &feed, &diag) == STATUS_OK) {
        struct item *list = ARENA_ARRAY(&arena, ROWS_MAX, struct item);
        const struct json *record;
        unsigned line;
        size_t count = 0;
        enum status status = STATUS_OK;
        while (count < ROWS_MAX && status != STATUS_NOT_FOUND && !feed_broken(feed)) {
            status = feed_next(feed, &arena, &record, &line, &diag);
            count += status == STATUS_OK &&
                     catalog_item_from_json(record, SLICE("EUR"), &arena, &list[count], &diag) ==
                         STATUS_OK;
        }
        if (count > 0)
            check_rows(list, count, &arena);
        feed_close(feed);
    }
    arena_done(&arena);
    close(fd);
    return 0;
}
