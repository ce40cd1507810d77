#pragma once
// The block-level SHA-256 calls are marked deprecated since OpenSSL 3.0, yet they alone let a keyed
// state be copied per frame (HMAC() costs ten times as much: it fetches the algorithm at every call).
#define OPENSSL_SUPPRESS_DEPRECATED
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/rand.h>
#include <openssl/sha.h>
#include <openssl/err.h>
