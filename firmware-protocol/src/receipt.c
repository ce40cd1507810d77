/* Takes a payload of topic `down`, gives the receipt, refuses what is forged or malformed. */
#include "cbor.h"
#include "message.h"

/* The parts of [protected, unprotected, payload, tag] (RFC 9052 section 6.2). */
typedef struct mac0 {
    const uint8_t *payload;
    size_t payload_length;
    const uint8_t *tag;
} mac0;

static bool open_mac0(campus_reader *r, mac0 *message)
{
    static const uint8_t algorithm[] = {0xa1, 0x01, 0x05};
    campus_reader ahead = *r;
    const uint8_t *protected_header;
    size_t length;
    unsigned major;
    uint64_t value;
    if (!campus_get_head(&ahead, &major, &value)) {
        return false;
    }
    if (major == CBOR_TAG) {
        if (value != 17) {
            return false;
        }
        *r = ahead;
    }
    if (!campus_get_count(r, CBOR_ARRAY, &value) || value != 4) {
        return false;
    }
    if (!campus_get_bytes(r, &protected_header, &length) || length != sizeof algorithm
        || !campus_equal_constant_time(protected_header, algorithm, sizeof algorithm)) {
        return false;
    }
    ahead = *r;
    if (!campus_get_count(&ahead, CBOR_MAP, &value) || !campus_get_skip(r, 1)) {
        return false;
    }
    return campus_get_bytes(r, &message->payload, &message->payload_length)
           && campus_get_bytes(r, &message->tag, &length) && length == CAMPUS_TAG_SIZE && r->at == r->end;
}

static bool get_missing(campus_reader *r, campus_receipt *receipt)
{
    uint64_t count, i;
    if (!campus_get_count(r, CBOR_ARRAY, &count) || count > CAMPUS_MISSING_MAX) {
        return false;
    }
    for (i = 0; i < count; i++) {
        campus_range *range = &receipt->missing[receipt->missing_count];
        uint64_t two, from, to;
        if (!campus_get_count(r, CBOR_ARRAY, &two) || two != 2 || !campus_get_uint(r, UINT64_MAX, &from)
            || !campus_get_uint(r, UINT64_MAX, &to)) {
            return false;
        }
        /* A range at or below `through` contradicts it: obeying `through` could lose the frame. */
        if (from > to || from <= receipt->through) {
            return false;
        }
        /* No seq is that high: what lies above 32 bits was never sent. */
        if (from <= UINT32_MAX) {
            range->from = (uint32_t)from;
            range->to = to < UINT32_MAX ? (uint32_t)to : UINT32_MAX;
            receipt->missing_count++;
        }
    }
    return true;
}

/* All behind version and type. */
static bool get_body(campus_reader *r, uint64_t elements, campus_receipt *receipt)
{
    uint64_t value;
    if (elements < 7 || !campus_get_uint(r, UINT32_MAX, &value)) {
        return false;
    }
    receipt->epoch = (uint32_t)value;
    if (!campus_get_uint(r, UINT32_MAX, &value)) {
        return false;
    }
    receipt->through = (uint32_t)value;
    if (!get_missing(r, receipt) || !campus_get_uint(r, CAMPUS_TIME_MAX, &receipt->now)
        || !campus_get_uint(r, CAMPUS_TIME_MAX, &receipt->echo)) {
        return false;
    }
    for (; elements > 7; elements--) {
        if (!campus_get_skip(r, 1)) {
            return false;
        }
    }
    return r->at == r->end;
}

static campus_error decode(campus_reader *r, campus_receipt *receipt)
{
    campus_receipt found = {0, 0, 0, {{0, 0}}, 0, 0};
    uint64_t elements, version, type;
    if (!campus_get_count(r, CBOR_ARRAY, &elements) || elements < 2 || !campus_get_uint(r, UINT64_MAX, &version)) {
        return CAMPUS_ERROR_MALFORMED;
    }
    if (version != 1) {
        return CAMPUS_ERROR_UNKNOWN;
    }
    if (!campus_get_uint(r, UINT64_MAX, &type)) {
        return CAMPUS_ERROR_MALFORMED;
    }
    if (type != 1) {
        return CAMPUS_ERROR_UNKNOWN;
    }
    if (!get_body(r, elements, &found)) {
        return CAMPUS_ERROR_MALFORMED;
    }
    *receipt = found;
    return CAMPUS_OK;
}

campus_error campus_receipt_open(const campus_identity *identity, const uint8_t *message, size_t length,
                                 campus_receipt *receipt)
{
    campus_reader r;
    mac0 parts;
    uint8_t tag[CAMPUS_TAG_SIZE];
    campus_error error;
    if (message == NULL || length == 0 || length > CAMPUS_MESSAGE_MAX) {
        return CAMPUS_ERROR_MALFORMED;
    }
    r.at = message;
    r.end = message + length;
    if (!open_mac0(&r, &parts)) {
        return CAMPUS_ERROR_MALFORMED;
    }
    error = campus_tag_compute(identity, CAMPUS_TOPIC_DOWN, parts.payload, parts.payload_length, tag);
    if (error != CAMPUS_OK) {
        return error;
    }
    if (!campus_equal_constant_time(tag, parts.tag, sizeof tag)) {
        return CAMPUS_ERROR_MAC;
    }
    r.at = parts.payload;
    r.end = parts.payload + parts.payload_length;
    return decode(&r, receipt);
}
