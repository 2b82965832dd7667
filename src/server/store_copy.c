#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "codec/digest.h"
#include "server/commands.h"
#include "server/data_directory.h"
#include "server/progress.h"
#include "store/tables.h"

/*
 * `orgkeys store copy`. One transaction at the target, so that an interrupted copy leaves nothing;
 * before its commit everything is read back and compared. Rows are read in pages, so that no
 * statement runs long.
 */
enum {
    PAGE_ROWS = 1000,
    KEY_MAXIMUM = 256, /* bytes of an id */
    ROW_MAXIMUM = 64 * 1024 * 1024,
};

/*
 * Of the rows of a table, in any order: their number, and their digests combined by exclusive or.
 * No two rows are the same, so none can cancel another.
 */
struct sum {
    int64_t rows;
    struct digest digest;
};

struct copy {
    struct store_statement statements[STORE_TABLE_STATEMENT_COUNT];
    struct store *source_store;
    struct store *target_store;
    struct store_session *source;
    struct store_session *target;
    struct sum sums[STORE_TABLE_COUNT]; /* of the source */
    struct buffer row;                  /* what is digested of one */
    struct progress progress;
};

/* The keys behind which a page begins. */
struct cursor {
    char texts[STORE_TABLE_KEYS_MAXIMUM][KEY_MAXIMUM];
    size_t lengths[STORE_TABLE_KEYS_MAXIMUM];
};

/* ---- Rows ---- */

static void append_number(struct buffer *buffer, uint64_t number)
{
    buffer_append(buffer, (struct text){ (const char *)&number, sizeof number });
}

static struct result add_to_sum(struct copy *copy, const struct store_table *table,
                                const struct store_row *row, struct sum *sum)
{
    struct digest digest;
    buffer_clear(&copy->row);
    for (size_t i = 0; i < row->count; i++) {
        const struct store_value *value = &row->values[i];
        bool is_integer = value->type == STORE_INTEGER;
        buffer_append_byte(&copy->row, (char)value->type);
        append_number(&copy->row, is_integer ? (uint64_t)value->integer : value->text.length);
        buffer_append(&copy->row, is_integer ? TEXT("") : value->text);
    }
    if (copy->row.failed) {
        return fault(ERROR_INTERNAL, "%s: a row has more than %d bytes", table->name, ROW_MAXIMUM);
    }
    TRY(digest_of(buffer_text(&copy->row), &digest));
    for (size_t i = 0; i < sizeof digest.bytes; i++) {
        sum->digest.bytes[i] ^= digest.bytes[i];
    }
    sum->rows++;
    return RESULT_OK;
}

static struct result move_cursor(const struct store_table *table, const struct store_row *row,
                                 struct cursor *cursor)
{
    for (size_t i = 0; i < table->keys; i++) {
        struct text key = row->values[i].text;
        if (key.length > KEY_MAXIMUM) {
            return fault(ERROR_INTERNAL, "%s: an id has more than %d bytes", table->name,
                         KEY_MAXIMUM);
        }
        memcpy(cursor->texts[i], key.data, key.length);
        cursor->lengths[i] = key.length;
    }
    return RESULT_OK;
}

static struct result query_page(struct store_session *session, size_t number,
                                const struct cursor *cursor)
{
    const struct store_table *table = &store_tables[number];
    struct store_value values[STORE_TABLE_KEYS_MAXIMUM + 1];
    for (size_t i = 0; i < table->keys; i++) {
        values[i] = store_text((struct text){ cursor->texts[i], cursor->lengths[i] });
    }
    values[table->keys] = store_integer(PAGE_ROWS);
    return store_query(session, store_table_statement(number, STORE_TABLE_TO_READ), values,
                       table->keys + 1);
}

