#include "campus_device.h"

const char *campus_error_text(campus_error error)
{
    switch (error) {
    case CAMPUS_OK:
        return "no error";
    case CAMPUS_ERROR_BUFFER:
        return "the buffer is too small: give the size reported as needed";
    case CAMPUS_ERROR_FULL:
        return "the frame has 64 readings: append it and begin another";
    case CAMPUS_ERROR_EMPTY:
        return "the frame has no readings: add one first";
    case CAMPUS_ERROR_RANGE:
        return "a value is out of range: see the comment of the function called";
    case CAMPUS_ERROR_TIME:
        return "a time is over year 9999, or a reading is later than its frame: use one clock for both";
    case CAMPUS_ERROR_UTF8:
        return "the text is not UTF-8: convert it first";
    case CAMPUS_ERROR_NAME:
        return "a name must be 1 to 64 of A-Z a-z 0-9 . _ - and not begin with a full stop";
    case CAMPUS_ERROR_SIZE:
        return "the frame is too large: put fewer readings into it, or give the outbox larger sectors";
    case CAMPUS_ERROR_CONFIG:
        return "the configuration cannot work: check sector and program sizes, callbacks, slots and resend time";
    case CAMPUS_ERROR_EPOCH:
        return "no epoch: with volatile storage draw 32 random bits at every boot; if all seqs are used, restart";
    case CAMPUS_ERROR_STORAGE:
        return "the storage failed: check the medium and its driver";
    case CAMPUS_ERROR_MAC:
        return "the tag does not fit: drop the message, and check the key if it keeps happening";
    case CAMPUS_ERROR_MALFORMED:
        return "the bytes are not a receipt: drop the message";
    case CAMPUS_ERROR_UNKNOWN:
        return "a receipt of an unknown version or type: ignore it";
    case CAMPUS_ERROR_NOT_DUE:
        return "nothing to send for that decision: ask campus_outbox_next again";
    }
    return "not an error of this library";
}
