#include "frame_reader.h"

#include "../src/cbor.h"
#include "../src/message.h"

static bool get_u32(campus_reader *r, uint32_t *value)
{
    uint64_t wide;
    if (!campus_get_uint(r, UINT32_MAX, &wide)) {
        return false;
    }
    *value = (uint32_t)wide;
    return true;
}

static bool read_payload(campus_reader *r, read_frame *f)
{
    uint64_t elements, version, two, i;
    uint32_t count;
    if (!campus_get_count(r, CBOR_ARRAY, &elements) || elements < 6 || !campus_get_uint(r, 1, &version) || version != 1
        || !get_u32(r, &f->epoch) || !get_u32(r, &f->seq) || f->seq == 0 || !campus_get_uint(r, CAMPUS_TIME_MAX, &f->sent)
        || !get_u32(r, &f->clock) || f->clock > 3) {
        return false;
    }
    if (!campus_get_count(r, CBOR_ARRAY, &two) || two == 0 || two > 64) {
        return false;
    }
    count = (uint32_t)two;
    f->count = count;
    f->readings = r->at;
    for (i = 0; i < count; i++) {
        if (!campus_get_skip(r, 2)) {
            return false;
        }
    }
    f->readings_length = (size_t)(r->at - f->readings);
    f->has_oldest = elements > 6;
    f->oldest_epoch = f->oldest_seq = 0;
    if (f->has_oldest
        && (!campus_get_count(r, CBOR_ARRAY, &two) || two != 2 || !get_u32(r, &f->oldest_epoch)
            || !get_u32(r, &f->oldest_seq))) {
        return false;
    }
    return r->at == r->end;
}

bool frame_read(const campus_identity *identity, const uint8_t *message, size_t length, read_frame *frame)
{
    campus_reader r;
    uint64_t value;
    const uint8_t *bytes, *payload;
    size_t payload_length, bytes_length;
    uint8_t tag[CAMPUS_TAG_SIZE];
    r.at = message;
    r.end = message + length;
    if (!campus_get_count(&r, CBOR_ARRAY, &value) || value != 4 || !campus_get_bytes(&r, &bytes, &bytes_length)
        || !campus_get_skip(&r, 1) || !campus_get_bytes(&r, &payload, &payload_length)
        || !campus_get_bytes(&r, &bytes, &bytes_length) || bytes_length != sizeof tag || r.at != r.end) {
        return false;
    }
    if (campus_tag_compute(identity, CAMPUS_TOPIC_UP, payload, payload_length, tag) != CAMPUS_OK
        || !campus_equal_constant_time(tag, bytes, sizeof tag)) {
        return false;
    }
    r.at = payload;
    r.end = payload + payload_length;
    return read_payload(&r, frame);
}
