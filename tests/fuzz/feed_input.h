/* The bytes of a fuzzer as a feed to read. */
#ifndef VISAVIS_TESTS_FEED_INPUT_H
#define VISAVIS_TESTS_FEED_INPUT_H

#include "catalog/feed.h"

#include <assert.h>
#include <sys/mman.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* An unlinked file, read from its start. The caller closes it. */
static inline int feed_input(const uint8_t *data, size_t size)
{
    int fd = memfd_create("feed", 0);
    assert(fd >= 0);
    ssize_t wrote = write(fd, data, size);
    assert(wrote == (ssize_t)size);
    off_t at = lseek(fd, 0, SEEK_SET);
    assert(at == 0);
    return fd;
}

#endif
