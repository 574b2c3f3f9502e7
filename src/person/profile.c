/* An empty profile, and how well a profile knows its person. */
#include "person/profile.h"

#include "base/clock.h"

void profile_init(struct profile *profile)
{
    memset(profile, 0, sizeof *profile);
    profile->last.time_ms = INT64_MIN;
}

static bool has_name(const struct profile *profile)
{
    static const char *const names[] = {"name",     "firstName", "first_name", "firstname",
                                        "lastName", "last_name", "lastname"};
    for (size_t i = 0; i < profile->trait_count; i++)
        for (size_t j = 0; j < sizeof names / sizeof *names; j++)
            if (slice_is(profile->traits[i].name, names[j]))
                return true;
    return false;
}

static size_t declared_facts(const struct profile *profile)
{
    size_t count = profile->place.source >= PLACE_POSTCODE;
    for (size_t i = 0; i < profile->trait_count; i++)
        count += profile->traits[i].source <= TRAIT_IMPORTED;
    for (size_t i = 0; i < profile->size_count; i++)
        count += profile->sizes[i].declared;
    return count;
}

static bool has_live_affinity(const struct profile *profile, int64_t now_ms)
{
    for (size_t i = 0; i < profile->affinity_count; i++)
        if (profile_affinity_at(&profile->affinities[i], now_ms) >= 0.5)
            return true;
    return false;
}

enum { FACTS_WANTED = 3, SEEN_DAYS_WANTED = 90 };

/* What keeps a profile below a level, first come first told; NULL when nothing does. */
struct obstacle {
    unsigned level; /* that it keeps from */
    bool stands;
    const char *french, *english;
};

static const struct obstacle *first_obstacle(const struct profile *profile, int64_t now_ms,
                                             struct obstacle obstacles[7])
{
    bool known = profile->has_email || profile->has_user_id || profile->has_phone;
    bool seen = now_ms - profile->last_seen_ms <= (int64_t)SEEN_DAYS_WANTED * MS_PER_DAY;
    const struct obstacle all[7] = {
        {2, !known, "un identifiant connu : compte, e-mail ou téléphone",
         "a known identifier: an account, an e-mail address or a phone number"},
        {2, !has_name(profile) && profile->place.source == PLACE_NONE, "un nom ou un lieu",
         "a name or a place"},
        {3, profile->view_count == 0 && profile->order_count == 0,
         "des produits vus ou une commande", "products seen or an order"},
        {3, declared_facts(profile) < FACTS_WANTED,
         "trois informations déclarées (par exemple une taille, un anniversaire, une ville)",
         "three declared facts (such as a size, a birthday, a town)"},
        {4, profile->order_count == 0, "une commande", "an order"},
        {4, !seen, "une visite depuis moins de 90 jours", "a visit within the last 90 days"},
        {4, !has_live_affinity(profile, now_ms),
         "des goûts récents, lus dans ce qui est vu ou acheté",
         "recent tastes, read in what is seen or bought"},
    };
    memcpy(obstacles, all, sizeof all);
    for (size_t i = 0; i < 7; i++)
        if (obstacles[i].stands)
            return &obstacles[i];
    return NULL;
}

unsigned profile_level(const struct profile *profile, int64_t now_ms, const char **out_missing_fr,
                       const char **out_missing_en)
{
    struct obstacle obstacles[7];
    const struct obstacle *obstacle = first_obstacle(profile, now_ms, obstacles);
    if (out_missing_fr)
        *out_missing_fr = obstacle ? obstacle->french : "";
    if (out_missing_en)
        *out_missing_en = obstacle ? obstacle->english : "";
    return obstacle ? obstacle->level - 1 : 4;
}
