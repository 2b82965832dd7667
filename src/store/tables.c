#include "store/tables.h"

/* clang-format off */
#define COUNT(name) "SELECT count(*) AS count FROM " name

/* Of a table that is listed by its id alone, and of one that is listed by a parent's id first. */
#define BY_ID(name, key, columns, parameters) \
    { name, 1, COUNT(name), \
      "SELECT " key ", " columns " FROM " name " WHERE " key " > $1 ORDER BY " key " LIMIT $2", \
      "INSERT INTO " name " (" key ", " columns ") VALUES (" parameters ")" }
#define BY_PARENT(name, keys, columns, parameters) \
    { name, 2, COUNT(name), \
      "SELECT " keys ", " columns " FROM " name " WHERE (" keys ") > ($1, $2) ORDER BY " keys \
      " LIMIT $3", \
      "INSERT INTO " name " (" keys ", " columns ") VALUES (" parameters ")" }
#define NOT_COPIED(name) { name, 0, COUNT(name), NULL, NULL }

const struct store_table store_tables[STORE_TABLE_COUNT] = {
    /* Its only row is there from the beginning. */
    { "store_state", 1, COUNT("store_state") " WHERE last_issued_at > 0",
      "SELECT CAST(id AS TEXT) AS id, revision, last_issued_at FROM store_state "
      "WHERE CAST(id AS TEXT) > $1 ORDER BY id LIMIT $2",
      "UPDATE store_state SET revision = $2, last_issued_at = $3 WHERE CAST(id AS TEXT) = $1" },
    BY_ID("organizations", "id",
          "name, default_project_id, created_at",
          "$1, $2, $3, $4"),
    BY_PARENT("users", "organization_id, id",
              "email, email_key, name, role, added_at, is_default, technical_level, "
              "developer_persona, api_key_last_used_at, admin_keys_after",
              "$1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12"),
    BY_PARENT("projects", "organization_id, id",
              "name, created_at, archived_at, residency",
              "$1, $2, $3, $4, $5, $6"),
    BY_PARENT("project_users", "project_id, user_id",
              "role, added_at",
              "$1, $2, $3, $4"),
    BY_PARENT("service_accounts", "project_id, id",
              "organization_id, name, role, created_at",
              "$1, $2, $3, $4, $5, $6"),
    BY_PARENT("project_api_keys", "project_id, id",
              "organization_id, owner_type, owner_id, name, redacted_value, digest, scopes, "
              "created_at, expires_at, last_used_at",
              "$1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12"),
    BY_PARENT("admin_api_keys", "organization_id, id",
              "user_id, name, redacted_value, digest, created_at, expires_at, last_used_at",
              "$1, $2, $3, $4, $5, $6, $7, $8, $9"),
    BY_PARENT("invites", "organization_id, id",
              "email, email_key, role, projects, token_digest, created_at, expires_at, "
              "accepted_at",
              "$1, $2, $3, $4, $5, $6, $7, $8, $9, $10"),
    BY_PARENT("sessions", "user_id, id",
              "organization_id, admin_api_key_id, digest, created_at, last_used_at, expires_at, "
              "address, user_agent",
              "$1, $2, $3, $4, $5, $6, $7, $8, $9, $10"),
    BY_ID("passwords", "user_id",
          "hash, changed_at",
          "$1, $2, $3"),
    BY_ID("password_links", "user_id",
          "organization_id, token_digest, expires_at",
          "$1, $2, $3, $4"),
    BY_PARENT("audit_logs", "organization_id, id",
              "type, effective_at, project_id, project_name, actor, actor_id, actor_key_id, "
              "actor_email, resource_id, detail",
              "$1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12"),
    BY_ID("departures", "id",
          "kind, departed_at",
          "$1, $2, $3"),
    NOT_COPIED("changes"),
};
/* clang-format on */

void store_tables_list_statements(
    struct store_statement ret_statements[static STORE_TABLE_STATEMENT_COUNT])
{
    for (size_t i = 0; i < STORE_TABLE_COUNT; i++) {
        const struct store_table *table = &store_tables[i];
        const char *const texts[STORE_TABLE_USES] = {
            [STORE_TABLE_TO_COUNT] = table->count,
            [STORE_TABLE_TO_READ] = table->read,
            [STORE_TABLE_TO_WRITE] = table->write,
        };
        for (unsigned use = 0; use < STORE_TABLE_USES; use++) {
            ret_statements[store_table_statement(i, use)] =
                (struct store_statement){ table->name, texts[use] };
        }
    }
}

unsigned store_table_statement(size_t table, enum store_table_use use)
{
    return (unsigned)table * STORE_TABLE_USES + (unsigned)use;
}
