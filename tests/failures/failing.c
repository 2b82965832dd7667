/* Which call fails; and the calls of the system, of libraries and of threads that can. */
#include "failing.h"

#include <errno.h>
#include <event2/event.h>
#include <execinfo.h>
#include <fcntl.h>
#include <link.h>
#include <netdb.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/result.h"
#include "os/threads.h"

static struct failing_control *control;
static _Thread_local uint32_t this_thread = FAILING_MAIN;

/* ---- Which call fails ---- */

static int find_program(struct dl_phdr_info *object, size_t size, void *context)
{
    (void)size;
    *(uint64_t *)context = object->dlpi_addr;
    return 1; /* it comes first */
}

static void note_failure(const char *name)
{
    void *frames[FAILING_FRAMES_MAXIMUM];
    uint64_t program = 0;
    int count = backtrace(frames, FAILING_FRAMES_MAXIMUM);
    (void)dl_iterate_phdr(find_program, &program);
    for (int i = 0; i < FAILING_FRAMES_MAXIMUM; i++) {
        control->frames[i] = i < count ? (uint64_t)(uintptr_t)frames[i] - program : 0;
    }
    (void)snprintf(control->name, sizeof control->name, "%s", name);
}

bool failing_now(enum failing_kind kind, const char *name)
{
    if (control == NULL || atomic_load(&control->kind) != kind ||
        (control->threads & this_thread) == 0) {
        return false;
    }
    uint32_t number = atomic_fetch_add(&control->calls, 1) + 1;
    bool fails = control->number != 0 &&
                 (control->lasts != 0 ? number >= control->number : number == control->number);
    if (fails && atomic_fetch_add(&control->failures, 1) == 0) {
        int before = errno;
        note_failure(name);
        errno = before;
    }
    return fails;
}

bool failing_with(enum failing_kind kind, const char *name, int error)
{
    bool fails = failing_now(kind, name);
    errno = fails ? error : errno;
    return fails;
}

static bool no_memory(const char *name)
{
    return failing_with(FAILING_MEMORY, name, ENOMEM);
}

/* ---- Threads ---- */

static const struct {
    const char *name;
    uint32_t thread;
} roles[] = {
    { "loop", FAILING_LOOP },           { "store-reader", FAILING_READER },
    { "store-writer", FAILING_WRITER }, { "password", FAILING_PASSWORD },
    { "acceptor", FAILING_ACCEPTOR },
};

enum { THREADS_STARTED_MAXIMUM = 256 };

static struct started {
    uint32_t thread;
    void *(*run)(void *context);
    void *context;
} started[THREADS_STARTED_MAXIMUM];
static atomic_uint started_count;

static void *run_started(void *context)
{
    const struct started *self = context;
    this_thread = self->thread;
    return self->run(self->context);
}

struct result __real_thread_start(const char *name, void *(*run)(void *context), void *context,
                                  pthread_t *ret_thread);
struct result __wrap_thread_start(const char *name, void *(*run)(void *context), void *context,
                                  pthread_t *ret_thread);
struct result __wrap_thread_start(const char *name, void *(*run)(void *context), void *context,
                                  pthread_t *ret_thread)
{
    unsigned place = atomic_fetch_add(&started_count, 1);
    ASSERT(place < THREADS_STARTED_MAXIMUM);
    struct started *self = &started[place];
    *self = (struct started){ FAILING_BACKGROUND, run, context };
    for (size_t i = 0; i < sizeof roles / sizeof roles[0]; i++) {
        if (strcmp(roles[i].name, name) == 0) {
            self->thread = roles[i].thread;
        }
    }
    return __real_thread_start(name, run_started, self, ret_thread);
}

/* ---- Memory: ours, and what libraries let others allocate for them ---- */

WRAPPED(void *, malloc, (size_t size))
{
    return no_memory("malloc") ? NULL : __real_malloc(size);
}

WRAPPED(void *, calloc, (size_t count, size_t size))
{
    return no_memory("calloc") ? NULL : __real_calloc(count, size);
}

