#include "catalog/feed_guess.h"

#include "base/hash.h"
#include "base/limits.h"
#include "catalog/item.h"
#include "catalog/money.h"

#include <assert.h>
#include <stdlib.h>

enum { SAMPLE_BYTES_MAX = 60, SEEN_SLOTS = 2048, FOLDED_BYTES_MAX = 64 };

static const struct guess_meaning meanings[] = {
    {"id",
     SHAPE_ID,
     100,
     {"id", "item_id", "product_id", "sku", "reference", "ref", "code_article", "code_produit",
      "id_produit", "identifiant", "stockcode", "item", "article", "code"}},
    {"image",
     SHAPE_PICTURE,
     80,
     {"image", "image_link", "image_url", "imageurl", "url_image", "lien_image", "photo", "visuel",
      "picture", "image_src"}},
    {"url",
     SHAPE_URL,
     80,
     {"url", "link", "lien", "product_url", "url_produit", "lien_produit", "page"}},
    {"category",
     SHAPE_FILLED,
     0,
     {"category", "product_type", "categorie", "categories", "category_path", "rayon", "famille",
      "univers", "google_product_category"}},
    {"list_price",
     SHAPE_MONEY,
     0,
     {"list_price", "listprice", "prix_barre", "regular_price", "compare_at_price", "prix_public",
      "prix_conseille", "prix_original", "ancien_prix", "msrp", "pvc"}},
    {"sale_price",
     SHAPE_MONEY,
     0,
     {"sale_price", "saleprice", "prix_promo", "prix_solde", "prix_remise", "special_price",
      "promo_price"}},
    {"cost",
     SHAPE_MONEY,
     0,
     {"cost", "cost_of_goods_sold", "cogs", "cout", "cout_achat", "prix_achat", "prix_d_achat",
      "prix_achat_ht", "prix_d_achat_ht", "prix_de_revient", "pamp", "purchase_price", "cost_price",
      "unit_cost", "wholesale_price"}},
    {"price",
     SHAPE_MONEY,
     90,
     {"price", "prix", "prix_ttc", "unit_price", "unitprice", "tarif", "prix_vente",
      "prix_de_vente", "selling_price", "price_ttc"}},
    {"attributes.gtin",
     SHAPE_EAN,
     80,
     {"gtin", "ean", "ean13", "barcode", "code_barres", "code_barre", "gencod", "upc"}},
    {"stock",
     SHAPE_UNITS,
     0,
     {"stock", "quantity", "quantite", "qty", "qte", "stock_quantity", "stock_disponible",
      "inventory"}},
    {"availability",
     SHAPE_AVAILABILITY,
     95,
     {"availability", "disponibilite", "disponible", "dispo", "en_stock", "in_stock", "available"}},
    {"currency", SHAPE_CURRENCY, 0, {"currency", "devise", "monnaie", "price_currency"}},
    {"brand", SHAPE_FILLED, 0, {"brand", "marque", "fabricant", "manufacturer", "vendor"}},
    {"title",
     SHAPE_TITLE,
     90,
     {"title", "titre", "name", "nom", "product_name", "nom_produit", "libelle", "designation",
      "intitule"}},
    {"description",
     SHAPE_FILLED,
     0,
     {"description", "descriptif", "desc", "description_longue", "long_description", "body_html"}},
    {"item_group_id",
     SHAPE_ID,
     0,
     {"item_group_id", "parent_id", "parent_sku", "id_parent", "parent", "groupe", "modele"}},
    {"hidden", SHAPE_AVAILABILITY, 0, {"hidden", "masque"}},
    {"locale",
     SHAPE_LOCALE,
     0,
     {"locale", "lang", "content_language", "langue", "language", "code_langue", "lang_code"}},
    {"attributes.color", SHAPE_FILLED, 0, {"color", "colour", "couleur", "coloris"}},
    {"attributes.size", SHAPE_FILLED, 0, {"size", "taille", "pointure"}},
    {"attributes.material", SHAPE_FILLED, 0, {"material", "matiere", "composition"}},
    {"attributes.gender", SHAPE_FILLED, 0, {"gender", "genre", "sexe"}},
    {"attributes.pattern", SHAPE_FILLED, 0, {"pattern", "motif"}},
    {"attributes.season", SHAPE_FILLED, 0, {"season", "saison"}},
    {"attributes.age_group", SHAPE_FILLED, 0, {"age_group", "tranche_age", "age"}},
};
static const struct guess_table catalog_table = {meanings, sizeof meanings / sizeof *meanings};

