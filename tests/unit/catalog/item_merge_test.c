/* Rows put together: one a locale, one a variant. */
#include "unit/catalog/shop.h"

#include "base/limits.h"
#include "catalog/item_merge.h"
#include "catalog/item_text.h"

enum { ROWS_MAX = 6 };

/* Each row as a feed has it, and the item that comes of them as it is told. */
struct merge_case {
    const char *name, *known; /* NULL: a new item */
    const char *rows[ROWS_MAX];
    const char *full[3]; /* spoken locales; none: a delta */
    const char *kept;    /* a refused row */
    const char *wanted;
};

static const struct merge_case cases[] = {
    {.name = "an item without locale or group is replaced as a whole",
     .known = "{'id':'A','title':'Robe','brand':'B','variants':[{'id':'a1'}]}",
     .rows = {"{'id':'A','title':'Cape'}"},
     .wanted = "{'id':'A','title':'Cape','currency':'EUR'}"},
    {.name = "... but its texts in other locales stay",
     .known = "{'id':'A','title':'Robe','texts':{'en':{'title':'Dress'}}}",
     .rows = {"{'id':'A','title':'Cape'}"},
     .wanted = "{'id':'A','title':'Cape','currency':'EUR','texts':{'en':{'title':'Dress'}}}"},
    {.name = "rows of two locales are one item, the workspace's its own",
     .rows = {"{'id':'A','title':'Dress','price':'9 GBP','locale':'en'}",
              "{'id':'A','title':'Robe','price':'10 EUR','locale':'fr_FR'}"},
     .wanted = "{'id':'A','title':'Robe','price':'10.00','currency':'EUR','locale':'fr-FR',"
               "'texts':{'en':{'title':'Dress'}}}"},
    {.name = "a row in another locale changes its texts alone",
     .known = "{'id':'A','title':'Robe','price':'10','locale':'fr'}",
     .rows = {"{'id':'A','title':'Dress','price':'7','category':'Women>Dresses','locale':'en-GB'}"},
     .wanted = "{'id':'A','title':'Robe','price':'10.00','currency':'EUR','locale':'fr','texts':"
               "{'en-GB':{'title':'Dress','category':'Women > Dresses'}}}"},
    {.name = "a delta of one locale leaves the others",
     .known = "{'id':'A','title':'Robe','texts':{'de':{'title':'Kleid'},'en':{'title':'Dress'}}}",
     .rows = {"{'id':'A','title':'Gown','locale':'en'}"},
     .wanted = "{'id':'A','title':'Robe','currency':'EUR','texts':{'de':{'title':'Kleid'},"
               "'en':{'title':'Gown'}}}"},
    {.name = "texts told with an item are put, and null takes one away",
     .known = "{'id':'A','title':'Robe','texts':{'de':{'title':'Kleid'},'en':{'title':'Dress'}}}",
     .rows = {"{'id':'A','title':'Robe','texts':{'de':null,'it':{'title':'Abito'}}}"},
     .wanted = "{'id':'A','title':'Robe','currency':'EUR','texts':{'en':{'title':'Dress'},"
               "'it':{'title':'Abito'}}}"},
    {.name = "two regions of a language do not take each other's place",
     .rows = {"{'id':'A','title':'Chandail','locale':'fr-CA'}",
              "{'id':'A','title':'Pull','locale':'fr-FR'}"},
     .wanted = "{'id':'A','title':'Chandail','currency':'EUR','locale':'fr-CA','texts':"
               "{'fr-FR':{'title':'Pull'}}}"},
    {.name = "rows of a group are variants of one item, which its first row leads",
     .rows =
         {"{'id':'A-38','item_group_id':'A','title':'Robe 38','price':'10','stock':2,'size':'38',"
          "'season':'x','gender':'female','link':'https://x/38'}",
          "{'id':'A-36','item_group_id':'A','title':'Robe 36','price':'12','sale_price':'9',"
          "'availability':'out of stock','size':'36','link':'https://x/36'}"},
     .wanted =
         "{'id':'A','title':'Robe 38','url':'https://x/38','price':'10.00','currency':'EUR',"
         "'attributes':{'gender':'female'},'variants':[{'id':'A-36','url':'https://x/36',"
         "'price':'9.00','listPrice':'12.00','stock':0,'attributes':{'size':'36'}},"
         "{'id':'A-38','url':'https://x/38','price':'10.00','stock':2,'attributes':{'size':'38'}}],"
         "'lead':'A-38'}"},
    {.name = "a delta of one variant leaves the item and the others",
     .known = "{'id':'A','title':'Robe','price':'10','lead':'a1','variants':"
              "[{'id':'a1','price':'10','stock':1},{'id':'a2','price':'11','stock':2}]}",
     .rows = {"{'id':'a2','item_group_id':'A','title':'Robe deux','price':'8','stock':0}"},
     .wanted = "{'id':'A','title':'Robe','price':'10.00','currency':'EUR','variants':"
               "[{'id':'a1','price':'10.00','stock':1},{'id':'a2','price':'8.00','stock':0}],"
               "'lead':'a1'}"},
    {.name = "a delta of the leading variant changes the item too",
     .known = "{'id':'A','title':'Robe','price':'10','lead':'a1','variants':"
              "[{'id':'a1','price':'10'},{'id':'a2','price':'11'}]}",
     .rows = {"{'id':'a1','item_group_id':'A','title':'Cape','price':'9'}"},
     .wanted = "{'id':'A','title':'Cape','price':'9.00','currency':'EUR','variants':"
               "[{'id':'a1','price':'9.00'},{'id':'a2','price':'11.00'}],'lead':'a1'}"},
    {.name = "group and locale together: texts are the leading variant's",
     .rows = {"{'id':'a1','item_group_id':'A','title':'Robe','price':'10','color':'bleu','locale':'"
              "fr'}",
              "{'id':'a2','item_group_id':'A','title':'Robe 2','price':'11','locale':'fr'}",
              "{'id':'a2','item_group_id':'A','title':'Dress 2','price':'1','locale':'en'}",
              "{'id':'a1','item_group_id':'A','title':'Dress','price':'1','color':'blue','locale':'"
              "en'}"},
     .wanted =
         "{'id':'A','title':'Robe','price':'10.00','currency':'EUR','variants':"
         "[{'id':'a1','price':'10.00','attributes':{'color':'bleu'}},{'id':'a2','price':'11.00'}],"
         "'lead':'a1','locale':'fr','texts':{'en':{'title':'Dress'}}}"},
    {.name = "a full feed takes away variants and texts it does not name",
     .known = "{'id':'A','title':'Robe','lead':'a1','variants':[{'id':'a1'},{'id':'a2'}],"
              "'texts':{'de':{'title':'Kleid'},'en':{'title':'Dress'}}}",
     .rows = {"{'id':'a1','item_group_id':'A','title':'Robe'}"},
     .full = {"fr", "en"},
     .wanted = "{'id':'A','title':'Robe','currency':'EUR','variants':[{'id':'a1'}],'lead':'a1',"
               "'texts':{'de':{'title':'Kleid'}}}"},
    {.name = "a full feed without the lead gives its place to the first row",
     .known = "{'id':'A','title':'Robe','lead':'a1','variants':[{'id':'a1'},{'id':'a2'}]}",
     .rows = {"{'id':'a3','item_group_id':'A','title':'Trois'}",
              "{'id':'a2','item_group_id':'A','title':'Deux'}"},
     .full = {"fr"},
     .wanted = "{'id':'A','title':'Trois','currency':'EUR','variants':[{'id':'a2'},{'id':'a3'}],"
               "'lead':'a3'}"},
    {.name = "a full feed in another order leaves the lead",
     .known = "{'id':'A','title':'Un','lead':'a1','variants':[{'id':'a1'},{'id':'a2'}]}",
     .rows = {"{'id':'a2','item_group_id':'A','title':'Deux'}",
              "{'id':'a1','item_group_id':'A','title':'Un'}"},
     .full = {"fr"},
     .wanted = "{'id':'A','title':'Un','currency':'EUR','variants':[{'id':'a1'},{'id':'a2'}],"
               "'lead':'a1'}"},
    {.name = "what a refused row of a full feed names stays",
     .known = "{'id':'A','title':'Robe','lead':'a1','variants':[{'id':'a1'},{'id':'a2'}]}",
     .rows = {"{'id':'a2','item_group_id':'A','title':'Deux'}"},
     .full = {"fr"},
     .kept = "{'id':'a1','item_group_id':'A'}",
     .wanted = "{'id':'A','title':'Robe','currency':'EUR','variants':[{'id':'a1'},{'id':'a2'}],"
               "'lead':'a1'}"},
    {.name = "a full feed of another locale touches nothing else",
     .known = "{'id':'A','title':'Robe','lead':'a1','variants':[{'id':'a1'},{'id':'a2'}],"
              "'texts':{'en':{'title':'Dress'}}}",
     .rows = {"{'id':'a1','item_group_id':'A','title':'Gown','locale':'en'}"},
     .full = {"en"},
     .wanted = "{'id':'A','title':'Robe','currency':'EUR','variants':[{'id':'a1'},{'id':'a2'}],"
               "'lead':'a1','texts':{'en':{'title':'Gown'}}}"},
    {.name = "a full feed that no longer says the item's own locale leaves the next",
     .known = "{'id':'A','title':'Robe','locale':'fr'}",
     .rows = {"{'id':'A','title':'Dress','locale':'en'}"},
     .full = {"fr", "en"},
     .wanted = "{'id':'A','title':'Dress','currency':'EUR','locale':'en'}"},
    {.name = "an item that a full feed of its text's locale does not name loses the text",
     .known = "{'id':'A','title':'Robe','texts':{'en':{'title':'Dress'}}}",
     .full = {"en"},
     .wanted = "{'id':'A','title':'Robe','currency':'EUR'}"},
};

