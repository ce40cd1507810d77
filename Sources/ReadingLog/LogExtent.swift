import GRDB

/// What of the log a list has to look at: the rows up to the newest, without the closed segments outside its times.
struct LogExtent {
  /// The newest row.
  let last: Int64
  private let skipped: [(first: Int64, last: Int64)]
  private var nextSkip = 0

  /// `begin`: the row after which the list begins.
  init(_ db: Database, _ filter: ReadingFilter, after begin: Int64) throws {
    last = try db.number("SELECT max(id) FROM reading")
    guard filter.from > .min || filter.to < .max else {
      skipped = []
      return
    }
    let rows = try CachedRows(
      db,
      "SELECT id, last_row FROM segment WHERE last_row > ?3 AND (max_time < ?1 OR min_time >= ?2) ORDER BY id")
    rows.bind(1, filter.from)
    rows.bind(2, filter.to)
    rows.bind(3, begin)
    var found: [(first: Int64, last: Int64)] = []
    while try rows.next() { found.append((first: rows.integer(0), last: rows.integer(1))) }
    skipped = found
  }

  /// Moves `row` over what is skipped after it. Gives the last row of the run that follows; nil: there is none.
  mutating func run(after row: inout Int64) -> Int64? {
    while row < last {
      while nextSkip < skipped.count, skipped[nextSkip].first <= row + 1 {
        row = max(row, skipped[nextSkip].last)
        nextSkip += 1
      }
      let end = nextSkip < skipped.count ? min(last, skipped[nextSkip].first - 1) : last
      if row < end { return end }
    }
    return nil
  }
}
