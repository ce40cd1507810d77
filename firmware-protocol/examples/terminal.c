/* A check-in terminal: reads card numbers from standard input, one hexadecimal line each, keeps them
 * in a file that stands for its flash, publishes them over MQTT 5.0, and says when a receipt came.
 *
 *   terminal HOST PORT SITE DEVICE KEY-FILE FLASH-FILE
 *
 * KEY-FILE holds the device's key, 64 hexadecimal digits. */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <mosquitto.h>
#include <mqtt_protocol.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "campus_device.h"

enum { SECTOR_SIZE = 4096, SECTOR_COUNT = 16, WINDOW = 8, FRAME_BYTES = 1024 };

typedef struct terminal {
    struct mosquitto *mqtt;
    campus_identity identity;
    campus_outbox outbox;
    campus_slot slots[WINDOW];
    char up[CAMPUS_TOPIC_SIZE], down[CAMPUS_TOPIC_SIZE], state[CAMPUS_TOPIC_SIZE];
    uint8_t key[CAMPUS_KEY_SIZE];
    int flash;
    bool connected;
} terminal;

/* ---- Flash in a file ---- */

static bool flash_read(void *context, uint32_t offset, uint8_t *data, size_t length)
{
    return pread(((terminal *)context)->flash, data, length, offset) == (ssize_t)length;
}

static bool flash_write(void *context, uint32_t offset, const uint8_t *data, size_t length)
{
    int file = ((terminal *)context)->flash;
    /* Synchronised, as flash is: a frame is promised once append returns. */
    return pwrite(file, data, length, offset) == (ssize_t)length && fdatasync(file) == 0;
}

static bool flash_erase(void *context, uint32_t sector)
{
    uint8_t blank[SECTOR_SIZE];
    memset(blank, 0xff, sizeof blank);
    return flash_write(context, sector * SECTOR_SIZE, blank, sizeof blank);
}

static bool flash_open(terminal *t, const char *path)
{
    off_t size;
    t->flash = open(path, O_RDWR | O_CREAT, 0600);
    if (t->flash < 0 || (size = lseek(t->flash, 0, SEEK_END)) < 0) {
        return false;
    }
    if (size < SECTOR_SIZE * SECTOR_COUNT) {
        uint32_t sector;
        for (sector = 0; sector < SECTOR_COUNT; sector++) {
            if (!flash_erase(t, sector)) {
                return false;
            }
        }
    }
    return true;
}

/* ---- Time ---- */

