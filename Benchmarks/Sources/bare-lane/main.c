/* The gateway's lane with nothing in it: one fixed row a message, no checks, PUBACK only after an fsynced commit.
 * The ceiling for one connection.
 *   bare-lane PORT MESSAGES FILE
 * Reads until the socket is drained, commits no sooner than 1 ms after the last commit, and only then lets
 * libmosquitto write. Says `ready` once it is subscribed, and one JSON object after the last message. */
#define _GNU_SOURCE
#include "bare_store.h"
#include <arpa/inet.h>
#include <mosquitto.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>

enum { BATCH_ROWS = 5000 };
static const double COMMIT_INTERVAL_S = 0.001;

static bare_store store;
static long received, wanted;
static double began, cpu;

static void on_message(struct mosquitto *m, void *user, const struct mosquitto_message *message) {
    (void)m, (void)user, (void)message;
    if (received++ == 0) {
        began = load_unix_s();
        cpu = load_cpu_s();
    }
    bare_add(&store, received);
}

static void on_connect(struct mosquitto *m, void *user, int code) {
    (void)user;
    if (code != 0) load_fail("the broker", mosquitto_connack_string(code));
    mosquitto_subscribe(m, NULL, "campus/v1/+/+/up", 1);
}

static void on_subscribe(struct mosquitto *m, void *user, int id, int count, const int *granted) {
    (void)m, (void)user, (void)id, (void)count, (void)granted;
    puts("ready");
    fflush(stdout);
}

static void flush(struct mosquitto *m) {
    while (mosquitto_want_write(m)) {
        if (mosquitto_loop_write(m, 1) != MOSQ_ERR_SUCCESS) load_fail("the broker", "closed the connection");
        struct pollfd writable = {mosquitto_socket(m), POLLOUT, 0};
        if (mosquitto_want_write(m)) poll(&writable, 1, 1000);
    }
}

/* Commits, then acknowledges in as few segments as it fits in. */
static void commit(struct mosquitto *m) {
    int on = 1, off = 0;
    bare_commit(&store);
    setsockopt(mosquitto_socket(m), IPPROTO_TCP, TCP_CORK, &on, sizeof on);
    flush(m);
    setsockopt(mosquitto_socket(m), IPPROTO_TCP, TCP_CORK, &off, sizeof off);
}

int main(int count, char **arguments) {
    if (count != 4) return 2;
    wanted = atol(arguments[2]);
    load_limit(600);
    bare_open(&store, arguments[3]);
    mosquitto_lib_init();
    struct mosquitto *m = mosquitto_new("bare-lane", true, NULL);
    mosquitto_connect_callback_set(m, on_connect);
    mosquitto_subscribe_callback_set(m, on_subscribe);
    mosquitto_message_callback_set(m, on_message);
    mosquitto_threaded_set(m, true); /* what is to be sent is queued, and leaves with loop_write only */
    int code = mosquitto_connect(m, "127.0.0.1", atoi(arguments[1]), 60);
    if (code != MOSQ_ERR_SUCCESS) load_fail("connect", mosquitto_strerror(code));
    double last = 0;
    while (received < wanted) {
        double left = store.open_rows > 0 ? last + COMMIT_INTERVAL_S - load_monotonic_s() : 0.1;
        struct pollfd readable = {mosquitto_socket(m), POLLIN, 0};
        struct timespec wait = {0, left > 0 ? (long)(left * 1e9) : 0};
        bool drained = true;
        if (ppoll(&readable, 1, &wait, NULL) > 0) {
            long before;
            do {
                before = received;
                if (mosquitto_loop_read(m, 1) != MOSQ_ERR_SUCCESS) load_fail("the broker", "closed the connection");
            } while (received > before && store.open_rows < BATCH_ROWS && received < wanted);
            drained = received == before;
        }
        bool due = drained && load_monotonic_s() - last >= COMMIT_INTERVAL_S;
        if (store.open_rows > 0 && (due || store.open_rows >= BATCH_ROWS || received == wanted)) {
            commit(m);
            last = load_monotonic_s();
        } else if (store.open_rows == 0) {
            flush(m); /* CONNECT and SUBSCRIBE */
        }
    }
    printf("{\"count\":%ld,\"began\":%.6f,\"ended\":%.6f,\"cpu\":%.6f}\n", received, began, load_unix_s(),
           load_cpu_s() - cpu);
    return 0;
}
