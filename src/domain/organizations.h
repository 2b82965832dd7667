#ifndef ORGKEYS_DOMAIN_ORGANIZATIONS_H
#define ORGKEYS_DOMAIN_ORGANIZATIONS_H

#include "domain/work.h"

struct organization {
    struct text id;
    struct text name;
    struct text default_project_id;
};

/* The caller's organization. */
struct result organization_load(struct work *work, struct organization **ret_organization);

/* What an organization begins with. */
struct organization_founding {
    struct text name;
    struct text owner_email;
    struct text owner_name;
    struct text admin_key; /* a value that exists already; TEXT_NONE: one is made */
};

/*
 * Makes an organization with its default project, its owner, whose id goes to ret_owner_id, and
 * their first admin key, whose value goes to ret_admin_key. work->caller becomes that
 * organization's, with nobody as the actor.
 */
struct result organization_found(struct work *work, const struct organization_founding *founding,
                                 struct text *ret_admin_key, struct text *ret_owner_id);

/* Whether there is any organization; the first one's id. */
struct result organization_find_first(struct work *work, struct organization **ret_organization);

struct organization_recovery {
    struct text organization_id; /* TEXT_NONE: the oldest */
    struct text owner_email;     /* TEXT_NONE: the oldest owner */
    bool revoke_others;          /* end every other way in as an owner */
};

/* For who has the server's files and lost every key: a new admin key of an owner. */
struct result organization_recover(struct work *work, const struct organization_recovery *recovery,
                                   struct text *ret_admin_key);

#endif
