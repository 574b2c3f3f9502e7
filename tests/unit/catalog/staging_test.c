/* Feeds staged, compared, written, held and dropped, on a real store. */
#include "test.h"

#include "base/clock.h"
#include "base/limits.h"
#include "catalog/staging.h"
#include "unit/catalog/shop.h"

static struct staging_about about_of(enum feed_mode mode)
{
    return (struct staging_about){
        .workspace = SHOP, .feed = SLICE("shop-feed"), .mode = mode, .taken_ms = 1700000000000};
}

/* "A:12.50:3 B:9:0": id, price, stock ("" unknown). "!A" is a refused row that names A. */
static struct staging *stage(struct shop *shop, enum feed_mode mode, const char *rows)
{
    struct staging_about about = about_of(mode);
    struct staging *staging;
    struct diag diag = {0};
    unsigned line = 1;
    char *rest = arena_copy_text(&shop->arena, slice_of(rows)), *word;
    assert_int_equal(staging_new(shop->catalog, &about, &staging, &diag), STATUS_OK);
    while ((word = strsep(&rest, " ")) != NULL) {
        char *id = strsep(&word, ":"), *price = strsep(&word, ":"), *stock = word;
        if (id[0] == '!') {
            staging_keep(staging, &(struct item){.id = slice_of(id + 1)});
            continue;
        }
        struct item item = {.id = slice_of(id),
                            .title = arena_format(&shop->arena, "Item %s", id),
                            .price_minor = (int64_t)(strtod(price, NULL) * 100),
                            .list_price_minor = -1,
                            .currency = SLICE("EUR"),
                            .stock = stock && *stock ? strtol(stock, NULL, 10) : -1};
        assert_int_equal(staging_put(staging, &item, line++, &diag), STATUS_OK);
    }
    return staging;
}

static void expect_diff(struct shop *shop, struct staging *staging, const char *wanted)
{
    struct feed_diff diff;
    char text[200];
    assert_int_equal(staging_compare(staging, &shop->arena, &diff), STATUS_OK);
    (void)snprintf(
        text, sizeof text,
        "before %d items %d same %d new %d down %d up %d out %d back %d changed %d gone %d",
        (int)diff.before, (int)diff.items, (int)diff.unchanged, (int)diff.counts[DIFF_NEW],
        (int)diff.counts[DIFF_PRICE_DOWN], (int)diff.counts[DIFF_PRICE_UP],
        (int)diff.counts[DIFF_OUT_OF_STOCK], (int)diff.counts[DIFF_BACK_IN_STOCK],
        (int)diff.counts[DIFF_CHANGED], (int)diff.counts[DIFF_GONE]);
    assert_string_equal(text, wanted);
}

static void expect_applied(struct staging *staging, unsigned written, unsigned unchanged,
                           unsigned hidden)
{
    struct staging_result result = {0};
    assert_int_equal(staging_apply(staging, &result), STATUS_OK);
    assert_int_equal(result.written, written);
    assert_int_equal(result.unchanged, unchanged);
    assert_int_equal(result.hidden, hidden);
    assert_int_equal(result.refused, 0);
}

static void apply(struct shop *shop, enum feed_mode mode, const char *rows)
{
    struct staging *staging = stage(shop, mode, rows);
    struct staging_result result = {0};
    assert_int_equal(staging_apply(staging, &result), STATUS_OK);
    staging_free(staging);
}

static bool shown(struct shop *shop, const char *id)
{
    const struct catalog_snapshot *snapshot = catalog_pin_latest(shop->catalog, SHOP);
    const struct item *item = catalog_find(snapshot, slice_of(id));
    bool found = item && !item->hidden;
    catalog_unpin(snapshot);
    return found;
}

