/* Loses power at every single byte written or erased, recovers, and compares with what was promised. */
#include "device.h"
#include "harness.h"

#define FRAMES_MAX 64

/* What the device was promised about one frame. */
typedef struct promise {
    uint32_t epoch, seq, count;
    bool committed; /* append returned OK */
    bool begun;     /* append was called */
    bool covering;  /* obey was called for it */
    bool covered;   /* obey returned OK */
    bool seen;      /* found after recovery */
} promise;

static flash f;
static device d;
static promise promises[FRAMES_MAX]; /* by number */
static uint32_t numbers;
static uint32_t transmitted_epoch; /* highest in which anything left the device */
static uint32_t dropped_earlier;   /* counted as dropped before the last boot */

static bool boot(void)
{
    dropped_earlier += d.outbox.counts.frames_dropped;
    d.outbox.counts.frames_dropped = 0;
    return device_boot(&d, 0) == CAMPUS_OK;
}

static bool append(uint32_t count)
{
    promise *p = &promises[numbers];
    uint32_t seq = 0;
    campus_error error;
    p->begun = true;
    p->count = count;
    p->epoch = campus_outbox_epoch(&d.outbox);
    p->seq = d.outbox.next_seq;
    error = device_append(&d, numbers, count, &seq);
    numbers++;
    if (error != CAMPUS_OK) {
        return false;
    }
    CHECK_EQUAL(seq, p->seq);
    p->committed = true;
    return true;
}

static bool send(void)
{
    campus_error error;
    while ((error = device_send(&d)) == CAMPUS_OK) {
        transmitted_epoch = d.frame.epoch > transmitted_epoch ? d.frame.epoch : transmitted_epoch;
    }
    return error == CAMPUS_ERROR_NOT_DUE;
}

static bool cover(uint32_t epoch, uint32_t through)
{
    uint32_t i;
    bool ok;
    for (i = 0; i < numbers; i++) {
        promises[i].covering |= promises[i].epoch == epoch && promises[i].seq <= through;
    }
    ok = device_receive(&d, epoch, through, 0, 0, NULL) == CAMPUS_OK;
    for (i = 0; ok && i < numbers; i++) {
        promises[i].covered |= promises[i].covering;
    }
    return ok;
}

/* Appends, sends, covers, reboots, and fills the ring more than once: everything it holds at any
 * time fits in two sectors, unless `overflow`. */
static bool work(bool overflow)
{
    uint32_t i;
    if (!boot()) {
        return false;
    }
    for (i = 0; i < 4; i++) {
        if (!append(1 + i % 3)) {
            return false;
        }
    }
    if (!send() || !cover(1, 3) || !append(2) || !boot() || !append(3) || !send()) {
        return false;
    }
    if (!cover(1, 5) || !append(2) || !append(1) || !send() || !cover(2, 2)) {
        return false;
    }
    for (i = 0; i < (overflow ? 24u : 8u); i++) {
        if (!append(1 + i % 2) || !send() || (!overflow && i >= 2 && !cover(2, i + 1))) {
            return false;
        }
    }
    return boot() && append(1) && append(2) && send() && cover(2, 9);
}

static promise *promise_of(const read_frame *frame)
{
    uint32_t i;
    for (i = 0; i < numbers; i++) {
        uint8_t buffer[CAMPUS_READINGS_MAX * 24];
        campus_readings r;
        /* A torn frame's epoch and seq may be used again: its content tells. */
        if (promises[i].epoch == frame->epoch && promises[i].seq == frame->seq
            && device_readings(i, promises[i].count, buffer, sizeof buffer, NULL, &r) == frame->readings_length
            && memcmp(buffer, frame->readings, r.length) == 0 && frame->count == promises[i].count) {
            return &promises[i];
        }
    }
    return NULL;
}

static uint32_t lost_at_all; /* over all cuts of a test */

