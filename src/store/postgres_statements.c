#include <endian.h>
#include <inttypes.h>
#include <libpq-fe.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "store/postgres_session.h"

enum {
    TEXT_FORMAT = 0,
    BINARY_FORMAT = 1,
    INTEGER_TEXT_SIZE = 24,
    /* What the limit that the server knows may be longer than what is left. */
    LIMIT_STEP_MICROSECONDS = 250000,
};

/* PostgreSQL's numbers of its types: src/include/catalog/pg_type.dat. */
enum type_number {
    TYPE_INFERRED = 0,
    TYPE_BYTEA = 17,
    TYPE_BIGINT = 20,
    TYPE_INTEGER = 23,
    TYPE_TEXT = 25,
};

/* ---- Parameters ---- */

/* The highest $n of a text. */
static size_t parameters_of(const struct store_statement *statement)
{
    int64_t highest = 0;
    for (const char *place = strchr(statement->sql, '$'); place != NULL;
         place = strchr(place + 1, '$')) {
        int64_t number = 0;
        size_t digits = strspn(place + 1, "0123456789");
        (void)text_to_integer((struct text){ place + 1, digits }, 1, STORE_VALUES_MAXIMUM, &number);
        highest = number > highest ? number : highest;
    }
    return (size_t)highest;
}

/*
 * A statement is prepared with the types of its first values; PostgreSQL infers those of NULL. So
 * integers are sent as text, which becomes whatever type was inferred, and the rest as it is.
 */
static struct result set_parameter(struct postgres_parameters *parameters, size_t i,
                                   const struct store_value *value,
                                   char integer[static INTEGER_TEXT_SIZE], const char *what)
{
    parameters->values[i] = value->text.data;
    parameters->lengths[i] = (int)value->text.length;
    parameters->formats[i] = BINARY_FORMAT;
    switch (value->type) {
    case STORE_INTEGER:
        (void)snprintf(integer, INTEGER_TEXT_SIZE, "%" PRId64, value->integer);
        parameters->values[i] = integer;
        parameters->formats[i] = TEXT_FORMAT;
        parameters->types[i] = TYPE_BIGINT;
        return RESULT_OK;
    case STORE_TEXT:
        parameters->types[i] = TYPE_TEXT;
        return memchr(value->text.data, '\0', value->text.length) == NULL
                   ? RESULT_OK
                   : fault(ERROR_INTERNAL, "%s: PostgreSQL holds no text with a NUL", what);
    case STORE_BLOB:
        parameters->types[i] = TYPE_BYTEA;
        return RESULT_OK;
    case STORE_NULL:
        break;
    }
    parameters->values[i] = NULL;
    parameters->types[i] = TYPE_INFERRED;
    return RESULT_OK;
}

static struct result send_values(struct postgres_session *session, unsigned number,
                                 const struct store_value *values, size_t count)
{
    const struct store_statement *statement = postgres_statement_at(session->base.store, number);
    struct postgres_parameters parameters = { .count = (int)count };
    char integers[STORE_VALUES_MAXIMUM][INTEGER_TEXT_SIZE];
    size_t takes = parameters_of(statement);
    if (takes != count) {
        return fault(ERROR_INTERNAL, "%s: takes %zu values, was given %zu", statement->name, takes,
                     count);
    }
    for (size_t i = 0; i < count; i++) {
        TRY(set_parameter(&parameters, i, &values[i], integers[i], statement->name));
    }
    return postgres_send(session, number, &parameters);
}

/* ---- Deadlines of readers ---- */

/* Inside a transaction the server's limit of a statement follows what is left of it, in steps. */
static struct result send_limit(struct postgres_session *session)
{
    int64_t left = session->deadline - clock_monotonic_microseconds();
    char milliseconds[INTEGER_TEXT_SIZE];
    if (left <= 0) {
        return refuse(ERROR_QUERY_TIMEOUT);
    }
    if (left > session->limit - LIMIT_STEP_MICROSECONDS) {
        return RESULT_OK;
    }
    session->limit = left;
    (void)snprintf(milliseconds, sizeof milliseconds, "%" PRId64, left / 1000 + 1);
    const struct store_value value = store_text(text_of(milliseconds));
    return send_values(session, postgres_control_number(session->base.store, POSTGRES_LIMIT),
                       &value, 1);
}

/* A reader outside a transaction has a deadline for this statement alone. */
static struct result limit_reading(struct postgres_session *session)
{
    if (session->base.access != STORE_READ) {
        return RESULT_OK;
    }
    if (postgres_must_stop(session)) {
        return refuse(ERROR_QUERY_TIMEOUT);
    }
    if (!session->in_transaction) {
        session->deadline = clock_monotonic_microseconds() + STORE_READ_MAXIMUM_MICROSECONDS;
        return RESULT_OK;
    }
    return send_limit(session);
}

/* ---- Statements ---- */

