#include "server/doctor.h"

#include <errno.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "server/commands.h"
#include "server/schema.h"
#include "store/migrations.h"

enum {
    DETAIL_MAXIMUM = 2 * PATH_MAX,
    LINE_MAXIMUM = DETAIL_MAXIMUM + 64,
    OTHERS = S_IRWXG | S_IRWXO
};

void doctor_report(void *context, const char *verdict, const char *what, const char *detail)
{
    struct doctor *doctor = context;
    doctor->wrong += strcmp(verdict, "wrong") == 0;
    struct buffer line;
    buffer_init(&line, LINE_MAXIMUM);
    buffer_append_format(&line, "%-6s %-16s %s\n", verdict, what, detail);
    doctor->wrong += command_print(buffer_text(&line)) != EXIT_STATUS_OK;
    buffer_free(&line);
}

static void say(struct doctor *doctor, const char *verdict, const char *what, const char *format,
                ...) __attribute__((format(printf, 4, 5)));

static void say(struct doctor *doctor, const char *verdict, const char *what, const char *format,
                ...)
{
    char detail[DETAIL_MAXIMUM];
    va_list arguments;
    va_start(arguments, format);
    (void)vsnprintf(detail, sizeof detail, format, arguments);
    va_end(arguments);
    doctor_report(doctor, verdict, what, detail);
}

/* ---- Files ---- */

/* Those of the data directory that hold, or may hold, what is nobody else's. */
static const char *const file_names[] = { "orgkeys.db", "orgkeys.db-wal", "orgkeys.db-shm", "lock",
                                          "first-admin-key" };

static void name_file(char path[PATH_MAX], struct text directory, const char *name)
{
    (void)snprintf(path, PATH_MAX, "%.*s/%s", TEXT_ARGUMENTS(directory), name);
}

/* False: it is not there, or cannot be looked at; nothing below it can. */
static bool inspect_directory(struct doctor *doctor, const char *path)
{
    struct stat status;
    if (stat(path, &status) != 0) {
        say(doctor, errno == ENOENT ? "note" : "wrong", "data",
            errno == ENOENT ? "there is no %s here: `orgkeys serve` makes it, --data names another"
                            : "%s cannot be looked at: run this as the server's user, or as root",
            path);
        return false;
    }
    if ((status.st_mode & OTHERS) != 0) {
        say(doctor, "wrong", "data", "others can get into %s: chmod 700 %s", path, path);
    } else if (geteuid() != 0 && status.st_uid != geteuid()) {
        say(doctor, "wrong", "data", "%s belongs to another user (%u): run this as that one", path,
            (unsigned)status.st_uid);
        return false;
    } else {
        say(doctor, "ok", "data", "only its owner gets into %s", path);
    }
    return true;
}

static void inspect_files(struct doctor *doctor, struct text directory, uid_t owner)
{
    bool is_good = true;
    for (size_t i = 0; i < sizeof file_names / sizeof file_names[0]; i++) {
        char path[PATH_MAX];
        struct stat status;
        name_file(path, directory, file_names[i]);
        if (stat(path, &status) != 0) {
            continue;
        }
        if ((status.st_mode & OTHERS) != 0) {
            say(doctor, "wrong", "files", "others can read %s: chmod 600 %s", path, path);
            is_good = false;
        }
        if (status.st_uid != owner) {
            say(doctor, "wrong", "files", "%s is not the directory's owner's: chown %u %s", path,
                (unsigned)owner, path);
            is_good = false;
        }
        if (strcmp(file_names[i], "first-admin-key") == 0) {
            say(doctor, "note", "files",
                "%s still holds the first admin key: delete it once the key is somewhere safe",
                path);
        }
    }
    if (is_good) {
        say(doctor, "ok", "files", "only their owner can read them");
    }
}

static void inspect_schema(struct doctor *doctor, struct text directory)
{
    char path[PATH_MAX];
    size_t newest;
    int64_t version;
    name_file(path, directory, "orgkeys.db");
    (void)store_migrations(&newest);
    if (access(path, F_OK) != 0) {
        say(doctor, "note", "schema", "there is no database yet: `orgkeys serve` makes it");
    } else if (result_failed(schema_version(text_of(path), &version))) {
        struct text reason = fault_take_reason();
        say(doctor, "wrong", "schema",
            "%s cannot be read (%.*s): where a server crashed, its next start mends it", path,
            TEXT_ARGUMENTS(reason));
    } else if (version > (int64_t)newest) {
        say(doctor, "wrong", "schema",
            "version %lld is newer than this program, which knows %zu: use the newer program",
            (long long)version, newest);
    } else if (version < (int64_t)newest) {
        say(doctor, "note", "schema",
            "version %lld is older than this program's %zu: the next `orgkeys serve` renews it",
            (long long)version, newest);
    } else {
        say(doctor, "ok", "schema", "version %lld, this program's", (long long)version);
    }
}

static void say_unknown(void *context, struct text name, struct text nearest)
{
    bool has_nearest = !text_is_empty(nearest);
    say(context, "note", "configuration", "%.*s is no variable of orgkeys%s%.*s%s",
        TEXT_ARGUMENTS(name), has_nearest ? ": did you mean " : "", TEXT_ARGUMENTS(nearest),
        has_nearest ? "?" : "");
}

void doctor_inspect(struct doctor *doctor, const struct config *config)
{
    char directory[PATH_MAX];
    struct stat status;
    (void)snprintf(directory, sizeof directory, "%.*s", TEXT_ARGUMENTS(config->data));
    if (config->config_file.data != NULL) {
        say(doctor, "ok", "configuration", "flags, ORGKEYS_ variables and %.*s are well-formed",
            TEXT_ARGUMENTS(config->config_file));
    } else {
        say(doctor, "ok", "configuration", "flags and ORGKEYS_ variables are well-formed");
    }
    config_find_unknown(environ, say_unknown, doctor);
    if (config->database_url.data != NULL) {
        say(doctor, "note", "data",
            "is in PostgreSQL, which is not looked at: neither whether it is reached, nor its "
            "schema");
    } else if (inspect_directory(doctor, directory) && stat(directory, &status) == 0) {
        inspect_files(doctor, config->data, status.st_uid);
        inspect_schema(doctor, config->data);
    }
}
