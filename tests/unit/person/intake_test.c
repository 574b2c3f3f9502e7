/* Intake: tables of messages and what they become. */
#include "unit/test.h"

#include "base/clock.h"
#include "person/intake.h"
#include "person/profile.h"

#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static const int64_t NOW = INT64_C(1772366400000); /* 2026-03-01T12:00:00Z */

#define SECONDS(n) (INT64_C(1000) * (n))

struct fixture {
    struct arena arena;
    struct intake intake;
    struct intake_output out;
    struct diag diag;
};

static void begin(struct fixture *f)
{
    *f = (struct fixture){.intake = {.source = 7,
                                     .received_ms = NOW,
                                     .sent_at_ms = INT64_MIN,
                                     .currency = SLICE("EUR"),
                                     .timezone = SLICE("Europe/Paris")}};
    arena_init(&f->arena);
}

static void end(struct fixture *f)
{
    arena_done(&f->arena);
}

/* Single quotes in the table stand for double ones. */
static const struct json *parse(struct fixture *f, const char *text)
{
    struct slice copy = arena_copy(&f->arena, slice_of(text));
    char *bytes = arena_copy_text(&f->arena, copy);
    for (size_t i = 0; i < copy.size; i++)
        if (bytes[i] == '\'')
            bytes[i] = '"';
    const struct json *json;
    assert_int_equal(json_parse(&f->arena, slice_make(bytes, copy.size), &json, &f->diag),
                     STATUS_OK);
    return json;
}

static enum intake_result take(struct fixture *f, const char *text)
{
    struct intake_input input = {.message = parse(f, text), .json_size = strlen(text)};
    f->diag = (struct diag){.line = 0};
    return intake_message(&f->intake, &input, &f->arena, &f->out, &f->diag);
}

static const struct event *kept(struct fixture *f, const char *text)
{
    enum intake_result result = take(f, text);
    if (result != INTAKE_KEPT)
        fail_msg("not kept (%s): %s", f->diag.sentence, text);
    return &f->out.event;
}

static void assert_text(struct slice got, const char *wanted)
{
    if (!slice_is(got, wanted))
        fail_msg("got \"%.*s\", wanted \"%s\"", SLICE_ARG(got), wanted);
}

/* --- shape ------------------------------------------------------------------------------------ */

static void refuses_what_breaks_the_protocol_with_a_sentence(void **state)
{
    (void)state;
    static const char *const cases[][2] = {
        {"[]", ""},
        {"{'userId':'1'}", "type"},
        {"{'type':'rumour','userId':'1'}", "type"},
        {"{'type':'track','userId':'1'}", "event"},
        {"{'type':'track','userId':'1','event':''}", "event"},
        {"{'type':'track','userId':'1','event':{}}", "event"},
        {"{'type':'track','event':'A'}", "userId"},
        {"{'type':'track','event':'A','userId':'null','anonymousId':'0000-0000'}", "userId"},
        {"{'type':'track','event':'A','userId':['1']}", "userId"},
        {"{'type':'track','event':'A','userId':'1','messageId':{}}", "messageId"},
        {"{'type':'track','event':'A','userId':'1','context':'x'}", "context"},
        {"{'type':'track','event':'A','userId':'1','properties':[]}", "properties"},
        {"{'type':'alias','userId':'1'}", "previousId"},
        {"{'type':'alias','previousId':'1'}", "previousId"},
        {"{'type':'group','userId':'1'}", "groupId"},
    };
    struct fixture f;
    begin(&f);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        assert_int_equal(take(&f, cases[i][0]), INTAKE_REFUSED);
        assert_string_equal(f.diag.field, cases[i][1]);
        assert_true(strlen(f.diag.sentence) > 10);
        assert_true(f.out.refusal > REFUSAL_NOT_JSON && f.out.refusal < REFUSAL_COUNT);
    }
    end(&f);
}

static struct slice padded(struct fixture *f, const char *head, size_t size, const char *tail)
{
    char *text = arena_alloc(&f->arena, size + 1);
    memset(text, 'a', size);
    return arena_format(&f->arena, "%s%s%s", head, text, tail);
}

static void keeps_limits_to_the_byte(void **state)
{
    (void)state;
    static const struct {
        const char *head, *tail;
        size_t most;
    } cases[] = {
        {"{'type':'track','event':'A','userId':'1','messageId':'", "'}", MESSAGE_ID_BYTES_MAX},
        {"{'type':'track','event':'A','userId':'", "'}", IDENTIFIER_BYTES_MAX},
        {"{'type':'track','userId':'1','event':'", "'}", EVENT_NAME_BYTES_MAX},
    };
    struct fixture f;
    begin(&f);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct slice most = padded(&f, cases[i].head, cases[i].most, cases[i].tail);
        struct slice over = padded(&f, cases[i].head, cases[i].most + 1, cases[i].tail);
        assert_int_equal(take(&f, most.data), INTAKE_KEPT);
        assert_int_equal(take(&f, over.data), INTAKE_REFUSED);
        assert_true(f.out.refusal > REFUSAL_NOT_JSON);
    }
    struct intake_input input = {.message = parse(&f, "{'type':'track','event':'A','userId':'1'}"),
                                 .json_size = EVENT_BYTES_MAX};
    assert_int_equal(intake_message(&f.intake, &input, &f.arena, &f.out, &f.diag), INTAKE_KEPT);
    input.json_size++;
    assert_int_equal(intake_message(&f.intake, &input, &f.arena, &f.out, &f.diag), INTAKE_REFUSED);
    end(&f);
}

