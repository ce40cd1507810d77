/* Decides which frame to transmit next.  Pure: reads the window and the time given. */
#include "log.h"
#include "slots.h"

/* Milliseconds until the slot's frame may be sent again; 0 if it may be now. */
static uint64_t slot_wait(const campus_outbox *o, const campus_slot *slot, uint64_t now_ms)
{
    uint64_t elapsed = now_ms > slot->sent_at ? now_ms - slot->sent_at : 0;
    uint64_t interval = (slot->flags & SLOT_MISSING) != 0
                            ? CAMPUS_RESEND_MS
                            : (uint64_t)o->resend_after_ms << (slot->flags / SLOT_BACKOFF);
    return elapsed >= interval ? 0 : interval - elapsed;
}

/* True if `a` goes before `b`. */
static bool goes_first(const campus_outbox *o, const campus_slot *a, const campus_slot *b)
{
    bool a_missing = (a->flags & SLOT_MISSING) != 0;
    bool b_missing = (b->flags & SLOT_MISSING) != 0;
    if (a_missing != b_missing) {
        return a_missing;
    }
    return campus_log_order(o, a->offset) < campus_log_order(o, b->offset);
}

campus_next campus_outbox_next(const campus_outbox *outbox, uint64_t now_ms)
{
    campus_next next = {false, CAMPUS_NEVER, 0, 0};
    const campus_slot *best = NULL;
    uint32_t i;
    for (i = 0; i < outbox->slot_count; i++) {
        const campus_slot *slot = &outbox->slots[i];
        uint64_t wait;
        if ((slot->flags & SLOT_USED) == 0) {
            continue;
        }
        wait = slot_wait(outbox, slot, now_ms);
        if (wait == 0) {
            if (best == NULL || goes_first(outbox, slot, best)) {
                best = slot;
                next.slot = i;
            }
        } else if (wait < next.wait_ms) {
            next.wait_ms = (uint32_t)wait;
        }
    }
    if (best != NULL) {
        next.due = true;
        next.attempts = best->attempts;
    } else if (outbox->counts.frames_held > outbox->counts.frames_in_flight) {
        next.slot = campus_slots_free(outbox);
        next.due = next.slot < outbox->slot_count;
    }
    if (next.due) {
        next.wait_ms = 0;
    }
    return next;
}
