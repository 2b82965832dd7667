#include "os/metrics.h"

#include <inttypes.h>
#include <stdatomic.h>
#include <stdbool.h>

#include "base/clock.h"
#include "base/result.h"

#define LABELS(...) ((const char *const[]){ __VA_ARGS__, NULL })
#define NO_LABELS NULL
static const struct metric_description descriptions[METRIC_COUNT] = {
#define METRIC(enumerator, type, name, label, values, help) \
    [METRIC_##enumerator] = { METRIC_##type, name, label, values, help },
#include "os/metrics.def"
#undef METRIC
};

static const char *const type_words[] = {
    [METRIC_COUNTER] = "counter",
    [METRIC_GAUGE] = "gauge",
    [METRIC_HISTOGRAM] = "histogram",
};

/* Upper bounds in microseconds; the last bucket takes the rest. */
static const int64_t bucket_bounds[] = {
    5,     10,    25,    50,     100,    250,    500,     1000,    2500,    5000,
    10000, 25000, 50000, 100000, 250000, 500000, 1000000, 2500000, 5000000, 10000000,
};
enum {
    BUCKET_COUNT = sizeof bucket_bounds / sizeof bucket_bounds[0] + 1,
    BUCKET_SUM = BUCKET_COUNT, /* the cell after the buckets: microseconds in all */
    CELL_COUNT = METRIC_LABELS_MAXIMUM,
    SHARD_COUNT = 16,
    CACHE_LINE_SIZE = 64,
};
_Static_assert((int)BUCKET_SUM < (int)CELL_COUNT, "a histogram fits a metric's cells");

/* A counter has a cell a label, a histogram a cell a bucket. */
struct shard {
    _Alignas(CACHE_LINE_SIZE) atomic_uint_fast64_t cells[METRIC_COUNT][CELL_COUNT];
};
static struct shard shards[SHARD_COUNT];

static struct {
    const char *const *labels;
    size_t label_count;
    metric_reader *reader;
    void *context;
} given[METRIC_COUNT];

const struct metric_description *metric_describe(enum metric metric)
{
    ASSERT(metric < METRIC_COUNT);
    return &descriptions[metric];
}

const char *metric_type_word(enum metric_type type)
{
    return type_words[type];
}

static struct shard *own_shard(void)
{
    static atomic_uint threads_seen;
    static _Thread_local struct shard *shard;
    if (shard == NULL) {
        shard = &shards[atomic_fetch_add(&threads_seen, 1) % SHARD_COUNT];
    }
    return shard;
}

static void add(enum metric metric, size_t cell, uint64_t count)
{
    ASSERT(metric < METRIC_COUNT && cell < CELL_COUNT);
    atomic_fetch_add_explicit(&own_shard()->cells[metric][cell], count, memory_order_relaxed);
}

static uint64_t sum(enum metric metric, size_t cell)
{
    uint64_t total = 0;
    for (size_t i = 0; i < SHARD_COUNT; i++) {
        total += atomic_load_explicit(&shards[i].cells[metric][cell], memory_order_relaxed);
    }
    return total;
}

void metric_add(enum metric metric, unsigned label, uint64_t count)
{
    add(metric, label, count);
}

void metric_observe(enum metric metric, int64_t microseconds)
{
    size_t bucket = 0;
    if (microseconds < 0) {
        microseconds = 0;
    }
    while (bucket < BUCKET_COUNT - 1 && microseconds > bucket_bounds[bucket]) {
        bucket++;
    }
    add(metric, bucket, 1);
    add(metric, BUCKET_SUM, (uint64_t)microseconds);
}

void metric_set_labels(enum metric metric, const char *const *values, size_t count)
{
    ASSERT(metric < METRIC_COUNT && count <= METRIC_LABELS_MAXIMUM);
    given[metric].labels = values;
    given[metric].label_count = count;
}

void metric_set_reader(enum metric metric, metric_reader *reader, void *context)
{
    ASSERT(metric < METRIC_COUNT);
    given[metric].reader = reader;
    given[metric].context = context;
}

static size_t label_count(enum metric metric)
{
    size_t count = 0;
    if (given[metric].labels != NULL) {
        return given[metric].label_count;
    }
    while (descriptions[metric].values != NULL && descriptions[metric].values[count] != NULL) {
        count++;
    }
    return count;
}

static const char *label_value(enum metric metric, size_t label)
{
    return given[metric].labels != NULL ? given[metric].labels[label]
                                        : descriptions[metric].values[label];
}

static void render_labelled(struct buffer *buffer, enum metric metric)
{
    const struct metric_description *description = &descriptions[metric];
    size_t count = label_count(metric);
    for (size_t label = 0; label < count; label++) {
        uint64_t value = description->type == METRIC_GAUGE ? 1 : sum(metric, label);
        buffer_append_format(buffer, "%s{%s=\"%s\"} %" PRIu64 "\n", description->name,
                             description->label, label_value(metric, label), value);
    }
}

static void render_single(struct buffer *buffer, enum metric metric)
{
    buffer_append(buffer, text_of(descriptions[metric].name));
    buffer_append_byte(buffer, ' ');
    if (given[metric].reader != NULL) {
        buffer_append_integer(buffer, given[metric].reader(given[metric].context));
    } else {
        buffer_append_format(buffer, "%" PRIu64, sum(metric, 0));
    }
    buffer_append_byte(buffer, '\n');
}

static void append_seconds(struct buffer *buffer, uint64_t microseconds)
{
    buffer_append_format(buffer, "%" PRIu64 ".%06" PRIu64, microseconds / MICROSECONDS_PER_SECOND,
                         microseconds % MICROSECONDS_PER_SECOND);
}

static void render_histogram(struct buffer *buffer, enum metric metric)
{
    const char *name = descriptions[metric].name;
    uint64_t total = 0;
    for (size_t bucket = 0; bucket < BUCKET_COUNT; bucket++) {
        total += sum(metric, bucket);
        buffer_append_format(buffer, "%s_bucket{le=\"", name);
        if (bucket < BUCKET_COUNT - 1) {
            append_seconds(buffer, (uint64_t)bucket_bounds[bucket]);
        } else {
            buffer_append(buffer, TEXT("+Inf"));
        }
        buffer_append_format(buffer, "\"} %" PRIu64 "\n", total);
    }
    buffer_append_format(buffer, "%s_sum ", name);
    append_seconds(buffer, sum(metric, BUCKET_SUM));
    buffer_append_format(buffer, "\n%s_count %" PRIu64 "\n", name, total);
}

static bool has_values(enum metric metric)
{
    const struct metric_description *description = &descriptions[metric];
    if (description->label != NULL) {
        return label_count(metric) > 0;
    }
    return description->type != METRIC_GAUGE || given[metric].reader != NULL;
}

static void render(struct buffer *buffer, enum metric metric)
{
    const struct metric_description *description = &descriptions[metric];
    buffer_append_format(buffer, "# HELP %s %s\n# TYPE %s %s\n", description->name,
                         description->help, description->name, type_words[description->type]);
    if (description->type == METRIC_HISTOGRAM) {
        render_histogram(buffer, metric);
    } else if (description->label != NULL) {
        render_labelled(buffer, metric);
    } else {
        render_single(buffer, metric);
    }
}

void metrics_render(struct buffer *buffer)
{
    for (enum metric metric = 0; metric < METRIC_COUNT; metric++) {
        if (has_values(metric)) {
            render(buffer, metric);
        }
    }
}
