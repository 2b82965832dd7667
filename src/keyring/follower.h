#ifndef ORGKEYS_KEYRING_FOLLOWER_H
#define ORGKEYS_KEYRING_FOLLOWER_H

#include "keyring/following.h"

/*
 * The thread that follows what other nodes commit to a shared store: woken by them, and every
 * FOLLOWER_SWEEP_MICROSECONDS to be sure.
 */
enum { FOLLOWER_SWEEP_MICROSECONDS = 250000 };

struct follower;

struct result follower_start(struct store *store, struct following *following,
                             struct follower **ret_follower);
/* NULL is allowed. */
void follower_stop(struct follower *follower);

/* Whether the last look at the database worked. */
bool follower_is_connected(struct follower *follower);

#endif
