/* Asking an index of contents: call candidates by the rarest features, compare the best of them
 * in full. Reads one immutable snapshot; all memory is the caller's arena. */
#include "learn/content_call.h"

#include "base/sort.h"

#include <assert.h>
#include <math.h>

enum {
    ASKED_BUCKETS = 512, /* more than twice CONTENT_USES_MAX */
    AHEAD = 8,           /* documents fetched before they are compared */
    WORDS_SHOWN_MAX = 3,
    ATTRIBUTES_SHOWN_MAX = 3
};
_Static_assert(ASKED_BUCKETS > 2 * CONTENT_USES_MAX, "the table stays half empty");

/* One feature of the item asked about. */
struct asked {
    const struct content_feature *feature;
    uint32_t number, kind;
    double root;  /* √rarity */
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

/* √ of rarity, which is log2((n + 1) / items that have it): next to nothing when all have it. */
static double root_of(const struct content_snapshot *snapshot,
                      const struct content_feature *feature)
{
    return sqrt(snapshot->rarity_max - feature->item_count_log2);
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
    double root = root_of(question->snapshot, feature), value = (double)use->weight * root;
    question->sums[use->kind] += is_cosine(use->kind) ? value * value : value;
    size_t at = bucket_of(use->feature);
    while (question->buckets[at])
        at = (at + 1) & (ASKED_BUCKETS - 1);
    question->asked[question->asked_count++] =
        (struct asked){feature, use->feature, use->kind, root, value};
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
    memset(out_likeness->sums, 0, sizeof out_likeness->sums);
    memset(out_likeness->shared, 0, sizeof out_likeness->shared);
    out_likeness->words.count = out_likeness->attributes.count = 0;
    out_likeness->level = out_likeness->brand = NULL;
    for (size_t i = 0; i < other->use_count; i++) {
        const struct content_use *use = &other->uses[i];
        if (use->kind == USE_PAIR || question->sums[use->kind] <= 0)
            continue;
        const struct asked *asked = find_asked(question, use->feature);
        const struct content_feature *feature =
            asked ? asked->feature : content_feature_at(question->snapshot, use->feature);
        if (!feature)
            continue;
        double root = asked ? asked->root : root_of(question->snapshot, feature);
        double value = (double)use->weight * root;
        out_likeness->sums[use->kind] += is_cosine(use->kind) ? value * value : value;
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

static bool is_larger(const struct content_part *left, const struct content_part *right)
{
    if (left->share != right->share)
        return left->share > right->share;
    if (left->kind != right->kind)
        return left->kind < right->kind;
    return left != right && slice_compare(left->name, right->name) < 0;
}

SORT_OF(parts, struct content_part, is_larger)

/* Everything but the words, which only the answers need. */
static void compare_docs(const struct question *question, const struct content_doc *other,
                         struct likeness *out_likeness, struct content_neighbour *out)
{
    compare_features(question, other, out_likeness);
    out->entry = &other->entry;
    out->item = other->entry.key;
    out->score = 0;
    out->part_count = 0; /* the parts behind are nobody's: clearing them cost more than the rest */
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
    parts_sort(out->parts, out->part_count);
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

/* --- the likest ------------------------------------------------------------------------------- */

/* What an item gains by a feature, as far as one can tell without looking at it. */
static float gain_of(const struct question *question, const struct asked *asked)
{
    const double *weights = question->weights;
    double sum = question->sums[asked->kind];
    if (!(sum > 0))
        return 0;
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

static size_t call(const struct question *question, struct arena *arena,
                   const struct content_doc **out_docs)
{
    struct content_caller callers[CONTENT_USES_MAX];
    for (size_t i = 0; i < question->asked_count; i++) {
        const struct asked *asked = &question->asked[i];
        callers[i] = (struct content_caller){asked->feature, gain_of(question, asked), (uint32_t)i};
    }
    struct content_calls calls = {question->snapshot, question->doc->slot, callers,
                                  question->asked_count};
    return content_call(&calls, CONTENT_COMPARED_MAX, arena, out_docs);
}

struct rank {
    double score;
    const struct content_doc *doc;
};

static bool is_liker(const struct rank *left, const struct rank *right)
{
    if (left->score != right->score)
        return left->score > right->score;
    return left != right && slice_compare(left->doc->entry.key, right->doc->entry.key) < 0;
}

SORT_OF(ranks, struct rank, is_liker)

/* Ranks all by their scores alone; what those scores are made of is found again for the few that
 * are wanted. */
static size_t rank(const struct question *question, size_t wanted, struct arena *arena,
                   struct rank *out_ranks)
{
    const struct content_doc *docs[CONTENT_COMPARED_MAX];
    size_t count = call(question, arena, docs);
    for (size_t i = 0; i < count; i++) {
        struct likeness likeness;
        struct content_neighbour neighbour;
        if (i + AHEAD < count)
            __builtin_prefetch(&docs[i + AHEAD]->use_count); /* else each is waited for */
        compare_docs(question, docs[i], &likeness, &neighbour);
        out_ranks[i] = (struct rank){neighbour.score, docs[i]};
    }
    if (count > wanted)
        ranks_select(out_ranks, count, wanted);
    count = count < wanted ? count : wanted;
    ranks_sort(out_ranks, count);
    return count;
}

size_t content_neighbours(const struct content_snapshot *snapshot, struct slice id, size_t wanted,
                          struct arena *arena, struct content_neighbour *out_neighbours)
{
    assert(wanted <= CONTENT_COMPARED_MAX);
    struct question question;
    struct rank *ranks = ARENA_ARRAY(arena, CONTENT_COMPARED_MAX, struct rank);
    if (!ask(&question, snapshot, id))
        return 0;
    size_t count = rank(&question, wanted, arena, ranks);
    for (size_t i = 0; i < count; i++) {
        struct likeness likeness;
        compare_docs(&question, ranks[i].doc, &likeness, &out_neighbours[i]);
    }
    return count;
}
