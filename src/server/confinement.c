#include "server/confinement.h"

#include <libgen.h>
#include <limits.h>
#include <stdlib.h>

#include "os/landlock.h"

/* For names, certificates of authorities, time zones, and the metrics of the process. */
static const char *const system_paths[] = { "/etc", "/usr", "/lib", "/lib64", "/proc", "/dev" };

enum {
    SYSTEM_PATHS = sizeof system_paths / sizeof system_paths[0],
    /* The data; a certificate's and its key's directory, and those that links lead to. */
    OWN_PATHS = 1 + 2 * 2,
};

struct paths {
    struct landlock_path *items;
    size_t count;
    struct arena *arena;
    bool failed;
};

static void add(struct paths *paths, const char *path, bool is_writable)
{
    struct text copy = arena_copy(paths->arena, text_of(path));
    paths->failed = paths->failed || copy.data == NULL;
    paths->items[paths->count++] = (struct landlock_path){ copy.data, is_writable };
}

static void add_directory_of(struct paths *paths, const char *file, bool is_writable)
{
    struct text copy = arena_copy(paths->arena, text_of(file));
    if (copy.data == NULL) {
        paths->failed = true;
        return;
    }
    add(paths, dirname((char *)(uintptr_t)copy.data), is_writable);
}

/* Whoever renews a certificate may put it under another name, and lead a link there. */
static void add_renewed(struct paths *paths, struct text file)
{
    char real[PATH_MAX];
    if (file.data == NULL) {
        return;
    }
    add_directory_of(paths, file.data, false);
    if (realpath(file.data, real) != NULL) {
        add_directory_of(paths, real, false);
    }
}

static void add_sockets(struct paths *paths, const struct config_list *addresses)
{
    const struct text *items = addresses->items;
    for (size_t i = 0; i < addresses->count; i++) {
        if (text_starts_with(items[i], TEXT("unix:"))) {
            add_directory_of(paths, items[i].data + sizeof "unix:" - 1, true);
        }
    }
}

struct result confine(const struct config *config, struct arena *arena, bool *ret_is_confined)
{
    struct paths paths = { .arena = arena };
    size_t maximum =
        SYSTEM_PATHS + OWN_PATHS + config->listen.count + config->internal_listen.count;
    paths.items = arena_allocate_array(arena, maximum, sizeof *paths.items);
    if (paths.items == NULL) {
        return fault(ERROR_INTERNAL, "no memory for paths");
    }
    add(&paths, config->data.data, true);
    if (config->database_url.data != NULL) {
        add(&paths, "/", false);
    }
    for (size_t i = 0; i < SYSTEM_PATHS && config->database_url.data == NULL; i++) {
        add(&paths, system_paths[i], false);
    }
    add_renewed(&paths, config->tls_certificate);
    add_renewed(&paths, config->tls_key);
    add_sockets(&paths, &config->listen);
    add_sockets(&paths, &config->internal_listen);
    return paths.failed ? fault(ERROR_INTERNAL, "no memory for paths")
                        : landlock_confine(paths.items, paths.count, ret_is_confined);
}
