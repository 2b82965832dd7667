#ifndef ORGKEYS_KEYRING_KEYRING_H
#define ORGKEYS_KEYRING_KEYRING_H

#include <stdbool.h>
#include <stdint.h>

#include "base/result.h"
#include "codec/digest.h"
#include "codec/id.h"
#include "model/key_change.h"
#include "model/key_use.h"

/*
 * Every key there is, in memory: what a check needs, and no more. One thread changes it (the
 * loader, then the writer); any thread checks, without a lock, without waiting, without memory of
 * its own.
 *
 * Keys refer to memberships (of an owner in a project), those to owners and projects, those to
 * organizations. A change of one of these changes one entry, however many keys there are.
 */

enum {
    /* "a b c": 16 scopes of 64 characters */
    KEYRING_SCOPES_TEXT_MAXIMUM = 16 * 64 + 15,
    KEYRING_READERS_MAXIMUM = 1024, /* threads that ever check */
};

struct keyring;

/* Empty; see keyring/load.h. */
struct result keyring_create(struct keyring **ret_keyring);
void keyring_free(struct keyring *keyring);

/*
 * Room for so many changes that key_change_needs_room, whatever they refer to. KEYRING_FULL when
 * there is no memory, or a table has its maximum. Before a commit, so that following it afterwards
 * cannot fail. The changing thread.
 */
struct result keyring_reserve(struct keyring *keyring, size_t changes);

/*
 * Puts other tables in the place of those it has. They belong to the keyring afterwards, unless
 * this fails. The changing thread.
 */
struct tables;
struct result keyring_replace(struct keyring *keyring, struct tables *tables);

/* Follows a change and those behind it; they count from when this returns. The changing thread. */
void keyring_follow(struct keyring *keyring, const struct key_change *changes);

/* What there is to say of a key, in this order. */
enum keyring_verdict {
    /*
     * Nothing can be said: it changed again and again while it was looked at, or the keyring is too
     * long out of touch with a shared store.
     */
    KEYRING_UNCERTAIN,
    KEYRING_UNKNOWN, /* never issued, revoked, or its owner is gone */
    KEYRING_EXPIRED,
    KEYRING_PROJECT_ARCHIVED,
    KEYRING_OWNER_WITHOUT_ACCESS,
    KEYRING_ADMIN,  /* a live admin key */
    KEYRING_ACTIVE, /* a live key of a project */
};

/* An id's body, without its prefix. */
struct keyring_id {
    char body[ID_BODY_LENGTH];
};

/* Whom a key speaks for. */
struct keyring_holder {
    struct keyring_id organization;
    struct keyring_id project; /* not of an admin key */
    struct keyring_id key;
    struct keyring_id owner;
    bool owner_is_service_account;
    bool use_is_noted;  /* see keyring_note_use */
    int64_t expires_at; /* seconds; 0: never */
    uint32_t scopes_length;
    char scopes[KEYRING_SCOPES_TEXT_MAXIMUM]; /* with spaces between; none: no restriction */
};

/*
 * Any thread. `now` in seconds since 1970. ret_holder is filled for all verdicts behind
 * KEYRING_UNKNOWN.
 */
enum keyring_verdict keyring_check(struct keyring *keyring, const struct digest *digest,
                                   int64_t now, struct keyring_holder *ret_holder);

/*
 * Any thread. Notes that a key which was checked let somebody in at `now`, unless that is noted
 * already: of all uses between two keyring_take_uses the first one's time is kept. What has no room
 * (USES_MAXIMUM) is counted and left out; the key's next use is noted then.
 */
void keyring_note_use(struct keyring *keyring, const struct digest *digest,
                      const struct keyring_holder *holder, enum key_use_kind kind, int64_t now);
/*
 * Any thread. The same of a session, which the keyring knows nothing of: once a minute, but for
 * those that share a place with another that is used in turn.
 */
void keyring_note_session_use(struct keyring *keyring, const struct digest *digest, int64_t now);
/* Any thread. Takes noted uses; from then on the next use of these keys is noted again. */
size_t keyring_take_uses(struct keyring *keyring, struct key_use *ret_uses, size_t maximum);

/* The changing thread: the number of the newest commit that was followed. */
void keyring_set_revision(struct keyring *keyring, int64_t revision);

/*
 * Before the first check, for a store that other nodes change too: the keyring says UNCERTAIN
 * instead of UNKNOWN or EXPIRED when it was not confirmed for KEYRING_UNCONFIRMED_MAXIMUM, and of
 * everything when it was not for max_staleness (microseconds; 0: for ever).
 */
enum { KEYRING_UNCONFIRMED_MAXIMUM = 2000000 }; /* microseconds */
void keyring_share(struct keyring *keyring, int64_t max_staleness);
/* Any thread: whether anything but UNCERTAIN can be said. */
bool keyring_can_answer(struct keyring *keyring);
/* Any thread: whether that something is not there can be said. */
bool keyring_is_in_touch(struct keyring *keyring);
/* Any thread: all commits up to that moment, by the monotonic clock, were followed. */
void keyring_confirm(struct keyring *keyring, int64_t moment);

struct keyring_statistics {
    size_t keys;
    size_t bytes;         /* of memory, all tables together */
    int64_t revision;     /* see keyring_set_revision */
    int64_t confirmed_at; /* see keyring_confirm; 0: nobody else changes the store */
};
/* Any thread. */
struct keyring_statistics keyring_statistics(const struct keyring *keyring);

#endif
