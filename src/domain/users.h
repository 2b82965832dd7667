#ifndef ORGKEYS_DOMAIN_USERS_H
#define ORGKEYS_DOMAIN_USERS_H

#include "domain/work.h"
#include "model/user.h"

/* The operations of /organization/users. */
struct result user_list(struct work *work);
struct result user_retrieve(struct work *work);
struct result user_update(struct work *work);
struct result user_delete(struct work *work);

/* A user of the caller's organization, or USER_NOT_FOUND. */
struct result user_load(struct work *work, struct text id, struct user **ret_user);
/* The one with that e-mail address, in any case; NULL when there is none. */
struct result user_find_by_email(struct work *work, struct text email, struct user **ret_user);
bool user_is_owner(const struct user *user);
/* What of a user decides about their keys. */
struct key_owner user_key_owner(const struct user *user);
/*
 * Makes one of email, name, role and is_default, and writes it into the audit log. The id may be
 * given by who has issued one already.
 */
struct result user_add(struct work *work, const struct user *given, struct user **ret_user);

#endif
