#include "api/evaluating.h"

#include "api/evaluating_state.h"
#include "base/clock.h"
#include "base/hash.h"
#include "base/zone.h"

#include <math.h>
#include <stdlib.h>
#include <time.h>

enum {
    PORTION_ROWS = 5000, /* of the log, between two looks at the clock */
    WORK_US_MAX = 10000, /* at a stretch, where others want the processor */
    STUDIES_MAX = 40     /* of what a blend weighs, over the whole log; some 10 ms each */
};

struct evaluation_wish evaluation_wish_default(const struct workspace *workspace,
                                               const struct placement *placement)
{
    enum objective_kind kind = placement->objective.kind;
    return (struct evaluation_wish){.workspace = workspace,
                                    .placement = placement,
                                    .cut_days = EVALUATION_DAYS_DEFAULT,
                                    .k = EVALUATION_K_DEFAULT,
                                    .people_max = EVALUATION_PEOPLE_DEFAULT,
                                    .target = kind == OBJECTIVE_CLICK ? EVALUATION_VIEWED
                                                                      : EVALUATION_BOUGHT,
                                    .locale = workspace->locale};
}

bool evaluation_since(const struct workspace *workspace, struct slice text, int64_t *out_ms)
{
    enum { DATE_BYTES = 10 };
    int64_t ms;
    if (!clock_parse_iso(text, &ms))
        return false;
    *out_ms = text.size == DATE_BYTES ? zone_local_to_utc(workspace->timezone, ms) : ms;
    return true;
}

/* --- portions --------------------------------------------------------------------------------- */

bool evaluating_goes_on(struct evaluating *evaluating)
{
    const struct evaluation_wish *wish = evaluating->wish;
    uint64_t now_us = clock_monotonic_us(), worked_us = now_us - evaluating->began_us;
    if (!wish->stopped || worked_us < WORK_US_MAX)
        return true;
    struct timespec rest = {.tv_sec = (time_t)(worked_us / 1000000),
                            .tv_nsec = (long)(worked_us % 1000000) * 1000};
    nanosleep(&rest, NULL);
    evaluating->began_us = clock_monotonic_us();
    return !wish->stopped(wish->context);
}

/* --- reading the log -------------------------------------------------------------------------- */

struct lesson_row {
    uint64_t sequence;
    struct slice log_value;
    struct event_lesson lesson;
};

struct reading_log {
    struct evaluating *evaluating;
    void (*take)(struct evaluating *evaluating, const struct lesson_row *row);
    struct arena arena; /* of one row */
    uint64_t next;
    size_t rows;
};

/* What was an item of its own then may be a row of a group now: the lists show the group. */
static void name_items(const struct evaluating *evaluating, struct event_lesson *lesson)
{
    for (size_t i = 0; i < lesson->item_count; i++)
        lesson->items[i].item = item_names_own(evaluating->names, lesson->items[i].item);
}

/* Ends a portion with STATUS_OVERLOADED, which no row gives. */
static enum status read_row(void *context, uint32_t workspace, uint64_t sequence, uint8_t kind_code,
                            struct slice log_value)
{
    struct reading_log *reading = context;
    struct lesson_row row = {.sequence = sequence, .log_value = log_value};
    if (reading->rows++ == PORTION_ROWS)
        return STATUS_OVERLOADED;
    reading->next = sequence + 1;
    if (kind_code != PEOPLE_KIND_EVENT || workspace != reading->evaluating->wish->workspace->id)
        return STATUS_OK;
    arena_reset(&reading->arena);
    if (people_lesson_of_log(log_value, &reading->arena, &row.lesson) != STATUS_OK ||
        row.lesson.item_count == 0)
        return STATUS_OK;
    name_items(reading->evaluating, &row.lesson);
    reading->take(reading->evaluating, &row);
    return STATUS_OK;
}

static enum status read_log(struct evaluating *evaluating,
                            void (*take)(struct evaluating *, const struct lesson_row *))
{
    struct reading_log reading = {.evaluating = evaluating, .take = take, .next = 1};
    enum status status = STATUS_OVERLOADED;
    arena_init(&reading.arena);
    while (status == STATUS_OVERLOADED) {
        reading.rows = 0;
        status = ledger_scan(evaluating->engine->store, reading.next, read_row, &reading);
        if (!evaluating_goes_on(evaluating))
            status = STATUS_CONFLICT;
    }
    arena_done(&reading.arena);
    return status;
}

