/* See identity_graph.h. */
#include "person/identity_graph.h"

#include "base/limits.h"

#include <assert.h>
#include <stdlib.h>

enum { SPANS_MAX = 4 * PERSON_NODES_MAX, SPANS_FIRST = 8 };

bool link_stands(const struct link *link, uint64_t sequence)
{
    return link->proven && link->known_sequence <= sequence &&
           (link->withdrawn_sequence == 0 || link->withdrawn_sequence > sequence);
}

int link_compare(const struct link *a, const struct link *b)
{
    int order = event_order_compare(&a->order, &b->order);
    return order != 0 ? order : uuid_compare(a->to, b->to);
}

bool identity_owner_at(const struct link *links, size_t count, int64_t time_ms, uint64_t sequence,
                       struct uuid *out_owner)
{
    const struct link *before = NULL, *after = NULL;
    if (count > NODE_LINKS_MAX)
        return false;
    for (size_t i = 0; i < count; i++) {
        const struct link *link = &links[i];
        if (!link_stands(link, sequence))
            continue;
        if (link->valid_from_ms <= time_ms && (!before || link_compare(link, before) > 0))
            before = link;
        if (link->valid_from_ms > time_ms && (!after || link_compare(link, after) < 0))
            after = link;
    }
    if (!before && !after)
        return false;
    *out_owner = before ? before->to : after->to;
    return true;
}

static int compare_links(const void *a, const void *b)
{
    return link_compare(a, b);
}

void graph_runs(const struct link *links, size_t count, uint64_t sequence, struct arena *arena,
                struct owner_runs *out_runs)
{
    struct link *standing = ARENA_ARRAY(arena, count, struct link);
    struct owner_run *runs = ARENA_ARRAY(arena, count, struct owner_run);
    size_t standing_count = 0, run_count = 0;
    for (size_t i = 0; i < count && count <= NODE_LINKS_MAX; i++)
        if (link_stands(&links[i], sequence))
            standing[standing_count++] = links[i];
    if (standing_count > 1)
        qsort(standing, standing_count, sizeof *standing, compare_links);
    for (size_t i = 0; i < standing_count; i++) {
        int64_t from_ms = i == 0 ? INT64_MIN : standing[i].valid_from_ms;
        if (run_count > 0 && runs[run_count - 1].from_ms == from_ms && from_ms != INT64_MIN)
            run_count--; /* two in one millisecond: the later evidence has it */
        if (run_count > 0 && uuid_equal(runs[run_count - 1].owner, standing[i].to))
            continue;
        if (run_count > 0)
            runs[run_count - 1].to_ms = from_ms;
        runs[run_count++] =
            (struct owner_run){.owner = standing[i].to, .from_ms = from_ms, .to_ms = INT64_MAX};
    }
    /* the run that took another's place may follow one of its own owner, whose end is already
     * set */
    if (run_count > 0)
        runs[run_count - 1].to_ms = INT64_MAX;
    *out_runs = (struct owner_runs){.runs = runs, .count = run_count};
}

enum status graph_root(const struct link_source *source, struct uuid node, int64_t time_ms,
                       struct uuid *out_root)
{
    struct uuid path[HOPS_MAX + 1] = {node};
    for (unsigned hops = 0; hops < HOPS_MAX; hops++) {
        const struct link *links;
        size_t count;
        struct uuid owner;
        enum status status = source->links(source->context, path[hops], false, &links, &count);
        if (status != STATUS_OK)
            return status;
        if (!identity_owner_at(links, count, time_ms, source->sequence, &owner)) {
            *out_root = path[hops];
            return STATUS_OK;
        }
        path[hops + 1] = owner;
        for (unsigned i = 0; i <= hops; i++) {
            if (!uuid_equal(path[i], owner))
                continue;
            struct uuid oldest = owner; /* a circle of aliases is named by its oldest node */
            for (unsigned j = i; j <= hops; j++)
                if (uuid_compare(path[j], oldest) < 0)
                    oldest = path[j];
            *out_root = oldest;
            return STATUS_OK;
        }
    }
    *out_root = path[HOPS_MAX];
    return STATUS_OK;
}

struct growing {
    const struct link_source *source;
    struct arena *arena;
    struct node_span *spans;
    uint8_t *depths;
    size_t count, room, node_count;
    struct uuid nodes[PERSON_NODES_MAX];
};

