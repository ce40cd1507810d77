extension Schema {
  /// What is folded from the log, and what waits to be delivered.
  static let aggregates = """
    -- The campus is part of the log: a version holds for the rows from from_row on, and the commits after after_batch,
    -- until the next one. settings: JSON of the rules the fold goes by.
    CREATE TABLE campus_version (
      id INTEGER PRIMARY KEY, from_row INTEGER NOT NULL, after_batch INTEGER NOT NULL, committed_at INTEGER NOT NULL,
      time_zone TEXT NOT NULL, settings TEXT NOT NULL);
    CREATE TABLE campus_file (
      version INTEGER NOT NULL, name TEXT NOT NULL, digest BLOB NOT NULL, PRIMARY KEY (version, name)) WITHOUT ROWID;
    -- The bytes of a file, once however many versions hold it, in pieces that keep transactions short; sealed with
    -- AES-256-GCM, because they hold names and card numbers.
    CREATE TABLE campus_chunk (
      digest BLOB NOT NULL, part INTEGER NOT NULL, sealed BLOB NOT NULL, PRIMARY KEY (digest, part));

    -- The latest revision of each aggregate. kind, scope and grain are numbered in Aggregation. sums: the vector of
    -- the latest revision; ahead: the sums as they have grown since, where no revision says so yet. through: the
    -- log's row up to which rows are in the sums. unqueued: the latest revision found no room in the outbox.
    CREATE TABLE aggregate (
      id INTEGER PRIMARY KEY, kind INTEGER NOT NULL, scope INTEGER NOT NULL, grain INTEGER NOT NULL,
      window_start INTEGER NOT NULL, window_end INTEGER NOT NULL, name TEXT NOT NULL, revision INTEGER NOT NULL,
      final INTEGER NOT NULL, watermark INTEGER NOT NULL, through INTEGER NOT NULL, sums BLOB NOT NULL, ahead BLOB,
      unqueued INTEGER NOT NULL DEFAULT 0);
    CREATE UNIQUE INDEX aggregate_key ON aggregate (grain, window_start, kind, scope, name);
    CREATE INDEX aggregate_open ON aggregate (kind, grain) WHERE final = 0;
    CREATE INDEX aggregate_unqueued ON aggregate (id) WHERE unqueued = 1;
    -- Distinct cards that an aggregate counts.
    CREATE TABLE aggregate_card (
      aggregate INTEGER NOT NULL, token BLOB NOT NULL, PRIMARY KEY (aggregate, token)) WITHOUT ROWID;

    -- A meeting that has begun. version: the campus version whose roster it has; state: 0 open, 1 final, for which
    -- the version stays, 2 withdrawn, 3 awaited: not begun yet, but a device was heard in its time.
    CREATE TABLE meeting (
      id INTEGER PRIMARY KEY, session TEXT NOT NULL UNIQUE, version INTEGER NOT NULL, state INTEGER NOT NULL,
      place TEXT NOT NULL, starts_at INTEGER NOT NULL, ends_at INTEGER NOT NULL);
    -- Cards checked in at a meeting's place in its time, each with the check-in that decides what it counts for.
    CREATE TABLE attendance_card (
      meeting INTEGER NOT NULL, token BLOB NOT NULL, checked_in INTEGER NOT NULL,
      PRIMARY KEY (meeting, token)) WITHOUT ROWID;
    -- Devices of its place heard in a meeting's time.
    CREATE TABLE attendance_device (
      meeting INTEGER NOT NULL, device INTEGER NOT NULL, PRIMARY KEY (meeting, device)) WITHOUT ROWID;
    -- Days whose roll-ups may lie behind their meetings.
    CREATE TABLE attendance_day (day INTEGER PRIMARY KEY);

    -- By the log's row that opened it.
    CREATE TABLE incident (
      row INTEGER PRIMARY KEY, place TEXT NOT NULL, category INTEGER NOT NULL, opened_at INTEGER NOT NULL,
      closed_by INTEGER, closed_at INTEGER);
    CREATE INDEX incident_closed ON incident (closed_by);

    -- Who is told of aggregates, and the revisions each has still to be told.
    CREATE TABLE destination (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE);
    CREATE TABLE outbox (
      id INTEGER PRIMARY KEY AUTOINCREMENT, destination INTEGER NOT NULL, aggregate INTEGER NOT NULL,
      revision INTEGER NOT NULL, final INTEGER NOT NULL, watermark INTEGER NOT NULL, sums BLOB NOT NULL);
    -- A newer running revision takes the place of an older one that has not left; finals never give way.
    CREATE UNIQUE INDEX outbox_running ON outbox (destination, aggregate) WHERE final = 0;
    CREATE INDEX outbox_destination ON outbox (destination, id);
    -- Batches a destination refused for good.
    CREATE TABLE put_aside (
      id INTEGER PRIMARY KEY AUTOINCREMENT, destination TEXT NOT NULL, at INTEGER NOT NULL, reason TEXT NOT NULL,
      events INTEGER NOT NULL, body BLOB NOT NULL);
    """

  /// The third migration.
  static let fold = """
    -- A session that begins at another time is another meeting: its id is used again in another term, or it is put off.
    CREATE TABLE meeting_by_start (
      id INTEGER PRIMARY KEY, session TEXT NOT NULL, version INTEGER NOT NULL, state INTEGER NOT NULL,
      place TEXT NOT NULL, starts_at INTEGER NOT NULL, ends_at INTEGER NOT NULL, UNIQUE (session, starts_at));
    INSERT INTO meeting_by_start SELECT id, session, version, state, place, starts_at, ends_at FROM meeting;
    DROP TABLE meeting;
    ALTER TABLE meeting_by_start RENAME TO meeting;
    CREATE INDEX meeting_start ON meeting (starts_at);
    -- At its bound the outbox lets running revisions go, the oldest first, however many finals stand before them.
    CREATE INDEX outbox_oldest_running ON outbox (id) WHERE final = 0;
    """

  static let outboxOrder = """
    -- bulk: of every device or student there is one, and nobody waits for it; it leaves after everything else.
    ALTER TABLE outbox ADD COLUMN bulk INTEGER NOT NULL DEFAULT 0;
    DROP INDEX outbox_destination;
    CREATE INDEX outbox_next ON outbox (destination, bulk, id);
    """

  /// The sixth migration.
  static let finalsInOutbox = """
    -- Running revisions wait in memory: they are superseded soon, and their aggregates say them again after a start. The
    -- outbox has finals alone; its column final is 1, and unqueued of aggregate is not used any more.
    DROP INDEX outbox_running;
    DELETE FROM outbox WHERE final = 0;
    DROP INDEX outbox_oldest_running;
    DROP INDEX aggregate_unqueued;
    -- Log time: every running revision made before it has been accepted. NULL: all that are open are told again.
    ALTER TABLE destination ADD COLUMN told_through INTEGER;
    """
}
