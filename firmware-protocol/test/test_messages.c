#include "frame_reader.h"
#include "harness.h"

static uint8_t buffer[CAMPUS_READING_MAX * CAMPUS_READINGS_MAX];
static uint8_t message[CAMPUS_MESSAGE_MAX];

static campus_frame one_frame(campus_readings *r)
{
    static const uint8_t card[4] = {0x04, 0xa1, 0xb2, 0xc3};
    campus_frame frame = {7, 1, UINT64_C(1795380757000), CAMPUS_CLOCK_NETWORK, NULL, false, 0, 0};
    campus_readings_begin(r, buffer, sizeof buffer, NULL);
    CHECK(campus_add_checkin(r, UINT64_C(1795380756900), card, sizeof card, CAMPUS_METHOD_CARD) == CAMPUS_OK);
    frame.readings = r;
    return frame;
}

static void a_known_frame_gives_known_bytes(void)
{
    campus_readings r;
    campus_frame frame = one_frame(&r);
    campus_identity id = test_identity();
    uint8_t expected[256];
    size_t length, expected_length;
    expected_length = hex_decode("8443a10105a05820860107011b000001a205084208028184011b000001a2050841a44404a1b2c300"
                                 "582080e88f40a7f79b339763093d749c010d02920b35522c6578a976d07b03adc0a2",
                                 expected, sizeof expected);
    CHECK(campus_message_encode(&id, &frame, message, sizeof message, &length) == CAMPUS_OK);
    CHECK_EQUAL(length, expected_length);
    CHECK(memcmp(message, expected, length) == 0);
    CHECK(campus_frame_encode(&frame, message, sizeof message, &length) == CAMPUS_OK);
    CHECK_EQUAL(length, 32);
    CHECK(memcmp(message, expected + 8, length) == 0);
}

static void encoders_report_the_bytes_needed(void)
{
    campus_readings r;
    campus_frame frame = one_frame(&r);
    campus_identity id = test_identity();
    size_t needed = 0, length = 0, capacity;
    CHECK(campus_message_encode(&id, &frame, NULL, 0, &needed) == CAMPUS_ERROR_BUFFER);
    for (capacity = 0; capacity < needed; capacity++) {
        message[capacity] = 0x77;
        CHECK(campus_message_encode(&id, &frame, message, capacity, &length) == CAMPUS_ERROR_BUFFER);
        CHECK_EQUAL(length, needed);
        CHECK_EQUAL(message[capacity], 0x77);
    }
    CHECK(campus_message_encode(&id, &frame, message, needed, &length) == CAMPUS_OK);
    CHECK_EQUAL(length, needed);
    CHECK(campus_frame_encode(&frame, NULL, 0, &needed) == CAMPUS_ERROR_BUFFER);
    CHECK(campus_frame_encode(&frame, message, needed - 1, &length) == CAMPUS_ERROR_BUFFER);
    CHECK_EQUAL(length, needed);
    r.buffer = NULL;
    CHECK(campus_message_encode(&id, &frame, message, sizeof message, &length) == CAMPUS_ERROR_BUFFER);
}

static void wrong_frames_are_refused(void)
{
    campus_readings r, empty;
    campus_identity id = test_identity();
    size_t length = 4711;
    campus_frame frame = one_frame(&r);
    frame.seq = 0;
    CHECK(campus_message_encode(&id, &frame, message, sizeof message, &length) == CAMPUS_ERROR_RANGE);
    frame = one_frame(&r);
    frame.sent = CAMPUS_TIME_MAX + 1;
    CHECK(campus_message_encode(&id, &frame, message, sizeof message, &length) == CAMPUS_ERROR_TIME);
    frame = one_frame(&r);
    frame.clock = CAMPUS_CLOCK_UPTIME;
    frame.sent = r.latest - 1;
    CHECK(campus_message_encode(&id, &frame, message, sizeof message, &length) == CAMPUS_ERROR_TIME);
    frame.sent = r.latest;
    CHECK(campus_message_encode(&id, &frame, message, sizeof message, &length) == CAMPUS_OK);
    frame.clock = (campus_clock_kind)4;
    CHECK(campus_message_encode(&id, &frame, message, sizeof message, &length) == CAMPUS_ERROR_RANGE);
    frame = one_frame(&r);
    campus_readings_begin(&empty, buffer, sizeof buffer, NULL);
    frame.readings = &empty;
    CHECK(campus_message_encode(&id, &frame, message, sizeof message, &length) == CAMPUS_ERROR_EMPTY);
    frame = one_frame(&r);
    id.kid.data = buffer;
    id.kid.length = CAMPUS_KID_MAX + 1;
    CHECK(campus_message_encode(&id, &frame, message, sizeof message, &length) == CAMPUS_ERROR_RANGE);
    id = test_identity();
    id.site = "a/b";
    CHECK(campus_message_encode(&id, &frame, message, sizeof message, &length) == CAMPUS_ERROR_NAME);
}

