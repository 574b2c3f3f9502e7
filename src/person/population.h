/* How many people there are, and at which level each may be met: exact for few, else from a bounded
 * sample that says it is one.
 *
 * Identifiers lie under keyed hashes, which are spread evenly: those that follow a random place are
 * a fair sample of all, and how closely they lie tells how many there are. Each node was minted for
 * one identifier and each person has one root node, so an identifier stands for a person when its
 * node is its own root. Of those some are read, as a decision would, for their level.
 *
 * Costs at most POPULATION_IDENTIFIERS rows, a look at the links of each and POPULATION_ASKED
 * profiles, folded when they are not kept: tens of milliseconds, so not on a loop. Counts alone
 * leave; nobody is named. */
#ifndef VISAVIS_PERSON_POPULATION_H
#define VISAVIS_PERSON_POPULATION_H

#include "person/people.h"

enum { POPULATION_IDENTIFIERS = 2000, POPULATION_ASKED = 400, POPULATION_LEVELS = 4 };

struct population {
    int64_t at_ms;
    bool sampled; /* else people is exact */
    bool levels_sampled;
    uint64_t people;     /* about, when sampled */
    uint64_t recognised; /* share of those asked who may be recognised today: consent is given … */
    uint64_t asked;      /* … of so many */
    uint64_t levels[POPULATION_LEVELS]; /* of those asked, level 1 first */
};
enum status population_count(struct people *people, uint32_t workspace, int64_t now_ms,
                             struct population *out_population) MUST_CHECK;

#endif