static void takes_the_type_of_the_endpoint_or_of_the_message(void **state)
{
    (void)state;
    struct fixture f;
    begin(&f);
    assert_int_equal(kept(&f, "{'type':'screen','name':'Home','userId':1}")->type, EVENT_SCREEN);
    assert_text(f.out.event.identifiers[0].value, "1");
    assert_int_equal(kept(&f, "{'action':'track','event':'A','user_id':'1'}")->type, EVENT_TRACK);
    struct intake_input input = {.message = parse(&f, "{'type':'track','userId':'1'}"),
                                 .type = SLICE("page")};
    assert_int_equal(intake_message(&f.intake, &input, &f.arena, &f.out, &f.diag), INTAKE_KEPT);
    assert_int_equal(f.out.event.type, EVENT_PAGE);
    assert_int_equal(f.out.event.message_id.size, UUID_TEXT_SIZE); /* made, as none was given */
    end(&f);
}

/* --- who -------------------------------------------------------------------------------------- */

static void blocks_values_that_name_nobody(void **state)
{
    (void)state;
    static const char *const blocked[] = {"",     "0",    "000-000",   "-",
                                          "-1",   "null", "anonymous", "undefined",
                                          "none", "NaN",  " ",         "[object Object]"};
    static const char *const good[] = {"1", "a0", "nobody", "-2", "0001"};
    for (size_t i = 0; i < sizeof blocked / sizeof *blocked; i++)
        assert_true(intake_identifier_blocked(slice_of(blocked[i])));
    for (size_t i = 0; i < sizeof good / sizeof *good; i++)
        assert_false(intake_identifier_blocked(slice_of(good[i])));
}

static bool signature_is_good(void *context, const struct json *signature, struct slice user_id,
                              struct slice anonymous_id)
{
    (void)context;
    return slice_is(json_text(signature), "good") && slice_is(user_id, "42") &&
           slice_is(anonymous_id, "a");
}

static void says_who_is_proven_and_who_is_claimed(void **state)
{
    (void)state;
    static const char *const message =
        "{'type':'identify','userId':'42','anonymousId':'a','traits':{'email':' Ada@Example.ORG',"
        "'phone':'+33 (0)6.12-34'},'context':{'userSignature':'%s','device':{'token':'tok'},"
        "'externalIds':[{'id':9,'type':'ga_client_id','collection':'users','encoding':'none'},"
        "{'id':'x','type':'loyalty','collection':'accounts'}]}}";
    static const struct {
        bool browser, secret;
        const char *signature;
        unsigned proven; /* bit per identifier type */
    } cases[] = {
        {true, false, "bad", 1U << IDENTIFIER_ANONYMOUS},
        {true, false, "good", 1U << IDENTIFIER_ANONYMOUS | 1U << IDENTIFIER_USER_ID},
        {false, false, "bad", ~0U},
        {true, true, "bad", ~0U},
    };
    static const enum identifier_type types[] = {IDENTIFIER_USER_ID, IDENTIFIER_EMAIL,
                                                 IDENTIFIER_PHONE,   IDENTIFIER_PUSH,
                                                 IDENTIFIER_CUSTOM,  IDENTIFIER_ANONYMOUS};
    static const char *const values[] = {"42", "ada@example.org", "+33061234", "tok", "9", "a"};
    struct fixture f;
    begin(&f);
    f.intake.signature_valid = signature_is_good;
    f.intake.cmp_filters_before = true;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        f.intake.browser_key = cases[i].browser;
        f.intake.secret = cases[i].secret;
        struct slice text = arena_copy(&f.arena, slice_of(message));
        char *at = strstr(text.data, "%s");
        struct slice filled = arena_format(&f.arena, "%.*s%s%s", (int)(at - text.data), text.data,
                                           cases[i].signature, at + 2);
        const struct event *event = kept(&f, filled.data);
        assert_int_equal(event->identifier_count, 6);
        for (size_t j = 0; j < 6; j++) {
            assert_int_equal(event->identifiers[j].type, types[j]);
            assert_text(event->identifiers[j].value, values[j]);
            assert_int_equal(event->identifiers[j].proven, cases[i].proven >> types[j] & 1U);
        }
        assert_int_equal((event->flags & EVENT_SIGNED) != 0,
                         cases[i].browser && !cases[i].secret &&
                             strcmp(cases[i].signature, "good") == 0);
    }
    end(&f);
}

static void an_alias_names_both_ids(void **state)
{
    (void)state;
    struct fixture f;
    begin(&f);
    const struct event *event = kept(&f, "{'type':'alias','userId':'42','previousId':'old'}");
    assert_int_equal(event->identifier_count, 2);
    assert_int_equal(event->identifiers[1].type, IDENTIFIER_ANONYMOUS);
    assert_true(event->identifiers[1].proven);
    f.intake.browser_key = true;
    event = kept(&f, "{'type':'alias','userId':'42','previousId':'old','anonymousId':'new'}");
    assert_int_equal(event->identifier_count, 3);
    for (size_t i = 0; i < 3; i++) /* a page may not name another's id and have it */
        assert_int_equal(event->identifiers[i].proven,
                         slice_is(event->identifiers[i].value, "new"));
    end(&f);
}

/* --- when ------------------------------------------------------------------------------------- */

