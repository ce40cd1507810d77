/* Porting template.  Copy it, fill in the five functions marked PORT, and call campus_port_begin
 * once after boot and campus_port_turn from your main loop.  Everything else is the library's. */
#include "campus_device.h"

#include <string.h>

/* ---- What you choose ------------------------------------------------------------------------- */

enum {
    SECTOR_SIZE = 4096, /* your flash's erase unit, bytes */
    SECTOR_COUNT = 16,  /* sectors given to the outbox; 16 of 4 KiB keep about 700 frames of one check-in */
    PROGRAM_SIZE = 8,   /* your flash's smallest write, bytes: 1, 2, 4, 8, 16 or 32 */
    WINDOW = 8,         /* frames in flight */
    FRAME_BYTES = 512,  /* readings of one frame: 16 check-ins and more; never less than in earlier firmware */
    FRAME_MS = 500      /* a frame is committed at the latest so long after its first reading */
};

/* Per device: provisioned when it is registered with the gateway.  Keep the key where it cannot be read out. */
static const char site[] = "main";
static const char device[] = "term-0001";
static uint8_t key[CAMPUS_KEY_SIZE];

/* ---- PORT 1: flash --------------------------------------------------------------------------- */

static bool flash_read(void *context, uint32_t offset, uint8_t *data, size_t length)
{
    (void)context;
    (void)offset;
    memset(data, 0xff, length); /* PORT: memcpy from the mapped region, or an SPI read */
    return true;
}

static bool flash_write(void *context, uint32_t offset, const uint8_t *data, size_t length)
{
    (void)context;
    (void)offset;
    (void)data;
    (void)length;
    return false; /* PORT: program; return only when the flash is ready again; false if it reports an error */
}

static bool flash_erase(void *context, uint32_t sector)
{
    (void)context;
    (void)sector;
    return false; /* PORT: erase SECTOR_SIZE bytes at sector * SECTOR_SIZE of the outbox's region */
}

/* ---- PORT 2: time ---------------------------------------------------------------------------- */

/* PORT: milliseconds since boot.  64 bits, or a 32-bit tick extended at every wrap; it must never go
 * back, and must go on during sleep. */
static uint64_t uptime_ms(void)
{
    return 0;
}

/* PORT: the battery clock in Unix milliseconds, or 0 if there is none or it was never set. */
static uint64_t battery_clock_ms(void)
{
    return 0;
}

static void battery_clock_write(uint64_t unix_ms)
{
    (void)unix_ms; /* PORT: set the battery clock */
}

/* ---- PORT 3: MQTT ---------------------------------------------------------------------------- */

/* PORT: true while connected.  Connect with MQTT 5.0 (or 3.1.1), Clean Start 1, your client id; will:
 * topic `state`, payload "offline", QoS 1, retained.  After connecting subscribe `down` with QoS 0
 * and publish "online" to `state`, QoS 1, retained. */
static bool mqtt_connected(void)
{
    return false;
}

/* PORT: publish with QoS 1, retain 0, and with MQTT 5.0 Message Expiry Interval CAMPUS_EXPIRY_S.  You need
 * not wait for the PUBACK: only a receipt lets a frame go. */
static void mqtt_publish(const char *topic, const uint8_t *payload, size_t length)
{
    (void)topic;
    (void)payload;
    (void)length;
}

/* ---- The rest needs no change ----------------------------------------------------------------- */

static campus_identity identity;
static campus_outbox outbox;
static campus_slot slots[WINDOW];
static campus_readings frame; /* being collected */
static uint8_t frame_buffer[FRAME_BYTES];
static uint8_t message_buffer[FRAME_BYTES + CAMPUS_MESSAGE_OVERHEAD];
static uint64_t frame_begun_ms;
static char up_topic[CAMPUS_TOPIC_SIZE];

static void begin_frame(void)
{
    campus_clock clock = campus_outbox_clock(&outbox);
    campus_readings_begin(&frame, frame_buffer, sizeof frame_buffer, &clock);
}

