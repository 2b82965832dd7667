#ifndef ORGKEYS_CLIENT_RESOURCES_H
#define ORGKEYS_CLIENT_RESOURCES_H

#include <orgkeys/orgkeys.h>

#include "client/reply.h"
#include "model/project_api_key.h"

/*
 * The objects behind the public types: the server's struct, and behind it what the server keeps as
 * JSON, typed.
 */
struct orgkeys_project_api_key {
    struct project_api_key model;
    struct text_list scopes;
};

extern const struct resource project_api_key_resource;

#endif
