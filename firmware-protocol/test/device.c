#include "device.h"

#include "harness.h"

void device_begin(device *d, campus_storage storage, uint32_t slot_count)
{
    memset(d, 0, sizeof *d);
    d->identity = test_identity();
    d->storage = storage;
    d->slot_count = slot_count;
}

campus_error device_boot(device *d, uint32_t epoch)
{
    campus_outbox_config config;
    memset(&config, 0, sizeof config);
    config.storage = d->storage;
    config.slots = d->slots;
    config.slot_count = d->slot_count;
    config.epoch = epoch;
    d->now = 1000;
    return campus_outbox_open(&d->outbox, &config);
}

size_t device_readings(uint32_t number, uint32_t count, uint8_t *to, size_t capacity, const campus_clock *clock,
                       campus_readings *readings)
{
    uint32_t i;
    campus_readings_begin(readings, to, capacity, clock);
    for (i = 0; i < count; i++) {
        uint8_t card[8] = {0xff, 0, 0, 0, 0, 0, 0, 0xff};
        card[1] = (uint8_t)number;
        card[2] = (uint8_t)(number >> 8);
        card[3] = (uint8_t)i;
        CHECK(campus_add_checkin(readings, number, card, sizeof card, CAMPUS_METHOD_CARD) == CAMPUS_OK);
    }
    return readings->length;
}

campus_error device_append(device *d, uint32_t number, uint32_t count, uint32_t *seq)
{
    uint8_t buffer[CAMPUS_READINGS_MAX * 24];
    campus_clock clock = campus_outbox_clock(&d->outbox);
    campus_readings readings;
    device_readings(number, count, buffer, sizeof buffer, &clock, &readings);
    return campus_outbox_append(&d->outbox, &readings, d->now, seq);
}

campus_error device_send(device *d)
{
    campus_next next = campus_outbox_next(&d->outbox, d->now);
    campus_error error;
    if (!next.due) {
        return CAMPUS_ERROR_NOT_DUE;
    }
    error = campus_outbox_compose(&d->outbox, &next, &d->identity, d->now, d->message, sizeof d->message, &d->length);
    if (error == CAMPUS_OK) {
        CHECK(frame_read(&d->identity, d->message, d->length, &d->frame));
    }
    return error;
}

campus_error device_receive(device *d, uint32_t epoch, uint32_t through, uint64_t now, uint64_t echo,
                            campus_receipt_result *result)
{
    campus_receipt receipt = {0, 0, 0, {{0, 0}}, 0, 0};
    receipt.epoch = epoch;
    receipt.through = through;
    receipt.now = now;
    receipt.echo = echo;
    return campus_outbox_obey(&d->outbox, &receipt, d->now, result);
}

campus_error device_ask(device *d, uint32_t epoch, uint32_t through, uint32_t from, uint32_t to,
                        campus_receipt_result *result)
{
    campus_receipt receipt = {0, 0, 1, {{0, 0}}, 0, 0};
    receipt.epoch = epoch;
    receipt.through = through;
    receipt.missing[0].from = from;
    receipt.missing[0].to = to;
    return campus_outbox_obey(&d->outbox, &receipt, d->now, result);
}
