/*
 * A disk that loses its power and fails, under SQLite in a whole server. Linked with the server's
 * main.c; tests/crash/disk.py is the other side.
 *
 * What is written to the database and to its log lies in memory, in sectors, as in a system's
 * cache, and whoever reads sees it there. Each sector goes to the file at once or waits for a sync,
 * as chance will have it, so in any order, and writes are torn. SIGKILL loses what waits: a power
 * cut. An end in order writes it, as a system would.
 *
 * A sync that fails writes some of what waits and forgets to write the rest, which readers see on,
 * as Linux does.
 *
 * Locks, and the -shm file, which a recovery makes anew, are the system's. The rollback journal,
 * which there is only before the database is in WAL mode, is too.
 */
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <sqlite3.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/result.h"

enum { SECTOR_BYTES = 512, BUCKETS = 4096, FILES_MAXIMUM = 16 };

/* ---- What is to fail: the memory that the test shares ---- */

enum operation { READ, WRITE, SYNC, OPERATIONS };
enum kind { DATABASE, LOG, KINDS };

struct failures {
    atomic_int skip;   /* so many calls before the first that fails */
    atomic_int left;   /* so many fail then */
    atomic_int code;   /* SQLite's */
    atomic_int failed; /* so many did */
};

static struct failures no_failures[OPERATIONS][KINDS];
static struct failures (*failures)[KINDS] = no_failures;
static atomic_uint_fast64_t chance;

__attribute__((constructor)) static void connect_to_test(void)
{
    const char *path = getenv("FORGETFUL_DISK");
    const char *seed = getenv("FORGETFUL_SEED");
    atomic_store(&chance, seed != NULL ? strtoull(seed, NULL, 10) : 0);
    if (path == NULL) {
        return;
    }
    int descriptor = open(path, O_RDWR | O_CLOEXEC);
    void *memory =
        mmap(NULL, sizeof no_failures, PROT_READ | PROT_WRITE, MAP_SHARED, descriptor, 0);
    ASSERT(descriptor >= 0 && memory != MAP_FAILED);
    failures = memory;
    (void)close(descriptor);
}

/* One of `count` numbers (SplitMix64). */
static unsigned dice(unsigned count)
{
    uint64_t mixed = atomic_fetch_add(&chance, 0x9e3779b97f4a7c15) + 0x9e3779b97f4a7c15;
    mixed = (mixed ^ (mixed >> 30)) * 0xbf58476d1ce4e5b9;
    mixed = (mixed ^ (mixed >> 27)) * 0x94d049bb133111eb;
    return (unsigned)((mixed ^ (mixed >> 31)) % count);
}

static bool take_one(atomic_int *count)
{
    int left = atomic_load(count);
    while (left > 0 && !atomic_compare_exchange_weak(count, &left, left - 1)) {
    }
    return left > 0;
}

/* SQLITE_OK, or what the call is to fail with. */
static int failure_of(enum operation operation, enum kind kind)
{
    struct failures *wanted = &failures[operation][kind];
    if (atomic_load(&wanted->left) <= 0 || take_one(&wanted->skip) || !take_one(&wanted->left)) {
        return SQLITE_OK;
    }
    (void)atomic_fetch_add(&wanted->failed, 1);
    return atomic_load(&wanted->code);
}

/* ---- Files, with what is not on the disk yet ---- */

struct sector {
    struct sector *next;
    int64_t number;
    bool is_dropped; /* a sync failed: nobody will write it */
    unsigned char bytes[SECTOR_BYTES];
};

/* What all connections share that have the file open. */
struct medium {
    char path[PATH_MAX]; /* empty: deleted */
    enum kind kind;
    int descriptor; /* stays open: closing one would drop SQLite's locks on the file */
    int64_t size;
    int64_t cut_to; /* INT64_MAX, or a truncation that is not on the disk yet */
    struct sector *buckets[BUCKETS];
};

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER; /* over all of them */
static struct medium media[FILES_MAXIMUM];

static struct medium *medium_find(const char *path)
{
    for (size_t i = 0; i < FILES_MAXIMUM; i++) {
        if (media[i].path[0] != '\0' && strcmp(media[i].path, path) == 0) {
            return &media[i];
        }
    }
    return NULL;
}

static struct medium *medium_open(const char *path, enum kind kind)
{
    struct stat status;
    struct medium *medium = medium_find(path);
    for (size_t i = 0; medium == NULL && i < FILES_MAXIMUM; i++) {
        if (media[i].path[0] == '\0') {
            medium = &media[i];
            (void)snprintf(medium->path, sizeof medium->path, "%s", path);
            medium->kind = kind;
            medium->descriptor = open(path, O_RDWR | O_CLOEXEC);
            ASSERT(medium->descriptor >= 0 && fstat(medium->descriptor, &status) == 0);
            medium->size = status.st_size;
            medium->cut_to = INT64_MAX;
        }
    }
    ASSERT(medium != NULL);
    return medium;
}

