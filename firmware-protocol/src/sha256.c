/* SHA-256 (FIPS 180-4). */
#include "campus_device.h"

static const uint32_t round_constants[64] = {
    0x428a2f98u, 0x71374491u, 0xb5c0fbcfu, 0xe9b5dba5u, 0x3956c25bu, 0x59f111f1u, 0x923f82a4u, 0xab1c5ed5u,
    0xd807aa98u, 0x12835b01u, 0x243185beu, 0x550c7dc3u, 0x72be5d74u, 0x80deb1feu, 0x9bdc06a7u, 0xc19bf174u,
    0xe49b69c1u, 0xefbe4786u, 0x0fc19dc6u, 0x240ca1ccu, 0x2de92c6fu, 0x4a7484aau, 0x5cb0a9dcu, 0x76f988dau,
    0x983e5152u, 0xa831c66du, 0xb00327c8u, 0xbf597fc7u, 0xc6e00bf3u, 0xd5a79147u, 0x06ca6351u, 0x14292967u,
    0x27b70a85u, 0x2e1b2138u, 0x4d2c6dfcu, 0x53380d13u, 0x650a7354u, 0x766a0abbu, 0x81c2c92eu, 0x92722c85u,
    0xa2bfe8a1u, 0xa81a664bu, 0xc24b8b70u, 0xc76c51a3u, 0xd192e819u, 0xd6990624u, 0xf40e3585u, 0x106aa070u,
    0x19a4c116u, 0x1e376c08u, 0x2748774cu, 0x34b0bcb5u, 0x391c0cb3u, 0x4ed8aa4au, 0x5b9cca4fu, 0x682e6ff3u,
    0x748f82eeu, 0x78a5636fu, 0x84c87814u, 0x8cc70208u, 0x90befffau, 0xa4506cebu, 0xbef9a3f7u, 0xc67178f2u,
};

static uint32_t rotate(uint32_t x, unsigned n)
{
    return x >> n | x << (32 - n);
}

static void compress(uint32_t *state, const uint8_t *block)
{
    uint32_t w[16];
    uint32_t s[8];
    unsigned i;
    for (i = 0; i < 16; i++) {
        w[i] = (uint32_t)block[4 * i] << 24 | (uint32_t)block[4 * i + 1] << 16 | (uint32_t)block[4 * i + 2] << 8
               | block[4 * i + 3];
    }
    for (i = 0; i < 8; i++) {
        s[i] = state[i];
    }
    for (i = 0; i < 64; i++) {
        uint32_t a, b;
        if (i >= 16) {
            /* The schedule rolls through 16 words: 64 bytes of stack instead of 256. */
            uint32_t w15 = w[(i - 15) & 15], w2 = w[(i - 2) & 15];
            w[i & 15] += (rotate(w15, 7) ^ rotate(w15, 18) ^ w15 >> 3) + w[(i - 7) & 15]
                         + (rotate(w2, 17) ^ rotate(w2, 19) ^ w2 >> 10);
        }
        a = s[7] + (rotate(s[4], 6) ^ rotate(s[4], 11) ^ rotate(s[4], 25)) + ((s[4] & s[5]) ^ (~s[4] & s[6]))
            + round_constants[i] + w[i & 15];
        b = (rotate(s[0], 2) ^ rotate(s[0], 13) ^ rotate(s[0], 22)) + ((s[0] & s[1]) ^ (s[0] & s[2]) ^ (s[1] & s[2]));
        s[7] = s[6];
        s[6] = s[5];
        s[5] = s[4];
        s[4] = s[3] + a;
        s[3] = s[2];
        s[2] = s[1];
        s[1] = s[0];
        s[0] = a + b;
    }
    for (i = 0; i < 8; i++) {
        state[i] += s[i];
    }
}

void campus_sha256_begin(campus_sha256 *sha)
{
    static const uint32_t initial[8] = {
        0x6a09e667u, 0xbb67ae85u, 0x3c6ef372u, 0xa54ff53au, 0x510e527fu, 0x9b05688cu, 0x1f83d9abu, 0x5be0cd19u,
    };
    unsigned i;
    for (i = 0; i < 8; i++) {
        sha->state[i] = initial[i];
    }
    sha->length = 0;
}

void campus_sha256_add(campus_sha256 *sha, const uint8_t *data, size_t length)
{
    size_t i;
    for (i = 0; i < length; i++) {
        sha->block[sha->length++ & 63] = data[i];
        if ((sha->length & 63) == 0) {
            compress(sha->state, sha->block);
        }
    }
}

void campus_sha256_end(campus_sha256 *sha, uint8_t *digest)
{
    static const uint8_t padding[64] = {0x80};
    uint64_t bits = sha->length * 8;
    uint8_t tail[8];
    unsigned i;
    campus_sha256_add(sha, padding, 1 + (119 - (size_t)(sha->length & 63)) % 64);
    for (i = 0; i < 8; i++) {
        tail[i] = (uint8_t)(bits >> (56 - 8 * i));
    }
    campus_sha256_add(sha, tail, 8);
    for (i = 0; i < 32; i++) {
        digest[i] = (uint8_t)(sha->state[i / 4] >> (24 - 8 * (i % 4)));
    }
}
