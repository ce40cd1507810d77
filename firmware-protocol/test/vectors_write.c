/* Writes vectors/device-v1.json: messages made by this library, and messages a gateway must refuse.
 *
 *   good:     decode to `frame`; cards, ballots in hexadecimal
 *   bad:      `expect` says rejected or quarantined (SPEC.md, "What the gateway does")
 *   receipts: decode to `receipt`, or are to be "ignored" */
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../src/cbor.h"
#include "../src/message.h"

static const uint64_t AT = UINT64_C(1795380757000);
static uint8_t key[CAMPUS_KEY_SIZE];
static uint8_t readings_buffer[CAMPUS_READING_MAX * CAMPUS_READINGS_MAX];
static uint8_t message[2 * CAMPUS_MESSAGE_MAX];
static size_t message_length;
static char text[1 << 16]; /* the readings as JSON */
static size_t text_length;
static campus_readings readings;

static void check(bool ok, const char *what)
{
    if (!ok) {
        fprintf(stderr, "vectors: %s\n", what);
        exit(1);
    }
}

static campus_identity identity(void)
{
    campus_identity id = {"main", "term-0001", {NULL, NULL}, {NULL, 0}};
    id.mac = campus_mac_software(key);
    return id;
}

static void put_hex(const uint8_t *bytes, size_t length)
{
    size_t i;
    for (i = 0; i < length; i++) {
        printf("%02x", bytes[i]);
    }
}

static void describe(const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    text_length += (size_t)vsnprintf(text + text_length, sizeof text - text_length, format, arguments);
    va_end(arguments);
}

static void describe_hex(const uint8_t *bytes, size_t length)
{
    size_t i;
    for (i = 0; i < length; i++) {
        describe("%02x", bytes[i]);
    }
}

/* ---- Readings, encoded and described at once ---- */

static void begin(void)
{
    campus_readings_begin(&readings, readings_buffer, sizeof readings_buffer, NULL);
    text_length = 0;
    text[0] = 0;
}

static void comma(void)
{
    describe("%s", text_length > 0 ? ", " : "");
}

static void checkin(uint64_t at, size_t card_length, campus_method method)
{
    uint8_t card[CAMPUS_CARD_MAX];
    size_t i;
    for (i = 0; i < card_length; i++) {
        card[i] = (uint8_t)(0x04 + 17 * i);
    }
    check(campus_add_checkin(&readings, at, card, card_length, method) == CAMPUS_OK, "checkin");
    comma();
    describe("[1, %" PRIu64 ", \"", at);
    describe_hex(card, card_length);
    describe(method == CAMPUS_METHOD_ABSENT ? "\"]" : "\", %d]", (int)method);
}

static void passage(uint64_t at, size_t card_length, campus_direction direction, bool granted)
{
    uint8_t card[CAMPUS_CARD_MAX];
    memset(card, 0x80, sizeof card);
    check(campus_add_passage(&readings, at, card, card_length, direction, granted) == CAMPUS_OK, "passage");
    comma();
    describe("[2, %" PRIu64 ", \"", at);
    describe_hex(card, card_length);
    describe("\", %d, %s]", (int)direction, granted ? "true" : "false");
}

static void response(uint64_t at, uint32_t item, int32_t score, const char *ballot)
{
    check(campus_add_response(&readings, at, item, score, (const uint8_t *)ballot) == CAMPUS_OK, "response");
    comma();
    describe("[3, %" PRIu64 ", %" PRIu32 ", %" PRId32, at, item, score);
    if (ballot != NULL) {
        describe(", \"");
        describe_hex((const uint8_t *)ballot, CAMPUS_BALLOT_SIZE);
        describe("\"");
    }
    describe("]");
}

