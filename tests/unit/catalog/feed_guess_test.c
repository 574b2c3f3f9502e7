#include "test.h"

#include "base/arena.h"
#include "catalog/feed_guess.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

/* "column=field" of each column that has one, "column!field" of a contradiction. */
static void expect(const char *file, const char *wanted)
{
    int fd = memfd_create("feed", 0);
    assert_int_equal(write(fd, file, strlen(file)), (ssize_t)strlen(file));
    assert_int_equal(lseek(fd, 0, SEEK_SET), 0);
    struct feed *feed;
    struct diag diag = {0};
    struct arena arena;
    struct guesses guesses;
    struct buf out, why;
    arena_init(&arena);
    buf_init(&out, 1 << 16);
    buf_init(&why, 1 << 16);
    assert_int_equal(feed_open(fd, FEED_AUTO, &feed, &diag), STATUS_OK);
    assert_int_equal(feed_guess(feed, &arena, &guesses, &diag), STATUS_OK);
    for (size_t i = 0; i < guesses.count; i++) {
        const struct guess *guess = &guesses.rows[i];
        if (guess->field)
            buf_format(&out, "%.*s=%s ", SLICE_ARG(guess->column), guess->field);
        else if (guess->reason == GUESS_NAME_CONTRADICTED)
            buf_format(&out, "%.*s!%s ", SLICE_ARG(guess->column), guess->named);
        for (int locale = 0; locale < LOCALE_COUNT; locale++) {
            buf_clear(&why);
            guess_reason_text(guess, (enum locale)locale, &why);
            assert_true(why.size > 10);
        }
    }
    buf_add_byte(&out, 0);
    assert_string_equal(out.data, wanted);
    buf_done(&out);
    buf_done(&why);
    arena_done(&arena);
    feed_close(feed);
    close(fd);
}

static const struct {
    const char *file, *wanted;
} cases[] = {
    /* names in French, with accents and capitals */
    {"R\xC3\xA9"
     "f\xC3\xA9rence;Libell\xC3\xA9;Prix TTC;Prix barr\xC3\xA9;Quantit\xC3\xA9;Marque;Cat\xC3\xA9"
     "gorie;Couleur;Taille\n"
     "R1;Robe longue;49,90;59,90;3;Atelier;Femme > Robes;bleu;38\n",
     "R\xC3\xA9"
     "f\xC3\xA9rence=id Libell\xC3\xA9=title Prix TTC=price Prix barr\xC3\xA9=list_price "
     "Quantit\xC3\xA9=stock Marque=brand Cat\xC3\xA9gorie=category Couleur=attributes.color "
     "Taille=attributes.size "},
    /* what it costs the shop is no price that shoppers see */
    {"id,title,prix,Co\xC3\xBBt\nA1,Lampe,12.50,6.10\nA2,Vase,14.00,7.00\n",
     "id=id title=title prix=price Co\xC3\xBBt=cost "},
    {"id;titre;Prix de vente;Prix d'achat HT\nA1;Lampe;12,50;6,10\n",
     "id=id titre=title Prix de vente=price Prix d'achat HT=cost "},
    {"<rss xmlns:g=\"http://base.google.com/ns/1.0\"><item><g:id>1</g:id><title>Lamp</title>"
     "<g:price>9.00 EUR</g:price><g:cost_of_goods_sold>4.00 "
     "EUR</g:cost_of_goods_sold></item></rss>",
     "id=id title=title price=price cost_of_goods_sold=cost "},
    /* names in English */
    {"sku,name,unit price,image_link,link,brand,in_stock\n"
     "A1,A lamp,12.50,https://s/a.jpg,https://s/a,Lux,true\n",
     "sku=id name=title unit price=price image_link=image link=url brand=brand "
     "in_stock=availability "},
    /* values alone */
    {"c1,c2,c3,c4,c5,c6,c7\n"
     "A1,Blue lamp,12.50,https://s/a.jpg,https://s/a,4006381333931,Home > Light\n"
     "A2,Red lamp,9.00,https://s/b.png?w=1,https://s/b,96385074,Home > Light\n",
     "c1=id c2=title c3=price c4=image c5=url c6=attributes.gtin c7=category "},
    /* a name that its values contradict, and the column that fits instead */
    {"id,title,price,amount\nA1,Lamp one,cheap,12.50\nA2,Lamp two,dear,14.00\n",
     "id=id title=title price!price amount=price "},
    /* a bad check digit is no EAN */
    {"id,title,gtin\nA1,Lamp,4006381333932\n", "id=id title=title gtin!attributes.gtin "},
    /* of two names for one field the more usual one */
    {"code,id,title,nom\nX,A1,Lamp,Lampe\n", "id=id title=title "},
    /* an order export: short descriptions are titles */
    {"StockCode,Description,UnitPrice\n85123A,WHITE HANGING HEART,2.55\n71053,WHITE METAL "
     "LANTERN,3.39\n",
     "StockCode=id Description=title UnitPrice=price "},
    /* locales and groups */
    {"id,parent_sku,titre,langue\nA1,A,Lampe,fr\nA1,A,Lamp,en_GB\n",
     "id=id parent_sku=item_group_id titre=title langue=locale "},
    {"id,title,language\nA1,Lampe,French\n", "id=id title=title language!locale "},
    /* JSON and XML */
    {"{\"product_id\":7,\"nom\":\"Lampe\",\"prix\":12.5}\n", "product_id=id nom=title prix=price "},
    {"<rss xmlns:g=\"http://base.google.com/ns/1.0\"><item><g:id>1</g:id><title>Lamp</title>"
     "<g:price>5.00 EUR</g:price><g:availability>in stock</g:availability></item></rss>",
     "id=id title=title price=price availability=availability "},
};

