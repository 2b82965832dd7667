#ifndef ORGKEYS_API_AUTHENTICATION_H
#define ORGKEYS_API_AUTHENTICATION_H

#include "codec/digest.h"
#include "domain/work.h"
#include "http/http.h"
#include "keyring/keyring.h"

/*
 * Who calls, from the keyring alone: any thread, without the store, so that neither garbage nor a
 * key that may not call takes a place in a queue.
 *
 * Fills work->caller but for the address of e-mail, or refuses with what is wrong with the
 * credentials; for a project's key with INSUFFICIENT_PERMISSIONS, whose text `changes` chooses.
 */
struct result authenticate(struct work *work, struct keyring *keyring,
                           const struct http_request *request, bool changes,
                           struct digest *ret_digest);

/* Whether the key of that digest still may call. */
struct result authenticate_again(struct work *work, struct keyring *keyring,
                                 const struct digest *digest, bool changes);

#endif
