/*
 * In the place of libFuzzer: runs a target once with each file of the folders that are its
 * arguments, and once with nothing.
 */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>

#include "fuzz.h"

enum { FILE_MAXIMUM = 1024 * 1024, PATH_SIZE = 4096 };

/* In memory of just its size, so that the sanitizer sees who reads beyond it. */
static void run_bytes(const char *bytes, size_t size)
{
    uint8_t *copy = malloc(size > 0 ? size : 1);
    ASSERT(copy != NULL);
    for (size_t i = 0; i < size; i++) {
        copy[i] = (uint8_t)bytes[i];
    }
    (void)LLVMFuzzerTestOneInput(copy, size);
    free(copy);
}

static void run_file(const char *path)
{
    static char bytes[FILE_MAXIMUM];
    FILE *file = fopen(path, "rb");
    ASSERT(file != NULL);
    size_t size = fread(bytes, 1, sizeof bytes, file);
    ASSERT(size < sizeof bytes && ferror(file) == 0);
    (void)fclose(file);
    /* A crash is known by the last line. */
    printf("%s\n", path);
    (void)fflush(stdout);
    run_bytes(bytes, size);
}

/* How many files were run. */
static int run_folder(const char *folder)
{
    int count = 0;
    DIR *directory = opendir(folder);
    ASSERT(directory != NULL);
    for (const struct dirent *entry = readdir(directory); entry != NULL;
         entry = readdir(directory)) {
        char path[PATH_SIZE];
        if (entry->d_name[0] == '.') {
            continue;
        }
        int length = snprintf(path, sizeof path, "%s/%s", folder, entry->d_name);
        ASSERT(length > 0 && (size_t)length < sizeof path);
        run_file(path);
        count++;
    }
    (void)closedir(directory);
    return count;
}

int main(int argc, char **argv)
{
    int count = 0;
    if (LLVMFuzzerInitialize != NULL) {
        (void)LLVMFuzzerInitialize(&argc, &argv);
    }
    run_bytes("", 0);
    for (int i = 1; i < argc; i++) {
        count += run_folder(argv[i]);
    }
    return count > 0 ? 0 : 1;
}
