/*
 * What a server may answer, against every table of replies. With -Dfuzzing=enabled (clang) a
 * libFuzzer target, run by hand:
 *   build/tests/client/fuzz_reply tests/client/replies
 * Without, a program that runs the files and folders of its arguments, for the tests.
 */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "client/operations.h"
#include "client/reply.h"

enum { MEMORY_MAXIMUM = 16 * 1024 * 1024 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Reads what was read, as accessors do. */
static void touch(const struct object_type *type, const void *object)
{
    for (size_t i = 0; i < type->field_count; i++) {
        const struct field *field = &type->fields[i];
        if (field->kind == FIELD_TEXT && field_text(field, object)->data != NULL &&
            strlen(field_text(field, object)->data) != field_text(field, object)->length) {
            abort();
        }
        if (field->kind == FIELD_OBJECT) {
            touch(field->type, (const char *)object + field->offset);
        }
    }
}

static void read_one(const struct operation_description *operation,
                     const struct json_value *document)
{
    struct arena arena;
    struct orgkeys_error error;
    struct reader reader = { &arena, &error };
    struct reply_page page;
    error_clear(&error);
    arena_init(&arena, MEMORY_MAXIMUM);
    void *object = arena_allocate(&arena, resource_size(operation->resource));
    if (object == NULL) {
        abort();
    }
    if (reply_read_object(&reader, operation->resource, document, object) == ORGKEYS_OK) {
        touch(operation->resource->type, object);
    } else if (error.message[0] == '\0') {
        abort();
    }
    if (operation->query != NULL &&
        reply_read_page(&reader, operation->resource, document, &page) == ORGKEYS_OK) {
        for (size_t i = 0; i < page.count; i++) {
            touch(operation->resource->type, page.items + i * resource_size(operation->resource));
        }
    }
    arena_reset(&arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct text body = { (const char *)data, size };
    struct orgkeys_error error;
    error_clear(&error);
    reply_read_error(&error, body, &(struct secrets){ TEXT("key"), TEXT_NONE });
    for (int i = 0; i < OPERATION_COUNT; i++) {
        /* Parsed for each: secrets are wiped out of the document as they are read. */
        struct json_value *document = NULL;
        if (reply_parse(&error, body, &document) != ORGKEYS_OK) {
            return 0;
        }
        read_one(operation_describe((enum operation)i), document);
        json_free(document);
    }
    return 0;
}

#ifndef FUZZING
static void run_file(const char *path)
{
    char data[65536];
    FILE *file = fopen(path, "rb");
    if (file == NULL) {
        abort();
    }
    size_t size = fread(data, 1, sizeof data, file);
    (void)fclose(file);
    (void)LLVMFuzzerTestOneInput((const uint8_t *)data, size);
}

/* How many files were run. */
static int run_path(const char *path)
{
    DIR *directory = opendir(path);
    if (directory == NULL) {
        run_file(path);
        return 1;
    }
    int count = 0;
    for (const struct dirent *entry = readdir(directory); entry != NULL;
         entry = readdir(directory)) {
        char name[4096];
        if (entry->d_name[0] != '.') {
            int length = snprintf(name, sizeof name, "%s/%s", path, entry->d_name);
            if (length < 0 || (size_t)length >= sizeof name) {
                abort();
            }
            count += run_path(name);
        }
    }
    (void)closedir(directory);
    return count;
}

int main(int argc, char **argv)
{
    int count = 0;
    for (int i = 1; i < argc; i++) {
        count += run_path(argv[i]);
    }
    printf("%d replies\n", count);
    return count > 0 ? 0 : 1;
}
#endif
