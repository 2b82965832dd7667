#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "os/files.h"
#include "server/commands.h"
#include "server/data_directory.h"
#include "server/database.h"
#include "store/directory.h"

/*
 * `orgkeys restore`. The backup is copied into the directory under a name of its own, and checked
 * there, before anything else is touched. A write-ahead log that is not a database's own would
 * damage it, and no two files change at once: so from the first step that a database could be
 * without its log, or with another's, to the last, the name STORE_RESTORED_NAME keeps everybody
 * from opening it.
 */
#define DATABASE_NAME "orgkeys.db"
enum { RESTORE_MEMORY_MAXIMUM = 128 * 1024, PRIVATE_FILE = 0600 };

struct restoring {
    struct text directory;
    struct arena arena;
    struct text database; /* DIR/orgkeys.db */
    struct text log;      /* beside it */
    struct text index;    /* of the log */
    struct text copy;     /* while it is written */
    struct text restored; /* once it is whole */
    struct text former;   /* where a database that was there is kept */
    struct text former_log;
    struct database_content content;
    bool has_former;
};

static struct result name_files(struct restoring *restoring)
{
    char moment[sizeof "20261122T153133Z"];
    struct tm calendar;
    time_t now = time(NULL);
    (void)gmtime_r(&now, &calendar);
    (void)strftime(moment, sizeof moment, "%Y%m%dT%H%M%SZ", &calendar);
    const struct {
        struct text *name;
        const char *first;
        const char *middle;
        const char *last;
    } names[] = {
        { &restoring->database, DATABASE_NAME, "", "" },
        { &restoring->log, DATABASE_NAME, "", "-wal" },
        { &restoring->index, DATABASE_NAME, "", "-shm" },
        { &restoring->copy, DATABASE_NAME, "", ".restoring" },
        { &restoring->restored, STORE_RESTORED_NAME, "", "" },
        { &restoring->former, DATABASE_NAME ".replaced-", moment, "" },
        { &restoring->former_log, DATABASE_NAME ".replaced-", moment, "-wal" },
    };
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        *names[i].name =
            arena_format(&restoring->arena, "%.*s/%s%s%s", TEXT_ARGUMENTS(restoring->directory),
                         names[i].first, names[i].middle, names[i].last);
        if (names[i].name->data == NULL) {
            return fault(ERROR_INTERNAL, "no memory for names");
        }
    }
    return RESULT_OK;
}

static bool is_there(struct text path)
{
    return access(path.data, F_OK) == 0;
}

/* An empty file that belongs to whom the directory belongs to, also where root runs this. */
static struct result make_copy_file(const struct restoring *restoring)
{
    struct stat owner;
    char directory[STORE_PATH_MAXIMUM];
    int descriptor = open(restoring->copy.data,
                          O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, PRIVATE_FILE);
    bool is_made = descriptor >= 0;
    data_file_path(directory, restoring->directory, ".");
    if (is_made && geteuid() == 0) {
        is_made =
            stat(directory, &owner) == 0 && fchown(descriptor, owner.st_uid, owner.st_gid) == 0;
    }
    struct result result = is_made
                               ? RESULT_OK
                               : fault(errno == ENOSPC ? ERROR_STORE_FULL : ERROR_STORE_UNAVAILABLE,
                                       "cannot make %s: %s", restoring->copy.data, strerror(errno));
    if (descriptor >= 0) {
        (void)close(descriptor);
    }
    return result;
}

/* The former database keeps its log, which may hold its newest commits, under the same new name. */
static struct result put_in_place(const struct restoring *restoring)
{
    TRY(file_rename(restoring->copy, restoring->restored));
    TRY(file_link(restoring->database, restoring->former));
    TRY(file_link(restoring->log, restoring->former_log));
    TRY(file_remove(restoring->index));
    TRY(file_remove(restoring->log));
    return file_rename(restoring->restored, restoring->database);
}

static struct result restore_into(struct restoring *restoring, const struct config *config,
                                  const struct database *backup)
{
    TRY(name_files(restoring));
    restoring->has_former = is_there(restoring->database) || is_there(restoring->log);
    if (restoring->has_former && !config->replace) {
        return fault(ERROR_STORE_UNAVAILABLE,
                     "%.*s has a database: give --replace to put the backup in its place, and keep "
                     "it under another name",
                     TEXT_ARGUMENTS(restoring->directory));
    }
    TRY(make_copy_file(restoring));
    struct result result = database_copy(backup, restoring->copy, &restoring->content);
    if (result_failed(result)) {
        (void)unlink(restoring->copy.data);
        return result;
    }
    return put_in_place(restoring);
}

static struct result restore(struct restoring *restoring, const struct config *config)
{
    struct database backup = { .store = NULL };
    struct store_directory directory;
    TRY(database_open_file(config->backup_file, &backup));
    struct result result = store_directory_lock(restoring->directory, &directory);
    if (!result_failed(result)) {
        result = restore_into(restoring, config, &backup);
        store_directory_release(&directory);
    }
    database_close(&backup);
    return result;
}

static int report(const struct restoring *restoring)
{
    struct buffer lines;
    buffer_init(&lines, DATABASE_LINE_MAXIMUM);
    buffer_append_format(&lines, "%s: ", restoring->database.data);
    database_write_content(&lines, &restoring->content);
    buffer_append_byte(&lines, '\n');
    int printed = command_print(buffer_text(&lines));
    buffer_free(&lines);
    if (restoring->has_former) {
        (void)fprintf(stderr, "What was there is kept as %s.\n", restoring->former.data);
    }
    (void)fputs("What was done after the backup is undone: keys that were revoked since are good "
                "again, and keys that were issued since are gone.\n",
                stderr);
    return printed;
}

int command_restore(struct config *config)
{
    struct restoring restoring = { .directory = config->data };
    if (config->database_url.data != NULL) {
        (void)fputs("orgkeys: restore is for SQLite; a PostgreSQL database is restored by "
                    "pg_restore (docs/operations.md, \"Restoring\")\n",
                    stderr);
        return EXIT_STATUS_USAGE;
    }
    database_end_by_signals();
    arena_init(&restoring.arena, RESTORE_MEMORY_MAXIMUM);
    struct result result = restore(&restoring, config);
    int status = result_failed(result)
                     ? command_failed("cannot restore", result, &(struct problem){ .param = "" })
                     : report(&restoring);
    arena_reset(&restoring.arena);
    return status;
}
