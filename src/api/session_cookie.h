#ifndef ORGKEYS_API_SESSION_COOKIE_H
#define ORGKEYS_API_SESSION_COOKIE_H

#include "base/buffer.h"
#include "domain/work.h"
#include "http/http.h"

/*
 * The cookie of a session (RFC 6265): out of reach of scripts, never sent by pages of other sites,
 * and, where the public URL is https, by no other host's doing and over TLS only.
 */

/* The token of the request's session; TEXT_NONE when there is no cookie, or more than one. */
struct text session_cookie_find(const struct http_request *request, struct text public_url);

/* A Set-Cookie line. */
void session_cookie_write(struct buffer *headers, const struct session_cookie *cookie,
                          struct text public_url);

/*
 * Whether a page of ours made the request: browsers name the page's origin in what changes
 * something (Fetch standard, 3.2.6). What comes without an Origin is no page's of today's browsers;
 * `is_needed` refuses that too. Where the public URL is a loopback address, its other names count
 * as the same.
 */
bool session_origin_is_ours(const struct http_request *request, struct text public_url,
                            bool is_needed);

/* The scheme, host and port of a URL. */
struct text session_origin_of(struct text url);

#endif
