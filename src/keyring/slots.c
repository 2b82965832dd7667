#include "keyring/slots.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

/*
 * The words of a slot:
 *   0    state (3 bits), mark (1), generation (16), expires_at (36)
 *   1-4  the digest
 *   5    id_time (60), membership's highest 4 bits
 *   6    first half of the random part (42), scopes (20)
 *   7    second half (42), membership's lower 22 bits
 */
enum {
    STATE_BITS = 3,
    MARK_SHIFT = STATE_BITS,
    GENERATION_SHIFT = MARK_SHIFT + 1,
    GENERATION_BITS = 16,
    EXPIRY_SHIFT = GENERATION_SHIFT + GENERATION_BITS,
    DIGEST_WORD = 1,
    DIGEST_WORDS = 4,
    TIME_WORD = 5,
    TIME_BITS = 60,
    RANDOM_WORD = 6,
    RANDOM_BITS = 42,
    MEMBERSHIP_LOW_BITS = 22,
};

#define STATE_MASK ((UINT64_C(1) << STATE_BITS) - 1)
#define MARK (UINT64_C(1) << MARK_SHIFT)
#define GENERATION_MASK (((UINT64_C(1) << GENERATION_BITS) - 1) << GENERATION_SHIFT)
#define RANDOM_MASK ((UINT64_C(1) << RANDOM_BITS) - 1)

/*
 * In parts of a hundred. Searches stay short below the greatest load; a table made anew has room
 * for a quarter more keys.
 */
enum { LOAD_MAXIMUM = 72, LOAD_OF_NEW = 58, SLOTS_MINIMUM = 1024 };

/* The moves that a slot may make. */
static const bool slot_moves[SLOT_STATE_COUNT][SLOT_STATE_COUNT] = {
    [SLOT_EMPTY] = { [SLOT_LIVE] = true },
    [SLOT_LIVE] = { [SLOT_REMOVED] = true },
    [SLOT_REMOVED] = { [SLOT_LIVE] = true, [SLOT_EMPTY] = true },
};

static enum slot_state state_of(uint64_t control)
{
    return (enum slot_state)(control & STATE_MASK);
}

/* ---- Birth and size ---- */

size_t slots_size(const struct slots *slots)
{
    return slots->capacity * sizeof(struct slot);
}

struct result slots_open(size_t count, struct slots **ret_slots)
{
    size_t capacity = count * 100 / LOAD_OF_NEW + SLOTS_MINIMUM;
    size_t size = capacity * sizeof(struct slot);
    struct slots *slots = calloc(1, sizeof *slots);
    void *memory = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (slots == NULL || memory == MAP_FAILED) {
        free(slots);
        return fault(ERROR_KEYRING_FULL, "no memory for %zu keys", count);
    }
    /* Fewer pages to look up: a search is one random access. Without them it is only slower. */
    (void)madvise(memory, size, MADV_HUGEPAGE);
    *slots = (struct slots){ .slots = memory, .capacity = capacity };
    *ret_slots = slots;
    return RESULT_OK;
}

void slots_close(struct slots *slots)
{
    if (slots != NULL) {
        (void)munmap(slots->slots, slots_size(slots));
        free(slots);
    }
}

bool slots_have_room(const struct slots *slots, size_t count)
{
    return (slots->live + slots->removed + count) * 100 <= slots->capacity * LOAD_MAXIMUM;
}

/* ---- Packing ---- */

static void pack(const struct slot_key *key, uint64_t words[SLOT_WORDS])
{
    memcpy(&words[DIGEST_WORD], key->digest.bytes, DIGEST_SIZE);
    words[0] = (uint64_t)key->expires_at << EXPIRY_SHIFT;
    words[TIME_WORD] = key->id_time | (uint64_t)key->membership >> MEMBERSHIP_LOW_BITS << TIME_BITS;
    words[RANDOM_WORD] = key->id_random[0] | (uint64_t)key->scopes << RANDOM_BITS;
    words[RANDOM_WORD + 1] = key->id_random[1] | (uint64_t)key->membership << RANDOM_BITS;
}