static void corrects_the_clients_clock(void **state)
{
    (void)state;
    static const struct {
        const char *times;
        bool imported;
        int64_t batch_sent_ms, wanted_ms;
        bool clamped;
    } cases[] = {
        {"", false, INT64_MIN, 0, false},
        {",'timestamp':'2026-03-01T11:59:00Z'", false, INT64_MIN, SECONDS(-60), false},
        {",'timestamp':'2026-03-01T11:59:00Z','sentAt':'2026-03-01T11:59:30Z'", false, INT64_MIN,
         SECONDS(-30), false},
        {",'originalTimestamp':'2026-03-01T11:00:00Z','timestamp':'2020-01-01T00:00:00Z',"
         "'sentAt':'2026-03-01T12:00:00Z'",
         false, INT64_MIN, SECONDS(-3600), false},
        {",'timestamp':'2016-03-01T11:59:00Z','sentAt':'2016-03-01T11:59:50Z'", false, INT64_MIN,
         SECONDS(-50), false},
        {",'timestamp':'2036-03-01T11:59:00Z','sentAt':'2036-03-01T11:59:50Z'", false, INT64_MIN,
         SECONDS(-50), false},
        {",'timestamp':'2026-02-20T12:00:00Z','sentAt':'2026-03-01T12:00:00Z'", false, INT64_MIN,
         -9 * INT64_C(86400000), false}, /* nine days offline */
        {",'timestamp':'2036-03-01T12:00:00Z'", false, INT64_MIN, 0, true},
        {",'timestamp':'2026-03-01T12:05:00Z'", false, INT64_MIN, SECONDS(300), false},
        {",'timestamp':'2026-03-01T12:05:00.001Z'", false, INT64_MIN, 0, true},
        {",'timestamp':'yesterday'", false, INT64_MIN, 0, false},
        {",'sentAt':'2026-03-01T11:00:00Z'", false, INT64_MIN, 0, false},
        {",'timestamp':'2026-03-01T11:59:00Z'", false, INT64_C(1772366400000) - SECONDS(10),
         SECONDS(-50), false},
        {",'timestamp':'2011-12-09T12:50:00Z','sentAt':'2026-03-01T11:59:30Z'", true, INT64_MIN,
         INT64_C(1323435000000) - INT64_C(1772366400000), false},
        {",'timestamp':1772366340000", false, INT64_MIN, SECONDS(-60), false},
        {",'timestamp':1772366340", false, INT64_MIN, SECONDS(-60), false},
        {",'timestamp':-5,'sentAt':{}", false, INT64_MIN, 0, false},
    };
    struct fixture f;
    begin(&f);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        f.intake.imported = cases[i].imported;
        f.intake.sent_at_ms = cases[i].batch_sent_ms;
        struct slice text =
            arena_format(&f.arena, "{'type':'track','event':'A','userId':'1'%s}", cases[i].times);
        const struct event *event = kept(&f, text.data);
        if (event->order.time_ms != NOW + cases[i].wanted_ms)
            fail_msg("case %zu: off by %lld ms", i,
                     (long long)(event->order.time_ms - NOW - cases[i].wanted_ms));
        assert_int_equal((event->flags & EVENT_CLAMPED) != 0, cases[i].clamped);
        assert_true(event->received_ms == NOW);
    }
    end(&f);
}

/* --- what ------------------------------------------------------------------------------------- */

static void counts_money_in_minor_units_from_its_text(void **state)
{
    (void)state;
    static const struct {
        const char *json, *currency;
        bool good;
        int64_t wanted;
    } cases[] = {
        {"12.5", "EUR", true, 1250},
        {"'12.5'", "EUR", true, 1250},
        {"0.1", "EUR", true, 10},
        {"1.005", "EUR", true, 101}, /* a double would say 100 */
        {"-1.005", "EUR", true, -101},
        {"1.0049999999999999999999", "EUR", true, 100},
        {"0.004", "EUR", true, 0},
        {"0.005", "EUR", true, 1},
        {"1e3", "EUR", true, 100000},
        {"1.5E-1", "EUR", true, 15},
        {"1E-60", "EUR", true, 0},
        {"1999", "JPY", true, 1999},
        {"1999.5", "JPY", true, 2000},
        {"1.2345", "KWD", true, 1235},
        {"0", "EUR", true, 0},
        {"-0.0", "EUR", true, 0},
        {"90000000000000.00", "EUR", true, INT64_C(9000000000000000)},
        {"90000000000000.01", "EUR", false, 0},
        {"123456789012345678901234567890", "EUR", false, 0},
        {"1e60", "EUR", false, 0},
        {"'1e99999'", "EUR", false, 0},
        {"'1234,50'", "EUR", false, 0},
        {"'1.'", "EUR", false, 0},
        {"'.5'", "EUR", false, 0},
        {"'€5'", "EUR", false, 0},
        {"' 5 '", "EUR", true, 500},
        {"''", "EUR", false, 0},
        {"'-'", "EUR", false, 0},
        {"'0x10'", "EUR", false, 0},
        {"true", "EUR", false, 0},
        {"null", "EUR", false, 0},
        {"[1]", "EUR", false, 0},
    };
    struct fixture f;
    begin(&f);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        int64_t got = 0;
        const struct json *value = parse(&f, cases[i].json);
        bool good = intake_money(value, slice_of(cases[i].currency), &got);
        if (good != cases[i].good || got != cases[i].wanted)
            fail_msg("%s: %d %lld", cases[i].json, good, (long long)got);
    }
    end(&f);
}

static void knows_the_names_of_the_commerce_specification(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        enum act act;
    } cases[] = {
        {"Products Searched", ACT_SEARCH},
        {"Product List Viewed", ACT_VIEW_LIST},
        {"Product List Filtered", ACT_VIEW_LIST},
        {"Product Clicked", ACT_CLICK_ITEM},
        {"Product Viewed", ACT_VIEW_ITEM},
        {"product_viewed", ACT_VIEW_ITEM},
        {"Viewed Product", ACT_VIEW_ITEM},
        {"Product Added", ACT_ADD},
        {"Wishlist Product Added to Cart", ACT_ADD},
        {"Product Removed", ACT_REMOVE},
        {"Cart Viewed", ACT_VIEW_CART},
        {"Checkout Started", ACT_CHECKOUT},
        {"Checkout Step Viewed", ACT_CHECKOUT},
        {"Payment Info Entered", ACT_CHECKOUT},
        {"Order Completed", ACT_ORDER},
        {"Order Refunded", ACT_REFUND},
        {"Order Cancelled", ACT_CANCEL},
        {"Order Updated", ACT_OTHER},
        {"Product Added to Wishlist", ACT_WISH},
        {"Product Removed from Wishlist", ACT_UNWISH},
        {"Product Shared", ACT_SHARE_ITEM},
        {"Product Reviewed", ACT_REVIEW},
        {"Coupon Applied", ACT_OTHER},
        {"Segment Consent Preference Updated", ACT_PREFERENCE},
        {"Something else altogether, of a name longer than any that the table holds, by far", 0},
    };
    struct fixture f;
    begin(&f);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct slice text =
            arena_format(&f.arena, "{'type':'track','event':'%s','userId':'1'}", cases[i].name);
        assert_int_equal(kept(&f, text.data)->act, cases[i].act);
    }
    end(&f);
}

