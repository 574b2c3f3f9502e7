/* Between the files of workspaces: what the ledger thread holds, and a change on its way.
 *
 *   workspaces.c          rows of the store, the ledger kind, open and close
 *   workspaces_snapshot.c what readers pin
 *   workspaces_keys.c     a workspace made, its keys added, replaced and revoked
 *   workspaces_policy.c   placements published, each set of them a numbered version
 */
#ifndef VISAVIS_API_WORKSPACES_PRIVATE_H
#define VISAVIS_API_WORKSPACES_PRIVATE_H

#include "api/audit.h"
#include "api/workspaces.h"

#include <pthread.h>

/* What the ledger thread holds of one workspace: its rows as they were last written. */
struct master {
    uint32_t id;
    struct buf workspace_row, policy_row;
};

struct workspaces {
    struct store *store;
    struct ledger *ledger;
    struct master *masters; /* the ledger thread's, after open */
    size_t master_count;
    pthread_mutex_t mutex; /* guards current, for the length of a reference */
    struct workspaces_snapshot *current;
};

/* One change on its way. edit runs on the ledger thread on a copy of the workspace, which is
 * written back when it answers STATUS_OK; NULL: placements are published. */
struct change {
    struct ledger_entry entry; /* first */
    struct audit audit;        /* tells of it, in the same commit */
    struct workspaces *owner;
    uint32_t id; /* 0: a new workspace */
    enum status (*edit)(struct change *change, struct workspace *workspace, struct arena *arena);
    struct diag *diag;
    /* arguments of the edits */
    const struct workspace_wish *wish;
    const struct key_wish *key_wish;
    const char *key_texts[2];
    struct slice key_id;
    const struct key_edit *key_edit;
    const struct json *settings;
    const struct placements_wish *placements;
    bool unchanged;
    uint32_t version;
};

/* The row's letter; a policy's version, 0 for the workspace's own row. */
enum { ROW_WORKSPACE = 'w', ROW_POLICY = 'p', ROW_BYTES_MAX = 4 << 20 };
enum { CONFIG_KEY_SIZE = STORE_KEY_PREFIX_BYTES + 5 };
struct slice config_key(uint32_t workspace, char row, uint32_t version,
                        uint8_t room[CONFIG_KEY_SIZE]);

/* Writes the change and its audit row in one commit; what the ledger thread answered. */
enum status change_submit(struct workspaces *workspaces, struct change *change,
                          enum audit_action action, struct slice by) MUST_CHECK;
/* What the audit row says beside who and what. */
__attribute__((format(printf, 2, 3))) void change_tell(struct change *change, const char *format,
                                                       ...);
/* Ledger thread. */
void change_put(const struct change *change, struct ledger_write *write, char row, uint32_t version,
                const struct buf *value);
enum status change_policy(struct change *change, struct master *master,
                          struct ledger_write *write) MUST_CHECK;

/* Of the masters as they are; the ledger thread, or nobody else yet. */
enum status workspaces_snapshot_build(const struct workspaces *workspaces,
                                      struct workspaces_snapshot **out_snapshot) MUST_CHECK;
void workspaces_snapshot_publish(struct workspaces *workspaces, struct workspaces_snapshot *next);

#endif
