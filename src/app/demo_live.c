#include "app/demo_live.h"

#include "app/demo_people.h"
#include "app/simulate_line.h"
#include "base/clock.h"

#include <math.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum {
    FIRST_VISITS = 60,        /* ten minutes of life, told at once when the shop is new */
    PAUSE_MS = 4000,          /* between two visits at first */
    PAUSE_LONGEST_MS = 60000, /* after an hour: a shop that nobody watches costs little */
    STEP_MS = 100,
    REQUESTS_PER_SECOND = 50,
    URL_BYTES = 64
};

static const double SPEED = 20; /* pages follow each other in 1 to 5 seconds */

struct demo_live {
    pthread_t thread;
    atomic_bool stop;
    unsigned port;
    bool fresh; /* nobody was here before */
    char write_key[KEY_TEXT_MAX];
    struct world world;
    struct person *people;
    double *liking;
    struct random_stream stream;
    uint64_t started_us, visits;
};

/* --- pace ------------------------------------------------------------------------------------- */

static bool at_once(const struct demo_live *life)
{
    return life->fresh && life->visits < FIRST_VISITS;
}

static void rest(const struct demo_live *life)
{
    const struct timespec step = {.tv_nsec = STEP_MS * 1000000L};
    uint64_t lived_ms = (clock_monotonic_us() - life->started_us) / 1000;
    uint64_t pause_ms = PAUSE_MS + lived_ms * (PAUSE_LONGEST_MS - PAUSE_MS) / MS_PER_HOUR;
    if (pause_ms > PAUSE_LONGEST_MS)
        pause_ms = PAUSE_LONGEST_MS;
    for (uint64_t ms = 0; ms < pause_ms && !atomic_load(&life->stop); ms += STEP_MS)
        (void)nanosleep(&step, NULL);
}

/* --- visits ----------------------------------------------------------------------------------- */

/* Somebody comes now: on a clock that runs SPEED times as fast as ours while they walk. */
static void visit(struct demo_live *life, struct simulate_line *line, bool hurry)
{
    struct person *person = &life->people[random_below(&life->stream, DEMO_PEOPLE)];
    double lived_s = (double)(clock_monotonic_us() - line->pace->started_us) / 1e6;
    person->next_day = line->options->start_day + (hurry ? 0 : lived_s * SPEED / 86400);
    simulate_visit(line, person, life->liking);
    life->visits++;
}

/* Until told to stop, or the server could not answer: that costs the visit alone. */
static void visit_on(struct demo_live *life)
{
    char url[URL_BYTES];
    bool hurry = at_once(life);
    (void)snprintf(url, sizeof url, "http://127.0.0.1:%u", life->port);
    const struct simulate_options options = {.world = &life->world,
                                             .url = slice_of(url),
                                             .key = slice_of(life->write_key),
                                             .placements = {SLICE("accueil-pour-vous"),
                                                            SLICE("produit-souvent-avec"),
                                                            SLICE("panier-complements")},
                                             .speed = hurry ? 1e9 : SPEED,
                                             .start_day = (double)clock_now_ms() / MS_PER_DAY,
                                             .seconds = INFINITY,
                                             .rate = REQUESTS_PER_SECOND,
                                             .stop = &life->stop};
    struct simulate_pace pace = {.run = clock_now_ms(), .started_us = clock_monotonic_us()};
    struct simulate_line line;
    simulate_line_open(&line, &options, &pace);
    while (line.status == STATUS_OK && hurry == at_once(life) && !atomic_load(&life->stop)) {
        visit(life, &line, hurry);
        if (!hurry)
            rest(life);
    }
    simulate_line_close(&line);
    if (line.status != STATUS_OK)
        rest(life);
}

static void *live(void *context)
{
    struct demo_live *life = context;
    struct diag diag = {0};
    if (demo_world_init(&life->world, &diag) == STATUS_OK) {
        life->liking = must_alloc_zero(life->world.item_count, sizeof *life->liking);
        while (!atomic_load(&life->stop))
            visit_on(life);
        free(life->liking);
    }
    world_done(&life->world);
    return NULL;
}

/* --- start and stop --------------------------------------------------------------------------- */

struct demo_live *demo_live_start(unsigned port, const char *write_key, bool fresh)
{
    struct demo_live *life = must_alloc_zero(1, sizeof *life);
    life->port = port;
    life->fresh = fresh;
    life->started_us = clock_monotonic_us();
    life->stream = random_stream(random_seed());
    memcpy(life->write_key, write_key, KEY_TEXT_MAX);
    life->people = must_alloc_zero(DEMO_PEOPLE, sizeof *life->people);
    for (uint64_t number = 0; number < DEMO_PEOPLE; number++) {
        life->people[number] = person_make(DEMO_SEED, number);
        life->people[number].stream = random_stream(random_next(&life->stream));
    }
    if (pthread_create(&life->thread, NULL, live, life) == 0)
        return life;
    free(life->people);
    free(life);
    return NULL;
}

void demo_live_stop(struct demo_live *life)
{
    if (!life)
        return;
    atomic_store(&life->stop, true);
    pthread_join(life->thread, NULL);
    free(life->people);
    free(life);
}
