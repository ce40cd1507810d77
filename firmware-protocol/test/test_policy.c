#include "device.h"
#include "harness.h"

static flash f;
static device d;

static void begin(uint32_t slots, uint32_t frames)
{
    uint32_t i;
    device_begin(&d, flash_begin(&f, 4096, 2, 4), slots);
    CHECK(device_boot(&d, 0) == CAMPUS_OK);
    for (i = 1; i <= frames; i++) {
        CHECK(device_append(&d, i, 1, NULL) == CAMPUS_OK);
    }
}

static void send_all(uint32_t expected)
{
    uint32_t sent = 0;
    while (device_send(&d) == CAMPUS_OK) {
        sent++;
    }
    CHECK_EQUAL(sent, expected);
}

static void the_window_limits_frames_in_flight(void)
{
    campus_next next;
    begin(4, 10);
    CHECK_EQUAL(campus_outbox_count(&d.outbox).frames_in_flight, 0);
    send_all(4);
    next = campus_outbox_next(&d.outbox, d.now);
    CHECK(!next.due);
    CHECK_EQUAL(next.wait_ms, 10000);
    CHECK(device_receive(&d, 1, 2, 0, 0, NULL) == CAMPUS_OK);
    send_all(2);
    CHECK_EQUAL(d.frame.seq, 6);
}

static void an_empty_outbox_never_asks(void)
{
    campus_next next;
    begin(4, 0);
    next = campus_outbox_next(&d.outbox, d.now);
    CHECK(!next.due);
    CHECK_EQUAL(next.wait_ms, CAMPUS_NEVER);
}

static void uncovered_frames_are_resent_after_ten_seconds(void)
{
    campus_next next;
    begin(4, 2);
    send_all(2);
    d.now += 9999;
    CHECK(device_send(&d) == CAMPUS_ERROR_NOT_DUE);
    CHECK_EQUAL(campus_outbox_next(&d.outbox, d.now).wait_ms, 1);
    d.now += 1;
    next = campus_outbox_next(&d.outbox, d.now);
    CHECK(next.due && next.attempts == 1);
    CHECK(device_send(&d) == CAMPUS_OK && d.frame.seq == 1 && d.frame.sent == d.now);
    CHECK(device_send(&d) == CAMPUS_OK && d.frame.seq == 2);
    CHECK(device_send(&d) == CAMPUS_ERROR_NOT_DUE);
}

static void waiting_doubles_while_nobody_answers(void)
{
    static const uint32_t seconds[] = {10, 20, 40, 80, 160, 320, 320, 320};
    size_t i;
    begin(4, 1);
    for (i = 0; i < sizeof seconds / sizeof seconds[0]; i++) {
        send_all(1);
        CHECK_EQUAL(campus_outbox_next(&d.outbox, d.now).wait_ms, seconds[i] * 1000);
        d.now += seconds[i] * 1000;
    }
    send_all(1);
    CHECK(device_receive(&d, 1, 0, 0, 0, NULL) == CAMPUS_OK);
    CHECK_EQUAL(campus_outbox_next(&d.outbox, d.now).wait_ms, 10000);
}

static void missing_frames_go_at_once_but_once_in_ten_seconds(void)
{
    campus_receipt_result result;
    begin(8, 6);
    send_all(6);
    d.now += 3000;
    CHECK(device_ask(&d, 1, 1, 3, 4, &result) == CAMPUS_OK);
    CHECK_EQUAL(result.frames_covered, 1);
    CHECK_EQUAL(result.frames_missing, 2);
    CHECK(device_send(&d) == CAMPUS_ERROR_NOT_DUE); /* sent 3 s ago */
    CHECK_EQUAL(campus_outbox_next(&d.outbox, d.now).wait_ms, 7000);
    d.now += 7000;
    CHECK(device_send(&d) == CAMPUS_OK && d.frame.seq == 3);
    CHECK(device_send(&d) == CAMPUS_OK && d.frame.seq == 4);
    CHECK(device_send(&d) == CAMPUS_OK && d.frame.seq == 2); /* then what has waited */
    send_all(2);
    /* Resent twice, 5 waits 20 s by itself; called missing, 10 s suffice. */
    d.now += 10000;
    CHECK(device_ask(&d, 1, 1, 5, 5, &result) == CAMPUS_OK);
    CHECK(device_send(&d) == CAMPUS_OK && d.frame.seq == 5);
}

