#ifndef ORGKEYS_DOMAIN_ACCESS_H
#define ORGKEYS_DOMAIN_ACCESS_H

#include "domain/work.h"

/*
 * What a caller must be. An admin key is an owner of the organization; a session is its person,
 * with their roles of this moment. Owners of the organization are owners of every project.
 */
enum access {
    ACCESS_ANYONE, /* without a credential */
    ACCESS_PERSON, /* anybody who is known; the operation itself looks who */
    ACCESS_MEMBER, /* of the project */
    ACCESS_PROJECT_OWNER,
    ACCESS_OWNER, /* of the organization */
};

/*
 * Refuses with INSUFFICIENT_ROLE; with PROJECT_NOT_FOUND where the project is none of the caller's,
 * as if it were not there. The project of the path has been loaded, where `access` is about one.
 */
struct result access_require(struct work *work, enum access access);

/* Whether the caller may do what they like with the keys of the project, or with their own only. */
bool access_manages_project(const struct work *work);

/* For what only whoever manages the project may do. */
struct result access_require_manager(struct work *work);

/* For what only the person themselves, and owners of the organization, may do. */
struct result access_require_self(struct work *work, struct text user_id);

#endif
