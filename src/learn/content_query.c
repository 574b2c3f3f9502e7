/* Asking an index of contents: call candidates by the rarest features, compare the best of them
 * in full. Reads one immutable snapshot; all memory is the caller's arena. */
#include "learn/content_state.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>

enum {
    ASKED_BUCKETS = 512, /* more than twice CONTENT_USES_MAX */
    WORDS_SHOWN_MAX = 3,
    ATTRIBUTES_SHOWN_MAX = 3
};
_Static_assert(ASKED_BUCKETS > 2 * CONTENT_USES_MAX, "the table stays half empty");

/* One feature of the item asked about. */
struct asked {
    const struct content_feature *feature;
    uint32_t number, kind;
    double value; /* weight × √rarity, so that what two items share counts its rarity once */
};

struct question {
    const struct content_snapshot *snapshot;
    const struct content_doc *doc;
    struct asked asked[CONTENT_USES_MAX];
    size_t asked_count;
    uint16_t buckets[ASKED_BUCKETS];   /* by feature number: place in asked + 1 */
    double sums[USE_KIND_COUNT];       /* of values; of their squares for text and attributes */
    double weights[CONTENT_PRICE + 1]; /* 0 for what the item does not have; they add up to 1 */
};

/* Rarity is log2((n + 1) / items that have it): next to nothing when all have it. */
static double value_of(const struct content_snapshot *snapshot, const struct content_use *use,
                       const struct content_feature *feature)
{
    return (double)use->weight * sqrt(snapshot->rarity_max - feature->item_count_log2);
}

static bool is_cosine(uint32_t kind)
{
    return kind == USE_TEXT || kind == USE_ATTRIBUTE;
}

static size_t bucket_of(uint32_t number)
{
    return (number * 2654435761U >> 16) & (ASKED_BUCKETS - 1);
}

static void ask_feature(struct question *question, const struct content_use *use)
{
    const struct content_feature *feature = content_feature_at(question->snapshot, use->feature);
    if (!feature)
        return;
    double value = value_of(question->snapshot, use, feature);
    question->sums[use->kind] += is_cosine(use->kind) ? value * value : value;
    size_t at = bucket_of(use->feature);
    while (question->buckets[at])
        at = (at + 1) & (ASKED_BUCKETS - 1);
    question->asked[question->asked_count++] =
        (struct asked){feature, use->feature, use->kind, value};
    question->buckets[at] = (uint16_t)question->asked_count;
}

static const struct asked *find_asked(const struct question *question, uint32_t number)
{
    for (size_t at = bucket_of(number); question->buckets[at];
         at = (at + 1) & (ASKED_BUCKETS - 1)) {
        const struct asked *asked = &question->asked[question->buckets[at] - 1];
        if (asked->number == number)
            return asked;
    }
    return NULL;
}

static void weigh_kinds(struct question *question)
{
    const struct content_weights *given = &question->snapshot->weights;
    double *weights = question->weights;
    weights[CONTENT_TEXT] = question->sums[USE_TEXT] > 0 ? given->text : 0;
    weights[CONTENT_CATEGORY] = question->sums[USE_CATEGORY] > 0 ? given->category : 0;
    weights[CONTENT_BRAND] = question->sums[USE_BRAND] > 0 ? given->brand : 0;
    weights[CONTENT_ATTRIBUTE] = question->sums[USE_ATTRIBUTE] > 0 ? given->attributes : 0;
    weights[CONTENT_PRICE] = question->doc->priced ? given->price : 0;
    double sum = 0;
    for (int kind = 0; kind <= CONTENT_PRICE; kind++)
        sum += weights[kind];
    for (int kind = 0; kind <= CONTENT_PRICE && sum > 0; kind++)
        weights[kind] /= sum;
}

static bool ask(struct question *question, const struct content_snapshot *snapshot, struct slice id)
{
    *question = (struct question){.snapshot = snapshot};
    question->doc = (const struct content_doc *)shared_map_find(snapshot->items, id);
    if (!question->doc)
        return false;
    for (size_t i = 0; i < question->doc->use_count; i++)
        ask_feature(question, &question->doc->uses[i]);
    weigh_kinds(question);
    return true;
}

/* --- comparing in full ------------------------------------------------------------------------ */

/* The most telling features of one kind that two items share, best first. */
struct telling {
    const struct content_feature *features[WORDS_SHOWN_MAX];
    double products[WORDS_SHOWN_MAX];
    size_t count;
};
_Static_assert((int)ATTRIBUTES_SHOWN_MAX == (int)WORDS_SHOWN_MAX, "one list serves both");

