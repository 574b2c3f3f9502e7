/* "Why not" as JSON and in words. */
#include <assert.h>

#include "base/clock.h"
#include "decide/arrange_tell.h"
#include "decide/words_why_not.h"

/* One question being answered. */
struct asking {
    struct telling telling;
    struct standing standing;
    struct slice item;
    bool today;
    struct arena *arena;
};

static enum locale locale_of(const struct asking *asking)
{
    return asking->telling.options->locale;
}

/* --- values ----------------------------------------------------------------------------------- */

static struct slice count_text(const struct asking *asking, uint64_t count)
{
    struct buf buf;
    buf_init(&buf, 64);
    words_put_count(&buf, count, locale_of(asking));
    struct slice text = arena_copy(asking->arena, buf_slice(&buf));
    buf_done(&buf);
    return text;
}

static struct slice number_text(const struct asking *asking, double value, bool sign)
{
    struct buf buf;
    buf_init(&buf, 512);
    words_put_number(&buf, value, sign, locale_of(asking));
    struct slice text = arena_copy(asking->arena, buf_slice(&buf));
    buf_done(&buf);
    return text;
}

static void say(struct asking *asking, const char *pattern, const struct slice *values)
{
    buf_clear(&asking->telling.scratch);
    words_put(&asking->telling.scratch, pattern, values);
    json_string(asking->telling.out, buf_slice(&asking->telling.scratch));
}

/* --- what makes the gap ----------------------------------------------------------------------- */

struct difference {
    struct slice name;
    double own, last;
};

static double gap_of(const struct difference *difference)
{
    return difference->own - difference->last;
}

static struct difference *difference_of(struct difference *list, size_t *inout_count,
                                        struct slice name)
{
    for (size_t i = 0; i < *inout_count; i++)
        if (slice_equal(list[i].name, name))
            return &list[i];
    list[*inout_count] = (struct difference){.name = name};
    return &list[(*inout_count)++];
}

/* What one or the other has more of. */
static struct difference *differences_of(const struct asking *asking, size_t *out_count)
{
    const struct scored *own = asking->standing.scored, *last = asking->standing.last;
    size_t room = own->contribution_count + last->contribution_count;
    struct difference *list = ARENA_ARRAY(asking->arena, room, struct difference);
    *out_count = 0;
    for (size_t i = 0; i < own->contribution_count; i++)
        difference_of(list, out_count, own->contributions[i].name)->own +=
            own->contributions[i].value;
    for (size_t i = 0; i < last->contribution_count; i++)
        difference_of(list, out_count, last->contributions[i].name)->last +=
            last->contributions[i].value;
    return list;
}

static void put_name(struct asking *asking, struct slice name)
{
    struct buf *buf = &asking->telling.scratch;
    static const struct slice affinity = SLICE_INIT("affinity:");
    enum strategy strategy;
    struct slice values[2];
    if (strategy_from_name(name, &strategy)) {
        buf_add_text(buf, word_strategy(strategy, locale_of(asking)));
    } else if (slice_starts_with(name, affinity) &&
               slice_cut(slice_from(name, affinity.size), '=', &values[0], &values[1])) {
        const char *attribute = word_attribute(values[0], locale_of(asking));
        if (attribute)
            values[0] = slice_of(attribute);
        words_put(buf, word_why(WHY_TASTE, locale_of(asking)), values);
    } else {
        const char *term = word_term(name, locale_of(asking));
        buf_add(buf, term[0] != '\0' ? slice_of(term) : name);
    }
}

static void say_differences(struct asking *asking)
{
    size_t count, told = 0, written = 0;
    const struct difference *list = differences_of(asking, &count);
    struct buf *buf = &asking->telling.scratch;
    buf_clear(buf);
    for (size_t i = 0; i < count; i++)
        told += gap_of(&list[i]) != 0;
    for (size_t i = 0; i < count; i++) {
        if (gap_of(&list[i]) == 0)
            continue;
        if (written > 0)
            buf_add(buf, words_between(written + 1 == told, locale_of(asking)));
        put_name(asking, list[i].name);
        buf_add_byte(buf, ' ');
        words_put_number(buf, gap_of(&list[i]), true, locale_of(asking));
        written++;
    }
    struct slice text = arena_copy(asking->arena, buf_slice(buf));
    if (written > 0)
        say(asking, word_why(WHY_DIFFERENCES, locale_of(asking)), &text);
}

