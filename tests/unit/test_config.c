#include "unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "os/files.h"
#include "os/log.h"
#include "os/networks.h"
#include "server/config.h"
#include "server/config_file.h"
#include "server/config_value.h"
#include "server/options.h"

enum { COMPLAINT_MAXIMUM = 4096, PAGE_MAXIMUM = 64 * 1024 };

#define SECRET_32 "0123456789abcdef0123456789abcdef"

static const struct config_command serve = { "serve", OPTION_OF_SERVE, "Runs the server." };
static const struct config_command recover = { "recover", OPTION_OF_RECOVER, "Makes a key." };
static const struct config_command create = { "organization create", OPTION_OF_ORGANIZATION_CREATE,
                                              "Adds an organization." };

static char file_path[] = "/tmp/orgkeys-config-XXXXXX";

static int make_file(void **state)
{
    int descriptor = mkstemp(file_path);
    (void)state;
    return descriptor >= 0 ? close(descriptor) : -1;
}

static int remove_file(void **state)
{
    (void)state;
    return unlink(file_path);
}

static void write_file(const char *content)
{
    assert_ok(file_replace(text_of(file_path), text_of(content)));
}

static char *no_variables[] = { NULL };
static char *no_flags[] = { NULL };
#define FLAGS(...) ((char *[]){ __VA_ARGS__, NULL })

static struct config load(const struct config_command *command, char **flags, char **variables)
{
    struct config config;
    struct buffer complaint;
    buffer_init(&complaint, COMPLAINT_MAXIMUM);
    struct result result = config_load(command, flags, variables, &complaint, &config);
    if (result_failed(result)) {
        print_error("%.*s\n", TEXT_ARGUMENTS(buffer_text(&complaint)));
    }
    buffer_free(&complaint);
    assert_ok(result);
    return config;
}

/* The line that people would see; it must be one. */
static void assert_complains(const struct config_command *command, char **flags, char **variables,
                             const char *expected)
{
    struct config config;
    struct buffer complaint;
    buffer_init(&complaint, COMPLAINT_MAXIMUM);
    assert_fails(config_load(command, flags, variables, &complaint, &config));
    assert_int_equal(text_find(buffer_text(&complaint), '\n'), complaint.length);
    assert_text_equal(buffer_text(&complaint), expected);
    buffer_free(&complaint);
}

static void defaults_are_those_of_the_table(void **state)
{
    struct config config = load(&serve, no_flags, no_variables);
    (void)state;
    assert_int_equal(config.listen.count, 1);
    assert_text_equal(*(const struct text *)config.listen.items, "127.0.0.1:8080");
    assert_int_equal(config.internal_listen.count, 0);
    assert_text_equal(config.data, "./data");
    assert_null(config.public_url.data);
    assert_null(config.admin_key.data);
    assert_int_equal(config.log_level, LOG_INFO);
    assert_int_equal(config.log_format, LOG_TEXT);
    assert_int_equal(config.header_maximum, 16384);
    assert_int_equal(config.body_maximum, 1048576);
    assert_int_equal(config.request_timeout, 10000000);
    assert_int_equal(config.invite_lifetime, INT64_C(604800000000));
    assert_text_equal(config.organization_name, "Default organization");
    config_free(&config);
    /* For recover, no owner is meant until one is named. */
    config = load(&recover, no_flags, no_variables);
    assert_null(config.owner_email.data);
    assert_false(config.revoke_others);
    config_free(&config);
}

static void flags_win_over_variables_over_the_file(void **state)
{
    (void)state;
    write_file("# a comment\n"
               "\n"
               "  readers   =  7  \n"
               "read-queue = 7\n"
               "write-queue = 7\n"
               "owner-name = Zo\xc3\xab = #1\n"
               "listen = a:1\n"
               "listen = b:2");
    char *variables[] = { "ORGKEYS_READ_QUEUE=8",
                          "ORGKEYS_WRITE_QUEUE=8",
                          "ORGKEYS_THREADS=",
                          "ORGKEYS_UNKNOWN=x",
                          "PATH=/bin",
                          NULL };
    struct config config = load(&serve, FLAGS("--config", file_path, "--write-queue=9"), variables);
    assert_int_equal(config.readers, 7);
    assert_int_equal(config.read_queue, 8);
    assert_int_equal(config.write_queue, 9);
    assert_int_equal(config.threads, 0);
    assert_text_equal(config.owner_name, "Zo\xc3\xab = #1");
    assert_int_equal(config.listen.count, 2);
    config_free(&config);
}

