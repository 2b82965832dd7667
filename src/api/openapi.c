#include "api/openapi.h"

#include <stdlib.h>
#include <string.h>

#include "api/openapi_schema.h"
#include "api/route.h"
#include "codec/json_writer.h"
#include "model/error_reply.h"

#define JSON_TYPE "application/json"
#define FORM_TYPE "application/x-www-form-urlencoded"

enum { DOCUMENT_MAXIMUM = 1024 * 1024 };

static void open_member(struct buffer *buffer, const char *name, char bracket)
{
    json_write_name(buffer, text_of(name));
    json_write_open(buffer, bracket);
}

static void write_flag(struct buffer *buffer, const char *name, bool value)
{
    json_write_name(buffer, text_of(name));
    json_write_boolean(buffer, value);
}

/* ---- Parameters ---- */

static void write_path_parameters(struct buffer *buffer, const struct route *route)
{
    struct text rest = text_of(route->path);
    while (rest.length > 0) {
        struct text segment = text_cut(&rest, '/');
        if (!text_starts_with(segment, TEXT("{"))) {
            continue;
        }
        json_write_open(buffer, '{');
        json_write_name(buffer, TEXT("name"));
        json_write_text(buffer, text_until(text_from(segment, 1), segment.length - 2));
        schema_write_member(buffer, "in", "path");
        write_flag(buffer, "required", true);
        open_member(buffer, "schema", '{');
        schema_write_member(buffer, "type", "string");
        json_write_close(buffer, '}');
        json_write_close(buffer, '}');
    }
}

/* "effective_at" of "effective_at[gt]"; empty for "limit" and for "emails[]". */
static struct text object_of(const struct field *field)
{
    struct text name = text_of(field->name);
    size_t bracket = text_find(name, '[');
    return bracket < name.length && !text_ends_with(name, TEXT("[]")) ? text_until(name, bracket)
                                                                      : TEXT("");
}

/* One parameter that is an object, for all fields that are its members; gives how many they are. */
static size_t write_object_parameter(struct buffer *buffer, struct schema_set *set,
                                     const struct field *fields, size_t count)
{
    struct text object = object_of(&fields[0]);
    size_t members = 0;
    json_write_name(buffer, TEXT("name"));
    json_write_text(buffer, object);
    schema_write_member(buffer, "style", "deepObject");
    write_flag(buffer, "explode", true);
    open_member(buffer, "schema", '{');
    schema_write_member(buffer, "type", "object");
    open_member(buffer, "properties", '{');
    while (members < count && text_equal(object_of(&fields[members]), object)) {
        struct text member = text_from(text_of(fields[members].name), object.length + 1);
        json_write_name(buffer, text_until(member, member.length - 1));
        schema_write_field(buffer, set, &fields[members], true);
        members++;
    }
    json_write_close(buffer, '}');
    json_write_close(buffer, '}');
    return members;
}

static size_t write_query_parameter(struct buffer *buffer, struct schema_set *set,
                                    const struct field *fields, size_t count)
{
    size_t written = 1;
    json_write_open(buffer, '{');
    schema_write_member(buffer, "in", "query");
    write_flag(buffer, "required", false);
    if (object_of(&fields[0]).length > 0) {
        written = write_object_parameter(buffer, set, fields, count);
    } else {
        schema_write_member(buffer, "name", fields[0].name);
        json_write_name(buffer, TEXT("schema"));
        schema_write_field(buffer, set, &fields[0], true);
    }
    json_write_close(buffer, '}');
    return written;
}

static void write_parameters(struct buffer *buffer, struct schema_set *set,
                             const struct route *route)
{
    open_member(buffer, "parameters", '[');
    write_path_parameters(buffer, route);
    for (size_t i = 0; route->query != NULL && i < route->query->field_count;) {
        i += write_query_parameter(buffer, set, &route->query->fields[i],
                                   route->query->field_count - i);
    }
    json_write_close(buffer, ']');
}

/* ---- Bodies ---- */