struct likeness {
    double sums[USE_KIND_COUNT];   /* of the other item's values, as in the question */
    double shared[USE_KIND_COUNT]; /* of what both have */
    struct telling words, attributes;
    const struct content_feature *level, *brand; /* the deepest shared level */
};

static void tell(struct telling *telling, const struct content_feature *feature, double product)
{
    size_t at = telling->count;
    while (at > 0 && telling->products[at - 1] < product)
        at--;
    if (at == WORDS_SHOWN_MAX)
        return;
    if (telling->count < WORDS_SHOWN_MAX)
        telling->count++;
    for (size_t i = telling->count - 1; i > at; i--) {
        telling->features[i] = telling->features[i - 1];
        telling->products[i] = telling->products[i - 1];
    }
    telling->features[at] = feature;
    telling->products[at] = product;
}

static void share(struct likeness *likeness, const struct asked *asked, double value)
{
    const struct content_feature *feature = asked->feature;
    double product = is_cosine(asked->kind) ? asked->value * value : value;
    likeness->shared[asked->kind] += product;
    switch (asked->kind) {
    case USE_TEXT:
        tell(&likeness->words, feature, product);
        break;
    case USE_ATTRIBUTE:
        tell(&likeness->attributes, feature, product);
        break;
    case USE_CATEGORY:
        if (!likeness->level || likeness->level->entry.key.size < feature->entry.key.size)
            likeness->level = feature;
        break;
    case USE_BRAND:
        likeness->brand = feature;
        break;
    default:
        break;
    }
}

static void compare_features(const struct question *question, const struct content_doc *other,
                             struct likeness *out_likeness)
{
    *out_likeness = (struct likeness){.level = NULL};
    for (size_t i = 0; i < other->use_count; i++) {
        const struct content_use *use = &other->uses[i];
        if (use->kind == USE_PAIR || question->sums[use->kind] <= 0)
            continue;
        const struct content_feature *feature =
            content_feature_at(question->snapshot, use->feature);
        if (!feature)
            continue;
        double value = value_of(question->snapshot, use, feature);
        out_likeness->sums[use->kind] += is_cosine(use->kind) ? value * value : value;
        const struct asked *asked = find_asked(question, use->feature);
        if (asked)
            share(out_likeness, asked, value);
    }
}

static double at_most_one(double x)
{
    return x < 1 ? x : 1;
}

static double cosine(const struct question *question, const struct likeness *likeness,
                     enum use_kind kind)
{
    double norms = question->sums[kind] * likeness->sums[kind];
    return norms > 0 ? at_most_one(likeness->shared[kind] / sqrt(norms)) : 0;
}

/* Shared rarity over all of both (a weighted Jaccard index). */
static double overlap(const struct question *question, const struct likeness *likeness)
{
    double shared = likeness->shared[USE_CATEGORY];
    double all = question->sums[USE_CATEGORY] + likeness->sums[USE_CATEGORY] - shared;
    return all > 0 ? at_most_one(shared / all) : 0;
}

static double price_closeness(const struct content_doc *a, const struct content_doc *b)
{
    if (!a->priced || !b->priced || a->currency_hash != b->currency_hash)
        return 0;
    double octaves = fabs(a->price_log2 - b->price_log2);
    return octaves < 1 ? 1 - octaves : 0;
}

static void add_part(struct content_neighbour *out, enum content_kind kind,
                     const struct content_feature *feature, double part)
{
    if (!(part > 0))
        return;
    assert(out->part_count < CONTENT_PARTS_MAX);
    out->parts[out->part_count++] = (struct content_part){
        .kind = kind,
        .name = feature && kind == CONTENT_ATTRIBUTE ? feature->name : SLICE_NONE,
        .value = feature ? feature->value : SLICE_NONE,
        .share = part,
    };
}

static void add_attributes(const struct question *question, const struct likeness *likeness,
                           struct content_neighbour *out)
{
    double whole = question->weights[CONTENT_ATTRIBUTE] * out->alike[CONTENT_ATTRIBUTE], rest = 1;
    const struct telling *telling = &likeness->attributes;
    for (size_t i = 0; i < telling->count; i++) {
        double part = telling->products[i] / likeness->shared[USE_ATTRIBUTE];
        rest -= part;
        add_part(out, CONTENT_ATTRIBUTE, telling->features[i], whole * part);
    }
    if (rest > 1e-9)
        add_part(out, CONTENT_ATTRIBUTE, NULL, whole * rest);
}