static void lists_are_repeated_or_separated_by_commas(void **state)
{
    char *variables[] = { "ORGKEYS_LISTEN=[::1]:1, unix:/run/a ,c:3", NULL };
    struct config config = load(&serve, no_flags, variables);
    const struct text *addresses = config.listen.items;
    (void)state;
    assert_int_equal(config.listen.count, 3);
    assert_text_equal(addresses[0], "[::1]:1");
    assert_text_equal(addresses[1], "unix:/run/a");
    assert_text_equal(addresses[2], "c:3");
    config_free(&config);
    /* The flags' values take the place of the variable's. */
    config = load(&serve,
                  FLAGS("--listen", "d:4", "--trusted-proxy=10.0.0.0/8", "--trusted-proxy", "unix"),
                  variables);
    addresses = config.listen.items;
    assert_int_equal(config.listen.count, 1);
    assert_text_equal(addresses[0], "d:4");
    assert_int_equal(config.trusted_proxies.count, 2);
    assert_true(networks_contain(config.trusted_proxies.items, 2, TEXT("10.1.1.1")));
    config_free(&config);
}

static void quantities_have_units(void **state)
{
    struct config config =
        load(&serve,
             FLAGS("--request-timeout=500ms", "--idle-timeout=24h", "--write-timeout=2m",
                   "--shutdown-timeout=0", "--audit-log-retention=400d", "--max-header-size=2048",
                   "--max-body-size=64MiB", "--max-bodies-size=2GiB"),
             no_variables);
    (void)state;
    assert_int_equal(config.request_timeout, 500000);
    assert_int_equal(config.idle_timeout, INT64_C(86400000000));
    assert_int_equal(config.write_timeout, 120000000);
    assert_int_equal(config.shutdown_timeout, 0);
    assert_int_equal(config.audit_log_retention, INT64_C(34560000000000));
    assert_int_equal(config.header_maximum, 2048);
    assert_int_equal(config.body_maximum, 67108864);
    assert_int_equal(config.bodies_maximum, INT64_C(2147483648));
    config_free(&config);
}

static void the_public_url_is_spelled_as_browsers_do(void **state)
{
    static char *const cases[][2] = {
        { "https://keys.example.com", "https://keys.example.com" },
        { "HTTPS://Keys.Example.COM:443/", "https://keys.example.com" },
        { "http://keys.example.com:80", "http://keys.example.com" },
        { "http://keys.example.com:443", "http://keys.example.com:443" },
        { "http://[2001:DB8::1]:8080/", "http://[2001:db8::1]:8080" },
        { "https://[::1]", "https://[::1]" },
        { "https://example.com:0443/Keys/", "https://example.com/Keys" },
    };
    (void)state;
    for (size_t i = 0; i < ITEMS(cases); i++) {
        struct config config = load(&serve, FLAGS("--public-url", cases[i][0]), no_variables);
        assert_text_equal(config.public_url, cases[i][1]);
        config_free(&config);
    }
}

static void bad_values_are_refused(void **state)
{
    static char *const cases[][2] = {
        { "--threads", "257" },
        { "--threads", "1.5" },
        { "--threads", "" },
        { "--readers", "0" },
        { "--request-timeout", "10" },
        { "--request-timeout", "10 s" },
        { "--request-timeout", "-1s" },
        { "--request-timeout", "2h" },
        { "--request-timeout", "99999999999999999999s" },
        { "--request-timeout", "9223372036854775807d" },
        { "--max-body-size", "1mib" },
        { "--max-body-size", "1KB" },
        { "--listen", "8080" },
        { "--listen", ":8080" },
        { "--listen", "host:" },
        { "--listen", "host:65536" },
        { "--listen", "::1:80" },
        { "--listen", "[]:80" },
        { "--listen", "[::1]80" },
        { "--listen", "unix:" },
        { "--listen", "a b:80" },
        { "--public-url", "example.com" },
        { "--public-url", "ftp://example.com" },
        { "--public-url", "https://" },
        { "--public-url", "https://example.com//" },
        { "--public-url", "https://example.com:" },
        { "--public-url", "https://example.com:0" },
        { "--public-url", "https://example.com:65536" },
        { "--public-url", "https://example.com:1:2" },
        { "--public-url", "https://:443" },
        { "--public-url", "https://[]" },
        { "--public-url", "https://[::1]a:1" },
        { "--public-url", "https://ex ample.com" },
        { "--public-url", "https://a@example.com" },
        { "--public-url", "https://example.com?x" },
        { "--public-url", "https://example.com#x" },
        { "--owner-email", "owner" },
        { "--owner-email", "@localhost" },
        { "--owner-email", "owner@" },
        { "--owner-email", "a@b@c" },
        { "--owner-email", "a b@c" },
        { "--owner-name", "" },
        { "--owner-name", "a\nb" },
        { "--owner-name", "\xff" },
        { "--data", "" },
        { "--log-level", "INFO" },
        { "--trusted-proxy", "10.1.1.1/8" },
    };
    (void)state;
    for (size_t i = 0; i < ITEMS(cases); i++) {
        struct config config;
        struct buffer complaint;
        char *flags[] = { cases[i][0], cases[i][1], NULL };
        buffer_init(&complaint, COMPLAINT_MAXIMUM);
        assert_fails(config_load(&serve, flags, no_variables, &complaint, &config));
        assert_true(text_starts_with(buffer_text(&complaint), text_of(cases[i][0])));
        buffer_free(&complaint);
    }
}

