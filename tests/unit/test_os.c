#include "unit.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "os/files.h"
#include "os/landlock.h"
#include "os/metrics.h"
#include "os/networks.h"
#include "os/process.h"
#include "os/random.h"
#include "os/threads.h"

static char directory[] = "/tmp/orgkeys-test-XXXXXX";

static int make_directory(void **state)
{
    (void)state;
    return mkdtemp(directory) != NULL ? 0 : -1;
}

static struct text path_of(const char *name)
{
    static char path[256];
    (void)snprintf(path, sizeof path, "%s/%s", directory, name);
    return text_of(path);
}

static int remove_directory(void **state)
{
    static const char *const names[] = { "file", "large", "directory" };
    (void)state;
    for (size_t i = 0; i < ITEMS(names); i++) {
        (void)remove(path_of(names[i]).data);
    }
    /* Fails when something else, a temporary file, was left behind. */
    return rmdir(directory);
}

static void files_are_replaced_whole_and_for_their_owner_only(void **state)
{
    struct buffer content;
    struct stat status;
    (void)state;
    buffer_init(&content, 100);
    assert_ok(file_replace(path_of("file"), TEXT("first")));
    assert_ok(file_replace(path_of("file"), TEXT("second")));
    assert_int_equal(stat(path_of("file").data, &status), 0);
    assert_int_equal(status.st_mode & 0777, 0600);
    assert_ok(file_read(path_of("file"), &content));
    assert_text_equal(buffer_text(&content), "second");
    buffer_free(&content);
    assert_fails(file_replace(path_of("none/file"), TEXT("lost")));
    assert_int_equal(errno, ENOENT);
    assert_true(text_ends_with(fault_take(), TEXT("/none/file: No such file or directory")));
}

static void files_are_read_up_to_a_maximum(void **state)
{
    static const char bytes[5000];
    struct buffer content;
    (void)state;
    assert_ok(file_replace(path_of("large"), (struct text){ bytes, sizeof bytes }));
    buffer_init(&content, sizeof bytes);
    assert_ok(file_read(path_of("large"), &content));
    assert_int_equal(content.length, sizeof bytes);
    buffer_free(&content);
    buffer_init(&content, sizeof bytes - 1);
    assert_fails(file_read(path_of("large"), &content));
    assert_int_equal(errno, EFBIG);
    assert_int_equal(content.length, 0);
    assert_fails(file_read(path_of("absent"), &content));
    assert_int_equal(errno, ENOENT);
    assert_fails(file_read(TEXT("a\0b"), &content));
    assert_fails(file_read(TEXT(""), &content));
    (void)fault_take();
}

static void directories_are_made_and_kept(void **state)
{
    struct stat status;
    (void)state;
    assert_ok(directory_make(path_of("directory")));
    assert_ok(directory_make(path_of("directory")));
    assert_int_equal(stat(path_of("directory").data, &status), 0);
    assert_int_equal(status.st_mode & 0777, 0700);
    assert_ok(file_replace(path_of("file"), TEXT("")));
    assert_fails(directory_make(path_of("file")));
    assert_int_equal(errno, ENOTDIR);
    assert_fails(directory_make(path_of("none/directory")));
    (void)fault_take();
}

static void random_bytes_differ(void **state)
{
    unsigned char a[1000] = { 0 };
    unsigned char b[1000] = { 0 };
    (void)state;
    assert_ok(random_fill(a, sizeof a));
    assert_ok(random_fill(b, sizeof b));
    assert_memory_not_equal(a, b, sizeof a);
    /* Not a byte was left out at the end. */
    assert_memory_not_equal(a + sizeof a - 16, (unsigned char[16]){ 0 }, 16);
    assert_ok(random_fill(NULL, 0));
}

static void networks_hold_their_addresses(void **state)
{
    static const struct {
        const char *network;
        const char *address;
        bool held;
    } cases[] = {
        { "10.0.0.0/8", "10.255.0.1", true },
        { "10.0.0.0/8", "11.0.0.1", false },
        { "10.0.0.0/8", "::ffff:10.1.2.3", true },
        { "10.0.0.0/8", "::a00:1", false },
        { "127.0.0.1", "127.0.0.1", true },
        { "127.0.0.1", "127.0.0.2", false },
        { "0.0.0.0/0", "192.0.2.1", true },
        { "0.0.0.0/0", "::1", false },
        { "::/0", "192.0.2.1", true },
        { "fd00::/8", "fdff::1", true },
        { "fd00::/8", "fe00::1", false },
        { "192.0.2.128/25", "192.0.2.200", true },
        { "192.0.2.128/25", "192.0.2.100", false },
        { "unix", "unix", true },
        { "unix", "127.0.0.1", false },
        { "::/0", "unix", false },
        { "::/0", "", false },
        { "::/0", "127.0.0.1:80", false },
        { "::/0", "unknown", false },
    };
    (void)state;
    for (size_t i = 0; i < ITEMS(cases); i++) {
        struct network network;
        assert_true(network_parse(text_of(cases[i].network), &network));
        assert_int_equal(networks_contain(&network, 1, text_of(cases[i].address)), cases[i].held);
    }
    assert_false(networks_contain(NULL, 0, TEXT("127.0.0.1")));
}

