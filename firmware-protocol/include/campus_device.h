/* campus_device.h - the device's side of the campus wire protocol, version 1.
 *
 * A device collects readings, commits them as a frame to its outbox, publishes the frame over MQTT
 * until the gateway's receipt covers it, and only then lets it go.  This library does everything in
 * that sentence but the networking: it encodes frames (CBOR, RFC 8949), authenticates them
 * (COSE_Mac0 with HMAC 256/256, RFC 9052 section 6.2 and RFC 9053 section 3.1), keeps them in NOR
 * flash or RAM through power cuts, decides what to send next, and verifies and obeys receipts.
 *
 * C99.  No heap, no globals, no threads, no I/O, no clock of its own: memory, storage and time are
 * passed in, so one process may host any number of devices.  One object must not be used by two
 * threads at once.  Functions never keep a pointer to an argument unless they say so.
 *
 * Time: every `now_ms` is the uptime of this boot in milliseconds, from a monotonic 64-bit counter
 * (not wall time).  Times on the wire are milliseconds, 0 to CAMPUS_TIME_MAX: Unix time, or uptime.
 *
 * SPEC.md is the protocol; README.md is how to port this.
 */
#ifndef CAMPUS_DEVICE_H
#define CAMPUS_DEVICE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* ---- Limits ---------------------------------------------------------------------------------- */

#define CAMPUS_KEY_SIZE 32          /* bytes of a device key */
#define CAMPUS_TAG_SIZE 32          /* bytes of an HMAC 256/256 tag */
#define CAMPUS_NAME_MAX 64          /* bytes of a site or device name */
#define CAMPUS_TOPIC_SIZE 146       /* bytes of the longest topic with its terminating zero */
#define CAMPUS_KID_MAX 16           /* bytes of a key identifier (RFC 9052 section 3.1), this library's limit */
#define CAMPUS_CARD_MIN 4           /* bytes of a card number */
#define CAMPUS_CARD_MAX 16
#define CAMPUS_BALLOT_SIZE 8        /* bytes of a ballot */
#define CAMPUS_FIRMWARE_MAX 32      /* bytes of a firmware version, UTF-8 */
#define CAMPUS_TEXT_MAX 200         /* bytes of an incident's text, UTF-8 */
#define CAMPUS_READING_MAX 220      /* bytes no encoded reading exceeds */
#define CAMPUS_READINGS_MAX 64      /* readings of one frame */
#define CAMPUS_MESSAGE_MAX 16384    /* bytes of one MQTT payload */
#define CAMPUS_MESSAGE_OVERHEAD 100 /* bytes a message adds to its readings, at most */
#define CAMPUS_RECEIPT_SIZE 512     /* bytes no version 1 receipt of a gateway needs to exceed */
#define CAMPUS_MISSING_MAX 16       /* ranges of one receipt */
#define CAMPUS_PROGRAM_MAX 32       /* bytes of the largest flash program unit */
#define CAMPUS_RESEND_MS 10000      /* a frame is sent at most once in this time */
#define CAMPUS_ECHO_MS 10000        /* age at which an echo no longer sets the clock */
#define CAMPUS_EXPIRY_S 2592000     /* MQTT 5.0 Message Expiry Interval (3.3.2.3.3) of every publication */
#define CAMPUS_NEVER UINT32_MAX     /* `wait_ms`: nothing is due until something is appended */
static const uint64_t CAMPUS_TIME_MAX = UINT64_C(253402300799999); /* 9999-12-31T23:59:59.999Z */

/* ---- Errors ---------------------------------------------------------------------------------- */

/* Every function that can fail returns one of these; CAMPUS_OK is zero.
 * A failed call leaves its objects as they were, unless it says otherwise. */
