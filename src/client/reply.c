#include "client/reply.h"

#include <string.h>

#include "base/buffer.h"
#include "base/secret.h"

static orgkeys_status malformed(struct orgkeys_error *error, const char *name, const char *wanted)
{
    return error_set(error, ORGKEYS_ERROR_REPLY, "the reply is malformed: %s is not %s", name,
                     wanted);
}

static orgkeys_status too_large(struct orgkeys_error *error)
{
    return error_set(error, ORGKEYS_ERROR_REPLY, "the reply holds too much");
}

/* ---- Parsing ---- */

struct shape {
    size_t values;
    size_t depth; /* the deepest */
};

/* Measured before anything is parsed: a small body can describe a great many values. */
static struct shape measure(struct text body)
{
    struct shape shape = { 1, 0 };
    size_t depth = 0;
    bool in_string = false;
    for (size_t i = 0; i < body.length; i++) {
        char byte = body.data[i];
        if (byte == '"') {
            in_string = !in_string;
        } else if (in_string) {
            i += byte == '\\';
        } else if (byte == '{' || byte == '[') {
            depth++;
            shape.values++;
            shape.depth = depth > shape.depth ? depth : shape.depth;
        } else if (byte == '}' || byte == ']') {
            depth -= depth > 0;
        } else {
            shape.values += byte == ',';
        }
    }
    return shape;
}

orgkeys_status reply_parse(struct orgkeys_error *error, struct text body,
                           struct json_value **ret_document)
{
    char problem[JSON_PROBLEM_MAXIMUM];
    struct shape shape = measure(body);
    if (shape.values > ORGKEYS_REPLY_VALUES_MAXIMUM) {
        return too_large(error);
    }
    if (shape.depth > JSON_DEPTH_MAXIMUM) {
        return error_set(error, ORGKEYS_ERROR_REPLY, "the reply is nested deeper than %d levels",
                         JSON_DEPTH_MAXIMUM);
    }
    if (result_failed(json_parse(body, ret_document, problem))) {
        return error_set(error, ORGKEYS_ERROR_REPLY, "the reply cannot be read as JSON: %s",
                         problem);
    }
    return ORGKEYS_OK;
}

/* ---- Objects ---- */

static orgkeys_status read_fields(const struct reader *reader, const struct object_type *type,
                                  const struct json_value *value, void *object);

static bool keep_text(const struct reader *reader, struct text text, struct text *ret_text)
{
    *ret_text = arena_copy(reader->arena, text);
    return ret_text->data != NULL;
}

/* JSON_TYPE_NULL: a resource's own table has it, with its type; or it may be anything. */
static const enum json_type json_types[] = {
    [FIELD_CONSTANT] = JSON_TYPE_NULL,   [FIELD_TEXT] = JSON_TYPE_TEXT,
    [FIELD_INTEGER] = JSON_TYPE_INTEGER, [FIELD_TIME] = JSON_TYPE_INTEGER,
    [FIELD_BOOLEAN] = JSON_TYPE_BOOLEAN, [FIELD_OBJECT] = JSON_TYPE_OBJECT,
    [FIELD_TEXT_LIST] = JSON_TYPE_ARRAY, [FIELD_OBJECT_LIST] = JSON_TYPE_ARRAY,
    [FIELD_JSON] = JSON_TYPE_NULL,       [FIELD_DETAIL] = JSON_TYPE_NULL,
};

static bool is_of_kind(enum field_kind kind, const struct json_value *value)
{
    enum json_type wanted = json_types[kind];
    int64_t ignored;
    return wanted == JSON_TYPE_NULL || wanted == json_type_of(value) ||
           (wanted == JSON_TYPE_INTEGER && json_read_whole(value, &ignored));
}

static orgkeys_status read_text(const struct reader *reader, const char *name,
                                const struct json_value *value, struct text *ret_text)
{
    if (json_type_of(value) != JSON_TYPE_TEXT) {
        return malformed(reader->error, name, "a string");
    }
    return keep_text(reader, json_read_text(value), ret_text) ? ORGKEYS_OK
                                                              : too_large(reader->error);
}

static orgkeys_status read_list(const struct reader *reader, const struct field *field,
                                const struct json_value *array, struct object_list *ret_list)
{
    bool is_text = field->kind == FIELD_TEXT_LIST;
    size_t size = is_text ? sizeof(struct text) : field->type->size;
    size_t count = json_array_length(array);
    char *items = arena_allocate_array(reader->arena, count + 1, size);
    if (items == NULL) {
        return too_large(reader->error);
    }
    for (size_t i = 0; i < count; i++) {
        const struct json_value *item = json_array_at(array, i);
        void *place = items + i * size;
        orgkeys_status status = is_text ? read_text(reader, field->name, item, place)
                                        : read_fields(reader, field->type, item, place);
        if (status != ORGKEYS_OK) {
            return status;
        }
    }
    *ret_list = (struct object_list){ items, count };
    return ORGKEYS_OK;
}

