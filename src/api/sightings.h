/* What arrived of late, for whoever connects a shop: the last messages with what became of them
 * and why, and counts that tell whether an integration is whole (item ids that the catalogue
 * knows, page types, consent, pages told twice, origins turned away).
 *
 * In memory, since the server's start. Nothing of it says who: no identifier, no address of a
 * page, no message; a page is remembered for a second by a hash, to tell two tags from one.
 * Bounded: a ring and small tables, some 100 kB a workspace, SIGHTINGS_WORKSPACES of them; what
 * comes beyond is not counted. Any thread; one mutex, held for the length of a call's messages. */
#ifndef VISAVIS_API_SIGHTINGS_H
#define VISAVIS_API_SIGHTINGS_H

#include "base/json_out.h"
#include "person/event.h"

enum {
    SIGHTINGS_WORKSPACES = 64,
    SIGHTINGS_KEPT = 100,
    SIGHTINGS_A_CALL = 20, /* of one call the last ones, so that an import leaves some others */
    SIGHTINGS_PAGE_TYPES = 24,
    SIGHTINGS_ORIGINS = 32,
    SIGHTINGS_BYTES_MAX = 256 << 10
};

enum sighted_result { SIGHTED_KEPT, SIGHTED_AGAIN, SIGHTED_COUNTED, SIGHTED_REFUSED };

/* One message; texts borrow. */
struct sighted {
    enum sighted_result result;
    const struct event *event;  /* NULL: it could not be read, or is counted alone */
    struct slice type, name;    /* "track", its event's name; empty where unknown */
    struct slice library;       /* that sent it */
    struct slice field, detail; /* of a refused one */
    bool consents;              /* it says something of consent */
};

struct sightings;
struct sightings *sightings_new(int64_t now_ms);
void sightings_free(struct sightings *sightings);

/* The messages of one call, in their order. key: its id. */
struct sightings_call {
    uint32_t workspace;
    struct slice key;
    int64_t now_ms;
    const struct sighted *list;
    size_t count;
};
void sightings_note(struct sightings *sightings, const struct sightings_call *call);
/* A page that asked for placements. */
void sightings_page(struct sightings *sightings, uint32_t workspace, struct slice type,
                    int64_t now_ms);
/* A key that was used from an origin it is not bound to. */
void sightings_origin(struct sightings *sightings, uint32_t workspace, struct slice key,
                      struct slice origin, int64_t now_ms);
/* It is allowed now. */
void sightings_forget_origin(struct sightings *sightings, uint32_t workspace, struct slice origin);

/* Members of an object (spec/openapi.yaml: Integration). */
void sightings_write(struct sightings *sightings, uint32_t workspace, struct json_out *out);

#endif
