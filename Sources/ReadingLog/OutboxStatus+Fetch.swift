import GRDB

extension OutboxStatus {
  /// What waits for each destination, by name. `running`: how many running revisions this process has for one.
  static func fetch(_ db: Database, running: (String) -> Int) throws -> [OutboxStatus] {
    let rows = try CachedRows(
      db,
      """
      SELECT d.name, (SELECT count(*) FROM outbox o WHERE o.destination = d.id),
        (SELECT watermark FROM outbox WHERE id = min(
          ifnull((SELECT min(id) FROM outbox o WHERE o.destination = d.id AND o.bulk = 0), 9223372036854775807),
          ifnull((SELECT min(id) FROM outbox o WHERE o.destination = d.id AND o.bulk = 1), 9223372036854775807))),
        (SELECT count(*) FROM put_aside p WHERE p.destination = d.name),
        (SELECT sum(events) FROM put_aside p WHERE p.destination = d.name)
      FROM destination d ORDER BY d.name
      """)
    var found: [OutboxStatus] = []
    while try rows.next() {
      let name = rows.text(0)
      found.append(
        OutboxStatus(
          destination: name, finals: rows.integer(1), running: Int64(running(name)),
          oldestWatermark: rows.optionalInteger(2), putAside: rows.integer(3), putAsideEvents: rows.integer(4)))
    }
    return found
  }
}
