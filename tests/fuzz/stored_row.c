/*
 * What the database holds, as if somebody had edited it. The input's first byte says what is read:
 *
 *   l    the keys, at start: a line is a row, its first byte the table (`passes`), then columns
 *   c    changes that another node left, JSON
 *   s i  a stored list of scopes, or of an invite's projects, JSON
 *   r    a row of an object: the next byte is its type (`types`), then columns
 *   p    a password's hash
 *
 * Columns are divided by tabs. What cannot be is a fault; what is taken is what was there.
 */
#include <stdio.h>
#include <string.h>

#include "codec/digest.h"
#include "domain/rows.h"
#include "fuzz.h"
#include "keyring/load.h"
#include "keyring/stored.h"
#include "keyring/tables.h"
#include "model/admin_api_key.h"
#include "model/audit_log.h"
#include "model/decode.h"
#include "model/encode.h"
#include "model/invite.h"
#include "model/project.h"
#include "model/project_api_key.h"
#include "model/service_account.h"
#include "model/session.h"
#include "model/user.h"
#include "objects.h"
#include "os/password.h"
#include "store/driver.h"
#include "store/statements.h"

enum {
    MEMORY_MAXIMUM = 32 * 1024 * 1024,
    ENCODED_MAXIMUM = 1024 * 1024,
    NAME_SIZE = 64,
    OBJECT_MAXIMUM = 1024,
};
#define NOW INT64_C(1700000000)

/* NOLINTNEXTLINE(readability-non-const-parameter): the type is libFuzzer's */
int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    (void)argc;
    (void)argv;
    json_initialize();
    ASSERT(!result_failed(password_initialize()));
    return 0;
}

/* ---- Values ---- */

/* A digest is written in hexadecimal; anything else is the blob itself. */
static struct store_value blob_of(struct arena *arena, struct text column)
{
    struct digest *digest = arena_allocate(arena, sizeof *digest);
    ASSERT(digest != NULL);
    return digest_from_hexadecimal(column, digest) ? store_blob(digest->bytes, DIGEST_SIZE)
                                                   : store_blob(column.data, column.length);
}

/* The schema holds the types; an integer that is none is NULL. */
static struct store_value value_of(struct arena *arena, char type, struct text column)
{
    int64_t integer;
    switch (type) {
    case 'b':
        return blob_of(arena, column);
    case 'i':
        return text_to_integer(column, INT64_MIN, INT64_MAX, &integer) ? store_integer(integer)
                                                                       : STORE_NULL_VALUE;
    default:
        return store_text(column.data != NULL ? column : TEXT(""));
    }
}

/* ---- The keys, at start ---- */

static const struct pass {
    enum statement statement;
    char table;
    const char *columns; /* digest, text, integer */
} passes[] = {
    { KEYRING_PROJECT_API_KEYS, 'k', "btttttti" },
    { KEYRING_ADMIN_API_KEYS, 'a', "bttti" },
    { KEYRING_ARCHIVED_PROJECTS, 'p', "t" },
    { KEYRING_PEOPLE, 'u', "ttt" },
    { KEYRING_MEMBERS, 'm', "tt" },
    { KEYRING_ACCOUNTS, 's', "tt" },
    { KEYRING_DEPARTURES, 'd', "t" },
};

/* A session whose rows are the lines of a text. */
struct lines_session {
    struct store_session session; /* first */
    struct text all;
    struct text rest;
    const struct pass *pass; /* NULL: the row of store_state */
    bool state_is_read;
    struct arena arena; /* of a row */
    struct store_value values[STORE_VALUES_MAXIMUM];
    struct store_row row;
};

static struct lines_session *lines_of(struct store_session *session)
{
    return (struct lines_session *)session;
}

static struct result lines_query(struct store_session *session, unsigned statement,
                                 const struct store_value *values, size_t count)
{
    struct lines_session *lines = lines_of(session);
    (void)values;
    (void)count;
    lines->pass = NULL;
    lines->state_is_read = false;
    lines->rest = lines->all;
    for (size_t i = 0; i < sizeof passes / sizeof passes[0]; i++) {
        lines->pass = passes[i].statement == statement ? &passes[i] : lines->pass;
    }
    ASSERT(lines->pass != NULL || statement >= STATEMENT_COUNT);
    return RESULT_OK;
}