static void what_is_no_network_is_refused(void **state)
{
    static const char *const cases[] = {
        "",          "10.1.2.3/8", "10.0.0.0/", "10.0.0.0/33", "10.0.0.0/-1",  "10.0.0/8",
        "fd00::1/8", "fd00::/129", "unix/8",    "localhost",   "10.0.0.0/8/8", " 10.0.0.0/8"
    };
    (void)state;
    for (size_t i = 0; i < ITEMS(cases); i++) {
        struct network network;
        assert_false(network_parse(text_of(cases[i]), &network));
    }
}

static void *count_requests(void *argument)
{
    for (int i = 0; i < 1000; i++) {
        metric_add(METRIC_HTTP_REQUESTS, 1, 2);
    }
    return argument;
}

static void assert_rendered(const char *line)
{
    struct buffer page;
    buffer_init(&page, 1024 * 1024);
    metrics_render(&page);
    assert_false(page.failed);
    buffer_append_byte(&page, '\0');
    if (strstr(page.data, line) == NULL) {
        print_error("%s\nhas no line: %s\n", page.data, line);
        fail();
    }
    buffer_free(&page);
}

static void counters_of_all_threads_are_summed(void **state)
{
    pthread_t threads[20];
    (void)state;
    for (size_t i = 0; i < ITEMS(threads); i++) {
        assert_int_equal(pthread_create(&threads[i], NULL, count_requests, NULL), 0);
    }
    for (size_t i = 0; i < ITEMS(threads); i++) {
        assert_int_equal(pthread_join(threads[i], NULL), 0);
    }
    assert_rendered("\norgkeys_http_requests_total{status=\"2xx\"} 40000\n");
    assert_rendered("\norgkeys_http_requests_total{status=\"5xx\"} 0\n");
}

static int64_t seven(void *context)
{
    return *(int *)context;
}

static void values_come_from_readers_and_labels_from_their_owner(void **state)
{
    static const char *const operations[] = { "list-projects", "create-project" };
    static int value = 7;
    (void)state;
    metric_set_reader(METRIC_HTTP_CONNECTIONS_OPEN, seven, &value);
    metric_set_labels(METRIC_API_CALLS, operations, ITEMS(operations));
    metric_add(METRIC_API_CALLS, 1, 3);
    process_set_metrics();
    assert_rendered("\norgkeys_http_connections_open 7\n");
    assert_rendered("\norgkeys_api_calls_total{operation=\"create-project\"} 3\n");
    assert_rendered("\n# TYPE process_resident_memory_bytes gauge\n");
}

static void histograms_are_cumulative(void **state)
{
    (void)state;
    metric_observe(METRIC_API_CALL_SECONDS, -5);
    metric_observe(METRIC_API_CALL_SECONDS, 100);
    metric_observe(METRIC_API_CALL_SECONDS, 101);
    metric_observe(METRIC_API_CALL_SECONDS, 20000000);
    assert_rendered("\norgkeys_api_call_seconds_bucket{le=\"0.000100\"} 2\n");
    assert_rendered("\norgkeys_api_call_seconds_bucket{le=\"0.000250\"} 3\n");
    assert_rendered("\norgkeys_api_call_seconds_bucket{le=\"10.000000\"} 3\n");
    assert_rendered("\norgkeys_api_call_seconds_bucket{le=\"+Inf\"} 4\n");
    assert_rendered("\norgkeys_api_call_seconds_sum 20.000201\n");
    assert_rendered("\norgkeys_api_call_seconds_count 4\n");
}

static void there_is_a_processor(void **state)
{
    (void)state;
    assert_in_range(threads_processors(), 1, THREADS_PROCESSORS_MAXIMUM);
}

static void *take_mask(void *argument)
{
    sigset_t *mask = argument;
    (void)pthread_sigmask(SIG_BLOCK, NULL, mask);
    return NULL;
}

static void threads_leave_all_signals_to_the_first_one(void **state)
{
    pthread_t thread;
    sigset_t of_thread;
    sigset_t own;
    (void)state;
    assert_ok(thread_start("a-name", take_mask, &of_thread, &thread));
    assert_int_equal(pthread_join(thread, NULL), 0);
    (void)pthread_sigmask(SIG_BLOCK, NULL, &own);
    const int signals[] = { SIGTERM, SIGINT, SIGHUP, SIGCHLD, SIGUSR1 };
    for (size_t i = 0; i < ITEMS(signals); i++) {
        assert_int_equal(sigismember(&of_thread, signals[i]), 1);
        assert_int_equal(sigismember(&own, signals[i]), 0);
    }
}

static void *wait_at(void *barrier)
{
    (void)pthread_barrier_wait(barrier);
    return NULL;
}

