#include "test_store_fixture.h"

#include <signal.h>

#include "base/clock.h"
#include "domain/work.h"
#include "store/backoff.h"
#include "store/migrations.h"

static void test_open_makes_private_files(void **state)
{
    const struct fixture *fixture = *state;
    static const char *const names[] = { "", "/orgkeys.db", "/lock", "/orgkeys.db-wal" };
    struct store_session *session = session_of(fixture, STORE_WRITE);
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        char path[128];
        struct stat status;
        (void)snprintf(path, sizeof path, "%s%s", fixture->directory, names[i]);
        assert_int_equal(stat(path, &status), 0);
        assert_int_equal(status.st_mode & 0777, i == 0 ? 0700 : 0600);
    }
    store_session_close(session);
}

static void test_open_twice_in_one_process_is_refused(void **state)
{
    struct fixture *fixture = *state;
    struct store *second = NULL;
    assert_error(fixture_try_open(fixture, &second), STORE_UNAVAILABLE);
    assert_null(second);
    struct text text = fault_take();
    assert_non_null(strstr(text.data, "another orgkeys server holds"));
    assert_non_null(strstr(text.data, fixture->directory));
    fixture_close(fixture);
    fixture_open(fixture);
}

static void test_open_in_another_process_is_refused(void **state)
{
    struct fixture *fixture = *state;
    fixture_close(fixture);
    int ready[2];
    assert_int_equal(pipe(ready), 0);
    pid_t child = fork();
    if (child == 0) {
        struct result result = fixture_try_open(fixture, &fixture->store);
        char byte = result_failed(result) ? 'n' : 'y';
        (void)!write(ready[1], &byte, 1);
        (void)pause();
        _exit(0);
    }
    char byte = 0;
    assert_int_equal(read(ready[0], &byte, 1), 1);
    assert_int_equal(byte, 'y');
    struct store *second = NULL;
    assert_error(fixture_try_open(fixture, &second), STORE_UNAVAILABLE);
    assert_non_null(strstr(fault_take().data, "another orgkeys server holds"));
    (void)kill(child, SIGKILL);
    (void)waitpid(child, NULL, 0);
    (void)close(ready[0]);
    (void)close(ready[1]);
    fixture_open(fixture); /* the lock ended with its holder */
}

static void test_open_says_what_is_wrong(void **state)
{
    struct fixture *fixture = *state;
    fixture_close(fixture);
    char path[128];
    (void)snprintf(path, sizeof path, "%s/orgkeys.db", fixture->directory);
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    for (int i = 0; i < 1000; i++) {
        assert_true(fputs("This is no database. ", file) >= 0);
    }
    assert_int_equal(fclose(file), 0);
    assert_error(fixture_try_open(fixture, &fixture->store), STORE_UNAVAILABLE);
    assert_non_null(strstr(fault_take().data, "not a database"));
    assert_int_equal(unlink(path), 0);
    fixture_open(fixture);

    struct fixture nowhere = { .directory = "/nonexistent/orgkeys/data" };
    assert_true(result_failed(fixture_try_open(&nowhere, &nowhere.store)));
    assert_non_null(strstr(fault_take().data, "/nonexistent/orgkeys/data"));
}

static void test_migrations_are_numbered_and_applied_once(void **state)
{
    struct fixture *fixture = *state;
    size_t count = 0;
    const struct store_migration *migrations = store_migrations(&count);
    for (size_t i = 0; i < count; i++) {
        assert_int_equal(migrations[i].number, i + 1);
        assert_non_null(migrations[i].sqlite);
        assert_non_null(migrations[i].postgres);
    }
    for (int i = 0; i < 3; i++) {
        assert_int_equal(store_schema_version(fixture->store), count);
        struct store_session *session = session_of(fixture, STORE_READ);
        assert_int_equal(number_of(session, TEST_NUMBER_OF_MIGRATIONS), count);
        store_session_close(session);
        fixture_close(fixture);
        fixture_open(fixture);
    }
}

static void test_newer_schema_is_refused(void **state)
{
    struct fixture *fixture = *state;
    struct store_session *session = session_of(fixture, STORE_WRITE);
    const struct store_value number = store_integer(1000);
    assert_ok(store_begin(session));
    assert_ok(store_execute(session, TEST_FAKE_MIGRATION, &number, 1, NULL));
    assert_ok(store_commit(session));
    store_session_close(session);
    fixture_close(fixture);
    assert_true(result_failed(fixture_try_open(fixture, &fixture->store)));
    assert_null(fixture->store);
    assert_non_null(strstr(fault_take().data, "newer"));
}

