#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/cli.h"
#include "codec/digest.h"
#include "codec/json.h"
#include "server/commands.h"
#include "server/config_value.h"
#include "server/doctor.h"
#include "server/options.h"
#include "server/public_url.h"

enum { OUTPUT_MAXIMUM = 64 * 1024 };

/* The one command that looks from both sides: at the server's files, and at its API. */
static int command_doctor(struct config *config)
{
    struct doctor doctor = { .wrong = 0 };
    const struct text *addresses = config->listen.items;
    const struct text *internal = config->internal_listen.items;
    struct doctor_site site = { .is_there = doctor_inspect(&doctor, config),
                                .data = config->data.data };
    site.public_url = public_url(config, addresses[0], &config->arena).data;
    if (config->internal_listen.count > 0 && !text_starts_with(internal[0], TEXT("unix:"))) {
        site.internal_url = url_of_address(internal[0], &config->arena).data;
    }
    cli_doctor(doctor_report, &doctor, config->ca_file.data, &site);
    return doctor.wrong > 0 ? EXIT_STATUS_FAILURE : EXIT_STATUS_OK;
}

static const struct command {
    struct config_command config;
    const char *example;
    int (*run)(struct config *config);
} commands[] = {
    { { "serve", OPTION_OF_SERVE, "Serves the API until SIGTERM." },
      "orgkeys serve --listen 127.0.0.1:9000 --data /var/lib/orgkeys",
      command_serve },
    { { "recover", OPTION_OF_RECOVER,
        "Makes a new admin key, when all are lost. A server on SQLite must be stopped; nodes on "
        "PostgreSQL go on." },
      "orgkeys recover --data /var/lib/orgkeys",
      command_recover },
    { { "organization create", OPTION_OF_ORGANIZATION_CREATE,
        "Adds another organization and prints its first admin key. A server on SQLite must be "
        "stopped; nodes on PostgreSQL go on." },
      "orgkeys organization create --data /var/lib/orgkeys --name Second",
      command_organization_create },
    { { "store copy", OPTION_OF_STORE_COPY,
        "Copies all of a SQLite directory into a new PostgreSQL database; the server must be "
        "stopped." },
      "orgkeys store copy --from sqlite:/var/lib/orgkeys --to postgresql://orgkeys@db1/orgkeys",
      command_store_copy },
    { { "backup", OPTION_OF_BACKUP,
        "Writes a consistent copy of a SQLite database to a file, and checks it; the server goes "
        "on." },
      "orgkeys backup --data /var/lib/orgkeys --to /var/backups/orgkeys-2026-11-22.db",
      command_backup },
    { { "restore", OPTION_OF_RESTORE,
        "Checks a backup and puts it into a data directory; the server must be stopped. Keys that "
        "were revoked after the backup are good again." },
      "orgkeys restore --data /var/lib/orgkeys --from /var/backups/orgkeys-2026-11-22.db --replace",
      command_restore },
    { { "check", OPTION_OF_CHECK,
        "Looks whether the database is whole, what its rows refer to is there, and a server would "
        "know each key as it is there; changes nothing, the server may run." },
      "orgkeys check --data /var/lib/orgkeys",
      command_check },
    { { "doctor", OPTION_OF_SERVE | OPTION_OF_DOCTOR,
        "Looks at the configuration, the files, the database, the server and the admin key, and "
        "says what to mend; give it the flags of `serve`." },
      "orgkeys doctor --data /var/lib/orgkeys",
      command_doctor },
};

int command_failed(const char *text, struct result result, const struct problem *problem)
{
    struct text reason = fault_take_reason();
    struct buffer message;
    buffer_init(&message, OUTPUT_MAXIMUM);
    if (reason.data != NULL) {
        buffer_append(&message, reason);
    } else {
        problem_write_message(problem, result.error, &message);
    }
    (void)fprintf(stderr, "orgkeys: %s: %.*s\n", text, TEXT_ARGUMENTS(buffer_text(&message)));
    buffer_free(&message);
    return EXIT_STATUS_FAILURE;
}

/* Who reads may have had enough, as `head` has: that is not worth a word. */
int command_print(struct text text)
{
    if (fwrite(text.data != NULL ? text.data : "", 1, text.length, stdout) == text.length &&
        fflush(stdout) == 0) {
        return EXIT_STATUS_OK;
    }
    if (errno != EPIPE) {
        (void)fprintf(stderr, "orgkeys: cannot write to standard output: %s\n", strerror(errno));
    }
    return EXIT_STATUS_FAILURE;
}

_Static_assert(sizeof commands / sizeof commands[0] <= LOCAL_COMMANDS_MAXIMUM &&
                   (int)OPTIONS_MAXIMUM <= (int)LOCAL_FLAGS_MAXIMUM,
               "describe_commands has room for all");

