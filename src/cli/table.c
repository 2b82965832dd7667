#include "cli/table.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/result.h"

enum {
    GAP = 2,
    WIDTH_MINIMUM = 8,
    NAME_MAXIMUM = 128,
    TIME_MAXIMUM = 32,
    PATH_MAXIMUM = 512,
    LINES_MAXIMUM = 2 * TABLE_MEMORY_MAXIMUM
};

/* ---- Values ---- */

static const struct json_value *member_named(const struct json_value *object, struct text name)
{
    char spelled[NAME_MAXIMUM];
    if (text_is_empty(name) || name.length >= sizeof spelled) {
        return NULL;
    }
    (void)snprintf(spelled, sizeof spelled, "%.*s", TEXT_ARGUMENTS(name));
    return json_member(object, spelled);
}

static const struct json_value *member_of(const struct json_value *object, struct text name)
{
    if (text_equal(name, TEXT("*"))) {
        const struct json_value *type = json_member(object, "type");
        name =
            type != NULL && json_type_of(type) == JSON_TYPE_TEXT ? json_read_text(type) : TEXT_NONE;
    }
    return member_named(object, name);
}

const struct json_value *json_at(const struct json_value *object, struct text path)
{
    const struct json_value *value = object;
    while (value != NULL && path.length > 0) {
        value =
            json_type_of(value) == JSON_TYPE_OBJECT ? member_of(value, text_cut(&path, '.')) : NULL;
    }
    return value != NULL && json_type_of(value) != JSON_TYPE_NULL ? value : NULL;
}

/* Names of times end in _at; a user's `created` is one too. */
static bool is_time(struct text path)
{
    return text_ends_with(path, TEXT("_at")) || text_ends_with(path, TEXT("created"));
}

static void append_time(struct buffer *buffer, int64_t time)
{
    char written[TIME_MAXIMUM];
    struct tm parts;
    time_t seconds = time;
    if (localtime_r(&seconds, &parts) != NULL &&
        strftime(written, sizeof written, "%Y-%m-%d %H:%M:%S", &parts) > 0) {
        buffer_append(buffer, text_of(written));
    } else {
        buffer_append_integer(buffer, time);
    }
}

static void append_value(struct buffer *buffer, struct text path, const struct json_value *value);

static void append_array(struct buffer *buffer, struct text path, const struct json_value *array)
{
    for (size_t i = 0; i < json_array_length(array); i++) {
        if (i > 0) {
            buffer_append(buffer, TEXT(", "));
        }
        append_value(buffer, path, json_array_at(array, i));
    }
}

struct inner {
    struct buffer *buffer;
    const struct json_value *object;
    bool is_first;
};

static bool append_member(void *context, struct text name)
{
    struct inner *inner = context;
    const struct json_value *value = member_named(inner->object, name);
    buffer_append(inner->buffer, inner->is_first ? TEXT("") : TEXT(" "));
    append_harmless(inner->buffer, name);
    buffer_append_byte(inner->buffer, '=');
    if (value != NULL) {
        append_value(inner->buffer, name, value);
    }
    inner->is_first = false;
    return true;
}

/* One of a list's, such as an invite's projects: "id=proj_1 role=member". */
static void append_object(struct buffer *buffer, const struct json_value *object)
{
    struct inner inner = { buffer, object, true };
    (void)json_each_member(object, append_member, &inner);
}

static void append_json(struct buffer *buffer, const struct json_value *value)
{
    struct buffer json;
    buffer_init(&json, TABLE_MEMORY_MAXIMUM);
    json_print(value, &json);
    append_harmless(buffer, buffer_text(&json));
    buffer_free(&json);
}

static void append_value(struct buffer *buffer, struct text path, const struct json_value *value)
{
    switch (json_type_of(value)) {
    case JSON_TYPE_TEXT:
        append_harmless(buffer, json_read_text(value));
        break;
    case JSON_TYPE_INTEGER:
        if (is_time(path)) {
            append_time(buffer, json_read_integer(value));
        } else {
            buffer_append_integer(buffer, json_read_integer(value));
        }
        break;
    case JSON_TYPE_BOOLEAN:
        buffer_append(buffer, json_read_boolean(value) ? TEXT("yes") : TEXT("no"));
        break;
    case JSON_TYPE_ARRAY:
        append_array(buffer, path, value);
        break;
    case JSON_TYPE_OBJECT:
        append_object(buffer, value);
        break;
    default:
        append_json(buffer, value);
    }
}

/* An empty cell would look like a missing column. */
static void end_cell(struct buffer *cells, size_t start)
{
    if (cells->length == start) {
        buffer_append_byte(cells, '-');
    }
    buffer_append_byte(cells, '\0');
}

/* ---- Columns ---- */

static struct text last_name(struct text path)
{
    struct text name = path;
    while (text_find(name, '.') < name.length) {
        (void)text_cut(&name, '.');
    }
    return name;
}

