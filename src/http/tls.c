#include "http/tls.h"

#include <limits.h>
#include <netdb.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

/* What TLS 1.2 may use: forward secrecy and authenticated encryption. All of TLS 1.3 has both. */
#define CIPHERS_OF_TLS_1_2 "ECDHE+AESGCM:ECDHE+CHACHA20"
#define GROUPS "X25519:P-256:P-384"

struct tls {
    struct tls_files files;
    pthread_mutex_t lock; /* of what follows */
    SSL_CTX *context;
    int64_t expires_at;
};

/* ---- The certificate ---- */

static int choose_protocol(SSL *session, const unsigned char **ret_chosen,
                           unsigned char *ret_length, const unsigned char *offered,
                           unsigned offered_length, void *context)
{
    static const unsigned char known[] = "\x08http/1.1";
    unsigned char *chosen = NULL;
    (void)session;
    (void)context;
    if (SSL_select_next_proto(&chosen, ret_length, known, sizeof known - 1, offered,
                              offered_length) != OPENSSL_NPN_NEGOTIATED) {
        return SSL_TLSEXT_ERR_ALERT_FATAL;
    }
    *ret_chosen = chosen;
    return SSL_TLSEXT_ERR_OK;
}

/* The first reason is the most particular one. */
static struct result complain(const char *what, struct text path)
{
    unsigned long error = ERR_peek_error();
    const char *reason =
        ERR_SYSTEM_ERROR(error) ? strerror(ERR_GET_REASON(error)) : ERR_reason_error_string(error);
    ERR_clear_error();
    return fault(ERROR_INTERNAL, "the TLS %s %.*s is of no use: %s", what, TEXT_ARGUMENTS(path),
                 reason != NULL ? reason : "unknown");
}

static bool configure(SSL_CTX *context)
{
    (void)SSL_CTX_set_options(context, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION |
                                           SSL_OP_CIPHER_SERVER_PREFERENCE |
                                           SSL_OP_PRIORITIZE_CHACHA | SSL_OP_CLEANSE_PLAINTEXT);
    /* The rest of a reply may have moved when the socket takes bytes again. */
    (void)SSL_CTX_set_mode(context, SSL_MODE_ENABLE_PARTIAL_WRITE |
                                        SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER |
                                        SSL_MODE_RELEASE_BUFFERS);
    (void)SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
    /* Without a passphrase to try OpenSSL asks the terminal. */
    SSL_CTX_set_default_passwd_cb_userdata(context, (void *)(uintptr_t) "");
    SSL_CTX_set_alpn_select_cb(context, choose_protocol, NULL);
    return SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION) == 1 &&
           SSL_CTX_set_cipher_list(context, CIPHERS_OF_TLS_1_2) == 1 &&
           SSL_CTX_set1_groups_list(context, GROUPS) == 1;
}

static struct result load(SSL_CTX *context, const struct tls_files *files, int64_t *ret_expires_at)
{
    struct tm end = { 0 };
    if (!configure(context)) {
        return fault(ERROR_INTERNAL, "OpenSSL cannot do TLS 1.2 as it should");
    }
    if (SSL_CTX_use_certificate_chain_file(context, files->certificate.data) != 1) {
        return complain("certificate", files->certificate);
    }
    if (SSL_CTX_use_PrivateKey_file(context, files->key.data, SSL_FILETYPE_PEM) != 1 ||
        SSL_CTX_check_private_key(context) != 1) {
        return complain("key", files->key);
    }
    if (ASN1_TIME_to_tm(X509_get0_notAfter(SSL_CTX_get0_certificate(context)), &end) != 1) {
        return complain("certificate", files->certificate);
    }
    *ret_expires_at = timegm(&end);
    return RESULT_OK;
}

struct result tls_reload(struct tls *tls)
{
    int64_t expires_at = 0;
    ERR_clear_error();
    SSL_CTX *context = SSL_CTX_new(TLS_server_method());
    if (context == NULL) {
        return fault(ERROR_INTERNAL, "no memory for TLS");
    }
    struct result result = load(context, &tls->files, &expires_at);
    if (!result_failed(result)) {
        (void)pthread_mutex_lock(&tls->lock);
        SSL_CTX *former = tls->context;
        tls->context = context;
        tls->expires_at = expires_at;
        (void)pthread_mutex_unlock(&tls->lock);
        context = former;
    }
    /* The connections that have it keep it. */
    SSL_CTX_free(context);
    return result;
}

struct result tls_create(const struct tls_files *files, struct tls **ret_tls)
{
    struct tls *tls = calloc(1, sizeof *tls);
    if (tls == NULL) {
        return fault(ERROR_INTERNAL, "no memory for TLS");
    }
    tls->files = *files;
    (void)pthread_mutex_init(&tls->lock, NULL);
    struct result result = tls_reload(tls);
    if (result_failed(result)) {
        tls_free(tls);
        return result;
    }
    *ret_tls = tls;
    return RESULT_OK;
}

