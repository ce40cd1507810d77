#include "../src/message.h"
#include "harness.h"

static campus_error open_payload(const char *hex, campus_receipt *receipt)
{
    campus_identity id = test_identity();
    uint8_t payload[2048], message[4096];
    size_t length = hex_decode(hex, payload, sizeof payload);
    CHECK(length != SIZE_MAX);
    length = test_receipt_message(&id, payload, length, message);
    return campus_receipt_open(&id, message, length, receipt);
}

static void a_receipt_is_read(void)
{
    campus_receipt r;
    CHECK(open_payload("87010107058182090c1b000001a2050842081b000001a2050841e0", &r) == CAMPUS_OK);
    CHECK_EQUAL(r.epoch, 7);
    CHECK_EQUAL(r.through, 5);
    CHECK_EQUAL(r.missing_count, 1);
    CHECK_EQUAL(r.missing[0].from, 9);
    CHECK_EQUAL(r.missing[0].to, 12);
    CHECK_EQUAL(r.now, UINT64_C(1795380757000));
    CHECK_EQUAL(r.echo, UINT64_C(1795380756960));
}

static void odd_but_valid_receipts_are_read(void)
{
    campus_receipt r;
    CHECK(open_payload("8701010700800000", &r) == CAMPUS_OK);
    CHECK_EQUAL(r.missing_count, 0);
    /* Integers in long forms; elements of a later version: a map, a tag, a float, nesting 8 deep. */
    CHECK(open_payload("87180119000119000a1a000000051b000000000000000000" "00", &r) == CAMPUS_ERROR_MALFORMED);
    CHECK(open_payload("8718011900011a0000000a1b000000000000000580" "1900001a00000000", &r) == CAMPUS_OK);
    CHECK_EQUAL(r.through, 5);
    CHECK(open_payload("8901010705800000a1616101c1fb3ff8000000000000", &r) == CAMPUS_OK);
    CHECK(open_payload("880101070580000081818181818180", &r) == CAMPUS_OK);
    /* Ranges may end, or lie, above all seqs. */
    CHECK(open_payload("870101070582820a1b00000001000000001b00000001000000001b00000001000000000000", &r) == CAMPUS_ERROR_MALFORMED);
    CHECK(open_payload("870101070582820a1b0000000100000000821b00000001000000001b00000001000000000000", &r) == CAMPUS_OK);
    CHECK_EQUAL(r.missing_count, 1);
    CHECK(r.missing[0].from == 10 && r.missing[0].to == UINT32_MAX);
    /* The largest values. */
    CHECK(open_payload("8701011affffffff1afffffffe81821affffffff1affffffff1b0000e677d21fdbff1b0000e677d21fdbff", &r)
          == CAMPUS_OK);
    CHECK_EQUAL(r.now, CAMPUS_TIME_MAX);
}

static void unknown_versions_and_types_are_ignored(void)
{
    campus_receipt r;
    CHECK(open_payload("8702010705800000", &r) == CAMPUS_ERROR_UNKNOWN);
    CHECK(open_payload("820261ff", &r) == CAMPUS_ERROR_UNKNOWN);
    CHECK(open_payload("8701020705800000", &r) == CAMPUS_ERROR_UNKNOWN);
    CHECK(open_payload("8301026568656c6c6f", &r) == CAMPUS_ERROR_UNKNOWN);
}

