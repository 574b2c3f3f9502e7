/* Identity as committed, for any thread: roots, spans and facts of a person. */
#include "person/identity_graph.h"
#include "person/identity_rows.h"

#include "base/limits.h"

/* --- the store as a source of links -------------------------------------------------------------------------------------- */

struct stored_links {
    struct store *store;
    uint32_t workspace;
    struct arena *arena;
};

static enum status stored_links(void *context, struct uuid node, bool inward,
                                const struct link **out_links, size_t *out_count)
{
    struct stored_links *stored = context;
    struct link *links;
    enum status status = links_load(stored->store, stored->workspace, node,
                                    inward ? LINK_TO : LINK_FROM, stored->arena, &links, out_count);
    if (status == STATUS_OK)
        *out_links = links;
    return status;
}

enum status identity_root(struct store *store, uint32_t workspace, struct uuid node,
                          int64_t time_ms, uint64_t sequence, struct uuid *out_root)
{
    struct arena arena;
    arena_init(&arena);
    struct stored_links stored = {.store = store, .workspace = workspace, .arena = &arena};
    struct link_source source = {.links = stored_links, .context = &stored, .sequence = sequence};
    enum status status = graph_root(&source, node, time_ms, out_root);
    arena_done(&arena);
    return status;
}

enum status identity_spans(struct store *store, uint32_t workspace, struct uuid root,
                           uint64_t sequence, struct arena *arena, struct person_spans *out_spans)
{
    struct stored_links stored = {.store = store, .workspace = workspace, .arena = arena};
    struct link_source source = {.links = stored_links, .context = &stored, .sequence = sequence};
    return graph_spans(&source, root, arena, out_spans);
}

/* --- facts --------------------------------------------------------------------------------------------------------------- */

static bool seen_before(const struct person_spans *spans, size_t index)
{
    for (size_t i = 0; i < index; i++)
        if (uuid_equal(spans->spans[i].node, spans->spans[index].node))
            return true;
    return false;
}

static enum status add_links(struct identity_facts *facts, size_t *room, struct arena *arena,
                             const struct link *links, size_t count)
{
    if (facts->link_count + count > *room) {
        *room = 2 * (facts->link_count + count);
        struct link *larger = ARENA_ARRAY(arena, *room, struct link);
        if (facts->link_count > 0)
            memcpy(larger, facts->links, facts->link_count * sizeof *larger);
        facts->links = larger;
    }
    if (count > 0)
        memcpy(facts->links + facts->link_count, links, count * sizeof *links);
    facts->link_count += count;
    return STATUS_OK;
}

enum status identity_facts(struct store *store, uint32_t workspace,
                           const struct person_spans *spans, struct arena *arena,
                           struct identity_facts *out_facts)
{
    static const enum link_kind kinds[] = {LINK_FROM, LINK_CLAIMS};
    struct identity_facts facts = {
        .identifiers = ARENA_ARRAY(arena, spans->count, struct identifier),
        .identifier_nodes = ARENA_ARRAY(arena, spans->count, struct uuid)};
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
            struct link *links;
            size_t count;
            status = links_load(store, workspace, node, kinds[kind], arena, &links, &count);
            if (status == STATUS_OK)
                status = add_links(&facts, &room, arena, links, count);
            if (status != STATUS_OK)
                return status;
        }
    }
    *out_facts = facts;
    return STATUS_OK;
}