WRAPPED(void *, aligned_alloc, (size_t alignment, size_t size))
{
    return no_memory("aligned_alloc") ? NULL : __real_aligned_alloc(alignment, size);
}

WRAPPED(char *, strndup, (const char *string, size_t length))
{
    return no_memory("strndup") ? NULL : __real_strndup(string, length);
}

WRAPPED(void *, mmap64,
        (void *address, size_t length, int protection, int flags, int descriptor, off_t offset))
{
    return no_memory("mmap")
               ? MAP_FAILED
               : __real_mmap64(address, length, protection, flags, descriptor, offset);
}

WRAPPED(int, pthread_create,
        (pthread_t * thread, const pthread_attr_t *attributes, void *(*run)(void *), void *context))
{
    return no_memory("pthread_create") ? EAGAIN
                                       : __real_pthread_create(thread, attributes, run, context);
}

WRAPPED(int, getaddrinfo,
        (const char *host, const char *service, const struct addrinfo *hints,
         struct addrinfo **ret_found))
{
    return no_memory("getaddrinfo") ? EAI_MEMORY
                                    : __real_getaddrinfo(host, service, hints, ret_found);
}

WRAPPED(int, crypto_pwhash,
        (unsigned char *const out, unsigned long long out_length, const char *const password,
         unsigned long long password_length, const unsigned char *const salt,
         unsigned long long operations, size_t memory, int algorithm))
{
    return no_memory("crypto_pwhash")
               ? -1
               : __real_crypto_pwhash(out, out_length, password, password_length, salt, operations,
                                      memory, algorithm);
}

WRAPPED(int, crypto_pwhash_str_alg,
        (char *out, const char *const password, unsigned long long password_length,
         unsigned long long operations, size_t memory, int algorithm))
{
    return no_memory("crypto_pwhash_str_alg")
               ? -1
               : __real_crypto_pwhash_str_alg(out, password, password_length, operations, memory,
                                              algorithm);
}

/* OpenSSL 3.0 itself crashes where it gets no memory to initialize itself with, at the start. */
static bool no_openssl_memory(const char *name)
{
    return this_thread != FAILING_MAIN && no_memory(name);
}

static void *openssl_malloc(size_t size, const char *file, int line)
{
    (void)file, (void)line;
    return no_openssl_memory("OpenSSL's malloc") ? NULL : __real_malloc(size);
}

static void *openssl_realloc(void *memory, size_t size, const char *file, int line)
{
    (void)file, (void)line;
    return no_openssl_memory("OpenSSL's realloc") ? NULL : realloc(memory, size);
}

static void openssl_free(void *memory, const char *file, int line)
{
    (void)file, (void)line;
    free(memory);
}

static void *event_malloc(size_t size)
{
    return no_memory("libevent's malloc") ? NULL : __real_malloc(size);
}

static void *event_realloc(void *memory, size_t size)
{
    return no_memory("libevent's realloc") ? NULL : realloc(memory, size);
}

/* ---- Descriptors ---- */

/* Reading and writing the counters that wake threads does not fail in any way that exists. */
static atomic_ullong counters;

static bool is_counter(int descriptor)
{
    return descriptor >= 0 && descriptor < 64 && (atomic_load(&counters) >> descriptor & 1) != 0;
}

WRAPPED(ssize_t, recv, (int socket, void *bytes, size_t size, int flags))
{
    return failing_with(FAILING_READ, "recv", ECONNRESET) ? -1
                                                          : __real_recv(socket, bytes, size, flags);
}

WRAPPED(ssize_t, read, (int descriptor, void *bytes, size_t size))
{
    return !is_counter(descriptor) && failing_with(FAILING_READ, "read", EIO)
               ? -1
               : __real_read(descriptor, bytes, size);
}

WRAPPED(ssize_t, getrandom, (void *bytes, size_t size, unsigned flags))
{
    return failing_with(FAILING_READ, "getrandom", EIO) ? -1 : __real_getrandom(bytes, size, flags);
}