static int64_t smaller(int64_t left, int64_t right)
{
    return left < right ? left : right;
}

static struct sector **place_of(struct medium *medium, int64_t number)
{
    struct sector **place = &medium->buckets[number % BUCKETS];
    while (*place != NULL && (*place)->number != number) {
        place = &(*place)->next;
    }
    return place;
}

static void forget(struct sector **place)
{
    struct sector *sector = *place;
    *place = sector->next;
    free(sector);
}

/* As it is seen: what waits, or what is on the disk. */
static void sector_read(struct medium *medium, int64_t number, unsigned char *ret_bytes)
{
    const struct sector *sector = *place_of(medium, number);
    if (sector != NULL) {
        memcpy(ret_bytes, sector->bytes, SECTOR_BYTES);
        return;
    }
    int64_t start = number * SECTOR_BYTES;
    int64_t length = smaller(SECTOR_BYTES, medium->cut_to - start);
    memset(ret_bytes, 0, SECTOR_BYTES);
    ASSERT(length <= 0 || pread(medium->descriptor, ret_bytes, (size_t)length, start) >= 0);
}

static struct sector *sector_change(struct medium *medium, int64_t number)
{
    struct sector **place = place_of(medium, number);
    if (*place == NULL) {
        struct sector *sector = calloc(1, sizeof *sector);
        ASSERT(sector != NULL);
        sector->number = number;
        sector_read(medium, number, sector->bytes);
        *place = sector;
    }
    (*place)->is_dropped = false;
    return *place;
}

static void cut(struct medium *medium)
{
    if (medium->cut_to != INT64_MAX) {
        ASSERT(ftruncate(medium->descriptor, medium->cut_to) == 0);
        medium->cut_to = INT64_MAX;
    }
}

/* Onto the disk. A sector behind a truncation that waits does not come before it. */
static void let_through(struct medium *medium, struct sector **place)
{
    int64_t start = (*place)->number * SECTOR_BYTES;
    int64_t length = smaller(SECTOR_BYTES, medium->size - start);
    if (start + length > medium->cut_to) {
        cut(medium);
    }
    ASSERT(length <= 0 ||
           pwrite(medium->descriptor, (*place)->bytes, (size_t)length, start) == length);
    forget(place);
}

/* A sync that fails forgets, one that works does not; the end of the process writes all. */
enum ending { SYNC_WORKS, SYNC_FAILS, PROCESS_ENDS };

static void settle(struct medium *medium, enum ending ending)
{
    if (ending != SYNC_FAILS) {
        cut(medium);
    }
    for (size_t i = 0; i < BUCKETS; i++) {
        struct sector **place = &medium->buckets[i];
        while (*place != NULL) {
            bool waits = !(*place)->is_dropped;
            if (ending == PROCESS_ENDS || (waits && (ending == SYNC_WORKS || dice(4) == 0))) {
                let_through(medium, place);
            } else {
                (*place)->is_dropped = true;
                place = &(*place)->next;
            }
        }
    }
}

__attribute__((destructor)) static void end_in_order(void)
{
    (void)pthread_mutex_lock(&mutex);
    for (size_t i = 0; i < FILES_MAXIMUM; i++) {
        if (media[i].path[0] != '\0') {
            settle(&media[i], PROCESS_ENDS);
        }
    }
    (void)pthread_mutex_unlock(&mutex);
}

/* ---- SQLite's files ---- */

struct file {
    sqlite3_file base;
    struct medium *medium;
    sqlite3_file *real; /* in the same allocation */
};

#define MEDIUM(file) (((struct file *)(file))->medium)
#define REAL(file) (((struct file *)(file))->real)
#define FORWARD(file, method, ...) REAL(file)->pMethods->method(REAL(file), ##__VA_ARGS__)

static int disk_close(sqlite3_file *file)
{
    return FORWARD(file, xClose);
}

static int disk_read(sqlite3_file *file, void *data, int size, sqlite3_int64 offset)
{
    struct medium *medium = MEDIUM(file);
    unsigned char *target = data;
    unsigned char bytes[SECTOR_BYTES];
    int code = failure_of(READ, medium->kind);
    if (code != SQLITE_OK) {
        return code;
    }
    (void)pthread_mutex_lock(&mutex);
    int64_t end = smaller(offset + size, medium->size);
    memset(data, 0, (size_t)size);
    for (int64_t at = offset; at < end;) {
        int64_t within = at % SECTOR_BYTES;
        int64_t length = smaller(SECTOR_BYTES - within, end - at);
        sector_read(medium, at / SECTOR_BYTES, bytes);
        memcpy(target + (at - offset), bytes + within, (size_t)length);
        at += length;
    }
    (void)pthread_mutex_unlock(&mutex);
    return end < offset + size ? SQLITE_IOERR_SHORT_READ : SQLITE_OK;
}