static void run_case(const struct merge_case *wanted, struct arena *arena)
{
    struct item rows[ROWS_MAX], known, kept, made;
    struct slice spoken[3];
    struct item_rows merged = {.list = rows, .locale = SLICE("fr"), .spoken = spoken};
    for (; merged.count < ROWS_MAX && wanted->rows[merged.count]; merged.count++)
        rows[merged.count] = shop_item(arena, wanted->rows[merged.count]);
    for (; merged.spoken_count < 3 && wanted->full[merged.spoken_count]; merged.spoken_count++)
        spoken[merged.spoken_count] = slice_of(wanted->full[merged.spoken_count]);
    merged.full = merged.spoken_count > 0;
    if (wanted->kept) {
        kept = catalog_item_named(shop_json(arena, wanted->kept));
        merged.kept = &kept;
        merged.kept_count = 1;
    }
    if (wanted->known)
        known = shop_item(arena, wanted->known);
    assert_int_equal(item_merge(wanted->known ? &known : NULL, &merged, arena, &made), STATUS_OK);
    struct buf text;
    buf_init(&text, 65536);
    struct json_out out = json_out(&text);
    catalog_item_to_json(&made, &out);
    for (size_t i = 0; i < text.size; i++)
        text.data[i] = text.data[i] == '"' ? '\'' : text.data[i];
    if (!slice_is(buf_slice(&text), wanted->wanted))
        fail_msg("%s:\n%.*s\n%s", wanted->name, SLICE_ARG(buf_slice(&text)), wanted->wanted);
    struct item again = shop_item(arena, wanted->wanted); /* reads back */
    assert_true(slice_equal(again.lead, made.lead));
    assert_int_equal(again.text_count, made.text_count);
    buf_done(&text);
}

