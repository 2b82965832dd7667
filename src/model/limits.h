#ifndef ORGKEYS_MODEL_LIMITS_H
#define ORGKEYS_MODEL_LIMITS_H

/* Limits of the API's fields; those with no source beside them are ours. */
enum {
    NAME_LENGTH_MAXIMUM = 255,             /* characters */
    SEARCH_LENGTH_MAXIMUM = 100,           /* characters */
    EMAIL_LENGTH_MAXIMUM = 254,            /* RFC 5321, 4.5.3.1.3, less the brackets */
    ADMIN_KEY_LIFETIME_MAXIMUM = 31536000, /* seconds; OpenAI's */
    SCOPES_MAXIMUM = 16,
    SCOPE_LENGTH_MAXIMUM = 64, /* bytes */
    INVITE_PROJECTS_MAXIMUM = 100,
    KEY_LENGTH_MAXIMUM = 256, /* characters of a key that is presented */
    PASSWORD_LENGTH_MINIMUM = 12,
    PASSWORD_LENGTH_MAXIMUM = 256,
    USER_AGENT_LENGTH_MAXIMUM = 255, /* bytes; the rest is left out */
};
/* Seconds; a hundred years: far enough, and no sum of times can overflow. */
#define KEY_LIFETIME_MAXIMUM INT64_C(3153600000)

#endif
