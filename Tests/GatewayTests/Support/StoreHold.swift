import CPlatform
import GRDB

/// Keeps the store's only write lock while `body` runs, as a slow disk would; gives the monotonic nanoseconds
/// just before it let go.
func holdingStore(_ path: String, _ body: () throws -> Void) throws -> Int64 {
  var configuration = Configuration()
  // The gateway may be writing this very moment.
  configuration.busyMode = .timeout(5)
  let other = try DatabaseQueue(path: path, configuration: configuration)
  return try other.writeWithoutTransaction { db in
    try db.execute(sql: "BEGIN IMMEDIATE")
    do { try body() } catch {
      try db.execute(sql: "ROLLBACK")
      throw error
    }
    let released = platform_monotonic_ns()
    try db.execute(sql: "ROLLBACK")
    return released
  }
}

/// Changes a store that no gateway has open.
func changeStore(_ path: String, _ body: (Database) throws -> Void) throws {
  var configuration = Configuration()
  // The gateway may be writing this very moment.
  configuration.busyMode = .timeout(5)
  let other = try DatabaseQueue(path: path, configuration: configuration)
  try other.write { try body($0) }
  try other.close()
}
