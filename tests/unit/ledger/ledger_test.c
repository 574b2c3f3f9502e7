#include "unit/test.h"

#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <sys/mount.h>
#include <sys/wait.h>

#include "base/clock.h"
#include "base/random.h"
#include "unit/ledger/kinds.h"
#include "unit/store/temporary.h"

enum { THREADS = 8, NOTES_PER_THREAD = 150, MIB = 1 << 20 };

struct fixture {
    char parent[64], data[128];
    struct store *store;
    struct ledger *ledger;
    struct notes notes;
    struct diag diag;
};

static int set_up(void **state)
{
    struct fixture *fixture = must_alloc_zero(1, sizeof *fixture);
    temporary_make(fixture->parent);
    snprintf(fixture->data, sizeof fixture->data, "%s/data", fixture->parent);
    *state = fixture;
    return 0;
}

static void open_all(struct fixture *fixture)
{
    fixture->notes = (struct notes){0};
    if (notes_open(fixture->data, &fixture->notes, &fixture->store, &fixture->ledger,
                   &fixture->diag) != STATUS_OK)
        fail_msg("%s", fixture->diag.sentence);
}

static void close_all(struct fixture *fixture)
{
    if (fixture->ledger)
        notes_close(fixture->store, fixture->ledger);
    fixture->ledger = NULL;
    fixture->store = NULL;
}

static int tear_down(void **state)
{
    struct fixture *fixture = *state;
    close_all(fixture);
    temporary_remove(fixture->parent);
    free(fixture);
    return 0;
}

static uint64_t rows_in(struct fixture *fixture, enum space space)
{
    uint64_t counts[SPACE_COUNT] = {0};
    assert_int_equal(store_verify(fixture->store, counts, &fixture->diag), STATUS_OK);
    return counts[space];
}

/* --- entries ---------------------------------------------------------------------------------- */

static void numbers_kept_entries_and_gives_refused_and_duplicate_ones_nothing(void **state)
{
    struct fixture *fixture = *state;
    static const struct {
        const char *text;
        enum status status;
        uint64_t sequence;
    } cases[] = {{"a", STATUS_OK, 1},
                 {"b", STATUS_OK, 2},
                 {"a", STATUS_CONFLICT, 0},
                 {"refuse", STATUS_INVALID, 0},
                 {"c", STATUS_OK, 3}};
    open_all(fixture);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        uint64_t sequence = 99;
        assert_int_equal(notes_add(fixture->ledger, cases[i].text, &sequence), cases[i].status);
        assert_int_equal(sequence, cases[i].sequence);
    }
    assert_int_equal(ledger_sequence(fixture->ledger), 3);
    assert_int_equal(fixture->notes.applied, 3);
    assert_int_equal(rows_in(fixture, SPACE_LOG), 3);
    assert_int_equal(rows_in(fixture, SPACE_DEDUP), 3); /* the refused one left no row */
    struct ledger_counts counts;
    ledger_counts(fixture->ledger, &counts);
    assert_int_equal(counts.entries_kept, 3);
    assert_int_equal(counts.entries_duplicate, 1);
    assert_int_equal(counts.entries_refused, 1);
}

static void refuses_only_the_bad_and_the_double_of_one_commit(void **state)
{
    struct fixture *fixture = *state;
    static const char *const texts[] = {"a", "refuse", "b", "a", "c"};
    static const enum status statuses[] = {STATUS_OK, STATUS_INVALID, STATUS_OK, STATUS_CONFLICT,
                                           STATUS_OK};
    struct note notes[5] = {0};
    struct ledger_entry *entries[5];
    open_all(fixture);
    for (size_t i = 0; i < 5; i++) {
        ledger_entry_init(fixture->ledger, &notes[i].entry, &note_kind, 1, 1);
        notes[i].text = slice_of(texts[i]);
        entries[i] = &notes[i].entry;
    }
    struct ledger_commit commit = {.entries = entries, .entry_count = 5};
    assert_int_equal(ledger_submit_and_wait(fixture->ledger, &commit), STATUS_OK);
    for (size_t i = 0; i < 5; i++)
        assert_int_equal(notes[i].entry.status, statuses[i]);
    assert_int_equal(notes[4].entry.sequence, 3);
    assert_false(fixture->notes.out_of_order);
}

