/* A test is a sentence and a function.  One line a test, and a last line that counts them. */
#ifndef CAMPUS_HARNESS_H
#define CAMPUS_HARNESS_H

#include <inttypes.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "campus_device.h"

extern int harness_failures; /* of the running test */

#define CHECK(condition)                                                                   \
    do {                                                                                   \
        if (!(condition)) {                                                                \
            printf("    %s:%d: not so: %s\n", __FILE__, __LINE__, #condition);             \
            harness_failures++;                                                            \
        }                                                                                  \
    } while (0)

#define CHECK_EQUAL(left, right)                                                           \
    do {                                                                                   \
        uint64_t left_ = (uint64_t)(left), right_ = (uint64_t)(right);                     \
        if (left_ != right_) {                                                             \
            printf("    %s:%d: %s is %" PRIu64 ", not %" PRIu64 "\n", __FILE__, __LINE__, #left, left_, right_); \
            harness_failures++;                                                            \
        }                                                                                  \
    } while (0)

void harness_run(const char *sentence, void (*test)(void));
#define TEST(sentence, function) harness_run(sentence, function)

/* A seeded stream of random numbers; the seed is printed, and CAMPUS_SEED repeats a run. */
void random_begin(const char *what);
uint32_t random_next(void);
uint32_t random_below(uint32_t limit);
void random_fill(uint8_t *to, size_t length);

/* The key 00 01 ... 1f and campus/v1/main/term-0001. */
campus_identity test_identity(void);

/* Hexadecimal to bytes; the length, or SIZE_MAX on a wrong digit or too little room. */
size_t hex_decode(const char *hex, uint8_t *to, size_t capacity);
void hex_print(FILE *file, const uint8_t *bytes, size_t length);

/* Wraps a payload as the gateway would, on the `down` topic; gives the length. */
size_t test_receipt_message(const campus_identity *identity, const uint8_t *payload, size_t length, uint8_t *to);
/* A receipt's payload. */
size_t test_receipt_payload(const campus_receipt *receipt, uint8_t *to, size_t capacity);

void test_primitives(void);
void test_readings(void);
void test_messages(void);
void test_receipts(void);
void test_outbox(void);
void test_policy(void);
void test_power_cut(void);
void test_random(void);
void test_vectors(void);

#endif
