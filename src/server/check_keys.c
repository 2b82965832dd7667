#include <string.h>

#include "base/clock.h"
#include "codec/json.h"
#include "keyring/load.h"
#include "keyring/tables.h"
#include "model/decode.h"
#include "server/check.h"
#include "store/checks.h"

/*
 * A look from the other side: the rows say by joins what a check of each key must say, the keyring
 * says it from what the server's own loader made of them.
 */
enum { DIGEST, KEY, ORGANIZATION, PROJECT, OWNER, OWNER_TYPE, SCOPES, EXPIRES_AT, STATE };
enum { SCOPES_MEMORY_MAXIMUM = 256 * 1024 };

struct comparison {
    struct check *check;
    struct tables *tables;
    int64_t now; /* seconds since 1970, the same for all keys */
    struct arena arena;
};

static const struct {
    struct text state;
    enum keyring_verdict verdict;
    bool may_expire;
} verdicts[] = {
    { TEXT(STORE_KEY_UNKNOWN), KEYRING_UNKNOWN, false },
    { TEXT(STORE_KEY_ARCHIVED), KEYRING_PROJECT_ARCHIVED, true },
    { TEXT(STORE_KEY_ACTIVE), KEYRING_ACTIVE, true },
    { TEXT(STORE_KEY_WITHOUT_ACCESS), KEYRING_OWNER_WITHOUT_ACCESS, true },
    { TEXT(STORE_KEY_ADMIN), KEYRING_ADMIN, true },
};

static enum keyring_verdict expected_verdict(const struct store_value *columns, int64_t now)
{
    bool has_expired =
        columns[EXPIRES_AT].type == STORE_INTEGER && columns[EXPIRES_AT].integer <= now;
    for (size_t i = 0; i < sizeof verdicts / sizeof verdicts[0]; i++) {
        if (text_equal(verdicts[i].state, columns[STATE].text)) {
            return has_expired && verdicts[i].may_expire ? KEYRING_EXPIRED : verdicts[i].verdict;
        }
    }
    return KEYRING_UNCERTAIN;
}

static bool is_id(const struct keyring_id *id, struct text text)
{
    return text.length >= sizeof id->body &&
           text_equal(text_from(text, text.length - sizeof id->body),
                      (struct text){ id->body, sizeof id->body });
}

/* "a b c", as checks say it. Not well-formed ones are a problem of their own (store/checks.c). */
static bool same_scopes(struct comparison *comparison, struct text json,
                        const struct keyring_holder *holder)
{
    struct problem problem;
    struct decoder decoder = { &comparison->arena, &problem };
    struct text_list scopes;
    struct buffer expected;
    if (result_failed(decode_stored_texts(&decoder, json, &scopes))) {
        (void)fault_take();
        return true;
    }
    buffer_init(&expected, KEYRING_SCOPES_TEXT_MAXIMUM + 1);
    for (size_t i = 0; i < scopes.count; i++) {
        buffer_append(&expected, i > 0 ? TEXT(" ") : TEXT(""));
        buffer_append(&expected, scopes.items[i]);
    }
    bool same =
        !expected.failed &&
        text_equal(buffer_text(&expected), (struct text){ holder->scopes, holder->scopes_length });
    buffer_free(&expected);
    return same;
}

/* The first field in which the two differ, or NULL. */
static const char *find_difference(struct comparison *comparison, const struct store_value *columns,
                                   const struct keyring_holder *holder)
{
    bool is_account = text_equal(columns[OWNER_TYPE].text, TEXT("service_account"));
    bool is_admin_key = columns[PROJECT].text.length == 0;
    int64_t expires_at =
        columns[EXPIRES_AT].type == STORE_INTEGER ? columns[EXPIRES_AT].integer : 0;
    return !is_id(&holder->key, columns[KEY].text)                            ? "id"
           : !is_id(&holder->organization, columns[ORGANIZATION].text)        ? "organization"
           : !is_admin_key && !is_id(&holder->project, columns[PROJECT].text) ? "project"
           : !is_id(&holder->owner, columns[OWNER].text)                      ? "owner"
           : holder->owner_is_service_account != is_account                   ? "kind of owner"
           : holder->expires_at != expires_at                                 ? "expires_at"
           : !same_scopes(comparison, columns[SCOPES].text, holder)           ? "scopes"
                                                                              : NULL;
}

static void compare_key(struct comparison *comparison, const char *table,
                        const struct store_value *columns)
{
    struct digest digest;
    struct keyring_holder holder = { .expires_at = 0 };
    if (columns[DIGEST].text.length != sizeof digest.bytes) {
        return; /* told by the statement that looks at lengths; the keyring does not load then */
    }
    memcpy(digest.bytes, columns[DIGEST].text.data, sizeof digest.bytes);
    enum keyring_verdict verdict =
        tables_check(comparison->tables, &digest, comparison->now, &holder);
    const char *difference = verdict != expected_verdict(columns, comparison->now) ? "verdict"
                             : verdict == KEYRING_UNKNOWN
                                 ? NULL
                                 : find_difference(comparison, columns, &holder);
    if (difference != NULL) {
        check_problem(comparison->check, "%s %.*s: a server would know another %s", table,
                      TEXT_ARGUMENTS(columns[KEY].text), difference);
    }
    arena_reset(&comparison->arena);
}

static struct result compare_rows(struct comparison *comparison, unsigned statement,
                                  const char *table, int64_t *ret_count)
{
    struct store_session *session = comparison->check->database.session;
    int64_t count = 0;
    TRY(store_query(session, statement, NULL, 0));
    for (;;) {
        const struct store_row *row = NULL;
        TRY(store_next(session, &row));
        if (row == NULL) {
            *ret_count = count;
            return RESULT_OK;
        }
        compare_key(comparison, table, row->values);
        count++;
    }
}

static struct result compare(struct comparison *comparison, unsigned statements)
{
    struct check *check = comparison->check;
    TRY(compare_rows(comparison, statements, "project_api_keys", &check->project_keys));
    TRY(compare_rows(comparison, statements + 1, "admin_api_keys", &check->admin_keys));
    size_t known = tables_count(comparison->tables);
    int64_t present = check->project_keys + check->admin_keys;
    if ((int64_t)known != present) {
        check_problem(check, "keys: a server would know %zu, there are %lld", known,
                      (long long)present);
    }
    check->keyring_bytes = tables_size(comparison->tables);
    return RESULT_OK;
}

struct result check_keys(struct check *check, unsigned statements)
{
    struct comparison comparison = {
        .check = check,
        .now = clock_now_microseconds() / MICROSECONDS_PER_SECOND,
    };
    int64_t revision = 0;
    TRY(keyring_load(check->database.session, &comparison.tables, &revision));
    arena_init(&comparison.arena, SCOPES_MEMORY_MAXIMUM);
    struct result result = compare(&comparison, statements);
    arena_reset(&comparison.arena);
    tables_free(comparison.tables);
    return result;
}