struct worker {
    struct ledger *ledger;
    int number, kept;
};

static void *add_many(void *context)
{
    struct worker *worker = context;
    for (int i = 0; i < NOTES_PER_THREAD; i++) {
        char text[32];
        /* every text is sent by two threads */
        snprintf(text, sizeof text, "note-%d-%d", worker->number / 2, i);
        worker->kept += notes_add(worker->ledger, text, NULL) == STATUS_OK;
    }
    return NULL;
}

static void keeps_each_text_once_among_many_submitters_and_applies_in_order(void **state)
{
    struct fixture *fixture = *state;
    struct worker workers[THREADS];
    pthread_t threads[THREADS];
    open_all(fixture);
    for (int i = 0; i < THREADS; i++) {
        workers[i] = (struct worker){.ledger = fixture->ledger, .number = i};
        assert_int_equal(pthread_create(&threads[i], NULL, add_many, &workers[i]), 0);
    }
    int kept = 0;
    for (int i = 0; i < THREADS; i++) {
        pthread_join(threads[i], NULL);
        kept += workers[i].kept;
    }
    assert_int_equal(kept, THREADS / 2 * NOTES_PER_THREAD);
    assert_int_equal(fixture->notes.applied, kept);
    assert_false(fixture->notes.out_of_order);
    assert_int_equal(ledger_sequence(fixture->ledger), kept);
    assert_int_equal(rows_in(fixture, SPACE_LOG), kept);
    struct ledger_counts counts;
    ledger_counts(fixture->ledger, &counts);
    assert_int_equal(counts.entries_duplicate, kept);
    assert_true(counts.groups <= counts.commits);
}

static void count_done(struct ledger_commit *commit, enum status status)
{
    if (status == STATUS_OK)
        atomic_fetch_add((atomic_int *)commit->context, 1);
    free(commit);
}

/* The ledger thread is held by ledger_run meanwhile, so that the queue fills up. */
struct holder {
    atomic_bool release, holding;
};

static void hold(void *context)
{
    struct holder *holder = context;
    atomic_store(&holder->holding, true);
    while (!atomic_load(&holder->release))
        usleep(100);
}

struct runner {
    struct ledger *ledger;
    struct holder *holder;
};

static void *run_holder(void *context)
{
    struct runner *runner = context;
    ledger_run(runner->ledger, hold, runner->holder);
    return NULL;
}

struct queued {
    struct note note;
    struct ledger_entry *entry;
    struct ledger_commit *commit; /* freed by count_done */
    char text[16];
};

static enum status queue_one(struct fixture *fixture, struct queued *queued,
                             const struct ledger_kind *kind, bool lazy, atomic_int *done)
{
    snprintf(queued->text, sizeof queued->text, "%p", (void *)queued);
    ledger_entry_init(fixture->ledger, &queued->note.entry, kind, 1, 1);
    queued->note.text = slice_of(queued->text);
    queued->entry = &queued->note.entry;
    queued->commit = must_alloc_zero(1, sizeof *queued->commit);
    *queued->commit = (struct ledger_commit){.entries = &queued->entry,
                                             .entry_count = 1,
                                             .done = count_done,
                                             .context = done,
                                             .no_sync_wait = lazy};
    enum status status = ledger_submit(fixture->ledger, queued->commit);
    if (status != STATUS_OK)
        free(queued->commit);
    return status;
}

