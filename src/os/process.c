#include "os/process.h"

#include <errno.h>
#include <stdint.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/clock.h"
#include "os/files.h"
#include "os/metrics.h"

enum { STATM_MAXIMUM = 256 };

static int64_t start_time;

static int64_t read_start_time(void *context)
{
    (void)context;
    return start_time;
}

/* proc(5): the second number of /proc/self/statm is the resident pages. */
static int64_t read_resident_memory(void *context)
{
    struct buffer content;
    int64_t pages = 0;
    (void)context;
    buffer_init(&content, STATM_MAXIMUM);
    if (result_failed(file_read(TEXT("/proc/self/statm"), &content))) {
        (void)fault_take();
        return 0;
    }
    struct text rest = buffer_text(&content);
    (void)text_cut(&rest, ' ');
    (void)text_to_integer(text_cut(&rest, ' '), 0, INT64_MAX, &pages);
    buffer_free(&content);
    return pages * sysconf(_SC_PAGESIZE);
}

void process_set_metrics(void)
{
    start_time = clock_now_microseconds() / MICROSECONDS_PER_SECOND;
    metric_set_reader(METRIC_START_TIME, read_start_time, NULL);
    metric_set_reader(METRIC_RESIDENT_MEMORY, read_resident_memory, NULL);
}

struct result process_allow_descriptors(size_t wanted, size_t *ret_allowed)
{
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0) {
        return fault(ERROR_INTERNAL, "the limit of open files: %s", strerror(errno));
    }
    if (limit.rlim_cur < wanted) {
        struct rlimit raised = { limit.rlim_max < wanted ? limit.rlim_max : wanted,
                                 limit.rlim_max };
        limit = setrlimit(RLIMIT_NOFILE, &raised) == 0 ? raised : limit;
    }
    *ret_allowed = limit.rlim_cur;
    return RESULT_OK;
}
