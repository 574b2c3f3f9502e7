#include "app/command.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <unistd.h>

static const struct command commands[] = {
    {"init", NEEDS_NEW, "data= workspace= timezone= currency= locale= json", NULL, NULL,
     "--data DIR --workspace NAME [--timezone Europe/Paris] [--currency EUR] [--locale fr] "
     "[--json]",
     "Makes a workspace and its two keys", command_init},
    {"keys", NEEDS_ENGINE, "data= workspace= secret origin=+ scope=+ replaces= json", NULL, NULL,
     "list | add [--secret [--scope NAME …]] [--origin URL …] [--replaces ID] | revoke ID  --data "
     "DIR [--workspace NAME] [--json]",
     "Lists, makes, rotates and revokes keys", command_keys},
    {"user", NEEDS_ENGINE, "data= role= workspace=+ locale= json", NULL, NULL,
     "list | add NAME --role ROLE [--workspace NAME …] [--locale fr] | reset|link|disable|enable|"
     "remove NAME | audit  --data DIR [--json]",
     "Says who may use the console: owner, marketer, analyst, agent, privacy, developer",
     command_user},
    {"settings", NEEDS_ENGINE, "data= workspace=", "0", NULL, "FILE --data DIR [--workspace NAME]",
     "Changes a workspace's settings from a YAML or JSON file", command_settings},
    {"apply", NEEDS_ENGINE, "data= workspace= f= prune", NULL, "f",
     "-f DIR --data DIR [--workspace NAME] [--prune]",
     "Publishes a folder of YAML as a new policy version", command_apply},
    {"import", NEEDS_ENGINE,
     "data= workspace= map=* timezone= dry-run consent=+ consent-source= consent-date= format= "
     "guess lang= json mode= feed= locale=",
     "1", NULL,
     "catalog|events|orders|people FILE --data DIR [--workspace NAME] [--map field=column,…] "
     "[--dry-run] [--guess] [--mode full|delta] [--feed NAME] [--locale en] [--timezone "
     "Europe/Paris] "
     "[--format csv|tsv|ndjson|xml] [--consent PURPOSE=granted … --consent-source TEXT "
     "--consent-date DATE] [--lang fr|en] [--json]",
     "Reads a CSV, TSV, NDJSON or XML file, also gzipped", command_import},
    {"feed", NEEDS_ENGINE, "data= workspace=", NULL, NULL,
     "list|approve|reject [NAME] --data DIR [--workspace NAME]",
     "Shows, takes in or drops feeds that wait for approval", command_feed},
    {"export", NEEDS_ENGINE, "data= workspace=", NULL, NULL, "events --data DIR [--workspace NAME]",
     "Writes the stored messages as NDJSON", command_export},
    {"person", NEEDS_ENGINE, "data= workspace=", NULL, NULL,
     "show|export|erase TYPE:VALUE --data DIR [--workspace NAME]",
     "Shows, takes out or erases a person", command_person},
    {"explain", NEEDS_ENGINE, "data= workspace= as= lang= why-not=", NULL, NULL,
     "DECISION --data DIR [--workspace NAME] [--why-not ITEM] [--as marketer|agent|shopper] "
     "[--lang fr|en]",
     "Tells why something was shown, or why an item was not", command_explain},
    {"replay", NEEDS_ENGINE, "data= workspace= all refold policy= json", NULL, NULL,
     "DECISION [--refold] [--policy VERSION] | --all  --data DIR [--workspace NAME] [--json]",
     "Decides again from the record", command_replay},
    {"refused", NEEDS_ENGINE, "data= workspace= limit= lang=", NULL, NULL,
     "--data DIR [--workspace NAME] [--limit N] [--lang fr|en]",
     "Lists the refused messages that are kept, newest first, as NDJSON", command_refused},
    {"audit", NEEDS_ENGINE, "data= workspace= limit=", NULL, NULL,
     "--data DIR [--workspace NAME] [--limit N]",
     "Lists who looked at whom and who changed what, newest first, as NDJSON", command_audit},
    {"evaluate", NEEDS_NOTHING, "train= test= model= k= repeats= tune", NULL, NULL,
     "sessions|interactions --train FILE --test FILE [--model NAME] [-k 20] [--repeats keep|drop] "
     "[--tune]",
     "Measures the recommendation models on data sets of one's own", command_evaluate},
    {"evaluate placement", NEEDS_ENGINE,
     "data= workspace= since= days= k= people= target= f= lang= json", NULL, "f",
     "ID --since DATE --data DIR [--workspace NAME] [-f DRAFT] [--days 7] [-k 20] [--people 5000] "
     "[--target bought|viewed] [--lang fr|en] [--json]",
     "Measures a placement's recipe on the workspace's own last days", command_evaluate_placement},
    {"condition check", NEEDS_NOTHING, "json say=", NULL, NULL, "TEXT [--json] [--say fr|en]",
     "Says whether a condition can be kept, its tree, its sentence", command_condition_check},
    {"report", NEEDS_ENGINE, "data= workspace= lang=", NULL, NULL,
     "placement ID --data DIR [--workspace NAME] [--lang fr|en]",
     "Tells what a placement earns over its hold-out, as JSON", command_report},
    {"simulate", NEEDS_NOTHING,
     "seed= people= speed= url= write-key= catalog= home= product= cart= history= days= for= "
     "start= rate= truth= json",
     NULL, NULL,
     "--write-key KEY [--url http://127.0.0.1:8080] [--seed 1] [--people 200] [--speed 60] "
     "[--catalog FILE] [--home ID] [--product ID] [--cart ID] [--history DAYS] [--days N] "
     "[--for 10m] [--start INSTANT] [--rate 500] [--truth FILE] [--json]",
     "Sends simulated shoppers to a server, over its public interface", command_simulate},
    {"check", NEEDS_ENGINE, "data= json", NULL, NULL, "--data DIR [--json]",
     "Verifies every stored row and that profiles equal a re-fold", command_check},
    {"backup", NEEDS_ENGINE, "data=", NULL, "0", "TARGET --data DIR",
     "Copies a consistent moment into a new directory, under load", command_backup},
    {"restore", NEEDS_NOTHING, "data= erasures=", NULL, NULL, "BACKUP --data DIR [--erasures FILE]",
     "Makes a data directory from a backup", command_restore},
    {"version", NEEDS_NOTHING, "", NULL, NULL, "", "Prints the version", command_version},
};

