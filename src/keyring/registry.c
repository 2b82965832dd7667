#include "keyring/registry.h"

#include <stdlib.h>

enum { REGISTRY_FIRST_BUCKETS = 64 };

struct result registry_open(size_t key_words, size_t words, size_t maximum,
                            struct registry *ret_registry)
{
    struct registry registry = {
        .key_words = key_words,
        .words = words,
        .bucket_count = REGISTRY_FIRST_BUCKETS,
        .unused = REGISTRY_NONE,
    };
    TRY(area_open(words * sizeof(registry_word), maximum, &registry.entries));
    struct result result = area_open(sizeof(uint32_t), maximum, &registry.references);
    registry.buckets = calloc(registry.bucket_count, sizeof *registry.buckets);
    if (result_failed(result) || registry.buckets == NULL) {
        registry_close(&registry);
        return fault(ERROR_INTERNAL, "no memory for the keyring");
    }
    *ret_registry = registry;
    return RESULT_OK;
}

void registry_close(struct registry *registry)
{
    area_close(&registry->entries);
    area_close(&registry->references);
    free(registry->buckets);
    registry->buckets = NULL;
}

registry_word *registry_at(const struct registry *registry, uint32_t index)
{
    return area_at(&registry->entries, index);
}

static uint32_t *references_of(const struct registry *registry, uint32_t index)
{
    return area_at(&registry->references, index);
}

/* Finalizer of MurmurHash3 over each word: contents are ids, whose bits are not spread. */
static uint64_t mix(uint64_t hash, uint64_t word)
{
    hash ^= word;
    hash ^= hash >> 33;
    hash *= UINT64_C(0xff51afd7ed558ccd);
    hash ^= hash >> 33;
    hash *= UINT64_C(0xc4ceb9fe1a85ec53);
    return hash ^ hash >> 33;
}

static uint64_t hash_of_key(const struct registry *registry, const uint64_t *key)
{
    uint64_t hash = 0;
    for (size_t i = 0; i < registry->key_words; i++) {
        hash = mix(hash, key[i]);
    }
    return hash;
}

static uint64_t hash_of_entry(const struct registry *registry, uint32_t index)
{
    uint64_t hash = 0;
    registry_word *entry = registry_at(registry, index);
    for (size_t i = 0; i < registry->key_words; i++) {
        hash = mix(hash, atomic_load_explicit(&entry[i], memory_order_relaxed));
    }
    return hash;
}

static bool has_key(const struct registry *registry, uint32_t index, const uint64_t *key)
{
    registry_word *entry = registry_at(registry, index);
    for (size_t i = 0; i < registry->key_words; i++) {
        if (atomic_load_explicit(&entry[i], memory_order_relaxed) != key[i]) {
            return false;
        }
    }
    return true;
}

static size_t next_bucket(const struct registry *registry, size_t bucket)
{
    return (bucket + 1) & (registry->bucket_count - 1);
}

uint32_t registry_find(const struct registry *registry, const uint64_t *key)
{
    size_t bucket = hash_of_key(registry, key) & (registry->bucket_count - 1);
    while (registry->buckets[bucket] != 0) {
        if (has_key(registry, registry->buckets[bucket] - 1, key)) {
            return registry->buckets[bucket] - 1;
        }
        bucket = next_bucket(registry, bucket);
    }
    return REGISTRY_NONE;
}

static void put_into_bucket(struct registry *registry, uint32_t index)
{
    size_t bucket = hash_of_entry(registry, index) & (registry->bucket_count - 1);
    while (registry->buckets[bucket] != 0) {
        bucket = next_bucket(registry, bucket);
    }
    registry->buckets[bucket] = index + 1;
}

static struct result grow_buckets(struct registry *registry, size_t needed)
{
    size_t count = registry->bucket_count;
    while (needed > count / 2) {
        count *= 2;
    }
    uint32_t *old = registry->buckets;
    size_t old_count = registry->bucket_count;
    uint32_t *buckets = calloc(count, sizeof *buckets);
    if (buckets == NULL) {
        return fault(ERROR_KEYRING_FULL, "no memory for the keyring");
    }
    registry->buckets = buckets;
    registry->bucket_count = count;
    for (size_t i = 0; i < old_count; i++) {
        if (old[i] != 0) {
            put_into_bucket(registry, old[i] - 1);
        }
    }
    free(old);
    return RESULT_OK;
}

struct result registry_reserve(struct registry *registry, size_t count)
{
    size_t needed = registry->used + count;
    size_t unused = registry->fresh - registry->used; /* that were used before */
    size_t fresh = registry->fresh + (count > unused ? count - unused : 0);
    TRY(area_require(&registry->entries, fresh));
    TRY(area_require(&registry->references, fresh));
    return needed > registry->bucket_count / 2 ? grow_buckets(registry, needed) : RESULT_OK;
}

static uint32_t take_entry(struct registry *registry)
{
    uint32_t index = registry->unused;
    if (index == REGISTRY_NONE) {
        ASSERT(registry->fresh < registry->entries.ready);
        return registry->fresh++;
    }
    registry->unused = *references_of(registry, index);
    return index;
}

uint32_t registry_refer(struct registry *registry, const uint64_t *key)
{
    uint32_t index = registry_find(registry, key);
    if (index != REGISTRY_NONE) {
        *references_of(registry, index) += 1;
        return index;
    }
    index = take_entry(registry);
    registry_word *entry = registry_at(registry, index);
    for (size_t i = 0; i < registry->words; i++) {
        atomic_store_explicit(&entry[i], i < registry->key_words ? key[i] : 0,
                              memory_order_release);
    }
    *references_of(registry, index) = 1;
    put_into_bucket(registry, index);
    registry->used++;
    return index;
}

/* Closes the gap, so that no search ends early at it. */
static void empty_bucket(struct registry *registry, size_t gap)
{
    size_t mask = registry->bucket_count - 1;
    size_t bucket = next_bucket(registry, gap);
    while (registry->buckets[bucket] != 0) {
        size_t home = hash_of_entry(registry, registry->buckets[bucket] - 1) & mask;
        if (((bucket - home) & mask) >= ((bucket - gap) & mask)) {
            registry->buckets[gap] = registry->buckets[bucket];
            gap = bucket;
        }
        bucket = next_bucket(registry, bucket);
    }
    registry->buckets[gap] = 0;
}

bool registry_release(struct registry *registry, uint32_t index)
{
    uint32_t *references = references_of(registry, index);
    ASSERT(*references > 0);
    *references -= 1;
    if (*references > 0) {
        return false;
    }
    size_t bucket = hash_of_entry(registry, index) & (registry->bucket_count - 1);
    while (registry->buckets[bucket] != index + 1) {
        ASSERT(registry->buckets[bucket] != 0);
        bucket = next_bucket(registry, bucket);
    }
    empty_bucket(registry, bucket);
    *references = registry->unused;
    registry->unused = index;
    registry->used--;
    return true;
}

size_t registry_size(const struct registry *registry)
{
    return area_size(&registry->entries) + area_size(&registry->references) +
           registry->bucket_count * sizeof *registry->buckets;
}
