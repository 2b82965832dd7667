#include "objects.h"

#include "base/result.h"
#include "model/decode.h"

bool objects_include(const struct object_type *const *types, size_t count,
                     const struct object_type *type)
{
    for (size_t i = 0; i < count; i++) {
        if (types[i] == type) {
            return true;
        }
    }
    return false;
}

static const void *member_of(const struct field *field, const void *object)
{
    return (const char *)object + field->offset;
}

/* ---- Limits ---- */

static bool is_choice(const struct field *field, struct text text)
{
    for (size_t i = 0; field->choices[i] != NULL; i++) {
        if (text_equal(text_of(field->choices[i]), text)) {
            return true;
        }
    }
    return false;
}

static void require_text(const struct field *field, struct text text, int64_t minimum,
                         int64_t maximum)
{
    size_t characters = text_characters(text);
    ASSERT(text_is_utf8(text));
    ASSERT(!text_has_control(text));
    if (field->choices != NULL) {
        ASSERT(is_choice(field, text));
        return;
    }
    ASSERT(characters <= (size_t)(maximum > 0 ? maximum : DECODE_TEXT_MAXIMUM));
    ASSERT(characters >= (size_t)minimum);
    ASSERT(field->format != FORMAT_KEY || text_is_visible(text));
    ASSERT(field->format != FORMAT_SCOPE || scope_is_valid(text));
    ASSERT(field->format != FORMAT_EMAIL || text_find(text, '@') < text.length);
}

static size_t count_maximum(const struct field *field)
{
    return (size_t)(field->maximum > 0 ? field->maximum : DECODE_LIST_MAXIMUM);
}

static void require_texts(const struct field *field, const struct text_list *list)
{
    ASSERT(list->count <= count_maximum(field));
    for (size_t i = 0; i < list->count; i++) {
        require_text(field, list->items[i], 1, field->item_maximum);
    }
}

static void require_objects(const struct field *field, const struct object_list *list)
{
    ASSERT(list->count <= count_maximum(field));
    for (size_t i = 0; i < list->count; i++) {
        objects_require_limits(field->type, (const char *)list->items + i * field->type->size);
    }
}

static void require_integer(const struct field *field, int64_t integer)
{
    if (integer == FIELD_ABSENT) {
        ASSERT((field->flags & FIELD_REQUIRED) == 0);
    } else if (field->kind == FIELD_BOOLEAN) {
        ASSERT(integer == 0 || integer == 1);
    } else if (field->maximum != 0) {
        ASSERT(integer >= field->minimum && integer <= field->maximum);
    }
}

static void require_field(const struct field *field, const void *object)
{
    const struct text *text = field_text(field, object);
    switch (field->kind) {
    case FIELD_TEXT:
        if (text->data != NULL) {
            ASSERT((field->flags & FIELD_UNSUPPORTED) == 0);
            require_text(field, *text, field->minimum, field->maximum);
        } else {
            ASSERT((field->flags & FIELD_REQUIRED) == 0 || (field->flags & FIELD_NULLABLE) != 0);
        }
        break;
    case FIELD_INTEGER:
    case FIELD_BOOLEAN:
        require_integer(field, *field_integer(field, object));
        break;
    case FIELD_OBJECT:
        objects_require_limits(field->type, member_of(field, object));
        break;
    case FIELD_TEXT_LIST:
        require_texts(field, member_of(field, object));
        break;
    case FIELD_OBJECT_LIST:
        require_objects(field, member_of(field, object));
        break;
    default:
        ASSERT(false); /* not of requests */
    }
}

void objects_require_limits(const struct object_type *type, const void *object)
{
    for (size_t i = 0; i < type->field_count; i++) {
        require_field(&type->fields[i], object);
    }
}

/* ---- Equality ---- */

static bool texts_equal(struct text left, struct text right)
{
    return (left.data == NULL) == (right.data == NULL) && text_equal(left, right);
}

static bool text_lists_equal(const struct text_list *left, const struct text_list *right)
{
    bool equal = (left->items == NULL) == (right->items == NULL) && left->count == right->count;
    for (size_t i = 0; equal && i < left->count; i++) {
        equal = texts_equal(left->items[i], right->items[i]);
    }
    return equal;
}

static bool object_lists_equal(const struct object_type *type, const struct object_list *left,
                               const struct object_list *right)
{
    bool equal = (left->items == NULL) == (right->items == NULL) && left->count == right->count;
    for (size_t i = 0; equal && i < left->count; i++) {
        equal = objects_equal(type, (const char *)left->items + i * type->size,
                              (const char *)right->items + i * type->size);
    }
    return equal;
}

static bool fields_equal(const struct field *field, const void *left, const void *right)
{
    switch (field->kind) {
    case FIELD_TEXT:
        return texts_equal(*field_text(field, left), *field_text(field, right));
    case FIELD_INTEGER:
    case FIELD_BOOLEAN:
        return *field_integer(field, left) == *field_integer(field, right);
    case FIELD_OBJECT:
        return objects_equal(field->type, member_of(field, left), member_of(field, right));
    case FIELD_TEXT_LIST:
        return text_lists_equal(member_of(field, left), member_of(field, right));
    case FIELD_OBJECT_LIST:
        return object_lists_equal(field->type, member_of(field, left), member_of(field, right));
    default:
        return false;
    }
}

bool objects_equal(const struct object_type *type, const void *left, const void *right)
{
    bool equal = true;
    for (size_t i = 0; equal && i < type->field_count; i++) {
        equal = fields_equal(&type->fields[i], left, right);
    }
    return equal;
}
