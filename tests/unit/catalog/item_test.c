#include "test.h"

#include "base/clock.h"
#include "base/pack.h"
#include "catalog/item.h"
#include "catalog/money.h"

#include <stdlib.h>

static const struct {
    const char *text, *currency;
    int64_t minor; /* -1: refused */
    const char *told;
} amounts[] = {
    {"12.5", "EUR", 1250, "EUR"},
    {"12,50", "EUR", 1250, "EUR"},
    {"12,5", "EUR", 1250, "EUR"},
    {"0.1", "EUR", 10, "EUR"},
    {".5", "EUR", 50, "EUR"},
    {"7", "EUR", 700, "EUR"},
    {"15.00 EUR", "USD", 1500, "EUR"},
    {"GBP 15", "EUR", 1500, "GBP"},
    {"1999", "JPY", 1999, "JPY"},
    {"1.2345", "KWD", 1235, "KWD"},
    {"2.675", "EUR", 268, "EUR"}, /* a double would say 267 */
    {"1.005", "EUR", 101, "EUR"},
    {"90071992547409.93", "EUR", -1, NULL},
    {"89999999999999.99", "EUR", 8999999999999999, "EUR"},
    {"1,234", "EUR", -1, NULL},
    {"1 234", "EUR", -1, NULL},
    {"1.234,50", "EUR", -1, NULL},
    {"-3", "EUR", -1, NULL},
    {"1e3", "EUR", -1, NULL},
    {"12.5 euros", "EUR", -1, NULL},
    {"", "EUR", -1, NULL},
    {".", "EUR", -1, NULL},
};

static void reads_amounts_exactly(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof amounts / sizeof *amounts; i++) {
        struct slice currency = slice_of(amounts[i].currency);
        int64_t minor = -1;
        struct diag diag = {0};
        enum status status = money_parse(slice_of(amounts[i].text), &currency, &minor, &diag);
        assert_int_equal(minor, amounts[i].minor);
        assert_int_equal(status, amounts[i].told ? STATUS_OK : STATUS_INVALID);
        if (amounts[i].told)
            assert_true(slice_is(currency, amounts[i].told));
        else
            assert_true(diag.sentence[0] != 0);
    }
}

