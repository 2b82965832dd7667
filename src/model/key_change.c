#include "model/key_change.h"

#include "codec/json_writer.h"
#include "model/decode.h"
#include "model/encode.h"
#include "model/limits.h"

/* What a change looks like on its way to another node. What a kind does not speak of is left out.
 */
struct stored_change {
    struct text kind;
    struct text digest; /* hexadecimal */
    int64_t is_admin_key;
    struct text key_id;
    struct text organization_id;
    struct text project_id;
    struct text owner_id;
    int64_t is_service_account;
    int64_t is_organization_owner;
    int64_t admin_keys_after;
    int64_t has_role;
    struct text_list scopes;
    int64_t expires_at;
};

static const char *const kinds[] = {
    [KEY_ISSUED] = "key_issued",
    [KEY_UPDATED] = "key_updated",
    [KEY_ENDED] = "key_ended",
    [PROJECT_ARCHIVED] = "project_archived",
    [MEMBERSHIP_CHANGED] = "membership_changed",
    [OWNER_CHANGED] = "owner_changed",
    [OWNER_GONE] = "owner_gone",
    NULL,
};

#define MEMBER(field_kind, member)                                                              \
    {                                                                                           \
        .name = #member, .kind = (field_kind), .offset = offsetof(struct stored_change, member) \
    }

static const struct field fields[] = {
    MEMBER(FIELD_TEXT, kind),
    MEMBER(FIELD_TEXT, digest),
    MEMBER(FIELD_BOOLEAN, is_admin_key),
    MEMBER(FIELD_TEXT, key_id),
    MEMBER(FIELD_TEXT, organization_id),
    MEMBER(FIELD_TEXT, project_id),
    MEMBER(FIELD_TEXT, owner_id),
    MEMBER(FIELD_BOOLEAN, is_service_account),
    MEMBER(FIELD_BOOLEAN, is_organization_owner),
    MEMBER(FIELD_INTEGER, admin_keys_after),
    MEMBER(FIELD_BOOLEAN, has_role),
    MEMBER(FIELD_TEXT_LIST, scopes),
    MEMBER(FIELD_INTEGER, expires_at),
};
static const struct object_type stored_change_type = { "KeyChange", "",
                                                       sizeof(struct stored_change),
                                                       FIELDS(fields) };

static bool has_digest(enum key_change_kind kind)
{
    return kind == KEY_ISSUED || kind == KEY_UPDATED || kind == KEY_ENDED;
}

static int64_t present_when_true(bool value)
{
    return value ? 1 : FIELD_ABSENT;
}

static void encode_one(struct buffer *buffer, const struct key_change *change)
{
    char digest[DIGEST_HEXADECIMAL_LENGTH];
    digest_to_hexadecimal(&change->digest, digest);
    struct stored_change stored = {
        .kind = text_of(kinds[change->kind]),
        .digest = has_digest(change->kind) ? (struct text){ digest, sizeof digest } : TEXT_NONE,
        .is_admin_key = present_when_true(change->is_admin_key),
        .key_id = change->key_id,
        .organization_id = change->organization_id,
        .project_id = change->project_id,
        .owner_id = change->owner.id,
        .is_service_account = present_when_true(change->owner.is_service_account),
        .is_organization_owner = present_when_true(change->owner.is_organization_owner),
        .admin_keys_after =
            change->owner.admin_keys_after != 0 ? change->owner.admin_keys_after : FIELD_ABSENT,
        .has_role = present_when_true(change->has_role),
        .scopes = change->scopes,
        .expires_at = has_digest(change->kind) ? change->expires_at : FIELD_ABSENT,
    };
    model_encode(buffer, &stored_change_type, &stored);
}

void key_changes_encode(struct buffer *buffer, const struct key_change *changes)
{
    json_write_open(buffer, '[');
    for (const struct key_change *change = changes; change != NULL; change = change->next) {
        encode_one(buffer, change);
    }
    json_write_close(buffer, ']');
}

bool key_change_needs_room(const struct key_change *change)
{
    return change->kind == KEY_ISSUED ||
           (change->kind == KEY_UPDATED && change->scopes.items != NULL);
}

static bool kind_of(struct text word, enum key_change_kind *ret_kind)
{
    for (enum key_change_kind kind = 0; kinds[kind] != NULL; kind++) {
        if (text_equal(word, text_of(kinds[kind]))) {
            *ret_kind = kind;
            return true;
        }
    }
    return false;
}

static struct result decode_one(const struct stored_change *stored, struct key_change *change)
{
    if (!kind_of(stored->kind, &change->kind)) {
        return fault(ERROR_INTERNAL, "a change is of a kind that this program does not know");
    }
    if (has_digest(change->kind) && !digest_from_hexadecimal(stored->digest, &change->digest)) {
        return fault(ERROR_INTERNAL, "a change has no digest");
    }
    change->is_admin_key = stored->is_admin_key == 1;
    change->key_id = stored->key_id;
    change->organization_id = stored->organization_id;
    change->project_id = stored->project_id;
    change->owner = (struct key_owner){
        .id = stored->owner_id,
        .is_service_account = stored->is_service_account == 1,
        .is_organization_owner = stored->is_organization_owner == 1,
        .admin_keys_after = stored->admin_keys_after != FIELD_ABSENT ? stored->admin_keys_after : 0,
    };
    change->has_role = stored->has_role == 1;
    change->scopes = stored->scopes;
    change->expires_at = stored->expires_at;
    return RESULT_OK;
}

struct result key_changes_decode(struct arena *arena, struct text json,
                                 struct key_change **ret_changes)
{
    struct problem problem;
    struct decoder decoder = { arena, &problem };
    struct object_list list = { NULL, 0 };
    TRY(decode_stored_objects(&decoder, &stored_change_type, json, &list));
    struct key_change *changes = arena_allocate_array(arena, list.count, sizeof *changes);
    if (list.count > 0 && changes == NULL) {
        return fault(ERROR_OVERLOADED, "no memory for the changes of a commit");
    }
    for (size_t i = 0; i < list.count; i++) {
        TRY(decode_one((const struct stored_change *)list.items + i, &changes[i]));
        changes[i].next = i + 1 < list.count ? &changes[i + 1] : NULL;
    }
    *ret_changes = list.count > 0 ? changes : NULL;
    return RESULT_OK;
}
