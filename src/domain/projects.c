#include "domain/projects.h"

#include "domain/audit.h"
#include "domain/organizations.h"

struct result project_load(struct work *work, struct text id, struct project **ret_project)
{
    void *project = NULL;
    TRY(work_get(work, PROJECT_GET,
                 VALUES(store_text(work->caller.organization_id), store_text(id)), &project_type,
                 ERROR_PROJECT_NOT_FOUND, &project));
    *ret_project = project;
    return RESULT_OK;
}

struct result project_require_active(struct work *work, const struct project *project)
{
    if (project->archived_at == FIELD_ABSENT) {
        return RESULT_OK;
    }
    return problem_refuse(&work->problem, ERROR_PROJECT_IS_ARCHIVED, TEXT_NONE, project->id, NULL);
}

struct result project_list(struct work *work)
{
    struct text after;
    TRY(work_after(work, ID_PROJECT, TEXT(""), &after));
    if (!work->caller.is_owner) {
        return work_list(work, PROJECT_LIST_OF_USER,
                         VALUES(store_text(work->caller.organization_id),
                                store_text(work->caller.user_id), store_text(after),
                                store_integer(work->query->include_archived == 1)),
                         &project_type);
    }
    return work_list(work, work->query->include_archived == 1 ? PROJECT_LIST : PROJECT_LIST_ACTIVE,
                     VALUES(store_text(work->caller.organization_id), store_text(after)),
                     &project_type);
}

struct result project_add(struct work *work, const struct project *given,
                          struct project **ret_project)
{
    TRY(work_change(work, PROJECT_INSERT,
                    VALUES(store_text(given->id), store_text(work->caller.organization_id),
                           store_text(given->name), store_integer(given->created_at),
                           store_text(given->residency))));
    TRY(project_load(work, given->id, &work->project));
    struct audit_detail detail = audit_of(given->id, given->name);
    detail.payload.name = given->name;
    detail.payload.title = given->name;
    TRY(audit(work, AUDIT_PROJECT_CREATED, &detail));
    *ret_project = work->project;
    return RESULT_OK;
}

struct result project_create(struct work *work)
{
    const struct project_create *input = work->input;
    struct project given = { .name = input->name, .residency = input->residency };
    struct project *project = NULL;
    if (input->residency.data != NULL && input->geography.data != NULL) {
        return work_refuse_value(work, "geography", "it cannot be combined with 'residency'");
    }
    TRY(work_new_id(work, ID_PROJECT, &given.id, &given.created_at));
    TRY(project_add(work, &given, &project));
    work->output = project;
    return RESULT_OK;
}

struct result project_retrieve(struct work *work)
{
    work->output = work->project;
    return RESULT_OK;
}

struct result project_update(struct work *work)
{
    const struct project_update *input = work->input;
    struct project *project = work->project;
    struct audit_detail detail = audit_of(project->id, project->name);
    work->output = project;
    if (input->name.data == NULL) {
        work->is_unchanged = true;
        return RESULT_OK;
    }
    TRY(work_change(work, PROJECT_RENAME,
                    VALUES(store_text(work->caller.organization_id), store_text(project->id),
                           store_text(input->name))));
    project->name = input->name;
    detail.payload.title = input->name;
    return audit(work, AUDIT_PROJECT_UPDATED, &detail);
}

struct result project_archive(struct work *work)
{
    struct project *project = work->project;
    struct organization *organization = NULL;
    struct audit_detail detail = audit_of(project->id, project->name);
    TRY(organization_load(work, &organization));
    if (text_equal(organization->default_project_id, project->id)) {
        return work_refuse(work, ERROR_DEFAULT_PROJECT, TEXT_NONE);
    }
    TRY(work_change(work, PROJECT_ARCHIVE,
                    VALUES(store_text(work->caller.organization_id), store_text(project->id),
                           store_integer(work_time(work)))));
    TRY(audit(work, AUDIT_PROJECT_ARCHIVED, &detail));
    TRY(work_follow(work,
                    &(struct key_change){ .kind = PROJECT_ARCHIVED, .project_id = project->id }));
    TRY(project_load(work, project->id, &work->project));
    return project_retrieve(work);
}
