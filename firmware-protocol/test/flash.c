#include "flash.h"

#include "harness.h"

static bool flash_read(void *context, uint32_t offset, uint8_t *data, size_t length)
{
    flash *f = context;
    if (f->dead) {
        return false;
    }
    if (offset + length > (size_t)f->sector_size * f->sector_count) {
        f->misuses++;
        return false;
    }
    memcpy(data, f->bytes + offset, length);
    return true;
}

static void tear(flash *f, uint32_t from, uint32_t length)
{
    if (f->tear == TEAR_GARBAGE) {
        uint32_t i;
        for (i = 0; i < length; i++) {
            f->bytes[from + i] &= (uint8_t)random_next();
        }
    }
    f->dead = true;
}

static bool flash_write(void *context, uint32_t offset, const uint8_t *data, size_t length)
{
    flash *f = context;
    size_t i;
    if (f->dead || f->failing) {
        return false;
    }
    if (offset % f->program_size != 0 || length % f->program_size != 0 || length == 0
        || offset / f->sector_size != (offset + length - 1) / f->sector_size
        || offset + length > (size_t)f->sector_size * f->sector_count) {
        f->misuses++;
        return false;
    }
    for (i = 0; i < length; i++) {
        uint32_t unit = (uint32_t)(offset + i) / f->program_size;
        if (f->changed == f->cut_after) {
            tear(f, unit * f->program_size, f->program_size);
            return false;
        }
        if ((offset + i) % f->program_size == 0) {
            /* A mark torn by a power cut may be written again, with zeros. */
            if (f->programmed[unit] && data[i] != 0) {
                f->misuses++;
            }
            f->programmed[unit] = 1;
        }
        f->bytes[offset + i] &= data[i];
        f->changed++;
    }
    return true;
}

static bool flash_erase(void *context, uint32_t sector)
{
    flash *f = context;
    uint32_t i;
    if (f->dead || f->failing) {
        return false;
    }
    if (sector >= f->sector_count) {
        f->misuses++;
        return false;
    }
    for (i = 0; i < f->sector_size; i++) {
        uint32_t place = f->tear == TEAR_BACKWARD ? f->sector_size - 1 - i : i;
        uint32_t at = sector * f->sector_size + place;
        if (f->changed == f->cut_after) {
            tear(f, at, f->tear == TEAR_GARBAGE ? f->sector_size - i : 1);
            return false;
        }
        f->bytes[at] = 0xff;
        f->programmed[at / f->program_size] = 0;
        f->changed++;
    }
    return true;
}

campus_storage flash_begin(flash *f, uint32_t sector_size, uint32_t sector_count, uint32_t program_size)
{
    campus_storage storage = {flash_read, flash_write, flash_erase, NULL, 0, 0, 0, false};
    memset(f, 0, sizeof *f);
    memset(f->bytes, 0xff, sizeof f->bytes);
    f->sector_size = storage.sector_size = sector_size;
    f->sector_count = storage.sector_count = sector_count;
    f->program_size = storage.program_size = program_size;
    f->cut_after = UINT64_MAX;
    storage.context = f;
    return storage;
}

void flash_revive(flash *f)
{
    f->dead = false;
    f->cut_after = UINT64_MAX;
}
