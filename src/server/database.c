#include "server/database.h"

#include <signal.h>

#include "store/directory.h"
#include "store/sqlite_copy.h"

enum question { CONTENT, INTEGRITY, QUESTIONS };

static const struct store_statement questions[QUESTIONS] = {
    [CONTENT] = { "content", "SELECT (SELECT count(*) FROM organizations) AS organizations, "
                             "(SELECT count(*) FROM project_api_keys) AS project_api_keys, "
                             "(SELECT count(*) FROM admin_api_keys) AS admin_api_keys" },
    [INTEGRITY] = { "integrity", "SELECT integrity_check FROM pragma_integrity_check(1)" },
};

static atomic_bool stopping;

static void stop(int signal)
{
    (void)signal;
    atomic_store(&stopping, true);
}

void database_end_by_signals(void)
{
    static const int signals[] = { SIGINT, SIGTERM, SIGHUP };
    for (size_t i = 0; i < sizeof signals / sizeof signals[0]; i++) {
        struct sigaction action = { .sa_handler = stop, .sa_flags = SA_RESTART };
        struct sigaction former;
        if (sigaction(signals[i], NULL, &former) == 0 && former.sa_handler != SIG_IGN) {
            (void)sigaction(signals[i], &action, NULL);
        }
    }
}

struct result database_told(struct result result)
{
    return result.error == ERROR_QUERY_TIMEOUT ? fault(ERROR_STORE_UNAVAILABLE, "interrupted")
                                               : result;
}

static struct result begin(struct database *database)
{
    int64_t version = 0;
    TRY(store_session_open(database->store, STORE_FOLLOW, &database->session));
    store_session_watch(database->session, &stopping);
    TRY(store_begin(database->session));
    TRY(store_take_time(database->session));
    TRY(store_read_schema_version(database->session, &version));
    return version > 0 ? RESULT_OK
                       : fault(ERROR_STORE_UNAVAILABLE, "the database has no data of orgkeys");
}

/*
 * Without a lock: a restore may have taken the log away before it was opened. The transaction is
 * good where, behind its beginning, none had come so far.
 */
static struct result check_in_place(struct text directory, struct store_session *session)
{
    TRY(store_directory_check_restored(directory));
    return sqlite_file_has_moved(session)
               ? fault(ERROR_STORE_UNAVAILABLE, "a restore put another database in its place: run "
                                                "this again")
               : RESULT_OK;
}

struct result database_open(const struct store_options *options, struct database *ret_database)
{
    struct database database = { .store = NULL };
    struct store_options as_it_is = *options;
    as_it_is.creation = STORE_AS_IT_IS;
    TRY(store_open(&as_it_is, &database.store));
    struct result result = begin(&database);
    if (!result_failed(result) && options->file.data == NULL && !store_is_shared(database.store)) {
        result = check_in_place(options->directory, database.session);
    }
    if (result_failed(result)) {
        database_close(&database);
        return result;
    }
    *ret_database = database;
    return RESULT_OK;
}

void database_close(struct database *database)
{
    store_session_close(database->session);
    if (database->store != NULL) {
        store_close(database->store);
    }
    *database = (struct database){ .store = NULL };
}

struct result database_open_file(struct text file, struct database *ret_database)
{
    return database_open(&(struct store_options){ .file = file,
                                                  .statements = questions,
                                                  .statement_count = QUESTIONS },
                         ret_database);
}

struct result database_open_data(struct text directory, struct database *ret_database)
{
    return database_open(&(struct store_options){ .directory = directory,
                                                  .statements = questions,
                                                  .statement_count = QUESTIONS },
                         ret_database);
}

static struct result first_row(struct store_session *session, enum question question,
                               const struct store_row **ret_row)
{
    TRY(store_query(session, question, NULL, 0));
    TRY(store_next(session, ret_row));
    return *ret_row != NULL ? RESULT_OK
                            : fault(ERROR_INTERNAL, "%s: no row", questions[question].name);
}

static struct result read_content(struct store_session *session,
                                  struct database_content *ret_content)
{
    const struct store_row *row = NULL;
    struct store_state state;
    TRY(store_state_read(session, &state));
    TRY(first_row(session, CONTENT, &row));
    *ret_content = (struct database_content){
        .revision = state.revision,
        .organizations = row->values[0].integer,
        .project_api_keys = row->values[1].integer,
        .admin_api_keys = row->values[2].integer,
    };
    store_finish(session);
    return RESULT_OK;
}

/* Of several lines the last is the one that says what is wrong. */
static struct result check_whole(struct store_session *session)
{
    const struct store_row *row = NULL;
    TRY(first_row(session, INTEGRITY, &row));
    struct text said = row->values[0].text;
    while (text_find(said, '\n') < said.length) {
        (void)text_cut(&said, '\n');
    }
    struct result result =
        text_equal(said, TEXT("ok"))
            ? RESULT_OK
            : fault(ERROR_STORE_UNAVAILABLE, "the database is damaged: %.*s", TEXT_ARGUMENTS(said));
    store_finish(session);
    return result;
}

struct result database_copy(const struct database *from, struct text to, int descriptor,
                            struct database_content *ret_content)
{
    struct database copy = { .store = NULL };
    TRY(sqlite_copy(from->session, to.data, descriptor, &stopping));
    TRY(database_open_file(to, &copy));
    struct result result = check_whole(copy.session);
    if (!result_failed(result)) {
        result = read_content(copy.session, ret_content);
    }
    database_close(&copy);
    return database_told(result);
}

void database_write_count(struct buffer *buffer, int64_t count, const char *what)
{
    buffer_append_format(buffer, "%lld %s%s", (long long)count, what, count == 1 ? "" : "s");
}

void database_write_content(struct buffer *buffer, const struct database_content *content)
{
    buffer_append_format(buffer, "revision %lld, ", (long long)content->revision);
    database_write_count(buffer, content->organizations, "organization");
    buffer_append(buffer, TEXT(", "));
    database_write_count(buffer, content->project_api_keys, "project key");
    buffer_append(buffer, TEXT(", "));
    database_write_count(buffer, content->admin_api_keys, "admin key");
}
