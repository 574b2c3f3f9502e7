#include "simulate/walk.h"

#include <math.h>

/* What a mission adds to its shelf; what makes somebody buy what they look at; how often they go on
 * by the shop's own pages, look into their basket, and pay at the end. */
static const double MISSION = 1.5, BUYING = 3.6, OWN_WAY = 0.45, TO_MISSION = 0.6, TO_CART = 0.4,
                    PAYS = 0.7;
enum { LISTING = 12 }; /* items of the shop's own page of a category */

static bool chance(struct walk *walk, double probability)
{
    return random_unit(&walk->person->stream) < probability;
}

/* 20 to 100 seconds later. */
static void take_time(struct walk *walk)
{
    walk->day += (20 + 80 * random_unit(&walk->person->stream)) / 86400;
}

static void tell(struct walk *walk, enum deed_kind kind, size_t item, const char *decision)
{
    struct walk_deed deed = {.kind = kind, .item = item, .decision = decision};
    walk->doors->tell(walk->doors->context, walk, &deed);
}

static double worth(const struct walk *walk, size_t item)
{
    double mission = walk->world->items[item].shelf == walk->mission ? MISSION : 0;
    return walk->liking[item] + mission +
           choice_satiation(walk->world, walk->person, item, walk->day);
}

/* The index into items of what is chosen, or CHOICE_NONE. */
static int choose(struct walk *walk, const size_t *items, size_t count)
{
    double utilities[SLATE_MAX];
    size_t examined = choice_examine(&walk->person->stream, count);
    for (size_t i = 0; i < examined; i++)
        utilities[i] = worth(walk, items[i]);
    return choice_draw(&walk->person->stream, utilities, examined, CHOICE_LEAVE);
}

/* --- where to --------------------------------------------------------------------------------- */

/* One item of all by what it is worth: what they have in mind. */
static size_t have_in_mind(struct walk *walk)
{
    double mass = 0;
    for (size_t i = 0; i < walk->world->item_count; i++)
        mass += exp(walk->liking[i]);
    double left = random_unit(&walk->person->stream) * mass;
    for (size_t i = 0; i < walk->world->item_count; i++) {
        left -= exp(walk->liking[i]);
        if (left < 0)
            return i;
    }
    return walk->world->item_count - 1;
}

static bool by_list(struct walk *walk, size_t *out_item)
{
    struct slate slate = {0};
    walk->doors->show(walk->doors->context, walk, &slate);
    if (slate.count == 0)
        return false;
    tell(walk, DEED_LIST_SEEN, 0, slate.decision);
    int chosen = choose(walk, slate.items, slate.count);
    if (chosen == CHOICE_NONE)
        return false;
    tell(walk, DEED_CLICKED, slate.items[chosen], slate.decision);
    *out_item = slate.items[chosen];
    return true;
}

/* The shop's own page of a category, from some place on. */
static bool by_shelf(struct walk *walk, size_t *out_item)
{
    size_t items[LISTING] = {0};
    size_t at =
        chance(walk, TO_MISSION) ? walk->mission : walk->world->items[have_in_mind(walk)].shelf;
    const struct world_shelf *shelf = &walk->world->shelves[at];
    size_t count = shelf->item_count < LISTING ? shelf->item_count : LISTING;
    size_t from = (size_t)random_below(&walk->person->stream, shelf->item_count);
    for (size_t i = 0; i < count; i++)
        items[i] = shelf->items[(from + i) % shelf->item_count];
    int chosen = choose(walk, items, count);
    if (chosen != CHOICE_NONE)
        *out_item = items[chosen];
    return chosen != CHOICE_NONE;
}

/* --- a page ----------------------------------------------------------------------------------- */

static void look_at(struct walk *walk, size_t item)
{
    double wish = worth(walk, item) + choice_willing(walk->person->attitude) - BUYING;
    walk->page = PAGE_PRODUCT;
    walk->item = item;
    walk->choices[walk->choice_count++] = item;
    take_time(walk);
    tell(walk, DEED_VIEWED, item, "");
    person_saw(walk->person, item, walk->day);
    if (walk->basket_count == WALK_BASKET_MAX || !chance(walk, choice_logistic(wish)))
        return;
    take_time(walk);
    walk->basket[walk->basket_count++] = item;
    tell(walk, DEED_ADDED, item, "");
    person_bought(walk->person, item, walk->day); /* in the basket is as good as had */
    if (chance(walk, TO_CART))
        walk->page = PAGE_CART;
}

void walk_visit(struct walk *walk)
{
    const struct world *world = walk->world;
    for (size_t i = 0; i < world->item_count; i++)
        walk->liking[i] = choice_liking(world, walk->person, &world->items[i]);
    walk->day = walk->person->next_day;
    walk->page = PAGE_HOME;
    walk->mission = world->items[have_in_mind(walk)].shelf;
    walk->person->visits++;
    tell(walk, DEED_PAGE, 0, "");
    for (size_t pages = 0; pages < WALK_PAGES_MAX; pages++) {
        size_t item;
        if (!by_list(walk, &item) && !(chance(walk, OWN_WAY) && by_shelf(walk, &item)))
            break;
        look_at(walk, item);
    }
    walk->ordered = walk->basket_count > 0 && chance(walk, PAYS);
    if (!walk->ordered)
        return;
    take_time(walk);
    walk->person->orders++;
    tell(walk, DEED_ORDERED, 0, "");
}
