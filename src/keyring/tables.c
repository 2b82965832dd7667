#include "keyring/tables.h"

#include <stdlib.h>
#include <string.h>

#include "codec/base62.h"
#include "keyring/slots.h"

enum {
    ID_WORDS = ID_BODY_LENGTH / sizeof(uint64_t),

    PROJECT_ORGANIZATION = ID_WORDS,
    PROJECT_IS_ARCHIVED,
    PROJECT_WORDS,

    OWNER_ORGANIZATION = ID_WORDS,
    OWNER_FLAGS,
    OWNER_ADMIN_KEYS_AFTER, /* microseconds */
    OWNER_WORDS,

    MEMBERSHIP_PLACE = 0, /* see place_of */
    MEMBERSHIP_KEY_WORDS,
    MEMBERSHIP_HAS_ROLE = MEMBERSHIP_KEY_WORDS,
    MEMBERSHIP_WORDS,

    SCOPES_LENGTH = 0,
    SCOPES_TEXT,
    SCOPES_WORDS = 1 + (KEYRING_SCOPES_TEXT_MAXIMUM + 7) / 8,

    ORGANIZATIONS_MAXIMUM = 1 << 20,
    PROJECTS_MAXIMUM = 1 << 22,
    SPINS_MAXIMUM = 16,
};

enum owner_flag {
    OWNER_IS_SERVICE_ACCOUNT = 1,
    OWNER_IS_HERE = 2,
    OWNER_OWNS_ORGANIZATION = 4,
};

static struct slots *current_slots(const struct tables *tables)
{
    return atomic_load(&((struct tables *)(uintptr_t)tables)->slots);
}

static uint64_t load(const registry_word *word)
{
    return atomic_load_explicit(word, memory_order_acquire);
}

static void store(registry_word *word, uint64_t value)
{
    atomic_store_explicit(word, value, memory_order_seq_cst);
}

/* ---- Ids ---- */

static void words_of_id(struct text id, uint64_t ret_words[ID_WORDS])
{
    ASSERT(id.length > ID_BODY_LENGTH);
    memcpy(ret_words, id.data + id.length - ID_BODY_LENGTH, ID_BODY_LENGTH);
}

static void read_id(const struct registry *registry, uint32_t index, struct keyring_id *ret_id)
{
    const registry_word *entry = registry_at(registry, index);
    for (size_t i = 0; i < ID_WORDS; i++) {
        uint64_t word = load(&entry[i]);
        memcpy(ret_id->body + i * sizeof word, &word, sizeof word);
    }
}

/* A key's id is kept as numbers, which take less room than digits. */
static void pack_key_id(struct text id, struct slot_key *key)
{
    enum { HALF = ID_RANDOM_DIGITS / 2 };
    struct text body = text_from(id, id.length - ID_BODY_LENGTH);
    struct text random = text_from(body, ID_TIME_DIGITS);
    key->id_time = base62_to_integer(text_until(body, ID_TIME_DIGITS));
    key->id_random[0] = base62_to_integer(text_until(random, HALF));
    key->id_random[1] = base62_to_integer(text_from(random, HALF));
}

static void unpack_key_id(const struct slot_key *key, struct keyring_id *ret_id)
{
    enum { HALF = ID_RANDOM_DIGITS / 2 };
    base62_from_integer(key->id_time, ret_id->body, ID_TIME_DIGITS);
    base62_from_integer(key->id_random[0], ret_id->body + ID_TIME_DIGITS, HALF);
    base62_from_integer(key->id_random[1], ret_id->body + ID_TIME_DIGITS + HALF, HALF);
}

/* ---- Memberships ---- */

/* Of an owner in a project, in one word: every check reads it. Of admin keys, in no project. */
static uint64_t place_of(uint32_t project, uint32_t owner)
{
    return (uint64_t)owner << 32 | project;
}

static uint32_t project_of(uint64_t place)
{
    return (uint32_t)place;
}

static uint32_t owner_of(uint64_t place)
{
    return (uint32_t)(place >> 32);
}

/* ---- Birth ---- */

