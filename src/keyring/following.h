#ifndef ORGKEYS_KEYRING_FOLLOWING_H
#define ORGKEYS_KEYRING_FOLLOWING_H

#include <stdbool.h>
#include <stdint.h>

#include "keyring/keyring.h"
#include "store/store.h"
#include "store/worker.h"

/*
 * Keeps a keyring as the commits left the keys, each commit's changes in the order of commits and
 * each once.
 *
 * Alone on its database, a node hands the changes of its own commits over. Where several share one,
 * every commit leaves its changes in the table `changes` under its revision, which grows by one a
 * commit; a commit's own changes are followed only after those of all before it, which are read
 * while the commit holds the revision, so that nothing that comes late brings a key back.
 *
 * Two threads follow: the writer, its own commits, and the follower (follower.h), those of others.
 */
enum {
    FOLLOWING_CHANGES_MAXIMUM = 2 * 1024 * 1024, /* bytes of a commit's changes, as JSON */
    FOLLOWING_ROWS_MAXIMUM = 100,                /* commits that are read at a time */
    /*
     * Microseconds. What a database shows that is the primary no more is worth nothing, and only a
     * commit tells: there it waits for ever for a synchronous standby. So the keyring of a shared
     * store is confirmed (keyring_confirm) up to so long after the beginning of the node's newest
     * commit that was kept, and no further. The node commits something every two seconds.
     */
    FOLLOWING_UNPROVEN_MAXIMUM = 4000000,
};

struct following;

/* `node` names this node in the database; it is copied. */
struct result following_create(struct keyring *keyring, bool is_shared, struct text node,
                               struct following **ret_following);
void following_free(struct following *following);

/*
 * Reads every key and puts it in the place of what the keyring has. The session is the follower's,
 * or the writer's of a store that is not shared, outside a transaction. STORE_UNAVAILABLE where
 * something was followed meanwhile.
 */
struct result following_load(struct following *following, struct store_session *session);

/* ---- The writer, around a commit ---- */

void following_begin_batch(struct following *following);
/* Whether there is room for an operation's changes; KEYRING_FULL. Only what issues needs any. */
struct result following_reserve(struct following *following, const struct key_change *changes);
/* The operation is kept; the changes must live until the end of the batch. */
void following_add(struct following *following, struct key_change *changes);
/*
 * In the transaction, as the last thing before its commit: follows what others committed before it,
 * leaves its own changes for them, finds room. STORE_UNAVAILABLE where those of others are gone, or
 * what was followed.
 */
struct result following_prepare(struct following *following, struct store_session *session,
                                int64_t revision);
/* After the commit: cannot fail. */
void following_commit(struct following *following, int64_t revision);
/*
 * Any thread. By what was begun at that moment, of the monotonic clock, the database has shown that
 * it is the primary.
 */
void following_prove(struct following *following, int64_t moment);

/*
 * The part of it that leaves the changes: for a program that commits without a keyring. Every
 * commit to a shared store leaves a row, also one that changes no key.
 */
struct result following_publish(struct store_session *session, struct text node, int64_t revision,
                                const struct key_change *changes);

/*
 * When jobs were told that their outcome is unknown: the keyring becomes what the store has. On the
 * writer's session, outside a transaction.
 */
struct result following_recover(struct following *following, struct store_session *session);

/* ---- The follower ---- */

/*
 * Follows the commits of others that are there, and confirms the keyring (keyring_confirm). The
 * session is read-only. Where the commits to follow are gone, or those that were followed, a
 * session that is new loads everything. One that is not may have stayed where the database was
 * before a failover: STORE_UNAVAILABLE.
 */
struct result following_catch_up(struct following *following, struct store_session *session,
                                 bool is_new);

/* Any thread, without waiting: how many commits the follower knows of that are not followed yet. */
int64_t following_lag(struct following *following);

#endif
