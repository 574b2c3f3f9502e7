/* A directory of its own for each test, and small file tools. Header-only. */
#ifndef VISAVIS_TESTS_UNIT_STORE_TEMPORARY_H
#define VISAVIS_TESTS_UNIT_STORE_TEMPORARY_H

#include <dirent.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static inline int temporary_remove_entry(const char *path, const struct stat *facts, int type,
                                         struct FTW *where)
{
    (void)facts, (void)type, (void)where;
    return remove(path);
}

static inline void temporary_remove(const char *directory)
{
    nftw(directory, temporary_remove_entry, 16, FTW_DEPTH | FTW_PHYS);
}

/* The parent; data directories are made below it. out_path has room for 64 bytes. */
static inline void temporary_make(char out_path[64])
{
    snprintf(out_path, 64, "%s", "/tmp/visavis-test-XXXXXX");
    if (!mkdtemp(out_path))
        abort();
}

/* Path of the only (or largest) file in directory whose name ends so; empty when there is none. */
static inline off_t temporary_find(const char *directory, const char *suffix, char out_path[512])
{
    off_t largest = -1;
    DIR *listing = opendir(directory);
    out_path[0] = '\0';
    for (struct dirent *entry; listing && (entry = readdir(listing)) != NULL;) {
        char path[512];
        struct stat facts;
        size_t size = strlen(entry->d_name), wanted = strlen(suffix);
        if (size < wanted || strcmp(entry->d_name + size - wanted, suffix) != 0)
            continue;
        if (snprintf(path, sizeof path, "%s/%s", directory, entry->d_name) >= (int)sizeof path)
            continue;
        if (stat(path, &facts) == 0 && facts.st_size > largest) {
            largest = facts.st_size;
            memcpy(out_path, path, sizeof path);
        }
    }
    if (listing)
        closedir(listing);
    return largest;
}

static inline unsigned char temporary_flip(const char *path, off_t offset, unsigned char mask)
{
    unsigned char byte = 0;
    int fd = open(path, O_RDWR | O_CLOEXEC);
    if (fd < 0 || pread(fd, &byte, 1, offset) != 1)
        abort();
    byte ^= mask;
    if (pwrite(fd, &byte, 1, offset) != 1)
        abort();
    close(fd);
    return byte;
}

#endif
