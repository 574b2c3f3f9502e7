/* Why a column is guessed to be a field, in words and as JSON. */
#include "catalog/feed_guess.h"

/* What one value is, and several are. */
static const char *const shape_words[LOCALE_COUNT][SHAPE_COUNT][2] = {
    [LOCALE_FR] = {[SHAPE_FILLED] = {"est remplie", "sont remplies"},
                   [SHAPE_MONEY] = {"est un prix", "sont des prix"},
                   [SHAPE_DECIMAL] = {"est un prix", "sont des prix"},
                   [SHAPE_UNITS] = {"est un nombre entier", "sont des nombres entiers"},
                   [SHAPE_URL] = {"est une adresse", "sont des adresses"},
                   [SHAPE_PICTURE] = {"est une adresse d'image", "sont des adresses d'images"},
                   [SHAPE_EAN] = {"est un code EAN dont la clé est juste",
                                  "sont des codes EAN dont la clé est juste"},
                   [SHAPE_PATH] = {"est un chemin (A > B)", "sont des chemins (A > B)"},
                   [SHAPE_AVAILABILITY] = {"dit si l'article est disponible",
                                           "disent si l'article est disponible"},
                   [SHAPE_CURRENCY] = {"est une devise", "sont des devises"},
                   [SHAPE_LOCALE] = {"est une langue", "sont des langues"},
                   [SHAPE_ID] = {"peut servir d'identifiant", "peuvent servir d'identifiant"},
                   [SHAPE_TITLE] = {"est un texte court", "sont des textes courts"},
                   [SHAPE_EMAIL] = {"est une adresse e-mail", "sont des adresses e-mail"},
                   [SHAPE_TIME] = {"est une date", "sont des dates"}},
    [LOCALE_EN] = {[SHAPE_FILLED] = {"is filled", "are filled"},
                   [SHAPE_MONEY] = {"is a price", "are prices"},
                   [SHAPE_DECIMAL] = {"is a price", "are prices"},
                   [SHAPE_UNITS] = {"is a whole number", "are whole numbers"},
                   [SHAPE_URL] = {"is an address", "are addresses"},
                   [SHAPE_PICTURE] = {"is the address of a picture", "are addresses of pictures"},
                   [SHAPE_EAN] = {"is an EAN code with a good check digit",
                                  "are EAN codes with a good check digit"},
                   [SHAPE_PATH] = {"is a path (A > B)", "are paths (A > B)"},
                   [SHAPE_AVAILABILITY] = {"says whether the item is available",
                                           "say whether the item is available"},
                   [SHAPE_CURRENCY] = {"is a currency", "are currencies"},
                   [SHAPE_LOCALE] = {"is a language", "are languages"},
                   [SHAPE_ID] = {"can serve as an id", "can serve as an id"},
                   [SHAPE_TITLE] = {"is a short text", "are short texts"},
                   [SHAPE_EMAIL] = {"is an e-mail address", "are e-mail addresses"},
                   [SHAPE_TIME] = {"is a date", "are dates"}}};

/* French counts none as one: "0 valeur sur 2 est un prix", "0 of 2 values are prices". */
static void tell_values(const struct guess *guess, enum locale locale, struct buf *out)
{
    bool french = locale == LOCALE_FR;
    bool one = guess->fits == 1 || (french && guess->fits == 0);
    if (french)
        buf_format(out, "%u valeur%s sur %u ", guess->fits, one ? "" : "s", guess->filled);
    else
        buf_format(out, "%u of %u value%s ", guess->fits, guess->filled,
                   guess->filled == 1 ? "" : "s");
    buf_add_text(out, shape_words[locale][guess->shape][one ? 0 : 1]);
}

void guess_reason_text(const struct guess *guess, enum locale locale, struct buf *out)
{
    bool french = locale == LOCALE_FR;
    if (guess->reason == GUESS_NOTHING) {
        buf_add_text(out, french ? "ni le nom ni les valeurs ne sont connus"
                                 : "neither the name nor the values are known");
        return;
    }
    if (guess->reason != GUESS_VALUES) {
        buf_add_text(out, french ? "le nom veut dire " : "the name means ");
        buf_add_text(out, guess->named);
        if (guess->filled == 0)
            return;
        bool contradicted = guess->reason == GUESS_NAME_CONTRADICTED;
        buf_add_text(out,
                     !contradicted ? (french ? " et " : " and ") : (french ? ", mais " : ", but "));
    }
    tell_values(guess, locale, out);
}

static void column_to_json(const struct guess *guess, enum locale locale, struct json_out *out)
{
    static const char *const reasons[] = {"unknown", "name", "values", "contradicted"};
    struct buf why;
    buf_init(&why, 400);
    guess_reason_text(guess, locale, &why);
    json_object(out);
    JSON_STRING_MEMBER(out, "column", guess->column);
    if (guess->field)
        JSON_STRING_MEMBER(out, "field", slice_of(guess->field));
    JSON_STRING_MEMBER(out, "reason", slice_of(reasons[guess->reason]));
    JSON_STRING_MEMBER(out, "why", buf_slice(&why));
    JSON_INT_MEMBER(out, "filled", guess->filled);
    JSON_INT_MEMBER(out, "distinct", guess->distinct);
    JSON_STRING_MEMBER(out, "sample", guess->sample);
    json_end(out);
    buf_done(&why);
}

void guesses_to_json(const struct guesses *guesses, enum locale locale, struct json_out *out)
{
    json_name(out, "columns");
    json_array(out);
    for (size_t i = 0; i < guesses->count; i++)
        column_to_json(&guesses->rows[i], locale, out);
    json_end(out);
    json_name(out, "map");
    json_object(out);
    for (size_t i = 0; i < guesses->count; i++)
        if (guesses->rows[i].field) {
            json_name(out, guesses->rows[i].field);
            json_string(out, guesses->rows[i].column);
        }
    json_end(out);
    JSON_INT_MEMBER(out, "records", guesses->records);
    JSON_INT_MEMBER(out, "refused", guesses->bad);
}
