/* visavis import on a real engine in a temporary directory: the command is run as a server would
 * run it, its output read back from files. */
#include "test.h"

#include "app/command.h"
#include "base/clock.h"
#include "base/number_table.h"
#include "unit/store/temporary.h"

#include <unistd.h>

enum { SHOWN_BYTES_MAX = 1 << 16, ARGUMENTS = 24 };

struct shop {
    char parent[64], data[128], file[128];
    struct engine *engine;
    uint32_t workspace;
    char out[SHOWN_BYTES_MAX], err[SHOWN_BYTES_MAX];
    int code;
    struct arena arena;
};

static int set_up(void **state)
{
    struct shop *shop = must_alloc_zero(1, sizeof *shop);
    struct engine_options options = {.memory_bytes = 64 << 20, .create = true};
    struct workspace_wish wish = {
        .name = SLICE("shop"), .timezone = SLICE("Europe/London"), .currency = SLICE("GBP")};
    struct diag diag = {0};
    char write_key[KEY_TEXT_MAX], secret_key[KEY_TEXT_MAX];
    temporary_make(shop->parent);
    (void)snprintf(shop->data, sizeof shop->data, "%s/data", shop->parent);
    (void)snprintf(shop->file, sizeof shop->file, "%s/file", shop->parent);
    arena_init(&shop->arena);
    assert_int_equal(engine_open(shop->data, &options, &shop->engine, &diag), STATUS_OK);
    assert_int_equal(
        workspaces_create(shop->engine->workspaces, &wish, write_key, secret_key, &diag),
        STATUS_OK);
    const struct workspaces_snapshot *snapshot = workspaces_pin(shop->engine->workspaces);
    shop->workspace = workspaces_at(snapshot, 0)->id;
    workspaces_unpin(snapshot);
    *state = shop;
    return 0;
}

static int tear_down(void **state)
{
    struct shop *shop = *state;
    engine_close(shop->engine);
    temporary_remove(shop->parent);
    arena_done(&shop->arena);
    free(shop);
    return 0;
}

/* --- running the command ---------------------------------------------------------------------- */

static void write_file(struct shop *shop, const char *text)
{
    FILE *file = fopen(shop->file, "wb");
    assert_non_null(file);
    assert_int_equal(fwrite(text, 1, strlen(text), file), strlen(text));
    assert_int_equal(fclose(file), 0);
}

static void read_back(FILE *file, char text[SHOWN_BYTES_MAX])
{
    rewind(file);
    size_t size = fread(text, 1, SHOWN_BYTES_MAX - 1, file);
    text[size] = '\0';
    assert_int_equal(fclose(file), 0);
}

/* "events FILE --map a=b c=d": words apart by '|'. */
static void run_command(struct shop *shop, const char *name, int fd, const char *words)
{
    const char *arguments[ARGUMENTS];
    int count = 0;
    FILE *out = tmpfile(), *err = tmpfile();
    struct call *call = must_alloc(sizeof *call);
    struct diag diag = {0};
    call_init(call, fileno(out), fileno(err));
    char *rest = arena_copy_text(&call->arena, slice_of(words)), *word;
    while ((word = strsep(&rest, "|")) != NULL && count < ARGUMENTS)
        arguments[count++] = word;
    assert_int_equal(call_read(call, command_find(slice_of(name)), count, arguments, &diag),
                     STATUS_OK);
    call->engine = shop->engine;
    call->file = fd;
    shop->code = call_run(call);
    call_done(call);
    free(call);
    read_back(out, shop->out);
    read_back(err, shop->err);
}

static void run_on(struct shop *shop, int fd, const char *words)
{
    run_command(shop, "import", fd, words);
}

static void run(struct shop *shop, const char *words)
{
    int fd = open(shop->file, O_RDONLY | O_CLOEXEC);
    assert_true(fd >= 0);
    run_on(shop, fd, words);
}

static int64_t count_of(struct shop *shop, const char *name)
{
    const struct json *json;
    struct diag diag;
    if (json_parse(&shop->arena, slice_trim(slice_of(shop->out)), &json, &diag) != STATUS_OK)
        fail_msg("no summary: \"%s\" \"%s\"", shop->out, shop->err);
    return json_get_int(json, name, -1);
}

#define ASSERT_COUNTS(shop, name, wanted)                                                          \
    do {                                                                                           \
        int64_t found = count_of((shop), (name));                                                  \
        if (found != (wanted))                                                                     \
            fail_msg("%s is %lld: %s%s", (name), (long long)found, (shop)->out, (shop)->err);      \
    } while (0)

