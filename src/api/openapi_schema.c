#include "api/openapi_schema.h"

#include <stdio.h>

#include "base/result.h"
#include "codec/json_writer.h"
#include "model/audit_log.h"
#include "model/decode.h"

void schema_write_member(struct buffer *buffer, const char *name, const char *text)
{
    json_write_name(buffer, text_of(name));
    json_write_text(buffer, text_of(text));
}

static void write_number(struct buffer *buffer, const char *name, int64_t number)
{
    json_write_name(buffer, text_of(name));
    json_write_integer(buffer, number);
}

static void write_type_word(struct buffer *buffer, const char *type, bool is_nullable)
{
    if (!is_nullable) {
        schema_write_member(buffer, "type", type);
        return;
    }
    json_write_name(buffer, TEXT("type"));
    json_write_open(buffer, '[');
    json_write_text(buffer, text_of(type));
    json_write_text(buffer, TEXT("null"));
    json_write_close(buffer, ']');
}

static void write_choices(struct buffer *buffer, const char *const *choices, bool is_nullable)
{
    if (choices == NULL) {
        return;
    }
    json_write_name(buffer, TEXT("enum"));
    json_write_open(buffer, '[');
    for (size_t i = 0; choices[i] != NULL; i++) {
        json_write_text(buffer, text_of(choices[i]));
    }
    if (is_nullable) {
        json_write_null(buffer);
    }
    json_write_close(buffer, ']');
}

static void write_text_limits(struct buffer *buffer, const struct field *field)
{
    if (field->choices != NULL) {
        return;
    }
    if (field->minimum > 0) {
        write_number(buffer, "minLength", field->minimum);
    }
    write_number(buffer, "maxLength", field->maximum > 0 ? field->maximum : DECODE_TEXT_MAXIMUM);
    if (field->format == FORMAT_EMAIL) {
        schema_write_member(buffer, "format", "email");
    }
}

static void write_list(struct buffer *buffer, struct schema_set *set, const struct field *field,
                       bool is_input)
{
    struct field item = *field;
    write_type_word(buffer, "array", (field->flags & FIELD_NULLABLE) != 0);
    json_write_name(buffer, TEXT("items"));
    if (field->kind == FIELD_OBJECT_LIST) {
        schema_write_type(buffer, set, field->type, is_input);
    } else {
        item.kind = FIELD_TEXT;
        item.flags = 0;
        item.description = NULL;
        item.minimum = 1;
        item.maximum = field->item_maximum;
        schema_write_field(buffer, set, &item, is_input);
    }
    if (is_input) {
        write_number(buffer, "maxItems", field->maximum > 0 ? field->maximum : DECODE_LIST_MAXIMUM);
    }
}

static void write_object(struct buffer *buffer, struct schema_set *set, const struct field *field,
                         bool is_input)
{
    if ((field->flags & FIELD_NULLABLE) == 0) {
        json_write_name(buffer, TEXT("allOf"));
        json_write_open(buffer, '[');
        schema_write_type(buffer, set, field->type, is_input);
        json_write_close(buffer, ']');
        return;
    }
    json_write_name(buffer, TEXT("anyOf"));
    json_write_open(buffer, '[');
    schema_write_type(buffer, set, field->type, is_input);
    json_write_open(buffer, '{');
    schema_write_member(buffer, "type", "null");
    json_write_close(buffer, '}');
    json_write_close(buffer, ']');
}

static void write_value_keywords(struct buffer *buffer, struct schema_set *set,
                                 const struct field *field, bool is_input)
{
    bool is_nullable = (field->flags & FIELD_NULLABLE) != 0;
    switch (field->kind) {
    case FIELD_CONSTANT:
    case FIELD_TEXT:
        write_type_word(buffer, "string", is_nullable);
        write_choices(buffer, field->choices, is_nullable);
        if (is_input) {
            write_text_limits(buffer, field);
        }
        break;
    case FIELD_INTEGER:
    case FIELD_TIME:
        write_type_word(buffer, "integer", is_nullable);
        if (field->kind == FIELD_TIME) {
            schema_write_member(buffer, "format", "unixtime");
        }
        if (field->maximum > 0) {
            write_number(buffer, "minimum", field->minimum);
            write_number(buffer, "maximum", field->maximum);
        }
        break;
    case FIELD_BOOLEAN:
        write_type_word(buffer, "boolean", is_nullable);
        break;
    case FIELD_TEXT_LIST:
    case FIELD_OBJECT_LIST:
        write_list(buffer, set, field, is_input);
        break;
    case FIELD_OBJECT:
        write_object(buffer, set, field, is_input);
        break;
    case FIELD_JSON:
        /* A type without a name only lends its single field. */
        if (field->type->name[0] == '\0') {
            write_value_keywords(buffer, set, &field->type->fields[0], is_input);
        } else {
            write_object(buffer, set, field, is_input);
        }
        break;
    case FIELD_DETAIL:
        break;
    }
}

