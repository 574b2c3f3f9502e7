/* condition: whether a condition can be kept, its tree and its sentence. Reads no store: names are
 * those of the built-in schema, and one of the shop's own that is not there is only doubtful. */
#include "app/command.h"
#include "audience/condition_check.h"
#include "audience/condition_say.h"

enum { OUTPUT_BYTES_MAX = 4 * CONDITION_TEXT_BYTES_MAX };

/* Warnings as they are; of what is wrong all but the first, which is the failure itself. */
static enum status tell_findings(struct call *call, const struct findings *findings,
                                 struct diag *diag)
{
    const struct finding *failure = NULL;
    for (size_t i = 0; i < findings->count; i++) {
        const struct finding *finding = &findings->list[i];
        if (finding->wrong && !failure)
            failure = finding;
        else
            output_format(&call->err, "%u:%u: %s%s\n", finding->line, finding->column,
                          finding->wrong ? "" : "warning: ", finding->sentence);
    }
    if (!failure)
        return STATUS_OK;
    (void)diag_set(diag, STATUS_INVALID, "", "%s", failure->sentence);
    diag->line = failure->line;
    diag->column = failure->column;
    return STATUS_INVALID;
}

static enum status print_forms(struct call *call, const struct condition *condition,
                               struct diag *diag)
{
    struct slice say = call_option(call, "say");
    struct buf text;
    if (call_has(call, "say") && !slice_is(say, "fr") && !slice_is(say, "en"))
        return diag_set(diag, STATUS_INVALID, "", "--say is fr or en");
    buf_init(&text, OUTPUT_BYTES_MAX);
    if (call_has(call, "json")) {
        struct json_out out = json_out(&text);
        condition_write(condition, &out);
        buf_add(&text, SLICE("\n"));
    }
    if (call_has(call, "say")) {
        condition_say(condition, locale_from_text(say, LOCALE_EN), &text);
        buf_add(&text, SLICE("\n"));
    }
    if (text.size == 0)
        buf_add(&text, SLICE("ok\n"));
    output_write(&call->out, buf_slice(&text));
    buf_done(&text);
    return STATUS_OK;
}

enum status command_condition_check(struct call *call, struct diag *diag)
{
    struct condition condition;
    struct findings findings;
    if (call->word_count != 2)
        return diag_set(diag, STATUS_INVALID, "",
                        "Say `condition check \"TEXT\"`, one text in quotes");
    enum status status = condition_parse(&call->arena, call->words[1], &condition, diag);
    if (status != STATUS_OK)
        return status;
    condition_check(&condition, &findings);
    status = tell_findings(call, &findings, diag);
    return status == STATUS_OK ? print_forms(call, &condition, diag) : status;
}
