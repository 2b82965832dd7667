#include "os/landlock.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/landlock.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/text.h"

/* Kernels since 6.2 know it (ABI 3), Debian 12's headers do not. */
#define ACCESS_TRUNCATE (UINT64_C(1) << 14)

enum { ABI_WITH_TRUNCATE = 3 };

#define ACCESS_READ (LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR)
#define ACCESS_WRITE                                                  \
    (LANDLOCK_ACCESS_FS_WRITE_FILE | LANDLOCK_ACCESS_FS_REMOVE_FILE | \
     LANDLOCK_ACCESS_FS_MAKE_REG | LANDLOCK_ACCESS_FS_MAKE_DIR | LANDLOCK_ACCESS_FS_MAKE_SOCK)
#define ACCESS_NEVER                                                                             \
    (LANDLOCK_ACCESS_FS_EXECUTE | LANDLOCK_ACCESS_FS_REMOVE_DIR | LANDLOCK_ACCESS_FS_MAKE_CHAR | \
     LANDLOCK_ACCESS_FS_MAKE_FIFO | LANDLOCK_ACCESS_FS_MAKE_BLOCK | LANDLOCK_ACCESS_FS_MAKE_SYM)
/* What a rule about a single file may name. */
#define ACCESS_OF_FILES \
    (LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_WRITE_FILE | ACCESS_TRUNCATE)

/* glibc has no functions for them. */
static long create_ruleset(const struct landlock_ruleset_attr *attributes, size_t size,
                           unsigned flags)
{
    return syscall(SYS_landlock_create_ruleset, attributes, size, flags);
}

static struct result complain(const char *what)
{
    return fault(ERROR_INTERNAL, "Landlock: %s: %s", what, strerror(errno));
}

static struct result allow(int ruleset, uint64_t handled, const struct landlock_path *path)
{
    struct stat status;
    uint64_t access = ACCESS_READ | (path->is_writable ? ACCESS_WRITE | ACCESS_TRUNCATE : 0);
    struct landlock_path_beneath_attr rule = { .parent_fd = open(path->path, O_PATH | O_CLOEXEC) };
    if (rule.parent_fd < 0) {
        return errno == ENOENT || errno == ENOTDIR ? RESULT_OK : complain(path->path);
    }
    bool is_file = fstat(rule.parent_fd, &status) == 0 && !S_ISDIR(status.st_mode);
    rule.allowed_access = access & handled & (is_file ? ACCESS_OF_FILES : handled);
    long failed = syscall(SYS_landlock_add_rule, ruleset, LANDLOCK_RULE_PATH_BENEATH, &rule, 0);
    struct result result = failed == 0 ? RESULT_OK : complain(path->path);
    (void)close(rule.parent_fd);
    return result;
}

static struct result restrict_self(int ruleset)
{
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) {
        return complain("no_new_privs");
    }
    return syscall(SYS_landlock_restrict_self, ruleset, 0) == 0 ? RESULT_OK : complain("restrict");
}

struct result landlock_confine(const struct landlock_path *paths, size_t count,
                               bool *ret_is_confined)
{
    long abi = create_ruleset(NULL, 0, LANDLOCK_CREATE_RULESET_VERSION);
    *ret_is_confined = false;
    if (abi < 1) {
        return RESULT_OK;
    }
    struct landlock_ruleset_attr attributes = {
        .handled_access_fs = ACCESS_READ | ACCESS_WRITE | ACCESS_NEVER |
                             (abi >= ABI_WITH_TRUNCATE ? ACCESS_TRUNCATE : 0),
    };
    long ruleset = create_ruleset(&attributes, sizeof attributes, 0);
    if (ruleset < 0) {
        return complain("ruleset");
    }
    struct result result = RESULT_OK;
    for (size_t i = 0; i < count && !result_failed(result); i++) {
        result = allow((int)ruleset, attributes.handled_access_fs, &paths[i]);
    }
    if (!result_failed(result)) {
        result = restrict_self((int)ruleset);
    }
    (void)close((int)ruleset);
    *ret_is_confined = !result_failed(result);
    return result;
}
