/* See profile_row.h.
 *
 *   row   version u8 = 1 | flags u8 (1 known) | sequence u64 | from int | valid until int |
 *         name 16 | packed profile text
 *   card  sequence u64 | valid until int | root 16 | packed consent text (never stored) */
#include "person/profile_row.h"

#include "base/pack.h"
#include "store/store.h"

enum { ROW_VERSION = 1, ROW_KNOWN = 1 };

void profile_row_key(uint32_t workspace, struct uuid node, enum scope scope,
                     uint8_t out_key[PROFILE_KEY_BYTES])
{
    store_key_prefix(workspace, out_key);
    memcpy(out_key + STORE_KEY_PREFIX_BYTES, node.bytes, sizeof node.bytes);
    out_key[PROFILE_KEY_BYTES - 1] = (uint8_t)scope;
}

void profile_row_pack(const struct profile_row *row, struct buf *buf)
{
    pack_u8(buf, ROW_VERSION);
    pack_u8(buf, row->known ? ROW_KNOWN : 0);
    pack_u64(buf, row->sequence);
    pack_int(buf, row->from_ms);
    pack_int(buf, row->valid_until_ms);
    pack_uuid(buf, row->name);
    pack_text(buf, row->profile);
}

enum status profile_row_unpack(struct slice bytes, struct profile_row *out_row)
{
    struct unpack in = unpack_of(bytes);
    struct profile_row row = {0};
    unsigned version = unpack_u8(&in), flags = unpack_u8(&in);
    row.known = flags & ROW_KNOWN;
    row.sequence = unpack_u64(&in);
    row.from_ms = unpack_int(&in);
    row.valid_until_ms = unpack_int(&in);
    row.name = unpack_uuid(&in);
    row.profile = unpack_text(&in);
    if (!unpack_finished(&in) || version != ROW_VERSION || flags > ROW_KNOWN)
        return STATUS_CORRUPT;
    *out_row = row;
    return STATUS_OK;
}

void card_pack(const struct card *card, struct buf *buf)
{
    struct buf consent;
    buf_init(&consent, CONSENT_BYTES_MAX);
    consent_pack(&card->consent, &consent);
    pack_u64(buf, card->sequence);
    pack_int(buf, card->valid_until_ms);
    pack_uuid(buf, card->root);
    pack_text(buf, buf_slice(&consent));
    buf_done(&consent);
}

enum status card_unpack(struct slice bytes, struct card *out_card)
{
    struct unpack in = unpack_of(bytes);
    out_card->sequence = unpack_u64(&in);
    out_card->valid_until_ms = unpack_int(&in);
    out_card->root = unpack_uuid(&in);
    struct slice consent = unpack_text(&in);
    return unpack_finished(&in) ? consent_unpack(consent, &out_card->consent) : STATUS_CORRUPT;
}