static void a_dry_comparison_tells_each_kind_of_change(void **state)
{
    struct shop *shop = *state;
    apply(shop, FEED_DELTA, "A:10:5 B:20:5 C:30:0 D:40:5 E:50:5");
    struct staging *staging = stage(shop, FEED_FULL, "A:10:5 B:15:5 C:35:4 D:40:0 F:60:1");
    expect_diff(shop, staging,
                "before 5 items 5 same 1 new 1 down 1 up 1 out 1 back 1 changed 3 gone 1");
    struct feed_diff diff;
    assert_int_equal(staging_compare(staging, &shop->arena, &diff), STATUS_OK);
    assert_true(slice_is(diff.examples[DIFF_PRICE_DOWN][0].id, "B"));
    assert_int_equal(diff.examples[DIFF_PRICE_DOWN][0].before_minor, 2000);
    assert_int_equal(diff.examples[DIFF_PRICE_DOWN][0].after_minor, 1500);
    assert_true(slice_is(diff.examples[DIFF_GONE][0].title, "Item E"));
    struct buf text;
    buf_init(&text, 1 << 16);
    struct json_out out = json_out(&text);
    json_object(&out);
    feed_diff_to_json(&diff, true, &out);
    json_end(&out);
    buf_add_byte(&text, 0);
    assert_non_null(strstr(text.data, "\"priceDown\":[{\"id\":\"B\",\"title\":\"Item B\","
                                      "\"before\":\"20.00\",\"after\":\"15.00\"}]"));
    buf_done(&text);
    staging_free(staging);
    assert_true(shown(shop, "E") && !shown(shop, "F"));
}

static void the_last_row_of_an_item_counts(void **state)
{
    struct shop *shop = *state;
    struct staging *staging = stage(shop, FEED_DELTA, "A:10 B:20 A:11 A:12");
    assert_int_equal(staging_items(staging), 2);
    expect_applied(staging, 2, 0, 0);
    staging_free(staging);
    const struct catalog_snapshot *snapshot = catalog_pin_latest(shop->catalog, SHOP);
    assert_int_equal(catalog_find(snapshot, SLICE("A"))->price_minor, 1200);
    catalog_unpin(snapshot);
}

static void an_unchanged_feed_writes_nothing(void **state)
{
    struct shop *shop = *state;
    apply(shop, FEED_FULL, "A:10:5 B:20:5");
    uint64_t before = ledger_sequence(shop->ledger);
    struct staging *staging = stage(shop, FEED_FULL, "A:10:5 B:20:5");
    expect_diff(shop, staging,
                "before 2 items 2 same 2 new 0 down 0 up 0 out 0 back 0 changed 0 gone 0");
    expect_applied(staging, 0, 2, 0);
    staging_free(staging);
    assert_int_equal(ledger_sequence(shop->ledger), before);
}

static void full_hides_what_is_gone_and_delta_does_not(void **state)
{
    struct shop *shop = *state;
    apply(shop, FEED_DELTA, "A:10 B:20 C:30 D:40");
    apply(shop, FEED_DELTA, "A:10");
    assert_true(shown(shop, "B"));
    struct staging *staging = stage(shop, FEED_FULL, "A:10 C:30 !D");
    expect_applied(staging, 0, 2, 1);
    staging_free(staging);
    assert_true(shown(shop, "A") && !shown(shop, "B") && shown(shop, "C"));
    assert_true(shown(shop, "D")); /* its row was refused, it is not gone */
    staging = stage(shop, FEED_FULL, "A:10 B:20 C:30 D:40");
    expect_diff(shop, staging,
                "before 3 items 4 same 3 new 1 down 0 up 0 out 0 back 0 changed 0 gone 0");
    expect_applied(staging, 1, 3, 0);
    staging_free(staging);
    assert_true(shown(shop, "B"));
}