static void threads_have_names(void **state)
{
    pthread_barrier_t barrier;
    pthread_t thread;
    char name[THREAD_NAME_MAXIMUM + 1];
    (void)state;
    assert_int_equal(pthread_barrier_init(&barrier, NULL, 2), 0);
    assert_ok(thread_start("fifteen-letters", wait_at, &barrier, &thread));
    assert_int_equal(pthread_getname_np(thread, name, sizeof name), 0);
    assert_string_equal(name, "fifteen-letters");
    (void)pthread_barrier_wait(&barrier);
    assert_int_equal(pthread_join(thread, NULL), 0);
    (void)pthread_barrier_destroy(&barrier);
}

/* ---- Landlock ---- */

static bool can(const char *path, int flags)
{
    int file = open(path, flags | O_CLOEXEC, 0600);
    if (file >= 0) {
        (void)close(file);
    }
    return file >= 0;
}

static void *can_in_a_thread(void *path)
{
    return can(path, O_RDONLY) ? path : NULL;
}

/* In a process of its own, as there is no way back: the number of the first line that fails. */
#define EXPECT(condition)    \
    do {                     \
        if (!(condition)) {  \
            _exit(__LINE__); \
        }                    \
    } while (0)

enum { NOT_CONFINED = 1 };

static void live_confined(void)
{
    const struct landlock_path paths[] = {
        { "mine", true }, { "theirs", false }, { "mine/nothing", true }, { "file", true }
    };
    struct stat status;
    pthread_t thread;
    void *opened = NULL;
    bool is_confined;
    EXPECT(chdir(path_of("confined").data) == 0 && mkdir("mine", 0700) == 0 &&
           mkdir("theirs", 0700) == 0);
    EXPECT(can("theirs/kept", O_CREAT | O_WRONLY) && can("file", O_CREAT | O_WRONLY));
    EXPECT(can("secret", O_CREAT | O_WRONLY) && symlink("../secret", "mine/link") == 0);
    EXPECT(!result_failed(landlock_confine(paths, ITEMS(paths), &is_confined)));
    if (!is_confined) {
        _exit(NOT_CONFINED);
    }
    EXPECT(can("mine/new", O_CREAT | O_RDWR) && can("mine/new", O_WRONLY | O_TRUNC));
    EXPECT(rename("mine/new", "mine/newer") == 0 && unlink("mine/newer") == 0);
    EXPECT(can("theirs/kept", O_RDONLY) && can("file", O_RDWR));
    EXPECT(!can("theirs/kept", O_WRONLY) && !can("theirs/new", O_CREAT | O_WRONLY));
    EXPECT(unlink("theirs/kept") != 0 && truncate("theirs/kept", 0) != 0);
    EXPECT(!can("secret", O_RDONLY) && !can("mine/link", O_RDONLY) &&
           !can("/etc/passwd", O_RDONLY));
    EXPECT(!can("beside", O_CREAT | O_WRONLY) && stat("secret", &status) == 0);
    EXPECT(execl("/bin/true", "true", NULL) != 0);
    EXPECT(pthread_create(&thread, NULL, can_in_a_thread, (void *)(uintptr_t) "secret") == 0);
    EXPECT(pthread_join(thread, &opened) == 0 && opened == NULL);
    _exit(EXIT_SUCCESS);
}

static void who_is_confined_reaches_its_own_files_only(void **state)
{
    static const char *const left[] = { "confined/mine/link",
                                        "confined/mine",
                                        "confined/theirs/kept",
                                        "confined/theirs",
                                        "confined/file",
                                        "confined/secret",
                                        "confined" };
    int status;
    (void)state;
    assert_int_equal(mkdir(path_of("confined").data, 0700), 0);
    pid_t child = fork();
    if (child == 0) {
        live_confined();
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    for (size_t i = 0; i < ITEMS(left); i++) {
        (void)remove(path_of(left[i]).data);
    }
    assert_true(WIFEXITED(status));
    if (WEXITSTATUS(status) == NOT_CONFINED) {
        print_message("this kernel has no Landlock\n");
        skip();
    }
    assert_int_equal(WEXITSTATUS(status), EXIT_SUCCESS);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(files_are_replaced_whole_and_for_their_owner_only),
        cmocka_unit_test(files_are_read_up_to_a_maximum),
        cmocka_unit_test(directories_are_made_and_kept),
        cmocka_unit_test(random_bytes_differ),
        cmocka_unit_test(networks_hold_their_addresses),
        cmocka_unit_test(what_is_no_network_is_refused),
        cmocka_unit_test(counters_of_all_threads_are_summed),
        cmocka_unit_test(values_come_from_readers_and_labels_from_their_owner),
        cmocka_unit_test(histograms_are_cumulative),
        cmocka_unit_test(there_is_a_processor),
        cmocka_unit_test(threads_leave_all_signals_to_the_first_one),
        cmocka_unit_test(threads_have_names),
        cmocka_unit_test(who_is_confined_reaches_its_own_files_only),
    };
    return cmocka_run_group_tests(tests, make_directory, remove_directory);
}
