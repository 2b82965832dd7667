#ifndef ORGKEYS_TESTS_FUZZ_STILL_LOOP_H
#define ORGKEYS_TESTS_FUZZ_STILL_LOOP_H

#include "http/loop.h"

/*
 * In the place of src/http/loop.c: one loop and one watch, without a kernel and without a thread.
 * Time stands still, and what is ready, or due, is what the test says.
 */

/* Letters that were posted, delivered; false when there were none. */
bool still_loop_deliver(struct loop *loop);
/* The watched socket is ready for what is waited for; false when nothing is. */
bool still_loop_be_ready(struct loop *loop);
/* Longer than any deadline, and the tick after it. */
void still_loop_let_time_pass(struct loop *loop);
/* From now on, until called with false, the caller counts as another thread. */
void still_loop_leave(struct loop *loop, bool has_left);

#endif