static void bands_prices_by_currency(void **state)
{
    (void)state;
    static const struct {
        int64_t minor;
        const char *currency, *band;
    } cases[] = {{0, "EUR", "0-10"},         {999, "EUR", "0-10"},   {1000, "EUR", "10-20"},
                 {4999, "EUR", "20-50"},     {50000, "EUR", "500+"}, {-1, "EUR", ""},
                 {1999, "JPY", "1000-2000"}, {15000, "KWD", "10-20"}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        assert_true(
            slice_is(money_band(cases[i].minor, slice_of(cases[i].currency)), cases[i].band));
}

struct world {
    struct arena arena;
    struct item item;
    struct diag diag;
};

static int set_up(void **state)
{
    struct world *world = must_alloc_zero(1, sizeof *world);
    arena_init(&world->arena);
    *state = world;
    return 0;
}

static int tear_down(void **state)
{
    struct world *world = *state;
    arena_done(&world->arena);
    free(world);
    return 0;
}

static enum status read_item(struct world *world, const char *text)
{
    const struct json *json;
    assert_int_equal(json_parse(&world->arena, slice_of(text), &json, &world->diag), STATUS_OK);
    world->diag = (struct diag){0};
    return catalog_item_from_json(json, SLICE("EUR"), &world->arena, &world->item, &world->diag);
}

static const char whole[] =
    "{\"id\":\"R1\",\"title\":\"Robe\",\"description\":\"Longue\",\"url\":\"https://x.fr/r1\","
    "\"image\":\"https://x.fr/r1.jpg\",\"brand\":\"Petit Bateau\",\"category\":\"Femme > Robes > "
    "Longues\",\"price\":\"49.90\",\"listPrice\":\"59.90\",\"cost\":\"21.00\",\"currency\":\"EUR\","
    "\"stock\":3,"
    "\"attributes\":{\"material\":[\"coton\",\"lin\"],\"season\":\"\xC3\xA9t\xC3\xA9\"},"
    "\"variants\":[{\"id\":\"R1-36\",\"url\":\"https://x.fr/"
    "36\",\"price\":\"45.00\",\"listPrice\":\"55.00\",\"cost\":\"19.50\",\"stock\":0,"
    "\"attributes\":{\"color\":"
    "\"bleu\",\"size\":\"36\"}},{\"id\":\"R1-38\",\"stock\":2,\"attributes\":{\"size\":\"38\"}}],"
    "\"lead\":\"R1-36\",\"locale\":\"fr\",\"texts\":{\"en-GB\":{\"title\":\"Dress\","
    "\"description\":"
    "\"Long\",\"url\":\"https://x.fr/en\",\"category\":\"Women > Dresses\"}}}";

static void reads_every_field_and_writes_it_back(void **state)
{
    struct world *world = *state;
    assert_int_equal(read_item(world, whole), STATUS_OK);
    const struct item *item = &world->item;
    assert_true(slice_is(item->id, "R1"));
    assert_int_equal(item->price_minor, 4990);
    assert_int_equal(item->list_price_minor, 5990);
    assert_int_equal(item->stock, 3);
    assert_int_equal(item->attribute_count, 3);
    assert_int_equal(item->variant_count, 2);
    assert_int_equal(item->variants[0].price_minor, 4500);
    assert_int_equal(item->variants[1].price_minor, -1);
    assert_int_equal(item->cost_minor, 2100);
    assert_int_equal(item_cost(item, &item->variants[0]), 1950);
    assert_int_equal(item_cost(item, &item->variants[1]), 2100);
    struct buf out;
    buf_init(&out, 65536);
    struct json_out json = json_out(&out);
    catalog_item_to_json(item, &json);
    assert_true(slice_is(buf_slice(&out), whole));
    buf_done(&out);
}

static void reads_the_names_of_merchant_feeds(void **state)
{
    struct world *world = *state;
    assert_int_equal(
        read_item(world, "{\"id\":12,\"title\":\"T\",\"link\":\"http://x\",\"image_link\":\"http://"
                         "y\",\"price\":\"15.00 USD\",\"sale_price\":\"12.00 USD\","
                         "\"availability\":\"out of stock\",\"color\":\"red\",\"size\":\"M\","
                         "\"cost_of_goods_sold\":\"6.50 USD\","
                         "\"product_type\":\"A>B >C\"}"),
        STATUS_OK);
    const struct item *item = &world->item;
    assert_true(slice_is(item->id, "12"));
    assert_int_equal(item->price_minor, 1200);
    assert_int_equal(item->list_price_minor, 1500);
    assert_int_equal(item->cost_minor, 650);
    assert_true(slice_is(item->currency, "USD"));
    assert_int_equal(item->stock, 0);
    assert_false(item_available(item));
    assert_int_equal(item->attribute_count, 2);
    assert_true(slice_is(item->category, "A > B > C"));
    assert_int_equal(
        read_item(world, "{\"id\":\"1\",\"title\":\"T\",\"availability\":\"in_stock\"}"),
        STATUS_OK);
    assert_int_equal(world->item.stock, -1);
    assert_true(item_available(&world->item));
}

static const struct {
    const char *json, *field;
} refused[] = {
    {"{\"id\":\"a\\u0000b\",\"title\":\"T\"}", "id"},
    {"{\"title\":\"T\"}", "id"},
    {"{\"id\":\"1\"}", "title"},
    {"{\"id\":\"1\",\"title\":\"  \"}", "title"},
    {"{\"id\":{},\"title\":\"T\"}", "id"},
    {"{\"id\":\"0123456789012345678901234567890123456789012345678901234567890123X\",\"title\":"
     "\"T\"}",
     "id"},
    {"{\"id\":\"1\",\"title\":\"T\",\"price\":\"douze\"}", "price"},
    {"{\"id\":\"1\",\"title\":\"T\",\"price\":1e3}", "price"},
    {"{\"id\":\"1\",\"title\":\"T\",\"price\":\"1 EUR\",\"listPrice\":\"2 USD\"}", "listPrice"},
    {"{\"id\":\"1\",\"title\":\"T\",\"price\":\"3 EUR\",\"cost\":\"2 USD\"}", "cost"},
    {"{\"id\":\"1\",\"title\":\"T\",\"cost\":-1}", "cost"},
    {"{\"id\":\"1\",\"title\":\"T\",\"currency\":\"eur\"}", "currency"},
    {"{\"id\":\"1\",\"title\":\"T\",\"currency\":\"EURO\"}", "currency"},
    {"{\"id\":\"1\",\"title\":\"T\",\"stock\":-1}", "stock"},
    {"{\"id\":\"1\",\"title\":\"T\",\"stock\":1.5}", "stock"},
    {"{\"id\":\"1\",\"title\":\"T\",\"url\":\"javascript:alert(1)\"}", "url"},
    {"{\"id\":\"1\",\"title\":\"T\",\"image\":\"https://a b\"}", "image"},
    {"{\"id\":\"1\",\"title\":\"T\",\"image\":\"//elsewhere/a.svg\"}", "image"},
    {"{\"id\":\"1\",\"title\":\"T\",\"image\":\"/\\\\elsewhere/a.svg\"}", "image"},
    {"{\"id\":\"1\",\"title\":\"T\",\"hidden\":\"maybe\"}", "hidden"},
    {"{\"id\":\"1\",\"title\":\"T\",\"attributes\":{\"brand\":\"x\"}}", "attributes"},
    {"{\"id\":\"1\",\"title\":\"T\",\"attributes\":{\"price_band\":\"x\"}}", "attributes"},
    {"{\"id\":\"1\",\"title\":\"T\",\"attributes\":[1]}", "attributes"},
    {"{\"id\":\"1\",\"title\":\"T\",\"attributes\":{\"a\":{\"b\":1}}}", "attributes"},
    {"{\"id\":\"1\",\"title\":\"T\",\"variants\":{}}", "variants"},
    {"{\"id\":\"1\",\"title\":\"T\",\"variants\":[{\"id\":\"a\"},{\"stock\":1}]}", "variants/1/id"},
    {"{\"id\":\"1\",\"title\":\"T\",\"variants\":[{\"id\":\"a\"},{\"id\":\"a\"}]}", "variants"},
    {"{\"id\":\"1\",\"title\":\"T\",\"variants\":[{\"id\":\"a\",\"price\":\"x\"}]}",
     "variants/0/price"},
    {"{\"id\":\"1\",\"title\":\"T\",\"category\":\"a>b>c>d>e>f>g>h>i>j>k\"}", "category"},
    {"{\"id\":\"1\",\"title\":\"T\",\"sale_price_effective_date\":\"2026-07-01\"}",
     "salePriceEffectiveDate"},
    {"{\"id\":\"1\",\"title\":\"T\",\"sale_price_effective_date\":\"2026-07-02/2026-07-01\"}",
     "salePriceEffectiveDate"},
    {"{\"id\":\"1\",\"title\":\"T\",\"locale\":\"french\"}", "locale"},
    {"{\"id\":\"1\",\"title\":\"T\",\"texts\":[]}", "texts"},
    {"{\"id\":\"1\",\"title\":\"T\",\"texts\":{\"en\":{}}}", "texts/en/title"},
    {"{\"id\":\"1\",\"title\":\"T\",\"texts\":{\"en\":1}}", "texts/en/"},
    {"{\"id\":\"1\",\"title\":\"T\",\"texts\":{\"english\":null}}", "texts/english/locale"},
    {"{\"id\":\"1\",\"title\":\"T\",\"texts\":{\"en_gb\":null,\"en-GB\":null}}", "texts"},
    {"{\"id\":\"1\",\"title\":\"T\",\"lead\":\"2\"}", "lead"},
    {"{\"id\":\"1\",\"title\":\"T\",\"item_group_id\":\"G\",\"variants\":[{\"id\":\"a\"}]}",
     "item_group_id"},
    {"[]", ""},
};

static void a_sale_price_holds_between_its_dates(void **state)
{
    (void)state;
    static const struct {
        const char *dates;
        int64_t price, list;
    } cases[] = {
        {"2026-06-24T08:00+0200/2026-07-21T23:59+0200", 800, 1000},
        {"2026-07-01T12:00Z/2026-07-01T12:00Z", 800, 1000},
        {"2026-07-01T14:00:00+0200 / 2026-07-02T00:00:00+0200", 800, 1000},
        {"2026-07-01T12:01Z/2026-07-21T23:59Z", 1000, -1},
        {"2026-06-01T12:00Z/2026-07-01T11:59Z", 1000, -1},
        {"", 800, 1000},
    };
    struct arena arena;
    int64_t noon;
    assert_true(clock_parse_iso(SLICE("2026-07-01T12:00:00Z"), &noon));
    clock_fix(noon);
    arena_init(&arena);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct diag diag = {0};
        struct item item;
        const struct json *json;
        struct slice text =
            arena_format(&arena,
                         "{\"id\":\"a\",\"title\":\"A\",\"price\":\"10\",\"sale_price\":\"8\","
                         "\"sale_price_effective_date\":\"%s\"}",
                         cases[i].dates);
        assert_int_equal(json_parse(&arena, text, &json, &diag), STATUS_OK);
        assert_int_equal(catalog_item_from_json(json, SLICE("EUR"), &arena, &item, &diag),
                         STATUS_OK);
        assert_int_equal(item.price_minor, cases[i].price);
        assert_int_equal(item.list_price_minor, cases[i].list);
    }
    clock_free_run();
    arena_done(&arena);
}

