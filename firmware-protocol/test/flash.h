/* NOR flash in memory that checks how it is used, and can lose power at any byte. */
#ifndef CAMPUS_FLASH_H
#define CAMPUS_FLASH_H

#include "campus_device.h"

#define FLASH_MAX (64 * 1024)

/* What a cut leaves in the program unit, or the sector, that was being changed. */
typedef enum flash_tear {
    TEAR_PREFIX,  /* the bytes before the cut are done, those behind are not begun */
    TEAR_GARBAGE, /* the same, and the unit at the cut has random bits */
    TEAR_BACKWARD, /* an erasure goes from the sector's end to its beginning */
    TEAR_KINDS
} flash_tear;

typedef struct flash {
    uint8_t bytes[FLASH_MAX];
    uint8_t programmed[FLASH_MAX]; /* per unit: written since the last erasure */
    uint32_t sector_size, sector_count, program_size;
    uint64_t changed;   /* bytes written or erased so far */
    uint64_t cut_after; /* lose power after so many; UINT64_MAX: never */
    bool dead;          /* power is lost: every call fails */
    bool failing;       /* writes and erasures fail without effect */
    flash_tear tear;
    uint32_t misuses;   /* calls that real flash would not bear */
} flash;

campus_storage flash_begin(flash *f, uint32_t sector_size, uint32_t sector_count, uint32_t program_size);
/* Power returns; the content stays. */
void flash_revive(flash *f);

#endif
