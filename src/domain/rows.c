#include "domain/rows.h"

static const struct field *find_field(const struct object_type *type, struct text path,
                                      size_t *offset)
{
    struct text rest = path;
    struct text name = text_cut(&rest, '.');
    for (size_t i = 0; i < type->field_count; i++) {
        const struct field *field = &type->fields[i];
        if (field->kind == FIELD_CONSTANT || !text_equal(text_of(field->name), name)) {
            continue;
        }
        *offset += field->offset;
        if (field->kind == FIELD_OBJECT) {
            return find_field(field->type, rest, offset);
        }
        return name.length == path.length ? field : NULL;
    }
    return NULL;
}

struct result row_bind(const struct object_type *type, const struct store_row *row,
                       struct row_binding *ret_binding)
{
    struct row_binding binding = { .type = type, .count = row->count };
    for (size_t i = 0; i < row->count; i++) {
        /* `detail` is shown under another name, and is found by its kind. */
        struct text name = text_of(row->names[i]);
        binding.fields[i] = find_field(type, text_equal(name, TEXT("detail")) ? TEXT("") : name,
                                       &binding.offsets[i]);
        if (binding.fields[i] == NULL) {
            return fault(ERROR_INTERNAL, "%s has no field for the column %s", type->name,
                         row->names[i]);
        }
    }
    *ret_binding = binding;
    return RESULT_OK;
}

static struct result read_value(const struct field *field, const struct store_value *value,
                                struct arena *arena, void *member)
{
    if (value->type == STORE_NULL) {
        return RESULT_OK;
    }
    switch (field->kind) {
    case FIELD_TEXT:
    case FIELD_JSON:
    case FIELD_DETAIL:
        if (value->type == STORE_TEXT) {
            *(struct text *)member = arena_copy(arena, value->text);
            return ((struct text *)member)->data != NULL
                       ? RESULT_OK
                       : fault(ERROR_INTERNAL, "the memory of a request is used up");
        }
        break;
    case FIELD_INTEGER:
    case FIELD_TIME:
    case FIELD_BOOLEAN:
        if (value->type == STORE_INTEGER) {
            *(int64_t *)member = value->integer;
            return RESULT_OK;
        }
        break;
    default:
        break;
    }
    return fault(ERROR_INTERNAL, "the column of %s has another type", field->name);
}

struct result row_read(const struct row_binding *binding, const struct store_row *row,
                       struct arena *arena, void *object)
{
    object_clear(binding->type, object);
    for (size_t i = 0; i < row->count; i++) {
        TRY(read_value(binding->fields[i], &row->values[i], arena,
                       (char *)object + binding->offsets[i]));
    }
    return RESULT_OK;
}
