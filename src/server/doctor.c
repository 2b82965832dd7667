#include "server/doctor.h"

#include <errno.h>
#include <limits.h>
#include <pwd.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "base/clock.h"
#include "http/tls.h"
#include "os/files.h"
#include "server/commands.h"
#include "server/config_file.h"
#include "server/data_directory.h"
#include "server/schema.h"
#include "store/directory.h"
#include "store/lost.h"
#include "store/migrations.h"
#include "store/store.h"

enum {
    DETAIL_MAXIMUM = 2 * PATH_MAX,
    USER_NAME_MAXIMUM = 256,
    LINE_MAXIMUM = 64 * 1024, /* whatever is said from outside, too */
    CERTIFICATE_DAYS_MINIMUM = 14,
    SECONDS_A_DAY = 24 * 60 * 60,
    MEBIBYTE = 1024 * 1024,
    PAGES_MAXIMUM_BYTES = 64 * MEBIBYTE,
    SPACE_MINIMUM_MIB = 64, /* what the write-ahead log is let grow to */
};

static const char service_user[] = "orgkeys"; /* of orgkeys.service */

void doctor_report(void *context, const char *verdict, const char *what, const char *detail)
{
    struct doctor *doctor = context;
    struct buffer line;
    buffer_init(&line, LINE_MAXIMUM);
    buffer_append_format(&line, "%-6s %-16s ", verdict, what);
    for (const char *byte = detail; *byte != '\0'; byte++) {
        bool is_control = (unsigned char)*byte < ' ' || *byte == 0x7f; /* of a path */
        buffer_append_byte(&line, is_control ? '?' : *byte);
    }
    buffer_append_byte(&line, '\n');
    doctor->wrong += strcmp(verdict, "wrong") == 0;
    if (!doctor->is_mute && command_print(buffer_text(&line)) != EXIT_STATUS_OK) {
        doctor->wrong++;
        doctor->is_mute = true;
    }
    buffer_free(&line);
}

