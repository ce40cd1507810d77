#include "campus_device.h"

campus_clock campus_clock_set(campus_clock_kind kind, uint64_t unix_ms, uint64_t now_ms)
{
    campus_clock clock;
    clock.kind = kind;
    clock.offset_ms = (int64_t)(unix_ms - now_ms);
    return clock;
}

uint64_t campus_clock_read(const campus_clock *clock, uint64_t now_ms)
{
    if (clock->offset_ms < 0 && now_ms < 0 - (uint64_t)clock->offset_ms) {
        return 0;
    }
    return now_ms + (uint64_t)clock->offset_ms;
}
