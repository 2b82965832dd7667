#include "model/decode.h"

#include <string.h>

#include "base/buffer.h"
#include "codec/uri.h"

static struct result out_of_memory(void)
{
    return fault(ERROR_INTERNAL, "the memory of a request is used up");
}

/* ---- Texts ---- */

/* Something, one '@', something; no spaces. Whether it takes mail is for the mail server to say. */
static bool is_email(struct text text)
{
    size_t at = text_find(text, '@');
    struct text domain = text_from(text, at + 1);
    return at > 0 && domain.length > 0 && text_find(domain, '@') == domain.length &&
           text_find(text, ' ') == text.length && !text_has_control(text);
}

bool scope_is_valid(struct text text)
{
    return text.length > 0 && text_is_visible(text) && text_find(text, '"') == text.length &&
           text_find(text, '\\') == text.length;
}

static bool has_format(struct text text, enum text_format format)
{
    switch (format) {
    case FORMAT_EMAIL:
        return is_email(text);
    case FORMAT_SCOPE:
        return scope_is_valid(text);
    case FORMAT_KEY:
        return text_is_visible(text);
    case FORMAT_ANY:
    case FORMAT_ID:
        break;
    }
    return !text_has_control(text);
}

static const char *format_expectation(enum text_format format)
{
    static const char *const expectations[] = {
        [FORMAT_ANY] = "control characters are not allowed",
        [FORMAT_EMAIL] = "expected an e-mail address",
        [FORMAT_SCOPE] = "expected a scope of visible ASCII characters without '\"' and '\\' "
                         "(RFC 6749, 3.3)",
        [FORMAT_KEY] = "expected visible ASCII characters, without spaces",
        [FORMAT_ID] = "control characters are not allowed",
    };
    return expectations[format];
}

static bool is_choice(const char *const *choices, struct text text)
{
    for (size_t i = 0; choices[i] != NULL; i++) {
        if (text_equal(text_of(choices[i]), text)) {
            return true;
        }
    }
    return false;
}

static struct result refuse_choice(const struct decoder *decoder, const struct field *field,
                                   struct text param)
{
    char storage[sizeof decoder->problem->expected];
    size_t length = 0;
    for (size_t i = 0; field->choices[i] != NULL; i++) {
        struct text choice = text_of(field->choices[i]);
        if (length + choice.length + 5 < sizeof storage) {
            memcpy(storage + length, i > 0 ? ", '" : "'", i > 0 ? 3 : 1);
            length += i > 0 ? 3 : 1;
            memcpy(storage + length, choice.data, choice.length);
            length += choice.length;
            storage[length++] = '\'';
        }
    }
    return problem_refuse(decoder->problem, ERROR_INVALID_VALUE, param, TEXT_NONE,
                          "supported values are: %.*s", (int)length, storage);
}

static struct result check_text(const struct decoder *decoder, const struct field *field,
                                struct text param, struct text text)
{
    if (field->choices != NULL) {
        return is_choice(field->choices, text) ? RESULT_OK : refuse_choice(decoder, field, param);
    }
    bool is_item = field->kind == FIELD_TEXT_LIST;
    int64_t minimum = is_item ? 1 : field->minimum;
    int64_t own_maximum = is_item ? field->item_maximum : field->maximum;
    int64_t maximum = own_maximum > 0 ? own_maximum : DECODE_TEXT_MAXIMUM;
    int64_t length = (int64_t)text_characters(text);
    if (length > maximum) {
        return problem_refuse_number(decoder->problem, ERROR_STRING_TOO_LONG, param, length,
                                     maximum);
    }
    if (length < minimum) {
        return problem_refuse_number(decoder->problem, ERROR_STRING_TOO_SHORT, param, length,
                                     minimum);
    }
    if (!has_format(text, field->format)) {
        return problem_refuse(decoder->problem, ERROR_INVALID_VALUE, param, TEXT_NONE, "%s",
                              format_expectation(field->format));
    }
    return RESULT_OK;
}

