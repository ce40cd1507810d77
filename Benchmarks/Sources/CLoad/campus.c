#include "load.h"
#include <campus_device.h>
#include <string.h>

/* Spreads a number over 64 bits (the finaliser of MurmurHash3). */
static uint64_t mix(uint64_t x) {
    x = (x ^ x >> 33) * 0xff51afd7ed558ccdu;
    x = (x ^ x >> 33) * 0xc4ceb9fe1a85ec53u;
    return x ^ x >> 33;
}

load_role load_role_of(uint32_t device) {
    return device % 4 < 2 ? LOAD_TERMINAL : device % 4 == 2 ? LOAD_READER : LOAD_KIOSK;
}

uint32_t load_place_of(const load_campus *campus, uint32_t device) {
    switch (load_role_of(device)) {
    case LOAD_TERMINAL: return (device / 4 * 2 + device % 4) % campus->rooms;
    case LOAD_READER: return device / 4 % campus->gates;
    default: return device / 4 % campus->counters;
    }
}

uint32_t load_member(const load_campus *campus, uint32_t room, uint32_t member) {
    return (uint32_t)(((uint64_t)room * campus->students + member) % campus->people);
}

bool load_is_busy(uint32_t counter) { return counter % 2 == 1; }

void load_card(uint32_t person, uint8_t *card) {
    uint64_t bits = mix((uint64_t)person + 1);
    memcpy(card, &bits, LOAD_CARD_SIZE);
}

static void check(campus_error error) {
    if (error != CAMPUS_OK) load_fail("a reading", campus_error_text(error));
}

static void add(const load_campus *campus, uint32_t device, const load_frame *frame, uint32_t n,
                campus_readings *set) {
    uint64_t chance = mix((uint64_t)device << 40 | (uint64_t)frame->seq << 8 | n), at = frame->at_ms - n * 250;
    uint32_t place = load_place_of(campus, device);
    uint8_t card[LOAD_CARD_SIZE];
    switch (load_role_of(device)) {
    case LOAD_TERMINAL:
        load_card(load_member(campus, place, (uint32_t)(chance % campus->students)), card);
        check(campus_add_checkin(set, at, card, sizeof card, CAMPUS_METHOD_CARD));
        return;
    case LOAD_READER:
        load_card((uint32_t)(chance % campus->people), card);
        check(campus_add_passage(set, at, card, sizeof card,
                                 chance >> 32 & 1 ? CAMPUS_DIRECTION_IN : CAMPUS_DIRECTION_OUT, true));
        return;
    case LOAD_KIOSK:
        if (frame->low || load_is_busy(place) || chance % 10 == 0) {
            int32_t score = frame->low ? 1 : 4 + (int32_t)(chance >> 32 & 1);
            check(campus_add_response(set, at, 1, score, (const uint8_t *)&chance));
        } else {
            campus_status status = {.present = CAMPUS_STATUS_BATTERY, .battery_mv = 3600 + (uint32_t)(chance % 100)};
            check(campus_add_status(set, at, &status));
        }
    }
}

size_t load_campus_message(const load_campus *campus, uint32_t device, const uint8_t *key, const load_frame *frame,
                           uint8_t *message) {
    char name[LOAD_NAME_SIZE];
    uint8_t encoded[LOAD_MESSAGE_SIZE];
    load_device_name(device, name);
    campus_identity who = {LOAD_SITE, name, campus_mac_software(key), {NULL, 0}};
    campus_clock clock = {CAMPUS_CLOCK_NETWORK, 0};
    campus_readings set;
    campus_readings_begin(&set, encoded, sizeof encoded, &clock);
    for (uint32_t n = 0; n < frame->readings; n++) add(campus, device, frame, n, &set);
    campus_frame whole = {1, frame->seq, frame->sent_ms, CAMPUS_CLOCK_NETWORK, &set, false, 0, 0};
    size_t length = 0;
    campus_error error = campus_message_encode(&who, &whole, message, LOAD_MESSAGE_SIZE, &length);
    if (error != CAMPUS_OK) load_fail("a frame", campus_error_text(error));
    return length;
}
