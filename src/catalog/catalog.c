#include "catalog/catalog.h"

#include "base/limits.h"
#include "base/pack.h"
#include "catalog/item.h"
#include "catalog/item_merge.h"
#include "catalog/publisher.h"
#include "catalog/staging.h"

#include <assert.h>
#include <pthread.h>
#include <stdlib.h>

struct catalog {
    struct store *store;
    struct ledger *ledger;
    struct publisher *publisher;
    struct buf packed; /* the ledger thread's */
    _Atomic uint64_t changes, unchanged;
};

enum { ITEM_KEY_BYTES = STORE_KEY_PREFIX_BYTES + 16, PRICE_KEY_BYTES = ITEM_KEY_BYTES + 8 };

static void item_key(uint32_t workspace, struct slice id, uint8_t out_key[ITEM_KEY_BYTES])
{
    store_key_prefix(workspace, out_key);
    struct hash128 hash = hash128(id);
    memcpy(out_key + STORE_KEY_PREFIX_BYTES, hash.bytes, sizeof hash.bytes);
}

/* --- the ledger kind `item` ------------------------------------------------------------------- */

/* What the store holds of the item; STATUS_NOT_FOUND leaves *out_old untouched. */
static enum status stored_item(struct ledger_write *write, struct slice id,
                               struct slice *out_record, struct item *out_old)
{
    uint8_t key[ITEM_KEY_BYTES];
    item_key(write->workspace, id, key);
    enum status status = store_batch_get(write->batch, write->store, SPACE_ITEM,
                                         slice_make(key, sizeof key), write->arena, out_record);
    return status == STATUS_OK ? catalog_item_unpack(*out_record, write->arena, out_old) : status;
}

/* Prices that no longer held PRICE_HISTORY_DAYS ago go when a newer one is put; the one that held
 * then stays, however old it is: it is the reference of a reduction after a quiet year. */
static void drop_old_prices(struct ledger_write *write, const uint8_t newest[PRICE_KEY_BYTES])
{
    uint8_t from[PRICE_KEY_BYTES], to[PRICE_KEY_BYTES];
    memcpy(from, newest, sizeof from);
    memcpy(to, newest, sizeof to);
    key_put_time(from + ITEM_KEY_BYTES, INT64_MIN);
    key_put_time(to + ITEM_KEY_BYTES, write->now_ms - PRICE_HISTORY_DAYS * (int64_t)86400000);
    struct store_range range = {
        .from = slice_make(from, sizeof from), .to = slice_make(to, sizeof to), .backward = true};
    struct store_iterator *rows = store_iterate(write->store, SPACE_PRICE, &range);
    struct slice held, value;
    bool found = store_next(rows, &held, &value) && held.size == PRICE_KEY_BYTES;
    if (found)
        memcpy(to, held.data, sizeof to);
    store_iterator_close(rows);
    range.backward = false;
    if (found)
        store_batch_delete_range(write->batch, write->store, SPACE_PRICE, &range);
}

static void put_price(struct ledger_write *write, const struct item *item)
{
    uint8_t key[PRICE_KEY_BYTES];
    item_key(write->workspace, item->id, key);
    key_put_time(key + ITEM_KEY_BYTES, write->now_ms);
    struct buf row;
    buf_init(&row, 256);
    pack_int(&row, item->price_minor);
    pack_int(&row, item->list_price_minor);
    pack_text(&row, item->currency);
    store_batch_put(write->batch, write->store, SPACE_PRICE, slice_make(key, sizeof key),
                    buf_slice(&row));
    buf_done(&row);
    if (write->now_ms - item->added_ms > PRICE_HISTORY_DAYS * (int64_t)86400000)
        drop_old_prices(write, key);
}

static bool price_changed(const struct item *old, const struct item *fresh)
{
    return old->price_minor != fresh->price_minor ||
           old->list_price_minor != fresh->list_price_minor ||
           !slice_equal(old->currency, fresh->currency);
}

/* What the change makes of what is known; STATUS_NOT_FOUND when there is nothing to hide. */
static enum status changed_item(const struct catalog_change *change, const struct item *known,
                                struct arena *arena, struct item *out_item)
{
    struct item_rows rows = change->rows;
    if (change->remove) {
        if (!known)
            return STATUS_NOT_FOUND;
        *out_item = *known;
        out_item->hidden = true;
        return STATUS_OK;
    }
    if (!rows.full && rows.count == 0) {
        rows.list = &change->item;
        rows.count = 1;
    }
    return item_merge(known, &rows, arena, out_item);
}

static bool same_record(struct slice packed, struct slice stored)
{
    return packed.data[2] == stored.data[2] && /* flags */
           slice_equal(slice_from(packed, ITEM_RECORD_HEAD_BYTES),
                       slice_from(stored, ITEM_RECORD_HEAD_BYTES));
}

