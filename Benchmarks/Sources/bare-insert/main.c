/* SQLite alone: the store's ceiling.
 *   bare-insert FILE ROWS ROWS_A_COMMIT
 * Prints one JSON object. */
#include "bare_store.h"
#include <stdio.h>
#include <stdlib.h>

int main(int count, char **arguments) {
    if (count != 4) return 2;
    long rows = atol(arguments[2]), batch = atol(arguments[3]);
    load_limit(600);
    bare_store store;
    bare_open(&store, arguments[1]);
    double began = load_unix_s(), cpu = load_cpu_s();
    for (long row = 1; row <= rows; row++) {
        bare_add(&store, row);
        if (store.open_rows >= batch) bare_commit(&store);
    }
    bare_commit(&store);
    printf("{\"count\":%ld,\"began\":%.6f,\"ended\":%.6f,\"cpu\":%.6f}\n", rows, began, load_unix_s(),
           load_cpu_s() - cpu);
    return 0;
}
