#ifndef ORGKEYS_MODEL_KEY_CHANGE_H
#define ORGKEYS_MODEL_KEY_CHANGE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/buffer.h"
#include "base/result.h"
#include "base/text.h"
#include "codec/digest.h"
#include "model/field.h"

/*
 * What a commit means for the keys that verification knows. The domain makes them inside the
 * transaction, the keyring follows them after the commit, in the order of commits.
 */
enum key_change_kind {
    KEY_ISSUED,
    KEY_UPDATED, /* its scopes, its expiry, or both */
    KEY_ENDED,
    PROJECT_ARCHIVED,
    MEMBERSHIP_CHANGED, /* an owner came into a project, or left it; a service account's role */
    OWNER_CHANGED,      /* a person became an owner of the organization, or ceased to be one */
    OWNER_GONE,         /* a person was removed, a service account deleted */
};

/* What of an owner decides about their keys. */
struct key_owner {
    struct text id;
    bool is_service_account;
    bool is_organization_owner;
    /* Microseconds since 1970: admin keys of this owner that were issued before do not count. */
    int64_t admin_keys_after;
};

/* The members that a kind does not speak of are zero. */
struct key_change {
    struct key_change *next;
    enum key_change_kind kind;
    struct digest digest; /* of KEY_... */
    bool is_admin_key;
    struct text key_id;
    struct text organization_id;
    struct text project_id; /* TEXT_NONE for an admin key */
    struct key_owner owner;
    bool has_role;           /* in the project: the owner is a member or an owner there */
    struct text_list scopes; /* KEY_UPDATED: items NULL leaves them */
    int64_t expires_at;      /* seconds; FIELD_ABSENT: never, or, for KEY_UPDATED, unchanged */
};

/* Whether it can make a keyring larger. What ends a key never does: it must always be possible. */
bool key_change_needs_room(const struct key_change *change);

/*
 * As JSON, for the nodes that share a database: an array, in their order. Look at buffer->failed
 * afterwards.
 */
void key_changes_encode(struct buffer *buffer, const struct key_change *changes);
/* What was encoded, in the arena; *ret_changes is NULL when there is none. A fault for all else. */
struct result key_changes_decode(struct arena *arena, struct text json,
                                 struct key_change **ret_changes);

#endif
