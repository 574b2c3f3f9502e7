/* From a view of a person to what a decision reads of them: plain values, borrowed from the
 * view. */
#ifndef VISAVIS_API_PERSON_FACTS_H
#define VISAVIS_API_PERSON_FACTS_H

#include "api/strategies.h"
#include "person/people.h"

/* An unopened view gives an empty person whose bytes are those of an unknown visitor, but for
 * the basis, which is told to no one but the explanation. */
void person_facts(const struct person_view *view, int64_t now_ms, struct arena *arena,
                  struct decide_person *out_person);
/* What the models ask of a person: their views and orders with their times (how long a thing
 * lasts is the models' matter), of orders the items that source->catalog has; and how much of
 * their recent views belongs to the visit under way. */
void person_evidence(const struct person_view *view, int64_t now_ms, struct arena *arena,
                     struct evidence_source *source);
/* The other way round, as far as a record goes: the lists of a profile whose times are all that
 * instant. NULL unless personal. */
const struct profile *person_recalled(const struct decide_person *person, int64_t at_ms,
                                      struct arena *arena);
/* hash128 of people_view_pack: 16 bytes that prove what was read without keeping it twice. */
struct slice view_digest(const struct person_view *view, struct arena *arena);

#endif
