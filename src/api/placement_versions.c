#include "api/placement_versions.h"

#include "api/workspaces_private.h"
#include "base/hash.h"

/* --- one version ------------------------------------------------------------------------------ */

struct slice placement_revision(const struct placement *placement, struct arena *arena)
{
    if (!placement)
        return SLICE_NONE;
    struct placement running = *placement;
    struct buf text;
    buf_init(&text, ROW_BYTES_MAX);
    struct json_out out = json_out(&text);
    running.stopped = false;
    placement_to_json(&running, &out);
    struct slice revision =
        arena_format(arena, "%016llx", (unsigned long long)hash64(buf_slice(&text)));
    buf_done(&text);
    return revision;
}

/* out_bytes: of the policy's row. */
static enum status get(struct store *store, const struct version_name *name, struct arena *arena,
                       struct placement_version *out_version, size_t *out_bytes)
{
    uint8_t room[CONFIG_KEY_SIZE];
    struct slice row;
    const struct json *policy;
    enum status status =
        store_get(store, SPACE_CONFIG, config_key(name->workspace, ROW_POLICY, name->version, room),
                  arena, &row);
    if (status != STATUS_OK)
        return status;
    if (json_parse(arena, row, &policy, NULL) != STATUS_OK)
        return STATUS_CORRUPT;
    *out_version = (struct placement_version){
        .published_ms = json_get_int(policy, "publishedMs", 0), .by = json_get_text(policy, "by")};
    *out_bytes = row.size;
    const struct json *list = json_get(policy, "placements");
    for (size_t i = 0; json_is(list, JSON_ARRAY) && i < list->count; i++)
        if (slice_equal(json_get_text(&list->elements[i], "id"), name->id))
            out_version->placement = &list->elements[i];
    return STATUS_OK;
}

enum status placement_version_get(struct store *store, const struct version_name *name,
                                  struct arena *arena, struct placement_version *out_version)
{
    size_t bytes;
    enum status status = get(store, name, arena, out_version, &bytes);
    return status == STATUS_OK && !out_version->placement ? STATUS_NOT_FOUND : status;
}

/* --- what changed ----------------------------------------------------------------------------- */

/* Rows are written by placement_to_json, so equal members are equal texts. */
static bool same_value(const struct json *a, const struct json *b)
{
    struct buf one, two;
    if (!a || !b)
        return a == b;
    buf_init(&one, ROW_BYTES_MAX);
    buf_init(&two, ROW_BYTES_MAX);
    struct json_out out_one = json_out(&one), out_two = json_out(&two);
    json_value(&out_one, a);
    json_value(&out_two, b);
    bool same = slice_equal(buf_slice(&one), buf_slice(&two));
    buf_done(&one);
    buf_done(&two);
    return same;
}

/* Names of members of `mine` that `other` has otherwise, or (`missing`) not at all. */
static size_t list_changed(const struct json *mine, const struct json *other, bool missing,
                           struct slice *names)
{
    size_t count = 0;
    for (size_t i = 0; i < mine->count; i++) {
        const struct json_member *member = &mine->members[i];
        const struct json *there = NULL;
        for (size_t j = 0; j < other->count && !there; j++)
            if (slice_equal(other->members[j].name, member->name))
                there = &other->members[j].value;
        if (missing ? !there : !same_value(&member->value, there))
            names[count++] = member->name;
    }
    return count;
}

struct walk {
    struct json_out *out;
    struct arena *arena; /* of two neighbours */
    size_t told;
};

static const char *change_of(const struct json *before, const struct json *now,
                             const struct slice *names, size_t count)
{
    if (!now)
        return "removed";
    if (!before)
        return "created";
    if (count == 1 && slice_is(names[0], "stopped"))
        return json_get_bool(now, "stopped", false) ? "stopped" : "started";
    return "changed";
}

static void tell_change(struct walk *walk, uint32_t version, const struct placement_version *now,
                        const struct json *before)
{
    static const struct json nothing = {.kind = JSON_OBJECT};
    const struct json *one = before ? before : &nothing, *two = now->placement;
    struct slice *names =
        ARENA_ARRAY(walk->arena, one->count + (two ? two->count : 0) + 1, struct slice);
    size_t count = two ? list_changed(two, one, false, names) : 0;
    if (two)
        count += list_changed(one, two, true, names + count);
    if (count == 0 && two)
        return;
    struct json_out *out = walk->out;
    json_object(out);
    JSON_INT_MEMBER(out, "version", version);
    JSON_TIME_MEMBER(out, "published", now->published_ms);
    JSON_STRING_MEMBER(out, "by", now->by);
    JSON_STRING_MEMBER(out, "change", slice_of(change_of(before, two, names, count)));
    json_name(out, "changed");
    json_array(out);
    for (size_t i = 0; before && i < count; i++)
        json_string(out, names[i]);
    json_end(out);
    json_end(out);
    walk->told++;
}

/* --- looking back ----------------------------------------------------------------------------- */

/* A policy and the one before it, each in an arena of its own, which change places. */
struct pair {
    struct arena arenas[2];
    struct placement_version now, before;
    size_t bytes, read;
};

static enum status step_back(struct store *store, const struct version_name *name,
                             struct pair *pair)
{
    struct version_name earlier = *name;
    struct arena freed = pair->arenas[0];
    size_t bytes = 0;
    enum status status = STATUS_OK;
    pair->arenas[0] = pair->arenas[1];
    pair->arenas[1] = freed;
    arena_reset(&pair->arenas[1]);
    pair->now = pair->before;
    pair->before = (struct placement_version){0};
    earlier.version = name->version - 1;
    if (earlier.version > 0)
        status = get(store, &earlier, &pair->arenas[1], &pair->before, &bytes);
    pair->bytes += bytes;
    pair->read++;
    return status;
}

static enum status look_back(struct store *store, const struct versions_range *range,
                             struct walk *walk, uint32_t *out_next)
{
    struct version_name name = range->newest;
    struct pair pair = {.bytes = 0};
    arena_init(&pair.arenas[0]);
    arena_init(&pair.arenas[1]);
    enum status status = get(store, &name, &pair.arenas[1], &pair.before, &pair.bytes);
    while (status == STATUS_OK && name.version > 0 && walk->told < range->limit &&
           pair.read < VERSIONS_READ_MAX && pair.bytes < VERSIONS_BYTES_MAX) {
        status = step_back(store, &name, &pair);
        walk->arena = &pair.arenas[0];
        if (status == STATUS_OK && (pair.now.placement || pair.before.placement))
            tell_change(walk, name.version, &pair.now, pair.before.placement);
        name.version--;
    }
    arena_done(&pair.arenas[0]);
    arena_done(&pair.arenas[1]);
    walk->arena = NULL;
    *out_next = name.version;
    return status;
}

enum status placement_versions_write(struct store *store, const struct versions_range *range,
                                     struct json_out *out)
{
    struct walk walk = {.out = out};
    uint32_t next = 0;
    enum status status = STATUS_OK;
    json_name(out, "versions");
    json_array(out);
    if (range->newest.version > 0)
        status = look_back(store, range, &walk, &next);
    json_end(out);
    if (next > 0)
        JSON_INT_MEMBER(out, "next", next);
    return status;
}