struct column {
    struct slice name;
    unsigned fits[SHAPE_COUNT]; /* values by shape; SHAPE_FILLED: all that are filled */
    unsigned distinct;
    uint64_t seen[SEEN_SLOTS]; /* hashes of values, open addressing; GUESS_RECORDS_MAX fit */
    struct slice sample;
};

struct columns {
    struct column **rows;
    size_t count;
    const struct guess_table *table;
};

/* --- what a value looks like ------------------------------------------------------------------ */

bool gtin_valid(struct slice text)
{
    unsigned sum = 0;
    if (text.size != 8 && (text.size < 12 || text.size > 14))
        return false;
    for (size_t i = 0; i < text.size; i++) {
        if (text.data[i] < '0' || text.data[i] > '9')
            return false;
        bool thrice = (text.size - 1 - i) % 2 == 1; /* counted from the right, the check digit 0 */
        sum += (unsigned)(text.data[i] - '0') * (thrice ? 3 : 1);
    }
    return sum % 10 == 0;
}

static bool starts_as(struct slice text, const char *start)
{
    return slice_equal_ignoring_case(slice_first(text, strlen(start)), slice_of(start));
}

static bool is_letter(char byte)
{
    return (unsigned char)((byte | 0x20) - 'a') < 26;
}

static bool is_url(struct slice text)
{
    return starts_as(text, "https://") || starts_as(text, "http://");
}

static bool is_picture(struct slice text)
{
    static const char *const ends[] = {".jpg", ".jpeg", ".png", ".webp", ".gif", ".avif", ".svg"};
    struct slice path = text, query;
    (void)slice_cut(text, '?', &path, &query);
    for (size_t i = 0; i < sizeof ends / sizeof *ends; i++) {
        size_t size = strlen(ends[i]);
        if (path.size > size && starts_as(slice_from(path, path.size - size), ends[i]))
            return is_url(text) || text.data[0] == '/';
    }
    return false;
}

static bool is_locale(struct slice text)
{
    bool good = text.size == 2 || (text.size == 5 && (text.data[2] == '_' || text.data[2] == '-'));
    for (size_t i = 0; i < text.size && good; i++)
        good = i == 2 || is_letter(text.data[i]);
    return good;
}

static bool is_decimal(struct slice text)
{
    return money_names_currency(text) || slice_find(text, '.') != SIZE_MAX ||
           slice_find(text, ',') != SIZE_MAX;
}

static bool has_letter(struct slice text)
{
    for (size_t i = 0; i < text.size; i++)
        if ((unsigned char)text.data[i] >= 0x80 || is_letter(text.data[i]))
            return true;
    return false;
}

static bool is_email(struct slice text)
{
    size_t at = slice_find(text, '@');
    return at != SIZE_MAX && at > 0 && slice_find(text, ' ') == SIZE_MAX &&
           slice_find(slice_from(text, at), '.') != SIZE_MAX;
}

/* A year with month and day, or day, month and year between slashes. */
static bool is_time(struct slice text)
{
    size_t digits = 0, strokes = 0;
    for (size_t i = 0; i < text.size && i < 10; i++) {
        digits += text.data[i] >= '0' && text.data[i] <= '9';
        strokes += text.data[i] == '-' || text.data[i] == '/';
    }
    return text.size >= 8 && strokes == 2 && digits >= 6;
}

static bool fits(enum guess_shape shape, struct slice text)
{
    struct slice currency = SLICE("EUR");
    int64_t number;
    bool money = money_parse(text, &currency, &number, NULL) == STATUS_OK;
    bool available;
    switch (shape) {
    case SHAPE_MONEY:
        return money;
    case SHAPE_DECIMAL:
        return money && is_decimal(text);
    case SHAPE_UNITS:
        return slice_to_int64(text, &number) && number >= 0;
    case SHAPE_URL:
        return is_url(text);
    case SHAPE_PICTURE:
        return is_picture(text);
    case SHAPE_EAN:
        return gtin_valid(text);
    case SHAPE_PATH:
        return slice_find(text, '>') != SIZE_MAX && text.size <= 750;
    case SHAPE_AVAILABILITY:
        return availability_read(text, &available);
    case SHAPE_CURRENCY:
        return currency_valid(text);
    case SHAPE_LOCALE:
        return is_locale(text);
    case SHAPE_ID:
        return text.size <= ITEM_ID_BYTES_MAX && slice_find(text, ' ') == SIZE_MAX;
    case SHAPE_EMAIL:
        return is_email(text);
    case SHAPE_TIME:
        return is_time(text);
    case SHAPE_TITLE:
        return text.size <= ITEM_TITLE_BYTES_MAX && has_letter(text) && !is_url(text);
    default:
        return true;
    }
}