static void assert_told(const struct shop *shop, const char *text)
{
    if (!strstr(shop->err, text))
        fail_msg("\"%s\" is not told: %s%s", text, shop->out, shop->err);
}

/* --- looking into the engine ------------------------------------------------------------------ */

struct seen {
    struct arena *arena;
    struct event events[64];
    size_t count;
};

static enum status keep_message(void *context, const struct event *event)
{
    struct seen *seen = context;
    assert_true(seen->count < 64);
    struct event *kept = &seen->events[seen->count++];
    *kept = *event;
    kept->message = arena_copy(seen->arena, event->message);
    return STATUS_OK;
}

static void look(struct shop *shop, struct seen *seen)
{
    *seen = (struct seen){.arena = &shop->arena};
    assert_int_equal(people_each_message(shop->engine->people, shop->workspace, keep_message, seen),
                     STATUS_OK);
}

static const struct json *message_at(struct shop *shop, const struct seen *seen, size_t index)
{
    const struct json *json;
    struct diag diag;
    assert_true(index < seen->count);
    assert_int_equal(json_parse(&shop->arena, seen->events[index].message, &json, &diag),
                     STATUS_OK);
    return json;
}

static void assert_text(const struct json *json, const char *path, const char *wanted)
{
    struct slice text = json_scalar_text(json_at(json, path));
    if (!slice_is(text, wanted))
        fail_msg("%s is \"%.*s\", not \"%s\"", path, SLICE_ARG(text), wanted);
}

/* --- catalogues ------------------------------------------------------------------------------- */

static void writes_a_catalogue_once(void **state)
{
    struct shop *shop = *state;
    write_file(shop, "id,title,price,attribute.colour\n"
                     "1,Lamp,12.50,red\n"
                     "2,Chair,80,\n");
    run(shop, "catalog|f");
    assert_int_equal(shop->code, 0);
    ASSERT_COUNTS(shop, "rows", 2);
    ASSERT_COUNTS(shop, "written", 2);
    run(shop, "catalog|f");
    ASSERT_COUNTS(shop, "written", 0);
    ASSERT_COUNTS(shop, "unchanged", 2);
}

static void keeps_the_last_good_row_of_an_item(void **state)
{
    struct shop *shop = *state;
    write_file(shop, "Invoice,quantity,StockCode,Description,UnitPrice\n"
                     "1,-3,7.0,Old lamp,1.00\n"
                     "2,-3,7,Lamp,2.00\n"
                     "3,-3,7,,3.00\n"
                     "4,-3,8,Chair,abc\n");
    run(shop, "catalog|f|--map|item=StockCode,title=Description|price=UnitPrice");
    assert_int_equal(shop->code, 0);
    ASSERT_COUNTS(shop, "rows", 4);
    ASSERT_COUNTS(shop, "items", 1);
    ASSERT_COUNTS(shop, "written", 1);
    ASSERT_COUNTS(shop, "refused", 2);
    assert_told(shop, "line 4: title: is missing");
    assert_told(shop, "line 5: price: ");
    int64_t until_ms = clock_now_ms() + 5000;
    const struct item *item = NULL;
    const struct catalog_snapshot *items = NULL;
    while (!item && clock_now_ms() < until_ms) {
        catalog_unpin(items);
        (void)usleep(10000);
        items = catalog_pin(shop->engine->catalog, shop->workspace);
        item = catalog_find(items, SLICE("7"));
    }
    assert_non_null(item);
    assert_int_equal(item->price_minor, 200);
    assert_int_equal(item->stock, -1); /* the quantity of an order is not the stock */
    catalog_unpin(items);
}

static void reads_objects_as_items(void **state)
{
    struct shop *shop = *state;
    write_file(shop, "{\"id\":\"1\",\"title\":\"Lamp\",\"attributes\":{\"colour\":\"red\"}}\n"
                     "{\"id\":\"2\"\n"
                     "{\"id\":\"3\",\"title\":\"Chair\",\"variants\":[{\"id\":\"3a\"}]}\n");
    run(shop, "catalog|f");
    ASSERT_COUNTS(shop, "items", 2);
    ASSERT_COUNTS(shop, "written", 2);
    ASSERT_COUNTS(shop, "refused", 1);
    assert_told(shop, "line 2, column 10: ");
}

static void reads_a_merchant_feed_on_one_line(void **state)
{
    struct shop *shop = *state;
    write_file(shop, "<rss xmlns:g=\"http://base.google.com/ns/1.0\"><channel>"
                     "<item><g:id>1</g:id><title>Lamp</title><g:price>5.00 EUR</g:price></item>"
                     "<item><g:id>1</g:id><title>Lamp</title><g:price>6.00 EUR</g:price></item>"
                     "<item><g:id>2</g:id></item>"
                     "<item><g:id>3</g:id><title>Chair</title></item></channel></rss>");
    run(shop, "catalog|f");
    ASSERT_COUNTS(shop, "rows", 4);
    ASSERT_COUNTS(shop, "items", 2);
    ASSERT_COUNTS(shop, "written", 2);
    assert_told(shop, "line 1, column 201: title: is missing");
}

