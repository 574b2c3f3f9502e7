/* The record of a decision call: all that a replay needs, and a hash of what was answered.
 *
 * Written once a call under decision_call(id), in its own space with an age limit. Measured by
 * bench/decide_bench.c; aim ≤ 1 kB a placement, at most DECISION_RECORD_BYTES_MAX, which the buf it
 * is packed into keeps: an overflowed buf means there is no record, and the caller says so.
 *
 * Bytes, version 1 (varint: LEB128; text: varint size and bytes; id: varint into the strings, 0 is
 * the empty text):
 *   u8 1 · varint policy version · u64 seed · uuid call · varint sequence · uuid asker node ·
 *   u8 trust · u64 answer hash
 *   strings: varint count, each u8 size of the prefix shared with the one before + 16 × size of
 *            the rest (15: varint size follows), the rest
 *   pairs:   varint count, each id name, id value
 *   moment:  zigzag now_ms · zigzag offset · u8 locale + 2 explain + 4 personal · varint deadline ·
 *            id type, text url, id item, id category · ids cart
 *   person:  varint level · ids recents, bought, basket · affinities: varint count, each varint
 *            pair, f64 weight · id basis · text view · text call events
 *   titles:  varint count, each id item, text title
 *   wishes:  varint count, each: id placement · varint count · ids exclude · varint stages cut ·
 *            u8 mask and f32s highest · varint mask and varints dropped · varint dropped personal ·
 *            candidates: varint count, each: zigzag id less the id before · u8 mask of answers (5
 *            bits) + 32 in stock + 64 has more + 128 as many attributes as the one before [· varint
 *            hidden + 2 × mask of personal that changed + 64 × mask of because that changed] · f32
 *            an answer · id a because that changed · [varint attribute count ·] varint pair each
 *   (ids: varint count and so many ids)
 * "Changed": against the last candidate of the wish that the same strategy answered for, first
 * against no and empty. Answers that count for nothing (not positive, not finite) are written as
 * absent. */
#ifndef VISAVIS_DECIDE_RECORD_H
#define VISAVIS_DECIDE_RECORD_H

#include "decide/input.h"

struct decision_record {
    struct decide_input input; /* input.policy holds only the version when unpacked */
    uint32_t policy_version;   /* packed: taken from input.policy */
    uint64_t sequence;         /* what was known */
    /* how to find the person again for --refold, zero when contextual */
    struct uuid asker_node;
    uint8_t asker_trust;
    struct slice call_events; /* in-request events, packed by the api */
    uint64_t answer_hash;     /* hash64 of decide_write_answer */
    uint32_t dropped;         /* unpacked: candidates counted, not kept, of all wishes */
};

/* input must have been trimmed before it was run (decide_trim). */
void decision_record_pack(const struct decision_record *record, struct buf *buf);
/* Borrows from bytes. STATUS_CORRUPT on anything that pack does not write. */
enum status decision_record_unpack(struct slice bytes, struct arena *arena,
                                   struct decision_record *out_record) MUST_CHECK;

#endif