static struct result check_integer(const struct decoder *decoder, const struct field *field,
                                   struct text param, int64_t integer)
{
    if (field->maximum != 0 && integer > field->maximum) {
        return problem_refuse_number(decoder->problem, ERROR_INTEGER_ABOVE_MAXIMUM, param, integer,
                                     field->maximum);
    }
    if (field->maximum != 0 && integer < field->minimum) {
        return problem_refuse_number(decoder->problem, ERROR_INTEGER_BELOW_MINIMUM, param, integer,
                                     field->minimum);
    }
    return RESULT_OK;
}

static struct result check_count(const struct decoder *decoder, const struct field *field,
                                 struct text param, size_t count)
{
    int64_t maximum = field->maximum > 0 ? field->maximum : DECODE_LIST_MAXIMUM;
    if (count > (size_t)maximum) {
        return problem_refuse_number(decoder->problem, ERROR_ARRAY_TOO_LONG, param, (int64_t)count,
                                     maximum);
    }
    return RESULT_OK;
}

/* ---- JSON bodies ---- */

/* What each kind is in JSON. Those that are left out are not in requests. */
static const struct {
    enum json_type type;
    const char *expected;
} forms[FIELD_DETAIL + 1] = {
    [FIELD_TEXT] = { JSON_TYPE_TEXT, "a string" },
    [FIELD_INTEGER] = { JSON_TYPE_INTEGER, "an integer" },
    [FIELD_BOOLEAN] = { JSON_TYPE_BOOLEAN, "a boolean" },
    [FIELD_OBJECT] = { JSON_TYPE_OBJECT, "an object" },
    [FIELD_TEXT_LIST] = { JSON_TYPE_ARRAY, "an array of strings" },
    [FIELD_OBJECT_LIST] = { JSON_TYPE_ARRAY, "an array of objects" },
};

static struct result refuse_type(const struct decoder *decoder, struct text param,
                                 const char *expected, const struct json_value *value)
{
    return problem_refuse(decoder->problem, ERROR_INVALID_TYPE, param,
                          text_of(json_type_name(json_type_of(value))), "%s", expected);
}

static struct result decode_object(const struct decoder *decoder, const struct object_type *type,
                                   struct text prefix, const struct json_value *value,
                                   void *ret_object);

static struct result decode_texts(const struct decoder *decoder, const struct field *field,
                                  struct text param, const struct json_value *array,
                                  struct text_list *ret_list)
{
    size_t count = json_array_length(array);
    TRY(check_count(decoder, field, param, count));
    struct text *items = arena_allocate_array(decoder->arena, count + 1, sizeof *items);
    if (items == NULL) {
        return out_of_memory();
    }
    for (size_t i = 0; i < count; i++) {
        const struct json_value *item = json_array_at(array, i);
        struct text name = arena_format(decoder->arena, "%.*s[%zu]", TEXT_ARGUMENTS(param), i);
        if (json_type_of(item) != JSON_TYPE_TEXT) {
            return refuse_type(decoder, name, "a string", item);
        }
        TRY(check_text(decoder, field, name, json_read_text(item)));
        items[i] = arena_copy(decoder->arena, json_read_text(item));
        if (items[i].data == NULL) {
            return out_of_memory();
        }
    }
    *ret_list = (struct text_list){ items, count };
    return RESULT_OK;
}

static struct result decode_objects(const struct decoder *decoder, const struct field *field,
                                    struct text param, const struct json_value *array,
                                    struct object_list *ret_list)
{
    size_t count = json_array_length(array);
    TRY(check_count(decoder, field, param, count));
    char *items = arena_allocate_array(decoder->arena, count + 1, field->type->size);
    if (items == NULL) {
        return out_of_memory();
    }
    for (size_t i = 0; i < count; i++) {
        const struct json_value *item = json_array_at(array, i);
        struct text name = arena_format(decoder->arena, "%.*s[%zu]", TEXT_ARGUMENTS(param), i);
        if (json_type_of(item) != JSON_TYPE_OBJECT) {
            return refuse_type(decoder, name, "an object", item);
        }
        TRY(decode_object(decoder, field->type, name, item, items + i * field->type->size));
    }
    *ret_list = (struct object_list){ items, count };
    return RESULT_OK;
}

