/* The whole machine without its faces: store, ledger, people, catalogue, models, policies and
 * decisions, opened in order and wired together.
 *
 * The server and every command work on one of these; who holds the data directory opens it. A
 * timer thread of its own publishes what was learned and follows the catalogue, another makes the
 * models anew from the log. Everything may
 * be used from any thread unless its own header says otherwise. */
#ifndef VISAVIS_API_ENGINE_H
#define VISAVIS_API_ENGINE_H

#include "api/assortment.h"
#include "api/decisions.h"
#include "api/feeds.h"
#include "api/learning.h"
#include "api/measuring.h"
#include "api/rebuilding.h"
#include "api/sessions.h"
#include "api/users.h"
#include "api/workspaces.h"
#include "catalog/catalog.h"
#include "person/people.h"

struct engine_options {
    size_t memory_bytes; /* store caches and people's profiles together; 0 takes 512 MiB */
    bool create;
    const char *places_path;  /* a MaxMind .mmdb file, NULL for none */
    int64_t rebuild_every_ms; /* of the models, from the log; 0: once a day */
};

struct places;

struct engine {
    struct store *store;
    struct ledger *ledger;
    struct workspaces *workspaces;
    struct users *users;
    struct sessions *sessions;
    struct catalog *catalog;
    struct feeds *feeds;
    struct people *people;
    struct learning *learning;
    struct assortments *assortments;
    struct measuring *measuring;
    struct decisions *decisions;
    struct rebuilding *rebuilding;
    struct places *places; /* NULL without a database */
    struct engine_timer *timer;
};

enum status engine_open(const char *directory, const struct engine_options *options,
                        struct engine **out_engine, struct diag *diag) MUST_CHECK;
/* Finishes what is queued, saves what was learned and cached, closes. */
void engine_close(struct engine *engine);
/* Waits until likeness and arrivals are known, where a placement of the workspace asks for them:
 * some 40 ms a thousand items. False: not yet after so long. Not from a loop. */
bool engine_settle(struct engine *engine, uint32_t workspace, int64_t wait_ms);

/* An intake for this workspace and credential, without the call's own members. */
struct engine_credential {
    const struct workspace *workspace;
    uint32_t source;
    bool browser_key, secret, imported;
};

#endif
