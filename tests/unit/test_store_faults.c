/*
 * The store on a disk that fails: a shim between SQLite and the system's files that fails on
 * demand, a file system that is full, and kill -9.
 */
#include "test_store_fixture.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <sqlite3.h>
#include <stdatomic.h>
#include <sys/mount.h>

#include "base/clock.h"

/* How many of the next calls fail. */
static atomic_int wal_syncs_to_fail;
static atomic_int wal_writes_to_fail;
static atomic_int wal_write_error;
static atomic_int database_syncs_to_fail;
static atomic_int reads_to_fail;
static atomic_int opens_to_fail;

/* What was done. */
static atomic_int wal_beginnings_written;
static atomic_int database_writes;
static atomic_int database_syncs;

struct shim_file {
    sqlite3_file base;
    bool is_wal;
    bool is_database;
    sqlite3_file *real; /* in the same allocation */
};

static bool fails_now(atomic_int *countdown)
{
    int left = atomic_load(countdown);
    while (left > 0 && !atomic_compare_exchange_weak(countdown, &left, left - 1)) {
    }
    return left > 0;
}

#define REAL(file) (((struct shim_file *)(file))->real)
#define FORWARD(file, method, ...) REAL(file)->pMethods->method(REAL(file), ##__VA_ARGS__)

static int shim_close(sqlite3_file *file)
{
    return FORWARD(file, xClose);
}
static int shim_read(sqlite3_file *file, void *data, int size, sqlite3_int64 offset)
{
    return fails_now(&reads_to_fail) ? SQLITE_IOERR_READ : FORWARD(file, xRead, data, size, offset);
}
static int shim_write(sqlite3_file *file, const void *data, int size, sqlite3_int64 offset)
{
    const struct shim_file *self = (const struct shim_file *)file;
    if (self->is_wal && fails_now(&wal_writes_to_fail)) {
        return atomic_load(&wal_write_error);
    }
    (void)atomic_fetch_add(&wal_beginnings_written, self->is_wal && offset == 0);
    (void)atomic_fetch_add(&database_writes, self->is_database);
    return FORWARD(file, xWrite, data, size, offset);
}
static int shim_truncate(sqlite3_file *file, sqlite3_int64 size)
{
    return FORWARD(file, xTruncate, size);
}
static int shim_sync(sqlite3_file *file, int flags)
{
    const struct shim_file *self = (const struct shim_file *)file;
    if ((self->is_wal && fails_now(&wal_syncs_to_fail)) ||
        (self->is_database && fails_now(&database_syncs_to_fail))) {
        return SQLITE_IOERR_FSYNC;
    }
    (void)atomic_fetch_add(&database_syncs, self->is_database);
    return FORWARD(file, xSync, flags);
}
static int shim_file_size(sqlite3_file *file, sqlite3_int64 *size)
{
    return FORWARD(file, xFileSize, size);
}
static int shim_lock(sqlite3_file *file, int lock)
{
    return FORWARD(file, xLock, lock);
}
static int shim_unlock(sqlite3_file *file, int lock)
{
    return FORWARD(file, xUnlock, lock);
}
static int shim_check_reserved_lock(sqlite3_file *file, int *reserved)
{
    return FORWARD(file, xCheckReservedLock, reserved);
}
static int shim_file_control(sqlite3_file *file, int operation, void *argument)
{
    return FORWARD(file, xFileControl, operation, argument);
}
static int shim_sector_size(sqlite3_file *file)
{
    return FORWARD(file, xSectorSize);
}
static int shim_device_characteristics(sqlite3_file *file)
{
    return FORWARD(file, xDeviceCharacteristics);
}
static int shim_shm_map(sqlite3_file *file, int page, int size, int extend, void volatile **memory)
{
    return FORWARD(file, xShmMap, page, size, extend, memory);
}
static int shim_shm_lock(sqlite3_file *file, int offset, int count, int flags)
{
    return FORWARD(file, xShmLock, offset, count, flags);
}
static void shim_shm_barrier(sqlite3_file *file)
{
    FORWARD(file, xShmBarrier);
}
static int shim_shm_unmap(sqlite3_file *file, int remove)
{
    return FORWARD(file, xShmUnmap, remove);
}

