/* A small program that the fault and crash scripts kill, starve and unplug.
 *
 *     ledger_driver write DIR PREFIX COUNT   adds COUNT notes from four threads; prints each id
 *                                            once it is acknowledged
 *     ledger_driver fill DIR PREFIX          adds notes of 4 KiB until the disk is refused; prints
 *                                            each acknowledged id
 *     ledger_driver withdraw DIR ID          adds one note of a kind that may use the reserve
 *     ledger_driver verify DIR ACKED         every id of the file ACKED stands in the log once, and
 *                                            none of the log twice
 *
 * Exit codes: 0, 1 the oracle is broken, 3 and 4 as status_exit_code, 5 refused for want of
 * space. */
#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/random.h"
#include "unit/ledger/kinds.h"

enum { THREADS = 4, ID_BYTES_MAX = 64, EXIT_NO_SPACE = 5, FILL_BYTES = 4096, EXIT_BROKEN = 1 };

struct opened {
    struct store *store;
    struct ledger *ledger;
    struct notes notes;
};

static int say(enum status status, const struct diag *diag)
{
    fprintf(stderr, "ledger_driver: %s: %s\n", status_name(status), diag->sentence);
    return status == STATUS_NO_SPACE ? EXIT_NO_SPACE : status_exit_code(status);
}

/* One write: a line is there whole or not at all, also when the process ends the moment after. */
static void print_id(const char *id)
{
    char line[ID_BYTES_MAX + 1];
    int size = snprintf(line, sizeof line, "%s\n", id);
    while (write(STDOUT_FILENO, line, (size_t)size) < 0 && errno == EINTR)
        ;
}

struct writer {
    struct ledger *ledger;
    const char *prefix;
    long count;
    atomic_long *next;
};

static void *write_notes(void *context)
{
    struct writer *writer = context;
    long i;
    while ((i = atomic_fetch_add(writer->next, 1)) < writer->count) {
        char id[ID_BYTES_MAX];
        snprintf(id, sizeof id, "%.40s-%ld", writer->prefix, i);
        if (notes_add(writer->ledger, id, NULL) == STATUS_OK)
            print_id(id);
    }
    return NULL;
}

static int write_many(struct opened *opened, const char *prefix, const char *count)
{
    atomic_long next = 0;
    struct writer writer = {opened->ledger, prefix, strtol(count, NULL, 10), &next};
    pthread_t threads[THREADS];
    for (int i = 0; i < THREADS; i++)
        if (pthread_create(&threads[i], NULL, write_notes, &writer) != 0)
            abort();
    for (int i = 0; i < THREADS; i++)
        pthread_join(threads[i], NULL);
    return 0;
}

static int fill(struct opened *opened, const char *prefix)
{
    static char text[FILL_BYTES];
    enum status status = STATUS_OK;
    struct random_stream random = random_stream(1);
    for (long i = 0; status == STATUS_OK; i++) {
        char id[ID_BYTES_MAX];
        int size = snprintf(id, sizeof id, "%.40s-%ld", prefix, i);
        for (int at = 0; at < FILL_BYTES - 1; at++) /* bytes that do not compress */
            text[at] = (char)(33 + random_below(&random, 90));
        memcpy(text, id, (size_t)size);
        text[size] = ' ';
        status = notes_add(opened->ledger, text, NULL);
        if (status == STATUS_OK)
            print_id(id);
    }
    return status == STATUS_NO_SPACE ? EXIT_NO_SPACE : status_exit_code(status);
}

/* --- the oracle ------------------------------------------------------------------------------- */

struct ids {
    char (*ids)[ID_BYTES_MAX];
    size_t count, room;
};

static void add_id(struct ids *ids, struct slice id)
{
    if (ids->count == ids->room) {
        ids->room = ids->room ? ids->room * 2 : 1024;
        ids->ids = must_realloc(ids->ids, ids->room * sizeof ids->ids[0]);
    }
    snprintf(ids->ids[ids->count++], ID_BYTES_MAX, "%.*s", SLICE_ARG(id));
}

static enum status collect_id(void *context, uint32_t workspace, uint64_t sequence,
                              uint8_t kind_code, struct slice log_value)
{
    (void)workspace, (void)sequence, (void)kind_code;
    struct slice id = log_value, rest;
    slice_cut(log_value, ' ', &id, &rest);
    add_id(context, id);
    return STATUS_OK;
}

static int by_text(const void *a, const void *b)
{
    return strcmp(a, b);
}

static void read_acked(const char *path, struct ids *acked)
{
    char line[ID_BYTES_MAX + 2];
    FILE *file = fopen(path, "re");
    while (file && fgets(line, sizeof line, file))
        if (strchr(line,
                   '\n')) /* the last line may be cut: its id was acknowledged or not, who knows */
            add_id(acked, slice_trim(slice_of(line)));
    if (file)
        fclose(file);
}

static int compare(struct ids *acked, struct ids *kept)
{
    size_t lost = 0, doubled = 0;
    qsort(kept->ids, kept->count, sizeof kept->ids[0], by_text);
    for (size_t i = 1; i < kept->count; i++)
        doubled += strcmp(kept->ids[i - 1], kept->ids[i]) == 0;
    for (size_t i = 0; i < acked->count; i++)
        if (!kept->count ||
            !bsearch(acked->ids[i], kept->ids, kept->count, sizeof kept->ids[0], by_text)) {
            fprintf(stderr, "lost: %s\n", acked->ids[i]);
            lost++;
        }
    printf("{\"acked\":%zu,\"kept\":%zu,\"lost\":%zu,\"doubled\":%zu}\n", acked->count, kept->count,
           lost, doubled);
    return lost || doubled ? EXIT_BROKEN : 0;
}

static int verify(struct opened *opened, const char *acked_path)
{
    struct ids acked = {0}, kept = {0};
    struct diag diag = {0};
    uint64_t counts[SPACE_COUNT];
    enum status status = store_verify(opened->store, counts, &diag);
    if (status == STATUS_OK)
        status = ledger_scan(opened->store, 0, collect_id, &kept);
    if (status != STATUS_OK) {
        store_damage(opened->store, &diag);
        return say(status, &diag);
    }
    read_acked(acked_path, &acked);
    int broken = compare(&acked, &kept);
    if (counts[SPACE_DEDUP] != kept.count || counts[SPACE_LOG] != kept.count) {
        fprintf(stderr, "rows of one batch are apart: %llu of dedup, %zu of log\n",
                (unsigned long long)counts[SPACE_DEDUP], kept.count);
        broken = EXIT_BROKEN;
    }
    free(acked.ids);
    free(kept.ids);
    return broken;
}

int main(int argc, char **argv)
{
    struct opened opened = {0};
    struct diag diag = {0};
    if (argc < 4) {
        fprintf(stderr, "usage: ledger_driver write|fill|withdraw|verify DIR …\n");
        return 2;
    }
    enum status status = notes_open(argv[2], &opened.notes, &opened.store, &opened.ledger, &diag);
    if (status != STATUS_OK)
        return say(status, &diag);
    int result = 2;
    if (strcmp(argv[1], "write") == 0 && argc == 5)
        result = write_many(&opened, argv[3], argv[4]);
    else if (strcmp(argv[1], "fill") == 0)
        result = fill(&opened, argv[3]);
    else if (strcmp(argv[1], "withdraw") == 0)
        result = status_exit_code(notes_add_kind(opened.ledger, &withdrawal_kind, argv[3], NULL));
    else if (strcmp(argv[1], "verify") == 0)
        result = verify(&opened, argv[3]);
    notes_close(opened.store, opened.ledger);
    return result;
}
