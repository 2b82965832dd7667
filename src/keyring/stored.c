#include "keyring/stored.h"

#include "codec/id.h"
#include "keyring/slots.h"
#include "model/decode.h"
#include "model/limits.h"

/* What of a change is followed. */
enum part {
    PART_KEY = 1,
    PART_ORGANIZATION = 2,
    PART_PROJECT = 4,
    PART_OWNER = 8,
    PART_LIMITS = 16, /* scopes and expiry */
};

static const unsigned parts_of_kinds[] = {
    [KEY_ISSUED] = PART_KEY | PART_ORGANIZATION | PART_PROJECT | PART_OWNER | PART_LIMITS,
    [KEY_UPDATED] = PART_LIMITS,
    [KEY_ENDED] = 0,
    [PROJECT_ARCHIVED] = PART_PROJECT,
    [MEMBERSHIP_CHANGED] = PART_PROJECT | PART_OWNER,
    [OWNER_CHANGED] = PART_OWNER,
    [OWNER_GONE] = PART_OWNER,
};

static bool is_project(const struct key_change *change)
{
    return change->is_admin_key ? change->project_id.data == NULL
                                : id_is_valid(ID_PROJECT, change->project_id);
}

static bool is_owner(struct text id)
{
    return id_is_valid(ID_USER, id) || id_is_valid(ID_SERVICE_ACCOUNT, id);
}

static bool are_scopes(const struct text_list *scopes)
{
    if (scopes->count > SCOPES_MAXIMUM) {
        return false;
    }
    for (size_t i = 0; i < scopes->count; i++) {
        if (scopes->items[i].length > SCOPE_LENGTH_MAXIMUM || !scope_is_valid(scopes->items[i])) {
            return false;
        }
    }
    return true;
}

static bool is_expiry(int64_t seconds)
{
    return seconds == FIELD_ABSENT || (seconds > 0 && seconds <= SLOT_EXPIRY_MAXIMUM);
}

/* NULL when nothing is wrong. */
static const char *find_defect(const struct key_change *change)
{
    unsigned parts = parts_of_kinds[change->kind];
    if ((parts & PART_KEY) != 0 && !id_is_valid(ID_KEY, change->key_id)) {
        return "the key's id";
    }
    if ((parts & PART_ORGANIZATION) != 0 &&
        !id_is_valid(ID_ORGANIZATION, change->organization_id)) {
        return "the organization's id";
    }
    if ((parts & PART_PROJECT) != 0 && !is_project(change)) {
        return "the project's id";
    }
    if ((parts & PART_OWNER) != 0 && !is_owner(change->owner.id)) {
        return "the owner's id";
    }
    if ((parts & PART_LIMITS) != 0 && !are_scopes(&change->scopes)) {
        return "the scopes";
    }
    return (parts & PART_LIMITS) == 0 || is_expiry(change->expires_at) ? NULL : "the expiry";
}

struct result stored_change_check(const char *table, const struct key_change *change)
{
    const char *defect = find_defect(change);
    return defect == NULL
               ? RESULT_OK
               : fault(ERROR_INTERNAL, "a row of %s is not as it was written: %s", table, defect);
}

struct result stored_changes_read(struct arena *arena, struct text json,
                                  struct key_change **ret_changes)
{
    struct key_change *changes = NULL;
    TRY(key_changes_decode(arena, json, &changes));
    for (const struct key_change *change = changes; change != NULL; change = change->next) {
        TRY(stored_change_check("changes", change));
    }
    *ret_changes = changes;
    return RESULT_OK;
}