/* Of a queue of 16 the last two are kept for withdrawals and records of decisions. */
static void answers_overloaded_at_once_when_the_queue_is_full(void **state)
{
    static const struct {
        const struct ledger_kind *kind;
        bool lazy, room;
    } after_fourteen[] = {{&note_kind, false, false},       {&note_kind, true, true},
                          {&note_kind, false, false},       {&withdrawal_kind, false, true},
                          {&withdrawal_kind, false, false}, {&note_kind, true, false}};
    enum { ROOM = 16, ORDINARY = 14, AFTER = sizeof after_fourteen / sizeof after_fourteen[0] };
    struct fixture *fixture = *state;
    struct ledger_options options = {.queue_entries_max = ROOM};
    struct store_options store_options = {.create = true, .memory_bytes = 16 << 20};
    assert_int_equal(store_open(fixture->data, &store_options, &fixture->store, NULL), STATUS_OK);
    assert_int_equal(ledger_open(fixture->store, &options, &fixture->ledger, NULL), STATUS_OK);
    ledger_register(fixture->ledger, &note_kind, &fixture->notes);
    ledger_register(fixture->ledger, &withdrawal_kind, &fixture->notes);
    assert_int_equal(ledger_start(fixture->ledger, &fixture->diag), STATUS_OK);
    struct holder holder = {0};
    struct runner runner = {fixture->ledger, &holder};
    pthread_t thread;
    assert_int_equal(pthread_create(&thread, NULL, run_holder, &runner), 0);
    while (!atomic_load(&holder.holding))
        usleep(100);

    struct queued queued[ORDINARY + AFTER] = {0};
    atomic_int done = 0;
    for (size_t i = 0; i < ORDINARY; i++)
        assert_int_equal(queue_one(fixture, &queued[i], &note_kind, false, &done), STATUS_OK);
    assert_false(ledger_has_room(fixture->ledger, 1, 1));
    for (size_t i = 0; i < AFTER; i++)
        assert_int_equal(queue_one(fixture, &queued[ORDINARY + i], after_fourteen[i].kind,
                                   after_fourteen[i].lazy, &done),
                         after_fourteen[i].room ? STATUS_OK : STATUS_OVERLOADED);
    assert_int_equal(atomic_load(&done), 0);
    atomic_store(&holder.release, true);
    pthread_join(thread, NULL);
    ledger_stop(fixture->ledger); /* completes what is queued */
    assert_int_equal(atomic_load(&done), ROOM);
    struct ledger_counts counts;
    ledger_counts(fixture->ledger, &counts);
    assert_int_equal(counts.refused_overload, 1 + AFTER - (ROOM - ORDINARY));
    assert_int_equal(counts.groups, 1);
}

static void carries_lazy_commits_within_a_moment_and_with_the_next_group(void **state)
{
    struct fixture *fixture = *state;
    open_all(fixture);
    assert_int_equal(notes_add(fixture->ledger, "first", NULL), STATUS_OK); /* raises the ceiling */
    struct ledger_counts before, after;
    ledger_counts(fixture->ledger, &before);
    struct note note = {.text = SLICE("lazy")};
    struct ledger_entry *entries[] = {&note.entry};
    struct ledger_commit commit = {.entries = entries, .entry_count = 1, .no_sync_wait = true};
    ledger_entry_init(fixture->ledger, &note.entry, &note_kind, 1, 4);
    assert_int_equal(ledger_submit_and_wait(fixture->ledger, &commit), STATUS_OK);
    assert_int_equal(note.entry.sequence, 2);
    ledger_counts(fixture->ledger, &after);
    assert_int_equal(before.sync_us_total, after.sync_us_total); /* nobody synced for it */
    assert_int_equal(ledger_sequence(fixture->ledger), 1);
    /* a duplicate of a lazy entry is acknowledged: it must be on the disk then */
    assert_int_equal(notes_add(fixture->ledger, "lazy", NULL), STATUS_CONFLICT);
    assert_int_equal(ledger_sequence(fixture->ledger), 2);
}

