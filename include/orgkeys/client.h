#ifndef ORGKEYS_CLIENT_H
#define ORGKEYS_CLIENT_H

/*
 * A client of OpenAI's organization administration API: of an orgkeys server, or of api.openai.com.
 *
 * Rules that hold for every function:
 *  - What can fail returns an orgkeys_status; orgkeys_client_error says more. Outputs come last,
 *    are called ret_..., and are NULL after a failure.
 *  - Texts are UTF-8 and end with a NUL. A text that the server did not give, gave as null, or,
 * where it may leave it out, as something else, is NULL; an integer is ORGKEYS_NONE; a boolean is
 *    false. So every accessor of a text can give NULL, but for an object's own id, and the value of
 *    a key that was made by the call and not brought in: a reply without one of these is
 *    ORGKEYS_ERROR_REPLY.
 *  - Times are in seconds since 1970-01-01 00:00 UTC.
 *  - A result is the caller's and is given back with the function of its name that ends in _free,
 *    which wipes it and accepts NULL. What an accessor returns belongs to the object that was asked
 *    and lives as long. Results do not need their client.
 *  - What is passed in is copied where it is needed later.
 *  - Roles, states and kinds are texts, in the words of the API: new ones may appear.
 *
 * A client belongs to one thread at a time; any number of threads may have a client each. There is
 * no state but libcurl's own (curl_global_init is called for each client, and undone with it).
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Of these headers. orgkeys_version says that of the library that is used at run time. */
#define ORGKEYS_VERSION_MAJOR 0
#define ORGKEYS_VERSION_MINOR 1
#define ORGKEYS_VERSION_PATCH 0

/* An integer or a time that is not there. */
#define ORGKEYS_NONE INT64_MIN

/* Limits of what is taken from a server; past one a call ends with ORGKEYS_ERROR_REPLY. */
#define ORGKEYS_REPLY_BYTES_MAXIMUM 4194304
#define ORGKEYS_REPLY_VALUES_MAXIMUM 100000
#define ORGKEYS_REPLY_HEADER_BYTES_MAXIMUM 65536

typedef enum orgkeys_status {
    ORGKEYS_OK = 0,
    ORGKEYS_END = 1,               /* of an iterator: there are no more objects */
    ORGKEYS_ERROR_API = -1,        /* the server answered with an error */
    ORGKEYS_ERROR_CONNECTION = -2, /* the server was not reached, or the connection broke */
    ORGKEYS_ERROR_TIMEOUT = -3,    /* no reply within timeout_ms */
    ORGKEYS_ERROR_REPLY = -4,      /* the reply is malformed, or exceeds a limit above */
    ORGKEYS_ERROR_ARGUMENT = -5,   /* nothing was sent: an argument, or the client's options */
    ORGKEYS_ERROR_MEMORY = -6,     /* there is not enough */
    ORGKEYS_ERROR_CANCELLED = -7   /* is_cancelled of the client's options said so */
} orgkeys_status;

/* ---- Errors ---- */

/*
 * How a client's last call ended. Texts of a server are cut where they are longer: type and code at
 * 63 bytes, param at 95, the message at 1023, the request id at 127, and never within a character.
 */
typedef struct orgkeys_error orgkeys_error;

/* What the call returned. */
orgkeys_status orgkeys_error_status(const orgkeys_error *error);
/* The HTTP status of the last reply; 0 when there was none. */
int orgkeys_error_http_status(const orgkeys_error *error);
/*
 * Milliseconds that the server asked to wait before the call is made again (retry-after-ms, or
 * Retry-After), for calls that were not repeated, or not often enough; 0 when it did not say.
 */
int64_t orgkeys_error_retry_after_ms(const orgkeys_error *error);
/* The error's `type`, such as "invalid_request_error"; NULL when the server gave none. */
const char *orgkeys_error_type(const orgkeys_error *error);
/* The error's `code`, such as "invalid_api_key"; NULL when the server gave none. */
const char *orgkeys_error_code(const orgkeys_error *error);
/* The field or parameter that the error is about; NULL when the server gave none. */
const char *orgkeys_error_param(const orgkeys_error *error);
/*
 * For people, in one line of at most 1023 bytes; never NULL, and never with a secret of the call.
 * "" after success.
 */
const char *orgkeys_error_message(const orgkeys_error *error);
/* The last reply's x-request-id, also after success; NULL when there was none. */
const char *orgkeys_error_request_id(const orgkeys_error *error);

