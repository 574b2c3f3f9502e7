/* What is popular within a category, a brand or any other attribute value: decayed counts, list
 * by list.
 *
 * One struct popularity counts one thing (views for trending, units sold for best sellers) with
 * one half-life. An observation adds to the list of every key given: (category, "Chaussures >
 * Trail"), (brand, "Salomon") … Bounded: POPULARITY_ITEMS_MAX items a list and the lists_max
 * heaviest lists, both by space-saving (Metwally et al. 2005): a newcomer takes the place and
 * the weight of the lightest, and what it took counts as error, not as score. Worst case about
 * 130 bytes an item of each list, popularity_bytes says how much it is.
 *
 * Observing, publishing and packing are one thread's, in sequence order; a snapshot is immutable
 * and any thread's. Same observations, same bytes. The caller gives only what may teach. */
#ifndef VISAVIS_LEARN_POPULARITY_H
#define VISAVIS_LEARN_POPULARITY_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/status.h"

enum {
    POPULARITY_ITEMS_MAX = 128,
    POPULARITY_LISTS_MAX = 4096, /* lists_max is at most that */
    POPULARITY_KEY_BYTES_MAX = 512
};

struct popularity_key {
    struct slice attribute, value;
};

struct popularity_observation {
    int64_t time_ms;
    struct slice item;
    double weight; /* negative for what was returned: it never brings an item below nothing */
    const struct popularity_key *keys; /* longer ones than POPULARITY_KEY_BYTES_MAX are left out */
    size_t key_count;
};

struct popularity;
struct popularity *popularity_new(int64_t half_life_ms, size_t lists_max);
void popularity_free(struct popularity *popularity);
void popularity_observe(struct popularity *popularity,
                        const struct popularity_observation *observation);
void popularity_publish(struct popularity *popularity, int64_t now_ms);
size_t popularity_bytes(const struct popularity *popularity);

void popularity_pack(const struct popularity *popularity, struct buf *buf);
/* STATUS_CORRUPT. */
enum status popularity_unpack(struct slice bytes, struct popularity **out_popularity) MUST_CHECK;

struct popularity_snapshot;
const struct popularity_snapshot *popularity_pin(struct popularity *popularity); /* never NULL */
void popularity_unpin(const struct popularity_snapshot *snapshot);

struct popularity_score {
    struct slice item; /* borrowed from the snapshot */
    double weight; /* surely observed; times the list's scale: decayed to when it was published */
    uint32_t support; /* observations behind it */
};
struct popularity_list {
    const struct popularity_score *scores; /* best first, ties by item id */
    size_t count;
    double scale;
};
/* An empty list for a key that has none. */
struct popularity_list popularity_top(const struct popularity_snapshot *snapshot,
                                      const struct popularity_key *key);

#endif
