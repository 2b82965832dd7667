/* SQLite's statements, its memory, and what it asks of the system. */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sqlite3.h>
#include <stdlib.h>
#include <sys/types.h>
#include <unistd.h>

#include "base/result.h"
#include "failing.h"

/* What the thread's last call said that failed here; SQLite itself knows nothing of it. */
static _Thread_local int pretended;

static int outcome(int code)
{
    pretended = SQLITE_OK;
    return code;
}

static int pretend(int code)
{
    pretended = code;
    return code & 0xff;
}

static bool fails(const char *name)
{
    return failing_now(FAILING_STATEMENT, name);
}

/* Of the outcome of a call that was carried out. */
static int late(int code, const char *name)
{
    bool is_good = code == SQLITE_OK || code == SQLITE_DONE || code == SQLITE_ROW;
    return is_good && failing_now(FAILING_LATE_STATEMENT, name) ? pretend(SQLITE_IOERR_FSYNC)
                                                                : outcome(code);
}

WRAPPED(int, sqlite3_errcode, (sqlite3 * database))
{
    return pretended != SQLITE_OK ? pretended : __real_sqlite3_errcode(database);
}

WRAPPED(int, sqlite3_extended_errcode, (sqlite3 * database))
{
    return pretended != SQLITE_OK ? pretended : __real_sqlite3_extended_errcode(database);
}

WRAPPED(int, sqlite3_prepare_v2,
        (sqlite3 * database, const char *text, int length, sqlite3_stmt **ret_statement,
         const char **ret_rest))
{
    *ret_statement = NULL;
    return fails("sqlite3_prepare_v2") ? pretend(SQLITE_IOERR_READ)
                                       : outcome(__real_sqlite3_prepare_v2(
                                             database, text, length, ret_statement, ret_rest));
}

WRAPPED(int, sqlite3_prepare_v3,
        (sqlite3 * database, const char *text, int length, unsigned flags,
         sqlite3_stmt **ret_statement, const char **ret_rest))
{
    *ret_statement = NULL;
    return fails("sqlite3_prepare_v3")
               ? pretend(SQLITE_IOERR_READ)
               : outcome(__real_sqlite3_prepare_v3(database, text, length, flags, ret_statement,
                                                   ret_rest));
}

WRAPPED(int, sqlite3_step, (sqlite3_stmt * statement))
{
    return fails("sqlite3_step") ? pretend(SQLITE_IOERR_READ)
                                 : late(__real_sqlite3_step(statement), "sqlite3_step");
}

WRAPPED(int, sqlite3_exec,
        (sqlite3 * database, const char *text, int (*row)(void *, int, char **, char **),
         void *context, char **ret_message))
{
    return fails("sqlite3_exec")
               ? pretend(SQLITE_IOERR_WRITE)
               : late(__real_sqlite3_exec(database, text, row, context, ret_message),
                      "sqlite3_exec");
}

WRAPPED(int, sqlite3_wal_checkpoint_v2,
        (sqlite3 * database, const char *name, int mode, int *ret_frames, int *ret_copied))
{
    return fails("sqlite3_wal_checkpoint_v2")
               ? pretend(SQLITE_IOERR_FSYNC)
               : late(
                     __real_sqlite3_wal_checkpoint_v2(database, name, mode, ret_frames, ret_copied),
                     "sqlite3_wal_checkpoint_v2");
}

WRAPPED(int, sqlite3_bind_text64,
        (sqlite3_stmt * statement, int place, const char *text, sqlite3_uint64 length,
         void (*release)(void *), unsigned char encoding))
{
    return fails("sqlite3_bind_text64") ? pretend(SQLITE_NOMEM)
                                        : outcome(__real_sqlite3_bind_text64(
                                              statement, place, text, length, release, encoding));
}

WRAPPED(int, sqlite3_bind_int64, (sqlite3_stmt * statement, int place, sqlite3_int64 value))
{
    return fails("sqlite3_bind_int64")
               ? pretend(SQLITE_NOMEM)
               : outcome(__real_sqlite3_bind_int64(statement, place, value));
}

WRAPPED(int, sqlite3_bind_blob64,
        (sqlite3_stmt * statement, int place, const void *bytes, sqlite3_uint64 length,
         void (*release)(void *)))
{
    return fails("sqlite3_bind_blob64")
               ? pretend(SQLITE_NOMEM)
               : outcome(__real_sqlite3_bind_blob64(statement, place, bytes, length, release));
}

/* ---- Memory ---- */

static sqlite3_mem_methods memory;

static void *allocate(int size)
{
    return failing_now(FAILING_MEMORY, "SQLite's malloc") ? NULL : memory.xMalloc(size);
}

static void *reallocate(void *old, int size)
{
    return failing_now(FAILING_MEMORY, "SQLite's realloc") ? NULL : memory.xRealloc(old, size);
}

__attribute__((constructor)) static void start_failing(void)
{
    ASSERT(sqlite3_config(SQLITE_CONFIG_GETMALLOC, &memory) == SQLITE_OK);
    sqlite3_mem_methods failing = memory;
    failing.xMalloc = allocate;
    failing.xRealloc = reallocate;
    ASSERT(sqlite3_config(SQLITE_CONFIG_MALLOC, &failing) == SQLITE_OK);
}

/* ---- What it asks of the system ---- */

static ssize_t failing_pread(int descriptor, void *bytes, size_t size, off_t offset)
{
    return failing_with(FAILING_READ, "SQLite's pread", EIO)
               ? -1
               : pread(descriptor, bytes, size, offset);
}

static ssize_t failing_pwrite(int descriptor, const void *bytes, size_t size, off_t offset)
{
    return failing_with(FAILING_WRITE, "SQLite's pwrite", EIO) ||
                   failing_with(FAILING_FULL_DISK, "SQLite's pwrite", ENOSPC)
               ? -1
               : pwrite(descriptor, bytes, size, offset);
}

static int failing_truncate(int descriptor, off_t size)
{
    return failing_with(FAILING_WRITE, "SQLite's ftruncate", EIO) ? -1
                                                                  : ftruncate(descriptor, size);
}

static int failing_open(const char *path, int flags, int mode)
{
    return failing_with(FAILING_OPEN, "SQLite's open", EMFILE) ? -1 : open(path, flags, mode);
}

static void replace_system_calls(void)
{
    static const struct {
        const char *name;
        sqlite3_syscall_ptr call;
    } calls[] = {
        { "pread", (sqlite3_syscall_ptr)failing_pread },
        { "pread64", (sqlite3_syscall_ptr)failing_pread },
        { "pwrite", (sqlite3_syscall_ptr)failing_pwrite },
        { "pwrite64", (sqlite3_syscall_ptr)failing_pwrite },
        { "ftruncate", (sqlite3_syscall_ptr)failing_truncate },
        { "open", (sqlite3_syscall_ptr)failing_open },
    };
    sqlite3_vfs *system = sqlite3_vfs_find(NULL);
    if (system == NULL) {
        return; /* no memory to initialize SQLite with */
    }
    for (size_t i = 0; i < sizeof calls / sizeof calls[0]; i++) {
        int code = system->xSetSystemCall(system, calls[i].name, calls[i].call);
        /* Not every build of SQLite has both of a pair. */
        ASSERT(code == SQLITE_OK || code == SQLITE_NOTFOUND);
    }
}

WRAPPED(int, sqlite3_open_v2,
        (const char *path, sqlite3 **ret_database, int flags, const char *system))
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    (void)pthread_once(&once, replace_system_calls);
    return outcome(__real_sqlite3_open_v2(path, ret_database, flags, system));
}
