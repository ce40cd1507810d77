/* Opening, appending, and what is asked about an outbox. */
#include "bytes.h"
#include "log.h"
#include "slots.h"

static bool config_valid(const campus_outbox_config *config)
{
    const campus_storage *s = &config->storage;
    uint32_t unit = s->program_size;
    if (s->read == NULL || s->write == NULL || s->erase == NULL) {
        return false;
    }
    if (unit == 0 || unit > CAMPUS_PROGRAM_MAX || (unit & (unit - 1)) != 0) {
        return false;
    }
    if (s->sector_size < 256 || s->sector_size > 1u << 20 || s->sector_size % unit != 0 || s->sector_count < 2
        || s->sector_count > UINT32_MAX / s->sector_size) {
        return false;
    }
    if (config->slots == NULL || config->slot_count == 0 || config->slot_count > 1024) {
        return false;
    }
    return config->resend_after_ms == 0 || config->resend_after_ms >= CAMPUS_RESEND_MS;
}

campus_error campus_outbox_open(campus_outbox *outbox, const campus_outbox_config *config)
{
    static const campus_outbox_counts zero = {0, 0, 0, 0, 0};
    uint32_t i;
    if (!config_valid(config)) {
        return CAMPUS_ERROR_CONFIG;
    }
    if (config->storage.is_volatile && config->epoch == 0) {
        return CAMPUS_ERROR_EPOCH;
    }
    outbox->storage = config->storage;
    outbox->slots = config->slots;
    outbox->slot_count = config->slot_count;
    outbox->resend_after_ms = config->resend_after_ms != 0 ? config->resend_after_ms : CAMPUS_RESEND_MS;
    outbox->clock.kind = CAMPUS_CLOCK_UPTIME;
    outbox->clock.offset_ms = 0;
    outbox->counts = zero;
    outbox->serial = 0;
    outbox->flags = OUTBOX_TELL_OLDEST; /* what an earlier boot gave up is not remembered: say it again */
    for (i = 0; i < outbox->slot_count; i++) {
        outbox->slots[i].flags = 0;
    }
    return campus_log_recover(outbox, config->epoch);
}

size_t campus_outbox_readings_capacity(const campus_outbox *outbox)
{
    uint32_t size = outbox->storage.sector_size;
    uint32_t room = size - campus_log_first(outbox, 0) - campus_log_readings(outbox, 0);
    uint32_t most = CAMPUS_MESSAGE_MAX - CAMPUS_MESSAGE_OVERHEAD;
    return room / outbox->storage.program_size * outbox->storage.program_size < most
               ? room / outbox->storage.program_size * outbox->storage.program_size
               : most;
}

/* Counts what the sector still holds as dropped, and moves every cursor out of it. */
static campus_error give_up_sector(campus_outbox *o, uint32_t sector)
{
    uint32_t size = o->storage.sector_size;
    uint32_t behind = campus_log_first(o, (sector + 1) % o->storage.sector_count);
    uint32_t offset = campus_log_first(o, sector);
    campus_sector header;
    bool valid;
    if (!campus_log_sector(o, sector, &header, &valid)) {
        return CAMPUS_ERROR_STORAGE;
    }
    while (valid) {
        campus_record record;
        bool covered = false;
        campus_found found = campus_log_in_sector(o, offset, (sector + 1) * size, &record);
        if (found == FOUND_FAILURE
            || (found == FOUND_RECORD && !campus_log_marked(o, record.offset, MARK_COVERED, &covered))) {
            return CAMPUS_ERROR_STORAGE;
        }
        if (found == FOUND_NONE) {
            break;
        }
        if (!covered) {
            /* Marked first: an erasure that fails half way must not bring it back. */
            if (!campus_log_mark(o, record.offset, MARK_COVERED)) {
                return CAMPUS_ERROR_STORAGE;
            }
            campus_slots_release_record(o, record.offset);
            o->counts.frames_held--;
            o->counts.frames_dropped++;
            o->counts.readings_dropped += record.count;
            campus_slots_tell_oldest(o);
        }
        offset = record.end;
    }
    if ((o->oldest - 1) / size == sector) {
        o->oldest = behind;
    }
    if ((o->unsent - 1) / size == sector) {
        o->unsent = behind;
    }
    return CAMPUS_OK;
}