static void a_feed_shrinks_from_thirty_percent_on(void **state)
{
    (void)state;
    static const struct {
        uint64_t before, gone;
        bool shrinks;
    } cases[] = {{0, 0, false},      {10, 3, false},    {10, 4, true},
                 {1000, 300, false}, {1000, 301, true}, {1, 1, true}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct feed_diff diff = {.before = cases[i].before};
        diff.counts[DIFF_GONE] = cases[i].gone;
        assert_int_equal(feed_diff_shrinks(&diff, FEED_SHRINK_PERCENT_MAX), cases[i].shrinks);
    }
}

static void a_held_feed_outlives_a_restart_and_is_applied_then(void **state)
{
    struct shop *shop = *state;
    struct diag diag = {0};
    apply(shop, FEED_DELTA, "A:10 B:20 C:30");
    struct staging *staging = stage(shop, FEED_FULL, "A:1 A:11 !C");
    assert_int_equal(staging_hold(staging, 9, 2, &diag), STATUS_OK);
    staging_free(staging);
    struct staging *left = stage(shop, FEED_FULL, "Z:1"); /* what a crash would leave */
    close_shop(shop);
    open_shop(shop);
    struct slice names[4];
    assert_int_equal(staging_list_held(shop->catalog, SHOP, &shop->arena, names, 4), 1);
    assert_true(slice_is(names[0], "shop-feed"));
    assert_int_equal(staging_list_held(shop->catalog, SHOP + 1, &shop->arena, names, 4), 0);
    assert_int_equal(staging_open_held(shop->catalog, SHOP, SLICE("shop-feed"), &staging, &diag),
                     STATUS_OK);
    assert_int_equal(staging_about(staging)->rows, 9);
    assert_int_equal(staging_about(staging)->refused, 2);
    assert_int_equal(staging_about(staging)->mode, FEED_FULL);
    expect_diff(shop, staging,
                "before 3 items 1 same 0 new 0 down 0 up 1 out 0 back 0 changed 1 gone 1");
    expect_applied(staging, 1, 0, 1);
    staging_free(staging);
    assert_true(shown(shop, "C") && !shown(shop, "B"));
    assert_int_equal(staging_drop_held(shop->catalog, SHOP, SLICE("shop-feed")), STATUS_OK);
    assert_int_equal(staging_drop_held(shop->catalog, SHOP, SLICE("shop-feed")), STATUS_NOT_FOUND);
    assert_int_equal(staging_open_held(shop->catalog, SHOP, SLICE("shop-feed"), &staging, &diag),
                     STATUS_NOT_FOUND);
    staging_free(left);
}

static void what_was_held_and_is_damaged_is_refused(void **state)
{
    struct shop *shop = *state;
    struct diag diag = {0};
    struct staging *staging = stage(shop, FEED_FULL, "A:10 B:20 C:30 !D");
    assert_int_equal(staging_hold(staging, 9, 2, &diag), STATUS_OK);
    staging_free(staging);
    char path[256];
    (void)snprintf(path, sizeof path, "%s/feeds/%d-shop-feed.held", shop->directory, SHOP);
    FILE *file = fopen(path, "rb");
    assert_non_null(file);
    static char bytes[4096];
    size_t size = fread(bytes, 1, sizeof bytes, file);
    assert_int_equal(fclose(file), 0);
    for (size_t cut = 0; cut < size; cut += 3) { /* every third length */
        file = fopen(path, "wb");
        assert_int_equal(fwrite(bytes, 1, cut, file), cut);
        assert_int_equal(fclose(file), 0);
        enum status status =
            staging_open_held(shop->catalog, SHOP, SLICE("shop-feed"), &staging, &diag);
        assert_true(status == STATUS_OK || status == STATUS_CORRUPT);
        if (status == STATUS_OK) /* cut between two rows */
            staging_free(staging);
    }
}

static void a_feed_has_a_name_that_is_a_file_name(void **state)
{
    (void)state;
    static const char *const good[] = {"a", "shop-feed", "fr_FR.v2", "9"};
    static const char *const bad[] = {"", ".", "..", ".a", "a/b", "a b", "\xC3\xA9", "a\n"};
    for (size_t i = 0; i < sizeof good / sizeof *good; i++)
        assert_true(feed_name_valid(slice_of(good[i])));
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_false(feed_name_valid(slice_of(bad[i])));
}

