#include "domain/emails.h"

struct result email_fold(struct work *work, struct text email, struct text *ret_key)
{
    if (email.data == NULL) {
        *ret_key = TEXT_NONE;
        return RESULT_OK;
    }
    void *memory = NULL;
    TRY(work_allocate(work, email.length + 1, &memory));
    char *folded = memory;
    for (size_t i = 0; i < email.length; i++) {
        char byte = email.data[i];
        folded[i] = byte >= 'A' && byte <= 'Z' ? (char)(byte + ('a' - 'A')) : byte;
    }
    *ret_key = (struct text){ folded, email.length };
    return RESULT_OK;
}
