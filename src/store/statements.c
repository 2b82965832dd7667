#include "store/statements.h"

/*
 * One text for both databases: $1 is a parameter, CAST gives it a type where PostgreSQL
 * cannot infer one, and a column's alias is the path of the field that it fills (domain/rows.h).
 *
 * Every list is one keyset query over ids, so page 100,000 costs what page 1 does. A row whose
 * owner is gone counts as gone, also while the sweeper has not come to it yet.
 */

/* clang-format off */
/* ---- Fragments ---- */

/* `k` an admin key, `u` its person: it ends when that person is demoted or removed. */
#define ADMIN_KEY_PERSON \
    "JOIN users u ON u.organization_id = k.organization_id AND u.id = k.user_id "
#define ADMIN_KEY_LIVES "u.role = 'owner' AND k.id > u.admin_keys_after"

#define ADMIN_KEY_COLUMNS \
    "SELECT k.id, k.name, k.redacted_value, k.created_at, k.expires_at, k.last_used_at, " \
    "u.id AS \"owner.id\", u.name AS \"owner.name\", u.added_at AS \"owner.created_at\" " \
    "FROM admin_api_keys k " ADMIN_KEY_PERSON

#define PROJECT_COLUMNS \
    "SELECT id, name, created_at, archived_at, residency, " \
    "CASE WHEN archived_at IS NULL THEN 'active' ELSE 'archived' END AS status FROM projects "

/* `u` a user, `m` their membership or nothing, `p` the project. */
#define PROJECT_USER_COLUMNS \
    "u.id, u.name, u.email, " \
    "CASE WHEN u.role = 'owner' THEN 'owner' ELSE m.role END AS role, " \
    "u.role AS organization_role, " \
    "CASE WHEN m.role IS NULL THEN 0 ELSE 1 END AS is_member, " \
    "COALESCE(m.added_at, " \
    "CASE WHEN u.added_at > p.created_at THEN u.added_at ELSE p.created_at END) AS added_at "

/* `k` a project key; `u` or `s` its owner, both nothing when the owner is gone. */
#define KEY_OWNERS \
    "LEFT JOIN users u ON k.owner_type = 'user' " \
    "AND u.organization_id = k.organization_id AND u.id = k.owner_id " \
    "LEFT JOIN service_accounts s ON k.owner_type = 'service_account' " \
    "AND s.project_id = k.project_id AND s.id = k.owner_id "
#define PROJECT_KEY_LIVES "(u.id IS NOT NULL OR s.id IS NOT NULL)"

/* Never NULL: an owner of one kind has nothing in the columns of the other. */
#define OWNER_HAS_ACCESS \
    "p.archived_at IS NULL AND (COALESCE(u.role, '') = 'owner' OR m.role IS NOT NULL " \
    "OR COALESCE(s.role, 'none') <> 'none')"

#define PROJECT_KEY_COLUMNS \
    "SELECT k.id, k.redacted_value, k.name, k.created_at, k.last_used_at, k.expires_at, " \
    "k.scopes, k.owner_type AS \"owner.type\", u.id AS \"owner.user.id\", " \
    "u.email AS \"owner.user.email\", u.name AS \"owner.user.name\", " \
    "u.added_at AS \"owner.user.created_at\", " \
    "CASE WHEN u.role = 'owner' THEN 'owner' " \
    "WHEN u.id IS NOT NULL THEN COALESCE(m.role, 'none') END AS \"owner.user.role\", " \
    "s.id AS \"owner.service_account.id\", s.name AS \"owner.service_account.name\", " \
    "s.created_at AS \"owner.service_account.created_at\", " \
    "s.role AS \"owner.service_account.role\", " \
    "CASE WHEN " OWNER_HAS_ACCESS " THEN 'active' ELSE 'inactive' END " \
    "AS owner_project_access, p.id AS \"project.id\", p.name AS \"project.name\" " \
    "FROM project_api_keys k JOIN projects p ON p.id = k.project_id " KEY_OWNERS \
    "LEFT JOIN project_users m ON m.project_id = k.project_id AND m.user_id = u.id "

/*
 * $3 to $9, each NULL where it is no condition; $4 is a pattern in small letters. Of the owners, a
 * search looks at each once: `people` and `accounts` say which there are. No text has a newline, so
 * nothing is found across two of them.
 *
 * What the key's own row says is one condition: PostgreSQL's guesses at what each leaves,
 * multiplied, would be almost nothing, and a plan for that is slow with many keys. Inside of it
 * SQLite works out both sides of OR and AND: only CASE keeps it from looking at every owner where
 * nothing is searched for.
 */
#define PROJECT_KEY_FILTERS(people, accounts) \
    PROJECT_KEY_LIVES " AND COALESCE(" \
    "(CAST($5 AS BIGINT) IS NULL OR k.expires_at >= CAST($5 AS BIGINT)) AND " \
    "(CAST($6 AS BIGINT) IS NULL OR k.expires_at < CAST($6 AS BIGINT)) AND " \
    "(CAST($7 AS BIGINT) IS NULL OR k.last_used_at < CAST($7 AS BIGINT)) AND " \
    "(CAST($8 AS BIGINT) IS NULL OR k.created_at < CAST($8 AS BIGINT)) AND " \
    "(CAST($9 AS BIGINT) IS NULL OR k.last_used_at IS NULL) AND " \
    "CASE WHEN CAST($4 AS TEXT) IS NULL THEN TRUE ELSE (" \
    CONTAINS("k.name || '\n' || k.id || '\n' || substr(k.redacted_value, " \
    "length(k.redacted_value) - 2)") " OR k.owner_id IN (SELECT id FROM users WHERE " people \
    " AND " CONTAINS("name || '\n' || email") ") OR k.owner_id IN (SELECT id FROM " \
    "service_accounts WHERE " accounts " AND " CONTAINS("name") ")) END, FALSE) AND " \
    "(CAST($3 AS TEXT) IS NULL OR (CAST($3 AS TEXT) = 'active') = (" OWNER_HAS_ACCESS ")) "
