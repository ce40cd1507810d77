/* Receipts made by the gateway's side must be read by the device's.  Also reads the file this
 * library's vectors_write makes. */
#include "harness.h"

static char *read_file(const char *path)
{
    FILE *file = fopen(path, "rb");
    char *text = NULL;
    long size;
    if (file == NULL) {
        return NULL;
    }
    if (fseek(file, 0, SEEK_END) == 0 && (size = ftell(file)) >= 0 && fseek(file, 0, SEEK_SET) == 0) {
        text = malloc((size_t)size + 1);
        if (text != NULL) {
            text[fread(text, 1, (size_t)size, file)] = 0;
        }
    }
    fclose(file);
    return text;
}

/* The end of the JSON value that begins at `from`. */
static const char *value_end(const char *from)
{
    int depth = 0;
    bool quoted = false;
    for (; *from != 0; from++) {
        if (quoted) {
            if (*from == '\\' && from[1] != 0) {
                from++;
            } else if (*from == '"') {
                quoted = false;
            }
        } else if (*from == '"') {
            quoted = true;
        } else if (*from == '{' || *from == '[') {
            depth++;
        } else if (*from == '}' || *from == ']') {
            if (--depth <= 0) {
                return depth == 0 ? from + 1 : from;
            }
        } else if (*from == ',' && depth == 0) {
            return from;
        }
    }
    return from;
}

static const char *skip_space(const char *at)
{
    while (*at == ' ' || *at == '\n' || *at == '\r' || *at == '\t') {
        at++;
    }
    return at;
}

/* The value of a member of the object at `object`, or NULL. */
static const char *member(const char *object, const char *name)
{
    const char *at = skip_space(object);
    size_t length = strlen(name);
    if (*at != '{') {
        return NULL;
    }
    at = skip_space(at + 1);
    while (*at == '"') {
        const char *key = at + 1, *end = strchr(key, '"'), *value;
        if (end == NULL) {
            return NULL;
        }
        value = skip_space(end + 1);
        if (*value != ':') {
            return NULL;
        }
        value = skip_space(value + 1);
        if ((size_t)(end - key) == length && memcmp(key, name, length) == 0) {
            return value;
        }
        at = skip_space(value_end(value));
        at = *at == ',' ? skip_space(at + 1) : at;
    }
    return NULL;
}

static bool string_of(const char *object, const char *name, char *to, size_t capacity)
{
    const char *value = member(object, name), *end;
    if (value == NULL || *value != '"' || (end = strchr(value + 1, '"')) == NULL
        || (size_t)(end - value - 1) >= capacity) {
        return false;
    }
    memcpy(to, value + 1, (size_t)(end - value - 1));
    to[end - value - 1] = 0;
    return true;
}

/* Numbers of a nested array in order, whatever its shape. */
static size_t numbers_of(const char *value, uint64_t *numbers, size_t capacity)
{
    const char *end = value_end(value);
    size_t count = 0;
    while (value < end && count < capacity) {
        if (*value >= '0' && *value <= '9') {
            char *behind;
            numbers[count++] = strtoull(value, &behind, 10);
            value = behind;
        } else {
            value++;
        }
    }
    return count;
}

static void check_receipt(const char *object)
{
    char name[256], topic[CAMPUS_TOPIC_SIZE], hex_key[80], expect[32] = "";
    static char hex[2 * CAMPUS_MESSAGE_MAX + 1];
    static uint8_t message[CAMPUS_MESSAGE_MAX];
    uint8_t key[CAMPUS_KEY_SIZE];
    campus_identity id = test_identity();
    campus_receipt r;
    size_t length;
    char *device, *end;
    CHECK(string_of(object, "name", name, sizeof name));
    CHECK(string_of(object, "topic", topic, sizeof topic) && string_of(object, "message", hex, sizeof hex));
    CHECK(string_of(object, "key", hex_key, sizeof hex_key) && hex_decode(hex_key, key, sizeof key) == sizeof key);
    string_of(object, "expect", expect, sizeof expect);
    length = hex_decode(hex, message, sizeof message);
    CHECK(length != SIZE_MAX && strncmp(topic, "campus/v1/", 10) == 0);
    id.site = topic + 10;
    device = strchr(topic + 10, '/');
    CHECK(device != NULL);
    if (device == NULL || length == SIZE_MAX) {
        return;
    }
    *device++ = 0;
    end = strchr(device, '/');
    CHECK(end != NULL && strcmp(end, "/down") == 0);
    if (end == NULL) {
        return;
    }
    *end = 0;
    id.device = device;
    id.mac = campus_mac_software(key);
    if (strcmp(expect, "ignored") == 0) {
        if (campus_receipt_open(&id, message, length, &r) == CAMPUS_OK) {
            printf("    obeyed, but to be ignored: %s\n", name);
            harness_failures++;
        }
        return;
    }
    {
        uint64_t n[6 + 2 * CAMPUS_MISSING_MAX];
        const char *fields = member(object, "receipt");
        size_t count = fields == NULL ? 0 : numbers_of(fields, n, sizeof n / sizeof n[0]), i;
        campus_error error = campus_receipt_open(&id, message, length, &r);
        if (error != CAMPUS_OK || count < 6) {
            printf("    %s: %s\n", name, campus_error_text(error));
            harness_failures++;
            return;
        }
        CHECK(n[0] == 1 && n[1] == 1 && n[2] == r.epoch && n[3] == r.through);
        CHECK_EQUAL(count, 6 + 2 * (size_t)r.missing_count);
        for (i = 0; i < r.missing_count && count == 6 + 2 * (size_t)r.missing_count; i++) {
            CHECK(n[4 + 2 * i] == r.missing[i].from && n[5 + 2 * i] == r.missing[i].to);
        }
        CHECK(n[count - 2] == r.now && n[count - 1] == r.echo);
    }
}

static void check_file(const char *path)
{
    char *text = read_file(path);
    const char *at;
    unsigned count = 0;
    if (text == NULL) {
        printf("    %s is not there\n", path);
        return;
    }
    at = member(text, "receipts");
    CHECK(at != NULL && *at == '[');
    if (at != NULL && *at == '[') {
        at = skip_space(at + 1);
        while (*at == '{') {
            check_receipt(at);
            count++;
            at = skip_space(value_end(at));
            at = *at == ',' ? skip_space(at + 1) : at;
        }
    }
    CHECK(count > 0);
    printf("    %s: %u receipts\n", path, count);
    free(text);
}

static void gateway_vectors(void)
{
    check_file("vectors/gateway-v1.json");
}

static void device_vectors(void)
{
    check_file("vectors/device-v1.json");
}

void test_vectors(void)
{
    TEST("receipts of vectors/device-v1.json are obeyed or ignored as they say", device_vectors);
    TEST("receipts of vectors/gateway-v1.json, if it is there, are obeyed or ignored as they say", gateway_vectors);
}
