#include "device.h"
#include "harness.h"

static flash f;
static device d;

static void begin(uint32_t sector_size, uint32_t sectors, uint32_t program, uint32_t slots)
{
    device_begin(&d, flash_begin(&f, sector_size, sectors, program), slots);
    CHECK(device_boot(&d, 0) == CAMPUS_OK);
}

static void frames_are_kept_until_covered(void)
{
    uint32_t seq, i;
    begin(512, 4, 4, 8);
    for (i = 1; i <= 3; i++) {
        CHECK(device_append(&d, i, 2, &seq) == CAMPUS_OK);
        CHECK_EQUAL(seq, i);
    }
    for (i = 1; i <= 3; i++) {
        CHECK(device_send(&d) == CAMPUS_OK);
        CHECK(d.frame.epoch == 1 && d.frame.seq == i && d.frame.count == 2);
    }
    CHECK_EQUAL(campus_outbox_count(&d.outbox).frames_held, 3);
    CHECK(device_receive(&d, 1, 2, 0, 0, NULL) == CAMPUS_OK);
    CHECK_EQUAL(campus_outbox_count(&d.outbox).frames_held, 1);
    CHECK(device_boot(&d, 0) == CAMPUS_OK);
    CHECK_EQUAL(campus_outbox_epoch(&d.outbox), 2);
    CHECK_EQUAL(campus_outbox_count(&d.outbox).frames_held, 1);
    CHECK(device_send(&d) == CAMPUS_OK);
    CHECK(d.frame.epoch == 1 && d.frame.seq == 3);
    CHECK(device_receive(&d, 1, 3, 0, 0, NULL) == CAMPUS_OK);
    CHECK(device_send(&d) == CAMPUS_ERROR_NOT_DUE);
    CHECK_EQUAL(f.misuses, 0);
}

static void every_boot_has_an_epoch_of_its_own(void)
{
    uint32_t boot, seq;
    begin(256, 2, 1, 8);
    for (boot = 1; boot < 100; boot++) {
        CHECK_EQUAL(campus_outbox_epoch(&d.outbox), boot);
        CHECK(device_append(&d, boot, 1, &seq) == CAMPUS_OK);
        CHECK_EQUAL(seq, 1);
        CHECK(device_boot(&d, 0) == CAMPUS_OK);
    }
    CHECK_EQUAL(f.misuses, 0);
}

static void an_epoch_opened_again_continues(void)
{
    uint32_t seq, i;
    begin(256, 2, 8, 8);
    CHECK(device_boot(&d, 0xdeadbeef) == CAMPUS_OK);
    for (i = 1; i < 50; i++) {
        CHECK(device_append(&d, i, 1, &seq) == CAMPUS_OK);
        CHECK_EQUAL(seq, i);
        CHECK(device_boot(&d, 0xdeadbeef) == CAMPUS_OK);
    }
    CHECK_EQUAL(f.misuses, 0);
}

static void a_full_outbox_drops_the_oldest_and_says_so(void)
{
    uint32_t seq, i, oldest = 0;
    campus_outbox_counts counts;
    begin(512, 3, 4, 64);
    for (i = 1; i <= 40; i++) {
        CHECK(device_append(&d, i, 3, &seq) == CAMPUS_OK);
    }
    counts = campus_outbox_count(&d.outbox);
    CHECK(counts.frames_dropped > 0);
    CHECK_EQUAL(counts.frames_held + counts.frames_dropped, 40);
    CHECK_EQUAL(counts.readings_dropped, counts.frames_dropped * 3);
    for (i = counts.frames_dropped + 1; i <= 40; i++) {
        CHECK(device_send(&d) == CAMPUS_OK);
        CHECK_EQUAL(d.frame.seq, i);
        CHECK(d.frame.has_oldest && d.frame.oldest_epoch == 1);
        oldest = oldest == 0 ? d.frame.oldest_seq : oldest;
        CHECK_EQUAL(d.frame.oldest_seq, counts.frames_dropped + 1);
    }
    CHECK(device_send(&d) == CAMPUS_ERROR_NOT_DUE);
    CHECK_EQUAL(f.misuses, 0);
}

static void oldest_is_told_until_a_telling_frame_is_covered(void)
{
    begin(512, 3, 4, 8);
    CHECK(device_append(&d, 1, 1, NULL) == CAMPUS_OK && device_append(&d, 2, 1, NULL) == CAMPUS_OK);
    CHECK(device_send(&d) == CAMPUS_OK);
    CHECK(d.frame.has_oldest && d.frame.oldest_seq == 1); /* after a boot: what was lost before is not known */
    CHECK(device_send(&d) == CAMPUS_OK);
    CHECK(device_receive(&d, 1, 1, 0, 0, NULL) == CAMPUS_OK);
    CHECK(device_append(&d, 3, 1, NULL) == CAMPUS_OK);
    CHECK(device_send(&d) == CAMPUS_OK);
    CHECK(d.frame.seq == 3 && !d.frame.has_oldest);
    d.now += CAMPUS_RESEND_MS;
    CHECK(device_send(&d) == CAMPUS_OK);
    CHECK(d.frame.seq == 2 && d.frame.has_oldest && d.frame.oldest_seq == 2); /* a resend always tells */
}

