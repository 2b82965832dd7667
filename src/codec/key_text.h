#ifndef ORGKEYS_CODEC_KEY_TEXT_H
#define ORGKEYS_CODEC_KEY_TEXT_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/text.h"

/*
 * The texts of credentials: a prefix, base62 of 256 random bits (43 digits), and base62 of the
 * CRC-32 (IEEE 802.3) of all before it (6 digits), so that a proxy, a scanner or a person can tell
 * garbage without asking. The infix by which secret scanners attribute a key to OpenAI cannot occur
 * in a key of ours other than by chance.
 */
enum {
    KEY_TEXT_RANDOM_BYTES = 32,
    KEY_TEXT_BODY_LENGTH = 43,
    KEY_TEXT_CHECKSUM_LENGTH = 6,
    /* Of a key that is brought in, or presented. */
    KEY_TEXT_LENGTH_MINIMUM = 16,
    KEY_TEXT_LENGTH_MAXIMUM = 256,
};

enum key_text_kind {
    KEY_TEXT_ADMIN,           /* sk-admin- */
    KEY_TEXT_USER,            /* sk-proj- */
    KEY_TEXT_SERVICE_ACCOUNT, /* sk-svcacct- */
    KEY_TEXT_INVITE,          /* invite- */
    KEY_TEXT_SESSION,         /* session- */
    KEY_TEXT_PASSWORD,        /* password-link- */
    KEY_TEXT_KIND_COUNT,
};

/* `random` is KEY_TEXT_RANDOM_BYTES fresh random bytes; they are used up. TEXT_NONE without memory.
 */
struct text key_text_make(struct arena *arena, enum key_text_kind kind, unsigned char *random);

/* Whether `text` is of the given kind: prefix, length, digits and checksum. */
bool key_text_is_kind(enum key_text_kind kind, struct text text);

/*
 * Whether `text` is KEY_TEXT_LENGTH_MINIMUM to KEY_TEXT_LENGTH_MAXIMUM visible ASCII characters.
 * What is not, is no key.
 */
bool key_text_is_possible(struct text text);

/*
 * The same, and with the right checksum when it has one of our prefixes with our length. That costs
 * more than looking the key up in the keyring.
 */
bool key_text_is_plausible(struct text text);

/*
 * What is kept to recognize a key by: prefix, "...", last three characters, as in "sk-admin...def".
 * Keys of another form show "sk-" if they have it, and nothing else of their beginning.
 */
struct text key_text_redact(struct arena *arena, struct text text);

#endif