/* Of two names for one member, a newer and an older one, the first in the table counts. */
static void read_integer(const struct json_value *value, int64_t *integer)
{
    if (*integer == FIELD_ABSENT) {
        (void)json_read_whole(value, integer);
    }
}

static orgkeys_status read_value(const struct reader *reader, const struct field *field,
                                 const struct json_value *value, void *member)
{
    switch (field->kind) {
    case FIELD_TEXT:
        return read_text(reader, field->name, value, member);
    case FIELD_INTEGER:
    case FIELD_TIME:
        read_integer(value, member);
        break;
    case FIELD_BOOLEAN:
        *(int64_t *)member = json_read_boolean(value);
        break;
    case FIELD_OBJECT:
        return read_fields(reader, field->type, value, member);
    case FIELD_TEXT_LIST: {
        struct object_list list = { NULL, 0 };
        orgkeys_status status = read_list(reader, field, value, &list);
        *(struct text_list *)member = (struct text_list){ list.items, list.count };
        return status;
    }
    case FIELD_OBJECT_LIST:
        return read_list(reader, field, value, member);
    case FIELD_CONSTANT:
    case FIELD_JSON: /* a resource's own table has it, with its type */
    case FIELD_DETAIL:
        break;
    }
    return ORGKEYS_OK;
}

/* A detail is kept as JSON: its members depend on its name. */
static orgkeys_status read_detail(const struct reader *reader, const struct json_value *value,
                                  struct text *ret_json)
{
    struct buffer json;
    buffer_init(&json, ORGKEYS_REPLY_BYTES_MAXIMUM);
    json_print(value, &json);
    bool is_kept = !json.failed && keep_text(reader, buffer_text(&json), ret_json);
    buffer_free(&json);
    return is_kept ? ORGKEYS_OK : too_large(reader->error);
}

/*
 * A secret's copy in the document goes as soon as it was read: jansson's memory is as the program
 * has set it, and is not wiped.
 */
static void wipe_parsed(const struct field *field, const struct json_value *value)
{
    if ((field->flags & FIELD_SECRET) != 0 && json_type_of(value) == JSON_TYPE_TEXT) {
        struct text text = json_read_text(value);
        secret_wipe((void *)(uintptr_t)text.data, text.length);
    }
}

static orgkeys_status read_member(const struct reader *reader, const struct field *field,
                                  const struct json_value *value, void *object)
{
    void *member = (char *)object + field->offset;
    if (!is_of_kind(field->kind, value)) {
        return (field->flags & FIELD_REQUIRED) == 0
                   ? ORGKEYS_OK
                   : malformed(reader->error, field->name, json_type_name(json_types[field->kind]));
    }
    if (field->kind == FIELD_DETAIL) {
        return read_detail(reader, value, member);
    }
    orgkeys_status status = read_value(reader, field, value, member);
    wipe_parsed(field, value);
    return status;
}

/* A detail has the name that a text of the same object says, which was read before. */
static const struct json_value *find_member(const struct field *field,
                                            const struct json_value *value, const void *object)
{
    if (field->kind != FIELD_DETAIL) {
        return json_member(value, field->name);
    }
    const struct text *name = (const void *)((const char *)object + field->name_offset);
    return name->data != NULL ? json_member(value, name->data) : NULL;
}

static orgkeys_status read_fields(const struct reader *reader, const struct object_type *type,
                                  const struct json_value *value, void *object)
{
    if (json_type_of(value) != JSON_TYPE_OBJECT) {
        return malformed(reader->error, type->name, "an object");
    }
    object_clear(type, object);
    for (size_t i = 0; i < type->field_count; i++) {
        const struct field *field = &type->fields[i];
        const struct json_value *member = find_member(field, value, object);
        if (member == NULL || json_type_of(member) == JSON_TYPE_NULL ||
            (field->flags & FIELD_HIDDEN) != 0) {
            continue;
        }
        orgkeys_status status = read_member(reader, field, member, object);
        if (status != ORGKEYS_OK) {
            return status;
        }
    }
    return ORGKEYS_OK;
}

size_t resource_size(const struct resource *resource)
{
    return resource->own != NULL ? resource->own->size : resource->type->size;
}

/* Without it, nobody knows what the reply is about. What is asked of a key has none. */
static bool has_id(const struct object_type *type, const void *object)
{
    for (size_t i = 0; i < type->field_count; i++) {
        if (strcmp(type->fields[i].name, "id") == 0) {
            return !text_is_empty(*field_text(&type->fields[i], object));
        }
    }
    return true;
}

orgkeys_status reply_read_object(const struct reader *reader, const struct resource *resource,
                                 const struct json_value *value, void *ret_object)
{
    orgkeys_status status = read_fields(reader, resource->type, value, ret_object);
    if (status == ORGKEYS_OK && !has_id(resource->type, ret_object)) {
        return error_set(reader->error, ORGKEYS_ERROR_REPLY,
                         "the reply has an object without an id");
    }
    if (status == ORGKEYS_OK && resource->own != NULL) {
        status = read_fields(reader, resource->own, value, ret_object);
    }
    return status;
}

