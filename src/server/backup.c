#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "os/files.h"
#include "server/commands.h"
#include "server/database.h"

/*
 * `orgkeys backup`. A connection of its own, which can only read: SQLite up to 3.51.2 can lose
 * commits where two connections write or checkpoint.
 */
enum { BACKUP_MEMORY_MAXIMUM = 64 * 1024 };

/* The file gets its name once it is whole; until then it has one of its own beside it. */
static struct result back_up(const struct config *config, struct arena *arena,
                             struct database_content *ret_content)
{
    struct database from = { .store = NULL };
    struct text target = config->backup_file;
    struct text temporary;
    int descriptor;
    if (access(target.data, F_OK) == 0) {
        return fault(ERROR_STORE_UNAVAILABLE, "%.*s is there already", TEXT_ARGUMENTS(target));
    }
    TRY(database_open_data(config->data, &from));
    struct result result = file_make_beside(target, arena, &temporary, &descriptor);
    if (!result_failed(result)) {
        result = database_copy(&from, temporary, descriptor, ret_content);
        (void)close(descriptor);
        if (!result_failed(result)) {
            result = file_rename_new(temporary, target);
        }
        if (result_failed(result)) {
            (void)unlink(temporary.data);
        }
    }
    database_close(&from);
    return result;
}

static int report(struct text target, const struct database_content *content)
{
    struct stat status = { 0 };
    struct buffer line;
    (void)stat(target.data, &status);
    buffer_init(&line, DATABASE_LINE_MAXIMUM);
    buffer_append_format(&line, "%.*s: %lld bytes, ", TEXT_ARGUMENTS(target),
                         (long long)status.st_size);
    database_write_content(&line, content);
    buffer_append_byte(&line, '\n');
    int printed = command_print(buffer_text(&line));
    buffer_free(&line);
    return printed;
}

int command_backup(struct config *config)
{
    struct database_content content;
    struct arena arena;
    if (config->database_url.data != NULL) {
        (void)fputs("orgkeys: backup is for SQLite; a PostgreSQL database is backed up by pg_dump "
                    "(docs/operations.md, \"Backing up\")\n",
                    stderr);
        return EXIT_STATUS_USAGE;
    }
    database_end_by_signals();
    arena_init(&arena, BACKUP_MEMORY_MAXIMUM);
    struct result result = back_up(config, &arena, &content);
    arena_reset(&arena);
    return result_failed(result)
               ? command_failed("cannot back up", result, &(struct problem){ .param = "" })
               : report(config->backup_file, &content);
}
