/* Any bytes as a data set, cut in two: it is read or refused with a sentence, and what was read
 * can be learned and asked. */
#include "learn/evaluate.h"

#include <assert.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void ask_sessions(const struct data_text *train, const struct data_text *test)
{
    struct session_data sessions;
    struct session_figures figures;
    struct diag diag = {0};
    if (session_data_read(train, test, &sessions, &diag) != STATUS_OK) {
        assert(diag.sentence[0]);
        return;
    }
    for (int model = SESSIONS_VMIS; model <= SESSIONS_BLEND; model++) {
        struct session_trial trial = {(enum session_model)model, 3, model == SESSIONS_RULES};
        evaluate_sessions(&sessions, &trial, &figures);
        assert(figures.hr >= 0 && figures.hr <= 1 && figures.mrr <= figures.hr);
    }
    session_data_done(&sessions);
}

static void ask_interactions(const struct data_text *train, const struct data_text *test)
{
    struct interaction_data interactions;
    struct interaction_figures figures;
    struct diag diag = {0};
    if (interaction_data_read(train, test, &interactions, &diag) != STATUS_OK) {
        assert(diag.sentence[0]);
        return;
    }
    struct interaction_trial trial = {INTERACTIONS_GRAPH, 3, false};
    enum status status = evaluate_interactions(&interactions, &trial, &figures, &diag);
    assert(status == STATUS_OK && figures.recall >= 0 && figures.recall <= 1);
    interaction_data_done(&interactions);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const uint8_t *cut = size ? memchr(data, '|', size) : NULL;
    size_t first = cut ? (size_t)(cut - data) : size, second = cut ? first + 1 : size;
    struct data_text train = {"train", slice_make(data, first)};
    struct data_text test = {"test", slice_make(data + second, size - second)};
    ask_sessions(&train, &test);
    ask_interactions(&train, &test);
    return 0;
}