typedef enum campus_error {
    CAMPUS_OK = 0,
    CAMPUS_ERROR_BUFFER,    /* the buffer is too small: the needed size was reported */
    CAMPUS_ERROR_FULL,      /* 64 readings: commit this frame and begin another */
    CAMPUS_ERROR_EMPTY,     /* a frame without readings: add one first */
    CAMPUS_ERROR_RANGE,     /* a value outside the range its comment gives */
    CAMPUS_ERROR_TIME,      /* a time over CAMPUS_TIME_MAX, or an `at` later than `sent` with clock 0 */
    CAMPUS_ERROR_UTF8,      /* text that is not UTF-8 */
    CAMPUS_ERROR_NAME,      /* a site or device name that a topic must not hold */
    CAMPUS_ERROR_SIZE,      /* a message over 16 KiB, or a frame larger than a storage sector holds */
    CAMPUS_ERROR_CONFIG,    /* a configuration that cannot work: see the field's comment */
    CAMPUS_ERROR_EPOCH,     /* volatile storage needs 32 random bits as epoch; or all seqs are used up */
    CAMPUS_ERROR_STORAGE,   /* a storage callback failed: the medium is unwell */
    CAMPUS_ERROR_MAC,       /* the MAC callback failed, or the tag is not ours: drop the message */
    CAMPUS_ERROR_MALFORMED, /* authentic or not, these bytes are no COSE_Mac0 or no receipt */
    CAMPUS_ERROR_UNKNOWN,   /* an authentic receipt of a version or type this library does not know: ignore it */
    CAMPUS_ERROR_NOT_DUE    /* the frame is no longer held, or is sent too early: ask campus_outbox_next again */
} campus_error;

/* One English sentence that says what to do; never NULL. */
const char *campus_error_text(campus_error error);

/* ---- Bytes and MAC --------------------------------------------------------------------------- */

typedef struct campus_bytes {
    const uint8_t *data; /* may be NULL if length is 0 */
    size_t length;
} campus_bytes;

/* Computes HMAC-SHA-256 (RFC 2104) over the concatenation of `parts`; false if it could not.
 * Replace it by a crypto engine, a secure element or another library. */
typedef struct campus_mac {
    bool (*compute)(void *context, const campus_bytes *parts, size_t count, uint8_t *tag /* [CAMPUS_TAG_SIZE] */);
    void *context;
} campus_mac;

/* The bundled portable HMAC-SHA-256.  Keeps `key` (CAMPUS_KEY_SIZE bytes), which must outlive it. */
campus_mac campus_mac_software(const uint8_t *key);

/* True if both hold the same `length` bytes; takes the same time wherever they differ. */
bool campus_equal_constant_time(const uint8_t *a, const uint8_t *b, size_t length);

typedef struct campus_sha256 {
    uint32_t state[8];
    uint64_t length; /* bytes taken so far */
    uint8_t block[64];
} campus_sha256;

/* SHA-256 (FIPS 180-4) in pieces; `digest` holds 32 bytes. */
void campus_sha256_begin(campus_sha256 *sha);
void campus_sha256_add(campus_sha256 *sha, const uint8_t *data, size_t length);
void campus_sha256_end(campus_sha256 *sha, uint8_t *digest);

/* ---- Identity and topics --------------------------------------------------------------------- */

/* Who the device is.  Names are zero-terminated, 1 to 64 bytes of A-Z a-z 0-9 . _ - and do not
 * begin with a full stop.  The strings, the kid and the MAC's context must outlive the identity.
 * While keys rotate, keep two identities: send with the new one, and if campus_receipt_open says
 * CAMPUS_ERROR_MAC, try the old one. */
typedef struct campus_identity {
    const char *site;
    const char *device;
    campus_mac mac;
    campus_bytes kid; /* optional hint, at most CAMPUS_KID_MAX bytes; length 0 for none */
} campus_identity;

typedef enum campus_topic {
    CAMPUS_TOPIC_UP = 0, /* frames, QoS 1, not retained */
    CAMPUS_TOPIC_DOWN,   /* receipts: subscribe with QoS 0 */
    CAMPUS_TOPIC_STATE,  /* `online`, and `offline` as the will; QoS 1, retained */
    CAMPUS_TOPIC_JSON    /* the JSON twin, for devices without a MAC key */
} campus_topic;

/* CAMPUS_OK if both names may stand in a topic, else CAMPUS_ERROR_NAME. */
campus_error campus_identity_check(const campus_identity *identity);

/* Writes campus/v1/{site}/{device}/{up|down|state|json} and a terminating zero.
 * A `capacity` of CAMPUS_TOPIC_SIZE always suffices.  Errors: NAME, BUFFER. */
