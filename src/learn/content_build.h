/* The builder of an index of contents, for content.c (items) and content_features.c (what they
 * have). One thread. Within learn/ only. */
#ifndef VISAVIS_LEARN_CONTENT_BUILD_H
#define VISAVIS_LEARN_CONTENT_BUILD_H

#include "learn/content_state.h"

#include <pthread.h>

struct feature {
    char *key; /* NULL: a free number */
    char *shown;
    uint32_t key_size, shown_size, name_size; /* the name stands first in shown */
    uint64_t hash;
    uint32_t item_count, slot_count, slot_room;
    uint32_t *slots; /* ascending by the documents' order */
    bool dirty;
};

struct table { /* open addressing: number + 1, 0 empty */
    uint32_t *buckets;
    size_t room, used;
};

struct numbers { /* growing lists of small numbers */
    uint32_t *list;
    size_t count, room;
};

struct change {
    struct content_doc *doc; /* a reference of ours */
    bool gone;
};

struct content {
    struct content_weights weights;
    struct terms *terms;
    struct arena arena; /* of one put */

    struct feature *features;
    uint32_t feature_count, feature_room;
    struct table feature_table;
    struct numbers free_features, dirty_features;

    struct content_doc **docs; /* by slot; NULL: free */
    uint32_t slot_count, slot_room, live;
    struct table doc_table;
    struct numbers free_slots;
    struct change *changes; /* since the last publish */
    size_t change_count, change_room;
    size_t bytes; /* of documents and of features' keys, texts and lists */

    pthread_mutex_t lock;
    struct content_snapshot *published;
};

void numbers_push(struct numbers *numbers, uint32_t number);
bool numbers_pop(struct numbers *numbers, uint32_t *out_number);

/* hash_of(context, number) is the hash a number was put with. */
void table_put(struct table *table, uint64_t hash, uint32_t number);
void table_remove(struct table *table, size_t at, uint64_t (*hash_of)(void *, uint32_t),
                  void *context);
/* Makes room for one more. */
void table_grow(struct table *table, uint64_t (*hash_of)(void *, uint32_t), void *context);

struct naming { /* of a feature that an item has */
    enum use_kind kind;
    struct slice folded, name, value;
};
/* The number of a feature, a fresh one when it is new. */
uint32_t feature_intern(struct content *content, const struct naming *naming);
/* An item has it from now on, or no longer: its document stands in docs meanwhile. A feature that
 * nobody has any more is forgotten. */
void feature_add_item(struct content *content, uint32_t number, uint32_t slot);
void feature_drop_item(struct content *content, uint32_t number, uint32_t slot);
/* What changed since the last publish, put into the array that is published now. */
struct shared_array *features_publish(struct content *content);
void features_done(struct content *content);
size_t features_bytes(const struct content *content);

#endif