enum fate { ALL_AT_ONCE, SOME_AT_ONCE, FATES = 4 }; /* else nothing */

static void write_sectors(struct medium *medium, const unsigned char *data, int64_t offset,
                          int64_t end)
{
    unsigned fate = dice(FATES);
    for (int64_t at = offset; at < end;) {
        int64_t within = at % SECTOR_BYTES;
        int64_t length = smaller(SECTOR_BYTES - within, end - at);
        struct sector *sector = sector_change(medium, at / SECTOR_BYTES);
        memcpy(sector->bytes + within, data + (at - offset), (size_t)length);
        at += length;
        medium->size = medium->size > at ? medium->size : at;
        if (fate == ALL_AT_ONCE || (fate == SOME_AT_ONCE && dice(2) == 0)) {
            let_through(medium, place_of(medium, sector->number));
        }
    }
}

/* A write that fails has written a part. */
static int disk_write(sqlite3_file *file, const void *data, int size, sqlite3_int64 offset)
{
    struct medium *medium = MEDIUM(file);
    int code = failure_of(WRITE, medium->kind);
    int written = code == SQLITE_OK ? size : (int)dice((unsigned)size);
    (void)pthread_mutex_lock(&mutex);
    write_sectors(medium, data, offset, offset + written);
    (void)pthread_mutex_unlock(&mutex);
    return code;
}

static int disk_truncate(sqlite3_file *file, sqlite3_int64 size)
{
    struct medium *medium = MEDIUM(file);
    (void)pthread_mutex_lock(&mutex);
    if (size < medium->size) {
        int64_t last = size / SECTOR_BYTES;
        if (size % SECTOR_BYTES != 0) {
            struct sector *sector = sector_change(medium, last);
            memset(sector->bytes + size % SECTOR_BYTES, 0,
                   (size_t)(SECTOR_BYTES - size % SECTOR_BYTES));
            last++;
        }
        for (int64_t i = last; i * SECTOR_BYTES < medium->size; i++) {
            struct sector **place = place_of(medium, i);
            if (*place != NULL) {
                forget(place);
            }
        }
        medium->cut_to = smaller(medium->cut_to, size);
        if (dice(2) == 0) {
            cut(medium);
        }
    }
    medium->size = size;
    (void)pthread_mutex_unlock(&mutex);
    return SQLITE_OK;
}

static int disk_sync(sqlite3_file *file, int flags)
{
    (void)flags;
    struct medium *medium = MEDIUM(file);
    int code = failure_of(SYNC, medium->kind);
    (void)pthread_mutex_lock(&mutex);
    settle(medium, code == SQLITE_OK ? SYNC_WORKS : SYNC_FAILS);
    (void)pthread_mutex_unlock(&mutex);
    return code;
}

static int disk_file_size(sqlite3_file *file, sqlite3_int64 *size)
{
    (void)pthread_mutex_lock(&mutex);
    *size = MEDIUM(file)->size;
    (void)pthread_mutex_unlock(&mutex);
    return SQLITE_OK;
}

static int disk_lock(sqlite3_file *file, int lock)
{
    return FORWARD(file, xLock, lock);
}
static int disk_unlock(sqlite3_file *file, int lock)
{
    return FORWARD(file, xUnlock, lock);
}
static int disk_check_reserved_lock(sqlite3_file *file, int *reserved)
{
    return FORWARD(file, xCheckReservedLock, reserved);
}

/* What would write past us; to SQLite they are hints. */
static int disk_file_control(sqlite3_file *file, int operation, void *argument)
{
    return operation == SQLITE_FCNTL_SIZE_HINT || operation == SQLITE_FCNTL_CHUNK_SIZE
               ? SQLITE_OK
               : FORWARD(file, xFileControl, operation, argument);
}

static int disk_sector_size(sqlite3_file *file)
{
    return FORWARD(file, xSectorSize);
}
static int disk_device_characteristics(sqlite3_file *file)
{
    return FORWARD(file, xDeviceCharacteristics);
}
static int disk_shm_map(sqlite3_file *file, int page, int size, int extend, void volatile **memory)
{
    return FORWARD(file, xShmMap, page, size, extend, memory);
}
static int disk_shm_lock(sqlite3_file *file, int offset, int count, int flags)
{
    return FORWARD(file, xShmLock, offset, count, flags);
}
static void disk_shm_barrier(sqlite3_file *file)
{
    FORWARD(file, xShmBarrier);
}
static int disk_shm_unmap(sqlite3_file *file, int remove)
{
    return FORWARD(file, xShmUnmap, remove);
}