/* --- what columns hold ------------------------------------------------------------------------ */

static struct column *find_column(struct columns *columns, struct slice name, struct arena *arena)
{
    for (size_t i = 0; i < columns->count; i++)
        if (slice_equal(columns->rows[i]->name, name))
            return columns->rows[i];
    if (columns->count == FEED_COLUMNS_MAX)
        return NULL;
    struct column *column = ARENA_NEW(arena, struct column);
    column->name = arena_copy(arena, name);
    columns->rows[columns->count++] = column;
    return column;
}

static bool first_time(struct column *column, struct slice text)
{
    uint64_t hash = hash64(text) | 1;
    for (size_t slot = hash % SEEN_SLOTS;; slot = (slot + 1) % SEEN_SLOTS) {
        if (column->seen[slot] == hash)
            return false;
        if (column->seen[slot] == 0) {
            column->seen[slot] = hash;
            return true;
        }
    }
}

static void take_value(struct column *column, const struct json *value, struct arena *arena)
{
    if (json_is(value, JSON_ARRAY) && value->count > 0)
        value = &value->elements[0];
    struct slice text = slice_trim(json_scalar_text(value));
    if (json_is(value, JSON_BOOL))
        text = value->boolean ? SLICE("true") : SLICE("false");
    if (text.size == 0)
        return;
    if (column->fits[SHAPE_FILLED] == 0)
        column->sample = arena_copy(arena, slice_first(text, SAMPLE_BYTES_MAX));
    for (enum guess_shape shape = 0; shape < SHAPE_COUNT; shape++)
        column->fits[shape] += fits(shape, text);
    column->distinct += first_time(column, text);
}

static void take_record(struct columns *columns, const struct json *record, struct arena *arena)
{
    for (size_t i = 0; i < record->count; i++) {
        struct column *column = find_column(columns, record->members[i].name, arena);
        if (column)
            take_value(column, &record->members[i].value, arena);
    }
}

/* Records until there are enough. *diag: of the first bad one. */
static enum status read_records(struct feed *feed, struct arena *arena, struct columns *columns,
                                struct guesses *guesses, struct diag *diag)
{
    struct arena row;
    enum status status = STATUS_OK;
    arena_init(&row);
    while (guesses->records < GUESS_RECORDS_MAX && guesses->bad < GUESS_RECORDS_MAX) {
        const struct json *record;
        struct diag of_row;
        unsigned line;
        arena_reset(&row);
        status = feed_next(feed, &row, &record, &line, &of_row);
        if (status == STATUS_OK) {
            guesses->records++;
            take_record(columns, record, arena);
        } else if (status != STATUS_INVALID) {
            *diag = status == STATUS_IO ? of_row : *diag;
            break;
        } else if (guesses->bad++ == 0) {
            *diag = of_row;
        }
    }
    arena_done(&row);
    return status == STATUS_IO ? status : STATUS_OK;
}

static enum status read_columns(struct feed *feed, struct arena *arena, struct columns *columns,
                                struct guesses *guesses, struct diag *diag)
{
    struct slice name;
    struct diag first = {0};
    for (size_t i = 0; (name = feed_column(feed, i)).size > 0; i++)
        (void)find_column(columns, name, arena);
    enum status status = read_records(feed, arena, columns, guesses, &first);
    if (status == STATUS_OK && guesses->records > 0)
        return STATUS_OK;
    if (!first.sentence[0])
        return diag_set(diag, STATUS_INVALID, "", "the file has no records");
    *diag = first;
    return status == STATUS_OK ? STATUS_INVALID : status;
}

/* --- names ------------------------------------------------------------------------------------ */

