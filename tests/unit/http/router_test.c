/* Paths: decoding, refusing, matching. */
#include "unit/test.h"

#include "http/router.h"

static void nothing(void *context, struct http_request *request)
{
    (void)context;
    (void)request;
}

static const struct http_route routes[] = {
    {HTTP_GET, "/", nothing, "root", HTTP_RANK_FIRST},
    {HTTP_POST, "/batch", nothing, "batch", HTTP_RANK_FIRST},
    {HTTP_GET, "/v1/items/{id}", nothing, "item", HTTP_RANK_FIRST},
    {HTTP_DELETE, "/v1/items/{id}", nothing, "item gone", HTTP_RANK_FIRST},
    {HTTP_GET, "/v1/items/search", nothing, "search", HTTP_RANK_FIRST},
    {HTTP_GET, "/v1/{kind}/{id}/of/{who}", nothing, "three", HTTP_RANK_FIRST},
    {HTTP_PUT, "/v1/tail/", nothing, "tail", HTTP_RANK_FIRST},
};

static struct router_match find(enum http_method method, const char *path, struct arena *arena)
{
    struct router *router = router_new(routes, sizeof routes / sizeof routes[0]);
    struct router_path cut;
    struct router_match match;
    struct slice text;
    assert_true(router_decode_path(arena, slice_of(path), &cut, &text));
    router_find(router, method, &cut, &match);
    router_free(router);
    return match;
}

static void finds_the_row_of_a_path(void **state)
{
    (void)state;
    static const struct {
        enum http_method method;
        const char *path, *tag, *first, *second;
    } tried[] = {
        {HTTP_GET, "/", "root", "", ""},
        {HTTP_HEAD, "/", "root", "", ""},
        {HTTP_POST, "/batch", "batch", "", ""},
        {HTTP_POST, "/batch/", "batch", "", ""},
        {HTTP_POST, "/b%61tch", "batch", "", ""},
        {HTTP_GET, "/v1/items/42", "item", "42", ""},
        {HTTP_GET, "/v1/items/a%2Fb", "item", "a/b", ""},
        {HTTP_GET, "/v1/items/caf%C3%A9+x", "item", "caf\xc3\xa9+x", ""},
        {HTTP_GET, "/v1/items/search", "search", "", ""},
        {HTTP_DELETE, "/v1/items/search", "item gone", "search", ""},
        {HTTP_GET, "/v1/a/b/of/c", "three", "a", "b"},
        {HTTP_PUT, "/v1/tail", "tail", "", ""},
        {HTTP_PUT, "/v1/tail/", "tail", "", ""},
        {HTTP_GET, "/batch", NULL, "", ""},
        {HTTP_GET, "/v1/items", NULL, "", ""},
        {HTTP_GET, "/v1/items//", NULL, "", ""},
        {HTTP_POST, "//batch", NULL, "", ""},
        {HTTP_POST, "/Batch", NULL, "", ""},
        {HTTP_POST, "/batch/x", NULL, "", ""},
        {HTTP_GET, "/1/2/3/4/5/6/7/8/9/10/11/12/13/14/15/16/17", NULL, "", ""},
    };
    struct arena arena;
    arena_init(&arena);
    for (size_t i = 0; i < sizeof tried / sizeof tried[0]; i++) {
        struct router_match match = find(tried[i].method, tried[i].path, &arena);
        const char *tag = match.route ? match.route->tag : NULL;
        if (tag != tried[i].tag && (!tag || !tried[i].tag || strcmp(tag, tried[i].tag) != 0))
            fail_msg("%s went to %s", tried[i].path, tag ? tag : "nobody");
        assert_true(slice_is(match.parameters[0], tried[i].first));
        assert_true(slice_is(match.parameters[1], tried[i].second));
    }
    arena_done(&arena);
}

static void knows_the_methods_of_a_path(void **state)
{
    (void)state;
    struct arena arena;
    arena_init(&arena);
    struct router_match match = find(HTTP_POST, "/v1/items/1", &arena);
    assert_null(match.route);
    assert_true(match.path_known);
    assert_int_equal(match.methods,
                     1u << HTTP_GET | 1u << HTTP_HEAD | 1u << HTTP_DELETE | 1u << HTTP_OPTIONS);
    assert_false(find(HTTP_GET, "/nowhere", &arena).path_known);
    arena_done(&arena);
}

static void refuses_paths_that_can_be_read_in_two_ways(void **state)
{
    (void)state;
    static const char *const tried[] = {
        "/%",     "/%4",     "/%4g",          "/a%00b",     "/%0a",          "/../etc",
        "/a/./b", "/%2e%2e", "/a/%2E./b",     "/%c3",       "/%c0%af",       "/%ed%a0%80",
        "/%ff",   "/%7f",    "/%f4%90%80%80", "/%e0%80%80", "/%f0%80%80%80",
    };
    struct arena arena;
    arena_init(&arena);
    for (size_t i = 0; i < sizeof tried / sizeof tried[0]; i++) {
        struct router_path cut;
        struct slice text;
        if (router_decode_path(&arena, slice_of(tried[i]), &cut, &text))
            fail_msg("%s was taken", tried[i]);
    }
    arena_done(&arena);
}

static void shows_the_whole_path_decoded(void **state)
{
    (void)state;
    struct arena arena;
    struct router_path cut;
    struct slice text;
    arena_init(&arena);
    assert_true(router_decode_path(&arena, SLICE("/a%20b/%E2%82%AC/"), &cut, &text));
    assert_true(slice_is(text, "/a b/\xe2\x82\xac"));
    assert_true(router_decode_path(&arena, SLICE("/"), &cut, &text));
    assert_true(slice_is(text, "/"));
    arena_done(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(finds_the_row_of_a_path),
        cmocka_unit_test(knows_the_methods_of_a_path),
        cmocka_unit_test(refuses_paths_that_can_be_read_in_two_ways),
        cmocka_unit_test(shows_the_whole_path_decoded),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
