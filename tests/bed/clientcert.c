/*
 * Lends a client certificate to load tools that have no option for one (wrk, h2load).
 *
 *   CLIENT_PEM=alice.pem LD_PRELOAD=clientcert.so wrk ... https://...
 *
 * It stands before OpenSSL's SSL_CTX_new and loads certificate and key from the file named by
 * CLIENT_PEM into every context that the tool makes. The two loading functions are declared here
 * by hand, so OpenSSL's headers are not needed to build it.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>

enum { pem_format = 1 }; /* SSL_FILETYPE_PEM */

int SSL_CTX_use_certificate_chain_file(void *context, const char *file);
int SSL_CTX_use_PrivateKey_file(void *context, const char *file, int format);

void *SSL_CTX_new(const void *method)
{
    static void *(*original)(const void *);
    if (original == NULL) {
        original = (void *(*)(const void *))dlsym(RTLD_NEXT, "SSL_CTX_new");
        if (original == NULL) {
            fprintf(stderr, "clientcert: the program uses no OpenSSL\n");
            exit(1);
        }
    }

    void *context = original(method);
    const char *file = getenv("CLIENT_PEM");
    if (context != NULL && file != NULL && *file != '\0') {
        /* A load run without its certificate would measure refusals: better none at all. */
        if (SSL_CTX_use_certificate_chain_file(context, file) != 1
            || SSL_CTX_use_PrivateKey_file(context, file, pem_format) != 1) {
            fprintf(stderr, "clientcert: cannot load %s\n", file);
            exit(1);
        }
    }
    return context;
}