static void rows_become_one_item(void **state)
{
    (void)state;
    struct arena arena;
    arena_init(&arena);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        run_case(&cases[i], &arena);
    arena_done(&arena);
}

static void more_variants_than_an_item_has_are_refused(void **state)
{
    (void)state;
    struct arena arena;
    arena_init(&arena);
    struct item *rows = ARENA_ARRAY(&arena, ITEM_VARIANTS_MAX + 1, struct item), made;
    for (size_t i = 0; i <= ITEM_VARIANTS_MAX; i++) {
        struct slice row = arena_format(&arena, "{'id':'v%zu','item_group_id':'G','title':'T'}", i);
        rows[i] = shop_item(&arena, arena_copy_text(&arena, row));
    }
    struct item_rows merged = {.list = rows, .count = ITEM_VARIANTS_MAX, .locale = SLICE("fr")};
    assert_int_equal(item_merge(NULL, &merged, &arena, &made), STATUS_OK);
    assert_int_equal(made.variant_count, ITEM_VARIANTS_MAX);
    merged.count++;
    assert_int_equal(item_merge(NULL, &merged, &arena, &made), STATUS_TOO_LARGE);
    merged.count = 0;
    assert_int_equal(item_merge(NULL, &merged, &arena, &made), STATUS_NOT_FOUND);
    arena_done(&arena);
}