static const struct attribute KNOWN[] = {{{"brand", 5}, {"Veja", 4}}, {{"size", 4}, {"38", 2}}};

/* "row" is a row of the group SKU-1. */
static bool look_up(void *context, struct slice *inout_item, struct slice *inout_variant,
                    const struct attribute **out_attributes, size_t *out_count)
{
    (void)context;
    if (slice_is(*inout_item, "row")) {
        *inout_variant = *inout_item;
        *inout_item = SLICE("SKU-1");
    }
    if (!slice_is(*inout_item, "SKU-1"))
        return false;
    *out_attributes = KNOWN;
    *out_count = 2;
    return true;
}

static void reads_products_from_the_catalogue_or_the_message(void **state)
{
    (void)state;
    struct fixture f;
    begin(&f);
    f.intake.item_lookup = look_up;
    const struct event *event =
        kept(&f, "{'type':'track','event':'Order Completed','userId':'1','properties':{"
                 "'order_id':50314,'currency':'usd','products':["
                 "{'product_id':'p1','sku':'SKU-1','price':'19.00','quantity':2},"
                 "{'product_id':'p2','sku':'v2','price':3,'brand':'Aigle','colour':'bleu'},"
                 "{'sku':'s3','quantity':'-4','price':1},{'name':'no id'}]}}");
    assert_int_equal(event->item_count, 3);
    assert_text(event->items[0].item, "SKU-1"); /* by its sku, as the catalogue has it */
    assert_true(event->items[0].known);
    assert_text(event->items[0].attributes[0].value, "Veja");
    assert_int_equal(event->items[0].price_minor, 1900);
    assert_int_equal(event->items[0].quantity, 2);
    assert_text(event->items[1].item, "p2");
    assert_text(event->items[1].variant, "v2");
    assert_false(event->items[1].known);
    assert_int_equal(event->items[1].attribute_count, 2);
    assert_int_equal(event->items[2].quantity, 4);
    assert_text(event->order_id, "50314");
    assert_text(event->currency, "USD");
    assert_true(event->revenue_minor == INT64_MIN); /* a product was left out: the sum is unknown */
    assert_true(event->flags & EVENT_TRUNCATED);
    assert_true(event->flags & EVENT_ASSERTED);
    end(&f);
}

static void an_order_by_the_id_of_a_groups_row_is_of_its_item_and_that_variant(void **state)
{
    (void)state;
    struct fixture f;
    begin(&f);
    f.intake.item_lookup = look_up;
    const struct event *event =
        kept(&f, "{'type':'track','event':'Order Completed','userId':'1','properties':{"
                 "'products':[{'product_id':'row'},{'product_id':'other','sku':'row'}]}}");
    assert_int_equal(event->item_count, 2);
    for (size_t i = 0; i < 2; i++) {
        assert_text(event->items[i].item, "SKU-1");
        assert_text(event->items[i].variant, "row");
        assert_true(event->items[i].known);
    }
    end(&f);
}

static void reads_the_value_of_orders_and_refunds(void **state)
{
    (void)state;
    static const struct {
        const char *event, *properties;
        int64_t wanted;
    } cases[] = {
        {"Order Completed", "'revenue':25.0,'total':30", 2500},
        {"Order Completed", "'total':'30.10'", 3010},
        {"Order Completed", "'products':[{'id':'a','price':1.15,'quantity':3}]", 345},
        {"Order Completed", "'products':[{'id':'a','quantity':3}]", INT64_MIN},
        {"Order Completed", "'revenue':'dear'", INT64_MIN},
        {"Order Refunded", "'total':30,'revenue':25", 3000},
        {"Order Refunded", "'total':-30", 3000},
        {"Order Refunded", "'products':[{'id':'a','price':2,'quantity':-2}]", 400},
        {"Order Refunded", "'order_id':'1'", INT64_MIN},
    };
    struct fixture f;
    begin(&f);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct slice text =
            arena_format(&f.arena, "{'type':'track','event':'%s','userId':'1','properties':{%s}}",
                         cases[i].event, cases[i].properties);
        const struct event *event = kept(&f, text.data);
        if (event->revenue_minor != cases[i].wanted)
            fail_msg("case %zu: %lld", i, (long long)event->revenue_minor);
        assert_text(event->currency, "EUR");
    }
    end(&f);
}

/* SKU-1 sells for 20 and costs 8, in euros. */
static void worth_of(void *context, const struct event_item *item, struct slice currency,
                     int64_t *inout_price, int64_t *inout_cost)
{
    (void)context;
    if (!slice_is(item->item, "SKU-1") || !slice_is(currency, "EUR"))
        return;
    *inout_price = 2000;
    *inout_cost = 800;
}

