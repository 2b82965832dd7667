#ifndef ORGKEYS_ORGKEYS_H
#define ORGKEYS_ORGKEYS_H

/* The whole library. */
#include <orgkeys/admin_api_keys.h>
#include <orgkeys/audit_logs.h>
#include <orgkeys/client.h>
#include <orgkeys/invites.h>
#include <orgkeys/keys.h>
#include <orgkeys/project_api_keys.h>
#include <orgkeys/project_users.h>
#include <orgkeys/projects.h>
#include <orgkeys/service_accounts.h>
#include <orgkeys/users.h>

#endif