#define CONTAINS(text) "lower(" text ") LIKE CAST($4 AS TEXT) ESCAPE '\\'"

#define FILTERS_IN_PROJECT \
    PROJECT_KEY_FILTERS( \
        "organization_id = (SELECT o.organization_id FROM projects o WHERE o.id = $1)", \
        "project_id = $1")
#define FILTERS_IN_ORGANIZATION \
    PROJECT_KEY_FILTERS("organization_id = $1", \
        "project_id IN (SELECT o.id FROM projects o WHERE o.organization_id = $1)")

/* `behind` is > or <, as the order is. */
#define PROJECT_KEY_LIST(behind) \
    PROJECT_KEY_COLUMNS "WHERE k.project_id = $1 AND k.id " behind " $2 AND " FILTERS_IN_PROJECT

/* The keys of a person, $10, who has few beside all the others. */
#define USER_KEY_LIST(behind) \
    PROJECT_KEY_COLUMNS "WHERE k.project_id = $1 AND k.id IN (SELECT a.id FROM " \
    "project_api_keys a WHERE a.owner_id = $10 AND a.id " behind " $2) AND " FILTERS_IN_PROJECT

/* $10: archived projects too; $11: only what that person may see, or NULL. */
#define ORGANIZATION_KEY_LIST(behind) \
    PROJECT_KEY_COLUMNS "WHERE k.organization_id = $1 AND k.id " behind " $2 AND " \
    FILTERS_IN_ORGANIZATION "AND (p.archived_at IS NULL OR CAST($10 AS BIGINT) = 1) " \
    "AND (CAST($11 AS TEXT) IS NULL OR k.project_id IN (SELECT n.project_id FROM project_users n " \
    "WHERE n.user_id = $11 AND n.role = 'owner') OR (k.owner_id = $11 AND k.project_id IN " \
    "(SELECT n.project_id FROM project_users n WHERE n.user_id = $11))) "

#define USER_COLUMNS \
    "SELECT id, name, email, role, added_at, is_default, api_key_last_used_at, " \
    "technical_level, developer_persona, admin_keys_after, " \
    "id AS \"user.id\", email AS \"user.email\", " \
    "name AS \"user.name\" FROM users "

/* `s` a session, `u` its person, `k` the admin key that it began with, or nothing. $1 is the oldest
 * last use, and $2 the present time. */
#define SESSION_FROM \
    "FROM sessions s JOIN users u ON u.organization_id = s.organization_id AND u.id = s.user_id " \
    "JOIN organizations o ON o.id = s.organization_id LEFT JOIN admin_api_keys k ON " \
    "k.organization_id = s.organization_id AND k.id = s.admin_api_key_id "
#define SESSION_LIVES \
    "s.last_used_at > CAST($1 AS BIGINT) AND s.expires_at > CAST($2 AS BIGINT) AND " \
    "(s.admin_api_key_id IS NULL OR (k.id IS NOT NULL AND " ADMIN_KEY_LIVES "))"
#define SESSION_COLUMNS \
    "SELECT s.id, s.organization_id AS \"organization.id\", o.name AS \"organization.name\", " \
    "u.id AS \"user.id\", u.name AS \"user.name\", u.email AS \"user.email\", " \
    "u.role AS \"user.role\", s.admin_api_key_id, s.created_at, s.last_used_at, s.expires_at, " \
    "s.address, s.user_agent " SESSION_FROM

#define OF_OWNERS \
    "WHERE user_id IN (SELECT id FROM users WHERE organization_id = $1 AND role = 'owner')"

/* $2 is the present time. */
#define INVITE_STATUS \
    "CASE WHEN accepted_at IS NOT NULL THEN 'accepted' " \
    "WHEN expires_at <= CAST($2 AS BIGINT) THEN 'expired' ELSE 'pending' END"
#define INVITE_COLUMNS \
    "SELECT id, email, role, created_at, expires_at, accepted_at, projects, " \
    INVITE_STATUS " AS status FROM invites "

/* `behind` is > or <, as the order is; $4 is a status, or NULL. */
#define INVITE_LIST(behind) \
    INVITE_COLUMNS "WHERE organization_id = $1 AND id " behind " $3 AND " \
    "(CAST($4 AS TEXT) IS NULL OR " INVITE_STATUS " = CAST($4 AS TEXT)) "

/* A column is among the values of a filter: '' is any, else each stands between newlines. */
#define MATCHES(parameter, column) \
    "(CAST(" parameter " AS TEXT) = '' OR replace(CAST(" parameter " AS TEXT), '\n' || " column \
    " || '\n', '') <> CAST(" parameter " AS TEXT))"