campus_error campus_topic_write(const campus_identity *identity, campus_topic topic, char *buffer, size_t capacity);

/* ---- Clock ----------------------------------------------------------------------------------- */

typedef enum campus_clock_kind {
    CAMPUS_CLOCK_UPTIME = 0,      /* uptime of this boot; never set */
    CAMPUS_CLOCK_BATTERY = 1,     /* a battery clock, or set from a receipt */
    CAMPUS_CLOCK_NETWORK = 2,     /* network-synchronised (SNTP, PTP) */
    CAMPUS_CLOCK_EARLIER_BOOT = 3 /* uptime of an earlier boot: only the outbox makes it */
} campus_clock_kind;

/* A clock is a kind and what must be added to this boot's uptime; {CAMPUS_CLOCK_UPTIME, 0} to begin with. */
typedef struct campus_clock {
    campus_clock_kind kind;
    int64_t offset_ms;
} campus_clock;

/* A clock that reads `unix_ms` at uptime `now_ms`. */
campus_clock campus_clock_set(campus_clock_kind kind, uint64_t unix_ms, uint64_t now_ms);

/* The clock's reading at uptime `now_ms`: the value for a reading's `at`.  Never below 0. */
uint64_t campus_clock_read(const campus_clock *clock, uint64_t now_ms);

/* ---- Readings -------------------------------------------------------------------------------- */

/* The readings of one frame, encoded one after another into the caller's buffer.
 * All times of a frame are on one clock, so the clock is copied at the beginning: setting the
 * device's clock later does not disturb a frame begun before. */
typedef struct campus_readings {
    uint8_t *buffer; /* NULL: only count the bytes */
    size_t capacity;
    size_t length;   /* bytes used */
    size_t needed;   /* after CAMPUS_ERROR_BUFFER: the capacity that would have sufficed */
    uint64_t latest; /* the latest `at` */
    campus_clock clock;
    uint8_t count; /* 0 to CAMPUS_READINGS_MAX */
} campus_readings;

typedef enum campus_method {
    CAMPUS_METHOD_CARD = 0,
    CAMPUS_METHOD_PHONE = 1, /* a phone by NFC */
    CAMPUS_METHOD_QR = 2,
    CAMPUS_METHOD_FACE = 3,
    CAMPUS_METHOD_PIN = 4,
    CAMPUS_METHOD_ABSENT = 255 /* leave the field out */
} campus_method;

typedef enum campus_direction {
    CAMPUS_DIRECTION_IN = 0,
    CAMPUS_DIRECTION_OUT = 1,
    CAMPUS_DIRECTION_UNKNOWN = 2
} campus_direction;

/* Which fields of campus_status are there; keys of the wire in the comments. */
typedef enum campus_status_field {
    CAMPUS_STATUS_BATTERY = 1 << 0,
    CAMPUS_STATUS_SIGNAL = 1 << 1,
    CAMPUS_STATUS_BACKLOG = 1 << 2,
    CAMPUS_STATUS_TEMPERATURE = 1 << 3,
    CAMPUS_STATUS_FIRMWARE = 1 << 4,
    CAMPUS_STATUS_DROPPED = 1 << 5
} campus_status_field;

typedef struct campus_status {
    uint32_t present;        /* campus_status_field values, or-ed */
    uint32_t battery_mv;     /* 1: millivolts */
    int32_t signal_dbm;      /* 2: dBm */
    uint32_t backlog;        /* 3: frames waiting in the outbox */
    int32_t temperature_dc;  /* 4: 0.1 degrees Celsius */
    const char *firmware;    /* 5: zero-terminated UTF-8, at most CAMPUS_FIRMWARE_MAX bytes */
    uint32_t dropped;        /* 6: readings dropped since boot */
} campus_status;

/* Begins an empty set.  `clock` is copied; NULL means uptime.  With `buffer` NULL the campus_add_
 * functions only count.  CAMPUS_READING_MAX * CAMPUS_READINGS_MAX bytes hold anything; 30 bytes a
 * check-in are typical. */
void campus_readings_begin(campus_readings *readings, uint8_t *buffer, size_t capacity, const campus_clock *clock);