static const sqlite3_io_methods shim_methods = {
    .iVersion = 2,
    .xClose = shim_close,
    .xRead = shim_read,
    .xWrite = shim_write,
    .xTruncate = shim_truncate,
    .xSync = shim_sync,
    .xFileSize = shim_file_size,
    .xLock = shim_lock,
    .xUnlock = shim_unlock,
    .xCheckReservedLock = shim_check_reserved_lock,
    .xFileControl = shim_file_control,
    .xSectorSize = shim_sector_size,
    .xDeviceCharacteristics = shim_device_characteristics,
    .xShmMap = shim_shm_map,
    .xShmLock = shim_shm_lock,
    .xShmBarrier = shim_shm_barrier,
    .xShmUnmap = shim_shm_unmap,
};

static sqlite3_vfs *system_vfs;

/* By which the log seems longer than it is, so that a checkpoint comes soon. */
static atomic_int frames_factor = 1;

typedef int wal_hook(void *context, sqlite3 *database, const char *name, int frames);
static wal_hook *counts;

static int count_more(void *context, sqlite3 *database, const char *name, int frames)
{
    return counts(context, database, name, frames * atomic_load(&frames_factor));
}

void *__real_sqlite3_wal_hook(sqlite3 *database, wal_hook *hook, void *context);
void *__wrap_sqlite3_wal_hook(sqlite3 *database, wal_hook *hook, void *context);
void *__wrap_sqlite3_wal_hook(sqlite3 *database, wal_hook *hook, void *context)
{
    counts = hook;
    return __real_sqlite3_wal_hook(database, count_more, context);
}

static int shim_open(sqlite3_vfs *vfs, const char *name, sqlite3_file *file, int flags,
                     int *ret_flags)
{
    (void)vfs;
    struct shim_file *self = (struct shim_file *)file;
    self->base.pMethods = NULL;
    self->is_wal = (flags & SQLITE_OPEN_WAL) != 0;
    self->is_database = (flags & SQLITE_OPEN_MAIN_DB) != 0;
    self->real = (sqlite3_file *)(self + 1);
    if (fails_now(&opens_to_fail)) {
        return SQLITE_CANTOPEN;
    }
    int code = system_vfs->xOpen(system_vfs, name, self->real, flags, ret_flags);
    if (self->real->pMethods != NULL) {
        self->base.pMethods = &shim_methods;
    }
    return code;
}

static int install_shim(void **state)
{
    static sqlite3_vfs shim;
    (void)state;
    system_vfs = sqlite3_vfs_find(NULL);
    shim = *system_vfs;
    shim.zName = "shim";
    shim.szOsFile = (int)sizeof(struct shim_file) + system_vfs->szOsFile;
    shim.xOpen = shim_open;
    return sqlite3_vfs_register(&shim, 1);
}

static void heal(void)
{
    atomic_store(&wal_syncs_to_fail, 0);
    atomic_store(&wal_writes_to_fail, 0);
    atomic_store(&database_syncs_to_fail, 0);
    atomic_store(&frames_factor, 1);
    atomic_store(&reads_to_fail, 0);
    atomic_store(&opens_to_fail, 0);
}

static int healed_teardown(void **state)
{
    heal();
    return fixture_teardown(state);
}

static struct store_writer *writer_of(const struct fixture *fixture)
{
    struct store_writer *writer = NULL;
    assert_ok(store_writer_start(fixture->store, 100, &writer));
    return writer;
}

static void wait_until_healthy(struct store_writer *writer)
{
    for (int i = 0; i < 500 && !store_writer_healthy(writer); i++) {
        (void)usleep(10000);
    }
    assert_true(store_writer_healthy(writer));
}

static int64_t revision_of(const struct fixture *fixture)
{
    struct store_session *session = session_of(fixture, STORE_READ);
    struct store_state read = { 0 };
    assert_ok(store_state_read(session, &read));
    store_session_close(session);
    return read.revision;
}