#define ON_A_SHOP(test) cmocka_unit_test_setup_teardown(test, set_up_shop, tear_down_shop)

/* --- rows that go together -------------------------------------------------------------------- */

/* Rows of JSON, one a line with ' for "; "!" before a row: it is refused, and what it names
 * kept. */
static struct staging *stage_json(struct shop *shop, enum feed_mode mode, const char *rows,
                                  const char *locale)
{
    struct staging_about about = about_of(mode);
    struct staging *staging;
    struct diag diag = {0};
    unsigned line = 1;
    char *rest = arena_copy_text(&shop->arena, slice_of(rows)), *row;
    assert_int_equal(staging_new(shop->catalog, &about, &staging, &diag), STATUS_OK);
    while ((row = strsep(&rest, "\n")) != NULL) {
        bool refused = row[0] == '!';
        struct staging_record record = {.json = shop_json(&shop->arena, row + refused),
                                        .currency = SLICE("EUR"),
                                        .locale = slice_of(locale),
                                        .line = line++};
        assert_int_equal(staging_put_record(staging, &record, &shop->arena, &diag),
                         refused ? STATUS_INVALID : STATUS_OK);
    }
    return staging;
}

static void apply_json(struct shop *shop, enum feed_mode mode, const char *rows, const char *locale)
{
    struct staging *staging = stage_json(shop, mode, rows, locale);
    struct staging_result result = {0};
    assert_int_equal(staging_apply(staging, &result), STATUS_OK);
    assert_int_equal(result.refused, 0);
    staging_free(staging);
}

static void expect_item(struct shop *shop, const char *id, const char *wanted)
{
    const struct catalog_snapshot *snapshot = catalog_pin_latest(shop->catalog, SHOP);
    const struct item *item = catalog_find(snapshot, slice_of(id));
    struct buf text;
    buf_init(&text, 65536);
    struct json_out out = json_out(&text);
    assert_non_null(item);
    catalog_item_to_json(item, &out);
    for (size_t i = 0; i < text.size; i++)
        text.data[i] = text.data[i] == '"' ? '\'' : text.data[i];
    buf_add_byte(&text, 0);
    assert_string_equal(text.data, wanted);
    buf_done(&text);
    catalog_unpin(snapshot);
}

#define TWO_LOCALES                                                                                \
    "{'id':'A','title':'Robe','price':'10','locale':'fr'}\n"                                       \
    "{'id':'B','title':'Jupe','price':'20','locale':'fr'}\n"                                       \
    "{'id':'A','title':'Dress','price':'10','locale':'en'}\n"                                      \
    "{'id':'B','title':'Skirt','price':'20','locale':'en'}"

static void rows_of_two_locales_are_one_item_and_written_once(void **state)
{
    struct shop *shop = *state;
    struct staging *staging = stage_json(shop, FEED_FULL, TWO_LOCALES, "");
    assert_int_equal(staging_items(staging), 2);
    expect_applied(staging, 2, 0, 0);
    staging_free(staging);
    expect_item(shop, "A",
                "{'id':'A','title':'Robe','price':'10.00','currency':'EUR','locale':'fr',"
                "'texts':{'en':{'title':'Dress'}}}");
    staging = stage_json(shop, FEED_FULL, TWO_LOCALES, "");
    expect_diff(shop, staging,
                "before 2 items 2 same 2 new 0 down 0 up 0 out 0 back 0 changed 0 gone 0");
    expect_applied(staging, 0, 2, 0);
    staging_free(staging);
}