static void a_margin_is_that_of_the_variant_that_earns_least(void **state)
{
    struct world *world = *state;
    static const struct {
        const char *members;
        int32_t margin;
    } cases[] = {
        {"\"price\":10,\"cost\":6", 4000},
        {"\"price\":9,\"cost\":6", 3333},
        {"\"price\":10,\"cost\":10.01", -10},
        {"\"price\":10,\"cost\":0", 10000},
        {"\"price\":1,\"cost\":90000000000000", MARGIN_LEAST},
        {"\"price\":90000000000000,\"cost\":1", 9999},
        {"\"price\":10", MARGIN_UNKNOWN},
        {"\"cost\":6", MARGIN_UNKNOWN},
        {"\"price\":0,\"cost\":6", MARGIN_UNKNOWN},
        {"\"price\":10,\"salePrice\":8,\"cost\":6", 2500},
        /* of variants: each with its own or the item's */
        {"\"price\":10,\"cost\":6,\"variants\":[{\"id\":\"a\"},{\"id\":\"b\",\"price\":8}]", 2500},
        {"\"price\":10,\"cost\":6,\"variants\":[{\"id\":\"a\"},{\"id\":\"b\",\"price\":8,\"stock\":"
         "0}]",
         4000},
        {"\"price\":10,\"cost\":6,\"stock\":0,\"variants\":[{\"id\":\"b\",\"cost\":7,\"stock\":0}]",
         3000},
        {"\"price\":10,\"variants\":[{\"id\":\"a\"},{\"id\":\"b\",\"cost\":7}]", 3000},
        {"\"price\":10,\"variants\":[{\"id\":\"a\"}]", MARGIN_UNKNOWN},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct slice text =
            arena_format(&world->arena, "{\"id\":\"1\",\"title\":\"T\",%s}", cases[i].members);
        assert_int_equal(read_item(world, text.data), STATUS_OK);
        if (item_margin(&world->item) != cases[i].margin)
            fail_msg("%s: %d", cases[i].members, item_margin(&world->item));
    }
}

