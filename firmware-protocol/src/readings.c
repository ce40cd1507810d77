/* Takes readings, gives their CBOR one after another, refuses values out of the wire's ranges. */
#include "bytes.h"
#include "campus_device.h"
#include "cbor.h"

enum { KIND_CHECKIN = 1, KIND_PASSAGE, KIND_RESPONSE, KIND_STATUS, KIND_INCIDENT };

void campus_readings_begin(campus_readings *readings, uint8_t *buffer, size_t capacity, const campus_clock *clock)
{
    readings->buffer = buffer;
    readings->capacity = buffer == NULL ? SIZE_MAX : capacity;
    readings->length = 0;
    readings->needed = 0;
    readings->latest = 0;
    readings->clock.kind = clock == NULL ? CAMPUS_CLOCK_UPTIME : clock->kind;
    readings->clock.offset_ms = clock == NULL ? 0 : clock->offset_ms;
    readings->count = 0;
}

/* Begins [kind, at, ...] behind the readings so far. */
static campus_error begin(const campus_readings *readings, campus_writer *w, unsigned elements, unsigned kind,
                          uint64_t at)
{
    if (at > CAMPUS_TIME_MAX) {
        return CAMPUS_ERROR_TIME;
    }
    if (readings->count >= CAMPUS_READINGS_MAX) {
        return CAMPUS_ERROR_FULL;
    }
    w->buffer = readings->buffer;
    w->capacity = readings->buffer == NULL ? 0 : readings->capacity;
    w->length = readings->length;
    campus_put_head(w, CBOR_ARRAY, elements);
    campus_put_head(w, CBOR_UINT, kind);
    campus_put_head(w, CBOR_UINT, at);
    return CAMPUS_OK;
}

static campus_error end(campus_readings *readings, const campus_writer *w, uint64_t at)
{
    if (w->length > readings->capacity) {
        readings->needed = w->length;
        return CAMPUS_ERROR_BUFFER;
    }
    readings->length = w->length;
    readings->count++;
    if (at > readings->latest) {
        readings->latest = at;
    }
    return CAMPUS_OK;
}

static bool card_valid(const uint8_t *card, size_t length)
{
    return card != NULL && length >= CAMPUS_CARD_MIN && length <= CAMPUS_CARD_MAX;
}

campus_error campus_add_checkin(campus_readings *readings, uint64_t at, const uint8_t *card, size_t card_length,
                                campus_method method)
{
    campus_writer w;
    campus_error error;
    bool has_method = method != CAMPUS_METHOD_ABSENT;
    if (!card_valid(card, card_length) || (has_method && (unsigned)method > CAMPUS_METHOD_PIN)) {
        return CAMPUS_ERROR_RANGE;
    }
    error = begin(readings, &w, has_method ? 4 : 3, KIND_CHECKIN, at);
    if (error != CAMPUS_OK) {
        return error;
    }
    campus_put_bytes(&w, CBOR_BYTES, card, card_length);
    if (has_method) {
        campus_put_head(&w, CBOR_UINT, (unsigned)method);
    }
    return end(readings, &w, at);
}

campus_error campus_add_passage(campus_readings *readings, uint64_t at, const uint8_t *card, size_t card_length,
                                campus_direction direction, bool granted)
{
    campus_writer w;
    campus_error error;
    if (!card_valid(card, card_length) || (unsigned)direction > CAMPUS_DIRECTION_UNKNOWN) {
        return CAMPUS_ERROR_RANGE;
    }
    error = begin(readings, &w, 5, KIND_PASSAGE, at);
    if (error != CAMPUS_OK) {
        return error;
    }
    campus_put_bytes(&w, CBOR_BYTES, card, card_length);
    campus_put_head(&w, CBOR_UINT, (unsigned)direction);
    campus_put_bool(&w, granted);
    return end(readings, &w, at);
}

campus_error campus_add_response(campus_readings *readings, uint64_t at, uint32_t item, int32_t score,
                                 const uint8_t *ballot)
{
    campus_writer w;
    campus_error error = begin(readings, &w, ballot == NULL ? 4 : 5, KIND_RESPONSE, at);
    if (error != CAMPUS_OK) {
        return error;
    }
    campus_put_head(&w, CBOR_UINT, item);
    campus_put_int(&w, score);
    if (ballot != NULL) {
        campus_put_bytes(&w, CBOR_BYTES, ballot, CAMPUS_BALLOT_SIZE);
    }
    return end(readings, &w, at);
}

/* Key and value of an integer field, if it is there. */
static void put_field(campus_writer *w, const campus_status *status, campus_status_field field, unsigned key,
                      int64_t value)
{
    if (status->present & (uint32_t)field) {
        campus_put_head(w, CBOR_UINT, key);
        campus_put_int(w, value);
    }
}

campus_error campus_add_status(campus_readings *readings, uint64_t at, const campus_status *status)
{
    campus_writer w;
    campus_error error;
    size_t firmware_length = 0;
    unsigned fields = 0, bit;
    if (status->present & ~(uint32_t)0x3f) {
        return CAMPUS_ERROR_RANGE;
    }
    if (status->present & CAMPUS_STATUS_FIRMWARE) {
        if (status->firmware == NULL) {
            return CAMPUS_ERROR_RANGE;
        }
        firmware_length = campus_string_length(status->firmware, CAMPUS_FIRMWARE_MAX);
        if (firmware_length > CAMPUS_FIRMWARE_MAX) {
            return CAMPUS_ERROR_RANGE;
        }
        if (!campus_utf8_valid((const uint8_t *)status->firmware, firmware_length)) {
            return CAMPUS_ERROR_UTF8;
        }
    }
    for (bit = 0; bit < 6; bit++) {
        fields += status->present >> bit & 1u;
    }
    error = begin(readings, &w, 3, KIND_STATUS, at);
    if (error != CAMPUS_OK) {
        return error;
    }
    campus_put_head(&w, CBOR_MAP, fields);
    put_field(&w, status, CAMPUS_STATUS_BATTERY, 1, status->battery_mv);
    put_field(&w, status, CAMPUS_STATUS_SIGNAL, 2, status->signal_dbm);
    put_field(&w, status, CAMPUS_STATUS_BACKLOG, 3, status->backlog);
    put_field(&w, status, CAMPUS_STATUS_TEMPERATURE, 4, status->temperature_dc);
    if (status->present & CAMPUS_STATUS_FIRMWARE) {
        campus_put_head(&w, CBOR_UINT, 5);
        campus_put_bytes(&w, CBOR_TEXT, (const uint8_t *)status->firmware, firmware_length);
    }
    put_field(&w, status, CAMPUS_STATUS_DROPPED, 6, status->dropped);
    return end(readings, &w, at);
}

campus_error campus_add_incident(campus_readings *readings, uint64_t at, uint16_t category, const char *text)
{
    campus_writer w;
    campus_error error;
    size_t length = text == NULL ? 0 : campus_string_length(text, CAMPUS_TEXT_MAX);
    if (length > CAMPUS_TEXT_MAX) {
        return CAMPUS_ERROR_RANGE;
    }
    if (!campus_utf8_valid((const uint8_t *)text, length)) {
        return CAMPUS_ERROR_UTF8;
    }
    error = begin(readings, &w, text == NULL ? 3 : 4, KIND_INCIDENT, at);
    if (error != CAMPUS_OK) {
        return error;
    }
    campus_put_head(&w, CBOR_UINT, category);
    if (text != NULL) {
        campus_put_bytes(&w, CBOR_TEXT, (const uint8_t *)text, length);
    }
    return end(readings, &w, at);
}
