#include "learn/terms.h"

#include "learn/stem.h"

#include <stdlib.h>

/* --- letters ---------------------------------------------------------------------------------- */

/* U+00C0 to U+017F without accents; capitals stand for two letters, a space for a sign. */
static const char latin[] =
    "aaaaaaAceeeeiiiidnooooo ouuuuyTS"
    "aaaaaaAceeeeiiiidnooooo ouuuuyTy"
    "aaaaaaccccccccddddeeeeeeeeeegggggggghhhhiiiiiiiiiiIIjjkkk"
    "llllllllllnnnnnnnnnooooooOOrrrrrrssssssssttttttuuuuuuuuuuuuwwyyyzzzzzzs";
_Static_assert(sizeof latin - 1 == 0x180 - 0xC0, "one character a letter");

static const char *two_letters(char sign)
{
    switch (sign) {
    case 'A':
        return "ae";
    case 'O':
        return "oe";
    case 'T':
        return "th";
    case 'S':
        return "ss";
    default:
        return "ij";
    }
}

/* The next character; what is not UTF-8 reads as a sign of one byte. */
static uint32_t read_character(struct slice text, size_t at, size_t *out_size)
{
    const unsigned char *bytes = (const unsigned char *)text.data + at;
    size_t room = text.size - at;
    unsigned first = bytes[0];
    *out_size = 1;
    if (first < 0x80)
        return first;
    size_t size = first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : first >= 0xC2 ? 2 : 0;
    if (size == 0 || size > room || first > 0xF4)
        return ' ';
    uint32_t character = first & (0xFFU >> (size + 1));
    for (size_t i = 1; i < size; i++) {
        if ((bytes[i] & 0xC0) != 0x80)
            return ' ';
        character = character << 6 | (bytes[i] & 0x3F);
    }
    *out_size = size;
    return character;
}

enum letter { LETTER_NOT, LETTER_MARK, LETTER_DIGIT, LETTER_ALPHA };

static bool is_mark(uint32_t character) /* accents of their own, and what joins invisibly */
{
    return (character >= 0x300 && character <= 0x36F) || character == 0xAD ||
           (character >= 0x200B && character <= 0x200D);
}

static bool is_sign(uint32_t character) /* punctuation, symbols, pictures beyond Latin */
{
    return character < 0xC0 || (character >= 0x2000 && character <= 0x2BFF) ||
           (character >= 0x3000 && character <= 0x303F) ||
           (character >= 0xD800 && character <= 0xF8FF) ||
           (character >= 0xFE00 && character <= 0xFE6F) ||
           (character >= 0xFFF0 && character <= 0xFFFF) ||
           (character >= 0x1F000 && character <= 0x1FFFF) || character >= 0xE0000;
}

/* Appends the folded letter, up to 4 bytes, for which there must be room. */
static enum letter fold_character(uint32_t character, struct slice raw, char *room,
                                  size_t *inout_size)
{
    if (character >= '0' && character <= '9') {
        room[(*inout_size)++] = (char)character;
        return LETTER_DIGIT;
    }
    uint32_t lower = character | 0x20;
    if (lower >= 'a' && lower <= 'z') {
        room[(*inout_size)++] = (char)lower;
        return LETTER_ALPHA;
    }
    if (is_mark(character))
        return LETTER_MARK;
    if (is_sign(character))
        return LETTER_NOT;
    if (character >= 0xC0 && character < 0x180) {
        char letter = latin[character - 0xC0];
        if (letter == ' ')
            return LETTER_NOT;
        bool two = letter < 'a';
        memcpy(room + *inout_size, two ? two_letters(letter) : &letter, two ? 2 : 1);
        *inout_size += two ? 2 : 1;
        return LETTER_ALPHA;
    }
    memcpy(room + *inout_size, raw.data, raw.size);
    *inout_size += raw.size;
    return LETTER_ALPHA;
}

/* --- words ------------------------------------------------------------------------------------ */

enum { FOLDED_ROOM = TERM_BYTES_MAX + 4 };

struct word {
    struct slice written;
    char folded[FOLDED_ROOM];
    size_t size;       /* of folded */
    size_t characters; /* letters and digits */
    bool digits, too_long;
};

static struct slice word_folded(const struct word *word)
{
    return slice_make(word->folded, word->size);
}

/* Takes the run of letters and digits at *inout_at; false at the end of the text. */
static bool next_run(struct slice text, size_t *inout_at, struct word *out_word)
{
    struct word word = {.size = 0};
    size_t start = text.size, at = *inout_at;
    while (at < text.size) {
        size_t bytes;
        uint32_t character = read_character(text, at, &bytes);
        struct slice raw = slice_make(text.data + at, bytes);
        size_t before = word.size;
        enum letter letter = fold_character(character, raw, word.folded, &word.size);
        if (letter == LETTER_NOT && start < text.size)
            break;
        if (letter >= LETTER_DIGIT && start == text.size)
            start = at;
        word.digits = word.digits || letter == LETTER_DIGIT;
        word.characters += letter >= LETTER_DIGIT;
        if (word.size > TERM_BYTES_MAX) {
            word.too_long = true;
            word.size = before;
        }
        at += bytes;
    }
    *inout_at = at;
    if (start < text.size)
        word.written = slice_make(text.data + start, at - start);
    *out_word = word;
    return start < text.size;
}