enum { COMMAND_COUNT = sizeof commands / sizeof commands[0], OUTPUT_BLOCK = 65536 };

const struct command *command_at(size_t index)
{
    return index < COMMAND_COUNT ? &commands[index] : NULL;
}

const struct command *command_find(struct slice name)
{
    for (size_t i = 0; i < COMMAND_COUNT; i++)
        if (slice_is(name, commands[i].name))
            return &commands[i];
    return NULL;
}

const struct command *command_called(int count, const char *const *arguments)
{
    for (size_t i = 0; count > 1 && i < COMMAND_COUNT; i++) {
        struct slice name = slice_of(commands[i].name), first, second;
        if (slice_cut(name, ' ', &first, &second) && slice_is(first, arguments[0]) &&
            slice_is(second, arguments[1]))
            return &commands[i];
    }
    return count > 0 ? command_find(slice_of(arguments[0])) : NULL;
}

/* --- output ----------------------------------------------------------------------------------- */

void output_init(struct output *output, int fd)
{
    *output = (struct output){.fd = fd};
    buf_init(&output->waiting, (size_t)2 * OUTPUT_BLOCK);
}

void output_flush(struct output *output)
{
    size_t written = 0;
    while (!output->broken && written < output->waiting.size) {
        ssize_t count =
            write(output->fd, output->waiting.data + written, output->waiting.size - written);
        if (count > 0)
            written += (size_t)count;
        else if (errno != EINTR)
            output->broken = true;
    }
    buf_clear(&output->waiting);
}

