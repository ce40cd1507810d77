/* System calls and macros that Swift's Glibc module leaves out. Each wraps one call and keeps its errno. */
#ifndef CAMPUS_PLATFORM_H
#define CAMPUS_PLATFORM_H
#include <stdbool.h>
#include <stdint.h>

/* A counter that poll(2) can wait for; raised by platform_event_raise from any thread or signal handler. -1: errno. */
int platform_event_make(void);
void platform_event_raise(int event);
void platform_event_clear(int event);

enum platform_ready { PLATFORM_READABLE = 1, PLATFORM_WRITABLE = 2, PLATFORM_RAISED = 4 };

/* Waits until the socket can be read (or, if asked, written instead; -1: no socket) or the event is raised, at most
 * timeout_ns. Gives platform_ready values, or-ed; 0 after the time. An error on the socket counts as what was asked. */
int platform_wait(int socket, bool to_write, int event, int64_t timeout_ns);

/* While corked, the kernel holds back partial segments, so that many small packets leave as few. */
void platform_cork(int socket, bool on);

/* An exclusive advisory lock on an open file, without waiting. false: another process holds it. */
bool platform_lock(int file);

/* The same, shared with others who only share it. */
bool platform_share_lock(int file);

/* Unix time and monotonic time in nanoseconds. */
int64_t platform_unix_ns(void);
int64_t platform_monotonic_ns(void);

/* Whether a time service keeps the kernel's clock. 1: yes, 0: no, -1: it cannot be told. */
int platform_clock_is_kept(void);

/* What is known of the other end of a TLS connection. */
struct platform_tls_peer {
    char version[16];      /* such as TLSv1.3 */
    char subject[256];
    char verdict[96];      /* why the certificate is not trusted; empty: it is */
    int64_t expires;       /* Unix seconds; 0: not known */
    bool is_named;         /* the certificate is made out to the host */
};

/* `ssl`: an SSL of OpenSSL after its handshake. false: the other end has shown no certificate. */
bool platform_tls_look(void *ssl, const char *host, struct platform_tls_peer *peer);

/* Names the calling thread, at most 15 bytes, as the system's tools show it. */
void platform_name_thread(const char *name);

/* Large blocks go back to the system as soon as they are freed, and threads share a few arenas. glibc raises the
 * threshold with every such block otherwise, and tables that come and go leave holes of many megabytes (mallopt(3),
 * M_MMAP_THRESHOLD). To be called before the first thread. */
void platform_bound_memory(void);

#endif
