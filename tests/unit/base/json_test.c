#include "test.h"

#include "base/json.h"
#include "base/limits.h"
#include "unit/arena.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>

static const struct json *parse(const char *text)
{
    const struct json *root = NULL;
    struct diag diag = {0};
    assert_int_equal(json_parse(&arena, slice_of(text), &root, &diag), STATUS_OK);
    return root;
}

static void numbers_keep_their_source_text(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        enum json_kind kind;
    } cases[] = {
        {"0", JSON_INTEGER},
        {"-9223372036854775808", JSON_INTEGER},
        {"9223372036854775808", JSON_BIG_NUMBER},
        {"123456789012345678901234567890", JSON_BIG_NUMBER},
        {"12.50", JSON_NUMBER},
        {"1e400", JSON_BIG_NUMBER},
        {"-0", JSON_INTEGER},
        {"1E+2", JSON_NUMBER},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        const struct json *value = parse(cases[i].text);
        assert_int_equal(value->kind, cases[i].kind);
        assert_true(slice_is(value->text, cases[i].text));
        assert_true(slice_is(json_scalar_text(value), cases[i].text));
    }
}

static void escapes_become_text_and_lone_surrogates_become_the_replacement_character(void **state)
{
    (void)state;
    static const struct {
        const char *json, *text;
    } cases[] = {
        {"\"\\u00e9\\n\\\\\\/\\\"\"", "\xc3\xa9\n\\/\""},
        {"\"\\ud83d\\ude00\"", "\xf0\x9f\x98\x80"},
        {"\"a\\ud83d\"", "a\xef\xbf\xbd"},
        {"\"\\ude00b\"", "\xef\xbf\xbd"
                         "b"},
        {"\"\\ud83d\\u0041\"", "\xef\xbf\xbd"
                               "A"},
        {"\"\"", ""},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        assert_true(slice_is(json_text(parse(cases[i].json)), cases[i].text));
}

static void look_ups_never_fail_and_the_last_of_two_names_wins(void **state)
{
    (void)state;
    const struct json *root = parse("{\"a\":{\"b\":[1,2]},\"t\":\"x\",\"n\":4,\"n\":5,\"z\":null}");
    assert_int_equal(json_at(root, "a.b")->count, 2);
    assert_null(json_at(root, "a.b.c"));
    assert_null(json_get(NULL, "a"));
    assert_int_equal(json_get_int(root, "n", 0), 5);
    assert_int_equal(json_get_int(root, "t", 7), 7);
    assert_true(slice_is(json_get_text(root, "t"), "x"));
    assert_true(json_get_bool(root, "missing", true));
}

static void a_fault_is_told_with_line_and_column(void **state)
{
    (void)state;
    const struct json *root;
    struct diag diag = {0};
    assert_int_equal(json_parse(&arena, SLICE("{\n  \"a\": 01\n}"), &root, &diag), STATUS_INVALID);
    assert_int_equal(diag.line, 2);
    assert_int_equal(diag.column, 8);
    assert_true(strlen(diag.sentence) > 10);
}

static void nesting_is_limited(void **state)
{
    (void)state;
    char text[2 * JSON_DEPTH_MAX + 8];
    const struct json *root;
    memset(text, '[', JSON_DEPTH_MAX);
    memset(text + JSON_DEPTH_MAX, ']', JSON_DEPTH_MAX);
    assert_int_equal(json_parse(&arena, slice_make(text, 2 * JSON_DEPTH_MAX), &root, NULL),
                     STATUS_OK);
    memset(text, '[', JSON_DEPTH_MAX + 1);
    memset(text + JSON_DEPTH_MAX + 1, ']', JSON_DEPTH_MAX + 1);
    assert_int_equal(json_parse(&arena, slice_make(text, 2 * JSON_DEPTH_MAX + 2), &root, NULL),
                     STATUS_INVALID);
}

static void a_hundred_thousand_brackets_do_not_recurse(void **state)
{
    (void)state;
    char *text = arena_alloc(&arena, 100000);
    const struct json *root;
    memset(text, '[', 100000);
    assert_int_equal(json_parse(&arena, slice_make(text, 100000), &root, NULL), STATUS_INVALID);
}

static void a_batch_is_cut_so_that_one_bad_message_refuses_only_itself(void **state)
{
    (void)state;
    struct json_batch batch;
    const struct json *one;
    enum status status = json_cut_batch(
        &arena, SLICE("{\"x\":1,\"batch\":[{\"a\":1}, {\"b\":01}, 3, \"s\"],\"sentAt\":\"t\"}"),
        "batch", &batch, NULL);
    assert_int_equal(status, STATUS_OK);
    assert_int_equal(batch.count, 4);
    assert_int_equal(json_parse(&arena, batch.elements[0], &one, NULL), STATUS_OK);
    assert_int_equal(json_parse(&arena, batch.elements[1], &one, NULL), STATUS_INVALID);
    assert_true(slice_is(batch.elements[2], "3"));
    assert_true(slice_is(json_get_text(batch.rest, "sentAt"), "t"));
    assert_null(json_get(batch.rest, "batch"));
}

static void a_batch_with_broken_framing_is_refused_whole(void **state)
{
    (void)state;
    static const char *const cases[] = {
        "{\"batch\":[{\"a\":1},{\"b\":2}", "{\"batch\":{}}",   "{\"other\":[]}", "[]",
        "{\"batch\":[\"\xff\"]}",          "{\"batch\":[]} x",
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct json_batch batch;
        struct diag diag = {0};
        assert_int_equal(json_cut_batch(&arena, slice_of(cases[i]), "batch", &batch, &diag),
                         STATUS_INVALID);
        assert_true(diag.sentence[0]);
    }
}

static void a_batch_of_too_many_is_too_large(void **state)
{
    (void)state;
    for (int extra = 0; extra < 2; extra++) {
        struct buf text;
        struct json_batch batch;
        buf_init(&text, 1 << 20);
        buf_add_text(&text, "{\"batch\":[0");
        for (int i = 1; i < BATCH_EVENTS_MAX + extra; i++)
            buf_add_text(&text, ",0");
        buf_add_text(&text, "]}");
        assert_int_equal(json_cut_batch(&arena, buf_slice(&text), "batch", &batch, NULL),
                         extra ? STATUS_TOO_LARGE : STATUS_OK);
        buf_done(&text);
    }
}

/* --- JSONTestSuite ---------------------------------------------------------------------------- */

enum { SUITE_FILE_MAX = 1 << 20 };

static struct slice read_file(const char *folder, const char *name)
{
    char path[1024];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    FILE *file = fopen(path, "rb");
    assert_non_null(file);
    char *bytes = arena_alloc(&arena, SUITE_FILE_MAX);
    size_t size = fread(bytes, 1, SUITE_FILE_MAX, file);
    fclose(file);
    return slice_make(bytes, size);
}

/* What is accepted comes back equal from our own writer. */
static void check_round_trip(const struct json *root)
{
    struct buf text;
    buf_init(&text, SUITE_FILE_MAX);
    struct json_out out = json_out(&text);
    const struct json *again;
    json_value(&out, root);
    assert_int_equal(json_parse(&arena, buf_slice(&text), &again, NULL), STATUS_OK);
    buf_done(&text);
}

static void the_parsing_suite_is_answered_as_it_should(void **state)
{
    (void)state;
    const char *folder = getenv("VISAVIS_JSON_SUITE");
    if (!folder)
        folder = "../shared/data/json/test_parsing";
    DIR *directory = opendir(folder);
    if (!directory) {
        print_message("skipped: %s is not here\n", folder);
        skip();
    }
    size_t accepted = 0, refused = 0;
    for (struct dirent *entry; (entry = readdir(directory));) {
        if (!strstr(entry->d_name, ".json"))
            continue;
        const struct json *root;
        struct slice text = read_file(folder, entry->d_name);
        bool good = json_parse(&arena, text, &root, NULL) == STATUS_OK;
        bool must = entry->d_name[0] == 'y', must_not = entry->d_name[0] == 'n';
        if ((must && !good) || (must_not && good))
            fail_msg("%s", entry->d_name);
        if (good)
            check_round_trip(root);
        accepted += must;
        refused += must_not;
        arena_reset(&arena);
    }
    closedir(directory);
    assert_true(accepted > 90 && refused > 180);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_AN_ARENA(numbers_keep_their_source_text),
        IN_AN_ARENA(escapes_become_text_and_lone_surrogates_become_the_replacement_character),
        IN_AN_ARENA(look_ups_never_fail_and_the_last_of_two_names_wins),
        IN_AN_ARENA(a_fault_is_told_with_line_and_column),
        IN_AN_ARENA(nesting_is_limited),
        IN_AN_ARENA(a_hundred_thousand_brackets_do_not_recurse),
        IN_AN_ARENA(a_batch_is_cut_so_that_one_bad_message_refuses_only_itself),
        IN_AN_ARENA(a_batch_with_broken_framing_is_refused_whole),
        IN_AN_ARENA(a_batch_of_too_many_is_too_large),
        IN_AN_ARENA(the_parsing_suite_is_answered_as_it_should),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
