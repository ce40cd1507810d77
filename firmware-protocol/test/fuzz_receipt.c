/* libFuzzer target: whatever arrives on `down`.  The first byte decides whether the rest is a whole
 * message, or a payload that is given a right tag so that the decoder behind it is reached. */
#include <stdlib.h>
#include <string.h>

#include "../src/cbor.h"
#include "../src/message.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void open_exactly(const campus_identity *id, const uint8_t *bytes, size_t length)
{
    campus_receipt r;
    uint8_t *copy = malloc(length > 0 ? length : 1); /* its end is watched */
    if (copy == NULL) {
        return;
    }
    memcpy(copy, bytes, length);
    if (campus_receipt_open(id, copy, length, &r) == CAMPUS_OK) {
        uint32_t i;
        if (r.missing_count > CAMPUS_MISSING_MAX || r.now > CAMPUS_TIME_MAX || r.echo > CAMPUS_TIME_MAX) {
            abort();
        }
        for (i = 0; i < r.missing_count; i++) {
            if (r.missing[i].from <= r.through || r.missing[i].from > r.missing[i].to) {
                abort();
            }
        }
    }
    free(copy);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const uint8_t key[CAMPUS_KEY_SIZE] = {1};
    static const uint8_t begin[] = {0x84, 0x43, 0xa1, 0x01, 0x05, 0xa0};
    campus_identity id = {"main", "term-0001", {NULL, NULL}, {NULL, 0}};
    id.mac = campus_mac_software(key);
    if (size == 0 || size > 4096) {
        return 0;
    }
    if (data[0] & 1) {
        open_exactly(&id, data + 1, size - 1);
    } else {
        uint8_t message[4200], tag[CAMPUS_TAG_SIZE];
        campus_writer w = {NULL, sizeof message, 0};
        w.buffer = message;
        campus_put_raw(&w, begin, sizeof begin);
        campus_put_bytes(&w, CBOR_BYTES, data + 1, size - 1);
        if (campus_tag_compute(&id, CAMPUS_TOPIC_DOWN, data + 1, size - 1, tag) == CAMPUS_OK) {
            campus_put_bytes(&w, CBOR_BYTES, tag, sizeof tag);
            open_exactly(&id, message, w.length);
        }
    }
    return 0;
}
