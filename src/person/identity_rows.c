/* See identity_rows.h.
 *
 *   identifier  version u8 = 1 | 0 u8 | node 16 | type u8 | name text | value text |
 *               sequence uint | after erasure uint
 *   erased      version u8 = 1 | 1 u8 | sequence of the erasure uint | packed consent text
 *   link        version u8 = 1 | flags u8 (1 proven) | from type u8 | to type u8 | from 16 |
 *   and claim   to 16 | valid from int | source uint | message hash 16 | known u64 |
 *               withdrawn u64
 *   linked      nothing */
#include "person/identity_rows.h"

#include "base/limits.h"
#include "base/pack.h"

#include <assert.h>

enum { ROW_VERSION = 1, ROW_LIVE = 0, ROW_ERASED = 1, LINK_PROVEN = 1 };
enum { LINK_BYTES_MAX = 128, LINKS_FIRST = 8 };

/* --- identifiers ------------------------------------------------------------------------------ */

struct hash128 identifier_hash(struct store *store, const struct identifier *identifier)
{
    struct buf buf;
    buf_init(&buf, 2 * IDENTIFIER_BYTES_MAX + 1024);
    pack_u8(&buf, (uint8_t)identifier->type);
    pack_text(&buf, identifier->type == IDENTIFIER_CUSTOM ? identifier->name : SLICE_NONE);
    buf_add(&buf, identifier->value);
    struct hash128 hash = hash_keyed(store_secret(store), buf_slice(&buf));
    buf_done(&buf);
    return hash;
}

void identifier_key(uint32_t workspace, struct hash128 hash, uint8_t out_key[IDENTIFIER_KEY_BYTES])
{
    store_key_prefix(workspace, out_key);
    out_key[STORE_KEY_PREFIX_BYTES] = 'i';
    memcpy(out_key + STORE_KEY_PREFIX_BYTES + 1, hash.bytes, sizeof hash.bytes);
}

void identifier_node_key(uint32_t workspace, struct uuid node,
                         uint8_t out_key[IDENTIFIER_KEY_BYTES])
{
    store_key_prefix(workspace, out_key);
    out_key[STORE_KEY_PREFIX_BYTES] = 'n';
    memcpy(out_key + STORE_KEY_PREFIX_BYTES + 1, node.bytes, sizeof node.bytes);
}

void identifier_row_pack(const struct identifier_row *row, struct buf *buf)
{
    pack_u8(buf, ROW_VERSION);
    pack_u8(buf, row->erased ? ROW_ERASED : ROW_LIVE);
    if (row->erased) {
        pack_uint(buf, row->sequence);
        pack_text(buf, row->refusals);
        return;
    }
    bool custom = row->identifier.type == IDENTIFIER_CUSTOM;
    pack_uuid(buf, row->node);
    pack_u8(buf, (uint8_t)row->identifier.type);
    pack_text(buf, custom ? row->identifier.name : SLICE_NONE);
    pack_text(buf, row->identifier.value);
    pack_uint(buf, row->sequence);
    pack_uint(buf, row->after_erasure);
}

enum status identifier_row_unpack(struct slice bytes, struct identifier_row *out_row)
{
    struct unpack in = unpack_of(bytes);
    struct identifier_row row = {0};
    unsigned version = unpack_u8(&in), kind = unpack_u8(&in), type = 0;
    row.erased = kind == ROW_ERASED;
    if (row.erased) {
        row.sequence = unpack_uint(&in);
        row.refusals = unpack_text(&in);
    } else {
        row.node = unpack_uuid(&in);
        type = unpack_u8(&in);
        row.identifier.name = unpack_text(&in);
        row.identifier.value = unpack_text(&in);
        row.sequence = unpack_uint(&in);
        row.after_erasure = unpack_uint(&in);
    }
    if (!unpack_finished(&in) || version != ROW_VERSION || kind > ROW_ERASED ||
        type >= IDENTIFIER_TYPE_COUNT)
        return STATUS_CORRUPT;
    row.identifier.type = (enum identifier_type)type;
    if (!row.erased && row.identifier.type != IDENTIFIER_CUSTOM)
        row.identifier.name = slice_of(identifier_type_name(row.identifier.type));
    *out_row = row;
    return STATUS_OK;
}

enum status identifier_of_node(struct store *store, uint32_t workspace, struct uuid node,
                               struct arena *arena, struct identifier *out_identifier)
{
    uint8_t key[IDENTIFIER_KEY_BYTES];
    struct slice value;
    struct identifier_row row;
    identifier_node_key(workspace, node, key);
    enum status status =
        store_get(store, SPACE_IDENTIFIER, slice_make(key, sizeof key), arena, &value);
    if (status == STATUS_OK)
        status = identifier_row_unpack(value, &row);
    if (status == STATUS_OK)
        *out_identifier = row.identifier;
    return status;
}