static void a_feed_of_one_locale_leaves_the_others_and_hides_only_its_own(void **state)
{
    struct shop *shop = *state;
    apply_json(shop, FEED_FULL, TWO_LOCALES "\n{'id':'E','title':'Only','locale':'en'}", "");
    /* the rows name no locale: the feed's setting does */
    apply_json(shop, FEED_DELTA, "{'id':'A','title':'Gown','price':'99'}", "en");
    expect_item(shop, "A",
                "{'id':'A','title':'Robe','price':'10.00','currency':'EUR','locale':'fr',"
                "'texts':{'en':{'title':'Gown'}}}");
    struct staging *staging = stage_json(shop, FEED_FULL, "{'id':'A','title':'Gown'}", "en");
    expect_diff(shop, staging,
                "before 3 items 1 same 1 new 0 down 0 up 0 out 0 back 0 changed 1 gone 1");
    expect_applied(staging, 1, 1, 1);
    staging_free(staging);
    assert_true(shown(shop, "B"));
    assert_false(shown(shop, "E"));
    expect_item(shop, "B",
                "{'id':'B','title':'Jupe','price':'20.00','currency':'EUR','locale':'fr'}");
    /* and one of the workspace's own locale leaves the English texts */
    apply_json(shop, FEED_FULL, "{'id':'A','title':'Robe','price':'10'}\n{'id':'B','title':'Jupe'}",
               "fr");
    expect_item(shop, "A",
                "{'id':'A','title':'Robe','price':'10.00','currency':'EUR','locale':'fr',"
                "'texts':{'en':{'title':'Gown'}}}");
}

#define GROUP                                                                                      \
    "{'id':'a1','item_group_id':'A','title':'Robe','price':'10','stock':1}\n"                      \
    "{'id':'a2','item_group_id':'A','title':'Robe 2','price':'11','stock':2}\n"                    \
    "{'id':'S','title':'Seule','price':'5'}"
#define GROUP_ITEM(variants)                                                                       \
    "{'id':'A','title':'Robe','price':'10.00','currency':'EUR','variants':[" variants              \
    "],'lead':'a1'}"

static void rows_of_a_group_are_one_item_and_a_delta_of_one_leaves_the_others(void **state)
{
    struct shop *shop = *state;
    struct staging *staging = stage_json(shop, FEED_FULL, GROUP, "");
    assert_int_equal(staging_items(staging), 2);
    expect_applied(staging, 2, 0, 0);
    staging_free(staging);
    expect_item(shop, "A",
                GROUP_ITEM("{'id':'a1','price':'10.00','stock':1},"
                           "{'id':'a2','price':'11.00','stock':2}"));
    apply_json(shop, FEED_DELTA,
               "{'id':'a2','item_group_id':'A','title':'Robe 2','price':'7','stock':0}", "");
    expect_item(shop, "A",
                GROUP_ITEM("{'id':'a1','price':'10.00','stock':1},"
                           "{'id':'a2','price':'7.00','stock':0}"));
    staging = stage_json(shop, FEED_FULL, GROUP, "");
    expect_applied(staging, 1, 1, 0);
    staging_free(staging);
    staging = stage_json(shop, FEED_FULL, GROUP, "");
    expect_applied(staging, 0, 2, 0);
    staging_free(staging);
    apply_json(shop, FEED_FULL,
               "{'id':'a2','item_group_id':'A','title':'Robe 2','price':'11','stock':2}\n"
               "!{'id':'a1','item_group_id':'A','title':'Robe','price':'cher'}\n"
               "{'id':'S','title':'Seule','price':'5'}",
               "");
    expect_item(shop, "a2", /* by a row's id */
                GROUP_ITEM("{'id':'a1','price':'10.00','stock':1},"
                           "{'id':'a2','price':'11.00','stock':2}"));
}

