/* The disk alone: writes a block, waits for fdatasync, and again, as a write-ahead log does.
 *   sync-loop FILE SECONDS BYTES PAUSE_MS
 * Prints one JSON object with times in milliseconds. */
#include "load.h"
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { MOST = 1 << 20, FILE_BYTES = 32 << 20 };

static int ascending(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

int main(int count, char **arguments) {
    if (count != 5) return 2;
    double limit = atof(arguments[2]), *times = malloc(MOST * sizeof(double));
    size_t bytes = (size_t)atol(arguments[3]);
    useconds_t pause = (useconds_t)atol(arguments[4]) * 1000;
    uint8_t *block = calloc(1, bytes);
    load_limit(600);
    int file = open(arguments[1], O_CREAT | O_RDWR | O_CLOEXEC, 0600);
    /* As long as it gets: a log that is written again and again does not grow either. */
    if (!times || !block || file < 0 || posix_fallocate(file, 0, FILE_BYTES)) load_fail(arguments[1], strerror(errno));
    double end = load_monotonic_s() + limit;
    long n = 0;
    off_t at = 0;
    while (n < MOST && load_monotonic_s() < end) {
        memset(block, (int)n, bytes);
        double start = load_monotonic_s();
        if (pwrite(file, block, bytes, at) != (ssize_t)bytes || fdatasync(file)) load_fail("write", strerror(errno));
        times[n++] = (load_monotonic_s() - start) * 1000;
        if (pause > 0) usleep(pause);
        at = at + (off_t)bytes * 2 > FILE_BYTES ? 0 : at + (off_t)bytes;
    }
    qsort(times, (size_t)n, sizeof *times, ascending);
    printf("{\"count\":%ld,\"p50\":%.3f,\"p99\":%.3f,\"max\":%.3f}\n", n, times[n / 2], times[n * 99 / 100], times[n - 1]);
    return 0;
}
