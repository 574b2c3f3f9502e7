#include "app/demo_shop.h"

#include "base/hash.h"
#include "embedded.h"

#include <stdio.h>

static const uint64_t SEED = 0x766973617669; /* "visavi" */

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

/* --- the shop --------------------------------------------------------------------------------- */

static struct slice attribute_of(const struct item *item, const char *name)
{
    for (size_t i = 0; i < item->attribute_count; i++)
        if (slice_is(item->attributes[i].name, name))
            return item->attributes[i].value;
    return SLICE_NONE;
}

static enum status read_ware(struct arena *arena, struct slice line, struct ware *out_ware,
                             struct diag *diag)
{
    const struct json *json;
    enum status status = json_parse(arena, line, &json, diag);
    if (status == STATUS_OK)
        status = catalog_item_from_json(json, SLICE("EUR"), arena, &out_ware->item, diag);
    if (status != STATUS_OK)
        return status;
    const struct item *item = &out_ware->item;
    struct slice rest;
    out_ware->colour = attribute_of(item, "color");
    out_ware->range = attribute_of(item, "range");
    out_ware->activity = attribute_of(item, "activity");
    out_ware->gender = attribute_of(item, "gender");
    if (!slice_cut(item->category, ' ', &out_ware->department, &rest))
        out_ware->department = item->category;
    out_ware->fame = 1.0 / (1.0 + (double)(hash64(item->id) % 24));
    return STATUS_OK;
}

enum status demo_shop_load(struct arena *arena, struct demo_shop *out_shop, struct diag *diag)
{
    const struct embedded_file *file = embedded_file(SLICE("demo-catalog.ndjson"));
    if (!file)
        return diag_set(diag, STATUS_NOT_FOUND, "", "This build carries no demo shop");
    size_t lines = 0;
    for (size_t i = 0; i < file->bytes.size; i++)
        lines += file->bytes.data[i] == '\n';
    struct demo_shop shop = {.wares = ARENA_ARRAY(arena, lines, struct ware)};
    struct slice line, rest = file->bytes;
    while (shop.count < lines && slice_cut(rest, '\n', &line, &rest)) {
        enum status status = read_ware(arena, line, &shop.wares[shop.count++], diag);
        if (status != STATUS_OK)
            return status;
    }
    *out_shop = shop;
    return STATUS_OK;
}

/* --- its shoppers ----------------------------------------------------------------------------- */

static const struct ware *any_ware(const struct demo_shop *shop, struct random_stream *stream)
{
    return &shop->wares[random_below(stream, shop->count)];
}

/* An address says who it is without being one that could exist: ASCII, at example.org. */
static void name_shopper(struct shopper *shopper)
{
    (void)snprintf(shopper->anonymous_id, SHOPPER_TEXT, "demo-visiteur-%03u", shopper->number);
    (void)snprintf(shopper->user_id, SHOPPER_TEXT, "demo-client-%03u", shopper->number);
    (void)snprintf(shopper->email, SHOPPER_TEXT, "client.%03u@example.org", shopper->number);
}

struct shopper demo_shopper(const struct demo_shop *shop, unsigned number)
{
    struct shopper shopper = {.number = number, .stream = random_stream(SEED + number)};
    struct random_stream *stream = &shopper.stream;
    uint64_t choice = random_below(stream, 100);
    shopper.choice = choice < 70 ? CHOICE_GRANTED : choice < 85 ? CHOICE_DENIED : CHOICE_NONE;
    shopper.known = random_below(stream, 3) == 0;
    shopper.first_name = first_names[random_below(stream, FIRST_NAMES)];
    shopper.last_name = last_names[random_below(stream, LAST_NAMES)];
    uint64_t place = random_below(stream, PLACES);
    shopper.city = places[place].city;
    shopper.postcode = places[place].postcode;
    const struct ware *liked = any_ware(shop, stream); /* one thing they love tells their tastes */
    shopper.brands[0] = liked->item.brand;
    shopper.brands[1] = any_ware(shop, stream)->item.brand;
    shopper.colour = liked->colour;
    shopper.department = liked->department;
    shopper.gender = random_below(stream, 2) ? SLICE("femme") : SLICE("homme");
    shopper.size = (size_t)random_below(stream, 4);
    name_shopper(&shopper);
    return shopper;
}

/* --- what they pick: a draw among all wares by weight ----------------------------------------- */

/* Made for the others; presents are bought all the same. */
static bool of_other_gender(const struct ware *ware, struct slice gender)
{
    return ware->gender.size && !slice_is(ware->gender, "mixte") &&
           !slice_equal(ware->gender, gender);
}

static double liking(const struct shopper *shopper, const struct ware *ware)
{
    double weight = ware->fame;
    if (slice_equal(ware->item.brand, shopper->brands[0]))
        weight *= 5;
    else if (slice_equal(ware->item.brand, shopper->brands[1]))
        weight *= 3;
    if (slice_equal(ware->colour, shopper->colour))
        weight *= 2;
    if (slice_equal(ware->department, shopper->department))
        weight *= 6;
    if (of_other_gender(ware, shopper->gender))
        weight *= 0.03;
    return weight;
}

static double nearness(const struct ware *ware, const struct ware *beside)
{
    double weight = 1;
    if (slice_equal(ware->item.category, beside->item.category))
        weight *= 5;
    if (slice_equal(ware->range, beside->range))
        weight *= 4;
    if (slice_equal(ware->activity, beside->activity))
        weight *= 2;
    if (slice_equal(ware->colour, beside->colour))
        weight *= 2;
    return weight;
}

static double fit(const struct ware *ware, const struct ware *to)
{
    double weight = 1;
    if (slice_equal(ware->item.category, to->item.category) && !slice_equal(ware->range, to->range))
        return weight * 0.1;
    if (slice_equal(ware->range, to->range))
        weight *= 25;
    if (slice_equal(ware->activity, to->activity))
        weight *= 5;
    if (slice_equal(ware->colour, to->colour))
        weight *= 4;
    return weight;
}

typedef double weighing(const struct ware *ware, const struct ware *other);

struct wish_for {
    const struct ware *other; /* never drawn itself; may be NULL */
    weighing *weigh;
};

static double weight_of(const struct shopper *shopper, const struct ware *ware,
                        const struct wish_for *wish)
{
    if (ware == wish->other)
        return 0;
    return liking(shopper, ware) * (wish->other ? wish->weigh(ware, wish->other) : 1);
}

static const struct ware *draw(const struct demo_shop *shop, struct shopper *shopper,
                               const struct wish_for *wish)
{
    double sum = 0;
    for (size_t i = 0; i < shop->count; i++)
        sum += weight_of(shopper, &shop->wares[i], wish);
    double left = random_unit(&shopper->stream) * sum;
    for (size_t i = 0; i < shop->count; i++) {
        left -= weight_of(shopper, &shop->wares[i], wish);
        if (left < 0)
            return &shop->wares[i];
    }
    return &shop->wares[shop->count - 1];
}

const struct ware *demo_pick(const struct demo_shop *shop, struct shopper *shopper,
                             const struct ware *beside)
{
    return draw(shop, shopper, &(struct wish_for){beside, nearness});
}

const struct ware *demo_complement(const struct demo_shop *shop, struct shopper *shopper,
                                   const struct ware *to)
{
    return draw(shop, shopper, &(struct wish_for){to, fit});
}

const struct variant *demo_variant(const struct shopper *shopper, const struct ware *ware)
{
    size_t count = ware->item.variant_count;
    return count ? &ware->item.variants[shopper->size % count] : NULL;
}
