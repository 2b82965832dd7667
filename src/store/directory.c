#include "store/directory.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "os/files.h"
#include "store/lost.h"

enum { PRIVATE_FILE = 0600 };

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
struct result store_directory_resolve(struct text path, char ret_path[STORE_PATH_MAXIMUM])
{
    char given[STORE_PATH_MAXIMUM];
    if (path.length == 0 || path.length >= sizeof given ||
        memchr(path.data, '\0', path.length) != NULL) {
        return fault(ERROR_STORE_UNAVAILABLE, "the path is not valid");
    }
    memcpy(given, path.data, path.length);
    given[path.length] = '\0';
    if (realpath(given, ret_path) == NULL) {
        return path_fault("open", given, errno);
    }
    return RESULT_OK;
}

/*
 * An empty file, where there is none yet. What root makes must not keep out a server that runs as
 * the directory's owner.
 */
static int make_file(int parent, const char *name)
{
    struct stat status;
    int descriptor =
        openat(parent, name, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, PRIVATE_FILE);
    if (descriptor >= 0 && geteuid() == 0 &&
        (fstat(parent, &status) != 0 || fchown(descriptor, status.st_uid, status.st_gid) != 0)) {
        int number = errno;
        (void)close(descriptor);
        errno = number;
        return -1;
    }
    return descriptor;
}

/*
 * Made by us and not by SQLite, which would ask for 0644; SQLite gives its -wal and -shm files the
 * permissions of the database.
 */
static struct result make_database(int parent, const char *path)
{
    int descriptor = make_file(parent, database_name);
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

struct result store_directory_check_restored(struct text path)
{
    char restored[STORE_PATH_MAXIMUM];
    int length =
        snprintf(restored, sizeof restored, "%.*s/%s", TEXT_ARGUMENTS(path), STORE_RESTORED_NAME);
    if (length < 0 || (size_t)length >= sizeof restored || access(restored, F_OK) != 0) {
        return RESULT_OK;
    }
    return fault(ERROR_STORE_UNAVAILABLE,
                 "a restore into %.*s was interrupted: run `orgkeys restore --replace` again, with "
                 "any backup or with --from %s, which is whole",
                 TEXT_ARGUMENTS(path), restored);
}

struct result store_directory_require(struct text path)
{
    char database[STORE_PATH_MAXIMUM];
    TRY(store_directory_check_restored(path));
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

struct result store_directory_find(struct text path, char ret_path[STORE_PATH_MAXIMUM])
{
    char absolute[STORE_PATH_MAXIMUM];
    TRY(store_directory_require(path));
    TRY(store_directory_resolve(path, absolute));
    TRY(store_directory_check_lost(absolute));
    int length = snprintf(ret_path, STORE_PATH_MAXIMUM, "%s/%s", absolute, database_name);
    return length >= 0 && length < STORE_PATH_MAXIMUM ? RESULT_OK
                                                      : path_fault("open", absolute, ENAMETOOLONG);
}

/*
 * An open-file-description lock: it belongs to the descriptor, so closing another descriptor of the
 * same file does not drop it, as it would a POSIX lock; and a second open in this process is
 * refused too. The kernel drops it when the process is gone.
 */
static struct result take_lock(int parent, const char *path, int *ret_lock)
{
    int descriptor = make_file(parent, lock_name);
    if (descriptor < 0 && errno == EEXIST) {
        descriptor = openat(parent, lock_name, O_RDWR | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    }
    if (descriptor < 0) {
        return path_fault("open the file `lock` in", path, errno);
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

static struct result make_where_none_was_lost(int parent, const char *path, const char *database)
{
    TRY(store_directory_check_restored(text_of(path)));
    TRY(store_directory_check_lost(path));
    return make_database(parent, database);
}

static struct result hold(const char *path, bool makes, struct store_directory *directory)
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
    if (!result_failed(result) && makes) {
        result = make_where_none_was_lost(parent, path, directory->database_path);
        if (result_failed(result)) {
            store_directory_release(directory);
        }
    }
    (void)close(parent);
    return result;
}

static struct result make_and_hold(struct text path, bool makes, struct store_directory *directory)
{
    char absolute[STORE_PATH_MAXIMUM];
    directory->lock = STORE_NOT_HELD;
    TRY(directory_make(path));
    TRY(store_directory_resolve(path, absolute));
    return hold(absolute, makes, directory);
}

struct result store_directory_hold(struct text path, struct store_directory *directory)
{
    return make_and_hold(path, true, directory);
}

struct result store_directory_lock(struct text path, struct store_directory *directory)
{
    return make_and_hold(path, false, directory);
}

struct result store_directory_act_as_owner(struct text path)
{
    char name[STORE_PATH_MAXIMUM];
    struct stat status;
    (void)snprintf(name, sizeof name, "%.*s", TEXT_ARGUMENTS(path));
    if (geteuid() != 0 || stat(name, &status) != 0 || status.st_uid == 0) {
        return RESULT_OK;
    }
    if (setgroups(1, &status.st_gid) != 0 ||
        setresgid(status.st_gid, status.st_gid, status.st_gid) != 0 ||
        setresuid(status.st_uid, status.st_uid, status.st_uid) != 0) {
        return path_fault("act as the owner of", name, errno);
    }
    return access(name, X_OK) == 0 ? RESULT_OK : path_fault("as its owner reach", name, errno);
}

void store_directory_release(struct store_directory *directory)
{
    if (directory->lock != STORE_NOT_HELD) {
        (void)close(directory->lock);
        directory->lock = STORE_NOT_HELD;
    }
}
