#include "model/field.h"

const struct text *field_text(const struct field *field, const void *object)
{
    return (const struct text *)(const void *)((const char *)object + field->offset);
}

const int64_t *field_integer(const struct field *field, const void *object)
{
    return (const int64_t *)(const void *)((const char *)object + field->offset);
}

void object_clear(const struct object_type *type, void *object)
{
    for (size_t i = 0; i < type->field_count; i++) {
        const struct field *field = &type->fields[i];
        void *member = (char *)object + field->offset;
        switch (field->kind) {
        case FIELD_INTEGER:
        case FIELD_TIME:
        case FIELD_BOOLEAN:
            *(int64_t *)member = FIELD_ABSENT;
            break;
        case FIELD_OBJECT:
            object_clear(field->type, member);
            break;
        default:
            break;
        }
    }
}

bool object_is_present(const struct object_type *type, const void *object)
{
    bool has_text = false;
    for (size_t i = 0; i < type->field_count; i++) {
        if (type->fields[i].kind == FIELD_TEXT) {
            has_text = true;
            if (field_text(&type->fields[i], object)->data != NULL) {
                return true;
            }
        }
    }
    return !has_text;
}
