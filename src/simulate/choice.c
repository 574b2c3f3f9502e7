#include "simulate/choice.h"

#include <math.h>

const double CHOICE_LOOKS_ON = 0.85, CHOICE_LEAVE = 4.0;

/* Of prices. */
static const double BUDGET_WEIGHT = 1.0, PERSUADED = 6, PUT_OFF = 4, NO_SIZE = 6;
/* Of what was seen and bought: how much, and the half-life in days. */
static const double SEEN = 0.6, SEEN_DAYS = 3, BOUGHT = 2, BOUGHT_DAYS = 60, BOUGHT_SAME = 3;
/* Of what is used up: not wanted before this share of its time, wanted much until the other. */
static const double DUE_FROM = 0.7, DUE_UNTIL = 2, NOT_YET = 3, DUE = 2.5;

/* --- one of a list ---------------------------------------------------------------------------- */

size_t choice_examine(struct random_stream *stream, size_t count)
{
    size_t examined = count ? 1 : 0;
    while (examined < count && random_unit(stream) < CHOICE_LOOKS_ON)
        examined++;
    return examined;
}

int choice_draw(struct random_stream *stream, const double *utilities, size_t count, double leave)
{
    double mass = exp(leave);
    for (size_t i = 0; i < count; i++)
        mass += exp(utilities[i]);
    double left = random_unit(stream) * mass;
    for (size_t i = 0; i < count; i++) {
        left -= exp(utilities[i]);
        if (left < 0)
            return (int)i;
    }
    return CHOICE_NONE;
}

double choice_logistic(double x)
{
    return 1 / (1 + exp(-x));
}

/* --- what an item is worth -------------------------------------------------------------------- */

const struct world_size *choice_size(const struct person *person, const struct world_item *item)
{
    if (item->size_count == 0)
        return NULL;
    return &item->sizes[(size_t)(person->size * (double)item->size_count)];
}

static double discount_worth(enum attitude attitude, const struct world_item *item)
{
    double share = 1 - (double)item->price_minor / (double)item->list_price_minor;
    return attitude == ATTITUDE_PERSUADABLE ? PERSUADED * share
           : attitude == ATTITUDE_PUT_OFF   ? -PUT_OFF * share
                                            : 0;
}

double choice_liking(const struct world *world, const struct person *person,
                     const struct world_item *item)
{
    const struct world_size *size = choice_size(person, item);
    double apart = item->dearness - person->budget;
    double worth = item->quality - BUDGET_WEIGHT * apart * apart;
    for (size_t i = 0; i < item->trait_count; i++)
        worth += person_taste(world, person, &item->traits[i]);
    return worth + discount_worth(person->attitude, item) -
           (size && !size->available ? NO_SIZE : 0);
}

double choice_willing(enum attitude attitude)
{
    return attitude == ATTITUDE_SURE_THING ? 0.7 : attitude == ATTITUDE_LOST_CAUSE ? -0.7 : 0;
}

/* --- what was seen and bought ----------------------------------------------------------------- */

static size_t kept(size_t count)
{
    return count < PERSON_REMEMBERS ? count : PERSON_REMEMBERS;
}

/* Of what lasts: the same shelf is not wanted for long, the same thing even less. */
static double had_enough(const struct deed *deed, size_t item, double days)
{
    double sated = BOUGHT + (deed->item == item ? BOUGHT_SAME : 0);
    return -sated * exp2(-days / BOUGHT_DAYS);
}

static double due_again(double days, double need_days)
{
    return days < DUE_FROM * need_days ? -NOT_YET : days < DUE_UNTIL * need_days ? DUE : 0;
}

double choice_satiation(const struct world *world, const struct person *person, size_t item,
                        double day)
{
    const struct world_shelf *shelf = &world->shelves[world->items[item].shelf];
    double worth = 0, last_days = INFINITY;
    for (size_t i = 0; i < kept(person->seen_count); i++)
        if (person->seen[i].item == item)
            worth -= SEEN * exp2(-(day - person->seen[i].day) / SEEN_DAYS);
    for (size_t i = 0; i < kept(person->bought_count); i++) {
        const struct deed *deed = &person->bought[i];
        double days = day - deed->day;
        if (shelf->need_days > 0 && deed->item == item && days < last_days)
            last_days = days;
        if (shelf->need_days <= 0 && &world->shelves[world->items[deed->item].shelf] == shelf)
            worth += had_enough(deed, item, days);
    }
    return worth + (last_days < INFINITY ? due_again(last_days, shelf->need_days) : 0);
}
