#ifndef ORGKEYS_CLIENT_OPERATIONS_H
#define ORGKEYS_CLIENT_OPERATIONS_H

#include <stdbool.h>
#include <stddef.h>

#include "client/reply.h"

/* What can be asked of a server. */
enum operation {
    LIST_PROJECT_API_KEYS,
    RETRIEVE_PROJECT_API_KEY,
    OPERATION_COUNT,
};

struct operation_description {
    const char *method;
    const char *path;                /* below the base URL */
    const struct object_type *query; /* of a list; over struct list_query */
    const struct object_type *input; /* NULL: there is no body */
    const struct resource *resource; /* the reply, or an item of its page */
    bool needs_no_key;
};

const struct operation_description *operation_describe(enum operation operation);

#endif