/* --- restarts --------------------------------------------------------------------------------- */

/* What a child of this very program does (TSan allows no threads after a fork alone): adds notes
 * and is killed. */
static int add_some_and_be_killed(const char *data, int count, int checkpoint_at)
{
    struct store *store;
    struct ledger *ledger;
    struct notes notes = {0};
    if (notes_open(data, &notes, &store, &ledger, NULL) != STATUS_OK)
        return 1;
    for (int i = 0; i < count; i++) {
        char text[16];
        snprintf(text, sizeof text, "n%d", i);
        if (notes_add(ledger, text, NULL) != STATUS_OK)
            return 2;
        if (i == checkpoint_at && ledger_checkpoint(ledger) != STATUS_OK)
            return 3;
    }
    return raise(SIGKILL);
}

static void add_some_and_die(struct fixture *fixture, int count, int checkpoint_at)
{
    char count_text[16], checkpoint_text[16];
    snprintf(count_text, sizeof count_text, "%d", count);
    snprintf(checkpoint_text, sizeof checkpoint_text, "%d", checkpoint_at);
    pid_t child = fork();
    if (child == 0) {
        execl("/proc/self/exe", "ledger_test", fixture->data, count_text, checkpoint_text, NULL);
        _exit(127);
    }
    int ended;
    assert_int_equal(waitpid(child, &ended, 0), child);
    assert_true(WIFSIGNALED(ended));
}

static void replays_what_lies_beyond_the_low_water_mark_after_a_kill(void **state)
{
    struct fixture *fixture = *state;
    add_some_and_die(fixture, 50, 29);
    open_all(fixture);
    assert_int_equal(ledger_low_water(fixture->ledger), 30);
    assert_int_equal(fixture->notes.replayed, 20);
    assert_false(fixture->notes.out_of_order);
    assert_int_equal(rows_in(fixture, SPACE_LOG), 50);
    uint64_t sequence = 0;
    assert_int_equal(notes_add(fixture->ledger, "n49", NULL), STATUS_CONFLICT);
    assert_int_equal(notes_add(fixture->ledger, "new", &sequence), STATUS_OK);
    assert_true(sequence > 50); /* never a number that was given before */
    close_all(fixture);
    open_all(fixture);
    assert_int_equal(fixture->notes.replayed, 0);
    uint64_t next = 0;
    assert_int_equal(notes_add(fixture->ledger, "newer", &next), STATUS_OK);
    assert_int_equal(next, sequence + 1); /* a clean stop leaves no gap */
}

struct dirty {
    int portions, calls;
    uint64_t sequence;
};

static bool write_back(void *context, struct store_batch *batch, struct store *store,
                       uint64_t sequence)
{
    struct dirty *dirty = context;
    uint8_t key[STORE_KEY_PREFIX_BYTES + 1];
    store_key_prefix(1, key);
    key[STORE_KEY_PREFIX_BYTES] = (uint8_t)dirty->calls;
    store_batch_put(batch, store, SPACE_PROFILE, slice_make(key, sizeof key), SLICE("profile"));
    dirty->calls++;
    dirty->sequence = sequence;
    return --dirty->portions <= 0;
}

static void writes_cached_state_back_in_portions_before_the_mark_rises(void **state)
{
    struct fixture *fixture = *state;
    struct dirty first = {.portions = 3}, second = {.portions = 1};
    struct store_options options = {.create = true, .memory_bytes = 16 << 20};
    assert_int_equal(store_open(fixture->data, &options, &fixture->store, NULL), STATUS_OK);
    assert_int_equal(ledger_open(fixture->store, NULL, &fixture->ledger, NULL), STATUS_OK);
    ledger_register(fixture->ledger, &note_kind, &fixture->notes);
    ledger_add_checkpointer(fixture->ledger, write_back, &first);
    ledger_add_checkpointer(fixture->ledger, write_back, &second);
    assert_int_equal(ledger_start(fixture->ledger, NULL), STATUS_OK);
    assert_int_equal(notes_add(fixture->ledger, "a", NULL), STATUS_OK);
    assert_int_equal(ledger_low_water(fixture->ledger), 0);
    assert_int_equal(ledger_checkpoint(fixture->ledger), STATUS_OK);
    assert_int_equal(ledger_low_water(fixture->ledger), 1);
    assert_int_equal(first.calls, 3);
    assert_int_equal(second.calls, 1);
    assert_int_equal(second.sequence, 1);
    assert_int_equal(rows_in(fixture, SPACE_PROFILE), 3);
    close_all(fixture); /* while first and second live: stopping writes back too */
}

