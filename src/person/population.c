#include "person/population.h"

#include "base/pack.h"
#include "base/random.h"
#include "person/identity_rows.h"
#include "person/people_private.h"

enum { HASH_AT = STORE_KEY_PREFIX_BYTES + 1 };

struct counting {
    struct people *people;
    uint32_t workspace;
    int64_t now_ms;
    struct arena arena; /* of one identifier */
    uint64_t seen, roots;
    struct population *population;
};

/* --- one identifier --------------------------------------------------------------------------- */

static enum status ask(struct counting *counting, struct uuid node)
{
    const struct asker asker = {.workspace = counting->workspace,
                                .trust = ASKER_SECRET,
                                .node = node,
                                .person = node,
                                .purpose = PURPOSE_PERSONALISE,
                                .now_ms = counting->now_ms};
    struct population *population = counting->population;
    struct person_view view;
    enum status status = people_view(counting->people, &asker, &counting->arena, &view);
    if (status != STATUS_OK)
        return status;
    population->asked++;
    population->recognised += view.open;
    population->levels[view.level - 1]++;
    return STATUS_OK;
}

static enum status take(struct counting *counting, struct slice value)
{
    struct identifier_row row;
    struct uuid root;
    const struct identity_at at = {counting->people->store, counting->workspace, UINT64_MAX};
    enum status status = identifier_row_unpack(value, &row);
    counting->seen++;
    if (status != STATUS_OK || row.erased)
        return status;
    arena_reset(&counting->arena);
    status = identity_root(&at, row.node, counting->now_ms, &root);
    if (status != STATUS_OK || !uuid_equal(root, row.node))
        return status;
    counting->roots++;
    if (counting->population->asked < POPULATION_ASKED)
        return ask(counting, row.node);
    counting->population->levels_sampled = true;
    return STATUS_OK;
}

/* --- a stretch of the hashes ------------------------------------------------------------------ */

static struct slice place_key(uint32_t workspace, uint64_t place, uint8_t room[HASH_AT + 8])
{
    store_key_prefix(workspace, room);
    room[STORE_KEY_PREFIX_BYTES] = 'i';
    key_put_u64(room + HASH_AT, place);
    return slice_make(room, HASH_AT + 8);
}

static struct slice end_key(uint32_t workspace, uint8_t room[HASH_AT])
{
    store_key_prefix(workspace, room);
    room[STORE_KEY_PREFIX_BYTES] = 'i' + 1;
    return slice_make(room, HASH_AT);
}

/* From a place on, `until` excluded; 0: to the end. out_reached: the place of the last one taken,
 * where the limit was met before the end. */
static enum status take_from(struct counting *counting, uint64_t place, uint64_t until,
                             uint64_t *out_reached)
{
    uint8_t from[HASH_AT + 8], to[HASH_AT + 8];
    struct store_range range = {.from = place_key(counting->workspace, place, from),
                                .to = until ? place_key(counting->workspace, until, to)
                                            : end_key(counting->workspace, to)};
    struct store_iterator *rows = store_iterate(counting->people->store, SPACE_IDENTIFIER, &range);
    struct slice key, value;
    enum status status = STATUS_OK;
    *out_reached = until; /* 0 is the end of the ring as well */
    while (status == STATUS_OK && counting->seen < POPULATION_IDENTIFIERS &&
           store_next(rows, &key, &value)) {
        status = take(counting, value);
        if (counting->seen == POPULATION_IDENTIFIERS)
            *out_reached = key_get_u64((const uint8_t *)key.data + HASH_AT);
    }
    if (status == STATUS_OK)
        status = store_iterator_status(rows);
    store_iterator_close(rows);
    return status;
}

enum status population_count(struct people *people, uint32_t workspace, int64_t now_ms,
                             struct population *out_population)
{
    struct population population = {.at_ms = now_ms};
    struct counting counting = {
        .people = people, .workspace = workspace, .now_ms = now_ms, .population = &population};
    uint64_t start = random_seed() | 1, reached;
    arena_init(&counting.arena);
    enum status status = take_from(&counting, start, 0, &reached);
    if (status == STATUS_OK && counting.seen < POPULATION_IDENTIFIERS)
        status = take_from(&counting, 0, start, &reached);
    arena_done(&counting.arena);
    if (status != STATUS_OK)
        return status;
    /* the stretch of the ring of 2^64 that was passed; all of it where the start was met again */
    double share = reached == start ? 1 : (double)(reached - start) / 0x1p64;
    population.sampled = share < 1 && counting.seen == POPULATION_IDENTIFIERS;
    population.people =
        population.sampled ? (uint64_t)((double)counting.roots / share) : counting.roots;
    *out_population = population;
    return STATUS_OK;
}