/* What is of any length, and still says something when it is cut. */
static bool can_be_cut(struct text header)
{
    static const char *const names[] = { "name", "email", "owner", "actor", "project" };
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        if (text_equal(header, text_of(names[i]))) {
            return true;
        }
    }
    return false;
}

void table_init(struct table *table, const char *columns, const char *spare)
{
    struct text rest = text_of(columns);
    *table = (struct table){ .has_header = true, .spare = text_of(spare) };
    buffer_init(&table->cells, TABLE_MEMORY_MAXIMUM);
    while (rest.length > 0) {
        struct text column = text_cut(&rest, ' ');
        struct text header = last_name(column);
        ASSERT(table->column_count < TABLE_COLUMNS_MAXIMUM);
        if (text_find(column, '=') < column.length) {
            header = text_cut(&column, '=');
        }
        size_t i = table->column_count++;
        table->columns[i].header = header;
        table->columns[i].paths = column;
        table->columns[i].width = header.length;
        table->columns[i].can_shrink = can_be_cut(header);
    }
}

void table_free(struct table *table)
{
    buffer_free(&table->cells);
}

static bool widen(struct table *table, size_t column, size_t start)
{
    struct buffer *cells = &table->cells;
    end_cell(cells, start);
    if (cells->failed) {
        return false;
    }
    size_t width = text_width((struct text){ cells->data + start, cells->length - start - 1 });
    if (width > table->columns[column].width) {
        table->columns[column].width = width;
    }
    return true;
}

bool table_add_object(struct table *table, const struct json_value *object)
{
    for (size_t i = 0; i < table->column_count; i++) {
        struct text paths = table->columns[i].paths;
        size_t start = table->cells.length;
        while (paths.length > 0 && table->cells.length == start) {
            struct text path = text_cut(&paths, '|');
            const struct json_value *value = json_at(object, path);
            if (value != NULL) {
                append_value(&table->cells, path, value);
            }
        }
        if (!widen(table, i, start)) {
            return false;
        }
    }
    return true;
}

/* ---- Printing ---- */

/* Of the lines, where each column is at most that wide which can be cut. */
static size_t total_width(const struct table *table, size_t cut_to)
{
    size_t total = 0;
    for (size_t i = 0; i < table->column_count; i++) {
        size_t width = table->columns[i].width;
        if (!table->columns[i].is_left_out) {
            width = table->columns[i].can_shrink && width > cut_to ? cut_to : width;
            total += width + (total > 0 ? GAP : 0);
        }
    }
    return total;
}

/* Leaves columns out until cutting the others is enough. */
static void leave_out(struct table *table, size_t limit)
{
    while (limit > 0 && table->spare.length > 0 && total_width(table, WIDTH_MINIMUM) > limit) {
        struct text header = text_cut(&table->spare, ' ');
        for (size_t i = 0; i < table->column_count; i++) {
            if (text_equal(table->columns[i].header, header)) {
                table->columns[i].is_left_out = true;
            }
        }
    }
}

/* Takes a column's width from the widest that can give some, until the lines fit. */
static void fit(struct table *table, size_t limit)
{
    size_t total = total_width(table, SIZE_MAX);
    while (limit > 0 && total > limit) {
        size_t widest = table->column_count;
        for (size_t i = 0; i < table->column_count; i++) {
            if (table->columns[i].can_shrink && !table->columns[i].is_left_out &&
                table->columns[i].width > WIDTH_MINIMUM &&
                (widest == table->column_count ||
                 table->columns[i].width > table->columns[widest].width)) {
                widest = i;
            }
        }
        if (widest == table->column_count) {
            return;
        }
        table->columns[widest].width--;
        total--;
    }
}

/* As many characters as have room, the last one being an ellipsis where some have not. */
static void append_cut(struct buffer *line, struct text cell, size_t width)
{
    if (text_width(cell) <= width) {
        buffer_append(line, cell);
        return;
    }
    buffer_append(line, text_fitting(cell, width - 1));
    buffer_append(line, TEXT("…"));
}

static void append_line(const struct table *table, struct buffer *line,
                        struct text cells[TABLE_COLUMNS_MAXIMUM], bool can_cut)
{
    size_t blanks = 0; /* between the column before and the next */
    for (size_t i = 0; i < table->column_count; i++) {
        if (table->columns[i].is_left_out) {
            continue;
        }
        buffer_append_format(line, "%*s", (int)blanks, "");
        size_t width = table->columns[i].width;
        size_t start = line->length;
        append_cut(line, cells[i], can_cut ? width : SIZE_MAX);
        size_t used = text_width((struct text){ line->data + start, line->length - start });
        blanks = (used < width ? width - used : 0) + GAP;
    }
    buffer_append_byte(line, '\n');
}