/* Goes on to the next sector of the ring. */
static campus_error turn_over(campus_outbox *o)
{
    uint32_t sector = ((o->head - 1) / o->storage.sector_size + 1) % o->storage.sector_count;
    campus_error error = give_up_sector(o, sector);
    if (error != CAMPUS_OK) {
        return error;
    }
    return campus_log_begin_sector(o, sector) ? CAMPUS_OK : CAMPUS_ERROR_STORAGE;
}

static campus_error check_append(const campus_outbox *o, const campus_readings *readings, uint64_t now_ms,
                                 uint64_t committed)
{
    if (readings->count == 0) {
        return CAMPUS_ERROR_EMPTY;
    }
    if (readings->buffer == NULL) {
        return CAMPUS_ERROR_BUFFER;
    }
    if ((unsigned)readings->clock.kind > CAMPUS_CLOCK_NETWORK) {
        return CAMPUS_ERROR_RANGE;
    }
    if (readings->length > campus_outbox_readings_capacity(o)) {
        return CAMPUS_ERROR_SIZE;
    }
    if (now_ms > CAMPUS_TIME_MAX || committed > CAMPUS_TIME_MAX
        || (readings->clock.kind == CAMPUS_CLOCK_UPTIME && readings->latest > committed)) {
        return CAMPUS_ERROR_TIME;
    }
    return o->next_seq == 0 ? CAMPUS_ERROR_EPOCH : CAMPUS_OK;
}

campus_error campus_outbox_append(campus_outbox *outbox, const campus_readings *readings, uint64_t now_ms,
                                  uint32_t *seq)
{
    campus_record record;
    uint64_t committed = campus_clock_read(&readings->clock, now_ms);
    uint32_t sector_end = ((outbox->head - 1) / outbox->storage.sector_size + 1) * outbox->storage.sector_size;
    uint32_t size = campus_log_record_size(outbox, readings->length);
    bool written;
    campus_error error = check_append(outbox, readings, now_ms, committed);
    if (error == CAMPUS_OK && sector_end - outbox->head < size) {
        error = turn_over(outbox);
    }
    if (error != CAMPUS_OK) {
        return error;
    }
    record.offset = outbox->head;
    record.epoch = outbox->epoch;
    record.seq = outbox->next_seq;
    record.committed = committed;
    record.uptime = now_ms;
    record.crc = campus_crc32(readings->buffer, readings->length);
    record.length = (uint16_t)readings->length;
    record.count = readings->count;
    record.clock = (uint8_t)readings->clock.kind;
    written = campus_log_write(outbox, &record, readings->buffer);
    /* Even after a failure: what the medium took of it must not be written over, nor its seq given twice. */
    outbox->head += size;
    outbox->next_seq++;
    if (!written && campus_log_mark(outbox, record.offset, MARK_COVERED)) {
        campus_slots_tell_oldest(outbox);
        return CAMPUS_ERROR_STORAGE;
    }
    outbox->counts.frames_held++;
    if (seq != NULL) {
        *seq = record.seq;
    }
    return written ? CAMPUS_OK : CAMPUS_ERROR_STORAGE;
}

void campus_outbox_set_clock(campus_outbox *outbox, campus_clock clock)
{
    outbox->clock = clock;
}

campus_clock campus_outbox_clock(const campus_outbox *outbox)
{
    return outbox->clock;
}

uint32_t campus_outbox_epoch(const campus_outbox *outbox)
{
    return outbox->epoch;
}

campus_outbox_counts campus_outbox_count(const campus_outbox *outbox)
{
    return outbox->counts;
}
