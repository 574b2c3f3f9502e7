#include "api/person_outcomes.h"

#include "api/measured_event.h"
#include "base/clock.h"

#define BOUGHT_MS ((int64_t)OUTCOME_BOUGHT_DAYS * MS_PER_DAY)

static void add_mark(struct person_outcomes *outcomes, const struct event *event)
{
    struct arena *arena = outcomes->arena;
    struct person_mark *mark = &outcomes->marks[outcomes->mark_count];
    if (outcomes->mark_count == OUTCOME_ROWS_MAX ||
        !event_names_decision(event, arena, &mark->decision))
        return;
    mark->time_ms = event->order.time_ms;
    mark->click = event->act == ACT_CLICK_ITEM;
    mark->item = mark->click && event->item_count == 1 ? arena_copy(arena, event->items[0].item)
                                                       : SLICE_NONE;
    outcomes->mark_count++;
}

static void add_order(struct person_outcomes *outcomes, const struct event *event)
{
    for (size_t i = 0; i < event->item_count && outcomes->bought_count < OUTCOME_ROWS_MAX; i++)
        outcomes->bought[outcomes->bought_count++] = (struct person_bought){
            arena_copy(outcomes->arena, event->items[i].item), event->order.time_ms};
}

static bool take_event(void *context, const struct event *event)
{
    struct person_outcomes *outcomes = context;
    if (outcomes->looked++ == OUTCOME_EVENTS_MAX) {
        outcomes->whole = false;
        return false;
    }
    if (event->act == ACT_ORDER)
        add_order(outcomes, event);
    else
        add_mark(outcomes, event);
    return true;
}

enum status person_outcomes_read(const struct timeline *timeline, int64_t since_ms,
                                 struct arena *arena, struct person_outcomes *out_outcomes)
{
    const struct timeline_range range = {.from_ms = since_ms, .until_ms = INT64_MAX};
    *out_outcomes = (struct person_outcomes){
        .arena = arena,
        .marks = ARENA_ARRAY(arena, OUTCOME_ROWS_MAX + 1, struct person_mark),
        .bought = ARENA_ARRAY(arena, OUTCOME_ROWS_MAX, struct person_bought),
        .whole = true,
    };
    return timeline_events(timeline, &range, take_event, out_outcomes);
}

/* --- told ------------------------------------------------------------------------------------- */

static bool was_shown(const struct decision *decision, struct slice item)
{
    for (size_t i = 0; i < decision->shown_count; i++)
        if (slice_equal(decision->shown[i]->candidate->item, item))
            return true;
    return false;
}

/* The earliest: lists are newest first, so the last that fits. */
static const struct person_mark *find_mark(const struct person_outcomes *outcomes,
                                           struct uuid decision, bool click)
{
    const struct person_mark *first = NULL;
    for (size_t i = 0; i < outcomes->mark_count; i++)
        if (uuid_equal(outcomes->marks[i].decision, decision) &&
            (outcomes->marks[i].click || !click))
            first = &outcomes->marks[i];
    return first;
}

static void write_time(struct json_out *out, const char *name, const struct person_mark *mark)
{
    json_name(out, name);
    if (mark)
        json_time(out, mark->time_ms);
    else
        json_null(out);
}

void person_outcomes_write(const struct person_outcomes *outcomes, const struct decision *decision,
                           int64_t decided_ms, struct json_out *out)
{
    const struct person_mark *click = find_mark(outcomes, decision->id, true);
    write_time(out, "seen", find_mark(outcomes, decision->id, false));
    write_time(out, "clicked", click);
    if (click)
        json_text_member(out, "clickedItem", click->item);
    json_name(out, "bought");
    json_array(out);
    for (size_t i = outcomes->bought_count; i-- > 0;) {
        const struct person_bought *bought = &outcomes->bought[i];
        if (bought->time_ms < decided_ms || bought->time_ms > decided_ms + BOUGHT_MS ||
            !was_shown(decision, bought->item))
            continue;
        json_object(out);
        JSON_STRING_MEMBER(out, "itemId", bought->item);
        JSON_TIME_MEMBER(out, "at", bought->time_ms);
        json_end(out);
    }
    json_end(out);
}
