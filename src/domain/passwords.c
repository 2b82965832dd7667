#include "domain/passwords.h"

#include "domain/audit.h"
#include "domain/credential.h"
#include "domain/emails.h"
#include "domain/login_limits.h"
#include "domain/sessions.h"
#include "domain/users.h"
#include "os/metrics.h"
#include "os/password.h"

struct result password_work(struct work *work)
{
    struct password_task *task = &work->password;
    if (task->given.data != NULL) {
        TRY(password_compare(task->given, task->hash, &task->is_right));
    }
    return task->chosen.data != NULL && (task->given.data == NULL || task->is_right)
               ? password_hash(work->arena, task->chosen, &task->chosen_hash)
               : RESULT_OK;
}

/* Of an organization: the same address elsewhere is another account. */
static struct result account_of(struct work *work, struct text organization_id, struct text email,
                                struct text *ret_account)
{
    struct text email_key;
    TRY(email_fold(work, email, &email_key));
    *ret_account = arena_format(work->arena, "%.*s %.*s", TEXT_ARGUMENTS(organization_id),
                                TEXT_ARGUMENTS(email_key));
    return ret_account->data != NULL ? RESULT_OK
                                     : fault(ERROR_INTERNAL, "the memory of a request is used up");
}

/* At an account, or at none. */
static struct result try(struct work *work, struct text account)
{
    int64_t wait =
        login_limits_try(work->login_limits, account, work->caller.address, work_time(work));
    if (wait == 0) {
        work->password.is_counted = true;
        work->password.account = account;
        return RESULT_OK;
    }
    struct result result =
        problem_refuse_number(&work->problem, ERROR_TOO_MANY_ATTEMPTS, TEXT_NONE, wait, wait);
    work->problem.retry_after = wait;
    metric_add(METRIC_LOGINS_REFUSED, 0, 1);
    return result;
}

struct result password_try(struct work *work, struct text organization_id, struct text email)
{
    struct text account;
    TRY(account_of(work, organization_id, email, &account));
    return try(work, account);
}

struct result password_try_link(struct work *work)
{
    return try(work, TEXT_NONE);
}

void password_was_right(struct work *work)
{
    login_limits_clear(work->login_limits, work->password.account, work->caller.address);
}

struct result password_fail(struct work *work, enum error error, struct text param)
{
    struct audit_detail detail = audit_of(work->caller.user_id, TEXT_NONE);
    work->refusal = work_refuse(work, error, param).error;
    detail.error_code = text_of(error_describe(error)->code);
    detail.error_message = text_of(error_describe(error)->message);
    return audit(work, AUDIT_LOGIN_FAILED, &detail);
}

void password_give_back(struct work *work)
{
    if (work->password.is_counted) {
        work->password.is_counted = false;
        login_limits_return(work->login_limits, work->password.account, work->caller.address);
    }
}

struct result password_keep(struct work *work, struct text user_id)
{
    TRY(store_execute(work->session, PASSWORD_KEEP,
                      VALUES(store_text(user_id), store_text(work->password.chosen_hash),
                             store_integer(work_time(work))),
                      NULL));
    TRY(store_execute(work->session, PASSWORD_LINK_DELETE, VALUES(store_text(user_id)), NULL));
    return store_execute(work->session, SESSION_DELETE_OTHERS,
                         VALUES(store_text(user_id), store_text(work->caller.session_id)), NULL);
}

struct result password_end_of_owners(struct work *work)
{
    static const enum statement endings[] = { PASSWORD_DELETE_OF_OWNERS,
                                              PASSWORD_LINK_DELETE_OF_OWNERS,
                                              SESSION_DELETE_OF_OWNERS };
    for (size_t i = 0; i < sizeof endings / sizeof endings[0]; i++) {
        TRY(store_execute(work->session, endings[i],
                          VALUES(store_text(work->caller.organization_id)), NULL));
    }
    return RESULT_OK;
}

/* What became of a person's password: docs/sessions.md lists the words. */
static struct result audit_password(struct work *work, const struct user *user, struct text what)
{
    struct audit_detail detail = audit_of(user->id, user->email);
    detail.payload.password = what;
    return audit(work, AUDIT_USER_UPDATED, &detail);
}

/* ---- Links ---- */

struct result password_link_add(struct work *work, struct text user_id, struct text *ret_url)
{
    struct credential token;
    TRY(credential_issue(work, KEY_TEXT_PASSWORD, &token));
    TRY(store_execute(work->session, PASSWORD_LINK_KEEP,
                      VALUES(store_text(user_id), store_text(work->caller.organization_id),
                             credential_digest(&token),
                             store_integer(work_expiry(work, PASSWORD_LINK_SECONDS))),
                      NULL));
    *ret_url =
        arena_format(work->arena, "%.*s/password#%.*s", TEXT_ARGUMENTS(work->settings->public_url),
                     TEXT_ARGUMENTS(token.value));
    return ret_url->data != NULL ? RESULT_OK : fault(ERROR_INTERNAL, "no memory for a link");
}

