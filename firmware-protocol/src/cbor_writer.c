#include "cbor.h"

void campus_put_raw(campus_writer *w, const uint8_t *data, size_t length)
{
    size_t i;
    for (i = 0; i < length; i++) {
        if (w->length < w->capacity) {
            w->buffer[w->length] = data[i];
        }
        w->length++;
    }
}

void campus_put_head(campus_writer *w, unsigned major, uint64_t value)
{
    uint8_t head[9];
    unsigned width = 0;
    unsigned i;
    if (value < 24) {
        head[0] = (uint8_t)(major << 5 | (unsigned)value);
    } else {
        unsigned code = value <= 0xff ? 0 : value <= 0xffff ? 1 : value <= 0xffffffffu ? 2 : 3;
        width = 1u << code;
        head[0] = (uint8_t)(major << 5 | (24 + code));
        for (i = 0; i < width; i++) {
            head[width - i] = (uint8_t)(value >> (8 * i));
        }
    }
    campus_put_raw(w, head, 1 + width);
}

void campus_put_int(campus_writer *w, int64_t value)
{
    if (value < 0) {
        campus_put_head(w, CBOR_NINT, (uint64_t)(-1 - value));
    } else {
        campus_put_head(w, CBOR_UINT, (uint64_t)value);
    }
}

void campus_put_bytes(campus_writer *w, unsigned major, const uint8_t *data, size_t length)
{
    campus_put_head(w, major, length);
    campus_put_raw(w, data, length);
}

void campus_put_bool(campus_writer *w, bool value)
{
    const uint8_t byte = value ? 0xf5 : 0xf4;
    campus_put_raw(w, &byte, 1);
}