static campus_error commit_frame(void)
{
    campus_error error = CAMPUS_OK;
    if (frame.count > 0) {
        error = campus_outbox_append(&outbox, &frame, uptime_ms(), NULL);
        if (error == CAMPUS_OK) {
            begin_frame();
        }
    }
    return error;
}

campus_error campus_port_begin(void);
campus_error campus_port_begin(void)
{
    campus_outbox_config config;
    campus_error error;
    uint64_t battery = battery_clock_ms();
    memset(&config, 0, sizeof config);
    config.storage.read = flash_read;
    config.storage.write = flash_write;
    config.storage.erase = flash_erase;
    config.storage.sector_size = SECTOR_SIZE;
    config.storage.sector_count = SECTOR_COUNT;
    config.storage.program_size = PROGRAM_SIZE;
    config.slots = slots;
    config.slot_count = WINDOW;
    config.epoch = 0; /* counted in flash; over RAM draw 32 random bits here */
    identity.site = site;
    identity.device = device;
    identity.mac = campus_mac_software(key); /* or your crypto engine: see campus_mac */
    error = campus_topic_write(&identity, CAMPUS_TOPIC_UP, up_topic, sizeof up_topic);
    if (error == CAMPUS_OK) {
        error = campus_outbox_open(&outbox, &config);
    }
    if (error == CAMPUS_OK && battery != 0) {
        campus_outbox_set_clock(&outbox, campus_clock_set(CAMPUS_CLOCK_BATTERY, battery, uptime_ms()));
    }
    begin_frame();
    return error;
}

/* Call it when a card was read.  The other kinds go the same way. */
campus_error campus_port_card(const uint8_t *card, size_t length);
campus_error campus_port_card(const uint8_t *card, size_t length)
{
    uint64_t now = uptime_ms();
    campus_error error;
    if (frame.count == 0) {
        begin_frame(); /* on the clock as it is now */
        frame_begun_ms = now;
    }
    error = campus_add_checkin(&frame, campus_clock_read(&frame.clock, now), card, length, CAMPUS_METHOD_CARD);
    if (error == CAMPUS_ERROR_FULL || error == CAMPUS_ERROR_BUFFER) {
        error = commit_frame();
        if (error == CAMPUS_OK) {
            frame_begun_ms = now;
            error = campus_add_checkin(&frame, campus_clock_read(&frame.clock, now), card, length, CAMPUS_METHOD_CARD);
        }
    }
    return error; /* on an error tell the card's holder: this reading is not kept */
}

/* Call it with every message that arrives on `down`. */
void campus_port_down(const uint8_t *payload, size_t length);
void campus_port_down(const uint8_t *payload, size_t length)
{
    campus_receipt receipt;
    campus_receipt_result result;
    if (campus_receipt_open(&identity, payload, length, &receipt) == CAMPUS_OK
        && campus_outbox_obey(&outbox, &receipt, uptime_ms(), &result) == CAMPUS_OK && result.clock_set) {
        battery_clock_write(result.unix_ms);
    }
}

/* Call it from the main loop.  Gives the milliseconds you may sleep. */
uint32_t campus_port_turn(void);
uint32_t campus_port_turn(void)
{
    uint64_t now = uptime_ms();
    uint32_t sleep;
    campus_next next;
    if (frame.count > 0 && now - frame_begun_ms >= FRAME_MS) {
        (void)commit_frame(); /* on an error it is tried again next turn */
    }
    next = campus_outbox_next(&outbox, now);
    if (next.due && mqtt_connected()) {
        size_t length;
        campus_error error = campus_outbox_compose(&outbox, &next, &identity, now, message_buffer,
                                                   sizeof message_buffer, &length);
        if (error == CAMPUS_OK) {
            mqtt_publish(up_topic, message_buffer, length);
        }
        return error == CAMPUS_OK || error == CAMPUS_ERROR_NOT_DUE ? 0 : 1000;
    }
    sleep = next.due ? 1000 : next.wait_ms;
    return frame.count > 0 && sleep > FRAME_MS ? FRAME_MS : sleep;
}
