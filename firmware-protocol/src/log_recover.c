/* Takes whatever a power cut left in storage, gives a log to go on with. */
#include "bytes.h"
#include "log.h"

/* What a walk over all sectors and records finds. */
typedef struct survey {
    uint32_t epoch;       /* the one whose seq is wanted */
    uint32_t last_seq;    /* in it */
    uint32_t last_epoch;  /* highest of all */
    uint32_t end;         /* of the last record */
    bool last_was_broken; /* the last record: torn by a power cut, not spoiled later */
} survey;

/* Finds the sector being filled.  *found is false on new storage. */
static bool find_head_sector(campus_outbox *o, uint32_t *head_sector, survey *s, bool *found)
{
    uint32_t sector;
    *found = false;
    for (sector = 0; sector < o->storage.sector_count; sector++) {
        campus_sector header;
        bool valid;
        if (!campus_log_sector(o, sector, &header, &valid)) {
            return false;
        }
        if (!valid) {
            continue;
        }
        if (header.epoch > s->last_epoch) {
            s->last_epoch = header.epoch;
        }
        if (header.epoch == s->epoch && header.next_seq - 1 > s->last_seq) {
            s->last_seq = header.next_seq - 1;
        }
        /* Serials wrap: compared by distance. */
        if (!*found || (int32_t)(header.serial - o->serial) > 0) {
            *found = true;
            *head_sector = sector;
            o->serial = header.serial;
        }
    }
    return true;
}

/* The first place in the head's sector, behind its last record, that is certainly blank. */
static bool find_blank(campus_outbox *o, uint32_t offset, uint32_t limit)
{
    uint32_t unit = o->storage.program_size;
    uint32_t first_torn = limit;
    uint32_t blank_from = offset;
    while (offset < limit) {
        uint8_t bytes[CAMPUS_PROGRAM_MAX];
        uint32_t piece = limit - offset < sizeof bytes ? limit - offset : (uint32_t)sizeof bytes;
        uint32_t i;
        if (!o->storage.read(o->storage.context, offset, bytes, piece)) {
            return false;
        }
        for (i = 0; i < piece; i++) {
            if (bytes[i] != 0xff) {
                uint32_t torn = offset + i / unit * unit;
                first_torn = torn < first_torn ? torn : first_torn;
                blank_from = torn + unit;
            }
        }
        offset += piece;
    }
    /* A torn header may have units that were written, and yet read as blank. */
    if (first_torn < limit && blank_from < first_torn + campus_log_readings(o, 0)) {
        blank_from = first_torn + campus_log_readings(o, 0);
    }
    o->head = blank_from < limit ? blank_from : limit;
    return true;
}

/* True in *intact if the readings still have their CRC.  Reads them in small pieces. */
static bool check_readings(const campus_outbox *o, const campus_record *record, bool *intact)
{
    uint32_t from = campus_log_readings(o, record->offset);
    uint32_t crc = 0;
    uint32_t done = 0;
    while (done < record->length) {
        uint8_t bytes[64];
        uint32_t piece = record->length - done;
        piece = piece < sizeof bytes ? piece : (uint32_t)sizeof bytes;
        if (!o->storage.read(o->storage.context, from + done, bytes, piece)) {
            return false;
        }
        crc = campus_crc32_add(crc, bytes, piece);
        done += piece;
    }
    *intact = crc == record->crc && record->count > 0 && record->count <= CAMPUS_READINGS_MAX;
    return true;
}

static campus_error survey_record(campus_outbox *o, const campus_record *record, survey *s)
{
    bool covered, intact;
    if (record->epoch > s->last_epoch) {
        s->last_epoch = record->epoch;
    }
    if (record->epoch == s->epoch && record->seq > s->last_seq) {
        s->last_seq = record->seq;
    }
    s->end = record->end;
    if (s->last_was_broken) {
        o->counts.frames_corrupt++;
        s->last_was_broken = false;
    }
    if (!campus_log_marked(o, record->offset, MARK_COVERED, &covered)) {
        return CAMPUS_ERROR_STORAGE;
    }
    if (covered) {
        return CAMPUS_OK;
    }
    if (!check_readings(o, record, &intact)) {
        return CAMPUS_ERROR_STORAGE;
    }
    if (intact) {
        o->counts.frames_held++;
        return CAMPUS_OK;
    }
    s->last_was_broken = true;
    return campus_log_mark(o, record->offset, MARK_COVERED) ? CAMPUS_OK : CAMPUS_ERROR_STORAGE;
}

static campus_error survey_all(campus_outbox *o, survey *s)
{
    uint32_t offset = o->oldest;
    for (;;) {
        campus_record record;
        campus_error error;
        campus_found found = campus_log_find(o, offset, &record);
        if (found != FOUND_RECORD) {
            return found == FOUND_NONE ? CAMPUS_OK : CAMPUS_ERROR_STORAGE;
        }
        error = survey_record(o, &record, s);
        if (error != CAMPUS_OK) {
            return error;
        }
        offset = record.end;
    }
}

/* New storage: the first sector, and an epoch of its own. */
static campus_error begin_log(campus_outbox *o, uint32_t epoch)
{
    o->epoch = epoch != 0 ? epoch : 1;
    o->next_seq = 1;
    if (!campus_log_begin_sector(o, 0)) {
        return CAMPUS_ERROR_STORAGE;
    }
    o->oldest = o->unsent = o->head;
    return CAMPUS_OK;
}

/* The epoch asked for, or the one behind all that were counted; and its next seq. */
static void begin_epoch(campus_outbox *o, uint32_t epoch, const survey *s)
{
    if (epoch == 0) {
        epoch = s->last_epoch == UINT32_MAX ? 1 : s->last_epoch + 1;
    }
    o->epoch = epoch;
    o->next_seq = s->last_seq + 1; /* 0 when all are used */
}

campus_error campus_log_recover(campus_outbox *o, uint32_t epoch)
{
    survey s = {0, 0, 0, 0, false};
    uint32_t head_sector, size = o->storage.sector_size;
    bool found;
    campus_error error;
    s.epoch = epoch;
    if (!find_head_sector(o, &head_sector, &s, &found)) {
        return CAMPUS_ERROR_STORAGE;
    }
    if (!found) {
        return begin_log(o, epoch);
    }
    s.end = campus_log_first(o, head_sector);
    o->head = (head_sector + 1) * size;
    o->oldest = o->unsent = campus_log_first(o, (head_sector + 1) % o->storage.sector_count);
    error = survey_all(o, &s);
    if (error != CAMPUS_OK) {
        return error;
    }
    /* The last record lies in an older sector while the head's is still empty. */
    if ((s.end - 1) / size != head_sector) {
        s.end = campus_log_first(o, head_sector);
    }
    if (!find_blank(o, s.end, (head_sector + 1) * size)) {
        return CAMPUS_ERROR_STORAGE;
    }
    begin_epoch(o, epoch, &s);
    return CAMPUS_OK;
}
