/* Any bytes as a feed (CSV, TSV, NDJSON, XML, gzip): every record is an object or is refused with a
 * sentence, lines never go back, what is broken stays so. */
#include "fuzz/feed_input.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    int fd = feed_input(data, size);
    struct feed *feed;
    struct diag diag = {0};
    enum status status = feed_open(fd, FEED_AUTO, &feed, &diag);
    assert(status == STATUS_OK || diag.sentence[0]);
    struct arena arena;
    arena_init(&arena);
    unsigned line = 0, before = 0;
    while (status == STATUS_OK || status == STATUS_INVALID) {
        const struct json *record;
        if (before == 0 && status == STATUS_INVALID)
            break; /* not opened */
        status = feed_next(feed, &arena, &record, &line, &diag);
        assert(status != STATUS_OK || json_is(record, JSON_OBJECT));
        assert(status != STATUS_INVALID || diag.sentence[0]);
        assert(line >= before && line > 0);
        assert(!feed_broken(feed) || status != STATUS_OK);
        before = line;
        arena_reset(&arena);
    }
    if (before > 0)
        feed_close(feed);
    arena_done(&arena);
    close(fd);
    return 0;
}