static void status(uint64_t at, const campus_status *s)
{
    const char *between = "";
    check(campus_add_status(&readings, at, s) == CAMPUS_OK, "status");
    comma();
    describe("[4, %" PRIu64 ", {", at);
#define FIELD(bit, format, value)                          \
    if (s->present & (uint32_t)(bit)) {                    \
        describe("%s" format, between, value);             \
        between = ", ";                                    \
    }
    FIELD(CAMPUS_STATUS_BATTERY, "\"1\": %" PRIu32, s->battery_mv)
    FIELD(CAMPUS_STATUS_SIGNAL, "\"2\": %" PRId32, s->signal_dbm)
    FIELD(CAMPUS_STATUS_BACKLOG, "\"3\": %" PRIu32, s->backlog)
    FIELD(CAMPUS_STATUS_TEMPERATURE, "\"4\": %" PRId32, s->temperature_dc)
    FIELD(CAMPUS_STATUS_FIRMWARE, "\"5\": \"%s\"", s->firmware)
    FIELD(CAMPUS_STATUS_DROPPED, "\"6\": %" PRIu32, s->dropped)
#undef FIELD
    describe("}]");
}

static void incident(uint64_t at, uint16_t category, const char *words)
{
    check(campus_add_incident(&readings, at, category, words) == CAMPUS_OK, "incident");
    comma();
    describe("[5, %" PRIu64 ", %u", at, (unsigned)category);
    if (words != NULL) {
        describe(", \"%s\"", words);
    }
    describe("]");
}

/* ---- Vectors ---- */

static const char *separator = "";

static void open_vector(const char *name, const char *topic)
{
    printf("%s    {\"name\": \"%s\", \"topic\": \"campus/v1/main/term-0001/%s\", \"key\": \"", separator, name, topic);
    put_hex(key, sizeof key);
    printf("\"");
    separator = ",\n";
}

static void close_message(void)
{
    printf(", \"message\": \"");
    put_hex(message, message_length);
    printf("\"");
}

static void good(const char *name, const campus_identity *id, uint32_t epoch, uint32_t seq, uint64_t sent,
                 campus_clock_kind clock, const uint32_t *oldest)
{
    campus_frame frame = {0, 0, 0, CAMPUS_CLOCK_UPTIME, NULL, false, 0, 0};
    frame.epoch = epoch;
    frame.seq = seq;
    frame.sent = sent;
    frame.clock = clock;
    frame.readings = &readings;
    frame.has_oldest = oldest != NULL;
    frame.oldest_epoch = oldest != NULL ? oldest[0] : 0;
    frame.oldest_seq = oldest != NULL ? oldest[1] : 0;
    check(campus_message_encode(id, &frame, message, CAMPUS_MESSAGE_MAX, &message_length) == CAMPUS_OK, name);
    open_vector(name, "up");
    close_message();
    printf(", \"frame\": [1, %" PRIu32 ", %" PRIu32 ", %" PRIu64 ", %d, [%s]", epoch, seq, sent, (int)clock, text);
    if (oldest != NULL) {
        printf(", [%" PRIu32 ", %" PRIu32 "]", oldest[0], oldest[1]);
    }
    printf("]}");
}

