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

/* Some of them are also there as visitors of whom the shop was told less: the same person, the same
 * walks, at four depths. Level 1 opened a page; 2 has also given a name; 3 was also seen looking;
 * 4 has done all that the person did. */
enum { DEMO_FACES = 8, DEMO_LEVELS = 4 };
void demo_faces(uint64_t out_numbers[DEMO_FACES]);
/* anonymousId (a UUID, as the tag makes them) and userId, empty at level 1. */
struct demo_face {
    char anonymous_id[DEMO_TEXT], user_id[DEMO_TEXT];
};
struct demo_face demo_face(uint64_t number, unsigned level);

#endif