static void writes_nothing_of_xml_that_breaks_off(void **state)
{
    struct shop *shop = *state;
    write_file(shop, "<rss><item><id>1</id><title>Lamp</title></item>\n<item><id>2");
    run(shop, "catalog|f");
    assert_int_equal(shop->code, 2);
    ASSERT_COUNTS(shop, "written", 0);
    assert_told(shop, "2:12: the file ends in its middle");
}

static void points_to_guess_when_no_row_has_a_title(void **state)
{
    struct shop *shop = *state;
    write_file(shop, "id,Bezeichnung,price\nN1,Lampe,5\nN2,Tisch,6\n");
    run(shop, "catalog|f");
    assert_int_equal(shop->code, 2);
    assert_told(shop, "--guess shows which column could be it");
    write_file(shop, "id,title,price\nN1,Lampe,cher\n");
    run(shop, "catalog|f");
    assert_told(shop, "The only row could not be taken");
}

static void guesses_the_columns_and_writes_nothing(void **state)
{
    struct shop *shop = *state;
    write_file(shop, "R\xC3\xA9"
                     "f;Nom;Prix\nA1;Lampe;12,50\n");
    run(shop, "catalog|f|--guess|--lang|en");
    assert_int_equal(shop->code, 0);
    assert_non_null(strstr(shop->out, "the name means price and 1 of 1 value is a price"));
    assert_non_null(strstr(shop->out, "--map 'id=R\xC3\xA9"
                                      "f,title=Nom,price=Prix'"));
    run(shop, "catalog|f|--guess|--lang|fr");
    assert_non_null(strstr(shop->out, "le nom veut dire price et 1 valeur sur 1 est un prix"));
    run(shop, "catalog|f|--guess|--json");
    assert_non_null(strstr(shop->out, "\"map\":{\"id\":\"R\xC3\xA9"
                                      "f\""));
    run(shop, "catalog|f|--map|id=R\xC3\xA9"
              "f,title=Nom,price=Prix");
    ASSERT_COUNTS(shop, "written", 1);
}

static void a_full_feed_hides_what_is_gone_unless_it_is_too_much(void **state)
{
    struct shop *shop = *state;
    write_file(shop, "id,title,price\n1,A,5\n2,B,5\n3,C,5\n4,D,5\n");
    run(shop, "catalog|f");
    ASSERT_COUNTS(shop, "new", 4);
    write_file(shop, "id,title,price\n1,A,4\n2,B,5\n3,C,5\n");
    run(shop, "catalog|f|--mode|full|--dry-run");
    ASSERT_COUNTS(shop, "gone", 1);
    assert_told(shop, "price down: 1\n  1 A: 5.00 to 4.00 GBP\n");
    assert_told(shop, "gone: 1\n  4 D");
    run(shop, "catalog|f|--mode|full");
    ASSERT_COUNTS(shop, "hidden", 1);
    ASSERT_COUNTS(shop, "written", 1);
    ASSERT_COUNTS(shop, "unchanged", 2);
    write_file(shop, "id,title,price\n1,A,4\n");
    run(shop, "catalog|f|--mode|full|--feed|night|--json");
    assert_int_equal(shop->code, 1);
    ASSERT_COUNTS(shop, "hidden", 0);
    assert_non_null(strstr(shop->out, "\"gone\":[{\"id\":"));
    assert_non_null(strstr(shop->out, "\"held\":true"));
    assert_told(shop, "would hide 2 of 3 items");
    run_command(shop, "feed", -1, "list");
    assert_non_null(strstr(shop->out, "{\"feed\":\"night\","));
    run_command(shop, "feed", -1, "approve|night");
    assert_string_equal(shop->out, "{\"written\":0,\"unchanged\":1,\"hidden\":2}\n");
    run_command(shop, "feed", -1, "approve|night");
    assert_int_equal(shop->code, 1);
    write_file(shop, "id,title,price\n9,Z,4\n");
    run(shop, "catalog|f|--mode|full");
    run_command(shop, "feed", -1, "reject|import");
    assert_int_equal(shop->code, 0);
    run_command(shop, "feed", -1, "list");
    assert_string_equal(shop->out, "");
    run_command(shop, "feed", -1, "reject|../../etc");
    assert_int_equal(shop->code, 1);
}