static void finds_fields_by_names_and_values(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        expect(cases[i].file, cases[i].wanted);
}

static void says_why_in_the_number_that_the_values_have(void **state)
{
    (void)state;
    static const struct {
        unsigned fits, filled;
        const char *french, *english;
    } sentences[] = {
        {0, 2, "le nom veut dire price, mais 0 valeur sur 2 est un prix",
         "the name means price, but 0 of 2 values are prices"},
        {1, 2, "le nom veut dire price, mais 1 valeur sur 2 est un prix",
         "the name means price, but 1 of 2 values is a price"},
        {1, 1, "le nom veut dire price, mais 1 valeur sur 1 est un prix",
         "the name means price, but 1 of 1 value is a price"},
        {2, 3, "le nom veut dire price, mais 2 valeurs sur 3 sont des prix",
         "the name means price, but 2 of 3 values are prices"},
    };
    for (size_t i = 0; i < sizeof sentences / sizeof *sentences; i++) {
        struct guess guess = {.named = "price",
                              .shape = SHAPE_MONEY,
                              .reason = GUESS_NAME_CONTRADICTED,
                              .filled = sentences[i].filled,
                              .fits = sentences[i].fits};
        for (enum locale locale = 0; locale < LOCALE_COUNT; locale++) {
            struct buf text;
            buf_init(&text, 400);
            guess_reason_text(&guess, locale, &text);
            buf_add_byte(&text, 0);
            assert_string_equal(text.data,
                                locale == LOCALE_FR ? sentences[i].french : sentences[i].english);
            buf_done(&text);
        }
    }
    for (enum guess_shape shape = 0; shape < SHAPE_COUNT; shape++) { /* none is forgotten */
        struct guess guess = {.reason = GUESS_VALUES, .shape = shape, .filled = 2};
        struct buf text;
        buf_init(&text, 400);
        guess_reason_text(&guess, LOCALE_FR, &text);
        assert_true(text.size > strlen("0 valeur sur 2 "));
        buf_done(&text);
    }
}

static void knows_the_check_digit_of_a_gtin(void **state)
{
    (void)state;
    /* GS1's own examples, and each with its last digit changed */
    static const char *const good[] = {"96385074", "614141000036", "4006381333931",
                                       "10614141000415"};
    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        char text[16];
        (void)snprintf(text, sizeof text, "%s", good[i]);
        size_t size = strlen(text);
        assert_true(gtin_valid(slice_of(text)));
        for (char digit = '0'; digit <= '9'; digit++) {
            text[size - 1] = digit;
            assert_int_equal(gtin_valid(slice_of(text)), digit == good[i][size - 1]);
        }
    }
    assert_false(gtin_valid(SLICE("")));
    assert_false(gtin_valid(SLICE("40063813339 1")));
    assert_false(gtin_valid(SLICE("123456789")));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(finds_fields_by_names_and_values),
        cmocka_unit_test(says_why_in_the_number_that_the_values_have),
        cmocka_unit_test(knows_the_check_digit_of_a_gtin),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