static void of_several_rows_of_one_part_the_last_counts_also_after_it_was_held(void **state)
{
    struct shop *shop = *state;
    struct diag diag = {0};
    apply_json(shop, FEED_FULL, GROUP, "");
    struct staging *staging =
        stage_json(shop, FEED_FULL,
                   "{'id':'a1','item_group_id':'A','title':'Vieux','price':'1','locale':'fr'}\n"
                   "{'id':'a1','item_group_id':'A','title':'Old','price':'1','locale':'en'}\n"
                   "!{'id':'a2','item_group_id':'A','title':'','locale':'fr'}\n"
                   "{'id':'a1','item_group_id':'A','title':'New','price':'1','locale':'en'}\n"
                   "{'id':'a1','item_group_id':'A','title':'Neuf','price':'3','locale':'fr'}",
                   "");
    assert_int_equal(staging_hold(staging, 5, 1, &diag), STATUS_OK);
    staging_free(staging);
    assert_int_equal(staging_open_held(shop->catalog, SHOP, SLICE("shop-feed"), &staging, &diag),
                     STATUS_OK);
    assert_int_equal(staging_items(staging), 1);
    expect_applied(staging, 1, 0, 1);
    staging_free(staging);
    expect_item(shop, "A",
                "{'id':'A','title':'Neuf','price':'3.00','currency':'EUR','variants':"
                "[{'id':'a1','price':'3.00'},{'id':'a2','price':'11.00','stock':2}],"
                "'lead':'a1','locale':'fr','texts':{'en':{'title':'New'}}}");
}

/* A feed may name one group a million times: what is held of it at once is bounded. */
static void a_group_of_more_rows_than_variants_is_refused_beyond_them(void **state)
{
    struct shop *shop = *state;
    struct staging_about about = about_of(FEED_DELTA);
    struct staging *staging;
    struct diag diag = {0};
    unsigned refused = 0;
    assert_int_equal(staging_new(shop->catalog, &about, &staging, &diag), STATUS_OK);
    for (unsigned i = 0; i < 5000; i++) {
        struct item row = shop_item(&shop->arena, "{'id':'v','item_group_id':'G','title':'T'}");
        struct variant variant = row.variants[0];
        variant.id = row.lead = arena_format(&shop->arena, "v%u", i);
        row.variants = &variant;
        enum status status = staging_put(staging, &row, i + 1, &diag);
        refused += status == STATUS_INVALID;
        assert_true(status == STATUS_OK || status == STATUS_INVALID);
    }
    assert_int_equal(refused, 5000 - ITEM_VARIANTS_MAX);
    assert_string_equal(diag.field, "item_group_id");
    expect_applied(staging, 1, 0, 0);
    staging_free(staging);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        ON_A_SHOP(a_dry_comparison_tells_each_kind_of_change),
        ON_A_SHOP(the_last_row_of_an_item_counts),
        ON_A_SHOP(an_unchanged_feed_writes_nothing),
        ON_A_SHOP(full_hides_what_is_gone_and_delta_does_not),
        ON_A_SHOP(a_held_feed_outlives_a_restart_and_is_applied_then),
        ON_A_SHOP(what_was_held_and_is_damaged_is_refused),
        cmocka_unit_test(a_feed_shrinks_from_thirty_percent_on),
        cmocka_unit_test(a_feed_has_a_name_that_is_a_file_name),
        cmocka_unit_test_setup_teardown(rows_of_two_locales_are_one_item_and_written_once,
                                        set_up_shop, tear_down_shop),
        cmocka_unit_test_setup_teardown(
            a_feed_of_one_locale_leaves_the_others_and_hides_only_its_own, set_up_shop,
            tear_down_shop),
        cmocka_unit_test_setup_teardown(
            rows_of_a_group_are_one_item_and_a_delta_of_one_leaves_the_others, set_up_shop,
            tear_down_shop),
        cmocka_unit_test_setup_teardown(
            of_several_rows_of_one_part_the_last_counts_also_after_it_was_held, set_up_shop,
            tear_down_shop),
        cmocka_unit_test_setup_teardown(a_group_of_more_rows_than_variants_is_refused_beyond_them,
                                        set_up_shop, tear_down_shop),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