static void names_what_is_wrong_with_a_map(void **state)
{
    static const struct {
        const char *words, *told;
    } cases[] = {
        {"catalog|f|--map|item=Nr", "there is no column \"Nr\"; the head line is: StockCode,Name"},
        {"catalog|f|--map|colour=Name", "there is no field \"colour\""},
        {"catalog|f|--map|StockCode=item", "\"StockCode\" is a column: write field=column"},
        {"catalog|f|--map|item=StockCode,id=Name", "\"id\" is mapped twice"},
        {"catalog|f|--map|item", "is not field=column"},
        {"catalog|f|--consent|personalise=granted", "holds no people's consent"},
        {"events|f|--map|item=StockCode", "map order=COLUMN"},
        {"events|f|--timezone|Mars/Olympus", "is not a time zone"},
        {"events|f|--format|xls", "Say csv, tsv, ndjson, xml or auto"},
        {"catalog|f|--mode|some", "Say full"},
        {"events|f|--mode|full", "Only a catalogue"},
        {"events|f|--consent|personalise=granted", "takes all three"},
        {"events|f|--consent|fun=granted|--consent-source|x|--consent-date|2024-01-01",
         "\"fun=granted\" is not purpose=granted"},
        {"events|f|--consent|email=granted|--consent-source|x|--consent-date|2999-01-01",
         "lies in the future"},
        {"things|f", "Say what to import"},
    };
    struct shop *shop = *state;
    write_file(shop, "StockCode,Name\n1,Lamp\n");
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        run(shop, cases[i].words);
        assert_int_equal(shop->code, 2);
        assert_string_equal(shop->out, "");
        assert_told(shop, cases[i].told);
    }
    run(shop, "catalog|f|--map|item=StockCode,title=Name,brand=?Brand");
    assert_int_equal(shop->code, 0);
}

static void tells_twenty_bad_rows_and_counts_the_rest(void **state)
{
    struct shop *shop = *state;
    struct buf text;
    buf_init(&text, 1 << 16);
    buf_add_text(&text, "id,title\n");
    for (unsigned i = 0; i < 30; i++)
        buf_format(&text, "%u,\n", i);
    buf_add_byte(&text, '\0');
    write_file(shop, text.data);
    buf_done(&text);
    run(shop, "catalog|f");
    ASSERT_COUNTS(shop, "refused", 30);
    assert_told(shop, "line 21: ");
    assert_null(strstr(shop->err, "line 22: "));
    assert_told(shop, "and 10 more were refused");
    assert_told(shop, "No row has a title that can be taken: --guess");
    assert_int_equal(shop->code, 2);
}

/* --- events ----------------------------------------------------------------------------------- */

#define ORDER_HEAD "InvoiceNo,StockCode,Quantity,InvoiceDate,UnitPrice,CustomerID,Country\n"
#define ORDER_MAP                                                                                  \
    "events|f|--map|order=InvoiceNo,item=StockCode,quantity=Quantity,price=UnitPrice,"             \
    "time=InvoiceDate,user=CustomerID,country=Country"

static void groups_lines_into_orders_and_refunds(void **state)
{
    struct shop *shop = *state;
    struct seen seen;
    write_file(shop, ORDER_HEAD "536365,A,6,2010-12-01 08:26:00,2.55,17850.0,United Kingdom\n"
                                "536365,B,2,2010-12-01 08:26:00,3.39,17850.0,United Kingdom\n"
                                "536366,A,1,2010-12-01 08:28:00,1.00,,France\n"
                                "C536379,D,-1,2010-12-01 09:41:00,27.50,14527.0,France\n"
                                "536365,C,1,2010-12-01 08:26:00,0.10,17850.0,United Kingdom\n"
                                "536400,E,-2,2010-12-01 10:00:00,4,14527.0,France\n"
                                "536401,E,4,2010-12-01 11:00:00,4,14527.0,France\n"
                                "536401,F,-1,2010-12-01 11:00:00,1.5,14527.0,France\n");
    run(shop, ORDER_MAP);
    assert_int_equal(shop->code, 0);
    ASSERT_COUNTS(shop, "rows", 8);
    ASSERT_COUNTS(shop, "orders", 2);
    ASSERT_COUNTS(shop, "refunds", 2);
    ASSERT_COUNTS(shop, "people", 2);
    ASSERT_COUNTS(shop, "written", 4);
    ASSERT_COUNTS(shop, "noPerson", 1);
    assert_told(shop, "line 4: no person");
    look(shop, &seen);
    assert_int_equal(seen.count, 4);
    for (size_t i = 0; i < seen.count; i++) {
        const struct json *message = message_at(shop, &seen, i);
        struct slice id = json_scalar_text(json_at(message, "properties.order_id"));
        const struct json *products = json_at(message, "properties.products");
        if (slice_is(id, "536365")) {
            assert_text(message, "event", "Order Completed");
            assert_text(message, "userId", "17850");
            assert_text(message, "timestamp", "2010-12-01T08:26:00.000Z");
            assert_text(message, "properties.revenue", "22.18");
            assert_text(message, "properties.currency", "GBP");
            assert_text(message, "context.traits.address.country", "United Kingdom");
            assert_int_equal(products->count, 3);
            assert_text(&products->elements[1], "product_id", "B");
            assert_text(&products->elements[1], "quantity", "2");
            assert_text(&products->elements[1], "price", "3.39");
        } else if (slice_is(id, "536401")) { /* mixed: the return lessens the revenue */
            assert_text(message, "event", "Order Completed");
            assert_text(message, "properties.revenue", "14.50");
            assert_int_equal(products->count, 1);
        } else {
            bool cancelled = slice_is(id, "C536379");
            assert_text(message, "event", "Order Refunded");
            assert_text(message, "properties.total", cancelled ? "27.50" : "8.00");
            assert_text(&products->elements[0], "quantity", cancelled ? "1" : "2");
        }
    }
}