static void good_vectors(void)
{
    static const uint32_t first[2] = {40, 1}, later[2] = {40, 3}, earlier_epoch[2] = {39, 4000000000u};
    campus_identity id = identity();
    campus_status s = {0x3f, 3700, -67, 12, 235, "2.0.1", 0};
    char long_text[CAMPUS_TEXT_MAX + 1];
    uint32_t seq = 1, i;
    int method;
    begin();
    checkin(AT, 4, CAMPUS_METHOD_CARD);
    good("a check-in", &id, 40, seq++, AT + 100, CAMPUS_CLOCK_NETWORK, NULL);
    good("the same, resent, with oldest", &id, 40, 1, AT + 10100, CAMPUS_CLOCK_NETWORK, first);
    begin();
    checkin(AT, 16, CAMPUS_METHOD_ABSENT);
    for (method = 0; method <= 4; method++) {
        checkin(AT + (uint64_t)method, 7, (campus_method)method);
    }
    good("check-ins by every method, and without", &id, 40, seq++, AT + 100, CAMPUS_CLOCK_BATTERY, NULL);
    begin();
    passage(AT, 4, CAMPUS_DIRECTION_IN, true);
    passage(AT + 1, 8, CAMPUS_DIRECTION_OUT, false);
    passage(AT + 2, 16, CAMPUS_DIRECTION_UNKNOWN, true);
    good("passages in every direction", &id, 40, seq++, AT + 100, CAMPUS_CLOCK_NETWORK, later);
    begin();
    response(AT, 0, INT32_MIN, NULL);
    response(AT, UINT32_MAX, INT32_MAX, "ballot!!");
    response(AT, 23, -1, "ballot!!");
    response(AT, 24, -24, "ballot!!");
    response(AT, 255, -25, "ballot!!");
    response(AT, 256, -256, NULL);
    response(AT, 65535, -257, NULL);
    response(AT, 65536, 0, NULL);
    good("responses at the edges of every width", &id, 40, seq++, AT, CAMPUS_CLOCK_NETWORK, NULL);
    begin();
    status(AT, &s);
    s.present = 0;
    status(AT + 1, &s);
    s.present = CAMPUS_STATUS_TEMPERATURE | CAMPUS_STATUS_SIGNAL;
    s.temperature_dc = INT32_MIN;
    s.signal_dbm = INT32_MIN;
    status(AT + 2, &s);
    s.present = 0x3f;
    s.battery_mv = s.backlog = s.dropped = UINT32_MAX;
    s.temperature_dc = s.signal_dbm = INT32_MAX;
    s.firmware = "12345678901234567890123456789012";
    status(AT + 3, &s);
    good("status: all fields, none, negative, largest", &id, 40, seq++, AT + 3, CAMPUS_CLOCK_NETWORK, NULL);
    begin();
    memset(long_text, 'x', CAMPUS_TEXT_MAX);
    long_text[CAMPUS_TEXT_MAX] = 0;
    incident(AT, 0, NULL);
    incident(AT, 65535, "");
    incident(AT, 3, "\xe4\xb8\x89\xe5\x8f\xb7\xe7\xaa\x97\xe5\x8f\xa3\xe6\xbc\x8f\xe6\xb0\xb4 \xf0\x9f\x92\xa7");
    incident(AT, 4, long_text);
    good("incidents without text, empty, with four-byte UTF-8, 200 bytes", &id, 40, seq++, AT, CAMPUS_CLOCK_NETWORK, NULL);
    begin();
    for (i = 0; i < CAMPUS_READINGS_MAX; i++) {
        checkin(AT + i, 4, CAMPUS_METHOD_CARD);
    }
    good("64 readings", &id, 40, seq++, AT + 64, CAMPUS_CLOCK_NETWORK, NULL);
    begin();
    for (i = 0; i < 24; i++) {
        checkin(AT + i, 4, CAMPUS_METHOD_CARD);
    }
    good("24 readings: the array's head takes two bytes", &id, 40, seq++, AT + 24, CAMPUS_CLOCK_NETWORK, NULL);
    begin();
    for (i = 0; i < CAMPUS_READINGS_MAX; i++) {
        incident(CAMPUS_TIME_MAX, 65535, long_text);
    }
    good("the largest frame this library makes", &id, 40, seq++, CAMPUS_TIME_MAX, CAMPUS_CLOCK_BATTERY, NULL);
    begin();
    checkin(0, 4, CAMPUS_METHOD_CARD);
    checkin(93000, 4, CAMPUS_METHOD_CARD);
    good("uptime clock, a reading at zero and one at sent", &id, 41, 1, 93000, CAMPUS_CLOCK_UPTIME, NULL);
    begin();
    checkin(90000, 4, CAMPUS_METHOD_CARD);
    good("uptime of an earlier boot, sent with this boot's smaller uptime", &id, 41, 2, 1200,
         CAMPUS_CLOCK_EARLIER_BOOT, earlier_epoch);
    good("epoch zero", &id, 0, 1, AT, CAMPUS_CLOCK_NETWORK, NULL);
    good("the largest epoch and seq", &id, UINT32_MAX, UINT32_MAX, AT, CAMPUS_CLOCK_NETWORK, NULL);
    id.kid.data = (const uint8_t *)"k1";
    id.kid.length = 2;
    good("a key identifier", &id, 41, 3, AT, CAMPUS_CLOCK_NETWORK, NULL);
}

