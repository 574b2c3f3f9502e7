#include "app/simulate_truth.h"

#include "base/json_out.h"

#include <math.h>
#include <stdlib.h>

enum { LINE_BYTES_MAX = 65536, TOLD = 10 };

struct opinion {
    const struct world_trait *trait;
    double taste;
};

static int by_hash(const void *left, const void *right)
{
    const struct opinion *a = left, *b = right;
    return (a->trait->hash > b->trait->hash) - (a->trait->hash < b->trait->hash);
}

static int by_taste(const void *left, const void *right)
{
    const struct opinion *a = left, *b = right;
    return (a->taste < b->taste) - (a->taste > b->taste);
}

/* Every trait of the catalogue once. */
static size_t find_traits(const struct world *world, struct opinion *out_opinions)
{
    size_t count = 0, kept = 0;
    for (size_t i = 0; i < world->item_count; i++)
        for (size_t t = 0; t < world->items[i].trait_count; t++)
            out_opinions[count++].trait = &world->items[i].traits[t];
    qsort(out_opinions, count, sizeof *out_opinions, by_hash);
    for (size_t i = 0; i < count; i++)
        if (i == 0 || out_opinions[i].trait->hash != out_opinions[kept - 1].trait->hash)
            out_opinions[kept++] = out_opinions[i];
    return kept;
}

static void write_tastes(struct json_out *out, const struct opinion *opinions, size_t count,
                         size_t ends)
{
    json_name(out, "tastes");
    json_array(out);
    for (size_t i = 0; i < count; i++) {
        if (i >= ends && i + ends < count)
            continue;
        json_object(out);
        JSON_STRING_MEMBER(out, "attribute", opinions[i].trait->name);
        JSON_STRING_MEMBER(out, "value", opinions[i].trait->value);
        JSON_FIGURE_MEMBER(out, "taste", opinions[i].taste);
        json_end(out);
    }
    json_end(out);
}

static void write_facts(const struct person *person, struct json_out *out)
{
    JSON_STRING_MEMBER(out, "agreement", slice_of(agreement_word(person->agreement)));
    JSON_STRING_MEMBER(out, "discounts", slice_of(attitude_word(person->attitude)));
    JSON_STRING_MEMBER(out, "channel", slice_of(channel_word(person->channel)));
    JSON_STRING_MEMBER(out, "tone", slice_of(tone_word(person->tone)));
    JSON_FIGURE_MEMBER(out, "budget", exp(person->budget));
    JSON_FIGURE_MEMBER(out, "size", person->size);
    JSON_FIGURE_MEMBER(out, "hour", person->hour);
    JSON_FIGURE_MEMBER(out, "peakDayOfYear", person->peak_day);
    JSON_FIGURE_MEMBER(out, "visitsPerDay", person->visits_per_day);
}

struct simulate_truth {
    const struct world *world;
    struct opinion *opinions;
    size_t count;
};

struct simulate_truth *simulate_truth_new(const struct world *world)
{
    struct simulate_truth *truth = must_alloc_zero(1, sizeof *truth);
    truth->world = world;
    truth->opinions =
        must_alloc_zero(world->item_count * WORLD_TRAITS_MAX + 1, sizeof *truth->opinions);
    truth->count = find_traits(world, truth->opinions);
    return truth;
}

void simulate_truth_free(struct simulate_truth *truth)
{
    if (truth)
        free(truth->opinions);
    free(truth);
}

void simulate_truth_write(struct simulate_truth *truth, const struct person *person, size_t ends,
                          struct json_out *out)
{
    for (size_t i = 0; i < truth->count; i++)
        truth->opinions[i].taste = person_taste(truth->world, person, truth->opinions[i].trait);
    qsort(truth->opinions, truth->count, sizeof *truth->opinions, by_taste);
    write_facts(person, out);
    write_tastes(out, truth->opinions, truth->count, ends);
}

void simulate_write_truth(const struct world *world, size_t people, struct output *output)
{
    struct simulate_truth *truth = simulate_truth_new(world);
    struct buf line;
    buf_init(&line, LINE_BYTES_MAX);
    for (size_t number = 0; number < people; number++) {
        struct person person = person_make(world->seed, number);
        struct json_out out = json_out(&line);
        char name[PERSON_NAME_BYTES];
        person_name(world->seed, number, name);
        buf_clear(&line);
        json_object(&out);
        JSON_STRING_MEMBER(&out, "anonymousId", slice_of(name));
        simulate_truth_write(truth, &person, TOLD, &out);
        json_end(&out);
        buf_add_byte(&line, '\n');
        output_write(output, buf_slice(&line));
    }
    buf_done(&line);
    simulate_truth_free(truth);
}