/* The item as it shall be; STATUS_CONFLICT when the stored record already says so. */
static enum status next_item(struct catalog *catalog, const struct catalog_change *change,
                             struct ledger_write *write, struct item *out_item)
{
    struct slice record = SLICE_NONE;
    struct item old = {0}, fresh;
    enum status status = stored_item(write, change->item.id, &record, &old);
    bool known = status == STATUS_OK;
    if (known || status == STATUS_NOT_FOUND)
        status = changed_item(change, known ? &old : NULL, write->arena, &fresh);
    if (status != STATUS_OK)
        return status;
    fresh.added_ms = known ? old.added_ms : write->now_ms;
    fresh.updated_ms = known ? old.updated_ms : write->now_ms;
    buf_clear(&catalog->packed);
    catalog_item_pack(&fresh, &catalog->packed);
    if (catalog->packed.overflowed)
        return STATUS_TOO_LARGE;
    if (known && same_record(buf_slice(&catalog->packed), record))
        return STATUS_CONFLICT;
    if (!known && publisher_items(catalog->publisher, write->workspace) >= CATALOG_ITEMS_MAX)
        return STATUS_TOO_LARGE;
    fresh.updated_ms = write->now_ms;
    if (known ? price_changed(&old, &fresh) : fresh.price_minor >= 0)
        put_price(write, &fresh);
    *out_item = fresh;
    return STATUS_OK;
}

static enum status record_item(void *context, struct ledger_entry *entry,
                               struct ledger_write *write)
{
    struct catalog *catalog = context;
    struct catalog_change *change = (struct catalog_change *)entry;
    struct item item;
    enum status status = next_item(catalog, change, write, &item);
    change->unchanged = status == STATUS_CONFLICT;
    if (change->unchanged)
        atomic_fetch_add_explicit(&catalog->unchanged, 1, memory_order_relaxed);
    if (status != STATUS_OK)
        return status;
    buf_clear(&catalog->packed);
    catalog_item_pack(&item, &catalog->packed);
    struct buf sequence;
    buf_init(&sequence, 8);
    pack_u64(&sequence, write->sequence);
    memcpy(catalog->packed.data + 4, sequence.data, sequence.size);
    buf_done(&sequence);
    uint8_t key[ITEM_KEY_BYTES];
    item_key(write->workspace, item.id, key);
    store_batch_put(write->batch, write->store, SPACE_ITEM, slice_make(key, sizeof key),
                    buf_slice(&catalog->packed));
    pack_text(write->log_value, item.id);
    pack_u8(write->log_value, item.hidden);
    struct shared_item *made;
    status = shared_item_new(buf_slice(&catalog->packed), write->arena, &made);
    assert(status == STATUS_OK); /* we packed it */
    change->made = &made->entry;
    return STATUS_OK;
}

static void item_applied(void *context, struct ledger_entry *entry)
{
    struct catalog *catalog = context;
    struct catalog_change *change = (struct catalog_change *)entry;
    atomic_fetch_add_explicit(&catalog->changes, 1, memory_order_relaxed);
    publisher_take(catalog->publisher, entry->workspace, change->made);
    change->made = NULL;
}

static const struct ledger_kind item_kind = {
    .name = "item", .code = ITEM_RECORD_KIND, .record = record_item, .applied = item_applied};

void catalog_change_init(struct catalog *catalog, struct catalog_change *change, uint32_t workspace)
{
    *change = (struct catalog_change){0};
    ledger_entry_init(catalog->ledger, &change->entry, &item_kind, workspace,
                      sizeof *change + 1024);
}

/* --- open and close --------------------------------------------------------------------------- */

static enum status load_row(struct catalog *catalog, struct slice key, struct slice value,
                            struct arena *scratch, struct diag *diag)
{
    struct shared_item *item;
    arena_reset(scratch);
    if (key.size != ITEM_KEY_BYTES || shared_item_new(value, scratch, &item) != STATUS_OK)
        return diag_set(diag, STATUS_CORRUPT, "item", "a stored item cannot be read");
    publisher_take(catalog->publisher, key_get_u32((const uint8_t *)key.data), &item->entry);
    return STATUS_OK;
}

static enum status load_items(struct catalog *catalog, struct diag *diag)
{
    uint8_t last[STORE_KEY_BYTES_MAX];
    memset(last, 0xFF, sizeof last);
    struct store_range range = {
        .from = SLICE(""), .to = slice_make(last, sizeof last), .bulk = true};
    struct store_iterator *rows = store_iterate(catalog->store, SPACE_ITEM, &range);
    struct slice key, value;
    enum status status = STATUS_OK;
    struct arena scratch;
    arena_init(&scratch);
    while (status == STATUS_OK && store_next(rows, &key, &value))
        status = load_row(catalog, key, value, &scratch, diag);
    arena_done(&scratch);
    if (status == STATUS_OK && store_iterator_status(rows) != STATUS_OK)
        status = diag_set(diag, store_iterator_status(rows), "item", "stored items cannot be read");
    store_iterator_close(rows);
    return status;
}

