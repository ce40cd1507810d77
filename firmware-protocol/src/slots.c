#include "slots.h"

#include "log.h"

uint32_t campus_slots_free(const campus_outbox *o)
{
    uint32_t i = 0;
    while (i < o->slot_count && (o->slots[i].flags & SLOT_USED) != 0) {
        i++;
    }
    return i;
}

void campus_slots_release(campus_outbox *o, campus_slot *slot)
{
    slot->flags = 0;
    o->counts.frames_in_flight--;
}

void campus_slots_release_record(campus_outbox *o, uint32_t offset)
{
    uint32_t i;
    for (i = 0; i < o->slot_count; i++) {
        if ((o->slots[i].flags & SLOT_USED) != 0 && o->slots[i].offset == offset) {
            campus_slots_release(o, &o->slots[i]);
        }
    }
}

void campus_slots_tell_oldest(campus_outbox *o)
{
    uint32_t i;
    o->flags |= OUTBOX_TELL_OLDEST;
    for (i = 0; i < o->slot_count; i++) {
        o->slots[i].flags &= (uint8_t)~SLOT_TOLD;
    }
}
