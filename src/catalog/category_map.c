#include "catalog/category_map.h"

#include "base/hash.h"

#include <stdlib.h>

enum { LEVELS_MAX = 10, PATH_BYTES_MAX = 256 };

static const struct slice border = SLICE_INIT(" > ");

/* --- paths ------------------------------------------------------------------------------------ */

/* Is the path the category, or below it? */
static bool category_within(struct slice path, struct slice category)
{
    return slice_starts_with(path, category) &&
           (path.size == category.size ||
            slice_starts_with(slice_from(path, category.size), border));
}

/* The path without its last level; empty for a top one. */
static struct slice parent_of(struct slice path)
{
    for (size_t at = path.size; at >= border.size; at--)
        if (slice_equal(slice_make(path.data + at - border.size, border.size), border))
            return slice_first(path, at - border.size);
    return SLICE_NONE;
}

static size_t depth_of(struct slice path)
{
    size_t depth = 0;
    for (; path.size > 0; path = parent_of(path))
        depth++;
    return depth;
}

static struct slice moved(const struct category_move *move, struct slice path, struct arena *arena)
{
    struct slice rest = slice_from(path, move->from.size);
    return arena_format(arena, "%.*s%.*s", SLICE_ARG(move->to), SLICE_ARG(rest));
}

static const struct category_move *move_of(const struct category_map *map, struct slice path)
{
    for (size_t i = 0; i < map->count; i++) {
        const struct category_move *move = &map->moves[i];
        if (category_within(path, move->from) && !category_within(path, move->to))
            return move;
    }
    return NULL;
}

struct slice category_map_path(const struct category_map *map, struct slice path,
                               struct arena *arena)
{
    const struct category_move *move = move_of(map, path);
    return move ? moved(move, path, arena) : path;
}

/* --- reading ---------------------------------------------------------------------------------- */

/* "Femme>Robes" to "Femme > Robes"; empty for what is no path. */
static struct slice tidy(struct slice text, struct arena *arena)
{
    struct slice path = SLICE_NONE, rest = text, level;
    bool more = text.size <= PATH_BYTES_MAX;
    while (more) {
        more = slice_cut(rest, '>', &level, &rest);
        level = slice_trim(more ? level : rest);
        if (level.size == 0)
            return SLICE_NONE;
        path = path.size == 0
                   ? level
                   : arena_format(arena, "%.*s > %.*s", SLICE_ARG(path), SLICE_ARG(level));
    }
    return depth_of(path) <= LEVELS_MAX ? path : SLICE_NONE;
}

static int deepest_first(const void *left, const void *right)
{
    const struct category_move *a = left, *b = right;
    if (a->from.size != b->from.size)
        return a->from.size > b->from.size ? -1 : 1;
    return slice_compare(a->from, b->from);
}

static enum status check_moves(const struct category_map *map, struct diag *diag)
{
    for (size_t i = 0; i < map->count; i++) {
        const struct category_move *move = &map->moves[i], *next = move_of(map, move->to);
        if (i > 0 && slice_equal(move->from, map->moves[i - 1].from))
            return diag_set(diag, STATUS_INVALID, "/categoryMap", "\"%.*s\" is moved twice",
                            SLICE_ARG(slice_first(move->from, 80)));
        if (next)
            return diag_set(diag, STATUS_INVALID, "/categoryMap",
                            "\"%.*s\" goes to \"%.*s\", which another move empties: say where it "
                            "goes in the end",
                            SLICE_ARG(slice_first(move->from, 60)),
                            SLICE_ARG(slice_first(move->to, 60)));
    }
    return STATUS_OK;
}

enum status category_map_read(const struct json *json, struct arena *arena,
                              struct category_map *out_map, struct diag *diag)
{
    struct category_map map = {0};
    size_t count = json_is(json, JSON_OBJECT) ? json->count : 0;
    if ((!json_is(json, JSON_OBJECT) && !json_is(json, JSON_NULL)) || count > CATEGORY_MOVES_MAX)
        return diag_set(diag, STATUS_INVALID, "/categoryMap",
                        "categoryMap is an object of at most %d moves, as in "
                        "{\"Femme > Robes\": \"Mode > Robes\"}",
                        CATEGORY_MOVES_MAX);
    struct category_move *moves = ARENA_ARRAY(arena, count, struct category_move);
    for (size_t i = 0; i < count; i++) {
        moves[i].from = tidy(json->members[i].name, arena);
        moves[i].to = tidy(json_text(&json->members[i].value), arena);
        if (moves[i].from.size == 0 || moves[i].to.size == 0)
            return diag_set(diag, STATUS_INVALID, "/categoryMap",
                            "\"%.*s\": a path has 1 to 10 levels between \">\", 256 bytes at most",
                            SLICE_ARG(slice_first(json->members[i].name, 60)));
    }
    if (count > 1)
        qsort(moves, count, sizeof *moves, deepest_first);
    map.moves = moves;
    map.count = count;
    *out_map = map;
    return check_moves(&map, diag);
}

