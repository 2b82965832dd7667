#include "domain/project_users.h"

#include "domain/audit.h"
#include "domain/users.h"

struct result project_user_find(struct work *work, struct text user_id,
                                struct project_user **ret_project_user)
{
    void *found = NULL;
    TRY(work_find(work, PROJECT_USER_GET,
                  VALUES(store_text(work->caller.organization_id), store_text(work->project->id),
                         store_text(user_id)),
                  &project_user_type, &found));
    *ret_project_user = found;
    return RESULT_OK;
}

static struct result follow_membership(struct work *work, struct text user_id, bool has_role)
{
    return work_follow(work, &(struct key_change){
                                 .kind = MEMBERSHIP_CHANGED,
                                 .project_id = work->project->id,
                                 .owner = { .id = user_id },
                                 .has_role = has_role,
                             });
}

struct result project_user_add(struct work *work, struct text user_id, struct text email,
                               struct text role)
{
    TRY(work_change(work, PROJECT_USER_INSERT,
                    VALUES(store_text(work->project->id), store_text(user_id), store_text(role),
                           store_integer(work_time(work)))));
    TRY(follow_membership(work, user_id, true));
    return audit_role_assignment(work, AUDIT_ROLE_ASSIGNMENT_CREATED, user_id, email, role);
}

struct result project_user_list(struct work *work)
{
    struct text after;
    TRY(work_after(work, ID_USER, TEXT(""), &after));
    return work_list(work, PROJECT_USER_LIST,
                     VALUES(store_text(work->caller.organization_id), store_text(work->project->id),
                            store_text(after)),
                     &project_user_type);
}

static struct result find_user(struct work *work, const struct project_user_create *input,
                               struct user **ret_user)
{
    if (input->user_id.data == NULL && input->email.data == NULL) {
        return work_refuse(work, ERROR_MISSING_PARAMETER, TEXT("user_id"));
    }
    if (input->user_id.data != NULL && input->email.data != NULL) {
        return work_refuse_value(work, "email", "it cannot be combined with 'user_id'");
    }
    if (input->user_id.data != NULL) {
        return user_load(work, input->user_id, ret_user);
    }
    TRY(user_find_by_email(work, input->email, ret_user));
    return *ret_user != NULL ? RESULT_OK : work_refuse(work, ERROR_USER_NOT_FOUND, TEXT("email"));
}

struct result project_user_create(struct work *work)
{
    const struct project_user_create *input = work->input;
    struct user *user = NULL;
    struct project_user *existing = NULL;
    TRY(find_user(work, input, &user));
    TRY(project_user_find(work, user->id, &existing));
    if (existing != NULL) {
        return problem_refuse(&work->problem, ERROR_USER_ALREADY_IN_PROJECT, TEXT_NONE,
                              work->project->id, NULL);
    }
    TRY(project_user_add(work, user->id, user->email, input->role));
    TRY(project_user_find(work, user->id, &existing));
    work->output = existing;
    return RESULT_OK;
}

static struct result load(struct work *work, struct project_user **ret_project_user)
{
    TRY(project_user_find(work, work->path[1], ret_project_user));
    return *ret_project_user != NULL ? RESULT_OK
                                     : work_refuse(work, ERROR_USER_NOT_FOUND, TEXT_NONE);
}

/* For changes, which organization owners are not open to. */
static struct result load_changeable(struct work *work, struct project_user **ret_project_user)
{
    TRY(load(work, ret_project_user));
    return text_equal((*ret_project_user)->organization_role, TEXT("owner"))
               ? work_refuse(work, ERROR_USER_IS_ORGANIZATION_OWNER, TEXT_NONE)
               : RESULT_OK;
}

struct result project_user_retrieve(struct work *work)
{
    struct project_user *project_user = NULL;
    TRY(load(work, &project_user));
    work->output = project_user;
    return RESULT_OK;
}

struct result project_user_update(struct work *work)
{
    const struct project_user_update *input = work->input;
    struct project_user *project_user = NULL;
    TRY(load_changeable(work, &project_user));
    struct text new_role = input->role.data != NULL ? input->role : project_user->role;
    work->output = project_user;
    if (text_equal(new_role, project_user->role)) {
        work->is_unchanged = true;
        return RESULT_OK;
    }
    TRY(work_change(
        work, PROJECT_USER_SET_ROLE,
        VALUES(store_text(work->project->id), store_text(project_user->id), store_text(new_role))));
    TRY(audit_role_assignment(work, AUDIT_ROLE_ASSIGNMENT_DELETED, project_user->id,
                              project_user->email, project_user->role));
    TRY(audit_role_assignment(work, AUDIT_ROLE_ASSIGNMENT_CREATED, project_user->id,
                              project_user->email, new_role));
    project_user->role = new_role;
    return RESULT_OK;
}

struct result project_user_delete(struct work *work)
{
    struct project_user *project_user = NULL;
    TRY(load_changeable(work, &project_user));
    TRY(work_change(work, PROJECT_USER_DELETE,
                    VALUES(store_text(work->project->id), store_text(project_user->id))));
    TRY(audit_role_assignment(work, AUDIT_ROLE_ASSIGNMENT_DELETED, project_user->id,
                              project_user->email, project_user->role));
    TRY(follow_membership(work, project_user->id, false));
    return work_deleted(work, project_user->id);
}