/* ---- Pages ---- */

/* What goes around a page. */
struct envelope {
    struct text last_id;
    struct text next;
    int64_t has_more;
};

static const struct field envelope_fields[] = {
    { .name = "last_id", .kind = FIELD_TEXT, .offset = offsetof(struct envelope, last_id) },
    { .name = "next", .kind = FIELD_TEXT, .offset = offsetof(struct envelope, next) },
    { .name = "has_more",
      .kind = FIELD_BOOLEAN,
      .flags = FIELD_REQUIRED,
      .offset = offsetof(struct envelope, has_more) },
};

static const struct object_type envelope_type = { "the list", "", sizeof(struct envelope),
                                                  FIELDS(envelope_fields) };

static orgkeys_status read_items(const struct reader *reader, const struct resource *resource,
                                 const struct json_value *array, struct reply_page *page)
{
    if (array == NULL || json_type_of(array) != JSON_TYPE_ARRAY) {
        return malformed(reader->error, "data", "an array");
    }
    size_t size = resource_size(resource);
    page->count = json_array_length(array);
    page->items = arena_allocate_array(reader->arena, page->count + 1, size);
    if (page->items == NULL) {
        return too_large(reader->error);
    }
    for (size_t i = 0; i < page->count; i++) {
        orgkeys_status status =
            reply_read_object(reader, resource, json_array_at(array, i), page->items + i * size);
        if (status != ORGKEYS_OK) {
            return status;
        }
    }
    return ORGKEYS_OK;
}

/* The first of the cursors that a server may give; every struct begins with its id. */
static struct text cursor_of(const struct envelope *envelope, const struct reply_page *page,
                             size_t size)
{
    if (!text_is_empty(envelope->next)) {
        return envelope->next;
    }
    if (!text_is_empty(envelope->last_id)) {
        return envelope->last_id;
    }
    return page->count > 0
               ? *(const struct text *)(const void *)(page->items + (page->count - 1) * size)
               : TEXT_NONE;
}

orgkeys_status reply_read_page(const struct reader *reader, const struct resource *resource,
                               const struct json_value *value, struct reply_page *ret_page)
{
    struct envelope envelope = { TEXT_NONE, TEXT_NONE, FIELD_ABSENT };
    struct reply_page page = { NULL, 0, TEXT_NONE };
    orgkeys_status status = read_fields(reader, &envelope_type, value, &envelope);
    if (status == ORGKEYS_OK) {
        status = read_items(reader, resource, json_member(value, "data"), &page);
    }
    if (status != ORGKEYS_OK) {
        return status;
    }
    struct text cursor = cursor_of(&envelope, &page, resource_size(resource));
    if (page.count > 0 && envelope.has_more != 0) {
        page.cursor = cursor;
    }
    if (envelope.has_more == 1 && text_is_empty(cursor)) {
        return error_set(reader->error, ORGKEYS_ERROR_REPLY,
                         "the reply says that there is more, and not behind what");
    }
    *ret_page = page;
    return ORGKEYS_OK;
}

/* ---- Errors ---- */

static struct text text_member(const struct json_value *object, const char *name)
{
    const struct json_value *member = json_member(object, name);
    return member != NULL && json_type_of(member) == JSON_TYPE_TEXT ? json_read_text(member)
                                                                    : TEXT_NONE;
}

/* Some replies have the members at the top, some have a text for `error`. */
static void keep_error(struct orgkeys_error *error, const struct json_value *document,
                       const struct secrets *secrets)
{
    const struct json_value *inner = json_member(document, "error");
    if (inner != NULL && json_type_of(inner) == JSON_TYPE_TEXT) {
        error_keep(error->message, sizeof error->message, json_read_text(inner), secrets);
        return;
    }
    if (inner == NULL || json_type_of(inner) != JSON_TYPE_OBJECT) {
        inner = document;
    }
    error_keep(error->message, sizeof error->message, text_member(inner, "message"), secrets);
    error_keep(error->type, sizeof error->type, text_member(inner, "type"), secrets);
    error_keep(error->code, sizeof error->code, text_member(inner, "code"), secrets);
    error_keep(error->param, sizeof error->param, text_member(inner, "param"), secrets);
}

void reply_read_error(struct orgkeys_error *error, struct text body, const struct secrets *secrets)
{
    struct json_value *document = NULL;
    struct orgkeys_error ignored;
    if (reply_parse(&ignored, body, &document) == ORGKEYS_OK &&
        json_type_of(document) == JSON_TYPE_OBJECT) {
        keep_error(error, document, secrets);
    }
    if (document != NULL) {
        json_free(document);
    }
    if (error->message[0] == '\0') {
        bool redirects = error->http_status >= 300 && error->http_status <= 399;
        (void)error_set(error, ORGKEYS_ERROR_API, "the server answered with HTTP status %d%s",
                        error->http_status,
                        redirects ? ", and redirects are not followed: is the base URL right?"
                                  : "");
    }
}
