#include "api/passwords.h"

#include "base/json.h"
#include "base/limits.h"
#include "base/random.h"

#include <assert.h>

enum { LEFT_BYTES_MIN = 8, WORD_BYTES_MIN = 3 };

/* What people put together when fifteen characters are asked for: our own choice of the words at
 * the top of every list of leaked passwords, English and French. */
static const char *const common[] = {
    "password",   "passw0rd",  "motdepasse", "passe",     "admin",      "administrator", "root",
    "user",       "login",     "welcome",    "bienvenue", "bonjour",    "hello",         "letmein",
    "changeme",   "default",   "secret",     "monkey",    "dragon",     "shadow",        "master",
    "superman",   "batman",    "iloveyou",   "jetaime",   "love",       "amour",         "princess",
    "princesse",  "sunshine",  "soleil",     "football",  "baseball",   "marseille",     "paris",
    "france",     "doudou",    "chouchou",   "loulou",    "azerty",     "azertyuiop",    "qwerty",
    "qwertyuiop", "asdf",      "asdfghjkl",  "qsdf",      "qsdfghjklm", "zxcvbnm",       "wxcvbn",
    "test",       "demo",      "temp",       "summer",    "winter",     "spring",        "autumn",
    "hiver",      "printemps", "automne",    "visavis",   "shop",       "boutique",      "magasin",
    "please",     "starwars",  "whatever",   "trustno",   "google",     "facebook",      "computer",
    "internet",   "pass",      "word",       "mot",
};

static char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

static size_t take_word(struct slice text, struct slice word, size_t longest)
{
    bool fits = word.size >= WORD_BYTES_MIN && word.size > longest && word.size <= text.size &&
                slice_equal_ignoring_case(slice_first(text, word.size), word);
    return fits ? word.size : longest;
}

/* Bytes of the longest listed word that the text begins with; 0: none. */
static size_t word_size(struct slice text, const struct slice *words, size_t count)
{
    size_t longest = 0;
    for (size_t i = 0; i < sizeof common / sizeof common[0]; i++)
        longest = take_word(text, slice_of(common[i]), longest);
    for (size_t i = 0; i < count; i++)
        longest = take_word(text, words[i], longest);
    return longest;
}

/* "aaaa", "1234", "dcba" add one byte. */
static bool goes_on(char before, char c)
{
    int step = lower(c) - lower(before);
    return step >= -1 && step <= 1;
}

/* Bytes that a guesser who knows the words does not get for nothing. */
static size_t bytes_left(struct slice password, const struct slice *words, size_t count)
{
    size_t left = 0, i = 0;
    char before = '\0';
    while (i < password.size) {
        size_t word = word_size(slice_from(password, i), words, count);
        if (word == 0) {
            left += i == 0 || !goes_on(before, password.data[i]);
            word = 1;
        }
        i += word;
        before = password.data[i - 1];
    }
    return left;
}

/* "abcabcabc": its shortest period is what had to be thought of. */
static size_t period_of(struct slice text)
{
    size_t period = 1;
    while (period < text.size && memcmp(text.data, text.data + period, text.size - period) != 0)
        period++;
    return period;
}

enum status password_check(struct slice password, const struct slice *words, size_t count,
                           struct diag *diag)
{
    if (password.size < PASSWORD_BYTES_MIN || password.size > PASSWORD_BYTES_MAX ||
        !json_utf8_valid(password))
        return diag_set(diag, STATUS_INVALID, "/password",
                        "A password has %d to %d bytes, of any characters", PASSWORD_BYTES_MIN,
                        PASSWORD_BYTES_MAX);
    size_t left = bytes_left(password, words, count), period = period_of(password);
    if (left < LEFT_BYTES_MIN || period < LEFT_BYTES_MIN)
        return diag_set(diag, STATUS_INVALID, "/password",
                        "This password is made of common words, names or repetitions; a few words "
                        "that do not belong together are better");
    return STATUS_OK;
}

void password_make(char out_text[PASSWORD_TEXT_SIZE])
{
    static const char alphabet[] = "abcdefghijkmnpqrstuvwxyz23456789"; /* no l, o, 0, 1 */
    static_assert(sizeof alphabet - 1 == 32, "five bits a character");
    uint8_t bytes[PASSWORD_TEXT_SIZE - 1];
    random_bytes(bytes, sizeof bytes);
    for (size_t i = 0; i < sizeof bytes; i++)
        out_text[i] = i % 5 == 4 ? '-' : alphabet[bytes[i] % 32];
    out_text[sizeof bytes] = '\0';
}
