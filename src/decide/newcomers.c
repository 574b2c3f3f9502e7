#include "decide/newcomers.h"

#include <stdlib.h>

#include "base/hash.h"

static const uint64_t wish_step = UINT64_C(0x9E3779B97F4A7C15), /* as decide.c's own draw, and */
    apart = UINT64_C(0xD1B54A32D192ED03);                       /* another stream than that */

const struct rule *newcomers_rule(const struct placement *definition)
{
    for (size_t i = 0; i < definition->rule_count; i++)
        if (definition->rules[i].kind == RULE_ARRIVALS)
            return &definition->rules[i];
    return NULL;
}

bool newcomers_have(const struct rule *rule, const struct candidate *candidate,
                    struct slice page_item)
{
    return candidate->age > 0 && candidate->age <= rule->days &&
           !slice_equal(candidate->item, page_item);
}

struct quota newcomers_quota(const struct rule *rule, size_t places)
{
    double wanted = rule->share * (double)places;
    size_t least = (size_t)wanted;
    return (struct quota){rule, least, wanted - (double)least};
}

static uint64_t seed_of(const struct decide_input *input, size_t index)
{
    return input->seed + (index + 1) * wish_step + apart;
}

struct random_stream newcomers_chance(const struct decide_input *input, size_t index)
{
    return random_stream(seed_of(input, index));
}

static int by_lot(const void *a, const void *b)
{
    const struct newcomer *left = a, *right = b;
    if (left->lot != right->lot)
        return left->lot < right->lot ? -1 : 1;
    return slice_compare(left->candidate->item, right->candidate->item);
}

void newcomers_draw(const struct decide_input *input, size_t index, struct newcomer *list,
                    size_t count)
{
    uint64_t seed = seed_of(input, index);
    for (size_t i = 0; i < count; i++) {
        struct random_stream stream = random_stream(seed ^ hash64(list[i].candidate->item));
        list[i].lot = random_next(&stream);
    }
    if (count > 1)
        qsort(list, count, sizeof *list, by_lot);
}

void newcomers_places(struct random_stream *stream, size_t places, size_t count, bool *out_theirs)
{
    for (size_t place = 0; place < places; place++) { /* Knuth 3.4.2, algorithm S */
        out_theirs[place] = count > 0 && random_below(stream, places - place) < count;
        count -= out_theirs[place];
    }
}
