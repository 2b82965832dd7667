#include "domain/users.h"

#include <stdlib.h>

#include "domain/access.h"
#include "domain/audit.h"
#include "domain/emails.h"

/* What is the same for every person, since nothing here can change it. */
static void complete(struct user *user)
{
    user->user.enabled = 1;
    user->user.banned = 0;
    user->is_service_account = 0;
    user->is_scim_managed = 0;
}

struct result user_load(struct work *work, struct text id, struct user **ret_user)
{
    void *found = NULL;
    TRY(work_get(work, USER_GET, VALUES(store_text(work->caller.organization_id), store_text(id)),
                 &user_type, ERROR_USER_NOT_FOUND, &found));
    complete(found);
    *ret_user = found;
    return RESULT_OK;
}

struct result user_find_by_email(struct work *work, struct text email, struct user **ret_user)
{
    struct text key;
    void *found = NULL;
    TRY(email_fold(work, email, &key));
    TRY(work_find(work, USER_BY_EMAIL,
                  VALUES(store_text(work->caller.organization_id), store_text(key)), &user_type,
                  &found));
    if (found != NULL) {
        complete(found);
    }
    *ret_user = found;
    return RESULT_OK;
}

bool user_is_owner(const struct user *user)
{
    return text_equal(user->role, TEXT("owner"));
}

struct key_owner user_key_owner(const struct user *user)
{
    return (struct key_owner){
        .id = user->id,
        .is_organization_owner = user_is_owner(user),
        .admin_keys_after = id_time(ID_KEY, user->admin_keys_after),
    };
}

struct result user_add(struct work *work, const struct user *given, struct user **ret_user)
{
    struct text id = given->id;
    struct text email_key;
    int64_t added_at = work_time(work);
    TRY(email_fold(work, given->email, &email_key));
    if (id.data == NULL) {
        TRY(work_new_id(work, ID_USER, &id, &added_at));
    }
    TRY(work_change(work, USER_INSERT,
                    VALUES(store_text(id), store_text(work->caller.organization_id),
                           store_text(given->email), store_text(email_key), store_text(given->name),
                           store_text(given->role), store_integer(added_at),
                           store_integer(given->is_default == 1))));
    struct audit_detail detail = audit_of(id, given->email);
    detail.payload.role = given->role;
    TRY(audit(work, AUDIT_USER_ADDED, &detail));
    return user_load(work, id, ret_user);
}

/* ---- Lists ---- */

static int compare_ids(const void *left, const void *right)
{
    const struct user *a = left;
    const struct user *b = right;
    return text_compare(a->id, b->id);
}

static struct result append_by_email(struct work *work, struct text email, struct text after,
                                     struct user *users, size_t *count)
{
    struct user *user = NULL;
    TRY(user_find_by_email(work, email, &user));
    if (user == NULL || text_compare(user->id, after) <= 0) {
        return RESULT_OK;
    }
    for (size_t i = 0; i < *count; i++) {
        if (text_equal(users[i].id, user->id)) {
            return RESULT_OK;
        }
    }
    users[*count] = *user;
    *count += 1;
    return RESULT_OK;
}

/* One look-up an address, of which a query has DECODE_LIST_MAXIMUM at most. */
static struct result list_by_email(struct work *work, struct text after)
{
    const struct text_list *emails = &work->query->emails;
    size_t limit = (size_t)work->query->limit;
    size_t count = 0;
    void *memory = NULL;
    TRY(work_allocate(work, (emails->count + 1) * sizeof(struct user), &memory));
    struct user *users = memory;
    for (size_t i = 0; i < emails->count; i++) {
        TRY(append_by_email(work, emails->items[i], after, users, &count));
    }
    qsort(users, count, sizeof *users, compare_ids);
    work->page = (struct page){
        .type = &user_type,
        .items = users,
        .count = count > limit ? limit : count,
        .has_more = count > limit,
    };
    return RESULT_OK;
}

