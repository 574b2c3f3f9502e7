/* Drafts of placements: one a placement and workspace, beside what is published. Nothing is decided
 * by a draft.
 *
 * A ledger kind; rows of SPACE_CONFIG, read from the store when they are asked for (docs/internals/
 * format.md). A draft names what it began from, so that publishing it does not undo what somebody
 * else published meanwhile. Limits: a placement is read by the reader of published ones before. */
#ifndef VISAVIS_API_DRAFTS_H
#define VISAVIS_API_DRAFTS_H

#include "base/json.h"
#include "ledger/ledger.h"

enum {
    DRAFT_BYTES_MAX = 1 << 20,
    DRAFT_KEY_BYTES = STORE_KEY_PREFIX_BYTES + 17,
    DRAFTS_LISTED_MAX = 200
};

struct draft {
    struct slice base; /* revision of the published placement; empty: there was none */
    struct slice by;
    int64_t saved_ms;
    const struct json *placement;
};

void drafts_register(struct ledger *ledger);
struct slice draft_key(uint32_t workspace, struct slice placement, uint8_t room[DRAFT_KEY_BYTES]);

/* STATUS_NOT_FOUND: there is none. Any thread. */
enum status draft_get(struct store *store, uint32_t workspace, struct slice placement,
                      struct arena *arena, struct draft *out_draft) MUST_CHECK;
/* Waits for the sync; not from the ledger thread nor a loop. draft NULL takes it away, also when
 * there is none. */
enum status draft_put(struct ledger *ledger, uint32_t workspace, struct slice placement,
                      const struct draft *draft) MUST_CHECK;
/* Of every draft of a workspace, DRAFTS_LISTED_MAX at most: [{"id", "name", "by", "saved"}], in no
 * order that means anything. */
enum status drafts_write(struct store *store, uint32_t workspace, struct json_out *out) MUST_CHECK;
/* {"placement", "base", "by", "saved"} */
void draft_write(const struct draft *draft, struct json_out *out);

#endif
