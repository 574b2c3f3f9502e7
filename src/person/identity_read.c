/* Identity as committed, for any thread: roots, spans and facts of a person. */
#include "person/identity_graph.h"
#include "person/identity_rows.h"

/* --- the store as a source of links ----------------------------------------------------------- */

struct stored_links {
    const struct identity_at *at;
    struct arena *arena;
};

static enum status stored_links(void *context, struct uuid node, bool inward,
                                const struct link **out_links, size_t *out_count)
{
    struct stored_links *stored = context;
    struct link_list list;
    enum status status =
        links_load(stored->at, node, inward ? LINK_TO : LINK_FROM, stored->arena, &list);
    if (status == STATUS_OK) {
        *out_links = list.links;
        *out_count = list.count;
    }
    return status;
}

enum status identity_root(const struct identity_at *at, struct uuid node, int64_t time_ms,
                          struct uuid *out_root)
{
    struct arena arena;
    arena_init(&arena);
    struct stored_links stored = {.at = at, .arena = &arena};
    struct link_source source = {
        .links = stored_links, .context = &stored, .sequence = at->sequence};
    enum status status = graph_root(&source, node, time_ms, out_root);
    arena_done(&arena);
    return status;
}

enum status identity_spans(const struct identity_at *at, struct uuid root, struct arena *arena,
                           struct person_spans *out_spans)
{
    struct stored_links stored = {.at = at, .arena = arena};
    struct link_source source = {
        .links = stored_links, .context = &stored, .sequence = at->sequence};
    return graph_spans(&source, root, arena, out_spans);
}

/* --- facts ------------------------------------------------------------------------------------ */

static bool seen_before(const struct person_spans *spans, size_t index)
{
    for (size_t i = 0; i < index; i++)
        if (uuid_equal(spans->spans[i].node, spans->spans[index].node))
            return true;
    return false;
}

static void add_links(struct identity_facts *facts, size_t *room, struct arena *arena,
                      const struct link_list *list)
{
    size_t count = list->count;
    if (facts->link_count + count > *room) {
        *room = 2 * (facts->link_count + count);
        struct link *larger = ARENA_ARRAY(arena, *room, struct link);
        if (facts->link_count > 0)
            memcpy(larger, facts->links, facts->link_count * sizeof *larger);
        facts->links = larger;
    }
    if (count > 0)
        memcpy(facts->links + facts->link_count, list->links, count * sizeof *list->links);
    facts->link_count += count;
}

enum status identity_facts(struct store *store, uint32_t workspace,
                           const struct person_spans *spans, struct arena *arena,
                           struct identity_facts *out_facts)
{
    static const enum link_kind kinds[] = {LINK_FROM, LINK_CLAIMS};
    struct identity_facts facts = {
        .identifiers = ARENA_ARRAY(arena, spans->count, struct identifier),
        .identifier_nodes = ARENA_ARRAY(arena, spans->count, struct uuid)};
    const struct identity_at now = {.store = store, .workspace = workspace, .sequence = UINT64_MAX};
    size_t room = 0;
    for (size_t i = 0; i < spans->count; i++) {
        struct uuid node = spans->spans[i].node;
        if (seen_before(spans, i))
            continue;
        enum status status = identifier_of_node(store, workspace, node, arena,
                                                &facts.identifiers[facts.identifier_count]);
        if (status == STATUS_OK)
            facts.identifier_nodes[facts.identifier_count++] = node;
        else if (status != STATUS_NOT_FOUND)
            return status;
        for (size_t kind = 0; kind < sizeof kinds / sizeof *kinds; kind++) {
            struct link_list list;
            status = links_load(&now, node, kinds[kind], arena, &list);
            if (status == STATUS_OK)
                add_links(&facts, &room, arena, &list);
            if (status != STATUS_OK)
                return status;
        }
    }
    *out_facts = facts;
    return STATUS_OK;
}
