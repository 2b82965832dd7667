#ifndef ORGKEYS_CLIENT_RESOURCES_H
#define ORGKEYS_CLIENT_RESOURCES_H

#include <orgkeys/orgkeys.h>

#include "client/reply.h"
#include "model/admin_api_key.h"
#include "model/audit_log.h"
#include "model/introspection.h"
#include "model/invite.h"
#include "model/password.h"
#include "model/project.h"
#include "model/project_api_key.h"
#include "model/project_user.h"
#include "model/service_account.h"
#include "model/user.h"

/*
 * The objects behind the public types: the server's struct, and behind it what the server keeps as
 * JSON, or as a constant, with a type.
 */
struct admin_api_key_own_owner {
    struct text type;
    struct text role;
};

struct orgkeys_admin_api_key {
    struct admin_api_key model;
    struct admin_api_key_own_owner own_owner;
};

struct orgkeys_audit_log {
    struct audit_log model;
    struct audit_actor actor;
};

struct orgkeys_introspection {
    struct introspection model;
};

struct orgkeys_invite {
    struct invite model;
    struct object_list projects; /* struct invite_project */
};

struct orgkeys_password_link {
    struct password_link model;
};

struct orgkeys_project {
    struct project model;
};

struct orgkeys_project_api_key {
    struct project_api_key model;
    struct text_list scopes;
};

struct orgkeys_project_user {
    struct project_user model;
};

struct orgkeys_service_account {
    struct service_account model;
};

struct orgkeys_service_account_api_key {
    struct service_account_api_key model;
};

struct orgkeys_user {
    struct user model;
};

extern const struct resource admin_api_key_resource;
extern const struct resource audit_log_resource;
extern const struct resource introspection_resource;
extern const struct resource invite_resource;
extern const struct resource password_link_resource;
extern const struct resource project_api_key_resource;
extern const struct resource project_resource;
extern const struct resource project_user_resource;
extern const struct resource service_account_api_key_resource;
extern const struct resource service_account_resource;
extern const struct resource user_resource;

#endif