static void read_line(struct lines_session *lines, struct text line)
{
    const char *columns = lines->pass->columns;
    size_t count = strlen(columns);
    arena_reset(&lines->arena);
    for (size_t i = 0; i < count; i++) {
        lines->values[i] = value_of(&lines->arena, columns[i], text_cut(&line, '\t'));
    }
    lines->row = (struct store_row){ .count = count, .values = lines->values };
}

static struct result lines_next(struct store_session *session, const struct store_row **ret_row)
{
    struct lines_session *lines = lines_of(session);
    *ret_row = NULL;
    if (lines->pass == NULL) {
        lines->values[0] = store_integer(1);
        lines->values[1] = store_integer(1);
        lines->row = (struct store_row){ .count = 2, .values = lines->values };
        *ret_row = lines->state_is_read ? NULL : &lines->row;
        lines->state_is_read = true;
        return RESULT_OK;
    }
    while (!text_is_empty(lines->rest)) {
        struct text line = text_cut(&lines->rest, '\n');
        if (!text_is_empty(line) && line.data[0] == lines->pass->table) {
            read_line(lines, text_from(line, 1));
            *ret_row = &lines->row;
            break;
        }
    }
    return RESULT_OK;
}

static void lines_finish(struct store_session *session)
{
    (void)session;
}

static struct text body_of(const struct keyring_id *id)
{
    return (struct text){ id->body, sizeof id->body };
}

/* The keyring says of a key what its row does; the organization is its project's. */
static void require_key(const struct tables *tables, struct lines_session *lines)
{
    const struct store_value *values = lines->values;
    bool is_admin_key = lines->pass->table == 'a';
    struct digest digest;
    struct keyring_holder holder;
    ASSERT(values[0].text.length == DIGEST_SIZE);
    memcpy(digest.bytes, values[0].text.data, DIGEST_SIZE);
    enum keyring_verdict verdict = tables_check(tables, &digest, NOW, &holder);
    const struct store_value *expires_at = &values[is_admin_key ? 4 : 7];
    ASSERT(verdict != KEYRING_UNCERTAIN);
    ASSERT(is_admin_key || verdict != KEYRING_ADMIN);
    ASSERT(!is_admin_key || verdict != KEYRING_ACTIVE);
    if (verdict > KEYRING_UNKNOWN) {
        ASSERT(text_ends_with(values[1].text, body_of(&holder.key)));
        ASSERT(text_ends_with(values[is_admin_key ? 3 : 5].text, body_of(&holder.owner)));
        ASSERT(holder.expires_at == expires_at->integer);
        ASSERT(expires_at->type == STORE_NULL || expires_at->integer > NOW ||
               verdict == KEYRING_EXPIRED);
    }
}

static void require_keys(const struct tables *tables, struct lines_session *lines)
{
    static const enum statement keys[] = { KEYRING_PROJECT_API_KEYS, KEYRING_ADMIN_API_KEYS };
    for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++) {
        const struct store_row *row = NULL;
        ASSERT(!result_failed(lines_query(&lines->session, keys[i], NULL, 0)));
        for (;;) {
            ASSERT(!result_failed(lines_next(&lines->session, &row)));
            if (row == NULL) {
                break;
            }
            require_key(tables, lines);
        }
    }
}

static void load_keys(struct text rows)
{
    static const struct store_driver driver = { .query = lines_query,
                                                .next = lines_next,
                                                .finish = lines_finish };
    struct store store = { .driver = &driver,
                           .statements = statements,
                           .statement_count = STATEMENT_COUNT };
    struct lines_session lines = { .session = { .store = &store }, .all = rows };
    struct tables *tables = NULL;
    int64_t revision;
    arena_init(&lines.arena, MEMORY_MAXIMUM);
    if (!result_failed(keyring_load(&lines.session, &tables, &revision))) {
        require_keys(tables, &lines);
        tables_free(tables);
    }
    arena_reset(&lines.arena);
}

