#define _GNU_SOURCE
#include "platform.h"
#include <malloc.h>
#include <pthread.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/timex.h>
#include <time.h>
#include <unistd.h>

int platform_event_make(void) { return eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK); }

void platform_event_raise(int event) {
    uint64_t one = 1;
    ssize_t written = write(event, &one, sizeof one);
    (void)written; /* full means already raised */
}

void platform_event_clear(int event) {
    uint64_t count;
    ssize_t got = read(event, &count, sizeof count);
    (void)got; /* empty means already cleared */
}

int platform_wait(int socket, bool to_write, int event, int64_t timeout_ns) {
    struct pollfd watched[2] = {
        {.fd = event, .events = POLLIN},
        {.fd = socket, .events = to_write ? POLLOUT : POLLIN},
    };
    struct timespec limit = {timeout_ns / 1000000000, timeout_ns % 1000000000};
    if (ppoll(watched, socket < 0 ? 1 : 2, &limit, NULL) <= 0) return 0;
    int ready = 0;
    if (watched[0].revents) ready |= PLATFORM_RAISED;
    if (socket >= 0 && watched[1].revents) ready |= to_write ? PLATFORM_WRITABLE : PLATFORM_READABLE;
    return ready;
}

void platform_cork(int socket, bool on) {
    int value = on;
    setsockopt(socket, IPPROTO_TCP, TCP_CORK, &value, sizeof value);
}

bool platform_lock(int file) { return flock(file, LOCK_EX | LOCK_NB) == 0; }

bool platform_share_lock(int file) { return flock(file, LOCK_SH | LOCK_NB) == 0; }

static int64_t now(clockid_t clock) {
    struct timespec t;
    clock_gettime(clock, &t);
    return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

int64_t platform_unix_ns(void) { return now(CLOCK_REALTIME); }
int64_t platform_monotonic_ns(void) { return now(CLOCK_MONOTONIC); }

int platform_clock_is_kept(void) {
    struct timex state = {0}; /* modes 0: only asks */
    int verdict = adjtimex(&state);
    if (verdict < 0) return -1;
    return verdict != TIME_ERROR && !(state.status & STA_UNSYNC);
}

void platform_name_thread(const char *name) { pthread_setname_np(pthread_self(), name); }

void platform_bound_memory(void) {
    mallopt(M_MMAP_THRESHOLD, 256 * 1024);
    mallopt(M_ARENA_MAX, 4);
}