static void an_order_keeps_what_it_earned(void **state)
{
    (void)state;
    static const struct {
        const char *event, *products;
        bool browser;
        int64_t margin;
    } cases[] = {
        {"Order Completed", "{'id':'SKU-1','price':19,'quantity':2}", false, 2200},
        {"Order Completed", "{'id':'SKU-1'}", false, 1200},
        {"Order Completed", "{'id':'SKU-1','price':19,'cost':10}", false, 900},
        {"Order Completed", "{'id':'SKU-1','price':19,'cost':1}", true, 1100},
        {"Order Completed", "{'id':'x','price':5,'cost':4}", true, 100},
        {"Order Completed", "{'id':'x','price':5},{'id':'SKU-1','price':7}", false, -100},
        {"Order Completed", "{'id':'x','price':5}", false, INT64_MIN},
        {"Order Completed", "{'id':'x','cost':5}", false, INT64_MIN},
        {"Order Completed", "{'id':'x','price':5,'cost':-5}", false, INT64_MIN},
        {"Order Completed", "{'id':'SKU-1','price':5}],'currency':'USD','a':[", false, INT64_MIN},
        {"Order Completed", "{'id':'x','price':'9e15','cost':0,'quantity':999999999}", false,
         INT64_MIN},
        {"Order Refunded", "{'id':'SKU-1','price':19}", false, INT64_MIN},
        {"Product Added", "{'id':'SKU-1','price':19}", false, INT64_MIN},
    };
    struct fixture f;
    begin(&f);
    f.intake.item_lookup = look_up;
    f.intake.worth_lookup = worth_of;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        f.intake.browser_key = cases[i].browser;
        f.intake.secret = !cases[i].browser;
        f.intake.cmp_filters_before = true;
        struct slice text = arena_format(&f.arena,
                                         "{'type':'track','event':'%s','anonymousId':'1',"
                                         "'properties':{'products':[%s]}}",
                                         cases[i].event, cases[i].products);
        const struct event *event = kept(&f, text.data);
        if (event->margin_minor != cases[i].margin)
            fail_msg("case %zu: %lld", i, (long long)event->margin_minor);
    }
    end(&f);
}

static void flattens_traits_three_deep(void **state)
{
    (void)state;
    struct fixture f;
    begin(&f);
    const struct event *event =
        kept(&f, "{'type':'identify','userId':'1','traits':{'firstName':'Ada','logins':5,"
                 "'vip':true,'gone':null,'tags':['a','b'],'size':{'shoe':'38'},"
                 "'a':{'b':{'c':{'d':1}}}}}");
    static const char *const wanted[][2] = {
        {"firstName", "Ada"},      {"logins", "5"},     {"vip", "true"},        {"gone", ""},
        {"tags", "[\"a\",\"b\"]"}, {"size.shoe", "38"}, {"a.b.c", "{\"d\":1}"},
    };
    assert_int_equal(event->trait_count, 7);
    for (size_t i = 0; i < 7; i++) {
        assert_text(event->traits[i].name, wanted[i][0]);
        assert_text(event->traits[i].value, wanted[i][1]);
    }
    event = kept(&f, "{'type':'group','userId':'1','groupId':'g','traits':{'name':'Initech'}}");
    assert_int_equal(event->trait_count, 0);
    end(&f);
}

/* --- where ------------------------------------------------------------------------------------ */

static bool ip_lookup(void *context, struct slice ip, struct intake_place *out_place)
{
    (void)context;
    if (!slice_is(ip, "203.0.113.7") && !slice_is(ip, "198.51.100.9"))
        return false;
    out_place->country = slice_is(ip, "203.0.113.7") ? SLICE("DE") : SLICE("IT");
    return true;
}

static void takes_the_best_source_of_a_place(void **state)
{
    (void)state;
    static const char zone[] = "'context':{'timezone':'Europe/Brussels','ip':'198.51.100.9'}";
    struct fixture f;
    begin(&f);
    f.intake.browser_key = true;
    struct slice page = arena_format(&f.arena, "{'type':'page','anonymousId':'a',%s}", zone);
    const struct event *event = kept(&f, page.data);
    assert_text(event->country, "BE");
    assert_int_equal(event->place_source, PLACE_TIMEZONE);
    f.intake.ip_lookup = ip_lookup;
    f.intake.peer_ip = SLICE("203.0.113.7");
    assert_text(kept(&f, page.data)->country,
                "DE"); /* a browser's own word on its address is none */
    f.intake.browser_key = false;
    assert_text(kept(&f, page.data)->country, "IT"); /* a server speaks for its visitor */
    f.intake.shop_country_header = SLICE("ch");
    assert_text(kept(&f, page.data)->country, "CH");
    assert_int_equal(f.out.event.place_source, PLACE_HEADER);
    event = kept(&f, "{'type':'identify','userId':'1','traits':{'address':{'city':'Lyon',"
                     "'country':'fr','postalCode':69001,'state':'ARA'}}}");
    assert_int_equal(event->place_source, PLACE_DECLARED);
    assert_text(event->country, "FR");
    assert_text(event->region, "ARA");
    assert_text(event->postcode, "69001");
    event = kept(&f, "{'type':'identify','userId':'1','traits':{'address':{'zip':'1050'}}}");
    assert_int_equal(event->place_source, PLACE_POSTCODE);
    end(&f);
}

static void a_bad_locale_or_zone_fails_no_message(void **state)
{
    (void)state;
    static const char *const cases[][4] = {
        {"'fr_FR'", "'Europe/Paris'", "fr-FR", "Europe/Paris"},
        {"'f'", "'<script>'", "", ""},
        {"12", "[]", "", ""},
        {"'en-US'", "'Etc/GMT+2'", "en-US", "Etc/GMT+2"},
    };
    struct fixture f;
    begin(&f);
    for (size_t i = 0; i < 4; i++) {
        struct slice text = arena_format(&f.arena,
                                         "{'type':'page','userId':'1','context':{'locale':%s,"
                                         "'timezone':%s}}",
                                         cases[i][0], cases[i][1]);
        assert_text(kept(&f, text.data)->locale, cases[i][2]);
        assert_text(f.out.event.timezone, cases[i][3]);
    }
    end(&f);
}

