/*
 * Prints what the tables say, for tests/client/test_symbols.py: the operations of the client, a
 * line each, and the function that each field of an object has.
 */
#include <stdio.h>

#include "client/operations.h"
#include "client/resources.h"

static void print_fields(const struct object_type *type, const char *prefix);

/* A list has a count, and items, or the members of its items. */
static void print_list(const struct field *field, const char *path)
{
    printf("field %s_count\n", path);
    if (field->kind == FIELD_TEXT_LIST) {
        printf("field %s_at\n", path);
    } else {
        print_fields(field->type, path);
    }
}

static void print_field(const struct field *field, const char *prefix)
{
    char path[256];
    (void)snprintf(path, sizeof path, "%s_%s", prefix, field->name);
    switch (field->kind) {
    case FIELD_OBJECT:
        if (field->type == &service_account_api_key_type) {
            puts("field orgkeys_service_account_issued_key");
        } else {
            print_fields(field->type, path);
        }
        break;
    case FIELD_JSON:
        break; /* the resource's own table has it */
    case FIELD_DETAIL:
        printf("field %s_detail\n", prefix);
        break;
    case FIELD_TEXT_LIST:
    case FIELD_OBJECT_LIST:
        print_list(field, path);
        break;
    default:
        printf("field %s\n", path);
    }
}

/* A second name of a member that has one, and what is no part of the JSON, have no function. */
static bool has_function(const struct object_type *type, size_t index)
{
    const struct field *field = &type->fields[index];
    for (size_t i = 0; i < index; i++) {
        if (type->fields[i].kind == field->kind && type->fields[i].offset == field->offset) {
            return false;
        }
    }
    return field->kind != FIELD_CONSTANT && (field->flags & FIELD_HIDDEN) == 0;
}

static void print_fields(const struct object_type *type, const char *prefix)
{
    for (size_t i = 0; i < type->field_count; i++) {
        if (has_function(type, i)) {
            print_field(&type->fields[i], prefix);
        }
    }
}

static const struct {
    const char *prefix;
    const struct resource *resource;
} objects[] = {
    { "orgkeys_admin_api_key", &admin_api_key_resource },
    { "orgkeys_audit_log", &audit_log_resource },
    { "orgkeys_introspection", &introspection_resource },
    { "orgkeys_invite", &invite_resource },
    { "orgkeys_password_link", &password_link_resource },
    { "orgkeys_project", &project_resource },
    { "orgkeys_project_api_key", &project_api_key_resource },
    { "orgkeys_project_user", &project_user_resource },
    { "orgkeys_service_account", &service_account_resource },
    { "orgkeys_service_account_api_key", &service_account_api_key_resource },
    { "orgkeys_user", &user_resource },
};

int main(void)
{
    for (int i = 0; i < OPERATION_COUNT; i++) {
        const struct operation_description *operation = operation_describe((enum operation)i);
        printf("operation %s /v1%s\n", operation->method, operation->path);
    }
    for (size_t i = 0; i < sizeof objects / sizeof objects[0]; i++) {
        print_fields(objects[i].resource->type, objects[i].prefix);
        if (objects[i].resource->own != NULL) {
            print_fields(objects[i].resource->own, objects[i].prefix);
        }
    }
    return 0;
}
