/*
 * Queries, cursors and paths. An input that begins with '/' is a path; of any other the first byte
 * says of which list (`queries`), the rest is the query. What is taken keeps the limits of its
 * table, and is the same when it is written and read again.
 */
#include <string.h>

#include "api/call.h"
#include "api/route.h"
#include "codec/uri.h"
#include "fuzz.h"
#include "model/decode.h"
#include "model/introspection.h"
#include "model/list_query.h"
#include "objects.h"

enum { WRITTEN_MAXIMUM = 1024 * 1024, OBJECT_MAXIMUM = 1024 };

static const struct object_type *const queries[] = {
    ['a'] = &plain_query_type,
    ['b'] = &admin_api_key_query_type,
    ['c'] = &project_query_type,
    ['d'] = &project_api_key_query_type,
    ['e'] = &organization_api_key_query_type,
    ['f'] = &user_query_type,
    ['g'] = &invite_query_type,
    ['h'] = &audit_log_query_type,
    ['i'] = &introspection_request_type,
};
enum { QUERY_COUNT = sizeof queries / sizeof queries[0] };

/* NOLINTNEXTLINE(readability-non-const-parameter): the type is libFuzzer's */
int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    size_t count = 0;
    const struct route *table = routes(&count);
    (void)argc;
    (void)argv;
    for (size_t i = 0; i < count; i++) {
        ASSERT(table[i].query == NULL || objects_include(queries, QUERY_COUNT, table[i].query));
    }
    return 0;
}

/* ---- Writing ---- */

static void write_encoded(struct buffer *buffer, struct text text)
{
    for (size_t i = 0; i < text.length; i++) {
        buffer_append_format(buffer, "%%%02x", (unsigned char)text.data[i]);
    }
}

static void write_parameter(struct buffer *buffer, const char *name, struct text value)
{
    buffer_append_byte(buffer, '&');
    write_encoded(buffer, text_of(name));
    buffer_append_byte(buffer, '=');
    write_encoded(buffer, value);
}

static void write_integer(struct buffer *buffer, const struct field *field, int64_t integer)
{
    struct buffer digits;
    buffer_init(&digits, 32);
    if (field->kind == FIELD_BOOLEAN) {
        buffer_append(&digits, integer != 0 ? TEXT("true") : TEXT("false"));
    } else {
        buffer_append_integer(&digits, integer);
    }
    write_parameter(buffer, field->name, buffer_text(&digits));
    buffer_free(&digits);
}

static void write_field(struct buffer *buffer, const struct field *field, const void *object)
{
    const struct text_list *list =
        (const struct text_list *)(const void *)((const char *)object + field->offset);
    switch (field->kind) {
    case FIELD_TEXT:
        if (field_text(field, object)->data != NULL) {
            write_parameter(buffer, field->name, *field_text(field, object));
        }
        break;
    case FIELD_TEXT_LIST:
        for (size_t i = 0; i < list->count; i++) {
            write_parameter(buffer, field->name, list->items[i]);
        }
        break;
    default:
        if (*field_integer(field, object) != FIELD_ABSENT) {
            write_integer(buffer, field, *field_integer(field, object));
        }
        break;
    }
}

/* ---- Queries ---- */

/* Aligned for any struct. */
struct object {
    _Alignas(16) char bytes[OBJECT_MAXIMUM];
};

static struct result decode(struct arena *arena, const struct object_type *type, struct text query,
                            struct object *object)
{
    struct problem problem = { .param = "" };
    struct decoder decoder = { arena, &problem };
    *object = (struct object){ .bytes = { 0 } };
    ASSERT(type->size <= sizeof object->bytes);
    return decode_query(&decoder, type, query, object);
}

/* That it has what it requires is looked at by whoever answers it. */
static void read_query(struct arena *arena, const struct object_type *type, struct text query)
{
    struct object object;
    struct object again;
    struct buffer written;
    struct result result = decode(arena, type, query, &object);
    ASSERT(error_describe(result.error)->status < 500);
    if (result_failed(result)) {
        return;
    }
    if (type != &introspection_request_type) {
        objects_require_limits(type, &object);
    }
    buffer_init(&written, WRITTEN_MAXIMUM);
    for (size_t i = 0; i < type->field_count; i++) {
        write_field(&written, &type->fields[i], &object);
    }
    ASSERT(!written.failed);
    ASSERT(!result_failed(decode(arena, type, buffer_text(&written), &again)));
    ASSERT(objects_equal(type, &object, &again));
    buffer_free(&written);
}

/* ---- Paths ---- */

static void read_segment(struct arena *arena, struct text segment)
{
    struct text decoded;
    struct text again;
    struct buffer written;
    ASSERT(segment.length > 0 && text_find(segment, '/') == segment.length);
    if (result_failed(uri_decode(arena, segment, false, &decoded))) {
        return;
    }
    ASSERT(decoded.length <= segment.length && text_is_utf8(decoded));
    ASSERT(text_find(decoded, '\0') == decoded.length);
    buffer_init(&written, WRITTEN_MAXIMUM);
    write_encoded(&written, decoded);
    ASSERT(!result_failed(uri_decode(arena, buffer_text(&written), false, &again)));
    ASSERT(text_equal(decoded, again));
    buffer_free(&written);
}

/* The route's path, with what was found in the place of its parameters, is the path. */
static void require_matched(const char *template, const struct text *parameters, struct text path)
{
    struct buffer written;
    size_t parameter = 0;
    buffer_init(&written, WRITTEN_MAXIMUM);
    for (const char *at = template; *at != '\0'; at++) {
        if (*at == '{') {
            at = strchr(at, '}');
            buffer_append(&written, parameters[parameter++]);
        } else {
            buffer_append_byte(&written, *at);
        }
    }
    ASSERT(text_equal(buffer_text(&written), path));
    buffer_free(&written);
}

static void read_path(struct arena *arena, struct text path)
{
    static const char *const methods[] = { "GET", "HEAD", "POST", "DELETE", "PUT" };
    for (size_t i = 0; i < sizeof methods / sizeof methods[0]; i++) {
        const struct route *route = NULL;
        struct text parameters[WORK_PATH_MAXIMUM] = { TEXT_NONE };
        enum route_match match = route_find(text_of(methods[i]), path, &route, parameters);
        ASSERT((match == ROUTE_UNKNOWN_PATH) == (route == NULL));
        if (match != ROUTE_FOUND) {
            continue;
        }
        require_matched(route->path, parameters, path);
        for (size_t at = 0; at < WORK_PATH_MAXIMUM && parameters[at].data != NULL; at++) {
            read_segment(arena, parameters[at]);
        }
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena arena;
    struct text text = { (const char *)data, size };
    arena_init(&arena, CALL_MEMORY_MAXIMUM);
    if (text_starts_with(text, TEXT("/"))) {
        read_path(&arena, text);
    } else if (size > 0 && data[0] < QUERY_COUNT && queries[data[0]] != NULL) {
        read_query(&arena, queries[data[0]], text_from(text, 1));
    }
    arena_reset(&arena);
    return 0;
}