/* $2 and $3 bound the ids, both exclusive; $4 to $8 are the filters, $9 the limit. */
#define AUDIT_LOG_SELECT \
    "SELECT id, type, effective_at, project_id AS \"project.id\", " \
    "project_name AS \"project.name\", actor, detail FROM audit_logs " \
    "WHERE organization_id = $1 AND id < $2 AND id > $3 " \
    "AND " MATCHES("$4", "type") " AND " MATCHES("$5", "project_id") " " \
    "AND (" MATCHES("$6", "actor_id") " OR " MATCHES("$6", "actor_key_id") ") " \
    "AND " MATCHES("$7", "actor_email") " AND " MATCHES("$8", "resource_id") " "

#define NEWEST_FIRST "ORDER BY id DESC LIMIT $9"
#define OLDEST_FIRST "ORDER BY id LIMIT $9"

/* From the index alone, and no further than $5. */
#define AUDIT_LOG_COUNT(column) \
    "SELECT count(*) AS count FROM (SELECT id FROM audit_logs WHERE organization_id = $1 " \
    "AND id < $2 AND id > $3 AND " column " = $4 LIMIT $5) found"

/* ---- Statements ---- */
const struct store_statement statements[STATEMENT_COUNT] = {
    [ADMIN_API_KEY_AUTHENTICATE] = { "admin_api_key_authenticate",
        "SELECT k.id FROM admin_api_keys k " ADMIN_KEY_PERSON "WHERE k.digest = $1 AND "
        ADMIN_KEY_LIVES },
    [ADMIN_API_KEY_HOLDER] = { "admin_api_key_holder",
        "SELECT k.expires_at, u.email AS user_email FROM admin_api_keys k " ADMIN_KEY_PERSON
        "WHERE k.organization_id = $1 AND k.id = $2 AND " ADMIN_KEY_LIVES },
    [PROJECT_API_KEY_RECOGNIZE] = { "project_api_key_recognize",
        "SELECT k.id FROM project_api_keys k " KEY_OWNERS "WHERE k.digest = $1 AND "
        PROJECT_KEY_LIVES },
    [ADMIN_API_KEY_FORGET] = { "admin_api_key_forget",
        "DELETE FROM admin_api_keys WHERE digest = $1" },
    [PROJECT_API_KEY_FORGET] = { "project_api_key_forget",
        "DELETE FROM project_api_keys WHERE digest = $1" },
    [ORGANIZATION_INSERT] = { "organization_insert",
        "INSERT INTO organizations (id, name, default_project_id, created_at) VALUES ($1, $2, "
        "$3, $4)" },
    [ORGANIZATION_GET] = { "organization_get",
        "SELECT id, name, default_project_id FROM organizations WHERE id = $1" },
    [ORGANIZATION_FIRST] = { "organization_first",
        "SELECT id, name, default_project_id FROM organizations ORDER BY id LIMIT 1" },
    [PROJECT_GET] = { "project_get",
        PROJECT_COLUMNS "WHERE organization_id = $1 AND id = $2" },
    [PROJECT_LIST] = { "project_list",
        PROJECT_COLUMNS "WHERE organization_id = $1 AND id > $2 ORDER BY id LIMIT $3" },
    [PROJECT_LIST_ACTIVE] = { "project_list_active",
        PROJECT_COLUMNS "WHERE organization_id = $1 AND id > $2 AND archived_at IS NULL ORDER BY "
        "id LIMIT $3" },
    [PROJECT_LIST_OF_USER] = { "project_list_of_user",
        PROJECT_COLUMNS "WHERE id IN (SELECT project_id FROM project_users WHERE user_id = $2 AND "
        "project_id > $3) AND organization_id = $1 AND (archived_at IS NULL OR "
        "CAST($4 AS BIGINT) = 1) ORDER BY id LIMIT $5" },
    [PROJECT_INSERT] = { "project_insert",
        "INSERT INTO projects (id, organization_id, name, created_at, residency) VALUES ($1, $2, "
        "$3, $4, $5)" },
    [PROJECT_RENAME] = { "project_rename",
        "UPDATE projects SET name = $3 WHERE organization_id = $1 AND id = $2" },
    [PROJECT_ARCHIVE] = { "project_archive",
        "UPDATE projects SET archived_at = $3 WHERE organization_id = $1 AND id = $2" },
    [PROJECT_USER_GET] = { "project_user_get",
        "SELECT " PROJECT_USER_COLUMNS "FROM users u JOIN projects p ON p.id = $2 LEFT JOIN "
        "project_users m ON m.project_id = p.id AND m.user_id = u.id WHERE u.organization_id = "
        "$1 AND u.id = $3 AND (u.role = 'owner' OR m.role IS NOT NULL)" },
    /* Members and organization owners each come from an index of their own, in order. */
    [PROJECT_USER_LIST] = { "project_user_list",
        "SELECT * FROM (SELECT * FROM (SELECT " PROJECT_USER_COLUMNS "FROM project_users m JOIN "
        "users u ON u.organization_id = $1 AND u.id = m.user_id JOIN projects p ON p.id = $2 "
        "WHERE m.project_id = $2 AND m.user_id > $3 AND u.role <> 'owner' ORDER BY m.user_id "
        "LIMIT $4) members UNION ALL SELECT * FROM (SELECT " PROJECT_USER_COLUMNS "FROM users u "
        "JOIN projects p ON p.id = $2 LEFT JOIN project_users m ON m.project_id = p.id AND "
        "m.user_id = u.id WHERE u.organization_id = $1 AND u.role = 'owner' AND u.id > $3 ORDER "
        "BY u.id LIMIT $4) owners) everybody ORDER BY id LIMIT $4" },
    [PROJECT_USER_INSERT] = { "project_user_insert",
        "INSERT INTO project_users (project_id, user_id, role, added_at) VALUES ($1, $2, $3, $4)" },
    [PROJECT_USER_SET_ROLE] = { "project_user_set_role",
        "UPDATE project_users SET role = $3 WHERE project_id = $1 AND user_id = $2" },
    [PROJECT_USER_DELETE] = { "project_user_delete",
        "DELETE FROM project_users WHERE project_id = $1 AND user_id = $2" },
    [SERVICE_ACCOUNT_GET] = { "service_account_get",
        "SELECT id, name, role, created_at FROM service_accounts WHERE project_id = $1 AND id = "
        "$2" },
    [SERVICE_ACCOUNT_LIST] = { "service_account_list",
        "SELECT id, name, role, created_at FROM service_accounts WHERE project_id = $1 AND id > "
        "$2 ORDER BY id LIMIT $3" },
    [SERVICE_ACCOUNT_INSERT] = { "service_account_insert",
        "INSERT INTO service_accounts (id, project_id, organization_id, name, role, created_at) "
        "VALUES ($1, $2, $3, $4, $5, $6)" },
    [SERVICE_ACCOUNT_UPDATE] = { "service_account_update",
        "UPDATE service_accounts SET name = COALESCE($3, name), role = COALESCE($4, role) WHERE "
        "project_id = $1 AND id = $2" },
    [SERVICE_ACCOUNT_DELETE] = { "service_account_delete",
        "DELETE FROM service_accounts WHERE project_id = $1 AND id = $2" },
    [PROJECT_API_KEY_GET] = { "project_api_key_get",
        PROJECT_KEY_COLUMNS "WHERE k.project_id = $1 AND k.id = $2 AND " PROJECT_KEY_LIVES },
    [PROJECT_API_KEY_LIST] = { "project_api_key_list",
        PROJECT_KEY_LIST(">") "ORDER BY k.id LIMIT $10" },
    [PROJECT_API_KEY_LIST_OF_USER] = { "project_api_key_list_of_user",
        USER_KEY_LIST(">") "ORDER BY k.id LIMIT $11" },
    [PROJECT_API_KEY_LIST_OF_ORGANIZATION] = { "project_api_key_list_of_organization",
        ORGANIZATION_KEY_LIST(">") "ORDER BY k.id LIMIT $12" },
    [PROJECT_API_KEY_LIST_DESCENDING] = { "project_api_key_list_descending",
        PROJECT_KEY_LIST("<") "ORDER BY k.id DESC LIMIT $10" },
    [PROJECT_API_KEY_LIST_OF_USER_DESCENDING] = { "project_api_key_list_of_user_descending",
        USER_KEY_LIST("<") "ORDER BY k.id DESC LIMIT $11" },
    [PROJECT_API_KEY_LIST_OF_ORGANIZATION_DESCENDING] = {
        "project_api_key_list_of_organization_descending",
        ORGANIZATION_KEY_LIST("<") "ORDER BY k.id DESC LIMIT $12" },
    /*
     * Of an active project: by the accounts without a role, and by the people's keys. CROSS makes
     * SQLite begin with the accounts; they are of one project, and so are their keys.
     */
    [PROJECT_API_KEY_LIST_INACTIVE] = { "project_api_key_list_inactive",
        PROJECT_KEY_COLUMNS
        "WHERE k.project_id = $1 AND k.id IN (SELECT id FROM (SELECT a.id FROM "
        "service_accounts o CROSS JOIN project_api_keys a WHERE a.owner_id = o.id AND "
        "o.project_id = $1 AND o.role = 'none' AND a.id > $2 ORDER BY a.id LIMIT $3) "
        "of_accounts UNION ALL SELECT id FROM (SELECT b.id FROM project_api_keys b JOIN "
        "users o ON o.organization_id = b.organization_id AND o.id = b.owner_id LEFT JOIN "
        "project_users n ON n.project_id = b.project_id AND n.user_id = o.id WHERE "
        "b.project_id = $1 AND b.owner_type = 'user' AND b.id > $2 AND o.role <> 'owner' "
        "AND n.role IS NULL ORDER BY b.id LIMIT $3) of_people) ORDER BY k.id LIMIT $3" },
    /* Accounts without a role and their keys, no further than $2 together. */
    [PROJECT_API_KEY_COUNT_INACTIVE] = { "project_api_key_count_inactive",
        "SELECT count(*) AS count FROM (SELECT o.id FROM service_accounts o LEFT JOIN "
        "project_api_keys a ON a.owner_id = o.id WHERE o.project_id = $1 AND o.role = 'none' LIMIT "
        "$2) found" },
    [PROJECT_API_KEY_INSERT] = { "project_api_key_insert",
        "INSERT INTO project_api_keys (id, project_id, organization_id, owner_type, owner_id, "
        "name, redacted_value, digest, scopes, created_at, expires_at) VALUES ($1, $2, $3, $4, "
        "$5, $6, $7, $8, $9, $10, $11)" },
    [PROJECT_API_KEY_UPDATE] = { "project_api_key_update",
        "UPDATE project_api_keys SET scopes = COALESCE($3, scopes), expires_at = COALESCE($4, "
        "expires_at) WHERE project_id = $1 AND id = $2" },
    [PROJECT_API_KEY_DELETE] = { "project_api_key_delete",
        "DELETE FROM project_api_keys WHERE project_id = $1 AND id = $2" },
    [ADMIN_API_KEY_GET] = { "admin_api_key_get",
        ADMIN_KEY_COLUMNS "WHERE k.organization_id = $1 AND k.id = $2 AND " ADMIN_KEY_LIVES },
    [ADMIN_API_KEY_LIST_ASCENDING] = { "admin_api_key_list_ascending",
        ADMIN_KEY_COLUMNS "WHERE k.organization_id = $1 AND k.id > $2 AND " ADMIN_KEY_LIVES " "
        "ORDER BY k.id LIMIT $3" },
    [ADMIN_API_KEY_LIST_DESCENDING] = { "admin_api_key_list_descending",
        ADMIN_KEY_COLUMNS "WHERE k.organization_id = $1 AND k.id < $2 AND " ADMIN_KEY_LIVES " "
        "ORDER BY k.id DESC LIMIT $3" },
    [ADMIN_API_KEY_INSERT] = { "admin_api_key_insert",
        "INSERT INTO admin_api_keys (id, organization_id, user_id, name, redacted_value, digest, "
        "created_at, expires_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)" },
    [ADMIN_API_KEY_DELETE] = { "admin_api_key_delete",
        "DELETE FROM admin_api_keys WHERE organization_id = $1 AND id = $2" },
    [USER_GET] = { "user_get",
        USER_COLUMNS "WHERE organization_id = $1 AND id = $2" },
    [USER_BY_EMAIL] = { "user_by_email",
        USER_COLUMNS "WHERE organization_id = $1 AND email_key = $2" },
    [USER_LIST] = { "user_list",
        USER_COLUMNS "WHERE organization_id = $1 AND id > $2 ORDER BY id LIMIT $3" },
    [USER_FIRST_OWNER] = { "user_first_owner",
        USER_COLUMNS "WHERE organization_id = $1 AND role = 'owner' ORDER BY id LIMIT 1" },
    [USER_OTHER_OWNER] = { "user_other_owner",
        USER_COLUMNS "WHERE organization_id = $1 AND role = 'owner' AND id <> $2 LIMIT 1" },
    [USER_INSERT] = { "user_insert",
        "INSERT INTO users (id, organization_id, email, email_key, name, role, added_at, "
        "is_default) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)" },
    [USER_UPDATE] = { "user_update",
        "UPDATE users SET role = COALESCE($3, role), technical_level = COALESCE($4, "
        "technical_level), developer_persona = COALESCE($5, developer_persona), admin_keys_after "
        "= COALESCE($6, admin_keys_after) WHERE organization_id = $1 AND id = $2" },
    [USER_END_ADMIN_KEYS] = { "user_end_admin_keys",
        "UPDATE users SET admin_keys_after = $2 WHERE organization_id = $1 AND role = 'owner'" },
    [USER_OWNERS_DEPART] = { "user_owners_depart",
        "INSERT INTO departures (id, kind, departed_at) "
        "SELECT id, 'ownership', CAST($2 AS BIGINT) FROM users "
        "WHERE organization_id = $1 AND role = 'owner' "
        "ON CONFLICT (id) DO UPDATE SET kind = excluded.kind" },
    [USER_DELETE] = { "user_delete",
        "DELETE FROM users WHERE organization_id = $1 AND id = $2" },
    [SESSION_HOLDER] = { "session_holder",
        SESSION_COLUMNS "WHERE s.digest = $3 AND " SESSION_LIVES },
    [SESSION_GET] = { "session_get",
        SESSION_COLUMNS "WHERE s.user_id = $3 AND s.id = $4 AND " SESSION_LIVES },
    [SESSION_LIST] = { "session_list",
        SESSION_COLUMNS "WHERE s.user_id = $3 AND s.id > $4 AND " SESSION_LIVES " "
        "ORDER BY s.id LIMIT $5" },
    [SESSION_INSERT] = { "session_insert",
        "INSERT INTO sessions (user_id, id, organization_id, admin_api_key_id, digest, "
        "created_at, last_used_at, expires_at, address, user_agent) VALUES ($1, $2, $3, $4, $5, "
        "$6, $7, $8, $9, $10)" },
    [SESSION_DELETE] = { "session_delete",
        "DELETE FROM sessions WHERE user_id = $1 AND id = $2" },
    [SESSION_DELETE_OLDEST] = { "session_delete_oldest",
        "DELETE FROM sessions WHERE user_id = $1 AND id IN (SELECT id FROM sessions WHERE "
        "user_id = $1 ORDER BY id DESC LIMIT 1000 OFFSET $2)" },
    [SESSION_DELETE_OTHERS] = { "session_delete_others",
        "DELETE FROM sessions WHERE user_id = $1 AND id <> COALESCE(CAST($2 AS TEXT), '')" },
    [SESSION_DELETE_OF_OWNERS] = { "session_delete_of_owners",
        "DELETE FROM sessions " OF_OWNERS },
    [LOGIN_BY_ADMIN_API_KEY] = { "login_by_admin_api_key",
        "SELECT k.organization_id, k.user_id, k.id AS admin_api_key_id, k.expires_at FROM "
        "admin_api_keys k " ADMIN_KEY_PERSON "WHERE k.digest = $1 AND " ADMIN_KEY_LIVES },
    [LOGIN_BY_EMAIL] = { "login_by_email",
        "SELECT u.organization_id, u.id AS user_id, p.hash FROM users u LEFT JOIN passwords p ON "
        "p.user_id = u.id WHERE u.organization_id = $1 AND u.email_key = $2" },
    /* Changes nothing, but is committed: who is not known waits as long as who is. */
    [LOGIN_OF_NOBODY] = { "login_of_nobody",
        "UPDATE organizations SET name = name WHERE id = $1" },
    [PASSWORD_GET] = { "password_get",
        "SELECT hash FROM passwords WHERE user_id = $1" },
    [PASSWORD_KEEP] = { "password_keep",
        "INSERT INTO passwords (user_id, hash, changed_at) VALUES ($1, $2, $3) ON CONFLICT "
        "(user_id) DO UPDATE SET hash = excluded.hash, changed_at = excluded.changed_at" },
    [PASSWORD_LINK_KEEP] = { "password_link_keep",
        "INSERT INTO password_links (user_id, organization_id, token_digest, expires_at) VALUES "
        "($1, $2, $3, $4) ON CONFLICT (user_id) DO UPDATE SET token_digest = "
        "excluded.token_digest, expires_at = excluded.expires_at" },
    [PASSWORD_LINK_FIND] = { "password_link_find",
        "SELECT l.organization_id, l.user_id, l.expires_at FROM password_links l JOIN users u ON "
        "u.organization_id = l.organization_id AND u.id = l.user_id WHERE l.token_digest = $1" },
    [PASSWORD_LINK_DELETE] = { "password_link_delete",
        "DELETE FROM password_links WHERE user_id = $1" },
    [PASSWORD_LINK_DELETE_OF_OWNERS] = { "password_link_delete_of_owners",
        "DELETE FROM password_links " OF_OWNERS },
    [PASSWORD_DELETE_OF_OWNERS] = { "password_delete_of_owners",
        "DELETE FROM passwords " OF_OWNERS },
    [SESSION_USE] = { "session_use",
        "UPDATE sessions SET last_used_at = $2 WHERE digest = $1 AND last_used_at < $2" },
    [INVITE_GET] = { "invite_get",
        INVITE_COLUMNS "WHERE organization_id = $1 AND id = $3" },
    [INVITE_BY_TOKEN] = { "invite_by_token",
        "SELECT organization_id, id FROM invites WHERE token_digest = $1" },
    [INVITE_PENDING_BY_EMAIL] = { "invite_pending_by_email",
        INVITE_COLUMNS "WHERE organization_id = $1 AND email_key = $3 AND accepted_at IS NULL "
        "AND expires_at > $2 AND id <> $4 LIMIT 1" },
    [INVITE_LIST_ASCENDING] = { "invite_list_ascending",
        INVITE_LIST(">") "ORDER BY id LIMIT $5" },
    [INVITE_LIST_DESCENDING] = { "invite_list_descending",
        INVITE_LIST("<") "ORDER BY id DESC LIMIT $5" },
    [INVITE_INSERT] = { "invite_insert",
        "INSERT INTO invites (id, organization_id, email, email_key, role, projects, "
        "token_digest, created_at, expires_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)" },
    [INVITE_RENEW] = { "invite_renew",
        "UPDATE invites SET token_digest = $3, expires_at = $4 WHERE organization_id = $1 AND id "
        "= $2" },
    [INVITE_SET_ACCEPTED] = { "invite_set_accepted",
        "UPDATE invites SET accepted_at = $3 WHERE organization_id = $1 AND id = $2" },
    [INVITE_DELETE] = { "invite_delete",
        "DELETE FROM invites WHERE organization_id = $1 AND id = $2" },
    [INVITE_DELETE_OF_OWNERS] = { "invite_delete_of_owners",
        "DELETE FROM invites WHERE organization_id = $1 AND role = 'owner' AND accepted_at IS "
        "NULL" },
    [AUDIT_LOG_INSERT] = { "audit_log_insert",
        "INSERT INTO audit_logs (id, organization_id, type, effective_at, project_id, "
        "project_name, actor, actor_id, actor_key_id, actor_email, resource_id, detail) VALUES "
        "($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)" },
    [AUDIT_LOG_LIST] = { "audit_log_list",
        AUDIT_LOG_SELECT NEWEST_FIRST },
    [AUDIT_LOG_LIST_BY_RESOURCE] = { "audit_log_list_by_resource",
        AUDIT_LOG_SELECT "AND resource_id = $10 " NEWEST_FIRST },
    [AUDIT_LOG_LIST_BY_ACTOR] = { "audit_log_list_by_actor",
        AUDIT_LOG_SELECT "AND actor_id = $10 " NEWEST_FIRST },
    [AUDIT_LOG_LIST_BY_ACTOR_KEY] = { "audit_log_list_by_actor_key",
        AUDIT_LOG_SELECT "AND actor_key_id = $10 " NEWEST_FIRST },
    [AUDIT_LOG_LIST_BY_ACTOR_EMAIL] = { "audit_log_list_by_actor_email",
        AUDIT_LOG_SELECT "AND actor_email = $10 " NEWEST_FIRST },
    [AUDIT_LOG_LIST_BY_PROJECT] = { "audit_log_list_by_project",
        AUDIT_LOG_SELECT "AND project_id = $10 " NEWEST_FIRST },
    [AUDIT_LOG_LIST_BY_TYPE] = { "audit_log_list_by_type",
        AUDIT_LOG_SELECT "AND type = $10 " NEWEST_FIRST },
    [AUDIT_LOG_LIST_BACKWARDS] = { "audit_log_list_backwards",
        AUDIT_LOG_SELECT OLDEST_FIRST },
    [AUDIT_LOG_LIST_BACKWARDS_BY_RESOURCE] = { "audit_log_list_backwards_by_resource",
        AUDIT_LOG_SELECT "AND resource_id = $10 " OLDEST_FIRST },
    [AUDIT_LOG_LIST_BACKWARDS_BY_ACTOR] = { "audit_log_list_backwards_by_actor",
        AUDIT_LOG_SELECT "AND actor_id = $10 " OLDEST_FIRST },
    [AUDIT_LOG_LIST_BACKWARDS_BY_ACTOR_KEY] = { "audit_log_list_backwards_by_actor_key",
        AUDIT_LOG_SELECT "AND actor_key_id = $10 " OLDEST_FIRST },
    [AUDIT_LOG_LIST_BACKWARDS_BY_ACTOR_EMAIL] = { "audit_log_list_backwards_by_actor_email",
        AUDIT_LOG_SELECT "AND actor_email = $10 " OLDEST_FIRST },
    [AUDIT_LOG_LIST_BACKWARDS_BY_PROJECT] = { "audit_log_list_backwards_by_project",
        AUDIT_LOG_SELECT "AND project_id = $10 " OLDEST_FIRST },
    [AUDIT_LOG_LIST_BACKWARDS_BY_TYPE] = { "audit_log_list_backwards_by_type",
        AUDIT_LOG_SELECT "AND type = $10 " OLDEST_FIRST },
    [AUDIT_LOG_COUNT_BY_RESOURCE] = { "audit_log_count_by_resource",
        AUDIT_LOG_COUNT("resource_id") },
    [AUDIT_LOG_COUNT_BY_ACTOR] = { "audit_log_count_by_actor",
        AUDIT_LOG_COUNT("actor_id") },
    [AUDIT_LOG_COUNT_BY_ACTOR_KEY] = { "audit_log_count_by_actor_key",
        AUDIT_LOG_COUNT("actor_key_id") },
    [AUDIT_LOG_COUNT_BY_ACTOR_EMAIL] = { "audit_log_count_by_actor_email",
        AUDIT_LOG_COUNT("actor_email") },
    [AUDIT_LOG_COUNT_BY_PROJECT] = { "audit_log_count_by_project",
        AUDIT_LOG_COUNT("project_id") },
    [AUDIT_LOG_COUNT_BY_TYPE] = { "audit_log_count_by_type",
        AUDIT_LOG_COUNT("type") },
    [DEPARTURE_INSERT] = { "departure_insert",
        "INSERT INTO departures (id, kind, departed_at) VALUES ($1, $2, $3) "
        "ON CONFLICT (id) DO UPDATE SET kind = excluded.kind" },
    [DEPARTURE_FIRST] = { "departure_first",
        "SELECT id, kind FROM departures ORDER BY id LIMIT 1" },
    [DEPARTURE_DELETE] = { "departure_delete",
        "DELETE FROM departures WHERE id = $1" },
    [SWEEP_PROJECT_API_KEYS] = { "sweep_project_api_keys",
        "DELETE FROM project_api_keys WHERE (project_id, id) IN (SELECT project_id, id FROM "
        "project_api_keys WHERE owner_id = $1 ORDER BY id LIMIT $2)" },
    [SWEEP_ADMIN_API_KEYS] = { "sweep_admin_api_keys",
        "DELETE FROM admin_api_keys WHERE (organization_id, id) IN (SELECT organization_id, id "
        "FROM admin_api_keys WHERE user_id = $1 ORDER BY id LIMIT $2)" },
    [SWEEP_PROJECT_USERS] = { "sweep_project_users",
        "DELETE FROM project_users WHERE (project_id, user_id) IN (SELECT project_id, user_id "
        "FROM project_users WHERE user_id = $1 ORDER BY project_id LIMIT $2)" },
    [SWEEP_SESSIONS_OF_USER] = { "sweep_sessions_of_user",
        "DELETE FROM sessions WHERE (user_id, id) IN (SELECT user_id, id FROM sessions WHERE "
        "user_id = $1 ORDER BY id LIMIT $2)" },
    [SWEEP_PASSWORD] = { "sweep_password",
        "DELETE FROM passwords WHERE user_id IN (SELECT user_id FROM passwords WHERE user_id = $1 "
        "LIMIT $2)" },
    [SWEEP_PASSWORD_LINK] = { "sweep_password_link",
        "DELETE FROM password_links WHERE user_id IN (SELECT user_id FROM password_links WHERE "
        "user_id = $1 LIMIT $2)" },
    [SWEEP_SESSIONS] = { "sweep_sessions",
        "DELETE FROM sessions WHERE (user_id, id) IN (SELECT user_id, id FROM sessions WHERE "
        "expires_at <= $1 ORDER BY expires_at LIMIT $2)" },
    [SWEEP_AUDIT_LOGS] = { "sweep_audit_logs",
        "DELETE FROM audit_logs WHERE (organization_id, id) IN (SELECT a.organization_id, a.id "
        "FROM organizations o JOIN audit_logs a ON a.organization_id = o.id AND a.id < $1 LIMIT "
        "$2)" },

    /* What the keyring is made of: whole tables, read once at start. */
    [KEYRING_PROJECT_API_KEYS] = { "keyring_project_api_keys",
        "SELECT digest, id, organization_id, project_id, owner_type, owner_id, scopes, expires_at "
        "FROM project_api_keys" },
    [KEYRING_ADMIN_API_KEYS] = { "keyring_admin_api_keys",
        "SELECT digest, id, organization_id, user_id, expires_at FROM admin_api_keys" },
    [KEYRING_ARCHIVED_PROJECTS] = { "keyring_archived_projects",
        "SELECT id FROM projects WHERE archived_at IS NOT NULL" },
    [KEYRING_PEOPLE] = { "keyring_people", "SELECT id, role, admin_keys_after FROM users" },
    [KEYRING_MEMBERS] = { "keyring_members", "SELECT project_id, user_id FROM project_users" },
    [KEYRING_ACCOUNTS] = { "keyring_accounts",
        "SELECT project_id, id FROM service_accounts WHERE role <> 'none'" },
    [KEYRING_DEPARTURES] = { "keyring_departures",
        "SELECT id FROM departures WHERE kind <> 'ownership'" },
    [PROJECT_API_KEY_DIGEST] = { "project_api_key_digest",
        "SELECT digest FROM project_api_keys WHERE project_id = $1 AND id = $2" },
    [ADMIN_API_KEY_DIGEST] = { "admin_api_key_digest",
        "SELECT digest FROM admin_api_keys WHERE organization_id = $1 AND id = $2" },
    [SWEPT_PROJECT_API_KEYS] = { "swept_project_api_keys",
        "SELECT digest FROM project_api_keys WHERE owner_id = $1 ORDER BY id LIMIT $2" },
    [SWEPT_ENDED_ADMIN_API_KEYS] = { "swept_ended_admin_api_keys",
        "SELECT k.digest FROM admin_api_keys k " ADMIN_KEY_PERSON
        "WHERE k.user_id = $1 AND NOT (" ADMIN_KEY_LIVES ") ORDER BY k.id LIMIT $2" },
    [SWEEP_ENDED_ADMIN_API_KEYS] = { "sweep_ended_admin_api_keys",
        "DELETE FROM admin_api_keys WHERE (organization_id, id) IN "
        "(SELECT k.organization_id, k.id FROM admin_api_keys k " ADMIN_KEY_PERSON
        "WHERE k.user_id = $1 AND NOT (" ADMIN_KEY_LIVES ") ORDER BY k.id LIMIT $2)" },
    [SWEPT_ADMIN_API_KEYS] = { "swept_admin_api_keys",
        "SELECT digest FROM admin_api_keys WHERE user_id = $1 ORDER BY id LIMIT $2" },
    [CHANGE_INSERT] = { "change_insert",
        "INSERT INTO changes (revision, node, made_at, changes) VALUES ($1, $2, $3, $4)" },
    [CHANGE_LIST] = { "change_list",
        "SELECT revision, made_at, changes FROM changes WHERE revision > $1 ORDER BY revision "
        "LIMIT $2" },
    [CHANGE_PRUNE] = { "change_prune",
        "DELETE FROM changes WHERE revision IN (SELECT revision FROM changes WHERE revision <= $1 "
        "ORDER BY revision LIMIT $2)" },
    [PROJECT_API_KEY_USE] = { "project_api_key_use",
        "UPDATE project_api_keys SET last_used_at = $2 WHERE digest = $1 AND created_at <= $2 AND "
        "(last_used_at IS NULL OR last_used_at < $2)" },
    [ADMIN_API_KEY_USE] = { "admin_api_key_use",
        "UPDATE admin_api_keys SET last_used_at = $2 WHERE digest = $1 AND created_at <= $2 AND "
        "(last_used_at IS NULL OR last_used_at < $2)" },
    [USER_PROJECT_API_KEY_USE] = { "user_project_api_key_use",
        "UPDATE users SET api_key_last_used_at = $2 WHERE "
        "organization_id = (SELECT organization_id FROM project_api_keys WHERE digest = $1) AND "
        "id = (SELECT owner_id FROM project_api_keys WHERE digest = $1 AND owner_type = 'user' AND "
        "created_at <= $2) AND (api_key_last_used_at IS NULL OR api_key_last_used_at < $2)" },
    [USER_ADMIN_API_KEY_USE] = { "user_admin_api_key_use",
        "UPDATE users SET api_key_last_used_at = $2 WHERE "
        "organization_id = (SELECT organization_id FROM admin_api_keys WHERE digest = $1) AND "
        "id = (SELECT user_id FROM admin_api_keys WHERE digest = $1 AND created_at <= $2) AND "
        "(api_key_last_used_at IS NULL OR api_key_last_used_at < $2)" },
};
/* clang-format on */
