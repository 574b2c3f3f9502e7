#include "api/users.h"

#include "api/audit.h"
#include "base/hash.h"
#include "base/pack.h"

#include <assert.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

enum {
    KIND_USER = 16, /* in the log; never reused */
    ROW_USER = 'u',
    ROW_BYTES_MAX = 4096,
    KEY_SIZE = STORE_KEY_PREFIX_BYTES + 9
};

struct list {
    struct user *rows;
    size_t count;
};

struct users {
    struct store *store;
    struct ledger *ledger;
    struct list masters; /* the ledger thread's, after open */
    pthread_mutex_t mutex;
    struct list current; /* what is on the disk; under the mutex */
};

enum deed { DEED_ADD, DEED_EDIT, DEED_REMOVE };

struct change {
    struct ledger_entry entry; /* first */
    struct audit audit;        /* tells of it, in the same commit */
    struct users *owner;
    enum deed deed;
    struct slice name;
    const struct user *wish;
    const struct user_edit *edit;
    struct diag *diag;
};

/* --- rows ------------------------------------------------------------------------------------- */

/* prefix of workspace 0, row letter, the user's id big-endian */
static struct slice row_key(uint64_t id, uint8_t room[KEY_SIZE])
{
    store_key_prefix(AUDIT_INSTALLATION, room);
    room[STORE_KEY_PREFIX_BYTES] = ROW_USER;
    key_put_u64(room + STORE_KEY_PREFIX_BYTES + 1, id);
    return slice_make(room, KEY_SIZE);
}

static void list_add(struct list *list, const struct user *user)
{
    list->rows = must_realloc(list->rows, (list->count + 1) * sizeof *list->rows);
    list->rows[list->count++] = *user;
}

static struct user *list_find(const struct list *list, struct slice name)
{
    for (size_t i = 0; i < list->count; i++)
        if (slice_is(name, list->rows[i].name))
            return &list->rows[i];
    return NULL;
}

static void list_copy(struct list *to, const struct list *from)
{
    to->rows = must_realloc(to->rows, (from->count + 1) * sizeof *to->rows);
    if (from->count)
        memcpy(to->rows, from->rows, from->count * sizeof *to->rows);
    to->count = from->count;
}

static enum status load_row(struct users *users, struct slice value)
{
    struct arena arena;
    struct user user;
    arena_init(&arena);
    enum status status = user_row_read(value, store_secret(users->store), &arena, &user);
    if (status == STATUS_OK)
        list_add(&users->masters, &user);
    arena_done(&arena);
    return status;
}

static enum status load(struct users *users)
{
    uint8_t first[KEY_SIZE], last[KEY_SIZE];
    struct store_range all = {.from = row_key(0, first), .to = row_key(UINT64_MAX, last)};
    struct store_iterator *rows = store_iterate(users->store, SPACE_CONFIG, &all);
    struct slice key, value;
    enum status status = STATUS_OK;
    while (status == STATUS_OK && store_next(rows, &key, &value))
        if (key.size == KEY_SIZE)
            status = load_row(users, value);
    if (status == STATUS_OK)
        status = store_iterator_status(rows);
    store_iterator_close(rows);
    return status;
}

/* --- changes, on the ledger thread ------------------------------------------------------------ */

static bool is_active_owner(const struct user *user)
{
    return user->role == USER_ROLE_OWNER && !user->disabled;
}

/* after: what becomes of the user; NULL: he goes. */
static enum status check_owners(const struct change *change, const struct user *before,
                                const struct user *after)
{
    const struct list *masters = &change->owner->masters;
    bool left = !is_active_owner(before) || (after && is_active_owner(after));
    for (size_t i = 0; i < masters->count && !left; i++)
        left = &masters->rows[i] != before && is_active_owner(&masters->rows[i]);
    return left ? STATUS_OK
                : diag_set(change->diag, STATUS_CONFLICT, "",
                           "This is the last owner; make another one first");
}

static enum status check_user(const struct change *change, const struct user *user)
{
    return user->role != USER_ROLE_OWNER || user->workspace_count == 0
               ? STATUS_OK
               : diag_set(change->diag, STATUS_INVALID, "/workspaces",
                          "An owner sees every workspace; leave workspaces out");
}

static void put(const struct ledger_write *write, const struct user *user)
{
    uint8_t room[KEY_SIZE];
    struct buf row;
    buf_init(&row, ROW_BYTES_MAX);
    user_row_write(user, store_secret(write->store), &row);
    assert(!row.overflowed);
    store_batch_put(write->batch, write->store, SPACE_CONFIG, row_key(user->id, room),
                    buf_slice(&row));
    buf_done(&row);
}

