#ifndef ORGKEYS_OS_METRICS_H
#define ORGKEYS_OS_METRICS_H

#include <stddef.h>
#include <stdint.h>

#include "base/buffer.h"

/*
 * The numbers of /metrics. Counting takes no lock and may be done by any thread; each thread adds
 * to a shard that few others share, and rendering sums the shards. Everything is in static memory
 * and counts from the start of the process.
 */
enum metric {
#define METRIC(enumerator, type, name, label, values, help) METRIC_##enumerator,
#include "os/metrics.def"
#undef METRIC
    METRIC_COUNT
};

enum { METRIC_LABELS_MAXIMUM = 128 };

/* Adds to a counter. `label` is the number of a value of the metric's label; 0 where it has none.
 */
void metric_add(enum metric metric, unsigned label, uint64_t count);

/* Adds one measurement to a histogram. */
void metric_observe(enum metric metric, int64_t microseconds);

/*
 * Gives the values of a label that metrics.def leaves open: at most METRIC_LABELS_MAXIMUM, which
 * must outlive the process's last render. Before the first thread starts.
 */
void metric_set_labels(enum metric metric, const char *const *values, size_t count);

/*
 * A gauge, or a counter that somebody else keeps, has a function that is asked for its value when
 * the metrics are rendered, on the thread that renders. Before the first thread starts. A metric
 * without values is left out.
 */
typedef int64_t metric_reader(void *context);
void metric_set_reader(enum metric metric, metric_reader *reader, void *context);

/* Prometheus text format, version 0.0.4. */
void metrics_render(struct buffer *buffer);
#define METRICS_CONTENT_TYPE "text/plain; version=0.0.4; charset=utf-8"

enum metric_type { METRIC_COUNTER, METRIC_GAUGE, METRIC_HISTOGRAM };

struct metric_description {
    enum metric_type type;
    const char *name;
    const char *label;         /* NULL: none */
    const char *const *values; /* ended by NULL; NULL where metrics.def gives none */
    const char *help;
};
const struct metric_description *metric_describe(enum metric metric);
const char *metric_type_word(enum metric_type type);

#endif
