import GRDB

/// The store's tables. A migration, once released, never changes; a new one is added below it.
enum Schema {
  static var migrator: DatabaseMigrator {
    var migrator = DatabaseMigrator()
    migrator.registerMigration("1 warnings") { db in
      try db.execute(sql: warnings)
    }
    migrator.registerMigration("2 changes") { db in
      try db.execute(sql: "CREATE INDEX warning_changed ON warning (changed_at)")
    }
    return migrator
  }

  private static let warnings = """
    -- The newest revision of every aggregate that a standard watches. measures: a JSON object of numbers.
    CREATE TABLE observation (
      id INTEGER PRIMARY KEY, aggregate TEXT NOT NULL, scope TEXT NOT NULL, grain TEXT NOT NULL,
      subject TEXT NOT NULL, start INTEGER NOT NULL, "end" INTEGER NOT NULL, source TEXT NOT NULL,
      event_time INTEGER NOT NULL, revision INTEGER NOT NULL, final INTEGER NOT NULL,
      devices_expected INTEGER NOT NULL, devices_heard INTEGER NOT NULL, measures TEXT NOT NULL,
      UNIQUE (aggregate, scope, grain, subject, start));
    -- Rankings: the windows of a series, and whether all are final.
    CREATE INDEX observation_window ON observation (aggregate, scope, grain, start, final, "end");
    CREATE INDEX observation_age ON observation (grain, "end");

    -- first_start: the window that raised it; start: the latest bad one. Windows that start after verify_after
    -- tell whether the improvement worked. level: 1 notice, 2 warning, 3 alarm. corrected: closed because late
    -- data made its window good.
    CREATE TABLE warning (
      id INTEGER PRIMARY KEY AUTOINCREMENT, standard TEXT NOT NULL, name TEXT NOT NULL, name_en TEXT NOT NULL,
      layer TEXT NOT NULL, unit TEXT NOT NULL, level INTEGER NOT NULL, escalations INTEGER NOT NULL DEFAULT 0,
      state TEXT NOT NULL, aggregate TEXT NOT NULL, scope TEXT NOT NULL, subject TEXT NOT NULL,
      grain TEXT NOT NULL, start INTEGER NOT NULL, "end" INTEGER NOT NULL, measure TEXT NOT NULL,
      direction TEXT NOT NULL, value REAL NOT NULL, threshold REAL NOT NULL, sample REAL,
      cause TEXT NOT NULL, cause_time INTEGER NOT NULL, raised_at INTEGER NOT NULL, changed_at INTEGER NOT NULL,
      closed_at INTEGER, due_at INTEGER, first_start INTEGER NOT NULL, verify_after INTEGER NOT NULL,
      corrected INTEGER NOT NULL DEFAULT 0);
    -- A subject has one open warning a standard.
    CREATE UNIQUE INDEX warning_open ON warning (standard, subject) WHERE closed_at IS NULL;
    CREATE INDEX warning_closed ON warning (standard, subject, closed_at) WHERE closed_at IS NOT NULL;
    CREATE INDEX warning_due ON warning (due_at) WHERE due_at IS NOT NULL;

    CREATE TABLE step (
      warning INTEGER NOT NULL, number INTEGER NOT NULL, at INTEGER NOT NULL, kind TEXT NOT NULL,
      state TEXT NOT NULL, actor TEXT NOT NULL, note TEXT, value REAL, start INTEGER, "end" INTEGER,
      PRIMARY KEY (warning, number)) WITHOUT ROWID;
    """
}
