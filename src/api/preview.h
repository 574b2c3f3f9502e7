/* What would be shown: decisions for up to five people side by side, of published placements or
 * drafts, at any instant. Nothing is logged, counted, learned or exposed; nobody is held out, and
 * nothing is left to chance but what a quota of new arrivals draws.
 *
 * The person is read as known today and as a decision would: nothing without consent. Tastes, hours
 * and schedules are those of the instant; catalogue and models those of now. Costs what the
 * decisions cost, PREVIEW_DECISIONS_MAX at most, and a fold of who is not kept: not on a loop. */
#ifndef VISAVIS_API_PREVIEW_H
#define VISAVIS_API_PREVIEW_H

#include "api/decide_call.h"
#include "api/engine.h"
#include "decide/explain.h"

enum {
    PREVIEW_PEOPLE_MAX = 5,
    PREVIEW_DECISIONS_MAX = 20,
    PREVIEW_LIST_MAX = 100, /* items, tastes and sizes of an example */
    PREVIEW_BYTES_MAX = 8 << 20
};

enum preview_who { PREVIEW_NOBODY, PREVIEW_NAMED, PREVIEW_EXAMPLE, PREVIEW_VISITOR };

struct preview_person {
    enum preview_who who;
    struct identifier identifier; /* PREVIEW_NAMED */
    struct uuid decision;         /* PREVIEW_VISITOR: who was met in it, never named */
    struct decide_person facts;   /* PREVIEW_EXAMPLE */
    struct uuid node;             /* out: of the named and of visitors; zero: nobody is known */
    struct uuid person;           /* out: of visitors, as their decision knew them */
    uint8_t trust;                /* out: of visitors, as in their decision */
};

struct preview {
    const struct workspace *workspace;
    struct decide_call call; /* placements and context */
    int64_t at_ms;
    const struct placement *drafts; /* instead of their namesakes */
    size_t draft_count;
    struct preview_person people[PREVIEW_PEOPLE_MAX];
    size_t person_count;
    enum audience_role role;
    enum locale locale;
};

/* The body of a call; drafts named by it are read from the store. STATUS_INVALID with the field. */
enum status preview_read(struct engine *engine, const struct json *body, struct arena *arena,
                         struct preview *preview, struct diag *diag) MUST_CHECK;
/* Finds out who visitors are. STATUS_NOT_FOUND and STATUS_GONE with the field. */
enum status preview_find_visitors(struct engine *engine, struct preview *preview,
                                  struct arena *arena, struct diag *diag) MUST_CHECK;
/* One JSON object (spec/openapi.yaml: Preview); fills the nodes of who is
 * named. */
enum status preview_write(struct engine *engine, struct preview *preview, struct arena *arena,
                          struct buf *buf) MUST_CHECK;

#endif
