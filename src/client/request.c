#include "client/request.h"

#include "base/result.h"
#include "codec/json_writer.h"

static const void *member_of(const struct field *field, const void *object)
{
    return (const char *)object + field->offset;
}

static bool is_unreserved(char byte)
{
    return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') ||
           (byte >= '0' && byte <= '9') || byte == '-' || byte == '.' || byte == '_' || byte == '~';
}

void request_write_escaped(struct buffer *url, struct text text)
{
    static const char digits[] = "0123456789ABCDEF";
    for (size_t i = 0; i < text.length; i++) {
        unsigned char byte = (unsigned char)text.data[i];
        if (is_unreserved(text.data[i])) {
            buffer_append_byte(url, text.data[i]);
        } else {
            buffer_append_byte(url, '%');
            buffer_append_byte(url, digits[byte >> 4]);
            buffer_append_byte(url, digits[byte & 0xf]);
        }
    }
}

bool request_write_path(struct buffer *url, const char *path, const char *const *ids)
{
    struct text rest = text_of(path);
    while (!text_is_empty(rest)) {
        bool is_last = text_find(rest, '{') == rest.length;
        buffer_append(url, text_cut(&rest, '{'));
        if (is_last) {
            break;
        }
        (void)text_cut(&rest, '}');
        struct text id = text_of(*ids++);
        if (text_is_empty(id) || text_equal(id, TEXT(".")) || text_equal(id, TEXT(".."))) {
            return false;
        }
        request_write_escaped(url, id);
    }
    return true;
}

void request_write_parameter(struct buffer *url, struct text name, struct text value)
{
    request_write_escaped(url, name);
    buffer_append_byte(url, '=');
    request_write_escaped(url, value);
    buffer_append_byte(url, '&');
}

static void write_integer(struct buffer *url, struct text name, int64_t integer)
{
    if (integer != FIELD_ABSENT) {
        request_write_escaped(url, name);
        buffer_append_byte(url, '=');
        buffer_append_integer(url, integer);
        buffer_append_byte(url, '&');
    }
}

static void write_texts(struct buffer *url, struct text name, const struct text_list *list)
{
    for (size_t i = 0; i < list->count; i++) {
        request_write_parameter(url, name, list->items[i]);
    }
}

void request_write_query(struct buffer *url, const struct object_type *type, const void *query)
{
    for (size_t i = 0; i < type->field_count; i++) {
        const struct field *field = &type->fields[i];
        struct text name = text_of(field->name);
        switch (field->kind) {
        case FIELD_TEXT:
            if (field_text(field, query)->data != NULL) {
                request_write_parameter(url, name, *field_text(field, query));
            }
            break;
        case FIELD_INTEGER:
            write_integer(url, name, *field_integer(field, query));
            break;
        case FIELD_BOOLEAN:
            if (*field_integer(field, query) != FIELD_ABSENT) {
                request_write_parameter(
                    url, name, *field_integer(field, query) != 0 ? TEXT("true") : TEXT("false"));
            }
            break;
        default:
            ASSERT(field->kind == FIELD_TEXT_LIST);
            write_texts(url, name, member_of(field, query));
        }
    }
}

/* ---- Bodies ---- */

static bool is_given(const struct field *field, const void *input)
{
    switch (field->kind) {
    case FIELD_TEXT:
        return field_text(field, input)->data != NULL;
    case FIELD_INTEGER:
    case FIELD_BOOLEAN:
        return *field_integer(field, input) != FIELD_ABSENT;
    case FIELD_TEXT_LIST:
        return ((const struct text_list *)member_of(field, input))->items != NULL;
    default:
        ASSERT(field->kind == FIELD_OBJECT_LIST);
        return ((const struct object_list *)member_of(field, input))->items != NULL;
    }
}

static bool write_text(struct buffer *json, struct text text)
{
    json_write_text(json, text);
    return text_is_utf8(text);
}

static bool write_text_list(struct buffer *json, const struct text_list *list)
{
    bool is_utf8 = true;
    json_write_open(json, '[');
    for (size_t i = 0; i < list->count; i++) {
        is_utf8 = write_text(json, list->items[i]) && is_utf8;
    }
    json_write_close(json, ']');
    return is_utf8;
}

static bool write_object_list(struct buffer *json, const struct object_type *type,
                              const struct object_list *list)
{
    bool is_utf8 = true;
    json_write_open(json, '[');
    for (size_t i = 0; i < list->count; i++) {
        const char *item = (const char *)list->items + i * type->size;
        is_utf8 = request_write_input(json, type, item) && is_utf8;
    }
    json_write_close(json, ']');
    return is_utf8;
}

static bool write_value(struct buffer *json, const struct field *field, const void *input)
{
    switch (field->kind) {
    case FIELD_TEXT:
        return write_text(json, *field_text(field, input));
    case FIELD_INTEGER:
        json_write_integer(json, *field_integer(field, input));
        return true;
    case FIELD_BOOLEAN:
        json_write_boolean(json, *field_integer(field, input) != 0);
        return true;
    case FIELD_TEXT_LIST:
        return write_text_list(json, member_of(field, input));
    default:
        return write_object_list(json, field->type, member_of(field, input));
    }
}

struct text request_find_secret(const struct object_type *type, const void *input)
{
    for (size_t i = 0; i < type->field_count; i++) {
        if ((type->fields[i].flags & FIELD_SECRET) != 0) {
            return *field_text(&type->fields[i], input);
        }
    }
    return TEXT_NONE;
}

bool request_write_input(struct buffer *json, const struct object_type *type, const void *input)
{
    bool is_utf8 = true;
    json_write_open(json, '{');
    for (size_t i = 0; i < type->field_count; i++) {
        const struct field *field = &type->fields[i];
        if (is_given(field, input)) {
            json_write_name(json, text_of(field->name));
            is_utf8 = write_value(json, field, input) && is_utf8;
        }
    }
    json_write_close(json, '}');
    return is_utf8;
}
