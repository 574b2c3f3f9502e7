/* Commands of `visavis NAME …`: a table of rows, their arguments checked before they run, their
 * output by file descriptor.
 *
 * A command runs on an engine: the one it opens, or, while a server holds the data directory,
 * the server's own on a thread of the server (control.h). Because it writes only to the
 * descriptors it is given, output and exit code are the same both ways. */
#ifndef VISAVIS_APP_COMMAND_H
#define VISAVIS_APP_COMMAND_H

#include "api/engine.h"

enum { ARGUMENTS_MAX = 256, OPTIONS_MAX = 64 };

/* Text on its way to a descriptor, in blocks. A reader that went away ends nothing: the rest is
 * dropped. */
struct output {
    int fd;
    struct buf waiting;
    bool broken;
};
void output_init(struct output *output, int fd);
void output_done(struct output *output);  /* writes the rest */
void output_flush(struct output *output); /* what waits, now */
void output_write(struct output *output, struct slice bytes);
void output_format(struct output *output, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

struct option {
    struct slice name, value; /* without dashes; an empty value for a switch */
};

struct command;

struct call {
    const struct command *command;
    struct engine *engine; /* NULL for commands that need none */
    const char *directory; /* --data */
    struct option options[OPTIONS_MAX];
    size_t option_count;
    struct slice words[ARGUMENTS_MAX]; /* what is neither an option nor its value */
    size_t word_count;
    int file;                /* FILE opened for reading, -1 when the command has none */
    struct slice wrong_file; /* the one that a failure's line and column are of, or none */
    /* On a server: has who asked gone away, or does the server stop? NULL when it runs alone. */
    bool (*stopped)(void *context);
    void *stopped_context;
    struct output out, err;
    struct arena arena;
};

enum command_need {
    NEEDS_NOTHING,
    NEEDS_ENGINE,   /* an open engine, through the server when one runs */
    NEEDS_NEW,      /* the same, and makes the directory */
    NEEDS_DIRECTORY /* the directory to itself: refused while a server holds it */
};

struct command {
    const char *name; /* "import", "person"; a second word stands for a command of its own */
    enum command_need need;
    const char *
        /* "data= workspace= map=* json": = takes a value, * may be repeated and takes all that
         * follows with a '=' in it */
        options;
    const char *file_word; /* the word that is a FILE, counted from 0, as a digit; NULL: none */
    const char *
        /* what names a path and is made absolute before a server hears it: a word's digit or an
         * option; NULL: none */
        path;
    const char *usage; /* one line after the name */
    const char *help;  /* one sentence */
    enum status (*run)(struct call *call, struct diag *diag);
};

/* NULL for an unknown one. */
const struct command *command_find(struct slice name);
/* The one that these arguments call, its name first. */
const struct command *command_called(int count, const char *const *arguments);
const struct command *command_at(size_t index); /* NULL beyond the end */

/* Reads the arguments after the name. STATUS_INVALID says which is unknown or misses its value.
 * Text borrows from argv. */
enum status call_read(struct call *call, const struct command *command, int count,
                      const char *const *arguments, struct diag *diag) MUST_CHECK;
void call_init(struct call *call, int out_fd, int err_fd);
void call_done(struct call *call);
/* Runs it and answers the exit code; a failure is told on err with its place. */
int call_run(struct call *call);

struct slice call_option(const struct call *call, const char *name); /* empty when absent */
bool call_has(const struct call *call, const char *name);
/* The workspace named by --workspace, or the only one. */
enum status call_workspace(struct call *call, const struct workspaces_snapshot *snapshot,
                           const struct workspace **out_workspace, struct diag *diag) MUST_CHECK;
enum status call_workspace_id(struct call *call, uint32_t *out_id, struct diag *diag) MUST_CHECK;

/* Who an audit row names: "command:NAME". In the call's arena. */
struct slice call_by(struct call *call);

/* One a row of the table; each in the file of its noun. */
enum status command_init(struct call *call, struct diag *diag);
enum status command_keys(struct call *call, struct diag *diag);
enum status command_user(struct call *call, struct diag *diag);
enum status command_settings(struct call *call, struct diag *diag);
enum status command_apply(struct call *call, struct diag *diag);
enum status command_import(struct call *call, struct diag *diag);
enum status command_feed(struct call *call, struct diag *diag);
enum status command_export(struct call *call, struct diag *diag);
enum status command_person(struct call *call, struct diag *diag);
enum status command_explain(struct call *call, struct diag *diag);
enum status command_replay(struct call *call, struct diag *diag);
enum status command_evaluate(struct call *call, struct diag *diag);
enum status command_evaluate_placement(struct call *call, struct diag *diag);
enum status command_condition_check(struct call *call, struct diag *diag);
enum status command_report(struct call *call, struct diag *diag);
enum status command_simulate(struct call *call, struct diag *diag);
enum status command_check(struct call *call, struct diag *diag);
enum status command_backup(struct call *call, struct diag *diag);
enum status command_restore(struct call *call, struct diag *diag);
enum status command_refused(struct call *call, struct diag *diag);
enum status command_audit(struct call *call, struct diag *diag);
enum status command_version(struct call *call, struct diag *diag);

#endif