struct category_map category_map_copy(const struct category_map *map, struct arena *arena)
{
    struct category_move *moves = ARENA_ARRAY(arena, map->count, struct category_move);
    for (size_t i = 0; i < map->count; i++)
        moves[i] = (struct category_move){arena_copy(arena, map->moves[i].from),
                                          arena_copy(arena, map->moves[i].to)};
    return (struct category_map){moves, map->count};
}

uint64_t category_map_hash(const struct category_map *map)
{
    uint64_t hash = map->count;
    for (size_t i = 0; i < map->count; i++)
        hash =
            hash * UINT64_C(0x9E3779B97F4A7C15) + hash64_pair(map->moves[i].from, map->moves[i].to);
    return hash;
}

void category_map_write(const struct category_map *map, struct json_out *out)
{
    json_object(out);
    for (size_t i = 0; i < map->count; i++) {
        json_name_slice(out, map->moves[i].from);
        json_string(out, map->moves[i].to);
    }
    json_end(out);
}

/* --- back to where it was learned ------------------------------------------------------------- */

/* The old path that a move brings into the category; empty when it brings none. What lay in the
 * category before the move counts there already. */
static struct slice source_of(const struct category_map *map, const struct category_move *move,
                              struct slice category, struct arena *arena)
{
    struct slice path = SLICE_NONE;
    if (category_within(move->to, category) && !category_within(move->from, category))
        path = move->from;
    else if (category_within(category, move->to))
        path = arena_format(arena, "%.*s%.*s", SLICE_ARG(move->from),
                            SLICE_ARG(slice_from(category, move->to.size)));
    return path.size > 0 && move_of(map, path) == move ? path : SLICE_NONE;
}

size_t category_map_sources(const struct category_map *map, struct slice category,
                            struct arena *arena, struct slice out_paths[CATEGORY_SOURCES_MAX])
{
    size_t count = 0;
    for (size_t i = map->count; i-- > 0 && count < CATEGORY_SOURCES_MAX;) { /* the highest first */
        struct slice path = source_of(map, &map->moves[i], category, arena);
        bool told = path.size == 0 || slice_equal(path, category);
        for (size_t k = 0; k < count && !told; k++)
            told = category_within(path, out_paths[k]);
        if (!told)
            out_paths[count++] = path;
    }
    return count;
}

/* --- weights ---------------------------------------------------------------------------------- */

/* The nearest parent of a path among the weights; SIZE_MAX when there is none. */
static size_t nearest(const struct category_weight *weights, size_t count, size_t child)
{
    size_t best = SIZE_MAX;
    for (size_t i = 0; i < count; i++)
        if (i != child && weights[i].path.size < weights[child].path.size &&
            category_within(weights[child].path, weights[i].path) &&
            (best == SIZE_MAX || weights[i].path.size > weights[best].path.size))
            best = i;
    return best;
}

static void add_weight(struct category_weight *list, size_t *inout_count, struct slice path,
                       double weight)
{
    size_t at = 0;
    while (at < *inout_count && !slice_equal(list[at].path, path))
        at++;
    if (at == *inout_count)
        list[(*inout_count)++] = (struct category_weight){path, 0};
    list[at].weight += weight;
}

struct category_weight *category_map_weights(const struct category_map *map,
                                             const struct category_weight *weights, size_t count,
                                             struct arena *arena, size_t *out_count)
{
    double *own = ARENA_ARRAY(arena, count, double);
    struct category_weight *list = ARENA_ARRAY(arena, count * LEVELS_MAX, struct category_weight);
    size_t made = 0;
    for (size_t i = 0; i < count; i++)
        own[i] = weights[i].weight;
    for (size_t i = 0; i < count; i++) {
        size_t parent = nearest(weights, count, i);
        if (parent != SIZE_MAX)
            own[parent] -= weights[i].weight;
    }
    for (size_t i = 0; i < count; i++) {
        struct slice path = category_map_path(map, weights[i].path, arena);
        for (size_t level = 0; level < LEVELS_MAX && path.size > 0; level++) {
            add_weight(list, &made, path, own[i] > 0 ? own[i] : 0);
            path = parent_of(path);
        }
    }
    *out_count = made;
    return list;
}
