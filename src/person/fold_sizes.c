/* Sizes: what was kept, and what the person says, which wins. */
#include "person/fold.h"
#include "person/rows.h"

static size_t find(const struct profile *profile, struct slice system, struct slice size)
{
    for (size_t i = 0; i < profile->size_count; i++)
        if (slice_equal(profile->sizes[i].system, system) &&
            slice_equal(profile->sizes[i].size, size))
            return i;
    return SIZE_MAX;
}

/* By system, declared first, most kept first, then by name. */
static int compare(const struct profile_size *a, const struct profile_size *b)
{
    int order = slice_compare(a->system, b->system);
    if (order != 0)
        return order;
    if (a->declared != b->declared)
        return a->declared ? -1 : 1;
    if (a->kept != b->kept)
        return a->kept > b->kept ? -1 : 1;
    return slice_compare(a->size, b->size);
}

static void remove_row(struct profile *profile, size_t index)
{
    struct profile_size row = profile->sizes[index];
    rows_remove(profile->sizes, sizeof row, &profile->size_count, index);
    for (size_t i = 0; i < profile->bought_count; i++) {
        struct profile_bought *bought = &profile->bought[i];
        if (slice_equal(bought->size_system, row.system) && slice_equal(bought->size, row.size))
            bought->size_system = bought->size = SLICE_NONE;
    }
}

/* The undeclared row with the fewest units, of equal ones the greater name; SIZE_MAX when all
 * are declared. */
static size_t weakest(const struct profile *profile)
{
    size_t found = SIZE_MAX;
    for (size_t i = 0; i < profile->size_count; i++) {
        const struct profile_size *row = &profile->sizes[i];
        if (row->declared)
            continue;
        if (found == SIZE_MAX || row->kept <= profile->sizes[found].kept)
            found = i;
    }
    return found;
}

static void insert(struct profile *profile, const struct profile_size *row)
{
    size_t index = 0;
    while (index < profile->size_count && compare(&profile->sizes[index], row) < 0)
        index++;
    rows_insert(profile->sizes, sizeof *row, &profile->size_count, index, row);
}

/* Takes the row out, to be changed and inserted again; a new one when there is none and room can
 * be made. */
static bool take(struct profile *profile, struct slice system, struct slice size,
                 struct profile_size *out_row, struct arena *arena)
{
    size_t index = find(profile, system, size);
    if (index != SIZE_MAX) {
        *out_row = profile->sizes[index];
        rows_remove(profile->sizes, sizeof *out_row, &profile->size_count, index);
        return true;
    }
    if (profile->size_count == PROFILE_SIZES_MAX) {
        size_t leaving = weakest(profile);
        if (leaving == SIZE_MAX)
            return false;
        remove_row(profile, leaving);
    }
    *out_row =
        (struct profile_size){.system = arena_copy(arena, system), .size = arena_copy(arena, size)};
    return true;
}

static bool is_name(struct slice text)
{
    return text.size > 0 && text.size <= PROFILE_NAME_BYTES_MAX;
}

bool fold_size_kept(struct profile *profile, struct slice system, struct slice size, int64_t units,
                    struct arena *arena)
{
    if (!is_name(system) || !is_name(size))
        return false;
    size_t index = find(profile, system, size);
    if (index == SIZE_MAX && units <= 0)
        return false;
    if (index != SIZE_MAX) {
        const struct profile_size *row = &profile->sizes[index];
        if (fold_plus(row->kept, units) <= 0 && !row->declared) {
            remove_row(profile, index);
            return false;
        }
    }
    struct profile_size row;
    if (!take(profile, system, size, &row, arena))
        return false;
    row.kept = fold_plus(row.kept, units);
    if (row.kept < 0)
        row.kept = 0;
    insert(profile, &row);
    return true;
}

static void withdraw(struct profile *profile, struct slice system)
{
    for (size_t i = 0; i < profile->size_count; i++) {
        struct profile_size row = profile->sizes[i];
        if (!row.declared || !slice_equal(row.system, system))
            continue;
        if (row.kept == 0) {
            remove_row(profile, i);
            return;
        }
        rows_remove(profile->sizes, sizeof row, &profile->size_count, i);
        row.declared = false;
        insert(profile, &row);
        return; /* there is one declared row a system */
    }
}

void fold_size_declared(struct profile *profile, struct slice system, struct slice size,
                        struct arena *arena)
{
    if (!is_name(system) || size.size > PROFILE_NAME_BYTES_MAX)
        return;
    withdraw(profile, system);
    struct profile_size row;
    if (size.size == 0 || !take(profile, system, size, &row, arena))
        return;
    row.declared = true;
    insert(profile, &row);
}