void output_done(struct output *output)
{
    output_flush(output);
    buf_done(&output->waiting);
}

void output_write(struct output *output, struct slice bytes)
{
    while (bytes.size) {
        struct slice part = slice_first(bytes, OUTPUT_BLOCK);
        buf_add(&output->waiting, part);
        if (output->waiting.size >= OUTPUT_BLOCK)
            output_flush(output);
        bytes = slice_from(bytes, part.size);
    }
}

void output_format(struct output *output, const char *format, ...)
{
    char text[4096];
    va_list arguments;
    va_start(arguments, format);
    int size = vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    if (size > 0)
        output_write(output, slice_first(slice_of(text), (size_t)size));
}

/* --- arguments -------------------------------------------------------------------------------- */

enum option_shape { OPTION_UNKNOWN, OPTION_SWITCH, OPTION_VALUE, OPTION_REPEATED, OPTION_PAIRS };

static enum option_shape shape_of(const struct command *command, struct slice name)
{
    struct slice rest = slice_of(command->options), word;
    while (rest.size) {
        if (!slice_cut(rest, ' ', &word, &rest)) {
            word = rest;
            rest = SLICE_NONE;
        }
        struct slice bare = word, mark = SLICE_NONE;
        bool valued = slice_cut(word, '=', &bare, &mark);
        if (!slice_equal(bare, name))
            continue;
        return !valued               ? OPTION_SWITCH
               : slice_is(mark, "*") ? OPTION_PAIRS
               : slice_is(mark, "+") ? OPTION_REPEATED
                                     : OPTION_VALUE;
    }
    return OPTION_UNKNOWN;
}

static enum status add_option(struct call *call, struct slice name, struct slice value,
                              struct diag *diag)
{
    if (call->option_count == OPTIONS_MAX)
        return diag_set(diag, STATUS_INVALID, "", "At most %d options", OPTIONS_MAX);
    call->options[call->option_count++] = (struct option){name, value};
    return STATUS_OK;
}

/* What follows --map: every argument that holds a '=' and is not itself an option. */
static bool is_pair(const char *argument)
{
    return argument[0] != '-' && strchr(argument, '=');
}

static enum status read_option(struct call *call, const char *const *arguments, int count,
                               int *inout_at, struct diag *diag)
{
    struct slice text = slice_of(arguments[*inout_at]), name, value = SLICE_NONE;
    text = slice_from(text, slice_starts_with(text, SLICE("--")) ? 2 : 1);
    bool joined = slice_cut(text, '=', &name, &value);
    if (!joined)
        name = text;
    enum option_shape shape = shape_of(call->command, name);
    if (shape == OPTION_UNKNOWN)
        return diag_set(diag, STATUS_INVALID, "", "There is no option --%.*s; see visavis help %s",
                        SLICE_ARG(name), call->command->name);
    if (shape == OPTION_SWITCH)
        return add_option(call, name, SLICE_NONE, diag);
    if (!joined) {
        if (*inout_at + 1 >= count)
            return diag_set(diag, STATUS_INVALID, "", "--%.*s needs a value", SLICE_ARG(name));
        value = slice_of(arguments[++*inout_at]);
    }
    enum status status = add_option(call, name, value, diag);
    while (status == STATUS_OK && shape == OPTION_PAIRS && *inout_at + 1 < count &&
           is_pair(arguments[*inout_at + 1]))
        status = add_option(call, name, slice_of(arguments[++*inout_at]), diag);
    return status;
}

/* Commands whose usage begins with an option take no words: `visavis check DIR` would look at
 * another directory than the one it names. */
static enum status add_word(struct call *call, struct slice word, struct diag *diag)
{
    const char *usage = call->command->usage;
    if (usage[0] == '-' || !usage[0] || call->word_count == ARGUMENTS_MAX)
        return diag_set(diag, STATUS_INVALID, "", "\"%.*s\" is one word too many", SLICE_ARG(word));
    call->words[call->word_count++] = word;
    return STATUS_OK;
}