static void write_default(struct buffer *buffer, const struct field *field)
{
    if (field->preset == NULL) {
        return;
    }
    json_write_name(buffer, TEXT("default"));
    if (field->kind == FIELD_TEXT) {
        json_write_text(buffer, text_of(field->preset));
    } else {
        json_write_raw(buffer, text_of(field->preset));
    }
}

void schema_write_field(struct buffer *buffer, struct schema_set *set, const struct field *field,
                        bool is_input)
{
    json_write_open(buffer, '{');
    write_value_keywords(buffer, set, field, is_input);
    write_default(buffer, field);
    if (field->description != NULL) {
        schema_write_member(buffer, "description", field->description);
    }
    if ((field->flags & FIELD_DEPRECATED) != 0) {
        json_write_name(buffer, TEXT("deprecated"));
        json_write_boolean(buffer, true);
    }
    if ((field->flags & FIELD_OURS) != 0) {
        json_write_name(buffer, TEXT("x-orgkeys-addition"));
        json_write_boolean(buffer, true);
    }
    json_write_close(buffer, '}');
}

/* Each type of event is a member of its own name. */
static void write_details(struct buffer *buffer, struct schema_set *set)
{
    for (enum audit_event event = AUDIT_NONE + 1; event < AUDIT_EVENT_COUNT; event++) {
        const struct audit_event_description *description = audit_event_describe(event);
        json_write_name(buffer, text_of(description->type));
        schema_write_type(buffer, set, description->detail, false);
    }
}

static void write_properties(struct buffer *buffer, struct schema_set *set,
                             const struct object_type *type, bool is_input)
{
    json_write_name(buffer, TEXT("properties"));
    json_write_open(buffer, '{');
    for (size_t i = 0; i < type->field_count; i++) {
        const struct field *field = &type->fields[i];
        if (field->kind == FIELD_DETAIL) {
            write_details(buffer, set);
        } else if ((field->flags & FIELD_HIDDEN) == 0) {
            json_write_name(buffer, text_of(field->name));
            schema_write_field(buffer, set, field, is_input);
        }
    }
    json_write_close(buffer, '}');
}

static void write_required(struct buffer *buffer, const struct object_type *type)
{
    bool any = false;
    for (size_t i = 0; i < type->field_count; i++) {
        if ((type->fields[i].flags & FIELD_REQUIRED) == 0) {
            continue;
        }
        if (!any) {
            json_write_name(buffer, TEXT("required"));
            json_write_open(buffer, '[');
            any = true;
        }
        json_write_text(buffer, text_of(type->fields[i].name));
    }
    if (any) {
        json_write_close(buffer, ']');
    }
}

static void write_whole_type(struct buffer *buffer, struct schema_set *set,
                             const struct object_type *type, bool is_input)
{
    json_write_open(buffer, '{');
    schema_write_member(buffer, "type", "object");
    if (type->description[0] != '\0') {
        schema_write_member(buffer, "description", type->description);
    }
    write_properties(buffer, set, type, is_input);
    write_required(buffer, type);
    if (is_input) {
        json_write_name(buffer, TEXT("additionalProperties"));
        json_write_boolean(buffer, false);
    }
    json_write_close(buffer, '}');
}

void schema_write_component(struct buffer *buffer, struct schema_set *set, size_t index)
{
    write_whole_type(buffer, set, set->types[index], set->are_input[index]);
}

static void add(struct schema_set *set, const struct object_type *type, bool is_input)
{
    for (size_t i = 0; i < set->count; i++) {
        if (text_equal(text_of(set->types[i]->name), text_of(type->name))) {
            return;
        }
    }
    ASSERT(set->count < SCHEMAS_MAXIMUM);
    set->types[set->count] = type;
    set->are_input[set->count++] = is_input;
}

void schema_write_type(struct buffer *buffer, struct schema_set *set,
                       const struct object_type *type, bool is_input)
{
    if (type->name[0] == '\0') {
        write_whole_type(buffer, set, type, is_input);
        return;
    }
    char reference[96];
    (void)snprintf(reference, sizeof reference, "#/components/schemas/%s", type->name);
    add(set, type, is_input);
    json_write_open(buffer, '{');
    schema_write_member(buffer, "$ref", reference);
    json_write_close(buffer, '}');
}
