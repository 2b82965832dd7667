#ifndef ORGKEYS_DOMAIN_AUDIT_H
#define ORGKEYS_DOMAIN_AUDIT_H

#include "domain/work.h"
#include "model/audit_log.h"

/*
 * Writes an event into the audit log, in the transaction of the change (promise 9). The actor is
 * work->caller; detail->id names the object. The project is work->project, or none.
 */
struct result audit(struct work *work, enum audit_event event, const struct audit_detail *detail);

/* The detail of an event that says no more than which object, and what it is called: see
 * struct audit_detail. `name` may be TEXT_NONE. */
struct audit_detail audit_of(struct text id, struct text name);

/* A role of a user in a project, given or taken: role.assignment.created or .deleted. */
struct result audit_role_assignment(struct work *work, enum audit_event event, struct text user_id,
                                    struct text email, struct text role);

#endif