/* A reader keeps the WAL's index alive, in which the failed commit does not count. */
static void test_a_commit_that_was_not_kept(void **state)
{
    struct fixture *fixture = *state;
    struct store_writer *writer = writer_of(fixture);
    struct store_session *reader = session_of(fixture, STORE_READ);
    assert_ok(write_one(writer, "before"));
    assert_int_equal(number_of(reader, TEST_COUNT), 1);
    atomic_store(&wal_syncs_to_fail, 1);
    assert_error(write_one(writer, "lost"), STORE_UNAVAILABLE);
    assert_int_equal(store_writer_statistics(writer).commit_failures, 1);
    assert_false(has(reader, "lost"));
    assert_true(store_writer_healthy(writer));
    assert_ok(write_one(writer, "after"));
    assert_int_equal(number_of(reader, TEST_COUNT), 2);
    store_session_close(reader);
    store_writer_free(writer);
}

/*
 * The same, and then kill -9: what was said to be undone must not come back with the recovery of
 * the WAL, in which its frames lay whole.
 */
static void lose_and_die(struct fixture *fixture)
{
    struct store_session *reader = NULL;
    struct store_writer *writer = NULL;
    struct result result = fixture_try_open(fixture, &fixture->store);
    if (result_failed(result) ||
        result_failed(store_session_open(fixture->store, STORE_READ, &reader)) ||
        result_failed(store_writer_start(fixture->store, 100, &writer)) ||
        result_failed(write_one(writer, "before")) || number_of(reader, TEST_COUNT) != 1) {
        _exit(1);
    }
    atomic_store(&wal_syncs_to_fail, 1);
    if (write_one(writer, "lost").error != ERROR_STORE_UNAVAILABLE) {
        _exit(2);
    }
    (void)raise(SIGKILL);
}

static void test_what_was_not_kept_stays_lost(void **state)
{
    struct fixture *fixture = *state;
    fixture_close(fixture);
    pid_t child = fork();
    if (child == 0) {
        lose_and_die(fixture);
    }
    int status = 0;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFSIGNALED(status));
    fixture_open(fixture);
    struct store_session *session = session_of(fixture, STORE_READ);
    assert_true(has(session, "before"));
    assert_false(has(session, "lost"));
    store_session_close(session);
}

/*
 * Nobody else has the files open, and closing them fails as well: a recovery finds the commit. The
 * system may have forgotten to write it, so that a sync alone would keep nothing.
 */
static void test_a_commit_that_was_kept(void **state)
{
    struct fixture *fixture = *state;
    struct store_writer *writer = writer_of(fixture);
    assert_ok(write_one(writer, "before"));
    int beginnings = atomic_load(&wal_beginnings_written);
    atomic_store(&wal_syncs_to_fail, 2);
    assert_ok(write_one(writer, "doubted"));
    assert_true(atomic_load(&wal_beginnings_written) > beginnings); /* all of it, anew */
    assert_int_equal(atomic_load(&wal_syncs_to_fail), 0);
    assert_int_equal(store_writer_statistics(writer).commit_failures, 1);
    assert_ok(write_one(writer, "after"));
    store_writer_free(writer);
    assert_int_equal(count_rows(fixture), 3);
}

/*
 * What a process that was killed left in the log need not be on the disk: it is before anybody is
 * told of it, or the store does not open.
 */
static void test_what_is_found_at_the_start_is_synced(void **state)
{
    struct fixture *fixture = *state;
    fixture_close(fixture);
    pid_t child = fork();
    if (child == 0) {
        lose_and_die(fixture);
    }
    assert_int_equal(waitpid(child, NULL, 0), child);
    atomic_store(&wal_syncs_to_fail, 1);
    assert_error(fixture_try_open(fixture, &fixture->store), STORE_UNAVAILABLE);
    int beginnings = atomic_load(&wal_beginnings_written);
    fixture_open(fixture);
    assert_true(atomic_load(&wal_beginnings_written) > beginnings);
}

/* Until a checkpoint comes to a sync of the database, which fails. */
static void fail_checkpoint(struct store_writer *writer)
{
    enum { COMMITS_MAXIMUM = 1000 };
    atomic_store(&frames_factor, 100);
    atomic_store(&database_syncs_to_fail, 1);
    for (int i = 0; i < COMMITS_MAXIMUM && atomic_load(&database_syncs_to_fail) > 0; i++) {
        assert_ok(write_one(writer, NULL));
    }
    assert_int_equal(atomic_load(&database_syncs_to_fail), 0);
}

