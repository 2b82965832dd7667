#ifndef ORGKEYS_STORE_CHECKS_H
#define ORGKEYS_STORE_CHECKS_H

#include "codec/id.h"
#include "store/store.h"

/* What `orgkeys check` asks a database, the same on SQLite and PostgreSQL but where a row says so.
 */
enum store_check_kind {
    STORE_CHECK_FILE,     /* each row but "ok" is a problem, in words; SQLite's own */
    STORE_CHECK_ROWS,     /* each row is a problem: of what it is the id of */
    STORE_CHECK_NEWEST,   /* an id: none may be behind store_state.last_issued_at */
    STORE_CHECK_TEXTS,    /* id, JSON: an array of texts */
    STORE_CHECK_PROJECTS, /* id, JSON: the projects of an invite */
    STORE_CHECK_OBJECT,   /* id, JSON: an object */
    STORE_CHECK_CHANGES,  /* revision as text, JSON: what a commit means for keys */
};

struct store_check {
    const char *table; /* what the problem is said of */
    enum store_check_kind kind;
    enum id_kind id; /* of STORE_CHECK_NEWEST */
    const char *sql;
    const char *problem; /* "its owner is not there" */
};

enum { STORE_CHECKS = 32 };
extern const struct store_check store_checks[STORE_CHECKS];

/*
 * Every key with what a check of it should say, by a way of its own: through joins, where the
 * keyring reads table by table. Columns: digest, id, organization_id, project_id, owner_id,
 * owner_type, scopes, expires_at, state. The state is one of these words, and does not care whether
 * the key has expired.
 */
#define STORE_KEY_UNKNOWN "unknown"
#define STORE_KEY_ARCHIVED "archived"
#define STORE_KEY_ACTIVE "active"
#define STORE_KEY_WITHOUT_ACCESS "without access"
#define STORE_KEY_ADMIN "admin"
enum { STORE_CHECK_KEY_STATEMENTS = 2 };
extern const struct store_statement store_check_keys[STORE_CHECK_KEY_STATEMENTS];

#endif
