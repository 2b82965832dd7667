#ifndef ORGKEYS_KEYRING_REGISTRY_H
#define ORGKEYS_KEYRING_REGISTRY_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "keyring/area.h"

/*
 * A small table of the keyring: entries of atomic words, found by their content, counted by how
 * many refer to them, and used again when nobody does. One thread changes it. Others read entries
 * by index, without a lock; that an entry is still the one they mean, they know from what refers to
 * it.
 *
 * An entry's first `key_words` words are its content; they do not change while it is used.
 */
typedef _Atomic uint64_t registry_word;

#define REGISTRY_NONE UINT32_MAX

struct registry {
    size_t key_words;
    size_t words; /* of an entry */
    struct area entries;
    struct area references; /* uint32_t each; of an unused entry: the next unused one */
    uint32_t *buckets;      /* index + 1, or 0; a power of two of them */
    size_t bucket_count;
    size_t used;
    uint32_t unused; /* the first of those that were used before, or REGISTRY_NONE */
    uint32_t fresh;  /* how many were ever used */
};

struct result registry_open(size_t key_words, size_t words, size_t maximum,
                            struct registry *ret_registry);
void registry_close(struct registry *registry);

/* Room for `count` more entries: KEYRING_FULL when there is none. */
struct result registry_reserve(struct registry *registry, size_t count);

/* The entry with that content, or REGISTRY_NONE. */
uint32_t registry_find(const struct registry *registry, const uint64_t *key);

/*
 * The same with one reference more; made, with the other words zero, where there is none. Room must
 * have been reserved.
 */
uint32_t registry_refer(struct registry *registry, const uint64_t *key);
/* One reference less; true when it was the last, and the entry is unused now. */
bool registry_release(struct registry *registry, uint32_t index);

registry_word *registry_at(const struct registry *registry, uint32_t index);

/* Bytes of memory. */
size_t registry_size(const struct registry *registry);

#endif
