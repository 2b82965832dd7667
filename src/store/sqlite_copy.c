#include "store/sqlite_copy.h"

#include <sqlite3.h>

#include "store/directory.h"
#include "store/sqlite_session.h"
#include "store/sqlite_uri.h"

enum { STEP_PAGES = 1024, BUSY_WAIT_MILLISECONDS = 10 };

/*
 * What is half written is thrown away by the caller, and synced once by the caller, so SQLite has
 * to care for neither.
 */
static const char target_setup[] = "PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF; "
                                   "PRAGMA mmap_size=0; PRAGMA cache_size=-4096;";

static struct result target_failed(sqlite3 *target, int code)
{
    bool is_full = (code & 0xff) == SQLITE_FULL; /* without what extended codes add */
    return fault(is_full ? ERROR_STORE_FULL : ERROR_STORE_UNAVAILABLE, "the copy: %s",
                 target != NULL ? sqlite3_errmsg(target) : sqlite3_errstr(code));
}

static struct result open_target(const char *path, sqlite3 **ret_target)
{
    struct buffer uri;
    char absolute[STORE_PATH_MAXIMUM];
    TRY(store_directory_resolve(text_of(path), absolute));
    buffer_init(&uri, SQLITE_URI_MAXIMUM);
    sqlite_write_uri(&uri, absolute, "mode=rw");
    int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_URI | SQLITE_OPEN_NOMUTEX;
    int code = uri.failed ? SQLITE_NOMEM : sqlite3_open_v2(uri.data, ret_target, flags, NULL);
    buffer_free(&uri);
    if (code == SQLITE_OK) {
        code = sqlite3_exec(*ret_target, target_setup, NULL, NULL, NULL);
    }
    return code == SQLITE_OK ? RESULT_OK : target_failed(*ret_target, code);
}

/* The session's transaction keeps every step in the same snapshot: none begins again. */
static struct result copy_pages(struct sqlite_session *session, sqlite3 *target,
                                const atomic_bool *stopping)
{
    int code = SQLITE_OK;
    sqlite3_backup *backup = sqlite3_backup_init(target, "main", session->database, "main");
    if (backup == NULL) {
        return target_failed(target, sqlite3_errcode(target));
    }
    while (code == SQLITE_OK || code == SQLITE_BUSY) {
        if (atomic_load(stopping)) {
            (void)sqlite3_backup_finish(backup);
            return fault(ERROR_STORE_UNAVAILABLE, "interrupted");
        }
        if (code == SQLITE_BUSY) {
            (void)sqlite3_sleep(BUSY_WAIT_MILLISECONDS);
        }
        code = sqlite3_backup_step(backup, STEP_PAGES);
    }
    /* What is not the end is kept by the target as its error. */
    (void)sqlite3_backup_finish(backup);
    return code == SQLITE_DONE ? RESULT_OK : target_failed(target, code);
}

struct result sqlite_copy(struct store_session *session, const char *path,
                          const atomic_bool *stopping)
{
    sqlite3 *target = NULL;
    struct result result = store_in_transaction(session)
                               ? open_target(path, &target)
                               : fault(ERROR_INTERNAL, "a copy needs a transaction");
    if (!result_failed(result)) {
        result = copy_pages(sqlite_of(session), target, stopping);
    }
    int code = sqlite3_close(target);
    return result_failed(result) || code == SQLITE_OK ? result : target_failed(NULL, code);
}
