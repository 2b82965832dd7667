#ifndef ORGKEYS_SERVER_MAINTENANCE_H
#define ORGKEYS_SERVER_MAINTENANCE_H

#include "domain/work.h"
#include "keyring/following.h"
#include "keyring/keyring.h"
#include "store/worker.h"

enum {
    MAINTENANCE_SWEEP_SECONDS = 60,
    /*
     * Something is committed each time: so a node on a primary of the past finds that out, within
     * FOLLOWING_UNPROVEN_MAXIMUM.
     */
    MAINTENANCE_PRUNE_SECONDS = 2,
};

struct maintenance_options {
    struct store_writer *writer;
    struct keyring *keyring;
    struct following *following;
    const struct settings *settings;
    int64_t last_used_interval; /* microseconds between two rounds of recording uses */
    bool is_shared;             /* the store */
};

struct maintenance;

/*
 * What nobody asks for and has to be written all the same, through the writer, on a thread: dead
 * rows are swept (domain/sweep.h), uses of keys recorded (domain/key_uses.h), and in a shared store
 * what other nodes have followed is deleted (keyring/pruning.h).
 */
struct result maintenance_start(const struct maintenance_options *options,
                                struct maintenance **ret_maintenance);
/*
 * Records the uses that are noted, when the database takes them. After the last check, before the
 * writer is stopped. NULL is allowed.
 */
void maintenance_stop(struct maintenance *maintenance);

#endif
