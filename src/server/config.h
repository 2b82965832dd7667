#ifndef ORGKEYS_SERVER_CONFIG_H
#define ORGKEYS_SERVER_CONFIG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/buffer.h"
#include "base/result.h"
#include "base/text.h"

/*
 * What the program was told, by flags, variables, a file and defaults, in this order of precedence.
 * The table in options.c says where each field comes from.
 */

enum {
    CONFIG_LIST_MAXIMUM = 64,           /* values of one option */
    CONFIG_FILE_MAXIMUM = 64 * 1024,    /* bytes of the configuration file */
    CONFIG_LINE_MAXIMUM = 1024,         /* bytes of one line of it */
    CONFIG_MEMORY_MAXIMUM = 512 * 1024, /* bytes of a struct config's texts */
};

struct config_list {
    const void *items; /* an array; the field's comment says of what */
    size_t count;
};

struct config {
    struct arena arena; /* holds what the fields point to; their texts end with a NUL */

    struct config_list listen;          /* struct text */
    struct config_list internal_listen; /* struct text */
    struct config_list trusted_proxies; /* struct network */
    struct text tls_certificate;        /* a PEM file; TEXT_NONE: no TLS */
    struct text tls_key;                /* the same */
    struct text public_url;             /* without a slash at the end */
    struct text database_url;           /* TEXT_NONE: SQLite in `data` */
    struct text data;
    struct text config_file;
    struct text ca_file; /* of `doctor`, which calls the server; TEXT_NONE: the system's */

    unsigned log_level;  /* enum log_level */
    unsigned log_format; /* enum log_format */

    int64_t threads; /* 0: one a processor */
    int64_t readers;
    int64_t read_queue;
    int64_t write_queue;
    int64_t connections_maximum;
    int64_t header_maximum;   /* bytes */
    int64_t body_maximum;     /* bytes */
    int64_t bodies_maximum;   /* bytes */
    int64_t request_timeout;  /* microseconds */
    int64_t idle_timeout;     /* microseconds */
    int64_t write_timeout;    /* microseconds */
    int64_t shutdown_timeout; /* microseconds */

    int64_t audit_log_retention; /* microseconds; 0: for ever */
    int64_t last_used_interval;  /* microseconds */
    int64_t max_staleness;       /* microseconds; 0: for ever */
    int64_t invite_lifetime;     /* microseconds */

    struct text owner_email;
    struct text owner_name;
    struct text organization_name;
    struct text organization_id; /* TEXT_NONE: the oldest */
    struct text admin_key;       /* TEXT_NONE: none was given */
    bool revoke_others;
    struct text copy_source; /* a directory of SQLite files */
    struct text backup_file; /* a SQLite database; TEXT_NONE: that of `data` */
    bool replace;

    bool help; /* --help was given; nothing else was looked at */
};

/* A command that takes options. */
struct config_command {
    const char *name;    /* "organization create" */
    unsigned command;    /* bits of enum option_command: whose options it takes */
    const char *summary; /* a sentence for --help */
};

/*
 * Reads the configuration of a command. `arguments` are those after the command's name, ended by
 * NULL; `environment` is environ. Variables that hold a secret are overwritten there and taken out,
 * so that neither /proc nor a child process shows them.
 *
 * When something is wrong, `complaint` gets one line for people, without its end, that names the
 * option and where it came from. It never holds a part of a secret.
 */
struct result config_load(const struct config_command *command, char **arguments,
                          char **environment, struct buffer *complaint, struct config *ret_config);
/* Wipes and frees. */
void config_free(struct config *config);

/*
 * Calls `say` for each variable ORGKEYS_... that no command has: most likely a slip. `nearest` is
 * the one that was meant, or TEXT_NONE; both texts are for people. What a variable holds may be a
 * secret, and is not looked at.
 */
typedef void config_say_unknown(void *context, struct text name, struct text nearest);
void config_find_unknown(char **environment, config_say_unknown *say, void *context);

/* The text of `--help`. */
void config_help(const struct config_command *command, struct buffer *buffer);
/* docs/configuration.md. */
void config_document(struct buffer *buffer);

#endif