static struct result decode_member(const struct decoder *decoder, const struct field *field,
                                   struct text param, const struct json_value *value, void *member)
{
    ASSERT(forms[field->kind].expected != NULL);
    if (json_type_of(value) != forms[field->kind].type) {
        return refuse_type(decoder, param, forms[field->kind].expected, value);
    }
    switch (field->kind) {
    case FIELD_INTEGER:
        TRY(check_integer(decoder, field, param, json_read_integer(value)));
        *(int64_t *)member = json_read_integer(value);
        return RESULT_OK;
    case FIELD_BOOLEAN:
        *(int64_t *)member = json_read_boolean(value);
        return RESULT_OK;
    case FIELD_OBJECT:
        return decode_object(decoder, field->type, param, value, member);
    case FIELD_TEXT_LIST:
        return decode_texts(decoder, field, param, value, member);
    case FIELD_OBJECT_LIST:
        return decode_objects(decoder, field, param, value, member);
    default:
        TRY(check_text(decoder, field, param, json_read_text(value)));
        *(struct text *)member = arena_copy(decoder->arena, json_read_text(value));
        return ((struct text *)member)->data != NULL ? RESULT_OK : out_of_memory();
    }
}

static struct text path_of(const struct decoder *decoder, struct text prefix, struct text name)
{
    return prefix.length == 0 ? name
                              : arena_format(decoder->arena, "%.*s.%.*s", TEXT_ARGUMENTS(prefix),
                                             TEXT_ARGUMENTS(name));
}

struct unknown_member {
    const struct object_type *type;
    struct text name; /* of the first one found; data NULL when there is none */
};

static bool find_unknown_member(void *context, struct text name)
{
    struct unknown_member *unknown = context;
    for (size_t i = 0; i < unknown->type->field_count; i++) {
        if (text_equal(text_of(unknown->type->fields[i].name), name)) {
            return true;
        }
    }
    unknown->name = name;
    return false;
}

/* A name is repeated only when it is spelled like one of ours: anything else could be a key. */
static struct text printable_name(struct text name)
{
    for (size_t i = 0; i < name.length; i++) {
        char byte = name.data[i];
        if (!((byte >= 'a' && byte <= 'z') || byte == '_') || name.length > 40) {
            return TEXT("(a name not shown)");
        }
    }
    return name;
}

static struct result refuse_unknown_members(const struct decoder *decoder,
                                            const struct object_type *type, struct text prefix,
                                            const struct json_value *value)
{
    struct unknown_member unknown = { type, TEXT_NONE };
    if (json_each_member(value, find_unknown_member, &unknown)) {
        return RESULT_OK;
    }
    return problem_refuse(decoder->problem, ERROR_UNKNOWN_PARAMETER,
                          path_of(decoder, prefix, printable_name(unknown.name)), TEXT_NONE, NULL);
}

static struct result decode_object(const struct decoder *decoder, const struct object_type *type,
                                   struct text prefix, const struct json_value *value,
                                   void *ret_object)
{
    object_clear(type, ret_object);
    TRY(refuse_unknown_members(decoder, type, prefix, value));
    for (size_t i = 0; i < type->field_count; i++) {
        const struct field *field = &type->fields[i];
        struct text param = path_of(decoder, prefix, text_of(field->name));
        const struct json_value *member = json_member(value, field->name);
        if (member == NULL && (field->flags & FIELD_REQUIRED) != 0) {
            return problem_refuse(decoder->problem, ERROR_MISSING_PARAMETER, param, TEXT_NONE,
                                  NULL);
        }
        bool is_null = member != NULL && json_type_of(member) == JSON_TYPE_NULL;
        if (member == NULL || (is_null && (field->flags & FIELD_NULLABLE) != 0)) {
            continue;
        }
        if ((field->flags & FIELD_UNSUPPORTED) != 0) {
            return problem_refuse(decoder->problem, ERROR_UNSUPPORTED_PARAMETER, param, TEXT_NONE,
                                  NULL);
        }
        TRY(decode_member(decoder, field, param, member, (char *)ret_object + field->offset));
    }
    return RESULT_OK;
}