/* Each adds one reading, taken at `at` on the readings' clock (0 to CAMPUS_TIME_MAX milliseconds).
 * Errors: FULL; TIME; RANGE and UTF8 as said; BUFFER with `needed` set: commit what is there, begin
 * again, and add the same reading. */

/* kind 1. `card`: 4 to 16 bytes. */
campus_error campus_add_checkin(campus_readings *readings, uint64_t at, const uint8_t *card, size_t card_length,
                                campus_method method);
/* kind 2. `card`: 4 to 16 bytes. */
campus_error campus_add_passage(campus_readings *readings, uint64_t at, const uint8_t *card, size_t card_length,
                                campus_direction direction, bool granted);
/* kind 3. `ballot`: CAMPUS_BALLOT_SIZE bytes that tie one person's answers together, or NULL. */
campus_error campus_add_response(campus_readings *readings, uint64_t at, uint32_t item, int32_t score,
                                 const uint8_t *ballot);
/* kind 4. */
campus_error campus_add_status(campus_readings *readings, uint64_t at, const campus_status *status);
/* kind 5. `text`: zero-terminated UTF-8, at most CAMPUS_TEXT_MAX bytes, or NULL. */
campus_error campus_add_incident(campus_readings *readings, uint64_t at, uint16_t category, const char *text);

/* ---- Frames ---------------------------------------------------------------------------------- */

/* One frame, for devices that keep their own outbox; campus_outbox does this for all others.
 * `readings` and `clock` stay as they were when the frame was first sent: a copy changes only
 * `sent`, read on the clock of the readings, and `oldest`. */
typedef struct campus_frame {
    uint32_t epoch;                  /* differs at every boot */
    uint32_t seq;                    /* 1 for the first frame of an epoch, then +1 */
    uint64_t sent;                   /* the clock when this copy is encoded */
    campus_clock_kind clock;         /* usually readings->clock.kind */
    const campus_readings *readings; /* 1 to 64 */
    bool has_oldest;                 /* the device holds nothing before this frame any more */
    uint32_t oldest_epoch;
    uint32_t oldest_seq;
} campus_frame;

/* Writes the frame alone (the payload of the COSE_Mac0).  *length becomes the bytes written, or with
 * CAMPUS_ERROR_BUFFER the bytes needed (`buffer` may then be NULL with capacity 0).
 * Errors: BUFFER, EMPTY, RANGE (seq 0), TIME, SIZE. */
campus_error campus_frame_encode(const campus_frame *frame, uint8_t *buffer, size_t capacity, size_t *length);

/* Writes the MQTT payload for topic `up`: COSE_Mac0 with external_aad = the topic's bytes.
 * *length as above.  Errors: those of campus_frame_encode, NAME, RANGE (kid), MAC. */
campus_error campus_message_encode(const campus_identity *identity, const campus_frame *frame, uint8_t *buffer,
                                   size_t capacity, size_t *length);

/* ---- Receipts -------------------------------------------------------------------------------- */

typedef struct campus_range {
    uint32_t from; /* both ends belong to the range; from <= to */
    uint32_t to;
} campus_range;

typedef struct campus_receipt {
    uint32_t epoch;
    uint32_t through; /* everything of the epoch up to here is stored, or was given up by this device */
    uint32_t missing_count;
    campus_range missing[CAMPUS_MISSING_MAX]; /* above `through`: please send again */
    uint64_t now;                             /* gateway time, Unix milliseconds */
    uint64_t echo;                            /* `sent` of the newest frame this receipt covers */
} campus_receipt;

/* Verifies and decodes an MQTT payload from topic `down`.  Safe on any bytes; strict: definite
 * lengths (RFC 8949 section 3.2.1), nesting at most 8, nothing after the message.
 * Errors: NAME, MAC, MALFORMED, UNKNOWN.  *receipt is untouched on error. */
campus_error campus_receipt_open(const campus_identity *identity, const uint8_t *message, size_t length,
                                 campus_receipt *receipt);

/* ---- Storage --------------------------------------------------------------------------------- */

