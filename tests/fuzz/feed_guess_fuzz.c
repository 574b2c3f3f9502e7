/* Any bytes as a feed whose columns are guessed: a field goes to one column at most, and each guess
 * has its reason. */
#include "catalog/feed_guess.h"
#include "fuzz/feed_input.h"

static void check(const struct guesses *guesses)
{
    struct buf why;
    buf_init(&why, 1 << 20);
    for (size_t i = 0; i < guesses->count; i++) {
        const struct guess *guess = &guesses->rows[i];
        assert(guess->filled <= guesses->records && guess->fits <= guess->filled);
        assert((guess->reason == GUESS_NAME || guess->reason == GUESS_VALUES) ==
               (guess->field != NULL));
        for (size_t k = 0; k < i && guess->field; k++)
            assert(guess->field != guesses->rows[k].field);
        guess_reason_text(guess, LOCALE_FR, &why);
    }
    buf_done(&why);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    int fd = feed_input(data, size);
    struct feed *feed;
    struct diag diag = {0};
    struct arena arena;
    arena_init(&arena);
    if (feed_open(fd, FEED_AUTO, &feed, &diag) == STATUS_OK) {
        struct guesses guesses;
        enum status status = feed_guess(feed, &arena, &guesses, &diag);
        if (status == STATUS_OK)
            check(&guesses);
        assert(status == STATUS_OK || diag.sentence[0]);
        feed_close(feed);
    }
    arena_done(&arena);
    close(fd);
    return 0;
}
