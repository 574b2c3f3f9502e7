#include "app/simulate_line.h"

#include "base/clock.h"
#include "base/json.h"

#include <math.h>
#include <stdio.h>
#include <time.h>

enum {
    BATCH_BYTES_MAX = 400000, /* of 500 kB that a server takes */
    BATCH_MESSAGES = 1000,
    ANSWER_BYTES_MAX = 1 << 20,
    TRIES = 8,
    RETRY_MS = 50, /* doubled each time */
    STEP_MS = 100, /* of a sleep that can be ended */
    DEADLINE_MS = 1000
};

/* --- time ------------------------------------------------------------------------------------- */

static bool over(const struct simulate_line *line)
{
    double seconds = (double)(clock_monotonic_us() - line->pace->started_us) / 1e6;
    return atomic_load(line->options->stop) || atomic_load(&line->pace->failed) ||
           (!line->history && seconds > line->options->seconds);
}

static bool sleep_until(const struct simulate_line *line, double due_us)
{
    while (!over(line)) {
        double left_ms = (due_us - (double)clock_monotonic_us()) / 1000;
        if (left_ms <= 0)
            return true;
        double step_ms = left_ms < STEP_MS ? left_ms : STEP_MS;
        struct timespec step = {.tv_nsec = (long)(step_ms * 1e6)};
        (void)nanosleep(&step, NULL);
    }
    return false;
}

bool simulate_wait(const struct simulate_line *line, double day)
{
    double apart_us = (day - line->options->start_day) * 86400e6 / line->options->speed;
    return line->history ? !over(line)
                         : sleep_until(line, (double)line->pace->started_us + apart_us);
}

/* A place in the row of all requests, 1 / rate apart. */
static void take_turn(struct simulate_line *line)
{
    uint64_t gap = 1000000 / line->options->rate, now = clock_monotonic_us();
    uint64_t mine = atomic_load(&line->pace->next_us), next;
    do {
        next = (mine > now ? mine : now) + gap;
    } while (!atomic_compare_exchange_weak(&line->pace->next_us, &mine, next));
    (void)sleep_until(line, (double)(next - gap));
}

/* --- requests --------------------------------------------------------------------------------- */

static bool busy(int code)
{
    return code == 429 || code == 503;
}

static void fail(struct simulate_line *line, enum status status)
{
    line->status = status;
    atomic_store(&line->pace->failed, true);
}

/* The answer's body as JSON in the line's arena, NULL when there is none: the line has failed
 * then, or all is over. */
static const struct json *ask(struct simulate_line *line, const char *path, struct slice body)
{
    const struct json *json = NULL;
    line->answer.code = 503;
    for (int tries = 0; busy(line->answer.code) && line->status == STATUS_OK; tries++) {
        if (tries > 0 &&
            !sleep_until(line, (double)clock_monotonic_us() + RETRY_MS * 1000.0 * (1 << tries)))
            return NULL;
        if (tries == TRIES) {
            fail(line, diag_set(&line->diag, STATUS_OVERLOADED, "url",
                                "the server is busy and stays so; ask for less with --rate"));
            return NULL;
        }
        take_turn(line);
        buf_clear(&line->answer.body);
        line->counts.requests++;
        line->counts.retries += tries > 0;
        enum status status = fetch_post(line->http, path, body, &line->answer, &line->diag);
        if (status != STATUS_OK)
            fail(line, status);
    }
    if (line->status != STATUS_OK)
        return NULL;
    arena_reset(&line->arena);
    struct slice text = buf_slice(&line->answer.body);
    if (line->answer.code == 200 && json_parse(&line->arena, text, &json, NULL) == STATUS_OK)
        return json;
    fail(line, diag_set(&line->diag, STATUS_FORBIDDEN, path, "the server answered %d: %.*s",
                        line->answer.code, SLICE_ARG(slice_first(text, 120))));
    return NULL;
}

/* --- messages --------------------------------------------------------------------------------- */

void simulate_flush(struct simulate_line *line)
{
    if (line->batch_count == 0)
        return;
    struct json_out out = json_out(&line->body);
    buf_clear(&line->body);
    json_object(&out);
    json_name(&out, "batch");
    json_array(&out);
    json_raw(&out, buf_slice(&line->batch));
    json_end(&out);
    json_end(&out);
    const struct json *answer = ask(line, "/v1/batch", buf_slice(&line->body));
    int64_t taken = json_get_int(answer, "accepted", 0);
    line->counts.messages += line->batch_count;
    if (answer)
        line->counts.refused_messages += line->batch_count - (uint64_t)taken;
    buf_clear(&line->batch);
    line->batch_count = 0;
}

static void write_message(struct simulate_line *line, const struct walk *walk,
                          const struct walk_deed *deed)
{
    char id[SIMULATE_ID_BYTES];
    (void)snprintf(id, sizeof id, "sim-%llx-%llu-%s%llu", (unsigned long long)line->pace->run,
                   (unsigned long long)walk->person->number, line->history ? "past-" : "",
                   (unsigned long long)line->told++);
    if (line->batch_count++)
        buf_add_byte(&line->batch, ',');
    struct json_out out = json_out(&line->batch);
    simulate_message_write(
        &(struct simulate_message){
            .walk = walk, .deed = deed, .id = id, .run = line->pace->run, .past = line->history},
        &out);
}

static void tell(void *context, const struct walk *walk, const struct walk_deed *deed)
{
    struct simulate_line *line = context;
    line->counts.views += deed->kind == DEED_VIEWED;
    line->counts.clicks += deed->kind == DEED_CLICKED;
    line->counts.orders += deed->kind == DEED_ORDERED;
    line->counts.lists_seen += deed->kind == DEED_LIST_SEEN;
    if (walk->person->agreement != AGREES || line->status != STATUS_OK)
        return; /* nothing of them is told */
    if (deed->kind == DEED_ORDERED)
        line->counts.revenue_minor += simulate_total(walk);
    write_message(line, walk, deed);
    if (line->batch_count == BATCH_MESSAGES || line->batch.size > BATCH_BYTES_MAX / 2)
        simulate_flush(line);
}

