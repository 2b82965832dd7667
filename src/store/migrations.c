#include "store/migrations.h"

/*
 * The schema. Ids are text, compared bytewise; times are seconds since 1970 unless a comment says
 * otherwise; booleans are 0 or 1.
 *
 * A table that is listed has the primary key (what it is listed by, id), and in SQLite no rowid:
 * the rows lie in that order, so a page of a list (`WHERE project_id = $1 AND id > $2 ORDER BY id
 * LIMIT n`) is one range of one tree, without a look-up for each row. Ids sort by time, so inserts
 * append to the range of their parent. Measured with 300,000 keys in a project: pages in two thirds
 * of the time that a rowid and an index take; inserts and the file's size the same.
 *
 * Rows are found through their parent too (`project_id = $1 AND id = $2`): what belongs to another
 * organization or project takes the same path as what is absent.
 *
 * Foreign keys point only at organizations and projects, whose rows are never deleted. Users and
 * service accounts are, and what belonged to them is swept afterwards in bounded steps (see
 * departures), so nothing references them.
 *
 * Filters have an index of their own, partial where a row may have no value. Measured: the six of
 * audit_logs take 10 of the 27 microseconds of processor time that a key and its event take.
 */

/*
 * One text, so that the two cannot drift apart. last_issued_at and made_at are in microseconds.
 * scopes, projects, actor, detail and changes are JSON; with no scopes a key has every scope. Admin
 * keys of a user count when their id is behind admin_keys_after, which moves when the user is
 * promoted.
 *
 * changes is used where several nodes share the database: what each commit means for verification.
 */
