#include "api/order_evidence.h"

static float affinity_to(const struct decide_person *person, struct slice id)
{
    for (size_t i = 0; i < person->affinity_count; i++)
        if (slice_is(person->affinities[i].attribute, "category") &&
            slice_equal(person->affinities[i].value, id))
            return person->affinities[i].weight;
    return 0;
}

static bool lies_in(const struct item *item, struct slice category)
{
    size_t count = 0;
    const struct attribute *attributes = item ? item_interests(item, &count) : NULL;
    for (size_t i = 0; i < count; i++)
        if (slice_is(attributes[i].name, "category") && slice_equal(attributes[i].value, category))
            return true;
    return false;
}

/* Items viewed lately in the category or below it. */
static uint16_t views_in(const struct item *const *viewed, size_t count, struct slice id)
{
    uint16_t views = 0;
    for (size_t i = 0; i < count; i++)
        views += lies_in(viewed[i], id);
    return views;
}

struct placement_evidence order_evidence(const struct evidence_source *source,
                                         const struct decide_input *input, const struct wish *wish,
                                         const struct placement *placement, struct arena *arena)
{
    const struct order_ids *ids = wish->order.count > 0 ? &wish->order : &placement->order;
    const struct profile *profile = source->profile;
    const struct item *viewed[PROFILE_RECENT_MAX];
    size_t viewed_count = profile ? profile->recent_count : 0;
    struct order_entry *entries = ARENA_ARRAY(arena, ids->count, struct order_entry);
    for (size_t i = 0; i < viewed_count; i++)
        viewed[i] = catalog_find(source->catalog, profile->recents[i].item);
    for (size_t i = 0; i < ids->count; i++) {
        entries[i] = (struct order_entry){.id = ids->list[i]};
        if (!profile || wish->arm == ARM_HOLDOUT)
            continue;
        entries[i].affinity = affinity_to(&input->person, ids->list[i]);
        entries[i].views = views_in(viewed, viewed_count, ids->list[i]);
    }
    return (struct placement_evidence){.order = entries, .order_count = ids->count};
}
