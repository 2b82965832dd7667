#include "domain/sessions.h"

#include "domain/audit.h"
#include "domain/credential.h"
#include "domain/emails.h"
#include "domain/key_uses.h"
#include "domain/passwords.h"

/* The values that every statement about live sessions begins with. */
#define OF_LIVE_SESSIONS(work) \
    store_integer(work_time(work) - SESSION_IDLE_SECONDS), store_integer(work_time(work))

/* NULL when there is none. */
static struct result find_live(struct work *work, const struct digest *digest,
                               struct session **ret_session)
{
    void *found = NULL;
    TRY(work_find(work, SESSION_HOLDER,
                  VALUES(OF_LIVE_SESSIONS(work), store_blob(digest->bytes, sizeof digest->bytes)),
                  &session_type, &found));
    *ret_session = found;
    return RESULT_OK;
}

static void become(struct caller *caller, const struct session *session)
{
    caller->organization_id = session->organization.id;
    caller->user_id = session->user.id;
    caller->user_email = session->user.email;
    caller->session_id = session->id;
    caller->session_key_id = session->admin_api_key_id;
    caller->is_owner = text_equal(session->user.role, TEXT("owner"));
}

struct result session_authenticate(struct work *work, const struct digest *digest,
                                   bool *ret_use_is_due)
{
    struct session *session = NULL;
    TRY(find_live(work, digest, &session));
    if (session == NULL) {
        return work_refuse(work, ERROR_INVALID_SESSION, TEXT_NONE);
    }
    become(&work->caller, session);
    *ret_use_is_due = session->last_used_at <= work_time(work) - SESSION_USE_SECONDS;
    return RESULT_OK;
}

/* ---- Signing in ---- */

/* By what somebody signs in: a password of theirs, or an admin key, which has an id. */
struct login {
    struct text organization_id;
    struct text user_id;
    struct text admin_api_key_id;
    struct text hash;
    int64_t expires_at; /* of the key */
};

static const struct field login_fields[] = {
    { .name = "organization_id",
      .kind = FIELD_TEXT,
      .offset = offsetof(struct login, organization_id) },
    { .name = "user_id", .kind = FIELD_TEXT, .offset = offsetof(struct login, user_id) },
    { .name = "admin_api_key_id",
      .kind = FIELD_TEXT,
      .offset = offsetof(struct login, admin_api_key_id) },
    { .name = "hash", .kind = FIELD_TEXT, .offset = offsetof(struct login, hash) },
    { .name = "expires_at", .kind = FIELD_TIME, .offset = offsetof(struct login, expires_at) },
};
static const struct object_type login_type = { "Login", "", sizeof(struct login),
                                               FIELDS(login_fields) };

static struct result find_by_key(struct work *work, const struct digest *digest,
                                 struct login **ret_login)
{
    void *found = NULL;
    TRY(work_find(work, LOGIN_BY_ADMIN_API_KEY,
                  VALUES(store_blob(digest->bytes, sizeof digest->bytes)), &login_type, &found));
    struct login *login = found;
    if (login == NULL) {
        return work_refuse(work, ERROR_INVALID_API_KEY, TEXT("admin_key"));
    }
    if (work_has_passed(work, login->expires_at)) {
        return work_refuse(work, ERROR_EXPIRED_API_KEY, TEXT("admin_key"));
    }
    *ret_login = login;
    return RESULT_OK;
}

static struct text organization_of(const struct work *work)
{
    const struct session_create *input = work->input;
    return input->organization_id.data != NULL ? input->organization_id
                                               : work->settings->first_organization_id;
}

/* NULL for one who is not known; without a hash where they have no password. */
static struct result find_by_email(struct work *work, struct login **ret_login)
{
    const struct session_create *input = work->input;
    struct text email_key;
    void *found = NULL;
    TRY(email_fold(work, input->email, &email_key));
    TRY(work_find(work, LOGIN_BY_EMAIL,
                  VALUES(store_text(organization_of(work)), store_text(email_key)), &login_type,
                  &found));
    *ret_login = found;
    return RESULT_OK;
}

/* Before anything is known of it: an address that nobody has is slowed as any other. */
static struct result try_password(struct work *work)
{
    const struct session_create *input = work->input;
    struct login *login = NULL;
    TRY(password_try(work, organization_of(work), input->email));
    TRY(find_by_email(work, &login));
    work->password.given = input->password;
    work->password.hash = login != NULL ? login->hash : TEXT_NONE;
    return RESULT_OK;
}

static struct result try_key(struct work *work)
{
    const struct session_create *input = work->input;
    struct login *login = NULL;
    struct digest digest;
    TRY(digest_of(input->admin_key, &digest));
    return find_by_key(work, &digest, &login);
}

struct result session_check(struct work *work)
{
    const struct session_create *input = work->input;
    bool has_key = input->admin_key.data != NULL;
    if (has_key && (input->email.data != NULL || input->password.data != NULL)) {
        return work_refuse_value(work, "admin_key", "it cannot be combined with a password");
    }
    if (!has_key && input->email.data == NULL) {
        return work_refuse(work, ERROR_MISSING_PARAMETER, TEXT("email"));
    }
    if (!has_key && input->password.data == NULL) {
        return work_refuse(work, ERROR_MISSING_PARAMETER, TEXT("password"));
    }
    return has_key ? try_key(work) : try_password(work);
}

static int64_t end_of(const struct work *work, const struct login *login)
{
    int64_t end = work_expiry(work, SESSION_LIFETIME_SECONDS);
    bool is_sooner = login->expires_at != FIELD_ABSENT && login->expires_at < end;
    return is_sooner ? login->expires_at : end;
}