static void complaints_say_what_and_where(void **state)
{
    char *variables[] = { "ORGKEYS_THREADS=many\x1b[2J", NULL };
    char complaint[512];
    (void)state;
    assert_complains(&serve, FLAGS("--threads=999"), no_variables,
                     "--threads: must be an integer from 0 to 256, not '999'");
    assert_complains(&serve, no_flags, variables,
                     "ORGKEYS_THREADS: must be an integer from 0 to 256, not 'many?[2J'");
    assert_complains(&serve, FLAGS("--log-format", "xml"), no_variables,
                     "--log-format: must be one of text, json, not 'xml'");
    assert_complains(&serve, FLAGS("--idle-timeout", "1"), no_variables,
                     "--idle-timeout: must be a duration such as 500ms, 10s, 5m, 24h or 7d, from "
                     "100ms to 1d, not '1'");
    write_file("\nthreads = x\n");
    (void)snprintf(complaint, sizeof complaint,
                   "%s:2: threads: must be an integer from 0 to 256, not 'x'", file_path);
    assert_complains(&serve, FLAGS("--config", file_path), no_variables, complaint);
    assert_complains(&serve, FLAGS("--config", "/nowhere/x"), no_variables,
                     "--config: cannot read /nowhere/x: No such file or directory");
    assert_int_equal(truncate(file_path, CONFIG_FILE_MAXIMUM + 1), 0);
    (void)snprintf(complaint, sizeof complaint,
                   "--config: cannot read %s: it has more than 65536 bytes", file_path);
    assert_complains(&serve, FLAGS("--config", file_path), no_variables, complaint);
    assert_complains(&serve, FLAGS("--max-body-size=2MiB", "--max-bodies-size=1MiB"), no_variables,
                     "--max-bodies-size: must be at least max-body-size");
    write_file("max-body-size = 2MiB\n\nmax-bodies-size = 1MiB\n");
    (void)snprintf(complaint, sizeof complaint,
                   "%s:3: max-bodies-size: must be at least max-body-size", file_path);
    assert_complains(&serve, FLAGS("--config", file_path), no_variables, complaint);
}

static void flags_are_checked(void **state)
{
    (void)state;
    assert_complains(&serve, FLAGS("--thread", "1"), no_variables,
                     "--thread: there is no such option; --help lists them; did you mean "
                     "--threads?");
    assert_complains(&serve, FLAGS("--recursive"), no_variables,
                     "--recursive: there is no such option; --help lists them");
    assert_complains(&serve, FLAGS("--revoke-others"), no_variables,
                     "--revoke-others: is no option of this command");
    assert_complains(&recover, FLAGS("--revoke-others=yes"), no_variables,
                     "--revoke-others: takes no value");
    assert_complains(&serve, FLAGS("--threads"), no_variables, "--threads: needs a value");
    assert_complains(&serve, FLAGS("--threads=1", "--threads=1"), no_variables,
                     "--threads: is given more than once");
    assert_complains(&serve, FLAGS("start"), no_variables,
                     "argument 1 behind the command is unexpected; options begin with '--'");
    assert_complains(&serve, FLAGS("--threads", "1", "/"), no_variables,
                     "argument 3 behind the command is unexpected; options begin with '--'; did "
                     "you mean --data /?");
    assert_complains(&create, no_flags, no_variables, "--name: is needed");
}

static void commands_take_their_own_options(void **state)
{
    char *variables[] = { "ORGKEYS_THREADS=nonsense", "ORGKEYS_OWNER_EMAIL=a@b", "ORGKEYS_NAME=x",
                          NULL };
    (void)state;
    /* A file is one for all commands; only what a command takes is looked at. */
    write_file("threads = nonsense\ndata = /srv/orgkeys\n");
    struct config config =
        load(&recover, FLAGS("--revoke-others", "--config", file_path), variables);
    assert_true(config.revoke_others);
    assert_text_equal(config.owner_email, "a@b");
    assert_text_equal(config.data, "/srv/orgkeys");
    config_free(&config);
    config = load(&create, FLAGS("--name", "Acme"), variables);
    assert_text_equal(config.organization_name, "Acme");
    assert_text_equal(config.owner_name, "Owner");
    config_free(&config);
}

