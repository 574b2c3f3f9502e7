#include "app/log.h"

#include "base/clock.h"
#include "base/json_out.h"

#include <unistd.h>

enum { LINE_BYTES_MAX = 4096 };

static struct json_out begin(struct buf *line, const char *level, const char *event)
{
    char at[25];
    clock_format_iso(clock_now_ms(), at);
    buf_init(line, LINE_BYTES_MAX);
    struct json_out out = json_out(line);
    json_object(&out);
    JSON_STRING_MEMBER(&out, "at", slice_of(at));
    JSON_STRING_MEMBER(&out, "level", slice_of(level));
    JSON_STRING_MEMBER(&out, "event", slice_of(event));
    return out;
}

/* One write a line, so that lines of several threads do not mix. */
static void end(struct buf *line, struct json_out *out)
{
    json_end(out);
    buf_add_byte(line, '\n');
    ssize_t written = write(STDERR_FILENO, line->data, line->size);
    (void)written; /* there is nobody left to tell */
    buf_done(line);
}

void log_line(const char *level, const char *event, const char *name, const char *value)
{
    struct buf line;
    struct json_out out = begin(&line, level, event);
    JSON_STRING_MEMBER(&out, name, slice_of(value));
    end(&line, &out);
}

void log_number(const char *level, const char *event, const char *name, uint64_t value)
{
    struct buf line;
    struct json_out out = begin(&line, level, event);
    JSON_INT_MEMBER(&out, name, (int64_t)value);
    end(&line, &out);
}
