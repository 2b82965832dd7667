#include "os/password.h"

#include <sodium.h>

/* Costs as crypto_pwhash_OPSLIMIT_INTERACTIVE and its MEMLIMIT give them. */
static const unsigned long long passes = crypto_pwhash_OPSLIMIT_INTERACTIVE;
static const size_t memory = crypto_pwhash_MEMLIMIT_INTERACTIVE;

/* How a kept text begins, which these costs make; salt and hash follow, in base64. */
#define START TEXT("$argon2id$v=19$m=65536,t=2,p=1$")

enum { HASH_SIZE = 32 };

struct parts {
    unsigned char salt[crypto_pwhash_SALTBYTES];
    unsigned char hash[HASH_SIZE];
};

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

static bool decode(struct text text, unsigned char *bytes, size_t size)
{
    size_t length;
    return sodium_base642bin(bytes, size, text.data, text.length, NULL, &length, NULL,
                             sodium_base64_VARIANT_ORIGINAL_NO_PADDING) == 0 &&
           length == size;
}

static bool split(struct text kept, struct parts *ret_parts)
{
    if (!text_starts_with(kept, START)) {
        return false;
    }
    struct text rest = text_from(kept, START.length);
    struct text salt = text_cut(&rest, '$');
    return decode(salt, ret_parts->salt, sizeof ret_parts->salt) &&
           decode(rest, ret_parts->hash, sizeof ret_parts->hash);
}

/* Not crypto_pwhash_str_verify, which says of too little memory what it says of a wrong password.
 */
struct result password_compare(struct text password, struct text kept, bool *ret_equal)
{
    unsigned char hash[HASH_SIZE];
    struct parts parts = { 0 };
    bool is_known = kept.data != NULL && split(kept, &parts);
    if (crypto_pwhash(hash, sizeof hash, password.data, password.length, parts.salt, passes, memory,
                      crypto_pwhash_ALG_ARGON2ID13) != 0) {
        return fault(ERROR_OVERLOADED, "no memory to compare a password");
    }
    *ret_equal = sodium_memcmp(hash, parts.hash, sizeof hash) == 0 && is_known;
    sodium_memzero(hash, sizeof hash);
    return RESULT_OK;
}
