#include "store/checks.h"

/*
 * Joins, where a sub-query for each row would do: both databases then find a table by its index, or
 * by one that they make for the moment. Who left, and what is left behind, is swept in steps: until
 * then `departures` says so.
 */
/* clang-format off */
#define PERSON(organization, owner) \
    "LEFT JOIN users u ON u.organization_id = " organization " AND u.id = " owner " "
/* Who has left. A departure of kind `ownership` is of one who stays. */
#define GONE(owner) "LEFT JOIN departures d ON d.id = " owner " AND d.kind <> 'ownership' "

const struct store_check store_checks[STORE_CHECKS] = {
    { "file", STORE_CHECK_FILE, ID_KIND_COUNT,
      "SELECT integrity_check FROM pragma_integrity_check(1000)",
      "" },
    { "file", STORE_CHECK_FILE, ID_KIND_COUNT,
      "SELECT 'a row of ' || \"table\" || ' refers to a row of ' || parent || ' that "
      "is not there' FROM pragma_foreign_key_check",
      "" },
    { "organizations", STORE_CHECK_ROWS, ID_KIND_COUNT,
      "SELECT o.id FROM organizations o LEFT JOIN projects p ON p.organization_id = "
      "o.id AND p.id = o.default_project_id WHERE p.id IS NULL",
      "its default project is not there" },
    { "project_users", STORE_CHECK_ROWS, ID_KIND_COUNT,
      "SELECT m.project_id || ' ' || m.user_id FROM project_users m JOIN projects p "
      "ON p.id = m.project_id "
      PERSON("p.organization_id", "m.user_id")
      GONE("m.user_id") "WHERE u.id IS NULL AND d.id IS NULL",
      "the person is not there, and did not leave" },
    { "service_accounts", STORE_CHECK_ROWS, ID_KIND_COUNT,
      "SELECT t.id FROM service_accounts t JOIN projects p ON p.id = t.project_id "
      "WHERE p.organization_id <> t.organization_id",
      "its project is of another organization" },
    { "project_api_keys", STORE_CHECK_ROWS, ID_KIND_COUNT,
      "SELECT t.id FROM project_api_keys t JOIN projects p ON p.id = t.project_id "
      "WHERE p.organization_id <> t.organization_id",
      "its project is of another organization" },
    { "project_api_keys", STORE_CHECK_ROWS, ID_KIND_COUNT,
      "SELECT k.id FROM project_api_keys k "
      PERSON("k.organization_id", "k.owner_id")
      GONE("k.owner_id") "WHERE k.owner_type = 'user' AND u.id IS NULL AND d.id IS NULL",
      "its owner is not there, and did not leave" },
    { "project_api_keys", STORE_CHECK_ROWS, ID_KIND_COUNT,
      "SELECT k.id FROM project_api_keys k LEFT JOIN service_accounts s ON "
      "s.project_id = k.project_id AND s.id = k.owner_id "
      GONE("k.owner_id") "WHERE k.owner_type = 'service_account' AND s.id IS NULL AND d.id IS NULL",
      "its service account is not there, and was not deleted" },
    { "admin_api_keys", STORE_CHECK_ROWS, ID_KIND_COUNT,
      "SELECT k.id FROM admin_api_keys k "
      PERSON("k.organization_id", "k.user_id")
      GONE("k.user_id") "WHERE u.id IS NULL AND d.id IS NULL",
      "its owner is not there, and did not leave" },
    { "admin_api_keys", STORE_CHECK_ROWS, ID_KIND_COUNT,
      "SELECT a.id FROM admin_api_keys a JOIN project_api_keys k ON k.digest = "
      "a.digest",
      "a project key has the same digest" },
    { "sessions", STORE_CHECK_ROWS, ID_KIND_COUNT,
      "SELECT t.id FROM sessions t "
      PERSON("t.organization_id", "t.user_id")
      GONE("t.user_id") "WHERE u.id IS NULL AND d.id IS NULL",
      "the person is not there, and did not leave" },
    { "password_links", STORE_CHECK_ROWS, ID_KIND_COUNT,
      "SELECT t.user_id FROM password_links t "
      PERSON("t.organization_id", "t.user_id")
      GONE("t.user_id") "WHERE u.id IS NULL AND d.id IS NULL",
      "the person is not there, and did not leave" },
    { "passwords", STORE_CHECK_ROWS, ID_KIND_COUNT,
      "SELECT t.user_id FROM passwords t LEFT JOIN users u ON u.id = t.user_id "
      GONE("t.user_id") "WHERE u.id IS NULL AND d.id IS NULL",
      "the person is not there, and did not leave" },
    /* CHECK constraints have this too, but a connection that only reads does not look at them. */
    { "project_api_keys", STORE_CHECK_ROWS, ID_KIND_COUNT,
      "SELECT id FROM project_api_keys WHERE length(digest) <> 32",
      "its digest has another length than 32 bytes" },
    { "admin_api_keys", STORE_CHECK_ROWS, ID_KIND_COUNT,
      "SELECT id FROM admin_api_keys WHERE length(digest) <> 32",
      "its digest has another length than 32 bytes" },
    { "sessions", STORE_CHECK_ROWS, ID_KIND_COUNT,
      "SELECT id FROM sessions WHERE length(digest) <> 32",
      "its digest has another length than 32 bytes" },
    { "invites", STORE_CHECK_ROWS, ID_KIND_COUNT,
      "SELECT id FROM invites WHERE length(token_digest) <> 32",
      "its digest has another length than 32 bytes" },
    { "password_links", STORE_CHECK_ROWS, ID_KIND_COUNT,
      "SELECT user_id FROM password_links WHERE length(token_digest) <> 32",
      "its digest has another length than 32 bytes" },
    { "project_api_keys", STORE_CHECK_TEXTS, ID_KIND_COUNT,
      "SELECT id, scopes FROM project_api_keys WHERE scopes <> '[]'",
      "its scopes are no list of texts" },
    { "invites", STORE_CHECK_PROJECTS, ID_KIND_COUNT,
      "SELECT id, projects FROM invites WHERE projects <> '[]'",
      "its projects cannot be read" },
    { "audit_logs", STORE_CHECK_OBJECT, ID_KIND_COUNT,
      "SELECT id, actor FROM audit_logs WHERE actor IS NOT NULL",
      "its actor is no JSON object" },
    { "audit_logs", STORE_CHECK_OBJECT, ID_KIND_COUNT,
      "SELECT id, detail FROM audit_logs",
      "its detail is no JSON object" },
    { "changes", STORE_CHECK_CHANGES, ID_KIND_COUNT,
      "SELECT CAST(revision AS TEXT), changes FROM changes",
      "its changes cannot be read" },
    { "organizations", STORE_CHECK_NEWEST, ID_ORGANIZATION,
      "SELECT max(id) FROM organizations",
      "it is newer than store_state says, so ids could repeat" },
    { "users", STORE_CHECK_NEWEST, ID_USER,
      "SELECT max(id) FROM users",
      "it is newer than store_state says, so ids could repeat" },
    { "projects", STORE_CHECK_NEWEST, ID_PROJECT,
      "SELECT max(id) FROM projects",
      "it is newer than store_state says, so ids could repeat" },
    { "service_accounts", STORE_CHECK_NEWEST, ID_SERVICE_ACCOUNT,
      "SELECT max(id) FROM service_accounts",
      "it is newer than store_state says, so ids could repeat" },
    { "project_api_keys", STORE_CHECK_NEWEST, ID_KEY,
      "SELECT max(id) FROM project_api_keys",
      "it is newer than store_state says, so ids could repeat" },
    { "admin_api_keys", STORE_CHECK_NEWEST, ID_KEY,
      "SELECT max(id) FROM admin_api_keys",
      "it is newer than store_state says, so ids could repeat" },
    { "invites", STORE_CHECK_NEWEST, ID_INVITE,
      "SELECT max(id) FROM invites",
      "it is newer than store_state says, so ids could repeat" },
    { "sessions", STORE_CHECK_NEWEST, ID_SESSION,
      "SELECT max(id) FROM sessions",
      "it is newer than store_state says, so ids could repeat" },
    { "audit_logs", STORE_CHECK_NEWEST, ID_AUDIT_LOG,
      "SELECT max(id) FROM audit_logs",
      "it is newer than store_state says, so ids could repeat" },
};

