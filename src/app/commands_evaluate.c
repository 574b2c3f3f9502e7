/* evaluate: what the models are worth on data sets given as text. Opens no store and reads no
 * person: two files in, one JSON line out. */
#include "app/command.h"
#include "app/files.h"
#include "base/json_out.h"
#include "learn/evaluate.h"

enum { EVALUATE_FILE_BYTES_MAX = 1 << 30, FIGURES_BYTES_MAX = 4096, K_DEFAULT = 20 };

static enum status read_text(struct call *call, const char *option, struct data_text *out_text,
                             struct diag *diag)
{
    struct slice path = call_option(call, option);
    if (path.size == 0)
        return diag_set(diag, STATUS_INVALID, "", "Say which file with --%s FILE", option);
    out_text->name = arena_copy_text(&call->arena, path);
    return file_read(out_text->name, EVALUATE_FILE_BYTES_MAX, &call->arena, &out_text->text, diag);
}

static enum status read_texts(struct call *call, struct data_text *out_train,
                              struct data_text *out_test, struct diag *diag)
{
    enum status status = read_text(call, "train", out_train, diag);
    return status == STATUS_OK ? read_text(call, "test", out_test, diag) : status;
}

static enum status read_k(const struct call *call, uint32_t *out_k, struct diag *diag)
{
    int64_t k = K_DEFAULT;
    if (call_has(call, "k") &&
        (!slice_to_int64(call_option(call, "k"), &k) || k < 1 || k > EVALUATE_K_MAX))
        return diag_set(diag, STATUS_INVALID, "", "-k is a whole number from 1 to %d",
                        EVALUATE_K_MAX);
    *out_k = (uint32_t)k;
    return STATUS_OK;
}

/* The place of an option's value in a list of words, the first when it is absent. */
static enum status read_choice(const struct call *call, const char *option,
                               const char *const *words, unsigned *out_choice, struct diag *diag)
{
    struct slice value = call_has(call, option) ? call_option(call, option) : slice_of(words[0]);
    for (unsigned i = 0; words[i]; i++)
        if (slice_is(value, words[i])) {
            *out_choice = i;
            return STATUS_OK;
        }
    return diag_set(diag, STATUS_INVALID, "", "--%s is %s, %s%s%s%s%s", option, words[0], words[1],
                    words[2] ? ", " : "", words[2] ? words[2] : "",
                    words[2] && words[3] ? ", " : "", words[2] && words[3] ? words[3] : "");
}

static void print_line(struct call *call, const struct buf *line)
{
    output_write(&call->out, buf_slice(line));
    output_write(&call->out, SLICE("\n"));
}

static void print_weights(struct json_out *out, const char *const sources[BLEND_SOURCES_MAX],
                          const double weights[BLEND_FEATURES])
{
    json_name(out, "weights");
    json_object(out);
    for (size_t i = 0; i < BLEND_SOURCES_MAX && sources[i]; i++)
        JSON_NUMBER_MEMBER(out, sources[i], weights[i]);
    JSON_NUMBER_MEMBER(out, "popular", weights[BLEND_POPULAR]);
    JSON_NUMBER_MEMBER(out, "current", weights[BLEND_CURRENT]);
    JSON_NUMBER_MEMBER(out, "earlier", weights[BLEND_EARLIER]);
    JSON_NUMBER_MEMBER(out, "lately", weights[BLEND_LATELY]);
    JSON_NUMBER_MEMBER(out, "often", weights[BLEND_OFTEN]);
    json_end(out);
}

/* --- sessions --------------------------------------------------------------------------------- */

static const char *const session_models[] = {"blend", "vmis", "rules", NULL};
static const enum session_model session_model_of[] = {SESSIONS_BLEND, SESSIONS_VMIS,
                                                      SESSIONS_RULES};
static const char *const repeats[] = {"keep", "drop", NULL};

static void print_sessions(struct call *call, const char *model, const struct session_trial *trial,
                           const struct session_figures *figures)
{
    static const char *const sources[BLEND_SOURCES_MAX] = {"vmis", "rules", "graph"};
    struct buf line;
    buf_init(&line, FIGURES_BYTES_MAX);
    struct json_out out = json_out(&line);
    json_object(&out);
    JSON_STRING_MEMBER(&out, "model", slice_of(model));
    JSON_NUMBER_MEMBER(&out, "hr", figures->hr);
    JSON_NUMBER_MEMBER(&out, "mrr", figures->mrr);
    JSON_INT_MEMBER(&out, "n", (int64_t)figures->questions);
    JSON_NUMBER_MEMBER(&out, "train_seconds", figures->train_seconds);
    JSON_NUMBER_MEMBER(&out, "p50_us", figures->p50_us);
    JSON_NUMBER_MEMBER(&out, "p99_us", figures->p99_us);
    JSON_INT_MEMBER(&out, "k", trial->k);
    JSON_STRING_MEMBER(&out, "repeats", slice_of(repeats[trial->drop_repeats]));
    if (trial->model == SESSIONS_BLEND)
        print_weights(&out, sources, figures->weights);
    json_end(&out);
    print_line(call, &line);
    buf_done(&line);
}

