import Campus
import Synchronization

/// Takes a day, gives the meetings that the campus plans for it. The plan that was asked for last is kept until the
/// campus is another: days, zones and 3,000 sessions need not be gone through for every look.
final class DayPlans: Sendable {
  struct Plan: Sendable {
    var day: CampusDay.Day
    /// Of the campus.
    var version: Int
    /// By start, and by id where several start at once.
    var sessions: [Session]

    /// `date`: nil for today.
    func isOf(_ date: String?, _ now: Int64) -> Bool {
      if let date { return date == day.text }
      return day.start <= now && now < day.end
    }
  }

  private let calendar: CampusDay
  private let kept = Mutex<Plan?>(nil)

  /// `timeZone`: IANA name.
  init(timeZone: String) { calendar = CampusDay(timeZone: timeZone) }

  /// `date`: `YYYY-MM-DD`, nil for today; `now`: Unix milliseconds. nil: there is no such day.
  func plan(_ date: String?, now: Int64, _ current: (campus: Campus, version: Int)) -> Plan? {
    if let plan = kept.withLock({ $0 }), plan.version == current.version, plan.isOf(date, now) { return plan }
    guard let day = day(date, now) else { return nil }
    let sessions = current.campus.sessions.filter { $0.start >= day.start && $0.start < day.end }
      .sorted { ($0.start, $0.id) < ($1.start, $1.id) }
    let plan = Plan(day: day, version: current.version, sessions: sessions)
    kept.withLock { $0 = plan }
    return plan
  }

  private func day(_ date: String?, _ now: Int64) -> CampusDay.Day? {
    guard let date else { return calendar.day(at: now) }
    return calendar.day(date)
  }
}
