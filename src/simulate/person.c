#include "simulate/person.h"

#include <math.h>
#include <stdio.h>

static const double VISITS_PER_DAY = 0.25, SEASONAL = 0.5, HOUR_SPREAD = 2, BUDGET_SPREAD = 0.35;
static const double AGREE = 0.70, REFUSE = 0.15, YEAR = 365.25, TURN = 6.283185307179586;

enum fact {
    FACT_ATTITUDE = 100,
    FACT_AGREEMENT,
    FACT_CHANNEL,
    FACT_TONE,
    FACT_BUDGET,
    FACT_SIZE,
    FACT_HOUR,
    FACT_SEASON,
    FACT_RATE,
    FACT_STREAM
};

void person_name(uint64_t seed, uint64_t number, char out_name[PERSON_NAME_BYTES])
{
    (void)snprintf(out_name, PERSON_NAME_BYTES, "sim-%llu-%llu", (unsigned long long)seed,
                   (unsigned long long)number);
}

struct person person_make(uint64_t seed, uint64_t number)
{
    uint64_t key = number + 16; /* apart from what the world itself draws */
    double agreement = world_uniform(seed, key, FACT_AGREEMENT);
    struct person person = {
        .number = number,
        .attitude = (enum attitude)(4 * world_uniform(seed, key, FACT_ATTITUDE)),
        .agreement = agreement < AGREE            ? AGREES
                     : agreement < AGREE + REFUSE ? REFUSES
                                                  : HAS_NOT_CHOSEN,
        .channel = (enum channel)(4 * world_uniform(seed, key, FACT_CHANNEL)),
        .tone = (enum tone)(4 * world_uniform(seed, key, FACT_TONE)),
        .budget = BUDGET_SPREAD * world_normal(seed, key, FACT_BUDGET),
        .size = world_uniform(seed, key, FACT_SIZE),
        .hour = 7 + 15 * world_uniform(seed, key, FACT_HOUR),
        .peak_day = YEAR * (floor(4 * world_uniform(seed, key, FACT_SEASON)) + 0.5) / 4,
        .visits_per_day = VISITS_PER_DAY * exp(0.5 * world_normal(seed, key, FACT_RATE)),
    };
    double word = world_uniform(seed, key, FACT_STREAM);
    person.stream = random_stream((uint64_t)(word * 0x1p53));
    return person;
}

static void remember(struct deed ring[PERSON_REMEMBERS], size_t *inout_count, struct deed deed)
{
    ring[(*inout_count)++ % PERSON_REMEMBERS] = deed;
}

void person_saw(struct person *person, size_t item, double day)
{
    remember(person->seen, &person->seen_count, (struct deed){item, day});
}

void person_bought(struct person *person, size_t item, double day)
{
    remember(person->bought, &person->bought_count, (struct deed){item, day});
}

double person_taste(const struct world *world, const struct person *person,
                    const struct world_trait *trait)
{
    return trait->weight * world_normal(world->seed, person->number + 16, trait->hash);
}

/* A standard normal number of a stream. */
static double normal(struct random_stream *stream)
{
    double radius = sqrt(-2 * log(1 - random_unit(stream)));
    return radius * cos(TURN * random_unit(stream));
}

void person_plan(struct person *person, double after_day)
{
    double season = 1 + SEASONAL * cos(TURN * (after_day - person->peak_day) / YEAR);
    double gap = -log(1 - random_unit(&person->stream)) / (person->visits_per_day * season);
    double hour = person->hour + HOUR_SPREAD * normal(&person->stream);
    double day = floor(after_day + gap) + hour / 24;
    person->next_day = day > after_day ? day : day + 1 + floor(after_day - day);
}

const char *attitude_word(enum attitude attitude)
{
    static const char *const words[] = {"persuadable", "sure_thing", "lost_cause", "put_off"};
    return words[attitude];
}

const char *agreement_word(enum agreement agreement)
{
    static const char *const words[] = {"agrees", "refuses", "has_not_chosen"};
    return words[agreement];
}

const char *channel_word(enum channel channel)
{
    static const char *const words[] = {"direct", "search", "email", "social"};
    return words[channel];
}

const char *tone_word(enum tone tone)
{
    static const char *const words[] = {"plain", "warm", "expert", "playful"};
    return words[tone];
}