static void a_secret_is_wiped_from_the_environment(void **state)
{
    char secret[] = "ORGKEYS_ADMIN_KEY=" SECRET_32;
    char *variables[] = { "A=1", secret, "B=2", NULL };
    struct config config = load(&serve, no_flags, variables);
    (void)state;
    assert_text_equal(config.admin_key, SECRET_32);
    assert_string_equal(variables[1], "B=2");
    assert_null(variables[2]);
    for (size_t i = strlen("ORGKEYS_ADMIN_KEY="); i < sizeof secret; i++) {
        assert_int_equal(secret[i], 0);
    }
    config_free(&config);
}

static void a_secret_is_wiped_also_when_it_is_not_used(void **state)
{
    char secret[] = "ORGKEYS_ADMIN_KEY=" SECRET_32;
    char again[] = "ORGKEYS_ADMIN_KEY=" SECRET_32;
    char *variables[] = { "ORGKEYS_THREADS=bad", secret, again, NULL };
    (void)state;
    assert_complains(&serve, no_flags, variables,
                     "ORGKEYS_THREADS: must be an integer from 0 to 256, not 'bad'");
    assert_null(variables[1]);
    assert_int_equal(secret[strlen("ORGKEYS_ADMIN_KEY=")], 0);
    assert_int_equal(again[strlen("ORGKEYS_ADMIN_KEY=")], 0);
    char other[] = "ORGKEYS_ADMIN_KEY=" SECRET_32;
    char *others[] = { other, NULL };
    struct config config = load(&recover, no_flags, others);
    assert_null(config.admin_key.data);
    assert_null(others[0]);
    config_free(&config);
}

static void a_secret_comes_from_a_file(void **state)
{
    char variable[] = "ORGKEYS_ADMIN_KEY=" SECRET_32;
    char *variables[] = { variable, NULL };
    (void)state;
    write_file(SECRET_32 "\r\n");
    struct config config = load(&serve, FLAGS("--admin-key-file", file_path), no_variables);
    assert_text_equal(config.admin_key, SECRET_32);
    config_free(&config);
    assert_complains(&serve, FLAGS("--admin-key-file", file_path), variables,
                     "--admin-key-file: the secret was given by its variable too; give one of "
                     "them");
}

static void no_complaint_shows_a_secret(void **state)
{
    char variable[] = "ORGKEYS_ADMIN_KEY=tooshort";
    char *variables[] = { variable, NULL };
    char complaint[512];
    (void)state;
    assert_complains(&serve, no_flags, variables,
                     "ORGKEYS_ADMIN_KEY: must be visible ASCII text, from 32 to 256 characters "
                     "long");
    assert_complains(&serve, FLAGS("--admin-key=" SECRET_32), no_variables,
                     "--admin-key: a secret is not taken from a flag; use its variable or "
                     "--admin-key-file");
    assert_complains(&serve, FLAGS("--admin-key", SECRET_32), no_variables,
                     "--admin-key: a secret is not taken from a flag; use its variable or "
                     "--admin-key-file");
    assert_complains(&serve, FLAGS(SECRET_32), no_variables,
                     "argument 1 behind the command is unexpected; options begin with '--'");
    write_file("admin-key = " SECRET_32 "\n");
    (void)snprintf(complaint, sizeof complaint,
                   "%s:1: admin-key: there is no such option for a file; did you mean "
                   "admin-key-file?",
                   file_path);
    assert_complains(&serve, FLAGS("--config", file_path), no_variables, complaint);
    write_file(SECRET_32 " and a space");
    assert_complains(&serve, FLAGS("--admin-key-file", file_path), no_variables,
                     "--admin-key-file: must be a file of visible ASCII text, from 32 to 256 "
                     "characters long");
}

