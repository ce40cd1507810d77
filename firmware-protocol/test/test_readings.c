#include "harness.h"

static const uint8_t card[17] = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17};
static uint8_t buffer[CAMPUS_READING_MAX * CAMPUS_READINGS_MAX];

static void expect(const campus_readings *r, const char *hex)
{
    uint8_t bytes[256];
    size_t length = hex_decode(hex, bytes, sizeof bytes);
    CHECK_EQUAL(r->length, length);
    CHECK(length == r->length && memcmp(r->buffer, bytes, length) == 0);
}

static void every_kind_is_encoded(void)
{
    campus_readings r;
    campus_status status = {CAMPUS_STATUS_BATTERY | CAMPUS_STATUS_SIGNAL | CAMPUS_STATUS_FIRMWARE, 3700, -67, 0, 0, "1.4.0", 0};
    campus_readings_begin(&r, buffer, sizeof buffer, NULL);
    CHECK(campus_add_checkin(&r, 1, card, 4, CAMPUS_METHOD_PIN) == CAMPUS_OK);
    expect(&r, "8401014401020304" "04");
    campus_readings_begin(&r, buffer, sizeof buffer, NULL);
    CHECK(campus_add_checkin(&r, 24, card, 4, CAMPUS_METHOD_ABSENT) == CAMPUS_OK);
    expect(&r, "830118184401020304");
    campus_readings_begin(&r, buffer, sizeof buffer, NULL);
    CHECK(campus_add_passage(&r, 256, card, 4, CAMPUS_DIRECTION_UNKNOWN, true) == CAMPUS_OK);
    expect(&r, "8502190100440102030402f5");
    campus_readings_begin(&r, buffer, sizeof buffer, NULL);
    CHECK(campus_add_response(&r, 65536, UINT32_MAX, INT32_MIN, card) == CAMPUS_OK);
    expect(&r, "85031a000100001affffffff3a7fffffff480102030405060708");
    campus_readings_begin(&r, buffer, sizeof buffer, NULL);
    CHECK(campus_add_status(&r, 0, &status) == CAMPUS_OK);
    expect(&r, "830400a301190e740238420565312e342e30");
    campus_readings_begin(&r, buffer, sizeof buffer, NULL);
    CHECK(campus_add_incident(&r, CAMPUS_TIME_MAX, 65535, "\xe6\xb0\xb4") == CAMPUS_OK);
    expect(&r, "84051b0000e677d21fdbff19ffff63e6b0b4");
    CHECK_EQUAL(r.latest, CAMPUS_TIME_MAX);
}

static void values_out_of_range_are_refused(void)
{
    campus_readings r;
    campus_status status = {0, 0, 0, 0, 0, NULL, 0};
    char text[CAMPUS_TEXT_MAX + 2];
    campus_readings_begin(&r, buffer, sizeof buffer, NULL);
    CHECK(campus_add_checkin(&r, 1, card, 3, CAMPUS_METHOD_CARD) == CAMPUS_ERROR_RANGE);
    CHECK(campus_add_checkin(&r, 1, card, 17, CAMPUS_METHOD_CARD) == CAMPUS_ERROR_RANGE);
    CHECK(campus_add_checkin(&r, 1, NULL, 4, CAMPUS_METHOD_CARD) == CAMPUS_ERROR_RANGE);
    CHECK(campus_add_checkin(&r, 1, card, 4, (campus_method)5) == CAMPUS_ERROR_RANGE);
    CHECK(campus_add_checkin(&r, CAMPUS_TIME_MAX + 1, card, 4, CAMPUS_METHOD_CARD) == CAMPUS_ERROR_TIME);
    CHECK(campus_add_passage(&r, 1, card, 4, (campus_direction)3, false) == CAMPUS_ERROR_RANGE);
    CHECK(campus_add_passage(&r, 1, card, 2, CAMPUS_DIRECTION_IN, false) == CAMPUS_ERROR_RANGE);
    status.present = 64;
    CHECK(campus_add_status(&r, 1, &status) == CAMPUS_ERROR_RANGE);
    status.present = CAMPUS_STATUS_FIRMWARE;
    CHECK(campus_add_status(&r, 1, &status) == CAMPUS_ERROR_RANGE);
    status.firmware = "123456789012345678901234567890123";
    CHECK(campus_add_status(&r, 1, &status) == CAMPUS_ERROR_RANGE);
    status.firmware = "\xff";
    CHECK(campus_add_status(&r, 1, &status) == CAMPUS_ERROR_UTF8);
    memset(text, 'x', sizeof text);
    text[CAMPUS_TEXT_MAX + 1] = 0;
    CHECK(campus_add_incident(&r, 1, 1, text) == CAMPUS_ERROR_RANGE);
    CHECK(campus_add_incident(&r, 1, 1, "\xc3(") == CAMPUS_ERROR_UTF8);
    CHECK_EQUAL(r.length, 0);
    CHECK_EQUAL(r.count, 0);
    text[CAMPUS_TEXT_MAX] = 0;
    CHECK(campus_add_incident(&r, 1, 1, text) == CAMPUS_OK);
    CHECK(campus_add_incident(&r, 1, 1, "") == CAMPUS_OK);
    CHECK(campus_add_incident(&r, 1, 1, NULL) == CAMPUS_OK);
    status.present = 0;
    CHECK(campus_add_status(&r, 1, &status) == CAMPUS_OK);
}