static bool broken_mac(void *context, const campus_bytes *parts, size_t count, uint8_t *tag)
{
    (void)context, (void)parts, (void)count, (void)tag;
    return false;
}

static void a_mac_that_fails_is_reported(void)
{
    campus_readings r;
    campus_frame frame = one_frame(&r);
    campus_identity id = test_identity();
    size_t length;
    id.mac.compute = broken_mac;
    CHECK(campus_message_encode(&id, &frame, message, sizeof message, &length) == CAMPUS_ERROR_MAC);
}

static void the_largest_message_keeps_the_stated_overhead(void)
{
    campus_readings r;
    campus_frame frame;
    campus_identity id = test_identity();
    read_frame read;
    size_t length;
    char text[CAMPUS_TEXT_MAX + 1];
    int i;
    memset(text, 'x', sizeof text);
    text[CAMPUS_TEXT_MAX] = 0;
    campus_readings_begin(&r, buffer, sizeof buffer, NULL);
    for (i = 0; i < CAMPUS_READINGS_MAX; i++) {
        CHECK(campus_add_incident(&r, CAMPUS_TIME_MAX, 65535, text) == CAMPUS_OK);
    }
    frame.epoch = frame.seq = frame.oldest_epoch = frame.oldest_seq = UINT32_MAX;
    frame.sent = CAMPUS_TIME_MAX;
    frame.clock = CAMPUS_CLOCK_BATTERY;
    frame.readings = &r;
    frame.has_oldest = true;
    id.kid.data = (const uint8_t *)"0123456789abcdef";
    id.kid.length = CAMPUS_KID_MAX;
    CHECK(campus_message_encode(&id, &frame, message, sizeof message, &length) == CAMPUS_OK);
    CHECK(length <= r.length + CAMPUS_MESSAGE_OVERHEAD);
    CHECK(frame_read(&id, message, length, &read));
    CHECK(read.epoch == UINT32_MAX && read.seq == UINT32_MAX && read.sent == CAMPUS_TIME_MAX && read.count == 64);
    CHECK(read.has_oldest && read.oldest_epoch == UINT32_MAX && read.oldest_seq == UINT32_MAX);
    CHECK(read.readings_length == r.length && memcmp(read.readings, r.buffer, r.length) == 0);
}

static void a_copy_changes_only_sent_and_oldest(void)
{
    campus_readings r;
    campus_frame frame = one_frame(&r);
    campus_identity id = test_identity();
    read_frame first, second;
    uint8_t copy[CAMPUS_MESSAGE_MAX];
    size_t length;
    CHECK(campus_message_encode(&id, &frame, message, sizeof message, &length) == CAMPUS_OK);
    CHECK(frame_read(&id, message, length, &first));
    frame.sent += 10000;
    frame.has_oldest = true;
    frame.oldest_epoch = 7;
    frame.oldest_seq = 1;
    CHECK(campus_message_encode(&id, &frame, copy, sizeof copy, &length) == CAMPUS_OK);
    CHECK(frame_read(&id, copy, length, &second));
    CHECK(first.epoch == second.epoch && first.seq == second.seq && first.clock == second.clock);
    CHECK_EQUAL(second.sent, first.sent + 10000);
    CHECK(first.readings_length == second.readings_length
          && memcmp(first.readings, second.readings, first.readings_length) == 0);
    CHECK(second.has_oldest && !first.has_oldest);
}

static void a_frame_fails_on_another_topic(void)
{
    campus_readings r;
    campus_frame frame = one_frame(&r);
    campus_identity id = test_identity();
    read_frame read;
    size_t length;
    CHECK(campus_message_encode(&id, &frame, message, sizeof message, &length) == CAMPUS_OK);
    id.device = "term-0002";
    CHECK(!frame_read(&id, message, length, &read));
}

void test_messages(void)
{
    TEST("a known frame gives known bytes", a_known_frame_gives_known_bytes);
    TEST("encoders report the bytes needed, and write nothing behind the buffer", encoders_report_the_bytes_needed);
    TEST("frames that break a rule are refused", wrong_frames_are_refused);
    TEST("a MAC that fails is reported", a_mac_that_fails_is_reported);
    TEST("the largest message keeps the stated overhead", the_largest_message_keeps_the_stated_overhead);
    TEST("a copy changes only sent and oldest", a_copy_changes_only_sent_and_oldest);
    TEST("a frame copied to another device's topic fails", a_frame_fails_on_another_topic);
}
