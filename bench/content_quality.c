/* How good content similarity is on real products, as JSON lines: what chose its weights.
 *
 *   content_quality icecat DIR [validate|test|sweep]
 *   content_quality food PRODUCTS.tsv
 *
 * icecat: one product in ten is "new": its ten neighbours among all others are judged by brand
 * (the same supplier) and by kind (half of the attribute names in common, of those that fewer
 * than a tenth of all products have). For the judgement by kind the attributes are kept from the
 * index, so nothing of what judges is known; for the judgement by brand the brand is kept from
 * it (titles name it, as shops' titles do). Beside it: BM25 over stemmed titles, and ten drawn
 * at random. Validation takes another tenth. food: time to build and to ask for 50,000 products. */
#include "base/clock.h"
#include "base/hash.h"
#include "base/json.h"
#include "base/random.h"
#include "learn/content.h"
#include "learn/logarithm.h"
#include "learn/terms.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum { NEIGHBOURS = 10, NAMES_MAX = 200, FILES = 4 };

struct product {
    struct content_item item;
    uint64_t names[NAMES_MAX]; /* hashes of the names of its telling attributes, ascending */
    size_t name_count;
};

struct shop {
    struct product *products;
    size_t count;
    struct arena arena;
};

static double cpu_seconds(void)
{
    struct timespec now;
    (void)clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static struct slice read_file(struct arena *arena, const char *path)
{
    FILE *file = fopen(path, "rb");
    if (!file) {
        (void)fprintf(stderr, "cannot open %s\n", path);
        exit(2);
    }
    (void)fseek(file, 0, SEEK_END);
    size_t size = (size_t)ftell(file);
    rewind(file);
    char *text = arena_alloc(arena, size + 1);
    size = fread(text, 1, size, file);
    (void)fclose(file);
    return slice_make(text, size);
}

/* --- Icecat ----------------------------------------------------------------------------------- */

static int compare_hashes(const void *left, const void *right)
{
    uint64_t a = *(const uint64_t *)left, b = *(const uint64_t *)right;
    return a < b ? -1 : a > b;
}

static struct slice value_text(const struct json *value, struct arena *arena)
{
    if (value->kind == JSON_BOOL)
        return value->boolean ? SLICE("yes") : SLICE("no");
    if (value->kind == JSON_NUMBER)
        return arena_format(arena, "%.6g", value->number);
    return json_scalar_text(value);
}

static void read_product(const struct json *json, struct arena *arena, struct product *out)
{
    *out = (struct product){.item = {
                                .id = json_get_text(json, "id"),
                                .title = json_get_text(json, "title"),
                                .description = json_get_text(json, "short_description"),
                                .brand = json_get_text(json, "supplier"),
                                .currency = SLICE("EUR"),
                                .price_minor = json_get_int(json, "price", -1),
                                .locale = LOCALE_EN,
                            }};
    struct content_attribute *attributes =
        ARENA_ARRAY(arena, CONTENT_ATTRIBUTES_MAX, struct content_attribute);
    out->item.attributes = attributes;
    for (size_t i = 0; i < json->count; i++) {
        const struct json_member *member = &json->members[i];
        if (!slice_starts_with(member->name, SLICE("attr_")))
            continue;
        if (out->name_count < NAMES_MAX)
            out->names[out->name_count++] = hash64(member->name);
        if (out->item.attribute_count < CONTENT_ATTRIBUTES_MAX)
            attributes[out->item.attribute_count++] = (struct content_attribute){
                slice_from(member->name, 7), value_text(&member->value, arena)};
    }
}

/* Leaves the names that fewer than a tenth of all have. */
static void keep_telling_names(struct shop *shop)
{
    enum { ROOM = 1 << 16 };
    static struct {
        uint64_t name;
        size_t count;
    } counts[ROOM];
    for (int pass = 0; pass < 2; pass++) {
        for (size_t i = 0; i < shop->count; i++) {
            struct product *product = &shop->products[i];
            size_t kept = 0;
            for (size_t j = 0; j < product->name_count; j++) {
                size_t at = product->names[j] % ROOM;
                while (counts[at].count && counts[at].name != product->names[j])
                    at = (at + 1) % ROOM;
                counts[at].name = product->names[j];
                counts[at].count += pass == 0;
                if (pass == 0 || counts[at].count < shop->count / 10)
                    product->names[kept++] = product->names[j];
            }
            product->name_count = kept;
            qsort(product->names, kept, sizeof *product->names, compare_hashes);
        }
    }
}

static void read_icecat(struct shop *shop, const char *directory)
{
    arena_init(&shop->arena);
    shop->products = must_alloc(32768 * sizeof *shop->products);
    for (int number = 1; number <= FILES; number++) {
        char path[512];
        (void)snprintf(path, sizeof path, "%s/%d.json", directory, number);
        const struct json *root;
        struct diag diag = {0};
        if (json_parse(&shop->arena, read_file(&shop->arena, path), &root, &diag) != STATUS_OK)
            exit(2);
        for (size_t i = 0; i < root->count && shop->count < 32768; i++)
            read_product(&root->elements[i], &shop->arena, &shop->products[shop->count++]);
    }
    keep_telling_names(shop);
}

static bool same_kind(const struct product *a, const struct product *b)
{
    size_t i = 0, j = 0, shared = 0;
    while (i < a->name_count && j < b->name_count) {
        if (a->names[i] == b->names[j])
            shared++, i++, j++;
        else if (a->names[i] < b->names[j])
            i++;
        else
            j++;
    }
    size_t all = a->name_count + b->name_count - shared;
    return all > 0 && 2 * shared >= all;
}

enum judge { BY_KIND, BY_BRAND };

static bool is_asked(const struct product *product, unsigned part, enum judge judge)
{
    return hash64(product->item.id) % 10 == part && (judge == BY_BRAND || product->name_count >= 3);
}

static bool agrees(const struct product *a, const struct product *b, enum judge judge)
{
    return judge == BY_KIND ? same_kind(a, b) : slice_equal(a->item.brand, b->item.brand);
}

static const struct product *find_product(const struct shop *shop, const uint32_t *index,
                                          struct slice id)
{
    for (size_t at = hash64(id) & 65535;; at = (at + 1) & 65535)
        if (slice_equal(shop->products[index[at]].item.id, id))
            return &shop->products[index[at]];
}

static uint32_t *index_products(struct shop *shop)
{
    uint32_t *index = ARENA_ARRAY(&shop->arena, 65536, uint32_t);
    memset(index, 0xff, 65536 * sizeof *index);
    for (size_t i = 0; i < shop->count; i++) {
        size_t at = hash64(shop->products[i].item.id) & 65535;
        while (index[at] != UINT32_MAX)
            at = (at + 1) & 65535;
        index[at] = (uint32_t)i;
    }
    return index;
}

static void report(const char *model, enum judge judge, size_t hits, size_t asked)
{
    (void)printf("{\"model\":\"%s\",\"judge\":\"%s\",\"precision10\":%.4f,\"n\":%zu}\n", model,
                 judge == BY_KIND ? "kind" : "brand", (double)hits / (double)(asked * NEIGHBOURS),
                 asked);
}

static int compare_doubles(const void *left, const void *right)
{
    double a = *(const double *)left, b = *(const double *)right;
    return a < b ? -1 : a > b;
}

static struct content *build(const struct shop *shop, enum judge judge,
                             const struct content_weights *weights)
{
    struct content *content = content_new(weights);
    for (size_t i = 0; i < shop->count; i++) {
        struct content_item item = shop->products[i].item;
        if (judge == BY_KIND)
            item.attribute_count = 0;
        else
            item.brand = SLICE_NONE;
        bool kept = content_put(content, &item);
        assert(kept);
    }
    content_publish(content);
    return content;
}

static void judge_content(struct shop *shop, const uint32_t *index, unsigned part, enum judge judge,
                          const struct content_weights *weights)
{
    double began = cpu_seconds();
    struct content *content = build(shop, judge, weights);
    double built = cpu_seconds() - began;
    const struct content_snapshot *snapshot = content_pin(content);
    double *times = must_alloc(shop->count * sizeof *times);
    size_t hits = 0, asked = 0;
    struct arena arena;
    arena_init(&arena);
    for (size_t i = 0; i < shop->count; i++) {
        const struct product *product = &shop->products[i];
        if (!is_asked(product, part, judge))
            continue;
        struct content_neighbour neighbours[NEIGHBOURS];
        double start = cpu_seconds();
        size_t count =
            content_neighbours(snapshot, product->item.id, NEIGHBOURS, &arena, neighbours);
        times[asked++] = cpu_seconds() - start;
        for (size_t j = 0; j < count; j++)
            hits += agrees(product, find_product(shop, index, neighbours[j].item), judge);
        arena_reset(&arena);
    }
    report("content", judge, hits, asked);
    qsort(times, asked, sizeof *times, compare_doubles);
    (void)fprintf(stderr, "build %.2f s, ask p50 %.0f µs, p99 %.0f µs, %.1f MB\n", built,
                  times[asked / 2] * 1e6, times[asked * 99 / 100] * 1e6,
                  (double)content_bytes(content) / 1e6);
    free(times);
    arena_done(&arena);
    content_unpin(snapshot);
    content_free(content);
}

/* --- beside it -------------------------------------------------------------------------------- */

struct posting {
    uint64_t term;
    uint32_t product;
    float times;
};

static int compare_postings(const void *left, const void *right)
{
    const struct posting *a = left, *b = right;
    if (a->term != b->term)
        return a->term < b->term ? -1 : 1;
    return a->product < b->product ? -1 : a->product > b->product;
}

struct titles {
    struct posting *postings; /* by term */
    size_t count;
    double *lengths, mean_length;
};

static void read_titles(struct shop *shop, struct titles *out)
{
    struct terms *terms = terms_new();
    const struct term *words;
    struct posting *all = must_alloc(shop->count * 160 * sizeof *all);
    out->lengths = must_alloc_zero(shop->count, sizeof *out->lengths);
    size_t count = 0;
    for (size_t i = 0; i < shop->count; i++) {
        size_t found =
            terms_read(terms, shop->products[i].item.title, LOCALE_EN, &shop->arena, &words);
        for (size_t j = 0; j < found && j < 160; j++)
            all[count++] = (struct posting){hash64(words[j].stem), (uint32_t)i, 1};
        out->lengths[i] = (double)found;
        out->mean_length += (double)found / (double)shop->count;
    }
    terms_free(terms);
    qsort(all, count, sizeof *all, compare_postings);
    size_t kept = 0;
    for (size_t i = 0; i < count; i++) {
        if (kept > 0 && compare_postings(&all[kept - 1], &all[i]) == 0)
            all[kept - 1].times += 1;
        else
            all[kept++] = all[i];
    }
    out->postings = all;
    out->count = kept;
}

/* BM25 with k1 1.2, b 0.75: the title asks. */
static void score_titles(const struct shop *shop, const struct titles *titles, uint32_t product,
                         double *scores)
{
    memset(scores, 0, shop->count * sizeof *scores);
    for (size_t from = 0, to; from < titles->count; from = to) {
        bool asked = false;
        for (to = from;
             to < titles->count && titles->postings[to].term == titles->postings[from].term; to++)
            asked = asked || titles->postings[to].product == product;
        if (!asked)
            continue;
        double having = (double)(to - from), all = (double)shop->count;
        double idf = logarithm2(1 + (all - having + 0.5) / (having + 0.5));
        for (size_t i = from; i < to; i++) {
            double times = (double)titles->postings[i].times;
            double length = titles->lengths[titles->postings[i].product] / titles->mean_length;
            scores[titles->postings[i].product] +=
                idf * times * 2.2 / (times + 1.2 * (0.25 + 0.75 * length));
        }
    }
    scores[product] = 0;
}

static void judge_titles(struct shop *shop, unsigned part, enum judge judge)
{
    struct titles titles = {0};
    read_titles(shop, &titles);
    double *scores = must_alloc(shop->count * sizeof *scores);
    size_t hits = 0, asked = 0;
    for (size_t i = 0; i < shop->count; i++) {
        const struct product *product = &shop->products[i];
        if (!is_asked(product, part, judge))
            continue;
        asked++;
        score_titles(shop, &titles, (uint32_t)i, scores);
        for (int place = 0; place < NEIGHBOURS; place++) {
            size_t best = 0;
            for (size_t j = 1; j < shop->count; j++)
                if (scores[j] > scores[best])
                    best = j;
            hits += scores[best] > 0 && agrees(product, &shop->products[best], judge);
            scores[best] = 0;
        }
    }
    report("title BM25", judge, hits, asked);
    free(scores);
    free(titles.postings);
    free(titles.lengths);
}

static void judge_random(struct shop *shop, unsigned part, enum judge judge)
{
    struct random_stream stream = random_stream(1);
    size_t hits = 0, asked = 0;
    for (size_t i = 0; i < shop->count; i++) {
        if (!is_asked(&shop->products[i], part, judge))
            continue;
        asked++;
        for (int place = 0; place < NEIGHBOURS; place++)
            hits += agrees(&shop->products[i], &shop->products[random_below(&stream, shop->count)],
                           judge);
    }
    report("random", judge, hits, asked);
}

static void sweep(struct shop *shop, const uint32_t *index)
{
    static const struct content_weights tries[] = {
        {1, 0, 0, 0, 0},           {0.4, 0.25, 0.1, 0.15, 0.1},   {0.6, 0.25, 0.1, 0.15, 0.1},
        {0.4, 0.25, 0, 0.15, 0},   {0.4, 0.25, 0.05, 0.15, 0.05}, {0.4, 0.25, 0.1, 0.3, 0.1},
        {0.4, 0.25, 0.1, 0.15, 0}, {0.4, 0.25, 0.1, 0.05, 0.05},  {0.4, 0.25, 0.1, 0.15, 0.05},
    };
    for (size_t i = 0; i < sizeof tries / sizeof *tries; i++) {
        (void)printf("text %.2f category %.2f brand %.2f attributes %.2f price %.2f\n",
                     tries[i].text, tries[i].category, tries[i].brand, tries[i].attributes,
                     tries[i].price);
        judge_content(shop, index, 1, BY_KIND, &tries[i]);
        judge_content(shop, index, 1, BY_BRAND, &tries[i]);
    }
}

static void icecat(const char *directory, struct slice part_name)
{
    struct shop shop = {0};
    read_icecat(&shop, directory);
    uint32_t *index = index_products(&shop);
    if (slice_is(part_name, "sweep")) {
        sweep(&shop, index);
    } else {
        unsigned part = slice_is(part_name, "validate") ? 1 : 0;
        for (int judge = BY_KIND; judge <= BY_BRAND; judge++) {
            judge_content(&shop, index, part, (enum judge)judge, NULL);
            judge_titles(&shop, part, (enum judge)judge);
            judge_random(&shop, part, (enum judge)judge);
        }
    }
    free(shop.products);
    arena_done(&shop.arena);
}

/* --- 50,000 French products ------------------------------------------------------------------- */

static struct slice cell(struct slice row, size_t column)
{
    struct slice head = row, rest = row;
    for (size_t i = 0; i <= column; i++)
        if (!slice_cut(rest, '\t', &head, &rest))
            return i == column ? rest : SLICE_NONE;
    return head;
}

static void food(const char *path)
{
    struct arena arena;
    arena_init(&arena);
    struct slice rest = read_file(&arena, path), row;
    struct slice *ids = ARENA_ARRAY(&arena, 65536, struct slice);
    size_t count = 0;
    (void)slice_cut(rest, '\n', &row, &rest);
    double began = cpu_seconds();
    struct content *content = content_new(NULL);
    while (count < 65536 && slice_cut(rest, '\n', &row, &rest)) {
        struct content_item item = {.id = cell(row, 0),
                                    .title = cell(row, 1),
                                    .description = cell(row, 6),
                                    .price_minor = -1,
                                    .locale = LOCALE_FR};
        ids[count++] = item.id;
        bool kept = content_put(content, &item);
        assert(kept);
    }
    double put = cpu_seconds() - began;
    content_publish(content);
    double built = cpu_seconds() - began;
    const struct content_snapshot *snapshot = content_pin(content);
    double *times = must_alloc(count * sizeof *times);
    size_t asked = 0, found = 0;
    struct arena scratch;
    arena_init(&scratch);
    for (size_t i = 0; i < count; i += 17) {
        struct content_neighbour neighbours[NEIGHBOURS];
        double start = cpu_seconds();
        found += content_neighbours(snapshot, ids[i], NEIGHBOURS, &scratch, neighbours);
        times[asked++] = cpu_seconds() - start;
        arena_reset(&scratch);
    }
    qsort(times, asked, sizeof *times, compare_doubles);
    (void)printf("{\"items\":%zu,\"put_s\":%.2f,\"build_s\":%.2f,\"ask_p50_us\":%.0f,"
                 "\"ask_p99_us\":%.0f,\"mean_answers\":%.2f,\"megabytes\":%.1f}\n",
                 content_count(snapshot), put, built, times[asked / 2] * 1e6,
                 times[asked * 99 / 100] * 1e6, (double)found / (double)asked,
                 (double)content_bytes(content) / 1e6);
    free(times);
    arena_done(&scratch);
    content_unpin(snapshot);
    content_free(content);
    arena_done(&arena);
}

int main(int argc, char **argv)
{
    if (argc >= 3 && strcmp(argv[1], "icecat") == 0)
        icecat(argv[2], argc > 3 ? slice_of(argv[3]) : SLICE("test"));
    else if (argc >= 3 && strcmp(argv[1], "food") == 0)
        food(argv[2]);
    else
        return fprintf(stderr, "content_quality icecat DIR | food PRODUCTS.tsv\n") < 0 ? 1 : 2;
    return 0;
}