static void refuses_a_log_with_a_kind_it_does_not_know(void **state)
{
    struct fixture *fixture = *state;
    add_some_and_die(fixture, 3, -1);
    assert_int_equal(store_open(fixture->data, NULL, &fixture->store, NULL), STATUS_OK);
    assert_int_equal(ledger_open(fixture->store, NULL, &fixture->ledger, NULL), STATUS_OK);
    assert_int_equal(ledger_start(fixture->ledger, &fixture->diag), STATUS_INVALID);
    assert_non_null(strstr(fixture->diag.sentence, "200"));
}

struct copied {
    uint64_t sequences[8], count;
};

static enum status collect(void *context, uint32_t workspace, uint64_t sequence, uint8_t kind_code,
                           struct slice log_value)
{
    struct copied *copied = context;
    assert_int_equal(workspace, 1);
    assert_int_equal(kind_code, 200);
    assert_int_equal(log_value.size, 1);
    copied->sequences[copied->count++] = sequence;
    return STATUS_OK;
}

static void scans_the_log_from_a_sequence_on(void **state)
{
    struct fixture *fixture = *state;
    open_all(fixture);
    for (const char *text = "abcde"; *text; text++)
        assert_int_equal(notes_add(fixture->ledger, (char[]){*text, '\0'}, NULL), STATUS_OK);
    struct copied copied = {0};
    assert_int_equal(ledger_scan(fixture->store, 4, collect, &copied), STATUS_OK);
    assert_int_equal(copied.count, 2);
    assert_int_equal(copied.sequences[0], 4);
}

static void runs_work_on_its_own_thread(void **state)
{
    struct fixture *fixture = *state;
    struct holder holder = {.release = true};
    open_all(fixture);
    ledger_run(fixture->ledger, hold, &holder);
    assert_true(atomic_load(&holder.holding));
}

static void backs_up_under_load_what_was_acknowledged_before(void **state)
{
    struct fixture *fixture = *state;
    char backup[128], again[128];
    struct worker workers[THREADS];
    pthread_t threads[THREADS];
    snprintf(backup, sizeof backup, "%s/backup", fixture->parent);
    snprintf(again, sizeof again, "%s/again", fixture->parent);
    open_all(fixture);
    for (int i = 0; i < THREADS; i++) {
        workers[i] = (struct worker){.ledger = fixture->ledger, .number = i};
        assert_int_equal(pthread_create(&threads[i], NULL, add_many, &workers[i]), 0);
    }
    while (ledger_sequence(fixture->ledger) < 100)
        usleep(1000);
    uint64_t before = ledger_sequence(fixture->ledger);
    assert_int_equal(store_backup(fixture->store, backup, &fixture->diag), STATUS_OK);
    for (int i = 0; i < THREADS; i++)
        pthread_join(threads[i], NULL);
    close_all(fixture);
    assert_int_equal(store_restore(backup, again, NULL, &fixture->diag), STATUS_OK);
    snprintf(fixture->data, sizeof fixture->data, "%s", again);
    open_all(fixture);
    assert_true(fixture->notes.replayed >= before);
    assert_int_equal(fixture->notes.replayed, rows_in(fixture, SPACE_LOG));
    assert_int_equal(rows_in(fixture, SPACE_DEDUP), rows_in(fixture, SPACE_LOG));
}

