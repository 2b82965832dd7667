#ifndef ORGKEYS_CODEC_DIGEST_H
#define ORGKEYS_CODEC_DIGEST_H

#include "base/result.h"
#include "base/text.h"

enum { DIGEST_SIZE = 32 };

struct digest {
    unsigned char bytes[DIGEST_SIZE];
};

/* Once, before the first thread that hashes. */
struct result digest_initialize(void);

/*
 * SHA-256 (FIPS 180-4). The algorithm is fetched once and every thread keeps a context of its own:
 * a quarter of the cost of OpenSSL's one-shot calls.
 */
struct result digest_of(struct text text, struct digest *ret_digest);

/* As 64 lower-case hexadecimal digits, without a NUL. */
enum { DIGEST_HEXADECIMAL_LENGTH = 2 * DIGEST_SIZE };
void digest_to_hexadecimal(const struct digest *digest, char ret_text[DIGEST_HEXADECIMAL_LENGTH]);
/* False when the text is something else. */
bool digest_from_hexadecimal(struct text text, struct digest *ret_digest);

#endif