static struct result parse_body(const struct decoder *decoder, struct text body,
                                struct json_value **ret_document)
{
    char problem[JSON_PROBLEM_MAXIMUM] = "";
    struct result result = json_parse(body, ret_document, problem);
    if (result.error == ERROR_MALFORMED_JSON) {
        return problem_refuse(decoder->problem, ERROR_MALFORMED_JSON, TEXT_NONE, TEXT_NONE, "%s",
                              problem);
    }
    return result;
}

struct result decode_body(const struct decoder *decoder, const struct object_type *type,
                          struct text body, void *ret_object)
{
    struct json_value *document = NULL;
    TRY(parse_body(decoder, text_is_empty(body) ? TEXT("{}") : body, &document));
    struct result result = json_type_of(document) == JSON_TYPE_OBJECT
                               ? decode_object(decoder, type, TEXT(""), document, ret_object)
                               : problem_refuse(decoder->problem, ERROR_MALFORMED_JSON, TEXT_NONE,
                                                TEXT_NONE, "expected an object, but got %s",
                                                json_type_name(json_type_of(document)));
    json_free(document);
    return result;
}

/* ---- Queries ---- */

static struct text base_name(struct text name)
{
    return text_until(name, text_find(name, '['));
}

static const struct field *find_parameter(const struct object_type *type, struct text name)
{
    for (size_t i = 0; i < type->field_count; i++) {
        if (text_equal(text_of(type->fields[i].name), name)) {
            return &type->fields[i];
        }
    }
    return NULL;
}

static struct result refuse_misspelled_brackets(const struct decoder *decoder,
                                                const struct object_type *type, struct text name)
{
    struct text base = base_name(name);
    bool has_brackets = base.length < name.length;
    for (size_t i = 0; i < type->field_count; i++) {
        const struct field *field = &type->fields[i];
        struct text known = base_name(text_of(field->name));
        bool is_member = field->kind != FIELD_TEXT_LIST && field->name[known.length] == '[';
        if (!text_equal(base, known)) {
            continue;
        }
        if (is_member && has_brackets) {
            return problem_refuse(decoder->problem, ERROR_INVALID_VALUE, base, TEXT_NONE,
                                  "it has no such member");
        }
        return problem_refuse(decoder->problem, ERROR_INVALID_TYPE, base,
                              has_brackets ? TEXT("an object") : TEXT("a string"), "%s",
                              is_member ? "an object" : forms[field->kind].expected);
    }
    return RESULT_OK;
}

static struct result append_item(const struct decoder *decoder, const struct field *field,
                                 struct text param, struct text value, struct text_list *list)
{
    TRY(check_count(decoder, field, param, list->count + 1));
    TRY(check_text(decoder, field, param, value));
    struct text *items = arena_allocate_array(decoder->arena, list->count + 1, sizeof *items);
    if (items == NULL) {
        return out_of_memory();
    }
    if (list->count > 0) {
        memcpy(items, list->items, list->count * sizeof *items);
    }
    items[list->count] = value;
    *list = (struct text_list){ items, list->count + 1 };
    return RESULT_OK;
}

static struct result refuse_query_type(const struct decoder *decoder, const struct field *field,
                                       struct text param)
{
    return problem_refuse(decoder->problem, ERROR_INVALID_TYPE, param, TEXT("a string"), "%s",
                          forms[field->kind].expected);
}

