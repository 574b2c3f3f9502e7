#include "test.h"

#include "base/arena.h"
#include "catalog/catalog.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

static int file_of(struct slice bytes)
{
    int fd = memfd_create("feed", 0);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, bytes.data, bytes.size), (ssize_t)bytes.size);
    assert_int_equal(lseek(fd, 0, SEEK_SET), 0);
    return fd;
}

static void put_value(const struct json *value, struct buf *out)
{
    buf_add(out, json_scalar_text(value));
    for (size_t i = 0; json_is(value, JSON_ARRAY) && i < value->count; i++)
        buf_format(out, "%s%.*s", i ? "|" : "", SLICE_ARG(json_scalar_text(&value->elements[i])));
}

/* Records as "line:a=1,b=2|3;", bad ones as "line!", a broken end as "line:column!!". */
static void read_all(struct slice bytes, struct buf *out, struct diag *out_diag)
{
    int fd = file_of(bytes);
    struct feed *feed;
    struct arena arena;
    enum status status = feed_open(fd, FEED_AUTO, &feed, out_diag);
    assert_int_equal(status, STATUS_OK);
    arena_init(&arena);
    for (;;) {
        const struct json *record;
        unsigned line;
        struct diag diag = {0};
        status = feed_next(feed, &arena, &record, &line, &diag);
        if (status == STATUS_NOT_FOUND)
            break;
        assert_int_equal(diag.line, line);
        if (status == STATUS_INVALID) {
            assert_true(diag.sentence[0] != 0);
            *out_diag = diag;
            if (feed_broken(feed))
                buf_format(out, "%u:%u!!", line, diag.column);
            else
                buf_format(out, "%u!;", line);
            continue;
        }
        assert_int_equal(status, STATUS_OK);
        buf_format(out, "%u:", line);
        for (size_t i = 0; i < record->count; i++) {
            buf_format(out, "%s%.*s=", i ? "," : "", SLICE_ARG(record->members[i].name));
            put_value(&record->members[i].value, out);
        }
        buf_add_byte(out, ';');
    }
    arena_done(&arena);
    feed_close(feed);
    close(fd);
}

static void expect(struct slice bytes, const char *wanted)
{
    struct buf out;
    struct diag diag = {0};
    buf_init(&out, 1 << 20);
    read_all(bytes, &out, &diag);
    buf_add_byte(&out, 0);
    assert_string_equal(out.data, wanted);
    buf_done(&out);
}

#define G "xmlns:g=\"http://base.google.com/ns/1.0\""
#define RSS(items)                                                                                 \
    "<?xml version=\"1.0\"?>\n<rss " G " version=\"2.0\"><channel><title>Shop</title>\n" items     \
    "</channel></rss>\n"

static const struct {
    const char *text, *wanted;
} good_cases[] = {
    {RSS("<item><g:id>1</g:id><title>Robe</title></item>\n<item><g:id>2</g:id></item>"),
     "3:id=1,title=Robe;4:id=2;"},
    {RSS("<item><title>RSS</title><g:title>Google</g:title></item>"), "3:title=Google;"},
    {RSS("<item><g:additional_image_link>a</g:additional_image_link>"
         "<g:additional_image_link>b</g:additional_image_link></item>"),
     "3:additional_image_link=a|b;"},
    {RSS("<item><g:shipping><g:country>FR</g:country><g:price>4 EUR</g:price></g:shipping>"
         "<g:price>9</g:price></item>"),
     "3:shipping=,shipping.country=FR,shipping.price=4 EUR,price=9;"},
    {RSS("<item><description><![CDATA[<p>5 < 6</p>]]></description></item>"),
     "3:description=<p>5 < 6</p>;"},
    {RSS("<item><title>A &amp; B &#233; &lt;&gt;&quot;&apos;</title></item>"),
     "3:title=A & B \xC3\xA9 <>\"';"},
    {RSS("<item><x:y xmlns:x=\"urn:other\">no</x:y><g:id>1</g:id></item>"), "3:id=1;"},
    {RSS("<item>\n</item><item/>"), "3:;4:;"},
    {"<feed xmlns=\"http://www.w3.org/2005/Atom\" " G "><title>Shop</title><entry><g:id>1</g:id>"
     "<title>Robe</title><link rel=\"self\" href=\"https://s/self\"/>"
     "<link href=\"https://s/1\"/></entry></feed>",
     "1:id=1,title=Robe,link=https://s/1;"},
    {"<products><product><id>7</id></product></products>", "1:id=7;"},
    {"<?xml version=\"1.0\" encoding=\"ISO-8859-1\"?><products><product><id>\xE9</id></product>"
     "</products>",
     "1:id=\xC3\xA9;"},
    {"<?xml version=\"1.0\" encoding=\"windows-1252\"?><products><product><id>\x80</id></product>"
     "</products>",
     "1:id=\xE2\x82\xAC;"},
    {"\xEF\xBB\xBF<products><product><id>7</id></product></products>", "1:id=7;"},
    {"<rss></rss>", ""},
};