static void adds_nothing_the_second_time(void **state)
{
    struct shop *shop = *state;
    struct seen seen;
    write_file(shop, ORDER_HEAD "1,A,6,2010-12-01 08:26,2.55,17850.0,France\n"
                                "2,A,6,2010-12-01 08:26,2.55,17851.0,France\n");
    run(shop, ORDER_MAP);
    ASSERT_COUNTS(shop, "written", 2);
    run(shop, ORDER_MAP);
    ASSERT_COUNTS(shop, "written", 0);
    ASSERT_COUNTS(shop, "duplicates", 2);
    look(shop, &seen);
    assert_int_equal(seen.count, 2);
    assert_true(
        slice_starts_with(json_get_text(message_at(shop, &seen, 0), "messageId"), SLICE("imp-")));
}

static void knows_a_pipe_as_the_file_it_came_from(void **state)
{
    struct shop *shop = *state;
    const char *text = ORDER_HEAD "1,A,6,2010-12-01 08:26,2.55,17850.0,France\n";
    int ends[2];
    write_file(shop, text);
    run(shop, ORDER_MAP);
    ASSERT_COUNTS(shop, "written", 1);
    assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
    assert_int_equal(write(ends[1], text, strlen(text)), strlen(text));
    close(ends[1]);
    run_on(shop, ends[0], ORDER_MAP);
    ASSERT_COUNTS(shop, "written", 0);
    ASSERT_COUNTS(shop, "duplicates", 1);
}

static void reads_local_times_by_the_zone(void **state)
{
    static const struct {
        const char *written, *wanted;
    } cases[] = {
        {"2011-01-10 08:26:00", "2011-01-10T08:26:00.000Z"},
        {"2011-07-10 08:26", "2011-07-10T07:26:00.000Z"},      /* summer */
        {"2011-07-10T08:26:05.5", "2011-07-10T07:26:05.500Z"}, /* no offset: local too */
        {"2011-07-10T08:26:00Z", "2011-07-10T08:26:00.000Z"},
        {"2011-07-10T08:26:00+02:00", "2011-07-10T06:26:00.000Z"},
        {"10/07/2011 08:26", "2011-07-10T07:26:00.000Z"},
        {"1/7/2011 8:26", "2011-07-01T07:26:00.000Z"},
        {"10/07/2011", "2011-07-09T23:00:00.000Z"},
        {"2011-07-10", "2011-07-09T23:00:00.000Z"},
        {"2011-03-27 01:30", "2011-03-27T01:30:00.000Z"}, /* in the gap: ahead */
        {"2011-10-30 01:30", "2011-10-30T00:30:00.000Z"}, /* twice: the first */
    };
    struct shop *shop = *state;
    struct seen seen;
    struct buf text;
    enum { CASES = sizeof cases / sizeof *cases };
    buf_init(&text, 1 << 16);
    buf_add_text(&text, "event,user,time\n");
    for (unsigned i = 0; i < CASES; i++)
        buf_format(&text, "Case %u,u,%s\n", i, cases[i].written);
    buf_add(&text, SLICE("Case,u,12/31/2011 08:26\nCase,u,soon\n\0"));
    write_file(shop, text.data);
    buf_done(&text);
    run(shop, "events|f");
    ASSERT_COUNTS(shop, "written", CASES);
    ASSERT_COUNTS(shop, "refused", 2);
    assert_told(shop, "line 14: time: \"soon\" is not a time");
    look(shop, &seen);
    for (size_t i = 0; i < seen.count; i++) {
        const struct json *message = message_at(shop, &seen, i);
        int64_t number;
        assert_true(slice_to_int64(slice_from(json_get_text(message, "event"), 5), &number));
        assert_text(message, "timestamp", cases[number].wanted);
    }
}

