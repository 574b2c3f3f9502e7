/* Which of a shop's trending items and best sellers lie in which category, so that a step that
 * keeps to one need not look at all of them in every call.
 *
 * Immutable, made from one snapshot of what was learned and one of the catalogue, both pinned
 * until it goes; reference-counted, any thread's. Some 30 bytes an item of the two lists and
 * category it lies in. */
#ifndef VISAVIS_API_CATEGORY_TOPS_H
#define VISAVIS_API_CATEGORY_TOPS_H

#include "catalog/catalog.h"
#include "learn/learn.h"

enum top_list { TOP_TRENDING, TOP_BEST_SELLERS, TOP_COUNT };

struct top_place {
    uint64_t category; /* hash64_pair("category", path): one of many places of the same */
    const struct learn_score *score;
};

struct category_tops;
/* Takes both pins over. */
struct category_tops *category_tops_new(const struct catalog_snapshot *catalog,
                                        const struct learn_snapshot *learned);
struct category_tops *category_tops_ref(struct category_tops *tops); /* NULL: NULL */
void category_tops_unref(const struct category_tops *tops);          /* may be NULL */
/* Would new ones of these two be other ones? tops: may be NULL. */
bool category_tops_are_old(const struct category_tops *tops, const struct catalog_snapshot *catalog,
                           const struct learn_snapshot *learned);

/* Do items lie in this catalogue as they are listed? tops: may be NULL. */
bool category_tops_are_of(const struct category_tops *tops, const struct catalog_snapshot *catalog);

/* Of the list what lies in the category or below it, best first; answers how many. Of another
 * catalogue than the caller's, it may have moved since: the caller looks at the item. Categories
 * are told apart by 64 bits of hash. */
size_t category_tops_find(const struct category_tops *tops, enum top_list list,
                          struct slice category, const struct top_place **out_places);

#endif
