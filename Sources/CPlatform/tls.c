#define _GNU_SOURCE
#include "platform.h"
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

static int64_t unix_seconds(const ASN1_TIME *at) {
    struct tm parts;
    if (!at || !ASN1_TIME_to_tm(at, &parts)) return 0;
    return (int64_t)timegm(&parts);
}

bool platform_tls_look(void *ssl, const char *host, struct platform_tls_peer *peer) {
    memset(peer, 0, sizeof *peer);
    snprintf(peer->version, sizeof peer->version, "%s", SSL_get_version(ssl));
    X509 *certificate = SSL_get1_peer_certificate(ssl);
    if (!certificate) return false;
    peer->expires = unix_seconds(X509_get0_notAfter(certificate));
    X509_NAME_oneline(X509_get_subject_name(certificate), peer->subject, sizeof peer->subject);
    peer->is_named =
        X509_check_ip_asc(certificate, host, 0) == 1 || X509_check_host(certificate, host, 0, 0, NULL) == 1;
    long verdict = SSL_get_verify_result(ssl);
    if (verdict != X509_V_OK)
        snprintf(peer->verdict, sizeof peer->verdict, "%s", X509_verify_cert_error_string(verdict));
    X509_free(certificate);
    return true;
}
