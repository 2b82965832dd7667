#ifndef ORGKEYS_API_INTROSPECTION_H
#define ORGKEYS_API_INTROSPECTION_H

#include "model/introspection.h"

struct api;
struct http_request;

/*
 * Token introspection (RFC 7662): what there is to say of a key. Answered on the loop's thread from
 * the keyring. See docs/auth.md for who may ask, and about which keys.
 */
void answer_introspection(struct api *api, struct http_request *request);

#endif
