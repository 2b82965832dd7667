/*
 * How SQLite runs the statements of the domain: each goes straight to its rows. What reads a whole
 * table, or all that an organization or a project has, is listed here with its reason.
 */
#include "test_store_fixture.h"

#include <sqlite3.h>

#include "store/statements.h"

struct exception {
    const char *statement;
    const char *plan; /* the part of a line that is allowed */
};
/* A search looks at the owners there are, once, instead of at those of each key. */
#define SEARCHES_OWNERS(statement)                                       \
    { statement, "SEARCH users USING PRIMARY KEY (organization_id=?)" }, \
    {                                                                    \
        statement, "SEARCH service_accounts USING PRIMARY KEY"           \
    }
static const struct exception exceptions[] = {
    { "organization_first", "SCAN organizations" }, /* LIMIT 1 */
    /* Of the command that is there for what has gone wrong. */
    { "invite_delete_of_owners", "SEARCH invites USING PRIMARY KEY (organization_id=?)" },
    { "departure_first", "SCAN departures" }, /* LIMIT 1 */
    /* The keyring is loaded whole, once. */
    { "keyring_project_api_keys", "SCAN project_api_keys" },
    { "keyring_admin_api_keys", "SCAN admin_api_keys" },
    { "keyring_archived_projects", "SCAN projects" },
    { "keyring_people", "SCAN users" },
    { "keyring_members", "SCAN project_users" },
    { "keyring_accounts", "SCAN service_accounts" },
    { "keyring_departures", "SCAN departures" },
    SEARCHES_OWNERS("project_api_key_list"),
    SEARCHES_OWNERS("project_api_key_list_of_user"),
    SEARCHES_OWNERS("project_api_key_list_of_organization"),
    SEARCHES_OWNERS("project_api_key_list_descending"),
    SEARCHES_OWNERS("project_api_key_list_of_user_descending"),
    SEARCHES_OWNERS("project_api_key_list_of_organization_descending"),
    { "project_api_key_list_of_organization", "SEARCH o USING PRIMARY KEY (organization_id=?)" },
    { "project_api_key_list_of_organization_descending",
      "SEARCH o USING PRIMARY KEY (organization_id=?)" },
    /* Sub-selects with a LIMIT. */
    { "project_api_key_list_inactive", "SCAN of_accounts" },
    { "project_api_key_list_inactive", "SCAN of_people" },
    { "project_api_key_count_inactive", "SCAN found" },
    { "project_api_key_count_inactive", "service_accounts_without_role (project_id=?)" },
    { "project_api_key_list_inactive", "service_accounts_without_role (project_id=?)" },
    { "audit_log_count_by_resource", "SCAN found" },
    { "audit_log_count_by_actor", "SCAN found" },
    { "audit_log_count_by_actor_key", "SCAN found" },
    { "audit_log_count_by_actor_email", "SCAN found" },
    { "audit_log_count_by_project", "SCAN found" },
    { "audit_log_count_by_type", "SCAN found" },
    /* Two sub-selects, each with its own LIMIT. */
    { "project_user_list", "SCAN members" },
    { "project_user_list", "SCAN owners" },
};

static bool is_excepted(const char *statement, const char *line)
{
    for (size_t i = 0; i < sizeof exceptions / sizeof exceptions[0]; i++) {
        if (strcmp(exceptions[i].statement, statement) == 0 &&
            strstr(line, exceptions[i].plan) != NULL) {
            return true;
        }
    }
    return false;
}

static bool reads_too_much(const char *line)
{
    static const char *const signs[] = { "SCAN ", "(organization_id=?)", "(project_id=?)" };
    for (size_t i = 0; i < sizeof signs / sizeof signs[0]; i++) {
        if (strstr(line, signs[i]) != NULL) {
            return true;
        }
    }
    return false;
}

/* By its name, audit_log_..._by_X is for audit_logs_by_X. */
static bool misses_its_index(const char *statement, const char *line)
{
    const char *by = strstr(statement, "_by_");
    char index[64];
    if (strncmp(statement, "audit_log_", strlen("audit_log_")) != 0 || by == NULL ||
        strstr(line, "SEARCH audit_logs") == NULL) {
        return false;
    }
    (void)snprintf(index, sizeof index, "audit_logs%s ", by);
    return strstr(line, index) == NULL;
}

static unsigned check_plan(sqlite3 *database, const struct store_statement *statement)
{
    enum { DETAIL_COLUMN = 3 };
    unsigned failures = 0;
    sqlite3_stmt *plan = NULL;
    char *text = sqlite3_mprintf("EXPLAIN QUERY PLAN %s", statement->sql);
    assert_int_equal(sqlite3_prepare_v2(database, text, -1, &plan, NULL), SQLITE_OK);
    while (sqlite3_step(plan) == SQLITE_ROW) {
        const char *line = (const char *)sqlite3_column_text(plan, DETAIL_COLUMN);
        if ((reads_too_much(line) || misses_its_index(statement->name, line)) &&
            !is_excepted(statement->name, line)) {
            print_error("%s: %s\n", statement->name, line);
            failures++;
        }
    }
    assert_int_equal(sqlite3_finalize(plan), SQLITE_OK);
    sqlite3_free(text);
    return failures;
}

static void test_statements_go_straight_to_their_rows(void **state)
{
    const struct fixture *fixture = *state;
    sqlite3 *database = NULL;
    unsigned failures = 0;
    char path[128];
    (void)snprintf(path, sizeof path, "%s/orgkeys.db", fixture->directory);
    assert_int_equal(sqlite3_open_v2(path, &database, SQLITE_OPEN_READONLY, NULL), SQLITE_OK);
    for (unsigned i = 0; i < STATEMENT_COUNT; i++) {
        failures += check_plan(database, &statements[i]);
    }
    assert_int_equal(sqlite3_close(database), SQLITE_OK);
    assert_int_equal(failures, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_statements_go_straight_to_their_rows, fixture_setup,
                                        fixture_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