static int compare_parts(const void *left, const void *right)
{
    const struct content_part *a = left, *b = right;
    if (a->share != b->share)
        return a->share > b->share ? -1 : 1;
    return a->kind != b->kind ? (a->kind < b->kind ? -1 : 1) : slice_compare(a->name, b->name);
}

/* Everything but the words, which only the answers need. */
static void compare_docs(const struct question *question, const struct content_doc *other,
                         struct likeness *out_likeness, struct content_neighbour *out)
{
    compare_features(question, other, out_likeness);
    *out = (struct content_neighbour){.item = other->entry.key};
    out->alike[CONTENT_TEXT] = cosine(question, out_likeness, USE_TEXT);
    out->alike[CONTENT_CATEGORY] = overlap(question, out_likeness);
    out->alike[CONTENT_BRAND] = out_likeness->brand ? 1 : 0;
    out->alike[CONTENT_ATTRIBUTE] = cosine(question, out_likeness, USE_ATTRIBUTE);
    out->alike[CONTENT_PRICE] = price_closeness(question->doc, other);
    const struct content_feature *named[] = {[CONTENT_CATEGORY] = out_likeness->level,
                                             [CONTENT_BRAND] = out_likeness->brand,
                                             [CONTENT_PRICE] = NULL};
    for (int kind = 0; kind <= CONTENT_PRICE; kind++) {
        if (kind == CONTENT_ATTRIBUTE)
            add_attributes(question, out_likeness, out);
        else
            add_part(out, (enum content_kind)kind, named[kind],
                     question->weights[kind] * out->alike[kind]);
    }
    qsort(out->parts, out->part_count, sizeof *out->parts, compare_parts);
    for (size_t i = 0; i < out->part_count; i++)
        out->score += out->parts[i].share;
}

static void name_words(const struct likeness *likeness, struct arena *arena,
                       struct content_neighbour *out)
{
    struct slice words = SLICE_NONE;
    for (size_t i = 0; i < likeness->words.count; i++) {
        struct slice word = likeness->words.features[i]->value;
        words = words.size ? arena_format(arena, "%.*s, %.*s", SLICE_ARG(words), SLICE_ARG(word))
                           : word;
    }
    for (size_t i = 0; i < out->part_count; i++)
        if (out->parts[i].kind == CONTENT_TEXT)
            out->parts[i].value = words;
}

bool content_compare(const struct content_snapshot *snapshot, struct slice id, struct slice other,
                     struct arena *arena, struct content_neighbour *out_neighbour)
{
    struct question question;
    const struct content_doc *doc =
        (const struct content_doc *)shared_map_find(snapshot->items, other);
    if (!doc || !ask(&question, snapshot, id))
        return false;
    struct likeness likeness;
    compare_docs(&question, doc, &likeness, out_neighbour);
    name_words(&likeness, arena, out_neighbour);
    return true;
}

/* --- calling candidates ----------------------------------------------------------------------- */

struct called {
    uint32_t slot; /* + 1; 0: empty */
    float gain;
};

static int compare_asked(const void *left, const void *right)
{
    const struct asked *const *a = left, *const *b = right;
    uint32_t mine = (*a)->feature->item_count, other = (*b)->feature->item_count;
    if (mine != other)
        return mine < other ? -1 : 1;
    return *a < *b ? -1 : *a > *b; /* both in question->asked, whose order is the features' */
}

/* What an item gains by a feature, as far as one can tell without looking at it. */
static float gain_of(const struct question *question, const struct asked *asked)
{
    const double *weights = question->weights;
    double sum = question->sums[asked->kind];
    switch (asked->kind) {
    case USE_TEXT:
        return (float)(weights[CONTENT_TEXT] * asked->value * asked->value / sum);
    case USE_ATTRIBUTE:
        return (float)(weights[CONTENT_ATTRIBUTE] * asked->value * asked->value / sum);
    case USE_CATEGORY:
        return (float)(weights[CONTENT_CATEGORY] * asked->value / sum);
    case USE_BRAND:
        return (float)weights[CONTENT_BRAND];
    default: /* its category and brand call it too where they are rare enough */
        return (float)(weights[CONTENT_BRAND] + weights[CONTENT_CATEGORY]);
    }
}

static size_t touches_of(const struct asked *const *asked, size_t count, size_t *out_lists)
{
    size_t touches = 0, lists = 0;
    while (lists < count && touches + asked[lists]->feature->slot_count <= CONTENT_TOUCHES_MAX)
        touches += asked[lists++]->feature->slot_count;
    *out_lists = lists;
    return touches;
}