#define FIRST_SCHEMA(text, integer, bytes, end)                                               \
    "CREATE TABLE store_state ("                                                              \
    "  id " integer " PRIMARY KEY CHECK (id = 1),"                                            \
    "  revision " integer " NOT NULL,"                                                        \
    "  last_issued_at " integer " NOT NULL"                                                   \
    ") " end ";"                                                                              \
                                                                                              \
    "CREATE TABLE organizations ("                                                            \
    "  id " text " NOT NULL PRIMARY KEY,"                                                     \
    "  name " text " NOT NULL,"                                                               \
    "  default_project_id " text " NOT NULL,"                                                 \
    "  created_at " integer " NOT NULL"                                                       \
    ") " end ";"                                                                              \
                                                                                              \
    "CREATE TABLE users ("                                                                    \
    "  id " text " NOT NULL,"                                                                 \
    "  organization_id " text " NOT NULL REFERENCES organizations (id),"                      \
    "  email " text " NOT NULL,"                                                              \
    "  email_key " text " NOT NULL,"                                                          \
    "  name " text " NOT NULL,"                                                               \
    "  role " text " NOT NULL CHECK (role IN ('owner', 'reader')),"                           \
    "  added_at " integer " NOT NULL,"                                                        \
    "  is_default " integer " NOT NULL CHECK (is_default IN (0, 1)),"                         \
    "  technical_level " text ","                                                             \
    "  developer_persona " text ","                                                           \
    "  api_key_last_used_at " integer ","                                                     \
    "  admin_keys_after " text " NOT NULL DEFAULT '',"                                        \
    "  PRIMARY KEY (organization_id, id),"                                                    \
    "  UNIQUE (organization_id, email_key)"                                                   \
    ") " end ";"                                                                              \
                                                                                              \
    "CREATE TABLE projects ("                                                                 \
    "  id " text " NOT NULL UNIQUE,"                                                          \
    "  organization_id " text " NOT NULL REFERENCES organizations (id),"                      \
    "  name " text " NOT NULL,"                                                               \
    "  created_at " integer " NOT NULL,"                                                      \
    "  archived_at " integer ","                                                              \
    "  residency " text ","                                                                   \
    "  PRIMARY KEY (organization_id, id)"                                                     \
    ") " end ";"                                                                              \
                                                                                              \
    "CREATE TABLE project_users ("                                                            \
    "  project_id " text " NOT NULL REFERENCES projects (id),"                                \
    "  user_id " text " NOT NULL,"                                                            \
    "  role " text " NOT NULL CHECK (role IN ('owner', 'member')),"                           \
    "  added_at " integer " NOT NULL,"                                                        \
    "  PRIMARY KEY (project_id, user_id)"                                                     \
    ") " end ";"                                                                              \
                                                                                              \
    "CREATE TABLE service_accounts ("                                                         \
    "  id " text " NOT NULL,"                                                                 \
    "  project_id " text " NOT NULL REFERENCES projects (id),"                                \
    "  organization_id " text " NOT NULL,"                                                    \
    "  name " text " NOT NULL,"                                                               \
    "  role " text " NOT NULL CHECK (role IN ('owner', 'member', 'none')),"                   \
    "  created_at " integer " NOT NULL,"                                                      \
    "  PRIMARY KEY (project_id, id)"                                                          \
    ") " end ";"                                                                              \
                                                                                              \
    "CREATE TABLE project_api_keys ("                                                         \
    "  id " text " NOT NULL,"                                                                 \
    "  project_id " text " NOT NULL REFERENCES projects (id),"                                \
    "  organization_id " text " NOT NULL,"                                                    \
    "  owner_type " text " NOT NULL CHECK (owner_type IN ('user', 'service_account')),"       \
    "  owner_id " text " NOT NULL,"                                                           \
    "  name " text " NOT NULL,"                                                               \
    "  redacted_value " text " NOT NULL,"                                                     \
    "  digest " bytes " NOT NULL UNIQUE CHECK (length(digest) = 32),"                         \
    "  scopes " text " NOT NULL,"                                                             \
    "  created_at " integer " NOT NULL,"                                                      \
    "  expires_at " integer ","                                                               \
    "  last_used_at " integer ","                                                             \
    "  PRIMARY KEY (project_id, id)"                                                          \
    ") " end ";"                                                                              \
                                                                                              \
    "CREATE TABLE admin_api_keys ("                                                           \
    "  id " text " NOT NULL,"                                                                 \
    "  organization_id " text " NOT NULL REFERENCES organizations (id),"                      \
    "  user_id " text " NOT NULL,"                                                            \
    "  name " text ","                                                                        \
    "  redacted_value " text " NOT NULL,"                                                     \
    "  digest " bytes " NOT NULL UNIQUE CHECK (length(digest) = 32),"                         \
    "  created_at " integer " NOT NULL,"                                                      \
    "  expires_at " integer ","                                                               \
    "  last_used_at " integer ","                                                             \
    "  PRIMARY KEY (organization_id, id)"                                                     \
    ") " end ";"                                                                              \
                                                                                              \
    "CREATE TABLE invites ("                                                                  \
    "  id " text " NOT NULL,"                                                                 \
    "  organization_id " text " NOT NULL REFERENCES organizations (id),"                      \
    "  email " text " NOT NULL,"                                                              \
    "  email_key " text " NOT NULL,"                                                          \
    "  role " text " NOT NULL CHECK (role IN ('owner', 'reader')),"                           \
    "  projects " text " NOT NULL,"                                                           \
    "  token_digest " bytes " NOT NULL UNIQUE CHECK (length(token_digest) = 32),"             \
    "  created_at " integer " NOT NULL,"                                                      \
    "  expires_at " integer " NOT NULL,"                                                      \
    "  accepted_at " integer ","                                                              \
    "  PRIMARY KEY (organization_id, id)"                                                     \
    ") " end ";"                                                                              \
                                                                                              \
    "CREATE TABLE sessions ("                                                                 \
    "  user_id " text " NOT NULL,"                                                            \
    "  id " text " NOT NULL,"                                                                 \
    "  organization_id " text " NOT NULL REFERENCES organizations (id),"                      \
    "  admin_api_key_id " text ","                                                            \
    "  digest " bytes " NOT NULL UNIQUE CHECK (length(digest) = 32),"                         \
    "  created_at " integer " NOT NULL,"                                                      \
    "  last_used_at " integer " NOT NULL,"                                                    \
    "  expires_at " integer " NOT NULL,"                                                      \
    "  address " text ","                                                                     \
    "  user_agent " text ","                                                                  \
    "  PRIMARY KEY (user_id, id)"                                                             \
    ") " end ";"                                                                              \
                                                                                              \
    "CREATE TABLE passwords ("                                                                \
    "  user_id " text " NOT NULL PRIMARY KEY,"                                                \
    "  hash " text " NOT NULL,"                                                               \
    "  changed_at " integer " NOT NULL"                                                       \
    ") " end ";"                                                                              \
                                                                                              \
    "CREATE TABLE password_links ("                                                           \
    "  user_id " text " NOT NULL PRIMARY KEY,"                                                \
    "  organization_id " text " NOT NULL REFERENCES organizations (id),"                      \
    "  token_digest " bytes " NOT NULL UNIQUE CHECK (length(token_digest) = 32),"             \
    "  expires_at " integer " NOT NULL"                                                       \
    ") " end ";"                                                                              \
                                                                                              \
    "CREATE TABLE audit_logs ("                                                               \
    "  id " text " NOT NULL,"                                                                 \
    "  organization_id " text " NOT NULL REFERENCES organizations (id),"                      \
    "  type " text " NOT NULL,"                                                               \
    "  effective_at " integer " NOT NULL,"                                                    \
    "  project_id " text ","                                                                  \
    "  project_name " text ","                                                                \
    "  actor " text ","                                                                       \
    "  actor_id " text ","                                                                    \
    "  actor_key_id " text ","                                                                \
    "  actor_email " text ","                                                                 \
    "  resource_id " text " NOT NULL,"                                                        \
    "  detail " text " NOT NULL,"                                                             \
    "  PRIMARY KEY (organization_id, id)"                                                     \
    ") " end ";"                                                                              \
                                                                                              \
    "CREATE TABLE departures ("                                                               \
    "  id " text " NOT NULL PRIMARY KEY,"                                                     \
    "  kind " text " NOT NULL CHECK (kind IN ('user', 'service_account', 'ownership')),"      \
    "  departed_at " integer " NOT NULL"                                                      \
    ") " end ";"                                                                              \
                                                                                              \
    "CREATE TABLE changes ("                                                                  \
    "  revision " integer " NOT NULL PRIMARY KEY,"                                            \
    "  node " text " NOT NULL,"                                                               \
    "  made_at " integer " NOT NULL,"                                                         \
    "  changes " text " NOT NULL"                                                             \
    ") " end ";"                                                                              \
                                                                                              \
    "CREATE INDEX users_by_role ON users (organization_id, role, id);"                        \
    "CREATE INDEX projects_active ON projects (organization_id, id)"                          \
    "  WHERE archived_at IS NULL;"                                                            \
    "CREATE INDEX project_users_by_user ON project_users (user_id, project_id);"              \
    "CREATE INDEX project_api_keys_by_owner ON project_api_keys (owner_id, id);"              \
    "CREATE INDEX project_api_keys_by_organization"                                           \
    "  ON project_api_keys (organization_id, id);"                                            \
    "CREATE INDEX service_accounts_without_role ON service_accounts (project_id, id)"         \
    "  WHERE role = 'none';"                                                                  \
    "CREATE INDEX project_api_keys_of_people ON project_api_keys (project_id, id)"            \
    "  WHERE owner_type = 'user';"                                                            \
    "CREATE INDEX admin_api_keys_by_user ON admin_api_keys (user_id, id);"                    \
    "CREATE INDEX sessions_by_end ON sessions (expires_at);"                                  \
    "CREATE INDEX invites_by_email ON invites (organization_id, email_key);"                  \
    "CREATE INDEX audit_logs_by_resource ON audit_logs (organization_id, resource_id, id);"   \
    "CREATE INDEX audit_logs_by_type ON audit_logs (organization_id, type, id);"              \
    "CREATE INDEX audit_logs_by_actor ON audit_logs (organization_id, actor_id, id)"          \
    "  WHERE actor_id IS NOT NULL;"                                                           \
    "CREATE INDEX audit_logs_by_actor_key ON audit_logs (organization_id, actor_key_id, id)"  \
    "  WHERE actor_key_id IS NOT NULL;"                                                       \
    "CREATE INDEX audit_logs_by_actor_email ON audit_logs (organization_id, actor_email, id)" \
    "  WHERE actor_email IS NOT NULL;"                                                        \
    "CREATE INDEX audit_logs_by_project ON audit_logs (organization_id, project_id, id)"      \
    "  WHERE project_id IS NOT NULL;"                                                         \
                                                                                              \
    "INSERT INTO store_state (id, revision, last_issued_at) VALUES (1, 0, 0);"