enum status catalog_open(struct store *store, struct ledger *ledger, struct catalog **out_catalog,
                         struct diag *diag)
{
    struct catalog *catalog = must_alloc_zero(1, sizeof *catalog);
    catalog->store = store;
    catalog->ledger = ledger;
    catalog->publisher = publisher_new();
    buf_init(&catalog->packed, ITEM_BYTES_MAX);
    enum status status = load_items(catalog, diag);
    if (status != STATUS_OK) {
        catalog_close(catalog);
        return status;
    }
    publisher_start(catalog->publisher);
    staging_clean(store_directory(store));
    ledger_register(ledger, &item_kind, catalog);
    *out_catalog = catalog;
    return STATUS_OK;
}

void catalog_close(struct catalog *catalog)
{
    if (!catalog)
        return;
    publisher_free(catalog->publisher);
    buf_done(&catalog->packed);
    free(catalog);
}

struct ledger *catalog_ledger(const struct catalog *catalog)
{
    return catalog->ledger;
}

const char *catalog_directory(const struct catalog *catalog)
{
    return store_directory(catalog->store);
}

/* --- reading ---------------------------------------------------------------------------------- */

const struct catalog_snapshot *catalog_pin(struct catalog *catalog, uint32_t workspace)
{
    return publisher_pin(catalog->publisher, workspace);
}

void catalog_await(struct catalog *catalog, uint32_t workspace, struct catalog_wait *wait)
{
    publisher_await(catalog->publisher, workspace, wait);
}

struct blocked {
    struct catalog_wait wait; /* first */
    pthread_mutex_t mutex;
    pthread_cond_t wake;
    bool done;
};

static void unblock(struct catalog_wait *wait)
{
    struct blocked *blocked = (struct blocked *)wait;
    pthread_mutex_lock(&blocked->mutex);
    blocked->done = true;
    pthread_cond_signal(&blocked->wake);
    pthread_mutex_unlock(&blocked->mutex);
}

void catalog_settle(struct catalog *catalog, uint32_t workspace)
{
    struct blocked blocked = {.wait.done = unblock};
    pthread_mutex_init(&blocked.mutex, NULL);
    pthread_cond_init(&blocked.wake, NULL);
    catalog_await(catalog, workspace, &blocked.wait);
    pthread_mutex_lock(&blocked.mutex);
    while (!blocked.done)
        pthread_cond_wait(&blocked.wake, &blocked.mutex);
    pthread_mutex_unlock(&blocked.mutex);
    pthread_cond_destroy(&blocked.wake);
    pthread_mutex_destroy(&blocked.mutex);
}

const struct catalog_snapshot *catalog_pin_latest(struct catalog *catalog, uint32_t workspace)
{
    catalog_settle(catalog, workspace);
    return catalog_pin(catalog, workspace);
}

static enum status read_prices(struct store_iterator *rows, const struct catalog_price_query *query,
                               struct arena *arena, struct catalog_price *out_prices,
                               size_t *out_count)
{
    struct slice key, value;
    size_t count = 0;
    while (count < query->count_max && store_next(rows, &key, &value)) {
        struct unpack in = unpack_of(value);
        struct catalog_price *price = &out_prices[count++];
        price->price_minor = unpack_int(&in);
        price->list_price_minor = unpack_int(&in);
        price->currency = arena_copy(arena, unpack_text(&in));
        if (key.size != PRICE_KEY_BYTES || !unpack_finished(&in))
            return STATUS_CORRUPT;
        price->time_ms = key_get_time((const uint8_t *)key.data + ITEM_KEY_BYTES);
    }
    *out_count = count;
    return store_iterator_status(rows);
}

enum status catalog_price_history(struct catalog *catalog, const struct catalog_price_query *query,
                                  struct arena *arena, struct catalog_price *out_prices,
                                  size_t *out_count)
{
    uint8_t key[ITEM_KEY_BYTES], end[STORE_KEY_BYTES_MAX];
    item_key(query->workspace, query->item, key);
    struct store_range range = store_range_of_prefix(slice_make(key, sizeof key), end);
    range.backward = true;
    struct store_iterator *rows = store_iterate(catalog->store, SPACE_PRICE, &range);
    enum status status = read_prices(rows, query, arena, out_prices, out_count);
    store_iterator_close(rows);
    return status;
}

void catalog_counts(struct catalog *catalog, struct catalog_counts *out_counts)
{
    struct catalog_counts counts = {
        .changes = atomic_load_explicit(&catalog->changes, memory_order_relaxed),
        .unchanged = atomic_load_explicit(&catalog->unchanged, memory_order_relaxed)};
    publisher_counts(catalog->publisher, &counts);
    *out_counts = counts;
}
