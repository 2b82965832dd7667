#include "domain/login_limits.h"

#include <arpa/inet.h>
#include <limits.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "base/buffer.h"
#include "codec/digest.h"
#include "os/random.h"

/* A set has as many places as may share it. */
enum { SETS = 2048, PLACES = 4, SALT_SIZE = 16, NAME_MAXIMUM = 1024 };

struct attempts {
    uint64_t name; /* of the account or the address, hashed; 0: the place is free */
    int64_t last_at;
    unsigned count;
};

struct counters {
    unsigned free;
    int64_t wait_maximum;
    struct attempts sets[SETS][PLACES];
};

struct login_limits {
    pthread_mutex_t lock;
    char salt[SALT_SIZE]; /* so that nobody can choose names that share a set */
    struct counters accounts;
    struct counters addresses;
};

struct result login_limits_create(struct login_limits **ret_limits)
{
    struct login_limits *limits = calloc(1, sizeof *limits);
    if (limits == NULL) {
        return fault(ERROR_INTERNAL, "no memory for the limits of signing in");
    }
    struct result result = random_fill(limits->salt, sizeof limits->salt);
    if (result_failed(result)) {
        free(limits);
        return result;
    }
    (void)pthread_mutex_init(&limits->lock, NULL);
    limits->accounts.free = LOGIN_FREE_OF_ACCOUNT;
    limits->accounts.wait_maximum = LOGIN_WAIT_OF_ACCOUNT;
    limits->addresses.free = LOGIN_FREE_OF_ADDRESS;
    limits->addresses.wait_maximum = LOGIN_WAIT_OF_ADDRESS;
    *ret_limits = limits;
    return RESULT_OK;
}

void login_limits_free(struct login_limits *limits)
{
    if (limits != NULL) {
        (void)pthread_mutex_destroy(&limits->lock);
        free(limits);
    }
}

static uint64_t hash_of(const struct login_limits *limits, struct text name)
{
    struct digest digest = { { 0 } };
    struct buffer buffer;
    uint64_t hash;
    buffer_init(&buffer, NAME_MAXIMUM);
    buffer_append(&buffer, (struct text){ limits->salt, sizeof limits->salt });
    buffer_append(&buffer, name);
    /* Without memory all names share one place: stricter, never looser. */
    (void)digest_of(buffer_text(&buffer), &digest).error;
    buffer_free(&buffer);
    memcpy(&hash, digest.bytes, sizeof hash);
    return hash | 1;
}

/* So is a place that was never taken. */
static bool is_forgotten(const struct attempts *attempts, int64_t now)
{
    return attempts->last_at <= now - LOGIN_MEMORY_SECONDS;
}

/* The place of a name, also of what is forgotten; NULL when it has none. */
static struct attempts *find(struct counters *counters, uint64_t name)
{
    struct attempts *set = counters->sets[(name >> 1) % SETS];
    for (size_t i = 0; i < PLACES; i++) {
        if (set[i].name == name) {
            return &set[i];
        }
    }
    return NULL;
}

/* What was tried least makes room: who tries much cannot push out what was tried before. */
static bool makes_room_before(const struct attempts *a, const struct attempts *b, int64_t now)
{
    if (is_forgotten(a, now) != is_forgotten(b, now)) {
        return is_forgotten(a, now);
    }
    return a->count != b->count ? a->count < b->count : a->last_at < b->last_at;
}

static struct attempts *make_room(struct counters *counters, uint64_t name, int64_t now)
{
    struct attempts *set = counters->sets[(name >> 1) % SETS];
    struct attempts *first = &set[0];
    for (size_t i = 1; i < PLACES; i++) {
        first = makes_room_before(&set[i], first, now) ? &set[i] : first;
    }
    *first = (struct attempts){ .name = name };
    return first;
}