/* ---- Changes of another node ---- */

static void follow(const struct key_change *changes)
{
    struct tables *tables = NULL;
    struct slots *replaced = NULL;
    struct keyring_holder holder;
    size_t needing_room = 0;
    for (const struct key_change *change = changes; change != NULL; change = change->next) {
        needing_room += key_change_needs_room(change);
    }
    ASSERT(!result_failed(tables_create(0, &tables)));
    ASSERT(!result_failed(tables_reserve(tables, needing_room, &replaced)));
    slots_close(replaced);
    for (const struct key_change *change = changes; change != NULL; change = change->next) {
        tables_apply(tables, change);
    }
    for (const struct key_change *change = changes; change != NULL; change = change->next) {
        (void)tables_check(tables, &change->digest, NOW, &holder);
    }
    tables_free(tables);
}

static void read_changes(struct arena *arena, struct text json)
{
    struct key_change *changes = NULL;
    struct key_change *again = NULL;
    struct buffer written;
    struct buffer rewritten;
    if (result_failed(stored_changes_read(arena, json, &changes))) {
        return;
    }
    buffer_init(&written, ENCODED_MAXIMUM);
    buffer_init(&rewritten, ENCODED_MAXIMUM);
    key_changes_encode(&written, changes);
    ASSERT(!result_failed(stored_changes_read(arena, buffer_text(&written), &again)));
    key_changes_encode(&rewritten, again);
    ASSERT(!written.failed && text_equal(buffer_text(&written), buffer_text(&rewritten)));
    follow(changes);
    buffer_free(&written);
    buffer_free(&rewritten);
}

/* ---- Lists ---- */

static void read_scopes(struct arena *arena, struct text json)
{
    struct problem problem;
    struct decoder decoder = { arena, &problem };
    struct text_list list;
    struct text_list again;
    struct buffer written;
    if (result_failed(decode_stored_texts(&decoder, json, &list))) {
        return;
    }
    buffer_init(&written, ENCODED_MAXIMUM);
    model_encode_texts(&written, &list);
    ASSERT(!result_failed(decode_stored_texts(&decoder, buffer_text(&written), &again)));
    ASSERT(list.count == again.count);
    for (size_t i = 0; i < list.count; i++) {
        ASSERT(text_equal(list.items[i], again.items[i]));
    }
    buffer_free(&written);
}

static void read_projects(struct arena *arena, struct text json)
{
    struct problem problem;
    struct decoder decoder = { arena, &problem };
    struct object_list list;
    if (result_failed(decode_stored_objects(&decoder, &invite_project_type, json, &list))) {
        return;
    }
    for (size_t i = 0; i < list.count; i++) {
        objects_require_limits(&invite_project_type,
                               (const char *)list.items + i * invite_project_type.size);
    }
}

/* ---- Rows of objects ---- */

static const struct object_type *const types[] = {
    ['a'] = &project_type, ['b'] = &project_api_key_type, ['c'] = &admin_api_key_type,
    ['d'] = &user_type,    ['e'] = &service_account_type, ['f'] = &invite_type,
    ['g'] = &session_type, ['h'] = &audit_log_type,
};
enum { TYPE_COUNT = sizeof types / sizeof types[0] };

struct columns {
    char names[STORE_VALUES_MAXIMUM][NAME_SIZE];
    const char *views[STORE_VALUES_MAXIMUM];
    struct store_value values[STORE_VALUES_MAXIMUM];
    size_t count;
    bool is_text; /* all texts are UTF-8 without NUL, and what is JSON can be read */
};

static bool is_json(struct text text)
{
    struct json_value *document = NULL;
    char problem[JSON_PROBLEM_MAXIMUM];
    bool is_read = !result_failed(json_parse(text, &document, problem));
    json_free(document);
    return is_read;
}