/* A right COSE_Mac0 on `topic` around any payload. */
static void wrap(const campus_identity *id, campus_topic topic, const uint8_t *payload, size_t length)
{
    static const uint8_t head[] = {0x84, 0x43, 0xa1, 0x01, 0x05, 0xa0};
    campus_writer w = {NULL, sizeof message, 0};
    uint8_t tag[CAMPUS_TAG_SIZE];
    w.buffer = message;
    campus_put_raw(&w, head, sizeof head);
    campus_put_bytes(&w, CBOR_BYTES, payload, length);
    check(campus_tag_compute(id, topic, payload, length, tag) == CAMPUS_OK, "tag");
    campus_put_bytes(&w, CBOR_BYTES, tag, sizeof tag);
    message_length = w.length;
}

static size_t from_hex(const char *hex, uint8_t *to)
{
    size_t length = 0;
    for (; hex[0] != 0; hex += 2) {
        char pair[3] = {hex[0], hex[1], 0};
        to[length++] = (uint8_t)strtoul(pair, NULL, 16);
    }
    return length;
}

static void bad(const char *name, const char *expect)
{
    open_vector(name, "up");
    printf(", \"expect\": \"%s\"", expect);
    close_message();
    printf("}");
}

static void rejected_vectors(void)
{
    campus_identity id = identity(), other = id;
    static const uint8_t other_key[CAMPUS_KEY_SIZE] = {0xff};
    static const char frame_hex[] = "8601182a011b000001a205084208028184011b000001a20508420844010101" "0100";
    uint8_t frame[64];
    static uint8_t large[CAMPUS_MESSAGE_MAX];
    size_t length = from_hex(frame_hex, frame);
    other.mac = campus_mac_software(other_key);
    wrap(&other, CAMPUS_TOPIC_UP, frame, length);
    bad("another key", "rejected");
    other = id;
    other.device = "term-0002";
    wrap(&other, CAMPUS_TOPIC_UP, frame, length);
    bad("made for another device's topic", "rejected");
    wrap(&id, CAMPUS_TOPIC_DOWN, frame, length);
    bad("made for the down topic", "rejected");
    wrap(&id, CAMPUS_TOPIC_UP, frame, length);
    message[message_length - 1] ^= 1;
    bad("one bit of the tag changed", "rejected");
    message[message_length - 1] ^= 1;
    message[20] ^= 1;
    bad("one bit of the payload changed", "rejected");
    message[20] ^= 1;
    message_length--;
    bad("one byte short", "rejected");
    message_length++;
    message[message_length++] = 0;
    bad("one byte behind the message", "rejected");
    message_length--;
    message[4] = 0x04;
    bad("protected header names HMAC 256/64", "rejected");
    message_length = 0;
    bad("empty", "rejected");
    message_length = from_hex("7b2276223a317d", message);
    bad("JSON on up", "rejected");
    memcpy(message, frame, length);
    message_length = length;
    bad("a frame without COSE", "rejected");
    wrap(&id, CAMPUS_TOPIC_UP, large, sizeof large);
    bad("over 16 KiB", "rejected");
}

