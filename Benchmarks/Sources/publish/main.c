/* Publishes authenticated frames at QoS 1 over MQTT 3.1.1, as fast as the broker takes them or at a rate.
 *   publish -p PORT -n FRAMES -d DEVICES [-f FIRST_DEVICE] [-r READINGS] [-q FIRST_SEQ] [-s FRAMES_A_SECOND]
 *           [-w WINDOW] [-b UNIX_S] [-c ROOMS,STUDENTS,PEOPLE,COUNTERS,GATES [-a DAYS] [-l COUNTERS -o FILE]]
 * Frame i goes to device i % DEVICES with seq FIRST_SEQ + i / DEVICES. Every packet is made before the clock starts,
 * so that the load costs next to nothing while it runs. At a rate, frame i carries the time it is due as its `sent`:
 * a late sender counts as latency. -b: the clock starts then, not as soon as everything is made.
 * -c: devices of a campus (load.h), in an order without a pattern. -a: their readings are of the last so many days. -l:
 * at the first so many counters somebody votes low once, one after the other over the run; FILE gets a line for each,
 * the counter and when its vote was due, Unix milliseconds. Prints one JSON object. */
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
    /* The client's id ends with the process's, so that several may be connected. */
    uint8_t hello[14 + 9] = {0x10, 21, 0, 4, 'M', 'Q', 'T', 'T', 4, 2, 0, 0, 0, 9};
    char name[10];
    snprintf(name, sizeof name, "b%08x", (unsigned)getpid());
    memcpy(hello + 14, name, 9);
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

/* What is published. */
typedef struct load {
    long frames, devices, first_device, readings, first_seq;
    double rate; /* frames a second; 0: as fast as the broker takes them */
    double start;
    bool has_campus;
    load_campus campus;
    double days;
    long low_counters;
    FILE *low_file;
} load;

/* Whether a kiosk's frame, the first of its counter after its time has come, votes low. */
static bool votes_low(const load *l, uint32_t device, long i, uint64_t sent_ms, bool *has_voted) {
    if (!l->low_counters || load_role_of(device) != LOAD_KIOSK) return false;
    uint32_t counter = load_place_of(&l->campus, device);
    if (counter >= l->low_counters || has_voted[counter]) return false;
    /* Between a tenth and nine tenths of the run. */
    if ((double)i < (double)l->frames * (0.1 + 0.8 * counter / (double)l->low_counters)) return false;
    has_voted[counter] = true;
    fprintf(l->low_file, "%u %llu\n", counter, (unsigned long long)sent_ms);
    return true;
}

static packets prepare(const load *l) {
    size_t largest = 64 + 146 + (size_t)l->readings * 24, capacity = (size_t)l->frames * largest, used = 0;
    packets all = {malloc(capacity), malloc(((size_t)l->frames + 1) * sizeof(size_t)), l->frames};
    uint8_t(*keys)[32] = malloc((size_t)l->devices * 32);
    bool *has_voted = calloc((size_t)l->low_counters + 1, sizeof(bool));
    if (!all.bytes || !all.start || !keys || !has_voted) load_fail("memory", "too many frames");
    for (long d = 0; d < l->devices; d++) load_device_key((uint32_t)(l->first_device + d), keys[d]);
    for (long i = 0; i < l->frames; i++) {
        /* A prime: every device once a round. */
        long place = i % l->devices;
        if (l->has_campus) place = (long)((uint64_t)place * 1000003u % (uint64_t)l->devices);
        uint32_t device = (uint32_t)(l->first_device + place);
        uint8_t message[LOAD_MESSAGE_SIZE];
        char topic[146];
        uint64_t sent = (uint64_t)((l->rate > 0 ? l->start + (double)i / l->rate : l->start) * 1000);
        uint32_t seq = (uint32_t)(l->first_seq + i / l->devices);
        size_t length;
        if (l->has_campus) {
            uint64_t ago = (uint64_t)(l->days * 86400000 * (double)(l->frames - i) / (double)l->frames);
            load_frame frame = {seq, sent, sent - ago, (uint32_t)l->readings, votes_low(l, device, i, sent, has_voted)};
            length = load_campus_message(&l->campus, device, keys[place], &frame, message);
        } else {
            length = load_message(device, keys[place], seq, sent, (uint32_t)l->readings, message);
        }
        if (capacity - used < length + 160) load_fail("a frame", "is larger than planned");
        all.start[i] = used;
        used += put_publish(all.bytes + used, topic, load_topic(device, topic), (unsigned)(i % 65535) + 1, message,
                            length);
    }
    all.start[l->frames] = used;
    free(keys);
    free(has_voted);
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
    load l = {.readings = 1, .first_seq = 1};
    long window = 2000, port = 0, option;
    const char *low_path = NULL;
    while ((option = getopt(count, arguments, "p:n:d:f:r:q:s:w:b:c:a:l:o:")) != -1) {
        switch (option) {
        case 'p': port = atol(optarg); break;
        case 'n': l.frames = atol(optarg); break;
        case 'd': l.devices = atol(optarg); break;
        case 'f': l.first_device = atol(optarg); break;
        case 'r': l.readings = atol(optarg); break;
        case 'q': l.first_seq = atol(optarg); break;
        case 's': l.rate = atof(optarg); break;
        case 'w': window = atol(optarg); break;
        case 'b': l.start = atof(optarg); break;
        case 'c':
            l.has_campus = sscanf(optarg, "%u,%u,%u,%u,%u", &l.campus.rooms, &l.campus.students, &l.campus.people,
                                  &l.campus.counters, &l.campus.gates) == 5;
            if (!l.has_campus) return 2;
            break;
        case 'a': l.days = atof(optarg); break;
        case 'l': l.low_counters = atol(optarg); break;
        case 'o': low_path = optarg; break;
        default: return 2;
        }
    }
    if (port < 1 || l.frames < 1 || l.devices < 1 || l.readings < 1 || l.readings > 64 || window < 1 ||
        window > 60000 || (l.low_counters > 0 && (!low_path || !l.has_campus))) {
        fputs("publish -p PORT -n FRAMES -d DEVICES [-f FIRST_DEVICE] [-r READINGS] [-q FIRST_SEQ] [-s RATE]\n"
              "        [-w WINDOW] [-b UNIX_S] [-c ROOMS,STUDENTS,PEOPLE,COUNTERS,GATES [-a DAYS]\n"
              "        [-l COUNTERS -o FILE]]\n",
              stderr);
        return 2;
    }
    load_limit(600);
    if (low_path && !(l.low_file = fopen(low_path, "w"))) load_fail(low_path, strerror(errno));
    bool waits = l.rate > 0 || l.start > 0;
    if (l.start == 0) {
        l.start = load_unix_s();
        if (l.rate > 0) l.start += 2 + (double)l.frames * 2e-5; /* enough to make them all first */
    }
    packets all = prepare(&l);
    if (l.low_file) fclose(l.low_file);
    int s = join((int)port);
    double wait = l.start - load_unix_s();
    if (waits && wait < 0) load_fail("publish", "the frames were not made in time: the machine is busy");
    if (waits) usleep((useconds_t)(wait * 1e6));
    double began = load_unix_s(), cpu = load_cpu_s();
    run(s, &all, window, l.start, l.rate);
    double ended = load_unix_s();
    printf("{\"count\":%ld,\"began\":%.6f,\"ended\":%.6f,\"cpu\":%.6f,\"bytes\":%zu}\n", l.frames, began, ended,
           load_cpu_s() - cpu, all.start[1]);
    send_all(s, (const uint8_t *)"\xe0", 2);
    return 0;
}
