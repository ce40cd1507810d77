/* Takes a decision of campus_outbox_next, gives the message to publish. */
#include "bytes.h"
#include "log.h"
#include "message.h"
#include "slots.h"

/* The clock and `sent` of this copy. */
typedef struct stamp {
    uint64_t sent;
    uint8_t clock;
    bool fresh;     /* read from a running clock: an echo of it proves a receipt's age */
    bool mark_sent; /* the clock is fixed by this transmission: remember it across boots */
} stamp;

/* `sent` is read on the clock of the frame's readings:
 * - this boot: that clock still runs, at the offset it had when the frame was appended;
 * - an earlier boot's battery or network clock: the same, if it reads on from where it was;
 *   otherwise the last reading known, when the frame was appended;
 * - an earlier boot's uptime is lost.  A frame first sent now has clock 3, and this boot's uptime as
 *   `sent`.  One sent before keeps clock 0, as the gateway may hold a copy, and the last reading. */
static campus_error stamp_record(const campus_outbox *o, const campus_record *record, uint64_t now_ms, stamp *s)
{
    s->clock = record->clock;
    s->sent = record->committed;
    s->fresh = true;
    s->mark_sent = false;
    if (record->epoch == o->epoch) {
        s->sent += now_ms > record->uptime ? now_ms - record->uptime : 0;
        s->mark_sent = record->clock == CAMPUS_CLOCK_UPTIME;
    } else if (record->clock == CAMPUS_CLOCK_UPTIME) {
        bool sent_before;
        if (!campus_log_marked(o, record->offset, MARK_SENT, &sent_before)) {
            return CAMPUS_ERROR_STORAGE;
        }
        s->fresh = !sent_before;
        if (!sent_before) {
            s->clock = CAMPUS_CLOCK_EARLIER_BOOT;
            s->sent = now_ms;
        }
    } else {
        uint64_t reading = campus_clock_read(&o->clock, now_ms);
        s->fresh = o->clock.kind != CAMPUS_CLOCK_UPTIME && reading >= record->committed && reading <= CAMPUS_TIME_MAX;
        if (s->fresh) {
            s->sent = reading;
        }
    }
    if (s->sent > CAMPUS_TIME_MAX) {
        s->sent = CAMPUS_TIME_MAX; /* a clock gone wild must not hold a frame back for ever */
    }
    return CAMPUS_OK;
}

/* The record a decision is about; moves o->unsent to it if it was not sent yet in this boot. */
static campus_error record_of(campus_outbox *o, const campus_next *next, campus_record *record)
{
    const campus_slot *slot = &o->slots[next->slot];
    campus_found found;
    if ((slot->flags & SLOT_USED) != 0) {
        found = campus_log_at(o, slot->offset, record);
    } else {
        found = campus_log_find_held(o, o->unsent, record);
        if (found == FOUND_RECORD) {
            o->unsent = record->offset;
        }
    }
    if (found == FOUND_FAILURE) {
        return CAMPUS_ERROR_STORAGE;
    }
    return found == FOUND_RECORD ? CAMPUS_OK : CAMPUS_ERROR_NOT_DUE;
}

/* The bytes of a record have changed in storage: it cannot be sent, and must not be tried for ever. */
static campus_error give_up_corrupt(campus_outbox *o, const campus_next *next, const campus_record *record)
{
    campus_slot *slot = &o->slots[next->slot];
    if (record != NULL && !campus_log_mark(o, record->offset, MARK_COVERED)) {
        return CAMPUS_ERROR_STORAGE;
    }
    if ((slot->flags & SLOT_USED) != 0) {
        campus_slots_release(o, slot);
        o->counts.frames_held--;
        o->counts.frames_corrupt++;
    } else if (record != NULL) {
        o->counts.frames_held--;
        o->counts.frames_corrupt++;
    } else {
        /* Nothing unsent is left, whatever was counted: headers have changed. */
        o->counts.frames_corrupt += o->counts.frames_held - o->counts.frames_in_flight;
        o->counts.frames_held = o->counts.frames_in_flight;
    }
    campus_slots_tell_oldest(o);
    return CAMPUS_ERROR_NOT_DUE;
}

/* Fills in `oldest`: on every resend, and while something given up is untold. */
static campus_error add_oldest(campus_outbox *o, bool resend, campus_head *head)
{
    campus_record oldest;
    campus_found found;
    head->has_oldest = resend || (o->flags & OUTBOX_TELL_OLDEST) != 0;
    if (!head->has_oldest) {
        return CAMPUS_OK;
    }
    found = campus_log_find_held(o, o->oldest, &oldest);
    if (found != FOUND_RECORD) {
        return CAMPUS_ERROR_STORAGE; /* the frame being sent is held itself */
    }
    o->oldest = oldest.offset;
    head->oldest_epoch = oldest.epoch;
    head->oldest_seq = oldest.seq;
    return CAMPUS_OK;
}

