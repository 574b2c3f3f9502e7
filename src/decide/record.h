/* The record of a decision call: all that a replay needs, and a hash of what was answered.
 *
 * Written once a call under decision_call(id), in its own space with an age limit. Measured by
 * bench/decide_bench.c; aim ≤ 1 kB a placement, at most DECISION_RECORD_BYTES_MAX, which the buf
 * it is packed into keeps: an overflowed buf means there is no record, and the caller says so.
 *
 * Bytes, version 12 (varint: LEB128; mask: varint, a bit a column or removal; text: varint 0
 * empty, 1 new and then its bytes, n + 2 the n-th new one again; bytes: u8 size of the prefix
 * shared with the new text before + 16 × size of the rest (15: varint size follows), the rest;
 * blob: varint size, the bytes):
 *   u8 12 · varint policy version · u64 seed · uuid call · varint sequence · u8 trust + 4 node +
 *   8 person [· uuid node] [· uuid person] · u64 answer hash
 *   moment:  zigzag now_ms · zigzag offset · varint of locale + 2 explain + 4 personal +
 *            8 experiment + 16 facts + 32 blends + 64 traits + 128 margins + 256 sizes · varint
 *            deadline · text type · blob url · text item · text category · texts cart [· facts:
 *            zigzag price of the page · attributes of the page · varint count of the basket's,
 *            each text item, attributes] [· blends: f32 a weight of struct blend_weights]
 *   person:  varint level · texts recents, bought, basket · affinities: varint count, each text
 *            attribute, text value, f32 weight [· sizes: varint count, each text system, text
 *            size] · text basis · blob view · blob call events
 *   titles:  varint count, each text item, blob title
 *   wishes:  varint count, each: text placement · varint count · texts exclude ·
 *            varint count of things in order, each text id, u8 0 or 1 f32 affinity, varint views
 *            · varint count of asked, each u8 column, u8 strategy, u64 asks · mask cut · mask
 *            not ready · mask of highest, each f32 highest, varint answered · mask of dropped,
 *            each varint · varint dropped personal · varint newcomers · varint count of
 *            candidates, each: text item · varint of in stock + 2 hidden + 4 other answers + 8
 *            other because + 16 attributes + 32 voices + 64 same + 128 new + 256 × count of
 *            likes; of one that is not the same [· u8 age, of a new one] [· mask answers] [·
 *            mask of personal that changed
 *            · mask of because that changed, each u8 because] · f32 an answer · varint a like [·
 *            voices: mask of kinds, each: mask of titles · u8 what each but the last said [· of
 *            kinds that tell likeness: u8 mask of alike, each u8]] [· attributes] [· facts:
 *            zigzag price · zigzag stock] [· blends: u8 mask of terms, each u8] [· margins:
 *            zigzag margin] [· sizes: u8 fit [· of one that is there: text variant]]; then [·
 *            traits: varint count of attributes, each varint numbers of it; when there are any,
 *            of each candidate varint count, each varint number]
 *   experiment, when the moment says that some wish has an arm or is beyond the page's budget: a
 *            wish each, u8 arm + 4 explored + 8 beyond [· f64 share of the arm, when it has one]
 *   (texts: varint count and so many; attributes: varint count, each text name, text value)
 * "Same": in all that follows as the last candidate of an earlier wish that is this item.
 * "Other" and "changed": than the candidate of the wish before, or the last one that the same
 * strategy answered for; first than none. Answers that count for nothing (not positive, not
 * finite) are written as absent. */
#ifndef VISAVIS_DECIDE_RECORD_H
#define VISAVIS_DECIDE_RECORD_H

#include "decide/input.h"

struct decision_record {
    struct decide_input input; /* input.policy holds only the version when unpacked */
    uint32_t policy_version;   /* packed: taken from input.policy */
    uint64_t sequence;         /* what was known */
    /* how to find the person again for --refold, zero when contextual */
    struct uuid asker_node, asker_person;
    uint8_t asker_trust;      /* at most 3 */
    struct slice call_events; /* in-request events, packed by the api */
    uint64_t answer_hash;     /* hash64 of decide_write_answer */
    uint32_t explored;        /* bit per wish: its order was drawn at random */
    uint32_t dropped;         /* unpacked: candidates counted, not kept, of all wishes */
};

/* input must have been trimmed before it was run (decide_trim). */
void decision_record_pack(const struct decision_record *record, struct buf *buf);
/* Borrows from bytes. STATUS_CORRUPT on anything that pack does not write. */
enum status decision_record_unpack(struct slice bytes, struct arena *arena,
                                   struct decision_record *out_record) MUST_CHECK;

#endif
