/* A frame inside its COSE_Mac0, laid out around readings that are filled in from wherever they lie. */
#ifndef CAMPUS_MESSAGE_H
#define CAMPUS_MESSAGE_H

#include "campus_device.h"

/* A frame but for the bytes of its readings. */
typedef struct campus_head {
    uint32_t epoch;
    uint32_t seq;
    uint64_t sent;
    uint32_t clock;
    uint32_t count;         /* readings */
    size_t readings_length; /* bytes */
    bool has_oldest;
    uint32_t oldest_epoch;
    uint32_t oldest_seq;
} campus_head;

/* Where the parts of a message lie. */
typedef struct campus_layout {
    size_t payload_at;
    size_t payload_length;
    size_t readings_at;
    size_t length; /* of the message */
} campus_layout;

/* Writes everything but the readings and the tag.  With BUFFER layout->length is what is needed. */
campus_error campus_message_lay_out(const campus_identity *identity, const campus_head *head, uint8_t *buffer,
                                    size_t capacity, campus_layout *layout);

/* Writes the tag of a message whose readings are in place. */
campus_error campus_message_seal(const campus_identity *identity, uint8_t *buffer, const campus_layout *layout);

/* Computes the tag of `payload` on `topic` (RFC 9052 section 6.3). */
campus_error campus_tag_compute(const campus_identity *identity, campus_topic topic, const uint8_t *payload,
                                size_t length, uint8_t *tag);

#endif
