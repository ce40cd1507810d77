/* What a program reaches for first: libmosquitto's own loop at QoS 1, every message thrown away.
 *   discard PORT MESSAGES
 * Says `ready` once it is subscribed, and one JSON object after the last message. */
#include "load.h"
#include <mosquitto.h>
#include <stdio.h>
#include <stdlib.h>

static long received, wanted;
static double began, ended, cpu;

static void on_message(struct mosquitto *m, void *user, const struct mosquitto_message *message) {
    (void)user, (void)message;
    if (received++ == 0) {
        began = load_unix_s();
        cpu = load_cpu_s();
    }
    if (received < wanted) return;
    ended = load_unix_s();
    mosquitto_disconnect(m);
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

int main(int count, char **arguments) {
    if (count != 3) return 2;
    wanted = atol(arguments[2]);
    load_limit(600);
    mosquitto_lib_init();
    struct mosquitto *m = mosquitto_new("discard", true, NULL);
    mosquitto_connect_callback_set(m, on_connect);
    mosquitto_subscribe_callback_set(m, on_subscribe);
    mosquitto_message_callback_set(m, on_message);
    int code = mosquitto_connect(m, "127.0.0.1", atoi(arguments[1]), 60);
    if (code != MOSQ_ERR_SUCCESS) load_fail("connect", mosquitto_strerror(code));
    mosquitto_loop_forever(m, -1, 1);
    printf("{\"count\":%ld,\"began\":%.6f,\"ended\":%.6f,\"cpu\":%.6f}\n", received, began, ended, load_cpu_s() - cpu);
    return received == wanted ? 0 : 3;
}