static void the_largest_readings_fit_their_limit(void)
{
    campus_readings r;
    campus_status status = {0x3f, UINT32_MAX, INT32_MIN, UINT32_MAX, INT32_MIN, "12345678901234567890123456789012", UINT32_MAX};
    char text[CAMPUS_TEXT_MAX + 1];
    int i;
    memset(text, 'x', sizeof text);
    text[CAMPUS_TEXT_MAX] = 0;
    campus_readings_begin(&r, NULL, 0, NULL);
    CHECK(campus_add_status(&r, CAMPUS_TIME_MAX, &status) == CAMPUS_OK);
    CHECK(r.length <= CAMPUS_READING_MAX);
    campus_readings_begin(&r, NULL, 0, NULL);
    for (i = 0; i < CAMPUS_READINGS_MAX; i++) {
        CHECK(campus_add_incident(&r, CAMPUS_TIME_MAX, 65535, text) == CAMPUS_OK);
    }
    CHECK(r.length <= CAMPUS_READING_MAX * CAMPUS_READINGS_MAX);
    CHECK(r.length + CAMPUS_MESSAGE_OVERHEAD <= CAMPUS_MESSAGE_MAX);
    CHECK(campus_add_incident(&r, 1, 1, NULL) == CAMPUS_ERROR_FULL);
    CHECK_EQUAL(r.count, 64);
}

static void a_reading_that_does_not_fit_says_what_it_needs(void)
{
    campus_readings r;
    campus_readings_begin(&r, buffer, 20, NULL);
    CHECK(campus_add_checkin(&r, 1, card, 4, CAMPUS_METHOD_CARD) == CAMPUS_OK);
    CHECK_EQUAL(r.length, 9);
    buffer[20] = 0x77;
    CHECK(campus_add_checkin(&r, 9, card, 16, CAMPUS_METHOD_CARD) == CAMPUS_ERROR_BUFFER);
    CHECK_EQUAL(r.needed, 30);
    CHECK_EQUAL(r.length, 9);
    CHECK_EQUAL(r.count, 1);
    CHECK_EQUAL(r.latest, 1);
    CHECK_EQUAL(buffer[20], 0x77);
    CHECK(campus_add_checkin(&r, 1, card, 4, CAMPUS_METHOD_CARD) == CAMPUS_OK);
}

void test_readings(void)
{
    TEST("every kind of reading is encoded in the shortest form", every_kind_is_encoded);
    TEST("values out of range are refused and add nothing", values_out_of_range_are_refused);
    TEST("the largest readings fit the stated limits", the_largest_readings_fit_their_limit);
    TEST("a reading that does not fit says how many bytes it needs", a_reading_that_does_not_fit_says_what_it_needs);
}