/* --- a full disk ------------------------------------------------------------------------------ */

static uint64_t fill_until_refused(struct fixture *fixture, const char *stem, int text_bytes)
{
    char *text = must_alloc((size_t)text_bytes);
    uint64_t kept = 0;
    struct random_stream random = random_stream(1);
    enum status status = STATUS_OK;
    for (; status == STATUS_OK && kept < 10000; kept += status == STATUS_OK) {
        memset(text, 0, (size_t)text_bytes);
        int size = snprintf(text, (size_t)text_bytes, "%s-%llu-", stem, (unsigned long long)kept);
        for (int i = size; i < text_bytes - 1; i++)
            text[i] = (char)(33 + random_below(&random, 90));
        status = notes_add(fixture->ledger, text, NULL);
    }
    free(text);
    assert_int_equal(status, STATUS_NO_SPACE);
    return kept;
}

static void
refuses_before_the_disk_is_full_takes_withdrawals_and_goes_on_when_there_is_room(void **state)
{
    struct fixture *fixture = *state;
    char ballast[192];
    snprintf(ballast, sizeof ballast, "%s/filler", fixture->parent);
    if (geteuid() != 0 || mount("tmpfs", fixture->parent, "tmpfs", 0, "size=40m") != 0) {
        print_message("skipped: mounting a small tmpfs needs root\n");
        skip();
    }
    int filler = open(ballast, O_CREAT | O_WRONLY | O_CLOEXEC, 0600);
    assert_int_equal(posix_fallocate(filler, 0, 14 * MIB), 0);
    close(filler);
    open_all(fixture);
    uint64_t kept = fill_until_refused(fixture, "full", 20000);
    assert_true(kept > 10);
    kept += fill_until_refused(fixture, "small", 100); /* what a long text had no room for */
    assert_int_equal(notes_add_kind(fixture->ledger, &withdrawal_kind, "a withdrawal", NULL),
                     STATUS_OK);
    close_all(fixture);
    open_all(fixture);
    assert_int_equal(rows_in(fixture, SPACE_LOG), kept + 1);
    fill_until_refused(fixture, "again",
                       20000); /* opening has turned the WAL into tables: a little room */
    assert_int_equal(unlink(ballast), 0);
    enum status status = STATUS_NO_SPACE;
    for (int i = 0; i < 50 && status == STATUS_NO_SPACE; i++) {
        usleep(100000);
        status = notes_add(fixture->ledger, "an event", NULL);
    }
    assert_int_equal(status, STATUS_OK);
    close_all(fixture);
    assert_int_equal(umount(fixture->parent), 0);
}

int main(int argc, char **argv)
{
    if (argc == 4)
        return add_some_and_be_killed(argv[1], (int)strtol(argv[2], NULL, 10),
                                      (int)strtol(argv[3], NULL, 10));
    const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
        TEST(numbers_kept_entries_and_gives_refused_and_duplicate_ones_nothing),
        TEST(refuses_only_the_bad_and_the_double_of_one_commit),
        TEST(keeps_each_text_once_among_many_submitters_and_applies_in_order),
        TEST(answers_overloaded_at_once_when_the_queue_is_full),
        TEST(carries_lazy_commits_within_a_moment_and_with_the_next_group),
        TEST(replays_what_lies_beyond_the_low_water_mark_after_a_kill),
        TEST(writes_cached_state_back_in_portions_before_the_mark_rises),
        TEST(refuses_a_log_with_a_kind_it_does_not_know),
        TEST(scans_the_log_from_a_sequence_on),
        TEST(runs_work_on_its_own_thread),
        TEST(backs_up_under_load_what_was_acknowledged_before),
        TEST(refuses_before_the_disk_is_full_takes_withdrawals_and_goes_on_when_there_is_room),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