static struct result open_registries(struct tables *tables)
{
    TRY(registry_open(ID_WORDS, ID_WORDS, ORGANIZATIONS_MAXIMUM, &tables->organizations));
    TRY(registry_open(ID_WORDS, PROJECT_WORDS, PROJECTS_MAXIMUM, &tables->projects));
    TRY(registry_open(ID_WORDS, OWNER_WORDS, SLOT_MEMBERSHIPS_MAXIMUM, &tables->owners));
    TRY(registry_open(MEMBERSHIP_KEY_WORDS, MEMBERSHIP_WORDS, SLOT_MEMBERSHIPS_MAXIMUM,
                      &tables->memberships));
    return registry_open(SCOPES_WORDS, SCOPES_WORDS, SLOT_SCOPES_MAXIMUM, &tables->scopes);
}

struct result tables_create(size_t expected_keys, struct tables **ret_tables)
{
    struct tables *tables = calloc(1, sizeof *tables);
    if (tables == NULL) {
        return fault(ERROR_KEYRING_FULL, "no memory for the keyring");
    }
    struct result result = open_registries(tables);
    if (!result_failed(result)) {
        struct slots *slots = NULL;
        result = slots_open(expected_keys, &slots);
        atomic_store(&tables->slots, slots);
    }
    if (result_failed(result)) {
        tables_free(tables);
        return result;
    }
    *ret_tables = tables;
    return RESULT_OK;
}

void tables_free(struct tables *tables)
{
    if (tables == NULL) {
        return;
    }
    slots_close(atomic_load(&tables->slots));
    registry_close(&tables->organizations);
    registry_close(&tables->projects);
    registry_close(&tables->owners);
    registry_close(&tables->memberships);
    registry_close(&tables->scopes);
    free(tables);
}

size_t tables_count(const struct tables *tables)
{
    return current_slots(tables)->live;
}

size_t tables_size(const struct tables *tables)
{
    return sizeof *tables + slots_size(current_slots(tables)) +
           registry_size(&tables->organizations) + registry_size(&tables->projects) +
           registry_size(&tables->owners) + registry_size(&tables->memberships) +
           registry_size(&tables->scopes);
}

struct result tables_reserve(struct tables *tables, size_t issues, struct slots **ret_replaced)
{
    struct slots *old = current_slots(tables);
    struct slots *slots = NULL;
    *ret_replaced = NULL;
    if (issues == 0) {
        return RESULT_OK;
    }
    TRY(registry_reserve(&tables->organizations, issues));
    TRY(registry_reserve(&tables->projects, issues));
    TRY(registry_reserve(&tables->owners, issues));
    TRY(registry_reserve(&tables->memberships, issues));
    TRY(registry_reserve(&tables->scopes, issues));
    if (slots_have_room(old, issues)) {
        return RESULT_OK;
    }
    TRY(slots_open(old->live + issues, &slots));
    slots_copy(old, slots);
    atomic_store(&tables->slots, slots);
    *ret_replaced = old;
    return RESULT_OK;
}

/* ---- Following changes ---- */

static uint32_t find_by_id(const struct registry *registry, struct text id)
{
    uint64_t words[ID_WORDS];
    words_of_id(id, words);
    return registry_find(registry, words);
}

static uint32_t refer_to_organization(struct tables *tables, struct text id)
{
    uint64_t words[ID_WORDS];
    words_of_id(id, words);
    return registry_refer(&tables->organizations, words);
}

/* An entry that is already there holds its organization; a second reference is not kept. */
static void set_organization(struct tables *tables, registry_word *word, bool is_new,
                             struct text organization_id)
{
    if (is_new) {
        store(word, refer_to_organization(tables, organization_id));
    }
}

static uint32_t refer_to_project(struct tables *tables, const struct key_change *change)
{
    uint64_t words[ID_WORDS];
    if (change->project_id.data == NULL) {
        return REGISTRY_NONE;
    }
    words_of_id(change->project_id, words);
    bool is_new = registry_find(&tables->projects, words) == REGISTRY_NONE;
    uint32_t project = registry_refer(&tables->projects, words);
    set_organization(tables, &registry_at(&tables->projects, project)[PROJECT_ORGANIZATION], is_new,
                     change->organization_id);
    return project;
}

