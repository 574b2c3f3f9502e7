/* What one event does to a profile. docs/fold.md tells it to people, with the reasons. */
#include "person/fold.h"

#include "base/clock.h"
#include "person/affinity.h"
#include "person/rows.h"

#include <assert.h>

void fold_keep(struct slice *slot, struct slice text, struct arena *arena)
{
    if (text.size > PROFILE_NAME_BYTES_MAX || slice_equal(*slot, text))
        return;
    *slot = text.size > 0 ? arena_copy(arena, text) : SLICE_NONE;
}

bool fold_fits_item(struct slice item)
{
    return item.size > 0 && item.size <= ITEM_ID_BYTES_MAX;
}

int64_t fold_plus(int64_t a, int64_t b)
{
    int64_t sum;
    if (__builtin_add_overflow(a, b, &sum))
        return a < 0 ? INT64_MIN + 1 : INT64_MAX; /* INT64_MIN says unknown */
    return sum == INT64_MIN ? sum + 1 : sum;
}

/* --- presence: sessions and what was seen ----------------------------------------------------- */

/* Was the person there? A merchant's refund, our own exposure and an imported address book say
 * nothing of that. */
static bool is_presence(const struct event *event)
{
    switch (event->act) {
    case ACT_REFUND:
    case ACT_CANCEL:
    case ACT_EXPOSURE:
        return false;
    default:
        return !(event->flags & EVENT_IMPORTED && event->type == EVENT_IDENTIFY);
    }
}

static void fold_session(struct profile *profile, int64_t time_ms)
{
    bool goes_on =
        profile->session_count > 0 && time_ms - profile->session_last_ms <= SESSION_GAP_MS;
    if (!goes_on) {
        profile->session_count++;
        profile->session_start_ms = time_ms;
        profile->session_events = 0;
        profile->session_items = 0;
    }
    profile->session_last_ms = time_ms;
    profile->session_events++;
    profile->last_seen_ms = time_ms;
}

static void fold_recent(struct profile *profile, struct slice item, int64_t time_ms,
                        struct arena *arena)
{
    if (!fold_fits_item(item))
        return;
    struct profile_recent row = {.time_ms = time_ms, .views = 0};
    size_t index = 0;
    while (index < profile->recent_count && !slice_equal(profile->recents[index].item, item))
        index++;
    bool in_session = false;
    if (index < profile->recent_count) {
        row = profile->recents[index];
        in_session = row.time_ms >= profile->session_start_ms;
        rows_remove(profile->recents, sizeof row, &profile->recent_count, index);
    } else {
        row.item = arena_copy(arena, item);
    }
    profile->session_items += !in_session;
    row.time_ms = time_ms;
    row.views += row.views < UINT32_MAX;
    if (profile->recent_count == PROFILE_RECENT_MAX)
        profile->recent_count--;
    /* time ascends in a fold; rows of one instant stand by name */
    for (index = 0; index < profile->recent_count; index++) {
        const struct profile_recent *at = &profile->recents[index];
        if (at->time_ms < time_ms || slice_compare(at->item, row.item) > 0)
            break;
    }
    rows_insert(profile->recents, sizeof row, &profile->recent_count, index, &row);
}

/* --- affinities ------------------------------------------------------------------------------- */

static double weight_of(enum act act)
{
    switch (act) {
    case ACT_VIEW_ITEM:
    case ACT_CLICK_ITEM:
        return 1;
    case ACT_WISH:
        return 2;
    case ACT_ADD:
        return 3;
    case ACT_ORDER:
        return 5;
    case ACT_REMOVE:
    case ACT_UNWISH:
        return -2;
    case ACT_REFUND:
    case ACT_CANCEL:
        return -5;
    default:
        return 0;
    }
}

/* Names that tell one item from another rather than what kind it is: no taste shows in them. */
static bool tells_taste(const struct attribute *attribute)
{
    static const char *const names[] = {
        "url",         "link",     "image", "image_url", "image_link", "title",   "name",
        "description", "sku",      "gtin",  "ean",       "mpn",        "barcode", "price",
        "size_system", "position", "slug",  "stock",     "sale_price",
    };
    if (attribute->name.size == 0 || attribute->name.size > AFFINITY_NAME_BYTES_MAX ||
        attribute->value.size == 0 || attribute->value.size > AFFINITY_VALUE_BYTES_MAX)
        return false;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (slice_is(attribute->name, names[i]))
            return false;
    return true;
}

