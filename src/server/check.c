#include "server/check.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "model/decode.h"
#include "model/invite.h"
#include "model/key_change.h"
#include "server/commands.h"
#include "store/checks.h"
#include "store/statements.h"

/*
 * `orgkeys check`. All of it reads, in one transaction: what it finds was so at one moment. A
 * damaged file can have so many problems that only the first of each kind are worth a line.
 */
enum {
    LINES_MAXIMUM = 20, /* of one statement */
    JSON_MEMORY_ALLOWED = 64 * 1024 * 1024,
    FIRST_CHECK = STATEMENT_COUNT,
    FIRST_KEYS = FIRST_CHECK + STORE_CHECKS,
    ALL_STATEMENTS = FIRST_KEYS + STORE_CHECK_KEY_STATEMENTS,
};

void check_problem(struct check *check, const char *format, ...)
{
    struct buffer line;
    char text[DATABASE_LINE_MAXIMUM / 2];
    va_list arguments;
    va_start(arguments, format);
    (void)vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    check->problems++;
    if (check->is_mute) {
        return;
    }
    buffer_init(&line, DATABASE_LINE_MAXIMUM);
    for (const char *byte = text; *byte != '\0'; byte++) {
        bool is_control =
            (unsigned char)*byte < ' ' || *byte == 0x7f; /* SQLite's line ends, a damaged text */
        buffer_append_byte(&line, is_control ? ' ' : *byte);
    }
    buffer_append_byte(&line, '\n');
    check->is_mute = command_print(buffer_text(&line)) != EXIT_STATUS_OK;
    buffer_free(&line);
}

/* ---- Rows ---- */

/* A failure to read JSON is what is looked for, and no fault of ours. */
static bool is_good(struct result result)
{
    if (result_failed(result)) {
        (void)fault_take();
        return false;
    }
    return true;
}

static bool is_object(struct text json)
{
    struct json_value *document = NULL;
    char problem[JSON_PROBLEM_MAXIMUM];
    bool is_json = is_good(json_parse(json, &document, problem));
    bool is = is_json && json_type_of(document) == JSON_TYPE_OBJECT;
    json_free(document);
    return is;
}

static bool json_is_good(enum store_check_kind kind, struct arena *arena, struct text json)
{
    struct problem problem;
    struct decoder decoder = { arena, &problem };
    struct text_list texts;
    struct object_list objects;
    struct key_change *changes;
    switch (kind) {
    case STORE_CHECK_TEXTS:
        return is_good(decode_stored_texts(&decoder, json, &texts));
    case STORE_CHECK_PROJECTS:
        return is_good(decode_stored_objects(&decoder, &invite_project_type, json, &objects));
    case STORE_CHECK_CHANGES:
        return is_good(key_changes_decode(arena, json, &changes));
    default:
        return is_object(json);
    }
}

/* Whether a row of what the statement found is a problem. */
static bool is_problem(const struct store_check *statement, const struct store_value *columns,
                       int64_t last_issued_at, struct arena *arena)
{
    switch (statement->kind) {
    case STORE_CHECK_FILE:
        return !text_equal(columns[0].text, TEXT("ok"));
    case STORE_CHECK_ROWS:
        return true;
    case STORE_CHECK_NEWEST:
        return columns[0].type == STORE_TEXT &&
               id_time(statement->id, columns[0].text) > last_issued_at;
    default:
        return !json_is_good(statement->kind, arena, columns[1].text);
    }
}

static struct result run_statement(struct check *check, size_t number, int64_t last_issued_at,
                                   struct arena *arena)
{
    const struct store_check *statement = &store_checks[number];
    struct store_session *session = check->database.session;
    int64_t found = 0;
    TRY(store_query(session, FIRST_CHECK + (unsigned)number, NULL, 0));
    for (;;) {
        const struct store_row *row = NULL;
        TRY(store_next(session, &row));
        if (row == NULL) {
            break;
        }
        if (is_problem(statement, row->values, last_issued_at, arena) && ++found <= LINES_MAXIMUM) {
            bool has_problem = statement->problem[0] != '\0';
            check_problem(check, has_problem ? "%s %.*s: %s" : "%s: %.*s%s", statement->table,
                          TEXT_ARGUMENTS(row->values[0].text), statement->problem);
        }
        arena_reset(arena);
    }
    if (found > LINES_MAXIMUM) {
        check_problem(check, "%s: %lld more of these", statement->table,
                      (long long)(found - LINES_MAXIMUM));
    }
    return RESULT_OK;
}