static void set_owner(struct tables *tables, uint32_t index, const struct key_owner *owner)
{
    registry_word *entry = registry_at(&tables->owners, index);
    store(&entry[OWNER_ADMIN_KEYS_AFTER], (uint64_t)owner->admin_keys_after);
    store(&entry[OWNER_FLAGS], OWNER_IS_HERE |
                                   (owner->is_service_account ? OWNER_IS_SERVICE_ACCOUNT : 0) |
                                   (owner->is_organization_owner ? OWNER_OWNS_ORGANIZATION : 0));
}

static uint32_t refer_to_owner(struct tables *tables, const struct key_change *change)
{
    uint64_t words[ID_WORDS];
    words_of_id(change->owner.id, words);
    bool is_new = registry_find(&tables->owners, words) == REGISTRY_NONE;
    uint32_t owner = registry_refer(&tables->owners, words);
    set_organization(tables, &registry_at(&tables->owners, owner)[OWNER_ORGANIZATION], is_new,
                     change->organization_id);
    set_owner(tables, owner, &change->owner);
    return owner;
}

/*
 * A membership holds one reference to its project and its owner, whatever the number of its keys.
 */
static uint32_t refer_to_membership(struct tables *tables, const struct key_change *change)
{
    uint32_t project = refer_to_project(tables, change);
    uint32_t owner = refer_to_owner(tables, change);
    uint64_t words[MEMBERSHIP_KEY_WORDS] = { place_of(project, owner) };
    bool is_new = registry_find(&tables->memberships, words) == REGISTRY_NONE;
    uint32_t membership = registry_refer(&tables->memberships, words);
    store(&registry_at(&tables->memberships, membership)[MEMBERSHIP_HAS_ROLE], change->has_role);
    if (!is_new) {
        (void)registry_release(&tables->owners, owner);
        if (project != REGISTRY_NONE) {
            (void)registry_release(&tables->projects, project);
        }
    }
    return membership;
}

static void release_with_organization(struct tables *tables, struct registry *registry,
                                      uint32_t index, size_t organization_word)
{
    uint32_t organization = (uint32_t)load(&registry_at(registry, index)[organization_word]);
    if (registry_release(registry, index)) {
        (void)registry_release(&tables->organizations, organization);
    }
}

static void release_membership(struct tables *tables, uint32_t membership)
{
    const registry_word *entry = registry_at(&tables->memberships, membership);
    uint64_t place = load(&entry[MEMBERSHIP_PLACE]);
    uint32_t project = project_of(place);
    uint32_t owner = owner_of(place);
    if (!registry_release(&tables->memberships, membership)) {
        return;
    }
    release_with_organization(tables, &tables->owners, owner, OWNER_ORGANIZATION);
    if (project != REGISTRY_NONE) {
        release_with_organization(tables, &tables->projects, project, PROJECT_ORGANIZATION);
    }
}

static uint32_t refer_to_scopes(struct tables *tables, const struct text_list *scopes)
{
    uint64_t words[SCOPES_WORDS] = { 0 };
    char *text = (char *)&words[SCOPES_TEXT];
    size_t length = 0;
    for (size_t i = 0; i < scopes->count; i++) {
        ASSERT(length + 1 + scopes->items[i].length <= KEYRING_SCOPES_TEXT_MAXIMUM);
        if (i > 0) {
            text[length++] = ' ';
        }
        memcpy(text + length, scopes->items[i].data, scopes->items[i].length);
        length += scopes->items[i].length;
    }
    words[SCOPES_LENGTH] = length;
    return registry_refer(&tables->scopes, words);
}

static void issue(struct tables *tables, const struct key_change *change)
{
    struct slots *slots = current_slots(tables);
    struct slot_key key = {
        .digest = change->digest,
        .membership = refer_to_membership(tables, change),
        .scopes = refer_to_scopes(tables, &change->scopes),
        .expires_at = change->expires_at == FIELD_ABSENT ? 0 : change->expires_at,
    };
    pack_key_id(change->key_id, &key);
    slots_insert(slots, &key);
}

