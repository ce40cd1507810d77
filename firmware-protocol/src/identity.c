#include "campus_device.h"
#include "bytes.h"

static bool name_valid(const char *name)
{
    size_t length, i;
    if (name == NULL) {
        return false;
    }
    length = campus_string_length(name, CAMPUS_NAME_MAX);
    if (length == 0 || length > CAMPUS_NAME_MAX || name[0] == '.') {
        return false;
    }
    for (i = 0; i < length; i++) {
        char c = name[i];
        if (!((c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' || c == '_'
              || c == '-')) {
            return false;
        }
    }
    return true;
}

campus_error campus_identity_check(const campus_identity *identity)
{
    return name_valid(identity->site) && name_valid(identity->device) ? CAMPUS_OK : CAMPUS_ERROR_NAME;
}

campus_error campus_topic_write(const campus_identity *identity, campus_topic topic, char *buffer, size_t capacity)
{
    const char *parts[5];
    size_t used = 0, i;
    if (campus_identity_check(identity) != CAMPUS_OK) {
        return CAMPUS_ERROR_NAME;
    }
    parts[0] = "campus/v1/";
    parts[1] = identity->site;
    parts[2] = "/";
    parts[3] = identity->device;
    parts[4] = topic == CAMPUS_TOPIC_UP      ? "/up"
               : topic == CAMPUS_TOPIC_DOWN  ? "/down"
               : topic == CAMPUS_TOPIC_STATE ? "/state"
                                             : "/json";
    for (i = 0; i < 5; i++) {
        const char *from = parts[i];
        while (*from != 0) {
            if (used + 1 >= capacity) {
                return CAMPUS_ERROR_BUFFER;
            }
            buffer[used++] = *from++;
        }
    }
    buffer[used] = 0;
    return CAMPUS_OK;
}
