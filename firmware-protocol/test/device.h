/* A device for tests: an outbox over simulated flash, and a gateway's answers. */
#ifndef CAMPUS_TEST_DEVICE_H
#define CAMPUS_TEST_DEVICE_H

#include "flash.h"
#include "frame_reader.h"

#define DEVICE_SLOTS 64

typedef struct device {
    campus_identity identity;
    campus_outbox outbox;
    campus_slot slots[DEVICE_SLOTS];
    campus_storage storage;
    uint32_t slot_count;
    uint64_t now; /* uptime */
    uint8_t message[CAMPUS_MESSAGE_MAX];
    size_t length;
    read_frame frame; /* the last one composed; points into `message` */
} device;

void device_begin(device *d, campus_storage storage, uint32_t slot_count);
/* Boots: uptime begins again. */
campus_error device_boot(device *d, uint32_t epoch);
/* Appends a frame of `count` check-ins whose content follows from `number`. */
campus_error device_append(device *d, uint32_t number, uint32_t count, uint32_t *seq);
/* The encoded readings of such a frame. */
size_t device_readings(uint32_t number, uint32_t count, uint8_t *to, size_t capacity, const campus_clock *clock,
                       campus_readings *readings);
/* Composes what is due and reads it; NOT_DUE if nothing is. */
campus_error device_send(device *d);
/* A receipt as decoded. */
campus_error device_receive(device *d, uint32_t epoch, uint32_t through, uint64_t now, uint64_t echo,
                            campus_receipt_result *result);
campus_error device_ask(device *d, uint32_t epoch, uint32_t through, uint32_t from, uint32_t to,
                        campus_receipt_result *result);

#endif