static void reads_rows_of_any_event(void **state)
{
    struct shop *shop = *state;
    struct seen seen;
    write_file(shop, "What;Who;Mail;SKU;Euro;Shelf\n"
                     "Product Viewed;u1;ADA@example.org;A1;12,50;top\n"
                     "Product Viewed;null;;A1;1;top\n"
                     "Product Viewed;u1;;A1;much;top\n");
    run(shop, "events|f|--map|event=What,user=Who,email=Mail,item=SKU,price=Euro,"
              "properties.shelf=Shelf");
    ASSERT_COUNTS(shop, "written", 1);
    ASSERT_COUNTS(shop, "noPerson", 1);
    ASSERT_COUNTS(shop, "refused", 1);
    assert_told(shop, "line 4: price: \"much\" is not an amount");
    look(shop, &seen);
    const struct json *message = message_at(shop, &seen, 0);
    assert_text(message, "properties.product_id", "A1");
    assert_text(message, "properties.price", "12.50");
    assert_text(message, "properties.shelf", "top");
    assert_text(message, "context.traits.email", "ADA@example.org");
}

static void takes_segment_messages_as_they_are(void **state)
{
    struct shop *shop = *state;
    write_file(
        shop,
        "{\"type\":\"track\",\"event\":\"Product Viewed\",\"userId\":\"u\",\"messageId\":\"m1\"}\n"
        "{\"type\":\"page\",\"anonymousId\":\"a\"}\n"
        "{\"type\":\"dance\",\"userId\":\"u\"}\n"
        "{\"type\":\"track\",\"event\":\"Order Completed\",\"userId\":\"null\"}\n");
    run(shop, "events|f");
    ASSERT_COUNTS(shop, "messages", 2);
    ASSERT_COUNTS(shop, "written", 2);
    ASSERT_COUNTS(shop, "refused", 1);
    ASSERT_COUNTS(shop, "noPerson", 1);
    assert_told(shop, "line 3: type: ");
    run(shop, "events|f");
    ASSERT_COUNTS(shop, "duplicates", 2);
}

static void says_what_a_long_order_leaves_out(void **state)
{
    struct shop *shop = *state;
    struct seen seen;
    struct buf text;
    enum { LINES = 1000 };
    buf_init(&text, 1 << 20);
    buf_add_text(&text, ORDER_HEAD);
    for (unsigned i = 0; i < LINES; i++)
        buf_format(&text, "1,item-%u,1,2010-12-01 08:26,0.5,u,France\n", i);
    buf_add_byte(&text, '\0');
    write_file(shop, text.data);
    buf_done(&text);
    run(shop, ORDER_MAP);
    ASSERT_COUNTS(shop, "orders", 1);
    ASSERT_COUNTS(shop, "written", 1);
    ASSERT_COUNTS(shop, "linesLeftOut", LINES - EVENT_ITEMS_MAX);
    look(shop, &seen);
    assert_text(message_at(shop, &seen, 0), "properties.revenue", "500.00");
}

/* --- people and consent ----------------------------------------------------------------------- */

static const struct json *shown(struct shop *shop, const char *identifier)
{
    struct identifier known;
    struct diag diag;
    struct buf text;
    const struct json *json;
    assert_int_equal(people_parse_identifier(slice_of(identifier), &shop->arena, &known, &diag),
                     STATUS_OK);
    buf_init(&text, 1 << 20);
    struct json_out out = json_out(&text);
    assert_int_equal(
        people_show(shop->engine->people, shop->workspace, &known, clock_now_ms(), &out),
        STATUS_OK);
    assert_int_equal(json_parse(&shop->arena, buf_slice(&text), &json, &diag), STATUS_OK);
    buf_done(&text);
    return json;
}

static enum gate_answer gate_of(struct shop *shop, const char *user, enum purpose purpose)
{
    struct asker asker = {.workspace = shop->workspace,
                          .trust = ASKER_SECRET,
                          .user_id = slice_of(user),
                          .purpose = purpose,
                          .now_ms = clock_now_ms()};
    struct person_view view;
    assert_int_equal(people_view(shop->engine->people, &asker, &shop->arena, &view), STATUS_OK);
    return view.gate;
}