static void reads_merchant_feeds_and_their_kin(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof good_cases / sizeof *good_cases; i++)
        expect(slice_of(good_cases[i].text), good_cases[i].wanted);
}

static const struct {
    const char *text, *wanted, *sentence;
} bad_cases[] = {
    {"<!DOCTYPE rss [<!ENTITY a \"b\">]><rss><item><id>&a;</id></item></rss>", "1:15!!",
     "document type"},
    {"<!DOCTYPE lolz [<!ENTITY lol \"lol\"><!ENTITY lol1 \"&lol;&lol;&lol;&lol;&lol;&lol;\">"
     "<!ENTITY lol2 \"&lol1;&lol1;&lol1;&lol1;&lol1;\">]>\n<lolz><item>&lol2;</item></lolz>",
     "1:16!!", "document type"},
    {"<!DOCTYPE r SYSTEM \"file:///etc/passwd\">\n<r/>", "1:40!!", "document type"},
    {RSS("<item><id>1</id></item>\n<item><id>&nbsp;</id></item>"), "3:id=1;4:11!!", "&#160;"},
    {RSS("<item><id>A & B</id></item>"), "3:14!!", "&amp;"},
    {RSS("<item><id>1</id></item><item><id>2</itm>"), "3:id=1;3:37!!", "another element"},
    {RSS("<item><id>\xE9t\xE9</id></item>"), "3:11!!", "encoding"},
    {"<rss><item><h:id>1</h:id></item></rss>", "1:12!!", "xmlns:g="},
    {"<?xml version=\"1.0\" encoding=\"EBCDIC-9\"?><rss/>", "1:31!!", "UTF-8"},
    {"<rss><item><id>1</id></item>", "1:id=1;1:29!!", "ends in its middle"},
    {"<rss><item><id>1</id></item><item><id>2", "1:id=1;1:40!!", "ends in its middle"},
};

static void says_where_and_why_a_file_is_not_taken(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof bad_cases / sizeof *bad_cases; i++) {
        struct buf out;
        struct diag diag = {0};
        buf_init(&out, 1 << 16);
        read_all(slice_of(bad_cases[i].text), &out, &diag);
        buf_add_byte(&out, 0);
        assert_string_equal(out.data, bad_cases[i].wanted);
        assert_non_null(strstr(diag.sentence, bad_cases[i].sentence));
        buf_done(&out);
    }
    expect(SLICE("<rss><item><id>1\0</id></item></rss>"), "1:17!!");
}