/* Enters the transmission into the window. */
static void note_transmission(campus_outbox *o, const campus_next *next, const campus_record *record,
                              const stamp *s, bool told, uint64_t now_ms)
{
    campus_slot *slot = &o->slots[next->slot];
    unsigned backoff = slot->flags / SLOT_BACKOFF;
    if ((slot->flags & SLOT_USED) == 0) {
        slot->epoch = record->epoch;
        slot->seq = record->seq;
        slot->offset = record->offset;
        slot->readings = record->count;
        slot->attempts = 0;
        slot->flags = told ? SLOT_TOLD : 0;
        backoff = 0;
        o->unsent = record->end;
        o->counts.frames_in_flight++;
    } else if ((slot->flags & SLOT_MISSING) == 0 && backoff < SLOT_BACKOFF_MAX) {
        backoff++;
    }
    slot->flags = (uint8_t)((slot->flags & SLOT_TOLD) | SLOT_USED | (s->fresh ? SLOT_FRESH : 0)
                            | backoff * SLOT_BACKOFF);
    slot->sent = s->sent;
    slot->sent_at = now_ms;
    slot->attempts = slot->attempts < UINT16_MAX ? (uint16_t)(slot->attempts + 1) : UINT16_MAX;
}

/* True if the decision still stands. */
static bool still_due(const campus_outbox *o, const campus_next *next, uint64_t now_ms)
{
    campus_next again = campus_outbox_next(o, now_ms);
    return next->due && again.due && next->slot == again.slot;
}

static campus_error mark_sent_once(campus_outbox *o, const campus_record *record)
{
    bool marked;
    if (!campus_log_marked(o, record->offset, MARK_SENT, &marked)) {
        return CAMPUS_ERROR_STORAGE;
    }
    return marked || campus_log_mark(o, record->offset, MARK_SENT) ? CAMPUS_OK : CAMPUS_ERROR_STORAGE;
}

campus_error campus_outbox_compose(campus_outbox *outbox, const campus_next *next, const campus_identity *identity,
                                   uint64_t now_ms, uint8_t *buffer, size_t capacity, size_t *length)
{
    campus_record record;
    campus_head head;
    campus_layout layout;
    stamp s;
    campus_error error = campus_identity_check(identity);
    if (error != CAMPUS_OK) {
        return error;
    }
    if (!still_due(outbox, next, now_ms)) {
        return CAMPUS_ERROR_NOT_DUE;
    }
    error = record_of(outbox, next, &record);
    if (error == CAMPUS_ERROR_NOT_DUE) {
        return give_up_corrupt(outbox, next, NULL);
    }
    if (error == CAMPUS_OK) {
        error = stamp_record(outbox, &record, now_ms, &s);
    }
    if (error == CAMPUS_OK) {
        error = add_oldest(outbox, (outbox->slots[next->slot].flags & SLOT_USED) != 0, &head);
    }
    if (error != CAMPUS_OK) {
        return error;
    }
    head.epoch = record.epoch;
    head.seq = record.seq;
    head.sent = s.sent;
    head.clock = s.clock;
    head.count = record.count;
    head.readings_length = record.length;
    error = campus_message_lay_out(identity, &head, buffer, capacity, &layout);
    if (error == CAMPUS_OK || error == CAMPUS_ERROR_BUFFER) {
        *length = layout.length;
    }
    if (error != CAMPUS_OK) {
        return error;
    }
    if (!outbox->storage.read(outbox->storage.context, campus_log_readings(outbox, record.offset),
                              buffer + layout.readings_at, record.length)) {
        return CAMPUS_ERROR_STORAGE;
    }
    if (campus_crc32(buffer + layout.readings_at, record.length) != record.crc) {
        return give_up_corrupt(outbox, next, &record);
    }
    error = campus_message_seal(identity, buffer, &layout);
    if (error == CAMPUS_OK && s.mark_sent) {
        /* Before it leaves: a boot after a power cut must know that the clock was fixed. */
        error = mark_sent_once(outbox, &record);
    }
    if (error == CAMPUS_OK) {
        note_transmission(outbox, next, &record, &s, head.has_oldest, now_ms);
    }
    return error;
}