/* The only place that looks a key up to change it; what is not there was never issued here. */
static bool find_key(const struct tables *tables, const struct digest *digest,
                     struct slot_key *ret_key)
{
    struct slot_reference reference;
    return slots_find(current_slots(tables), digest, ret_key, &reference);
}

bool tables_hold(const struct tables *tables, const struct digest *digest)
{
    struct slot_key key;
    return find_key(tables, digest, &key);
}

static void update(struct tables *tables, const struct key_change *change)
{
    struct slot_key key;
    if (!find_key(tables, &change->digest, &key)) {
        return;
    }
    uint32_t old_scopes = key.scopes;
    if (change->scopes.items != NULL) {
        key.scopes = refer_to_scopes(tables, &change->scopes);
    }
    if (change->expires_at != FIELD_ABSENT) {
        key.expires_at = change->expires_at;
    }
    (void)slots_update(current_slots(tables), &change->digest, key.scopes, key.expires_at);
    if (change->scopes.items != NULL) {
        (void)registry_release(&tables->scopes, old_scopes);
    }
}

static void end(struct tables *tables, const struct key_change *change)
{
    struct slots *slots = current_slots(tables);
    struct slot_key key;
    if (!find_key(tables, &change->digest, &key)) {
        return;
    }
    (void)slots_remove(slots, &change->digest);
    release_membership(tables, key.membership);
    (void)registry_release(&tables->scopes, key.scopes);
}

static void archive(struct tables *tables, const struct key_change *change)
{
    uint32_t project = find_by_id(&tables->projects, change->project_id);
    if (project != REGISTRY_NONE) {
        store(&registry_at(&tables->projects, project)[PROJECT_IS_ARCHIVED], 1);
    }
}

static void change_membership(struct tables *tables, const struct key_change *change)
{
    uint32_t project = find_by_id(&tables->projects, change->project_id);
    uint32_t owner = find_by_id(&tables->owners, change->owner.id);
    uint64_t words[MEMBERSHIP_KEY_WORDS] = { place_of(project, owner) };
    if (project == REGISTRY_NONE || owner == REGISTRY_NONE) {
        return;
    }
    uint32_t membership = registry_find(&tables->memberships, words);
    if (membership != REGISTRY_NONE) {
        store(&registry_at(&tables->memberships, membership)[MEMBERSHIP_HAS_ROLE],
              change->has_role);
    }
}

static void change_owner(struct tables *tables, const struct key_change *change)
{
    uint32_t owner = find_by_id(&tables->owners, change->owner.id);
    if (owner != REGISTRY_NONE) {
        set_owner(tables, owner, &change->owner);
    }
}

static void remove_owner(struct tables *tables, const struct key_change *change)
{
    uint32_t owner = find_by_id(&tables->owners, change->owner.id);
    if (owner != REGISTRY_NONE) {
        store(&registry_at(&tables->owners, owner)[OWNER_FLAGS], 0);
    }
}

void tables_apply(struct tables *tables, const struct key_change *change)
{
    static void (*const followers[])(struct tables *, const struct key_change *) = {
        [KEY_ISSUED] = issue,
        [KEY_UPDATED] = update,
        [KEY_ENDED] = end,
        [PROJECT_ARCHIVED] = archive,
        [MEMBERSHIP_CHANGED] = change_membership,
        [OWNER_CHANGED] = change_owner,
        [OWNER_GONE] = remove_owner,
    };
    followers[change->kind](tables, change);
}

/* ---- Checking ---- */

static void read_scopes(const struct tables *tables, uint32_t index, struct keyring_holder *holder)
{
    const registry_word *entry = registry_at(&tables->scopes, index);
    uint64_t length = load(&entry[SCOPES_LENGTH]);
    /* The entry may be in use by others already: what is read then is thrown away. */
    holder->scopes_length =
        length <= KEYRING_SCOPES_TEXT_MAXIMUM ? (uint32_t)length : KEYRING_SCOPES_TEXT_MAXIMUM;
    for (size_t at = 0; at < holder->scopes_length; at += sizeof(uint64_t)) {
        uint64_t word = load(&entry[SCOPES_TEXT + at / sizeof word]);
        size_t rest = holder->scopes_length - at;
        memcpy(holder->scopes + at, &word, rest < sizeof word ? rest : sizeof word);
    }
}