const struct store_statement store_check_keys[STORE_CHECK_KEY_STATEMENTS] = {
    { "check_project_api_keys",
      "SELECT k.digest, k.id, k.organization_id, k.project_id, k.owner_id, k.owner_type, k.scopes, "
      "k.expires_at, CASE WHEN d.id IS NOT NULL THEN '" STORE_KEY_UNKNOWN "' "
      "WHEN p.archived_at IS NOT NULL THEN '" STORE_KEY_ARCHIVED "' "
      "WHEN m.user_id IS NOT NULL OR s.id IS NOT NULL OR u.role = 'owner' "
      "THEN '" STORE_KEY_ACTIVE "' "
      "ELSE '" STORE_KEY_WITHOUT_ACCESS "' END AS state FROM project_api_keys k "
      GONE("k.owner_id") PERSON("k.organization_id", "k.owner_id")
      "LEFT JOIN projects p ON p.id = k.project_id "
      "LEFT JOIN project_users m ON m.project_id = k.project_id AND m.user_id = k.owner_id "
      "LEFT JOIN service_accounts s ON s.project_id = k.project_id AND s.id = k.owner_id AND "
      "s.role <> 'none'" },
    { "check_admin_api_keys",
      "SELECT k.digest, k.id, k.organization_id, '' AS project_id, k.user_id, 'user', "
      "'[]' AS scopes, k.expires_at, CASE WHEN d.id IS NULL AND u.role = 'owner' AND "
      "k.id > u.admin_keys_after THEN '" STORE_KEY_ADMIN "' ELSE '" STORE_KEY_UNKNOWN "' "
      "END AS state FROM admin_api_keys k "
      GONE("k.user_id") PERSON("k.organization_id", "k.user_id") },
};
/* clang-format on */
