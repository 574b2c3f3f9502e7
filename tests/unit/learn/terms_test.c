#include "test.h"

#include "learn/terms.h"

#include <stdio.h>
#include <stdlib.h>

static struct terms *terms;
static struct arena arena;

static int begin(void **state)
{
    (void)state;
    terms = terms_new();
    arena_init(&arena);
    return 0;
}

static int end(void **state)
{
    (void)state;
    terms_free(terms);
    arena_done(&arena);
    return 0;
}

/* The stems of a text with one space between them. */
static const char *stems_of(struct slice text, enum locale locale)
{
    const struct term *list;
    size_t count = terms_read(terms, text, locale, &arena, &list);
    struct slice all = SLICE("");
    for (size_t i = 0; i < count; i++)
        all = arena_format(&arena, "%.*s%s%.*s", SLICE_ARG(all), i ? " " : "",
                           SLICE_ARG(list[i].stem));
    return arena_copy_text(&arena, all);
}

static void words_are_folded_and_stemmed(void **state)
{
    (void)state;
    static const struct {
        const char *text, *stems;
        enum locale locale;
    } cases[] = {
        {"Chaussures de randonnée imperméables", "chaussur randon imperme", LOCALE_FR},
        {"CHAUSSURE DE RANDONNEE IMPERMEABLE", "chaussur randon imperme", LOCALE_FR},
        {"chaussure, randonne\xCC\x81"
         "e; imperme\xCC\x81"
         "able",
         "chaussur randon imperme", LOCALE_FR},
        {"L'œuvre d’art", "oeuvr art", LOCALE_FR},
        {"waterproof shoes for the runners", "waterproof shoe runner", LOCALE_EN},
        {"Gore-Tex goretex T-shirt tshirt", "goretex goretex tshirt tshirt", LOCALE_EN},
        {"dv7-1211ea Core 2 Duo", "dv7 1211ea core duo", LOCALE_EN},
        {"Straße Łódź Ærø", "strass lodz aero", LOCALE_EN},
        {"a b c 1 2 3 !! -- ''", "", LOCALE_EN},
        {"", "", LOCALE_FR},
        {"- -- a- -b double--dash", "doubl dash", LOCALE_EN},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        assert_string_equal(stems_of(slice_of(cases[i].text), cases[i].locale), cases[i].stems);
}

static void a_term_remembers_how_it_was_written(void **state)
{
    (void)state;
    const struct term *list;
    size_t count =
        terms_read(terms, SLICE("Veste Gore-Tex imperméable!"), LOCALE_FR, &arena, &list);
    assert_int_equal(count, 3);
    assert_true(slice_is(list[0].word, "Veste"));
    assert_true(slice_is(list[1].word, "Gore-Tex"));
    assert_true(slice_is(list[2].word, "imperméable"));
}

static void the_language_is_guessed_by_its_commonest_words(void **state)
{
    (void)state;
    assert_int_equal(terms_language(SLICE("Une veste pour les jours de pluie"), LOCALE_EN),
                     LOCALE_FR);
    assert_int_equal(terms_language(SLICE("A jacket for the rainy days"), LOCALE_FR), LOCALE_EN);
    assert_int_equal(terms_language(SLICE("Salomon Speedcross 6"), LOCALE_FR), LOCALE_FR);
    assert_int_equal(terms_language(SLICE("Salomon Speedcross 6"), LOCALE_EN), LOCALE_EN);
}

static void values_are_folded_to_letters_and_single_spaces(void **state)
{
    (void)state;
    static const struct {
        const char *text, *folded;
    } cases[] = {
        {"  Côte d'Azur ", "cote d azur"},
        {"BLEU/Noir", "bleu noir"},
        {"№ 5", "5"},
        {"++", ""},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        assert_true(slice_is(terms_fold(slice_of(cases[i].text), &arena), cases[i].folded));
}

static void very_long_words_are_no_words(void **state)
{
    (void)state;
    char text[3 * TERM_BYTES_MAX];
    memset(text, 'x', sizeof text);
    assert_string_equal(stems_of(slice_make(text, sizeof text), LOCALE_EN), "");
    assert_int_equal(terms_fold(slice_make(text, sizeof text), &arena).size, TERM_BYTES_MAX);
}

/* Every cut of hostile text, so that sequences end in the middle. */
static void any_bytes_may_come(void **state)
{
    (void)state;
    static const char bytes[] =
        "\xC3\xA9\xF0\x9F\x98\x80\xE2\x80\x8B\xEF\xBB\xBF\xFF\xC0\xAF\xED\xA0\x80"
        "\0-\xCC\x81\xC3-\xE3\x81\x82-a\xC5";
    const struct term *list;
    for (size_t from = 0; from < sizeof bytes; from++)
        for (size_t size = 0; from + size < sizeof bytes; size++) {
            char *copy = malloc(size + 1); /* so that a sanitizer sees the end */
            memcpy(copy, bytes + from, size);
            struct slice text = slice_make(size ? copy : NULL, size);
            for (int locale = 0; locale < LOCALE_COUNT; locale++)
                assert_true(terms_read(terms, text, (enum locale)locale, &arena, &list) <= size);
            assert_true(terms_fold(text, &arena).size <= 2 * size);
            free(copy);
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(words_are_folded_and_stemmed, begin, end),
        cmocka_unit_test_setup_teardown(a_term_remembers_how_it_was_written, begin, end),
        cmocka_unit_test_setup_teardown(the_language_is_guessed_by_its_commonest_words, begin, end),
        cmocka_unit_test_setup_teardown(values_are_folded_to_letters_and_single_spaces, begin, end),
        cmocka_unit_test_setup_teardown(very_long_words_are_no_words, begin, end),
        cmocka_unit_test_setup_teardown(any_bytes_may_come, begin, end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
