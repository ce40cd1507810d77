import DeviceProtocol
import GRDB

/// Takes events, keeps the newest revision of every aggregate, and tells the others apart; within a transaction.
final class ObservationWriter {
  enum Change {
    case newer, duplicate, stale
  }

  private let upsert: RawStatement
  private let find: RawStatement
  /// The measures of the event at hand.
  private var json: ContiguousArray<UInt8> = []

  init(_ db: Database) throws {
    upsert = try RawStatement(
      db,
      """
      INSERT INTO observation (aggregate, scope, grain, subject, start, "end", source, event_time, revision, final,
        devices_expected, devices_heard, measures) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)
      ON CONFLICT (aggregate, scope, grain, subject, start) DO UPDATE SET
        "end" = excluded."end", source = excluded.source, event_time = excluded.event_time,
        revision = excluded.revision, final = excluded.final, devices_expected = excluded.devices_expected,
        devices_heard = excluded.devices_heard, measures = excluded.measures
      WHERE CASE WHEN observation.source = excluded.source THEN observation.revision < excluded.revision
        ELSE observation.event_time <= excluded.event_time END
      """)
    find = try RawStatement(
      db,
      """
      SELECT 1 FROM observation
      WHERE aggregate = ?1 AND scope = ?2 AND grain = ?3 AND subject = ?4 AND start = ?5
        AND source = ?6 AND revision = ?7
      """)
  }

  /// Keeps an event's observation if it is newer than the one known. Revisions count within a log; of two logs
  /// (a backup was restored) the later watermark is newer.
  func put(_ event: AggregateEvent) throws(DatabaseError) -> Change {
    let new = event.observation
    bindKey(of: new, to: upsert)
    upsert.bind(6, new.window.end)
    upsert.bind(7, event.source)
    upsert.bind(8, event.time)
    upsert.bind(9, new.revision)
    upsert.bind(10, new.isFinal ? 1 : 0)
    upsert.bind(11, new.devicesExpected)
    upsert.bind(12, new.devicesHeard)
    write(new.measures)
    upsert.bind(13, utf8: json)
    if try upsert.run() > 0 { return .newer }
    bindKey(of: new, to: find)
    find.bind(6, event.source)
    find.bind(7, new.revision)
    let isKnown = try find.next()
    find.reset()
    return isKnown ? .duplicate : .stale
  }

  private func bindKey(of observation: Observation, to statement: RawStatement) {
    statement.bind(1, observation.aggregate.rawValue)
    statement.bind(2, observation.scope)
    statement.bind(3, observation.grain)
    statement.bind(4, observation.subject)
    statement.bind(5, observation.window.start)
  }

  /// A JSON object of numbers.
  private func write(_ measures: [Observation.Measure]) {
    json.removeAll(keepingCapacity: true)
    json.append(UInt8(ascii: "{"))
    for (index, measure) in measures.enumerated() {
      if index > 0 { json.append(UInt8(ascii: ",")) }
      JSONText.appendQuoted(measure.name, to: &json)
      json.append(UInt8(ascii: ":"))
      // Swift writes the shortest text that reads back as the same number, as JSON allows.
      if let number = Int64(exactly: measure.value) {
        JSONText.append(number, to: &json)
      } else {
        json.append(contentsOf: String(measure.value).utf8)
      }
    }
    json.append(UInt8(ascii: "}"))
  }
}