/*
 * A checkpoint copies what is behind the reader, and SQLite counts that as done. Its sync fails, so
 * that the system may have forgotten it. The log must stay as it is, to be copied again.
 */
static void test_a_database_that_cannot_be_synced(void **state)
{
    struct fixture *fixture = *state;
    struct store_writer *writer = writer_of(fixture);
    struct store_session *reader = session_of(fixture, STORE_READ);
    assert_ok(write_one(writer, "first"));
    assert_ok(store_begin(reader));
    assert_int_equal(number_of(reader, TEST_COUNT), 1);
    fail_checkpoint(writer);
    store_rollback(reader);
    store_session_close(reader);
    int writes = atomic_load(&database_writes);
    int beginnings = atomic_load(&wal_beginnings_written);
    assert_ok(write_one(writer, "after"));
    store_writer_free(writer);
    int64_t rows = count_rows(fixture);
    fixture_close(fixture);
    assert_int_equal(atomic_load(&database_writes), writes);
    assert_int_equal(atomic_load(&wal_beginnings_written), beginnings);
    fixture_open(fixture);
    assert_int_equal(count_rows(fixture), rows);
    fixture_close(fixture); /* copies it, from its beginning */
    assert_true(atomic_load(&database_writes) > writes);
    fixture_open(fixture);
    assert_int_equal(count_rows(fixture), rows);
}

/* How often the database is synced over some commits with a checkpoint each. */
static int syncs_of_commits(struct store_writer *writer)
{
    enum { COMMITS = 20 };
    int before = atomic_load(&database_syncs);
    for (int i = 0; i < COMMITS; i++) {
        assert_ok(write_one(writer, NULL));
    }
    return atomic_load(&database_syncs) - before;
}

static struct store_session *reader_of(const struct fixture *fixture)
{
    struct store_session *reader = session_of(fixture, STORE_READ);
    assert_ok(store_begin(reader));
    assert_true(number_of(reader, TEST_COUNT) > 0);
    return reader;
}

static void end_reader(struct store_session *reader)
{
    store_rollback(reader);
    store_session_close(reader);
}

/* What lies before a reader is copied once, and synced once, however long it reads. */
static void test_a_long_reader_costs_no_sync_a_commit(void **state)
{
    struct fixture *fixture = *state;
    struct store_writer *writer = writer_of(fixture);
    assert_ok(write_one(writer, NULL));
    struct store_session *first = reader_of(fixture);
    atomic_store(&frames_factor, 1000);
    assert_int_equal(syncs_of_commits(writer), 1);
    struct store_session *second = reader_of(fixture);
    assert_int_equal(syncs_of_commits(writer), 0);
    end_reader(first);
    assert_int_equal(syncs_of_commits(writer), 1);
    end_reader(second);
    /* Now all is copied and the log begins anew; less of it than before is synced as well. */
    assert_ok(write_one(writer, NULL));
    assert_ok(write_one(writer, NULL));
    struct store_session *third = reader_of(fixture);
    assert_int_equal(syncs_of_commits(writer), 1);
    end_reader(third);
    store_writer_free(writer);
}

/* What SQLite failed to sync is copied again after the next commit. */
static void test_a_checkpoint_that_fails(void **state)
{
    struct fixture *fixture = *state;
    struct store_writer *writer = writer_of(fixture);
    fail_checkpoint(writer);
    int writes = atomic_load(&database_writes);
    assert_ok(write_one(writer, "after"));
    assert_true(atomic_load(&database_writes) > writes);
    store_writer_free(writer);
}

struct recovery {
    atomic_int calls;
    int64_t rows;
};

static struct result recover(void *context, struct store_session *session)
{
    struct recovery *recovery = context;
    recovery->rows = number_of(session, TEST_COUNT);
    /* The first time it fails, as a reload may. */
    return atomic_fetch_add(&recovery->calls, 1) == 0 ? refuse(ERROR_STORE_UNAVAILABLE) : RESULT_OK;
}

