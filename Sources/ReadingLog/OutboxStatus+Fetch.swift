import GRDB

extension OutboxStatus {
  /// What waits for each destination, by name. Counted in the outbox's indexes alone; running revisions have one of
  /// their own, and the rest are final.
  static func fetch(_ db: Database) throws -> [OutboxStatus] {
    let rows = try CachedRows(
      db,
      """
      SELECT d.name, (SELECT count(*) FROM outbox o WHERE o.destination = d.id),
        (SELECT count(*) FROM outbox o WHERE o.destination = d.id AND o.final = 0),
        (SELECT watermark FROM outbox WHERE id = min(
          ifnull((SELECT min(id) FROM outbox o WHERE o.destination = d.id AND o.bulk = 0), 9223372036854775807),
          ifnull((SELECT min(id) FROM outbox o WHERE o.destination = d.id AND o.bulk = 1), 9223372036854775807))),
        (SELECT count(*) FROM put_aside p WHERE p.destination = d.name),
        (SELECT sum(events) FROM put_aside p WHERE p.destination = d.name)
      FROM destination d ORDER BY d.name
      """)
    var found: [OutboxStatus] = []
    while try rows.next() {
      let waiting = rows.integer(1)
      found.append(
        OutboxStatus(
          destination: rows.text(0), rows: waiting, finals: waiting - rows.integer(2),
          oldestWatermark: rows.optionalInteger(3), putAside: rows.integer(4), putAsideEvents: rows.integer(5)))
    }
    return found
  }
}