int64_t tls_expires_at(struct tls *tls)
{
    (void)pthread_mutex_lock(&tls->lock);
    int64_t expires_at = tls->expires_at;
    (void)pthread_mutex_unlock(&tls->lock);
    return expires_at;
}

bool tls_covers(struct tls *tls, struct text host)
{
    char name[NI_MAXHOST];
    bool is_bracketed = text_starts_with(host, TEXT("[")) && text_ends_with(host, TEXT("]"));
    struct text bare = is_bracketed ? text_until(text_from(host, 1), host.length - 2) : host;
    (void)snprintf(name, sizeof name, "%.*s", TEXT_ARGUMENTS(bare));
    (void)pthread_mutex_lock(&tls->lock);
    X509 *certificate = SSL_CTX_get0_certificate(tls->context);
    bool covers = X509_check_host(certificate, name, 0, 0, NULL) == 1 ||
                  X509_check_ip_asc(certificate, name, 0) == 1;
    (void)pthread_mutex_unlock(&tls->lock);
    return covers;
}

void tls_free(struct tls *tls)
{
    if (tls != NULL) {
        SSL_CTX_free(tls->context);
        (void)pthread_mutex_destroy(&tls->lock);
        free(tls);
    }
}

/* ---- A connection ---- */

static SSL *session_of(const struct transport *transport)
{
    return transport->session;
}

static struct transport_progress progress_of(const struct transport *transport, int result,
                                             size_t bytes)
{
    if (result == 1) {
        return (struct transport_progress){ TRANSPORT_DONE, bytes };
    }
    switch (SSL_get_error(session_of(transport), result)) {
    case SSL_ERROR_WANT_READ:
        return (struct transport_progress){ TRANSPORT_WANT_READ, 0 };
    case SSL_ERROR_WANT_WRITE:
        return (struct transport_progress){ TRANSPORT_WANT_WRITE, 0 };
    case SSL_ERROR_ZERO_RETURN:
        return (struct transport_progress){ TRANSPORT_CLOSED, 0 };
    default:
        /* Nothing may be written any more, the last alert neither (SSL_get_error(3)). */
        SSL_set_quiet_shutdown(session_of(transport), 1);
        return (struct transport_progress){ TRANSPORT_FAILED, 0 };
    }
}

/* Errors of the thread's other sessions would be taken for this one's. */
static struct transport_progress tls_read(struct transport *transport, void *bytes, size_t size)
{
    size_t count = 0;
    ERR_clear_error();
    int result = SSL_read_ex(session_of(transport), bytes, size, &count);
    return progress_of(transport, result, count);
}

static struct transport_progress tls_write(struct transport *transport, const void *bytes,
                                           size_t size)
{
    size_t count = 0;
    ERR_clear_error();
    int result = SSL_write_ex(session_of(transport), bytes, size, &count);
    return progress_of(transport, result, count);
}

static bool tls_has_pending(const struct transport *transport)
{
    return SSL_pending(session_of(transport)) > 0;
}

/* close_notify goes once, and is not waited for: a reply says its length. */
static void say_end(struct transport *transport)
{
    SSL *session = session_of(transport);
    ERR_clear_error();
    if (SSL_is_init_finished(session) == 1 &&
        (SSL_get_shutdown(session) & SSL_SENT_SHUTDOWN) == 0) {
        (void)SSL_shutdown(session);
    }
}

static void tls_finish(struct transport *transport)
{
    say_end(transport);
    transport_plain_methods.finish(transport);
}

static void tls_abandon(struct transport *transport)
{
    SSL_set_quiet_shutdown(session_of(transport), 1);
    transport_plain_methods.abandon(transport);
}

static void tls_close(struct transport *transport)
{
    say_end(transport);
    SSL_free(session_of(transport));
    transport->session = NULL;
    transport_plain_methods.close(transport);
}

static const struct transport_methods methods = {
    .read = tls_read,
    .write = tls_write,
    .has_pending = tls_has_pending,
    .finish = tls_finish,
    .abandon = tls_abandon,
    .close = tls_close,
};

bool tls_accept(struct tls *tls, int socket, struct transport *ret_transport)
{
    (void)pthread_mutex_lock(&tls->lock);
    SSL *session = SSL_new(tls->context);
    (void)pthread_mutex_unlock(&tls->lock);
    if (session == NULL || SSL_set_fd(session, socket) != 1) {
        SSL_free(session);
        (void)close(socket);
        return false;
    }
    SSL_set_accept_state(session);
    *ret_transport = (struct transport){ &methods, socket, session };
    return true;
}
