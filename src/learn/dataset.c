#include "learn/dataset.h"

#include "base/arena.h"
#include "base/limits.h"

#include <stdlib.h>

enum { ROOM_FIRST = 64 };

void sequences_init(struct sequences *sequences)
{
    *sequences = (struct sequences){.items = must_alloc(ROOM_FIRST * sizeof(uint32_t)),
                                    .starts = must_alloc_zero(ROOM_FIRST, sizeof(size_t)),
                                    .item_room = ROOM_FIRST,
                                    .start_room = ROOM_FIRST};
}

void sequences_done(struct sequences *sequences)
{
    free(sequences->items);
    free(sequences->starts);
    *sequences = (struct sequences){0};
}

void sequences_push(struct sequences *sequences, uint32_t item)
{
    size_t used = sequences->starts[sequences->count + 1]++;
    if (used == sequences->item_room) {
        sequences->item_room *= 2;
        sequences->items =
            must_realloc(sequences->items, sequences->item_room * sizeof *sequences->items);
    }
    sequences->items[used] = item;
}

void sequences_end(struct sequences *sequences)
{
    sequences->count++;
    if (sequences->count + 2 > sequences->start_room) {
        sequences->start_room *= 2;
        sequences->starts =
            must_realloc(sequences->starts, sequences->start_room * sizeof *sequences->starts);
    }
    sequences->starts[sequences->count + 1] = sequences->starts[sequences->count];
}

size_t sequence_at(const struct sequences *sequences, size_t index, const uint32_t **out_items)
{
    *out_items = sequences->items + sequences->starts[index];
    return sequences->starts[index + 1] - sequences->starts[index];
}

/* --- lines and words -------------------------------------------------------------------------- */

struct reader {
    const char *name;
    struct slice rest;
    unsigned line;
};

static bool next_line(struct reader *reader, struct slice *out_line)
{
    if (reader->rest.size == 0)
        return false;
    if (!slice_cut(reader->rest, '\n', out_line, &reader->rest)) {
        *out_line = reader->rest;
        reader->rest = SLICE_NONE;
    }
    reader->line++;
    if (out_line->size && out_line->data[out_line->size - 1] == '\r')
        out_line->size--;
    return true;
}

static enum status refuse(const struct reader *reader, const char *what, struct diag *diag)
{
    return diag_set(diag, STATUS_INVALID, "", "%.160s: line %u: %s", reader->name, reader->line,
                    what);
}

/* The next run of bytes that are no white space; empty at the end of the line. */
static struct slice next_word(struct slice *inout_line)
{
    const char *at = inout_line->data, *end = at + inout_line->size;
    while (at < end && (*at == ' ' || *at == '\t'))
        at++;
    const char *start = at;
    while (at < end && *at != ' ' && *at != '\t')
        at++;
    *inout_line = slice_make(at, (size_t)(end - at));
    return slice_make(start, (size_t)(at - start));
}

static enum status check_line(const struct reader *reader, struct slice line, struct diag *diag)
{
    return slice_find(line, '\0') == SIZE_MAX
               ? STATUS_OK
               : refuse(reader, "a NUL byte; this is not a text file", diag);
}

static enum status check_word(const struct reader *reader, struct slice word, struct diag *diag)
{
    return word.size <= ITEM_ID_BYTES_MAX
               ? STATUS_OK
               : refuse(reader, "an id is over 64 bytes; are ids separated by spaces?", diag);
}

/* --- visits ----------------------------------------------------------------------------------- */

static enum status read_items(const struct reader *reader, struct slice line, struct names *names,
                              struct sequences *out_sequences, struct diag *diag)
{
    enum status status = check_line(reader, line, diag);
    struct slice word;
    while (status == STATUS_OK && (word = next_word(&line)).size) {
        status = check_word(reader, word, diag);
        uint32_t item = status == STATUS_OK ? names_intern(names, word) : NAME_NONE;
        if (status == STATUS_OK && item == NAME_NONE)
            status = refuse(reader, "too many different ids", diag);
        if (status == STATUS_OK)
            sequences_push(out_sequences, item);
    }
    return status;
}

static enum status read_visits(const struct data_text *train, struct session_data *data,
                               struct diag *diag)
{
    struct reader reader = {train->name, train->text, 0};
    struct slice line;
    enum status status = STATUS_OK;
    while (status == STATUS_OK && next_line(&reader, &line)) {
        size_t before = data->visits.starts[data->visits.count + 1];
        status = read_items(&reader, line, &data->items, &data->visits, diag);
        if (data->visits.starts[data->visits.count + 1] > before)
            sequences_end(&data->visits);
    }
    if (status == STATUS_OK && data->visits.count == 0)
        status = diag_set(diag, STATUS_INVALID, "", "%.160s: there is no visit in it", train->name);
    return status;
}

static enum status read_prefix(const struct reader *reader, struct slice line,
                               struct session_data *data, struct diag *diag)
{
    struct slice prefix, rest, word;
    enum status status = check_line(reader, line, diag);
    if (status != STATUS_OK)
        return status;
    if (!slice_cut(line, '\t', &prefix, &rest))
        return refuse(reader, "no tab between what was seen and what came next", diag);
    while ((word = next_word(&prefix)).size) {
        if ((status = check_word(reader, word, diag)) != STATUS_OK)
            return status;
        sequences_push(&data->prefixes, names_find(&data->items, word));
    }
    struct slice target = slice_trim(slice_first(rest, slice_find(rest, '\t')));
    if (target.size == 0 || slice_find(target, ' ') != SIZE_MAX)
        return refuse(reader, "one item is expected after the tab", diag);
    if ((status = check_word(reader, target, diag)) != STATUS_OK)
        return status;
    data->targets = must_realloc(data->targets, (data->prefixes.count + 1) * sizeof *data->targets);
    data->targets[data->prefixes.count] = names_find(&data->items, target);
    sequences_end(&data->prefixes);
    return STATUS_OK;
}

