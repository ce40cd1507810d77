/* CBOR (RFC 8949): a writer that counts past its buffer, and a strict reader that never recurses. */
#ifndef CAMPUS_CBOR_H
#define CAMPUS_CBOR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { CBOR_UINT = 0, CBOR_NINT = 1, CBOR_BYTES = 2, CBOR_TEXT = 3, CBOR_ARRAY = 4, CBOR_MAP = 5, CBOR_TAG = 6, CBOR_OTHER = 7 };

/* Levels of arrays, maps and tags an item may have, the outermost counted. */
#define CBOR_DEPTH_MAX 8

typedef struct campus_writer {
    uint8_t *buffer;
    size_t capacity;
    size_t length; /* bytes the item takes, written or not */
} campus_writer;

/* Head of major type `major` in the shortest form (RFC 8949 section 4.2.1). */
void campus_put_head(campus_writer *w, unsigned major, uint64_t value);
void campus_put_int(campus_writer *w, int64_t value);
void campus_put_bytes(campus_writer *w, unsigned major, const uint8_t *data, size_t length);
void campus_put_bool(campus_writer *w, bool value);
void campus_put_raw(campus_writer *w, const uint8_t *data, size_t length);

typedef struct campus_reader {
    const uint8_t *at;
    const uint8_t *end;
} campus_reader;

/* Each is false on malformed bytes or another type; the reader's place is then of no use. */
bool campus_get_head(campus_reader *r, unsigned *major, uint64_t *value);
bool campus_get_uint(campus_reader *r, uint64_t max, uint64_t *value);
bool campus_get_count(campus_reader *r, unsigned major, uint64_t *count); /* of an array or map */
bool campus_get_bytes(campus_reader *r, const uint8_t **data, size_t *length);
/* Passes one item of any type that lies inside `depth` others. */
bool campus_get_skip(campus_reader *r, unsigned depth);

#endif