static void quarantined_vectors(void)
{
#define SENT "1b000001a205084208"
    static const char *const bad_frames[][2] = {
        {"version 0", "8600182b01" SENT "028183011b000001a2050842084401010101"},
        {"version 2", "8602182b02" SENT "028183011b000001a2050842084401010101"},
        {"seq 0", "8601182b00" SENT "028183011b000001a2050842084401010101"},
        {"seq over 32 bits", "8601182b1b0000000100000000" SENT "028183011b000001a2050842084401010101"},
        {"epoch over 32 bits", "86011b000000010000000003" SENT "028183011b000001a2050842084401010101"},
        {"clock 4", "8601182b04" SENT "048183011b000001a2050842084401010101"},
        {"sent over the range", "8601182b051b0000e677d21fdc00028183011b000001a2050842084401010101"},
        {"five elements", "8501182b06" SENT "02"},
        {"no readings", "8601182b07" SENT "0280"},
        {"readings are a map", "8601182b08" SENT "02a0"},
        {"reading kind 0", "8601182b09" SENT "028183001b000001a2050842084401010101"},
        {"reading kind 6", "8601182b0a" SENT "028183061b000001a2050842084401010101"},
        {"a good reading, then a bad one", "8601182b0b" SENT "028283011b000001a205084208440101010183011b000001a20508420843010101"},
        {"card of 3 bytes", "8601182b0c" SENT "028183011b000001a20508420843010101"},
        {"card of 17 bytes", "8601182b0d" SENT "028183011b000001a205084208510101010101010101010101010101010101"},
        {"card is text", "8601182b0e" SENT "028183011b000001a2050842086430313031"},
        {"method 5", "8601182b0f" SENT "028184011b000001a205084208440101010105"},
        {"passage without granted", "8601182b10" SENT "028184021b000001a205084208440101010100"},
        {"granted is 1", "8601182b11" SENT "028185021b000001a20508420844010101010001"},
        {"direction 3", "8601182b12" SENT "028185021b000001a205084208440101010103f5"},
        {"ballot of 7 bytes", "8601182b13" SENT "028185031b000001a20508420801014701010101010101"},
        {"score is a float", "8601182b14" SENT "028184031b000001a20508420801f93c00"},
        {"score under the range", "8601182b15" SENT "028184031b000001a205084208013a80000000"},
        {"item over 32 bits", "8601182b16" SENT "028184031b000001a2050842081b000000010000000001"},
        {"duplicate status key", "8601182b17" SENT "028183041b000001a205084208a201010101"},
        {"duplicate status key in another form", "8601182b1818" SENT "028183041b000001a205084208a20101180101"},
        {"battery is text", "8601182b1819" SENT "028183041b000001a205084208a1016466756c6c"},
        {"battery is negative", "8601182b181a" SENT "028183041b000001a205084208a10120"},
        {"firmware of 33 bytes", "8601182b181b" SENT "028183041b000001a205084208a1057821" "787878787878787878787878787878787878787878787878787878787878787878"},
        {"category over 16 bits", "8601182b181c" SENT "028183051b000001a2050842081a00010000"},
        {"text is not UTF-8", "8601182b181d" SENT "028184051b000001a2050842080162c328"},
        {"text is a surrogate", "8601182b181e" SENT "028184051b000001a2050842080163eda080"},
        {"indefinite array of readings", "8601182b181f" SENT "029f83011b000001a2050842084401010101ff"},
        {"indefinite text", "8601182b1820" SENT "028184051b000001a205084208017f6161ff"},
        {"uptime reading after sent", "8601182b18211903e8008183011903e94401010101"},
        {"oldest is not a pair", "8701182b1822" SENT "028183011b000001a205084208440101010181182b"},
        {"bytes behind the frame", "8601182b1823" SENT "028183011b000001a205084208440101010100"},
        {"frame cut off", "8601182b1824" SENT "028183011b000001a20508420844"},
        {"frame is a map", "a101182b"},
        {"nested 20 deep in an element to be ignored",
         "8801182b1825" SENT "028183011b000001a2050842084401010101" "82182b01" "8181818181818181818181818181818181818180"},
    };
#undef SENT
    campus_identity id = identity();
    size_t i;
    for (i = 0; i < sizeof bad_frames / sizeof bad_frames[0]; i++) {
        uint8_t payload[256];
        wrap(&id, CAMPUS_TOPIC_UP, payload, from_hex(bad_frames[i][1], payload));
        bad(bad_frames[i][0], "quarantined");
    }
}