static void says_which_field_is_wrong_and_how_to_mend_it(void **state)
{
    struct world *world = *state;
    for (size_t i = 0; i < sizeof refused / sizeof *refused; i++) {
        if (read_item(world, refused[i].json) != STATUS_INVALID)
            fail_msg("%s was taken", refused[i].json);
        assert_string_equal(world->diag.field, refused[i].field);
        assert_true(world->diag.sentence[0] != 0);
    }
}

static void a_packed_item_unpacks_as_it_was(void **state)
{
    struct world *world = *state;
    assert_int_equal(read_item(world, whole), STATUS_OK);
    world->item.added_ms = 5;
    world->item.updated_ms = 1700000000000;
    world->item.hidden = true;
    struct buf once, again;
    buf_init(&once, 65536);
    buf_init(&again, 65536);
    catalog_item_pack(&world->item, &once);
    struct item item;
    assert_int_equal(catalog_item_unpack(buf_slice(&once), &world->arena, &item), STATUS_OK);
    assert_true(item.hidden);
    catalog_item_pack(&item, &again);
    assert_true(slice_equal(buf_slice(&once), buf_slice(&again)));
    for (size_t size = 0; size < once.size; size++) {
        struct item other;
        enum status status =
            catalog_item_unpack(slice_make(once.data, size), &world->arena, &other);
        assert_int_equal(status, STATUS_CORRUPT);
    }
    buf_done(&once);
    buf_done(&again);
}

