import DeviceProtocol
import Foundation
import ReadingLog

/// The campus versions of the log, compiled when they are needed: the one in force, and earlier ones whose rosters
/// final meetings keep.
final class CampusViews {
  private let store: LogStore
  private let subjects: SubjectKey
  private let names: Names
  private var versions: [Int64: CampusVersion] = [:]
  private var calendars: [String: CampusCalendar] = [:]
  /// Compiled views, the most recently wanted last.
  private var views: [CampusView] = []
  /// Those that are in memory anyhow, because rosters of meetings are.
  private var living: [Int64: Living] = [:]

  private struct Living {
    weak var view: CampusView?
  }

  /// Views kept compiled, and people in them; each view takes some megabytes for 10,000 people.
  private static let limit = 3
  private static let peopleLimit = 250_000

  init(_ store: LogStore, subjects: SubjectKey, names: Names) {
    self.store = store
    self.subjects = subjects
    self.names = names
  }

  func version(_ id: Int64) throws(LogError) -> CampusVersion {
    if let known = versions[id] { return known }
    for version in try store.campusVersions() { versions[version.id] = version }
    guard let found = versions[id] else {
      throw .other(AggregationError.campus(version: id, problem: "it is not there").description)
    }
    return found
  }

  func view(_ id: Int64) throws(LogError) -> CampusView {
    if let place = views.lastIndex(where: { $0.version.id == id }) {
      let view = views[place]
      if place < views.count - 1 {
        views.remove(at: place)
        views.append(view)
      }
      return view
    }
    let view = try loaded(id)
    views.append(view)
    while views.count > 1, views.count > CampusViews.limit || people > CampusViews.peopleLimit { views.removeFirst() }
    return view
  }

  private var people: Int { views.reduce(0) { $0 + $1.campus.people.count } }

  private func loaded(_ id: Int64) throws(LogError) -> CampusView {
    if let view = living[id]?.view { return view }
    let view = try CampusView.load(try version(id), store, subjects, names, try calendar(id))
    living[id] = Living(view: view)
    return view
  }

  /// The calendar of a version: the same object for the same time zone.
  func calendar(_ id: Int64) throws(LogError) -> CampusCalendar {
    let name = try version(id).timeZone
    if let known = calendars[name] { return known }
    guard let zone = TimeZone(identifier: name) else {
      throw .other(AggregationError.campus(version: id, problem: "there is no time zone \(name)").description)
    }
    let calendar = CampusCalendar(zone)
    calendars[name] = calendar
    return calendar
  }
}
