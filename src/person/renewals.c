/* See renewals.h. */
#include "person/renewals.h"

#include <stdlib.h>

void renewals_init(struct renewals *renewals)
{
    *renewals = (struct renewals){.first = NULL};
    renewals->last = &renewals->first;
    pthread_mutex_init(&renewals->mutex, NULL);
    key_table_init(&renewals->nodes);
}

void renewals_done(struct renewals *renewals)
{
    for (struct renewal *next, *told = renewals->first; told; told = next) {
        next = told->next;
        free(told);
    }
    key_table_done(&renewals->nodes);
    pthread_mutex_destroy(&renewals->mutex);
}

static struct renewal *find(const struct renewals *renewals, const struct table_key *key)
{
    return (struct renewal *)key_table_get(&renewals->nodes, key);
}

/* The ledger thread alone changes the list, so it reads without the mutex. */
bool renewals_accept(struct renewals *renewals, const struct table_key *key, uint32_t purposes)
{
    const struct renewal *waiting = find(renewals, key);
    if (waiting)
        return (waiting->purposes & ~purposes) == 0;
    return renewals->nodes.count < RENEWALS_MAX;
}

static struct renewal *append(struct renewals *renewals, const struct renewal *told)
{
    struct renewal *waiting = must_alloc(sizeof *waiting);
    *waiting = *told;
    waiting->next = NULL;
    *renewals->last = waiting;
    renewals->last = &waiting->next;
    key_table_put(&renewals->nodes, &told->key, (uintptr_t)waiting);
    return waiting;
}

void renewals_add(struct renewals *renewals, const struct renewal *told)
{
    pthread_mutex_lock(&renewals->mutex);
    struct renewal *waiting = find(renewals, &told->key);
    if (!waiting)
        waiting = append(renewals, told);
    waiting->purposes = told->purposes;
    waiting->order = told->order;
    pthread_mutex_unlock(&renewals->mutex);
}

void renewals_apply(struct renewals *renewals, const struct table_key *key, struct consent *consent)
{
    pthread_mutex_lock(&renewals->mutex);
    const struct renewal *waiting = find(renewals, key);
    if (waiting)
        consent_renew(consent, waiting->purposes, &waiting->order);
    pthread_mutex_unlock(&renewals->mutex);
}

enum status renewals_each(const struct renewals *renewals, renewal_visitor *visit, void *context)
{
    enum status status = STATUS_OK;
    for (const struct renewal *told = renewals->first; told && status == STATUS_OK;
         told = told->next)
        status = visit(context, told);
    return status;
}

bool renewals_take(struct renewals *renewals, uint64_t sequence, struct renewal *out_told)
{
    struct renewal *first = renewals->first;
    if (!first || first->sequence > sequence)
        return false;
    pthread_mutex_lock(&renewals->mutex);
    renewals->first = first->next;
    if (!renewals->first)
        renewals->last = &renewals->first;
    key_table_remove(&renewals->nodes, &first->key);
    pthread_mutex_unlock(&renewals->mutex);
    *out_told = *first;
    free(first);
    return true;
}
