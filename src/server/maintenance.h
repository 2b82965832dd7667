#ifndef ORGKEYS_SERVER_MAINTENANCE_H
#define ORGKEYS_SERVER_MAINTENANCE_H

#include "domain/work.h"
#include "keyring/keyring.h"
#include "store/worker.h"

enum { MAINTENANCE_INTERVAL_SECONDS = 60 };

struct maintenance;

/* Sweeps (domain/sweep.h) every MAINTENANCE_INTERVAL_SECONDS, through the writer, on a thread. */
struct result maintenance_start(struct store_writer *writer, struct keyring *keyring,
                                const struct settings *settings,
                                struct maintenance **ret_maintenance);
/* Before the writer is stopped. NULL is allowed. */
void maintenance_stop(struct maintenance *maintenance);

#endif
