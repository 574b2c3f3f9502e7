/* See node_reads.h. */
#include "person/node_reads.h"

struct node_read {
    struct node_read *next;
    struct uuid node;
    bool links_read, consent_read;
    struct links_around links;
    struct consent consent;
};

struct node_reads node_reads(struct store *store, uint32_t workspace, struct arena *arena)
{
    return (struct node_reads){.at = {.store = store, .workspace = workspace}, .arena = arena};
}

void node_reads_at(struct node_reads *reads, uint64_t sequence)
{
    if (sequence != reads->at.sequence)
        reads->first = NULL;
    reads->at.sequence = sequence;
}

static struct node_read *read_of(struct node_reads *reads, struct uuid node)
{
    for (struct node_read *read = reads->first; read; read = read->next)
        if (uuid_equal(read->node, node))
            return read;
    struct node_read *read = ARENA_NEW(reads->arena, struct node_read);
    read->next = reads->first;
    read->node = node;
    read->links_read = read->consent_read = false;
    reads->first = read;
    return read;
}

enum status node_reads_links(struct node_reads *reads, struct uuid node, bool inward,
                             struct link_list *out_list)
{
    struct node_read *read = read_of(reads, node);
    enum status status = STATUS_OK;
    if (!read->links_read)
        status = links_load_around(&reads->at, node, reads->arena, &read->links);
    if (status != STATUS_OK)
        return status;
    read->links_read = true;
    *out_list = inward ? read->links.inward : read->links.outward;
    return STATUS_OK;
}

enum status node_reads_consent(struct node_reads *reads, struct uuid node,
                               const struct consent **out_consent)
{
    struct node_read *read = read_of(reads, node);
    enum status status = STATUS_OK;
    if (!read->consent_read)
        status = consent_load_as_known(reads->at.store, reads->at.workspace, node,
                                       reads->at.sequence, &read->consent);
    if (status != STATUS_OK)
        return status;
    read->consent_read = true;
    *out_consent = &read->consent;
    return STATUS_OK;
}

static enum status links_of(void *context, struct uuid node, bool inward,
                            const struct link **out_links, size_t *out_count)
{
    struct link_list list;
    enum status status = node_reads_links(context, node, inward, &list);
    if (status == STATUS_OK) {
        *out_links = list.links;
        *out_count = list.count;
    }
    return status;
}

struct link_source node_reads_source(struct node_reads *reads)
{
    return (struct link_source){
        .links = links_of, .context = reads, .sequence = reads->at.sequence};
}