/* A piece of NOR flash (or anything that behaves like it) that belongs to the outbox alone.
 * Offsets are bytes from its beginning.  Each callback returns false if the medium failed.
 *
 * read:  any offset, any length inside the piece.
 * write: offset and length are multiples of program_size, never across a sector's end, and every
 *        program unit is written at most once between two erasures.  `data` may be unaligned.
 * erase: sets all bytes of one sector to 0xFF.
 *
 * A write or an erasure cut short by a power failure may leave any content in the units it touched,
 * and only in those.  Writes must reach the medium in the order of the calls.  The one unit that may
 * be written twice holds a mark whose first write was cut short; it is then written with zeros. */
typedef struct campus_storage {
    bool (*read)(void *context, uint32_t offset, uint8_t *data, size_t length);
    bool (*write)(void *context, uint32_t offset, const uint8_t *data, size_t length);
    bool (*erase)(void *context, uint32_t sector);
    void *context;
    uint32_t sector_size;  /* bytes: 256 to 1 MiB, a multiple of program_size */
    uint32_t sector_count; /* at least 2; 3 or more keep more when the outbox overflows */
    uint32_t program_size; /* bytes: 1, 2, 4, 8, 16 or 32 */
    bool is_volatile;      /* content is gone after a power cut: a boot counter cannot live here */
} campus_storage;

/* RAM that stands in for flash, on devices without. */
typedef struct campus_ram {
    uint8_t *memory; /* caller's; sector_size * sector_count bytes */
    uint32_t sector_size;
    uint32_t sector_count;
} campus_ram;

/* Erases the memory and gives a volatile storage over it with program_size 1.  Keeps `ram`. */
campus_storage campus_ram_storage(campus_ram *ram);

/* The same without erasing: what the memory holds is recovered by campus_outbox_open, for RAM that
 * survives a restart. */
campus_storage campus_ram_storage_keep(campus_ram *ram);

/* ---- Outbox ---------------------------------------------------------------------------------- */

/* One frame in flight; caller's memory, library's content. */
typedef struct campus_slot {
    uint64_t sent_at;  /* uptime of the last transmission */
    uint64_t sent;     /* its `sent` */
    uint32_t epoch;
    uint32_t seq;
    uint32_t offset;   /* of its record in storage */
    uint8_t flags;
    uint8_t readings;
    uint16_t attempts; /* transmissions in this boot, saturating */
} campus_slot;

typedef struct campus_outbox_config {
    campus_storage storage;
    campus_slot *slots;       /* the window: frames sent and not yet covered */
    uint32_t slot_count;      /* 1 to 1024; 8 suits most */
    uint32_t epoch;           /* 0: count boots in storage; else 32 random bits drawn at this boot */
    uint32_t resend_after_ms; /* 0: CAMPUS_RESEND_MS; less than that is CAMPUS_ERROR_CONFIG */
} campus_outbox_config;

typedef struct campus_outbox_counts {
    uint32_t frames_held;      /* committed, not covered: status key 3 */
    uint32_t frames_in_flight; /* of those, sent in this boot */
    uint32_t frames_dropped;   /* given up since boot because the outbox was full */
    uint32_t readings_dropped; /* their readings: status key 6 */
    uint32_t frames_corrupt;   /* records whose bytes had changed in storage, found since boot */
} campus_outbox_counts;

/* All state of one device's outbox.  Fields are the library's; read them through the functions. */
typedef struct campus_outbox {
    campus_storage storage;
    campus_slot *slots;
    campus_clock clock;
    campus_outbox_counts counts;
    uint32_t slot_count;
    uint32_t resend_after_ms;
    uint32_t epoch;
    uint32_t next_seq; /* 0: all used */
    uint32_t serial;   /* of the sector being filled */
    uint32_t head;     /* offset where the next record goes */
    uint32_t oldest;   /* offset of the first record that may still be held */
    uint32_t unsent;   /* offset of the first record not sent in this boot */
    uint8_t flags;
} campus_outbox;

/* Recovers what storage holds and begins an epoch.  Storage without a valid sector is taken as new.
 * Keeps `config->slots`, and copies the rest.  The clock begins as uptime.
 * Opening again in the same boot with the same nonzero epoch continues it.
 * Errors: CONFIG, EPOCH, STORAGE. */
campus_error campus_outbox_open(campus_outbox *outbox, const campus_outbox_config *config);

