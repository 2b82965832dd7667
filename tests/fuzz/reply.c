/*
 * What a server may answer, read by the client library against every table of replies.
 */
#include <string.h>

#include "client/operations.h"
#include "client/reply.h"
#include "fuzz.h"

enum { MEMORY_MAXIMUM = 16 * 1024 * 1024 };

/* Reads what was read, as accessors do. */
static void touch(const struct object_type *type, const void *object)
{
    for (size_t i = 0; i < type->field_count; i++) {
        const struct field *field = &type->fields[i];
        if (field->kind == FIELD_TEXT && field_text(field, object)->data != NULL) {
            ASSERT(strlen(field_text(field, object)->data) == field_text(field, object)->length);
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
    ASSERT(object != NULL);
    if (reply_read_object(&reader, operation->resource, document, object) == ORGKEYS_OK) {
        touch(operation->resource->type, object);
    } else {
        ASSERT(error.message[0] != '\0');
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
