/* The table of commands: what help says of each is what it takes. */
#include "test.h"

#include "app/command.h"

#include <stdio.h>
#include <string.h>

/* "data= map=* json" word by word: each must stand in the usage as --name, or -x. */
static void every_usage_names_every_option(void **state)
{
    (void)state;
    const struct command *command;
    for (size_t i = 0; (command = command_at(i)); i++) {
        for (const char *at = command->options; *at;) {
            int length = (int)strcspn(at, "=*+ ");
            char option[64];
            snprintf(option, sizeof option, "%s%.*s", length == 1 ? "-" : "--", length, at);
            if (!strstr(command->usage, option))
                fail_msg("visavis %s takes %s and does not say so", command->name, option);
            at += strcspn(at, " ");
            at += strspn(at, " ");
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(every_usage_names_every_option)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
