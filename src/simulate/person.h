/* One simulated person: hidden facts that follow from (seed, number), and the little they remember.
 *
 * A plain value of fixed size, owned by whoever walks it; no thread, no clock. Days are simulated
 * ones since 1970. */
#ifndef VISAVIS_SIMULATE_PERSON_H
#define VISAVIS_SIMULATE_PERSON_H

#include "base/random.h"
#include "simulate/world.h"

enum { PERSON_REMEMBERS = 16 };

/* What a lower price does to them: the four of uplift modelling. */
enum attitude {
    ATTITUDE_PERSUADABLE, /* buys because of it */
    ATTITUDE_SURE_THING,  /* would buy anyway */
    ATTITUDE_LOST_CAUSE,  /* hardly buys, whatever the price */
    ATTITUDE_PUT_OFF      /* mistrusts it ("sleeping dog") */
};
enum agreement { AGREES, REFUSES, HAS_NOT_CHOSEN };
enum channel { CHANNEL_DIRECT, CHANNEL_SEARCH, CHANNEL_EMAIL, CHANNEL_SOCIAL };
enum tone { TONE_PLAIN, TONE_WARM, TONE_EXPERT, TONE_PLAYFUL };

struct deed {
    size_t item;
    double day;
};

struct person {
    uint64_t number;
    enum attitude attitude;
    enum agreement agreement;
    enum channel channel; /* by which they mostly come */
    enum tone tone;       /* moves no choice yet: no text is shown */
    double budget;        /* dearness at which they like to buy: 0 is the usual price */
    double size;          /* where in a range of sizes theirs is, in [0, 1) */
    double hour;          /* of the day, UTC, at which they mostly come */
    double peak_day;      /* of the year, around which they come most */
    double visits_per_day;
    struct random_stream stream;                                  /* of what they do */
    struct deed seen[PERSON_REMEMBERS], bought[PERSON_REMEMBERS]; /* rings */
    size_t seen_count, bought_count;                              /* ever */
    unsigned visits, orders;
    double next_day; /* of their next visit */
};

/* The identifier of its browser: "sim-SEED-NUMBER". */
enum { PERSON_NAME_BYTES = 48 };
void person_name(uint64_t seed, uint64_t number, char out_name[PERSON_NAME_BYTES]);

struct person person_make(uint64_t seed, uint64_t number);
void person_saw(struct person *person, size_t item, double day);
void person_bought(struct person *person, size_t item, double day);
/* How much they like a trait: its weight times a standard normal number. */
double person_taste(const struct world *world, const struct person *person,
                    const struct world_trait *trait);
/* Plans the visit after an instant: a Poisson process at their season's rate, moved to their
 * hour. */
void person_plan(struct person *person, double after_day);

const char *attitude_word(enum attitude attitude);
const char *agreement_word(enum agreement agreement);
const char *channel_word(enum channel channel);
const char *tone_word(enum tone tone);

#endif
