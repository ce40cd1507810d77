#include "cbor.h"
#include "bytes.h"

bool campus_get_head(campus_reader *r, unsigned *major, uint64_t *value)
{
    unsigned info;
    if (r->at == r->end) {
        return false;
    }
    *major = *r->at >> 5;
    info = *r->at & 31u;
    r->at++;
    if (info < 24) {
        *value = info;
        return true;
    }
    if (info > 27) {
        return false; /* reserved, or an indefinite length */
    }
    {
        size_t width = (size_t)1 << (info - 24);
        size_t i;
        if ((size_t)(r->end - r->at) < width) {
            return false;
        }
        *value = 0;
        for (i = 0; i < width; i++) {
            *value = *value << 8 | r->at[i];
        }
        r->at += width;
    }
    /* Simple values 24 to 31 and 0 to 31 in two bytes do not exist (RFC 8949 section 3.3). */
    return !(*major == CBOR_OTHER && info == 24 && *value < 32);
}

bool campus_get_uint(campus_reader *r, uint64_t max, uint64_t *value)
{
    unsigned major;
    return campus_get_head(r, &major, value) && major == CBOR_UINT && *value <= max;
}

bool campus_get_count(campus_reader *r, unsigned major, uint64_t *count)
{
    unsigned found;
    /* An item takes at least a byte: a greater count is a lie, and would make a loop long. */
    return campus_get_head(r, &found, count) && found == major && *count <= (uint64_t)(r->end - r->at);
}

bool campus_get_bytes(campus_reader *r, const uint8_t **data, size_t *length)
{
    uint64_t count;
    if (!campus_get_count(r, CBOR_BYTES, &count)) {
        return false;
    }
    *data = r->at;
    *length = (size_t)count;
    r->at += *length;
    return true;
}

/* Reads one head and its string; *nests if items may lie inside, *inside of them. */
static bool skip_one(campus_reader *r, bool *nests, uint64_t *inside)
{
    unsigned major;
    uint64_t value;
    *nests = false;
    *inside = 0;
    if (!campus_get_head(r, &major, &value)) {
        return false;
    }
    switch (major) {
    case CBOR_BYTES:
    case CBOR_TEXT:
        if (value > (uint64_t)(r->end - r->at)) {
            return false;
        }
        if (major == CBOR_TEXT && !campus_utf8_valid(r->at, (size_t)value)) {
            return false;
        }
        r->at += (size_t)value;
        return true;
    case CBOR_ARRAY:
    case CBOR_MAP:
        if (value > (uint64_t)(r->end - r->at)) {
            return false;
        }
        *nests = true;
        *inside = major == CBOR_MAP ? value * 2 : value;
        return true;
    case CBOR_TAG:
        *nests = true;
        *inside = 1;
        return true;
    default:
        return true;
    }
}

bool campus_get_skip(campus_reader *r, unsigned depth)
{
    uint64_t left[CBOR_DEPTH_MAX + 1]; /* items still to pass at each level */
    unsigned level = 0;
    left[0] = 1;
    for (;;) {
        uint64_t inside;
        bool nests;
        while (left[level] == 0) {
            if (level == 0) {
                return true;
            }
            level--;
        }
        left[level]--;
        if (!skip_one(r, &nests, &inside)) {
            return false;
        }
        if (nests) {
            if (depth + level >= CBOR_DEPTH_MAX) {
                return false;
            }
            left[++level] = inside;
        }
    }
}
