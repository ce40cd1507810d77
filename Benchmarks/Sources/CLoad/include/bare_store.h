/* A table of five columns in SQLite: WAL, synchronous=FULL, pages of 8 KiB. What any durable store must spend.
 * In a header, so that only programs that link SQLite use it. */
#ifndef BENCHMARKS_BARE_STORE_H
#define BENCHMARKS_BARE_STORE_H

#include "load.h"
#include <sqlite3.h>

typedef struct bare_store {
    sqlite3 *db;
    sqlite3_stmt *begin, *insert, *commit;
    int open_rows; /* of the batch that is not committed yet */
} bare_store;

static void bare_step(bare_store *s, sqlite3_stmt *statement) {
    if (sqlite3_step(statement) != SQLITE_DONE) load_fail("SQLite", sqlite3_errmsg(s->db));
    sqlite3_reset(statement);
}

static void bare_open(bare_store *s, const char *path) {
    if (sqlite3_open(path, &s->db) != SQLITE_OK) load_fail(path, "cannot be opened");
    const char *setup = "PRAGMA page_size = 8192; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;"
                        "PRAGMA cache_size = -65536; PRAGMA wal_autocheckpoint = 4096; PRAGMA secure_delete = OFF;"
                        "CREATE TABLE row (time INTEGER NOT NULL, device INTEGER NOT NULL, kind INTEGER NOT NULL,"
                        " subject BLOB, value INTEGER)";
    if (sqlite3_exec(s->db, setup, NULL, NULL, NULL) != SQLITE_OK) load_fail(path, sqlite3_errmsg(s->db));
    sqlite3_prepare_v3(s->db, "BEGIN IMMEDIATE", -1, SQLITE_PREPARE_PERSISTENT, &s->begin, NULL);
    sqlite3_prepare_v3(s->db, "INSERT INTO row VALUES (?1, ?2, ?3, ?4, ?5)", -1, SQLITE_PREPARE_PERSISTENT,
                       &s->insert, NULL);
    sqlite3_prepare_v3(s->db, "COMMIT", -1, SQLITE_PREPARE_PERSISTENT, &s->commit, NULL);
    s->open_rows = 0;
}

static inline void bare_add(bare_store *s, int64_t number) {
    if (s->open_rows++ == 0) bare_step(s, s->begin);
    uint64_t subject[2] = {(uint64_t)number * 0x9e3779b97f4a7c15u, (uint64_t)number * 0xff51afd7ed558ccdu};
    sqlite3_bind_int64(s->insert, 1, INT64_C(1795380757000) + number / 10);
    sqlite3_bind_int64(s->insert, 2, number % 500);
    sqlite3_bind_int64(s->insert, 3, 1);
    sqlite3_bind_blob(s->insert, 4, subject, sizeof subject, SQLITE_STATIC);
    sqlite3_bind_int64(s->insert, 5, number);
    bare_step(s, s->insert);
}

static inline void bare_commit(bare_store *s) {
    if (s->open_rows == 0) return;
    bare_step(s, s->commit);
    s->open_rows = 0;
}

#endif
