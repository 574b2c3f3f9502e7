/* How a simulated person chooses: utilities, examination by position, a multinomial logit with
 * leaving as an option. Pure but for the stream that is given. Formulas and parameters:
 * docs/simulation.md. */
#ifndef VISAVIS_SIMULATE_CHOICE_H
#define VISAVIS_SIMULATE_CHOICE_H

#include "simulate/person.h"

enum { CHOICE_NONE = -1, SLATE_MAX = 50 };

/* Position k, from 0, is examined with probability CHOICE_LOOKS_ON^k: the first always, each
 * further one when the one before was and the person looks on (the browsing part of the cascade
 * model, Craswell et al. 2008). */
extern const double CHOICE_LOOKS_ON;
/* The utility of leaving, against which items stand. */
extern const double CHOICE_LEAVE;

/* How many of a list's first positions are looked at; 0 for an empty list. */
size_t choice_examine(struct random_stream *stream, size_t count);
/* Draws one of count with P(j) = e^u_j / (e^leave + sum of e^u_k) (McFadden 1974), else
 * CHOICE_NONE. */
int choice_draw(struct random_stream *stream, const double *utilities, size_t count, double leave);
/* 1 / (1 + e^-x). */
double choice_logistic(double x);

/* What an item is worth to the person on a day, without satiation: tastes, quality, budget,
 * discount, whether their size is there. */
double choice_liking(const struct world *world, const struct person *person,
                     const struct world_item *item);
/* What is taken off, or added, for what they saw and bought: at most 0 but for what is due
 * again. */
double choice_satiation(const struct world *world, const struct person *person, size_t item,
                        double day);
/* How willing somebody of this attitude is to buy what they look at, above what it is worth. */
double choice_willing(enum attitude attitude);
/* The size of theirs; NULL of an item that comes in one. */
const struct world_size *choice_size(const struct person *person, const struct world_item *item);

#endif
