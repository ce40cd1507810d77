/* Random operations against a simple model of what must be held. */
#include "device.h"
#include "harness.h"

#define MODEL_MAX 4096

static flash f;
static device d;

static struct {
    uint32_t epoch, seq, number, count;
    bool held;
} model[MODEL_MAX];
static uint32_t length;

static uint32_t model_held(void)
{
    uint32_t i, held = 0;
    for (i = 0; i < length; i++) {
        held += model[i].held;
    }
    return held;
}

/* The outbox dropped `count` of its oldest frames. */
static void model_drop(uint32_t count)
{
    uint32_t i;
    for (i = 0; i < length && count > 0; i++) {
        if (model[i].held) {
            model[i].held = false;
            count--;
        }
    }
}

static void check_sent_frame(void)
{
    uint32_t i, oldest = UINT32_MAX;
    for (i = 0; i < length; i++) {
        if (!model[i].held) {
            continue;
        }
        oldest = oldest == UINT32_MAX ? i : oldest;
        if (model[i].epoch == d.frame.epoch && model[i].seq == d.frame.seq) {
            uint8_t buffer[CAMPUS_READINGS_MAX * 24];
            campus_readings r;
            device_readings(model[i].number, model[i].count, buffer, sizeof buffer, NULL, &r);
            CHECK(r.length == d.frame.readings_length && memcmp(buffer, d.frame.readings, r.length) == 0);
            CHECK(!d.frame.has_oldest
                  || (d.frame.oldest_epoch == model[oldest].epoch && d.frame.oldest_seq == model[oldest].seq));
            return;
        }
    }
    CHECK(!"a frame that is not held was sent");
}

static void step(void)
{
    uint32_t dropped = campus_outbox_count(&d.outbox).frames_dropped, i;
    switch (random_below(10)) {
    case 0:
    case 1:
    case 2:
        if (length < MODEL_MAX) {
            model[length].number = random_below(900);
            model[length].count = 1 + random_below(5);
            model[length].epoch = campus_outbox_epoch(&d.outbox);
            CHECK(device_append(&d, model[length].number, model[length].count, &model[length].seq) == CAMPUS_OK);
            model_drop(campus_outbox_count(&d.outbox).frames_dropped - dropped);
            model[length++].held = true;
        }
        break;
    case 3:
    case 4:
    case 5:
        if (device_send(&d) == CAMPUS_OK) {
            check_sent_frame();
        }
        break;
    case 6:
        d.now += random_below(30000);
        break;
    case 7:
    case 8: {
        /* A receipt for any frame: only what is in flight may go. */
        uint32_t pick = length > 0 ? random_below(length) : 0;
        uint32_t before = campus_outbox_count(&d.outbox).frames_held;
        campus_receipt_result result;
        for (i = 0; i < length; i++) {
            uint32_t k;
            bool in_flight = false;
            for (k = 0; k < d.slot_count; k++) {
                in_flight |= (d.slots[k].flags & 1) != 0 && d.slots[k].epoch == model[i].epoch
                             && d.slots[k].seq == model[i].seq;
            }
            if (in_flight && model[i].epoch == model[pick].epoch && model[i].seq <= model[pick].seq) {
                model[i].held = false;
            }
        }
        CHECK(device_receive(&d, model[pick].epoch, model[pick].seq, 5, 5, &result) == CAMPUS_OK);
        CHECK_EQUAL(campus_outbox_count(&d.outbox).frames_held, before - result.frames_covered);
        break;
    }
    default:
        if (random_below(10) == 0) {
            CHECK(device_boot(&d, 0) == CAMPUS_OK);
        }
        break;
    }
    CHECK_EQUAL(campus_outbox_count(&d.outbox).frames_held, model_held());
}

static void the_outbox_follows_the_model(void)
{
    static const uint32_t programs[] = {1, 2, 4, 8, 16, 32};
    uint32_t run, i;
    random_begin("random operations");
    for (run = 0; run < 60 && harness_failures == 0; run++) {
        length = 0;
        device_begin(&d, flash_begin(&f, 512 + 256 * random_below(4), 2 + random_below(4), programs[run % 6]),
                     1 + random_below(DEVICE_SLOTS));
        CHECK(device_boot(&d, 0) == CAMPUS_OK);
        for (i = 0; i < 1500 && harness_failures == 0; i++) {
            step();
        }
        CHECK_EQUAL(f.misuses, 0);
    }
}

static void random_flash_is_taken_as_new(void)
{
    uint32_t run;
    random_begin("random flash");
    for (run = 0; run < 300; run++) {
        uint32_t seq;
        device_begin(&d, flash_begin(&f, 512, 3, 4), 8);
        random_fill(f.bytes, 3 * 512);
        CHECK(device_boot(&d, 0) == CAMPUS_OK);
        CHECK_EQUAL(campus_outbox_count(&d.outbox).frames_held, 0);
        CHECK(device_append(&d, 1, 1, &seq) == CAMPUS_OK && seq == 1);
        CHECK(device_send(&d) == CAMPUS_OK);
    }
}

/* Any bits of a used flash change: nothing false is sent, and the outbox works on. */
static void spoiled_flash_sends_nothing_false(void)
{
    uint32_t run, i;
    random_begin("spoiled flash");
    for (run = 0; run < 2000 && harness_failures == 0; run++) {
        length = 0;
        device_begin(&d, flash_begin(&f, 512, 4, 4), 64);
        CHECK(device_boot(&d, 0) == CAMPUS_OK);
        for (i = 0; i < 12; i++) {
            model[length].number = i;
            model[length].count = 1 + i % 3;
            model[length].epoch = 1;
            CHECK(device_append(&d, i, model[length].count, &model[length].seq) == CAMPUS_OK);
            model[length++].held = true;
        }
        for (i = 0; i <= run % 8; i++) {
            f.bytes[random_below(4 * 512)] ^= (uint8_t)(1u << random_below(8));
        }
        if (run % 2 == 0) {
            CHECK(device_boot(&d, 0) == CAMPUS_OK);
        }
        for (i = 0; i < 40; i++) {
            campus_error error = device_send(&d);
            CHECK(error == CAMPUS_OK || error == CAMPUS_ERROR_NOT_DUE);
            if (error == CAMPUS_OK) {
                uint32_t k = d.frame.seq - 1;
                uint8_t buffer[512];
                campus_readings r;
                CHECK(k < length);
                if (k >= length) {
                    return;
                }
                device_readings(model[k].number, model[k].count, buffer, sizeof buffer, NULL, &r);
                CHECK(r.length == d.frame.readings_length && memcmp(buffer, d.frame.readings, r.length) == 0);
            }
        }
        CHECK(device_append(&d, 1, 1, NULL) == CAMPUS_OK);
    }
}

void test_random(void)
{
    TEST("the outbox holds what a simple model holds, over random operations", the_outbox_follows_the_model);
    TEST("flash with random content is taken as new", random_flash_is_taken_as_new);
    TEST("flash with changed bits sends nothing false, and works on", spoiled_flash_sends_nothing_false);
}
