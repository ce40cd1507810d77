/* RAM that behaves as NOR flash does. */
#include "campus_device.h"

static bool ram_read(void *context, uint32_t offset, uint8_t *data, size_t length)
{
    const campus_ram *ram = context;
    size_t i;
    for (i = 0; i < length; i++) {
        data[i] = ram->memory[offset + i];
    }
    return true;
}

static bool ram_write(void *context, uint32_t offset, const uint8_t *data, size_t length)
{
    campus_ram *ram = context;
    size_t i;
    for (i = 0; i < length; i++) {
        ram->memory[offset + i] = data[i];
    }
    return true;
}

static bool ram_erase(void *context, uint32_t sector)
{
    campus_ram *ram = context;
    uint8_t *from = ram->memory + (size_t)sector * ram->sector_size;
    uint32_t i;
    for (i = 0; i < ram->sector_size; i++) {
        from[i] = 0xff;
    }
    return true;
}

campus_storage campus_ram_storage_keep(campus_ram *ram)
{
    campus_storage storage;
    storage.read = ram_read;
    storage.write = ram_write;
    storage.erase = ram_erase;
    storage.context = ram;
    storage.sector_size = ram->sector_size;
    storage.sector_count = ram->sector_count;
    storage.program_size = 1;
    storage.is_volatile = true;
    return storage;
}

campus_storage campus_ram_storage(campus_ram *ram)
{
    uint32_t sector;
    for (sector = 0; sector < ram->sector_count; sector++) {
        ram_erase(ram, sector);
    }
    return campus_ram_storage_keep(ram);
}