/* Everything held is sent, and compared. */
static void verify(bool overflow, uint32_t held_before, uint32_t dropped_before)
{
    uint32_t i, lost = 0, last_lost = 0, first_kept = UINT32_MAX;
    campus_error error;
    for (i = 0; i < numbers; i++) {
        promises[i].seen = false;
    }
    while ((error = device_send(&d)) == CAMPUS_OK) {
        promise *p = promise_of(&d.frame);
        CHECK(p != NULL); /* nothing corrupt, nothing invented */
        if (p == NULL) {
            return;
        }
        CHECK(!p->seen);
        CHECK(!p->covered);
        p->seen = true;
    }
    CHECK(error == CAMPUS_ERROR_NOT_DUE);
    for (i = 0; i < numbers; i++) {
        if (!promises[i].committed || promises[i].covering) {
            continue;
        }
        if (!promises[i].seen) {
            lost++;
            last_lost = i;
        } else if (first_kept == UINT32_MAX) {
            first_kept = i;
        }
    }
    if (!overflow) {
        CHECK_EQUAL(lost, 0);
    } else {
        /* Only the oldest may go, and no more than were dropped, and what one more sector holds. */
        CHECK(lost == 0 || first_kept == UINT32_MAX || last_lost < first_kept);
        CHECK(lost <= dropped_before + 8);
    }
    CHECK(campus_outbox_count(&d.outbox).frames_held <= held_before + 1);
    lost_at_all += lost;
}

/* After any recovery the outbox must work on as if nothing had been. */
static void go_on(void)
{
    uint32_t epoch = campus_outbox_epoch(&d.outbox), seq, first = 0, i;
    CHECK(epoch > transmitted_epoch);
    for (i = 0; i < 3; i++) {
        CHECK(device_append(&d, 200 + i, 1, &seq) == CAMPUS_OK);
        first = i == 0 ? seq : first;
    }
    CHECK_EQUAL(first, 1);
    CHECK(send());
    CHECK(device_boot(&d, 0) == CAMPUS_OK);
    CHECK(campus_outbox_count(&d.outbox).frames_held >= 3);
    CHECK(send());
}

static void cut_everywhere(uint32_t program_size, bool overflow)
{
    /* Records grow with the program unit: sectors so that the same frames fit. */
    uint32_t sector_size = program_size == 32 ? 768 : program_size == 8 ? 512 : 384;
    uint64_t total, cut, cuts = 0;
    int tear;
    for (tear = 0; tear < TEAR_KINDS; tear++) {
        total = UINT64_MAX;
        for (cut = 0; cut < total; cut++) {
            uint32_t held, dropped, again;
            bool finished;
            device_begin(&d, flash_begin(&f, sector_size, 3, program_size), DEVICE_SLOTS);
            memset(promises, 0, sizeof promises);
            numbers = transmitted_epoch = dropped_earlier = 0;
            f.tear = (flash_tear)tear;
            f.cut_after = cut;
            finished = work(overflow);
            if (finished && !f.dead) {
                total = f.changed;
                CHECK(d.outbox.serial > 3); /* the ring went round */
                break;
            }
            CHECK(f.dead);
            cuts++;
            held = d.outbox.counts.frames_held + 1;
            dropped = dropped_earlier + d.outbox.counts.frames_dropped;
            /* Power fails again during recovery, a little later every time. */
            for (again = 0;; again++) {
                campus_error error;
                flash_revive(&f);
                f.cut_after = again < 40 ? f.changed + again : UINT64_MAX;
                error = device_boot(&d, 0);
                flash_revive(&f);
                if (error == CAMPUS_OK) {
                    break;
                }
                CHECK(error == CAMPUS_ERROR_STORAGE && again < 40);
                if (again >= 40) {
                    return;
                }
            }
            verify(overflow, held > d.outbox.counts.frames_held ? held : d.outbox.counts.frames_held, dropped);
            go_on();
            CHECK_EQUAL(f.misuses, 0);
            if (harness_failures > 0) {
                printf("    program %u, tear %d, cut after %u bytes\n", (unsigned)program_size, tear, (unsigned)cut);
                return;
            }
        }
    }
    printf("    program unit %u: %u cuts\n", (unsigned)program_size, (unsigned)cuts);
}

static void nothing_is_lost(void)
{
    random_begin("power cuts");
    cut_everywhere(1, false);
    cut_everywhere(4, false);
    cut_everywhere(8, false);
    cut_everywhere(32, false);
}

static void only_the_oldest_is_lost(void)
{
    random_begin("power cuts with overflow");
    lost_at_all = 0;
    cut_everywhere(1, true);
    cut_everywhere(8, true);
    CHECK(lost_at_all > 0); /* else the work was too little to overflow */
}

void test_power_cut(void)
{
    TEST("power cut at every byte: nothing committed is lost, nothing corrupt is sent", nothing_is_lost);
    TEST("power cut at every byte of a full outbox: only the oldest frames go", only_the_oldest_is_lost);
}
