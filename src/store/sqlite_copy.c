#include "store/sqlite_copy.h"

#include <errno.h>
#include <sqlite3.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "store/directory.h"
#include "store/sqlite_session.h"
#include "store/sqlite_uri.h"

enum { STEP_PAGES = 1024, BUSY_MILLISECONDS = 1000 };

/*
 * What is half written is thrown away by the caller, and what is whole is synced once, so SQLite
 * has to care for neither.
 */
static const char target_setup[] = "PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF; "
                                   "PRAGMA mmap_size=0; PRAGMA cache_size=-4096;";

/* A copy of one file to another, so the failure names both: SQLite does not say whose it is. */
static struct result copy_failed(struct sqlite_session *session, const char *path, int code)
{
    bool is_full = (code & 0xff) == SQLITE_FULL; /* without what extended codes add */
    return fault(is_full ? ERROR_STORE_FULL : ERROR_STORE_UNAVAILABLE, "copying %s to %s: %s",
                 sqlite3_db_filename(session->database, "main"), path, sqlite3_errstr(code));
}

static bool has_moved(sqlite3 *database)
{
    int answer = 0;
    return sqlite3_file_control(database, "main", SQLITE_FCNTL_HAS_MOVED, &answer) != SQLITE_OK ||
           answer != 0;
}

bool sqlite_file_has_moved(struct store_session *session)
{
    return has_moved(sqlite_of(session)->database);
}

/* SQLite takes no file with a link in its path where none may be followed. */
static struct result resolve_but_the_name(const char *path, char ret_path[STORE_PATH_MAXIMUM])
{
    char directory[STORE_PATH_MAXIMUM];
    const char *slash = strrchr(path, '/');
    struct text parent = slash == NULL   ? TEXT(".")
                         : slash == path ? TEXT("/")
                                         : (struct text){ path, (size_t)(slash - path) };
    TRY(store_directory_resolve(parent, directory));
    int length = snprintf(ret_path, STORE_PATH_MAXIMUM, "%s/%s", directory,
                          slash == NULL ? path : slash + 1);
    return length >= 0 && length < STORE_PATH_MAXIMUM
               ? RESULT_OK
               : fault(ERROR_STORE_UNAVAILABLE, "the path is not valid");
}

/* SQLite opens by name only: what has the name by now may be another file, or a link to one. */
static bool is_the_file(sqlite3 *target, const char *path, int descriptor)
{
    struct stat made;
    struct stat named;
    return !has_moved(target) && fstat(descriptor, &made) == 0 && lstat(path, &named) == 0 &&
           made.st_dev == named.st_dev && made.st_ino == named.st_ino;
}

static struct result open_target(struct sqlite_session *session, const char *path, int descriptor,
                                 sqlite3 **ret_target)
{
    struct buffer uri;
    char absolute[STORE_PATH_MAXIMUM];
    TRY(resolve_but_the_name(path, absolute));
    buffer_init(&uri, SQLITE_URI_MAXIMUM);
    sqlite_write_uri(&uri, absolute, "mode=rw");
    int flags =
        SQLITE_OPEN_READWRITE | SQLITE_OPEN_URI | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_NOFOLLOW;
    int code = uri.failed ? SQLITE_NOMEM : sqlite3_open_v2(uri.data, ret_target, flags, NULL);
    buffer_free(&uri);
    if (code == SQLITE_OK) {
        (void)sqlite3_busy_timeout(*ret_target, BUSY_MILLISECONDS);
        code = sqlite3_exec(*ret_target, target_setup, NULL, NULL, NULL);
    }
    if (code != SQLITE_OK) {
        return copy_failed(session, path, code);
    }
    return is_the_file(*ret_target, absolute, descriptor)
               ? RESULT_OK
               : fault(ERROR_STORE_UNAVAILABLE, "somebody put another file at %s", path);
}

/* The session's transaction keeps every step in the same snapshot: none begins again. */
static struct result copy_pages(struct sqlite_session *session, sqlite3 *target, const char *path,
                                const atomic_bool *stopping)
{
    int code = SQLITE_OK;
    sqlite3_backup *backup = sqlite3_backup_init(target, "main", session->database, "main");
    if (backup == NULL) {
        return copy_failed(session, path, sqlite3_errcode(target));
    }
    while (code == SQLITE_OK) {
        if (atomic_load(stopping)) {
            (void)sqlite3_backup_finish(backup);
            return fault(ERROR_STORE_UNAVAILABLE, "interrupted");
        }
        code = sqlite3_backup_step(backup, STEP_PAGES);
    }
    (void)sqlite3_backup_finish(backup);
    return code == SQLITE_DONE ? RESULT_OK : copy_failed(session, path, code);
}

static struct result copy(struct sqlite_session *session, const char *path, int descriptor,
                          const atomic_bool *stopping)
{
    sqlite3 *target = NULL;
    struct result result = open_target(session, path, descriptor, &target);
    if (!result_failed(result)) {
        result = copy_pages(session, target, path, stopping);
    }
    int code = sqlite3_close(target);
    return result_failed(result) || code == SQLITE_OK ? result : copy_failed(session, path, code);
}

struct result sqlite_copy(struct store_session *session, const char *path, int descriptor,
                          const atomic_bool *stopping)
{
    if (!store_in_transaction(session)) {
        return fault(ERROR_INTERNAL, "a copy needs a transaction");
    }
    TRY(copy(sqlite_of(session), path, descriptor, stopping));
    return fsync(descriptor) == 0
               ? RESULT_OK
               : fault(ERROR_STORE_UNAVAILABLE, "cannot sync %s: %s", path, strerror(errno));
}