static struct result decode_parameter(const struct decoder *decoder, const struct field *field,
                                      struct text value, void *member)
{
    struct text param = text_of(field->name);
    int64_t integer;
    switch (field->kind) {
    case FIELD_INTEGER:
        if (!text_to_integer(value, INT64_MIN + 1, INT64_MAX, &integer)) {
            return refuse_query_type(decoder, field, param);
        }
        TRY(check_integer(decoder, field, param, integer));
        *(int64_t *)member = integer;
        return RESULT_OK;
    case FIELD_BOOLEAN:
        if (!text_equal(value, TEXT("true")) && !text_equal(value, TEXT("false"))) {
            return refuse_query_type(decoder, field, param);
        }
        *(int64_t *)member = text_equal(value, TEXT("true"));
        return RESULT_OK;
    case FIELD_TEXT_LIST:
        return append_item(decoder, field, param, value, member);
    default:
        ASSERT(field->kind == FIELD_TEXT);
        TRY(check_text(decoder, field, param, value));
        *(struct text *)member = value;
        return RESULT_OK;
    }
}

static struct result apply_presets(const struct decoder *decoder, const struct object_type *type,
                                   uint64_t seen, void *object)
{
    for (size_t i = 0; i < type->field_count; i++) {
        const struct field *field = &type->fields[i];
        if (field->preset != NULL && (seen & UINT64_C(1) << i) == 0) {
            TRY(decode_parameter(decoder, field, text_of(field->preset),
                                 (char *)object + field->offset));
        }
    }
    return RESULT_OK;
}

struct result decode_query(const struct decoder *decoder, const struct object_type *type,
                           struct text query, void *ret_object)
{
    uint64_t seen = 0;
    ASSERT(type->field_count <= 64);
    object_clear(type, ret_object);
    for (;;) {
        struct uri_parameter parameter;
        TRY(uri_next_parameter(decoder->arena, &query, &parameter));
        if (parameter.name.data == NULL) {
            break;
        }
        if (text_is_empty(parameter.value)) {
            continue;
        }
        const struct field *field = find_parameter(type, parameter.name);
        if (field == NULL) {
            TRY(refuse_misspelled_brackets(decoder, type, parameter.name));
            continue;
        }
        uint64_t bit = UINT64_C(1) << (field - type->fields);
        if ((seen & bit) != 0 && field->kind != FIELD_TEXT_LIST) {
            return problem_refuse(decoder->problem, ERROR_DUPLICATE_PARAMETER, text_of(field->name),
                                  TEXT_NONE, NULL);
        }
        seen |= bit;
        TRY(decode_parameter(decoder, field, parameter.value, (char *)ret_object + field->offset));
    }
    return apply_presets(decoder, type, seen, ret_object);
}

/* ---- Rows ---- */

static struct result decode_stored(const struct decoder *decoder, const struct field *field,
                                   struct text json, void *ret_list)
{
    struct json_value *document = NULL;
    struct result result = parse_body(decoder, json, &document);
    if (!result_failed(result)) {
        result = decode_member(decoder, field, TEXT("stored"), document, ret_list);
    }
    json_free(document);
    return result_failed(result) ? fault(ERROR_INTERNAL, "a stored list cannot be read") : result;
}

struct result decode_stored_objects(const struct decoder *decoder, const struct object_type *type,
                                    struct text json, struct object_list *ret_list)
{
    struct field stored = {
        .name = "stored", .kind = FIELD_OBJECT_LIST, .type = type, .maximum = DECODE_STORED_MAXIMUM
    };
    return decode_stored(decoder, &stored, json, ret_list);
}

struct result decode_stored_texts(const struct decoder *decoder, struct text json,
                                  struct text_list *ret_list)
{
    static const struct field stored = { .name = "stored", .kind = FIELD_TEXT_LIST };
    return decode_stored(decoder, &stored, json, ret_list);
}
