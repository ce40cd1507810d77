#include "bytes.h"

void campus_le_put(uint8_t *to, uint64_t value, size_t width)
{
    size_t i;
    for (i = 0; i < width; i++) {
        to[i] = (uint8_t)(value >> (8 * i));
    }
}

uint64_t campus_le_get(const uint8_t *from, size_t width)
{
    uint64_t value = 0;
    size_t i;
    for (i = 0; i < width; i++) {
        value |= (uint64_t)from[i] << (8 * i);
    }
    return value;
}

uint32_t campus_crc32_add(uint32_t crc, const uint8_t *data, size_t length)
{
    /* Four bits at a time: 64 bytes of table suit a small flash better than 1 KiB. */
    static const uint32_t table[16] = {
        0x00000000u, 0x1db71064u, 0x3b6e20c8u, 0x26d930acu, 0x76dc4190u, 0x6b6b51f4u, 0x4db26158u, 0x5005713cu,
        0xedb88320u, 0xf00f9344u, 0xd6d6a3e8u, 0xcb61b38cu, 0x9b64c2b0u, 0x86d3d2d4u, 0xa00ae278u, 0xbdbdf21cu,
    };
    size_t i;
    crc = ~crc;
    for (i = 0; i < length; i++) {
        crc = table[(crc ^ data[i]) & 15u] ^ (crc >> 4);
        crc = table[(crc ^ ((uint32_t)data[i] >> 4)) & 15u] ^ (crc >> 4);
    }
    return ~crc;
}

uint32_t campus_crc32(const uint8_t *data, size_t length)
{
    return campus_crc32_add(0, data, length);
}

/* Bytes that must follow the lead byte, or -1 if it leads nothing. */
static int utf8_follow(uint8_t lead)
{
    if (lead < 0x80) {
        return 0;
    }
    if (lead >= 0xc2 && lead <= 0xdf) {
        return 1;
    }
    if (lead >= 0xe0 && lead <= 0xef) {
        return 2;
    }
    if (lead >= 0xf0 && lead <= 0xf4) {
        return 3;
    }
    return -1;
}

/* The second byte's range shuts out overlong forms, surrogates and code points over U+10FFFF. */
static bool utf8_second(uint8_t lead, uint8_t second)
{
    uint8_t low = 0x80;
    uint8_t high = 0xbf;
    if (lead == 0xe0) {
        low = 0xa0;
    } else if (lead == 0xed) {
        high = 0x9f;
    } else if (lead == 0xf0) {
        low = 0x90;
    } else if (lead == 0xf4) {
        high = 0x8f;
    }
    return second >= low && second <= high;
}

bool campus_utf8_valid(const uint8_t *data, size_t length)
{
    size_t i = 0;
    while (i < length) {
        uint8_t lead = data[i];
        int follow = utf8_follow(lead);
        int k;
        if (follow < 0 || length - i <= (size_t)follow) {
            return false;
        }
        if (follow > 0 && !utf8_second(lead, data[i + 1])) {
            return false;
        }
        for (k = 2; k <= follow; k++) {
            if ((data[i + (size_t)k] & 0xc0) != 0x80) {
                return false;
            }
        }
        i += (size_t)follow + 1;
    }
    return true;
}

size_t campus_string_length(const char *string, size_t limit)
{
    size_t length = 0;
    while (length <= limit && string[length] != 0) {
        length++;
    }
    return length;
}
