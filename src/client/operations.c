#include "client/operations.h"

#include "base/result.h"
#include "client/resources.h"
#include "model/list_query.h"

#define ORGANIZATION "/organization"
#define PROJECT ORGANIZATION "/projects/{project_id}"

/* clang-format off */
static const struct operation_description operations[OPERATION_COUNT] = {
    [LIST_PROJECT_API_KEYS] = { "GET", PROJECT "/api_keys", &project_api_key_query_type, NULL, &project_api_key_resource, false },
    [RETRIEVE_PROJECT_API_KEY] = { "GET", PROJECT "/api_keys/{api_key_id}", NULL, NULL, &project_api_key_resource, false },
};
/* clang-format on */

const struct operation_description *operation_describe(enum operation operation)
{
    ASSERT(operation < OPERATION_COUNT);
    return &operations[operation];
}
