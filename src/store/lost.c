#include "store/lost.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/buffer.h"
#include "store/directory.h"

enum { NAMES_MAXIMUM = 3, NAMES_BYTES_MAXIMUM = 2048 };

/*
 * What names begin with that are only there beside a database with content, or after one. A first
 * start that was killed may leave the lock, an empty database and orgkeys.db-journal; before all
 * these it has made the database's first page durable.
 */
static const char *const beginnings[] = {
    "orgkeys.db-wal",  "orgkeys.db-shm",      "orgkeys.db.",
    "first-admin-key", "first-password-link", "copied-to-postgresql",
};

static int tells_of_data(const struct dirent *entry)
{
    for (size_t i = 0; i < sizeof beginnings / sizeof beginnings[0]; i++) {
        if (strncmp(entry->d_name, beginnings[i], strlen(beginnings[i])) == 0) {
            return 1;
        }
    }
    return 0;
}

/* "a, b and c"; where there are more, "a, b, c, ..." */
static void write_names(struct buffer *buffer, struct dirent *const *entries, int count)
{
    for (int i = 0; i < count && i < NAMES_MAXIMUM; i++) {
        const char *separator = i == 0 ? "" : i == count - 1 ? " and " : ", ";
        buffer_append_format(buffer, "%s%s", separator, entries[i]->d_name);
    }
    buffer_append(buffer, count > NAMES_MAXIMUM ? TEXT(", ...") : TEXT(""));
}

static struct result refuse_lost(const char *database, const char *how,
                                 struct dirent *const *entries, int count)
{
    struct buffer names;
    buffer_init(&names, NAMES_BYTES_MAXIMUM);
    write_names(&names, entries, count);
    struct result result =
        fault(ERROR_STORE_UNAVAILABLE,
              "%s is %s, but %.*s %s there: restore a backup (`orgkeys restore`); or, to begin "
              "anew, give another --data, or move away what is there",
              database, how, TEXT_ARGUMENTS(buffer_text(&names)), count == 1 ? "is" : "are");
    buffer_free(&names);
    return result;
}

struct result store_directory_check_lost(const char *directory)
{
    char database[STORE_PATH_MAXIMUM + sizeof "/orgkeys.db"];
    struct stat status;
    struct dirent **entries = NULL;
    (void)snprintf(database, sizeof database, "%s/orgkeys.db", directory);
    bool is_there = stat(database, &status) == 0;
    if (is_there ? status.st_size > 0 : errno != ENOENT) {
        return RESULT_OK;
    }
    int count = scandir(directory, &entries, tells_of_data, alphasort);
    if (count < 0) {
        return fault(ERROR_STORE_UNAVAILABLE, "cannot read the directory %s: %s", directory,
                     strerror(errno));
    }
    struct result result =
        count > 0 ? refuse_lost(database, is_there ? "empty" : "missing", entries, count)
                  : RESULT_OK;
    for (int i = 0; i < count; i++) {
        free(entries[i]);
    }
    free((void *)entries);
    return result;
}
