#ifndef ORGKEYS_DOMAIN_WORK_H
#define ORGKEYS_DOMAIN_WORK_H

#include "base/arena.h"
#include "base/problem.h"
#include "base/result.h"
#include "codec/digest.h"
#include "codec/id.h"
#include "model/encode.h"
#include "model/field.h"
#include "model/key_change.h"
#include "model/list_query.h"
#include "model/project.h"
#include "store/statements.h"
#include "store/store.h"
#include "store/worker.h"

/* What the rules need to know of the configuration; it outlives all work. */
struct settings {
    struct text public_url;            /* without a slash at the end */
    struct text first_organization_id; /* of the oldest one */
    int64_t invite_lifetime;           /* seconds */
    int64_t audit_log_retention;       /* seconds; 0: for ever */
};

/* Who asks. The texts of one who is not known are TEXT_NONE. */
struct caller {
    struct text organization_id;
    struct text key_id;
    struct text user_id;
    struct text user_email;
    struct text address; /* the client's, as far as --trusted-proxy lets it be known */
    struct text user_agent;
    struct text session_id;     /* of one who is signed in; then there is no key */
    struct text session_key_id; /* of the admin key that the session began with, or TEXT_NONE */
    bool is_owner;              /* of the organization */
    bool is_project_owner;      /* of the project of the path; see domain/access.h */
};

struct login_limits;

/* What is to be done with passwords between the snapshot and the transaction (domain/passwords.h).
 */
struct password_task {
    bool is_counted;     /* as an attempt (domain/login_limits.h) */
    struct text account; /* at which; TEXT_NONE: none */
    struct text given;   /* to be compared with `hash`; TEXT_NONE: nothing is */
    struct text hash;    /* TEXT_NONE: nobody's */
    bool is_right;
    struct text chosen; /* to be hashed, when what is given is right; TEXT_NONE: nothing is */
    struct text chosen_hash;
};

/* What the reply is to do with the caller's cookie. */
struct session_cookie {
    bool is_set;
    struct text value; /* empty: it ends */
    int64_t lifetime;  /* seconds */
};

enum { WORK_PATH_MAXIMUM = 2 };

/*
 * One operation under way: what it was given, and where its result goes. Everything that it makes
 * lies in the arena. An operation that changes something runs on the writer, inside a savepoint:
 * when it fails, all it did is undone.
 */
struct work {
    /* Given */
    struct store_session *session;
    struct store_batch *batch; /* NULL for operations that only read */
    struct arena *arena;
    const struct settings *settings;
    struct login_limits *login_limits; /* only of the API's calls */
    struct caller caller;
    bool has_former_session; /* whoever calls without being known brought its cookie */
    struct digest former_session;
    struct text path[WORK_PATH_MAXIMUM]; /* the decoded ids of the path, in its order */
    const struct list_query *query;
    const void *input;
    struct project *project; /* the project of the path, when there is one */

    /* Made */
    const void *output;         /* a struct of the route's output type */
    struct page page;           /* instead, for a list */
    struct problem problem;     /* the details of a refusal */
    struct key_change *changes; /* what the keyring is to follow after the commit, in order */
    struct key_change *last_change;
    struct session_cookie cookie;
    struct password_task password; /* what `check` of a route asks for, and `run` finds done */
    /* The answer of a change that is kept nevertheless: what was tried and audited. */
    enum error refusal;
    bool is_unchanged; /* the operation found that there was nothing to change */
    unsigned events;   /* how many were written into the audit log */
};

/* Seconds since 1970: of the transaction, or now. */
int64_t work_time(const struct work *work);

/* Zeroed memory of the operation; INTERNAL when there is none. */
struct result work_allocate(struct work *work, size_t size, void **ret_memory);

/* A new id, and the time of its making in seconds. Only on the writer. */
struct result work_new_id(struct work *work, enum id_kind kind, struct text *ret_id,
                          int64_t *ret_created_at);

/* The values of a statement, and how many: VALUES(store_text(id), store_integer(3)). */
#define VALUES(...)                              \
    (const struct store_value[]){ __VA_ARGS__ }, \
        sizeof((const struct store_value[]){ __VA_ARGS__ }) / sizeof(struct store_value)

/* Reads at most one row into a struct of `type`; *ret_object is NULL when there is none. */
struct result work_find(struct work *work, enum statement statement,
                        const struct store_value *values, size_t count,
                        const struct object_type *type, void **ret_object);
/* The same where a missing row is refused with `missing`. */
struct result work_get(struct work *work, enum statement statement,
                       const struct store_value *values, size_t count,
                       const struct object_type *type, enum error missing, void **ret_object);
/* Whether there is a row. */
struct result work_exists(struct work *work, enum statement statement,
                          const struct store_value *values, size_t count, bool *ret_exists);
/* Runs a statement that must change exactly one row. */
struct result work_change(struct work *work, enum statement statement,
                          const struct store_value *values, size_t count);

/* Reads at most `maximum` rows, appended behind the *count that `items` has. */
struct result work_rows(struct work *work, enum statement statement,
                        const struct store_value *values, size_t count,
                        const struct object_type *type, size_t maximum, char *items,
                        size_t *items_count);

/*
 * A page of a list: work->query->limit rows at most. The statement's last parameter is its limit,
 * and is added to `values` here. Fewer, with has_more, when finding them took all the time there
 * is.
 */
struct result work_list(struct work *work, enum statement statement,
                        const struct store_value *values, size_t count,
                        const struct object_type *type);

/* The `after` of the query, or `first` when there is none; refused when it is no id of `kind`. */
struct result work_after(struct work *work, enum id_kind kind, struct text first,
                         struct text *ret_after);

/* Adds a copy of a change to work->changes. Its texts must live as long as the arena. */
struct result work_follow(struct work *work, const struct key_change *change);

/* Reads the digest that is a statement's first column; INTERNAL when there is no row. */
struct result work_digest(struct work *work, enum statement statement,
                          const struct store_value *values, size_t count,
                          struct digest *ret_digest);
/* Adds KEY_ENDED for the digest in each of a statement's rows. */
struct result work_follow_ends(struct work *work, enum statement statement,
                               const struct store_value *values, size_t count);

/* A refusal about a field. */
struct result work_refuse(struct work *work, enum error error, struct text param);
/* INVALID_VALUE: what was expected instead. */
struct result work_refuse_value(struct work *work, const char *param, const char *expected);

/* The reply to a DELETE. */
struct result work_deleted(struct work *work, struct text id);

/* Whether a time that may be FIELD_ABSENT has come. */
bool work_has_passed(const struct work *work, int64_t time);
/* Now plus so many seconds; FIELD_ABSENT for FIELD_ABSENT. */
int64_t work_expiry(const struct work *work, int64_t seconds);
/* An integer for a column; FIELD_ABSENT becomes NULL. */
struct store_value work_integer(int64_t integer);

#endif
