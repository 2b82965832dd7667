#ifndef ORGKEYS_OS_LOG_WRITER_H
#define ORGKEYS_OS_LOG_WRITER_H

#include <stdbool.h>

#include "base/text.h"

/* Why a line was left out: the labels of the metric. */
enum left_out { LEFT_OUT_MEMORY, LEFT_OUT_ANONYMOUS, LEFT_OUT_REFUSED };

/*
 * Where whole lines go: straight to standard error, or, between log_start and log_stop, into memory
 * that a thread of its own writes out. False when the line was left out.
 */
bool log_writer_put(struct text line);

#endif
