/* Objectives as a person writes them, and who is held out. */
#include "test.h"

#include "base/arena.h"
#include "base/diag.h"
#include "measure/objective.h"

#include <math.h>

static enum status read(struct arena *arena, const char *text, struct objective *out_objective,
                        struct diag *diag)
{
    const struct json *json;
    assert_int_equal(json_parse(arena, slice_of(text), &json, diag), STATUS_OK);
    return objective_from_json(json, "/placements/0", out_objective, diag);
}

static void reads_back_what_it_writes_with_defaults_spelled_out(void **state)
{
    (void)state;
    static const struct {
        const char *text, *written;
    } cases[] = {
        {"{}", "{}"},
        {"{\"objective\":{\"kind\":\"purchase\"}}",
         "{\"objective\":{\"kind\":\"purchase\",\"horizonDays\":7,\"cap\":0.99,\"minimumEffect\":0."
         "05,\"exposure\":\"answered\"},\"holdout\":{\"share\":0.1,\"arm\":\"best_sellers\"}}"},
        {"{\"objective\":{\"kind\":\"event\",\"event\":\"Quote Asked\",\"horizonDays\":1.5},"
         "\"holdout\":{\"share\":0,\"arm\":\"empty\"}}",
         "{\"objective\":{\"kind\":\"event\",\"event\":\"Quote Asked\",\"value\":1,\"horizonDays\":"
         "1.5,\"cap\":0.99,\"minimumEffect\":0.05,\"exposure\":\"answered\"},\"holdout\":{"
         "\"share\":0,\"arm\":\"empty\"}}"},
        {"{\"objective\":{\"kind\":\"click\",\"value\":20,\"cap\":1,\"exposure\":\"seen\"}}",
         "{\"objective\":{\"kind\":\"click\",\"value\":20,\"horizonDays\":7,\"cap\":1,"
         "\"minimumEffect\":0.05,\"exposure\":\"seen\"},\"holdout\":{\"share\":0.1,\"arm\":\"best_"
         "sellers\"}}"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct arena arena;
        struct diag diag = {0};
        struct objective objective, again;
        struct buf text;
        arena_init(&arena);
        buf_init(&text, 4096);
        assert_int_equal(read(&arena, cases[i].text, &objective, &diag), STATUS_OK);
        struct json_out out = json_out(&text);
        json_object(&out);
        objective_to_json(&objective, &out);
        json_end(&out);
        buf_add_byte(&text, '\0');
        assert_string_equal(text.data, cases[i].written);
        assert_int_equal(read(&arena, text.data, &again, &diag), STATUS_OK);
        assert_true(objective_equal(&objective, &again));
        buf_done(&text);
        arena_done(&arena);
    }
}

static void says_what_is_written_wrongly_and_where(void **state)
{
    (void)state;
    static const struct {
        const char *text, *field;
    } cases[] = {
        {"{\"objective\":{}}", "/placements/0/objective/kind"},
        {"{\"objective\":5}", "/placements/0/objective"},
        {"{\"objective\":{\"kind\":\"none\"}}", "/placements/0/objective/kind"},
        {"{\"objective\":{\"kind\":\"profit\"}}", "/placements/0/objective/kind"},
        {"{\"objective\":{\"kind\":\"click\",\"horizon\":3}}", "/placements/0/objective"},
        {"{\"objective\":{\"kind\":\"event\"}}", "/placements/0/objective/event"},
        {"{\"objective\":{\"kind\":\"lead\",\"event\":\"x\"}}", "/placements/0/objective/event"},
        {"{\"objective\":{\"kind\":\"click\",\"value\":0}}", "/placements/0/objective/value"},
        {"{\"objective\":{\"kind\":\"click\",\"horizonDays\":91}}",
         "/placements/0/objective/horizonDays"},
        {"{\"objective\":{\"kind\":\"click\",\"cap\":0.5}}", "/placements/0/objective/cap"},
        {"{\"objective\":{\"kind\":\"click\"},\"holdout\":{\"share\":0.95}}",
         "/placements/0/holdout/share"},
        {"{\"objective\":{\"kind\":\"click\"},\"holdout\":{\"arm\":\"nothing\"}}",
         "/placements/0/holdout/arm"},
        {"{\"holdout\":{\"share\":0.1}}", "/placements/0/holdout"},
        {"{\"objective\":{\"kind\":\"click\",\"exposure\":\"seen\"},\"holdout\":{\"arm\":"
         "\"empty\"}}",
         "/placements/0/objective/exposure"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct arena arena;
        struct diag diag = {0};
        struct objective objective;
        arena_init(&arena);
        assert_int_equal(read(&arena, cases[i].text, &objective, &diag), STATUS_INVALID);
        assert_string_equal(diag.field, cases[i].field);
        assert_true(strlen(diag.sentence) > 10);
        arena_done(&arena);
    }
}

static struct uuid person(unsigned number)
{
    struct uuid uuid = {{1, 2, 3}};
    uuid.bytes[14] = (uint8_t)(number >> 8);
    uuid.bytes[15] = (uint8_t)number;
    return uuid;
}

static void holds_out_the_share_and_the_same_people_always(void **state)
{
    (void)state;
    enum { PEOPLE = 40000 };
    struct objective tenth = {.kind = OBJECTIVE_CLICK, .holdout_share = 0.1};
    struct objective half = {.kind = OBJECTIVE_CLICK, .holdout_share = 0.5};
    unsigned held = 0, both = 0;
    for (unsigned i = 0; i < PEOPLE; i++) {
        enum arm arm = objective_arm(&tenth, SLICE("home"), person(i));
        assert_int_equal(arm, objective_arm(&tenth, SLICE("home"), person(i)));
        held += arm == ARM_HOLDOUT;
        if (arm == ARM_HOLDOUT) /* a larger share lets nobody go */
            assert_int_equal(objective_arm(&half, SLICE("home"), person(i)), ARM_HOLDOUT);
        both +=
            arm == ARM_HOLDOUT && objective_arm(&half, SLICE("product"), person(i)) == ARM_HOLDOUT;
    }
    assert_true(fabs(held - 0.1 * PEOPLE) < 4 * sqrt(0.09 * PEOPLE));
    assert_true(fabs(both - 0.5 * held) < 4 * sqrt(0.25 * held)); /* each placement its own lot */
    struct objective none = {.kind = OBJECTIVE_NONE, .holdout_share = 0.5};
    assert_int_equal(objective_arm(&none, SLICE("home"), person(1)), ARM_NONE);
    assert_true(objective_arm_share(&tenth, ARM_HOLDOUT) == tenth.holdout_share);
    assert_true(objective_arm_share(&tenth, ARM_CHOSEN) == 1 - tenth.holdout_share);
    assert_true(objective_arm_share(&tenth, ARM_NONE) == 0);
}

/* Written down, because records and people outlive a release. */
static void never_draws_another_lot(void **state)
{
    (void)state;
    struct objective half = {.kind = OBJECTIVE_CLICK, .holdout_share = 0.5};
    char drawn[33] = "";
    for (unsigned i = 0; i < 32; i++)
        drawn[i] = objective_arm(&half, SLICE("home"), person(i)) == ARM_HOLDOUT ? 'h' : '.';
    assert_string_equal(drawn, "hhh.hhhhh.h..h.h..hhh..hh.hh.hhh");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_back_what_it_writes_with_defaults_spelled_out),
        cmocka_unit_test(says_what_is_written_wrongly_and_where),
        cmocka_unit_test(holds_out_the_share_and_the_same_people_always),
        cmocka_unit_test(never_draws_another_lot),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
