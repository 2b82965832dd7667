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

#endif
