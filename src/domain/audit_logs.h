#ifndef ORGKEYS_DOMAIN_AUDIT_LOGS_H
#define ORGKEYS_DOMAIN_AUDIT_LOGS_H

#include "domain/work.h"

/* GET /organization/audit_logs: newest first, in the order of commits. */
struct result audit_log_list(struct work *work);

#endif