static void frames_in_flight_may_be_dropped(void)
{
    uint32_t i;
    begin(256, 2, 4, 2);
    CHECK(device_append(&d, 1, 1, NULL) == CAMPUS_OK && device_append(&d, 2, 1, NULL) == CAMPUS_OK);
    CHECK(device_send(&d) == CAMPUS_OK && device_send(&d) == CAMPUS_OK);
    for (i = 3; i <= 20; i++) {
        CHECK(device_append(&d, i, 1, NULL) == CAMPUS_OK);
    }
    CHECK_EQUAL(campus_outbox_count(&d.outbox).frames_in_flight, 0);
    CHECK(device_send(&d) == CAMPUS_OK);
    CHECK(d.frame.has_oldest && d.frame.seq == d.frame.oldest_seq && d.frame.seq > 2);
    CHECK(device_receive(&d, 1, 2, 0, 0, NULL) == CAMPUS_OK);
    CHECK_EQUAL(campus_outbox_count(&d.outbox).frames_in_flight, 1);
}

static void changed_bytes_are_never_sent(void)
{
    uint32_t i, sent = 0;
    begin(4096, 2, 4, 8);
    for (i = 1; i <= 3; i++) {
        CHECK(device_append(&d, i, 4, NULL) == CAMPUS_OK);
    }
    for (i = 0; i < 4096 && memcmp(f.bytes + i, "\xff\x02\x00\x02\x00\x00\x00\xff", 8) != 0; i++) {
    }
    CHECK(i < 4096);
    f.bytes[i + 2] ^= 0x10; /* a card of the second frame */
    for (i = 0; i < 6; i++) {
        campus_error error = device_send(&d);
        CHECK(error == CAMPUS_OK || error == CAMPUS_ERROR_NOT_DUE);
        if (error == CAMPUS_OK) {
            CHECK(d.frame.seq != 2);
            sent++;
        }
    }
    CHECK_EQUAL(sent, 2);
    CHECK_EQUAL(campus_outbox_count(&d.outbox).frames_corrupt, 1);
    CHECK_EQUAL(campus_outbox_count(&d.outbox).frames_held, 2);
    /* The gateway misses 2: once 1 is covered, a resend of 3 says that it is gone. */
    CHECK(device_receive(&d, 1, 1, 0, 0, NULL) == CAMPUS_OK);
    d.now += CAMPUS_RESEND_MS;
    CHECK(device_send(&d) == CAMPUS_OK);
    CHECK(d.frame.seq == 3 && d.frame.has_oldest && d.frame.oldest_seq == 3);
}

static void storage_failures_are_reported_and_survived(void)
{
    uint32_t seq;
    begin(512, 3, 4, 8);
    CHECK(device_append(&d, 1, 1, NULL) == CAMPUS_OK);
    CHECK(device_send(&d) == CAMPUS_OK);
    f.failing = true;
    CHECK(device_append(&d, 2, 1, &seq) == CAMPUS_ERROR_STORAGE);
    CHECK(device_receive(&d, 1, 1, 0, 0, NULL) == CAMPUS_ERROR_STORAGE);
    f.failing = false;
    CHECK(device_append(&d, 3, 1, &seq) == CAMPUS_OK);
    CHECK_EQUAL(seq, 3); /* the failed one's seq is not given twice */
    CHECK(device_receive(&d, 1, 1, 0, 0, NULL) == CAMPUS_OK);
    while (device_send(&d) != CAMPUS_OK) {
        CHECK(campus_outbox_next(&d.outbox, d.now).due);
    }
    CHECK_EQUAL(d.frame.seq, 3);
    CHECK_EQUAL(f.misuses, 0);
}

