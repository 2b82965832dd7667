#ifndef ORGKEYS_SERVER_OPTIONS_H
#define ORGKEYS_SERVER_OPTIONS_H

#include <stddef.h>
#include <stdint.h>

/*
 * Every option of the program, in one table (options.c): the parsers of flags, variables and lines,
 * --help and docs/configuration.md are made from it.
 */

/* What a value is; each has a row in config_value.c. In brackets: the field it is put into. */
enum option_kind {
    OPTION_ADDRESSES,   /* host:port or unix:PATH [struct config_list of struct text] */
    OPTION_CHOICE,      /* one of the words in `choices` [unsigned, the word's index] */
    OPTION_DATABASE,    /* postgresql://..., as a flag without a password [struct text] */
    OPTION_DIRECTORY,   /* [struct text] */
    OPTION_DURATION,    /* "10s" [int64_t, microseconds] */
    OPTION_EMAIL,       /* [struct text] */
    OPTION_FILE,        /* [struct text] */
    OPTION_INTEGER,     /* [int64_t] */
    OPTION_NETWORKS,    /* [struct config_list of struct network] */
    OPTION_SECRET,      /* by variable only [struct text] */
    OPTION_SECRET_FILE, /* the file that holds a secret [struct text, the secret] */
    OPTION_SIZE,        /* "16KiB" [int64_t, bytes] */
    OPTION_SQLITE,      /* sqlite:DIRECTORY [struct text, the directory] */
    OPTION_SWITCH,      /* a flag without a value [bool] */
    OPTION_TEXT,        /* [struct text] */
    OPTION_URL,         /* http or https, without a slash at the end [struct text] */
    OPTION_KIND_COUNT
};

/* Which commands take an option: bits. */
enum option_command {
    OPTION_OF_SERVE = 1,
    OPTION_OF_RECOVER = 2,
    OPTION_OF_ORGANIZATION_CREATE = 4,
    OPTION_OF_STORE_COPY = 8,
    OPTION_OF_DOCTOR = 16, /* which takes those of `serve` too */
    OPTION_OF_BACKUP = 32,
    OPTION_OF_RESTORE = 64,
    OPTION_OF_CHECK = 128,
};

enum option_section {
    OPTION_SECTION_GENERAL,
    OPTION_SECTION_NETWORK,
    OPTION_SECTION_LOG,
    OPTION_SECTION_RULES,
    OPTION_SECTION_LIMITS,
    OPTION_SECTION_OWNER,
    OPTION_SECTION_COPY,
    OPTION_SECTION_COUNT
};
extern const char *const option_section_titles[OPTION_SECTION_COUNT];

/* Where else than everywhere an option is given. */
enum option_use {
    OPTION_USE_ANY,      /* flag, variable, line of the file */
    OPTION_USE_FLAG,     /* flag alone: it is about one call of the command */
    OPTION_USE_REQUIRED, /* flag alone, and the command cannot do without it */
    OPTION_USE_NOT_FILE, /* flag and variable */
    OPTION_USE_VARIABLE, /* variable alone: a flag would show in lists of processes */
};

struct option {
    const char *name; /* "max-body-size": --max-body-size, ORGKEYS_MAX_BODY_SIZE */
    enum option_section section;
    enum option_kind kind;
    enum option_use use;
    unsigned commands;
    size_t offset;      /* of its field in struct config */
    const char *preset; /* the default, as it would be written; NULL: none */
    int64_t minimum;    /* of a number or of a length, in characters; both 0: no range */
    int64_t maximum;
    const char *const *choices; /* ended by NULL */
    const char *help;           /* a few sentences; Markdown, but readable as it stands */
};

enum { OPTIONS_MAXIMUM = 48 };
extern const struct option options[];
extern const size_t option_count; /* at most OPTIONS_MAXIMUM */

#endif
