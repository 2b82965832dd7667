#include "keyring/load.h"

#include <string.h>

#include "codec/id.h"
#include "keyring/stored.h"
#include "keyring/tables.h"
#include "model/decode.h"
#include "store/statements.h"

/*
 * Keys first, without a join; the passes behind say what is not as most are: archived projects,
 * owners of the organization, members, owners that are gone. Each pass is one scan of one table, so
 * a start with a million keys takes as long as reading them.
 */
enum { LOAD_RESERVE = 64, LOAD_MEMORY_MAXIMUM = 64 * 1024 };

struct loading {
    struct tables *tables;
    struct arena arena; /* of one row */
    size_t room;        /* keys that still fit without looking */
    const char *table;  /* that is read */
};

static int64_t integer_or_absent(const struct store_value *value)
{
    return value->type == STORE_INTEGER ? value->integer : FIELD_ABSENT;
}

static struct result read_digest(const struct store_value *value, struct digest *ret_digest)
{
    if (value->type != STORE_BLOB || value->text.length != DIGEST_SIZE) {
        return fault(ERROR_INTERNAL, "a stored digest is no digest");
    }
    memcpy(ret_digest->bytes, value->text.data, DIGEST_SIZE);
    return RESULT_OK;
}

static struct result read_scopes(struct loading *loading, struct text json,
                                 struct text_list *ret_scopes)
{
    struct problem problem;
    struct decoder decoder = { &loading->arena, &problem };
    if (text_equal(json, TEXT("[]"))) {
        *ret_scopes = (struct text_list){ NULL, 0 };
        return RESULT_OK;
    }
    return decode_stored_texts(&decoder, json, ret_scopes);
}

static struct result reserve(struct loading *loading)
{
    struct slots *replaced = NULL;
    if (loading->room == 0) {
        TRY(tables_reserve(loading->tables, LOAD_RESERVE, &replaced));
        slots_close(replaced);
        loading->room = LOAD_RESERVE;
    }
    loading->room--;
    return RESULT_OK;
}

static struct result apply(struct loading *loading, const struct key_change *change)
{
    TRY(stored_change_check(loading->table, change));
    if (change->kind == KEY_ISSUED) {
        if (tables_hold(loading->tables, &change->digest)) {
            return fault(ERROR_INTERNAL, "a row of %s has another key's digest", loading->table);
        }
        TRY(reserve(loading));
    }
    tables_apply(loading->tables, change);
    return RESULT_OK;
}

/* digest, id, organization_id, project_id, owner_type, owner_id, scopes, expires_at */
static struct result load_project_key(struct loading *loading, const struct store_value *columns)
{
    struct key_change change = {
        .kind = KEY_ISSUED,
        .key_id = columns[1].text,
        .organization_id = columns[2].text,
        .project_id = columns[3].text,
        .owner = { .id = columns[5].text,
                   .is_service_account = text_equal(columns[4].text, TEXT("service_account")) },
        .expires_at = integer_or_absent(&columns[7]),
    };
    TRY(read_digest(&columns[0], &change.digest));
    TRY(read_scopes(loading, columns[6].text, &change.scopes));
    return apply(loading, &change);
}

/* digest, id, organization_id, user_id, expires_at */
static struct result load_admin_key(struct loading *loading, const struct store_value *columns)
{
    struct key_change change = {
        .kind = KEY_ISSUED,
        .is_admin_key = true,
        .key_id = columns[1].text,
        .organization_id = columns[2].text,
        .owner = { .id = columns[3].text },
        .expires_at = integer_or_absent(&columns[4]),
    };
    TRY(read_digest(&columns[0], &change.digest));
    return apply(loading, &change);
}

/* id */
static struct result load_archived_project(struct loading *loading,
                                           const struct store_value *columns)
{
    return apply(loading, &(struct key_change){
                              .kind = PROJECT_ARCHIVED,
                              .project_id = columns[0].text,
                          });
}

/* id, role, admin_keys_after */
static struct result load_person(struct loading *loading, const struct store_value *columns)
{
    return apply(loading,
                 &(struct key_change){
                     .kind = OWNER_CHANGED,
                     .owner = { .id = columns[0].text,
                                .is_organization_owner = text_equal(columns[1].text, TEXT("owner")),
                                .admin_keys_after = id_time(ID_KEY, columns[2].text) },
                 });
}

/* project_id, user_id */
static struct result load_member(struct loading *loading, const struct store_value *columns)
{
    return apply(loading, &(struct key_change){
                              .kind = MEMBERSHIP_CHANGED,
                              .project_id = columns[0].text,
                              .owner = { .id = columns[1].text },
                              .has_role = true,
                          });
}

/* project_id, id */
static struct result load_account(struct loading *loading, const struct store_value *columns)
{
    return load_member(loading, columns);
}

/* id */
static struct result load_departure(struct loading *loading, const struct store_value *columns)
{
    return apply(loading, &(struct key_change){
                              .kind = OWNER_GONE,
                              .owner = { .id = columns[0].text },
                          });
}

static const struct pass {
    enum statement statement;
    const char *table;
    struct result (*load)(struct loading *loading, const struct store_value *columns);
} passes[] = {
    { KEYRING_PROJECT_API_KEYS, "project_api_keys", load_project_key },
    { KEYRING_ADMIN_API_KEYS, "admin_api_keys", load_admin_key },
    { KEYRING_ARCHIVED_PROJECTS, "projects", load_archived_project },
    { KEYRING_PEOPLE, "users", load_person },
    { KEYRING_MEMBERS, "project_users", load_member },
    { KEYRING_ACCOUNTS, "service_accounts", load_account },
    { KEYRING_DEPARTURES, "departures", load_departure },
};

static struct result run_pass(struct loading *loading, struct store_session *session,
                              const struct pass *pass)
{
    const struct store_row *row;
    loading->table = pass->table;
    TRY(store_query(session, pass->statement, NULL, 0));
    for (;;) {
        TRY(store_next(session, &row));
        if (row == NULL) {
            return RESULT_OK;
        }
        TRY(pass->load(loading, row->values));
        arena_reset(&loading->arena);
    }
}

static struct result run_passes(struct loading *loading, struct store_session *session)
{
    for (size_t i = 0; i < sizeof passes / sizeof passes[0]; i++) {
        struct result result = run_pass(loading, session, &passes[i]);
        store_finish(session);
        TRY(result);
    }
    return RESULT_OK;
}

struct result keyring_load(struct store_session *session, struct tables **ret_tables,
                           int64_t *ret_revision)
{
    struct loading loading = { .tables = NULL };
    struct store_state state;
    TRY(store_state_read(session, &state));
    TRY(tables_create(0, &loading.tables));
    arena_init(&loading.arena, LOAD_MEMORY_MAXIMUM);
    struct result result = run_passes(&loading, session);
    arena_reset(&loading.arena);
    if (result_failed(result)) {
        tables_free(loading.tables);
        return result;
    }
    *ret_tables = loading.tables;
    *ret_revision = state.revision;
    return RESULT_OK;
}