static void imports_people_with_their_traits(void **state)
{
    struct shop *shop = *state;
    struct seen seen;
    write_file(shop, "Nr,E-mail,First,Town,Points,Shoe\n"
                     "1.0,ada@example.org,Ada,Lyon,12,38\n"
                     ",,Nobody,Paris,1,40\n");
    run(shop, "people|f|--map|user_id=Nr,email=E-mail,first_name=First,address.city=Town,"
              "points=Points");
    ASSERT_COUNTS(shop, "written", 1);
    ASSERT_COUNTS(shop, "noPerson", 1);
    look(shop, &seen);
    const struct json *message = message_at(shop, &seen, 0);
    assert_text(message, "type", "identify");
    assert_text(message, "userId", "1");
    assert_text(message, "traits.firstName", "Ada");
    assert_text(message, "traits.address.city", "Lyon");
    assert_text(message, "traits.points", "12");
    assert_null(json_at(message, "traits.Shoe"));
    run(shop, "people|f|--map|user_id=Nr,email=E-mail,first_name=First,address.city=Town,"
              "points=Points");
    ASSERT_COUNTS(shop, "written", 0);
    assert_non_null(shown(shop, "email:ada@example.org"));
}

static void refuse(struct shop *shop, const char *user)
{
    struct people_consent consent = {
        .identifier = {IDENTIFIER_USER_ID, SLICE("user_id"), slice_of(user), true},
        .birth_day = INT32_MIN,
        .change = {.purposes = 1U << PURPOSE_PERSONALISE,
                   .state = CONSENT_DENIED,
                   .source = CONSENT_FROM_API,
                   .order = {.time_ms = 1000}}};
    struct ledger_entry *entries[] = {&consent.entry};
    struct ledger_commit commit = {.entries = entries, .entry_count = 1};
    people_consent_init(shop->engine->people, &consent, shop->workspace);
    assert_int_equal(ledger_submit_and_wait(shop->engine->ledger, &commit), STATUS_OK);
}

#define CONSENT                                                                                    \
    "|--consent|personalise=granted|--consent|email=denied|--consent-source|till slip, box 3"      \
    "|--consent-date|2010-01-01"

static void asserts_consent_before_events_and_keeps_a_refusal(void **state)
{
    struct shop *shop = *state;
    struct seen seen;
    refuse(shop, "17851");
    write_file(shop, ORDER_HEAD "1,A,6,2010-12-01 08:26,2.55,17850.0,France\n"
                                "2,A,6,2010-12-01 08:27,2.55,17851.0,France\n"
                                "3,A,6,2010-12-01 08:28,2.55,17850.0,France\n");
    run(shop, ORDER_MAP CONSENT);
    ASSERT_COUNTS(shop, "written", 3);
    ASSERT_COUNTS(shop, "consents", 2);
    ASSERT_COUNTS(shop, "refusalsKept", 1);
    assert_int_equal(gate_of(shop, "17850", PURPOSE_PERSONALISE), GATE_GRANTED);
    assert_int_equal(gate_of(shop, "17850", PURPOSE_EMAIL), GATE_DENIED);
    assert_int_equal(gate_of(shop, "17851", PURPOSE_PERSONALISE), GATE_DENIED);
    look(shop, &seen);
    for (size_t i = 0; i < seen.count; i++) {
        bool refused = slice_is(json_get_text(message_at(shop, &seen, i), "userId"), "17851");
        assert_int_equal(stamp_get(seen.events[i].stamp, PURPOSE_PERSONALISE),
                         refused ? CONSENT_DENIED : CONSENT_GRANTED);
    }
}

static void writes_nothing_on_a_dry_run(void **state)
{
    struct shop *shop = *state;
    struct seen seen;
    write_file(shop, ORDER_HEAD "1,A,6,2010-12-01 08:26,2.55,17850.0,France\n");
    uint64_t before = ledger_sequence(shop->engine->ledger);
    run(shop, ORDER_MAP CONSENT "|--dry-run");
    assert_int_equal(shop->code, 0);
    ASSERT_COUNTS(shop, "orders", 1);
    ASSERT_COUNTS(shop, "consents", 1);
    ASSERT_COUNTS(shop, "written", 0);
    assert_non_null(strstr(shop->out, "\"dryRun\":true"));
    assert_told(shop, "\"event\":\"Order Completed\"");
    write_file(shop, "id,title\n1,Lamp\n");
    run(shop, "catalog|f|--dry-run");
    ASSERT_COUNTS(shop, "items", 1);
    ASSERT_COUNTS(shop, "written", 0);
    assert_told(shop, "\"title\":\"Lamp\"");
    assert_int_equal(ledger_sequence(shop->engine->ledger), before);
    look(shop, &seen);
    assert_int_equal(seen.count, 0);
}