/* The plain letter of a French one, by the second byte of those that begin with C3; else 0. */
static char plain_letter(char second)
{
    static const char *const accents[] = {
        "a\xA0\xA1\xA2\xA4\x80\x82", "c\xA7\x87",     "e\xA8\xA9\xAA\xAB\x88\x89\x8A",
        "i\xAE\xAF\x8E\x8F",         "o\xB4\xB6\x94", "u\xB9\xBB\xBC\x99\x9B"};
    for (size_t i = 0; i < sizeof accents / sizeof *accents; i++)
        if (strchr(accents[i] + 1, second))
            return accents[i][0];
    return 0;
}

/* The letter or digit at name[*inout_at], small and without its accent; 0 for anything else. */
static char fold_letter(struct slice name, size_t *inout_at)
{
    char byte = name.data[*inout_at];
    if (is_letter(byte))
        return (char)(byte | 0x20);
    if (byte != '\xC3' || *inout_at + 1 == name.size || name.data[*inout_at + 1] == 0)
        return byte >= '0' && byte <= '9' ? byte : 0;
    return plain_letter(name.data[++*inout_at]);
}

/* "g:Prix TTC (€)" to "prix_ttc": letters without accents, everything else one "_". */
static struct slice fold_name(struct slice name, char out[FOLDED_BYTES_MAX])
{
    size_t size = 0;
    if (starts_as(name, "g:"))
        name = slice_from(name, 2);
    for (size_t i = 0; i < name.size && size < FOLDED_BYTES_MAX; i++) {
        char letter = fold_letter(name, &i);
        if (letter)
            out[size++] = letter;
        else if (size > 0 && out[size - 1] != '_')
            out[size++] = '_';
    }
    while (size > 0 && out[size - 1] == '_')
        size--;
    return slice_make(out, size);
}

/* 1: its first name, our own; GUESS_NAMES_MAX + 1: none of its names. */
static unsigned name_rank(const struct guess_meaning *meaning, struct slice folded)
{
    for (unsigned i = 0; i < GUESS_NAMES_MAX && meaning->names[i]; i++)
        if (slice_is(folded, meaning->names[i]))
            return i + 1;
    return GUESS_NAMES_MAX + 1;
}

/* --- deciding --------------------------------------------------------------------------------- */

static unsigned share(unsigned part, unsigned whole)
{
    return whole ? part * 100 / whole : 0;
}

/* Do the values fit what the meaning asks for? A picture may be any URL, and an empty column
 * objects to nothing. */
static bool agrees(const struct guess_meaning *meaning, const struct column *column)
{
    unsigned good = column->fits[meaning->shape];
    if (meaning->shape == SHAPE_PICTURE && column->fits[SHAPE_URL] > good)
        good = column->fits[SHAPE_URL];
    return column->fits[SHAPE_FILLED] == 0 || share(good, column->fits[SHAPE_FILLED]) >= 80;
}

/* What the values alone allow: stricter than a name that they only must not contradict. */
static bool convinces(const struct guess_meaning *meaning, const struct column *column,
                      unsigned records)
{
    enum guess_shape shape = meaning->shape == SHAPE_MONEY ? SHAPE_DECIMAL : meaning->shape;
    unsigned filled = column->fits[SHAPE_FILLED];
    if (meaning->by_values == 0 || filled == 0 || share(filled, records) < 50 ||
        share(column->fits[shape], filled) < meaning->by_values)
        return false;
    if (shape == SHAPE_ID) /* a key: everywhere and never twice, and there is something to tell */
        return filled == records && column->distinct == filled && filled > 1;
    if (shape == SHAPE_TITLE)
        return share(column->distinct, filled) >= 50 && share(column->fits[SHAPE_ID], filled) < 50;
    return shape != SHAPE_AVAILABILITY || column->fits[SHAPE_UNITS] < filled;
}

static void give(struct guess *guess, const struct guess_meaning *meaning,
                 const struct column *column, enum guess_reason reason)
{
    guess->field = reason == GUESS_NAME_CONTRADICTED ? NULL : meaning->field;
    guess->shape = meaning->shape;
    guess->fits = column->fits[meaning->shape];
    guess->reason = reason;
}

/* The column whose name says the meaning best and whose values do not object, or SIZE_MAX. Those
 * that object are marked. */