static bool admit_node(struct growing *tree, struct uuid node)
{
    for (size_t i = 0; i < tree->node_count; i++)
        if (uuid_equal(tree->nodes[i], node))
            return true;
    if (tree->node_count == PERSON_NODES_MAX)
        return false;
    tree->nodes[tree->node_count++] = node;
    return true;
}

static void add_span(struct growing *tree, const struct node_span *span, uint8_t depth)
{
    if (tree->count == tree->room) {
        struct node_span *spans = ARENA_ARRAY(tree->arena, tree->room * 2, struct node_span);
        uint8_t *depths = ARENA_ARRAY(tree->arena, tree->room * 2, uint8_t);
        memcpy(spans, tree->spans, tree->count * sizeof *spans);
        memcpy(depths, tree->depths, tree->count * sizeof *depths);
        tree->spans = spans;
        tree->depths = depths;
        tree->room *= 2;
    }
    tree->depths[tree->count] = depth;
    tree->spans[tree->count++] = *span;
}

/* Adds the intervals of `node` in which the parent span owns it. */
static enum status grow_by_node(struct growing *tree, struct uuid node, size_t parent_index)
{
    const struct link *links;
    size_t link_count;
    struct owner_runs owners;
    struct node_span parent = tree->spans[parent_index];
    enum status status =
        tree->source->links(tree->source->context, node, false, &links, &link_count);
    if (status != STATUS_OK)
        return status;
    graph_runs(links, link_count, tree->source->sequence, tree->arena, &owners);
    const struct owner_run *runs = owners.runs;
    for (size_t i = 0; i < owners.count && tree->count < SPANS_MAX; i++) {
        int64_t from_ms = runs[i].from_ms > parent.from_ms ? runs[i].from_ms : parent.from_ms;
        int64_t to_ms = runs[i].to_ms < parent.to_ms ? runs[i].to_ms : parent.to_ms;
        if (!uuid_equal(runs[i].owner, parent.node) || from_ms >= to_ms || !admit_node(tree, node))
            continue;
        const struct node_span span = {.node = node, .from_ms = from_ms, .to_ms = to_ms};
        add_span(tree, &span, (uint8_t)(tree->depths[parent_index] + 1));
    }
    return STATUS_OK;
}

static enum status grow_by_span(struct growing *tree, size_t parent_index)
{
    const struct link *inward;
    size_t count, from_count = 0;
    enum status status = tree->source->links(tree->source->context, tree->spans[parent_index].node,
                                             true, &inward, &count);
    if (status != STATUS_OK)
        return status;
    struct uuid *from = ARENA_ARRAY(tree->arena, count, struct uuid);
    for (size_t i = 0; i < count; i++) {
        bool seen = uuid_equal(inward[i].from, tree->spans[0].node) ||
                    !link_stands(&inward[i], tree->source->sequence);
        for (size_t j = 0; j < from_count && !seen; j++)
            seen = uuid_equal(from[j], inward[i].from);
        if (!seen)
            from[from_count++] = inward[i].from;
        if (from_count == (size_t)2 * PERSON_NODES_MAX)
            break;
    }
    for (size_t i = 0; i < from_count && status == STATUS_OK; i++)
        status = grow_by_node(tree, from[i], parent_index);
    return status;
}

enum status graph_spans(const struct link_source *source, struct uuid root, struct arena *arena,
                        struct person_spans *out_spans)
{
    struct growing tree = {.source = source,
                           .arena = arena,
                           .spans = ARENA_ARRAY(arena, SPANS_FIRST, struct node_span),
                           .depths = ARENA_ARRAY(arena, SPANS_FIRST, uint8_t),
                           .room = SPANS_FIRST,
                           .count = 1,
                           .node_count = 1,
                           .nodes = {root}};
    tree.spans[0] = (struct node_span){.node = root, .from_ms = INT64_MIN, .to_ms = INT64_MAX};
    enum status status = STATUS_OK;
    for (size_t i = 0; i < tree.count && status == STATUS_OK; i++)
        if (tree.depths[i] < HOPS_MAX)
            status = grow_by_span(&tree, i);
    if (status != STATUS_OK)
        return status;
    struct uuid name = root;
    for (size_t i = 0; i < tree.count; i++)
        if (tree.spans[i].from_ms == INT64_MIN && uuid_compare(tree.spans[i].node, name) < 0)
            name = tree.spans[i].node;
    *out_spans = (struct person_spans){.spans = tree.spans, .count = tree.count, .name = name};
    return STATUS_OK;
}