struct result user_list(struct work *work)
{
    struct text after;
    TRY(work_after(work, ID_USER, TEXT(""), &after));
    if (work->query->emails.count > 0) {
        return list_by_email(work, after);
    }
    TRY(work_list(work, USER_LIST,
                  VALUES(store_text(work->caller.organization_id), store_text(after)), &user_type));
    for (size_t i = 0; i < work->page.count; i++) {
        complete((struct user *)(uintptr_t)work->page.items + i);
    }
    return RESULT_OK;
}

/* ---- Single users ---- */

struct result user_retrieve(struct work *work)
{
    struct user *user = NULL;
    TRY(access_require_self(work, work->path[0]));
    TRY(user_load(work, work->path[0], &user));
    work->output = user;
    return RESULT_OK;
}

static struct result require_other_owner(struct work *work, const struct user *user)
{
    bool exists = false;
    TRY(work_exists(work, USER_OTHER_OWNER,
                    VALUES(store_text(work->caller.organization_id), store_text(user->id)),
                    &exists));
    return exists ? RESULT_OK : work_refuse(work, ERROR_LAST_OWNER, TEXT_NONE);
}

/* Leaves word for the sweeper (domain/sweep.h). */
static struct result depart(struct work *work, struct text id, struct text kind)
{
    return work_change(work, DEPARTURE_INSERT,
                       VALUES(store_text(id), store_text(kind), store_integer(work_time(work))));
}

/*
 * Admin keys end with their person's ownership and do not come back with it: those issued before a
 * promotion do not count.
 */
static struct result admin_keys_after(struct work *work, const struct user *user,
                                      struct text new_role, struct text *ret_bound)
{
    *ret_bound = TEXT_NONE;
    if (user_is_owner(user) && text_equal(new_role, TEXT("reader"))) {
        TRY(require_other_owner(work, user));
        return depart(work, user->id, TEXT("ownership"));
    }
    if (!user_is_owner(user) && text_equal(new_role, TEXT("owner"))) {
        *ret_bound = id_lower_bound(work->arena, ID_KEY, store_batch_issue(work->batch));
    }
    return RESULT_OK;
}

struct result user_update(struct work *work)
{
    const struct user_update *input = work->input;
    struct user *user = NULL;
    struct text bound;
    TRY(user_load(work, work->path[0], &user));
    if (input->role.data == NULL && input->technical_level.data == NULL &&
        input->developer_persona.data == NULL) {
        work->is_unchanged = true;
        work->output = user;
        return RESULT_OK;
    }
    TRY(admin_keys_after(work, user, input->role, &bound));
    TRY(work_change(work, USER_UPDATE,
                    VALUES(store_text(work->caller.organization_id), store_text(user->id),
                           store_text(input->role), store_text(input->technical_level),
                           store_text(input->developer_persona), store_text(bound))));
    struct audit_detail detail = audit_of(user->id, user->email);
    detail.payload.role = input->role;
    TRY(audit(work, AUDIT_USER_UPDATED, &detail));
    TRY(user_load(work, user->id, &user));
    work->output = user;
    return work_follow(
        work, &(struct key_change){ .kind = OWNER_CHANGED, .owner = user_key_owner(user) });
}

struct result user_delete(struct work *work)
{
    struct user *user = NULL;
    TRY(user_load(work, work->path[0], &user));
    if (user_is_owner(user)) {
        TRY(require_other_owner(work, user));
    }
    TRY(work_change(work, USER_DELETE,
                    VALUES(store_text(work->caller.organization_id), store_text(user->id))));
    TRY(depart(work, user->id, TEXT("user")));
    struct audit_detail detail = audit_of(user->id, user->email);
    TRY(audit(work, AUDIT_USER_DELETED, &detail));
    TRY(work_follow(work, &(struct key_change){ .kind = OWNER_GONE, .owner = { .id = user->id } }));
    return work_deleted(work, user->id);
}
