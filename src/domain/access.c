#include "domain/access.h"

#include "domain/project_users.h"

static struct result refuse_role(struct work *work, const char *needed)
{
    return problem_refuse(&work->problem, ERROR_INSUFFICIENT_ROLE, TEXT_NONE, TEXT_NONE, "%s",
                          needed);
}

static struct result require_project_role(struct work *work, enum access access)
{
    struct project_user *membership = NULL;
    TRY(project_user_find(work, work->caller.user_id, &membership));
    if (membership == NULL) {
        return work_refuse(work, ERROR_PROJECT_NOT_FOUND, TEXT_NONE);
    }
    work->caller.is_project_owner = text_equal(membership->role, TEXT("owner"));
    return access == ACCESS_MEMBER || work->caller.is_project_owner
               ? RESULT_OK
               : refuse_role(work, "an owner of the project");
}

struct result access_require(struct work *work, enum access access)
{
    if (work->caller.is_owner || access == ACCESS_ANYONE || access == ACCESS_PERSON) {
        return RESULT_OK;
    }
    if (work->project != NULL) {
        TRY(require_project_role(work, access == ACCESS_OWNER ? ACCESS_MEMBER : access));
    }
    return access == ACCESS_OWNER ? refuse_role(work, "an owner of the organization") : RESULT_OK;
}

bool access_manages_project(const struct work *work)
{
    return work->caller.is_owner || work->caller.is_project_owner;
}

struct result access_require_manager(struct work *work)
{
    return access_manages_project(work) ? RESULT_OK : refuse_role(work, "an owner of the project");
}

struct result access_require_self(struct work *work, struct text user_id)
{
    return work->caller.is_owner || text_equal(user_id, work->caller.user_id)
               ? RESULT_OK
               : refuse_role(work, "an owner of the organization");
}
