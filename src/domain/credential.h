#ifndef ORGKEYS_DOMAIN_CREDENTIAL_H
#define ORGKEYS_DOMAIN_CREDENTIAL_H

#include "codec/digest.h"
#include "codec/key_text.h"
#include "domain/work.h"

/* A secret that is about to be given out: its value leaves in one reply, the rest is kept. */
struct credential {
    struct text value;
    struct text redacted_value;
    struct digest digest;
};

struct result credential_issue(struct work *work, enum key_text_kind kind,
                               struct credential *ret_credential);

/*
 * One that exists already. INVALID_VALUE when it cannot be a key (an invite's token is none: one
 * secret has one meaning), API_KEY_EXISTS when it is known, both about the field `value`.
 */
struct result credential_import(struct work *work, struct text value,
                                struct credential *ret_credential);

struct store_value credential_digest(const struct credential *credential);

#endif