/* --- a real export ---------------------------------------------------------------------------- */

struct tally {
    struct number_table orders, refunds, people;
    uint64_t rows, nobody;
};

/* Its columns by plain commas: the first from the left, the last three from the right. */
static void tally_line(struct tally *tally, struct slice line)
{
    struct slice invoice, rest, fields[3];
    assert_true(slice_cut(line, ',', &invoice, &rest));
    for (size_t i = 0; i < 3; i++) {
        size_t comma = rest.size;
        while (comma > 0 && rest.data[comma - 1] != ',')
            comma--;
        fields[i] = slice_from(rest, comma);
        rest = slice_first(rest, comma - 1);
    }
    struct slice customer = fields[1];
    tally->rows++;
    if (customer.size == 0) {
        tally->nobody++;
        return;
    }
    (void)number_table_put(&tally->people, hash64(customer), 1);
    (void)number_table_put(invoice.data[0] == 'C' ? &tally->refunds : &tally->orders,
                           hash64(slice_make(invoice.data, invoice.size)), 1);
}

/* Answers false when the data are not there. */
static bool copy_head(struct shop *shop, const char *path, struct tally *tally, size_t lines)
{
    FILE *from = fopen(path, "rb"), *to;
    char line[4096];
    if (!from)
        return false;
    to = fopen(shop->file, "wb");
    assert_non_null(to);
    for (size_t i = 0; i < lines && fgets(line, sizeof line, from); i++) {
        assert_true(fputs(line, to) >= 0);
        if (i > 0)
            tally_line(tally, slice_trim(slice_of(line)));
    }
    assert_int_equal(fclose(to), 0);
    assert_int_equal(fclose(from), 0);
    return true;
}

static void counts_a_real_export_as_plain_parsing_does(void **state)
{
    struct shop *shop = *state;
    struct tally tally = {0};
    number_table_init(&tally.orders);
    number_table_init(&tally.refunds);
    number_table_init(&tally.people);
    if (!copy_head(shop, "../shared/data/online-retail/online_retail.csv", &tally, 20001))
        skip();
    run(shop, "catalog|f|--map|item=StockCode,title=Description,price=UnitPrice");
    assert_int_equal(shop->code, 0);
    run(shop, ORDER_MAP);
    ASSERT_COUNTS(shop, "rows", (int64_t)tally.rows);
    ASSERT_COUNTS(shop, "noPerson", (int64_t)tally.nobody);
    ASSERT_COUNTS(shop, "orders", (int64_t)tally.orders.count);
    ASSERT_COUNTS(shop, "refunds", (int64_t)tally.refunds.count);
    ASSERT_COUNTS(shop, "people", (int64_t)tally.people.count);
    ASSERT_COUNTS(shop, "written", (int64_t)(tally.orders.count + tally.refunds.count));
    number_table_done(&tally.orders);
    number_table_done(&tally.refunds);
    number_table_done(&tally.people);
}

#define ON_A_SHOP(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        ON_A_SHOP(writes_a_catalogue_once),
        ON_A_SHOP(keeps_the_last_good_row_of_an_item),
        ON_A_SHOP(reads_objects_as_items),
        ON_A_SHOP(reads_a_merchant_feed_on_one_line),
        ON_A_SHOP(writes_nothing_of_xml_that_breaks_off),
        ON_A_SHOP(points_to_guess_when_no_row_has_a_title),
        ON_A_SHOP(guesses_the_columns_and_writes_nothing),
        ON_A_SHOP(a_full_feed_hides_what_is_gone_unless_it_is_too_much),
        ON_A_SHOP(names_what_is_wrong_with_a_map),
        ON_A_SHOP(tells_twenty_bad_rows_and_counts_the_rest),
        ON_A_SHOP(groups_lines_into_orders_and_refunds),
        ON_A_SHOP(adds_nothing_the_second_time),
        ON_A_SHOP(knows_a_pipe_as_the_file_it_came_from),
        ON_A_SHOP(reads_local_times_by_the_zone),
        ON_A_SHOP(reads_rows_of_any_event),
        ON_A_SHOP(takes_segment_messages_as_they_are),
        ON_A_SHOP(says_what_a_long_order_leaves_out),
        ON_A_SHOP(imports_people_with_their_traits),
        ON_A_SHOP(asserts_consent_before_events_and_keeps_a_refusal),
        ON_A_SHOP(writes_nothing_on_a_dry_run),
        ON_A_SHOP(counts_a_real_export_as_plain_parsing_does),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