static void test_values_come_back_as_they_were(void **state)
{
    struct store_session *session = session_of(*state, STORE_READ);
    static const char bytes[] = { 0, 1, '\'', (char)0xff, 0 };
    static const char text[] = "gr\xc3\xbc\xc3\x9f Gott\0";
    size_t length = is_on_postgres() ? sizeof text - 2 : sizeof text - 1; /* which holds no NUL */
    const struct store_value values[] = {
        store_integer(INT64_MIN),
        store_text((struct text){ text, length }),
        store_blob(bytes, sizeof bytes),
        STORE_NULL_VALUE,
    };
    const struct store_row *row = NULL;
    assert_ok(store_query(session, TEST_ECHO, values, 4));
    assert_ok(store_next(session, &row));
    assert_int_equal(row->count, 4);
    assert_string_equal(row->names[3], "four");
    assert_int_equal(row->values[0].type, STORE_INTEGER);
    assert_true(row->values[0].integer == INT64_MIN);
    assert_int_equal(row->values[1].type, STORE_TEXT);
    assert_true(text_equal(row->values[1].text, values[1].text));
    assert_int_equal(row->values[2].type, STORE_BLOB);
    assert_true(text_equal(row->values[2].text, values[2].text));
    assert_int_equal(row->values[3].type, STORE_NULL);
    assert_ok(store_next(session, &row));
    assert_null(row);
    store_session_close(session);
}

static void test_empty_is_not_null(void **state)
{
    struct store_session *session = session_of(*state, STORE_READ);
    const struct store_value values[] = {
        store_text(TEXT("")),
        store_blob("", 0),
        store_text(TEXT_NONE),
        store_blob(NULL, 0),
    };
    const struct store_row *row = NULL;
    assert_ok(store_query(session, TEST_ECHO, values, 4));
    assert_ok(store_next(session, &row));
    assert_int_equal(row->values[0].type, STORE_TEXT);
    assert_int_equal(row->values[1].type, STORE_BLOB);
    for (int i = 0; i < 2; i++) {
        assert_non_null(row->values[i].text.data);
        assert_int_equal(row->values[i].text.length, 0);
    }
    assert_int_equal(row->values[2].type, STORE_NULL);
    assert_int_equal(row->values[3].type, STORE_NULL);
    store_session_close(session);
}

/* SQLite alone would number $4 as its first parameter here. */
static void test_parameters_go_by_their_digits(void **state)
{
    struct store_session *session = session_of(*state, STORE_WRITE);
    const struct store_value values[] = {
        store_text(TEXT("org_1")),
        store_text(TEXT("Name")),
        store_text(TEXT("proj_1")),
        store_integer(7),
    };
    const struct store_row *row = NULL;
    int64_t before = store_changes(session);
    assert_ok(store_begin(session));
    assert_ok(store_query(session, TEST_RETURNING, values, 4));
    assert_ok(store_next(session, &row));
    assert_true(text_equal(row->values[0].text, TEXT("org_1")));
    assert_true(text_equal(row->values[1].text, TEXT("Name")));
    assert_ok(store_next(session, &row));
    assert_null(row);
    assert_int_equal(store_changes(session), before + 1);
    assert_ok(store_commit(session));
    store_session_close(session);
    assert_int_equal(count_rows(*state), 1);
}

static void test_execute_counts_changes(void **state)
{
    struct store_session *session = session_of(*state, STORE_WRITE);
    int64_t changes = -1;
    assert_ok(store_begin(session));
    assert_ok(insert(session, "a"));
    assert_ok(insert(session, "b"));
    assert_ok(store_execute(session, TEST_DELETE_ALL, NULL, 0, &changes));
    assert_int_equal(changes, 2);
    assert_ok(store_execute(session, TEST_COUNT, NULL, 0, &changes));
    assert_int_equal(changes, 0);
    assert_ok(store_execute(session, TEST_DELETE_ALL, NULL, 0, &changes));
    assert_int_equal(changes, 0);
    assert_ok(store_commit(session));
    store_session_close(session);
}

