#include "load.h"
#include <campus_device.h>
#include <stdio.h>
#include <string.h>

/* Spreads a number over 64 bits (the finaliser of MurmurHash3). */
static uint64_t mix(uint64_t x) {
    x = (x ^ x >> 33) * 0xff51afd7ed558ccdu;
    x = (x ^ x >> 33) * 0xc4ceb9fe1a85ec53u;
    return x ^ x >> 33;
}

void load_device_name(uint32_t device, char *name) { snprintf(name, LOAD_NAME_SIZE, "bench-%06u", device); }

void load_device_key(uint32_t device, uint8_t *key) {
    for (int part = 0; part < 4; part++) {
        uint64_t bits = mix((uint64_t)device * 4 + part + 1);
        memcpy(key + part * 8, &bits, 8);
    }
}

static campus_identity identity(uint32_t device, const uint8_t *key, char *name) {
    load_device_name(device, name);
    return (campus_identity){LOAD_SITE, name, campus_mac_software(key), {NULL, 0}};
}

size_t load_topic(uint32_t device, char *topic) {
    char name[LOAD_NAME_SIZE];
    campus_identity who = identity(device, NULL, name);
    campus_topic_write(&who, CAMPUS_TOPIC_UP, topic, CAMPUS_TOPIC_SIZE);
    return strlen(topic);
}

size_t load_message(uint32_t device, const uint8_t *key, uint32_t seq, uint64_t sent_ms, uint32_t readings,
                    uint8_t *message) {
    char name[LOAD_NAME_SIZE];
    uint8_t encoded[LOAD_MESSAGE_SIZE];
    campus_identity who = identity(device, key, name);
    campus_clock clock = {CAMPUS_CLOCK_NETWORK, 0};
    campus_readings set;
    campus_readings_begin(&set, encoded, sizeof encoded, &clock);
    for (uint32_t n = 0; n < readings; n++) {
        /* One of 65,536 cards: a large university. */
        uint64_t card = mix(mix((uint64_t)device << 40 | (uint64_t)seq << 8 | n) & 0xffff);
        campus_error error =
            campus_add_checkin(&set, sent_ms - n * 250, (const uint8_t *)&card, 7, CAMPUS_METHOD_CARD);
        if (error != CAMPUS_OK) load_fail("a reading", campus_error_text(error));
    }
    campus_frame frame = {1, seq, sent_ms, CAMPUS_CLOCK_NETWORK, &set, false, 0, 0};
    size_t length = 0;
    campus_error error = campus_message_encode(&who, &frame, message, LOAD_MESSAGE_SIZE, &length);
    if (error != CAMPUS_OK) load_fail("a frame", campus_error_text(error));
    return length;
}