static void test_an_outcome_that_stays_unknown(void **state)
{
    struct fixture *fixture = *state;
    struct store_writer *writer = writer_of(fixture);
    struct recovery recovery = { .rows = -1 };
    store_writer_observe(writer,
                         &(struct store_observer){ .context = &recovery, .recover = recover });
    assert_ok(write_one(writer, "before"));
    atomic_store(&wal_syncs_to_fail, 1);
    atomic_store(&opens_to_fail, 1000000);
    assert_error(write_one(writer, "doubted"), OUTCOME_UNKNOWN);
    assert_false(store_writer_healthy(writer));
    int64_t start = clock_monotonic_microseconds();
    assert_error(write_one(writer, "refused"), STORE_UNAVAILABLE);
    assert_true(clock_monotonic_microseconds() - start < 500000);
    assert_int_equal(atomic_load(&recovery.calls), 0);
    heal();
    wait_until_healthy(writer);
    assert_int_equal(atomic_load(&recovery.calls), 2);
    assert_true(recovery.rows >= 1);
    assert_ok(write_one(writer, "after"));
    store_writer_free(writer);
    struct store_session *session = session_of(fixture, STORE_READ);
    assert_true(has(session, "after"));
    assert_false(has(session, "refused"));
    assert_int_equal(number_of(session, TEST_COUNT), recovery.rows + 1);
    store_session_close(session);
}

/* Whole batches, also jobs that had succeeded before; and it is not for ever. */
static void test_a_full_disk_in_the_commit(void **state)
{
    enum { JOBS = 10 };
    struct fixture *fixture = *state;
    struct store_writer *writer = writer_of(fixture);
    struct insert_job jobs[JOBS];
    struct gate_job gate;
    sem_t done;
    (void)sem_init(&done, 0, 0);
    gate_close(&gate, writer);
    for (int i = 0; i < JOBS; i++) {
        jobs[i] = insert_job_of(NULL, &done);
        assert_true(store_writer_submit(writer, &jobs[i].job));
    }
    jobs[3].fails_with = refuse(ERROR_USER_NOT_FOUND);
    atomic_store(&wal_write_error, SQLITE_FULL);
    atomic_store(&wal_writes_to_fail, 1);
    gate_let_go(&gate);
    wait_for(&done, JOBS);
    for (int i = 0; i < JOBS; i++) {
        assert_int_equal(jobs[i].runs, 1);
        assert_error(jobs[i].outcome, STORE_FULL);
    }
    assert_int_equal(count_rows(fixture), 0);
    assert_int_equal(revision_of(fixture), 0);
    wait_until_healthy(writer);
    assert_ok(write_one(writer, "after"));
    store_writer_free(writer);
    assert_int_equal(count_rows(fixture), 1);
}

static void test_a_write_that_fails_in_the_commit(void **state)
{
    struct fixture *fixture = *state;
    struct store_writer *writer = writer_of(fixture);
    struct store_session *reader = session_of(fixture, STORE_READ);
    assert_int_equal(number_of(reader, TEST_COUNT), 0);
    atomic_store(&wal_write_error, SQLITE_IOERR_WRITE);
    atomic_store(&wal_writes_to_fail, 1);
    assert_error(write_one(writer, "lost"), STORE_UNAVAILABLE);
    assert_ok(write_one(writer, "after"));
    assert_int_equal(number_of(reader, TEST_COUNT), 1);
    store_session_close(reader);
    store_writer_free(writer);
}

/* Before the commit: nothing is in doubt, and the session is replaced. */
static void test_a_read_that_fails_in_a_batch(void **state)
{
    struct fixture *fixture = *state;
    struct store_writer *writer = writer_of(fixture);
    atomic_store(&reads_to_fail, 1);
    assert_error(write_one(writer, "lost"), STORE_UNAVAILABLE);
    assert_int_equal(atomic_load(&reads_to_fail), 0);
    wait_until_healthy(writer);
    assert_ok(write_one(writer, "after"));
    store_writer_free(writer);
    assert_int_equal(count_rows(fixture), 1);
}

static void test_a_reader_comes_back(void **state)
{
    struct fixture *fixture = *state;
    struct store_readers *readers = NULL;
    assert_ok(store_readers_start(fixture->store, 1, 10, &readers));
    atomic_store(&reads_to_fail, 1);
    atomic_store(&opens_to_fail, 1000000);
    assert_error(read_one(readers), STORE_UNAVAILABLE);
    /* By itself, whether or not somebody asks. */
    int failing = atomic_load(&opens_to_fail);
    while (atomic_load(&opens_to_fail) == failing) {
        assert_error(read_one(readers), STORE_UNAVAILABLE);
    }
    heal();
    while (result_failed(read_one(readers))) {
        (void)usleep(10000);
    }
    assert_ok(read_one(readers));
    store_readers_free(readers);
}

