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
                           "(to_regclass('schema_migrations') IS NOT NULL)::integer, "
                           "coalesce(has_schema_privilege(current_schema(), 'CREATE'), "
                           "false)::integer" },
    [SCHEMA] = { "schema", "SELECT coalesce(max(number), 0)::bigint FROM schema_migrations" },
};

enum column {
    VERSION,
    DATABASE,
    USER,
    ADDRESS,
    IS_STANDBY,
    IS_READ_ONLY,
    HAS_SCHEMA,
    MAY_CREATE,
    COLUMNS
};

/* What mends what PostgreSQL or libpq complain of; the first row whose words are in it counts. */
static const struct cure {
    const char *words;
    const char *cure;
} cures[] = {
    { "Connection refused", "start PostgreSQL there, or mend host and port in the URL" },
    { "No such file or directory", "start PostgreSQL there, or name a host in the URL" },
    { "could not translate host name", "mend the host in the URL, or the resolver" },
    { "timeout expired",
      "something between here and there keeps packets to itself, or it is down" },
    { "password authentication failed",
      "mend the password in ORGKEYS_DATABASE_URL, the file of --config or the passfile" },
    { "no password supplied",
      "put it into ORGKEYS_DATABASE_URL, the file of --config or a passfile" },
    { "no pg_hba.conf entry", "let this machine in, in the pg_hba.conf of the server" },
    { "certificate", "name the authority of the server's certificate by sslrootcert in the URL" },
    { "does not support SSL", "turn ssl on in the server, or leave sslmode out of the URL" },
    { "session is read-only", "none of the hosts is a primary: promote a standby, or name all" },
    { "too many", "raise max_connections: each node holds --readers and two" },
    { "remaining connection slots", "raise max_connections: each node holds --readers and two" },
    { "does not exist",
      "createdb --owner=ROLE --encoding=UTF8 --template=template0 NAME makes it" },
    { "permission denied", "the role must own the database: ALTER DATABASE NAME OWNER TO ROLE" },
};

static const char *cure_of(struct text complaint)
{
    for (size_t i = 0; i < sizeof cures / sizeof cures[0]; i++) {
        struct text words = text_of(cures[i].words);
        for (size_t at = 0; at < complaint.length; at++) {
            if (text_starts_with(text_from(complaint, at), words)) {
                return cures[i].cure;
            }
        }
    }
    return NULL;
}

static void say_failure(struct doctor *doctor, struct text reason)
{
    /* A time-out has none. */
    struct text known = reason.data != NULL ? reason : TEXT("it does not answer");
    const char *cure = cure_of(known);
    doctor_tell(doctor, "wrong", "database", "%.*s%s%s", TEXT_ARGUMENTS(known),
                cure != NULL ? ": " : "", cure != NULL ? cure : "");
}

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
                    "database or the role: ALTER ... RESET default_transaction_read_only");
    }
    if (values[MAY_CREATE].integer == 0) {
        doctor_tell(doctor, "wrong", "database",
                    "the role may make no tables there: ALTER DATABASE \"%.*s\" OWNER TO \"%.*s\"",
                    TEXT_ARGUMENTS(values[DATABASE].text), TEXT_ARGUMENTS(values[USER].text));
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
        say_failure(doctor, fault_take_reason());
    }
    store_session_close(session);
    if (store != NULL) {
        store_close(store);
    }
}