static uint64_t clock_ms(clockid_t id)
{
    struct timespec now;
    clock_gettime(id, &now);
    return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

static uint64_t uptime_ms(void)
{
    return clock_ms(CLOCK_MONOTONIC);
}

/* ---- MQTT ---- */

static void on_connect(struct mosquitto *mqtt, void *context, int reason, int flags, const mosquitto_property *properties)
{
    terminal *t = context;
    (void)flags, (void)properties;
    if (reason != 0) {
        fprintf(stderr, "terminal: the broker refuses the connection: %s\n", mosquitto_reason_string(reason));
        return;
    }
    t->connected = true;
    mosquitto_subscribe(mqtt, NULL, t->down, 0);
    mosquitto_publish(mqtt, NULL, t->state, 6, "online", 1, true);
}

static void on_disconnect(struct mosquitto *mqtt, void *context, int reason)
{
    (void)mqtt, (void)reason;
    ((terminal *)context)->connected = false;
}

static void on_message(struct mosquitto *mqtt, void *context, const struct mosquitto_message *message)
{
    terminal *t = context;
    campus_receipt receipt;
    campus_receipt_result result;
    campus_error error;
    (void)mqtt;
    error = campus_receipt_open(&t->identity, message->payload, (size_t)message->payloadlen, &receipt);
    if (error == CAMPUS_OK) {
        error = campus_outbox_obey(&t->outbox, &receipt, uptime_ms(), &result);
    }
    if (error != CAMPUS_OK) {
        fprintf(stderr, "terminal: receipt: %s\n", campus_error_text(error));
        return;
    }
    printf("receipted: epoch %" PRIu32 " through %" PRIu32 "; %" PRIu32 " frames let go, %" PRIu32 " held, %" PRIu32
           " asked for again\n",
           receipt.epoch, receipt.through, result.frames_covered, campus_outbox_count(&t->outbox).frames_held,
           result.frames_missing);
    fflush(stdout);
}

static bool publish(terminal *t, const uint8_t *payload, size_t length)
{
    mosquitto_property *properties = NULL;
    int result = mosquitto_property_add_int32(&properties, MQTT_PROP_MESSAGE_EXPIRY_INTERVAL, CAMPUS_EXPIRY_S);
    if (result == MOSQ_ERR_SUCCESS) {
        result = mosquitto_publish_v5(t->mqtt, NULL, t->up, (int)length, payload, 1, false, properties);
    }
    mosquitto_property_free_all(&properties);
    return result == MOSQ_ERR_SUCCESS;
}

static bool mqtt_begin(terminal *t, const char *host, int port)
{
    char client[CAMPUS_NAME_MAX * 2 + 2];
    snprintf(client, sizeof client, "%s.%s", t->identity.site, t->identity.device);
    mosquitto_lib_init();
    t->mqtt = mosquitto_new(client, true, t);
    if (t->mqtt == NULL || mosquitto_int_option(t->mqtt, MOSQ_OPT_PROTOCOL_VERSION, MQTT_PROTOCOL_V5) != 0
        || mosquitto_will_set(t->mqtt, t->state, 7, "offline", 1, true) != 0) {
        return false;
    }
    mosquitto_connect_v5_callback_set(t->mqtt, on_connect);
    mosquitto_disconnect_callback_set(t->mqtt, on_disconnect);
    mosquitto_message_callback_set(t->mqtt, on_message);
    return mosquitto_connect(t->mqtt, host, port, 30) == MOSQ_ERR_SUCCESS;
}

/* ---- The terminal ---- */

static int hex_digit(char c)
{
    return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/* Bytes of a hexadecimal line, or 0. */
static size_t hex_bytes(const char *line, uint8_t *to, size_t capacity)
{
    size_t length = 0;
    for (; line[0] != 0 && line[0] != '\n' && line[0] != '\r'; line += 2) {
        int high = hex_digit(line[0]), low = high < 0 ? -1 : hex_digit(line[1]);
        if (low < 0 || length == capacity) {
            return 0;
        }
        to[length++] = (uint8_t)(high << 4 | low);
    }
    return length;
}

/* One card, one frame: a door or a desk sees seconds between two cards. */
static void card_read(terminal *t, const char *line)
{
    uint8_t card[CAMPUS_CARD_MAX], buffer[CAMPUS_READING_MAX];
    size_t length = hex_bytes(line, card, sizeof card);
    campus_clock clock = campus_outbox_clock(&t->outbox);
    campus_readings readings;
    uint64_t now = uptime_ms();
    uint32_t seq = 0;
    campus_error error;
    campus_readings_begin(&readings, buffer, sizeof buffer, &clock);
    error = campus_add_checkin(&readings, campus_clock_read(&clock, now), card, length, CAMPUS_METHOD_CARD);
    if (error == CAMPUS_OK) {
        error = campus_outbox_append(&t->outbox, &readings, now, &seq);
    }
    if (error == CAMPUS_OK) {
        printf("kept: epoch %" PRIu32 " seq %" PRIu32 "\n", campus_outbox_epoch(&t->outbox), seq);
    } else {
        fprintf(stderr, "terminal: a card number has 8 to 32 hexadecimal digits: %s\n", campus_error_text(error));
    }
    fflush(stdout);
}

static void send_due(terminal *t)
{
    while (t->connected) {
        uint8_t message[FRAME_BYTES + CAMPUS_MESSAGE_OVERHEAD];
        size_t length;
        campus_next next = campus_outbox_next(&t->outbox, uptime_ms());
        campus_error error;
        if (!next.due) {
            return;
        }
        error = campus_outbox_compose(&t->outbox, &next, &t->identity, uptime_ms(), message, sizeof message, &length);
        if (error == CAMPUS_OK && publish(t, message, length)) {
            continue;
        }
        if (error != CAMPUS_OK && error != CAMPUS_ERROR_NOT_DUE) {
            fprintf(stderr, "terminal: %s\n", campus_error_text(error));
        }
        return;
    }
}

static void run(terminal *t)
{
    bool reading = true;
    char line[128];
    size_t used = 0;
    uint64_t retry_at = 0;
    /* After the input ends, stay until everything is receipted. */
    while (reading || campus_outbox_count(&t->outbox).frames_held > 0) {
        struct pollfd watched[2] = {{-1, POLLIN, 0}, {-1, POLLIN, 0}};
        watched[0].fd = reading ? STDIN_FILENO : -1;
        watched[1].fd = mosquitto_socket(t->mqtt);
        send_due(t);
        if (mosquitto_want_write(t->mqtt)) {
            watched[1].events |= POLLOUT;
        }
        if (poll(watched, 2, 200) < 0 && errno != EINTR) {
            return;
        }
        if (watched[0].revents != 0) {
            ssize_t got = read(STDIN_FILENO, line + used, sizeof line - 1 - used);
            char *end;
            reading = got > 0;
            used += got > 0 ? (size_t)got : 0;
            line[used] = 0;
            while ((end = strchr(line, '\n')) != NULL) {
                *end = 0;
                card_read(t, line);
                used -= (size_t)(end + 1 - line);
                memmove(line, end + 1, used + 1);
            }
            used = used == sizeof line - 1 ? 0 : used; /* a line that long is no card */
        }
        if (mosquitto_loop(t->mqtt, 0, 1) != MOSQ_ERR_SUCCESS) {
            t->connected = false;
            if (uptime_ms() >= retry_at) {
                retry_at = uptime_ms() + 2000;
                mosquitto_reconnect(t->mqtt);
            }
        }
    }
}

static bool read_key(terminal *t, const char *path)
{
    char line[2 * CAMPUS_KEY_SIZE + 2] = "";
    FILE *file = fopen(path, "r");
    bool ok = file != NULL && fgets(line, sizeof line, file) != NULL
              && hex_bytes(line, t->key, sizeof t->key) == CAMPUS_KEY_SIZE;
    if (file != NULL) {
        fclose(file);
    }
    return ok;
}

int main(int count, char **arguments)
{
    static terminal t;
    campus_outbox_config config;
    campus_error error;
    if (count != 7) {
        fprintf(stderr, "usage: terminal HOST PORT SITE DEVICE KEY-FILE FLASH-FILE\n");
        return 2;
    }
    t.identity.site = arguments[3];
    t.identity.device = arguments[4];
    t.identity.mac = campus_mac_software(t.key);
    if (!read_key(&t, arguments[5])) {
        fprintf(stderr, "terminal: %s must hold a key of 64 hexadecimal digits\n", arguments[5]);
        return 1;
    }
    if (!flash_open(&t, arguments[6])) {
        fprintf(stderr, "terminal: %s cannot be opened for reading and writing: %s\n", arguments[6], strerror(errno));
        return 1;
    }
    memset(&config, 0, sizeof config);
    config.storage.read = flash_read;
    config.storage.write = flash_write;
    config.storage.erase = flash_erase;
    config.storage.context = &t;
    config.storage.sector_size = SECTOR_SIZE;
    config.storage.sector_count = SECTOR_COUNT;
    config.storage.program_size = 8;
    config.slots = t.slots;
    config.slot_count = WINDOW;
    error = campus_topic_write(&t.identity, CAMPUS_TOPIC_UP, t.up, sizeof t.up);
    if (error == CAMPUS_OK) {
        (void)campus_topic_write(&t.identity, CAMPUS_TOPIC_DOWN, t.down, sizeof t.down);
        (void)campus_topic_write(&t.identity, CAMPUS_TOPIC_STATE, t.state, sizeof t.state);
        error = campus_outbox_open(&t.outbox, &config);
    }
    if (error != CAMPUS_OK) {
        fprintf(stderr, "terminal: %s\n", campus_error_text(error));
        return 1;
    }
    /* The host's clock is its battery clock. */
    campus_outbox_set_clock(&t.outbox, campus_clock_set(CAMPUS_CLOCK_BATTERY, clock_ms(CLOCK_REALTIME), uptime_ms()));
    printf("boot: epoch %" PRIu32 ", %" PRIu32 " frames held\n", campus_outbox_epoch(&t.outbox),
           campus_outbox_count(&t.outbox).frames_held);
    if (!mqtt_begin(&t, arguments[1], atoi(arguments[2]))) {
        fprintf(stderr, "terminal: no connection to %s port %s: start the broker, or name another\n", arguments[1],
                arguments[2]);
        return 1;
    }
    run(&t);
    mosquitto_publish(t.mqtt, NULL, t.state, 7, "offline", 1, true);
    mosquitto_loop(t.mqtt, 500, 1);
    mosquitto_disconnect(t.mqtt);
    mosquitto_destroy(t.mqtt);
    mosquitto_lib_cleanup();
    close(t.flash);
    return 0;
}