static bool has_required_field(const struct object_type *type)
{
    for (size_t i = 0; i < type->field_count; i++) {
        if ((type->fields[i].flags & FIELD_REQUIRED) != 0) {
            return true;
        }
    }
    return false;
}

static void open_content(struct buffer *buffer, const char *type)
{
    open_member(buffer, "content", '{');
    open_member(buffer, type, '{');
    json_write_name(buffer, TEXT("schema"));
}

static void close_content(struct buffer *buffer)
{
    json_write_close(buffer, '}');
    json_write_close(buffer, '}');
}

static void write_request_body(struct buffer *buffer, struct schema_set *set,
                               const struct route *route)
{
    if (route->input == NULL) {
        return;
    }
    open_member(buffer, "requestBody", '{');
    write_flag(buffer, "required", has_required_field(route->input));
    open_content(buffer, route->answer == NULL ? JSON_TYPE : FORM_TYPE);
    schema_write_type(buffer, set, route->input, true);
    close_content(buffer);
    json_write_close(buffer, '}');
}

static void write_list_schema(struct buffer *buffer, struct schema_set *set,
                              const struct object_type *item)
{
    static const char *const list_object[] = { "list", NULL };
    static const struct field around[] = {
        { .name = "object", .kind = FIELD_CONSTANT, .choices = list_object },
        { .name = "first_id", .kind = FIELD_TEXT, .flags = FIELD_NULLABLE },
        { .name = "last_id", .kind = FIELD_TEXT, .flags = FIELD_NULLABLE },
        { .name = "has_more", .kind = FIELD_BOOLEAN },
    };
    struct field data = { .name = "data", .kind = FIELD_OBJECT_LIST, .type = item };
    json_write_open(buffer, '{');
    schema_write_member(buffer, "type", "object");
    open_member(buffer, "properties", '{');
    for (size_t i = 0; i < sizeof around / sizeof around[0]; i++) {
        json_write_name(buffer, text_of(around[i].name));
        schema_write_field(buffer, set, &around[i], false);
    }
    json_write_name(buffer, TEXT("data"));
    schema_write_field(buffer, set, &data, false);
    json_write_close(buffer, '}');
    open_member(buffer, "required", '[');
    json_write_text(buffer, TEXT("object"));
    json_write_text(buffer, TEXT("data"));
    json_write_text(buffer, TEXT("has_more"));
    json_write_close(buffer, ']');
    json_write_close(buffer, '}');
}

static void write_success(struct buffer *buffer, struct schema_set *set, const struct route *route)
{
    open_member(buffer, "200", '{');
    schema_write_member(buffer, "description", "OK");
    if (route->is_list) {
        open_content(buffer, JSON_TYPE);
        write_list_schema(buffer, set, route->output);
        close_content(buffer);
    } else if (route->output != NULL) {
        open_content(buffer, JSON_TYPE);
        schema_write_type(buffer, set, route->output, false);
        close_content(buffer);
    }
    json_write_close(buffer, '}');
}

static void write_errors(struct buffer *buffer, struct schema_set *set, const char *statuses)
{
    open_member(buffer, statuses, '{');
    schema_write_member(buffer, "description", "An error; docs/errors.md lists them.");
    open_content(buffer, JSON_TYPE);
    schema_write_type(buffer, set, &error_reply_type, false);
    close_content(buffer);
    json_write_close(buffer, '}');
}

/* ---- Operations ---- */

static void write_security(struct buffer *buffer, const char *scheme)
{
    json_write_open(buffer, '{');
    open_member(buffer, scheme, '[');
    json_write_close(buffer, ']');
    json_write_close(buffer, '}');
}

