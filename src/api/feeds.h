/* The feeds that are pulled: their settings in the store, what became of them in memory, and the
 * thread that pulls them.
 *
 * Settings are a ledger kind. One thread pulls one feed at a time, when it is due or asked for; it
 * runs in a server only (feeds_start). ETag, Last-Modified and the last report are lost with the
 * process: the next pull reads the whole feed, and what is unchanged is not written. A mutex guards
 * the list; no network and no disk under it. Open before ledger_start, close after ledger_stop. */
#ifndef VISAVIS_API_FEEDS_H
#define VISAVIS_API_FEEDS_H

#include "api/workspaces.h"
#include "catalog/catalog.h"

enum { FEEDS_PER_WORKSPACE_MAX = 20, FEED_HOSTS_MAX = 32 };

struct feeds;
struct feeds_parts {
    struct store *store;
    struct ledger *ledger;
    struct workspaces *workspaces;
    struct catalog *catalog;
};

enum status feeds_open(const struct feeds_parts *parts, struct feeds **out_feeds,
                       struct diag *diag) MUST_CHECK;
/* Starts the thread. hosts: "name" or "name:port", comma-separated, that may be private. */
enum status feeds_start(struct feeds *feeds, struct slice hosts) MUST_CHECK;
/* Ends it: a transfer within a second, the writing of a feed after its last batch. */
void feeds_stop(struct feeds *feeds);
void feeds_close(struct feeds *feeds);

/* Which feed, and who changes it ("key:k2"), for the audit. */
struct feed_name {
    uint32_t workspace;
    struct slice id, by;
};
/* These wait for the sync; not from the ledger thread nor a loop. */
/* settings NULL takes the feed away (STATUS_NOT_FOUND). STATUS_INVALID, STATUS_FORBIDDEN (its URL),
 * STATUS_TOO_LARGE: FEEDS_PER_WORKSPACE_MAX. One with a schedule is pulled at once; put
 * again unchanged, nothing happens. */
enum status feeds_put(struct feeds *feeds, const struct feed_name *name,
                      const struct json *settings, struct diag *diag) MUST_CHECK;
enum feed_wish { FEED_WISH_RUN, FEED_WISH_APPROVE, FEED_WISH_REJECT };
/* The thread does it soon; REJECT is done when this answers. STATUS_NOT_FOUND: no such feed, or
 * none held of this name (also one that was imported as a file). STATUS_CONFLICT: nothing pulls
 * here. */
enum status feeds_ask(struct feeds *feeds, const struct feed_name *name, enum feed_wish wish,
                      struct diag *diag) MUST_CHECK;

/* How each pulled feed of a workspace stands, by id, in the arena; and the names of the feeds that
 * are held for approval. */
struct feed_standing {
    struct slice id;
    bool scheduled;      /* and not paused */
    bool failed;         /* the last pull */
    uint64_t refused;    /* rows of the last pull */
    int64_t finished_ms; /* the last pull; 0: none since the start */
};
struct feeds_standing {
    const struct feed_standing *list;
    const struct slice *held;
    size_t count, held_count;
};
struct feeds_standing feeds_standing(struct feeds *feeds, uint32_t workspace, struct arena *arena);
/* {"feeds": […], "held": ["name", …]}: settings, state and last report of each. */
void feeds_write(struct feeds *feeds, uint32_t workspace, struct arena *arena,
                 struct json_out *out);
/* A feed's settings of before, newest first (feed_past.h). STATUS_NOT_FOUND. */
enum status feeds_write_past(struct feeds *feeds, const struct feed_name *name,
                             struct json_out *out) MUST_CHECK;

#endif
