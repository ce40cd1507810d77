#include "message.h"

#include "cbor.h"

enum { LABEL_KID = 4 };

static void put_before_readings(campus_writer *w, const campus_head *head)
{
    campus_put_head(w, CBOR_ARRAY, head->has_oldest ? 7 : 6);
    campus_put_head(w, CBOR_UINT, 1); /* version */
    campus_put_head(w, CBOR_UINT, head->epoch);
    campus_put_head(w, CBOR_UINT, head->seq);
    campus_put_head(w, CBOR_UINT, head->sent);
    campus_put_head(w, CBOR_UINT, head->clock);
    campus_put_head(w, CBOR_ARRAY, head->count);
}

static void put_after_readings(campus_writer *w, const campus_head *head)
{
    if (head->has_oldest) {
        campus_put_head(w, CBOR_ARRAY, 2);
        campus_put_head(w, CBOR_UINT, head->oldest_epoch);
        campus_put_head(w, CBOR_UINT, head->oldest_seq);
    }
}

/* Leaves a gap for the readings; *readings_at becomes where. */
static void put_frame(campus_writer *w, const campus_head *head, size_t *readings_at)
{
    put_before_readings(w, head);
    *readings_at = w->length;
    w->length += head->readings_length;
    put_after_readings(w, head);
}

campus_error campus_message_lay_out(const campus_identity *identity, const campus_head *head, uint8_t *buffer,
                                    size_t capacity, campus_layout *layout)
{
    static const uint8_t begin[] = {0x84, 0x43, 0xa1, 0x01, 0x05}; /* [ protected {1: 5}, ... */
    static const uint8_t tag_head[] = {0x58, CAMPUS_TAG_SIZE};
    campus_writer counter = {NULL, 0, 0};
    campus_writer w;
    w.buffer = buffer;
    w.capacity = buffer == NULL ? 0 : capacity;
    w.length = 0;
    if (identity->kid.length > CAMPUS_KID_MAX) {
        return CAMPUS_ERROR_RANGE;
    }
    put_frame(&counter, head, &layout->readings_at);
    layout->payload_length = counter.length;
    campus_put_raw(&w, begin, sizeof begin);
    campus_put_head(&w, CBOR_MAP, identity->kid.length > 0 ? 1 : 0);
    if (identity->kid.length > 0) {
        campus_put_head(&w, CBOR_UINT, LABEL_KID);
        campus_put_bytes(&w, CBOR_BYTES, identity->kid.data, identity->kid.length);
    }
    campus_put_head(&w, CBOR_BYTES, layout->payload_length);
    layout->payload_at = w.length;
    put_frame(&w, head, &layout->readings_at);
    campus_put_raw(&w, tag_head, sizeof tag_head);
    layout->length = w.length + CAMPUS_TAG_SIZE;
    if (layout->length > CAMPUS_MESSAGE_MAX) {
        return CAMPUS_ERROR_SIZE;
    }
    return layout->length > w.capacity ? CAMPUS_ERROR_BUFFER : CAMPUS_OK;
}

campus_error campus_message_seal(const campus_identity *identity, uint8_t *buffer, const campus_layout *layout)
{
    return campus_tag_compute(identity, CAMPUS_TOPIC_UP, buffer + layout->payload_at, layout->payload_length,
                              buffer + layout->length - CAMPUS_TAG_SIZE);
}

/* Checks a frame and gives its head. */
static campus_error head_of(const campus_frame *frame, campus_head *head)
{
    const campus_readings *readings = frame->readings;
    if (readings == NULL || readings->count == 0) {
        return CAMPUS_ERROR_EMPTY;
    }
    if (frame->seq == 0 || (unsigned)frame->clock > CAMPUS_CLOCK_EARLIER_BOOT
        || readings->count > CAMPUS_READINGS_MAX || (frame->has_oldest && frame->oldest_seq == 0)) {
        return CAMPUS_ERROR_RANGE;
    }
    if (frame->sent > CAMPUS_TIME_MAX || (frame->clock == CAMPUS_CLOCK_UPTIME && readings->latest > frame->sent)) {
        return CAMPUS_ERROR_TIME;
    }
    if (readings->length > CAMPUS_MESSAGE_MAX) {
        return CAMPUS_ERROR_SIZE;
    }
    head->epoch = frame->epoch;
    head->seq = frame->seq;
    head->sent = frame->sent;
    head->clock = (uint32_t)frame->clock;
    head->count = readings->count;
    head->readings_length = readings->length;
    head->has_oldest = frame->has_oldest;
    head->oldest_epoch = frame->oldest_epoch;
    head->oldest_seq = frame->oldest_seq;
    return CAMPUS_OK;
}

static void fill_in(uint8_t *to, const campus_readings *readings)
{
    campus_writer w;
    w.buffer = to;
    w.capacity = readings->length;
    w.length = 0;
    campus_put_raw(&w, readings->buffer, readings->length);
}

campus_error campus_frame_encode(const campus_frame *frame, uint8_t *buffer, size_t capacity, size_t *length)
{
    campus_head head;
    campus_writer w;
    size_t readings_at;
    campus_error error = head_of(frame, &head);
    if (error != CAMPUS_OK) {
        return error;
    }
    w.buffer = buffer;
    w.capacity = buffer == NULL ? 0 : capacity;
    w.length = 0;
    put_frame(&w, &head, &readings_at);
    *length = w.length;
    if (w.length > w.capacity || frame->readings->buffer == NULL) {
        return CAMPUS_ERROR_BUFFER;
    }
    fill_in(buffer + readings_at, frame->readings);
    return CAMPUS_OK;
}

campus_error campus_message_encode(const campus_identity *identity, const campus_frame *frame, uint8_t *buffer,
                                   size_t capacity, size_t *length)
{
    campus_head head;
    campus_layout layout;
    campus_error error = campus_identity_check(identity);
    if (error == CAMPUS_OK) {
        error = head_of(frame, &head);
    }
    if (error != CAMPUS_OK) {
        return error;
    }
    error = campus_message_lay_out(identity, &head, buffer, capacity, &layout);
    if (error == CAMPUS_OK || error == CAMPUS_ERROR_BUFFER) {
        *length = layout.length;
    }
    if (error == CAMPUS_OK && frame->readings->buffer == NULL) {
        error = CAMPUS_ERROR_BUFFER;
    }
    if (error != CAMPUS_OK) {
        return error;
    }
    fill_in(buffer + layout.readings_at, frame->readings);
    return campus_message_seal(identity, buffer, &layout);
}
