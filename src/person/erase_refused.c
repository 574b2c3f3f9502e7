/* Erasure: refused messages that name somebody, see erase.h. */
#include "person/erase.h"

#include "base/clock.h"
#include "base/pack.h"

#include <assert.h>
#include <stdlib.h>

enum { NAMES_FIRST = 16 };
static_assert(ERASED_NODES_MAX <= 64, "a bit each");

static char lower(char c)
{
    return (char)(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
}

static bool holds(struct slice text, struct slice part)
{
    for (size_t at = 0; part.size > 0 && at + part.size <= text.size; at++) {
        size_t i = 0;
        while (i < part.size && lower(text.data[at + i]) == lower(part.data[i]))
            i++;
        if (i == part.size)
            return true;
    }
    return false;
}

static uint64_t named_in(struct slice value, const struct identifier *identifiers, size_t count)
{
    uint64_t named = 0;
    for (size_t i = 0; i < count; i++)
        named |= (uint64_t)holds(value, identifiers[i].value) << i;
    return named;
}

static struct store_range all_refused(uint32_t workspace, uint8_t prefix[STORE_KEY_PREFIX_BYTES],
                                      uint8_t room[STORE_KEY_BYTES_MAX])
{
    store_key_prefix(workspace, prefix);
    struct store_range range =
        store_range_of_prefix(slice_make(prefix, STORE_KEY_PREFIX_BYTES), room);
    range.bulk = true;
    return range;
}

/* --- beforehand ------------------------------------------------------------------------------- */

static enum status identifiers_of(const struct identity_at *now,
                                  const struct identifier *identifier, struct arena *arena,
                                  struct identity_facts *out_facts)
{
    struct uuid node, root;
    struct person_spans spans;
    enum status status = identity_find_as_known(now, identifier, &node);
    if (status == STATUS_OK)
        status = identity_root(now, node, clock_now_ms(), &root);
    if (status == STATUS_OK)
        status = identity_spans(now, root, arena, &spans);
    return status == STATUS_OK
               ? identity_facts(now->store, now->workspace, &spans, arena, out_facts)
               : status;
}

static void add_name(struct refused_names *names, struct slice key, uint64_t named)
{
    if (names->count == names->room) {
        names->room = names->room ? names->room * 2 : NAMES_FIRST;
        names->list = must_realloc(names->list, names->room * sizeof *names->list);
    }
    struct refused_name *name = &names->list[names->count++];
    memcpy(name->key, key.data, sizeof name->key);
    name->named = named;
}

static enum status look_through(struct store *store, uint32_t workspace,
                                const struct identity_facts *facts, struct refused_names *names)
{
    uint8_t prefix[STORE_KEY_PREFIX_BYTES], room[STORE_KEY_BYTES_MAX];
    struct store_range range = all_refused(workspace, prefix, room);
    struct store_iterator *rows = store_iterate(store, SPACE_REFUSED, &range);
    struct slice key, value;
    while (store_next(rows, &key, &value)) {
        if (key.size != REFUSED_KEY_BYTES)
            continue;
        uint64_t named = named_in(value, facts->identifiers, facts->identifier_count);
        if (named)
            add_name(names, key, named);
        memcpy(names->last, key.data, sizeof names->last);
        names->any = true;
    }
    enum status status = store_iterator_status(rows);
    store_iterator_close(rows);
    return status;
}

enum status refused_names_find(struct people *people, uint32_t workspace,
                               const struct identifier *identifier, struct refused_names *out_names)
{
    struct arena arena;
    struct identity_facts facts;
    const struct identity_at now = {
        .store = people->store, .workspace = workspace, .sequence = UINT64_MAX};
    *out_names = (struct refused_names){0};
    arena_init(&arena);
    enum status status = identifiers_of(&now, identifier, &arena, &facts);
    if (status == STATUS_OK && facts.identifier_count <= ERASED_NODES_MAX) {
        for (size_t i = 0; i < facts.identifier_count; i++)
            out_names->identifiers[i] = identifier_hash(people->store, &facts.identifiers[i]);
        out_names->identifier_count = facts.identifier_count;
        status = look_through(people->store, workspace, &facts, out_names);
    }
    arena_done(&arena);
    return status;
}

void refused_names_done(struct refused_names *names)
{
    free(names->list);
}

/* --- on the ledger's thread ------------------------------------------------------------------- */

static enum status visit_refused(struct erasure *erasure, void *context, struct slice key,
                                 struct slice value)
{
    (void)context;
    if (named_in(value, erasure->identifiers, erasure->identifier_count))
        erase_key(erasure, SPACE_REFUSED, key.data, key.size);
    return STATUS_OK;
}

/* Which of the names looked for are erased; false when one that is erased was not looked for, or
 * rows may have come before the last one, because the clock was set back. */
static bool knows_all(const struct erasure *erasure, uint64_t *out_erased)
{
    const struct refused_names *names = erasure->refused;
    *out_erased = 0;
    if (!names || !names->any ||
        erasure->write->now_ms < key_get_time(names->last + STORE_KEY_PREFIX_BYTES))
        return false;
    for (size_t i = 0; i < erasure->identifier_count; i++) {
        size_t at = 0;
        while (at < names->identifier_count &&
               memcmp(&names->identifiers[at], &erasure->hashes[i].identifier,
                      sizeof names->identifiers[at]) != 0)
            at++;
        if (at == names->identifier_count)
            return false;
        *out_erased |= UINT64_C(1) << at;
    }
    return true;
}

enum status erase_refused(struct erasure *erasure)
{
    uint8_t prefix[STORE_KEY_PREFIX_BYTES], room[STORE_KEY_BYTES_MAX];
    const struct refused_names *names = erasure->refused;
    struct store_range range = all_refused(erasure->write->workspace, prefix, room);
    uint64_t erased;
    if (knows_all(erasure, &erased)) {
        for (size_t i = 0; i < names->count; i++)
            if (names->list[i].named & erased)
                erase_key(erasure, SPACE_REFUSED, names->list[i].key, sizeof names->list[i].key);
        range.from = slice_make(names->last, sizeof names->last);
    }
    return erase_each_row(erasure, SPACE_REFUSED, &range, visit_refused, NULL);
}
