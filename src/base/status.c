#include "base/status.h"

#include <assert.h>

struct status_row {
    const char *name;
    const char *sentence;
    int http_code;
    int exit_code;
};

static const struct status_row rows[STATUS_COUNT] = {
    [STATUS_OK] = {"ok", "Done", 200, 0},
    [STATUS_INVALID] = {"invalid", "The request is not valid", 400, 2},
    [STATUS_UNAUTHENTICATED] = {"unauthenticated", "A valid key or login is needed", 401, 1},
    [STATUS_FORBIDDEN] = {"forbidden", "That is not allowed", 403, 1},
    [STATUS_NOT_FOUND] = {"not_found", "There is nothing here", 404, 1},
    [STATUS_CONFLICT] = {"conflict", "The present state does not allow that", 409, 1},
    [STATUS_TOO_LARGE] = {"too_large", "The request is over a limit", 413, 2},
    [STATUS_RATE_LIMITED] = {"rate_limited", "Too many requests", 429, 1},
    [STATUS_OVERLOADED] = {"overloaded", "The server is busy, try again in a second", 503, 1},
    [STATUS_NO_SPACE] = {"no_space", "The disk is full, try again later", 503, 4},
    [STATUS_GONE] = {"gone", "This was erased", 410, 1},
    [STATUS_CORRUPT] = {"corrupt", "Stored bytes are damaged", 500, 3},
    [STATUS_IO] = {"io", "The disk or the network failed", 500, 4},
};

static const struct status_row *row(enum status status)
{
    assert(status < STATUS_COUNT);
    return &rows[status];
}

const char *status_name(enum status status)
{
    return row(status)->name;
}

const char *status_sentence(enum status status)
{
    return row(status)->sentence;
}

int status_http_code(enum status status)
{
    return row(status)->http_code;
}

int status_exit_code(enum status status)
{
    return row(status)->exit_code;
}
