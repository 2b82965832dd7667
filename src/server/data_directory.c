#include "server/data_directory.h"

#include <stdio.h>

#include "os/files.h"

enum { OTHERS = S_IRWXG | S_IRWXO, PRIVATE_DIRECTORY = 0700, PRIVATE_FILE = 0600 };

const char *const data_file_names[DATA_FILES] = {
    "orgkeys.db", "orgkeys.db-wal",     "orgkeys.db-shm",
    "lock",       FIRST_ADMIN_KEY_FILE, FIRST_PASSWORD_LINK_FILE,
};

static const char copied_name[] = "copied-to-postgresql";

void data_file_path(char ret_path[PATH_MAX], struct text directory, const char *name)
{
    (void)snprintf(ret_path, PATH_MAX, "%.*s/%s", TEXT_ARGUMENTS(directory), name);
}

bool data_is_exposed(const struct stat *status)
{
    return (status->st_mode & OTHERS) != 0;
}

void data_find_exposed(struct text directory, data_say_exposed *say, void *context)
{
    char path[PATH_MAX];
    struct stat status;
    (void)snprintf(path, sizeof path, "%.*s", TEXT_ARGUMENTS(directory));
    if (stat(path, &status) == 0 && data_is_exposed(&status)) {
        say(context, path, PRIVATE_DIRECTORY);
    }
    for (size_t i = 0; i < DATA_FILES; i++) {
        data_file_path(path, directory, data_file_names[i]);
        if (stat(path, &status) == 0 && data_is_exposed(&status)) {
            say(context, path, PRIVATE_FILE);
        }
    }
}

bool data_was_copied(struct text directory, char ret_mark[PATH_MAX])
{
    struct stat status;
    data_file_path(ret_mark, directory, copied_name);
    return stat(ret_mark, &status) == 0;
}

struct result data_mark_copied(struct text directory)
{
    char path[PATH_MAX];
    data_file_path(path, directory, copied_name);
    return file_replace(text_of(path),
                        TEXT("`orgkeys store copy` copied what is here to a PostgreSQL database, "
                             "which is to be served from then on.\n"
                             "`orgkeys serve` serves this directory again once this file is "
                             "deleted: keys revoked there are good here.\n"));
}