static size_t call_list(struct called *table, size_t room, const struct asked *asked, float gain)
{
    size_t fresh = 0;
    for (size_t i = 0; i < asked->feature->slot_count; i++) {
        uint32_t slot = asked->feature->slots[i];
        size_t at = (slot * 2654435761U >> 7) & (room - 1);
        while (table[at].slot && table[at].slot != slot + 1)
            at = (at + 1) & (room - 1);
        fresh += table[at].slot == 0;
        table[at].slot = slot + 1;
        table[at].gain += gain;
    }
    return fresh;
}

/* Everybody called, in no order; at most CONTENT_TOUCHES_MAX. */
static size_t call_candidates(const struct question *question, struct arena *arena,
                              struct called **out_called)
{
    const struct asked **asked =
        ARENA_ARRAY(arena, question->asked_count + 1, const struct asked *);
    for (size_t i = 0; i < question->asked_count; i++)
        asked[i] = &question->asked[i];
    if (question->asked_count > 1)
        qsort(asked, question->asked_count, sizeof *asked, compare_asked);
    size_t lists, touches = touches_of(asked, question->asked_count, &lists), room = 64;
    while (room < 2 * touches)
        room *= 2;
    struct called *table = ARENA_ARRAY(arena, room, struct called);
    for (size_t i = 0; i < lists; i++)
        call_list(table, room, asked[i], gain_of(question, asked[i]));
    size_t kept = 0;
    for (size_t i = 0; i < room; i++)
        if (table[i].slot && table[i].slot - 1 != question->doc->slot)
            table[kept++] = table[i];
    *out_called = table;
    return kept;
}

/* Best first; the rest of the order is the items', not the slots'. */
static int compare_called(const void *left, const void *right, void *snapshot)
{
    const struct called *a = left, *b = right;
    if (a->gain != b->gain)
        return a->gain > b->gain ? -1 : 1;
    const struct content_doc *x = content_doc_at(snapshot, a->slot - 1);
    const struct content_doc *y = content_doc_at(snapshot, b->slot - 1);
    if (x->entry.hash != y->entry.hash)
        return x->entry.hash < y->entry.hash ? -1 : 1;
    return slice_compare(x->entry.key, y->entry.key);
}

/* Moves the best `wanted` to the front, best first; few of the others ever move. */
static size_t keep_best(struct called *called, size_t count, size_t wanted,
                        const struct content_snapshot *snapshot)
{
    if (count <= wanted)
        return count;
    void *context = (void *)snapshot; /* only read */
    qsort_r(called, wanted, sizeof *called, compare_called, context);
    struct called *worst = &called[wanted - 1];
    for (size_t i = wanted; i < count; i++) {
        if (compare_called(&called[i], worst, context) >= 0)
            continue;
        size_t at = wanted - 1;
        struct called better = called[i];
        while (at > 0 && compare_called(&better, &called[at - 1], context) < 0) {
            called[at] = called[at - 1];
            at--;
        }
        called[at] = better;
    }
    return wanted;
}

static int compare_neighbours(const void *left, const void *right)
{
    const struct content_neighbour *a = left, *b = right;
    if (a->score != b->score)
        return a->score > b->score ? -1 : 1;
    return slice_compare(a->item, b->item);
}

size_t content_neighbours(const struct content_snapshot *snapshot, struct slice id, size_t wanted,
                          struct arena *arena, struct content_neighbour *out_neighbours)
{
    assert(wanted <= CONTENT_COMPARED_MAX);
    struct question question;
    if (!ask(&question, snapshot, id))
        return 0;
    struct called *called;
    size_t count = call_candidates(&question, arena, &called);
    count = keep_best(called, count, CONTENT_COMPARED_MAX, snapshot);
    struct content_neighbour *all = ARENA_ARRAY(arena, count + 1, struct content_neighbour);
    struct likeness likeness;
    for (size_t i = 0; i < count; i++)
        compare_docs(&question, content_doc_at(snapshot, called[i].slot - 1), &likeness, &all[i]);
    if (count > 1)
        qsort(all, count, sizeof *all, compare_neighbours);
    if (count > wanted)
        count = wanted;
    for (size_t i = 0; i < count; i++) {
        const struct content_doc *doc =
            (const struct content_doc *)shared_map_find(snapshot->items, all[i].item);
        compare_features(&question, doc, &likeness);
        name_words(&likeness, arena, &all[i]);
        out_neighbours[i] = all[i];
    }
    return count;
}