/* In a child: a file system of its own, of 2 MiB, that only it sees. */
enum { DISK_BYTES = 2 << 20 };
enum { CHILD_OK, CHILD_CANNOT_MOUNT, CHILD_FAILED };

#define CHILD_EXPECT(condition)                                                   \
    do {                                                                          \
        if (!(condition)) {                                                       \
            (void)fprintf(stderr, "%s:%d: %s\n", __FILE__, __LINE__, #condition); \
            _exit(CHILD_FAILED);                                                  \
        }                                                                         \
    } while (0)

static bool write_file(const char *path, const char *content)
{
    int descriptor = open(path, O_WRONLY | O_CLOEXEC);
    ssize_t length = (ssize_t)strlen(content);
    bool written = descriptor >= 0 && write(descriptor, content, (size_t)length) == length;
    if (descriptor >= 0) {
        (void)close(descriptor);
    }
    return written;
}

static bool mount_small_disk(const char *path)
{
    char map[64];
    char options[64];
    if (geteuid() == 0) {
        if (unshare(CLONE_NEWNS) != 0) {
            return false;
        }
    } else {
        (void)snprintf(map, sizeof map, "0 %u 1", (unsigned)geteuid());
        if (unshare(CLONE_NEWUSER | CLONE_NEWNS) != 0 || !write_file("/proc/self/uid_map", map)) {
            return false;
        }
    }
    (void)snprintf(options, sizeof options, "size=%d", DISK_BYTES);
    return mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0 &&
           mount("tmpfs", path, "tmpfs", 0, options) == 0;
}

/* One after the other until the disk is full; returns how many were kept. */
static int fill(struct store_writer *writer)
{
    struct result result = RESULT_OK;
    int kept = -1;
    while (!result_failed(result)) {
        kept++;
        result = write_one(writer, NULL);
    }
    CHILD_EXPECT(result.error == ERROR_STORE_FULL);
    return kept;
}

static int64_t rows_in_child(const struct fixture *fixture)
{
    struct store_session *session = NULL;
    CHILD_EXPECT(!result_failed(store_session_open(fixture->store, STORE_READ, &session)));
    int64_t rows = number_of(session, TEST_COUNT);
    store_session_close(session);
    return rows;
}

static void child_with_full_disk(struct fixture *fixture)
{
    char filler[128];
    struct store_writer *writer = NULL;
    if (!mount_small_disk(fixture->directory)) {
        _exit(CHILD_CANNOT_MOUNT);
    }
    (void)snprintf(filler, sizeof filler, "%s/filler", fixture->directory);
    int descriptor = open(filler, O_CREAT | O_WRONLY | O_CLOEXEC, 0600);
    CHILD_EXPECT(descriptor >= 0 && posix_fallocate(descriptor, 0, DISK_BYTES / 4) == 0);
    CHILD_EXPECT(!result_failed(fixture_try_open(fixture, &fixture->store)));
    CHILD_EXPECT(!result_failed(store_writer_start(fixture->store, 100, &writer)));
    int kept = fill(writer);
    CHILD_EXPECT(kept > 10 && rows_in_child(fixture) == kept);
    CHILD_EXPECT(write_one(writer, NULL).error == ERROR_STORE_FULL);
    CHILD_EXPECT(ftruncate(descriptor, 0) == 0);
    CHILD_EXPECT(!result_failed(write_one(writer, NULL)));
    CHILD_EXPECT(store_writer_healthy(writer));
    CHILD_EXPECT(rows_in_child(fixture) == kept + 1);
    store_writer_free(writer);
    fixture_close(fixture);
    CHILD_EXPECT(!result_failed(fixture_try_open(fixture, &fixture->store)));
    CHILD_EXPECT(rows_in_child(fixture) == kept + 1);
    _exit(CHILD_OK);
}

static void test_a_full_disk(void **state)
{
    struct fixture *fixture = *state;
    fixture_close(fixture);
    pid_t child = fork();
    if (child == 0) {
        child_with_full_disk(fixture);
    }
    int status = 0;
    assert_int_equal(waitpid(child, &status, 0), child);
    if (WIFEXITED(status) && WEXITSTATUS(status) == CHILD_CANNOT_MOUNT) {
        fail_msg("cannot mount a small file system: run as root, or allow user namespaces");
    }
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), CHILD_OK);
}

