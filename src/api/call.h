#ifndef ORGKEYS_API_CALL_H
#define ORGKEYS_API_CALL_H

#include "api/internal.h"
#include "api/route.h"

/* Of a request, for its parts, rows and reply. */
enum { CALL_MEMORY_MAXIMUM = 32 * 1024 * 1024 };

/*
 * Takes a call of the admin API in hand: first a reader, which authenticates, parses and validates
 * it, and runs it when it only reads; then, for a change, the writer. Leads to one reply.
 */
void call_begin(struct api *api, const struct route *route,
                const struct text parameters[WORK_PATH_MAXIMUM], struct http_request *request);

#endif