/* The largest `readings.length` that fits a sector, and so one frame. */
size_t campus_outbox_readings_capacity(const campus_outbox *outbox);

/* Commits the readings as the next frame.  When it returns CAMPUS_OK a power cut no longer loses
 * them, and *seq (may be NULL) is the frame's.  If there is no room, the sector with the oldest
 * frames is erased, and they are counted as dropped.
 * Errors: EMPTY, SIZE, TIME (an `at` later than now with clock 0), EPOCH, STORAGE; BUFFER for
 * readings that were only counted.  After STORAGE the frame may or may not turn out to be held. */
campus_error campus_outbox_append(campus_outbox *outbox, const campus_readings *readings, uint64_t now_ms,
                                  uint32_t *seq);

/* What to transmit next. */
typedef struct campus_next {
    bool due;          /* pass this to campus_outbox_compose now */
    uint32_t wait_ms;  /* if not due: ask again after this, after an append, and after a receipt */
    uint32_t slot;     /* for the library */
    uint16_t attempts; /* transmissions of this frame so far in this boot */
} campus_next;

/* Decides; changes nothing.  First what a receipt called missing, then what has waited
 * `resend_after_ms` for a receipt, then what was never sent in this boot, while the window has a
 * free slot; each the oldest first; no frame twice in CAMPUS_RESEND_MS.
 * The wait of a frame doubles with every resend, up to 32 times, until a receipt for any epoch held
 * arrives: a broker must not fill up with copies while the gateway is away. */
campus_next campus_outbox_next(const campus_outbox *outbox, uint64_t now_ms);

/* Writes the message for a due frame and counts it as transmitted at `now_ms`: publish it with
 * QoS 1.  If publishing fails, do nothing: it becomes due again.
 * `sent` is read on the clock of the frame's readings.  Of frames of an earlier boot, one with a
 * battery or network clock takes this boot's clock, or if that is not set the time of its commit;
 * one with uptime becomes CAMPUS_CLOCK_EARLIER_BOOT if it was never sent, and otherwise keeps clock
 * 0 and, as that clock is gone, the time of its commit.
 * *length becomes the bytes written, or with CAMPUS_ERROR_BUFFER the bytes needed.
 * Errors: NOT_DUE, BUFFER, NAME, RANGE (kid), MAC, STORAGE.  A record that turns out corrupt is
 * counted, given up and answered with NOT_DUE.  The buffer must hold the largest frame ever appended,
 * by earlier firmware too: campus_outbox_readings_capacity() + CAMPUS_MESSAGE_OVERHEAD always does. */
campus_error campus_outbox_compose(campus_outbox *outbox, const campus_next *next, const campus_identity *identity,
                                   uint64_t now_ms, uint8_t *buffer, size_t capacity, size_t *length);

typedef struct campus_receipt_result {
    uint32_t frames_covered; /* let go by this receipt */
    uint32_t frames_missing; /* asked for again */
    bool clock_set;          /* the outbox's clock was set from `now`; write it to your battery clock */
    uint64_t unix_ms;        /* if so: the time at `now_ms` */
} campus_receipt_result;

/* Obeys a receipt: only for an epoch of which frames are held, and only up to the highest seq sent
 * in it in this boot; anything else changes nothing.  `now` sets the clock only if `echo` is the
 * `sent` of a frame of that epoch transmitted in this boot within the last CAMPUS_ECHO_MS, and the
 * clock is not network-synchronised.  `result` may be NULL.
 * Errors: STORAGE (the frames concerned stay held, and are sent again). */
campus_error campus_outbox_obey(campus_outbox *outbox, const campus_receipt *receipt, uint64_t now_ms,
                                campus_receipt_result *result);

/* Sets the device's clock from its battery clock or the network.  Frames begun before keep theirs. */
void campus_outbox_set_clock(campus_outbox *outbox, campus_clock clock);

/* The device's clock, for campus_readings_begin and campus_clock_read. */
campus_clock campus_outbox_clock(const campus_outbox *outbox);

uint32_t campus_outbox_epoch(const campus_outbox *outbox);
campus_outbox_counts campus_outbox_count(const campus_outbox *outbox);

#ifdef __cplusplus
}
#endif

#endif