/* Our commands as help, completion and the manual show them: the flags are options. */
static void describe_commands(struct local_commands *ret_local)
{
    ret_local->count = sizeof commands / sizeof commands[0];
    for (size_t i = 0; i < ret_local->count; i++) {
        struct local_command *local = &ret_local->items[i];
        *local = (struct local_command){ .words = commands[i].config.name,
                                         .summary = commands[i].config.summary,
                                         .example = commands[i].example };
        for (size_t j = 0; j < option_count; j++) {
            const struct option *option = &options[j];
            if ((option->commands & commands[i].config.command) != 0 &&
                option->use != OPTION_USE_VARIABLE) {
                local->flags[local->flag_count++] =
                    (struct shown_flag){ .name = option->name,
                                         .value_name = option_traits(option->kind)->value_name,
                                         .choices = option->choices,
                                         .help = option->help,
                                         .preset = option->preset,
                                         .is_required = option->use == OPTION_USE_REQUIRED };
            }
        }
    }
}

/* The command that the first words name; *ret_words is how many they are. */
static const struct command *find_command(char **arguments, int *ret_words)
{
    for (size_t i = 0; i < sizeof commands / sizeof commands[0]; i++) {
        struct text rest = text_of(commands[i].config.name);
        int words = 0;
        bool same = true;
        while (same && rest.length > 0) {
            struct text word = text_cut(&rest, ' ');
            same = arguments[words] != NULL && text_equal(text_of(arguments[words]), word);
            words++;
        }
        if (same) {
            *ret_words = words;
            return &commands[i];
        }
    }
    return NULL;
}

/*
 * A standard stream that came closed: a file or a socket would be opened in its place, and what is
 * printed would go into it. This way reading and writing it fail.
 */
static bool open_closed_streams(void)
{
    for (int stream = STDIN_FILENO; stream <= STDERR_FILENO; stream++) {
        int mode = stream == STDIN_FILENO ? O_WRONLY : O_RDONLY;
        if (fcntl(stream, F_GETFD) < 0 && open("/dev/null", mode) != stream) {
            return false;
        }
    }
    return true;
}

/* Neither a core file nor another process of the same user may show what memory holds. */
static void protect_memory(void)
{
    struct rlimit no_core = { 0, 0 };
    (void)prctl(PR_SET_DUMPABLE, 0);
    (void)setrlimit(RLIMIT_CORE, &no_core);
    (void)umask(S_IRWXG | S_IRWXO);
}

static int run_command(const struct command *command, char **arguments)
{
    struct config config;
    struct buffer output;
    int status;
    buffer_init(&output, OUTPUT_MAXIMUM);
    struct result result = config_load(&command->config, arguments, environ, &output, &config);
    if (result_failed(result)) {
        (void)fprintf(stderr, "orgkeys: %.*s\n", TEXT_ARGUMENTS(buffer_text(&output)));
        buffer_free(&output);
        return EXIT_STATUS_USAGE;
    }
    if (config.help) {
        config_help(&command->config, &output);
        buffer_append_format(&output, "\nExample:\n  %s\n", command->example);
        status = command_print(buffer_text(&output));
    } else {
        status = command->run(&config);
    }
    buffer_free(&output);
    config_free(&config);
    return status;
}

/* `help serve` is `serve --help`. */
static int run_here(const struct command *command, char **rest, bool asks)
{
    char help[] = "--help";
    json_initialize();
    struct result result = digest_initialize();
    if (result_failed(result)) {
        return command_failed("cannot start", result, &(struct problem){ .param = "" });
    }
    return run_command(command, asks ? (char *[]){ help, NULL } : rest);
}

static int run_through_api(char **arguments)
{
    struct local_commands *local = calloc(1, sizeof *local);
    if (local == NULL) {
        (void)fputs("orgkeys: there is not enough memory\n", stderr);
        return EXIT_STATUS_FAILURE;
    }
    describe_commands(local);
    int status = cli_run(arguments, local);
    free(local);
    return status;
}

int main(int argument_count, char **arguments)
{
    int words = 0;
    const char *first = argument_count > 1 ? arguments[1] : "";
    bool asks = strcmp(first, "help") == 0;
    if (!open_closed_streams()) {
        return EXIT_STATUS_FAILURE;
    }
    protect_memory();
    (void)signal(SIGPIPE, SIG_IGN);
    const struct command *command =
        argument_count > 1 ? find_command(arguments + 1 + asks, &words) : NULL;
    return command != NULL ? run_here(command, arguments + 1 + asks + words, asks)
                           : run_through_api(arguments + (argument_count > 0));
}