/* Joins what follows a hyphen as long as both sides are letters. */
static bool next_word(struct slice text, size_t *inout_at, struct word *out_word)
{
    if (!next_run(text, inout_at, out_word))
        return false;
    while (!out_word->digits && *inout_at + 1 < text.size && text.data[*inout_at] == '-') {
        size_t at = *inout_at + 1;
        struct word more;
        bool touches = next_run(text, &at, &more) &&
                       more.written.data == text.data + *inout_at + 1 && !more.digits;
        if (!touches || out_word->size + more.size > TERM_BYTES_MAX)
            return true;
        memcpy(out_word->folded + out_word->size, more.folded, more.size);
        out_word->size += more.size;
        out_word->characters += more.characters;
        out_word->too_long = out_word->too_long || more.too_long;
        out_word->written.size = (size_t)(text.data + at - out_word->written.data);
        *inout_at = at;
    }
    return true;
}

/* --- stop words ------------------------------------------------------------------------------- */

/* Folded and sorted. */
static const char *const french[] = {
    "ainsi",  "alors", "apres", "au",    "aucun", "aussi", "autre",  "aux",   "avant",  "avec",
    "car",    "ce",    "cela",  "celle", "celui", "ces",   "cet",    "cette", "chaque", "chez",
    "comme",  "dans",  "de",    "des",   "dont",  "du",    "elle",   "elles", "en",     "entre",
    "est",    "et",    "etre",  "eux",   "grace", "ici",   "il",     "ils",   "je",     "jusqu",
    "la",     "le",    "les",   "leur",  "leurs", "lors",  "lorsqu", "lui",   "mais",   "meme",
    "mes",    "moins", "mon",   "ne",    "nos",   "notre", "nous",   "on",    "ont",    "ou",
    "par",    "pas",   "peut",  "plus",  "pour",  "puis",  "qu",     "quand", "que",    "quel",
    "quelle", "qui",   "sa",    "sans",  "se",    "selon", "ses",    "si",    "son",    "sont",
    "sous",   "sur",   "ta",    "tes",   "ton",   "tous",  "tout",   "toute", "toutes", "tres",
    "tu",     "un",    "une",   "vos",   "votre", "vous",  "y",
};
static const char *const english[] = {
    "a",     "about", "after", "all",   "also", "an",   "and",  "any",   "are",  "as",    "at",
    "be",    "been",  "but",   "by",    "can",  "do",   "each", "for",   "from", "had",   "has",
    "have",  "he",    "her",   "his",   "how",  "if",   "in",   "into",  "is",   "it",    "its",
    "may",   "more",  "most",  "no",    "not",  "of",   "on",   "only",  "or",   "other", "our",
    "she",   "so",    "some",  "such",  "than", "that", "the",  "their", "them", "then",  "there",
    "these", "they",  "this",  "those", "to",   "up",   "was",  "we",    "were", "what",  "when",
    "which", "while", "who",   "will",  "with", "you",  "your",
};

static int compare_stop(const void *key, const void *member)
{
    return slice_compare(*(const struct slice *)key, slice_of(*(const char *const *)member));
}

static bool is_stop(struct slice word, enum locale locale)
{
    const char *const *list = locale == LOCALE_FR ? french : english;
    size_t count =
        locale == LOCALE_FR ? sizeof french / sizeof *french : sizeof english / sizeof *english;
    return bsearch(&word, list, count, sizeof *list, compare_stop) != NULL;
}

enum locale terms_language(struct slice text, enum locale fallback)
{
    struct word word;
    size_t at = 0, votes[LOCALE_COUNT] = {0};
    text = slice_first(text, TERMS_TEXT_BYTES_MAX);
    while (next_word(text, &at, &word))
        for (int locale = 0; locale < LOCALE_COUNT; locale++)
            votes[locale] += is_stop(word_folded(&word), (enum locale)locale);
    if (votes[LOCALE_FR] == votes[LOCALE_EN])
        return fallback;
    return votes[LOCALE_FR] > votes[LOCALE_EN] ? LOCALE_FR : LOCALE_EN;
}

/* --- terms ------------------------------------------------------------------------------------ */

struct terms {
    struct stemmer *stemmers[LOCALE_COUNT];
};

struct terms *terms_new(void)
{
    struct terms *terms = must_alloc_zero(1, sizeof *terms);
    for (int locale = 0; locale < LOCALE_COUNT; locale++)
        terms->stemmers[locale] = stemmer_new((enum locale)locale);
    return terms;
}

void terms_free(struct terms *terms)
{
    if (!terms)
        return;
    for (int locale = 0; locale < LOCALE_COUNT; locale++)
        stemmer_free(terms->stemmers[locale]);
    free(terms);
}

size_t terms_read(struct terms *terms, struct slice text, enum locale locale, struct arena *arena,
                  const struct term **out_terms)
{
    struct word word;
    size_t at = 0, count = 0;
    text = slice_first(text, TERMS_TEXT_BYTES_MAX);
    struct term *list = ARENA_ARRAY(arena, text.size / 2 + 1, struct term); /* two letters each */
    while (next_word(text, &at, &word)) {
        struct slice folded = word_folded(&word);
        if (word.characters < 2 || word.too_long || is_stop(folded, locale))
            continue;
        if (!word.digits)
            folded = stemmer_stem(terms->stemmers[locale], folded);
        list[count++] = (struct term){arena_copy(arena, folded), word.written};
    }
    *out_terms = list;
    return count;
}

struct slice terms_fold(struct slice text, struct arena *arena)
{
    struct word word;
    size_t at = 0, size = 0;
    text = slice_first(text, TERMS_TEXT_BYTES_MAX);
    char *folded = arena_alloc(arena, 2 * text.size + 1); /* no letter grows to more than two */
    while (next_run(text, &at, &word)) {
        if (size > 0)
            folded[size++] = ' ';
        memcpy(folded + size, word.folded, word.size);
        size += word.size;
    }
    return slice_make(folded, size);
}
