/* The MAC_structure of COSE_Mac0 (RFC 9052 section 6.3), with the topic as external_aad. */
#include "bytes.h"
#include "cbor.h"
#include "message.h"

campus_error campus_tag_compute(const campus_identity *identity, campus_topic topic, const uint8_t *payload,
                                size_t length, uint8_t *tag)
{
    /* [ "MAC0", h'a10105', external_aad, payload ] */
    static const uint8_t context[] = {0x84, 0x64, 'M', 'A', 'C', '0', 0x43, 0xa1, 0x01, 0x05};
    char name[CAMPUS_TOPIC_SIZE];
    uint8_t heads[18];
    campus_writer w;
    campus_bytes parts[5];
    campus_error error = campus_topic_write(identity, topic, name, sizeof name);
    if (error != CAMPUS_OK) {
        return error;
    }
    parts[0].data = context;
    parts[0].length = sizeof context;
    parts[2].data = (const uint8_t *)name;
    parts[2].length = campus_string_length(name, sizeof name);
    parts[4].data = payload;
    parts[4].length = length;
    w.buffer = heads;
    w.capacity = sizeof heads;
    w.length = 0;
    campus_put_head(&w, CBOR_BYTES, parts[2].length);
    parts[1].data = heads;
    parts[1].length = w.length;
    campus_put_head(&w, CBOR_BYTES, length);
    parts[3].data = heads + parts[1].length;
    parts[3].length = w.length - parts[1].length;
    return identity->mac.compute(identity->mac.context, parts, 5, tag) ? CAMPUS_OK : CAMPUS_ERROR_MAC;
}
