/* What the benchmark programs share. Failures end the process with a sentence and exit code 3. */
#ifndef BENCHMARKS_LOAD_H
#define BENCHMARKS_LOAD_H

#include <stdbool.h>
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

/* ---- A campus ---- */

/* How large it is. Of each four devices two are terminals in rooms, one is a reader at a gate, one a kiosk at a counter.
 * At each room a group of `students` meets; `people` there are in all, so that one may be in several groups. */
typedef struct load_campus {
    uint32_t rooms, students, people, counters, gates;
} load_campus;

typedef enum load_role { LOAD_TERMINAL, LOAD_READER, LOAD_KIOSK } load_role;

load_role load_role_of(uint32_t device);
/* The room, gate or counter a device stands at, from 0. */
uint32_t load_place_of(const load_campus *campus, uint32_t device);
/* The person who is member number `member` of a room's group. */
uint32_t load_member(const load_campus *campus, uint32_t room, uint32_t member);
/* At every second counter people vote with each frame of a kiosk, at the others with each tenth. */
bool load_is_busy(uint32_t counter);
#define LOAD_CARD_SIZE 7
void load_card(uint32_t person, uint8_t *card /* [LOAD_CARD_SIZE] */);

/* What a frame holds beside its device and seq. */
typedef struct load_frame {
    uint32_t seq;
    uint64_t sent_ms, at_ms; /* of its last reading */
    uint32_t readings;
    bool low; /* a kiosk's: a vote of the lowest score, whatever would come otherwise */
} load_frame;

/* An authenticated frame as the device would send it: check-ins, passages, votes or its status; its bytes. */
size_t load_campus_message(const load_campus *campus, uint32_t device, const uint8_t *key, const load_frame *frame,
                           uint8_t *message /* [LOAD_MESSAGE_SIZE] */);

#endif