/* What a statement gives of the type, a column for each field. */
static void add_columns(struct columns *columns, const struct object_type *type, const char *prefix,
                        struct text *rest, struct arena *arena)
{
    for (size_t i = 0; i < type->field_count; i++) {
        const struct field *field = &type->fields[i];
        const char *name = field->kind == FIELD_DETAIL ? "detail" : field->name;
        char path[NAME_SIZE];
        if (field->kind == FIELD_CONSTANT || columns->count == STORE_VALUES_MAXIMUM) {
            continue;
        }
        (void)snprintf(path, sizeof path, "%s%s%s", prefix, prefix[0] != '\0' ? "." : "", name);
        if (field->kind == FIELD_OBJECT) {
            add_columns(columns, field->type, path, rest, arena);
            continue;
        }
        bool is_text =
            field->kind == FIELD_TEXT || field->kind == FIELD_JSON || field->kind == FIELD_DETAIL;
        struct text column = text_cut(rest, '\t');
        struct store_value *value = &columns->values[columns->count];
        memcpy(columns->names[columns->count], path, sizeof path);
        columns->views[columns->count] = columns->names[columns->count];
        *value = text_equal(column, TEXT("-")) ? STORE_NULL_VALUE
                                               : value_of(arena, is_text ? 't' : 'i', column);
        columns->is_text =
            columns->is_text && text_is_utf8(value->text) &&
            text_find(value->text, '\0') == value->text.length &&
            (field->kind == FIELD_TEXT || value->type != STORE_TEXT || is_json(value->text));
        columns->count++;
    }
}

static void require_reply(const struct object_type *type, const void *object, bool is_text)
{
    struct buffer written;
    buffer_init(&written, ENCODED_MAXIMUM);
    model_encode(&written, type, object);
    ASSERT(!written.failed);
    ASSERT(!is_text || is_json(buffer_text(&written)));
    buffer_free(&written);
}

static void read_row(struct arena *arena, const struct object_type *type, struct text rest)
{
    static struct columns columns;
    struct row_binding binding;
    void *object = arena_allocate(arena, type->size);
    columns = (struct columns){ .is_text = true };
    add_columns(&columns, type, "", &rest, arena);
    struct store_row row = { columns.count, columns.views, columns.values };
    ASSERT(object != NULL && !result_failed(row_bind(type, &row, &binding)));
    ASSERT(!result_failed(row_read(&binding, &row, arena, object)));
    require_reply(type, object, columns.is_text && type != &audit_log_type);
}

/* ---- A password's hash ---- */

/* In the place of libsodium's, which takes a tenth of a second: what it would be of no password. */
int __wrap_crypto_pwhash(unsigned char *out, unsigned long long size, const char *password,
                         unsigned long long length, const unsigned char *salt,
                         unsigned long long passes_of_it, size_t memory, int algorithm);
int __wrap_crypto_pwhash(unsigned char *out, unsigned long long size, const char *password,
                         unsigned long long length, const unsigned char *salt,
                         unsigned long long passes_of_it, size_t memory, int algorithm)
{
    (void)password;
    (void)length;
    (void)passes_of_it;
    (void)memory;
    (void)algorithm;
    memset(out, salt[0], size);
    return 0;
}

static void compare_password(struct text hash)
{
    bool is_equal = false;
    ASSERT(!result_failed(password_compare(TEXT("correct horse"), hash, &is_equal)));
    ASSERT(!is_equal || text_starts_with(hash, TEXT("$argon2id$v=19$m=65536,t=2,p=1$")));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena arena;
    struct text rest = text_from((struct text){ (const char *)data, size }, 1);
    arena_init(&arena, MEMORY_MAXIMUM);
    switch (size > 0 ? data[0] : '\0') {
    case 'l':
        load_keys(rest);
        break;
    case 'c':
        read_changes(&arena, rest);
        break;
    case 's':
        read_scopes(&arena, rest);
        break;
    case 'i':
        read_projects(&arena, rest);
        break;
    case 'r':
        if (size > 1 && data[1] < TYPE_COUNT && types[data[1]] != NULL) {
            read_row(&arena, types[data[1]], text_from(rest, 1));
        }
        break;
    case 'p':
        compare_password(rest);
        break;
    default:
        break;
    }
    arena_reset(&arena);
    return 0;
}
