#ifndef ORGKEYS_CLIENT_OPERATIONS_H
#define ORGKEYS_CLIENT_OPERATIONS_H

#include <stdbool.h>
#include <stddef.h>

#include "client/reply.h"

/* What can be asked of a server. A test compares them with what the server describes. */
enum operation {
    LIST_ADMIN_API_KEYS,
    CREATE_ADMIN_API_KEY,
    RETRIEVE_ADMIN_API_KEY,
    DELETE_ADMIN_API_KEY,

    LIST_PROJECTS,
    CREATE_PROJECT,
    RETRIEVE_PROJECT,
    UPDATE_PROJECT,
    ARCHIVE_PROJECT,

    LIST_PROJECT_USERS,
    CREATE_PROJECT_USER,
    RETRIEVE_PROJECT_USER,
    UPDATE_PROJECT_USER,
    DELETE_PROJECT_USER,

    LIST_SERVICE_ACCOUNTS,
    CREATE_SERVICE_ACCOUNT,
    RETRIEVE_SERVICE_ACCOUNT,
    UPDATE_SERVICE_ACCOUNT,
    DELETE_SERVICE_ACCOUNT,
    CREATE_SERVICE_ACCOUNT_API_KEY,

    LIST_PROJECT_API_KEYS,
    CREATE_PROJECT_API_KEY,
    RETRIEVE_PROJECT_API_KEY,
    UPDATE_PROJECT_API_KEY,
    DELETE_PROJECT_API_KEY,
    LIST_ORGANIZATION_PROJECT_API_KEYS,

    LIST_USERS,
    RETRIEVE_USER,
    UPDATE_USER,
    DELETE_USER,
    CREATE_PASSWORD_LINK,

    LIST_INVITES,
    CREATE_INVITE,
    ACCEPT_INVITE,
    RETRIEVE_INVITE,
    DELETE_INVITE,
    RENEW_INVITE_LINK,

    LIST_AUDIT_LOGS,

    OPERATION_COUNT,
};

struct operation_description {
    const char *method;
    const char *path;                /* below the base URL */
    const struct object_type *query; /* of a list; over struct list_query */
    const struct object_type *input; /* NULL: there is no body */
    const struct resource *resource; /* the reply, or an item of its page */
};

const struct operation_description *operation_describe(enum operation operation);

/* Only joining the organization needs no admin key: the invite's token is the credential. */
bool operation_needs_key(enum operation operation);

#endif
