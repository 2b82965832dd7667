#ifndef ORGKEYS_API_CREDENTIAL_H
#define ORGKEYS_API_CREDENTIAL_H

#include "base/result.h"
#include "http/http.h"

/*
 * The one credential of a check: `Authorization: Bearer KEY`, `x-api-key: KEY` or `api-key: KEY`.
 * Gives MISSING_CREDENTIALS, or MULTIPLE_CREDENTIALS for a header that comes twice, for two that
 * differ, and for another scheme beside a key.
 */
enum error credential_find(const struct http_request *request, struct text *ret_key);

#endif