static enum status run_sessions(struct call *call, struct diag *diag)
{
    unsigned model = 0, repeat = 0;
    struct session_trial trial = {0};
    struct data_text train, test;
    struct session_data data;
    enum status status = read_choice(call, "model", session_models, &model, diag);
    if (status == STATUS_OK)
        status = read_choice(call, "repeats", repeats, &repeat, diag);
    if (status == STATUS_OK)
        status = read_k(call, &trial.k, diag);
    if (status == STATUS_OK)
        status = read_texts(call, &train, &test, diag);
    if (status == STATUS_OK)
        status = session_data_read(&train, &test, &data, diag);
    if (status != STATUS_OK)
        return status;
    struct session_figures figures = {0};
    trial.model = session_model_of[model];
    trial.drop_repeats = repeat == 1;
    evaluate_sessions(&data, &trial, &figures);
    print_sessions(call, session_models[model], &trial, &figures);
    session_data_done(&data);
    return STATUS_OK;
}

/* --- interactions ----------------------------------------------------------------------------- */

static const char *const interaction_models[] = {"graph", "ease", "popular", "blend", NULL};

static void print_interactions(struct call *call, const struct interaction_trial *trial,
                               const struct interaction_figures *figures)
{
    static const char *const sources[BLEND_SOURCES_MAX] = {"graph", "ease"};
    struct buf line;
    buf_init(&line, FIGURES_BYTES_MAX);
    struct json_out out = json_out(&line);
    json_object(&out);
    JSON_STRING_MEMBER(&out, "model", slice_of(interaction_models[trial->model]));
    JSON_NUMBER_MEMBER(&out, "recall", figures->recall);
    JSON_NUMBER_MEMBER(&out, "ndcg", figures->ndcg);
    JSON_INT_MEMBER(&out, "users", (int64_t)figures->users);
    JSON_NUMBER_MEMBER(&out, "train_seconds", figures->train_seconds);
    JSON_INT_MEMBER(&out, "k", trial->k);
    if (trial->model == INTERACTIONS_GRAPH || trial->model == INTERACTIONS_BLEND) {
        JSON_NUMBER_MEMBER(&out, "alpha", figures->alpha);
        JSON_NUMBER_MEMBER(&out, "beta", figures->beta);
        JSON_NUMBER_MEMBER(&out, "prior", figures->prior);
        JSON_INT_MEMBER(&out, "neighbours", figures->neighbours);
    }
    if (trial->model == INTERACTIONS_EASE || trial->model == INTERACTIONS_BLEND)
        JSON_NUMBER_MEMBER(&out, "lambda", figures->lambda);
    if (trial->model == INTERACTIONS_BLEND)
        print_weights(&out, sources, figures->weights);
    json_end(&out);
    print_line(call, &line);
    buf_done(&line);
}

static enum status run_interactions(struct call *call, struct diag *diag)
{
    unsigned model = 0;
    struct interaction_trial trial = {.tune = call_has(call, "tune")};
    struct data_text train, test;
    struct interaction_data data;
    enum status status = read_choice(call, "model", interaction_models, &model, diag);
    if (status == STATUS_OK)
        status = read_k(call, &trial.k, diag);
    if (status == STATUS_OK)
        status = read_texts(call, &train, &test, diag);
    if (status == STATUS_OK)
        status = interaction_data_read(&train, &test, &data, diag);
    if (status != STATUS_OK)
        return status;
    struct interaction_figures figures = {0};
    trial.model = (enum interaction_model)model;
    status = evaluate_interactions(&data, &trial, &figures, diag);
    if (status == STATUS_OK)
        print_interactions(call, &trial, &figures);
    interaction_data_done(&data);
    return status;
}

enum status command_evaluate(struct call *call, struct diag *diag)
{
    if (call->word_count == 1 && slice_is(call->words[0], "sessions"))
        return run_sessions(call, diag);
    if (call->word_count == 1 && slice_is(call->words[0], "interactions"))
        return run_interactions(call, diag);
    return diag_set(diag, STATUS_INVALID, "",
                    "Say what to evaluate: sessions or interactions; see visavis help evaluate");
}
