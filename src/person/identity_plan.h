/* What an event's identifiers will do, decided before anything is put: candidates by strength,
 * links, limits. Ledger thread. */
#ifndef VISAVIS_PERSON_IDENTITY_PLAN_H
#define VISAVIS_PERSON_IDENTITY_PLAN_H

#include "base/limits.h"
#include "person/identity_cache.h"

struct candidate {
    const struct identifier *identifier;
    struct hash128 hash;
    struct uuid node;
    bool fresh;                /* to be minted */
    struct identifier_row row; /* of a fresh one: erased and what survived, or zero */
};

/* Each proven identifier but the home makes at most a link, and a second one where it cuts
 * another owner's run. */
enum { PLAN_LINKS_MAX = 2 * EVENT_IDENTIFIERS_MAX, PLAN_CHANGED_MAX = 4 * EVENT_IDENTIFIERS_MAX };

struct identity_plan {
    struct identity *identity;
    struct ledger_write *write;
    const struct event *event;
    struct candidate proven[EVENT_IDENTIFIERS_MAX], claimed[EVENT_IDENTIFIERS_MAX];
    size_t proven_count, claimed_count; /* proven[0] is the home */
    struct link links[PLAN_LINKS_MAX];
    size_t link_count;
    struct evidence skipped[EVENT_IDENTIFIERS_MAX];
    size_t skipped_count;
    struct uuid changed[PLAN_CHANGED_MAX];
    size_t changed_count;
};

/* Sorts the event's identifiers into proven and claimed, strongest first. STATUS_INVALID:
 * nothing proven is left. */
enum status plan_collect(struct identity_plan *plan) MUST_CHECK;
/* Fills node, or marks the candidate fresh with a new node. */
enum status plan_find(struct identity_plan *plan, struct candidate *candidate) MUST_CHECK;
/* Links of the proven ones to the home; the weakest are dropped until no limit is exceeded. */
enum status plan_links(struct identity_plan *plan) MUST_CHECK;

#endif