static struct result start(struct postgres_session *session, unsigned number,
                           const struct store_value *values, size_t count)
{
    if (session->reading != NULL) {
        return fault(ERROR_INTERNAL, "%s: %s is still being read",
                     postgres_statement_at(session->base.store, number)->name,
                     session->reading->name);
    }
    PQclear(session->row_result);
    session->row_result = NULL;
    TRY(limit_reading(session));
    return send_values(session, number, values, count);
}

struct result postgres_query(struct store_session *session, unsigned statement,
                             const struct store_value *values, size_t count)
{
    struct postgres_session *self = postgres_of(session);
    TRY(start(self, statement, values, count));
    struct result result = postgres_sync(self);
    if (!result_failed(result)) {
        result = postgres_read_up_to_last(self);
    }
    if (result_failed(result)) {
        postgres_discard(self);
        return result;
    }
    self->reading = postgres_statement_at(session->store, statement);
    return RESULT_OK;
}

static int64_t read_integer(const char *bytes, int length)
{
    if (length == sizeof(int32_t)) {
        uint32_t number;
        memcpy(&number, bytes, sizeof number);
        return (int32_t)be32toh(number);
    }
    uint64_t number;
    memcpy(&number, bytes, sizeof number);
    return (int64_t)be64toh(number);
}

static struct result read_column(struct postgres_session *session, const PGresult *result,
                                 int column)
{
    struct store_value *value = &session->values[column];
    const char *bytes = PQgetvalue(result, 0, column);
    int length = PQgetlength(result, 0, column);
    if (PQgetisnull(result, 0, column) == 1) {
        *value = STORE_NULL_VALUE;
        return RESULT_OK;
    }
    switch (PQftype(result, column)) {
    case TYPE_BIGINT:
    case TYPE_INTEGER:
        *value = store_integer(read_integer(bytes, length));
        return RESULT_OK;
    case TYPE_TEXT:
        *value = store_text((struct text){ bytes, (size_t)length });
        return RESULT_OK;
    case TYPE_BYTEA:
        *value = store_blob(bytes, (size_t)length);
        return RESULT_OK;
    default:
        return fault(ERROR_INTERNAL, "%s: column %d is of PostgreSQL's type %u",
                     session->reading->name, column, PQftype(result, column));
    }
}

static struct result read_row(struct postgres_session *session, const PGresult *result)
{
    int count = PQnfields(result);
    if (count > STORE_VALUES_MAXIMUM) {
        return fault(ERROR_INTERNAL, "%s: more than %d columns", session->reading->name,
                     STORE_VALUES_MAXIMUM);
    }
    for (int i = 0; i < count; i++) {
        session->names[i] = PQfname(result, i);
        TRY(read_column(session, result, i));
    }
    session->row = (struct store_row){ (size_t)count, session->names, session->values };
    return RESULT_OK;
}

static struct result next_row(struct postgres_session *session, const struct store_row **ret_row)
{
    PGresult *result = NULL;
    TRY(postgres_next_result(session, &result));
    if (result == NULL || PQresultStatus(result) != PGRES_SINGLE_TUPLE) {
        PQclear(result);
        session->reading = NULL;
        TRY(postgres_read_all(session));
        *ret_row = NULL;
        return RESULT_OK;
    }
    session->row_result = result;
    TRY(read_row(session, result));
    *ret_row = &session->row;
    return RESULT_OK;
}

struct result postgres_next(struct store_session *session, const struct store_row **ret_row)
{
    struct postgres_session *self = postgres_of(session);
    if (self->reading == NULL) {
        return fault(ERROR_INTERNAL, "no statement is being read");
    }
    PQclear(self->row_result);
    self->row_result = NULL;
    struct result result = next_row(self, ret_row);
    if (result_failed(result)) {
        postgres_finish(session);
    }
    return result;
}

/* What is left of the rows comes in any case: it is on its way. */
void postgres_finish(struct store_session *session)
{
    struct postgres_session *self = postgres_of(session);
    PQclear(self->row_result);
    self->row_result = NULL;
    if (self->reading != NULL) {
        self->reading = NULL;
        postgres_discard(self);
    }
}

/* In a writing transaction nobody waits for what has nothing to tell but its failure. */
static struct result wait_unless_writing(struct postgres_session *session)
{
    bool writes = session->base.access == STORE_WRITE && session->in_transaction;
    return writes ? RESULT_OK : postgres_wait(session);
}

struct result postgres_change(struct store_session *session, unsigned statement,
                              const struct store_value *values, size_t count)
{
    struct postgres_session *self = postgres_of(session);
    TRY(start(self, statement, values, count));
    postgres_expect_change(self);
    return wait_unless_writing(self);
}

struct result postgres_execute(struct store_session *session, unsigned statement,
                               const struct store_value *values, size_t count, int64_t *ret_changes)
{
    struct postgres_session *self = postgres_of(session);
    TRY(start(self, statement, values, count));
    if (ret_changes == NULL) {
        return wait_unless_writing(self);
    }
    TRY(postgres_wait(self));
    *ret_changes = self->last_changes;
    return RESULT_OK;
}