/* Reads a page of the table, and writes it where a target is given. */
static struct result take_page(struct copy *copy, size_t number, struct store_session *from,
                               struct store_session *to, struct cursor *cursor, struct sum *sum)
{
    const struct store_table *table = &store_tables[number];
    const struct store_row *row = NULL;
    TRY(query_page(from, number, cursor));
    for (;;) {
        TRY(store_next(from, &row));
        if (row == NULL) {
            return RESULT_OK;
        }
        TRY(move_cursor(table, row, cursor));
        TRY(add_to_sum(copy, table, row, sum));
        if (to != NULL) {
            TRY(store_change(to, store_table_statement(number, STORE_TABLE_TO_WRITE), row->values,
                             row->count));
        }
    }
}

static struct result take_table(struct copy *copy, size_t number, struct store_session *from,
                                struct store_session *to, struct sum *ret_sum)
{
    struct cursor cursor = { 0 };
    struct sum sum = { 0 };
    int64_t before;
    do {
        before = sum.rows;
        TRY(take_page(copy, number, from, to, &cursor, &sum));
        progress_add(&copy->progress, sum.rows - before);
    } while (sum.rows - before == PAGE_ROWS);
    progress_part(&copy->progress, store_tables[number].name, sum.rows);
    *ret_sum = sum;
    return RESULT_OK;
}

/* ---- Tables ---- */

static struct result count_rows(struct store_session *session, size_t number, int64_t *ret_count)
{
    const struct store_row *row = NULL;
    TRY(store_query(session, store_table_statement(number, STORE_TABLE_TO_COUNT), NULL, 0));
    TRY(store_next(session, &row));
    if (row == NULL) {
        return fault(ERROR_INTERNAL, "%s: no count", store_tables[number].name);
    }
    *ret_count = row->values[0].integer;
    store_finish(session);
    return RESULT_OK;
}

static struct result check_empty(struct store_session *target)
{
    for (size_t i = 0; i < STORE_TABLE_COUNT; i++) {
        int64_t count = 0;
        TRY(count_rows(target, i, &count));
        if (count > 0) {
            return fault(ERROR_STORE_UNAVAILABLE,
                         "the target is in use already (%s has rows): copy into a new database",
                         store_tables[i].name);
        }
    }
    return RESULT_OK;
}

/* Of what is copied. It may take long. */
static struct result count_source(struct copy *copy, int64_t *ret_total)
{
    int64_t total = 0;
    for (size_t i = 0; i < STORE_TABLE_COUNT; i++) {
        int64_t count = 0;
        TRY(count_rows(copy->source, i, &count));
        total += store_tables[i].keys > 0 ? count : 0;
    }
    *ret_total = total;
    return RESULT_OK;
}

static struct result copy_tables(struct copy *copy, int64_t total)
{
    progress_begin(&copy->progress, "copying", total);
    for (size_t i = 0; i < STORE_TABLE_COUNT; i++) {
        if (store_tables[i].keys > 0) {
            TRY(take_table(copy, i, copy->source, copy->target, &copy->sums[i]));
        }
    }
    return RESULT_OK;
}

static struct result compare_tables(struct copy *copy)
{
    progress_begin(&copy->progress, "comparing", copy->progress.done);
    for (size_t i = 0; i < STORE_TABLE_COUNT; i++) {
        struct sum found = { 0 };
        if (store_tables[i].keys == 0) {
            continue;
        }
        TRY(take_table(copy, i, copy->target, NULL, &found));
        if (found.rows != copy->sums[i].rows ||
            memcmp(found.digest.bytes, copy->sums[i].digest.bytes, DIGEST_SIZE) != 0) {
            return fault(ERROR_INTERNAL,
                         "%s: the target holds other rows than the source (%lld, %lld): nothing "
                         "was kept",
                         store_tables[i].name, (long long)found.rows,
                         (long long)copy->sums[i].rows);
        }
    }
    progress_end(&copy->progress);
    return RESULT_OK;
}

/* The target's state is changed first: whoever else would write there waits for the commit. */
static struct result copy_in_transactions(struct copy *copy)
{
    struct store_state state;
    int64_t total = 0;
    TRY(store_begin(copy->source));
    TRY(count_source(copy, &total));
    TRY(store_begin(copy->target));
    TRY(store_take_time(copy->target));
    TRY(store_state_advance(copy->target, &state));
    TRY(check_empty(copy->target));
    TRY(copy_tables(copy, total));
    TRY(compare_tables(copy));
    return store_commit(copy->target);
}

