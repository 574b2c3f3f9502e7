/* visavis: one program. Finds the command, opens what it needs (or asks the server that holds
 * it), runs it. */
#include "app/command.h"
#include "app/control.h"
#include "app/log.h"
#include "app/serve.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static void print_usage(FILE *to)
{
    fputs("visavis COMMAND …\n\n"
          "  serve    --data DIR --listen 127.0.0.1:8080 [--config FILE] [--NAME VALUE]\n"
          "           Runs the server\n"
          "  demo     --data DIR --listen 127.0.0.1:8080 [--json]\n"
          "           Runs the server with a demo shop\n",
          to);
    const struct command *command;
    for (size_t i = 0; (command = command_at(i)); i++)
        fprintf(to, "  %-8s %s\n           %s\n", command->name, command->usage, command->help);
    fputs("  help     [COMMAND]\n           Tells more\n", to);
}

static void print_settings(void)
{
    puts("visavis serve [--config FILE] [--NAME VALUE]\n\n"
         "Each setting stands in a YAML file as NAME: value, in the environment as VISAVIS_NAME, "
         "or\n"
         "as an option; options win over the environment, the environment over the file.\n"
         "--print-settings tells what all that comes to, and starts nothing.\n");
    const struct setting *setting;
    for (size_t i = 0; (setting = setting_at(i)); i++)
        printf("  %-16s %s\n", setting->name, setting->help);
}

static bool is_server(const char *name)
{
    return strcmp(name, "serve") == 0 || strcmp(name, "demo") == 0;
}

/* Also the commands whose name goes on: `help evaluate` tells of `evaluate placement` too. */
static bool tell_of(const char *name)
{
    size_t length = strlen(name);
    bool told = false;
    const struct command *command;
    for (size_t i = 0; (command = command_at(i)); i++) {
        if (strncmp(command->name, name, length) != 0)
            continue;
        if (command->name[length] != '\0' && command->name[length] != ' ')
            continue;
        printf("%svisavis %s %s\n\n%s\n", told ? "\n" : "", command->name, command->usage,
               command->help);
        told = true;
    }
    return told;
}

static int help(int count, const char *const *arguments)
{
    if (count && is_server(arguments[0]))
        print_settings();
    else if (!count || strcmp(arguments[0], "help") == 0)
        print_usage(stdout);
    else if (!tell_of(arguments[0])) {
        print_usage(stdout);
        return 2;
    }
    return 0;
}

/* A switch that takes no value, removed from the list when it is there. */
static bool take_switch(int *inout_count, const char **arguments, const char *name)
{
    for (int i = 0; i < *inout_count; i++) {
        if (strcmp(arguments[i], name) != 0)
            continue;
        for (int k = i + 1; k < *inout_count; k++)
            arguments[k - 1] = arguments[k];
        --*inout_count;
        return true;
    }
    return false;
}

static void tell_unknown(struct slice variable, const char *meant)
{
    char text[160];
    (void)snprintf(text, sizeof text, "%.*s sets nothing%s%s", SLICE_ARG(variable),
                   meant ? "; the nearest setting is " : "", meant ? meant : "");
    log_line("warning", "unknown_variable", "what", text);
}

static int run_server(bool demo, int count, const char **arguments)
{
    struct serve_options options = {.demo = demo};
    struct arena arena;
    struct diag diag = {0};
    arena_init(&arena);
    options.json = take_switch(&count, arguments, "--json");
    bool print = take_switch(&count, arguments, "--print-settings");
    settings_init(&options.settings);
    enum status status = settings_read_options(&options.settings, count, arguments, &arena, &diag);
    int code = status_exit_code(status);
    if (status == STATUS_OK)
        settings_tell_unknown(tell_unknown);
    if (status != STATUS_OK) {
        fprintf(stderr, "visavis serve: %s\n", diag.sentence);
    } else if (print) {
        struct output out;
        output_init(&out, STDOUT_FILENO);
        settings_print(&options.settings, &out);
        output_done(&out);
    } else {
        code = serve(&options);
    }
    arena_done(&arena);
    return code;
}

