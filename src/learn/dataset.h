/* Public data sets as text, for offline evaluation: visits in order, and who took what.
 *
 * Item and user ids are any bytes but white space, at most ITEM_ID_BYTES_MAX of them, and lines
 * end with LF or CRLF. Empty lines say nothing. What is wrong is told with file and line. The
 * texts must outlive what was read from them. */
#ifndef VISAVIS_LEARN_DATASET_H
#define VISAVIS_LEARN_DATASET_H

#include "base/diag.h"
#include "learn/names.h"

/* Runs of item numbers, one after the other. */
struct sequences {
    uint32_t *items;
    size_t *starts; /* run i has items[starts[i]] … items[starts[i + 1] - 1] */
    size_t count, item_room, start_room;
};
void sequences_init(struct sequences *sequences);
void sequences_done(struct sequences *sequences);
/* Adds an item to the run under way; ends it. */
void sequences_push(struct sequences *sequences, uint32_t item);
void sequences_end(struct sequences *sequences);
size_t sequence_at(const struct sequences *sequences, size_t index, const uint32_t **out_items);

struct data_text {
    const char *name; /* of the file, for messages */
    struct slice text;
};

/* Visits: one a line, item ids separated by spaces, the oldest visit first. Tests: what was seen
 * so far, a tab, what came next; further columns are not read. */
struct session_data {
    struct names items;        /* of train */
    struct sequences visits;   /* in the order of the file */
    struct sequences prefixes; /* NAME_NONE for what train does not know */
    uint32_t *targets;         /* of each prefix; NAME_NONE as well */
};
enum status session_data_read(const struct data_text *train, const struct data_text *test,
                              struct session_data *out_data, struct diag *diag) MUST_CHECK;
void session_data_done(struct session_data *data);

/* Lines `user item item …`; a user may have several, an item counts once for a user. */
struct interaction_data {
    struct names users, items;    /* of both files; those of train come first */
    uint32_t train_items;         /* item numbers below it are in train */
    struct sequences train, test; /* of each user, in the order of the file */
};
enum status interaction_data_read(const struct data_text *train, const struct data_text *test,
                                  struct interaction_data *out_data, struct diag *diag) MUST_CHECK;
void interaction_data_done(struct interaction_data *data);

#endif