static void frames_larger_than_a_sector_are_refused(void)
{
    uint8_t buffer[2048];
    campus_readings readings;
    size_t capacity;
    begin(256, 2, 8, 8);
    capacity = campus_outbox_readings_capacity(&d.outbox);
    CHECK(device_readings(1, 14, buffer, sizeof buffer, NULL, &readings) > capacity);
    CHECK(campus_outbox_append(&d.outbox, &readings, d.now, NULL) == CAMPUS_ERROR_SIZE);
    readings.length = capacity;
    CHECK(campus_outbox_append(&d.outbox, &readings, d.now, NULL) == CAMPUS_OK);
    CHECK(campus_outbox_append(&d.outbox, &readings, d.now, NULL) == CAMPUS_OK);
    CHECK_EQUAL(campus_outbox_count(&d.outbox).frames_held, 2);
    readings.length = 0, readings.count = 0;
    CHECK(campus_outbox_append(&d.outbox, &readings, d.now, NULL) == CAMPUS_ERROR_EMPTY);
    device_readings(1, 1, buffer, sizeof buffer, NULL, &readings);
    CHECK(campus_outbox_append(&d.outbox, &readings, 0, NULL) == CAMPUS_ERROR_TIME); /* taken at 1, appended at 0 */
    readings.buffer = NULL;
    CHECK(campus_outbox_append(&d.outbox, &readings, d.now, NULL) == CAMPUS_ERROR_BUFFER);
    CHECK_EQUAL(f.misuses, 0);
}

static void ram_serves_as_storage(void)
{
    static uint8_t memory[3 * 512];
    campus_ram ram = {memory, 512, 3};
    uint32_t i;
    device_begin(&d, campus_ram_storage(&ram), 8);
    CHECK(device_boot(&d, 0) == CAMPUS_ERROR_EPOCH);
    CHECK(device_boot(&d, 4711) == CAMPUS_OK);
    for (i = 1; i <= 100; i++) {
        CHECK(device_append(&d, i, 2, NULL) == CAMPUS_OK);
        CHECK(device_send(&d) == CAMPUS_OK);
        CHECK(d.frame.epoch == 4711 && d.frame.seq == i);
        CHECK(device_receive(&d, 4711, i, 0, 0, NULL) == CAMPUS_OK);
    }
    CHECK_EQUAL(campus_outbox_count(&d.outbox).frames_dropped, 0);
    CHECK(device_append(&d, 101, 2, NULL) == CAMPUS_OK);
    device_begin(&d, campus_ram_storage_keep(&ram), 8);
    CHECK(device_boot(&d, 4712) == CAMPUS_OK);
    CHECK(device_send(&d) == CAMPUS_OK);
    CHECK(d.frame.epoch == 4711 && d.frame.seq == 101 && d.frame.clock == CAMPUS_CLOCK_EARLIER_BOOT);
}

static void configurations_that_cannot_work_are_refused(void)
{
    campus_outbox o;
    campus_outbox_config good, bad;
    memset(&good, 0, sizeof good);
    good.storage = flash_begin(&f, 256, 2, 4);
    good.slots = d.slots;
    good.slot_count = 8;
    CHECK(campus_outbox_open(&o, &good) == CAMPUS_OK);
#define REFUSED(change)                                                    \
    do {                                                                   \
        bad = good;                                                        \
        bad.change;                                                        \
        CHECK(campus_outbox_open(&o, &bad) == CAMPUS_ERROR_CONFIG);        \
    } while (0)
    REFUSED(slots = NULL);
    REFUSED(slot_count = 0);
    REFUSED(slot_count = 1025);
    REFUSED(storage.read = NULL);
    REFUSED(storage.write = NULL);
    REFUSED(storage.erase = NULL);
    REFUSED(storage.program_size = 0);
    REFUSED(storage.program_size = 3);
    REFUSED(storage.program_size = 64);
    REFUSED(storage.sector_size = 128);
    REFUSED(storage.sector_size = 258);
    REFUSED(storage.sector_size = 1u << 21);
    REFUSED(storage.sector_count = 1);
    REFUSED(storage.sector_count = 1u << 30);
    REFUSED(resend_after_ms = 9999);
#undef REFUSED
}

void test_outbox(void)
{
    TEST("frames are kept until a receipt covers them, across boots", frames_are_kept_until_covered);
    TEST("every boot has an epoch of its own", every_boot_has_an_epoch_of_its_own);
    TEST("an epoch opened again continues its seq", an_epoch_opened_again_continues);
    TEST("a full outbox drops the oldest frames, counts them, and says so", a_full_outbox_drops_the_oldest_and_says_so);
    TEST("oldest is told until a frame that told it is covered, and on every resend",
         oldest_is_told_until_a_telling_frame_is_covered);
    TEST("frames in flight may be dropped", frames_in_flight_may_be_dropped);
    TEST("a frame whose bytes changed in storage is never sent, and told as given up", changed_bytes_are_never_sent);
    TEST("storage failures are reported and survived", storage_failures_are_reported_and_survived);
    TEST("frames larger than a sector are refused, exactly as large are kept", frames_larger_than_a_sector_are_refused);
    TEST("RAM serves as storage, with a random epoch", ram_serves_as_storage);
    TEST("configurations that cannot work are refused", configurations_that_cannot_work_are_refused);
}
