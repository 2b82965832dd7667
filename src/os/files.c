#include "os/files.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/secret.h"

enum { READ_STEP = 4096, PRIVATE_FILE = 0600 };

struct path {
    char string[PATH_MAX];
};

/* Keeps errno as the reason of the failure. */
static struct result file_fault(const char *action, struct text path, int error)
{
    struct result result =
        fault(ERROR_INTERNAL, "cannot %s %.*s: %s", action, TEXT_ARGUMENTS(path), strerror(error));
    errno = error;
    return result;
}

/* The kernel wants a NUL at the end, and would stop at one inside. */
static bool path_of(struct text text, struct path *ret_path)
{
    if (text.length == 0 || text.length >= sizeof ret_path->string ||
        text_find(text, '\0') < text.length) {
        errno = text.length == 0 ? ENOENT : ENAMETOOLONG;
        return false;
    }
    memcpy(ret_path->string, text.data, text.length);
    ret_path->string[text.length] = '\0';
    return true;
}

/* Reads to the end; one byte more than fits tells a file that is too large. */
static int read_all(int descriptor, struct buffer *content)
{
    for (;;) {
        char step[READ_STEP];
        ssize_t count = read(descriptor, step, sizeof step);
        if (count > 0) {
            buffer_append(content, (struct text){ step, (size_t)count });
        }
        secret_wipe(step, sizeof step);
        if (content->failed) {
            return EFBIG;
        }
        if (count == 0) {
            return 0;
        }
        if (count < 0 && errno != EINTR) {
            return errno;
        }
    }
}

struct result file_read(struct text path, struct buffer *content)
{
    struct path name;
    if (!path_of(path, &name)) {
        return file_fault("read", path, errno);
    }
    int descriptor = open(name.string, O_RDONLY | O_CLOEXEC | O_NOCTTY);
    if (descriptor < 0) {
        return file_fault("read", path, errno);
    }
    int error = read_all(descriptor, content);
    (void)close(descriptor);
    if (error != 0) {
        buffer_free(content);
        return file_fault("read", path, error);
    }
    return RESULT_OK;
}

static int write_all(int descriptor, struct text content)
{
    while (content.length > 0) {
        ssize_t count = write(descriptor, content.data, content.length);
        if (count < 0 && errno != EINTR) {
            return errno;
        }
        content = text_from(content, count > 0 ? (size_t)count : 0);
    }
    return fsync(descriptor) == 0 ? 0 : errno;
}