static void write_differences(struct asking *asking)
{
    size_t count;
    struct json_out *out = asking->telling.out;
    const struct difference *list = differences_of(asking, &count);
    json_name(out, "differences");
    json_array(out);
    for (size_t i = 0; i < count; i++) {
        json_object(out);
        JSON_STRING_MEMBER(out, "name", list[i].name);
        JSON_FIGURE_MEMBER(out, "value", list[i].own);
        JSON_FIGURE_MEMBER(out, "lastShown", list[i].last);
        JSON_FIGURE_MEMBER(out, "difference", gap_of(&list[i]));
        json_end(out);
    }
    json_end(out);
}

/* --- what the steps proposed ------------------------------------------------------------------ */

enum silence { SILENCE_OTHERS, SILENCE_CUT, SILENCE_NO_START, SILENCE_SILENT };

static enum silence silence_of(const struct asking *asking, size_t step, uint32_t *out_count)
{
    const struct telling *telling = &asking->telling;
    const struct recipe_step *asked = &telling->decision->definition->steps[step];
    *out_count = telling_answered(telling, step_column(asked));
    if (*out_count > 0)
        return SILENCE_OTHERS;
    if (telling->evidence->stages_cut >> step_column(asked) & 1)
        return SILENCE_CUT;
    if (strategy_has_seeds(asked->strategy) && telling->input->title_count == 0)
        return SILENCE_NO_START;
    return SILENCE_SILENT;
}

static struct slice step_name(struct asking *asking, size_t step)
{
    struct buf *buf = &asking->telling.scratch;
    buf_clear(buf);
    words_put_step(buf, &asking->telling.decision->definition->steps[step], locale_of(asking));
    return arena_copy(asking->arena, buf_slice(buf));
}

static void say_step(struct asking *asking, size_t step)
{
    static const enum why_word words[] = {WHY_STEP_MANY, WHY_STEP_CUT, WHY_STEP_NO_START,
                                          WHY_STEP_SILENT};
    uint32_t count;
    enum silence silence = silence_of(asking, step, &count);
    struct slice values[] = {step_name(asking, step), count_text(asking, count)};
    say(asking, word_why(count == 1 ? WHY_STEP_ONE : words[silence], locale_of(asking)), values);
}

static void write_steps(struct asking *asking)
{
    static const char *const names[] = {"others", "cut", "no_start", "silent"};
    struct json_out *out = asking->telling.out;
    const struct placement *definition = asking->telling.decision->definition;
    json_name(out, "steps");
    json_array(out);
    for (size_t i = 0; i < definition->step_count; i++) {
        uint32_t count;
        enum silence silence = silence_of(asking, i, &count);
        json_object(out);
        JSON_STRING_MEMBER(out, "strategy", slice_of(strategy_name(definition->steps[i].strategy)));
        JSON_STRING_MEMBER(out, "name", step_name(asking, i));
        JSON_INT_MEMBER(out, "proposed", count);
        JSON_STRING_MEMBER(out, "why", slice_of(names[silence]));
        json_end(out);
    }
    json_end(out);
}

/* --- in words --------------------------------------------------------------------------------- */

static uint64_t dropped_by_rules(const struct placement_evidence *evidence)
{
    uint64_t count = 0;
    for (size_t i = REMOVED_NOT + 1; i < REMOVED_COUNT; i++)
        count += evidence->dropped[i];
    return count;
}

static void say_standing(struct asking *asking)
{
    struct telling *telling = &asking->telling;
    const struct standing *standing = &asking->standing;
    struct slice values[5] = {telling_title(telling, asking->item)};
    switch (standing->kind) {
    case STANDING_SHOWN:
        values[1] = count_text(asking, standing->slot);
        break;
    case STANDING_REMOVED:
    case STANDING_BARRED:
        values[1] = slice_of(telling_removal(telling, standing->removed));
        break;
    case STANDING_BELOW:
        values[1] = count_text(asking, standing->rank);
        values[2] = count_text(asking, telling->decision->eligible_count +
                                           telling->evidence->dropped[REMOVED_NOT]);
        values[3] = number_text(asking, standing->last->score - standing->scored->score, false);
        values[4] = telling_title(telling, standing->last->candidate->item);
        break;
    case STANDING_NOT_DRAWN:
        values[1] = count_text(asking, telling->decision->newcomers);
        break;
    case STANDING_UNRECORDED:
        values[1] = count_text(asking, telling->evidence->dropped[REMOVED_NOT]);
        values[2] = count_text(asking, dropped_by_rules(telling->evidence));
        break;
    default:
        values[1] = telling->decision->placement;
    }
    say(asking, word_standing(standing->kind, asking->today, locale_of(asking)), values);
}

