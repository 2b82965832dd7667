#include "os/password.h"

#include <pthread.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

/* Costs as crypto_pwhash_OPSLIMIT_INTERACTIVE and its MEMLIMIT give them. */
static const unsigned long long passes = crypto_pwhash_OPSLIMIT_INTERACTIVE;
static const size_t memory = crypto_pwhash_MEMLIMIT_INTERACTIVE;

/*
 * Of nobody: so that an address that is not known costs what a wrong password does. Made when it is
 * first needed.
 */
static char nobody[crypto_pwhash_STRBYTES];
static pthread_mutex_t nobody_lock = PTHREAD_MUTEX_INITIALIZER;

struct result password_initialize(void)
{
    return sodium_init() < 0 ? fault(ERROR_INTERNAL, "libsodium cannot start") : RESULT_OK;
}

struct result password_hash(struct arena *arena, struct text password, struct text *ret_hash)
{
    char hash[crypto_pwhash_STRBYTES];
    if (crypto_pwhash_str_alg(hash, password.data, password.length, passes, memory,
                              crypto_pwhash_ALG_ARGON2ID13) != 0) {
        return fault(ERROR_OVERLOADED, "no memory for a password's hash");
    }
    struct text copy = arena_copy(arena, text_of(hash));
    *ret_hash = copy;
    return copy.data != NULL ? RESULT_OK
                             : fault(ERROR_INTERNAL, "the memory of a request is used up");
}

static bool make_nobody(void)
{
    char random[32];
    (void)pthread_mutex_lock(&nobody_lock);
    bool is_made = nobody[0] != '\0';
    if (!is_made) {
        randombytes_buf(random, sizeof random);
        is_made = crypto_pwhash_str_alg(nobody, random, sizeof random, passes, memory,
                                        crypto_pwhash_ALG_ARGON2ID13) == 0;
    }
    (void)pthread_mutex_unlock(&nobody_lock);
    return is_made;
}

/* libsodium says of too little memory what it says of a wrong password. */
static bool has_memory(void)
{
    void *all = malloc(memory);
    bool has = all != NULL;
    free(all);
    return has;
}

struct result password_compare(struct text password, struct text hash, bool *ret_equal)
{
    char stored[crypto_pwhash_STRBYTES] = "";
    bool is_known = hash.data != NULL && hash.length < sizeof stored;
    if (!make_nobody() || !has_memory()) {
        return fault(ERROR_OVERLOADED, "no memory to compare a password");
    }
    if (is_known) {
        memcpy(stored, hash.data, hash.length);
    }
    bool equal =
        crypto_pwhash_str_verify(is_known ? stored : nobody, password.data, password.length) == 0;
    *ret_equal = equal && is_known;
    return RESULT_OK;
}