enum status call_read(struct call *call, const struct command *command, int count,
                      const char *const *arguments, struct diag *diag)
{
    call->command = command;
    for (int at = 0; at < count; at++) {
        enum status status = STATUS_OK;
        if (arguments[at][0] == '-' && arguments[at][1])
            status = read_option(call, arguments, count, &at, diag);
        else
            status = add_word(call, slice_of(arguments[at]), diag);
        if (status != STATUS_OK)
            return status;
    }
    struct slice data = call_option(call, "data");
    call->directory = arena_copy_text(&call->arena, data.size ? data : SLICE("visavis-data"));
    return STATUS_OK;
}

struct slice call_option(const struct call *call, const char *name)
{
    for (size_t i = call->option_count; i > 0; i--)
        if (slice_is(call->options[i - 1].name, name))
            return call->options[i - 1].value;
    return SLICE_NONE;
}

bool call_has(const struct call *call, const char *name)
{
    for (size_t i = 0; i < call->option_count; i++)
        if (slice_is(call->options[i].name, name))
            return true;
    return false;
}

enum status call_workspace(struct call *call, const struct workspaces_snapshot *snapshot,
                           const struct workspace **out_workspace, struct diag *diag)
{
    struct slice name = call_option(call, "workspace");
    const struct workspace *workspace = NULL;
    if (name.size)
        workspace = workspaces_by_name(snapshot, name);
    else if (workspaces_count(snapshot) == 1)
        workspace = workspaces_at(snapshot, 0);
    if (!workspace)
        return diag_set(diag, STATUS_NOT_FOUND, "workspace",
                        name.size ? "There is no workspace \"%.*s\"; make it with visavis init"
                                  : "Say which workspace with --workspace NAME%.*s",
                        SLICE_ARG(name));
    *out_workspace = workspace;
    return STATUS_OK;
}

enum status call_workspace_id(struct call *call, uint32_t *out_id, struct diag *diag)
{
    const struct workspaces_snapshot *snapshot = workspaces_pin(call->engine->workspaces);
    const struct workspace *workspace = NULL;
    enum status status = call_workspace(call, snapshot, &workspace, diag);
    if (workspace)
        *out_id = workspace->id;
    workspaces_unpin(snapshot);
    return status;
}

struct slice call_by(struct call *call)
{
    return arena_format(&call->arena, "command:%s", call->command->name);
}

/* --- running ---------------------------------------------------------------------------------- */

void call_init(struct call *call, int out_fd, int err_fd)
{
    *call = (struct call){.file = -1};
    output_init(&call->out, out_fd);
    output_init(&call->err, err_fd);
    arena_init(&call->arena);
}

void call_done(struct call *call)
{
    output_done(&call->out);
    output_done(&call->err);
    if (call->file >= 0)
        close(call->file);
    arena_done(&call->arena);
}

static void tell_failure(struct call *call, enum status status, const struct diag *diag)
{
    bool placed = diag->line && diag->column; /* as compilers say it, so that editors find it */
    if (!placed)
        output_format(&call->err, "visavis %s: ", call->command->name);
    if (call->wrong_file.size > 0)
        output_format(&call->err, "%.*s:%s", SLICE_ARG(call->wrong_file), diag->line ? "" : " ");
    if (placed)
        output_format(&call->err, "%u:%u: ", diag->line, diag->column);
    else if (diag->line)
        output_format(&call->err, "line %u: ", diag->line);
    if (diag->field[0])
        output_format(&call->err, "%s: ", diag->field);
    output_format(&call->err, "%s\n", diag->sentence[0] ? diag->sentence : status_sentence(status));
}

int call_run(struct call *call)
{
    struct diag diag = {0};
    enum status status = call->command->run(call, &diag);
    if (status != STATUS_OK)
        tell_failure(call, status, &diag);
    return status_exit_code(status);
}

enum status command_version(struct call *call, struct diag *diag)
{
    (void)diag;
    output_format(&call->out, "visavis %s\n", VISAVIS_VERSION);
    return STATUS_OK;
}