static void consent(struct simulate_line *line, const struct walk *walk)
{
    struct json_out out = json_out(&line->body);
    if (walk->person->agreement != AGREES || line->history)
        return;
    buf_clear(&line->body);
    json_object(&out);
    simulate_write_name(walk, &out);
    json_name(&out, "purposes");
    json_object(&out);
    JSON_STRING_MEMBER(&out, "measure", SLICE("granted"));
    JSON_STRING_MEMBER(&out, "personalise", SLICE("granted"));
    JSON_STRING_MEMBER(&out, "learn", SLICE("granted"));
    json_end(&out);
    json_end(&out);
    (void)ask(line, "/v1/consent", buf_slice(&line->body));
}

/* --- decisions -------------------------------------------------------------------------------- */

static void write_page(const struct walk *walk, struct json_out *out)
{
    static const char *const types[] = {"home", "product", "cart"};
    json_name(out, "page");
    json_object(out);
    JSON_STRING_MEMBER(out, "type", slice_of(types[walk->page]));
    if (walk->page == PAGE_PRODUCT) {
        JSON_STRING_MEMBER(out, "itemId", walk->world->items[walk->item].id);
        JSON_STRING_MEMBER(out, "category", walk->world->items[walk->item].category);
    }
    json_end(out);
    json_name(out, "cart");
    json_array(out);
    for (size_t i = 0; i < walk->basket_count; i++) {
        json_object(out);
        JSON_STRING_MEMBER(out, "itemId", walk->world->items[walk->basket[i]].id);
        JSON_INT_MEMBER(out, "quantity", 1);
        json_end(out);
    }
    json_end(out);
}

static void write_question(struct simulate_line *line, const struct walk *walk)
{
    struct json_out out = json_out(&line->body);
    bool named = walk->person->agreement == AGREES;
    buf_clear(&line->body);
    json_object(&out);
    json_name(&out, "user");
    json_object(&out);
    if (named)
        simulate_write_name(walk, &out);
    json_end(&out);
    json_name(&out, "context");
    json_object(&out);
    JSON_BOOL_MEMBER(&out, "simulated", true);
    if (named)
        simulate_write_agreement(&out);
    write_page(walk, &out);
    json_end(&out);
    json_name(&out, "placements");
    json_array(&out);
    json_string(&out, line->options->placements[walk->page]);
    json_end(&out);
    JSON_INT_MEMBER(&out, "deadlineMs", DEADLINE_MS);
    json_end(&out);
}

static void read_slate(const struct walk *walk, const struct json *decision, struct slate *slate)
{
    const struct json *items = json_get(decision, "items");
    struct slice id = json_get_text(decision, "id");
    if (id.size < WALK_DECISION_BYTES)
        (void)snprintf(slate->decision, WALK_DECISION_BYTES, "%.*s", SLICE_ARG(id));
    for (size_t i = 0; items && i < items->count && slate->count < SLATE_MAX; i++) {
        size_t item = world_find(walk->world, json_get_text(&items->elements[i], "itemId"));
        if (item != SIZE_MAX)
            slate->items[slate->count++] = item;
    }
}

static void show(void *context, const struct walk *walk, struct slate *out_slate)
{
    struct simulate_line *line = context;
    if (line->history || !simulate_wait(line, walk->day) || line->status != STATUS_OK)
        return;
    simulate_flush(line);
    if (line->status != STATUS_OK || line->options->placements[walk->page].size == 0)
        return;
    write_question(line, walk);
    const struct json *answer = ask(line, "/v1/decide", buf_slice(&line->body));
    const struct json *decisions = json_get(answer, "decisions");
    if (!decisions || decisions->count == 0)
        return;
    line->counts.decisions++;
    line->counts.personalised += json_get_bool(&decisions->elements[0], "personalised", false);
    read_slate(walk, &decisions->elements[0], out_slate);
}

/* --- a visit ---------------------------------------------------------------------------------- */

void simulate_visit(struct simulate_line *line, struct person *person, double *liking)
{
    struct walk_doors doors = {.context = line, .show = show, .tell = tell};
    struct walk walk = {
        .world = line->options->world, .person = person, .doors = &doors, .liking = liking};
    if (person->visits == 0)
        consent(line, &walk);
    line->counts.visits++;
    atomic_fetch_add(&line->pace->visits, 1);
    line->counts.nameless_visits += person->agreement != AGREES;
    walk_visit(&walk);
    if (!line->history) {
        (void)simulate_wait(line, walk.day);
        simulate_flush(line);
    }
    person_plan(person, walk.day);
}

/* --- the line --------------------------------------------------------------------------------- */

void simulate_line_open(struct simulate_line *line, const struct simulate_options *options,
                        struct simulate_pace *pace)
{
    *line = (struct simulate_line){.options = options, .pace = pace};
    line->http = fetch_line_new(options->url, options->key);
    buf_init(&line->batch, BATCH_BYTES_MAX);
    buf_init(&line->body, (size_t)2 * BATCH_BYTES_MAX);
    buf_init(&line->answer.body, ANSWER_BYTES_MAX);
    arena_init(&line->arena);
}

void simulate_line_close(struct simulate_line *line)
{
    fetch_line_free(line->http);
    buf_done(&line->batch);
    buf_done(&line->body);
    buf_done(&line->answer.body);
    arena_done(&line->arena);
}