static bool counts_as_admin_key(uint64_t owner_flags, uint64_t admin_keys_after,
                                const struct slot_key *key)
{
    return (owner_flags & OWNER_OWNS_ORGANIZATION) != 0 && key->id_time > admin_keys_after;
}

static enum keyring_verdict judge(const struct tables *tables, const struct slot_key *key,
                                  int64_t now, struct keyring_holder *holder)
{
    const registry_word *membership = registry_at(&tables->memberships, key->membership);
    uint64_t place = load(&membership[MEMBERSHIP_PLACE]);
    uint32_t project_index = project_of(place);
    uint32_t owner_index = owner_of(place);
    const registry_word *owner = registry_at(&tables->owners, owner_index);
    /* Before and behind the flags: one right may come just before the other one goes. */
    bool had_role = load(&membership[MEMBERSHIP_HAS_ROLE]) != 0;
    uint64_t owner_flags = load(&owner[OWNER_FLAGS]);
    bool has_access = had_role || (owner_flags & OWNER_OWNS_ORGANIZATION) != 0 ||
                      load(&membership[MEMBERSHIP_HAS_ROLE]) != 0;
    read_id(&tables->organizations, (uint32_t)load(&owner[OWNER_ORGANIZATION]),
            &holder->organization);
    read_id(&tables->owners, owner_index, &holder->owner);
    unpack_key_id(key, &holder->key);
    holder->owner_is_service_account = (owner_flags & OWNER_IS_SERVICE_ACCOUNT) != 0;
    holder->expires_at = key->expires_at;
    read_scopes(tables, key->scopes, holder);
    if ((owner_flags & OWNER_IS_HERE) == 0) {
        return KEYRING_UNKNOWN;
    }
    bool is_expired = key->expires_at != 0 && key->expires_at <= now;
    if (project_index == REGISTRY_NONE) {
        return !counts_as_admin_key(owner_flags, load(&owner[OWNER_ADMIN_KEYS_AFTER]), key)
                   ? KEYRING_UNKNOWN
               : is_expired ? KEYRING_EXPIRED
                            : KEYRING_ADMIN;
    }
    read_id(&tables->projects, project_index, &holder->project);
    if (is_expired) {
        return KEYRING_EXPIRED;
    }
    if (load(&registry_at(&tables->projects, project_index)[PROJECT_IS_ARCHIVED]) != 0) {
        return KEYRING_PROJECT_ARCHIVED;
    }
    return has_access ? KEYRING_ACTIVE : KEYRING_OWNER_WITHOUT_ACCESS;
}

enum keyring_verdict tables_check(const struct tables *tables, const struct digest *digest,
                                  int64_t now, struct keyring_holder *holder)
{
    for (int spin = 0; spin < SPINS_MAXIMUM; spin++) {
        struct slots *slots = current_slots(tables);
        struct slot_reference reference;
        struct slot_key key;
        if (!slots_find(slots, digest, &key, &reference)) {
            return KEYRING_UNKNOWN;
        }
        enum keyring_verdict verdict = judge(tables, &key, now, holder);
        holder->use_is_noted = key.is_marked;
        /* What the key refers to is its own as long as it is there, in slots that count. */
        if (slot_is_unchanged(&reference) && slots == current_slots(tables)) {
            return verdict;
        }
    }
    return KEYRING_UNCERTAIN;
}

/* ---- Marking ---- */

bool tables_mark(const struct tables *tables, const struct digest *digest)
{
    struct slot_reference reference;
    struct slot_key key;
    return slots_find(current_slots(tables), digest, &key, &reference) && slot_mark(&reference);
}

void tables_unmark(const struct tables *tables, const struct digest *digest)
{
    struct slot_reference reference;
    struct slot_key key;
    if (slots_find(current_slots(tables), digest, &key, &reference)) {
        slot_unmark(&reference);
    }
}
