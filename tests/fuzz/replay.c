/* Runs a fuzz target over its kept corpus, in every ordinary build: replay CORPUS-DIR SURFACE takes
 * each file in CORPUS-DIR/SURFACE/ and each CORPUS-DIR/SURFACE-*, in name order, and prints one TAP
 * line a file. What once broke us stays in the corpus, so each `make test` tries it again. */
#include <assert.h>
#include <glob.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { INPUT_BYTES_MAX = 16 << 20 };

static void replay_file(const char *path, size_t number)
{
    FILE *file = fopen(path, "rb");
    assert(file != NULL);
    struct stat about;
    int failed = fstat(fileno(file), &about);
    assert(failed == 0 && about.st_size <= INPUT_BYTES_MAX);
    size_t size = (size_t)about.st_size;
    /* exactly the file's size, so that a sanitizer sees the first byte read beyond it */
    uint8_t *data = malloc(size > 0 ? size : 1);
    assert(data != NULL);
    size_t got = fread(data, 1, size, file);
    assert(got == size);
    (void)fclose(file);

    (void)LLVMFuzzerTestOneInput(data, size);
    free(data);
    printf("ok %zu - %s\n", number, path);
    (void)fflush(stdout);
}

static size_t replay_pattern(const char *pattern, size_t number)
{
    glob_t found;
    if (glob(pattern, 0, NULL, &found) != 0)
        return number;
    for (size_t i = 0; i < found.gl_pathc; i++) {
        struct stat about;
        if (stat(found.gl_pathv[i], &about) == 0 && S_ISREG(about.st_mode))
            replay_file(found.gl_pathv[i], ++number);
    }
    globfree(&found);
    return number;
}

int main(int argc, char **argv)
{
    if (argc != 3) {
        (void)fprintf(stderr, "usage: %s CORPUS-DIR SURFACE\n", argv[0]);
        return 2;
    }
    char pattern[4096];
    (void)snprintf(pattern, sizeof pattern, "%s/%s/*", argv[1], argv[2]);
    size_t count = replay_pattern(pattern, 0);
    (void)snprintf(pattern, sizeof pattern, "%s/%s-*", argv[1], argv[2]);
    count = replay_pattern(pattern, count);
    printf("1..%zu\n", count);
    return 0;
}