static size_t find_named(const struct columns *columns, const struct guess_meaning *meaning,
                         struct guesses *guesses)
{
    char room[FOLDED_BYTES_MAX];
    size_t best = SIZE_MAX;
    unsigned best_rank = GUESS_NAMES_MAX + 1;
    for (size_t i = 0; i < columns->count; i++) {
        struct guess *guess = &guesses->rows[i];
        unsigned rank = name_rank(meaning, fold_name(columns->rows[i]->name, room));
        if (rank > GUESS_NAMES_MAX || guess->field)
            continue;
        guess->named = meaning->field;
        if (!agrees(meaning, columns->rows[i])) {
            give(guess, meaning, columns->rows[i], GUESS_NAME_CONTRADICTED);
        } else if (rank < best_rank) {
            best = i;
            best_rank = rank;
        }
    }
    return best;
}

static void guess_by_names(const struct columns *columns, struct guesses *guesses, bool *taken)
{
    for (size_t m = 0; m < columns->table->count; m++) {
        size_t best = find_named(columns, &columns->table->meanings[m], guesses);
        taken[m] = best != SIZE_MAX;
        if (taken[m])
            give(&guesses->rows[best], &columns->table->meanings[m], columns->rows[best],
                 GUESS_NAME);
    }
}

static void guess_by_values(const struct columns *columns, struct guesses *guesses, bool *taken)
{
    for (size_t m = 0; m < columns->table->count; m++)
        for (size_t i = 0; i < columns->count && !taken[m]; i++) {
            if (guesses->rows[i].field || guesses->rows[i].named ||
                !convinces(&columns->table->meanings[m], columns->rows[i], guesses->records))
                continue;
            give(&guesses->rows[i], &columns->table->meanings[m], columns->rows[i], GUESS_VALUES);
            taken[m] = true;
        }
}

static struct guess *find_guess(const struct guesses *guesses, const char *field, size_t *out_index)
{
    for (size_t i = 0; i < guesses->count; i++)
        if (guesses->rows[i].field && strcmp(guesses->rows[i].field, field) == 0) {
            *out_index = i;
            return &guesses->rows[i];
        }
    return NULL;
}

/* An item needs a title: where none is found, a description of short texts is one. */
static void guess_title(const struct columns *columns, struct guesses *guesses)
{
    static const struct guess_meaning title = {"title", SHAPE_TITLE, 90, {NULL}};
    size_t index;
    struct guess *description = find_guess(guesses, "description", &index);
    if (description && !find_guess(guesses, "title", &(size_t){0}) &&
        convinces(&title, columns->rows[index], guesses->records))
        give(description, &title, columns->rows[index], GUESS_VALUES);
}

/* A column of paths is a category even where its name is none of ours. */
static void guess_paths(const struct columns *columns, struct guesses *guesses)
{
    static const struct guess_meaning path = {"category", SHAPE_PATH, 50, {NULL}};
    if (find_guess(guesses, "category", &(size_t){0}))
        return;
    for (size_t i = 0; i < guesses->count; i++) {
        if (guesses->rows[i].field || !convinces(&path, columns->rows[i], guesses->records))
            continue;
        give(&guesses->rows[i], &path, columns->rows[i], GUESS_VALUES);
        return;
    }
}

enum status feed_guess_by(struct feed *feed, const struct guess_table *table, struct arena *arena,
                          struct guesses *out_guesses, struct diag *diag)
{
    struct columns columns = {ARENA_ARRAY(arena, FEED_COLUMNS_MAX, struct column *), 0, table};
    struct guesses guesses = {0};
    bool taken[GUESS_MEANINGS_MAX];
    assert(table->count <= GUESS_MEANINGS_MAX);
    enum status status = read_columns(feed, arena, &columns, &guesses, diag);
    if (status != STATUS_OK)
        return status;
    guesses.count = columns.count;
    guesses.rows = ARENA_ARRAY(arena, columns.count, struct guess);
    for (size_t i = 0; i < columns.count; i++)
        guesses.rows[i] = (struct guess){.column = columns.rows[i]->name,
                                         .filled = columns.rows[i]->fits[SHAPE_FILLED],
                                         .distinct = columns.rows[i]->distinct,
                                         .sample = columns.rows[i]->sample};
    guess_by_names(&columns, &guesses, taken);
    if (table == &catalog_table)
        guess_paths(&columns, &guesses);
    guess_by_values(&columns, &guesses, taken);
    if (table == &catalog_table)
        guess_title(&columns, &guesses);
    *out_guesses = guesses;
    return STATUS_OK;
}

enum status feed_guess(struct feed *feed, struct arena *arena, struct guesses *out_guesses,
                       struct diag *diag)
{
    return feed_guess_by(feed, &catalog_table, arena, out_guesses, diag);
}