/* The child of the storm: says which rows were acknowledged, until it is killed. */
struct storm_job {
    struct insert_job insert;
    struct store_writer *writer;
    int pipe;
};

static void storm_done(struct store_job *job, struct result outcome)
{
    struct storm_job *self = (struct storm_job *)job;
    if (result_failed(outcome) ||
        write(self->pipe, self->insert.id, sizeof self->insert.id) != sizeof self->insert.id ||
        !store_writer_submit(self->writer, job)) {
        _exit(1);
    }
}

static void storm(struct fixture *fixture, int pipe)
{
    enum { JOBS = 100 };
    static struct storm_job jobs[JOBS];
    struct store_writer *writer = NULL;
    if (result_failed(fixture_try_open(fixture, &fixture->store)) ||
        result_failed(store_writer_start(fixture->store, JOBS, &writer))) {
        _exit(1);
    }
    for (int i = 0; i < JOBS; i++) {
        jobs[i] = (struct storm_job){ insert_job_of(NULL, NULL), writer, pipe };
        jobs[i].insert.job.done = storm_done;
        if (!store_writer_submit(writer, &jobs[i].insert.job)) {
            _exit(1);
        }
    }
    for (;;) {
        (void)pause();
    }
}

/* Kills it after so many acknowledgements; every one of them must be there. */
static void survive_storm(struct fixture *fixture, int acknowledgements)
{
    enum { MAXIMUM = 100000 };
    typedef char row_id[sizeof((struct insert_job *)0)->id];
    int pipes[2];
    int count = 0;
    row_id *ids = calloc(MAXIMUM, sizeof *ids);
    assert_non_null(ids);
    assert_int_equal(pipe(pipes), 0);
    pid_t child = fork();
    if (child == 0) {
        storm(fixture, pipes[1]);
    }
    (void)close(pipes[1]);
    while (count < MAXIMUM && read(pipes[0], ids[count], sizeof *ids) == sizeof *ids) {
        count++;
        if (count == acknowledgements) {
            (void)kill(child, SIGKILL);
        }
    }
    int status = 0;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFSIGNALED(status));
    (void)close(pipes[0]);
    assert_true(count >= acknowledgements);
    fixture_open(fixture);
    struct store_session *session = session_of(fixture, STORE_READ);
    for (int i = 0; i < count; i++) {
        assert_true(has(session, ids[i]));
    }
    store_session_close(session);
    fixture_close(fixture);
    free(ids);
}

static void test_nothing_acknowledged_is_lost(void **state)
{
    static const int acknowledgements[] = { 1, 70, 500, 2001 };
    struct fixture *fixture = *state;
    fixture_close(fixture);
    for (size_t i = 0; i < sizeof acknowledgements / sizeof acknowledgements[0]; i++) {
        survive_storm(fixture, acknowledgements[i]);
    }
}

#define TEST_CASE(function) \
    cmocka_unit_test_setup_teardown(function, fixture_setup, healed_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST_CASE(test_a_commit_that_was_not_kept),
        TEST_CASE(test_what_was_not_kept_stays_lost),
        TEST_CASE(test_a_commit_that_was_kept),
        TEST_CASE(test_what_is_found_at_the_start_is_synced),
        TEST_CASE(test_a_database_that_cannot_be_synced),
        TEST_CASE(test_a_checkpoint_that_fails),
        TEST_CASE(test_a_long_reader_costs_no_sync_a_commit),
        TEST_CASE(test_an_outcome_that_stays_unknown),
        TEST_CASE(test_a_full_disk_in_the_commit),
        TEST_CASE(test_a_write_that_fails_in_the_commit),
        TEST_CASE(test_a_read_that_fails_in_a_batch),
        TEST_CASE(test_a_reader_comes_back),
        TEST_CASE(test_a_full_disk),
        TEST_CASE(test_nothing_acknowledged_is_lost),
    };
    return cmocka_run_group_tests(tests, install_shim, NULL);
}