static void append_header(struct table *table, struct buffer *line, bool has_color)
{
    char letters[TABLE_COLUMNS_MAXIMUM][NAME_MAXIMUM];
    struct text cells[TABLE_COLUMNS_MAXIMUM];
    for (size_t i = 0; i < table->column_count; i++) {
        struct text header = text_until(table->columns[i].header, NAME_MAXIMUM);
        for (size_t j = 0; j < header.length; j++) {
            char letter = header.data[j];
            letters[i][j] = (char)(letter >= 'a' && letter <= 'z' ? letter - 'a' + 'A' : letter);
            letters[i][j] = (char)(letter == '_' ? ' ' : letters[i][j]);
        }
        cells[i] = (struct text){ letters[i], header.length };
    }
    buffer_append(line, has_color ? TEXT("\033[1m") : TEXT(""));
    append_line(table, line, cells, false);
    if (has_color) {
        line->length--;
        buffer_append(line, TEXT("\033[0m\n"));
    }
}

/* One text that is very long makes a column, and with it every line, as wide. */
static bool print_lines(const struct buffer *lines)
{
    if (lines->failed) {
        (void)fputs("orgkeys: this is too much for a table: --format jsonl has no limit\n", stderr);
        return false;
    }
    return print(lines);
}

bool table_print(struct table *table, const struct terminal *terminal)
{
    struct text rest = buffer_text(&table->cells);
    struct buffer lines;
    bool on_terminal = terminal->out_is_terminal;
    buffer_init(&lines, LINES_MAXIMUM);
    if (table->has_header) {
        leave_out(table, on_terminal ? terminal->width : 0);
    }
    fit(table, on_terminal ? terminal->width : 0);
    if (table->has_header) {
        append_header(table, &lines, on_terminal && terminal->has_color);
        table->has_header = false;
    }
    while (rest.length > 0) {
        struct text cells[TABLE_COLUMNS_MAXIMUM];
        for (size_t i = 0; i < table->column_count; i++) {
            cells[i] = text_cut(&rest, '\0');
        }
        append_line(table, &lines, cells, on_terminal);
    }
    bool is_printed = print_lines(&lines);
    buffer_free(&lines);
    buffer_clear(&table->cells);
    return is_printed;
}

/* ---- Records ---- */

struct record {
    struct table table; /* of names and values */
    const struct json_value *object;
    struct text prefix;
    struct text left_out;
};

static bool add_member(void *context, struct text name);

static void add_members(struct record *record, const struct json_value *object, struct text prefix)
{
    struct record inner = *record;
    inner.object = object;
    inner.prefix = prefix;
    (void)json_each_member(object, add_member, &inner);
    record->table = inner.table;
}

static void add_row(struct record *record, struct text path, const struct json_value *value)
{
    struct buffer *cells = &record->table.cells;
    size_t start = cells->length;
    append_harmless(cells, path);
    if (!widen(&record->table, 0, start)) {
        return;
    }
    start = cells->length;
    if (value != NULL) {
        append_value(cells, path, value);
    }
    (void)widen(&record->table, 1, start);
}

/* `object` says what people see anyway. */
static bool add_member(void *context, struct text name)
{
    struct record *record = context;
    char written[PATH_MAXIMUM];
    (void)snprintf(written, sizeof written, "%.*s%s%.*s", TEXT_ARGUMENTS(record->prefix),
                   record->prefix.length > 0 ? "." : "", TEXT_ARGUMENTS(name));
    struct text path = text_of(written);
    const struct json_value *value = member_named(record->object, name);
    if (text_equal(path, record->left_out) || text_equal(name, TEXT("object"))) {
        return true;
    }
    if (value != NULL && json_type_of(value) == JSON_TYPE_NULL) {
        value = NULL;
    }
    if (value != NULL && json_type_of(value) == JSON_TYPE_OBJECT) {
        add_members(record, value, path);
    } else {
        add_row(record, path, value);
    }
    return true;
}

bool record_print(const struct json_value *object, const char *left_out,
                  const struct terminal *terminal, bool to_error)
{
    struct record record = { .left_out = text_of(left_out) };
    struct buffer lines;
    bool has_color =
        terminal->has_color && (to_error ? terminal->error_is_terminal : terminal->out_is_terminal);
    buffer_init(&lines, LINES_MAXIMUM);
    table_init(&record.table, "name value", NULL);
    record.table.columns[0].width = 0;
    add_members(&record, object, TEXT(""));
    struct text rest = buffer_text(&record.table.cells);
    while (rest.length > 0) {
        struct text name = text_cut(&rest, '\0');
        struct text value = text_cut(&rest, '\0');
        int blanks = (int)(record.table.columns[0].width - text_width(name) + GAP);
        buffer_append_format(&lines, "%s%.*s%s%*s%.*s\n", has_color ? "\033[1m" : "",
                             TEXT_ARGUMENTS(name), has_color ? "\033[0m" : "", blanks, "",
                             TEXT_ARGUMENTS(value));
    }
    bool is_printed = true;
    if (to_error) {
        (void)fprintf(stderr, "%.*s", TEXT_ARGUMENTS(buffer_text(&lines)));
    } else {
        is_printed = print_lines(&lines);
    }
    buffer_free(&lines);
    table_free(&record.table);
    return is_printed;
}