static void keeps_neither_address_nor_user_agent_nor_referrer(void **state)
{
    (void)state;
    struct fixture f;
    begin(&f);
    const struct json *batch = parse(
        &f, "{'ip':'198.51.100.77','app':{'name':'shop'},'locale':'de','userAgent':'Secret/2'}");
    f.intake.batch_context = batch;
    f.intake.batch_integrations = parse(&f, "{'All':false}");
    const struct event *event =
        kept(&f, "{'type':'page','anonymousId':'a','messageId':'m','writeKey':'WK',"
                 "'timestamp':'2026-03-01T11:59:00Z','properties':{'url':'https://shop.example/p?"
                 "token=canary#x','referrer':'https://canary.example','title':'P'},"
                 "'context':{'ip':'203.0.113.99','userAgent':'Mozilla/5.0 (iPhone) Mobile canary',"
                 "'locale':'fr','userSignature':'canary','page':{'search':'?canary=1',"
                 "'referrer':'canary','url':'https://shop.example/p?canary'}}}");
    assert_text(event->url, "https://shop.example/p");
    assert_int_equal(event->device, 2);
    assert_text(event->locale, "fr");
    static const char *const absent[] = {"canary", "203.0.113", "198.51.100",
                                         "Secret", "WK",        "userAgent"};
    char *message = arena_copy_text(&f.arena, event->message);
    for (size_t i = 0; i < sizeof absent / sizeof *absent; i++)
        if (strstr(message, absent[i]))
            fail_msg("\"%s\" is in %s", absent[i], message);
    const struct json *stored = parse(&f, message);
    assert_text(json_get_text(stored, "messageId"), "m");
    assert_text(json_get_text(stored, "type"), "page");
    assert_text(json_get_text(stored, "timestamp"), "2026-03-01T11:59:00.000Z");
    assert_text(json_get_text(stored, "receivedAt"), "2026-03-01T12:00:00.000Z");
    assert_text(json_text(json_at(stored, "context.deviceClass")), "mobile");
    assert_text(json_text(json_at(stored, "context.app.name")), "shop");
    assert_text(json_text(json_at(stored, "context.locale")), "fr");
    assert_text(json_text(json_at(stored, "properties.title")), "P");
    assert_true(json_is(json_at(stored, "integrations.All"), JSON_BOOL));
    end(&f);
}

static void knows_robots_and_classes_of_devices(void **state)
{
    (void)state;
    static const struct {
        const char *user_agent;
        uint8_t device;
    } cases[] = {
        {"Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)", 4},
        {"Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko; compatible; GPTBot/1.2)", 4},
        {"facebookexternalhit/1.1", 4},
        {"curl/7.88.1", 4},
        {"Mozilla/5.0 (Linux; Android 9; CUBOT X19) Chrome/80 Mobile Safari/537.36", 2},
        {"Mozilla/5.0 (iPhone; CPU iPhone OS 17_0) Mobile/15E148 Safari/604.1", 2},
        {"Mozilla/5.0 (iPad; CPU OS 16_0) AppleWebKit/605", 3},
        {"Mozilla/5.0 (Linux; Android 13; SM-X700) Chrome/120 Safari/537.36", 3},
        {"Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) Chrome/113", 1},
        {"", 0},
    };
    struct fixture f;
    begin(&f);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct slice text =
            arena_format(&f.arena, "{'type':'page','userId':'1','context':{'userAgent':'%s'}}",
                         cases[i].user_agent);
        assert_int_equal(kept(&f, text.data)->device, cases[i].device);
        assert_int_equal((f.out.event.flags & EVENT_ROBOT) != 0, cases[i].device == 4);
    }
    f.intake.user_agent = SLICE("axios/1.6"); /* the shop's own server, not its visitor */
    assert_int_equal(kept(&f, "{'type':'page','userId':'1'}")->device, 0);
    f.intake.browser_key = true;
    assert_int_equal(kept(&f, "{'type':'page','anonymousId':'1'}")->device, 4);
    end(&f);
}

/* --- consent ---------------------------------------------------------------------------------- */