/* ---- Clients ---- */

typedef struct orgkeys_client orgkeys_client;

typedef struct orgkeys_client_options {
    /* ORGKEYS_CLIENT_OPTIONS_VERSION: fields are added at the end, and never change. */
    unsigned version;
    /*
     * Here and below, "" is the same as NULL.
     * Visible ASCII characters, at most 1000. NULL: OPENAI_ADMIN_KEY of the environment. Without
     * either, calls that need it are refused.
     */
    const char *admin_key;
    /* NULL: OPENAI_BASE_URL of the environment, else https://api.openai.com/v1 */
    const char *base_url;
    /* Where orgkeys_keys_verify asks. NULL: base_url, without a /v1 at its end, and /auth */
    const char *auth_url;
    /* The certificates (PEM) of the authorities to trust. NULL: those of the system. */
    const char *ca_file;
    /*
     * Milliseconds for one attempt, from connecting to the last byte; 1 to 2147483647. Connecting,
     * with names looked up and TLS agreed on, has five seconds of them at most.
     */
    int64_t timeout_ms;
    /* How often a call is repeated; 0: never. At most 10. */
    int max_retries;
    /*
     * Asked at least once a second while a call connects, sends, receives, or waits to be repeated:
     * true ends it with ORGKEYS_ERROR_CANCELLED. The server may have done what it was asked. It
     * runs in the thread of the call, and must not use the client. NULL: nothing ends a call but
     * the limits above.
     */
    bool (*is_cancelled)(void *context);
    /* What is_cancelled is given. */
    void *cancel_context;
} orgkeys_client_options;

#define ORGKEYS_CLIENT_OPTIONS_VERSION 1
#define ORGKEYS_CLIENT_OPTIONS_INIT                                                   \
    {                                                                                 \
        ORGKEYS_CLIENT_OPTIONS_VERSION, NULL, NULL, NULL, NULL, 600000, 2, NULL, NULL \
    }

/*
 * Makes a client; `options` NULL: the defaults. Nothing is sent: a base URL that cannot be used, or
 * a missing key, is told by the first call. ORGKEYS_ERROR_ARGUMENT: an unknown version of the
 * options, a number out of its range, or a text of more than 8192 bytes, also of the environment.
 * ORGKEYS_ERROR_MEMORY. The environment is read here, and for proxies, as libcurl does (http_proxy,
 * https_proxy, no_proxy), by each call.
 *
 * A call is repeated after a connection that failed or broke, a timeout, and the statuses 408, 409,
 * 429 and from 500 on, unless the server's x-should-retry says otherwise. It waits as long as
 * retry-after-ms or Retry-After say; half a second, one, two ... eight, less up to a quarter, when
 * they say nothing; where they say more than 120 seconds it is not repeated. Redirects are not
 * followed.
 */
orgkeys_status orgkeys_client_new(const orgkeys_client_options *options,
                                  orgkeys_client **ret_client);
/* Ends its connections and wipes its key. NULL is allowed. Its iterators must be freed before. */
void orgkeys_client_free(orgkeys_client *client);
/* How the last call ended; never NULL, and valid until the client's next call. */
const orgkeys_error *orgkeys_client_error(const orgkeys_client *client);

/* The version of the library, such as "0.1.0". */
const char *orgkeys_version(void);

/* ---- Lists ---- */

/*
 * Every list is an iterator: a function that ends in _list makes it and sends nothing, then
 * ..._iterator_next gives one object after the other and asks for the next page when it needs one.
 * An object lives until the iterator's next call. An iterator uses its client, and its errors.
 *
 * A page that fails ends nothing: calling ..._next again asks for it again.
 *
 * A server whose pages go in a circle would never end a list. That is ORGKEYS_ERROR_REPLY, once a
 * cursor is found to come again: after at most three times as many pages as there are cursors.
 */

/* Of the lists that can be asked for nothing else. */
typedef struct orgkeys_list_options {
    unsigned version;  /* ORGKEYS_LIST_OPTIONS_VERSION */
    int limit;         /* objects a page, 1 to 100; 0: the server's default */
    const char *after; /* begin behind the object of this id; NULL: at the beginning */
} orgkeys_list_options;

#define ORGKEYS_LIST_OPTIONS_VERSION 1
#define ORGKEYS_LIST_OPTIONS_INIT             \
    {                                         \
        ORGKEYS_LIST_OPTIONS_VERSION, 0, NULL \
    }

#ifdef __cplusplus
}
#endif

#endif
