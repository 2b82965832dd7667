#ifndef ORGKEYS_STORE_DRIVER_H
#define ORGKEYS_STORE_DRIVER_H

#include "store/migrations.h"
#include "store/store.h"

/*
 * What each database implements. store.c checks the arguments and calls through this table; nobody
 * else includes this file. A driver's own structs begin with these.
 */
struct store_driver {
    bool is_shared; /* then the three functions at the end are there */
    void (*close)(struct store *store);
    struct result (*session_open)(struct store *store, enum store_access access,
                                  struct store_session **ret_session);
    void (*session_close)(struct store_session *session);
    /* Whether the other end is gone. NULL: there is no other end. */
    bool (*hung_up)(const struct store_session *session);
    struct result (*begin)(struct store_session *session);
    struct result (*commit)(struct store_session *session);
    void (*rollback)(struct store_session *session);
    struct result (*take_time)(struct store_session *session); /* NULL: nothing is limited */
    bool (*in_transaction)(struct store_session *session);
    struct result (*savepoint)(struct store_session *session);
    struct result (*savepoint_keep)(struct store_session *session);
    struct result (*savepoint_undo)(struct store_session *session);
    struct result (*query)(struct store_session *session, unsigned statement,
                           const struct store_value *values, size_t count);
    struct result (*next)(struct store_session *session, const struct store_row **ret_row);
    void (*finish)(struct store_session *session);
    struct result (*execute)(struct store_session *session, unsigned statement,
                             const struct store_value *values, size_t count, int64_t *ret_changes);
    /* NULL where every call waits for its outcome. */
    struct result (*change)(struct store_session *session, unsigned statement,
                            const struct store_value *values, size_t count);
    int64_t (*changes)(const struct store_session *session);
    struct result (*settle)(struct store_session *session, int64_t revision, int64_t deadline,
                            bool *ret_kept);
    /* Keeps other programs from migrating until the session is closed, where others can; what is
     * read from then on outlives a crash. */
    struct result (*prepare_schema)(struct store_session *session);
    /* Runs the database's own text of a migration, inside a transaction. */
    struct result (*migrate)(struct store_session *session,
                             const struct store_migration *migration);
    /* Of store_notify, store_listen, store_wait. */
    struct result (*notify)(struct store_session *session);
    struct result (*listen)(struct store_session *session);
    struct result (*wait)(struct store_session *session, int64_t microseconds);
};

struct store {
    const struct store_driver *driver;
    const struct store_statement *statements;
    size_t statement_count;
    int schema_version;
    struct text node; /* see store_set_node */
    atomic_bool writer_open;
    atomic_uint sessions;
    atomic_uint writers; /* writing sessions that there ever were */
};

struct store_session {
    struct store *store;
    enum store_access access;
    bool broken;
    unsigned writers;            /* the store's, when it was opened */
    const atomic_bool *stopping; /* see store_session_watch */
};

/* The store's own statements are numbered after the caller's: statement_count + one of these. */
enum store_own_statement {
    STORE_OWN_STATE_ADVANCE,
    STORE_OWN_STATE_KEEP,
    STORE_OWN_STATE_READ,
    STORE_OWN_STATE_TOUCH,
    STORE_OWN_MIGRATION_NEWEST,
    STORE_OWN_MIGRATION_ADD,
    STORE_OWN_COUNT,
};

/* `number` may be one of the store's own. */
const struct store_statement *store_statement_at(const struct store *store, unsigned number);
/* As store_execute; without parameters but for what `values` says. */
struct result store_execute_own(struct store_session *session, enum store_own_statement statement,
                                const struct store_value *values, size_t count);

/* Of a statement that should have changed one row. */
struct result store_check_change(const struct store *store, unsigned statement, int64_t changes);

/* Opens the files and takes the lock; the schema is left as it is. */
struct result sqlite_store_open(const struct store_options *options, struct store **ret_store);
/* Connects to nothing yet. */
struct result postgres_store_open(const struct store_options *options, struct store **ret_store);

#endif
