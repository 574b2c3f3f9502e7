/* A map that readers share while a writer makes the next one: immutable, reference-counted,
 * copied by page.
 *
 * Entries are found by key and by position; a new map shares every page of the old one in which
 * nothing changed, so a change among a million entries copies a few dozen pointers. An entry is
 * embedded in the user's struct and belongs to all maps that hold it: it goes when the last of
 * them goes. Making maps is for one thread at a time; reading, ref and unref are for any. Order
 * is by hash of the key: the same entries give the same order whatever came first. */
#ifndef VISAVIS_BASE_SHARED_MAP_H
#define VISAVIS_BASE_SHARED_MAP_H

#include "base/slice.h"

#include <stdatomic.h>

struct shared_entry {
    _Atomic uint32_t refs;
    uint64_t hash;
    struct slice key;                         /* lives as long as the entry */
    void (*done)(struct shared_entry *entry); /* the last reference went: free what embeds it */
};

/* One reference, the caller's. */
void shared_entry_init(struct shared_entry *entry, struct slice key,
                       void (*done)(struct shared_entry *entry));
void shared_entry_ref(struct shared_entry *entry);
void shared_entry_unref(struct shared_entry *entry);

/* Puts an entry in place of the one with its key, or with entry NULL takes the key away. */
struct shared_change {
    struct slice key;
    struct shared_entry *entry;
};

struct shared_map;
struct shared_map *shared_map_new(void);
/* The map after the changes; of several with one key the last counts. Takes references of its
 * own on the entries; the old map stays as it was. */
struct shared_map *shared_map_with(const struct shared_map *map,
                                   const struct shared_change *changes, size_t count);
void shared_map_ref(struct shared_map *map);
void shared_map_unref(struct shared_map *map);

size_t shared_map_count(const struct shared_map *map);
struct shared_entry *shared_map_find(const struct shared_map *map, struct slice key);
/* The same, by somebody who has hash64(key) at hand. */
struct shared_entry *shared_map_find_hashed(const struct shared_map *map, struct slice key,
                                            uint64_t hash);
/* 0 ≤ index < count; positions mean something within one map only. */
struct shared_entry *shared_map_at(const struct shared_map *map, size_t index);

#endif
