import ReadingLog

/// Incidents to what is open and for how long, per place and category.
///
/// The wire has no message that closes an incident. A category with its highest bit set (0x8000) closes the oldest
/// open incident of the same place and the category without that bit.
final class IncidentFold {
  struct Source: Hashable {
    var place: Int32
    var category: Int64
  }

  private let table: AggregateTable
  private let names: Names
  private let devices: DeviceTable
  private let attendance: AttendanceFold
  /// Open incidents, the oldest first.
  private var open: [Source: [StoredIncident]] = [:]
  /// What the store does not have yet.
  private var opened: [StoredIncident] = []
  private var closed: [(incident: Int64, by: Int64, at: Int64)] = []
  private(set) var nextTurn = Int64.min

  private static let closing: Int64 = 0x8000

  init(_ table: AggregateTable, _ devices: DeviceTable, _ attendance: AttendanceFold) {
    self.table = table
    names = table.names
    self.devices = devices
    self.attendance = attendance
  }

  /// Reads what was open at the durable cursor's row. What later rows opened and closed is in the store already, but
  /// they are folded again, and must meet what they met before.
  func load(at row: Int64) throws(LogError) {
    for incident in try table.log.incidents(openAt: row) {
      insert(incident, Source(place: names.number(incident.place), category: incident.category))
    }
  }

  private func insert(_ incident: StoredIncident, _ source: Source) {
    let order = (incident.openedTime, incident.row)
    let place = open[source]?.firstIndex { order < ($0.openedTime, $0.row) } ?? open[source]?.count ?? 0
    open[source, default: []].insert(incident, at: place)
  }

  func report(_ row: FoldRow) throws(LogError) {
    let position = devices.entries[Int(row.device)].place
    guard position >= 0 else { return }
    let place = attendance.view.places[Int(position)].name
    let source = Source(place: place, category: row.value & ~IncidentFold.closing)
    let isClosing = row.value & IncidentFold.closing != 0
    if !isClosing {
      let incident = StoredIncident(
        row: row.row, place: names.text(place), category: source.category, openedTime: row.eventTime)
      insert(incident, source)
      opened.append(incident)
    } else if let oldest = open[source]?.first {
      open[source]?.removeFirst()
      closed.append((oldest.row, row.row, row.eventTime))
    }
    let day = attendance.view.calendar.day(at: row.eventTime).window
    let slot = try slot(source, day)
    if !table.hasRow(slot) {
      table.slots[Int(slot)].sums[isClosing ? SumsLayout.Incident.closed : SumsLayout.Incident.opened] += 1
      table.slots[Int(slot)].hear(Int64(row.device))
      let isOver = day.end <= table.logTime
      gauge(slot, try isOver ? incidents(of: source, openAt: day.end) : open[source] ?? [])
    }
    // What is open is open today, whenever it was reported.
    let today = attendance.view.calendar.day(at: table.logTime).window
    if !today.contains(row.eventTime) { gauge(try self.slot(source, today), open[source] ?? []) }
  }

  /// The incidents that were open at a time of the past, by what is known now, the oldest first: what was reported or
  /// closed since is not of that time.
  private func incidents(of source: Source, openAt time: Int64) throws(LogError) -> [StoredIncident] {
    let place = names.text(source.place)
    var found: [Int64: StoredIncident] = [:]
    let stored = try table.log.incidents(place: place, category: source.category, openAt: time, asOf: table.row)
    for incident in stored { found[incident.row] = incident }
    for incident in opened
    where incident.place == place && incident.category == source.category && incident.openedTime < time {
      found[incident.row] = incident
    }
    for closing in closed where closing.at < time { found[closing.incident] = nil }
    return found.values.sorted { ($0.openedTime, $0.row) < ($1.openedTime, $1.row) }
  }

  private func slot(_ source: Source, _ window: Window) throws(LogError) -> Int32 {
    let name = names.pair(source.place, names.number(String(source.category)))
    let slot = try table.slot(.incident, .place, name, .day, window)
    table.slots[Int(slot)].sums[SumsLayout.devicesExpected] = attendance.view.devicesBelow[source.place] ?? 0
    return slot
  }

  /// `incidents`: those that are open, the oldest first.
  private func gauge(_ slot: Int32, _ incidents: [StoredIncident]) {
    guard !table.hasRow(slot) else { return }
    table.slots[Int(slot)].sums[SumsLayout.Incident.open] = Int64(incidents.count)
    table.slots[Int(slot)].sums[SumsLayout.Incident.oldest] = incidents.first?.openedTime ?? -1
    table.change(slot)
  }

  /// At the beginning of a day of log time, carries over what is open.
  func advance(to now: Int64) throws(LogError) {
    guard now >= nextTurn else { return }
    let day = attendance.view.calendar.day(at: now).window
    nextTurn = day.end
    for (source, incidents) in open where !incidents.isEmpty {
      let slot = try slot(source, day)
      if table.slots[Int(slot)].number == 0 { gauge(slot, incidents) }
    }
  }

  /// Writes what the store does not have yet, as far as the budget reaches; true once it has all.
  func writeFacts(_ writer: FoldWriter, _ budget: inout Int) throws(LogError) -> Bool {
    while let incident = opened.last, budget > 0 {
      try writer.open(incident)
      opened.removeLast()
      budget -= 1
    }
    // An incident may be opened and closed by rows of the same chunk.
    guard opened.isEmpty else { return false }
    while let closing = closed.last, budget > 0 {
      try writer.close(incident: closing.incident, by: closing.by, at: closing.at)
      closed.removeLast()
      budget -= 1
    }
    return closed.isEmpty
  }

  var hasFacts: Bool { !opened.isEmpty || !closed.isEmpty }
}