/* A new name in a directory is on disk only after the directory itself is. */
static int sync_directory_of(const struct path *path)
{
    struct path directory = *path;
    char *slash = strrchr(directory.string, '/');
    if (slash == NULL) {
        (void)snprintf(directory.string, sizeof directory.string, ".");
    } else {
        slash[slash == directory.string ? 1 : 0] = '\0';
    }
    int descriptor = open(directory.string, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (descriptor < 0) {
        return errno;
    }
    int error = fsync(descriptor) == 0 ? 0 : errno;
    (void)close(descriptor);
    return error;
}

/* Writes a new file beside `path`, under a name that is put into `temporary`. */
static int write_beside(const struct path *path, struct text content, struct path *temporary)
{
    int length = snprintf(temporary->string, sizeof temporary->string, "%s.XXXXXX", path->string);
    if (length < 0 || (size_t)length >= sizeof temporary->string) {
        return ENAMETOOLONG;
    }
    int descriptor = mkostemp(temporary->string, O_CLOEXEC); /* 0600 */
    if (descriptor < 0) {
        return errno;
    }
    int error = write_all(descriptor, content);
    if (close(descriptor) != 0 && error == 0) {
        error = errno;
    }
    if (error != 0) {
        (void)unlink(temporary->string);
    }
    return error;
}

struct result file_replace(struct text path, struct text content)
{
    struct path name;
    struct path temporary;
    if (!path_of(path, &name)) {
        return file_fault("write", path, errno);
    }
    int error = write_beside(&name, content, &temporary);
    if (error != 0) {
        return file_fault("write", path, error);
    }
    if (rename(temporary.string, name.string) != 0) {
        error = errno;
        (void)unlink(temporary.string);
        return file_fault("write", path, error);
    }
    error = sync_directory_of(&name);
    return error == 0 ? RESULT_OK : file_fault("write", path, error);
}

struct result file_make(struct text path, int *ret_descriptor)
{
    const int flags = O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC;
    struct path name;
    *ret_descriptor = path_of(path, &name) ? open(name.string, flags, PRIVATE_FILE) : -1;
    return *ret_descriptor >= 0 ? RESULT_OK : file_fault("make", path, errno);
}

struct result file_make_beside(struct text path, struct arena *arena, struct text *ret_path,
                               int *ret_descriptor)
{
    struct path name;
    int length = snprintf(name.string, sizeof name.string, "%.*s.XXXXXX", TEXT_ARGUMENTS(path));
    if (length < 0 || (size_t)length >= sizeof name.string) {
        return file_fault("write", path, ENAMETOOLONG);
    }
    int descriptor = mkostemp(name.string, O_CLOEXEC); /* 0600 */
    if (descriptor < 0) {
        return file_fault("write", path, errno);
    }
    *ret_path = arena_format(arena, "%s", name.string);
    if (ret_path->data == NULL) {
        (void)close(descriptor);
        (void)unlink(name.string);
        return file_fault("write", path, ENOMEM);
    }
    *ret_descriptor = descriptor;
    return RESULT_OK;
}

struct result file_rename(struct text from, struct text to)
{
    struct path old;
    struct path new;
    if (!path_of(from, &old) || !path_of(to, &new) || rename(old.string, new.string) != 0) {
        return file_fault("make", to, errno);
    }
    int error = sync_directory_of(&new);
    return error == 0 ? RESULT_OK : file_fault("make", to, error);
}

static int rename_new(const struct path *from, const struct path *to)
{
    if (renameat2(AT_FDCWD, from->string, AT_FDCWD, to->string, RENAME_NOREPLACE) == 0) {
        return 0;
    }
    if (errno != EINVAL) {
        return errno;
    }
    /* A network's file system may not know the flag. */
    if (access(to->string, F_OK) == 0) {
        return EEXIST;
    }
    return rename(from->string, to->string) == 0 ? 0 : errno;
}

struct result file_rename_new(struct text from, struct text to)
{
    struct path old;
    struct path new;
    int error = path_of(from, &old) && path_of(to, &new) ? rename_new(&old, &new) : errno;
    if (error == EEXIST) {
        return fault(ERROR_INTERNAL, "%.*s is there already", TEXT_ARGUMENTS(to));
    }
    if (error == 0) {
        error = sync_directory_of(&new);
        if (error != 0) {
            (void)unlink(new.string);
        }
    }
    return error == 0 ? RESULT_OK : file_fault("make", to, error);
}

struct result file_link(struct text from, struct text to)
{
    struct path old;
    struct path new;
    if (!path_of(from, &old) || !path_of(to, &new) ||
        (link(old.string, new.string) != 0 && errno != ENOENT)) {
        return file_fault("make", to, errno);
    }
    int error = sync_directory_of(&new);
    return error == 0 ? RESULT_OK : file_fault("make", to, error);
}

struct result file_remove(struct text path)
{
    struct path name;
    if (!path_of(path, &name) || (unlink(name.string) != 0 && errno != ENOENT)) {
        return file_fault("delete", path, errno);
    }
    int error = sync_directory_of(&name);
    return error == 0 ? RESULT_OK : file_fault("delete", path, error);
}

struct result directory_make(struct text path)
{
    struct path name;
    struct stat status;
    if (!path_of(path, &name)) {
        return file_fault("make the directory", path, errno);
    }
    if (mkdir(name.string, S_IRWXU) == 0) {
        int error = sync_directory_of(&name);
        return error == 0 ? RESULT_OK : file_fault("make the directory", path, error);
    }
    if (errno != EEXIST || stat(name.string, &status) != 0) {
        return file_fault("make the directory", path, errno);
    }
    if (!S_ISDIR(status.st_mode)) {
        return file_fault("make the directory", path, ENOTDIR);
    }
    /* We may have made it, and been killed before this. Of somebody else's we may not be able to.
     */
    (void)sync_directory_of(&name);
    return RESULT_OK;
}
