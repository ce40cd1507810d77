#include "log.h"

#include "bytes.h"

static const uint8_t record_magic[2] = {'C', 'F'};
static const uint8_t sector_magic[4] = {'C', 'O', 'B', '1'};

static uint32_t align(const campus_outbox *o, uint32_t length)
{
    uint32_t unit = o->storage.program_size;
    return (length + unit - 1) / unit * unit;
}

uint32_t campus_log_first(const campus_outbox *o, uint32_t sector)
{
    return sector * o->storage.sector_size + align(o, SECTOR_HEADER_SIZE);
}

static uint32_t mark_offset(const campus_outbox *o, uint32_t record, campus_mark mark)
{
    return record + align(o, RECORD_HEADER_SIZE) + (uint32_t)mark * o->storage.program_size;
}

uint32_t campus_log_readings(const campus_outbox *o, uint32_t record)
{
    return record + align(o, RECORD_HEADER_SIZE) + 2 * o->storage.program_size;
}

uint32_t campus_log_record_size(const campus_outbox *o, size_t readings_length)
{
    return campus_log_readings(o, 0) + align(o, (uint32_t)readings_length);
}

/* Writes any length: the last program unit is filled up with 0xFF. */
static bool write_padded(const campus_outbox *o, uint32_t offset, const uint8_t *data, size_t length)
{
    size_t whole = length / o->storage.program_size * o->storage.program_size;
    uint8_t unit[CAMPUS_PROGRAM_MAX];
    size_t i;
    if (whole > 0 && !o->storage.write(o->storage.context, offset, data, whole)) {
        return false;
    }
    if (whole == length) {
        return true;
    }
    for (i = 0; i < o->storage.program_size; i++) {
        unit[i] = whole + i < length ? data[whole + i] : 0xff;
    }
    return o->storage.write(o->storage.context, offset + (uint32_t)whole, unit, o->storage.program_size);
}

/* True if the bytes are a record's header whose record ends by `limit`. */
static bool header_parse(const campus_outbox *o, const uint8_t *bytes, uint32_t offset, uint32_t limit,
                         campus_record *record)
{
    if (bytes[0] != record_magic[0] || bytes[1] != record_magic[1]
        || campus_le_get(bytes + 32, 4) != campus_crc32(bytes, 32)) {
        return false;
    }
    record->offset = offset;
    record->count = bytes[2];
    record->clock = bytes[3];
    record->epoch = (uint32_t)campus_le_get(bytes + 4, 4);
    record->seq = (uint32_t)campus_le_get(bytes + 8, 4);
    record->length = (uint16_t)campus_le_get(bytes + 12, 2);
    record->committed = campus_le_get(bytes + 16, 6);
    record->uptime = campus_le_get(bytes + 22, 6);
    record->crc = (uint32_t)campus_le_get(bytes + 28, 4);
    record->end = offset + campus_log_record_size(o, record->length);
    return record->end <= limit;
}

static bool blank(const uint8_t *bytes, size_t length)
{
    size_t i;
    for (i = 0; i < length; i++) {
        if (bytes[i] != 0xff) {
            return false;
        }
    }
    return true;
}

campus_found campus_log_in_sector(const campus_outbox *o, uint32_t offset, uint32_t limit, campus_record *record)
{
    uint32_t unit = o->storage.program_size;
    uint32_t stride = RECORD_HEADER_SIZE / unit > 0 ? RECORD_HEADER_SIZE / unit * unit : unit;
    uint8_t bytes[RECORD_HEADER_SIZE];
    while (offset < limit && limit - offset >= campus_log_record_size(o, 1)) {
        if (!o->storage.read(o->storage.context, offset, bytes, sizeof bytes)) {
            return FOUND_FAILURE;
        }
        if (header_parse(o, bytes, offset, limit, record)) {
            return FOUND_RECORD;
        }
        /* Blank, or the remains of a torn header: the next one may begin at any unit behind. */
        offset += blank(bytes, sizeof bytes) ? stride : unit;
    }
    return FOUND_NONE;
}

campus_found campus_log_find(const campus_outbox *o, uint32_t offset, campus_record *record)
{
    uint32_t size = o->storage.sector_size;
    /* Records lie behind their sector's header: an offset at a sector's beginning is the last one's end. */
    uint32_t head_sector = (o->head - 1) / size;
    uint32_t sector = (offset - 1) / size;
    uint32_t visited;
    for (visited = 0; visited <= o->storage.sector_count; visited++) {
        campus_sector header;
        bool valid;
        if (!campus_log_sector(o, sector, &header, &valid)) {
            return FOUND_FAILURE;
        }
        if (valid) {
            uint32_t limit = sector == head_sector ? o->head : (sector + 1) * size;
            campus_found found = campus_log_in_sector(o, offset, limit, record);
            if (found != FOUND_NONE) {
                return found;
            }
        }
        if (sector == head_sector) {
            return FOUND_NONE;
        }
        sector = (sector + 1) % o->storage.sector_count;
        offset = campus_log_first(o, sector);
    }
    return FOUND_NONE;
}

