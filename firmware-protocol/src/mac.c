/* The bundled HMAC-SHA-256 (RFC 2104), and the comparison of tags. */
#include "campus_device.h"

static void begin_padded(campus_sha256 *sha, const uint8_t *key, uint8_t pad)
{
    uint8_t block[64];
    unsigned i;
    for (i = 0; i < sizeof block; i++) {
        block[i] = (uint8_t)((i < CAMPUS_KEY_SIZE ? key[i] : 0) ^ pad);
    }
    campus_sha256_begin(sha);
    campus_sha256_add(sha, block, sizeof block);
}

static bool compute(void *context, const campus_bytes *parts, size_t count, uint8_t *tag)
{
    const uint8_t *key = context;
    campus_sha256 sha;
    size_t i;
    begin_padded(&sha, key, 0x36);
    for (i = 0; i < count; i++) {
        campus_sha256_add(&sha, parts[i].data, parts[i].length);
    }
    campus_sha256_end(&sha, tag);
    begin_padded(&sha, key, 0x5c);
    campus_sha256_add(&sha, tag, CAMPUS_TAG_SIZE);
    campus_sha256_end(&sha, tag);
    return true;
}

campus_mac campus_mac_software(const uint8_t *key)
{
    campus_mac mac;
    mac.compute = compute;
    mac.context = (void *)(uintptr_t)key; /* only ever read */
    return mac;
}

bool campus_equal_constant_time(const uint8_t *a, const uint8_t *b, size_t length)
{
    volatile uint8_t difference = 0;
    size_t i;
    for (i = 0; i < length; i++) {
        difference = (uint8_t)(difference | (a[i] ^ b[i]));
    }
    return difference == 0;
}