static enum status add(struct change *change, struct ledger_write *write)
{
    struct list *masters = &change->owner->masters;
    if (masters->count >= USERS_MAX)
        return diag_set(change->diag, STATUS_TOO_LARGE, "", "At most %d users are kept", USERS_MAX);
    if (list_find(masters, slice_of(change->wish->name)))
        return diag_set(change->diag, STATUS_CONFLICT, "/user",
                        "There is a user \"%s\" already; choose another name", change->wish->name);
    struct user user = *change->wish;
    user.id = user.epoch = write->sequence;
    user.created_ms = write->now_ms;
    enum status status = check_user(change, &user);
    if (status != STATUS_OK)
        return status;
    put(write, &user);
    list_add(masters, &user);
    snprintf(change->audit.detail, sizeof change->audit.detail, "%s, %s", user.name,
             role_name(user.role));
    return STATUS_OK;
}

static struct user edited(const struct user *user, const struct user_edit *edit, uint64_t epoch)
{
    struct user next = *user;
    if (edit->what & USER_EDIT_ROLE)
        next.role = edit->to.role;
    if (edit->what & USER_EDIT_LOCALE)
        next.locale = edit->to.locale;
    if (edit->what & USER_EDIT_DISABLED)
        next.disabled = edit->to.disabled;
    if (edit->what & USER_EDIT_WORKSPACES) {
        memcpy(next.workspaces, edit->to.workspaces, sizeof next.workspaces);
        next.workspace_count = edit->to.workspace_count;
    }
    if (edit->what & (USER_EDIT_PASSWORD | USER_EDIT_REHASH))
        memcpy(next.phc, edit->to.phc, sizeof next.phc);
    if (edit->what & (USER_EDIT_PASSWORD | USER_EDIT_INVITE)) {
        bool invites = edit->what & USER_EDIT_INVITE;
        memcpy(next.invitation, edit->to.invitation, sizeof next.invitation);
        next.invited_until_ms = invites ? edit->to.invited_until_ms : 0;
    }
    if (next.role != user->role || next.disabled != user->disabled ||
        (edit->what & USER_EDIT_PASSWORD))
        next.epoch = epoch;
    return next;
}

static void tell_edit(struct change *change, const struct user *user)
{
    unsigned what = change->edit->what;
    snprintf(change->audit.detail, sizeof change->audit.detail, "%s%s%s%s%s%s%s%s%s%s", user->name,
             what & USER_EDIT_ROLE ? ", role " : "",
             what & USER_EDIT_ROLE ? role_name(user->role) : "",
             what & USER_EDIT_WORKSPACES ? ", workspaces" : "",
             what & USER_EDIT_LOCALE ? ", locale" : "",
             what & USER_EDIT_DISABLED ? (user->disabled ? ", disabled" : ", enabled") : "",
             what & USER_EDIT_PASSWORD ? ", password" : "",
             what & USER_EDIT_INVITE ? ", link to choose one" : "",
             what & USER_EDIT_ACCEPT ? ", by a link" : "",
             what & USER_EDIT_REHASH ? ", hashed anew" : "");
}

static bool invites(const struct user *user, const uint8_t invitation[32], int64_t now_ms)
{
    return now_ms < user->invited_until_ms &&
           hash_equal_constant_time(user->invitation, invitation, sizeof user->invitation);
}

static enum status edit(struct change *change, struct user *user, struct ledger_write *write)
{
    if ((change->edit->what & USER_EDIT_ACCEPT) &&
        !invites(user, change->edit->to.invitation, write->now_ms))
        return diag_set(change->diag, STATUS_UNAUTHENTICATED, "",
                        "This link was used, or is too old; ask for another");
    struct user next = edited(user, change->edit, write->sequence);
    enum status status = check_user(change, &next);
    if (status == STATUS_OK)
        status = check_owners(change, user, &next);
    if (status != STATUS_OK)
        return status;
    put(write, &next);
    *user = next;
    tell_edit(change, user);
    return STATUS_OK;
}

static enum status take_away(struct change *change, struct user *user, struct ledger_write *write)
{
    struct list *masters = &change->owner->masters;
    uint8_t room[KEY_SIZE];
    enum status status = check_owners(change, user, NULL);
    if (status != STATUS_OK)
        return status;
    snprintf(change->audit.detail, sizeof change->audit.detail, "%s", user->name);
    store_batch_delete(write->batch, write->store, SPACE_CONFIG, row_key(user->id, room));
    *user = masters->rows[--masters->count];
    return STATUS_OK;
}

static enum status record(void *context, struct ledger_entry *entry, struct ledger_write *write)
{
    struct users *owner = context;
    struct change *change = (struct change *)entry;
    if (change->deed == DEED_ADD)
        return add(change, write);
    struct user *user = list_find(&owner->masters, change->name);
    if (!user)
        return diag_set(change->diag, STATUS_NOT_FOUND, "", "There is no user of this name");
    return change->deed == DEED_EDIT ? edit(change, user, write) : take_away(change, user, write);
}

