/* Where categories went: the shop regroups its tree, and what was learned under an old path counts
 * under the new one.
 *
 * A move takes a path and all below it elsewhere: "Femme > Robes" to "Mode > Robes". Of several
 * that fit the longest counts, so one may be split; several to one place are merged. A path that
 * lies at the place a move leads to is new already and stays, so a tree may be nested deeper.
 * Nothing stored changes: paths are mapped when items are taken in and when what was learned is
 * read. Plain values in the caller's arena; pure. */
#ifndef VISAVIS_CATALOG_CATEGORY_MAP_H
#define VISAVIS_CATALOG_CATEGORY_MAP_H

#include "base/json.h"

enum { CATEGORY_MOVES_MAX = 500, CATEGORY_SOURCES_MAX = 32 };

struct category_move {
    struct slice from, to;
};
struct category_map {
    const struct category_move *moves; /* the deepest `from` first */
    size_t count;
};

/* {"Femme > Robes": "Mode > Robes", …}. STATUS_INVALID: what is no path, and a move to a place that
 * another move empties (say where it goes in the end). */
enum status category_map_read(const struct json *json, struct arena *arena,
                              struct category_map *out_map, struct diag *diag) MUST_CHECK;
struct category_map category_map_copy(const struct category_map *map, struct arena *arena);
uint64_t category_map_hash(const struct category_map *map);
void category_map_write(const struct category_map *map, struct json_out *out);

/* Where the path is now; the path itself when it did not move. */
struct slice category_map_path(const struct category_map *map, struct slice path,
                               struct arena *arena);
/* The old paths of which all that was learned now belongs to the category, without those whose
 * parents are among them; at most CATEGORY_SOURCES_MAX. */
size_t category_map_sources(const struct category_map *map, struct slice category,
                            struct arena *arena, struct slice out_paths[CATEGORY_SOURCES_MAX]);

struct category_weight {
    struct slice path;
    double weight; /* of this path and all below it, > 0 */
};
/* Weights of old paths as weights of new ones: each path's own, without what its children say, goes
 * where the path is now and to all parents there. The result holds every path at least once met, in
 * order of first meeting. */
struct category_weight *category_map_weights(const struct category_map *map,
                                             const struct category_weight *weights, size_t count,
                                             struct arena *arena, size_t *out_count);

#endif
