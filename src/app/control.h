/* The control socket DIR/control.sock (0600): while a server holds the data directory, every
 * command goes to it.
 *
 * The client sends its arguments and, by SCM_RIGHTS, the descriptors it would have written to
 * (and the FILE it opened); the server runs the command on a thread with those very descriptors
 * and sends back the exit code. So output and exit code are the same both ways, and no file is
 * read with other rights than the asker's. Wire: u32 size little-endian, then arguments each
 * ended by NUL; answer: one byte. At most CONTROL_COMMANDS_MAX run at once. */
#ifndef VISAVIS_APP_CONTROL_H
#define VISAVIS_APP_CONTROL_H

#include "app/command.h"

enum { CONTROL_COMMANDS_MAX = 8, CONTROL_REQUEST_BYTES_MAX = 65536 };

struct control;

/* Server side. The engine outlives it. */
enum status control_start(struct engine *engine, struct control **out_control,
                          struct diag *diag) MUST_CHECK;
/* Waits for commands that run. */
void control_stop(struct control *control);

/* Client side: false when no server listens there; otherwise the command ran and out_exit is its
 * code. file: -1 for none. */
bool control_ask(const char *directory, int count, const char *const *arguments, int file,
                 int *out_exit);

#endif
