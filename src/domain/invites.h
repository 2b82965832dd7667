#ifndef ORGKEYS_DOMAIN_INVITES_H
#define ORGKEYS_DOMAIN_INVITES_H

#include "domain/work.h"
#include "model/invite.h"

/* The operations of /organization/invites. */
struct result invite_list(struct work *work);
struct result invite_create(struct work *work);
struct result invite_retrieve(struct work *work);
struct result invite_delete(struct work *work);
/* A new link, which ends the old one. */
struct result invite_link(struct work *work);
/* By the invited person, whose only credential is the link's token. */
struct result invite_accept(struct work *work);
/* Before it: whether the token can be one at all, so that garbage never reaches the store. */
struct result invite_check_token(struct work *work);

/* Withdraws every open invite to be an owner of the caller's organization. */
struct result invite_withdraw_of_owners(struct work *work);

#endif