static const sqlite3_io_methods methods = {
    .iVersion = 2,
    .xClose = disk_close,
    .xRead = disk_read,
    .xWrite = disk_write,
    .xTruncate = disk_truncate,
    .xSync = disk_sync,
    .xFileSize = disk_file_size,
    .xLock = disk_lock,
    .xUnlock = disk_unlock,
    .xCheckReservedLock = disk_check_reserved_lock,
    .xFileControl = disk_file_control,
    .xSectorSize = disk_sector_size,
    .xDeviceCharacteristics = disk_device_characteristics,
    .xShmMap = disk_shm_map,
    .xShmLock = disk_shm_lock,
    .xShmBarrier = disk_shm_barrier,
    .xShmUnmap = disk_shm_unmap,
};

static sqlite3_vfs *system_vfs;

static int disk_open(sqlite3_vfs *vfs, const char *name, sqlite3_file *file, int flags,
                     int *ret_flags)
{
    (void)vfs;
    struct file *self = (struct file *)file;
    enum kind kind = (flags & SQLITE_OPEN_WAL) != 0 ? LOG : DATABASE;
    if ((flags & (SQLITE_OPEN_WAL | SQLITE_OPEN_MAIN_DB)) == 0) {
        return system_vfs->xOpen(system_vfs, name, file, flags, ret_flags);
    }
    self->base.pMethods = NULL;
    self->real = (sqlite3_file *)(self + 1);
    int code = system_vfs->xOpen(system_vfs, name, self->real, flags, ret_flags);
    if (code != SQLITE_OK) {
        return code;
    }
    (void)pthread_mutex_lock(&mutex);
    self->medium = medium_open(name, kind);
    (void)pthread_mutex_unlock(&mutex);
    self->base.pMethods = &methods;
    return SQLITE_OK;
}

/* At once: what a log that comes back holds, is in the database. */
static int disk_delete(sqlite3_vfs *vfs, const char *name, int sync_directory)
{
    (void)vfs;
    (void)pthread_mutex_lock(&mutex);
    struct medium *medium = medium_find(name);
    if (medium != NULL) {
        for (size_t i = 0; i < BUCKETS; i++) {
            while (medium->buckets[i] != NULL) {
                forget(&medium->buckets[i]);
            }
        }
        (void)close(medium->descriptor);
        medium->path[0] = '\0';
    }
    (void)pthread_mutex_unlock(&mutex);
    return system_vfs->xDelete(system_vfs, name, sync_directory);
}

/* To SQLite, a file without content is none. */
static int disk_access(sqlite3_vfs *vfs, const char *name, int flags, int *ret_can)
{
    (void)vfs;
    (void)pthread_mutex_lock(&mutex);
    const struct medium *medium = medium_find(name);
    bool is_known = medium != NULL && flags == SQLITE_ACCESS_EXISTS;
    if (is_known) {
        *ret_can = medium->size > 0;
    }
    (void)pthread_mutex_unlock(&mutex);
    return is_known ? SQLITE_OK : system_vfs->xAccess(system_vfs, name, flags, ret_can);
}

static void insert_disk(void)
{
    static sqlite3_vfs disk;
    system_vfs = sqlite3_vfs_find(NULL);
    disk = *system_vfs;
    disk.zName = "forgetful";
    disk.szOsFile = (int)sizeof(struct file) + system_vfs->szOsFile;
    disk.xOpen = disk_open;
    disk.xDelete = disk_delete;
    disk.xAccess = disk_access;
    ASSERT(sqlite3_vfs_register(&disk, 1) == SQLITE_OK);
}

/*
 * The log seems longer than it is, so that what is in it is copied into the database often.
 */
enum { FRAMES_FACTOR = 20 };

typedef int wal_hook(void *context, sqlite3 *database, const char *name, int frames);
static wal_hook *counts;

static int count_more(void *context, sqlite3 *database, const char *name, int frames)
{
    return counts(context, database, name, frames * FRAMES_FACTOR);
}

void *__real_sqlite3_wal_hook(sqlite3 *database, wal_hook *hook, void *context);
void *__wrap_sqlite3_wal_hook(sqlite3 *database, wal_hook *hook, void *context);
void *__wrap_sqlite3_wal_hook(sqlite3 *database, wal_hook *hook, void *context)
{
    counts = hook;
    return __real_sqlite3_wal_hook(database, count_more, context);
}

/* Not before the server opens a database: SQLite's configuration comes before its first use. */
int __real_sqlite3_open_v2(const char *path, sqlite3 **ret_database, int flags, const char *vfs);
int __wrap_sqlite3_open_v2(const char *path, sqlite3 **ret_database, int flags, const char *vfs);
int __wrap_sqlite3_open_v2(const char *path, sqlite3 **ret_database, int flags, const char *vfs)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    (void)pthread_once(&once, insert_disk);
    return __real_sqlite3_open_v2(path, ret_database, flags, vfs);
}