static void files_are_read_line_by_line(void **state)
{
    static char long_line[CONFIG_LINE_MAXIMUM + 2];
    static const struct {
        const char *content;
        const char *wrong;
    } cases[] = {
        { "listen", "expected `name = value`" },
        { "= 1", "expected `name = value`" },
        { "listen =", "there is no value" },
        { "data = \"/x\"", "values are written without quotes" },
        { "data = /x\r", "the line has control characters or is not UTF-8" },
        { "data = \xff", "the line has control characters or is not UTF-8" },
        { long_line, "the line is too long" },
    };
    (void)state;
    memset(long_line, 'x', sizeof long_line - 1);
    for (size_t i = 0; i < ITEMS(cases); i++) {
        struct config_file_reader reader = config_file_begin(text_of(cases[i].content));
        struct config_file_entry entry;
        assert_int_equal(config_file_next(&reader, &entry), CONFIG_FILE_WRONG);
        assert_string_equal(reader.wrong, cases[i].wrong);
    }
    struct config_file_reader reader = config_file_begin(TEXT("\n# x\n\ta = b = c #d\n\n"));
    struct config_file_entry entry;
    assert_int_equal(config_file_next(&reader, &entry), CONFIG_FILE_ENTRY);
    assert_text_equal(entry.name, "a");
    assert_text_equal(entry.value, "b = c #d");
    assert_int_equal(reader.line, 3);
    assert_int_equal(config_file_next(&reader, &entry), CONFIG_FILE_END);
}

static void lists_have_a_maximum(void **state)
{
    char *flags[CONFIG_LIST_MAXIMUM + 2] = { NULL };
    (void)state;
    for (size_t i = 0; i < CONFIG_LIST_MAXIMUM; i++) {
        flags[i] = "--listen=a:1";
    }
    struct config config = load(&serve, flags, no_variables);
    assert_int_equal(config.listen.count, CONFIG_LIST_MAXIMUM);
    config_free(&config);
    flags[CONFIG_LIST_MAXIMUM] = "--listen=a:1";
    assert_complains(&serve, flags, no_variables, "--listen: is given too often");
}

static void help_lists_what_the_command_takes(void **state)
{
    struct buffer page;
    struct config config = load(&recover, FLAGS("--help", "--nonsense"), no_variables);
    (void)state;
    assert_true(config.help);
    config_free(&config);
    buffer_init(&page, PAGE_MAXIMUM);
    config_help(&recover, &page);
    buffer_append_byte(&page, '\0');
    assert_false(page.failed);
    assert_non_null(strstr(page.data, "  --data DIRECTORY\n"));
    assert_non_null(strstr(page.data, "  --revoke-others\n"));
    assert_null(strstr(page.data, "--listen"));
    buffer_clear(&page);
    config_help(&serve, &page);
    buffer_append_byte(&page, '\0');
    assert_non_null(strstr(page.data, "  --log-level debug|info|warning|error\n"));
    assert_non_null(strstr(page.data, "  ORGKEYS_ADMIN_KEY=SECRET\n"));
    assert_null(strstr(page.data, "--admin-key "));
    for (const char *line = page.data; *line != '\0'; line = strchr(line, '\n') + 1) {
        assert_true(strcspn(line, "\n") <= 80);
    }
    buffer_free(&page);
}

static void the_table_is_sound(void **state)
{
    (void)state;
    assert_in_range(option_count, 1, OPTIONS_MAXIMUM);
    for (size_t i = 0; i < option_count; i++) {
        const struct option *option = &options[i];
        assert_true(option->commands != 0);
        assert_true(option->minimum <= option->maximum);
        assert_int_equal(option->choices != NULL, option->kind == OPTION_CHOICE);
        assert_true(text_ends_with(text_of(option->help), TEXT(".")));
        for (size_t j = 0; j < i; j++) {
            assert_true(strcmp(option->name, options[j].name) != 0 ||
                        (option->commands & options[j].commands) == 0);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(defaults_are_those_of_the_table),
        cmocka_unit_test(flags_win_over_variables_over_the_file),
        cmocka_unit_test(lists_are_repeated_or_separated_by_commas),
        cmocka_unit_test(quantities_have_units),
        cmocka_unit_test(the_public_url_is_spelled_as_browsers_do),
        cmocka_unit_test(bad_values_are_refused),
        cmocka_unit_test(complaints_say_what_and_where),
        cmocka_unit_test(flags_are_checked),
        cmocka_unit_test(commands_take_their_own_options),
        cmocka_unit_test(a_secret_is_wiped_from_the_environment),
        cmocka_unit_test(a_secret_is_wiped_also_when_it_is_not_used),
        cmocka_unit_test(a_secret_comes_from_a_file),
        cmocka_unit_test(no_complaint_shows_a_secret),
        cmocka_unit_test(files_are_read_line_by_line),
        cmocka_unit_test(lists_have_a_maximum),
        cmocka_unit_test(help_lists_what_the_command_takes),
        cmocka_unit_test(the_table_is_sound),
    };
    return cmocka_run_group_tests(tests, make_file, remove_file);
}