static void unpack(const uint64_t words[SLOT_WORDS], struct slot_key *ret_key)
{
    memcpy(ret_key->digest.bytes, &words[DIGEST_WORD], DIGEST_SIZE);
    ret_key->expires_at = (int64_t)(words[0] >> EXPIRY_SHIFT) & SLOT_EXPIRY_MAXIMUM;
    ret_key->id_time = words[TIME_WORD] & ((UINT64_C(1) << TIME_BITS) - 1);
    ret_key->id_random[0] = words[RANDOM_WORD] & RANDOM_MASK;
    ret_key->id_random[1] = words[RANDOM_WORD + 1] & RANDOM_MASK;
    ret_key->is_marked = (words[0] & MARK) != 0;
    ret_key->scopes = (uint32_t)(words[RANDOM_WORD] >> RANDOM_BITS);
    ret_key->membership = (uint32_t)(words[TIME_WORD] >> TIME_BITS << MEMBERSHIP_LOW_BITS |
                                     words[RANDOM_WORD + 1] >> RANDOM_BITS);
}

/* ---- Searching ---- */

/* Where a search begins: the digest's first word, scaled. SHA-256 spreads it evenly. */
static size_t home_of(const struct slots *slots, const uint64_t digest[DIGEST_WORDS])
{
    return (size_t)(((unsigned __int128)digest[0] * slots->capacity) >> 64);
}

static size_t next_index(const struct slots *slots, size_t index)
{
    return index + 1 < slots->capacity ? index + 1 : 0;
}

static bool has_digest(const struct slot *slot, const uint64_t digest[DIGEST_WORDS])
{
    uint64_t difference = 0;
    for (size_t i = 0; i < DIGEST_WORDS; i++) {
        difference |=
            atomic_load_explicit(&slot->words[DIGEST_WORD + i], memory_order_acquire) ^ digest[i];
    }
    return difference == 0;
}

static uint64_t control_of(const struct slot *slot)
{
    return atomic_load_explicit(&slot->words[0], memory_order_acquire);
}

/* A mark may come at any time; it changes nothing that is read here. */
static bool is_same(uint64_t before, uint64_t after)
{
    return ((before ^ after) & ~MARK) == 0;
}

/* Of a slot that holds the digest: its words, or false when it changed meanwhile. */
static bool read_slot(const struct slot *slot, uint64_t control, uint64_t ret_words[SLOT_WORDS])
{
    ret_words[0] = control;
    for (size_t i = 1; i < SLOT_WORDS; i++) {
        ret_words[i] = atomic_load_explicit(&slot->words[i], memory_order_acquire);
    }
    return is_same(control, control_of(slot));
}

bool slots_find(const struct slots *slots, const struct digest *digest, struct slot_key *ret_key,
                struct slot_reference *ret_reference)
{
    uint64_t wanted[DIGEST_WORDS];
    uint64_t words[SLOT_WORDS];
    memcpy(wanted, digest->bytes, sizeof wanted);
    size_t index = home_of(slots, wanted);
    /* The load leaves empty slots; the bound is for a table that is damaged. */
    for (size_t probes = 0; probes < slots->capacity; probes++) {
        struct slot *slot = &slots->slots[index];
        uint64_t control = control_of(slot);
        if (state_of(control) == SLOT_EMPTY) {
            return false;
        }
        if (state_of(control) != SLOT_LIVE || !has_digest(slot, wanted)) {
            index = next_index(slots, index);
        } else if (read_slot(slot, control, words)) {
            unpack(words, ret_key);
            *ret_reference = (struct slot_reference){ slot, control };
            return true;
        } /* else the key was updated or removed just now: look at the same slot again */
    }
    return false;
}

/* ---- Changing ---- */

static void move(struct slot *slot, enum slot_state to, uint64_t rest)
{
    ASSERT(slot_moves[state_of(control_of(slot))][to]);
    /* Exchanged, not stored: a mark that comes at the same time must not bring the old word back.
     */
    (void)atomic_exchange_explicit(&slot->words[0], rest | (uint64_t)to, memory_order_seq_cst);
}

