#ifndef ORGKEYS_API_CHECK_REPLIES_H
#define ORGKEYS_API_CHECK_REPLIES_H

#include "http/http.h"

/*
 * What a check of `/auth` can come to: the replies that refuse are made once, so that a flood of
 * bad keys costs neither memory nor the making of a text, and every outcome is counted and timed.
 */
struct check_replies;

/* Before the first thread starts: it names a metric's labels. */
struct result check_replies_create(struct check_replies **ret_replies);
/* NULL is allowed. */
void check_replies_free(struct check_replies *replies);

/* Both on the loop's thread; `headers` are whole lines. */
void check_replies_accept(const struct check_replies *replies, struct http_request *request,
                          struct text headers);
/* `error` is one that a check can come to. */
void check_replies_refuse(const struct check_replies *replies, struct http_request *request,
                          enum error error);

#endif
