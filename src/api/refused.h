/* Messages that were refused, kept seven days with their reason, so that nothing disappears in
 * silence. A ledger kind; any thread submits. */
#ifndef VISAVIS_API_REFUSED_H
#define VISAVIS_API_REFUSED_H

#include "base/diag.h"
#include "base/json_out.h"
#include "ledger/ledger.h"
#include "person/refusal.h"

enum { REFUSED_MESSAGE_BYTES_MAX = 4096 };

/* On its way, beside the events of the same commit. message: the raw text, cut at
 * REFUSED_MESSAGE_BYTES_MAX, with no identifier taken out: it ages out after REFUSED_MS and goes
 * with an erasure of anyone it names. Empty from a browser key, whose visitor's consent was not
 * read. */
struct refused {
    struct ledger_entry entry; /* first */
    uint32_t source;
    struct slice message;
    enum refusal refusal;
    struct diag diag;
    size_t index;            /* in its batch */
    struct slice message_id; /* its own, for the answer; empty when it has none that can be read */
};
void refused_init(struct ledger *ledger, struct refused *refused, uint32_t workspace);
void refused_register(struct ledger *ledger);

enum { REFUSED_ID_BYTES = 16 };

/* A kept one; the message borrows. */
struct refused_row {
    uint8_t id[REFUSED_ID_BYTES]; /* time and sequence: rises with time */
    int64_t time_ms;
    uint32_t source;
    enum refusal refusal;
    struct diag diag; /* the field, the place, and the sentence of a reason without words */
    struct slice message;
};
typedef enum status refused_visitor(void *context, const struct refused_row *row);
/* Newest first, those older than the one named `after` (NULL: all), at most limit. */
struct refused_range {
    uint32_t workspace;
    const uint8_t *after;
    size_t limit;
};
enum status refused_each(struct store *store, const struct refused_range *range,
                         refused_visitor *visitor, void *context) MUST_CHECK;
void refused_write(const struct refused_row *row, enum locale locale, struct json_out *out);

#endif