/* Values, tags, comments and depth that would eat the memory of a careless reader. */
static void bounds_what_an_item_can_cost(void **state)
{
    (void)state;
    static const struct {
        const char *before, *again, *after;
        size_t times;
        const char *wanted;
    } cases[] = {
        {"<rss><item><id>", "x", "</id></item><item><id>2</id></item></rss>", FEED_RECORD_BYTES_MAX,
         "1!;1:id=2;"},
        {"<rss><item>", "<a>1</a>", "</item><item><id>2</id></item></rss>", 501, "1!;1:id=2;"},
        {"<rss><item><a b=\"", "x", "\"/></item></rss>", 2 * FEED_RECORD_BYTES_MAX, "1:12!!"},
        {"<rss><!--", "x", "--><item/></rss>", 2 * FEED_RECORD_BYTES_MAX, "1:6!!"},
        {"<rss>", "<a>", "</rss>", 40, "1:99!!"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct buf text;
        buf_init(&text, 8 << 20);
        buf_add_text(&text, cases[i].before);
        for (size_t k = 0; k < cases[i].times; k++)
            buf_add_text(&text, cases[i].again);
        buf_add_text(&text, cases[i].after);
        expect(buf_slice(&text), cases[i].wanted);
        buf_done(&text);
    }
}

static void reads_items_across_block_ends(void **state)
{
    (void)state;
    struct buf text, wanted, out;
    struct diag diag = {0};
    buf_init(&text, 4 << 20);
    buf_init(&wanted, 4 << 20);
    buf_init(&out, 4 << 20);
    buf_add_text(&text, "<rss " G ">\n");
    for (unsigned i = 0; i < 20000; i++) {
        buf_format(&text, "<item><g:id>%u</g:id><g:size>\xC3\xA9 %u</g:size></item>\n", i, i * 7);
        buf_format(&wanted, "%u:id=%u,size=\xC3\xA9 %u;", i + 2, i, i * 7);
    }
    buf_add_text(&text, "</rss>");
    read_all(buf_slice(&text), &out, &diag);
    assert_true(slice_equal(buf_slice(&out), buf_slice(&wanted)));
    buf_done(&out);
    buf_done(&text);
    buf_done(&wanted);
}

static void a_merchant_item_becomes_an_item(void **state)
{
    (void)state;
    int fd = file_of(slice_of(
        RSS("<item><g:id>R1</g:id><g:title>Robe</g:title><g:link>https://s/r1</g:link>"
            "<g:image_link>https://s/r1.jpg</g:image_link><g:price>59.90 EUR</g:price>"
            "<g:sale_price>49.90 EUR</g:sale_price><g:availability>out_of_stock</g:availability>"
            "<g:brand>Atelier</g:brand><g:product_type>Femme &gt; Robes</g:product_type>"
            "<g:product_type>Soldes</g:product_type><g:color>bleu</g:color><g:size>38</g:size>"
            "<g:gtin>4006381333931</g:gtin></item>")));
    struct feed *feed;
    struct diag diag = {0};
    struct arena arena;
    const struct json *record;
    struct item item;
    unsigned line;
    arena_init(&arena);
    assert_int_equal(feed_open(fd, FEED_AUTO, &feed, &diag), STATUS_OK);
    assert_int_equal(feed_format_of(feed), FEED_XML);
    assert_int_equal(feed_next(feed, &arena, &record, &line, &diag), STATUS_OK);
    assert_int_equal(catalog_item_from_json(record, SLICE("EUR"), &arena, &item, &diag), STATUS_OK);
    assert_true(slice_is(item.id, "R1") && slice_is(item.url, "https://s/r1"));
    assert_true(slice_is(item.category, "Femme > Robes") && slice_is(item.brand, "Atelier"));
    assert_int_equal(item.price_minor, 4990);
    assert_int_equal(item.list_price_minor, 5990);
    assert_int_equal(item.stock, 0);
    assert_int_equal(item.attribute_count, 2);
    feed_close(feed);
    close(fd);
    arena_done(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_merchant_feeds_and_their_kin),
        cmocka_unit_test(says_where_and_why_a_file_is_not_taken),
        cmocka_unit_test(bounds_what_an_item_can_cost),
        cmocka_unit_test(reads_items_across_block_ends),
        cmocka_unit_test(a_merchant_item_becomes_an_item),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