enum status identity_find(struct store *store, uint32_t workspace,
                          const struct identifier *identifier, struct uuid *out_node)
{
    const struct identity_at now = {.store = store, .workspace = workspace, .sequence = UINT64_MAX};
    return identity_find_as_known(&now, identifier, out_node);
}

enum status identity_find_as_known(const struct identity_at *at,
                                   const struct identifier *identifier, struct uuid *out_node)
{
    uint8_t key[IDENTIFIER_KEY_BYTES];
    struct slice value;
    struct identifier_row row;
    struct arena arena;
    arena_init(&arena);
    identifier_key(at->workspace, identifier_hash(at->store, identifier), key);
    enum status status =
        store_get(at->store, SPACE_IDENTIFIER, slice_make(key, sizeof key), &arena, &value);
    if (status == STATUS_OK)
        status = identifier_row_unpack(value, &row);
    if (status == STATUS_OK && (row.erased || row.sequence > at->sequence))
        status = STATUS_NOT_FOUND;
    if (status == STATUS_OK)
        *out_node = row.node;
    arena_done(&arena);
    return status;
}

/* --- links ------------------------------------------------------------------------------------ */

static size_t add_bytes(uint8_t *key, size_t at, const void *bytes, size_t size)
{
    memcpy(key + at, bytes, size);
    return at + size;
}

size_t link_prefix(uint32_t workspace, struct uuid node, enum link_kind kind, uint8_t *out_key)
{
    store_key_prefix(workspace, out_key);
    size_t size = add_bytes(out_key, STORE_KEY_PREFIX_BYTES, node.bytes, sizeof node.bytes);
    out_key[size] = (uint8_t)kind;
    return size + 1;
}

size_t link_key(uint32_t workspace, enum link_kind kind, const struct link *link, uint8_t *out_key)
{
    bool outward = kind == LINK_FROM || kind == LINK_CLAIMS;
    struct uuid other = outward ? link->to : link->from;
    size_t size = link_prefix(workspace, outward ? link->from : link->to, kind, out_key);
    if (kind == LINK_FROM || kind == LINK_TO) {
        key_put_time(out_key + size, link->valid_from_ms);
        key_put_u64(out_key + size + 8, link->known_sequence);
        size += 16;
    }
    return add_bytes(out_key, size, other.bytes, sizeof other.bytes);
}

static void pack_link(const struct link *link, struct buf *buf)
{
    pack_u8(buf, ROW_VERSION);
    pack_u8(buf, link->proven ? LINK_PROVEN : 0);
    pack_u8(buf, (uint8_t)link->from_type);
    pack_u8(buf, (uint8_t)link->to_type);
    pack_uuid(buf, link->from);
    pack_uuid(buf, link->to);
    pack_int(buf, link->valid_from_ms);
    pack_uint(buf, link->order.source);
    pack_bytes(buf, link->order.message.bytes, sizeof link->order.message.bytes);
    pack_u64(buf, link->known_sequence);
    pack_u64(buf, link->withdrawn_sequence);
}

static enum status unpack_link(struct slice bytes, struct link *out_link)
{
    struct unpack in = unpack_of(bytes);
    struct link link = {0};
    unsigned version = unpack_u8(&in), flags = unpack_u8(&in);
    unsigned from_type = unpack_u8(&in), to_type = unpack_u8(&in);
    link.from = unpack_uuid(&in);
    link.to = unpack_uuid(&in);
    link.valid_from_ms = unpack_int(&in);
    uint64_t source = unpack_uint(&in);
    struct slice message = unpack_bytes(&in, sizeof link.order.message.bytes);
    link.known_sequence = unpack_u64(&in);
    link.withdrawn_sequence = unpack_u64(&in);
    if (!unpack_finished(&in) || version != ROW_VERSION || from_type >= IDENTIFIER_TYPE_COUNT ||
        to_type >= IDENTIFIER_TYPE_COUNT || source > UINT32_MAX || flags > LINK_PROVEN)
        return STATUS_CORRUPT;
    link.from_type = (enum identifier_type)from_type;
    link.to_type = (enum identifier_type)to_type;
    link.proven = flags & LINK_PROVEN;
    link.order = (struct event_order){.time_ms = link.valid_from_ms, .source = (uint32_t)source};
    memcpy(link.order.message.bytes, message.data, message.size);
    *out_link = link;
    return STATUS_OK;
}

