#ifndef ORGKEYS_CLI_FLAGS_H
#define ORGKEYS_CLI_FLAGS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "cli/command.h"
#include "model/field.h"

/* The flags of a command: the ids of its path, the fields of its query and body, and its settings.
 */
enum flag_kind {
    FLAG_SWITCH, /* takes no value [int64_t] */
    FLAG_TEXT,
    FLAG_INTEGER,
    FLAG_DURATION, /* "90d" [int64_t, seconds] */
    FLAG_TIME,     /* "2h" ago, "2026-01-31", "2026-01-31T12:00:00Z" [int64_t, since 1970] */
    FLAG_DEADLINE, /* "7d" from now; else as FLAG_TIME */
    FLAG_TEXTS,    /* can be repeated [struct text_list] */
    FLAG_ROLES,    /* PROJECT_ID:ROLE, can be repeated [struct object_list of two texts] */
    FLAG_SECRET,   /* a switch: the value comes from standard input [struct text] */
};

enum flag_place { FLAG_OF_PATH, FLAG_OF_QUERY, FLAG_OF_INPUT, FLAG_OF_SETTINGS };

enum {
    FLAG_NAME_MAXIMUM = 64,
    FLAGS_MAXIMUM = 32,
    FLAG_VALUES_MAXIMUM = 100,
    FLAG_BYTES_MAXIMUM = 1024
};

struct flag {
    char name[FLAG_NAME_MAXIMUM]; /* without the dashes */
    enum flag_kind kind;
    enum flag_place place;
    size_t offset; /* of its member; in a path, the number of the id */
    bool is_required;
    const char *const *choices; /* ended by NULL; NULL: any */
    const char *help;
};

enum output_format { FORMAT_TABLE, FORMAT_JSON, FORMAT_JSONL };

/* What a command is told apart from what the operation takes. */
struct settings {
    struct text base_url;
    struct text ca_file;
    struct text auth_url;
    int64_t timeout; /* seconds */
    int64_t retries;
    struct text format;
    int64_t all;
    int64_t yes;
    int64_t follow;
    int64_t help;
    struct text organization;
    struct text project;
    struct text_list scopes;
};

extern const struct object_type settings_type; /* so that object_clear can clear it */

/* Gives how many there are. */
size_t command_flags(const struct command *command, struct flag ret_flags[FLAGS_MAXIMUM]);

/* "PROJECT_ID", "DURATION", "asc|desc"; NULL where there is no value. */
const char *flag_value_name(const struct flag *flag);
bool flag_takes_value(const struct flag *flag);

#endif