WRAPPED(ssize_t, send, (int socket, const void *bytes, size_t size, int flags))
{
    return failing_with(FAILING_WRITE, "send", ECONNRESET)
               ? -1
               : __real_send(socket, bytes, size, flags);
}

WRAPPED(ssize_t, write, (int descriptor, const void *bytes, size_t size))
{
    return !is_counter(descriptor) && (failing_with(FAILING_WRITE, "write", EIO) ||
                                       failing_with(FAILING_FULL_DISK, "write", ENOSPC))
               ? -1
               : __real_write(descriptor, bytes, size);
}

WRAPPED(int, fsync, (int descriptor))
{
    return failing_with(FAILING_WRITE, "fsync", EIO) ? -1 : __real_fsync(descriptor);
}

WRAPPED(int, rename, (const char *from, const char *to))
{
    return failing_with(FAILING_WRITE, "rename", EIO) ||
                   failing_with(FAILING_FULL_DISK, "rename", ENOSPC)
               ? -1
               : __real_rename(from, to);
}

WRAPPED(int, mkdir, (const char *path, mode_t mode))
{
    return failing_with(FAILING_WRITE, "mkdir", EIO) ||
                   failing_with(FAILING_FULL_DISK, "mkdir", ENOSPC)
               ? -1
               : __real_mkdir(path, mode);
}

WRAPPED(int, mkostemp64, (char *pattern, int flags))
{
    return failing_with(FAILING_OPEN, "mkostemp", EMFILE) ||
                   failing_with(FAILING_FULL_DISK, "mkostemp", ENOSPC)
               ? -1
               : __real_mkostemp64(pattern, flags);
}

WRAPPED(int, open64, (const char *path, int flags, ...))
{
    /* With O_CREAT, which takes a mode, only openat is called. */
    return failing_with(FAILING_OPEN, "open", EMFILE) ? -1 : __real_open64(path, flags);
}

int __real_openat64(int directory, const char *path, int flags, mode_t mode);
int __wrap_openat64(int directory, const char *path, int flags, mode_t mode);
int __wrap_openat64(int directory, const char *path, int flags, mode_t mode)
{
    return failing_with(FAILING_OPEN, "openat", EMFILE) ||
                   failing_with(FAILING_FULL_DISK, "openat", ENOSPC)
               ? -1
               : __real_openat64(directory, path, flags, mode);
}

WRAPPED(int, accept4, (int socket, struct sockaddr *address, socklen_t *length, int flags))
{
    return failing_with(FAILING_OPEN, "accept4", EMFILE)
               ? -1
               : __real_accept4(socket, address, length, flags);
}

WRAPPED(int, socket, (int domain, int type, int protocol))
{
    return failing_with(FAILING_OPEN, "socket", EMFILE) ? -1
                                                        : __real_socket(domain, type, protocol);
}

WRAPPED(int, eventfd, (unsigned count, int flags))
{
    int descriptor =
        failing_with(FAILING_OPEN, "eventfd", EMFILE) ? -1 : __real_eventfd(count, flags);
    ASSERT(descriptor < 64);
    if (descriptor >= 0) {
        (void)atomic_fetch_or(&counters, 1ULL << descriptor);
    }
    return descriptor;
}

/* ---- Before main ---- */

__attribute__((constructor)) static void start_failing(void)
{
    const char *path = getenv("FAILING_CALLS");
    int descriptor = path != NULL ? __real_open64(path, O_RDWR | O_CLOEXEC) : -1;
    if (descriptor < 0) {
        return;
    }
    void *memory =
        __real_mmap64(NULL, sizeof *control, PROT_READ | PROT_WRITE, MAP_SHARED, descriptor, 0);
    (void)close(descriptor);
    ASSERT(memory != MAP_FAILED);
    /* What it allocates when it is first used shall not be in the middle of a failing call. */
    (void)backtrace((void *[1]){ 0 }, 1);
    ASSERT(CRYPTO_set_mem_functions(openssl_malloc, openssl_realloc, openssl_free) == 1);
    event_set_mem_functions(event_malloc, event_realloc, free);
    control = memory;
}
