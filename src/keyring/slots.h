#ifndef ORGKEYS_KEYRING_SLOTS_H
#define ORGKEYS_KEYRING_SLOTS_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/result.h"
#include "codec/digest.h"

/*
 * The table of keys: slots of one cache line, found by digest, with linear probing. One thread
 * changes it, any number look up without a lock and without waiting.
 *
 * A slot's first word tells its state. Its other words are written only while the state is not
 * SLOT_LIVE, but for the scopes of a key that is updated; a generation in the first word counts how
 * often it was filled or updated. So whoever finds the first word the same before and after reading
 * the others has read one key, whole, or one with its new scopes and its old expiry.
 */
enum slot_state {
    SLOT_EMPTY, /* a search ends here */
    SLOT_LIVE,
    SLOT_REMOVED, /* a search goes on */
    SLOT_STATE_COUNT,
};

/* What is kept of a key, packed into a slot: see slots.c for the bits. */
struct slot_key {
    struct digest digest;
    uint64_t id_time;      /* the key id's time, below 2^60 */
    uint64_t id_random[2]; /* its random part in two halves, each below 2^42 */
    uint32_t membership;   /* below SLOT_MEMBERSHIPS_MAXIMUM */
    uint32_t scopes;       /* below SLOT_SCOPES_MAXIMUM */
    int64_t expires_at;    /* seconds, 1 to SLOT_EXPIRY_MAXIMUM; 0: never */
    bool is_marked;        /* as it was found; a key is inserted without */
};

#define SLOT_MEMBERSHIPS_MAXIMUM (UINT32_C(1) << 26)
#define SLOT_SCOPES_MAXIMUM (UINT32_C(1) << 20)
#define SLOT_EXPIRY_MAXIMUM ((INT64_C(1) << 36) - 1)

enum { SLOT_WORDS = 8 };

struct slot {
    _Alignas(64) _Atomic uint64_t words[SLOT_WORDS];
};

struct slots {
    struct slot *slots;
    size_t capacity;
    size_t live;
    size_t removed;
};

/* Room for `count` keys and as many more as the load allows. KEYRING_FULL when there is no memory.
 */
struct result slots_open(size_t count, struct slots **ret_slots);
/* NULL is allowed. */
void slots_close(struct slots *slots);

/* Whether `count` more keys fit below the greatest load. */
bool slots_have_room(const struct slots *slots, size_t count);

/* The changing thread. The key must not be there yet, and there must be room. */
void slots_insert(struct slots *slots, const struct slot_key *key);
/* The changing thread. False when it is not there. */
bool slots_remove(struct slots *slots, const struct digest *digest);

/* A slot as it was found. */
struct slot_reference {
    struct slot *slot;
    uint64_t control;
};

/* Any thread. */
bool slots_find(const struct slots *slots, const struct digest *digest, struct slot_key *ret_key,
                struct slot_reference *ret_reference);

/* Any thread. Whether the slot has not changed since, but for its mark. */
bool slot_is_unchanged(const struct slot_reference *reference);

/*
 * The changing thread. New scopes, a new expiry; false when the key is not there. Each is one word:
 * a check that comes in between may see the new scopes with the old expiry.
 */
bool slots_update(struct slots *slots, const struct digest *digest, uint32_t scopes,
                  int64_t expires_at);

/*
 * Any thread. Sets the mark of a key, which tells that it was used; true for the one who set it.
 * False also when the slot has changed meanwhile.
 */
bool slot_mark(struct slot_reference *reference);
/* Any thread. It may be another key's mark by now: one that is lost is only set again. */
void slot_unmark(struct slot_reference *reference);

/* Copies all keys, without their marks, into empty slots with room for them. */
void slots_copy(const struct slots *from, struct slots *to);

size_t slots_size(const struct slots *slots);

#endif