static void receipts_reach_only_what_was_sent(void)
{
    campus_receipt_result result;
    begin(3, 5);
    CHECK(device_receive(&d, 1, 5, 0, 0, &result) == CAMPUS_OK);
    CHECK_EQUAL(result.frames_covered, 0);
    send_all(3);
    CHECK(device_receive(&d, 2, 5, 0, 0, &result) == CAMPUS_OK);
    CHECK_EQUAL(result.frames_covered, 0);
    CHECK(device_receive(&d, 1, UINT32_MAX, 0, 0, &result) == CAMPUS_OK);
    CHECK_EQUAL(result.frames_covered, 3);
    CHECK_EQUAL(campus_outbox_count(&d.outbox).frames_held, 2);
    CHECK(device_ask(&d, 1, 3, 4, 5, &result) == CAMPUS_OK);
    CHECK_EQUAL(result.frames_missing, 0);
    send_all(2);
}

static void receipts_of_an_old_epoch_are_obeyed(void)
{
    campus_receipt_result result;
    begin(8, 2);
    CHECK(device_boot(&d, 0) == CAMPUS_OK);
    CHECK(device_append(&d, 3, 1, NULL) == CAMPUS_OK);
    CHECK(device_receive(&d, 1, 2, 0, 0, &result) == CAMPUS_OK);
    CHECK_EQUAL(result.frames_covered, 0); /* not sent in this boot */
    send_all(3);
    CHECK(device_receive(&d, 2, 1, 0, 0, &result) == CAMPUS_OK);
    CHECK_EQUAL(result.frames_covered, 1);
    CHECK(device_receive(&d, 1, 2, 0, 0, &result) == CAMPUS_OK);
    CHECK_EQUAL(result.frames_covered, 2);
    CHECK_EQUAL(campus_outbox_count(&d.outbox).frames_held, 0);
}

static void the_clock_is_set_by_a_timely_echo_only(void)
{
    const uint64_t unix_ms = UINT64_C(1795380757000);
    campus_receipt_result result;
    campus_clock clock;
    begin(8, 4);
    send_all(4);
    CHECK(device_receive(&d, 1, 0, unix_ms, d.now + 1, &result) == CAMPUS_OK && !result.clock_set);
    CHECK(device_receive(&d, 2, 0, unix_ms, d.now, &result) == CAMPUS_OK && !result.clock_set);
    d.now += 10001;
    CHECK(device_receive(&d, 1, 0, unix_ms, d.now - 10001, &result) == CAMPUS_OK && !result.clock_set);
    d.now -= 1;
    CHECK(device_receive(&d, 1, 4, unix_ms, d.now - 10000, &result) == CAMPUS_OK && result.clock_set);
    CHECK_EQUAL(result.unix_ms, unix_ms);
    CHECK_EQUAL(result.frames_covered, 4);
    clock = campus_outbox_clock(&d.outbox);
    CHECK(clock.kind == CAMPUS_CLOCK_BATTERY);
    CHECK_EQUAL(campus_clock_read(&clock, d.now + 5), unix_ms + 5);
    /* A network clock is better than a receipt. */
    campus_outbox_set_clock(&d.outbox, campus_clock_set(CAMPUS_CLOCK_NETWORK, unix_ms, d.now));
    CHECK(device_append(&d, 5, 1, NULL) == CAMPUS_OK && device_send(&d) == CAMPUS_OK);
    CHECK(d.frame.clock == CAMPUS_CLOCK_NETWORK);
    CHECK(device_receive(&d, 1, 5, unix_ms + 99, d.frame.sent, &result) == CAMPUS_OK && !result.clock_set);
}

static void a_frame_keeps_the_clock_it_began_with(void)
{
    const uint64_t unix_ms = UINT64_C(1795380757000);
    begin(8, 1);
    campus_outbox_set_clock(&d.outbox, campus_clock_set(CAMPUS_CLOCK_BATTERY, unix_ms, d.now));
    CHECK(device_append(&d, 2, 1, NULL) == CAMPUS_OK);
    campus_outbox_set_clock(&d.outbox, campus_clock_set(CAMPUS_CLOCK_BATTERY, unix_ms + 3600000, d.now));
    CHECK(device_append(&d, 3, 1, NULL) == CAMPUS_OK);
    d.now += 500;
    CHECK(device_send(&d) == CAMPUS_OK && d.frame.clock == 0 && d.frame.sent == d.now);
    CHECK(device_send(&d) == CAMPUS_OK && d.frame.clock == 1 && d.frame.sent == unix_ms + 500);
    CHECK(device_send(&d) == CAMPUS_OK && d.frame.clock == 1 && d.frame.sent == unix_ms + 3600500);
}