static enum status read_prefixes(const struct data_text *test, struct session_data *data,
                                 struct diag *diag)
{
    struct reader reader = {test->name, test->text, 0};
    struct slice line;
    enum status status = STATUS_OK;
    while (status == STATUS_OK && next_line(&reader, &line))
        if (line.size)
            status = read_prefix(&reader, line, data, diag);
    if (status == STATUS_OK && data->prefixes.count == 0)
        status = diag_set(diag, STATUS_INVALID, "", "%.160s: there is no test in it", test->name);
    return status;
}

enum status session_data_read(const struct data_text *train, const struct data_text *test,
                              struct session_data *out_data, struct diag *diag)
{
    struct session_data data = {0};
    names_init(&data.items);
    sequences_init(&data.visits);
    sequences_init(&data.prefixes);
    enum status status = read_visits(train, &data, diag);
    if (status == STATUS_OK)
        status = read_prefixes(test, &data, diag);
    if (status == STATUS_OK)
        *out_data = data;
    else
        session_data_done(&data);
    return status;
}

void session_data_done(struct session_data *data)
{
    names_done(&data->items);
    sequences_done(&data->visits);
    sequences_done(&data->prefixes);
    free(data->targets);
}

/* --- who took what ---------------------------------------------------------------------------- */

struct pair {
    uint32_t user, item;
};

struct pairs {
    struct pair *all;
    size_t count, room;
};

static void push_pair(struct pairs *pairs, struct pair pair)
{
    if (pairs->count == pairs->room) {
        pairs->room = pairs->room ? 2 * pairs->room : 4096;
        pairs->all = must_realloc(pairs->all, pairs->room * sizeof *pairs->all);
    }
    pairs->all[pairs->count++] = pair;
}

static enum status read_pairs_of_line(const struct reader *reader, struct slice line,
                                      struct interaction_data *data, struct pairs *out_pairs,
                                      struct diag *diag)
{
    enum status status = check_line(reader, line, diag);
    struct slice user = next_word(&line), word;
    if (status != STATUS_OK || user.size == 0)
        return status;
    if ((status = check_word(reader, user, diag)) != STATUS_OK)
        return status;
    uint32_t number = names_intern(&data->users, user);
    while ((word = next_word(&line)).size) {
        if ((status = check_word(reader, word, diag)) != STATUS_OK)
            return status;
        uint32_t item = names_intern(&data->items, word);
        if (number == NAME_NONE || item == NAME_NONE)
            return refuse(reader, "too many different ids", diag);
        push_pair(out_pairs, (struct pair){number, item});
    }
    return STATUS_OK;
}

/* Runs by user, in the order of the file, each item once. */
static void group_pairs(const struct pairs *pairs, const struct interaction_data *data,
                        struct sequences *out_sequences)
{
    size_t *ends = must_alloc_zero((size_t)data->users.count + 1, sizeof *ends);
    uint32_t *items = must_alloc((pairs->count + 1) * sizeof *items);
    uint32_t *last_user = must_alloc_zero((size_t)data->items.count + 1, sizeof *last_user);
    for (size_t i = 0; i < pairs->count; i++)
        ends[pairs->all[i].user + 1]++;
    for (uint32_t u = 0; u < data->users.count; u++)
        ends[u + 1] += ends[u];
    for (size_t i = 0; i < pairs->count; i++)
        items[ends[pairs->all[i].user]++] = pairs->all[i].item;
    size_t at = 0; /* now ends[u] is where user u's run ends */
    for (uint32_t u = 0; u < data->users.count; u++) {
        for (; at < ends[u]; at++) {
            if (last_user[items[at]] != u + 1)
                sequences_push(out_sequences, items[at]);
            last_user[items[at]] = u + 1;
        }
        sequences_end(out_sequences);
    }
    free(ends);
    free(items);
    free(last_user);
}

static enum status read_pairs(const struct data_text *file, struct interaction_data *data,
                              struct pairs *out_pairs, struct diag *diag)
{
    struct reader reader = {file->name, file->text, 0};
    struct slice line;
    enum status status = STATUS_OK;
    while (status == STATUS_OK && next_line(&reader, &line))
        status = read_pairs_of_line(&reader, line, data, out_pairs, diag);
    if (status == STATUS_OK && out_pairs->count == 0)
        status =
            diag_set(diag, STATUS_INVALID, "", "%.160s: nobody took anything in it", file->name);
    return status;
}

enum status interaction_data_read(const struct data_text *train, const struct data_text *test,
                                  struct interaction_data *out_data, struct diag *diag)
{
    struct interaction_data data = {0};
    struct pairs known = {0}, held_out = {0};
    names_init(&data.users);
    names_init(&data.items);
    sequences_init(&data.train);
    sequences_init(&data.test);
    enum status status = read_pairs(train, &data, &known, diag);
    data.train_items = data.items.count;
    if (status == STATUS_OK)
        status = read_pairs(test, &data, &held_out, diag);
    if (status == STATUS_OK) {
        group_pairs(&known, &data, &data.train);
        group_pairs(&held_out, &data, &data.test);
        *out_data = data;
    } else {
        interaction_data_done(&data);
    }
    free(known.all);
    free(held_out.all);
    return status;
}

void interaction_data_done(struct interaction_data *data)
{
    names_done(&data->users);
    names_done(&data->items);
    sequences_done(&data->train);
    sequences_done(&data->test);
}