static void maps_categories_and_applies_the_intake_rule(void **state)
{
    (void)state;
    const struct intake_category categories[] = {
        {SLICE("analytics"), 1U << PURPOSE_MEASURE},
        {SLICE("ads"), 1U << PURPOSE_EMAIL | 1U << PURPOSE_PERSONALISE},
        {SLICE("learn"), 0}, /* a mapping to nothing overrides the purpose's own name */
    };
    static const struct {
        const char *consent, *event;
        bool browser, filtered;
        enum intake_result result;
        bool needs_consent;
        enum consent_state measure, personalise;
    } cases[] = {
        {"", "A", true, false, INTAKE_KEPT, true, 0, 0},
        {"", "A", true, true, INTAKE_KEPT, false, 0, 0},
        {"", "A", false, false, INTAKE_KEPT, false, 0, 0},
        {"{'analytics':true,'ads':false}", "A", true, false, INTAKE_KEPT, false, 1, 2},
        {"{'measure':true}", "A", true, false, INTAKE_KEPT, false, 1, 0},
        {"{'personalise':true,'ads':false}", "A", true, false, INTAKE_COUNTED, false, 0, 2},
        {"{}", "A", true, false, INTAKE_COUNTED, false, 0, 0},
        {"{'email':true}", "A", true, false, INTAKE_COUNTED, false, 0, 0},
        {"{'C0003':true,'learn':true}", "A", true, false, INTAKE_COUNTED, false, 0, 0},
        {"{'measure':'true'}", "A", true, false, INTAKE_COUNTED, false, 0, 0},
        {"{}", "A", false, false, INTAKE_KEPT, false, 0, 0},
        {"{'measure':false}", "Segment Consent Preference Updated", true, false, INTAKE_KEPT, true,
         2, 0},
    };
    struct fixture f;
    begin(&f);
    f.intake.categories = categories;
    f.intake.category_count = 3;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        f.intake.browser_key = cases[i].browser;
        f.intake.cmp_filters_before = cases[i].filtered;
        bool told = cases[i].consent[0] != '\0';
        struct slice text = arena_format(
            &f.arena, "{'type':'track','event':'%s','anonymousId':'a','context':{%s%s%s}}",
            cases[i].event, told ? "'consent':{'categoryPreferences':" : "", cases[i].consent,
            told ? "}" : "");
        enum intake_result result = take(&f, text.data);
        if (result != cases[i].result)
            fail_msg("case %zu: %d", i, result);
        assert_int_equal(f.out.needs_consent, cases[i].needs_consent);
        if (result == INTAKE_COUNTED) {
            assert_int_equal(f.out.event.identifier_count, 0);
            assert_int_equal(f.out.event.message.size, 0);
            continue;
        }
        assert_int_equal(f.out.event.has_preferences, told);
        assert_int_equal(stamp_get(f.out.event.preferences, PURPOSE_MEASURE), cases[i].measure);
        assert_int_equal(stamp_get(f.out.event.preferences, PURPOSE_PERSONALISE),
                         cases[i].personalise);
    }
    end(&f);
}

static void counts_what_a_page_says_of_nobody_who_agreed_to_nothing(void **state)
{
    (void)state;
    static const struct {
        const char *consent, *event;
        bool browser, filtered;
        enum intake_result result;
    } cases[] = {
        {"{'measure':false}", "Product Clicked", true, false, INTAKE_COUNTED},
        {"{}", "Product Clicked", true, false, INTAKE_COUNTED},
        {"{}", "Product Clicked", true, true, INTAKE_COUNTED},
        {"{'measure':true}", "Product Clicked", true, false, INTAKE_REFUSED},
        {"{'personalise':true}", "Product Clicked", true, false, INTAKE_REFUSED},
        {"", "Product Clicked", true, false, INTAKE_REFUSED},
        {"{}", "Product Clicked", false, false, INTAKE_REFUSED},
        {"{}", "Segment Consent Preference Updated", true, false, INTAKE_REFUSED},
    };
    struct fixture f;
    begin(&f);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        f.intake.browser_key = cases[i].browser;
        f.intake.cmp_filters_before = cases[i].filtered;
        bool told = cases[i].consent[0] != '\0';
        struct slice text = arena_format(
            &f.arena, "{'type':'track','event':'%s','context':{%s%s%s}}", cases[i].event,
            told ? "'consent':{'categoryPreferences':" : "", cases[i].consent, told ? "}" : "");
        enum intake_result result = take(&f, text.data);
        if (result != cases[i].result)
            fail_msg("case %zu: %d", i, result);
        if (result == INTAKE_REFUSED)
            assert_int_equal(f.out.refusal, REFUSAL_NOBODY);
    }
    end(&f);
}

static void reads_the_two_lists_of_consent_management(void **state)
{
    (void)state;
    static const struct {
        const char *context;
        enum intake_result result;
        enum consent_state measure, personalise;
    } cases[] = {
        {"'consentManagement':{'allowedConsentIds':['measure','personalise'],"
         "'deniedConsentIds':[]}",
         INTAKE_KEPT, 1, 1},
        {"'consentManagement':{'allowedConsentIds':['measure'],'deniedConsentIds':['personalise']}",
         INTAKE_KEPT, 1, 2},
        {"'consentManagement':{'allowedConsentIds':['measure','email'],'deniedConsentIds':"
         "['measure']}",
         INTAKE_COUNTED, 2, 0},
        {"'consentManagement':{'allowedConsentIds':[],'deniedConsentIds':[]}", INTAKE_COUNTED, 0,
         0},
        {"'consentManagement':{'allowedConsentIds':{'measure':true},'provider':'x'}",
         INTAKE_COUNTED, 0, 0},
        {"'consentManagement':{'allowedConsentIds':[1,null,['measure']]}", INTAKE_COUNTED, 0, 0},
        {"'consentManagement':{'allowedConsentIds':['measure']},"
         "'consent':{'categoryPreferences':{'measure':false}}",
         INTAKE_COUNTED, 2, 0},
    };
    struct fixture f;
    begin(&f);
    f.intake.browser_key = true;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct slice text = arena_format(
            &f.arena, "{'type':'page','anonymousId':'a','context':{%s}}", cases[i].context);
        enum intake_result result = take(&f, text.data);
        if (result != cases[i].result)
            fail_msg("case %zu: %d", i, result);
        if (result == INTAKE_COUNTED)
            continue;
        assert_true(f.out.event.has_preferences);
        assert_int_equal(stamp_get(f.out.event.preferences, PURPOSE_MEASURE), cases[i].measure);
        assert_int_equal(stamp_get(f.out.event.preferences, PURPOSE_PERSONALISE),
                         cases[i].personalise);
    }
    end(&f);
}

/* --- the world's own samples ------------------------------------------------------------------ */

static struct slice read_whole(struct arena *arena, const char *path)
{
    enum { SAMPLE_BYTES_MAX = 1 << 20 };
    FILE *file = fopen(path, "rb");
    assert_non_null(file);
    char *bytes = arena_alloc(arena, SAMPLE_BYTES_MAX);
    size_t size = fread(bytes, 1, SAMPLE_BYTES_MAX, file);
    (void)fclose(file);
    return slice_make(bytes, size);
}

