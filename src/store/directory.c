#include "store/directory.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "os/files.h"

enum { NO_DESCRIPTOR = -1, PRIVATE_FILE = 0600 };

static const char database_name[] = "orgkeys.db";
static const char lock_name[] = "lock";

static struct result path_fault(const char *verb, const char *path, int number)
{
    return fault(number == ENOSPC || number == EDQUOT ? ERROR_STORE_FULL : ERROR_STORE_UNAVAILABLE,
                 "cannot %s %s: %s", verb, path, strerror(number));
}

/*
 * Absolute, because SQLite as Debian builds it takes a path that begins with "file:" for a URI,
 * and because the process may change its directory.
 */
static struct result resolve(struct text path, char ret_path[PATH_MAX])
{
    char given[STORE_PATH_MAXIMUM];
    if (path.length == 0 || path.length >= sizeof given ||
        memchr(path.data, '\0', path.length) != NULL) {
        return fault(ERROR_STORE_UNAVAILABLE, "the data directory's path is not valid");
    }
    memcpy(given, path.data, path.length);
    given[path.length] = '\0';
    if (realpath(given, ret_path) == NULL) {
        return path_fault("open the directory", given, errno);
    }
    return RESULT_OK;
}

/*
 * Made by us and not by SQLite, which would ask for 0644; SQLite gives its -wal and -shm files the
 * permissions of the database.
 */
static struct result make_database(int parent, const char *path)
{
    int descriptor =
        openat(parent, database_name, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, PRIVATE_FILE);
    if (descriptor < 0 && errno != EEXIST) {
        return path_fault("make", path, errno);
    }
    if (descriptor >= 0) {
        (void)close(descriptor);
    }
    /*
     * The name must outlive a crash as surely as what will be committed under it; also where
     * somebody made it who was killed before this.
     */
    return fsync(parent) == 0 ? RESULT_OK : path_fault("make", path, errno);
}

struct result store_directory_require(struct text path)
{
    char database[STORE_PATH_MAXIMUM];
    int length =
        snprintf(database, sizeof database, "%.*s/%s", TEXT_ARGUMENTS(path), database_name);
    bool fits = length >= 0 && (size_t)length < sizeof database;
    if (fits && access(database, F_OK) == 0) {
        return RESULT_OK;
    }
    if (fits && errno == EACCES) {
        return fault(ERROR_STORE_UNAVAILABLE, "%s: %s: run this as the server's user, or as root",
                     database, strerror(EACCES));
    }
    return fault(ERROR_STORE_UNAVAILABLE, "there is no database in %.*s", TEXT_ARGUMENTS(path));
}

/*
 * An open-file-description lock: it belongs to the descriptor, so closing another descriptor of the
 * same file does not drop it, as it would a POSIX lock; and a second open in this process is
 * refused too. The kernel drops it when the process is gone.
 */
static struct result take_lock(int parent, const char *path, int *ret_lock)
{
    int descriptor = openat(parent, lock_name, O_RDWR | O_CREAT | O_CLOEXEC, PRIVATE_FILE);
    if (descriptor < 0) {
        return path_fault("make the lock file in", path, errno);
    }
    struct flock whole_file = { .l_type = F_WRLCK, .l_whence = SEEK_SET };
    if (fcntl(descriptor, F_OFD_SETLK, &whole_file) != 0) {
        int number = errno;
        (void)close(descriptor);
        if (number == EAGAIN || number == EACCES) {
            return fault(ERROR_STORE_UNAVAILABLE, "another orgkeys server holds %s: stop it first",
                         path);
        }
        return path_fault("lock", path, number);
    }
    *ret_lock = descriptor;
    return RESULT_OK;
}

static struct result hold(const char *path, struct store_directory *directory)
{
    int length =
        snprintf(directory->database_path, STORE_PATH_MAXIMUM, "%s/%s", path, database_name);
    if (length < 0 || length >= STORE_PATH_MAXIMUM) {
        return path_fault("open", path, ENAMETOOLONG);
    }
    int parent = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (parent < 0) {
        return path_fault("open the directory", path, errno);
    }
    struct result result = take_lock(parent, path, &directory->lock);
    if (!result_failed(result)) {
        result = make_database(parent, directory->database_path);
        if (result_failed(result)) {
            store_directory_release(directory);
        }
    }
    (void)close(parent);
    return result;
}

struct result store_directory_hold(struct text path, struct store_directory *directory)
{
    char absolute[PATH_MAX];
    directory->lock = NO_DESCRIPTOR;
    TRY(directory_make(path));
    TRY(resolve(path, absolute));
    return hold(absolute, directory);
}

void store_directory_release(struct store_directory *directory)
{
    if (directory->lock != NO_DESCRIPTOR) {
        (void)close(directory->lock);
        directory->lock = NO_DESCRIPTOR;
    }
}