void doctor_tell(struct doctor *doctor, const char *verdict, const char *what, const char *format,
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

/* Root gets into every directory; the server that it looks after need not. */
static void inspect_owner(struct doctor *doctor, const char *path, uid_t owner)
{
    char name[USER_NAME_MAXIMUM];
    const struct passwd *service = getpwnam(service_user);
    bool is_of_another = geteuid() == 0 && service != NULL && service->pw_uid != owner;
    const struct passwd *user = getpwuid(owner);
    if (user != NULL) {
        (void)snprintf(name, sizeof name, "%s", user->pw_name);
    } else {
        (void)snprintf(name, sizeof name, "user %u", (unsigned)owner);
    }
    if (is_of_another) {
        doctor_tell(doctor, "note", "data",
                    "%s belongs to %s, but orgkeys.service runs as %s: where it serves this, chown "
                    "-R %s: %s",
                    path, name, service_user, service_user, path);
    } else {
        doctor_tell(doctor, "ok", "data", "only its owner, %s, gets into %s", name, path);
    }
}

/* False: it is not there, or cannot be looked at; nothing below it can. */
static bool inspect_directory(struct doctor *doctor, const char *path)
{
    struct stat status;
    if (stat(path, &status) != 0) {
        doctor_tell(doctor, errno == ENOENT ? "note" : "wrong", "data",
                    errno == ENOENT
                        ? "there is no %s here: `orgkeys serve` makes it, --data names another"
                        : "%s cannot be looked at: run this as the server's user, or as root",
                    path);
        return false;
    }
    if (!S_ISDIR(status.st_mode)) {
        doctor_tell(doctor, "wrong", "data",
                    "%s is no directory: --data names the one with the files", path);
        return false;
    }
    if (data_is_exposed(&status)) {
        doctor_tell(doctor, "wrong", "data", "others can get into %s: chmod 700 %s", path, path);
    } else if (geteuid() != 0 && status.st_uid != geteuid()) {
        doctor_tell(doctor, "wrong", "data",
                    "%s belongs to another user (%u): run this as that one", path,
                    (unsigned)status.st_uid);
        return false;
    } else {
        inspect_owner(doctor, path, status.st_uid);
    }
    return true;
}

/* A backup into the same file system takes as much as the database. */
static void inspect_space(struct doctor *doctor, struct text directory)
{
    char path[PATH_MAX];
    struct statvfs system;
    struct stat database = { .st_size = 0 };
    data_file_path(path, directory, "orgkeys.db");
    (void)stat(path, &database);
    data_file_path(path, directory, ".");
    if (statvfs(path, &system) != 0) {
        doctor_tell(doctor, "wrong", "disk", "%s: %s", path, strerror(errno));
        return;
    }
    unsigned long long free_mib = (unsigned long long)system.f_bavail * system.f_frsize / MEBIBYTE;
    unsigned long long database_mib = (unsigned long long)database.st_size / MEBIBYTE;
    if ((system.f_flag & ST_RDONLY) != 0) {
        doctor_tell(doctor, "wrong", "disk",
                    "the data's file system is read-only: look at the system's log why, mount it "
                    "for writing");
    } else if (free_mib < SPACE_MINIMUM_MIB) {
        doctor_tell(doctor, "wrong", "disk",
                    "the data's file system has %llu MiB left: free some; changes are refused once "
                    "there are none",
                    free_mib);
    } else if (free_mib < SPACE_MINIMUM_MIB + database_mib) {
        doctor_tell(doctor, "note", "disk",
                    "the data's file system has %llu MiB left, too few for a backup in it: the "
                    "database has %llu MiB",
                    free_mib, database_mib);
    } else {
        doctor_tell(doctor, "ok", "disk", "the data's file system has %llu MiB left", free_mib);
    }
}

static void inspect_files(struct doctor *doctor, struct text directory, uid_t owner)
{
    bool is_good = true;
    for (size_t i = 0; i < DATA_FILES; i++) {
        char path[PATH_MAX];
        struct stat status;
        data_file_path(path, directory, data_file_names[i]);
        if (stat(path, &status) != 0) {
            continue;
        }
        if (data_is_exposed(&status)) {
            doctor_tell(doctor, "wrong", "files", "others can read %s: chmod 600 %s", path, path);
            is_good = false;
        }
        if (status.st_uid != owner) {
            doctor_tell(doctor, "wrong", "files", "%s is not the directory's owner's: chown %u %s",
                        path, (unsigned)owner, path);
            is_good = false;
        }
        if (strcmp(data_file_names[i], FIRST_ADMIN_KEY_FILE) == 0) {
            doctor_tell(
                doctor, "note", "files",
                "%s still holds the first admin key: delete it once the key is somewhere safe",
                path);
        }
        if (strcmp(data_file_names[i], FIRST_PASSWORD_LINK_FILE) == 0) {
            doctor_tell(doctor, "note", "files",
                        "%s holds a link that sets the owner's password once: delete it when that "
                        "is done",
                        path);
        }
    }
    if (is_good) {
        doctor_tell(doctor, "ok", "files", "only their owner can read them");
    }
}

void doctor_say_schema(struct doctor *doctor, int64_t version)
{
    size_t newest;
    (void)store_migrations(&newest);
    if (version > (int64_t)newest) {
        doctor_tell(
            doctor, "wrong", "schema",
            "version %lld is newer than this program, which knows %zu: use the newer program",
            (long long)version, newest);
    } else if (version < (int64_t)newest) {
        doctor_tell(
            doctor, "note", "schema",
            "version %lld is older than this program's %zu: the next `orgkeys serve` renews "
            "it",
            (long long)version, newest);
    } else {
        doctor_tell(doctor, "ok", "schema", "version %lld, this program's", (long long)version);
    }
}

static void inspect_mark(struct doctor *doctor, struct text directory)
{
    char mark[PATH_MAX];
    if (data_was_copied(directory, mark)) {
        doctor_tell(
            doctor, "wrong", "data",
            "it was copied to a PostgreSQL database: serve that one (ORGKEYS_DATABASE_URL), "
            "or, to serve this all the same, rm %s",
            mark);
    }
}

/* What takes no longer than a look. */
static void inspect_pages(struct doctor *doctor, const char *path)
{
    struct stat status;
    bool is_small = stat(path, &status) == 0 && status.st_size <= PAGES_MAXIMUM_BYTES;
    if (!is_small) {
        doctor_tell(doctor, "note", "pages",
                    "the database is too large to be looked at here: `orgkeys check` does");
    } else if (result_failed(schema_check_pages(text_of(path)))) {
        struct text reason = fault_take_reason();
        doctor_tell(doctor, "wrong", "pages", "%s: %.*s", path, TEXT_ARGUMENTS(reason));
    } else {
        doctor_tell(doctor, "ok", "pages",
                    "the database's fit together; `orgkeys check` looks at everything");
    }
}

static void inspect_schema(struct doctor *doctor, struct text directory)
{
    char path[PATH_MAX];
    int64_t version;
    data_file_path(path, directory, ".");
    struct result result = store_directory_check_restored(directory);
    if (!result_failed(result)) {
        result = store_directory_check_lost(path);
    }
    if (result_failed(result)) {
        struct text reason = fault_take_reason();
        doctor_tell(doctor, "wrong", "data", "%.*s", TEXT_ARGUMENTS(reason));
        return;
    }
    data_file_path(path, directory, "orgkeys.db");
    if (access(path, F_OK) != 0) {
        doctor_tell(doctor, "note", "schema", "there is no database yet: `orgkeys serve` makes it");
    } else if (result_failed(schema_version(text_of(path), &version))) {
        struct text reason = fault_take_reason();
        doctor_tell(doctor, "wrong", "schema", "%s cannot be read: %.*s", path,
                    TEXT_ARGUMENTS(reason));
    } else {
        doctor_say_schema(doctor, version);
        inspect_pages(doctor, path);
    }
}

/* ---- Passwords ---- */

/* Whether the line `database` of a configuration file has one. */
static bool holds_password(struct text path)
{
    struct buffer content;
    struct config_file_entry entry;
    bool holds = false;
    buffer_init(&content, CONFIG_FILE_MAXIMUM);
    if (result_failed(file_read(path, &content))) {
        (void)fault_take();
    }
    struct config_file_reader reader = config_file_begin(buffer_text(&content));
    while (!holds && config_file_next(&reader, &entry) == CONFIG_FILE_ENTRY) {
        holds = text_equal(entry.name, TEXT("database")) && store_url_has_password(entry.value);
    }
    buffer_free(&content);
    return holds;
}

/* A group of the server's own may be meant to read it; everybody never is. */
static void inspect_config_file(struct doctor *doctor, const char *path)
{
    struct stat status;
    if (stat(path, &status) != 0 || !holds_password(text_of(path))) {
        return;
    }
    if ((status.st_mode & S_IRWXO) != 0) {
        doctor_tell(doctor, "wrong", "password", "everybody can read the one in %s: chmod 600 %s",
                    path, path);
    } else if ((status.st_mode & S_IRWXG) != 0) {
        doctor_tell(
            doctor, "note", "password",
            "group %u can read the one in %s: unless that is the server's own, chmod 600 %s",
            (unsigned)status.st_gid, path, path);
    } else {
        doctor_tell(doctor, "ok", "password", "only its owner can read the one in %s", path);
    }
}

static void inspect_passfile(struct doctor *doctor, struct text database_url)
{
    char path[PATH_MAX];
    struct stat status;
    if (!store_url_find_passfile(database_url, path, sizeof path)) {
        return;
    }
    if (access(path, R_OK) != 0 || stat(path, &status) != 0) {
        doctor_tell(doctor, "wrong", "password", "the passfile %s cannot be read: %s", path,
                    strerror(errno));
    } else if (data_is_exposed(&status)) {
        doctor_tell(doctor, "wrong", "password",
                    "others can read the passfile %s, so libpq leaves it out: chmod 600 %s", path,
                    path);
    } else {
        doctor_tell(doctor, "ok", "password", "only its owner can read the passfile %s", path);
    }
}

/* ---- TLS ---- */

/* "keys.example.com" of "https://keys.example.com:8443/path"; an IPv6 address in its brackets. */
static struct text host_of(struct text url)
{
    static const struct text scheme = TEXT("https://");
    struct text rest = text_from(url, text_starts_with(url, scheme) ? scheme.length : url.length);
    struct text authority = text_until(rest, text_find(rest, '/'));
    size_t end = text_starts_with(authority, TEXT("[")) ? text_find(authority, ']') + 1
                                                        : text_find(authority, ':');
    return text_until(authority, end);
}

static void inspect_expiry(struct doctor *doctor, int64_t expires_at)
{
    int64_t left = expires_at - clock_now_microseconds() / MICROSECONDS_PER_SECOND;
    int64_t days = left / SECONDS_A_DAY;
    if (left <= 0) {
        doctor_tell(doctor, "wrong", "TLS",
                    "the certificate has expired: renew it, then SIGHUP (`systemctl reload "
                    "orgkeys`)");
    } else if (days < CERTIFICATE_DAYS_MINIMUM) {
        doctor_tell(doctor, "note", "TLS",
                    "the certificate expires in %lld day%s: renew it, then SIGHUP (`systemctl "
                    "reload orgkeys`)",
                    (long long)days, days == 1 ? "" : "s");
    } else {
        doctor_tell(doctor, "ok", "TLS", "certificate and key fit, for another %lld days",
                    (long long)days);
    }
}

static void inspect_tls(struct doctor *doctor, const struct config *config)
{
    struct tls *tls = NULL;
    const struct tls_files files = { config->tls_certificate, config->tls_key };
    if (config->tls_certificate.data == NULL) {
        return;
    }
    if (result_failed(tls_create(&files, &tls))) {
        struct text reason = fault_take_reason();
        doctor_tell(doctor, "wrong", "TLS", "%.*s: `orgkeys serve` does not start with it",
                    TEXT_ARGUMENTS(reason));
        return;
    }
    struct text host = host_of(config->public_url);
    inspect_expiry(doctor, tls_expires_at(tls));
    if (!text_is_empty(host) && !tls_covers(tls, host)) {
        doctor_tell(doctor, "note", "TLS",
                    "the certificate is not for %.*s, the host of --public-url: clients that reach "
                    "this server without a proxy refuse it",
                    TEXT_ARGUMENTS(host));
    }
    tls_free(tls);
}

/* ---- All ---- */

static void say_unknown(void *context, struct text name, struct text nearest)
{
    bool has_nearest = !text_is_empty(nearest);
    doctor_tell(context, "note", "configuration", "%.*s is no variable of orgkeys%s%.*s%s",
                TEXT_ARGUMENTS(name), has_nearest ? ": did you mean " : "", TEXT_ARGUMENTS(nearest),
                has_nearest ? "?" : "");
}

/* False: there is no data of a server here. */
static bool inspect_data(struct doctor *doctor, const struct config *config)
{
    char directory[PATH_MAX];
    struct stat status;
    bool is_shared = config->database_url.data != NULL;
    (void)snprintf(directory, sizeof directory, "%.*s", TEXT_ARGUMENTS(config->data));
    bool is_there = stat(directory, &status) == 0;
    if ((is_there || !is_shared) && inspect_directory(doctor, directory)) {
        inspect_files(doctor, config->data, status.st_uid);
        if (!is_shared) {
            inspect_space(doctor, config->data);
            inspect_mark(doctor, config->data);
            inspect_schema(doctor, config->data);
        }
    }
    if (is_shared) {
        inspect_passfile(doctor, config->database_url);
        doctor_inspect_postgres(doctor, config->database_url);
    }
    return is_there || is_shared;
}

bool doctor_inspect(struct doctor *doctor, const struct config *config)
{
    if (config->config_file.data != NULL) {
        doctor_tell(doctor, "ok", "configuration",
                    "flags, ORGKEYS_ variables and %.*s are well-formed",
                    TEXT_ARGUMENTS(config->config_file));
        inspect_config_file(doctor, config->config_file.data);
    } else {
        doctor_tell(doctor, "ok", "configuration", "flags and ORGKEYS_ variables are well-formed");
    }
    config_find_unknown(environ, say_unknown, doctor);
    inspect_tls(doctor, config);
    return inspect_data(doctor, config);
}