static void receipt(const char *name, const char *hex, const char *json)
{
    campus_identity id = identity();
    uint8_t payload[512];
    wrap(&id, CAMPUS_TOPIC_DOWN, payload, from_hex(hex, payload));
    open_vector(name, "down");
    close_message();
    if (json != NULL) {
        printf(", \"receipt\": %s}", json);
    } else {
        printf(", \"expect\": \"ignored\"}");
    }
}

static void receipt_vectors(void)
{
    campus_identity other = identity();
    uint8_t payload[64];
    size_t length = from_hex("87010118280580" "1b000001a205084208" "1b000001a205084208", payload);
    receipt("nothing missing", "87010118280580" "1b000001a205084208" "1b000001a205084208",
            "[1, 1, 40, 5, [], 1795380757000, 1795380757000]");
    receipt("ranges that are not pairs", "87010118280082010100" "00", NULL);
    receipt("two ranges missing", "87010118280082820101820305" "1b000001a205084208" "1903e8",
            "[1, 1, 40, 0, [[1, 1], [3, 5]], 1795380757000, 1000]");
    receipt("largest values", "8701011affffffff1afffffffe81821affffffff1affffffff1b0000e677d21fdbff1b0000e677d21fdbff",
            "[1, 1, 4294967295, 4294967294, [[4294967295, 4294967295]], 253402300799999, 253402300799999]");
    receipt("long-form integers", "871801190001" "1a00000028" "1b0000000000000005" "80" "1801" "1900" "02",
            "[1, 1, 40, 5, [], 1, 2]");
    receipt("elements of a later version of the format", "8901011828058001" "02" "a10102" "6161",
            "[1, 1, 40, 5, [], 1, 2]");
    receipt("version 2", "8702011828058001" "02", NULL);
    receipt("type 2", "8701021828058001" "02", NULL);
    receipt("a range at or below through", "870101182805818205060102", NULL);
    receipt("a range backwards", "870101182805818209080102", NULL);
    receipt("indefinite array of ranges", "8701011828059fff0102", NULL);
    receipt("now over the range", "870101182805801b0000e677d21fdc0002", NULL);
    receipt("bytes behind the receipt", "870101182805800102" "00", NULL);
    other.device = "term-0002";
    wrap(&other, CAMPUS_TOPIC_DOWN, payload, length);
    open_vector("for another device", "down");
    close_message();
    printf(", \"expect\": \"ignored\"}");
    other = identity();
    wrap(&other, CAMPUS_TOPIC_DOWN, payload, length);
    message[message_length - 32] ^= 0x80;
    open_vector("one bit of the tag changed", "down");
    close_message();
    printf(", \"expect\": \"ignored\"}");
}

int main(void)
{
    uint8_t i;
    for (i = 0; i < sizeof key; i++) {
        key[i] = i;
    }
    printf("{\n  \"about\": \"Wire protocol v1, made by the C device library. Messages and keys are hexadecimal; in "
           "'frame' byte strings are too.\",\n  \"good\": [\n");
    good_vectors();
    printf("\n  ],\n  \"bad\": [\n");
    separator = "";
    rejected_vectors();
    quarantined_vectors();
    printf("\n  ],\n  \"receipts\": [\n");
    separator = "";
    receipt_vectors();
    printf("\n  ]\n}\n");
    return 0;
}