static void round_trip(struct fixture *f)
{
    struct buf buf;
    buf_init(&buf, EVENT_RECORD_BYTES_MAX);
    event_pack(&f->out.event, &buf);
    assert_false(buf.overflowed);
    struct event back;
    assert_int_equal(event_unpack(buf_slice(&buf), &f->arena, &back), STATUS_OK);
    buf_done(&buf);
}

static void takes_every_sample_of_the_segment_specification(void **state)
{
    (void)state;
    glob_t found;
    if (glob("../shared/data/segment-spec/*.json", 0, NULL, &found) != 0) {
        print_message("SKIPPED: ../shared/data/segment-spec is not here\n");
        skip();
    }
    size_t kept_count = 0;
    for (size_t i = 0; i < found.gl_pathc; i++) {
        struct fixture f;
        begin(&f);
        struct slice text = read_whole(&f.arena, found.gl_pathv[i]);
        const struct json *message;
        assert_int_equal(json_parse(&f.arena, text, &message, &f.diag), STATUS_OK);
        struct intake_input input = {.message = message, .json_size = text.size};
        enum intake_result result = intake_message(&f.intake, &input, &f.arena, &f.out, &f.diag);
        if (result == INTAKE_KEPT)
            round_trip(&f);
        else /* the documentation leaves the ids out of some of its samples */
            assert_true(strcmp(f.diag.field, "userId") == 0);
        kept_count += result == INTAKE_KEPT;
        end(&f);
    }
    print_message("%zu samples, %zu kept, %zu without any id\n", found.gl_pathc, kept_count,
                  found.gl_pathc - kept_count);
    assert_true(kept_count * 10 >= found.gl_pathc * 8);
    globfree(&found);
}

static void naughty_strings_are_just_text(void **state)
{
    (void)state;
    struct fixture f;
    begin(&f);
    if (access("../shared/data/json/blns.json", R_OK) != 0) {
        print_message("SKIPPED: ../shared/data/json/blns.json is not here\n");
        end(&f);
        skip();
    }
    struct slice text = read_whole(&f.arena, "../shared/data/json/blns.json");
    const struct json *list, *message;
    assert_int_equal(json_parse(&f.arena, text, &list, &f.diag), STATUS_OK);
    assert_true(list->count > 100);
    for (size_t i = 0; i < list->count; i++) {
        struct buf quoted, whole;
        buf_init(&quoted, EVENT_BYTES_MAX);
        buf_init(&whole, EVENT_BYTES_MAX);
        struct json_out out = json_out(&quoted);
        json_value(&out, &list->elements[i]);
        struct slice word = buf_slice(&quoted);
        buf_format(&whole,
                   "{\"type\":\"identify\",\"anonymousId\":\"a\",\"userId\":%.*s,"
                   "\"traits\":{\"email\":%.*s,\"phone\":%.*s,\"t\":%.*s,\"address\":%.*s},"
                   "\"timestamp\":%.*s,\"context\":{\"locale\":%.*s,\"timezone\":%.*s,"
                   "\"userAgent\":%.*s,\"ip\":%.*s}}",
                   SLICE_ARG(word), SLICE_ARG(word), SLICE_ARG(word), SLICE_ARG(word),
                   SLICE_ARG(word), SLICE_ARG(word), SLICE_ARG(word), SLICE_ARG(word),
                   SLICE_ARG(word), SLICE_ARG(word));
        assert_int_equal(json_parse(&f.arena, buf_slice(&whole), &message, &f.diag), STATUS_OK);
        struct intake_input input = {.message = message, .json_size = whole.size};
        enum intake_result result = intake_message(&f.intake, &input, &f.arena, &f.out, &f.diag);
        if (result == INTAKE_KEPT)
            round_trip(&f);
        else /* the list holds a few words longer than an id may be */
            assert_true(json_text(&list->elements[i]).size > IDENTIFIER_BYTES_MAX);
        buf_done(&quoted);
        buf_done(&whole);
    }
    end(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(refuses_what_breaks_the_protocol_with_a_sentence),
        cmocka_unit_test(keeps_limits_to_the_byte),
        cmocka_unit_test(takes_the_type_of_the_endpoint_or_of_the_message),
        cmocka_unit_test(blocks_values_that_name_nobody),
        cmocka_unit_test(says_who_is_proven_and_who_is_claimed),
        cmocka_unit_test(an_alias_names_both_ids),
        cmocka_unit_test(corrects_the_clients_clock),
        cmocka_unit_test(counts_money_in_minor_units_from_its_text),
        cmocka_unit_test(knows_the_names_of_the_commerce_specification),
        cmocka_unit_test(reads_products_from_the_catalogue_or_the_message),
        cmocka_unit_test(an_order_by_the_id_of_a_groups_row_is_of_its_item_and_that_variant),
        cmocka_unit_test(reads_the_value_of_orders_and_refunds),
        cmocka_unit_test(an_order_keeps_what_it_earned),
        cmocka_unit_test(flattens_traits_three_deep),
        cmocka_unit_test(takes_the_best_source_of_a_place),
        cmocka_unit_test(a_bad_locale_or_zone_fails_no_message),
        cmocka_unit_test(keeps_neither_address_nor_user_agent_nor_referrer),
        cmocka_unit_test(knows_robots_and_classes_of_devices),
        cmocka_unit_test(maps_categories_and_applies_the_intake_rule),
        cmocka_unit_test(counts_what_a_page_says_of_nobody_who_agreed_to_nothing),
        cmocka_unit_test(reads_the_two_lists_of_consent_management),
        cmocka_unit_test(takes_every_sample_of_the_segment_specification),
        cmocka_unit_test(naughty_strings_are_just_text),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
