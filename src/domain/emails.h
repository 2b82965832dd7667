#ifndef ORGKEYS_DOMAIN_EMAILS_H
#define ORGKEYS_DOMAIN_EMAILS_H

#include "domain/work.h"

/*
 * What e-mail addresses are compared by: ASCII letters in lower case, the rest as it is. Two
 * addresses that mail servers may tell apart by case count as one. TEXT_NONE stays TEXT_NONE.
 */
struct result email_fold(struct work *work, struct text email, struct text *ret_key);

#endif