campus_found campus_log_find_held(const campus_outbox *o, uint32_t offset, campus_record *record)
{
    for (;;) {
        bool covered;
        campus_found found = campus_log_find(o, offset, record);
        if (found != FOUND_RECORD) {
            return found;
        }
        if (!campus_log_marked(o, record->offset, MARK_COVERED, &covered)) {
            return FOUND_FAILURE;
        }
        if (!covered) {
            return FOUND_RECORD;
        }
        offset = record->end;
    }
}

campus_found campus_log_at(const campus_outbox *o, uint32_t offset, campus_record *record)
{
    uint32_t limit = (offset / o->storage.sector_size + 1) * o->storage.sector_size;
    uint8_t bytes[RECORD_HEADER_SIZE];
    if (!o->storage.read(o->storage.context, offset, bytes, sizeof bytes)) {
        return FOUND_FAILURE;
    }
    return header_parse(o, bytes, offset, limit, record) ? FOUND_RECORD : FOUND_NONE;
}

uint64_t campus_log_order(const campus_outbox *o, uint32_t offset)
{
    uint32_t size = o->storage.sector_size;
    uint32_t count = o->storage.sector_count;
    uint32_t oldest_sector = ((o->head - 1) / size + 1) % count;
    uint32_t turn = (offset / size + count - oldest_sector) % count;
    return (uint64_t)turn * size + offset % size;
}

bool campus_log_marked(const campus_outbox *o, uint32_t record, campus_mark mark, bool *marked)
{
    uint8_t unit[CAMPUS_PROGRAM_MAX];
    if (!o->storage.read(o->storage.context, mark_offset(o, record, mark), unit, o->storage.program_size)) {
        return false;
    }
    *marked = !blank(unit, o->storage.program_size);
    return true;
}

bool campus_log_mark(const campus_outbox *o, uint32_t record, campus_mark mark)
{
    static const uint8_t zeros[CAMPUS_PROGRAM_MAX];
    return o->storage.write(o->storage.context, mark_offset(o, record, mark), zeros, o->storage.program_size);
}

bool campus_log_write(const campus_outbox *o, const campus_record *record, const uint8_t *readings)
{
    uint8_t bytes[RECORD_HEADER_SIZE];
    bytes[0] = record_magic[0];
    bytes[1] = record_magic[1];
    bytes[2] = record->count;
    bytes[3] = record->clock;
    campus_le_put(bytes + 4, record->epoch, 4);
    campus_le_put(bytes + 8, record->seq, 4);
    campus_le_put(bytes + 12, record->length, 2);
    campus_le_put(bytes + 14, 0, 2);
    campus_le_put(bytes + 16, record->committed, 6);
    campus_le_put(bytes + 22, record->uptime, 6);
    campus_le_put(bytes + 28, record->crc, 4);
    campus_le_put(bytes + 32, campus_crc32(bytes, 32), 4);
    return write_padded(o, record->offset, bytes, sizeof bytes)
           && write_padded(o, campus_log_readings(o, record->offset), readings, record->length);
}

bool campus_log_begin_sector(campus_outbox *o, uint32_t sector)
{
    uint8_t bytes[SECTOR_HEADER_SIZE];
    uint8_t i;
    if (!o->storage.erase(o->storage.context, sector)) {
        return false;
    }
    for (i = 0; i < 4; i++) {
        bytes[i] = sector_magic[i];
    }
    campus_le_put(bytes + 4, o->storage.program_size, 4);
    campus_le_put(bytes + 8, o->serial + 1, 4);
    campus_le_put(bytes + 12, o->epoch, 4);
    campus_le_put(bytes + 16, o->next_seq, 4);
    campus_le_put(bytes + 20, campus_crc32(bytes, 20), 4);
    if (!write_padded(o, sector * o->storage.sector_size, bytes, sizeof bytes)) {
        return false;
    }
    o->serial++;
    o->head = campus_log_first(o, sector);
    return true;
}

bool campus_log_sector(const campus_outbox *o, uint32_t sector, campus_sector *header, bool *valid)
{
    uint8_t bytes[SECTOR_HEADER_SIZE];
    uint8_t i;
    if (!o->storage.read(o->storage.context, sector * o->storage.sector_size, bytes, sizeof bytes)) {
        return false;
    }
    *valid = campus_le_get(bytes + 4, 4) == o->storage.program_size
             && campus_le_get(bytes + 20, 4) == campus_crc32(bytes, 20);
    for (i = 0; i < 4; i++) {
        *valid = *valid && bytes[i] == sector_magic[i];
    }
    header->serial = (uint32_t)campus_le_get(bytes + 8, 4);
    header->epoch = (uint32_t)campus_le_get(bytes + 12, 4);
    header->next_seq = (uint32_t)campus_le_get(bytes + 16, 4);
    return true;
}
