#ifndef ORGKEYS_API_API_H
#define ORGKEYS_API_API_H

#include "base/result.h"
#include "domain/work.h"
#include "http/http.h"
#include "keyring/follower.h"
#include "keyring/following.h"
#include "keyring/keyring.h"
#include "os/networks.h"
#include "store/worker.h"

/* The application that http serves: the routes of routes.c. */
struct api_options {
    struct store_readers *readers;
    struct store_writer *writer;
    struct keyring *keyring;
    struct following *following;
    struct follower *follower; /* NULL: nobody else changes the store */
    const struct settings *settings;
    const struct network *trusted_proxies;
    size_t trusted_proxy_count;
    bool has_internal_listener;
    size_t header_maximum; /* for the text of an error */
    size_t body_maximum;
};

struct api;

/* Also names the labels of the API's metrics. Everything in the options must outlive the API. */
struct result api_create(const struct api_options *options, struct api **ret_api);
/* After the last request was answered. NULL is allowed. */
void api_free(struct api *api);

struct http_application api_application(struct api *api);

/* From now on calls are refused with SHUTTING_DOWN. */
void api_stop(struct api *api);

#endif
