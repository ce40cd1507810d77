/* What the benchmark programs share. Failures end the process with a sentence and exit code 3. */
#ifndef BENCHMARKS_LOAD_H
#define BENCHMARKS_LOAD_H

#include <stddef.h>
#include <stdint.h>

/* ---- Clocks ---- */

/* Seconds since 1970, for comparison between processes. */
double load_unix_s(void);
/* Seconds of a clock that never steps. */
double load_monotonic_s(void);
/* User and system time of this process, seconds. */
double load_cpu_s(void);
/* Ends the process after `seconds`: nothing here may outlive its benchmark. */
void load_limit(unsigned seconds);
_Noreturn void load_fail(const char *what, const char *why);

/* ---- Devices and frames ---- */

#define LOAD_SITE "main"
#define LOAD_NAME_SIZE 16
#define LOAD_MESSAGE_SIZE 2048 /* bytes no message of 64 readings exceeds */

void load_device_name(uint32_t device, char *name /* [LOAD_NAME_SIZE] */);
void load_device_key(uint32_t device, uint8_t *key /* [32] */);
/* The topic `up` of a device; its bytes without the terminating zero. */
size_t load_topic(uint32_t device, char *topic /* [146] */);
/* An authenticated frame of check-ins at `sent` and before, epoch 1, on a network-synchronised clock; its bytes. */
size_t load_message(uint32_t device, const uint8_t *key, uint32_t seq, uint64_t sent_ms, uint32_t readings,
                    uint8_t *message /* [LOAD_MESSAGE_SIZE] */);

#endif
