#ifndef ORGKEYS_API_PASSWORD_POOL_H
#define ORGKEYS_API_PASSWORD_POOL_H

#include "base/result.h"
#include "store/worker.h"

/*
 * Threads for what takes a tenth of a second of a processor and 64 MiB each time: passwords. Few,
 * so that people who sign in take neither the checks' processors nor all memory.
 */
enum { PASSWORD_POOL_THREADS = 2, PASSWORD_POOL_QUEUE_MAXIMUM = 32 };

struct password_pool;

struct result password_pool_start(struct password_pool **ret_pool);
/* NULL is allowed. Nobody may submit any more. */
void password_pool_stop(struct password_pool *pool);

/* Runs a job without a session or a batch; false, and it was not taken, when too many wait. */
bool password_pool_submit(struct password_pool *pool, struct store_job *job);

#endif
