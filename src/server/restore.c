#include <limits.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "os/files.h"
#include "server/commands.h"
#include "server/database.h"
#include "store/directory.h"

/*
 * `orgkeys restore`. The backup is copied into the directory under a name of its own, and checked
 * there, before anything else is touched. A write-ahead log that is not a database's own would
 * damage it, and no two files change at once: so from before the first step to the last, the name
 * STORE_RESTORED_NAME keeps everybody from opening the database. A restore that was interrupted is
 * run again from the beginning, and finds each step that was done as done.
 */
#define DATABASE_NAME "orgkeys.db"
#define LOG_ENDING "-wal"
enum {
    FORMER_MAXIMUM = 1000,
    DECIMAL_MAXIMUM = 12,
    NAMED_FILES = 5, /* beside those of former databases, each with its log */
    RESTORE_MEMORY_MAXIMUM = (NAMED_FILES + 2 * FORMER_MAXIMUM) * PATH_MAX,
};

struct restoring {
    struct text directory;
    struct text database; /* DIR/orgkeys.db */
    struct text log;      /* beside it */
    struct text index;    /* of the log */
    struct text copy;     /* while it is written */
    struct text restored; /* once it is whole */
    struct text former;   /* where a database that was there is kept; empty: there was none */
    struct database_content content;
    struct arena arena;
};

static struct result name_file(struct restoring *restoring, const char *name, const char *ending,
                               struct text *ret_path)
{
    *ret_path = arena_format(&restoring->arena, "%.*s/%s%s", TEXT_ARGUMENTS(restoring->directory),
                             name, ending);
    return ret_path->data != NULL ? RESULT_OK : fault(ERROR_INTERNAL, "no memory for names");
}

static struct result name_files(struct restoring *restoring)
{
    TRY(name_file(restoring, DATABASE_NAME, "", &restoring->database));
    TRY(name_file(restoring, DATABASE_NAME, LOG_ENDING, &restoring->log));
    TRY(name_file(restoring, DATABASE_NAME, "-shm", &restoring->index));
    TRY(name_file(restoring, DATABASE_NAME, ".restoring", &restoring->copy));
    return name_file(restoring, STORE_RESTORED_NAME, "", &restoring->restored);
}

static bool is_there(struct text path)
{
    struct stat status;
    return lstat(path.data, &status) == 0;
}

static bool is_same_file(struct text one, struct text other)
{
    struct stat first;
    struct stat second;
    return lstat(one.data, &first) == 0 && lstat(other.data, &second) == 0 &&
           first.st_dev == second.st_dev && first.st_ino == second.st_ino;
}

static struct result write_copy(struct restoring *restoring, const struct database *backup)
{
    int descriptor;
    TRY(file_remove(restoring->copy));
    TRY(file_make(restoring->copy, &descriptor));
    struct result result = database_copy(backup, restoring->copy, descriptor, &restoring->content);
    (void)close(descriptor);
    if (result_failed(result)) {
        (void)unlink(restoring->copy.data);
    }
    return result;
}

/*
 * The former database keeps its log, which may hold its newest commits, under the same new name.
 * Both have two names for a while, the log first: where the database has two already, a restore
 * that was interrupted came so far, and may have taken the log away.
 */
static struct result keep_former(struct restoring *restoring)
{
    for (int number = 1; number <= FORMER_MAXIMUM; number++) {
        char ending[DECIMAL_MAXIMUM + sizeof LOG_ENDING];
        struct text log;
        (void)snprintf(ending, sizeof ending, "%d", number);
        TRY(name_file(restoring, DATABASE_NAME ".replaced-", ending, &restoring->former));
        (void)snprintf(ending, sizeof ending, "%d" LOG_ENDING, number);
        TRY(name_file(restoring, DATABASE_NAME ".replaced-", ending, &log));
        if (is_same_file(restoring->database, restoring->former)) {
            return RESULT_OK;
        }
        bool is_kept = is_same_file(restoring->log, log);
        if (is_there(restoring->former) || (is_there(log) && !is_kept)) {
            continue;
        }
        if (!is_kept) {
            TRY(file_link(restoring->log, log));
        }
        return file_link(restoring->database, restoring->former);
    }
    return fault(ERROR_STORE_FULL, "%.*s has %d former databases: take some away",
                 TEXT_ARGUMENTS(restoring->directory), FORMER_MAXIMUM);
}

static struct result put_in_place(struct restoring *restoring)
{
    bool was_interrupted = is_there(restoring->restored);
    TRY(file_rename(restoring->copy, restoring->restored));
    if (is_there(restoring->database) || is_there(restoring->log)) {
        struct result result = keep_former(restoring);
        bool is_linked =
            restoring->former.data == NULL || is_same_file(restoring->database, restoring->former);
        if (result_failed(result) && !was_interrupted && !is_linked) {
            /* Nothing was done to the former database, which can be opened again. */
            (void)unlink(restoring->restored.data);
        }
        TRY(result);
    }
    TRY(file_remove(restoring->index));
    TRY(file_remove(restoring->log));
    return file_rename(restoring->restored, restoring->database);
}

static struct result restore_into(struct restoring *restoring, const struct config *config,
                                  const struct database *backup)
{
    TRY(name_files(restoring));
    bool has_former =
        is_there(restoring->database) || is_there(restoring->log) || is_there(restoring->restored);
    if (has_former && !config->replace) {
        return fault(ERROR_STORE_UNAVAILABLE,
                     "%.*s has a database: give --replace to put the backup in its place, and keep "
                     "it under another name",
                     TEXT_ARGUMENTS(restoring->directory));
    }
    TRY(write_copy(restoring, backup));
    return put_in_place(restoring);
}

/* What only root may read is open before root becomes the owner of the directory. */
static struct result restore(struct restoring *restoring, const struct config *config)
{
    struct database backup = { .store = NULL };
    struct store_directory directory = { .lock = STORE_NOT_HELD };
    TRY(database_open_file(config->backup_file, &backup));
    struct result result = store_directory_act_as_owner(restoring->directory);
    if (!result_failed(result)) {
        result = store_directory_lock(restoring->directory, &directory);
    }
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
    if (!text_is_empty(restoring->former)) {
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