static void say_rule(struct asking *asking)
{
    const struct standing *standing = &asking->standing;
    if (standing->rule == NULL)
        return;
    bool agent = asking->telling.options->role == ROLE_AGENT;
    struct slice values[] = {count_text(asking, standing->rule_position),
                             slice_of(rule_kind_name(standing->rule->kind))};
    say(asking, word_why(agent ? WHY_RULE_AGENT : WHY_RULE, locale_of(asking)), values);
}

/* Better than the last one shown, and yet not shown. */
static void say_below(struct asking *asking)
{
    const struct standing *standing = &asking->standing;
    const struct decision *decision = asking->telling.decision;
    struct slice moved = telling_move(&asking->telling, standing->scored);
    if (moved.size > 0)
        json_string(asking->telling.out, moved);
    else if (standing->rank <= decision->shown_count)
        say(asking, word_why(decision->explored ? WHY_DREW : WHY_ARRANGED, locale_of(asking)),
            NULL);
    if (asking->telling.options->role == ROLE_MARKETER)
        say_differences(asking);
}

static void say_too_few(struct asking *asking)
{
    struct slice filling = telling_filling(&asking->telling);
    if (filling.size > 0)
        json_string(asking->telling.out, filling);
}

static void say_advice(struct asking *asking)
{
    const char *advice = word_advice(&asking->standing, locale_of(asking));
    struct slice values[] = {telling_title(&asking->telling, asking->item),
                             count_text(asking, asking->standing.rule_position)};
    if (advice && asking->telling.options->role == ROLE_MARKETER)
        say(asking, advice, values);
}

static void write_sentences(struct asking *asking)
{
    const struct standing *standing = &asking->standing;
    enum locale locale = locale_of(asking);
    json_name(asking->telling.out, "sentences");
    json_array(asking->telling.out);
    if (asking->telling.options->role == ROLE_SHOPPER) {
        struct slice title = telling_title(&asking->telling, asking->item);
        say(asking, word_standing_shopper(standing->kind, standing->removed, locale), &title);
    } else {
        if (asking->today)
            json_string(asking->telling.out, slice_of(word_why(WHY_TODAY, locale)));
        say_standing(asking);
        say_rule(asking);
        if (standing->kind == STANDING_BELOW)
            say_below(asking);
        if (standing->kind == STANDING_FRUITLESS)
            say_too_few(asking);
        if (standing->kind == STANDING_NOT_PROPOSED)
            for (size_t i = 0; i < asking->telling.decision->definition->step_count; i++)
                say_step(asking, i);
        say_advice(asking);
    }
    json_end(asking->telling.out);
}

/* --- as JSON ---------------------------------------------------------------------------------- */

static void write_removal(struct asking *asking)
{
    struct json_out *out = asking->telling.out;
    const struct standing *standing = &asking->standing;
    JSON_STRING_MEMBER(out, "reason",
                       slice_of(telling_removal_name(&asking->telling, standing->removed)));
    if (asking->telling.options->role != ROLE_MARKETER)
        return;
    json_name(out, "rule");
    if (standing->rule == NULL) {
        json_null(out);
        return;
    }
    json_object(out);
    JSON_INT_MEMBER(out, "position", (int64_t)standing->rule_position);
    JSON_STRING_MEMBER(out, "kind", slice_of(rule_kind_name(standing->rule->kind)));
    json_text_member(out, "attribute", standing->rule->attribute);
    json_end(out);
}

