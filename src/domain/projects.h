#ifndef ORGKEYS_DOMAIN_PROJECTS_H
#define ORGKEYS_DOMAIN_PROJECTS_H

#include "domain/work.h"

/* The operations of /organization/projects; each takes what its row of api/routes.c says. */
struct result project_list(struct work *work);
struct result project_create(struct work *work);
struct result project_retrieve(struct work *work);
struct result project_update(struct work *work);
struct result project_archive(struct work *work);

/* A project of the caller's organization, or PROJECT_NOT_FOUND. */
struct result project_load(struct work *work, struct text id, struct project **ret_project);
/* PROJECT_IS_ARCHIVED for one that is. */
struct result project_require_active(struct work *work, const struct project *project);
/* Makes one of id, name, created_at and residency, and writes it into the audit log. */
struct result project_add(struct work *work, const struct project *given,
                          struct project **ret_project);

#endif
