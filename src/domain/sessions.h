#ifndef ORGKEYS_DOMAIN_SESSIONS_H
#define ORGKEYS_DOMAIN_SESSIONS_H

#include "codec/digest.h"
#include "domain/work.h"
#include "model/session.h"

/*
 * Somebody is signed in as long as the row of their session is there, was used lately, and its
 * person, and the admin key that it began with, are what they were. So what ends these ends it, at
 * once and on every node.
 */
enum {
    SESSION_LIFETIME_SECONDS = 7 * 24 * 3600,
    SESSION_IDLE_SECONDS = 12 * 3600,
    SESSIONS_MAXIMUM = 50, /* of a person: one more ends the oldest */
};

/*
 * Makes the person of a session the caller, with their role of this moment. INVALID_SESSION when
 * there is none of that digest. ret_use_is_due: keep its use (session_use).
 */
struct result session_authenticate(struct work *work, const struct digest *digest,
                                   bool *ret_use_is_due);

/*
 * Signs in the person `user_id` of the caller's organization, whose password is right or new: they
 * become the caller, and the reply sets the cookie. It leaves the session as the work's output.
 */
struct result session_begin(struct work *work, struct text user_id);

/* Operations; see route.h. */
struct result session_check(struct work *work);
struct result session_create(struct work *work);
struct result session_list(struct work *work);
struct result session_retrieve(struct work *work);
struct result session_delete(struct work *work);

#endif