/* --- who is asked ----------------------------------------------------------------------------- */

static uint64_t name_of(struct uuid node)
{
    uint64_t hash = hash64(slice_make(node.bytes, sizeof node.bytes));
    return hash ? hash : 1;
}

static bool is_target(const struct evaluating *evaluating, enum act act)
{
    return act == (evaluating->wish->target == EVALUATION_BOUGHT ? ACT_ORDER : ACT_VIEW_ITEM);
}

static bool is_personal(const struct event_lesson *lesson)
{
    return stamp_get(lesson->stamp, PURPOSE_PERSONALISE) == CONSENT_GRANTED;
}

static bool is_kept(const struct evaluating *evaluating, uint64_t name)
{
    return (name & ((UINT64_C(1) << evaluating->halvings) - 1)) == 0;
}

/* Every second one goes, by the hash. */
static void halve(struct evaluating *evaluating)
{
    struct number_table all = evaluating->people;
    evaluating->halvings++;
    number_table_init(&evaluating->people);
    for (size_t i = 0; i < all.room; i++)
        if (all.slots[i].key != 0 && is_kept(evaluating, all.slots[i].key))
            number_table_put(&evaluating->people, all.slots[i].key, evaluating->people.count + 1);
    number_table_done(&all);
}

static void survey_row(struct evaluating *evaluating, const struct lesson_row *row)
{
    const struct event_lesson *lesson = &row->lesson;
    uint64_t name = name_of(lesson->node);
    evaluating->rows++;
    if (lesson->order.time_ms >= evaluating->until_ms)
        evaluating->until_ms = lesson->order.time_ms + 1;
    if (lesson->order.time_ms < evaluating->wish->since_ms || !is_personal(lesson) ||
        !is_target(evaluating, lesson->act) || !is_kept(evaluating, name) ||
        number_table_get(&evaluating->people, name))
        return;
    number_table_put(&evaluating->people, name, evaluating->people.count + 1);
    while (evaluating->people.count > evaluating->wish->people_max)
        halve(evaluating);
}

/* --- what is asked between two cuts ----------------------------------------------------------- */

static void count_deeds(struct evaluating *evaluating, const struct event_lesson *lesson)
{
    for (size_t i = 0; i < lesson->item_count; i++) {
        uint64_t item = lesson->items[i].item ? lesson->items[i].item : 1;
        number_table_put(&evaluating->deeds, item, number_table_get(&evaluating->deeds, item) + 1);
        evaluating->deed_count++;
    }
}

/* NULL: the event is gone, or is no beginning of anything. */
static struct question *begin_question(struct evaluating *evaluating, const struct lesson_row *row,
                                       size_t person)
{
    const struct event_lesson *lesson = &row->lesson;
    struct event event;
    struct arena arena;
    if (lesson->act == ACT_REFUND || lesson->act == ACT_CANCEL)
        return NULL;
    arena_init(&arena);
    enum status status =
        people_event_of_log(evaluating->engine->people, evaluating->wish->workspace->id,
                            row->log_value, &arena, &event);
    struct question *question = NULL;
    if (status == STATUS_OK) {
        question = &evaluating->questions[evaluating->question_count++];
        *question = (struct question){.person = person,
                                      .node = lesson->node,
                                      .device = event.device_node,
                                      .sequence = row->sequence,
                                      .time_ms = lesson->order.time_ms};
        if (lesson->act != ACT_ORDER)
            question->page = lesson->items[0].item;
        evaluating->asked[person] = (uint32_t)evaluating->question_count;
    }
    arena_done(&arena);
    return question;
}

static void take_item(struct evaluating *evaluating, struct question *question, uint64_t item)
{
    if (item == question->page || question->taken_count == EVALUATION_TAKEN_MAX ||
        item_names_find(evaluating->names, item).size == 0)
        return;
    for (size_t i = 0; i < question->taken_count; i++)
        if (question->taken[i] == item)
            return;
    if (question->taken_count == question->taken_room) {
        size_t room = question->taken_room ? 2 * question->taken_room : 4;
        uint64_t *taken = ARENA_ARRAY(&evaluating->window, room, uint64_t);
        if (question->taken_count)
            memcpy(taken, question->taken, question->taken_count * sizeof *taken);
        question->taken = taken;
        question->taken_room = room;
    }
    question->taken[question->taken_count++] = item;
}

