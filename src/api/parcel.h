/* Events that came inside a decide call, on their way to the ledger after the answer has gone:
 * memory of their own, freed when they are on the disk. */
#ifndef VISAVIS_API_PARCEL_H
#define VISAVIS_API_PARCEL_H

#include "person/intake.h"
#include "person/people.h"

struct parcel;

/* Room for count events. */
struct parcel *parcel_new(size_t count);
/* Packs and takes a copy; the event may die. */
void parcel_add(struct parcel *parcel, const struct intake_output *output);
/* Those that are stored already, as of a sequence, no longer count for the call: its view holds
 * them. */
void parcel_skip_stored(struct parcel *parcel, struct people *people, uint32_t workspace,
                        uint64_t sequence);
/* The copies that count, as plain values that live until parcel_send; at most max. */
size_t parcel_events(const struct parcel *parcel, struct event *out_events, size_t max);
/* The records that count, one after the other, each as a text: what a decision record keeps. */
void parcel_pack(const struct parcel *parcel, struct buf *buf);
/* Hands over to the ledger, with one more entry after the events (NULL for none), and frees when
 * done; a full queue loses them, which `decide` does not promise to keep. on_done: called before
 * the parcel dies, with whether all was kept. */
struct parcel_company {
    struct ledger_entry *entry;
    void (*on_done)(struct ledger_entry *entry, bool kept);
};
bool parcel_send(struct parcel *parcel, struct people *people, struct ledger *ledger,
                 uint32_t workspace, struct parcel_company company);
/* On the ledger thread: the node under which the first event was stored, zero when none was. */
struct uuid parcel_node(const struct parcel *parcel);

#endif
