#include "app/demo_people.h"

#include "app/simulate_world.h"

#include <stdio.h>

const uint64_t DEMO_SEED = 1;

static const double HAVE_AN_ACCOUNT = 0.5; /* of those who agree */
static const double OFTEN = 0.4;           /* visits a day: there is something to know */

static const char *const first_names[] = {
    "Alba",    "Bastien", "Cléa",    "Damien", "Elsa",   "Fabrice", "Gisèle",  "Hervé",     "Iris",
    "Joris",   "Katia",   "Laurent", "Maud",   "Nathan", "Odile",   "Perrine", "Quitterie", "Rémi",
    "Sybille", "Tanguy",  "Ulysse",  "Vanina", "Wendy",  "Yann",    "Zoé"};
static const char *const last_names[] = {"Ardoin",   "Bellavoine", "Chantrel",  "Dormelle",
                                         "Estival",  "Fontbrune",  "Grandlieu", "Hautecour",
                                         "Jolivaux", "Lormeau",    "Mirandole", "Noirval",
                                         "Orvault",  "Passerand",  "Quénolle",  "Rochebelle"};
static const struct {
    const char *city, *postcode;
} places[] = {{"Lille", "59000"},    {"Lyon", "69002"},      {"Nantes", "44000"},
              {"Paris", "75011"},    {"Rennes", "35000"},    {"Toulouse", "31000"},
              {"Bordeaux", "33000"}, {"Strasbourg", "67000"}};

enum { FIRST_NAMES = sizeof first_names / sizeof *first_names };
enum { LAST_NAMES = sizeof last_names / sizeof *last_names };
enum { PLACES = sizeof places / sizeof *places };
enum fact { FACT_ACCOUNT = 200, FACT_FIRST_NAME, FACT_LAST_NAME, FACT_PLACE };

enum status demo_world_init(struct world *out_world, struct diag *diag)
{
    struct slice text = SLICE_NONE;
    struct item *items = NULL;
    struct arena arena;
    size_t count = 0;
    world_init(out_world, DEMO_SEED, WORLD_ITEMS_MAX);
    arena_init(&arena);
    enum status status = simulate_own_catalog(&text, diag);
    if (status == STATUS_OK)
        status = simulate_read_items(text, &arena, &items, &count, diag);
    if (status == STATUS_OK)
        status = simulate_make_world(items, count, out_world, diag);
    arena_done(&arena);
    return status;
}

static size_t draw(const struct person *person, enum fact fact, size_t count)
{
    return (size_t)((double)count * world_uniform(DEMO_SEED, person->number + 16, fact));
}

/* An address says who it is without being one that could exist: ASCII, at example.org. */
struct demo_account demo_account(const struct person *person)
{
    unsigned long long number = person->number;
    size_t place = draw(person, FACT_PLACE, PLACES);
    double chance = world_uniform(DEMO_SEED, person->number + 16, FACT_ACCOUNT);
    struct demo_account account = {
        .has_one = person->agreement == AGREES && chance < HAVE_AN_ACCOUNT,
        .first_name = first_names[draw(person, FACT_FIRST_NAME, FIRST_NAMES)],
        .last_name = last_names[draw(person, FACT_LAST_NAME, LAST_NAMES)],
        .city = places[place].city,
        .postcode = places[place].postcode};
    (void)snprintf(account.user_id, DEMO_TEXT, "demo-client-%03llu", number);
    (void)snprintf(account.email, DEMO_TEXT, "client.%03llu@example.org", number);
    return account;
}

/* --- at four depths --------------------------------------------------------------------------- */

void demo_faces(uint64_t out_numbers[DEMO_FACES])
{
    size_t count = 0;
    for (uint64_t number = 0; count < DEMO_FACES; number++) {
        struct person person = person_make(DEMO_SEED, number);
        if (person.visits_per_day > OFTEN && demo_account(&person).has_one)
            out_numbers[count++] = number;
    }
}

struct demo_face demo_face(uint64_t number, unsigned level)
{
    struct demo_face face = {0};
    (void)snprintf(face.anonymous_id, DEMO_TEXT, "51e00000-0000-4000-8000-%08llx%04x",
                   (unsigned long long)number, level);
    if (level > 1)
        (void)snprintf(face.user_id, DEMO_TEXT, "demo-client-%03llu-%u", (unsigned long long)number,
                       level);
    return face;
}
