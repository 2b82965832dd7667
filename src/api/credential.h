#ifndef ORGKEYS_API_CREDENTIAL_H
#define ORGKEYS_API_CREDENTIAL_H

#include "base/result.h"
#include "http/http.h"
#include "keyring/keyring.h"

/*
 * The one credential of a check: `Authorization: Bearer KEY`, `x-api-key: KEY` or `api-key: KEY`.
 * Gives MISSING_CREDENTIALS, or MULTIPLE_CREDENTIALS for a header that comes twice, for two that
 * differ, and for another scheme beside a key.
 */
enum error credential_find(const struct http_request *request, struct text *ret_key);

/*
 * What there is to say of a key's text; UNCERTAIN also when it cannot be hashed. ret_digest is
 * filled where ret_holder is.
 */
enum keyring_verdict credential_check(struct keyring *keyring, struct text key, int64_t now,
                                      struct digest *ret_digest, struct keyring_holder *ret_holder);

/* Why a key with that verdict cannot do what keys of projects can; ERROR_NONE when it can. */
enum error credential_refusal(enum keyring_verdict verdict);

/* Whether a key's list of scopes has this one, by name. */
bool credential_names_scope(const struct keyring_holder *holder, struct text wanted);

#endif