static void window_row(struct evaluating *evaluating, const struct lesson_row *row)
{
    const struct event_lesson *lesson = &row->lesson;
    int64_t time_ms = lesson->order.time_ms;
    if (time_ms < evaluating->taught_ms || time_ms >= evaluating->window_end_ms)
        return;
    if (time_ms < evaluating->cut_ms) {
        learning_teach(evaluating->learning, evaluating->engine->catalog,
                       evaluating->wish->workspace->id, lesson);
        count_deeds(evaluating, lesson);
        if (++evaluating->taught % (evaluating->rows / STUDIES_MAX + 1) == 0)
            evaluating_study(evaluating);
        return;
    }
    size_t person = number_table_get(&evaluating->people, name_of(lesson->node));
    if (person-- == 0 || !is_personal(lesson))
        return;
    struct question *question = evaluating->asked[person]
                                    ? &evaluating->questions[evaluating->asked[person] - 1]
                                    : begin_question(evaluating, row, person);
    if (!question || time_ms < question->time_ms || !is_target(evaluating, lesson->act))
        return;
    for (size_t i = 0; i < lesson->item_count; i++)
        take_item(evaluating, question, lesson->items[i].item);
}

/* Teaches what lies before the cut, then asks everybody of the days after it. */
static enum status ask_window(struct evaluating *evaluating)
{
    size_t people = evaluating->people.count;
    arena_reset(&evaluating->window);
    memset(evaluating->asked, 0, people * sizeof *evaluating->asked);
    evaluating->question_count = 0;
    enum status status = read_log(evaluating, window_row);
    evaluating->taught_ms = evaluating->cut_ms;
    while (status == STATUS_OK && learning_publish(evaluating->learning))
        if (!evaluating_goes_on(evaluating))
            status = STATUS_CONFLICT;
    if (status != STATUS_OK)
        return status;
    evaluating_pin(evaluating);
    for (size_t i = 0; status == STATUS_OK && i < evaluating->question_count; i++)
        if (evaluating->questions[i].taken_count > 0)
            status = evaluating_ask(evaluating, &evaluating->questions[i]);
    evaluating_unpin(evaluating);
    return status;
}

/* --- all of it -------------------------------------------------------------------------------- */

static void make_room(struct evaluating *evaluating)
{
    size_t people = evaluating->people.count, sums = people * evaluating->list_count;
    evaluating->questions = must_alloc_zero(people + 1, sizeof *evaluating->questions);
    evaluating->asked = must_alloc_zero(people + 1, sizeof *evaluating->asked);
    for (size_t i = 0; i < 2; i++) {
        evaluating->counts[i] = must_alloc_zero(people + 1, sizeof *evaluating->counts[i]);
        evaluating->sums[i] = must_alloc_zero(sums + 1, sizeof *evaluating->sums[i]);
    }
}

static enum status ask_windows(struct evaluating *evaluating, struct diag *diag)
{
    const struct evaluation_wish *wish = evaluating->wish;
    int64_t step_ms = (int64_t)wish->cut_days * MS_PER_DAY;
    int64_t span_ms = evaluating->until_ms - wish->since_ms;
    if (span_ms > EVALUATION_CUTS_MAX * step_ms)
        return diag_set(diag, STATUS_INVALID, "days",
                        "That makes more than %d cuts; take more days a cut, or a later date",
                        EVALUATION_CUTS_MAX);
    enum status status = evaluating_follow_catalog(evaluating);
    evaluating->taught_ms = INT64_MIN;
    for (int64_t cut = wish->since_ms; status == STATUS_OK && cut < evaluating->until_ms;
         cut += step_ms) {
        evaluating->cut_ms = cut;
        evaluating->window_end_ms = cut + step_ms;
        evaluating->cuts++;
        status = ask_window(evaluating);
    }
    return status;
}

