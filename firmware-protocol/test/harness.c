#include "harness.h"

#include <time.h>

#include "../src/cbor.h"
#include "../src/message.h"

int harness_failures;
static int passed, failed;
static uint64_t random_state;

void harness_run(const char *sentence, void (*test)(void))
{
    harness_failures = 0;
    test();
    if (harness_failures == 0) {
        passed++;
        printf("ok      %s\n", sentence);
    } else {
        failed++;
        printf("FAILED  %s\n", sentence);
    }
    fflush(stdout);
}

void random_begin(const char *what)
{
    const char *given = getenv("CAMPUS_SEED");
    uint64_t seed = given != NULL ? strtoull(given, NULL, 10) : (uint64_t)time(NULL);
    printf("    %s: CAMPUS_SEED=%" PRIu64 "\n", what, seed);
    random_state = seed * UINT64_C(0x9e3779b97f4a7c15) + 1;
}

/* SplitMix64. */
uint32_t random_next(void)
{
    uint64_t z = random_state += UINT64_C(0x9e3779b97f4a7c15);
    z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
    return (uint32_t)(z >> 32);
}

uint32_t random_below(uint32_t limit)
{
    return random_next() % limit;
}

void random_fill(uint8_t *to, size_t length)
{
    size_t i;
    for (i = 0; i < length; i++) {
        to[i] = (uint8_t)random_next();
    }
}

campus_identity test_identity(void)
{
    static uint8_t key[CAMPUS_KEY_SIZE];
    campus_identity identity = {"main", "term-0001", {NULL, NULL}, {NULL, 0}};
    uint8_t i;
    for (i = 0; i < sizeof key; i++) {
        key[i] = i;
    }
    identity.mac = campus_mac_software(key);
    return identity;
}

static int hex_digit(char c)
{
    return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

size_t hex_decode(const char *hex, uint8_t *to, size_t capacity)
{
    size_t length = 0;
    for (; hex[0] != 0; hex += 2) {
        int high = hex_digit(hex[0]), low = high < 0 ? -1 : hex_digit(hex[1]);
        if (low < 0 || length == capacity) {
            return SIZE_MAX;
        }
        to[length++] = (uint8_t)(high << 4 | low);
    }
    return length;
}

void hex_print(FILE *file, const uint8_t *bytes, size_t length)
{
    size_t i;
    for (i = 0; i < length; i++) {
        fprintf(file, "%02x", bytes[i]);
    }
}

size_t test_receipt_message(const campus_identity *identity, const uint8_t *payload, size_t length, uint8_t *to)
{
    static const uint8_t begin[] = {0x84, 0x43, 0xa1, 0x01, 0x05, 0xa0};
    campus_writer w = {NULL, CAMPUS_MESSAGE_MAX + 1, 0};
    uint8_t tag[CAMPUS_TAG_SIZE];
    w.buffer = to;
    campus_put_raw(&w, begin, sizeof begin);
    campus_put_bytes(&w, CBOR_BYTES, payload, length);
    CHECK(campus_tag_compute(identity, CAMPUS_TOPIC_DOWN, payload, length, tag) == CAMPUS_OK);
    campus_put_bytes(&w, CBOR_BYTES, tag, sizeof tag);
    return w.length;
}

size_t test_receipt_payload(const campus_receipt *receipt, uint8_t *to, size_t capacity)
{
    campus_writer w = {NULL, 0, 0};
    uint32_t i;
    w.buffer = to;
    w.capacity = capacity;
    campus_put_head(&w, CBOR_ARRAY, 7);
    campus_put_head(&w, CBOR_UINT, 1);
    campus_put_head(&w, CBOR_UINT, 1);
    campus_put_head(&w, CBOR_UINT, receipt->epoch);
    campus_put_head(&w, CBOR_UINT, receipt->through);
    campus_put_head(&w, CBOR_ARRAY, receipt->missing_count);
    for (i = 0; i < receipt->missing_count; i++) {
        campus_put_head(&w, CBOR_ARRAY, 2);
        campus_put_head(&w, CBOR_UINT, receipt->missing[i].from);
        campus_put_head(&w, CBOR_UINT, receipt->missing[i].to);
    }
    campus_put_head(&w, CBOR_UINT, receipt->now);
    campus_put_head(&w, CBOR_UINT, receipt->echo);
    return w.length;
}

int main(void)
{
    test_primitives();
    test_readings();
    test_messages();
    test_receipts();
    test_outbox();
    test_policy();
    test_power_cut();
    test_random();
    test_vectors();
    printf("%d passed, %d failed\n", passed, failed);
    return failed == 0 ? 0 : 1;
}