/* ---- The command ---- */

static struct result open_both(struct copy *copy, const struct config *config)
{
    struct store_options options = {
        .directory = config->copy_source,
        .creation = STORE_MUST_EXIST,
        .statements = copy->statements,
        .statement_count = STORE_TABLE_STATEMENT_COUNT,
    };
    TRY(store_open(&options, &copy->source_store));
    options.database_url = config->database_url;
    options.creation = STORE_MAY_BE_CREATED;
    TRY(store_open(&options, &copy->target_store));
    TRY(store_session_open(copy->source_store, STORE_WRITE, &copy->source));
    return store_session_open(copy->target_store, STORE_WRITE, &copy->target);
}

static void close_both(struct copy *copy)
{
    store_session_close(copy->source);
    store_session_close(copy->target);
    if (copy->source_store != NULL) {
        store_close(copy->source_store);
    }
    if (copy->target_store != NULL) {
        store_close(copy->target_store);
    }
}

/* What was compared, for the operator's records. */
static int print_sums(const struct copy *copy)
{
    enum { LINES_MAXIMUM = 64 * 1024 };
    struct buffer lines;
    buffer_init(&lines, LINES_MAXIMUM);
    for (size_t i = 0; i < STORE_TABLE_COUNT; i++) {
        char digest[DIGEST_HEXADECIMAL_LENGTH];
        if (store_tables[i].keys > 0) {
            digest_to_hexadecimal(&copy->sums[i].digest, digest);
            buffer_append_format(&lines, "%-16s %12lld  %.*s\n", store_tables[i].name,
                                 (long long)copy->sums[i].rows, DIGEST_HEXADECIMAL_LENGTH, digest);
        }
    }
    int status = command_print(buffer_text(&lines));
    buffer_free(&lines);
    return status;
}

/* The target counts from here on, so that a source without its mark is no failed copy. */
static int mark_source(struct text source)
{
    struct result result = data_mark_copied(source);
    return result_failed(result)
               ? command_failed(
                     "everything was copied, but the source could not be marked as such, "
                     "and must not be served again",
                     result, &(struct problem){ .param = "" })
               : EXIT_STATUS_OK;
}

static int report(const struct copy *copy, struct text source, struct result result,
                  int64_t started_at)
{
    if (result.error == ERROR_OUTCOME_UNKNOWN) {
        (void)fputs("orgkeys: cannot copy: the connection was lost while the copy was committed. "
                    "Run it again: it is complete if the target is in use then\n",
                    stderr);
        return EXIT_STATUS_FAILURE;
    }
    if (result_failed(result)) {
        return command_failed("cannot copy", result, &(struct problem){ .param = "" });
    }
    int marked = mark_source(source);
    int printed = print_sums(copy);
    (void)fprintf(stderr,
                  "Copied and compared in %.1f s. From now on serve the target: what the source is "
                  "told later is not in it.\n",
                  (double)(clock_monotonic_microseconds() - started_at) / MICROSECONDS_PER_SECOND);
    return marked != EXIT_STATUS_OK ? marked : printed;
}

int command_store_copy(struct config *config)
{
    int64_t started_at = clock_monotonic_microseconds();
    if (config->database_url.data == NULL) {
        (void)fputs("orgkeys: --to: is needed, or ORGKEYS_DATABASE_URL\n", stderr);
        return EXIT_STATUS_USAGE;
    }
    struct copy *copy = calloc(1, sizeof *copy);
    if (copy == NULL) {
        (void)fputs("orgkeys: there is not enough memory\n", stderr);
        return EXIT_STATUS_FAILURE;
    }
    buffer_init(&copy->row, ROW_MAXIMUM);
    store_tables_list_statements(copy->statements);
    struct result result = open_both(copy, config);
    if (!result_failed(result)) {
        result = copy_in_transactions(copy);
    }
    progress_end(&copy->progress);
    int status = report(copy, config->copy_source, result, started_at);
    close_both(copy);
    buffer_free(&copy->row);
    free(copy);
    return status;
}
