/* The bytes of an answer: keys in a fixed order, nothing but the input and its outcome. */
#include "base/limits.h"
#include "decide/explain.h"
#include "decide/filter.h"
#include "decide/order.h"

static void write_item(const struct decide_input *input, const struct decision *decision,
                       const struct scored *scored, struct buf *scratch, struct json_out *out)
{
    struct slice variant = decide_variant(input, decision, scored->candidate);
    struct explain_options options = {.locale = input->moment.locale};
    buf_clear(scratch);
    decide_reason(input, scored, &options, scratch);
    json_object(out);
    JSON_STRING_MEMBER(out, "itemId", scored->candidate->item);
    json_text_member(out, "variant", variant);
    JSON_FIGURE_MEMBER(out, "score", scored->score);
    JSON_STRING_MEMBER(out, "reason", buf_slice(scratch));
    json_end(out);
}

static void write_decision(const struct decide_input *input, const struct outcome *outcome,
                           size_t index, struct buf *scratch, struct json_out *out)
{
    const struct decision *decision = &outcome->decisions[index];
    char id[UUID_TEXT_SIZE + 1];
    uuid_format(decision->id, id);
    json_object(out);
    JSON_STRING_MEMBER(out, "id", slice_of(id));
    JSON_STRING_MEMBER(out, "placement", decision->placement);
    bool orders = decision->definition && decision->definition->kind == PLACEMENT_ORDER;
    JSON_STRING_MEMBER(out, "kind", orders ? SLICE("order") : SLICE("items"));
    json_name(out, orders ? "order" : "items");
    json_array(out);
    for (size_t i = 0; i < decision->order_count; i++)
        json_string(out, decision->order[i].entry->id);
    for (size_t i = 0; i < decision->shown_count; i++)
        write_item(input, decision, decision->shown[i], scratch, out);
    json_end(out);
    JSON_INT_MEMBER(out, "policy", input->policy->version);
    JSON_BOOL_MEMBER(out, "personalised", decision->personalised);
    JSON_STRING_MEMBER(out, "fallback", decision->fallback);
    if (decision->arm != ARM_NONE)
        JSON_STRING_MEMBER(out, "arm", slice_of(arm_name(decision->arm)));
    if (input->moment.explain) {
        struct explain_options options = {
            .role = ROLE_MARKETER, .locale = input->moment.locale, .in_answer = true};
        json_name(out, "explanation");
        decide_explain(input, outcome, index, &options, out);
    }
    json_end(out);
}

void decide_write_answer(const struct decide_input *input, const struct outcome *outcome,
                         struct buf *buf)
{
    struct buf scratch;
    buf_init(&scratch, HTTP_BODY_BYTES_MAX);
    struct json_out out = json_out(buf);
    json_object(&out);
    json_name(&out, "decisions");
    json_array(&out);
    for (size_t i = 0; i < outcome->decision_count; i++)
        write_decision(input, outcome, i, &scratch, &out);
    json_end(&out);
    json_end(&out);
    buf_done(&scratch);
}
