/* Conditions from outside, as text or as JSON: what is read can be checked, told and written, and
 * each form reads back as the same tree. */
#include <assert.h>

#include "audience/condition_check.h"
#include "audience/condition_say.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { FORM_BYTES_MAX = 4 << 20 };

static void assert_same(const struct condition *condition, const struct buf *json)
{
    struct buf again;
    buf_init(&again, FORM_BYTES_MAX);
    struct json_out out = json_out(&again);
    condition_write(condition, &out);
    assert(slice_equal(buf_slice(&again), buf_slice(json)));
    buf_done(&again);
}

static void go_round(struct arena *arena, const struct condition *condition)
{
    static struct findings findings;
    struct condition read;
    const struct json *tree;
    struct diag diag = {0};
    struct buf text, json, sentence;
    buf_init(&text, FORM_BYTES_MAX);
    buf_init(&json, FORM_BYTES_MAX);
    buf_init(&sentence, FORM_BYTES_MAX);
    struct json_out out = json_out(&json);
    condition_check(condition, &findings);
    condition_say(condition, LOCALE_FR, &sentence);
    condition_say(condition, LOCALE_EN, &sentence);
    condition_write(condition, &out);
    enum status status = json_parse(arena, buf_slice(&json), &tree, &diag);
    assert(status == STATUS_OK);
    status = condition_read(arena, tree, &read, &diag);
    assert(status == STATUS_OK);
    assert_same(&read, &json);
    condition_text(condition, &text);
    if (text.size <= CONDITION_TEXT_BYTES_MAX) { /* JSON may say more than a text has room for */
        status = condition_parse(arena, buf_slice(&text), &read, &diag);
        assert(status == STATUS_OK);
        assert_same(&read, &json);
    }
    buf_done(&text);
    buf_done(&json);
    buf_done(&sentence);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena arena;
    struct condition condition;
    const struct json *json;
    struct diag diag = {0};
    struct slice input = slice_make(data, size);
    arena_init(&arena);
    if (condition_parse(&arena, input, &condition, &diag) == STATUS_OK)
        go_round(&arena, &condition);
    else
        assert(diag.sentence[0] != '\0');
    if (json_parse(&arena, input, &json, NULL) == STATUS_OK) {
        if (condition_read(&arena, json, &condition, &diag) == STATUS_OK)
            go_round(&arena, &condition);
        else
            assert(diag.sentence[0] != '\0');
    }
    arena_done(&arena);
    return 0;
}
