#include "codec/digest.h"

#include <openssl/evp.h>
#include <pthread.h>
#include <string.h>

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

static const char hexadecimal_digits[] = "0123456789abcdef";

void digest_to_hexadecimal(const struct digest *digest, char ret_text[DIGEST_HEXADECIMAL_LENGTH])
{
    for (size_t i = 0; i < DIGEST_SIZE; i++) {
        ret_text[2 * i] = hexadecimal_digits[digest->bytes[i] >> 4];
        ret_text[2 * i + 1] = hexadecimal_digits[digest->bytes[i] & 0x0f];
    }
}

/* The value of a digit, or 16. */
static unsigned value_of(char digit)
{
    const char *found = memchr(hexadecimal_digits, digit, sizeof hexadecimal_digits - 1);
    return found != NULL ? (unsigned)(found - hexadecimal_digits) : 16;
}

bool digest_from_hexadecimal(struct text text, struct digest *ret_digest)
{
    struct digest digest;
    if (text.length != DIGEST_HEXADECIMAL_LENGTH) {
        return false;
    }
    for (size_t i = 0; i < DIGEST_SIZE; i++) {
        unsigned high = value_of(text.data[2 * i]);
        unsigned low = value_of(text.data[2 * i + 1]);
        if (high > 15 || low > 15) {
            return false;
        }
        digest.bytes[i] = (unsigned char)(high << 4 | low);
    }
    *ret_digest = digest;
    return true;
}