static void test_wrong_statements_are_faults(void **state)
{
    static const enum test_statement wrong[] = { TEST_SYNTAX_ERROR, TEST_TWO_STATEMENTS,
                                                 TEST_OTHER_PARAMETERS };
    struct store_session *session = session_of(*state, STORE_READ);
    const struct store_value values[2] = { 0 };
    const struct store_row *row = NULL;
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        assert_error(store_query(session, wrong[i], values, 2), INTERNAL);
        assert_non_null(strstr(fault_take().data, test_statements[wrong[i]].name));
    }
    assert_error(store_query(session, TEST_FIND, values, 2), INTERNAL);
    assert_non_null(strstr(fault_take().data, "takes 1 values, was given 2"));
    assert_ok(store_query(session, TEST_REAL, NULL, 0));
    assert_error(store_next(session, &row), INTERNAL);
    assert_error(store_next(session, &row), INTERNAL);
    (void)fault_take();
    assert_int_equal(number_of(session, TEST_COUNT), 0);
    store_session_close(session);
}

static void test_one_statement_is_read_at_a_time(void **state)
{
    struct store_session *session = session_of(*state, STORE_READ);
    const struct store_row *row = NULL;
    assert_ok(store_query(session, TEST_COUNT, NULL, 0));
    assert_error(store_query(session, TEST_LIST, NULL, 0), INTERNAL);
    assert_error(store_execute(session, TEST_LIST, NULL, 0, NULL), INTERNAL);
    assert_non_null(strstr(fault_take().data, "count is still being read"));
    assert_ok(store_next(session, &row));
    assert_int_equal(row->values[0].integer, 0);
    store_finish(session);
    store_finish(session);
    assert_ok(store_query(session, TEST_LIST, NULL, 0));
    store_session_close(session);
}

static void test_a_reader_cannot_write(void **state)
{
    struct store_session *session = session_of(*state, STORE_READ);
    assert_error(insert(session, "a"), INTERNAL);
    (void)fault_take();
    assert_false(store_session_broken(session));
    store_session_close(session);
    assert_int_equal(count_rows(*state), 0);
}

static void test_a_writer_writes_in_transactions_only(void **state)
{
    struct store_session *session = session_of(*state, STORE_WRITE);
    assert_error(insert(session, "a"), STORE_UNAVAILABLE);
    assert_error(store_savepoint(session), STORE_UNAVAILABLE);
    assert_error(store_commit(session), STORE_UNAVAILABLE);
    (void)fault_take();
    assert_false(store_in_transaction(session));
    assert_int_equal(number_of(session, TEST_COUNT), 0);
    store_session_close(session);
}

static void test_one_writer_at_a_time(void **state)
{
    const struct fixture *fixture = *state;
    struct store_session *first = session_of(fixture, STORE_WRITE);
    struct store_session *second = NULL;
    assert_error(store_session_open(fixture->store, STORE_WRITE, &second), INTERNAL);
    (void)fault_take();
    store_session_close(first);
    store_session_close(session_of(fixture, STORE_WRITE));
}

static void test_rollback_and_close_undo(void **state)
{
    struct store_session *session = session_of(*state, STORE_WRITE);
    assert_ok(store_begin(session));
    assert_ok(insert(session, "a"));
    assert_true(store_in_transaction(session));
    store_rollback(session);
    assert_false(store_in_transaction(session));
    store_rollback(session);
    assert_ok(store_begin(session));
    assert_ok(insert(session, "b"));
    store_session_close(session);
    assert_int_equal(count_rows(*state), 0);
}

static void test_savepoints(void **state)
{
    struct store_session *session = session_of(*state, STORE_WRITE);
    const struct store_row *row = NULL;
    assert_ok(store_begin(session));
    assert_ok(store_savepoint(session));
    assert_ok(insert(session, "kept"));
    assert_ok(store_savepoint_keep(session));
    assert_ok(store_savepoint(session));
    assert_ok(insert(session, "undone"));
    assert_error(insert(session, "undone"), INTERNAL);
    assert_non_null(strcasestr(fault_take().data, "unique"));
    assert_ok(store_savepoint_undo(session));
    assert_true(store_in_transaction(session));
    assert_ok(store_savepoint(session));
    assert_ok(insert(session, "undone"));
    assert_ok(store_query(session, TEST_LIST, NULL, 0));
    assert_ok(store_next(session, &row));
    assert_ok(store_savepoint_undo(session));
    assert_true(store_in_transaction(session));
    assert_ok(store_savepoint(session));
    assert_ok(insert(session, "kept too"));
    assert_ok(store_savepoint_keep(session));
    assert_ok(store_commit(session));
    assert_true(has(session, "kept"));
    assert_true(has(session, "kept too"));
    assert_int_equal(number_of(session, TEST_COUNT), 2);
    store_session_close(session);
}