static struct evaluated_list figures_of(const struct evaluating *evaluating, size_t index)
{
    const struct shown_list *shown = &evaluating->shown[index];
    size_t stride = evaluating->list_count;
    struct evaluated_list list = {0};
    struct offline_sums all = {.sums = evaluating->sums[0] + index,
                               .questions = evaluating->counts[0],
                               .people = evaluating->people.count,
                               .stride = stride};
    struct offline_sums over = all, cold = all;
    over.base = evaluating->sums[0] + EVALUATION_BEST_SELLERS;
    cold.sums = evaluating->sums[1] + index;
    cold.questions = evaluating->counts[1];
    for (enum offline_figure i = 0; i < OFFLINE_COUNT; i++) {
        list.figures[i] = offline_figure(&all, i);
        list.over[i] = offline_figure(&over, i);
        list.cold[i] = offline_figure(&cold, i);
    }
    double items = evaluating->visible_items ? (double)evaluating->visible_items : 1;
    double questions = evaluating->answered_questions ? (double)evaluating->answered_questions : 1;
    list.coverage = (double)shown->items.count / items;
    list.novelty = shown->count ? shown->surprise / (double)shown->count : 0;
    list.answered = (double)shown->answers / questions;
    return list;
}

static void finish(const struct evaluating *evaluating, struct evaluated *out_evaluated)
{
    struct evaluated evaluated = {.until_ms = evaluating->until_ms,
                                  .cuts = evaluating->cuts,
                                  .questions = evaluating->answered_questions,
                                  .list_count = evaluating->list_count,
                                  .asked_share = ldexp(1, -(int)evaluating->halvings)};
    for (size_t i = 0; i < evaluating->people.count; i++) {
        evaluated.people += evaluating->counts[0][i] > 0;
        evaluated.cold_people += evaluating->counts[1][i] > 0;
        evaluated.cold_questions += (size_t)evaluating->counts[1][i];
    }
    evaluated.enough = evaluated.people >= EFFECT_PEOPLE_MIN;
    for (size_t i = 0; i < evaluated.list_count; i++) {
        evaluated.strategies[i] = evaluating->placements[i].steps[0].strategy;
        evaluated.lists[i] = figures_of(evaluating, i);
    }
    *out_evaluated = evaluated;
}

static void evaluating_done(struct evaluating *evaluating)
{
    for (size_t i = 0; i < 2; i++) {
        free(evaluating->counts[i]);
        free(evaluating->sums[i]);
    }
    for (size_t i = 0; i < evaluating->list_count; i++)
        number_table_done(&evaluating->shown[i].items);
    free(evaluating->questions);
    free(evaluating->asked);
    number_table_done(&evaluating->people);
    number_table_done(&evaluating->deeds);
    arena_done(&evaluating->window);
    arena_done(&evaluating->arena);
    learning_close(evaluating->learning);
    assortments_free(evaluating->assortments);
    item_names_free(evaluating->names);
    catalog_unpin(evaluating->catalog);
    free(evaluating);
}

enum status evaluate_placement(struct engine *engine, const struct evaluation_wish *wish,
                               struct evaluated *out_evaluated, struct diag *diag)
{
    struct evaluating *evaluating = must_alloc_zero(1, sizeof *evaluating);
    evaluating->engine = engine;
    evaluating->wish = wish;
    evaluating->until_ms = wish->since_ms;
    evaluating->began_us = clock_monotonic_us();
    evaluating->learning = learning_new();
    evaluating->assortments = assortments_new();
    evaluating->catalog = catalog_pin_latest(engine->catalog, wish->workspace->id);
    evaluating->names = item_names_new(engine->catalog, wish->workspace->id);
    number_table_init(&evaluating->people);
    number_table_init(&evaluating->deeds);
    arena_init(&evaluating->window);
    arena_init(&evaluating->arena);
    evaluating_make_lists(evaluating);
    enum status status = read_log(evaluating, survey_row);
    if (status == STATUS_OK) {
        make_room(evaluating);
        status = ask_windows(evaluating, diag);
    }
    if (status == STATUS_OK)
        finish(evaluating, out_evaluated);
    else if (status == STATUS_CONFLICT)
        (void)diag_set(diag, status, "", "The evaluation was stopped");
    evaluating_done(evaluating);
    return status;
}