static void fill(struct slot *slot, const uint64_t words[SLOT_WORDS])
{
    uint64_t generation = (control_of(slot) & GENERATION_MASK) + (UINT64_C(1) << GENERATION_SHIFT);
    for (size_t i = 1; i < SLOT_WORDS; i++) {
        atomic_store_explicit(&slot->words[i], words[i], memory_order_release);
    }
    move(slot, SLOT_LIVE, words[0] | (generation & GENERATION_MASK));
}

static void insert_words(struct slots *slots, const uint64_t words[SLOT_WORDS])
{
    size_t index = home_of(slots, &words[DIGEST_WORD]);
    while (state_of(control_of(&slots->slots[index])) == SLOT_LIVE) {
        index = next_index(slots, index);
    }
    if (state_of(control_of(&slots->slots[index])) == SLOT_REMOVED) {
        slots->removed--;
    }
    fill(&slots->slots[index], words);
    slots->live++;
}

void slots_insert(struct slots *slots, const struct slot_key *key)
{
    uint64_t words[SLOT_WORDS];
    ASSERT(slots_have_room(slots, 1));
    pack(key, words);
    insert_words(slots, words);
}

/* Removed slots in front of an empty one end no search earlier when they are empty too. */
static void empty_run(struct slots *slots, size_t index)
{
    size_t next = next_index(slots, index);
    if (state_of(control_of(&slots->slots[next])) != SLOT_EMPTY) {
        return;
    }
    while (state_of(control_of(&slots->slots[index])) == SLOT_REMOVED) {
        struct slot *slot = &slots->slots[index];
        move(slot, SLOT_EMPTY, control_of(slot) & GENERATION_MASK);
        slots->removed--;
        index = index > 0 ? index - 1 : slots->capacity - 1;
    }
}

bool slots_remove(struct slots *slots, const struct digest *digest)
{
    struct slot_key key;
    struct slot_reference found;
    if (!slots_find(slots, digest, &key, &found)) {
        return false;
    }
    move(found.slot, SLOT_REMOVED, found.control & GENERATION_MASK);
    slots->live--;
    slots->removed++;
    empty_run(slots, (size_t)(found.slot - slots->slots));
    return true;
}

bool slots_update(struct slots *slots, const struct digest *digest, uint32_t scopes,
                  int64_t expires_at)
{
    struct slot_key key;
    struct slot_reference found;
    uint64_t words[SLOT_WORDS] = { 0 };
    if (!slots_find(slots, digest, &key, &found)) {
        return false;
    }
    key.scopes = scopes;
    key.expires_at = expires_at;
    pack(&key, words);
    atomic_store_explicit(&found.slot->words[RANDOM_WORD], words[RANDOM_WORD],
                          memory_order_release);
    uint64_t generation = found.control + (UINT64_C(1) << GENERATION_SHIFT);
    (void)atomic_exchange(&found.slot->words[0],
                          words[0] | (generation & GENERATION_MASK) | SLOT_LIVE);
    return true;
}

/* ---- References and marks ---- */

bool slot_is_unchanged(const struct slot_reference *reference)
{
    return is_same(reference->control, control_of(reference->slot));
}

bool slot_mark(struct slot_reference *reference)
{
    uint64_t expected = reference->control & ~MARK;
    return (control_of(reference->slot) & MARK) == 0 &&
           atomic_compare_exchange_strong(&reference->slot->words[0], &expected, expected | MARK);
}

void slot_unmark(struct slot_reference *reference)
{
    (void)atomic_fetch_and(&reference->slot->words[0], ~MARK);
}

void slots_copy(const struct slots *from, struct slots *to)
{
    for (size_t i = 0; i < from->capacity; i++) {
        const struct slot *slot = &from->slots[i];
        uint64_t words[SLOT_WORDS];
        uint64_t control = control_of(slot);
        if (state_of(control) != SLOT_LIVE) {
            continue;
        }
        for (size_t word = 1; word < SLOT_WORDS; word++) {
            words[word] = atomic_load_explicit(&slot->words[word], memory_order_relaxed);
        }
        words[0] = control & ~(STATE_MASK | GENERATION_MASK | MARK);
        insert_words(to, words);
    }
}