static void test_a_reader_sees_one_snapshot(void **state)
{
    struct store_session *writer = session_of(*state, STORE_WRITE);
    struct store_session *reader = session_of(*state, STORE_READ);
    assert_ok(store_begin(reader));
    assert_int_equal(number_of(reader, TEST_COUNT), 0);
    assert_ok(store_begin(writer));
    assert_ok(insert(writer, "a"));
    assert_int_equal(count_rows(*state), 0);
    assert_ok(store_commit(writer));
    assert_int_equal(number_of(reader, TEST_COUNT), 0);
    assert_int_equal(count_rows(*state), 1);
    assert_ok(store_commit(reader));
    assert_int_equal(number_of(reader, TEST_COUNT), 1);
    store_session_close(reader);
    store_session_close(writer);
}

static void test_state_counts_commits(void **state)
{
    struct store_session *session = session_of(*state, STORE_WRITE);
    struct store_state read = { -1, -1 };
    assert_ok(store_state_read(session, &read));
    assert_int_equal(read.revision, 0);
    assert_int_equal(read.last_issued_at, 0);
    for (int i = 1; i <= 3; i++) {
        assert_ok(store_begin(session));
        assert_ok(store_state_advance(session, &read));
        assert_int_equal(read.revision, i);
        assert_ok(store_state_keep(session, i * 10));
        assert_ok(store_commit(session));
    }
    assert_ok(store_state_read(session, &read));
    assert_int_equal(read.revision, 3);
    assert_int_equal(read.last_issued_at, 30);
    store_session_close(session);
}

static void test_an_endless_read_ends(void **state)
{
    struct store_session *session = session_of(*state, STORE_READ);
    const struct store_row *row = NULL;
    int64_t start = clock_monotonic_microseconds();
    assert_ok(store_query(session, TEST_ENDLESS, NULL, 0));
    assert_error(store_next(session, &row), QUERY_TIMEOUT);
    int64_t took = clock_monotonic_microseconds() - start;
    assert_true(took >= STORE_READ_MAXIMUM_MICROSECONDS);
    assert_true(took < STORE_READ_MAXIMUM_MICROSECONDS + 2 * MICROSECONDS_PER_SECOND);
    assert_null(fault_take().data);
    assert_false(store_session_broken(session));
    assert_int_equal(number_of(session, TEST_COUNT), 0);

    assert_ok(store_begin(session));
    assert_int_equal(number_of(session, TEST_COUNT), 0);
    (void)usleep(STORE_READ_MAXIMUM_MICROSECONDS + 1000);
    assert_error(store_query(session, TEST_COUNT, NULL, 0), QUERY_TIMEOUT);
    store_rollback(session);
    assert_int_equal(number_of(session, TEST_COUNT), 0);
    store_session_close(session);
}

/* Reads a page of at most `limit` rows, of which there are two, in a transaction of its own. */
static struct result read_page(struct store_session *session, struct arena *arena, int64_t limit,
                               struct page *ret_page)
{
    static const struct field fields[] = { { .name = "id", .kind = FIELD_TEXT, .offset = 0 } };
    static const struct object_type type = { "Row", "", sizeof(struct text), FIELDS(fields) };
    const struct list_query query = { .limit = limit };
    struct work work = { .session = session, .arena = arena, .query = &query };
    assert_ok(store_begin(session));
    struct result result = work_list(&work, (enum statement)TEST_TWO_OF_ENDLESS, NULL, 0, &type);
    store_rollback(session);
    *ret_page = work.page;
    return result;
}

static void test_a_page_ends_where_the_time_does(void **state)
{
    struct store_session *session = session_of(*state, STORE_READ);
    struct arena arena;
    struct page page;
    arena_init(&arena, 65536);
    assert_ok(read_page(session, &arena, 1, &page));
    assert_int_equal(page.count, 1);
    assert_true(page.has_more);
    assert_ok(read_page(session, &arena, 3, &page));
    assert_int_equal(page.count, 2);
    assert_true(page.has_more);
    arena_reset(&arena);
    store_session_close(session);
}