static void malformed_receipts_are_refused(void)
{
    static const char *const bad[] = {
        "",                                       /* nothing */
        "00",                                     /* not an array */
        "80",                                     /* empty */
        "8101",                                   /* no type */
        "8601010705800000",                       /* six elements, and bytes behind */
        "87010107058000",                         /* cut off */
        "870101070580000000",                     /* bytes behind */
        "9f01010705800000ff",                     /* indefinite array */
        "8701012005800000",                       /* negative epoch */
        "8701011b000000010000000005800000",       /* epoch over 32 bits */
        "87010107f5800000",                       /* through is a boolean */
        "8701010705a00000",                       /* missing is a map */
        "870101070581810600000000",               /* a range of one */
        "8701010705818205060000",                 /* a range at through */
        "8701010705818209080000",                 /* a range backwards */
        "87010107058f0000",                       /* more ranges than bytes */
        "870101070591820607820607820607820607820607820607820607820607820607820607820607820607820607820607820607820607"
        "8206070000",                             /* 17 ranges */
        "87010107058000fb3ff8000000000000",       /* echo is a float */
        "8701010705801b0000e677d21fdc0000",       /* now over the range */
        "8801010705800000" "8181818181818180",    /* nested 9 deep */
        "8801010705800000" "c1c1c1c1c1c1c1c100",  /* tags count as nesting */
        "8801010705800000" "62c328",              /* invalid UTF-8 */
        "8801010705800000" "5f4100ff",            /* indefinite bytes */
        "8801010705800000" "f818",                /* no such simple value */
        "8801010705800000" "1c",                  /* reserved */
        "8801010705800000" "9bffffffffffffffff",  /* a count that cannot be */
        "8801010705800000" "bbffffffffffffffff",  /* the same in a map */
        "8801010705800000" "5bffffffffffffffff",  /* the same in bytes */
    };
    size_t i;
    for (i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        campus_receipt r;
        memset(&r, 0x5a, sizeof r);
        if (open_payload(bad[i], &r) != CAMPUS_ERROR_MALFORMED) {
            printf("    accepted: %s\n", bad[i]);
            harness_failures++;
        }
        CHECK_EQUAL(r.epoch, 0x5a5a5a5au);
    }
}

static void envelopes_are_strict(void)
{
    static const char *const bad[] = {
        "",
        "68656c6c6f",
        "8343a10105a040",                 /* three elements */
        "8443a10104a040" "5820",          /* another algorithm */
        "8444a1010500a040" "5820",        /* protected is longer */
        "84a10105a040" "5820",            /* protected is a map */
        "8443a101058040" "5820",          /* unprotected is an array */
        "8443a10105bf0440ff40" "5820",   /* indefinite map */
        "8443a10105a060" "5820",          /* payload is text */
        "c28443a10105a040" "5820",        /* another tag */
    };
    campus_identity id = test_identity();
    campus_receipt r;
    size_t i;
    for (i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        uint8_t message[128];
        size_t length = hex_decode(bad[i], message, sizeof message);
        CHECK(length <= 96);
        memset(message + (length & 63), 0, 32);
        CHECK(campus_receipt_open(&id, message, length == 0 ? 0 : length + 32, &r) == CAMPUS_ERROR_MALFORMED);
    }
    CHECK(campus_receipt_open(&id, NULL, 0, &r) == CAMPUS_ERROR_MALFORMED);
}

static void tag_17_and_kid_are_accepted(void)
{
    campus_identity id = test_identity();
    campus_receipt r;
    uint8_t payload[8], tag[CAMPUS_TAG_SIZE], message[128];
    size_t length = hex_decode("8701010705800000", payload, sizeof payload), head;
    CHECK(campus_tag_compute(&id, CAMPUS_TOPIC_DOWN, payload, length, tag) == CAMPUS_OK);
    head = hex_decode("d18443a10105a104426b31" "488701010705800000" "5820", message, sizeof message);
    memcpy(message + head, tag, sizeof tag);
    CHECK(campus_receipt_open(&id, message, head + sizeof tag, &r) == CAMPUS_OK);
    CHECK_EQUAL(r.through, 5);
}

