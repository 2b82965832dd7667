#ifndef ORGKEYS_CLI_CLI_H
#define ORGKEYS_CLI_CLI_H

#include <stdbool.h>
#include <stddef.h>

/*
 * The commands that work on this machine: `serve` and what else main.c knows, for help, completion
 * and the manual. Their flags are in their own table.
 */
struct shown_flag {
    const char *name;           /* without the dashes */
    const char *value_name;     /* NULL: it takes no value */
    const char *const *choices; /* ended by NULL; NULL: any value */
    const char *help;
    const char *preset; /* the default; NULL: none */
    bool is_required;
};

enum { LOCAL_FLAGS_MAXIMUM = 64, LOCAL_COMMANDS_MAXIMUM = 8 };

struct local_command {
    const char *words;
    const char *summary;
    const char *example;
    struct shown_flag flags[LOCAL_FLAGS_MAXIMUM];
    size_t flag_count;
};

struct local_commands {
    struct local_command items[LOCAL_COMMANDS_MAXIMUM];
    size_t count;
};

/*
 * Runs what speaks to a server, and `help`, `completion` and `manual`. `arguments` are those behind
 * the program's name, ended by NULL; `local` are the commands that are not in our table. Gives the
 * exit status.
 */
int cli_run(char **arguments, const struct local_commands *local);

/* What a doctor says: "ok", "note" or "wrong", of what, and what to mend. */
typedef void doctor_say(void *context, const char *verdict, const char *what, const char *detail);

/* What is known of a server that may be on this machine. */
struct doctor_site {
    bool is_there;            /* its data is */
    const char *data;         /* directory */
    const char *public_url;   /* without /v1 */
    const char *internal_url; /* where /readyz is alone; NULL: it is at the public one */
};

/*
 * Looks at the variables of clients, and at the server and the admin key that they name, which must
 * be there unless a server's own data is. `ca_file` is that of orgkeys_client_options.
 */
void cli_doctor(doctor_say *report, void *context, const char *ca_file,
                const struct doctor_site *site);

#endif