/* Without another disk: SQLite is told that the file may not grow. */
static void test_full(void **state)
{
    struct store_session *session = session_of(*state, STORE_WRITE);
    assert_true(number_of(session, TEST_PAGES_MAXIMUM) > 0);
    struct result result = RESULT_OK;
    int inserted = 0;
    assert_ok(store_begin(session));
    for (; !result_failed(result) && inserted < 100000; inserted++) {
        char id[32];
        (void)snprintf(id, sizeof id, "org_%020d", inserted);
        result = insert(session, id);
    }
    assert_error(result, STORE_FULL);
    assert_non_null(fault_take().data);
    assert_false(store_session_broken(session));
    if (!store_in_transaction(session)) {
        assert_error(insert(session, "after"), STORE_UNAVAILABLE);
        (void)fault_take();
    }
    store_rollback(session);
    assert_int_equal(number_of(session, TEST_COUNT), 0);
    store_session_close(session);
}

static void test_pauses_grow_within_bounds_and_differ(void **state)
{
    enum { TRIES = 1000 };
    struct backoff backoff = { 0 };
    int64_t least = INT64_MAX;
    int64_t most = 0;
    int64_t first = backoff_next(&backoff);
    (void)state;
    assert_in_range(first, BACKOFF_FIRST_MICROSECONDS / 2, BACKOFF_FIRST_MICROSECONDS);
    for (int i = 0; i < TRIES; i++) {
        int64_t pause = backoff_next(&backoff);
        assert_in_range(pause, BACKOFF_FIRST_MICROSECONDS, BACKOFF_MAXIMUM_MICROSECONDS);
        least = i > 10 && pause < least ? pause : least;
        most = pause > most ? pause : most;
    }
    assert_true(least < BACKOFF_MAXIMUM_MICROSECONDS * 6 / 10);
    assert_true(most > BACKOFF_MAXIMUM_MICROSECONDS * 9 / 10);
    backoff_reset(&backoff);
    assert_true(backoff_next(&backoff) <= BACKOFF_FIRST_MICROSECONDS);
}

#define TEST_CASE(function) \
    cmocka_unit_test_setup_teardown(function, fixture_setup, fixture_teardown)

/* What every database does. */
static const struct CMUnitTest common_tests[] = {
    TEST_CASE(test_migrations_are_numbered_and_applied_once),
    TEST_CASE(test_newer_schema_is_refused),
    TEST_CASE(test_values_come_back_as_they_were),
    TEST_CASE(test_empty_is_not_null),
    TEST_CASE(test_parameters_go_by_their_digits),
    TEST_CASE(test_execute_counts_changes),
    TEST_CASE(test_wrong_statements_are_faults),
    TEST_CASE(test_one_statement_is_read_at_a_time),
    TEST_CASE(test_a_reader_cannot_write),
    TEST_CASE(test_a_writer_writes_in_transactions_only),
    TEST_CASE(test_one_writer_at_a_time),
    TEST_CASE(test_rollback_and_close_undo),
    TEST_CASE(test_savepoints),
    TEST_CASE(test_a_reader_sees_one_snapshot),
    TEST_CASE(test_state_counts_commits),
    TEST_CASE(test_an_endless_read_ends),
    TEST_CASE(test_a_page_ends_where_the_time_does),
};

/* What is about files. */
static const struct CMUnitTest sqlite_tests[] = {
    TEST_CASE(test_open_makes_private_files),
    TEST_CASE(test_open_twice_in_one_process_is_refused),
    TEST_CASE(test_open_in_another_process_is_refused),
    TEST_CASE(test_open_says_what_is_wrong),
    TEST_CASE(test_full),
};

static const struct CMUnitTest backoff_tests[] = {
    cmocka_unit_test(test_pauses_grow_within_bounds_and_differ),
};

int main(void)
{
    int failures = is_on_postgres() ? 0 : cmocka_run_group_tests(sqlite_tests, NULL, NULL);
    failures += cmocka_run_group_tests(backoff_tests, NULL, NULL);
    return failures + cmocka_run_group_tests(common_tests, NULL, NULL);
}
