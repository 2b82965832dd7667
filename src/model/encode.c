#include "model/encode.h"

#include "base/result.h"
#include "codec/json_writer.h"

void model_encode_texts(struct buffer *buffer, const struct text_list *list)
{
    json_write_open(buffer, '[');
    for (size_t i = 0; i < list->count; i++) {
        json_write_text(buffer, list->items[i]);
    }
    json_write_close(buffer, ']');
}

void model_encode_objects(struct buffer *buffer, const struct object_type *type,
                          const struct object_list *list)
{
    json_write_open(buffer, '[');
    for (size_t i = 0; i < list->count; i++) {
        model_encode(buffer, type, (const char *)list->items + i * type->size);
    }
    json_write_close(buffer, ']');
}

static bool is_absent(const struct field *field, const void *object)
{
    const void *member = (const char *)object + field->offset;
    switch (field->kind) {
    case FIELD_CONSTANT:
        return false;
    case FIELD_TEXT:
    case FIELD_JSON:
    case FIELD_DETAIL:
        return field_text(field, object)->data == NULL;
    case FIELD_INTEGER:
    case FIELD_TIME:
    case FIELD_BOOLEAN:
        return *field_integer(field, object) == FIELD_ABSENT;
    case FIELD_OBJECT:
        return !object_is_present(field->type, member);
    case FIELD_TEXT_LIST:
        return ((const struct text_list *)member)->items == NULL;
    case FIELD_OBJECT_LIST:
        return ((const struct object_list *)member)->items == NULL;
    }
    return true;
}

static void encode_value(struct buffer *buffer, const struct field *field, const void *object)
{
    const void *member = (const char *)object + field->offset;
    switch (field->kind) {
    case FIELD_CONSTANT:
        json_write_text(buffer, text_of(field->choices[0]));
        break;
    case FIELD_TEXT:
        json_write_text(buffer, *field_text(field, object));
        break;
    case FIELD_INTEGER:
    case FIELD_TIME:
        json_write_integer(buffer, *field_integer(field, object));
        break;
    case FIELD_BOOLEAN:
        json_write_boolean(buffer, *field_integer(field, object) != 0);
        break;
    case FIELD_OBJECT:
        model_encode(buffer, field->type, member);
        break;
    case FIELD_TEXT_LIST:
        model_encode_texts(buffer, member);
        break;
    case FIELD_OBJECT_LIST:
        model_encode_objects(buffer, field->type, member);
        break;
    case FIELD_JSON:
    case FIELD_DETAIL:
        json_write_raw(buffer, *field_text(field, object));
        break;
    }
}

static struct text member_name(const struct field *field, const void *object)
{
    if (field->kind == FIELD_DETAIL) {
        return *(const struct text *)(const void *)((const char *)object + field->name_offset);
    }
    return text_of(field->name);
}

void model_encode(struct buffer *buffer, const struct object_type *type, const void *object)
{
    json_write_open(buffer, '{');
    for (size_t i = 0; i < type->field_count; i++) {
        const struct field *field = &type->fields[i];
        bool absent = is_absent(field, object);
        if ((field->flags & FIELD_HIDDEN) != 0 ||
            (absent && (field->flags & FIELD_NULLABLE) == 0)) {
            continue;
        }
        json_write_name(buffer, member_name(field, object));
        if (absent) {
            json_write_null(buffer);
        } else {
            encode_value(buffer, field, object);
        }
    }
    json_write_close(buffer, '}');
}

static struct text item_id(const struct page *page, size_t index)
{
    if (page->count == 0) {
        return TEXT_NONE;
    }
    return *(const struct text *)(const void *)((const char *)page->items +
                                                index * page->type->size);
}

void model_encode_page(struct buffer *buffer, const struct page *page)
{
    struct object_list items = { page->items, page->count };
    json_write_open(buffer, '{');
    json_write_name(buffer, TEXT("object"));
    json_write_text(buffer, TEXT("list"));
    json_write_name(buffer, TEXT("data"));
    model_encode_objects(buffer, page->type, &items);
    json_write_name(buffer, TEXT("first_id"));
    json_write_text(buffer, item_id(page, 0));
    json_write_name(buffer, TEXT("last_id"));
    json_write_text(buffer, item_id(page, page->count - 1));
    json_write_name(buffer, TEXT("has_more"));
    json_write_boolean(buffer, page->has_more);
    json_write_close(buffer, '}');
}
