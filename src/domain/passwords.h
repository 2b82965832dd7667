#ifndef ORGKEYS_DOMAIN_PASSWORDS_H
#define ORGKEYS_DOMAIN_PASSWORDS_H

#include "domain/work.h"
#include "model/password.h"

enum { PASSWORD_LINK_SECONDS = 24 * 3600 };

/* Counts an attempt at an account; TOO_MANY_ATTEMPTS when it comes too soon (login_limits.h). */
struct result password_try(struct work *work, struct text organization_id, struct text email);
/* Counts what is to be hashed for whoever has a link: at no account, from an address. */
struct result password_try_link(struct work *work);
/* The attempt was right. */
void password_was_right(struct work *work);
/* It was wrong: the call is refused, and that it was tried is kept in the audit log (login.failed).
 */
struct result password_fail(struct work *work, enum error error, struct text param);
/* Nothing was compared or hashed after all. */
void password_give_back(struct work *work);

/* Does what work->password asks for. On a thread that has nothing else to do: it takes its time. */
struct result password_work(struct work *work);

/* Keeps the hash of work->password as the person's, and ends their sessions but for the caller's.
 */
struct result password_keep(struct work *work, struct text user_id);

/* Ends the passwords, links and sessions of all owners of the caller's organization. */
struct result password_end_of_owners(struct work *work);

/* Makes a link by which the person can set a password; an older one ends. */
struct result password_link_add(struct work *work, struct text user_id, struct text *ret_url);

/* Operations; see route.h. */
struct result password_link_create(struct work *work);
struct result password_set_check(struct work *work);
struct result password_set(struct work *work);
struct result password_change_check(struct work *work);
struct result password_change(struct work *work);

#endif
