/* The outbox in storage: a ring of sectors, each a header and records in the order of appending.
 *
 *   sector:  | header | record | record | ... | 0xFF ... |
 *   record:  | header | covered mark | sent mark | readings | padding |
 *
 * Every part begins on a program unit and every unit is written once between two erasures, so flash
 * with error-correcting codes will do.  The header goes first and carries the CRC of itself and of
 * the readings: a record counts once its last byte is written.  A mark is set as soon as any bit of
 * it is clear.  The sector with the highest serial is being filled; the next one in the ring is the
 * oldest, and is erased when room is needed. */
#ifndef CAMPUS_LOG_H
#define CAMPUS_LOG_H

#include "campus_device.h"

enum {
    RECORD_HEADER_SIZE = 36,
    SECTOR_HEADER_SIZE = 24,
    OUTBOX_TELL_OLDEST = 1 /* campus_outbox.flags: what was given up is not yet told */
};

typedef struct campus_record {
    uint32_t offset;
    uint32_t end; /* offset behind the record */
    uint32_t epoch;
    uint32_t seq;
    uint64_t committed; /* the readings' clock when appended */
    uint64_t uptime;    /* uptime when appended */
    uint32_t crc;       /* of the readings */
    uint16_t length;    /* bytes of the readings */
    uint8_t count;      /* readings */
    uint8_t clock;
} campus_record;

typedef enum campus_mark { MARK_COVERED = 0, MARK_SENT = 1 } campus_mark;

typedef enum campus_found { FOUND_NONE, FOUND_RECORD, FOUND_FAILURE } campus_found;

/* Where the first record of a sector lies; where the readings of a record lie; a record's size. */
uint32_t campus_log_first(const campus_outbox *o, uint32_t sector);
uint32_t campus_log_readings(const campus_outbox *o, uint32_t record);
uint32_t campus_log_record_size(const campus_outbox *o, size_t readings_length);

/* The first record at or behind *offset inside its sector, up to `limit`.  Passes over torn bytes. */
campus_found campus_log_in_sector(const campus_outbox *o, uint32_t offset, uint32_t limit, campus_record *record);

/* The first record at or behind `offset` in the ring, up to the head. */
campus_found campus_log_find(const campus_outbox *o, uint32_t offset, campus_record *record);

/* The same, but not yet covered. */
campus_found campus_log_find_held(const campus_outbox *o, uint32_t offset, campus_record *record);

/* Reads the record at an offset known to hold one. */
campus_found campus_log_at(const campus_outbox *o, uint32_t offset, campus_record *record);

/* Where `offset` stands in the order of the log, whatever the ring's place. */
uint64_t campus_log_order(const campus_outbox *o, uint32_t offset);

bool campus_log_marked(const campus_outbox *o, uint32_t record, campus_mark mark, bool *marked);
bool campus_log_mark(const campus_outbox *o, uint32_t record, campus_mark mark);

/* Writes header and readings at o->head, which has room. */
bool campus_log_write(const campus_outbox *o, const campus_record *record, const uint8_t *readings);

/* Erases `sector`, and makes it the one to be filled. */
bool campus_log_begin_sector(campus_outbox *o, uint32_t sector);

/* Reads a sector's header; *valid is false if it has none. */
typedef struct campus_sector {
    uint32_t serial;
    uint32_t epoch;
    uint32_t next_seq;
} campus_sector;
bool campus_log_sector(const campus_outbox *o, uint32_t sector, campus_sector *header, bool *valid);

/* Finds head, oldest, epoch and seq, counts what is held, and buries torn records. */
campus_error campus_log_recover(campus_outbox *o, uint32_t epoch);

#endif
