/* Who comes to the demo shop: people of the simulated world (simulate/person.h), of one seed, the
 * same at each start. Some of them have given a name. Nobody in it exists. */
#ifndef VISAVIS_APP_DEMO_PEOPLE_H
#define VISAVIS_APP_DEMO_PEOPLE_H

#include "base/diag.h"
#include "simulate/person.h"

enum { DEMO_PEOPLE = 800, DEMO_TEXT = 64 };
extern const uint64_t DEMO_SEED;

/* The embedded catalogue as these people see it; world_done ends it. */
enum status demo_world_init(struct world *out_world, struct diag *diag) MUST_CHECK;

/* What somebody with an account told the shop. */
struct demo_account {
    bool has_one;
    char user_id[DEMO_TEXT], email[DEMO_TEXT];
    const char *first_name, *last_name, *city, *postcode;
};
struct demo_account demo_account(const struct person *person);

#endif
