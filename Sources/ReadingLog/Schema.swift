import GRDB

/// The store's tables. A migration, once released, never changes; a new one is added below it.
enum Schema {
  static var migrator: DatabaseMigrator {
    var migrator = DatabaseMigrator()
    migrator.registerMigration("1 spine") { db in
      try db.execute(sql: spine)
    }
    migrator.registerMigration("2 aggregates") { db in
      try db.execute(sql: aggregates)
    }
    migrator.registerMigration("3 fold") { db in
      try db.execute(sql: fold)
    }
    migrator.registerMigration("4 operations") { db in
      // People look at what is held and at the devices that are heard; the rest of both tables is history.
      try db.execute(sql: "CREATE INDEX quarantine_held ON quarantine (id) WHERE state = 'held'")
    }
    migrator.registerMigration("5 outbox order") { db in
      try db.execute(sql: outboxOrder)
    }
    migrator.registerMigration("6 finals in the outbox") { db in
      try db.execute(sql: finalsInOutbox)
    }
    migrator.registerMigration("7 clock offsets") { db in
      // What is to be added to the times of a boot whose clock is known to be wrong, milliseconds.
      try db.execute(sql: "ALTER TABLE boot ADD COLUMN clock_offset INTEGER")
    }
    return migrator
  }

  private static let spine = """
    -- Single values: the log's UUID, the row up to which the frame index reaches, totals of what retention removed.
    CREATE TABLE log_state (name TEXT PRIMARY KEY, value) WITHOUT ROWID;

    CREATE TABLE device (
      id INTEGER PRIMARY KEY, site TEXT NOT NULL, device TEXT NOT NULL,
      online INTEGER, presence_at INTEGER,  -- from the state topic, which is not authenticated
      UNIQUE (site, device));

    -- Where a device stood, from a row on. The campus is part of the log.
    CREATE TABLE placement (
      device INTEGER NOT NULL, from_row INTEGER NOT NULL, place TEXT NOT NULL,
      PRIMARY KEY (device, from_row)) WITHOUT ROWID;

    CREATE TABLE device_key (
      id INTEGER PRIMARY KEY, device INTEGER NOT NULL, kid BLOB, sealed BLOB NOT NULL,
      created_at INTEGER NOT NULL, revoked_at INTEGER);
    CREATE INDEX device_key_device ON device_key (device);

    -- One boot of one device; ids are in the order first heard. `high` is the highest seq that the rows up to
    -- log_state.indexed_through show; rows after it are folded in at start.
    CREATE TABLE boot (
      id INTEGER PRIMARY KEY, device INTEGER NOT NULL, epoch INTEGER NOT NULL, high INTEGER NOT NULL DEFAULT 0,
      heard_at INTEGER NOT NULL, UNIQUE (device, epoch));

    -- The gap ledger: seqs up to a boot's high that have no outcome. A seq is new if it lies above high or here.
    CREATE TABLE gap (
      boot INTEGER NOT NULL, first INTEGER NOT NULL, last INTEGER NOT NULL, device INTEGER NOT NULL,
      noticed_at INTEGER NOT NULL, abandoned_at INTEGER, PRIMARY KEY (boot, first)) WITHOUT ROWID;
    CREATE INDEX gap_open ON gap (device, boot) WHERE abandoned_at IS NULL;

    -- Readings. id is never used twice. Times are Unix milliseconds; received_time = event_time + delay.
    -- kind: 1 checkin, 2 passage, 3 response, 4 status, 5 incident. quality: 0 device, 1 corrected, 2 arrival.
    -- token: subject (16 bytes) or ballot (8). value: method, direction * 2 + granted, score or category.
    -- detail: item, status object or text. digest: of the frame's encoded readings, with its first reading.
    CREATE TABLE reading (
      id INTEGER PRIMARY KEY, boot INTEGER NOT NULL, seq INTEGER NOT NULL, position INTEGER NOT NULL,
      kind INTEGER NOT NULL, quality INTEGER NOT NULL, event_time INTEGER NOT NULL, delay INTEGER NOT NULL,
      token BLOB, value INTEGER, detail, digest INTEGER);

    -- Finds the row of an old frame. A segment is a run of rows named by its first; offsets are three bytes each
    -- (little-endian, from the segment's first row), one a frame, in the order of seq. By segment, so that it
    -- only grows at its end: by boot, each segment would touch as many pages as there are devices.
    CREATE TABLE segment (
      id INTEGER PRIMARY KEY, last_row INTEGER NOT NULL, frames INTEGER NOT NULL,
      min_time INTEGER NOT NULL, max_time INTEGER NOT NULL, max_received INTEGER NOT NULL);
    CREATE TABLE frame_index (
      segment INTEGER NOT NULL, boot INTEGER NOT NULL, first_seq INTEGER NOT NULL, last_seq INTEGER NOT NULL,
      offsets BLOB NOT NULL, PRIMARY KEY (segment, boot)) WITHOUT ROWID;

    -- Messages kept whole, sealed with AES-256-GCM. once: what a copy of the message shares with it.
    CREATE TABLE quarantine (
      id INTEGER PRIMARY KEY AUTOINCREMENT, received_at INTEGER NOT NULL, topic TEXT NOT NULL,
      device INTEGER NOT NULL, boot INTEGER, seq INTEGER, digest INTEGER, reason TEXT NOT NULL,
      reading INTEGER NOT NULL, bytes INTEGER NOT NULL, once BLOB NOT NULL UNIQUE, sealed BLOB,
      key INTEGER NOT NULL, arrived_at INTEGER NOT NULL,
      state TEXT NOT NULL DEFAULT 'held', changed_at INTEGER);
    CREATE INDEX quarantine_frame ON quarantine (boot, seq);
    CREATE INDEX quarantine_received ON quarantine (received_at);

    CREATE TABLE rejection (reason TEXT PRIMARY KEY, count INTEGER NOT NULL) WITHOUT ROWID;
    -- head: the first bytes of the message, sealed.
    CREATE TABLE rejection_sample (
      id INTEGER PRIMARY KEY AUTOINCREMENT, received_at INTEGER NOT NULL, reason TEXT NOT NULL,
      topic TEXT NOT NULL, bytes INTEGER NOT NULL, head BLOB NOT NULL);

    -- The ledger: one row a commit, in messages. Old rows are summed into one (commits > 1).
    CREATE TABLE batch (
      id INTEGER PRIMARY KEY, committed_at INTEGER NOT NULL, commits INTEGER NOT NULL DEFAULT 1,
      received INTEGER NOT NULL, stored INTEGER NOT NULL, duplicate INTEGER NOT NULL,
      quarantined INTEGER NOT NULL, rejected INTEGER NOT NULL, last_row INTEGER NOT NULL);

    -- Frames over their device's rate: durable, not yet admitted, so not yet received in the ledger's sense.
    CREATE TABLE waiting (
      id INTEGER PRIMARY KEY AUTOINCREMENT, device INTEGER NOT NULL, epoch INTEGER NOT NULL, seq INTEGER NOT NULL,
      digest INTEGER NOT NULL, key INTEGER NOT NULL, arrived_at INTEGER NOT NULL, received_at INTEGER NOT NULL,
      topic TEXT NOT NULL, sealed BLOB NOT NULL, UNIQUE (device, epoch, seq, digest));

    -- How far each reader of the log has come.
    CREATE TABLE cursor (name TEXT PRIMARY KEY, row INTEGER NOT NULL, moved_at INTEGER NOT NULL) WITHOUT ROWID;
    """
}
