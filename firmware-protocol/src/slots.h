/* The window: frames sent in this boot and not yet covered. */
#ifndef CAMPUS_SLOTS_H
#define CAMPUS_SLOTS_H

#include "campus_device.h"

enum {
    SLOT_USED = 1,
    SLOT_MISSING = 2, /* a receipt asks for it again */
    SLOT_TOLD = 4,    /* every copy has carried `oldest` since the last frame was given up */
    SLOT_FRESH = 8,   /* its `sent` was read from a running clock */
    SLOT_BACKOFF = 16 /* counts in the bits from here up: resend_after_ms is doubled as often */
};
#define SLOT_BACKOFF_MAX 5

/* A free slot, or slot_count. */
uint32_t campus_slots_free(const campus_outbox *o);
void campus_slots_release(campus_outbox *o, campus_slot *slot);
void campus_slots_release_record(campus_outbox *o, uint32_t offset);

/* A frame was given up: every copy carries `oldest` until one that always did is covered. */
void campus_slots_tell_oldest(campus_outbox *o);

#endif