static void write_operation(struct buffer *buffer, struct schema_set *set,
                            const struct route *route)
{
    char method[8] = "";
    for (size_t i = 0; route->method[i] != '\0' && i + 1 < sizeof method; i++) {
        method[i] = (char)(route->method[i] | 0x20);
    }
    open_member(buffer, method, '{');
    schema_write_member(buffer, "operationId", route->operation);
    schema_write_member(buffer, "summary", route->summary);
    open_member(buffer, "security", '[');
    if (route->access != ACCESS_ANYONE) {
        write_security(buffer, "AdminApiKeyAuth");
        if (route->answer == NULL) {
            write_security(buffer, "SessionCookie");
        }
    }
    json_write_close(buffer, ']');
    write_parameters(buffer, set, route);
    write_request_body(buffer, set, route);
    open_member(buffer, "responses", '{');
    write_success(buffer, set, route);
    if (route->access != ACCESS_ANYONE || route->answer == NULL) {
        write_errors(buffer, set, "4XX");
        write_errors(buffer, set, "5XX");
    }
    json_write_close(buffer, '}');
    json_write_close(buffer, '}');
}

static bool is_first_of_its_path(const struct route *table, size_t index)
{
    for (size_t i = 0; i < index; i++) {
        if (strcmp(table[i].path, table[index].path) == 0) {
            return false;
        }
    }
    return true;
}

static void write_paths(struct buffer *buffer, struct schema_set *set)
{
    size_t count;
    const struct route *table = routes(&count);
    open_member(buffer, "paths", '{');
    for (size_t i = 0; i < count; i++) {
        if (!is_first_of_its_path(table, i)) {
            continue;
        }
        open_member(buffer, table[i].path, '{');
        for (size_t j = i; j < count; j++) {
            if (strcmp(table[i].path, table[j].path) == 0) {
                write_operation(buffer, set, &table[j]);
            }
        }
        json_write_close(buffer, '}');
    }
    json_write_close(buffer, '}');
}

static void write_head(struct buffer *buffer)
{
    schema_write_member(buffer, "openapi", "3.1.0");
    open_member(buffer, "info", '{');
    schema_write_member(buffer, "title", "orgkeys");
    schema_write_member(buffer, "description",
                        "The keys of an organization, on a server of your own: OpenAI's "
                        "organization administration API and a few operations of ours.");
    schema_write_member(buffer, "version", ORGKEYS_VERSION);
    json_write_close(buffer, '}');
    open_member(buffer, "servers", '[');
    json_write_open(buffer, '{');
    schema_write_member(buffer, "url", "/");
    json_write_close(buffer, '}');
    json_write_close(buffer, ']');
}

static void write_components(struct buffer *buffer, struct schema_set *set)
{
    open_member(buffer, "components", '{');
    open_member(buffer, "securitySchemes", '{');
    open_member(buffer, "AdminApiKeyAuth", '{');
    schema_write_member(buffer, "type", "http");
    schema_write_member(buffer, "scheme", "bearer");
    json_write_close(buffer, '}');
    open_member(buffer, "SessionCookie", '{');
    schema_write_member(buffer, "type", "apiKey");
    schema_write_member(buffer, "in", "cookie");
    schema_write_member(buffer, "name", "orgkeys-session");
    schema_write_member(buffer, "description",
                        "`__Host-orgkeys-session` where the public URL is https.");
    json_write_close(buffer, '}');
    json_write_close(buffer, '}');
    open_member(buffer, "schemas", '{');
    /* Writing one may add others behind it. */
    for (size_t i = 0; i < set->count; i++) {
        json_write_name(buffer, text_of(set->types[i]->name));
        schema_write_component(buffer, set, i);
    }
    json_write_close(buffer, '}');
    json_write_close(buffer, '}');
}

struct result openapi_write(struct text *ret_document)
{
    struct buffer buffer;
    struct schema_set set = { .count = 0 };
    buffer_init(&buffer, DOCUMENT_MAXIMUM);
    json_write_open(&buffer, '{');
    write_head(&buffer);
    write_paths(&buffer, &set);
    write_components(&buffer, &set);
    json_write_close(&buffer, '}');
    if (buffer.failed) {
        buffer_free(&buffer);
        return fault(ERROR_INTERNAL, "no memory for the OpenAPI document");
    }
    *ret_document = buffer_text(&buffer);
    return RESULT_OK;
}