/* What a damaged database does not let us read is a problem too; the others may still be found. */
static struct result tell_failure(struct check *check, const char *what, struct result result)
{
    const struct database *database = &check->database;
    bool is_gone = store_is_shared(database->store) && store_session_broken(database->session);
    if (!result_failed(result) || result.error == ERROR_QUERY_TIMEOUT || is_gone) {
        return result;
    }
    struct text reason = fault_take_reason();
    check_problem(check, "%s: cannot be read: %.*s", what,
                  TEXT_ARGUMENTS(reason.data != NULL ? reason : TEXT("it does not answer")));
    store_finish(database->session);
    return RESULT_OK;
}

static struct result run_statements(struct check *check, int64_t last_issued_at,
                                    struct arena *arena)
{
    bool is_shared = store_is_shared(check->database.store);
    for (size_t i = 0; i < STORE_CHECKS && !store_session_broken(check->database.session); i++) {
        if (store_checks[i].kind != STORE_CHECK_FILE || !is_shared) {
            struct result result = run_statement(check, i, last_issued_at, arena);
            arena_reset(arena);
            TRY(tell_failure(check, store_checks[i].table, result));
        }
    }
    return RESULT_OK;
}

static struct result run_all(struct check *check, struct store_state *ret_state)
{
    struct arena arena;
    struct result result = store_state_read(check->database.session, ret_state);
    if (result_failed(result)) {
        return tell_failure(check, "store_state", result);
    }
    arena_init(&arena, JSON_MEMORY_ALLOWED);
    result = run_statements(check, ret_state->last_issued_at, &arena);
    arena_reset(&arena);
    TRY(result);
    return store_session_broken(check->database.session)
               ? RESULT_OK
               : tell_failure(check, "keys", check_keys(check, FIRST_KEYS));
}

/* ---- The command ---- */

static struct result open_what_is_named(const struct config *config,
                                        struct store_statement *ret_statements,
                                        struct database *ret_database)
{
    memcpy(ret_statements, statements, STATEMENT_COUNT * sizeof *statements);
    for (size_t i = 0; i < STORE_CHECKS; i++) {
        ret_statements[FIRST_CHECK + i] =
            (struct store_statement){ store_checks[i].table, store_checks[i].sql };
    }
    memcpy(&ret_statements[FIRST_KEYS], store_check_keys, sizeof store_check_keys);
    bool is_file = config->backup_file.data != NULL;
    return database_open(
        &(struct store_options){
            .database_url = is_file ? TEXT_NONE : config->database_url,
            .directory = config->data,
            .file = config->backup_file,
            .statements = ret_statements,
            .statement_count = ALL_STATEMENTS,
        },
        ret_database);
}

static int report(const struct check *check, const struct store_state *state)
{
    enum { MEBIBYTE = 1024 * 1024 };
    struct buffer line;
    buffer_init(&line, DATABASE_LINE_MAXIMUM);
    if (check->problems > 0) {
        (void)fputs("orgkeys: the check found ", stderr);
        database_write_count(&line, check->problems, "problem");
        (void)fprintf(stderr, "%.*s\n", TEXT_ARGUMENTS(buffer_text(&line)));
        buffer_free(&line);
        return EXIT_STATUS_FAILURE;
    }
    buffer_append_format(&line, "all is well: revision %lld, ", (long long)state->revision);
    database_write_count(&line, check->project_keys, "project key");
    buffer_append(&line, TEXT(", "));
    database_write_count(&line, check->admin_keys, "admin key");
    buffer_append_format(&line, ", as a server would know them (%zu MiB)\n",
                         (check->keyring_bytes + MEBIBYTE - 1) / MEBIBYTE);
    int printed = command_print(buffer_text(&line));
    buffer_free(&line);
    return printed;
}

int command_check(struct config *config)
{
    static struct store_statement all[ALL_STATEMENTS];
    struct check check = { .problems = 0 };
    struct store_state state = { 0 };
    database_end_by_signals();
    struct result result = open_what_is_named(config, all, &check.database);
    if (!result_failed(result)) {
        result = run_all(&check, &state);
        database_close(&check.database);
    }
    return result_failed(result) ? command_failed("cannot check", database_told(result),
                                                  &(struct problem){ .param = "" })
                                 : report(&check, &state);
}
