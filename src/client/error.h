#ifndef ORGKEYS_CLIENT_ERROR_H
#define ORGKEYS_CLIENT_ERROR_H

#include <orgkeys/client.h>

#include "base/text.h"

/* Longer texts are cut. Empty is "not there", but for the message. */
struct orgkeys_error {
    orgkeys_status status;
    int http_status;
    int64_t retry_after_ms; /* 0: the server did not say */
    char type[64];
    char code[64];
    char param[96];
    char message[1024];
    char request_id[128];
};

void error_clear(struct orgkeys_error *error);

/* Sets the status and the message, and returns the status. */
orgkeys_status error_set(struct orgkeys_error *error, orgkeys_status status, const char *format,
                         ...) __attribute__((format(printf, 3, 4)));

/* What a request held that nobody may read in an error; TEXT_NONE: there is none. */
struct secrets {
    struct text key;
    struct text in_body; /* a key that is brought in, or an invite's token */
};

/*
 * Keeps a text that came from a server: with spaces for control characters, which a terminal would
 * obey, and for those that turn the direction of a text; and not when it repeats a secret.
 */
void error_keep(char *kept, size_t size, struct text text, const struct secrets *secrets);

#endif
