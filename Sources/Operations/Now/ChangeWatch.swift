import Aggregation
import Diagnosis
import ReadingLog

/// Notices what event streams are told besides: warnings that changed, and meetings of today. Used by one thread.
final class ChangeWatch {
  /// Milliseconds between looks at the meetings.
  static let meetingInterval: Int64 = 2_000
  /// Warnings told of at once.
  static let limit = 1_000

  private let parts: GatewayParts
  private let calendar: CampusDay
  private var since: Int64?
  private var known: Set<Int64> = []
  private var changed: [Int64] = []
  private var mark: Int64?
  private var markedDay = ""
  private var meetingsDueAt = Int64.min / 2
  private var haveMeetingsChanged = false

  init(_ parts: GatewayParts) {
    self.parts = parts
    calendar = CampusDay(timeZone: parts.timeZone)
  }

  /// true: a warning has changed.
  func look(now: Int64, withMeetings: Bool) throws -> Bool {
    if withMeetings, now >= meetingsDueAt {
      meetingsDueAt = now + ChangeWatch.meetingInterval
      try lookAtMeetings(now)
    }
    guard let core = parts.core else { return false }
    return try lookAtWarnings(core, now)
  }

  private func lookAtWarnings(_ core: DiagnosisCore, _ now: Int64) throws -> Bool {
    guard let from = since else {
      // What changed before the start is no news.
      since = now
      return false
    }
    let found = try core.changes(since: from, limit: ChangeWatch.limit)
    let new = found.filter { $0.changedAt > from || !known.contains($0.id) }
    guard !new.isEmpty else { return false }
    let newest = found.map(\.changedAt).max() ?? from
    if newest > from { known = [] }
    since = newest
    // Several may change in one millisecond, and not all of them be there yet.
    known.formUnion(found.lazy.filter { $0.changedAt == newest }.map(\.id))
    changed += new.map(\.id).reversed()
    return true
  }

  private func lookAtMeetings(_ now: Int64) throws {
    let today = calendar.day(at: now)
    let seen = try parts.store.revisionMark(
      grain: AggregateGrain.meeting.rawValue, from: today.start, to: today.end)
    if markedDay == today.text, let mark, mark != seen { haveMeetingsChanged = true }
    markedDay = today.text
    mark = seen
  }

  /// What has changed since it was last asked.
  func take() -> (warnings: [Int64], hasMeetings: Bool) {
    defer {
      changed = []
      haveMeetingsChanged = false
    }
    return (warnings: changed, hasMeetings: haveMeetingsChanged)
  }
}
