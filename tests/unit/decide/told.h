/* What explanations say, for tests that look for a sentence in them. */
#ifndef VISAVIS_TESTS_UNIT_DECIDE_TOLD_H
#define VISAVIS_TESTS_UNIT_DECIDE_TOLD_H

#include "decide/explain.h"

static inline bool holds(struct slice text, const char *part)
{
    return memmem(text.data, text.size, part, strlen(part)) != NULL;
}

static inline void assert_holds(struct slice text, const char *part)
{
    if (!holds(text, part))
        fail_msg("%s is not in %.*s", part, SLICE_ARG(text));
}

/* The explanation of the first wish; in buf, whose end its maximum never reaches. */
static inline struct slice explained(const struct decide_input *input,
                                     const struct explain_options *options, struct buf *buf)
{
    struct arena arena;
    struct outcome outcome;
    struct json_out out = json_out(buf);
    arena_init(&arena);
    buf_clear(buf);
    decide_run(input, &arena, &outcome);
    decide_explain(input, &outcome, 0, options, &out);
    assert_false(buf->overflowed);
    arena_done(&arena);
    return buf_slice(buf);
}

/* Each role hears its own sentence in each language. */
static inline void assert_each_told(const struct decide_input *input,
                                    const char *const said[ROLE_COUNT][LOCALE_COUNT])
{
    struct buf buf;
    buf_init(&buf, 1 << 20);
    for (unsigned role = 0; role < ROLE_COUNT; role++)
        for (unsigned locale = 0; locale < LOCALE_COUNT; locale++) {
            struct explain_options options = {
                .role = (enum audience_role)role, .locale = (enum locale)locale, .what_if = true};
            assert_holds(explained(input, &options, &buf), said[role][locale]);
        }
    buf_done(&buf);
}

#endif
