#include "codec/digest.h"

#include <openssl/evp.h>
#include <pthread.h>

static EVP_MD *sha256;
static pthread_key_t context_key;

static void free_context(void *context)
{
    EVP_MD_CTX_free(context);
}

struct result digest_initialize(void)
{
    if (sha256 != NULL) {
        return RESULT_OK;
    }
    if (pthread_key_create(&context_key, free_context) != 0) {
        return fault(ERROR_INTERNAL, "no thread key for the digest");
    }
    sha256 = EVP_MD_fetch(NULL, "SHA256", NULL);
    if (sha256 == NULL) {
        return fault(ERROR_INTERNAL, "OpenSSL has no SHA-256");
    }
    return RESULT_OK;
}

/* The thread's context; freed when the thread ends. */
static EVP_MD_CTX *thread_context(void)
{
    static _Thread_local EVP_MD_CTX *context;
    if (context == NULL) {
        context = EVP_MD_CTX_new();
        if (context != NULL && pthread_setspecific(context_key, context) != 0) {
            EVP_MD_CTX_free(context);
            context = NULL;
        }
    }
    return context;
}

struct result digest_of(struct text text, struct digest *ret_digest)
{
    EVP_MD_CTX *context = thread_context();
    if (context == NULL || EVP_DigestInit_ex2(context, sha256, NULL) != 1 ||
        EVP_DigestUpdate(context, text.data, text.length) != 1 ||
        EVP_DigestFinal_ex(context, ret_digest->bytes, NULL) != 1) {
        return fault(ERROR_INTERNAL, "SHA-256 failed");
    }
    return RESULT_OK;
}
