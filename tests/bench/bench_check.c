/*
 * bench-check KEYS KEYS_AN_OWNER ROUNDS: prints the bytes of memory that a key takes, then what a
 * check costs inside the process, with that many keys in memory, against what it cannot do without:
 * the SHA-256 of the key and one cache line read at random from a table that has one for each key.
 * Prints a line a round: nanoseconds of the one and of the other, of the processor's time.
 *
 * Both go through the same keys in the same order, chosen at random, and begin with the next only
 * when they have what they read for the one before: a server has other things to do in between.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>

#include "api/credential.h"
#include "base/uninitialized.h"
#include "keyring/keyring.h"
#include "rows.h"

enum {
    CHECKS_A_ROUND = 1000000,
    PRESENTED_MAXIMUM = 1000000, /* distinct keys that are checked */
    KEYS_A_RESERVE = 1024,       /* as the loader does */
    NOW = 1,
};

/* `one` is 1, which the compiler does not know: what the next step waits for. */
struct line {
    _Alignas(64) uint64_t one;
};

/* A prime, so that an owner's keys do not lie side by side. */
#define SCATTER UINT64_C(2654435761)

struct checking {
    struct keyring *keyring;
    struct line *lines;
    uint64_t key_count;
    uint64_t keys_an_owner;
    struct row_key *presented;
    uint64_t presented_count;
};

static void fail(const char *what)
{
    (void)fprintf(stderr, "bench-check: %s\n", what);
    exit(EXIT_FAILURE);
}

static void *allocate(size_t count, size_t size)
{
    void *memory =
        mmap(NULL, count * size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED) {
        fail("no memory");
    }
    /* As for the keyring's slots. */
    (void)madvise(memory, count * size, MADV_HUGEPAGE);
    return memory;
}

/* ---- Filling ---- */

static struct text text_of_id(const struct row_id *id)
{
    return (struct text){ id->text, (size_t)id->length };
}

static void fill_keyring(struct checking *checking)
{
    uint64_t random = 0;
    uint64_t owner_count =
        (checking->key_count + checking->keys_an_owner - 1) / checking->keys_an_owner;
    struct row_id organization = rows_id(ID_ORGANIZATION, 0, &random);
    struct row_id project = rows_id(ID_PROJECT, 0, &random);
    struct row_id *owners = allocate(owner_count, sizeof *owners);
    for (uint64_t i = 0; i < owner_count; i++) {
        owners[i] = rows_id(ID_SERVICE_ACCOUNT, (int64_t)i, &random);
    }
    for (uint64_t i = 0; i < checking->key_count; i++) {
        if (i % KEYS_A_RESERVE == 0 &&
            result_failed(keyring_reserve(checking->keyring, KEYS_A_RESERVE))) {
            fail("no memory for the keyring");
        }
        struct row_key key = rows_key(i);
        struct row_id id = rows_id(ID_KEY, (int64_t)i, &random);
        struct key_change change = {
            .kind = KEY_ISSUED,
            .digest = rows_digest(&key),
            .key_id = text_of_id(&id),
            .organization_id = text_of_id(&organization),
            .project_id = text_of_id(&project),
            .owner = { .id = text_of_id(&owners[i * SCATTER % owner_count]),
                       .is_service_account = true },
            .has_role = true,
            .expires_at = FIELD_ABSENT,
        };
        keyring_follow(checking->keyring, &change);
    }
    (void)munmap(owners, owner_count * sizeof *owners);
}

static void fill(struct checking *checking)
{
    uint64_t random = 1;
    fill_keyring(checking);
    checking->lines = allocate(checking->key_count, sizeof *checking->lines);
    for (uint64_t i = 0; i < checking->key_count; i++) {
        checking->lines[i].one = 1;
    }
    checking->presented_count =
        checking->key_count < PRESENTED_MAXIMUM ? checking->key_count : PRESENTED_MAXIMUM;
    checking->presented = allocate(checking->presented_count, sizeof *checking->presented);
    for (uint64_t i = 0; i < checking->presented_count; i++) {
        checking->presented[i] = rows_key(rows_random(&random) % checking->key_count);
    }
}

/* ---- Measuring ---- */

/* Each says how far to go on: by one. */
static uint64_t check(struct checking *checking, const struct row_key *key)
{
    struct digest digest;
    UNINITIALIZED struct keyring_holder holder;
    if (credential_check(checking->keyring, (struct text){ key->text, key->length }, NOW, &digest,
                         &holder) != KEYRING_ACTIVE) {
        fail("a key is not active");
    }
    return holder.owner_is_service_account;
}

static uint64_t reference(struct checking *checking, const struct row_key *key)
{
    uint64_t word;
    struct digest digest = rows_digest(key);
    memcpy(&word, digest.bytes, sizeof word);
    return checking->lines[word % checking->key_count].one;
}

static int64_t processor_nanoseconds(void)
{
    struct timespec now;
    (void)clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

/* Nanoseconds of one. */
static double measure(struct checking *checking,
                      uint64_t (*step)(struct checking *checking, const struct row_key *key))
{
    int64_t started_at = processor_nanoseconds();
    for (uint64_t i = 0; i < CHECKS_A_ROUND;) {
        i += step(checking, &checking->presented[i % checking->presented_count]);
    }
    return (double)(processor_nanoseconds() - started_at) / CHECKS_A_ROUND;
}

int main(int argc, char **argv)
{
    if (argc != 4) {
        (void)fprintf(stderr, "usage: bench-check KEYS KEYS_AN_OWNER ROUNDS\n");
        return EXIT_FAILURE;
    }
    struct checking checking = {
        .key_count = (uint64_t)rows_number(argv[1]),
        .keys_an_owner = (uint64_t)rows_number(argv[2]),
    };
    if (result_failed(digest_initialize()) || result_failed(keyring_create(&checking.keyring))) {
        fail("no memory");
    }
    fill(&checking);
    (void)printf("%.1f\n",
                 (double)keyring_statistics(checking.keyring).bytes / (double)checking.key_count);
    for (int64_t round = rows_number(argv[3]); round > 0; round--) {
        double ours = measure(&checking, check);
        double against = measure(&checking, reference);
        (void)printf("%.1f %.1f\n", ours, against);
    }
    keyring_free(checking.keyring);
    return EXIT_SUCCESS;
}