struct result password_link_create(struct work *work)
{
    struct user *user = NULL;
    void *memory = NULL;
    TRY(user_load(work, work->path[0], &user));
    TRY(work_allocate(work, sizeof(struct password_link), &memory));
    struct password_link *link = memory;
    link->user_id = user->id;
    link->expires_at = work_expiry(work, PASSWORD_LINK_SECONDS);
    TRY(password_link_add(work, user->id, &link->url));
    TRY(audit_password(work, user, TEXT("link_created")));
    work->output = link;
    return RESULT_OK;
}

struct link_owner {
    struct text organization_id;
    struct text user_id;
    int64_t expires_at;
};

static const struct field link_owner_fields[] = {
    { .name = "organization_id",
      .kind = FIELD_TEXT,
      .offset = offsetof(struct link_owner, organization_id) },
    { .name = "user_id", .kind = FIELD_TEXT, .offset = offsetof(struct link_owner, user_id) },
    { .name = "expires_at", .kind = FIELD_TIME, .offset = offsetof(struct link_owner, expires_at) },
};
static const struct object_type link_owner_type = { "LinkOwner", "", sizeof(struct link_owner),
                                                    FIELDS(link_owner_fields) };

/* The caller then belongs to the link's organization. */
static struct result find_link(struct work *work, struct link_owner **ret_owner)
{
    const struct password_set *input = work->input;
    struct digest digest;
    void *found = NULL;
    if (key_text_is_kind(KEY_TEXT_PASSWORD, input->token)) {
        TRY(digest_of(input->token, &digest));
        TRY(work_find(work, PASSWORD_LINK_FIND,
                      VALUES(store_blob(digest.bytes, sizeof digest.bytes)), &link_owner_type,
                      &found));
    }
    struct link_owner *owner = found;
    if (owner == NULL || work_has_passed(work, owner->expires_at)) {
        return work_refuse(work, ERROR_INVALID_PASSWORD_LINK, TEXT("token"));
    }
    work->caller.organization_id = owner->organization_id;
    *ret_owner = owner;
    return RESULT_OK;
}

struct result password_set_check(struct work *work)
{
    const struct password_set *input = work->input;
    struct link_owner *owner = NULL;
    TRY(find_link(work, &owner));
    work->password.chosen = input->password;
    return password_try_link(work);
}

struct result password_set(struct work *work)
{
    struct link_owner *owner = NULL;
    struct user *user = NULL;
    TRY(find_link(work, &owner));
    TRY(user_load(work, owner->user_id, &user));
    work->caller.user_id = user->id;
    work->caller.user_email = user->email;
    TRY(password_keep(work, user->id));
    TRY(account_of(work, owner->organization_id, user->email, &work->password.account));
    password_was_right(work);
    TRY(audit_password(work, user, TEXT("set_by_link")));
    TRY(session_begin(work, user->id));
    work->output = user;
    return RESULT_OK;
}

/* ---- Changing one's own ---- */

struct kept_password {
    struct text hash;
};
static const struct field kept_fields[] = {
    { .name = "hash", .kind = FIELD_TEXT, .offset = offsetof(struct kept_password, hash) },
};
static const struct object_type kept_type = { "KeptPassword", "", sizeof(struct kept_password),
                                              FIELDS(kept_fields) };

static struct result find_own(struct work *work, struct text *ret_hash)
{
    void *found = NULL;
    TRY(work_find(work, PASSWORD_GET, VALUES(store_text(work->caller.user_id)), &kept_type,
                  &found));
    *ret_hash = found != NULL ? ((const struct kept_password *)found)->hash : TEXT_NONE;
    return RESULT_OK;
}

struct result password_change_check(struct work *work)
{
    const struct password_change *input = work->input;
    /* Not counted where anybody can try to sign in as them; no e-mail's account is named so. */
    TRY(try(work, work->caller.user_id));
    work->password.given = input->current_password;
    work->password.chosen = input->password;
    return find_own(work, &work->password.hash);
}

struct result password_change(struct work *work)
{
    struct user *user = NULL;
    struct text hash;
    TRY(find_own(work, &hash));
    if (!work->password.is_right || !text_equal(hash, work->password.hash)) {
        return password_fail(work, ERROR_WRONG_PASSWORD, TEXT("current_password"));
    }
    password_was_right(work);
    TRY(user_load(work, work->caller.user_id, &user));
    TRY(password_keep(work, user->id));
    TRY(audit_password(work, user, TEXT("changed")));
    work->output = user;
    return RESULT_OK;
}