/* FILE is opened here, with the rights of who asks. */
static enum status open_file(struct call *call, struct diag *diag)
{
    const char *word = call->command->file_word;
    size_t index = word ? (size_t)(word[0] - '0') : SIZE_MAX;
    if (!word || index >= call->word_count)
        return STATUS_OK;
    const char *path = arena_copy_text(&call->arena, call->words[index]);
    call->file = strcmp(path, "-") == 0 ? dup(STDIN_FILENO) : open(path, O_RDONLY | O_CLOEXEC);
    if (call->file < 0)
        return diag_set(diag, STATUS_NOT_FOUND, "", "%s: %s", path, strerror(errno));
    return STATUS_OK;
}

static const char *absolute(struct arena *arena, const char *path)
{
    char here[4096];
    if (path[0] == '/' || !getcwd(here, sizeof here))
        return path;
    return arena_format(arena, "%s/%s", here, path).data;
}

/* A server stands elsewhere: paths are told to it whole. */
static const char *const *with_absolute_path(struct call *call, int count,
                                             const char *const *arguments)
{
    const char *path = call->command->path;
    if (!path)
        return arguments;
    bool word = path[0] >= '0' && path[0] <= '9';
    size_t index = word ? (size_t)(path[0] - '0') : 0;
    struct slice value = word ? (index < call->word_count ? call->words[index] : SLICE_NONE)
                              : call_option(call, path);
    const char **changed = ARENA_ARRAY(&call->arena, (size_t)count, const char *);
    for (int i = 0; i < count; i++) {
        bool hit = i > 0 && value.size && slice_is(value, arguments[i]);
        changed[i] = hit ? absolute(&call->arena, arguments[i]) : arguments[i];
    }
    return changed;
}

static int run_alone(struct call *call)
{
    struct engine_options options = {.create = call->command->need == NEEDS_NEW};
    struct diag diag = {0};
    if (call->command->need == NEEDS_ENGINE || call->command->need == NEEDS_NEW) {
        enum status status = engine_open(call->directory, &options, &call->engine, &diag);
        if (status != STATUS_OK) {
            output_format(&call->err, "visavis %s: %s: %s\n", call->command->name, call->directory,
                          diag.sentence[0] ? diag.sentence : status_sentence(status));
            return status_exit_code(status);
        }
    }
    int code = call_run(call);
    engine_close(call->engine);
    return code;
}

static int run_command(const struct command *command, int count, const char *const *arguments)
{
    struct call *call = must_alloc(sizeof *call);
    struct diag diag = {0};
    int code;
    call_init(call, STDOUT_FILENO, STDERR_FILENO);
    enum status status = call_read(call, command, count - 1, arguments + 1, &diag);
    if (status == STATUS_OK)
        status = open_file(call, &diag);
    if (status != STATUS_OK) {
        output_format(&call->err, "visavis %s: %s\nusage: visavis %s %s\n", command->name,
                      diag.sentence, command->name, command->usage);
        code = status_exit_code(status);
    } else if (command->need == NEEDS_NOTHING ||
               !control_ask(call->directory, count, with_absolute_path(call, count, arguments),
                            call->file, &code)) {
        code = run_alone(call);
    }
    call_done(call);
    free(call);
    return code;
}

/* `visavis COMMAND … --help`, as many try first. */
static bool asks_for_help(int count, const char *const *arguments)
{
    for (int i = 1; i < count; i++)
        if (strcmp(arguments[i], "--help") == 0 || strcmp(arguments[i], "-h") == 0)
            return true;
    return false;
}

int main(int argc, const char **argv)
{
    const char *name = argc > 1 ? argv[1] : "";
    const struct command *command = command_called(argc - 1, argv + 1);
    bool helps =
        strcmp(name, "help") == 0 || strcmp(name, "--help") == 0 || strcmp(name, "-h") == 0;
    if (helps)
        return help(argc - 2, argv + 2);
    if (asks_for_help(argc - 1, argv + 1))
        return help(argc - 1, argv + 1);
    if (strcmp(name, "serve") == 0 || strcmp(name, "demo") == 0)
        return run_server(name[0] == 'd', argc - 2, argv + 2);
    if (strcmp(name, "--version") == 0)
        command = command_find(SLICE("version"));
    if (!command) {
        print_usage(stderr);
        return 2;
    }
    return run_command(command, argc - 1, argv + 1);
}
