#ifndef ORGKEYS_API_AUTH_H
#define ORGKEYS_API_AUTH_H

#include <stdbool.h>

#include "base/text.h"

struct api;
struct http_request;

/*
 * `/auth`, by any method: may this key come in? Answered on the loop's thread from the keyring: no
 * store, no lock, no memory. See docs/auth.md for the parameters and the replies.
 */
bool auth_is_path(struct text path);
void auth_answer(struct api *api, struct http_request *request);

#endif
