#ifndef ORGKEYS_CLIENT_TRANSFER_H
#define ORGKEYS_CLIENT_TRANSFER_H

#include "client/client.h"

/* HTTP, through libcurl. */

enum { TRANSFER_KEY_MAXIMUM = 1000 };
/* Whether a key can be sent: visible ASCII characters, at most TRANSFER_KEY_MAXIMUM of them. */
bool transfer_takes_key(struct text key);

struct transfer *transfer_new(void);           /* NULL: there is not enough memory */
void transfer_free(struct transfer *transfer); /* NULL is allowed */

struct request {
    const char *method;
    const char *url;        /* ends with a NUL */
    struct secrets secrets; /* without a key, none is sent */
    struct text body;       /* TEXT_NONE: there is none */
    const char *type;       /* the body's Content-Type */
};

/*
 * Sends a request, and repeats it as the client's options say and OpenAI's SDKs do. After a status
 * of 200 to 299 the result is ORGKEYS_OK, and client->reply holds the body; so it does with
 * ORGKEYS_ERROR_API, where the message of client->error is left to whoever reads the body.
 */
orgkeys_status transfer_perform(struct orgkeys_client *client, const struct request *request);

/* A header of the last reply, or TEXT_NONE; valid until the next request. */
struct text transfer_header(const struct orgkeys_client *client, const char *name);

#endif
