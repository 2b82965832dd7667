#ifndef ORGKEYS_CLI_TABLE_H
#define ORGKEYS_CLI_TABLE_H

#include "cli/terminal.h"
#include "codec/json.h"

/* Objects of the API for people: aligned columns, local times, nothing that a terminal obeys. */
enum { TABLE_COLUMNS_MAXIMUM = 12, TABLE_MEMORY_MAXIMUM = 64 * 1024 * 1024 };

struct table {
    struct {
        struct text header;
        struct text paths;
        size_t width;
        bool can_shrink; /* where the terminal is narrow: names and addresses */
        bool is_left_out;
    } columns[TABLE_COLUMNS_MAXIMUM];
    size_t column_count;
    struct text spare;
    struct buffer cells; /* each ends with a NUL */
    bool has_header;     /* still to be printed */
};

/*
 * `columns` are words, header=path|path: of the paths the first one that there is. A path is names
 * separated by dots; `*` is the member that has the object's `type` for a name. A column without a
 * header has the path's. `spare` are the headers of those that are left out, the first one first,
 * where a terminal is too narrow; NULL: none.
 */
void table_init(struct table *table, const char *columns, const char *spare);
void table_free(struct table *table);

/* False: there is no more room. */
bool table_add_object(struct table *table, const struct json_value *object);

/* Prints what was added, and forgets it; widths stay, and the header is printed once. */
bool table_print(struct table *table, const struct terminal *terminal);

/*
 * Prints one object, a line a member, but for the one at the path `left_out`.
 */
bool record_print(const struct json_value *object, const char *left_out,
                  const struct terminal *terminal, bool to_error);

/* The value at a path; NULL: there is none, or it is null. */
const struct json_value *json_at(const struct json_value *object, struct text path);

#endif
