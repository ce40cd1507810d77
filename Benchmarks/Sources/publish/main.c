/* Publishes authenticated frames at QoS 1 over MQTT 3.1.1, as fast as the broker takes them or at a rate.
 *   publish -p PORT -n FRAMES -d DEVICES [-r READINGS] [-q FIRST_SEQ] [-s FRAMES_A_SECOND] [-w WINDOW]
 * Frame i goes to device i % DEVICES with seq FIRST_SEQ + i / DEVICES. Every packet is made before the clock starts,
 * so that the load costs next to nothing while it runs. At a rate, frame i carries the time it is due as its `sent`:
 * a late sender counts as latency. Prints one JSON object. */
#define _GNU_SOURCE
#include "load.h"
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

typedef struct packets {
    uint8_t *bytes;
    size_t *start; /* count + 1 of them */
    long count;
} packets;

static void send_all(int s, const uint8_t *bytes, size_t length) {
    while (length > 0) {
        ssize_t n = send(s, bytes, length, MSG_NOSIGNAL);
        if (n <= 0) load_fail("send", strerror(errno));
        bytes += n;
        length -= (size_t)n;
    }
}

/* CONNECT with a clean session and no keepalive (MQTT 3.1.1, 3.1). */
static int join(int port) {
    int s = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), one = 1;
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (connect(s, (struct sockaddr *)&to, sizeof to)) load_fail("connect", strerror(errno));
    setsockopt(s, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    static const uint8_t hello[] = {0x10, 17, 0, 4, 'M', 'Q', 'T', 'T', 4, 2, 0, 0, 0, 5, 'b', 'e', 'n', 'c', 'h'};
    uint8_t answer[4];
    send_all(s, hello, sizeof hello);
    if (recv(s, answer, 4, MSG_WAITALL) != 4 || answer[3] != 0) load_fail("the broker", "refuses the connection");
    return s;
}

static uint8_t *put16(uint8_t *to, unsigned value) {
    to[0] = (uint8_t)(value >> 8);
    to[1] = (uint8_t)value;
    return to + 2;
}

/* One PUBLISH at QoS 1 (MQTT 3.1.1, 3.3); its bytes. */
static size_t put_publish(uint8_t *to, const char *topic, size_t topic_length, unsigned id, const uint8_t *message,
                          size_t length) {
    uint8_t *at = to;
    size_t rest = 2 + topic_length + 2 + length;
    *at++ = 0x32;
    do {
        *at++ = (uint8_t)((rest & 127) | (rest > 127 ? 128 : 0));
        rest >>= 7;
    } while (rest > 0);
    at = put16(at, (unsigned)topic_length);
    memcpy(at, topic, topic_length);
    at = put16(at + topic_length, id);
    memcpy(at, message, length);
    return (size_t)(at + length - to);
}

static packets prepare(long count, uint32_t devices, uint32_t readings, uint32_t first_seq, double start, double rate) {
    size_t largest = 64 + 146 + (size_t)readings * 24, capacity = (size_t)count * largest, used = 0;
    packets all = {malloc(capacity), malloc(((size_t)count + 1) * sizeof(size_t)), count};
    uint8_t(*keys)[32] = malloc((size_t)devices * 32);
    if (!all.bytes || !all.start || !keys) load_fail("memory", "too many frames");
    for (uint32_t d = 0; d < devices; d++) load_device_key(d, keys[d]);
    for (long i = 0; i < count; i++) {
        uint32_t device = (uint32_t)(i % devices);
        uint8_t message[LOAD_MESSAGE_SIZE];
        char topic[146];
        double sent = rate > 0 ? start + i / rate : start;
        size_t length = load_message(device, keys[device], first_seq + (uint32_t)(i / devices),
                                     (uint64_t)(sent * 1000), readings, message);
        if (capacity - used < length + 160) load_fail("a frame", "is larger than planned");
        all.start[i] = used;
        used += put_publish(all.bytes + used, topic, load_topic(device, topic), (unsigned)(i % 65535) + 1, message,
                            length);
    }
    all.start[count] = used;
    free(keys);
    return all;
}

/* Sends everything, at most `window` frames ahead of the acknowledgements. */
static void run(int s, const packets *all, long window, double start, double rate) {
    long sent = 0, acknowledged = 0, part = 0;
    uint8_t answers[65536];
    while (acknowledged < all->count) {
        long due = all->count;
        if (rate > 0) due = (long)((load_unix_s() - start) * rate) + 1;
        if (due > all->count) due = all->count;
        long until = sent;
        while (until < due && until - acknowledged < window && all->start[until + 1] - all->start[sent] <= 65536)
            until++;
        if (until > sent) send_all(s, all->bytes + all->start[sent], all->start[until] - all->start[sent]);
        sent = until;
        int may_send = sent < all->count && sent - acknowledged < window;
        struct pollfd readable = {s, POLLIN, 0};
        struct timespec wait = {may_send ? 0 : 30, may_send && rate > 0 ? 200000 : 0};
        if (ppoll(&readable, 1, &wait, NULL) <= 0) {
            if (!may_send) load_fail("the broker", "did not acknowledge for 30 seconds");
            continue;
        }
        ssize_t n = recv(s, answers, sizeof answers, 0);
        if (n <= 0) load_fail("the broker", "closed the connection");
        part += n; /* PUBACKs of four bytes, and nothing else */
        acknowledged += part / 4;
        part %= 4;
    }
}

int main(int count, char **arguments) {
    long frames = 0, devices = 0, readings = 1, first = 1, window = 2000, port = 0, option;
    double rate = 0;
    while ((option = getopt(count, arguments, "p:n:d:r:q:s:w:")) != -1) {
        switch (option) {
        case 'p': port = atol(optarg); break;
        case 'n': frames = atol(optarg); break;
        case 'd': devices = atol(optarg); break;
        case 'r': readings = atol(optarg); break;
        case 'q': first = atol(optarg); break;
        case 's': rate = atof(optarg); break;
        case 'w': window = atol(optarg); break;
        default: return 2;
        }
    }
    if (port < 1 || frames < 1 || devices < 1 || readings < 1 || readings > 64 || window < 1 || window > 60000) {
        fputs("publish -p PORT -n FRAMES -d DEVICES [-r READINGS] [-q FIRST_SEQ] [-s RATE] [-w WINDOW]\n", stderr);
        return 2;
    }
    load_limit(600);
    double start = load_unix_s();
    if (rate > 0) start += 2 + (double)frames * 2e-5; /* enough to make them all first */
    packets all = prepare(frames, (uint32_t)devices, (uint32_t)readings, (uint32_t)first, start, rate);
    int s = join((int)port);
    double wait = start - load_unix_s();
    if (rate > 0 && wait < 0) load_fail("publish", "the frames were not made in time: the machine is busy");
    if (rate > 0) usleep((useconds_t)(wait * 1e6));
    double began = load_unix_s(), cpu = load_cpu_s();
    run(s, &all, window, start, rate);
    double ended = load_unix_s();
    printf("{\"count\":%ld,\"began\":%.6f,\"ended\":%.6f,\"cpu\":%.6f,\"bytes\":%zu}\n", frames, began, ended,
           load_cpu_s() - cpu, all.start[1]);
    send_all(s, (const uint8_t *)"\xe0", 2);
    return 0;
}