static void
a_text_is_found_by_locale_then_language_then_the_workspaces_then_the_items_own(void **state)
{
    (void)state;
    static const struct {
        const char *asked, *workspace, *title, *locale;
    } chains[] = {
        {"en-GB", "fr", "Jumper", "en-GB"}, {"en_gb", "fr", "Jumper", "en-GB"},
        {"en-US", "fr", "Sweater", "en"},   {"en", "fr", "Sweater", "en"},
        {"fr-BE", "fr", "Pull", "fr"},      {"it", "fr", "Pull", "fr"},
        {"it", "en", "Sweater", "en"},      {"", "fr", "Pull", "fr"},
        {"??", "fr", "Pull", "fr"},         {"it", "es", "Pull", "fr"},
        {"de-AT", "fr", "Pulli", "de-DE"},
    };
    struct arena arena;
    arena_init(&arena);
    struct item item = shop_item(
        &arena, "{'id':'A','title':'Pull','description':'Chaud','url':'https://x/fr','locale':'fr',"
                "'texts':{'de-DE':{'title':'Pulli'},'en':{'title':'Sweater','url':'https://x/en'},"
                "'en-GB':{'title':'Jumper','description':'Warm'}}}");
    for (size_t i = 0; i < sizeof chains / sizeof *chains; i++) {
        struct locale_wish wish = {slice_of(chains[i].asked), slice_of(chains[i].workspace)};
        struct item_text text = item_text_in(&item, &wish);
        if (!slice_is(text.title, chains[i].title) || !slice_is(text.locale, chains[i].locale))
            fail_msg("%s, %s: %.*s", chains[i].asked, chains[i].workspace, SLICE_ARG(text.title));
    }
    struct item_text text = item_text_in(&item, &(struct locale_wish){SLICE("en-GB"), SLICE("fr")});
    assert_true(slice_is(text.description, "Warm"));
    assert_true(slice_is(text.url, "https://x/fr")); /* it has none of its own */
    arena_done(&arena);
}

static void tags_are_read_in_one_spelling_or_refused(void **state)
{
    (void)state;
    static const struct {
        const char *text, *tag; /* NULL: refused */
    } tags[] = {{"fr", "fr"},
                {"FR_fr", "fr-FR"},
                {" en-gb ", "en-GB"},
                {"zh-Hant-TW", "zh-hant-TW"},
                {"gsw", "gsw"},
                {"es-419", "es-419"},
                {"", NULL},
                {"f", NULL},
                {"français", NULL},
                {"fr-", NULL},
                {"fr--FR", NULL},
                {"12", NULL},
                {"fr FR", NULL},
                {"english", NULL},
                {"fr-123456789", NULL}};
    struct arena arena;
    arena_init(&arena);
    for (size_t i = 0; i < sizeof tags / sizeof *tags; i++) {
        struct slice tag = SLICE_NONE;
        bool good = locale_tag_read(slice_of(tags[i].text), &arena, &tag);
        if (good != (tags[i].tag != NULL) || (good && !slice_is(tag, tags[i].tag)))
            fail_msg("%s: %.*s", tags[i].text, SLICE_ARG(tag));
    }
    arena_done(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rows_become_one_item),
        cmocka_unit_test(more_variants_than_an_item_has_are_refused),
        cmocka_unit_test(
            a_text_is_found_by_locale_then_language_then_the_workspaces_then_the_items_own),
        cmocka_unit_test(tags_are_read_in_one_spelling_or_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
