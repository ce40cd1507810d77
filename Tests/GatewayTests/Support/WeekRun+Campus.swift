import Foundation
import Glibc

/// A campus that changes while its week is lived.
extension WeekRun {
  /// Changes of lines, header included, by the file's name.
  typealias CampusChange = [String: ([String]) -> [String]]

  private func copyCampus(to name: String) throws -> String {
    let copy = "\(folder.path)/\(name)"
    try FileManager.default.copyItem(atPath: campus, toPath: copy)
    return copy
  }

  private func write(_ change: CampusChange) throws {
    for (name, change) in change {
      let lines = text(of: "\(campus)/\(name)").split(separator: "\n").map(String.init)
      try change(lines).map { $0 + "\n" }.joined().write(
        toFile: "\(campus)/\(name)", atomically: true, encoding: .utf8)
    }
  }

  /// Before the gateway starts: it knows less than the campus that is lived.
  func hideFromGateway(_ change: CampusChange) throws {
    livedCampus = try copyCampus(to: "lived-campus")
    try write(change)
    // The store has known the whole campus, whose past meetings would stay: begin with another.
    try FileManager.default.removeItem(atPath: "\(folder.path)/data")
    _ = try folder.folder("data")
    try importKeys()
  }

  /// Puts another campus in force: of what was hidden everything, and then `change`.
  func reloadCampus(_ change: CampusChange) throws {
    firstCampus = try copyCampus(to: "first-campus")
    if livedCampus != campus {
      try FileManager.default.removeItem(atPath: campus)
      try FileManager.default.copyItem(atPath: livedCampus, toPath: campus)
    }
    try write(change)
    gateway?.signal(SIGHUP)
    try eventually(within: 20, "the campus is reloaded:\n\(gateway?.log ?? "")") {
      gateway?.log.contains(" reloaded") == true
    }
  }

  /// One member of the first group leaves it, somebody of another joins.
  static func otherMembers(_ enrolments: [String]) -> [String] {
    let rows = enrolments.dropFirst().map { $0.split(separator: ",").map(String.init) }
    guard let group = rows.first?.first else { return enrolments }
    let members = Set(rows.filter { $0[0] == group }.map { $0[1] })
    let stranger = rows.map { $0[1] }.first { !members.contains($0) } ?? ""
    return [enrolments[0]] + enrolments.dropFirst(2) + ["\(group),\(stranger)"]
  }

  /// The meetings that do not start on a day, written as `2025-10-22`.
  static func withoutMeetings(of day: String) -> ([String]) -> [String] {
    { sessions in
      sessions.filter { line in
        let cells = line.split(separator: ",")
        return cells.count < 6 || !cells[5].hasPrefix(day)
      }
    }
  }

  /// One more meeting of the first one's group in its room, at `start` and `end` (ISO 8601).
  static func anotherMeeting(_ id: String, from start: String, to end: String) -> ([String]) -> [String] {
    { sessions in
      guard sessions.count > 1 else { return sessions }
      let cells = sessions[1].split(separator: ",").map(String.init)
      return sessions + [([id] + cells[1...4] + [start, end]).joined(separator: ",")]
    }
  }
}