/*
 * What SQLite's planner is told instead of ANALYZE: rows of a table, then rows that share the first
 * column of the index, the first two, and so on. Without it the planner takes ten for any first
 * column, and then reads a whole organization where an index has the two rows it wants. Fixed, so
 * that plans do not depend on the data and a test can look at them. ANALYZE of one table makes
 * sqlite_stat1.
 */
static const char first_sqlite[] = FIRST_SCHEMA(
    "TEXT", "INTEGER", "BLOB",
    "STRICT, WITHOUT ROWID") "ANALYZE store_state;"
                             "INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES"
                             "  ('users', 'users', '100000 10000 1'),"
                             "  ('users', 'sqlite_autoindex_users_2', '100000 10000 1 1'),"
                             "  ('users', 'users_by_role', '100000 10000 10 1'),"
                             "  ('projects', 'projects', '100000 10000 1'),"
                             "  ('projects', 'sqlite_autoindex_projects_1', '100000 1 1'),"
                             "  ('projects', 'projects_active', '50000 5000 1'),"
                             "  ('service_accounts', 'service_accounts', '1000000 10000 1'),"
                             "  ('service_accounts', 'service_accounts_without_role', '10000 100 "
                             "1'),"
                             "  ('invites', 'invites', '100000 10000 1'),"
                             "  ('invites', 'sqlite_autoindex_invites_1', '100000 1 1 1'),"
                             "  ('invites', 'invites_by_email', '100000 10000 2 1'),"
                             "  ('audit_logs', 'audit_logs', '1000000 100000 1'),"
                             "  ('audit_logs', 'audit_logs_by_resource', '1000000 100000 10 1'),"
                             "  ('audit_logs', 'audit_logs_by_type', '1000000 100000 1000 1'),"
                             "  ('audit_logs', 'audit_logs_by_actor', '1000000 100000 1000 1'),"
                             "  ('audit_logs', 'audit_logs_by_actor_key', '1000000 100000 1000 1'),"
                             "  ('audit_logs', 'audit_logs_by_actor_email', '1000000 100000 1000 "
                             "1'),"
                             "  ('audit_logs', 'audit_logs_by_project', '1000000 100000 1000 1');";

/* PostgreSQL compares bytewise too, whatever the database's locale. */
static const char first_postgres[] = FIRST_SCHEMA("TEXT COLLATE \"C\"", "BIGINT", "BYTEA", "");

static const struct store_migration table = {
    0,
    "CREATE TABLE IF NOT EXISTS schema_migrations ("
    "  number INTEGER PRIMARY KEY, applied_at INTEGER NOT NULL) STRICT;",
    "CREATE TABLE IF NOT EXISTS schema_migrations ("
    "  number BIGINT PRIMARY KEY, applied_at BIGINT NOT NULL);",
};

static const struct store_migration migrations[] = {
    { 1, first_sqlite, first_postgres },
};

const struct store_migration *store_migrations(size_t *ret_count)
{
    *ret_count = sizeof migrations / sizeof migrations[0];
    return migrations;
}

const struct store_migration *store_migration_table(void)
{
    return &table;
}
