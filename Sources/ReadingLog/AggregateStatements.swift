import GRDBSQLite

/// What the fold writes of aggregates and the outbox, by raw prepared statements.
public final class AggregateStatements {
  private let insert: Statement
  private let revise: Statement
  private let setFinal: Statement
  private let grow: Statement
  private let reframe: Statement
  private let queueFinal: Statement
  private let connection: OpaquePointer
  private var bytes: [UInt8] = []

  init(_ connection: OpaquePointer) throws(LogError) {
    self.connection = connection
    insert = try Statement(
      connection,
      """
      INSERT INTO aggregate
        (kind, scope, grain, window_start, window_end, name, revision, final, watermark, through, sums)
      VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)
      """)
    revise = try Statement(
      connection,
      "UPDATE aggregate SET revision = ?2, watermark = ?3, through = ?4, sums = ?5, ahead = NULL WHERE id = ?1")
    setFinal = try Statement(connection, "UPDATE aggregate SET final = ?2 WHERE id = ?1 AND final <> ?2")
    grow = try Statement(connection, "UPDATE aggregate SET through = ?2, ahead = ?3 WHERE id = ?1")
    reframe = try Statement(connection, "UPDATE aggregate SET window_end = ?2 WHERE id = ?1")
    queueFinal = try Statement(
      connection,
      """
      INSERT INTO outbox (destination, aggregate, revision, final, watermark, sums, bulk)
      VALUES (?1, ?2, ?3, 1, ?4, ?5, ?6)
      """)
  }

  /// Adds an aggregate with a revision, 0 for none yet; gives its number, whatever that of `aggregate` is.
  public func add(_ aggregate: StoredAggregate, through: Int64) throws(LogError) -> Int64 {
    SumsCoding.encode(aggregate.sums, to: &bytes)
    insert.bind(1, Int64(aggregate.kind))
    insert.bind(2, Int64(aggregate.scope))
    insert.bind(3, Int64(aggregate.grain))
    insert.bind(4, aggregate.start)
    insert.bind(5, aggregate.end)
    insert.bindText(6, aggregate.name)
    insert.bind(7, aggregate.revision)
    insert.bind(8, aggregate.isFinal ? 1 : 0)
    insert.bind(9, aggregate.watermark)
    insert.bind(10, through)
    insert.bindBlob(11, copying: bytes)
    try insert.run("adding an aggregate")
    return sqlite3_last_insert_rowid(connection)
  }

  /// Makes a revision the latest. `through`: the log's row up to which rows are in it. `mayTurn`: whether the one
  /// before it may have been final otherwise; an index tells of that, and costs as much as everything else.
  public func revise(_ aggregate: StoredAggregate, through: Int64, mayTurn: Bool) throws(LogError) {
    SumsCoding.encode(aggregate.sums, to: &bytes)
    revise.bind(1, aggregate.number)
    revise.bind(2, aggregate.revision)
    revise.bind(3, aggregate.watermark)
    revise.bind(4, through)
    revise.bindBlob(5, copying: bytes)
    try revise.run("revising an aggregate")
    try checkChanged(aggregate.number)
    guard mayTurn else { return }
    setFinal.bind(1, aggregate.number)
    setFinal.bind(2, aggregate.isFinal ? 1 : 0)
    try setFinal.run("revising an aggregate")
  }

  /// Keeps sums that no revision says yet.
  public func grow(_ number: Int64, through: Int64, sums: [Int64]) throws(LogError) {
    SumsCoding.encode(sums, to: &bytes)
    grow.bind(1, number)
    grow.bind(2, through)
    grow.bindBlob(3, copying: bytes)
    try grow.run("growing an aggregate")
    try checkChanged(number)
  }

  /// Retention may have removed an aggregate that a fold still has in memory: what is written of it would be lost.
  private func checkChanged(_ number: Int64) throws(LogError) {
    guard sqlite3_changes(connection) == 1 else {
      throw .other("aggregate \(number) is no longer in the store: it is begun again")
    }
  }

  /// Gives an aggregate's window another end, Unix milliseconds.
  public func extend(_ number: Int64, to end: Int64) throws(LogError) {
    reframe.bind(1, number)
    reframe.bind(2, end)
    try reframe.run("extending an aggregate")
  }

  /// Queues a final revision for a destination. `isBulk`: it leaves after everything that is not.
  public func queue(
    final number: Int64, revision: Int64, watermark: Int64, sums: [Int64], destination: Int64, isBulk: Bool
  ) throws(LogError) {
    SumsCoding.encode(sums, to: &bytes)
    queueFinal.bind(1, destination)
    queueFinal.bind(2, number)
    queueFinal.bind(3, revision)
    queueFinal.bind(4, watermark)
    queueFinal.bindBlob(5, copying: bytes)
    queueFinal.bind(6, isBulk ? 1 : 0)
    try queueFinal.run("queueing a revision")
  }
}