/* Most nodes have no links: one look at this row spares a search through a range. */
static void put_linked(struct ledger_write *write, struct uuid node)
{
    uint8_t key[LINK_KEY_BYTES_MAX];
    size_t size = link_prefix(write->workspace, node, LINK_LINKED, key);
    store_batch_put(write->batch, write->store, SPACE_LINK, slice_make(key, size), SLICE_NONE);
}

static enum status is_linked(const struct identity_at *at, struct uuid node, struct arena *arena,
                             bool *out_linked)
{
    uint8_t key[LINK_KEY_BYTES_MAX];
    struct slice nothing;
    size_t size = link_prefix(at->workspace, node, LINK_LINKED, key);
    enum status status = store_get(at->store, SPACE_LINK, slice_make(key, size), arena, &nothing);
    *out_linked = status == STATUS_OK;
    return status == STATUS_NOT_FOUND ? STATUS_OK : status;
}

void link_put(struct ledger_write *write, const struct link *link)
{
    uint8_t key[LINK_KEY_BYTES_MAX];
    struct buf buf;
    buf_init(&buf, LINK_BYTES_MAX);
    pack_link(link, &buf);
    assert(!buf.overflowed);
    enum link_kind kinds[2] = {LINK_FROM, LINK_TO};
    if (!link->proven) {
        kinds[0] = LINK_CLAIMS;
        kinds[1] = LINK_CLAIMED_BY;
    } else {
        put_linked(write, link->from);
        put_linked(write, link->to);
    }
    for (unsigned i = 0; i < 2; i++) {
        size_t size = link_key(write->workspace, kinds[i], link, key);
        store_batch_put(write->batch, write->store, SPACE_LINK, slice_make(key, size),
                        buf_slice(&buf));
    }
    buf_done(&buf);
}

static enum status load_range(const struct identity_at *at, const struct store_range *range,
                              struct arena *arena, struct link_list *out_list)
{
    struct store_iterator *iterator = store_iterate(at->store, SPACE_LINK, range);
    struct link *links = NULL;
    size_t count = 0, capacity = 0;
    struct slice key, value;
    enum status status = STATUS_OK;
    while (status == STATUS_OK && store_next(iterator, &key, &value)) {
        if (count == capacity) {
            capacity = capacity == 0 ? LINKS_FIRST : capacity * 2;
            struct link *larger = ARENA_ARRAY(arena, capacity, struct link);
            if (count > 0)
                memcpy(larger, links, count * sizeof *links);
            links = larger;
        }
        status = unpack_link(value, &links[count++]);
    }
    if (status == STATUS_OK)
        status = store_iterator_status(iterator);
    store_iterator_close(iterator);
    if (status == STATUS_OK)
        *out_list = (struct link_list){.links = links, .count = count};
    return status;
}

enum status links_load(const struct identity_at *at, struct uuid node, enum link_kind kind,
                       struct arena *arena, struct link_list *out_list)
{
    uint8_t prefix[LINK_KEY_BYTES_MAX], room[STORE_KEY_BYTES_MAX];
    bool linked = true;
    enum status status = STATUS_OK;
    *out_list = (struct link_list){0};
    if (kind == LINK_FROM || kind == LINK_TO)
        status = is_linked(at, node, arena, &linked);
    if (status != STATUS_OK || !linked)
        return status;
    size_t size = link_prefix(at->workspace, node, kind, prefix);
    struct store_range range = store_range_of_prefix(slice_make(prefix, size), room);
    return load_range(at, &range, arena, out_list);
}

enum status links_load_around(const struct identity_at *at, struct uuid node, struct arena *arena,
                              struct links_around *out_links)
{
    uint8_t from[LINK_KEY_BYTES_MAX], to[LINK_KEY_BYTES_MAX];
    struct link_list all;
    struct store_range range = {
        .from = slice_make(from, link_prefix(at->workspace, node, LINK_FROM, from)),
        .to = slice_make(to, link_prefix(at->workspace, node, LINK_CLAIMS, to))};
    bool linked;
    *out_links = (struct links_around){0};
    enum status status = is_linked(at, node, arena, &linked);
    if (status != STATUS_OK || !linked)
        return status;
    status = load_range(at, &range, arena, &all);
    if (status != STATUS_OK)
        return status;
    size_t outward = 0; /* they come first */
    while (outward < all.count && uuid_equal(all.links[outward].from, node))
        outward++;
    *out_links =
        (struct links_around){.outward = {.links = all.links, .count = outward},
                              .inward = {.links = outward < all.count ? all.links + outward : NULL,
                                         .count = all.count - outward}};
    return STATUS_OK;
}