static void write_rank(struct asking *asking)
{
    struct json_out *out = asking->telling.out;
    const struct standing *standing = &asking->standing;
    const struct decision *decision = asking->telling.decision;
    if (standing->rank > 0) {
        JSON_INT_MEMBER(out, "rank", (int64_t)standing->rank);
        JSON_INT_MEMBER(
            out, "eligible",
            (int64_t)(decision->eligible_count + asking->telling.evidence->dropped[REMOVED_NOT]));
        JSON_FIGURE_MEMBER(out, "score", standing->scored->score);
        JSON_FIGURE_MEMBER(out, "probability", standing->scored->probability);
    }
    if (standing->kind == STANDING_NOT_DRAWN)
        JSON_FIGURE_MEMBER(out, "probability", standing->scored->probability);
    if (standing->kind != STANDING_BELOW)
        return;
    JSON_FIGURE_MEMBER(out, "gap", standing->last->score - standing->scored->score);
    json_name(out, "lastShown");
    json_string(out, standing->last->candidate->item);
    write_differences(asking);
}

static void write_standing(struct asking *asking)
{
    struct json_out *out = asking->telling.out;
    const struct standing *standing = &asking->standing;
    enum audience_role role = asking->telling.options->role;
    if (role != ROLE_SHOPPER)
        JSON_STRING_MEMBER(out, "standing", slice_of(standing_name(standing->kind)));
    if (role != ROLE_SHOPPER && standing->kind == STANDING_SHOWN)
        JSON_INT_MEMBER(out, "slot", (int64_t)standing->slot);
    if (role != ROLE_SHOPPER &&
        (standing->kind == STANDING_REMOVED || standing->kind == STANDING_BARRED))
        write_removal(asking);
    if (role == ROLE_MARKETER) {
        write_rank(asking);
        if (standing->kind == STANDING_NOT_PROPOSED || standing->kind == STANDING_UNRECORDED)
            write_steps(asking);
    }
    write_sentences(asking);
}

static struct asking asking_of(const struct why_not *why_not, struct slice item,
                               const struct explain_options *options, struct json_out *out,
                               struct arena *arena)
{
    struct asking asking = {
        .telling = {.input = why_not->input,
                    .decision = &why_not->outcome->decisions[why_not->index],
                    .evidence = why_not->outcome->decisions[why_not->index].evidence,
                    .options = options,
                    .out = out},
        .standing = standing_of(why_not->input, why_not->outcome, why_not->index, item, arena),
        .item = item,
        .arena = arena};
    buf_init(&asking.telling.scratch, HTTP_BODY_BYTES_MAX);
    buf_init(&asking.telling.detail, HTTP_BODY_BYTES_MAX);
    return asking;
}

static void write_head(struct asking *asking)
{
    struct json_out *out = asking->telling.out;
    const struct telling *telling = &asking->telling;
    char id[UUID_TEXT_SIZE + 1];
    uuid_format(telling->decision->id, id);
    JSON_STRING_MEMBER(out, "id", slice_of(id));
    if (telling->options->role != ROLE_SHOPPER) {
        JSON_STRING_MEMBER(out, "placement", telling->decision->placement);
        JSON_TIME_MEMBER(out, "at", telling->input->moment.now_ms);
    }
    JSON_STRING_MEMBER(out, "itemId", asking->item);
    JSON_STRING_MEMBER(out, "title",
                       decide_title_of(telling->input, telling->options, asking->item));
}

static void write_today(const struct why_not *today, struct slice item,
                        const struct explain_options *options, struct json_out *out,
                        struct arena *arena)
{
    struct asking asking = asking_of(today, item, options, out, arena);
    asking.today = true;
    json_name(out, "today");
    json_object(out);
    JSON_INT_MEMBER(out, "policy", today->input->policy->version);
    write_standing(&asking);
    json_end(out);
    buf_done(&asking.telling.scratch);
    buf_done(&asking.telling.detail);
}

void decide_why_not(const struct why_not *then, const struct why_not *today, struct slice item,
                    const struct explain_options *options, struct json_out *out)
{
    struct arena arena;
    arena_init(&arena);
    struct asking asking = asking_of(then, item, options, out, &arena);
    json_object(out);
    write_head(&asking);
    write_standing(&asking);
    if (today && options->role != ROLE_SHOPPER)
        write_today(today, item, options, out, &arena);
    json_end(out);
    buf_done(&asking.telling.scratch);
    buf_done(&asking.telling.detail);
    arena_done(&arena);
}
