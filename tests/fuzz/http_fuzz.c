/* HTTP bytes through guard, llhttp and gunzip: no crash, and the same outcome in one piece, byte
 * by byte and in odd pieces. */
#include "../unit/http/outcome.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void expect_equal(struct slice bytes, const struct outcome *whole, size_t first,
                         size_t piece)
{
    struct outcome split = outcome_of(bytes, first, piece);
    if (!outcome_equal(&split, whole))
        abort();
    buf_done(&split.text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct slice bytes = slice_make(data, size);
    struct outcome whole = outcome_of(bytes, SIZE_MAX, 1);
    expect_equal(bytes, &whole, 1, 1);
    /* the first byte of the input, odd as it is, also says where to cut */
    size_t cut = size > 0 ? 1 + data[0] % size : 1;
    expect_equal(bytes, &whole, cut, SIZE_MAX);
    expect_equal(bytes, &whole, cut, 1 + cut % 7);
    buf_done(&whole.text);
    return 0;
}
