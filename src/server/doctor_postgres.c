#include "server/doctor.h"
#include "store/store.h"

enum question { SERVER, SCHEMA };

/* `reset_val` is what the server gives a session, before ours makes itself read-only. */
static const struct store_statement questions[] = {
    [SERVER] = { "server", "SELECT current_setting('server_version'), current_database()::text, "
                           "current_user::text, "
                           "coalesce(host(inet_server_addr()) || ':' || inet_server_port()::text, "
                           "'a Unix socket'), "
                           "pg_is_in_recovery()::integer, "
                           "(SELECT (reset_val = 'on')::integer FROM pg_settings "
                           "WHERE name = 'default_transaction_read_only'), "
                           "(to_regclass('schema_migrations') IS NOT NULL)::integer" },
    [SCHEMA] = { "schema", "SELECT coalesce(max(number), 0)::bigint FROM schema_migrations" },
};

enum column { VERSION, DATABASE, USER, ADDRESS, IS_STANDBY, IS_READ_ONLY, HAS_SCHEMA, COLUMNS };

static struct result first_row(struct store_session *session, enum question question, size_t count,
                               const struct store_row **ret_row)
{
    TRY(store_query(session, question, NULL, 0));
    TRY(store_next(session, ret_row));
    return *ret_row != NULL && (*ret_row)->count == count
               ? RESULT_OK
               : fault(ERROR_INTERNAL, "%s: not one row of %zu columns", questions[question].name,
                       count);
}

static void say_server(struct doctor *doctor, const struct store_value *values)
{
    doctor_tell(doctor, "ok", "database", "PostgreSQL %.*s is reached at %.*s: %.*s, as %.*s",
                TEXT_ARGUMENTS(values[VERSION].text), TEXT_ARGUMENTS(values[ADDRESS].text),
                TEXT_ARGUMENTS(values[DATABASE].text), TEXT_ARGUMENTS(values[USER].text));
    if (values[IS_STANDBY].integer == 1) {
        doctor_tell(doctor, "wrong", "database",
                    "it is a standby, and read-only: name the primary, or all of them with "
                    "target_session_attrs=read-write");
    } else if (values[IS_READ_ONLY].integer == 1) {
        doctor_tell(doctor, "wrong", "database",
                    "it is read-only: default_transaction_read_only is on, for the server, the "
                    "database or the role");
    }
}

static struct result inspect(struct doctor *doctor, struct store_session *session)
{
    const struct store_row *row = NULL;
    TRY(first_row(session, SERVER, COLUMNS, &row));
    say_server(doctor, row->values);
    bool has_schema = row->values[HAS_SCHEMA].integer == 1;
    store_finish(session);
    if (!has_schema) {
        doctor_tell(doctor, "note", "schema", "there is none yet: `orgkeys serve` makes it");
        return RESULT_OK;
    }
    TRY(first_row(session, SCHEMA, 1, &row));
    doctor_say_schema(doctor, row->values[0].integer);
    store_finish(session);
    return RESULT_OK;
}

void doctor_inspect_postgres(struct doctor *doctor, struct text database_url)
{
    const struct store_options options = {
        .database_url = database_url,
        .creation = STORE_AS_IT_IS,
        .statements = questions,
        .statement_count = sizeof questions / sizeof questions[0],
    };
    struct store *store = NULL;
    struct store_session *session = NULL;
    struct result result = store_open(&options, &store);
    if (!result_failed(result)) {
        result = store_session_open(store, STORE_READ, &session);
    }
    if (!result_failed(result)) {
        result = inspect(doctor, session);
    }
    if (result_failed(result)) {
        struct text reason = fault_take_reason(); /* a time-out has none */
        doctor_tell(doctor, "wrong", "database", "%.*s",
                    TEXT_ARGUMENTS(reason.data != NULL ? reason : TEXT("it does not answer")));
    }
    store_session_close(session);
    if (store != NULL) {
        store_close(store);
    }
}
