/* Little-endian fields of storage records, CRC-32, and UTF-8. */
#ifndef CAMPUS_BYTES_H
#define CAMPUS_BYTES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Writes or reads `width` bytes, least significant first. */
void campus_le_put(uint8_t *to, uint64_t value, size_t width);
uint64_t campus_le_get(const uint8_t *from, size_t width);

/* CRC-32 (ISO 3309) of `data`; the second continues the CRC of what went before, 0 of nothing. */
uint32_t campus_crc32(const uint8_t *data, size_t length);
uint32_t campus_crc32_add(uint32_t crc, const uint8_t *data, size_t length);

/* True if `data` is UTF-8 (RFC 3629): no surrogates, no overlong forms, nothing over U+10FFFF. */
bool campus_utf8_valid(const uint8_t *data, size_t length);

/* Length of a zero-terminated string, or limit + 1 if it is longer than `limit`. */
size_t campus_string_length(const char *string, size_t limit);

#endif
