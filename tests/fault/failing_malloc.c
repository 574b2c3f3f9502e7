/* Preloaded: the n-th allocation of the process fails, alone or with all that follow.
 *
 *     LD_PRELOAD=libfailing_malloc.so FAIL_AT=4711 [FAIL_ON=1] program …
 *
 * FAIL_AT=0 fails none. Says on stderr when it failed and, at an orderly end, how many there were.
 * glibc only: the real ones are reached by their inner names, so that nothing must be looked up
 * (and allocated) first. Any thread. */
#include <errno.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

void *__libc_malloc(size_t size);
void *__libc_calloc(size_t count, size_t size);
void *__libc_realloc(void *memory, size_t size);
void *__libc_memalign(size_t alignment, size_t size);

static atomic_ulong calls;
static unsigned long fail_at;
static bool fail_on;

static void say(const char *what, unsigned long number)
{
    char line[64];
    int size = snprintf(line, sizeof line, "failing_malloc: %s %lu\n", what, number);
    if (write(STDERR_FILENO, line, (size_t)size) < 0)
        return; /* nobody listens */
}

__attribute__((constructor)) static void begin(void)
{
    const char *at = getenv("FAIL_AT");
    fail_on = getenv("FAIL_ON") != NULL;
    fail_at = at ? strtoul(at, NULL, 10) : 0;
    atomic_store(&calls, 0);
}

__attribute__((destructor)) static void end(void)
{
    say("calls", atomic_load(&calls));
}

static bool fails(void)
{
    unsigned long call = atomic_fetch_add(&calls, 1) + 1;
    if (fail_at == 0 || call < fail_at || (call > fail_at && !fail_on))
        return false;
    if (call == fail_at)
        say("fails", call);
    errno = ENOMEM;
    return true;
}

void *malloc(size_t size)
{
    return fails() ? NULL : __libc_malloc(size);
}

void *calloc(size_t count, size_t size)
{
    return fails() ? NULL : __libc_calloc(count, size);
}

void *realloc(void *memory, size_t size)
{
    return fails() ? NULL : __libc_realloc(memory, size);
}

void *aligned_alloc(size_t alignment, size_t size)
{
    return fails() ? NULL : __libc_memalign(alignment, size);
}

int posix_memalign(void **out_memory, size_t alignment, size_t size)
{
    void *memory = fails() ? NULL : __libc_memalign(alignment, size);
    if (!memory)
        return ENOMEM;
    *out_memory = memory;
    return 0;
}
