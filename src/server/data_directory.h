#ifndef ORGKEYS_SERVER_DATA_DIRECTORY_H
#define ORGKEYS_SERVER_DATA_DIRECTORY_H

#include <limits.h>
#include <stdbool.h>
#include <sys/stat.h>

#include "base/result.h"
#include "base/text.h"

/* What there is to say of a data directory beside the content of its database. */

/* Its files that hold, or may hold, what is nobody else's. */
enum { DATA_FILES = 6 };
/* What the first start leaves there when it has no terminal (server/first_start.h). */
#define FIRST_ADMIN_KEY_FILE "first-admin-key"
#define FIRST_PASSWORD_LINK_FILE "first-password-link"
extern const char *const data_file_names[DATA_FILES];

void data_file_path(char ret_path[PATH_MAX], struct text directory, const char *name);

/* Whether anybody but the owner has any right to it. */
bool data_is_exposed(const struct stat *status);
/* Says each path, of the directory and its files, that is; `mode` is the one that it should have.
 */
typedef void data_say_exposed(void *context, const char *path, unsigned mode);
void data_find_exposed(struct text directory, data_say_exposed *say, void *context);

/*
 * What was copied to a PostgreSQL database is marked by a file of its own, which whoever serves the
 * directory all the same deletes first. True: it is, and ret_mark is the file's path.
 */
bool data_was_copied(struct text directory, char ret_mark[PATH_MAX]);
struct result data_mark_copied(struct text directory);

#endif