static void expect_attributes(const struct attribute_run *run, const char *wanted)
{
    struct buf out;
    buf_init(&out, 4096);
    for (size_t i = 0; i < run->count; i++)
        buf_format(&out, "%.*s=%.*s;", SLICE_ARG(run->attributes[i].name),
                   SLICE_ARG(run->attributes[i].value));
    buf_add_byte(&out, 0);
    assert_string_equal(out.data, wanted);
    buf_done(&out);
}

static void interests_hold_brand_categories_price_band_and_free_attributes(void **state)
{
    struct world *world = *state;
    assert_int_equal(read_item(world, whole), STATUS_OK);
    struct buf record;
    buf_init(&record, 65536);
    catalog_item_pack(&world->item, &record);
    struct shared_item *shared;
    assert_int_equal(shared_item_new(buf_slice(&record), &world->arena, &shared), STATUS_OK);
    buf_done(&record);
    expect_attributes(&shared->interests,
                      "brand=Petit Bateau;category=Femme;category=Femme > Robes;category=Femme > "
                      "Robes > Longues;material=coton;material=lin;price_band=20-50;"
                      "season=\xC3\xA9t\xC3\xA9;");
    expect_attributes(&shared->variant_interests[0],
                      "brand=Petit Bateau;category=Femme;category=Femme > Robes;category=Femme > "
                      "Robes > Longues;color=bleu;material=coton;material=lin;price_band=20-50;"
                      "season=\xC3\xA9t\xC3\xA9;size=36;");
    assert_true(item_available(&shared->item));
    shared_entry_unref(&shared->entry);
}

static void a_feed_row_becomes_an_item_through_the_map(void **state)
{
    struct world *world = *state;
    const char *arguments[] = {"item=StockCode", "title=Description", "price=UnitPrice",
                               "attributes.color=Couleur"};
    struct feed_map *map;
    assert_int_equal(feed_map_parse(arguments, 4, &world->arena, &map, &world->diag), STATUS_OK);
    const struct json *row, *record;
    assert_int_equal(json_parse(&world->arena,
                                SLICE("{\"StockCode\":\"85123A\",\"Description\":\"LANTERN\","
                                      "\"UnitPrice\":\"2.55\",\"Couleur\":\"rouge\",\"stock\":\"\","
                                      "\"brand\":\"B\",\"attributes.size\":\"M\"}"),
                                &row, &world->diag),
                     STATUS_OK);
    record = catalog_record_from_feed(map, 4, row, &world->arena);
    assert_int_equal(
        catalog_item_from_json(record, SLICE("GBP"), &world->arena, &world->item, &world->diag),
        STATUS_OK);
    assert_true(slice_is(world->item.id, "85123A"));
    assert_int_equal(world->item.price_minor, 255);
    assert_true(slice_is(world->item.currency, "GBP"));
    assert_true(slice_is(world->item.brand, "B"));
    assert_int_equal(world->item.stock, -1);
    assert_int_equal(world->item.attribute_count, 2);
    assert_true(slice_is(world->item.attributes[0].value, "rouge"));
    assert_true(slice_is(world->item.attributes[1].value, "M"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_amounts_exactly),
        cmocka_unit_test(bands_prices_by_currency),
        cmocka_unit_test_setup_teardown(reads_every_field_and_writes_it_back, set_up, tear_down),
        cmocka_unit_test_setup_teardown(reads_the_names_of_merchant_feeds, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_margin_is_that_of_the_variant_that_earns_least, set_up,
                                        tear_down),
        cmocka_unit_test(a_sale_price_holds_between_its_dates),
        cmocka_unit_test_setup_teardown(says_which_field_is_wrong_and_how_to_mend_it, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(a_packed_item_unpacks_as_it_was, set_up, tear_down),
        cmocka_unit_test_setup_teardown(
            interests_hold_brand_categories_price_band_and_free_attributes, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_feed_row_becomes_an_item_through_the_map, set_up,
                                        tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
