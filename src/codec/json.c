#include "codec/json.h"

#include <jansson.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/secret.h"

/*
 * jansson does not look whether the text of a string that it reads could grow, and writes beyond
 * its copy where it could not (2.14: lex_save, lex_scan_string). So it is never told that there is
 * no memory: what it was doing is left instead, and all that it had allocated for it is given back.
 */
struct block {
    struct block *next; /* the one before it in time */
    struct block *previous;
    size_t size; /* with this head */
    max_align_t bytes[];
};

/* Of this thread's documents; each is parsed and freed by one thread. */
static _Thread_local struct {
    struct block *newest;
    size_t used;
    bool parses;
    jmp_buf without_memory; /* while it does */
    enum error shortage;    /* of the newest parse */
} memory;

static void *no_memory(enum error error)
{
    if (memory.parses) {
        memory.shortage = error;
        longjmp(memory.without_memory, 1);
    }
    return NULL;
}

static void *allocate_counted(size_t wanted)
{
    size_t size = sizeof(struct block) + wanted;
    if (wanted > JSON_MEMORY_MAXIMUM || size > JSON_MEMORY_MAXIMUM - memory.used) {
        return no_memory(ERROR_MALFORMED_JSON);
    }
    struct block *block = malloc(size);
    if (block == NULL) {
        return no_memory(ERROR_OVERLOADED);
    }
    *block = (struct block){ .next = memory.newest, .size = size };
    if (block->next != NULL) {
        block->next->previous = block;
    }
    memory.newest = block;
    memory.used += size;
    return block->bytes;
}

static void free_block(struct block *block)
{
    struct block **place = block->previous != NULL ? &block->previous->next : &memory.newest;
    *place = block->next;
    if (block->next != NULL) {
        block->next->previous = block->previous;
    }
    memory.used -= block->size;
    secret_wipe(block, block->size);
    free(block);
}

static void free_wiped(void *bytes)
{
    if (bytes != NULL) {
        free_block((struct block *)(void *)((char *)bytes - offsetof(struct block, bytes)));
    }
}

void json_initialize(void)
{
    json_set_alloc_funcs(allocate_counted, free_wiped);
}

/* jansson's own text is not used: it quotes the input, which may be a key. */
static const char *describe_error(const json_error_t *error)
{
    switch (json_error_code(error)) {
    case json_error_premature_end_of_input:
        return "it ends too early";
    case json_error_end_of_input_expected:
        return "there is more after its end";
    case json_error_invalid_utf8:
        return "it is not UTF-8";
    case json_error_duplicate_key:
        return "a name appears twice in an object";
    case json_error_null_character:
    case json_error_null_byte_in_key:
        return "a string holds a NUL character";
    case json_error_numeric_overflow:
        return "a number is too large";
    case json_error_stack_overflow:
        return "it is nested too deep";
    default:
        return "it is not JSON";
    }
}

static bool is_too_deep(const json_t *value, unsigned depth)
{
    const char *name;
    const json_t *member;
    size_t index;
    if (depth == 0) {
        return true;
    }
    if (json_is_array(value)) {
        json_array_foreach(value, index, member)
        {
            if (is_too_deep(member, depth - 1)) {
                return true;
            }
        }
    } else if (json_is_object(value)) {
        json_t *object = (json_t *)(uintptr_t)value;
        json_object_foreach(object, name, member)
        {
            if (is_too_deep(member, depth - 1)) {
                return true;
            }
        }
    }
    return false;
}

/*
 * Gives what there was too little of: OVERLOADED for memory, MALFORMED_JSON for what a thread's
 * documents may take. ERROR_NONE with NULL: `error` says what is wrong.
 */
static enum error load(struct text text, json_error_t *error, json_t **ret_document)
{
    struct block *before = memory.newest;
    *ret_document = NULL;
    memory.shortage = ERROR_NONE;
    memory.parses = true;
    if (setjmp(memory.without_memory) == 0) {
        *ret_document = json_loadb(text.data != NULL ? text.data : "", text.length,
                                   JSON_REJECT_DUPLICATES | JSON_DECODE_ANY, error);
    }
    memory.parses = false;
    while (memory.shortage != ERROR_NONE && memory.newest != before) {
        free_block(memory.newest);
    }
    return memory.shortage;
}

