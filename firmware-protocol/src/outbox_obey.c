/* Obeys a receipt, within what this device has sent. */
#include "log.h"
#include "slots.h"

static bool is_missing(const campus_receipt *receipt, uint32_t seq)
{
    uint32_t i;
    for (i = 0; i < receipt->missing_count && i < CAMPUS_MISSING_MAX; i++) {
        if (seq >= receipt->missing[i].from && seq <= receipt->missing[i].to) {
            return true;
        }
    }
    return false;
}

/* True if the receipt answers a transmission of this boot not older than CAMPUS_ECHO_MS.  A frame is
 * sent at most once in that time, so its slot has the only copy that counts. */
static bool echo_fits(const campus_slot *slot, const campus_receipt *receipt, uint64_t now_ms)
{
    return (slot->flags & SLOT_FRESH) != 0 && slot->sent == receipt->echo && now_ms >= slot->sent_at
           && now_ms - slot->sent_at <= CAMPUS_ECHO_MS;
}

static bool let_go(campus_outbox *o, campus_slot *slot)
{
    if (!campus_log_mark(o, slot->offset, MARK_COVERED)) {
        return false;
    }
    if ((slot->flags & SLOT_TOLD) != 0) {
        o->flags &= (uint8_t)~OUTBOX_TELL_OLDEST;
    }
    campus_slots_release(o, slot);
    o->counts.frames_held--;
    return true;
}

campus_error campus_outbox_obey(campus_outbox *outbox, const campus_receipt *receipt, uint64_t now_ms,
                                campus_receipt_result *result)
{
    campus_receipt_result done = {0, 0, false, 0};
    campus_error error = CAMPUS_OK;
    bool heard = false;
    uint32_t i;
    for (i = 0; i < outbox->slot_count; i++) {
        campus_slot *slot = &outbox->slots[i];
        if ((slot->flags & SLOT_USED) == 0 || slot->epoch != receipt->epoch) {
            continue;
        }
        heard = true;
        done.clock_set = done.clock_set || echo_fits(slot, receipt, now_ms);
        if (slot->seq <= receipt->through) {
            if (let_go(outbox, slot)) {
                done.frames_covered++;
            } else {
                error = CAMPUS_ERROR_STORAGE;
            }
        } else if (is_missing(receipt, slot->seq)) {
            slot->flags |= SLOT_MISSING;
            done.frames_missing++;
        }
    }
    /* The gateway lives: what still waits need not wait longer for having waited long. */
    for (i = 0; heard && i < outbox->slot_count; i++) {
        outbox->slots[i].flags &= SLOT_BACKOFF - 1;
    }
    done.clock_set = done.clock_set && outbox->clock.kind != CAMPUS_CLOCK_NETWORK;
    if (done.clock_set) {
        outbox->clock = campus_clock_set(CAMPUS_CLOCK_BATTERY, receipt->now, now_ms);
        done.unix_ms = receipt->now;
    }
    if (result != NULL) {
        *result = done;
    }
    return error;
}