static bool told_before(const struct event_item *item, size_t index)
{
    for (size_t i = 0; i < index; i++)
        if (slice_equal(item->attributes[i].name, item->attributes[index].name) &&
            slice_equal(item->attributes[i].value, item->attributes[index].value))
            return true;
    return false;
}

static void fold_affinities(struct profile *profile, const struct event *event, struct arena *arena)
{
    double delta = weight_of(event->act);
    if (delta > -0.5 && delta < 0.5)
        return;
    affinity_advance(profile, event->order.time_ms);
    for (size_t i = 0; i < event->item_count; i++) {
        const struct event_item *item = &event->items[i];
        for (size_t j = 0; j < item->attribute_count; j++)
            if (tells_taste(&item->attributes[j]) && !told_before(item, j))
                affinity_add(profile, &item->attributes[j], delta, event->order.time_ms, arena);
    }
}

/* --- traits and place ------------------------------------------------------------------------- */

static size_t find_trait(const struct profile *profile, struct slice name, bool *out_found)
{
    size_t index = 0;
    int order = 1;
    while (index < profile->trait_count &&
           (order = slice_compare(profile->traits[index].name, name)) < 0)
        index++;
    *out_found = index < profile->trait_count && order == 0;
    return index;
}

static size_t oldest_trait(const struct profile *profile)
{
    size_t oldest = 0;
    for (size_t i = 1; i < profile->trait_count; i++)
        if (profile->traits[i].time_ms <= profile->traits[oldest].time_ms)
            oldest = i; /* of one instant: the greater name */
    return oldest;
}

static void set_trait(struct profile *profile, const struct profile_trait *trait,
                      struct arena *arena)
{
    bool found;
    size_t index = find_trait(profile, trait->name, &found);
    if (found && trait->value.size == 0) {
        rows_remove(profile->traits, sizeof *trait, &profile->trait_count, index);
        return;
    }
    if (trait->value.size == 0 || trait->value.size > PROFILE_TRAIT_BYTES_MAX)
        return;
    struct profile_trait row = *trait;
    if (found) {
        bool same = slice_equal(profile->traits[index].value, row.value);
        row.name = profile->traits[index].name;
        row.value = same ? profile->traits[index].value : arena_copy(arena, row.value);
        profile->traits[index] = row;
        return;
    }
    if (profile->trait_count == PROFILE_TRAITS_MAX) {
        size_t leaving = oldest_trait(profile);
        rows_remove(profile->traits, sizeof row, &profile->trait_count, leaving);
        index -= leaving < index;
    }
    row.name = arena_copy(arena, row.name);
    row.value = arena_copy(arena, row.value);
    rows_insert(profile->traits, sizeof row, &profile->trait_count, index, &row);
}

/* "size", "shoe_size" and "size.<system>" declare a size; what they declare stands in sizes
 * alone. */
static bool declares_size(struct slice name, struct slice *out_system)
{
    if (slice_is(name, "size"))
        *out_system = name;
    else if (slice_is(name, "shoe_size") || slice_is(name, "shoeSize"))
        *out_system = SLICE("shoe");
    else if (slice_starts_with(name, SLICE("size.")))
        *out_system = slice_from(name, 5);
    else
        return false;
    return true;
}

/* Identifiers and addresses have their own places. */
static bool stands_elsewhere(struct slice name)
{
    return slice_is(name, "email") || slice_is(name, "phone") || slice_is(name, "password") ||
           slice_starts_with(name, SLICE("address."));
}