static int64_t wait_for(struct counters *counters, uint64_t name, int64_t now)
{
    const struct attempts *attempts = find(counters, name);
    int64_t wait = 1;
    if (attempts == NULL || is_forgotten(attempts, now) || attempts->count < counters->free) {
        return 0;
    }
    for (unsigned i = counters->free; i < attempts->count && wait < counters->wait_maximum; i++) {
        wait *= 2;
    }
    wait = wait < counters->wait_maximum ? wait : counters->wait_maximum;
    int64_t left = attempts->last_at + wait - now;
    return left > 0 ? left : 0;
}

static void count(struct counters *counters, uint64_t name, int64_t now)
{
    struct attempts *attempts = find(counters, name);
    if (attempts == NULL) {
        attempts = make_room(counters, name, now);
    }
    attempts->count = is_forgotten(attempts, now) ? 1 : attempts->count + 1;
    attempts->last_at = now;
}

static void take_back(struct counters *counters, uint64_t name, unsigned most)
{
    struct attempts *attempts = find(counters, name);
    if (attempts != NULL) {
        attempts->count -= most < attempts->count ? most : attempts->count;
    }
}

/* Who has one IPv6 address has all of its network; and IPv4 is IPv4, however it is written. */
static struct text network_of(struct text address, char buffer[INET6_ADDRSTRLEN])
{
    static const unsigned char mapped[12] = { [10] = 0xff, [11] = 0xff };
    unsigned char bytes[16];
    char copy[INET6_ADDRSTRLEN] = "";
    if (address.length >= sizeof copy) {
        return address;
    }
    memcpy(copy, address.data, address.length);
    if (inet_pton(AF_INET6, copy, bytes) != 1) {
        return address;
    }
    bool is_mapped = memcmp(bytes, mapped, sizeof mapped) == 0;
    memset(bytes + 8, is_mapped ? bytes[8] : 0, is_mapped ? 0 : 8);
    const char *text = inet_ntop(is_mapped ? AF_INET : AF_INET6, is_mapped ? bytes + 12 : bytes,
                                 buffer, INET6_ADDRSTRLEN);
    return text != NULL ? text_of(text) : address;
}

/* At what an attempt is counted. */
struct names {
    uint64_t account; /* 0: it is at none */
    uint64_t address;
};

static struct names names_of(const struct login_limits *limits, struct text account,
                             struct text address)
{
    char buffer[INET6_ADDRSTRLEN];
    return (struct names){
        .account = account.data != NULL ? hash_of(limits, account) : 0,
        .address = hash_of(limits, network_of(address, buffer)),
    };
}

int64_t login_limits_try(struct login_limits *limits, struct text account, struct text address,
                         int64_t now)
{
    struct names names = names_of(limits, account, address);
    (void)pthread_mutex_lock(&limits->lock);
    int64_t account_wait = names.account != 0 ? wait_for(&limits->accounts, names.account, now) : 0;
    int64_t address_wait = wait_for(&limits->addresses, names.address, now);
    int64_t wait = account_wait > address_wait ? account_wait : address_wait;
    if (wait == 0) {
        count(&limits->addresses, names.address, now);
    }
    if (wait == 0 && names.account != 0) {
        count(&limits->accounts, names.account, now);
    }
    (void)pthread_mutex_unlock(&limits->lock);
    return wait;
}

/* So many of the account's, at most all, and one of the address. */
static void take_back_attempts(struct login_limits *limits, struct text account,
                               struct text address, unsigned of_account)
{
    struct names names = names_of(limits, account, address);
    (void)pthread_mutex_lock(&limits->lock);
    take_back(&limits->addresses, names.address, 1);
    if (names.account != 0) {
        take_back(&limits->accounts, names.account, of_account);
    }
    (void)pthread_mutex_unlock(&limits->lock);
}

void login_limits_return(struct login_limits *limits, struct text account, struct text address)
{
    take_back_attempts(limits, account, address, 1);
}

void login_limits_clear(struct login_limits *limits, struct text account, struct text address)
{
    take_back_attempts(limits, account, address, UINT_MAX);
}
