/* Looks into the stores after a run, read-only, and prints one JSON object.
 *   store-look gaps GATEWAY.sqlite FROM_MS TO_MS     milliseconds between commits: longest, and how many commits
 *   store-look versions GATEWAY.sqlite               the campus version the fold goes by, and the newest
 *   store-look delivered GATEWAY.sqlite DIAGNOSIS.sqlite
 *     of the latest revisions that the gateway holds: how many, how many of them final, and how many the diagnosis core
 *     does not know with this revision and finality; windows that were over before the log began are nobody's news */
#include "load.h"
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static sqlite3 *open_store(const char *path) {
    sqlite3 *db = NULL;
    if (sqlite3_open_v2(path, &db, SQLITE_OPEN_READONLY, NULL) != SQLITE_OK) load_fail(path, "cannot be opened");
    sqlite3_busy_timeout(db, 5000);
    return db;
}

static sqlite3_stmt *prepare(sqlite3 *db, const char *sql) {
    sqlite3_stmt *statement = NULL;
    if (sqlite3_prepare_v2(db, sql, -1, &statement, NULL) != SQLITE_OK) load_fail("SQLite", sqlite3_errmsg(db));
    return statement;
}

static void only_row(sqlite3 *db, sqlite3_stmt *statement) {
    if (sqlite3_step(statement) != SQLITE_ROW) load_fail("SQLite", sqlite3_errmsg(db));
}

static int gaps(const char *path, const char *from, const char *to) {
    sqlite3 *db = open_store(path);
    sqlite3_stmt *statement = prepare(db,
        "SELECT count(*), coalesce(max(gap), 0) FROM"
        " (SELECT committed_at - lag(committed_at) OVER (ORDER BY id) AS gap FROM batch"
        "  WHERE commits = 1 AND committed_at BETWEEN ?1 AND ?2)");
    sqlite3_bind_int64(statement, 1, atoll(from));
    sqlite3_bind_int64(statement, 2, atoll(to));
    only_row(db, statement);
    printf("{\"commits\":%lld,\"longest\":%lld}\n", sqlite3_column_int64(statement, 0),
           sqlite3_column_int64(statement, 1));
    return 0;
}

static int versions(const char *path) {
    sqlite3 *db = open_store(path);
    sqlite3_stmt *statement = prepare(db,
        "SELECT (SELECT value FROM log_state WHERE name = 'fold_version'), (SELECT max(id) FROM campus_version)");
    only_row(db, statement);
    printf("{\"folded\":%lld,\"newest\":%lld}\n", sqlite3_column_int64(statement, 0),
           sqlite3_column_int64(statement, 1));
    return 0;
}

static int delivered(const char *gateway, const char *core) {
    sqlite3 *db = open_store(gateway);
    sqlite3_stmt *attach = prepare(db, "ATTACH ?1 AS core");
    sqlite3_bind_text(attach, 1, core, -1, SQLITE_STATIC);
    if (sqlite3_step(attach) != SQLITE_DONE) load_fail(core, sqlite3_errmsg(db));
    sqlite3_finalize(attach);
    sqlite3_stmt *statement = prepare(db,
        "WITH kind (id, name) AS (VALUES (1,'attendance'),(2,'satisfaction'),(3,'passage'),(4,'assessment'),"
        "  (5,'incident'),(6,'device')),"
        " scope (id, name) AS (VALUES (1,'session'),(2,'course'),(3,'teacher'),(4,'programme'),(5,'college'),"
        "  (6,'school'),(7,'student'),(8,'place'),(9,'unit'),(10,'gate'),(11,'dormitory'),(12,'device')),"
        " grain (id, name) AS (VALUES (1,'meeting'),(2,'5min'),(3,'hour'),(4,'meal'),(5,'day'),(6,'week'),(7,'month'),"
        "  (8,'term'))"
        " SELECT count(*), coalesce(sum(a.final), 0),"
        "  coalesce(sum(o.id IS NULL OR o.revision <> a.revision OR o.final <> a.final), 0)"
        " FROM main.aggregate a JOIN kind k ON k.id = a.kind JOIN scope s ON s.id = a.scope"
        " JOIN grain g ON g.id = a.grain"
        " LEFT JOIN core.observation o ON o.aggregate = k.name AND o.scope = s.name AND o.grain = g.name"
        "  AND o.subject = a.name AND o.start = a.window_start"
        " WHERE a.revision > 0 AND a.window_end > (SELECT value FROM main.log_state WHERE name = 'made_at')");
    only_row(db, statement);
    printf("{\"revisions\":%lld,\"finals\":%lld,\"missing\":%lld}\n", sqlite3_column_int64(statement, 0),
           sqlite3_column_int64(statement, 1), sqlite3_column_int64(statement, 2));
    return 0;
}

int main(int count, char **arguments) {
    load_limit(600);
    if (count == 5 && strcmp(arguments[1], "gaps") == 0) return gaps(arguments[2], arguments[3], arguments[4]);
    if (count == 3 && strcmp(arguments[1], "versions") == 0) return versions(arguments[2]);
    if (count == 4 && strcmp(arguments[1], "delivered") == 0) return delivered(arguments[2], arguments[3]);
    fputs("store-look gaps STORE FROM_MS TO_MS | versions STORE | delivered STORE DIAGNOSIS_STORE\n", stderr);
    return 2;
}
