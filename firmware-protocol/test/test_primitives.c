#include "../src/bytes.h"
#include "harness.h"

static void expect_digest(const char *text, size_t repeats, const char *hex)
{
    campus_sha256 sha;
    uint8_t digest[32], expected[32];
    size_t i;
    campus_sha256_begin(&sha);
    for (i = 0; i < repeats; i++) {
        campus_sha256_add(&sha, (const uint8_t *)text, strlen(text));
    }
    campus_sha256_end(&sha, digest);
    CHECK_EQUAL(hex_decode(hex, expected, sizeof expected), 32);
    CHECK(memcmp(digest, expected, 32) == 0);
}

static void sha256_matches_fips(void)
{
    expect_digest("", 1, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    expect_digest("abc", 1, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    expect_digest("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq", 1,
                  "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
    expect_digest("aaaaaaaaaa", 100000, "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

/* RFC 4231, test case 2 with the key filled up with zeros, as HMAC does itself. */
static void hmac_matches_rfc_4231(void)
{
    uint8_t key[CAMPUS_KEY_SIZE] = {'J', 'e', 'f', 'e'};
    const char *text = "what do ya want for nothing?";
    campus_mac mac = campus_mac_software(key);
    campus_bytes parts[3];
    uint8_t tag[32], expected[32];
    parts[0].data = (const uint8_t *)text;
    parts[0].length = 5;
    parts[1].data = NULL;
    parts[1].length = 0;
    parts[2].data = (const uint8_t *)text + 5;
    parts[2].length = strlen(text) - 5;
    CHECK(mac.compute(mac.context, parts, 3, tag));
    hex_decode("5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843", expected, 32);
    CHECK(campus_equal_constant_time(tag, expected, 32));
    expected[31] ^= 1;
    CHECK(!campus_equal_constant_time(tag, expected, 32));
}

static void crc_matches_check_value(void)
{
    CHECK_EQUAL(campus_crc32((const uint8_t *)"123456789", 9), 0xcbf43926u);
    CHECK_EQUAL(campus_crc32_add(campus_crc32((const uint8_t *)"1234", 4), (const uint8_t *)"56789", 5), 0xcbf43926u);
}

static bool utf8(const char *text)
{
    return campus_utf8_valid((const uint8_t *)text, strlen(text));
}

static void utf8_is_strict(void)
{
    CHECK(utf8("") && utf8("a") && utf8("\xc3\xa9") && utf8("\xe6\xb0\xb4") && utf8("\xf0\x9f\x92\xa7"));
    CHECK(utf8("\xed\x9f\xbf") && utf8("\xf4\x8f\xbf\xbf"));
    CHECK(!utf8("\x80") && !utf8("\xc3") && !utf8("\xc3(") && !utf8("\xc0\x80") && !utf8("\xe0\x80\x80"));
    CHECK(!utf8("\xed\xa0\x80") && !utf8("\xf4\x90\x80\x80") && !utf8("\xf8\x88\x80\x80\x80") && !utf8("\xe6\xb0"));
    CHECK(!utf8("\xf0\x9f\x92") && !utf8("\xf0\x8f\xbf\xbf") && !utf8("\xff"));
}

static void topics_hold_valid_names_only(void)
{
    campus_identity id = test_identity();
    char topic[CAMPUS_TOPIC_SIZE];
    char longest[66];
    const char *bad[] = {"", ".hidden", "a/b", "a+b", "#", "a b", "\xe4\xb8\xad"};
    size_t i;
    CHECK(campus_topic_write(&id, CAMPUS_TOPIC_UP, topic, sizeof topic) == CAMPUS_OK);
    CHECK(strcmp(topic, "campus/v1/main/term-0001/up") == 0);
    CHECK(campus_topic_write(&id, CAMPUS_TOPIC_DOWN, topic, sizeof topic) == CAMPUS_OK);
    CHECK(strcmp(topic, "campus/v1/main/term-0001/down") == 0);
    CHECK(campus_topic_write(&id, CAMPUS_TOPIC_STATE, topic, 31) == CAMPUS_OK);
    CHECK(strcmp(topic, "campus/v1/main/term-0001/state") == 0);
    CHECK(campus_topic_write(&id, CAMPUS_TOPIC_STATE, topic, 30) == CAMPUS_ERROR_BUFFER);
    CHECK(campus_topic_write(&id, CAMPUS_TOPIC_JSON, topic, sizeof topic) == CAMPUS_OK);
    CHECK(strcmp(topic, "campus/v1/main/term-0001/json") == 0);
    for (i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        id.device = bad[i];
        CHECK(campus_topic_write(&id, CAMPUS_TOPIC_UP, topic, sizeof topic) == CAMPUS_ERROR_NAME);
    }
    id.device = NULL;
    CHECK(campus_identity_check(&id) == CAMPUS_ERROR_NAME);
    memset(longest, 'x', 65);
    longest[65] = 0;
    id.device = longest;
    CHECK(campus_identity_check(&id) == CAMPUS_ERROR_NAME);
    longest[64] = 0;
    id.site = longest;
    CHECK(campus_topic_write(&id, CAMPUS_TOPIC_STATE, topic, sizeof topic) == CAMPUS_OK);
    CHECK_EQUAL(strlen(topic) + 1, CAMPUS_TOPIC_SIZE);
}

static void clocks_add_their_offset(void)
{
    campus_clock clock = campus_clock_set(CAMPUS_CLOCK_BATTERY, UINT64_C(1795380757000), 5000);
    CHECK_EQUAL(campus_clock_read(&clock, 6000), UINT64_C(1795380758000));
    clock = campus_clock_set(CAMPUS_CLOCK_BATTERY, 1000, 5000);
    CHECK_EQUAL(campus_clock_read(&clock, 5001), 1001);
    CHECK_EQUAL(campus_clock_read(&clock, 100), 0);
}

static void errors_have_sentences(void)
{
    int e;
    for (e = CAMPUS_OK; e <= CAMPUS_ERROR_NOT_DUE; e++) {
        CHECK(strlen(campus_error_text((campus_error)e)) > 5);
        CHECK(strcmp(campus_error_text((campus_error)e), campus_error_text((campus_error)999)) != 0);
    }
}

void test_primitives(void)
{
    TEST("SHA-256 gives the digests of FIPS 180-4", sha256_matches_fips);
    TEST("HMAC over parts gives the tag of RFC 4231", hmac_matches_rfc_4231);
    TEST("CRC-32 gives its check value, whole and in pieces", crc_matches_check_value);
    TEST("UTF-8 is refused where RFC 3629 refuses it", utf8_is_strict);
    TEST("topics are written for valid names only", topics_hold_valid_names_only);
    TEST("a clock adds its offset and never reads below zero", clocks_add_their_offset);
    TEST("every error has a sentence", errors_have_sentences);
}
