#include "api/person_facts.h"

#include "base/hash.h"

static struct slice basis_of(const struct person_view *view)
{
    switch (view->gate) {
    case GATE_GRANTED:
    case GATE_BASIS:
        return SLICE("granted");
    case GATE_DENIED:
        return SLICE("denied");
    case GATE_OBJECTED:
        return SLICE("objected");
    case GATE_MINOR:
        return SLICE("minor");
    case GATE_UNKNOWN:
    case GATE_COUNT:
        break;
    }
    return SLICE("unknown");
}

static void take_items(const struct profile *profile, struct arena *arena,
                       struct decide_person *person)
{
    struct slice *recents = ARENA_ARRAY(arena, profile->recent_count, struct slice);
    struct slice *bought = ARENA_ARRAY(arena, profile->bought_count, struct slice);
    struct slice *basket = ARENA_ARRAY(arena, profile->basket_count, struct slice);
    for (size_t i = 0; i < profile->recent_count; i++)
        recents[person->recent_count++] = profile->recents[i].item;
    for (size_t i = 0; i < profile->bought_count; i++)
        if (profile->bought[i].quantity > 0)
            bought[person->bought_count++] = profile->bought[i].item;
    for (size_t i = 0; i < profile->basket_count; i++)
        basket[person->basket_count++] = profile->basket[i].item;
    person->recents = recents;
    person->bought = bought;
    person->basket = basket;
}

static void take_affinities(const struct profile *profile, int64_t now_ms, struct arena *arena,
                            struct decide_person *person)
{
    struct decide_affinity *affinities =
        ARENA_ARRAY(arena, profile->affinity_count, struct decide_affinity);
    for (size_t i = 0; i < profile->affinity_count; i++) {
        const struct profile_affinity *from = &profile->affinities[i];
        float weight = (float)profile_affinity_at(from, now_ms);
        if (weight > 0)
            affinities[person->affinity_count++] =
                (struct decide_affinity){from->attribute, from->value, weight};
    }
    person->affinities = affinities;
}

static void take_sizes(const struct profile *profile, struct arena *arena,
                       struct decide_person *person)
{
    struct decide_size *sizes = ARENA_ARRAY(arena, profile->size_count, struct decide_size);
    for (size_t i = 0; i < profile->size_count; i++) {
        const struct profile_size *from = &profile->sizes[i];
        if (i == 0 || !slice_equal(from->system, profile->sizes[i - 1].system))
            sizes[person->size_count++] = (struct decide_size){from->system, from->size};
    }
    person->sizes = sizes;
}

struct slice view_digest(const struct person_view *view, struct arena *arena)
{
    struct buf bytes;
    buf_init(&bytes, (size_t)4 * PROFILE_BYTES_MAX);
    people_view_pack(view, &bytes);
    struct hash128 digest = hash128(buf_slice(&bytes));
    buf_done(&bytes);
    return arena_copy(arena, slice_make(digest.bytes, sizeof digest.bytes));
}

void person_facts(const struct person_view *view, int64_t now_ms, struct arena *arena,
                  struct decide_person *out_person)
{
    *out_person = (struct decide_person){.basis = basis_of(view)};
    if (!view->open || view->incomplete)
        return;
    if (view->profile->robot) { /* a kiosk's history is that of many */
        out_person->basis = SLICE("robot");
        return;
    }
    out_person->personal = true;
    out_person->level = view->level;
    take_items(view->profile, arena, out_person);
    take_affinities(view->profile, now_ms, arena, out_person);
    take_sizes(view->profile, arena, out_person);
    out_person->view = view_digest(view, arena);
}

static void take_owned(const struct profile *profile, struct arena *arena,
                       struct evidence_source *source)
{
    struct repurchase_owned *owned =
        ARENA_ARRAY(arena, profile->bought_count, struct repurchase_owned);
    for (size_t i = 0; i < profile->bought_count; i++) {
        const struct profile_bought *bought = &profile->bought[i];
        const struct item *item = catalog_find(source->catalog, bought->item);
        if (item && bought->quantity > 0)
            owned[source->owned_count++] = (struct repurchase_owned){.item = item->id,
                                                                     .category = item->category,
                                                                     .first_ms = bought->time_ms,
                                                                     .last_ms = bought->time_ms,
                                                                     .times = 1};
    }
    source->owned = owned;
}

/* The visit under way: what they saw with less than half an hour between, up to now. */
static size_t visit_count(const struct profile *profile, int64_t now_ms)
{
    int64_t after_ms = now_ms;
    size_t count = 0;
    while (count < profile->recent_count &&
           profile->recents[count].time_ms >= after_ms - SESSION_GAP_MS)
        after_ms = profile->recents[count++].time_ms;
    return count;
}

void person_evidence(const struct person_view *view, int64_t now_ms, struct arena *arena,
                     struct evidence_source *source)
{
    source->profile = view->profile;
    take_owned(view->profile, arena, source);
    source->visit_count = visit_count(view->profile, now_ms);
}

static size_t lesser(size_t count, size_t room)
{
    return count < room ? count : room;
}

const struct profile *person_recalled(const struct decide_person *person, int64_t at_ms,
                                      struct arena *arena)
{
    if (!person->personal)
        return NULL;
    struct profile *profile = ARENA_NEW(arena, struct profile);
    profile->recent_count = lesser(person->recent_count, PROFILE_RECENT_MAX);
    profile->basket_count = lesser(person->basket_count, PROFILE_BASKET_MAX);
    profile->bought_count = lesser(person->bought_count, PROFILE_BOUGHT_MAX);
    for (size_t i = 0; i < profile->recent_count; i++)
        profile->recents[i] =
            (struct profile_recent){.item = person->recents[i], .time_ms = at_ms, .views = 1};
    for (size_t i = 0; i < profile->basket_count; i++)
        profile->basket[i] =
            (struct profile_line){.item = person->basket[i], .quantity = 1, .time_ms = at_ms};
    for (size_t i = 0; i < profile->bought_count; i++)
        profile->bought[i] =
            (struct profile_bought){.item = person->bought[i], .quantity = 1, .time_ms = at_ms};
    return profile;
}