static void applied(void *context, struct ledger_entry *entry)
{
    (void)entry;
    struct users *users = context;
    pthread_mutex_lock(&users->mutex);
    list_copy(&users->current, &users->masters);
    pthread_mutex_unlock(&users->mutex);
}

static const struct ledger_kind kind_user = {
    .name = "user", .code = KIND_USER, .record = record, .applied = applied};

static enum status submit(struct users *users, struct change *change, enum audit_action action,
                          struct slice by)
{
    change->owner = users;
    ledger_entry_init(users->ledger, &change->entry, &kind_user, AUDIT_INSTALLATION,
                      sizeof *change);
    audit_init(users->ledger, &change->audit, AUDIT_INSTALLATION, action, by);
    change->audit.about = &change->entry;
    struct ledger_entry *entries[] = {&change->entry, &change->audit.entry};
    struct ledger_commit commit = {.entries = entries, .entry_count = 2};
    enum status status = ledger_submit_and_wait(users->ledger, &commit);
    if (status == STATUS_OK)
        status = change->entry.status;
    return status == STATUS_OK ? change->audit.entry.status : status;
}

enum status users_add(struct users *users, const struct user *wish, struct slice by,
                      struct diag *diag)
{
    struct change change = {.deed = DEED_ADD, .wish = wish, .diag = diag};
    return submit(users, &change, AUDIT_USER_ADD, by);
}

enum status users_edit(struct users *users, struct slice name, const struct user_edit *edit,
                       struct slice by, struct diag *diag)
{
    struct change change = {.deed = DEED_EDIT, .name = name, .edit = edit, .diag = diag};
    return submit(users, &change, AUDIT_USER_CHANGE, by);
}

enum status users_remove(struct users *users, struct slice name, struct slice by, struct diag *diag)
{
    struct change change = {.deed = DEED_REMOVE, .name = name, .diag = diag};
    return submit(users, &change, AUDIT_USER_REMOVE, by);
}

/* --- reading ---------------------------------------------------------------------------------- */

bool users_by_name(struct users *users, struct slice name, struct user *out_user)
{
    pthread_mutex_lock(&users->mutex);
    const struct user *user = list_find(&users->current, name);
    if (user)
        *out_user = *user;
    pthread_mutex_unlock(&users->mutex);
    return user != NULL;
}

bool users_by_id(struct users *users, uint64_t id, struct user *out_user)
{
    bool found = false;
    pthread_mutex_lock(&users->mutex);
    for (size_t i = 0; i < users->current.count && !found; i++) {
        found = users->current.rows[i].id == id;
        if (found)
            *out_user = users->current.rows[i];
    }
    pthread_mutex_unlock(&users->mutex);
    return found;
}

bool users_by_invitation(struct users *users, const uint8_t invitation[32], int64_t now_ms,
                         struct user *out_user)
{
    bool found = false;
    pthread_mutex_lock(&users->mutex);
    for (size_t i = 0; i < users->current.count && !found; i++) {
        const struct user *user = &users->current.rows[i];
        found = !user->disabled && invites(user, invitation, now_ms);
        if (found)
            *out_user = *user;
    }
    pthread_mutex_unlock(&users->mutex);
    return found;
}

static int compare_names(const void *a, const void *b)
{
    return strcmp(((const struct user *)a)->name, ((const struct user *)b)->name);
}

size_t users_all(struct users *users, struct arena *arena, struct user **out_users)
{
    pthread_mutex_lock(&users->mutex);
    size_t count = users->current.count;
    struct user *copies = ARENA_ARRAY(arena, count, struct user);
    if (count)
        memcpy(copies, users->current.rows, count * sizeof *copies);
    pthread_mutex_unlock(&users->mutex);
    if (count)
        qsort(copies, count, sizeof *copies, compare_names);
    *out_users = copies;
    return count;
}

/* --- open and close --------------------------------------------------------------------------- */

enum status users_open(struct store *store, struct ledger *ledger, struct users **out_users,
                       struct diag *diag)
{
    struct users *users = must_alloc_zero(1, sizeof *users);
    users->store = store;
    users->ledger = ledger;
    pthread_mutex_init(&users->mutex, NULL);
    enum status status = load(users);
    if (status != STATUS_OK) {
        users_close(users);
        return diag_set(diag, status, "config", "The users cannot be read from the store");
    }
    list_copy(&users->current, &users->masters);
    ledger_register(ledger, &kind_user, users);
    *out_users = users;
    return STATUS_OK;
}

void users_close(struct users *users)
{
    if (!users)
        return;
    free(users->masters.rows);
    free(users->current.rows);
    pthread_mutex_destroy(&users->mutex);
    free(users);
}
