/* Keys and values of events, dedup and log rows of person/. Any thread. docs/internals/format.md
 * has the same.
 *
 *   event  node 16 | time 8 | source 4 | hash128(messageId) 16 → the record: byte order is fold
 *          order
 *   dedup  source 4 | hash128(messageId) 16 → time accepted u64 | sequence u64
 *   log    an event's value: the 44 bytes behind the event key's prefix, then what learning
 *          takes of it, then the choices it told again, then the touched profiles
 *          (people_record.c)
 *   taken  act u8 (0: nothing, and nothing behind it) | stamp uint | count uint, each hash64 of
 *          the item's id u64, quantity int: the items that the catalogue knew
 *
 *   told   purposes uint on the event's node | purposes uint on the device | node of the device 16
 *   again  unless the second are 0
 *
 * Log rows hold hashes and numbers alone: they outlive an erasure in files not yet compacted. */
#ifndef VISAVIS_PERSON_PEOPLE_ROWS_H
#define VISAVIS_PERSON_PEOPLE_ROWS_H

#include "base/pack.h"
#include "ledger/ledger.h"
#include "person/event.h"

enum {
    EVENT_KEY_BYTES = STORE_KEY_PREFIX_BYTES + 44,
    EVENT_PLACE_BYTES = 44,
    DEDUP_KEY_BYTES = STORE_KEY_PREFIX_BYTES + 20
};

void event_key(uint32_t workspace, struct uuid node, const struct event_order *order,
               uint8_t out_key[EVENT_KEY_BYTES]);
struct event_order event_key_order(struct slice key);
/* Key of the first event of a node at or after an instant; INT64_MAX: beyond all. */
void event_key_from(uint32_t workspace, struct uuid node, int64_t time_ms,
                    uint8_t out_key[EVENT_KEY_BYTES]);
void dedup_key(uint32_t workspace, const struct event_order *order,
               uint8_t out_key[DEDUP_KEY_BYTES]);
/* The log row's part of an event, appended; and read back, with what stands behind it.
 * STATUS_CORRUPT. */
void event_log_pack(const struct event *event, struct buf *log_value);
enum status event_log_unpack(struct slice log_value, struct arena *arena,
                             struct event_lesson *out_lesson, struct slice *out_rest) MUST_CHECK;
/* Choices that an event told again, and whose rows wait for a checkpoint (renewals.h). */
struct told_again {
    uint32_t home, device; /* purposes, a bit each */
    struct uuid device_node;
};
void told_again_pack(const struct told_again *told, struct buf *log_value);
struct told_again told_again_unpack(struct unpack *in);
/* Sequence and kept state of a record without unpacking it; 0 when it is too short. */
uint64_t event_record_sequence(struct slice record);

#endif