struct result json_parse(struct text text, struct json_value **ret_document,
                         char ret_problem[JSON_PROBLEM_MAXIMUM])
{
    json_error_t error = { .text = "" };
    json_t *document;
    enum error shortage = load(text, &error, &document);
    if (shortage == ERROR_OVERLOADED) {
        return fault(ERROR_OVERLOADED, "no memory for a JSON document");
    }
    if (shortage != ERROR_NONE) {
        (void)snprintf(ret_problem, JSON_PROBLEM_MAXIMUM, "it holds too much");
        return refuse(ERROR_MALFORMED_JSON);
    }
    if (document == NULL) {
        (void)snprintf(ret_problem, JSON_PROBLEM_MAXIMUM, "%s (line %d, column %d)",
                       describe_error(&error), error.line, error.column);
        secret_wipe(&error, sizeof error);
        return refuse(ERROR_MALFORMED_JSON);
    }
    if (is_too_deep(document, JSON_DEPTH_MAXIMUM)) {
        (void)snprintf(ret_problem, JSON_PROBLEM_MAXIMUM, "it is nested deeper than %d levels",
                       JSON_DEPTH_MAXIMUM);
        json_decref(document);
        return refuse(ERROR_MALFORMED_JSON);
    }
    *ret_document = (struct json_value *)document;
    return RESULT_OK;
}

void json_free(struct json_value *document)
{
    json_decref((json_t *)document);
}

enum json_type json_type_of(const struct json_value *value)
{
    switch (json_typeof((const json_t *)value)) {
    case JSON_OBJECT:
        return JSON_TYPE_OBJECT;
    case JSON_ARRAY:
        return JSON_TYPE_ARRAY;
    case JSON_STRING:
        return JSON_TYPE_TEXT;
    case JSON_INTEGER:
        return JSON_TYPE_INTEGER;
    case JSON_REAL:
        return JSON_TYPE_NUMBER;
    case JSON_TRUE:
    case JSON_FALSE:
        return JSON_TYPE_BOOLEAN;
    case JSON_NULL:
        break;
    }
    return JSON_TYPE_NULL;
}

const char *json_type_name(enum json_type type)
{
    static const char *const names[] = {
        [JSON_TYPE_NULL] = "null",          [JSON_TYPE_BOOLEAN] = "a boolean",
        [JSON_TYPE_INTEGER] = "an integer", [JSON_TYPE_NUMBER] = "a decimal",
        [JSON_TYPE_TEXT] = "a string",      [JSON_TYPE_ARRAY] = "an array",
        [JSON_TYPE_OBJECT] = "an object",
    };
    return names[type];
}

int64_t json_read_integer(const struct json_value *value)
{
    return json_integer_value((const json_t *)value);
}

bool json_read_whole(const struct json_value *value, int64_t *ret_integer)
{
    const json_t *number = (const json_t *)value;
    if (!json_is_number(number)) {
        return false;
    }
    double real = json_real_value(number);
    bool is_exact = real >= -0x1p53 && real <= 0x1p53 && real == (double)(int64_t)real;
    *ret_integer =
        json_is_integer(number) ? json_integer_value(number) : (int64_t)(is_exact ? real : 0);
    return json_is_integer(number) || is_exact;
}

bool json_read_boolean(const struct json_value *value)
{
    return json_is_true((const json_t *)value);
}

struct text json_read_text(const struct json_value *value)
{
    const json_t *string = (const json_t *)value;
    return (struct text){ json_string_value(string), json_string_length(string) };
}

size_t json_array_length(const struct json_value *array)
{
    return json_array_size((const json_t *)array);
}

const struct json_value *json_array_at(const struct json_value *array, size_t index)
{
    return (const struct json_value *)json_array_get((const json_t *)array, index);
}

const struct json_value *json_member(const struct json_value *object, const char *name)
{
    return (const struct json_value *)json_object_get((const json_t *)object, name);
}

bool json_each_member(const struct json_value *object,
                      bool (*visit)(void *context, struct text name), void *context)
{
    json_t *members = (json_t *)(uintptr_t)object;
    const char *name;
    const json_t *member;
    json_object_foreach(members, name, member)
    {
        (void)member;
        if (!visit(context, text_of(name))) {
            return false;
        }
    }
    return true;
}

static int append_printed(const char *data, size_t size, void *buffer)
{
    buffer_append(buffer, (struct text){ data, size });
    return 0;
}

void json_print(const struct json_value *value, struct buffer *buffer)
{
    if (json_dump_callback((const json_t *)value, append_printed, buffer,
                           JSON_COMPACT | JSON_ENCODE_ANY) != 0) {
        buffer->failed = true;
    }
}
