/* One decision being explained, and the sentences that tell it.
 *
 * Inside decide/ only. scratch is for one text at a time: each function that fills it clears it
 * first and hands its bytes on before the next does. */
#ifndef VISAVIS_DECIDE_SENTENCES_H
#define VISAVIS_DECIDE_SENTENCES_H

#include "decide/words.h"

struct telling {
    const struct decide_input *input;
    const struct decision *decision;
    const struct placement_evidence *evidence;
    const struct explain_options *options;
    struct json_out *out;
    struct buf scratch, detail;
};

/* Title of an item, its id when it has none. */
struct slice telling_title(const struct telling *telling, struct slice item);
/* Did it put things in order rather than choose items? */
static inline bool telling_is_order(const struct telling *telling)
{
    const struct placement *definition = telling->decision->definition;
    return definition != NULL && definition->kind == PLACEMENT_ORDER;
}

/* The shop's secrets, what items earn it, are for the marketer's eyes, and for no answer. */
static inline bool telling_secrets(const struct telling *telling)
{
    return telling->options->role == ROLE_MARKETER && !telling->options->in_answer;
}

/* Why an item was removed, as these eyes may read it: in words, and by name. */
const char *telling_removal(const struct telling *telling, enum removal removal);
const char *telling_removal_name(const struct telling *telling, enum removal removal);
/* The decision's basis; "none" where options.in_answer asks for it. */
struct slice telling_basis(const struct telling *telling);
/* Candidates removed for this reason, dropped ones included. */
uint32_t telling_removed(const struct telling *telling, enum removal removal);
/* Candidates that a step answered for, by column, dropped ones included. */
uint32_t telling_answered(const struct telling *telling, unsigned column);
/* The lowest score shown, pins aside; false when there is none. */
bool telling_lowest(const struct telling *telling, double *out_score);
/* The fallback in words, in scratch; empty when there is none. */
struct slice telling_fallback(struct telling *telling);

/* The array of sentences for the role of options. */
void telling_sentences(struct telling *telling);

#endif