static struct result load(struct work *work, struct text id, struct session **ret_session)
{
    void *found = NULL;
    struct text wanted = text_equal(id, TEXT("current")) ? work->caller.session_id : id;
    TRY(work_get(
        work, SESSION_GET,
        VALUES(OF_LIVE_SESSIONS(work), store_text(work->caller.user_id), store_text(wanted)),
        &session_type, ERROR_SESSION_NOT_FOUND, &found));
    struct session *session = found;
    session->is_current = text_equal(session->id, work->caller.session_id);
    *ret_session = session;
    return RESULT_OK;
}

static struct result end_session(struct work *work, const struct session *session)
{
    TRY(work_change(work, SESSION_DELETE,
                    VALUES(store_text(session->user.id), store_text(session->id))));
    struct audit_detail detail = audit_of(session->id, TEXT_NONE);
    return audit(work, AUDIT_LOGOUT_SUCCEEDED, &detail);
}

/* A browser has one session: the cookie of the one before is about to be replaced. */
static struct result end_former(struct work *work)
{
    struct caller caller = work->caller;
    struct session *former = NULL;
    if (!work->has_former_session) {
        return RESULT_OK;
    }
    TRY(find_live(work, &work->former_session, &former));
    if (former != NULL) {
        become(&work->caller, former);
        TRY(end_session(work, former));
        work->caller = caller;
    }
    return RESULT_OK;
}

static struct result begin_session(struct work *work, const struct login *login)
{
    struct caller *caller = &work->caller;
    struct credential token;
    TRY(end_former(work));
    struct session *session = NULL;
    int64_t now;
    TRY(credential_issue(work, KEY_TEXT_SESSION, &token));
    TRY(work_new_id(work, ID_SESSION, &caller->session_id, &now));
    caller->organization_id = login->organization_id;
    caller->user_id = login->user_id;
    caller->session_key_id = login->admin_api_key_id;
    TRY(work_change(work, SESSION_INSERT,
                    VALUES(store_text(login->user_id), store_text(caller->session_id),
                           store_text(login->organization_id), store_text(login->admin_api_key_id),
                           credential_digest(&token), store_integer(now), store_integer(now),
                           store_integer(end_of(work, login)), store_text(caller->address),
                           store_text(caller->user_agent))));
    TRY(store_execute(work->session, SESSION_DELETE_OLDEST,
                      VALUES(store_text(login->user_id), store_integer(SESSIONS_MAXIMUM)), NULL));
    TRY(load(work, caller->session_id, &session));
    caller->user_email = session->user.email;
    struct audit_detail detail = audit_of(session->id, TEXT_NONE);
    TRY(audit(work, AUDIT_LOGIN_SUCCEEDED, &detail));
    work->cookie = (struct session_cookie){ true, token.value, SESSION_LIFETIME_SECONDS };
    work->output = session;
    return RESULT_OK;
}

struct result session_begin(struct work *work, struct text user_id)
{
    return begin_session(work, &(struct login){
                                   .organization_id = work->caller.organization_id,
                                   .user_id = user_id,
                                   .expires_at = FIELD_ABSENT,
                               });
}

/* Kept in the audit log of the organization, though the call is refused; of nobody who is unknown.
 */
static struct result fail(struct work *work, const struct login *login)
{
    const struct session_create *input = work->input;
    if (login == NULL) {
        work->refusal = ERROR_WRONG_LOGIN;
        work->is_unchanged = true;
        return work_change(work, LOGIN_OF_NOBODY,
                           VALUES(store_text(work->settings->first_organization_id)));
    }
    work->caller.organization_id = login->organization_id;
    work->caller.user_id = login->user_id;
    work->caller.user_email = input->email;
    return password_fail(work, ERROR_WRONG_LOGIN, TEXT_NONE);
}

static struct result create_by_key(struct work *work)
{
    const struct session_create *input = work->input;
    struct login *login = NULL;
    struct key_use use = { .used_at = work_time(work), .kind = USE_OF_ADMIN_KEY };
    TRY(digest_of(input->admin_key, &use.digest));
    TRY(find_by_key(work, &use.digest, &login));
    TRY(key_uses_record(work, &use, 1));
    return begin_session(work, login);
}

struct result session_create(struct work *work)
{
    const struct session_create *input = work->input;
    struct login *login = NULL;
    if (input->admin_key.data != NULL) {
        return create_by_key(work);
    }
    TRY(find_by_email(work, &login));
    /* It may have been changed since it was compared. */
    if (login == NULL || login->hash.data == NULL || !work->password.is_right ||
        !text_equal(login->hash, work->password.hash)) {
        return fail(work, login);
    }
    password_was_right(work);
    return begin_session(work, login);
}

/* ---- The caller's own ---- */

struct result session_list(struct work *work)
{
    struct text after;
    TRY(work_after(work, ID_SESSION, TEXT(""), &after));
    TRY(work_list(
        work, SESSION_LIST,
        VALUES(OF_LIVE_SESSIONS(work), store_text(work->caller.user_id), store_text(after)),
        &session_type));
    for (size_t i = 0; i < work->page.count; i++) {
        struct session *session = (struct session *)(uintptr_t)work->page.items + i;
        session->is_current = text_equal(session->id, work->caller.session_id);
    }
    return RESULT_OK;
}

struct result session_retrieve(struct work *work)
{
    struct session *session = NULL;
    TRY(load(work, work->path[0], &session));
    work->output = session;
    return RESULT_OK;
}

struct result session_delete(struct work *work)
{
    struct session *session = NULL;
    TRY(load(work, work->path[0], &session));
    TRY(end_session(work, session));
    if (session->is_current == 1) {
        work->cookie = (struct session_cookie){ .is_set = true, .value = TEXT("") };
    }
    return work_deleted(work, session->id);
}