static void forged_receipts_are_refused(void)
{
    campus_identity id = test_identity(), other = id;
    uint8_t payload[8], message[128];
    uint8_t key[CAMPUS_KEY_SIZE] = {0};
    campus_receipt r;
    size_t length = hex_decode("8701010705800000", payload, sizeof payload), i;
    length = test_receipt_message(&id, payload, length, message);
    for (i = 0; i < length * 8; i++) {
        message[i / 8] ^= (uint8_t)(1u << i % 8);
        CHECK(campus_receipt_open(&id, message, length, &r) != CAMPUS_OK);
        message[i / 8] ^= (uint8_t)(1u << i % 8);
    }
    for (i = 0; i < length; i++) {
        CHECK(campus_receipt_open(&id, message, i, &r) == CAMPUS_ERROR_MALFORMED);
    }
    CHECK(campus_receipt_open(&id, message, length + 1, &r) == CAMPUS_ERROR_MALFORMED);
    CHECK(campus_receipt_open(&id, message, length, &r) == CAMPUS_OK);
    other.device = "term-0002";
    CHECK(campus_receipt_open(&other, message, length, &r) == CAMPUS_ERROR_MAC);
    other = id;
    other.mac = campus_mac_software(key);
    CHECK(campus_receipt_open(&other, message, length, &r) == CAMPUS_ERROR_MAC);
}

static void random_bytes_never_pass(void)
{
    campus_identity id = test_identity();
    campus_receipt r;
    int i;
    random_begin("random receipts");
    for (i = 0; i < 200000; i++) {
        uint8_t bytes[96];
        size_t length = random_below(sizeof bytes + 1);
        random_fill(bytes, length);
        if (length > 6 && i % 2 == 0) {
            memcpy(bytes, "\x84\x43\xa1\x01\x05", 5);
        }
        CHECK(campus_receipt_open(&id, bytes, length, &r) != CAMPUS_OK);
    }
}

/* Authentic, so that the decoder behind the tag is reached: it must never read outside, and what it
 * accepts must mean what its bytes say. */
static void random_payloads_keep_the_rules(void)
{
    campus_identity id = test_identity();
    uint32_t accepted = 0;
    int i;
    random_begin("random payloads");
    for (i = 0; i < 20000; i++) {
        campus_receipt r = {0, 0, 0, {{0, 0}}, 0, 0};
        uint8_t payload[256], message[512];
        size_t length;
        uint32_t k, changes = random_below(3);
        r.epoch = random_below(1000);
        r.through = random_below(1000);
        r.missing_count = random_below(CAMPUS_MISSING_MAX + 1);
        for (k = 0; k < r.missing_count; k++) {
            r.missing[k].from = r.through + 1 + random_below(70000);
            r.missing[k].to = r.missing[k].from + random_below(300);
        }
        r.now = random_next();
        r.echo = random_next();
        length = test_receipt_payload(&r, payload, sizeof payload);
        for (k = 0; k < changes; k++) {
            payload[random_below((uint32_t)length)] = (uint8_t)random_next();
        }
        length = test_receipt_message(&id, payload, length, message);
        if (campus_receipt_open(&id, message, length, &r) == CAMPUS_OK) {
            accepted++;
            CHECK(r.missing_count <= CAMPUS_MISSING_MAX && r.now <= CAMPUS_TIME_MAX && r.echo <= CAMPUS_TIME_MAX);
            for (k = 0; k < r.missing_count; k++) {
                CHECK(r.missing[k].from > r.through && r.missing[k].from <= r.missing[k].to);
            }
        } else {
            CHECK(changes > 0);
        }
    }
    CHECK(accepted > 6000);
}

void test_receipts(void)
{
    TEST("a receipt is read", a_receipt_is_read);
    TEST("long integers and elements of a later version are read past", odd_but_valid_receipts_are_read);
    TEST("unknown versions and types are told apart from malformed ones", unknown_versions_and_types_are_ignored);
    TEST("malformed receipts are refused and touch nothing", malformed_receipts_are_refused);
    TEST("the envelope is exactly COSE_Mac0 with HMAC 256/256", envelopes_are_strict);
    TEST("tag 17 and a key identifier are accepted", tag_17_and_kid_are_accepted);
    TEST("a receipt with any bit changed, cut, or for another device is refused", forged_receipts_are_refused);
    TEST("random bytes never pass as a receipt", random_bytes_never_pass);
    TEST("authentic payloads with random changes keep the rules", random_payloads_keep_the_rules);
}
