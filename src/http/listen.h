/* Opens listening sockets from a text such as "127.0.0.1:8080" or "[::1]:8080". No name is
 * resolved. */
#ifndef VISAVIS_HTTP_LISTEN_H
#define VISAVIS_HTTP_LISTEN_H

#include "base/diag.h"

#include <stddef.h>

/* Fills count sockets that share the port (SO_REUSEPORT), so that each loop accepts for itself.
 * STATUS_INVALID: not an address; STATUS_CONFLICT: somebody listens there; STATUS_IO. On failure
 * none stays open. */
enum status listen_open(const char *address, int *out_fds, size_t count, unsigned *out_port,
                        struct diag *diag) MUST_CHECK;

#endif