static void fold_traits(struct profile *profile, const struct event *event, struct arena *arena)
{
    enum trait_source source = TRAIT_OBSERVED;
    if (event->flags & EVENT_IMPORTED)
        source = TRAIT_IMPORTED;
    else if (event->type == EVENT_IDENTIFY)
        source = TRAIT_DECLARED;
    for (size_t i = 0; i < event->trait_count; i++) {
        const struct event_trait *trait = &event->traits[i];
        struct slice system;
        if (declares_size(trait->name, &system)) {
            fold_size_declared(profile, system, trait->value, arena);
            continue;
        }
        if (trait->name.size == 0 || trait->name.size > PROFILE_NAME_BYTES_MAX ||
            stands_elsewhere(trait->name))
            continue;
        struct profile_trait row = {trait->name, trait->value, source, event->order.time_ms};
        set_trait(profile, &row, arena);
    }
}

static void fold_place(struct profile *profile, const struct event *event, struct arena *arena)
{
    struct profile_place *place = &profile->place;
    if (event->locale.size > 0)
        fold_keep(&profile->locale, event->locale, arena);
    if (event->timezone.size > 0)
        fold_keep(&profile->timezone, event->timezone, arena);
    if (event->place_source == PLACE_NONE || event->place_source > PLACE_DECLARED ||
        event->place_source < place->source)
        return;
    fold_keep(&place->country, event->country, arena);
    fold_keep(&place->region, event->region, arena);
    fold_keep(&place->city, event->city, arena);
    fold_keep(&place->postcode, event->postcode, arena);
    place->source = (enum place_source)event->place_source;
    place->time_ms = event->order.time_ms;
}

static void fold_identifiers(struct profile *profile, const struct event *event)
{
    for (size_t i = 0; i < event->identifier_count; i++) {
        const struct identifier *identifier = &event->identifiers[i];
        if (!identifier->proven)
            continue;
        profile->has_email |= identifier->type == IDENTIFIER_EMAIL;
        profile->has_user_id |= identifier->type == IDENTIFIER_USER_ID;
        profile->has_phone |= identifier->type == IDENTIFIER_PHONE;
    }
}

/* --- the fold --------------------------------------------------------------------------------- */

static void fold_trade(struct profile *profile, const struct event *event, struct arena *arena)
{
    switch (event->act) {
    case ACT_ADD:
    case ACT_REMOVE:
    case ACT_VIEW_CART:
    case ACT_CHECKOUT:
        fold_basket(profile, event, arena);
        break;
    case ACT_ORDER:
        fold_order(profile, event, arena);
        break;
    case ACT_REFUND:
    case ACT_CANCEL:
        fold_refund(profile, event, arena);
        break;
    default:
        break;
    }
}

static void fold_behaviour(struct profile *profile, const struct event *event, struct arena *arena)
{
    if (profile->first_seen_ms == 0)
        profile->first_seen_ms = event->order.time_ms;
    if (is_presence(event))
        fold_session(profile, event->order.time_ms);
    profile->search_count += event->act == ACT_SEARCH;
    if (event->act == ACT_VIEW_ITEM) {
        profile->view_count++;
        for (size_t i = 0; i < event->item_count; i++)
            fold_recent(profile, event->items[i].item, event->order.time_ms, arena);
    }
    fold_affinities(profile, event, arena);
    fold_traits(profile, event, arena);
    fold_place(profile, event, arena);
    fold_identifiers(profile, event);
}

void profile_fold(struct profile *profile, const struct event *event, enum fold_part part,
                  struct arena *arena)
{
    assert(event_order_compare(&event->order, &profile->last) > 0);
    if (profile->last.time_ms / MS_PER_HOUR != event->order.time_ms / MS_PER_HOUR)
        profile->hour_events = 0;
    profile->last = event->order;
    if (event->sequence > profile->sequence_seen)
        profile->sequence_seen = event->sequence;
    bool robot = event->flags & EVENT_ROBOT;
    if (part == FOLD_ALL) {
        profile->event_count++;
        profile->robot_count += robot;
        profile->hour_events++;
        profile->tireless |= profile->event_count > PERSON_EVENTS_MAX ||
                             profile->hour_events > PERSON_HOUR_EVENTS_MAX;
        profile->robot = profile->tireless || profile->robot_count * 2 > profile->event_count;
    }
    if (robot || profile->tireless)
        return;
    if (part == FOLD_ALL)
        fold_behaviour(profile, event, arena);
    fold_trade(profile, event, arena);
    profile_trim(profile);
}
