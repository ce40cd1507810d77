/* Reads messages of topic `up`, for tests: the library itself has no use for that. */
#ifndef CAMPUS_FRAME_READER_H
#define CAMPUS_FRAME_READER_H

#include "campus_device.h"

typedef struct read_frame {
    uint32_t epoch;
    uint32_t seq;
    uint64_t sent;
    uint32_t clock;
    uint32_t count;
    const uint8_t *readings; /* behind the array's head */
    size_t readings_length;
    bool has_oldest;
    uint32_t oldest_epoch;
    uint32_t oldest_seq;
} read_frame;

/* False unless `message` is an authentic, well-formed frame. */
bool frame_read(const campus_identity *identity, const uint8_t *message, size_t length, read_frame *frame);

#endif
