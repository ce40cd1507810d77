#!/bin/sh
# Code sizes of every source, and RAM of the objects a device keeps: size.sh CC ARM_CC BUILD_FOLDER
set -eu
cc=$1
arm=$2
build=$3
flags="-std=c99 -Os -ffunction-sections -fdata-sections -Iinclude"

measure() { # name, size command, compiler and its flags
    name=$1
    tool=$2
    shift 2
    folder=$build/$name
    mkdir -p "$folder"
    for source in src/*.c; do
        "$@" $flags -c "$source" -o "$folder/$(basename "$source" .c).o"
    done
    echo "$name: $* -Os -ffunction-sections -fdata-sections"
    "$tool" -t "$folder"/*.o | awk 'NR == 1 { printf "  %-20s %8s %6s %6s\n", "", "text", "data", "bss"; next }
        { file = $6; sub(/.*\//, "", file); if (file == "") file = "total"; sub(/\(TOTALS\)/, "total", file)
          printf "  %-20s %8d %6d %6d\n", file, $1, $2, $3 }'
    group=$(cd "$folder" && "$tool" -t bytes.o cbor_writer.o clock.o error.o identity.o mac.o message.o readings.o \
        sha256.o tag.o | awk 'END { print $1 }')
    printf '  %-20s %8d\n' "encoder alone" "$group"
}

ram() { # name, compiler and its flags
    name=$1
    shift
    # The sizes are read from the symbols: nothing needs to run.
    cat > "$build/ram.c" <<'C'
#include "campus_device.h"
char ram_outbox[sizeof(campus_outbox)], ram_slot[sizeof(campus_slot)], ram_readings[sizeof(campus_readings)],
    ram_identity[sizeof(campus_identity)], ram_receipt[sizeof(campus_receipt)];
C
    "$@" $flags -fno-common -c "$build/ram.c" -o "$build/ram.o"
    echo "$name: RAM, bytes"
    nm -S --defined-only "$build/ram.o" | grep ram_ | while read -r _ size _ symbol; do
        printf '  %-20s %8d\n' "${symbol#ram_}" "$((0x$size))"
    done
}

mkdir -p "$build"
measure x86-64 size "$cc"
ram x86-64 "$cc"
if command -v "$arm" > /dev/null 2>&1; then
    measure cortex-m0plus "${arm%gcc}size" "$arm" -mcpu=cortex-m0plus -mthumb
    ram cortex-m0plus "$arm" -mcpu=cortex-m0plus -mthumb
    echo "cortex-m0plus: largest stack frames, bytes"
    for source in src/*.c; do
        "$arm" -mcpu=cortex-m0plus -mthumb $flags -fstack-usage -c "$source" -o "$build/stack.o"
        cat "$build/stack.su"
    done | sort -t "$(printf '\t')" -k 2 -n -r | awk 'NR <= 6 { sub(/^.*:/, "", $1); printf "  %-24s %5d\n", $1, $2 }'
else
    echo "cortex-m0plus: '$arm' is not installed; name a compiler: make size ARM_CC=..."
fi