static void clocks_of_an_earlier_boot(void)
{
    const uint64_t unix_ms = UINT64_C(1795380757000);
    campus_receipt_result result;
    begin(8, 2);
    d.now = 70000;
    CHECK(device_send(&d) == CAMPUS_OK && d.frame.clock == 0); /* 1 was sent with clock 0; 2 was not */
    campus_outbox_set_clock(&d.outbox, campus_clock_set(CAMPUS_CLOCK_BATTERY, unix_ms, d.now));
    CHECK(device_append(&d, 3, 1, NULL) == CAMPUS_OK);
    CHECK(device_boot(&d, 0) == CAMPUS_OK);
    CHECK(device_send(&d) == CAMPUS_OK && d.frame.seq == 1 && d.frame.clock == 0 && d.frame.sent == 1000);
    CHECK(device_receive(&d, 1, 0, unix_ms, 1000, &result) == CAMPUS_OK && !result.clock_set); /* not of this boot */
    d.now += 1;
    CHECK(device_send(&d) == CAMPUS_OK && d.frame.seq == 2 && d.frame.clock == 3 && d.frame.sent == d.now);
    CHECK(device_send(&d) == CAMPUS_OK && d.frame.seq == 3 && d.frame.clock == 1 && d.frame.sent == unix_ms);
    d.now += 10000;
    campus_outbox_set_clock(&d.outbox, campus_clock_set(CAMPUS_CLOCK_BATTERY, unix_ms + 86400000, d.now));
    CHECK(device_send(&d) == CAMPUS_OK && d.frame.seq == 1 && d.frame.clock == 0 && d.frame.sent == 1000);
    CHECK(device_send(&d) == CAMPUS_OK && d.frame.seq == 2 && d.frame.clock == 3 && d.frame.sent == d.now);
    CHECK(device_send(&d) == CAMPUS_OK && d.frame.seq == 3 && d.frame.clock == 1);
    CHECK_EQUAL(d.frame.sent, unix_ms + 86400000);
    CHECK(device_receive(&d, 1, 3, unix_ms + 86400001, d.frame.sent, &result) == CAMPUS_OK && result.clock_set);
}

static void a_stale_decision_is_refused(void)
{
    campus_next next;
    size_t length = 0;
    begin(2, 2);
    next = campus_outbox_next(&d.outbox, d.now);
    CHECK(campus_outbox_compose(&d.outbox, &next, &d.identity, d.now, d.message, 10, &length) == CAMPUS_ERROR_BUFFER);
    CHECK(length > 10);
    CHECK_EQUAL(campus_outbox_count(&d.outbox).frames_in_flight, 0);
    CHECK(campus_outbox_compose(&d.outbox, &next, &d.identity, d.now, d.message, length, &length) == CAMPUS_OK);
    CHECK(campus_outbox_compose(&d.outbox, &next, &d.identity, d.now, d.message, sizeof d.message, &length)
          == CAMPUS_ERROR_NOT_DUE);
}

void test_policy(void)
{
    TEST("the window limits the frames in flight", the_window_limits_frames_in_flight);
    TEST("an empty outbox is never due", an_empty_outbox_never_asks);
    TEST("uncovered frames are resent after ten seconds, not before", uncovered_frames_are_resent_after_ten_seconds);
    TEST("the wait doubles while nobody answers, and a receipt ends that", waiting_doubles_while_nobody_answers);
    TEST("missing frames go at once, but once in ten seconds", missing_frames_go_at_once_but_once_in_ten_seconds);
    TEST("receipts reach only what was sent", receipts_reach_only_what_was_sent);
    TEST("receipts of an old epoch are obeyed once its frames are resent", receipts_of_an_old_epoch_are_obeyed);
    TEST("the clock is set by a timely echo only", the_clock_is_set_by_a_timely_echo_only);
    TEST("a frame keeps the clock it began with", a_frame_keeps_the_clock_it_began_with);
    TEST("after a boot, an unsent uptime becomes clock 3 and a sent one stays clock 0", clocks_of_an_earlier_boot);
    TEST("a stale decision is refused and a short buffer changes nothing", a_stale_decision_is_refused);
}
