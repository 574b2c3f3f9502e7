#include "test.h"

#include "base/yaml.h"

static void a_pointer_finds_its_line_and_column(void **state)
{
    (void)state;
    static const char text[] = "# a shop\n"
                               "placements:\n"
                               "  - id: one\n"
                               "  - id: two\n"
                               "    rules: [in_stock, {kind: cap, max: 3}]\n"
                               "    count: 3\n"
                               "    count: 4\n";
    static const struct {
        const char *pointer;
        unsigned line, column;
    } cases[] = {
        {"", 2, 1},
        {"/placements", 2, 1},
        {"/placements/1", 4, 5},
        {"/placements/1/id", 4, 5},
        {"/placements/1/rules/0", 5, 13},
        {"/placements/1/rules/1/max", 5, 35},
        {"/placements/1/count", 7, 5},   /* of two the last */
        {"/placements/1/rul", 5, 5},     /* a name that was cut */
        {"/placements/1/missing", 4, 5}, /* as deep as there is something */
        {"/placements/9/id", 3, 3},
        {"/nothing/there", 2, 1},
        {"no pointer", 2, 1},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct diag diag = {0};
        yaml_locate(slice_of(text), slice_of(cases[i].pointer), &diag);
        if (diag.line != cases[i].line || diag.column != cases[i].column)
            fail_msg("%s: %u:%u", cases[i].pointer, diag.line, diag.column);
    }
    struct diag diag = {0};
    yaml_locate(SLICE("a: ["), SLICE("/a/0"), &diag); /* breaks off */
    assert_int_equal(diag.line, 1);
    yaml_locate(SLICE(""), SLICE("/a"), &diag);
    assert_int_equal(diag.line, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_pointer_finds_its_line_and_column),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
