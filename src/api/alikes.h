/* The items most like one, kept once asked for: the answers of learn/content.h as steps take
 * them.
 *
 * Belongs to one snapshot of contents and must not outlive it; shared by all who pin it. An
 * answer depends on the snapshot and the item alone, so that it is the same kept or found anew.
 * Any thread asks, without a lock: a place is filled once, by exchange, with a list that nobody
 * changes. ALIKES_KEPT_MAX lists are kept, the first asked for first; what finds no place is
 * found anew each time. Where all have room one thread finds them ahead, so that hardly anybody
 * who asks waits. */
#ifndef VISAVIS_API_ALIKES_H
#define VISAVIS_API_ALIKES_H

#include "decide/input.h"
#include "learn/content.h"

struct alike {
    const struct shared_entry *item; /* its id and its hash; borrowed from the snapshot */
    double score;                    /* 0 to 1 */
    uint8_t parts[ALIKE_COUNT];      /* of the score, by content_kind, of VOICES_WHOLE */
};

struct alikes;
struct alikes *alikes_new(const struct content_snapshot *content);
struct alikes *alikes_ref(struct alikes *alikes);
void alikes_unref(struct alikes *alikes);
size_t alikes_bytes(const struct alikes *alikes);

/* Best first, GRAPH_NEIGHBOURS_MAX at most; they live as long as the alikes and the arena do. */
size_t alikes_find(struct alikes *alikes, struct slice item, struct arena *arena,
                   const struct alike **out_list);

/* Finds what some of the items are like before anybody asks, about 0.1 ms each; true while there
 * are more. Of a catalogue beyond ALIKES_KEPT_MAX none, for what is asked for is to find room. One
 * thread. */
bool alikes_find_ahead(struct alikes *alikes, size_t items);

#endif
