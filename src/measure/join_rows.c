#include "measure/join_rows.h"

#include "base/arena.h"
#include "base/hash.h"

#include <assert.h>
#include <stdlib.h>

enum { ROOM_FIRST = 16 };

static struct slice copy_text(struct slice text)
{
    char *copy = must_alloc(text.size + 1);
    if (text.size)
        memcpy(copy, text.data, text.size);
    return slice_make(copy, text.size);
}

void measured_init(struct measured *measured, struct slice placement)
{
    *measured = (struct measured){.placement = copy_text(placement)};
}

static void drop_rows(struct measured *measured)
{
    free(measured->people);
    free(measured->people_index.slots);
    free(measured->outcomes);
    free(measured->outcome_index.slots);
    free((char *)measured->objective.event.data);
}

void measured_done(struct measured *measured)
{
    drop_rows(measured);
    free((char *)measured->placement.data);
}

void measured_restart(struct measured *measured, const struct objective *objective, uint32_t policy)
{
    struct slice placement = measured->placement;
    struct objective copy = *objective;
    copy.event = copy_text(objective->event); /* it may be what is about to be dropped */
    drop_rows(measured);
    *measured = (struct measured){.placement = placement, .objective = copy, .policy = policy};
}

/* --- finding ---------------------------------------------------------------------------------- */

static uint64_t person_hash(struct uuid person)
{
    return hash64(slice_make(person.bytes, sizeof person.bytes));
}

static void index_add(struct row_index *index, uint64_t hash, size_t row)
{
    size_t slot = (size_t)hash & (index->size - 1);
    while (index->slots[slot])
        slot = (slot + 1) & (index->size - 1);
    index->slots[slot] = (uint32_t)row + 1;
}

/* Emptied, with room for twice as many rows as there can be before the next time. */
static void index_clear(struct row_index *index, size_t rows)
{
    size_t size = ROOM_FIRST;
    while (size < 2 * rows)
        size *= 2;
    free(index->slots);
    index->slots = must_alloc_zero(size, sizeof *index->slots);
    index->size = size;
}

static void index_people(struct measured *measured)
{
    index_clear(&measured->people_index, measured->people_room);
    for (size_t i = 0; i < measured->people_count; i++)
        index_add(&measured->people_index, person_hash(measured->people[i].person), i);
}

static void index_outcomes(struct measured *measured)
{
    index_clear(&measured->outcome_index, measured->outcome_room);
    for (size_t i = 0; i < measured->outcome_count; i++)
        index_add(&measured->outcome_index, measured->outcomes[i].key, i);
}

struct joined_person *measured_find(const struct measured *measured, struct uuid person)
{
    const struct row_index *index = &measured->people_index;
    if (index->size == 0)
        return NULL;
    size_t slot = (size_t)person_hash(person) & (index->size - 1);
    for (; index->slots[slot]; slot = (slot + 1) & (index->size - 1)) {
        struct joined_person *row = &measured->people[index->slots[slot] - 1];
        if (uuid_equal(row->person, person))
            return row;
    }
    return NULL;
}

struct joined_outcome *measured_find_outcome(const struct measured *measured, uint64_t key)
{
    const struct row_index *index = &measured->outcome_index;
    if (index->size == 0)
        return NULL;
    size_t slot = (size_t)key & (index->size - 1);
    for (; index->slots[slot]; slot = (slot + 1) & (index->size - 1)) {
        struct joined_outcome *row = &measured->outcomes[index->slots[slot] - 1];
        if (row->key == key)
            return row;
    }
    return NULL;
}

/* --- adding ----------------------------------------------------------------------------------- */

static bool grow(size_t count, size_t *room)
{
    if (count < *room)
        return false;
    *room = *room ? 2 * *room : ROOM_FIRST;
    return true;
}

struct joined_person *measured_add(struct measured *measured, struct uuid person)
{
    if (grow(measured->people_count, &measured->people_room)) {
        measured->people =
            must_realloc(measured->people, measured->people_room * sizeof *measured->people);
        index_people(measured);
    }
    size_t row = measured->people_count++;
    measured->people[row] = (struct joined_person){.person = person};
    index_add(&measured->people_index, person_hash(person), row);
    return &measured->people[row];
}

struct joined_outcome *measured_add_outcome(struct measured *measured, uint64_t key)
{
    if (grow(measured->outcome_count, &measured->outcome_room)) {
        measured->outcomes =
            must_realloc(measured->outcomes, measured->outcome_room * sizeof *measured->outcomes);
        index_outcomes(measured);
    }
    size_t row = measured->outcome_count++;
    measured->outcomes[row] = (struct joined_outcome){.key = key};
    index_add(&measured->outcome_index, key, row);
    return &measured->outcomes[row];
}

/* --- taking away ------------------------------------------------------------------------------ */

/* Whom to keep: one person out, or half of them. */
struct keeping {
    const struct measured *measured;
    const struct uuid *gone; /* NULL: those whom measured_keeps does not want */
};

static bool keeps(const struct keeping *keeping, struct uuid person)
{
    return keeping->gone ? !uuid_equal(*keeping->gone, person)
                         : measured_keeps(keeping->measured, person);
}

/* Rows stay in the order they came; outcomes go with their person. */
static void keep_only(struct measured *measured, const struct keeping *keeping)
{
    uint32_t *moved = must_alloc_zero(measured->people_count + 1, sizeof *moved);
    size_t kept = 0;
    for (size_t i = 0; i < measured->people_count; i++) {
        if (!keeps(keeping, measured->people[i].person))
            continue;
        measured->people[kept++] = measured->people[i];
        moved[i] = (uint32_t)kept; /* its new number plus one */
    }
    measured->people_count = kept;
    kept = 0;
    for (size_t i = 0; i < measured->outcome_count; i++) {
        struct joined_outcome row = measured->outcomes[i];
        if (!moved[row.person])
            continue;
        row.person = moved[row.person] - 1;
        measured->outcomes[kept++] = row;
    }
    measured->outcome_count = kept;
    free(moved);
    index_people(measured);
    index_outcomes(measured);
}

bool measured_keeps(const struct measured *measured, struct uuid person)
{
    static const char salt[] = "visavis/sample/";
    char bytes[sizeof salt + sizeof person.bytes];
    memcpy(bytes, salt, sizeof salt);
    memcpy(bytes + sizeof salt, person.bytes, sizeof person.bytes);
    uint64_t hash = hash64(slice_make(bytes, sizeof bytes));
    return measured->halvings == 0 || hash >> (64 - measured->halvings) == 0;
}

void measured_halve(struct measured *measured)
{
    assert(measured->halvings < 63);
    measured->halvings++;
    keep_only(measured, &(struct keeping){.measured = measured});
}

void measured_forget(struct measured *measured, struct uuid person)
{
    if (measured_find(measured, person))
        keep_only(measured, &(struct keeping){.measured = measured, .gone = &person});
}
