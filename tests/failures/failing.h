#ifndef ORGKEYS_TESTS_FAILURES_FAILING_H
#define ORGKEYS_TESTS_FAILURES_FAILING_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

/* What can fail; test_every_call.py knows the numbers of all lists here. */
enum failing_kind {
    FAILING_NOTHING,
    FAILING_MEMORY,
    FAILING_STATEMENT,      /* is not carried out */
    FAILING_LATE_STATEMENT, /* is carried out, and said to have failed */
    FAILING_READ,
    FAILING_WRITE,
    FAILING_FULL_DISK, /* the writes to files, for want of space */
    FAILING_OPEN,      /* what takes a descriptor */
};

/* Bits of a set. */
enum failing_thread {
    FAILING_MAIN = 1,
    FAILING_LOOP = 2,
    FAILING_READER = 4,
    FAILING_WRITER = 8,
    FAILING_PASSWORD = 16,
    FAILING_ACCEPTOR = 32,
    FAILING_BACKGROUND = 64,
};

enum { FAILING_NAME_SIZE = 48, FAILING_FRAMES_MAXIMUM = 24 };

/* The file that FAILING_CALLS names: the tests write into it what shall fail. */
struct failing_control {
    atomic_uint kind; /* the last that is written, the first that is taken back */
    uint32_t threads; /* that count, and whose calls fail */
    uint32_t number;  /* of the call that fails, from 1 on; 0: none does */
    uint32_t lasts;   /* all that follow fail as well */
    atomic_uint calls;
    atomic_uint failures;
    /* Of the first failure: the name of the call, and how it was reached, by places in the file. */
    char name[FAILING_NAME_SIZE];
    uint64_t frames[FAILING_FRAMES_MAXIMUM];
};

/* Whether this call shall fail. */
bool failing_now(enum failing_kind kind, const char *name);
/* The same, which says why in errno. */
bool failing_with(enum failing_kind kind, const char *name, int error);

/* `name` as it is called, and as the linker calls the one that there was before. */
#define WRAPPED(type, name, parameters) \
    type __real_##name parameters;      \
    type __wrap_##name parameters;      \
    type __wrap_##name parameters

#endif
